"""Folded code says what it holds, and stands below what it makes: the formula, then its proof.

What a cell computes for a solution stands in the fold of that solution.
"""

import ast
import re
from typing import Any

from docutils import nodes
from myst_nb.core.config import NbParserConfig
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

UNCHANGED = NbParserConfig().code_prompt_show
SOLUTION = re.compile(r"(Solution \d+)\b")


def prompt_of(source: str) -> str:
    """Say what the code of a folded cell is for.

    Examples
    --------
    >>> prompt_of("import numpy as np")
    'Show the imports'
    >>> prompt_of("explore(figures.saturation)")
    'Show the code of this figure'
    >>> prompt_of("slope.equals('1', 'a line')")
    'Show how this is checked'
    >>> prompt_of("print(1)")
    'Show the code'
    """
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return "Show the code"
    if tree.body and all(isinstance(node, ast.Import | ast.ImportFrom) for node in tree.body):
        return "Show the imports"
    called = {
        node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
    }
    if "explore" in called:
        return "Show the code of this figure"
    if "Derivation" in source or {"equals", "claim"} & called:
        return "Show how this is checked"
    return "Show the code"


def cells(document: nodes.document) -> list[nodes.container]:
    """Code cells of a page."""
    found = document.findall(nodes.container)
    return [node for node in found if node.get("nb_element") == "cell_code" and node.children]


class Prompts(SphinxPostTransform):
    """Before code is folded: say what each fold holds, and let a solution have one fold."""

    default_priority = 198
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Set the prompts of folded cells."""
        for cell in cells(self.document):
            if cell.get("prompt_show") == UNCHANGED and cell.get("hide_mode") == "input":
                cell["prompt_show"] = prompt_of(cell.children[0].astext())
                cell["prompt_hide"] = cell["prompt_show"].replace("Show", "Hide", 1)
            elif cell.get("hide_mode") == "all":
                self.join(cell)

    def join(self, cell: nodes.container) -> None:
        """Put what computes a solution into the solution's own fold."""
        cell["prompt_hide"] = cell["prompt_show"]
        numbered = SOLUTION.match(cell["prompt_show"])
        solution = before(cell)
        if (
            numbered is not None
            and isinstance(solution, nodes.admonition)
            and "dropdown" in solution["classes"]
            and solution.children[0].astext() == numbered[1]
        ):
            cell.parent.remove(cell)
            del cell["hide_mode"]
            solution.append(cell)


def before(node: nodes.Element) -> nodes.Node | None:
    """Return what stands before a node, apart from comments and targets."""
    siblings = node.parent.children[: node.parent.index(node)]
    invisible = (nodes.Invisible, nodes.target)
    return next((one for one in reversed(siblings) if not isinstance(one, invisible)), None)


class ResultFirst(SphinxPostTransform):
    """After code is folded: put it below its result."""

    default_priority = 200
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Move folds of code behind the output."""
        for cell in cells(self.document):
            if cell.get("hide_mode") == "input" and len(cell.children) > 1:
                fold, *output = cell.children
                cell.children = [*output, fold]
                cell["classes"].append("result-first")


def setup(app: Sphinx) -> dict[str, Any]:
    """Add the transforms, the switch for all code of a page, and their style."""
    app.add_post_transform(Prompts)
    app.add_post_transform(ResultFirst)
    app.add_css_file("folded-code.css")
    app.add_js_file("folded-code.js")
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
