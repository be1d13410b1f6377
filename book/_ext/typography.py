"""Keep a mark after a formula on the line of the formula."""

import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

MARKS = re.compile(r"[,.;:?!)\]’”%-]+")


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


def setup(app: Sphinx) -> dict[str, Any]:
    """Add the transform."""
    app.add_post_transform(MarksAfterFormulas)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
