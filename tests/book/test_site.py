"""The built site is complete in itself, and every page keeps the book's promises."""

import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import linked_citations
import pytest
from the_book import ROOT, SITE, article_of, pages, soup_of, source_of, text_without

EXTERNAL = re.compile(r"^(?:[a-z][a-z0-9+.-]*:)?//", re.IGNORECASE)
CSS_URL = re.compile(r"""@import\s+["']([^"']+)|url\(\s*["']?([^"')\s]+)""")
# Links that leave the site are for the reader to follow; these are fetched by the browser itself.
FETCHED = {
    "audio": "src",
    "embed": "src",
    "iframe": "src",
    "image": "href",
    "img": "src",
    "input": "src",
    "link": "href",
    "object": "data",
    "script": "src",
    "source": "src",
    "track": "src",
    "use": "href",
    "video": "src",
}


def html_files() -> list[Path]:
    return sorted(path for path in SITE.rglob("*.html") if "_static" not in path.parts)


@cache
def ids_of(path: Path) -> set[str]:
    return {element["id"] for element in soup_of(path).find_all(id=True)}


def css_targets(css: str) -> list[str]:
    inside = re.sub(r'url\("data:.*?"\)', "", css)  # a picture may have addresses of its own
    return [one or other for one, other in CSS_URL.findall(inside)]


@cache
def fetched_by(path: Path) -> set[str]:
    found: set[str] = set()
    for element in soup_of(path).find_all(True):
        attribute = FETCHED.get(element.name)
        if element.has_attr(attribute) and "canonical" not in element.get("rel", []):
            found.add(element[attribute])
        if element.has_attr("srcset"):
            found |= {candidate.split()[0] for candidate in element["srcset"].split(",")}
        if element.has_attr("style"):
            found |= set(css_targets(element["style"]))
        if element.name == "style":
            found |= set(css_targets(element.get_text()))
    return found


def missing(target: str, page: Path) -> str | None:
    """Say what is wrong with a link of a page to a place of the site, if anything."""
    parts = urlsplit(target)
    if parts.scheme or parts.netloc:
        return None
    file = (page.parent / unquote(parts.path)).resolve() if parts.path else page
    if file.is_dir():
        file = file / "index.html"
    if not file.is_file():
        return f"no file {target}"
    fragment = unquote(parts.fragment)
    if fragment and file.suffix == ".html" and fragment not in ids_of(file):
        return f"no anchor {target}"
    return None


def test_table_of_contents_and_folder_agree() -> None:
    found = (ROOT / "book").rglob("*.md")
    on_disk = {path.relative_to(ROOT).with_suffix("").as_posix() for path in found}
    assert on_disk == set(pages())
    assert len(pages()) == len(set(pages()))


def test_every_page_of_the_toc_is_built(site: Path) -> None:
    assert [page for page in pages() if not (site / f"{page}.html").is_file()] == []


def test_nothing_is_fetched_from_elsewhere(site: Path) -> None:
    found = [
        (path.name, target)
        for path in html_files()
        for target in fetched_by(path)
        if EXTERNAL.match(target)
    ]
    found += [
        (path.name, target)
        for path in site.rglob("*.css")
        for target in css_targets(path.read_text(encoding="utf-8"))
        if EXTERNAL.match(target)
    ]
    assert found == []


def test_what_a_page_fetches_is_there(site: Path) -> None:
    dead = [
        (path.relative_to(site).as_posix(), problem)
        for path in html_files()
        for target in fetched_by(path)
        if not target.startswith("data:") and (problem := missing(target, path))
    ]
    dead += [
        (path.relative_to(site).as_posix(), problem)
        for path in site.rglob("*.css")
        for target in css_targets(path.read_text(encoding="utf-8"))
        if not target.startswith(("data:", "#")) and (problem := missing(target, path))
    ]
    assert dead == []


def test_no_internal_link_is_dead(site: Path) -> None:
    dead = [
        (path.relative_to(site).as_posix(), problem)
        for path in html_files()
        for target in {link["href"] for link in soup_of(path).find_all("a", href=True)}
        if (problem := missing(target, path))
    ]
    assert dead == []


@pytest.mark.parametrize("page", pages())
def test_every_citation_resolves(page: str, site: Path) -> None:
    bibliography = soup_of(site / "book/references.html")
    works = linked_citations.works_of(ROOT / "book/references.bib")
    at = linked_citations.by_address(works)
    cited = {key for _, key in linked_citations.citations_in(source_of(page), at)}
    here = "a[href^='#id']" if page == "book/references" else "a[href*='references.html#id']"
    links = [link["href"] for link in article_of(page).select(here)]
    assert len(set(links)) >= len(cited)
    for target in links:
        assert bibliography.find(id=target.partition("#")[2]).get_text(strip=True)


@pytest.mark.parametrize("page", pages())
def test_every_picture_has_a_text_for_those_who_cannot_see_it(page: str, site: Path) -> None:
    silent = [
        str(picture)[:120]
        for picture in article_of(page).select("img, svg[role=img], [role=img]")
        if not (picture.get("alt") or picture.get("aria-label") or picture.get("aria-labelledby"))
    ]
    # A drawing of another kind is hidden from screen readers or stands inside one with a text.
    silent += [
        str(picture)[:120]
        for picture in article_of(page).find_all("svg")
        if picture.get("role") != "img"
        and picture.get("aria-hidden") != "true"
        and not picture.find_parent(attrs={"role": "img"})
        and not picture.find_parent(attrs={"aria-hidden": "true"})
    ]
    assert silent == []


@pytest.mark.parametrize("page", pages())
def test_no_math_is_left_outside_of_its_element(page: str, site: Path) -> None:
    others = ".math, pre, code, script, style, .derivation, .question, .task"
    text = text_without(article_of(page), others)
    assert re.findall(r"\\[()\[\]]|\$\$|\\begin\{|\\frac", text) == []


@pytest.mark.parametrize("page", pages())
def test_no_cell_fails_or_writes_to_stderr(page: str, site: Path) -> None:
    assert article_of(page).select(".output.stderr, .output.traceback") == []
    outputs = " ".join(output.get_text() for output in article_of(page).select(".cell_output"))
    assert "Traceback (most recent call last)" not in outputs


def test_the_library_pages_document_every_public_module(site: Path) -> None:
    reference = [page for page in pages() if page.startswith("book/api/")]
    documented = {
        target["id"].removeprefix("module-"): page
        for page in reference
        for target in article_of(page).select("[id^='module-lib.']")
    }
    public = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for pattern in ("*.py", "*/__init__.py")
        for path in (ROOT / "lib").glob(pattern)
        if not path.name.startswith("_") or path.name == "__init__.py"
    }
    assert public - {"lib"} <= documented.keys()
    listed = {link["href"] for link in article_of("book/api").select("table.library a")}
    places = {
        f"{page.removeprefix('book/')}.html#module-{name}" for name, page in documented.items()
    }
    assert places | {f"{page.removeprefix('book/')}.html" for page in reference} == listed


@pytest.mark.parametrize("page", pages())
def test_every_derivation_is_shown_under_its_code(page: str, site: Path) -> None:
    hidden = [
        code.get_text()[:80]
        for cell in article_of(page).select(".cell")
        for code in cell.select(".cell_input")
        if re.search(r"Derivation(\.of)?\(", code.get_text())
        and "DerivationError" not in code.get_text()  # shows what is refused
        and not cell.select(".cell_output .derivation")
    ]
    assert hidden == []
