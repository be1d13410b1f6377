"""Keep a mark after a formula on its line, and give verdicts in tables their color."""

import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

MARKS = re.compile(r"[,.;:?!)\]’”%-]+")

VERDICTS = {"✓": "verdict-holds", "◐": "verdict-limits", "✗": "verdict-fails", "○": "verdict-open"}
LONGEST = 20  # letters of a verdict; what is longer is a sentence


class MarksAfterFormulas(SphinxPostTransform):
    """Put an inline formula and the marks right after it into a box that does not break."""

    default_priority = 400
    formats = ("html",)

    def run(self, **options: Any) -> None:
        """Wrap each formula that marks follow."""
        for formula in list(self.document.findall(nodes.math)):
            after = formula.next_node(descend=False, siblings=True)
            if not isinstance(after, nodes.Text) or formula.parent is not after.parent:
                continue
            marks = MARKS.match(after.astext())
            if not marks:
                continue
            parent, place = formula.parent, formula.parent.index(formula)
            rest = after.astext()[marks.end() :]
            box = nodes.inline("", "", formula.deepcopy(), nodes.Text(marks.group()))
            box["classes"].append("unbroken")
            parent[place : place + 2] = [box, *([nodes.Text(rest)] if rest else [])]


class Verdicts(SphinxPostTransform):
    """Name the kind of a cell that holds a verdict: a sign and a word, such as "✗ false"."""

    default_priority = 400
    formats = ("html",)

    def run(self, **options: Any) -> None:
        """Look at all cells of tables."""
        for cell in self.document.findall(nodes.entry):
            sign, space, word = cell.astext().strip().partition(" ")
            if sign in VERDICTS and space and len(word) <= LONGEST:
                cell["classes"] += ["verdict", VERDICTS[sign]]


def setup(app: Sphinx) -> dict[str, Any]:
    """Add the transform."""
    app.add_post_transform(MarksAfterFormulas)
    app.add_post_transform(Verdicts)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
