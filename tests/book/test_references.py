"""The bibliography, and the links to its works by which the book cites."""

import re
import subprocess
import sys
from pathlib import Path

import linked_citations
import pytest
import tips
from bs4 import BeautifulSoup
from the_book import ROOT, pages, source_of

PAGE = (ROOT / "book/references.md").read_text(encoding="utf-8")
WORKS = linked_citations.works_of(ROOT / "book/references.bib")
AT = linked_citations.by_address(WORKS)
GROUPS = re.findall(r'^:filter: group % "\^(\w+)\$"$', PAGE, re.M)


def test_every_work_is_in_one_group_of_the_page() -> None:
    assert len(GROUPS) == len(set(GROUPS)) == PAGE.count("```{bibliography}")
    assert {work.fields.get("group") for work in WORKS.values()} == set(GROUPS)


@pytest.mark.parametrize("key", WORKS)
def test_every_work_has_a_line_on_why_to_read_it(key: str) -> None:
    line = WORKS[key].fields.get("annotation", "")
    assert re.fullmatch(r"[A-Z][^{}\\$]{15,}\.", line), line
    assert 5 <= len(line.split()) <= 25, line


def test_no_two_works_have_the_same_line() -> None:
    assert len({work.fields["annotation"] for work in WORKS.values()}) == len(WORKS)


def test_ten_works_to_begin_with() -> None:
    table = PAGE.split("## Ten to begin with")[1].split("## ")[0]
    first = [key for _, key in linked_citations.citations_in(table, AT)]
    assert len(first) == len(set(first)) == table.count("](") == 10


def test_every_work_has_an_address_of_its_own() -> None:
    assert len(AT) == len(WORKS)
    for address, work in AT.items():
        assert re.fullmatch(r"https?://[^\s()<>\[\]]+", address), work.key


@pytest.mark.parametrize("page", pages())
def test_citations_are_links_with_the_words_of_the_bibliography(page: str) -> None:
    written = linked_citations.WRITTEN.findall(source_of(page))
    problems = [linked_citations.problem_of(*link, AT) for link in written]
    assert list(filter(None, problems)) == []


# Of a role JupyterLab shows words, or what a kernel answers; of others it shows a key or a label.
SHOWN = {"eval", "term", "ref", "py:mod"}


@pytest.mark.parametrize("page", pages())
def test_roles_are_those_that_read_as_words_everywhere(page: str) -> None:
    text = re.sub(r"^```\{code-cell\}.*?^```", "", source_of(page), flags=re.M | re.S)
    roles = set(re.findall(r"\{([a-z][\w:-]*)\}`", text))
    assert roles <= SHOWN, "cite by a link with words, and so refer to pages: see CONTRIBUTING.md"


@pytest.mark.parametrize(
    ("words", "address", "problem"),
    [
        ("Cox (1958)", "https://doi.org/10.1111/j.2517-6161.1958.tb00292.x", ""),
        ("Cox, 1958", "https://doi.org/10.1111/j.2517-6161.1958.tb00292.x", ""),
        ("Gers *et al.* (2000)", "https://doi.org/10.1162/089976600300015015", ""),
        ("a page", "https://example.org", ""),
        ("Cox, 1985", "https://doi.org/10.1111/j.2517-6161.1958.tb00292.x", '"Cox, 1958"'),
        ("Cox 1958", "https://doi.org/10.1111/j.2517-6161.1958.tb00292.x", '"Cox (1958)"'),
        ("Gers et al., 2000", "https://doi.org/10.1162/089976600300015015", "Gers *et al.*, 2000"),
        ("Cox, 1958", "https://example.org", "no work at https://example.org"),
        ("the paper", "https://doi.org/10.1/2", "no work at https://doi.org/10.1/2"),
    ],
)
def test_other_words_and_unknown_works_are_refused(words: str, address: str, problem: str) -> None:
    said = linked_citations.problem_of(words, address, AT)
    assert problem in said
    assert bool(problem) == bool(said)


