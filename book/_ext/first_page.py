"""Give the first page a style and a script of its own."""

from typing import Any

from sphinx.application import Sphinx

FIRST = "book/index"


def dress(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Add the files to the page; while a page is written, Sphinx adds them to no other."""
    if pagename == FIRST:
        app.add_css_file("first-page.css")
        app.add_js_file("first-page.js")


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect to the events of Sphinx."""
    app.connect("html-page-context", dress)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
