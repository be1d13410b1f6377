"""Marks stay with their formula, and paper gets what it needs."""

import re

import pytest
import typography
from bs4 import BeautifulSoup, NavigableString
from docutils import nodes
from docutils.frontend import get_default_settings
from docutils.parsers.rst import Parser
from docutils.utils import new_document
from the_book import ROOT, pages


def paragraph(*parts: nodes.Node | str) -> nodes.paragraph:
    made = nodes.paragraph()
    made += [nodes.Text(part) if isinstance(part, str) else part for part in parts]
    return made


@pytest.mark.parametrize(
    ("after", "inside", "outside"),
    [
        (", which", ",", " which"), (".", ".", ""), ("). And", ").", " And"),
        ("-fold", "-", "fold"),
        (" and", None, " and"), ("s", None, "s"),
    ],
)  # fmt: skip
def test_marks_join_the_formula_before_them(after: str, inside: str | None, outside: str) -> None:
    document = new_document("page", get_default_settings(Parser))
    document += paragraph("Let ", nodes.math("", "x < 1"), after)
    typography.MarksAfterFormulas(document).run()
    assert document.astext() == f"Let x < 1{after}"
    boxes = list(document.findall(nodes.inline))
    if inside is None:
        assert boxes == []
        return
    assert [box.astext() for box in boxes] == [f"x < 1{inside}"]
    assert boxes[0]["classes"] == ["unbroken"]
    rest = boxes[0].next_node(descend=False, siblings=True)
    assert (rest.astext() if rest else "") == outside


def test_formulas_side_by_side_and_at_the_end_are_left_alone() -> None:
    document = new_document("page", get_default_settings(Parser))
    document += paragraph(nodes.math("", "x"), nodes.emphasis("", ", no"), nodes.math("", "y"))
    typography.MarksAfterFormulas(document).run()
    assert not list(document.findall(nodes.inline))


@pytest.mark.parametrize("page", pages())
def test_no_mark_of_a_page_is_left_behind(page: str, site) -> None:
    soup = BeautifulSoup((site / f"{page}.html").read_text(encoding="utf-8"), "html.parser")
    for formula in soup.select("article span.math"):
        after = formula.next_sibling
        if isinstance(after, NavigableString) and re.match(r"[,.;:?!)]", after):
            assert "unbroken" in formula.parent.get("class", []), after[:40]


def test_paper_has_numbers_and_whole_figures() -> None:
    css = (ROOT / "book/_static/book.css").read_text(encoding="utf-8")
    assert "counter(page)" in css
    assert re.search(r"@media print \{.*figure,.*break-inside: avoid", css, re.DOTALL)