def build(folder: Path, out: Path, *options: str) -> str:
    command = [sys.executable, "-m", "sphinx", "-q", *options, "-b", "html", str(folder), str(out)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return done.stderr


def small_book(folder: Path) -> None:
    folder.mkdir()
    (folder / "conf.py").write_text(
        "import sys\n"
        f"sys.path.insert(0, {str(ROOT / 'book/_ext')!r})\n"
        "extensions = ['myst_parser', 'annotated_references', 'linked_citations']\n"
        "bibtex_bibfiles = ['works.bib']\n"
    )
    (folder / "works.bib").write_text(
        "@misc{one, title={First}, author={Ada}, year={2001}, group={old}, "
        "url={https://x.org/1}, annotation={Read it for the tables.}}\n"
        "@misc{two, title={Second}, author={Bo and Cy and Di}, year={2002}, group={new}, "
        "url={https://x.org/2}, annotation={Read it for fun.}}\n"
    )
    toctree = "```{toctree}\nlate\nearly\nworks\n```\n"
    (folder / "index.md").write_text(f"# Book\n\n{toctree}")
    (folder / "late.md").write_text(
        f"# Zeta\n\nSee {ADA} ([Bo *et al.*, 2002](https://x.org/2)).\n"
    )
    (folder / "early.md").write_text(f"# Alpha\n\nSee {ADA}.\n")
    (folder / "works.md").write_text(
        f"# Works\n\nBegin with {BO}.\n\n"
        + "".join(f'```{{bibliography}}\n:filter: group % "^{g}$"\n```\n' for g in ("old", "new"))
    )


ADA, BO = "[Ada (2001)](https://x.org/1)", "[Bo *et al.* (2002)](https://x.org/2)"


def page_of(out: Path, name: str) -> BeautifulSoup:
    return BeautifulSoup((out / f"{name}.html").read_text(), "html.parser")


def lines(out: Path) -> list[str]:
    works = page_of(out, "works").select("p.annotation")
    return [" ".join(line.get_text().split()) for line in works]


def test_citations_lead_to_works_that_say_why_and_where(tmp_path: Path) -> None:
    source, out = tmp_path / "book", tmp_path / "html"
    small_book(source)
    build(source, out, "-W")
    assert lines(out) == [
        "Read it for the tables. Cited in Zeta, Alpha.", "Read it for fun. Cited in Zeta.",
    ]  # fmt: skip
    works = page_of(out, "works")
    links = [link["href"] for link in works.select("p.annotation a")]
    assert links == ["late.html", "early.html", "late.html"]
    ada, bo = page_of(out, "late").select(".bibtex-citation > a.internal")
    assert (str(ada.text), bo.decode_contents()) == ("Ada (2001)", "Bo <em>et al.</em>, 2002")
    for link, title in ((ada, "Ada. First. 2001."), (bo, "Bo, Cy, and Di. Second. 2002.")):
        page, _, place = link["href"].partition("#")
        assert page == "works.html"
        assert works.find(id=place).p.get_text().startswith(title)
        assert link["title"].startswith(title)
    here = works.select_one(".bibtex-citation > a")
    assert here["href"] == f"#{place}"
    again = tmp_path / "again"
    build(source, again, "-W")
    assert (again / "works.html").read_text() == (out / "works.html").read_text()
    # A page that cites anew changes the list, although its own source has not changed.
    (source / "early.md").write_text(f"# Alpha\n\nSee {ADA} and {BO}.\n")
    build(source, out, "-W")
    assert lines(out)[1] == "Read it for fun. Cited in Zeta, Alpha."
    # Other words, and a work that is not in the bibliography, are warned of.
    (source / "early.md").write_text(
        "# Alpha\n\n[Eve (2001)](https://x.org/1)\n\n[Eve (2001)](https://x.org/3)\n"
    )
    words, unknown = build(source, out).splitlines()
    assert re.search(r'early\.md:3: .* write "Ada \(2001\)" or "Ada, 2001"', words)
    assert re.search(r"early\.md:5: .* no work at https://x\.org/3", unknown)


def test_a_preview_of_a_work_is_its_source_alone() -> None:
    work = '<div class="citation"><p>Ada. First. 2001.</p><p class="annotation">Read it.</p></div>'
    target = BeautifulSoup(work, "html.parser").div
    assert BeautifulSoup(tips.told(target), "html.parser").get_text() == "Ada. First. 2001."
