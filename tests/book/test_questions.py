"""Every question of the built book: its right answer is accepted, and every other refused."""

import json
from copy import copy
from functools import cache
from itertools import combinations
from typing import Any

import pytest
from bs4 import Tag
from sentences import long_sentences
from the_book import SITE, TOC, pages, soup_of
from the_gaps import BOOK

from lib.ask.formulas import differs
from lib.ask.options import Option
from lib.ask.parser import parse
from lib.ask.questions import Number

# Pages with questions in their text, and at least so many: five on the way, five at the end.
ASKING = {
    "book/activation-functions": 10,
    "book/sigmoid": 10,
    "book/hyperbolic-tangent": 10,
    "book/relu": 10,
    "book/leaky-relu": 10,
    "book/prelu": 10,
    "book/rrelu": 10,
    "book/elu": 10,
    "book/rnn-lstm": 10,
}
# A page of experiments: all of its questions are predictions.
WITHOUT = {"book/laboratory"}
DEEPER = [file["file"] for file in TOC["parts"][1]["chapters"] if file["file"] not in WITHOUT]


@cache
def questions(page: str) -> list[Tag]:
    path = SITE / f"{page}.html"
    return list(soup_of(path).select(".question")) if path.is_file() else []


def data_of(question: Tag) -> dict[str, Any]:
    return json.loads(question.select_one("script").get_text())


def words(parts: list[Tag]) -> list[str]:
    """Texts of elements, each formula one word."""
    found = []
    for part in parts:
        copied = copy(part)
        for formula in copied.select(".math"):
            formula.replace_with("X")
        found.append(" ".join(copied.get_text().split()))
    return found


def check_choice(question: Tag, data: dict[str, Any]) -> None:
    labels = [label.decode_contents() for label in question.select(".question-option label")]
    told = question.select("[data-option]")
    assert len(labels) == len(set(labels)) == len(told)
    assert [int(one["data-option"]) for one in told] == list(range(len(labels)))
    right = {int(one["data-option"]) for one in told if "question-right" in one.get("class", [])}
    assert right == set(data["right"])
    assert 0 < len(right) < len(labels)
    assert len(right) == 1 or data["kind"] == "choices"
    texts = [label.get_text() for label in question.select(".question-option label")]
    answer = question.select_one(".question-answer strong").get_text()
    assert {texts[i] for i in right} == set(answer.split("; "))


def check_number(question: Tag, data: dict[str, Any]) -> None:
    asked = Number(
        prompt="?", answer="", because="So.", right=data["right"], relative=data["relative"],
        absolute=data["absolute"], unit=data["unit"],
        options=tuple(Option("", f"mistake {i}", value=v) for i, v in enumerate(data["wrong"])),
    )  # fmt: skip
    shown = question.select_one(".question-answer strong").get_text()
    assert asked.judge(repr(data["right"])).right is True
    assert asked.judge(shown).right is True, f"the answer as it is shown, {shown}, is refused"
    for i, wrong in enumerate(data["wrong"]):
        verdict = asked.judge(repr(wrong))
        assert (verdict.right, verdict.text) == (False, f"mistake {i}")


def check_formula(question: Tag, data: dict[str, Any]) -> None:
    assert len(data["points"]) >= 10
    for one, other in combinations([data["right"], *data["wrong"]], 2):
        assert max(map(differs, one, other)) > 1e-3


def check_gap(question: Tag, data: dict[str, Any]) -> None:
    check_formula(question, data)
    assert len(data["points"]) >= 24
    assert len(question.select(".derivation .derivation-blank")) == 1
    filled = question.select_one(".derivation .derivation-filled").get_text()
    answer = question.select_one(".question-answer strong").get_text().strip("\\() ")
    assert answer in filled, "the answer is not the line of the proof"
    typed = parse(question.select_one(".question-answer code").get_text(), data["names"])
    places = [dict(zip(data["names"], point, strict=True)) for point in data["points"]]
    values = [typed.value(place) for place in places]
    assert max(map(differs, values, data["right"])) <= data["equal"]
    seen = {parse(text, data["names"]).shape() for text in data["standing"]}
    assert typed.shape() not in seen


def check_scale(question: Tag, data: dict[str, Any]) -> None:
    assert len(data["shown"]) == len(data["said"]) == len(data["near"])
    assert 1 <= sum(data["near"]) <= 2
    for text, said, near in zip(data["shown"], data["said"], data["near"], strict=True):
        assert said.startswith(f"You said {text}; it is ")
        assert ("as near as" in said) == near


CHECKS = {"choice": check_choice, "choices": check_choice, "number": check_number,
          "formula": check_formula, "gap": check_gap, "scale": check_scale}  # fmt: skip


@pytest.mark.parametrize("page", pages())
def test_right_answers_are_accepted_and_all_others_refused(page: str, site: object) -> None:
    names = []
    for question in questions(page):
        names.append(question["id"])
        data = data_of(question)
        CHECKS[data["kind"]](question, data)
        assert all(words(question.select(".question-said, .question-because")))
        wrong = question.select("li:not(.question-right) .question-said")
        told = [said.decode_contents() for said in wrong]
        assert len(set(told)) == len(told), "two wrong answers are told the same"
    assert len(names) == len(set(names)), "a question is asked twice"


@pytest.mark.parametrize("page", pages())
def test_what_is_asked_and_said_is_in_short_sentences(page: str, site: object) -> None:
    parts = ("legend", ".question-said", ".question-because", ".question-hint p", "label")
    texts = [words(question.select(", ".join(parts))) for question in questions(page)]
    assert [part for some in texts for text in some for part in long_sentences(text)] == []


@pytest.mark.parametrize(("page", "least"), ASKING.items())
def test_a_page_asks_on_the_way_and_at_the_end(page: str, least: int, site: object) -> None:
    asked = [one for one in questions(page) if not one.has_attr("data-before")]
    assert len(asked) >= least
    ends = ["Check yourself" in one.find_previous("h2").get_text() for one in asked]
    assert sum(ends) == 5


@pytest.mark.parametrize("page", DEEPER)
def test_a_page_that_goes_deeper_asks_at_its_end(page: str, site: object) -> None:
    asked = [one for one in questions(page) if not one.has_attr("data-before")]
    ends = ["Check yourself" in one.find_previous("h2").get_text() for one in asked]
    assert sum(ends) >= 3


@pytest.mark.parametrize("page", ASKING)
def test_a_chapter_has_two_gaps_and_the_tests_know_lines_for_each(page: str, site: object) -> None:
    kinds = [data_of(question)["kind"] for question in questions(page)]
    assert kinds.count("gap") == len(BOOK[page.removeprefix("book/")]) >= 2


@pytest.mark.parametrize("page", pages())
def test_a_prediction_stands_before_its_figure(page: str, site: object) -> None:
    for question in questions(page):
        if not question.has_attr("data-before"):
            continue
        figure = question.find_parent(class_="prediction").select_one("figure.explorer")
        assert figure["id"] == question["data-before"]
        controls = figure.select_one("script")
        known = json.loads(controls.get_text())["controls"] if controls else []
        counts = {control["name"]: len(control["keys"]) for control in known}
        opens = json.loads(question.find_parent(class_="prediction")["data-opens"])
        assert all(0 <= place < counts[name] for name, place in opens.items())
