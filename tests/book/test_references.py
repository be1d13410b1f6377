"""The bibliography: every work in one group, with a line on why to read it and links back."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import tips
from bs4 import BeautifulSoup
from pybtex.database import parse_file
from the_book import ROOT

PAGE = (ROOT / "book/references.md").read_text(encoding="utf-8")
WORKS = parse_file(str(ROOT / "book/references.bib")).entries
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
    first = re.findall(r"\{cite:t\}`(\w+)`", table)
    assert len(first) == len(set(first)) == 10
    assert set(first) <= set(WORKS)


def build(folder: Path, out: Path) -> None:
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "-b", "html", str(folder), str(out)]
    subprocess.run(command, check=True, capture_output=True, text=True)


def small_book(folder: Path) -> None:
    folder.mkdir()
    (folder / "conf.py").write_text(
        "import sys\n"
        f"sys.path.insert(0, {str(ROOT / 'book/_ext')!r})\n"
        "extensions = ['annotated_references']\n"
        "bibtex_bibfiles = ['works.bib']\n"
    )
    (folder / "works.bib").write_text(
        "@misc{one, title={First}, author={Ada}, year={2001}, group={old}, "
        "annotation={Read it for the tables.}}\n"
        "@misc{two, title={Second}, author={Bo}, year={2002}, group={new}, "
        "annotation={Read it for fun.}}\n"
    )
    toctree = ".. toctree::\n\n   late\n   early\n   works\n"
    (folder / "index.rst").write_text(f"Book\n====\n\n{toctree}")
    (folder / "late.rst").write_text("Zeta\n====\n\nSee :cite:`one` and :cite:`two`.\n")
    (folder / "early.rst").write_text("Alpha\n=====\n\nSee :cite:`one`.\n")
    (folder / "works.rst").write_text(
        "Works\n=====\n\nBegin with :cite:`two`.\n\n"
        + "".join(f'.. bibliography::\n   :filter: group % "^{g}$"\n\n' for g in ("old", "new"))
    )


def lines(out: Path) -> list[str]:
    soup = BeautifulSoup((out / "works.html").read_text(), "html.parser")
    return [" ".join(line.get_text().split()) for line in soup.select("p.annotation")]


def test_works_say_why_and_where(tmp_path: Path) -> None:
    source, out = tmp_path / "book", tmp_path / "html"
    small_book(source)
    build(source, out)
    assert lines(out) == [
        "Read it for the tables. Cited in Zeta, Alpha.", "Read it for fun. Cited in Zeta.",
    ]  # fmt: skip
    soup = BeautifulSoup((out / "works.html").read_text(), "html.parser")
    links = [link["href"] for link in soup.select("p.annotation a")]
    assert links == ["late.html", "early.html", "late.html"]
    again = tmp_path / "again"
    build(source, again)
    assert (again / "works.html").read_text() == (out / "works.html").read_text()
    # A page that cites anew changes the list, although its own source has not changed.
    (source / "early.rst").write_text("Alpha\n=====\n\nSee :cite:`one` and :cite:`two`.\n")
    build(source, out)
    assert lines(out)[1] == "Read it for fun. Cited in Zeta, Alpha."


def test_a_preview_of_a_work_is_its_source_alone() -> None:
    work = '<div class="citation"><p>Ada. First. 2001.</p><p class="annotation">Read it.</p></div>'
    target = BeautifulSoup(work, "html.parser").div
    assert BeautifulSoup(tips.told(target), "html.parser").get_text() == "Ada. First. 2001."
