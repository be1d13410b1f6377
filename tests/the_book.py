"""Where the book and its built pages are, for the tests that read them."""

import subprocess
import zlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import yaml
from bs4 import BeautifulSoup, CData, NavigableString, Tag

ROOT = Path(__file__).parents[1]
SITE = ROOT / "_build" / "html"
# An environment with requirements.txt alone, in which `make test` builds the book.
READER = ROOT / "_build" / "reader"

TOC = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))


def pages() -> list[str]:
    """Return the names of all pages of the table of contents, the landing page first."""
    listed = [file for part in TOC["parts"] for file in part["chapters"]]
    return [
        TOC["root"],
        *(one["file"] for file in listed for one in (file, *file.get("sections", ()))),
    ]


def chapters() -> list[str]:
    """Return the names of the numbered chapters, without the list of references."""
    numbered = [file["file"] for file in TOC["parts"][0]["chapters"]]
    return [page for page in numbered if page != "book/references"]


def source_of(page: str) -> str:
    """Return the Markdown of a page, and nothing for one that does not exist."""
    path = ROOT / f"{page}.md"
    return path.read_text(encoding="utf-8") if path.is_file() else ""


@cache
def soup_of(path: Path) -> BeautifulSoup:
    """Return a built page, which each worker reads once: who changes it takes a copy."""
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def article_of(page: str) -> Tag:
    """Return the text of a built page."""
    article = soup_of(SITE / f"{page}.html").find("article")
    assert isinstance(article, Tag)
    return article


def text_without(part: Tag, left_out: str) -> str:
    """Return the text of a part of a page, without that of the elements that are left out."""
    skipped = {id(element) for element in part.select(left_out)}
    found, waiting = [], [part]
    while waiting:
        one = waiting.pop()
        if type(one) in (NavigableString, CData):
            found.append(str(one))
        elif isinstance(one, Tag) and id(one) not in skipped:
            waiting += reversed(one.contents)
    return "".join(found)


@cache
def commit() -> int:
    """Return the commit as a number, or 0 where none is known."""
    try:
        asked = subprocess.run(
            ["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True
        )
    except OSError:  # no git
        return 0
    return int(asked.stdout, 16) if asked.returncode == 0 else 0


def has_turn(test: str, number: int, every: int) -> bool:
    """Tell whether a case of a test has its turn: one of `every`, each test from another one on."""
    return (number + commit() + zlib.crc32(test.encode())) % every == 0


def of_this_commit(names: Sequence[str]) -> str:
    """Choose by the commit, so that in time all have their turn; where none is known, the first."""
    return names[commit() % len(names)]
