"""Words are explained where they are used, and links say what they lead to."""

import json
import os
import re
import subprocess
import sys
from copy import copy
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import jupytext
import pytest
import tips
from bs4 import BeautifulSoup
from docutils import nodes
from docutils.frontend import get_default_settings
from docutils.parsers.rst import Parser
from docutils.utils import new_document
from sentences import SENTENCE
from the_book import ROOT, article_of, pages, soup_of

ENTRY = re.compile(r"((?:^\S[^\n]*\n)+)  (\S[^\n]*)$", re.MULTILINE)
GLOSSARY = (ROOT / "book/glossary.md").read_text(encoding="utf-8")
ENTRIES = {
    tuple(names.splitlines()): definition
    for names, definition in ENTRY.findall(GLOSSARY.partition(":sorted:\n")[2])
}
MARKED = [page for page in pages() if page not in tips.UNMARKED and "/api" not in page]
NAMES = {name: ("term", "") for names in ENTRIES for name in names}


@cache
def prose_of(page: str) -> str:
    """The text of a page as it is written, without code, formulas and the addresses of links."""
    written = (ROOT / f"{page}.md").read_text(encoding="utf-8")
    cells = jupytext.reads(written, fmt="md:myst").cells
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    return re.sub(r"\]\([^)]*\)|`[^`]*`|\$[^$]*\$|^#.*$", " ", text, flags=re.MULTILINE)


def test_there_are_many_entries_and_no_word_has_two():
    assert len(ENTRIES) >= 80
    assert len(NAMES) == sum(map(len, ENTRIES))
    assert set(NAMES) >= tips.AT_HOME
    assert not tips.UNMARKED - set(pages())


@pytest.mark.parametrize("names", ENTRIES, ids=lambda names: names[0])
def test_an_entry_is_short_and_does_not_explain_a_word_by_itself(names):
    definition, link = re.fullmatch(r"(.*\.) See (\[[^\]]+\]\([^)]+\))\.", ENTRIES[names]).groups()
    assert 1 <= len(SENTENCE.split(definition)) <= 2
    assert not tips.pattern_of(names).search(definition)
    page = re.search(r"\(([\w-]+)\.md\)", link)[1]
    assert f"book/{page}" in pages()
    assert tips.pattern_of(names).search(prose_of(f"book/{page}")), f"{page}.md has no such word"


def test_a_name_is_found_in_each_form_and_named_as_the_glossary_does():
    pattern = tips.pattern_of(NAMES)
    for name in NAMES:
        for form in (name, name[0].upper() + name[1:], name.replace(" ", "\n").replace("'", "’")):
            assert pattern.fullmatch(form)
            assert tips.named(form, NAMES) == name
    assert tips.named("Biases", NAMES) == "bias"
    assert tips.named("losses", NAMES) == "loss"


def document(*sections: tuple[nodes.Node | str, ...]) -> nodes.document:
    made = new_document("page", get_default_settings(Parser))
    page = nodes.section(ids=["page"])
    page += nodes.title("", "A unit")
    made += page
    for number, parts in enumerate(sections):
        section = nodes.section(ids=[f"s{number}"])
        section += nodes.title("", "On units")
        paragraph = nodes.paragraph()
        paragraph += [nodes.Text(part) if isinstance(part, str) else part for part in parts]
        section += paragraph
        page += section
    return made


HERE = {"unit": ("u", "book/page"), "dead unit": ("d", "book/relu"), "loss": ("l", tips.FIRST)}


def marked(made: nodes.document) -> list[tuple[str, str, str]]:
    return [
        (tips.section_of(link), link.astext(), link["refuri"])
        for link in made.findall(nodes.reference)
        if "word" in link["classes"]
    ]


def test_a_word_is_marked_once_a_page_and_one_from_elsewhere_once_a_section():
    made = document(
        ("Two dead units and a unit, or units. A loss of ", nodes.strong("", "dead unit"), "s."),
        ("A unit, a dead unit, a loss.",),
    )
    before = made.astext()
    tips.mark_words(made, "book/page", HERE, "g.html")
    assert marked(made) == [
        ("s0", "dead units", "g.html#d"), ("s0", "unit", "g.html#u"), ("s0", "loss", "g.html#l"),
        ("s1", "dead unit", "g.html#d"),
    ]  # fmt: skip
    assert made.astext() == before


def test_nothing_is_marked_in_headings_code_links_and_formulas():
    made = document(
        (nodes.literal("", "unit"), nodes.math("", "unit"), nodes.reference("", "unit", refuri="x"),
         nodes.raw("", "unit", format="html"), nodes.raw("", "<a href='x'>", format="html"), "unit",
         nodes.raw("", "</a>", format="html"), "subunit, pre-unit, unit-wise, Units’")
    )  # fmt: skip
    made[0] += [nodes.literal_block("", "unit"), nodes.math_block("", "unit")]
    box = nodes.admonition(classes=["tip"])
    box += [nodes.title("", "In this chapter"), nodes.paragraph("", "Know a unit.")]
    made[0] += box
    tips.mark_words(made, "book/page", HERE, "g.html")
    assert marked(made) == [("s0", "Units", "g.html#u")]


