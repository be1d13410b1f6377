"""The first page leads to every other page."""

import re

from the_book import ROOT


def test_every_page_has_a_line_on_the_first_page():
    contents = (ROOT / "_toc.yml").read_text(encoding="utf-8")
    pages = set(re.findall(r"file: book/([\w-]+)", contents))
    first = (ROOT / "book/index.md").read_text(encoding="utf-8")
    linked = set(re.findall(r"\]\(([\w-]+)\.md\)", first))
    assert len(pages) > 15
    assert pages - linked == set(), "pages without a line in book/index.md"
