"""The e-book: its order, its links, and that nothing of a page gets lost on the way."""

import doctest
import posixpath
import re
import sys
import zipfile
from copy import copy
from functools import cache
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import pytest
from bs4 import BeautifulSoup
from the_book import ROOT, TOC, pages

sys.path.insert(0, str(ROOT / ".github"))
import answers
import chapters
import contents
import epub
import formulas

# A page with every kind of question, one with tables, and two that others link to.
SOME = ["book/index", "book/sigmoid", "book/folklore", "book/glossary", "book/references"]
DATE = "2026-01-01T00:00:00Z"
XHTML = "{http://www.w3.org/1999/xhtml}"
NEEDS_A_SCRIPT = set(
    "script form fieldset legend label button input select textarea output data details i".split()
)
LINE = "<math data-tex='t'><mrow>{}</mrow></math>"


@pytest.fixture(scope="module")
def book(site: Path) -> dict[str, bytes]:
    return epub.make(site, SOME, DATE)[1]


def text_of(book: dict[str, bytes], page: str) -> str:
    return book[f"book/{chapters.file_of(page)}"].decode()


@cache
def parsed(text: str) -> BeautifulSoup:
    return BeautifulSoup(text, "html.parser")


def on_the_site(site: Path, page: str) -> BeautifulSoup:
    html = (site / f"{page}.html").read_text(encoding="utf-8")
    html = html[html.index("<article") : html.index("</article>")]
    return copy(parsed(re.sub(r"(?s)<script.*?</script>", "", html)))


def words(text: str) -> str:
    return " ".join(re.sub(r"[\W_]+", " ", text).split())


def test_the_order_is_that_of_the_table_of_contents(book: dict[str, bytes]) -> None:
    listed = [page for page in epub.pages_of(TOC) if page not in epub.NEEDS_A_BROWSER]
    left_out = [page for page in pages() if page not in listed]
    assert listed == [page for page in pages() if page in listed]
    assert {page for page in left_out if not page.startswith("book/api/")} == {"book/progress"}
    package = ElementTree.fromstring(book["book/book.opf"])
    files = {one.get("id"): one.get("href") for one in package.findall(".//{*}item")}
    spine = [files[one.get("idref")] for one in package.findall(".//{*}itemref")]
    written = list(map(chapters.file_of, SOME))
    assert spine == ["cover.xhtml", "about.xhtml", "nav.xhtml", *written]
    contents = ElementTree.fromstring(book["book/nav.xhtml"]).find(f".//{XHTML}nav")
    links = [one.get("href") for one in contents.iter(f"{XHTML}a")]
    assert [one for one in links if "#" not in one] == ["about.xhtml", *written]
    assert "sigmoid.xhtml#exercises" in links
    assert sorted(f"book/{one}" for one in files.values()) == sorted(
        set(book) - {"META-INF/container.xml", "book/book.opf"}
    )


def test_every_page_is_xhtml_without_what_needs_a_script(book: dict[str, bytes]) -> None:
    for name, content in book.items():
        if not name.endswith(".xhtml"):
            continue
        tags = {one.tag.rpartition("}")[2] for one in ElementTree.fromstring(content).iter()}
        assert not tags & NEEDS_A_SCRIPT, name
        ids = re.findall(rb'\bid="([^"]*)"', content)
        assert len(ids) == len(set(ids)), name


def test_every_link_has_its_target(book: dict[str, bytes]) -> None:
    trees = {name: ElementTree.fromstring(book[name]) for name in book if name.endswith(".xhtml")}
    ids = {name: {one.get("id") for one in tree.iter()} for name, tree in trees.items()}
    count = 0
    for name, tree in trees.items():
        for one in tree.iter():
            target = one.get("href") or one.get("src") or ""
            if not target or re.match(r"https?:", target):
                continue
            path, _, place = target.partition("#")
            file = posixpath.join("book", path) if path else name
            assert file in book, target
            assert not place or place in ids[file], target
            count += 1
    assert count > 500
    assert re.search(r'href="glossary.xhtml#term-[^"]', text_of(book, "book/sigmoid"))
    assert re.search(r'href="references.xhtml#[^"]', text_of(book, "book/sigmoid"))


def test_a_link_to_nowhere_is_refused() -> None:
    one = chapters.Chapter("book/a", "A", '<p id="x"><a href="#y">y</a></p>', [])
    assert epub.dead_links([one]) == ["a.xhtml: #y"]
    one.body = one.body.replace("#y", "a.xhtml#x")
    assert epub.dead_links([one]) == []


@pytest.mark.parametrize("page", SOME)
def test_every_formula_is_there_once(page: str, book: dict[str, bytes], site: Path) -> None:
    article = on_the_site(site, page)
    for one in article.select("details.hide, .derivation-filled"):
        one.decompose()
    for right in article.select("li.question-right"):
        said = right.find_parent("details").find("p")
        if words(right.get_text()) == words(said.get_text()):
            right.decompose()
    expected = [one["data-tex"] for one in article.find_all("math")]
    made = parsed(text_of(book, page))
    whole = [one for one in made.find_all("math") if "rest" not in one.get("class", [])]
    assert len(whole) == len(expected)
    shown = {" ".join(re.sub(r"^\\displaystyle ", "", tex).split()) for tex in expected}
    assert {one["alttext"] for one in whole} == shown
    assert all(one["xmlns"] == formulas.MATHML for one in made.find_all("math"))