def test_a_word_is_introduced_where_it_stands_in_bold():
    made = document(("A unit.",), ("Another, a ", nodes.strong("", "unit"), "."), ("A loss.",))
    assert tips.introduced(made, ["unit"]) == "s1"
    assert tips.introduced(made, ["loss"]) == "s2"
    assert tips.introduced(made, ["gate"]) is None


def test_a_new_word_reaches_pages_that_have_not_changed():
    env = SimpleNamespace(found_docs={"book/one", "book/two", tips.GLOSSARY})
    for changed in tips.SHARED:
        assert tips.outdated(None, env, set(), {changed}, set()) == env.found_docs
    assert tips.outdated(None, env, {"book/one"}, set(), set()) == set()


PAGES = {
    "index": "# Start\n\n```{toctree}\nbook/glossary\nbook/one\nbook/two\n```\n",
    "book/glossary": "# Glossary\n\n```{glossary}\nunit\n  A part $a$. See [one](one.md).\n\n"
                     "Ohm's law\n  A law. See [two](two.md).\n```\n",
    "book/one": "# One\n\nNo more.\n\n(far)=\n## Far off\n\nA **unit** is $b$. It ends.\n",
    "book/two": "# Two\n\nBy Ohm's law a unit of $c$, of [one](one.md), and [far](#far).\n\n"
                "```{math}\n:label: sum\n1 + 1\n```\n\nAs {eq}`sum` says.\n",
}  # fmt: skip


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, str]]:
    """Build a small project twice."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "conf.py").write_text(
        "extensions = ['myst_parser', 'tips']\nmyst_enable_extensions = ['dollarmath']\n"
        "suppress_warnings = ['*']\n"
    )
    for name, text in PAGES.items():
        path = folder / f"{name}.md"
        path.parent.mkdir(exist_ok=True)
        # What the theme of the book writes around a page.
        path.write_text(
            f"```{{raw}} html\n<article>\n```\n\n{text}\n```{{raw}} html\n</article>\n```\n"
        )
    found = []
    for number in "12":
        command = [sys.executable, "-m", "sphinx", "-q", "-b", "html", ".", number]
        environment = os.environ | {"PYTHONPATH": str(ROOT / "book/_ext")}
        subprocess.run(command, cwd=folder, check=True, env=environment)
        written = sorted((folder / number / "book").glob("*.html"))
        found.append({path.stem: path.read_text(encoding="utf-8") for path in written})
    return found


def data_of(page: BeautifulSoup) -> dict[str, str]:
    found = page.select("script#tips")
    assert len(found) <= 1
    return json.loads(found[0].get_text()) if found else {}


def test_each_page_carries_what_its_links_lead_to(built: list[dict[str, str]]) -> None:
    formula = '<span class="math">\\({}\\)</span>'.format
    two = BeautifulSoup(built[0]["two"], "html.parser")
    assert data_of(two) == {
        "#equation-sum": data_of(two)["#equation-sum"],
        "glossary.html#term-Ohm-s-law": "A law.",
        "glossary.html#term-unit": f"A part {formula('a')}.",
        "one.html": "<strong>One</strong> No more.",
        "one.html#far": f"<strong>Far off</strong> A <strong>unit</strong> is {formula('b')}.",
    }
    assert "1 + 1" in data_of(two)["#equation-sum"]
    assert 'href="one.html#far-off"' in built[0]["glossary"]


def test_two_builds_store_the_same(built: list[dict[str, str]]) -> None:
    assert built[0] == built[1]


@pytest.mark.parametrize("page", MARKED)
def test_words_of_a_page_are_marked_sparely_and_explained(page: str, site: Path) -> None:
    article = article_of(page)
    explained = data_of(soup_of(site / f"{page}.html"))
    seen = set()
    for link in article.select("a.word"):
        assert not link.find_parent(["h1", "h2", "h3", "h4", "code", "pre"])
        assert link["href"] in explained
        section = [one.get("id") for one in link.find_parents("section")][-2:][0]
        assert (link["href"], section) not in seen
        seen.add((link["href"], section))
    for link in article.select("a[href*='references.html#id']"):
        assert len(explained[link["href"]]) > 30


def test_every_entry_is_used_and_leads_to_a_section_that_has_the_word(site: Path) -> None:
    read = {page: (site / f"{page}.html").read_text(encoding="utf-8") for page in pages()}
    used = {anchor for html in read.values() for anchor in re.findall(r"#(term-[\w-]+)", html)}
    glossary = copy(article_of(tips.GLOSSARY))  # its marks are taken away
    assert len(glossary.select("dd")) == len(ENTRIES)
    for explained in glossary.select("dd"):
        terms = []
        for before in explained.find_previous_siblings():
            if before.name != "dt":
                break
            terms.append(before)
        assert used & {term["id"] for term in terms}
        for mark in explained.select(".headerlink"):
            mark.decompose()
        file, _, place = explained.select("a")[-1]["href"].partition("#")
        section = article_of(f"book/{file.removesuffix('.html')}").find(id=place)
        names = [term.find(string=True).strip() for term in terms]
        assert tips.pattern_of(names).search(section.get_text(" "))
