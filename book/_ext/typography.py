"""Fetch the fonts with a page, and keep a mark after a formula on the line of the formula."""

import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

# What the first screen of every page needs; italics come when they are met.
FONTS = ("source-serif-4-latin-wght-normal.woff2", "source-sans-3-latin-wght-normal.woff2")
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


def fetch_fonts(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Tell the browser of the fonts before it has read the style sheet."""
    for name in FONTS:
        address = context["pathto"](f"_static/fonts/{name}", 1)
        context["metatags"] = (context.get("metatags") or "") + (
            f'<link rel="preload" as="font" type="font/woff2" href="{address}" crossorigin>\n'
        )


def setup(app: Sphinx) -> dict[str, Any]:
    """Add the transform and the fonts."""
    app.connect("html-page-context", fetch_fonts, priority=600)  # after what writes the tags anew
    app.add_post_transform(MarksAfterFormulas)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
