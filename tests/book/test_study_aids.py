"""How long a chapter takes, and the page that shows how far one has come."""

import json
import re
from types import SimpleNamespace

import pytest
import study_aids
from bs4 import BeautifulSoup
from docutils import nodes
from docutils.frontend import get_default_settings
from docutils.parsers.rst import Parser
from docutils.utils import new_document
from study_aids import Measured, measured
from the_book import ROOT, TOC, chapters, pages, soup_of

QUESTION = '<div class="question" id="{}"{}><form></form></div>'
DEEPER = [file["file"] for file in TOC["parts"][1]["chapters"]]


def html(text: str) -> nodes.raw:
    return nodes.raw("", text, format="html")


def document() -> nodes.document:
    """A chapter with eight words that count."""
    made = new_document("page", get_default_settings(Parser))
    page = nodes.section(ids=["page"])
    made += page
    box = nodes.admonition(classes=["tip"])
    box += [nodes.title("", "In this chapter"), nodes.paragraph("", "You need nothing.")]
    page += [box, nodes.paragraph("", "Words count."), nodes.math_block("", "a = b")]
    exercise = nodes.admonition(classes=["exercise"])
    exercise += nodes.paragraph("", "Not this.")
    cell = nodes.container(nb_element="cell_code")
    cell += [nodes.literal_block("", "code = 1"), nodes.paragraph("", "an output")]
    lines = '<div class="derivation-let"></div><div class="derivation-step"></div>'
    asked = QUESTION.format("ask-1", "") + QUESTION.format("ask-2", ' data-before="figure"')
    cell += [html(lines + asked), html('<figure class="explorer" id="figure"></figure>')]
    page += [exercise, cell]
    return made


def test_what_takes_time_is_counted():
    assert measured(document()) == Measured(
        words=8, formulas=3, figures=1, questions=2, asked=("ask-1",)
    )


@pytest.mark.parametrize(
    ("counts", "minutes"),
    [((0, 0, 0, 0), 5), ((1200, 0, 0, 0), 10), ((1200, 30, 0, 0), 25), ((1200, 30, 5, 5), 35),
     ((1499, 0, 0, 0), 10), ((1500, 0, 0, 0), 15)],
)  # fmt: skip
def test_time_follows_the_rule_and_is_rounded(counts, minutes):
    assert Measured(*counts, asked=()).minutes == minutes


def test_the_page_states_the_rule():
    stated = (ROOT / "book/progress.md").read_text(encoding="utf-8")
    assert f"a minute for {study_aids.WORDS_A_MINUTE} words" in stated
    assert f"rounded to {study_aids.ROUNDED} minutes" in stated
    assert study_aids.MINUTES == {"formula": 0.5, "question": 1, "figure": 1}
    assert "half a minute for each formula" in stated


def an_app(**chapters: Measured) -> SimpleNamespace:
    titles = {name: nodes.title("", f"About {name} & more") for name in chapters}
    config = SimpleNamespace(root_doc="first")
    env = SimpleNamespace(
        measured_chapters=dict(chapters), titles=titles, config=config,
        toctree_includes={"first": ["second", "third"]},
    )  # fmt: skip
    builder = SimpleNamespace(get_relative_uri=lambda _, name: f"{name}.html")
    return SimpleNamespace(env=env, builder=builder)


def test_a_chapter_says_its_time_and_ends_with_a_mark():
    made = document()
    study_aids.complete(an_app(page=measured(made)), made, "page")
    box = study_aids.box_of(made)
    assert box.astext().endswith("nothing. It takes about 5 minutes, without the exercises.")
    assert "chapter-done" in made[0].children[-1].astext()
    other = document()
    study_aids.complete(an_app(), other, "page")
    assert other.astext() == document().astext()


def test_the_table_lists_chapters_in_the_order_of_the_book():
    counted = Measured(1200, 0, 0, 2, asked=("ask-1", "ask-2"))
    app = an_app(third=counted, second=Measured(0, 0, 0, 0, asked=()))
    made = new_document("page", get_default_settings(Parser))
    made += nodes.container(classes=[study_aids.PLACE])
    study_aids.complete(app, made, "progress")
    table = BeautifulSoup(made.astext(), "html.parser")
    rows = table.select("tbody tr")
    assert [row.select_one("a")["href"] for row in rows] == ["second.html", "third.html"]
    assert [json.loads(row["data-asked"]) for row in rows] == [[], ["ask-1", "ask-2"]]
    cells = ["About third & more", "10 min", "2", ""]
    assert [cell.get_text() for cell in rows[1].find_all(recursive=False)] == cells


@pytest.mark.parametrize("page", [*chapters(), *DEEPER])
def test_a_chapter_says_what_it_needs_and_not_its_time(page):
    text = (ROOT / f"{page}.md").read_text(encoding="utf-8")
    box = re.search(r"^:::\{admonition\} In this chapter$(.*?)^:::$", text, re.M | re.S)[1]
    assert re.search(r"\byou need\b", box, re.IGNORECASE)
    assert not re.search(r"\b(minutes|hours?)\b", box)


def test_the_built_table_knows_every_chapter_and_its_questions(site):
    html = (site / "book/progress.html").read_text(encoding="utf-8")
    rows = BeautifulSoup(html, "html.parser").select(".progress-table tbody tr")
    known = {f"book/{row.select_one('a')['href'].removesuffix('.html')}": row for row in rows}
    assert list(known) == [page for page in pages() if page in {*chapters(), *DEEPER}]
    for page, row in known.items():
        built = soup_of(site / f"{page}.html")
        asked = [one["id"] for one in built.select(".question:not([data-before])")]
        assert json.loads(row["data-asked"]) == asked
        said = built.select_one(".chapter-time").get_text()
        assert f"about {row.find_all('td')[0].get_text().removesuffix(' min')} minutes" in said
        assert len(built.select(".chapter-done input[type=checkbox]")) == 1
