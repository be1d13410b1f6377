"""Folded code says what it holds, and stands below what it makes: the formula, then its proof."""

import ast
from typing import Any

from docutils import nodes
from myst_nb.core.config import NbParserConfig
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

UNCHANGED = NbParserConfig().code_prompt_show


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
    """Before code is folded: say what each fold holds."""

    default_priority = 198
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Set the prompts of folded cells."""
        for cell in cells(self.document):
            if cell.get("prompt_show") == UNCHANGED and cell.get("hide_mode") == "input":
                cell["prompt_show"] = prompt_of(cell.children[0].astext())
                cell["prompt_hide"] = cell["prompt_show"].replace("Show", "Hide", 1)
            elif cell.get("hide_mode") == "all":
                cell["prompt_hide"] = cell["prompt_show"]


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