@pytest.mark.parametrize("page", SOME)
def test_every_solution_is_there_once(page: str, book: dict[str, bytes], site: Path) -> None:
    made = parsed(text_of(book, page))
    end = made.find(id="answers-of-chapter")
    site_answers = on_the_site(site, page).select(answers.MOVED)
    assert bool(site_answers) == bool(end)
    for kind in answers.ANSWERS:
        there = [one for one in site_answers if one["class"][0] == kind]
        assert len(made.select(f"div.{kind}")) == len(there)
        assert len(end.select(f"div.{kind}") if end else []) == len(there)
    for entry in end.select(".answer") if end else ():
        back = made.find(id=entry.h3.a["href"].removeprefix("#"))
        assert back.a["href"] == f"#{entry['id']}"
        name = words(entry.h3.get_text())
        owner = back.find_parent(class_=["question", "task", "exercise"])
        assert name in words(owner.get_text()) or "task" in owner["class"]


@pytest.mark.parametrize("page", SOME)
def test_what_a_page_tells_is_told(page: str, book: dict[str, bytes], site: Path) -> None:
    article = on_the_site(site, page)
    for one in article.select("details.hide, .headerlink, .task-waits"):
        one.decompose()
    made = words(parsed(text_of(book, page)).get_text())
    paragraphs = [one for one in article.select("section > p, section > section p")]
    told = [
        one for one in paragraphs if not one.find(["math", "a"]) and not one.find_parent("form")
    ]
    missing = [one.get_text() for one in told if words(one.get_text()) not in made]
    assert missing == []
    pictures = parsed(text_of(book, page)).find_all("svg")
    assert len(pictures) == len(article.find_all("svg"))
    assert not any("var(" in str(one) for one in pictures)


def test_two_runs_write_the_same_bytes(site: Path, tmp_path: Path) -> None:
    for name in "ab":
        epub.write_book(tmp_path / name, epub.make(site, SOME[:1], DATE)[1])
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    with zipfile.ZipFile(tmp_path / "a") as archive:
        first, *others = archive.infolist()
        assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
        assert archive.read(first) == b"application/epub+zip"
        assert {one.date_time for one in [first, *others]} == {(1980, 1, 1, 0, 0, 0)}


def test_a_figure_stands_where_its_story_ends() -> None:
    controls = [
        {"name": "rule", "start": 1, "texts": "ab"},
        {"name": "step", "start": 0, "texts": "0129"},
    ]
    assert chapters.ending({"controls": controls, "end": []}, "step") == [1, 3]
    assert chapters.ending({"controls": controls}, "step") == [1, 0]


def test_folded_code_is_left_out_and_its_result_is_kept(tmp_path: Path) -> None:
    waits = '<p class="task-waits">Not solved yet.</p>'
    code = '<div class="cell_input"><pre>{}</pre></div>'
    folded = '<details class="hide"><summary><p>Result</p><p>Hide</p></summary>{}</details>'
    cells = [
        folded.format(code.format("plumbing")),
        folded.format(code.format("drawing") + '<div class="cell_output"><b>drawn</b></div>'),
        code.format("task.check(f)") + f'<div class="cell_output">{waits}</div>',
        code.format("other.check(f)"),
    ]
    inside = "".join(f'<div class="cell">{cell}</div>' for cell in cells)
    (tmp_path / "a.html").write_text(f"<article><section><h1>A</h1>{inside}</section></article>")
    made = parsed(chapters.Page(tmp_path, "a", ["a"], "").chapter().body)
    assert words(made.get_text(" ")) == "A Result drawn other check f"


def test_a_site_with_an_address_is_linked_to(site: Path) -> None:
    page = "book/index"
    with_address = chapters.Page(site, page, [page], "https://x.org/b/").chapter().body
    assert 'href="https://x.org/b/book/progress.html"' in with_address
    assert 'href="https://x.org/b/book/index.html#depth-error-signal"' in with_address
    assert "Depth 20 layers." in with_address
    without = chapters.Page(site, page, [page], "").chapter().body
    assert not re.search(r'href="[^#]', without)


def test_a_wide_formula_is_cut_where_lines_may_break() -> None:
    side = "<mi>abcdefghijklm</mi>"
    short = formulas.pieces_of(LINE.format("<mi>a</mi><mo>=</mo><mi>b</mi>"))
    assert len(short) == 1
    row = f"{side}<mo>=</mo>{side}<mo>+</mo>{side}<mo>−</mo>{side}"
    first, *others = formulas.pieces_of(LINE.format(row))
    assert 'alttext="t"' in first
    assert [re.search(r"<mo[^>]*>(.)", one)[1] for one in others] == ["=", "+", "−"]
    assert all('form="infix"' in one and "rest" in one for one in others)
    # Within a fraction no line breaks: it is set smaller.
    (whole,) = formulas.pieces_of(LINE.format(f"<mfrac><mrow>{row}</mrow><mn>2</mn></mfrac>"))
    assert 'class="fit-33"' in whole
    cells = "".join(f"<mtr><mtd>{side}</mtd><mtd><mo>=</mo>{side}{side}</mtd></mtr>" for _ in "ab")
    lines = formulas.pieces_of(LINE.format(f"<mtable>{cells}</mtable>"))
    assert [one.startswith("<br/>") for one in lines].count(True) == 1


def test_the_style_sheet_knows_every_width() -> None:
    style = (ROOT / ".github/epub.css").read_text(encoding="utf-8")
    wide = {formulas.fit(formulas.MOST + 0.1 * i) for i in range(1, 400)}
    assert wide == set(re.findall(r"fit-\d+", style))


@pytest.mark.parametrize("module", [chapters, contents, formulas])
def test_examples_in_docstrings_hold(module: ModuleType) -> None:
    done = doctest.testmod(module)
    assert done.attempted > 0
    assert done.failed == 0
