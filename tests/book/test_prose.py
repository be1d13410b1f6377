"""The prose of every page is in short sentences, with few numbers at once."""

import re
from collections.abc import Iterator
from copy import copy
from functools import cache

import mathematics
import pytest
from bs4 import BeautifulSoup, Tag
from sentences import long_sentences
from the_book import SITE, article_of, pages, soup_of

NUMBERS = 3
# Pages whose text is made of lists: entries of the library, sources.
NOT_PROSE = {"book/references", *(page for page in pages() if page.startswith("book/api"))}
# A passage that may exceed a limit: its page, how it begins, and why.
EXCEPTIONS: dict[tuple[str, str], str] = {}

SKIPPED = (
    "pre, script, style, svg, table, button, select, output, label, summary, figure, dt, nav, "
    ".cell_input, .cell_output, .derivation, .headerlink, .toctree-wrapper"
)
NUMBER = re.compile(r"(?<![\w.])[-−]?\d[\d.,]*(?:\s?[·×]\s?10[⁻⁰¹²³⁴-⁹]+|/\d+)?")
# A number that is a name: a year, or what it numbers stands before it.
NUMBERED = (
    "layer chapter statement solution exercise section step figure page float bfloat log Python"
)
NAME = re.compile(
    rf"\b(?:{'|'.join(f'{word}s?' for word in NUMBERED.split())})[ -]?"
    r"\d+(?:(?:,| and| to| or) \d+)*|\b(?:1[89]|20)\d\d\b",
    re.IGNORECASE,
)
# A formula that is nothing but a number.
BUILT = "mfrac, msqrt, mroot, msub, msubsup, mtable"
BARE = re.compile(r"[-−+]?[\d.,]+(?:[⋅×]10)?(?:−?\d+)?\s*%?")


def passages(article: Tag) -> Iterator[str]:
    """Yield the text of every paragraph and list item; a formula counts as one word, X."""
    content = copy(article)
    for element in content.select(SKIPPED):
        element.decompose()
    for formula in content.select(".math, math"):
        bare = BARE.fullmatch(formula.get_text().strip()) and not formula.select(BUILT)
        formula.replace_with(" 7 " if bare else " X ")
    for code in content.select("code"):
        code.replace_with(" code ")
    for citation in content.select("a[href*='references.html#id'], [data-footnote]"):
        named = re.fullmatch(r"(.+) \(\d{4}\)", " ".join(citation.get_text().split()))
        citation.replace_with(f"{named[1]} (Author)" if named else "Author")
    for passage in content.select("p, li"):
        if passage.name == "li" and passage.find("p"):
            continue
        for inner in passage.select("ul, ol"):
            inner.extract()
        text = " ".join(passage.get_text().split())
        if text:
            yield text


def numbers(text: str) -> list[str]:
    """Return the numbers of a passage that a reader has to hold in mind, 0 and 1 left out.

    >>> numbers("In 2015, layer 3 kept 0.5 of 12 units.")
    ['0.5', '12']
    """
    found = NUMBER.findall(NAME.sub(" ", text))
    return [number for number in found if number.rstrip(".,") not in ("0", "1")]


def excepted(page: str, text: str) -> bool:
    return any(page == where and text.startswith(start) for where, start in EXCEPTIONS)


@cache
def prose_of(page: str) -> list[str]:
    return [text for text in passages(article_of(page)) if not excepted(page, text)]


def test_the_counts_see_what_a_reader_sees() -> None:
    article = BeautifulSoup(
        mathematics.typeset(
            r"<article><p>A <span class='math'>\(x + 1\)</span> of 4, 5,"
            r" <span class='math'>\(10^{-3}\)</span> and <span>7</span>.</p>"
            "<table><tr><td><p>1 2 3 4 5</p></td></tr></table>"
            f"<ul><li>{'word ' * 40}</li></ul></article>"
        ),
        "html.parser",
    )
    first, second = passages(article.article)
    assert len(numbers(first)) == 4
    assert long_sentences(first) == []
    assert len(long_sentences(second)) == 1


@pytest.mark.parametrize("page", [page for page in pages() if page not in NOT_PROSE])
def test_no_sentence_is_too_long(page: str, site: object) -> None:
    assert [part for text in prose_of(page) for part in long_sentences(text)] == []


@pytest.mark.parametrize("page", [page for page in pages() if page not in NOT_PROSE])
def test_no_paragraph_is_a_table_in_disguise(page: str, site: object) -> None:
    assert [text for text in prose_of(page) if len(numbers(text)) > NUMBERS] == []


def test_every_exception_is_still_needed(site: object) -> None:
    for page, start in EXCEPTIONS:
        found = [text for text in passages(article_of(page)) if text.startswith(start)]
        assert any(long_sentences(text) or len(numbers(text)) > NUMBERS for text in found), start


# A count may be spelled; other words that a cell chooses read as what they are, mail merge.
SPELLED = set(
    "zero one two three four five six seven eight nine ten eleven twelve none all".split()
)


@pytest.mark.parametrize("page", pages())
def test_what_cells_put_into_sentences_is_numbers(page: str, site: object) -> None:
    soup = soup_of(SITE / f"{page}.html")
    glued = [put.get_text().strip() for put in soup.select(".pasted-text")]
    assert [text for text in glued if not re.search(r"\d", text) and text not in SPELLED] == []
