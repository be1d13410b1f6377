"""Correct what the HTML of the tools says wrongly to a screen reader."""

from typing import Any

from sphinx.application import Sphinx

# Docutils marks the entries of the bibliography with a role that ARIA has withdrawn,
# inside an element that it marks as a list. MyST-NB gives every fold of code the same name, in the
# place of what the fold says.
CORRECTIONS = {
    'role="doc-biblioentry"': 'role="listitem"',
    '<summary aria-label="Toggle hidden content">': "<summary>",
}


def correct(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object
) -> None:
    """Correct the body of a page before it is written."""
    for wrong, right in CORRECTIONS.items():
        if "body" in context:
            context["body"] = context["body"].replace(wrong, right)


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect to the events of Sphinx."""
    app.connect("html-page-context", correct)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
