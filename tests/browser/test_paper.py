"""The whole book on paper: its order, its places, and two chapters of it printed."""

import importlib.util
import re
from io import BytesIO
from pathlib import Path

import a_browser
import pytest
from pypdf import PdfReader, PdfWriter
from the_book import ROOT, TOC, pages

SPEC = importlib.util.spec_from_file_location("paper", ROOT / ".github/paper.py")
paper = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(paper)

BOOK = {"title": "A Book", "author": "Its authors", "edition": "Version 1"}


def test_the_book_is_printed_in_its_order_with_the_sources_last() -> None:
    printed = paper.sources_last(paper.pages_of(TOC))
    assert printed[0] == TOC["root"]
    assert printed[-1] == "book/references"
    assert set(printed) == {page for page in pages() if not page.startswith("book/api/")}


def test_a_pdf_does_not_tell_when_it_was_made() -> None:
    made = []
    for day in ("20260101", "20260202"):
        writer = PdfWriter()
        writer.add_blank_page(100, 100)
        writer.metadata = {"/CreationDate": f"D:{day}"}
        raw = BytesIO()
        writer.write(raw)
        made.append(paper.with_bookmarks(raw.getvalue(), [], BOOK))
    assert made[0] == made[1]
    assert PdfReader(BytesIO(made[0])).metadata.title == "A Book"


@pytest.mark.exhaustive
def test_two_chapters_are_printed_with_bookmarks_numbers_and_solutions(site: Path) -> None:
    if not a_browser.starts():
        pytest.skip(a_browser.NONE)
    printed = paper.print_book(site, ["book/rrelu", "book/leaky-relu"], BOOK)
    reader = PdfReader(BytesIO(printed))
    places = paper.places(printed)
    texts = [page.extract_text() for page in reader.pages]
    contents = " ".join(texts[1].split())
    for name, heading in {
        "rrelu": "RReLU",
        "leaky-relu": "LReLU",
        "solutions": "Solutions",
    }.items():
        assert heading in texts[places[name] - 1]
        assert re.search(rf"{heading}[^\d]*(?:\([^)]*\))? ?{places[name]}\b", contents)
    assert places["solutions"] > places["leaky-relu"] > places["rrelu"] > 1
    marks = [mark.title for mark in reader.outline if not isinstance(mark, list)]
    assert marks == ["7. RReLU (Randomized ReLU)", "5. LReLU (Leaky ReLU)", "Solutions"]
    assert len(next(mark for mark in reader.outline if isinstance(mark, list))) > 5
    # Running heads, and no controls.
    assert "RReLU" in texts[places["rrelu"]].strip()[:80] + texts[places["rrelu"]].strip()[-80:]
    assert not any("Reset" in text or "Click to show" in text for text in texts)
    assert sum("To move it:" in text for text in texts) > 3
    assert sum("Solution" in text for text in texts[places["solutions"] - 1 :]) > 0
