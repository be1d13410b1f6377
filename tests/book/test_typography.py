"""Marks stay with their formula, and paper gets what it needs."""

import re

import pytest
import typography
from bs4 import NavigableString
from docutils import nodes
from docutils.frontend import get_default_settings
from docutils.parsers.rst import Parser
from docutils.utils import new_document
from the_book import ROOT, pages, soup_of


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


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("✓ true", "verdict-holds"), ("◐ within limits", "verdict-limits"),
        ("✗ differs", "verdict-fails"), ("○ not decided here", "verdict-open"),
        ("true", None), ("✓", None), ("✗ a whole sentence about something", None),
    ],
)  # fmt: skip
def test_a_verdict_is_a_sign_and_a_word_in_a_cell(text: str, kind: str | None) -> None:
    document = new_document("page", get_default_settings(Parser))
    cell = nodes.entry("", nodes.paragraph("", text))
    document += nodes.table("", nodes.tgroup("", nodes.tbody("", nodes.row("", cell)), cols=1))
    typography.Verdicts(document).run()
    assert cell["classes"] == (["verdict", kind] if kind else [])


def test_each_statement_of_the_folklore_has_a_verdict_that_leads_to_it() -> None:
    text = (ROOT / "book/folklore.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (.+?) \| \[(\d+)\. .+?\]\(#folklore-(\d+)\) \|", text, re.M)
    tested = re.findall(r"^\(folklore-(\d+)\)=\n### (\d+)\. ", text, re.M)
    assert [(name, name) for _, name, _ in rows] == tested == [(n, n) for _, _, n in rows]
    assert len(rows) == len(re.findall(r"^### \d+\. ", text, re.M)) > 10
    assert {verdict for verdict, _, _ in rows} == {"✓ true", "◐ within limits", "✗ false"}


@pytest.mark.parametrize("page", ["book/folklore", "book/ledger"])
def test_a_page_of_verdicts_has_a_table_that_leads_to_each(page: str, site) -> None:
    soup = soup_of(site / f"{page}.html")
    table = soup.select_one("article table")
    rows = table.select("tbody tr")
    assert len(rows) > 10
    for row in rows:
        assert "verdict" in row.td["class"]
        (link,) = row.select("a[href^='#']")
        assert soup.find(id=link["href"][1:]), link["href"]


@pytest.mark.parametrize("page", pages())
def test_no_mark_of_a_page_is_left_behind(page: str, site) -> None:
    soup = soup_of(site / f"{page}.html")
    for formula in soup.select("article span.math"):
        after = formula.next_sibling
        if isinstance(after, NavigableString) and re.match(r"[,.;:?!)]", after):
            assert "unbroken" in formula.parent.get("class", []), after[:40]


def test_paper_has_numbers_and_whole_figures() -> None:
    css = (ROOT / "book/_static/book.css").read_text(encoding="utf-8")
    assert "counter(page)" in css
    assert re.search(r"@media print \{.*figure,.*break-inside: avoid", css, re.DOTALL)
