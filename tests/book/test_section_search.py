"""The index of sections: what it holds of a page, and what it leaves out."""

import doctest

import section_search
from docutils import nodes
from sphinx import addnodes


def titled(identifier: str, title: str, *children: nodes.Node) -> nodes.section:
    return nodes.section("", nodes.title("", title), *children, ids=[identifier])


def paragraph(*parts: nodes.Node | str) -> nodes.paragraph:
    made = [nodes.Text(part) if isinstance(part, str) else part for part in parts]
    return nodes.paragraph("", "", *made)


def test_a_section_has_its_own_text_and_no_code() -> None:
    code = nodes.container("", nodes.literal_block("", "print(1)"), nb_element="cell_code")
    inner = titled("inner", "Inner", paragraph("Deep ", nodes.strong("", "term"), "."), code)
    formula = nodes.math("", r"\phi'(h_l)")
    page = titled("page", "Page", paragraph("Outer ", formula, "."), addnodes.toctree(), inner)
    document = nodes.document(None, None)
    document += page
    numbers = {"": (4,), "#inner": (4, 2)}
    assert section_search.entries_of(document, numbers) == [
        {"anchor": "", "title": "4. Page", "text": "Outer φ'(h_l).", "terms": []},
        {"anchor": "inner", "title": "4.2. Inner", "text": "Deep term.", "terms": ["term"]},
    ]


def test_examples_run() -> None:
    assert doctest.testmod(section_search).failed == 0
