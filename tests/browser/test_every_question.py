"""Every question and prediction of the book, answered on its page by all answers that it knows."""

import json
from typing import Any

import pytest
from playwright.sync_api import Browser
from the_book import SITE, pages
from visits import Visit

ANSWER = """([id, given]) => {
    const box = document.getElementById(id);
    const form = box.querySelector("form");
    const inputs = [...form.querySelectorAll("input")];
    if (Array.isArray(given)) {
        for (const [i, input] of inputs.entries()) input.checked = given.includes(i);
    } else inputs[0].value = given;
    form.dispatchEvent(new Event("input", { bubbles: true }));
    form.requestSubmit();
    const waits = box.closest(".prediction");
    return {
        said: box.querySelector(".question-feedback").textContent,
        veiled: Boolean(waits && waits.classList.contains("prediction-veiled")),
    };
}"""
CLEAR = """() => [...document.querySelectorAll(".question-progress button")]
    .find((button) => button.textContent === "Clear my answers").click()"""
QUESTIONS = """() => [...document.querySelectorAll(".question")].map((box) => ({
    id: box.id,
    data: JSON.parse(box.querySelector("script").textContent),
    predicts: Boolean(box.closest(".prediction")),
    told: Object.fromEntries([...box.querySelectorAll("[data-option]")]
        .map((one) => [one.dataset.option, one.lastElementChild.textContent.trim()])),
    code: box.querySelector(".question-answer code")?.textContent ?? "",
}))"""


def answers(asked: dict[str, Any]) -> list[tuple[Any, bool | None, str]]:
    """Return what a reader may give, whether it is right, and what must be said to it."""
    data, told = asked["data"], asked["told"]
    kind = data["kind"]
    if kind == "choice":
        return [([int(i)], int(i) in data["right"], words) for i, words in told.items()]
    if kind == "choices":
        wrong = [int(i) for i in told if int(i) not in data["right"]]
        return [(data["right"], True, "")] + [([i], False, told[str(i)]) for i in wrong]
    if kind == "number":
        known = [(repr(v), False, told[str(i)]) for i, v in enumerate(data["wrong"])]
        return [(repr(data["right"]), True, ""), *known]
    if kind == "scale":
        places = range(len(data["said"]))
        return [(str(i), None, data["said"][i]) for i in (places[0], places[-1])]
    return [(asked["code"], True, "")] if asked["code"] else []


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    "page", [p for p in pages() if 'class="question' in (SITE / f"{p}.html").read_text("utf-8")]
    if SITE.is_dir() else [],
)  # fmt: skip
def test_each_answer_gets_what_belongs_to_it(page: str, browser: Browser, address: str) -> None:
    visit = Visit(browser, address)
    shown = visit.open(page)
    questions = shown.evaluate(QUESTIONS)
    assert questions
    for asked in questions:
        for given, right, words in answers(asked):
            found = shown.evaluate(ANSWER, [asked["id"], given])
            where = json.dumps([asked["id"], given, found["said"]])
            assert words.rstrip(".") in found["said"], where
            if right is not None:
                refused = "It is: " if asked["predicts"] else "Not quite."
                assert (refused in found["said"]) != right, where
            assert not found["veiled"], where
            shown.evaluate(CLEAR)
    assert visit.problems == []
    visit.context.close()
