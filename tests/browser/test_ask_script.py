"""Questions and predictions on a page of their own: marked, kept, cleared, all by keyboard."""

import math
import re
from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect
from the_book import ROOT
from visits import ADDRESS, COLORS, opened, reading, whole

from lib import ask
from lib.ask.page import html_of
from lib.ask.parser import Unreadable, parse
from lib.ask.questions import Question
from lib.ask.tasks import html_of as html_of_task
from lib.explore import explore

pytestmark = pytest.mark.rotates(2)

STATIC = ROOT / "book" / "_static"
HINTS = ("Count from the left.", "It follows a.")


def dot(ax, *, place=0):
    """A dot at a place."""
    ax.plot([place], [0], "o")
    return f"The dot is at {place}."


def ring(ax, *, place=0):
    """A ring at a place."""
    return dot(ax, place=place).replace("dot", "ring")


ASKED: dict[str, Question] = {
    "choice": ask.choice("Which letter is second?", right="b", because="It follows a.",
                         wrong={"a": "It is first.", "c": "It is third."}, hints=HINTS),
    "choices": ask.choices("Which are even?", right={2: "Twice one.", 4: "Twice two."},
                           wrong={3: "It leaves one over.", 5: "It is odd."}, because="By two."),
    "number": ask.number("What are four halves?", right=1 / 16, relative=0.02, unit="m",
                         because="Multiply.", wrong={2.0: "You added.", 1 / 8: "One too few."}),
    "formula": ask.formula("The slope, from s?", right="s*(1 - s)", variables={"s": (0, 1)},
                           because="Both factors.", wrong={"s": "Only one.", "1 - s": "The rest."}),
}  # fmt: skip
PREDICTED = {
    "scale": ask.scale("What is left?", right=1e-12, between=(1e-15, 1), log=True, because="So."),
    "pick": ask.choice("Where will it be?", right="at 5", because="It rolls.",
                       wrong={"at 0": "It does not stay."}),
}  # fmt: skip


TASK = ask.task(
    "half", "Return half of $x$.", examples=[{"x": 4.0}], hidden=[{"x": -3.0}], hints=HINTS,
    right=lambda x: 0.5 * x, solution="def half(x):\n    return x / 2",
    mistakes={("/", "*"): "That is twice.", ("/ 2", "- 2"): "That is two less."},
)  # fmt: skip


@pytest.fixture(scope="module")
def written() -> str:
    """Write a page with a question of each kind, and two figures that wait."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VANISHING_GRADIENTS_STATIC", "1")
        figures = [
            explore(draw, place=(0, 5), predict=question, opens={"place": 5})._repr_html_()
            for draw, question in zip((dot, ring), PREDICTED.values(), strict=True)
        ]
    script, style = (
        "".join((STATIC / f"{name}.{end}").read_text("utf-8") for name in ("explorer", "ask"))
        for end in ("js", "css")
    )
    return (
        f"<!doctype html><html lang=en data-theme=light><meta charset=utf-8><title>Page</title>"
        f"<style>{COLORS}{style}</style><script>{script}</script><main><article><h1>Page</h1>"
        f"{''.join(map(html_of, ASKED.values()))}{whole(''.join(figures))}"
        f"<details class=aside><summary>Task</summary>{html_of_task(TASK)}"
        "<div class=live-output></div></details></article></main>"
    )


@pytest.fixture
def page(browser: Browser, written: str) -> Iterator[Page]:
    with reading(browser, written) as page:
        yield page


def box_of(page: Page, kind: str) -> Locator:
    return page.locator(f"#{(ASKED | PREDICTED)[kind].name}")


def give(box: Locator, answer: object) -> Locator:
    """Give an answer as a reader does, and return what is said."""
    if isinstance(answer, str):
        box.locator("input").fill(answer)
    else:
        for i, one in enumerate(box.locator("input").all()):
            one.set_checked(i in answer) if one.get_attribute("type") == "checkbox" else (
                one.check() if i in answer else None
            )
    box.get_by_role("button", name=re.compile("Check|Answer")).click()
    return box.get_by_role("status")


def test_each_wrong_choice_has_its_words_and_the_right_one_is_accepted(page: Page) -> None:
    for kind in ("choice", "choices"):
        question, box = ASKED[kind], box_of(page, kind)
        right = {i for i, o in enumerate(question.options) if o.right}
        for i, option in enumerate(question.options):
            said = give(box, {i} | (right if kind == "choices" else set()))
            if i in right:
                expect(said).to_contain_text("Right.")
                expect(said).to_contain_text(question.because)
            else:
                expect(said).to_contain_text("Not quite.")
                expect(said).to_contain_text(option.said)
    expect(give(box_of(page, "choices"), {0})).to_contain_text("One more is right.")


def test_numbers_and_formulas_are_judged_as_the_library_does(page: Page) -> None:
    given = {
        "number": ["1/16", "0.0625 m", "2^-4", "2", "0.125", "-1", "62.5", "0.07", "1/0", "x", "",
                   "1,000", "1,00", "6.25·10⁻²", "0"],
        "formula": ["s(1-s)", "s − s²", "1/4 - (s - 1/2)^2", "s", "1-s", "2s(1-s)", "s(1-s)^2",
                    "s(s-1)", "ln(s-1)", "t", "s(", "s(1-s)(1+10^-8)", "s^2.5 - s^(5/2) + s - s*s"],
    }  # fmt: skip
    for kind, texts in given.items():
        question, box = ASKED[kind], box_of(page, kind)
        for text in texts:
            said = give(box, text).inner_text()
            verdict = question.judge(text)
            word = {True: "Right.", False: "Not quite.", None: ""}[verdict.right]
            assert said.startswith(word), (text, said)
            assert ("Right." in said, "Not quite." in said) == (
                verdict.right is True, verdict.right is False), text  # fmt: skip
            if "gives" not in verdict.text and "form:" not in verdict.text:
                start = verdict.text.split("cannot be told")[0]
                assert start.strip() in said, (text, said)


def test_the_page_reads_formulas_as_the_library_does(page: Page) -> None:
    box = box_of(page, "formula")
    texts = ["-2^2+s", "2^3^2 s", "1/2s", "8/2/2-s", "2-3-4s", "e^ln(s)", "sigma(s)", "2pi s",
             "[s+3]{2}", "Sqrt(s·s)", "tanh s", "1+", "*2", "exp", "2)", "f(3)", "s.x", "'", "s==s",
             "(" * 60 + "s" + ")" * 60, "-" * 60 + "s", "s₁"]  # fmt: skip
    for text in texts:
        said = give(box, text).inner_text()
        expected = "Not quite."
        try:
            value = parse(text, ["s"]).value({"s": ASKED["formula"].points[0][0]})
        except Unreadable as error:
            expected, value = str(error), 0.0
        assert math.isfinite(value)
        assert said.startswith(expected), (text, said)


def test_hints_come_in_order_and_are_kept(page: Page) -> None:
    box = box_of(page, "choice")
    hints = box.locator(".question-hint")
    shown = lambda: [hint.is_visible() for hint in hints.all()]  # noqa: E731
    assert shown() == [True, False]
    hints.nth(0).locator("summary").press("Enter")
    expect(hints.nth(1)).to_be_visible()
    expect(hints.nth(0).locator("p")).to_have_text(HINTS[0])
    page.reload()
    assert shown() == [True, True]
    page.get_by_role("button", name="Clear my answers").click()
    assert shown() == [True, False]


def test_what_was_answered_survives_a_reload_and_can_be_cleared(page: Page) -> None:
    give(box_of(page, "number"), "2")
    give(box_of(page, "formula"), "s - s*s")
    give(box_of(page, "choices"), {0, 2})
    told = page.locator(".question-progress [role=status]")
    expect(told).to_contain_text(": 2 of 4.")
    page.reload()
    expect(box_of(page, "number").locator("input")).to_have_value("2")
    expect(box_of(page, "number").get_by_role("status")).to_contain_text("You added.")
    expect(box_of(page, "formula").get_by_role("status")).to_contain_text("Right.")
    expect(told).to_contain_text(": 2 of 4.")
    page.get_by_role("button", name="Clear my answers").click()
    for again in range(2):
        expect(told).to_contain_text(": 0 of 4.")
        expect(box_of(page, "number").locator("input")).to_have_value("")
        assert box_of(page, "choices").locator("input:checked").count() == 0
        assert all(one.inner_text() == "" for one in page.locator(".question-feedback").all())
        if not again:
            page.reload()


def test_the_keyboard_suffices(page: Page) -> None:
    page.locator("h1").evaluate("e => { e.tabIndex = -1; e.focus(); }")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    last = ASKED["choice"].options[2]
    expect(box_of(page, "choice").get_by_role("status")).to_contain_text(last.said)
    box_of(page, "number").locator("input").focus()
    page.keyboard.type("1/16")
    page.keyboard.press("Enter")
    expect(box_of(page, "number").get_by_role("status")).to_contain_text("Right.")
    box_of(page, "scale").locator("input").focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    status = box_of(page, "scale").locator(".question-feedback")
    expect(status).to_contain_text("it is 10⁻¹²: two orders of magnitude too small.")
    expect(status).to_be_focused()


def test_a_veil_opens_at_the_setting_that_answers_and_stays_open(page: Page) -> None:
    for kind, press in (("scale", "Show me"), ("pick", "Answer")):
        box = box_of(page, kind)
        waits = page.locator(".prediction", has=box)
        figure = waits.locator(".prediction-figure")
        assert figure.get_attribute("aria-hidden") == "true"
        assert figure.evaluate("e => e.inert && getComputedStyle(e.querySelector("
                               "'.explorer-picture')).filter.includes('blur')")  # fmt: skip
        if kind == "pick":
            right = next(i for i, o in enumerate(PREDICTED["pick"].options) if o.right)
            box.locator("input").nth(1 - right).check()
        box.get_by_role("button", name=press).click()
        expect(figure.locator("figcaption")).to_contain_text("is at 5.")
        assert figure.get_attribute("aria-hidden") is None
        assert not figure.evaluate("e => e.inert")
        before = figure.evaluate("e => getComputedStyle(e.querySelector('svg')).filter")
        assert before == "none"
    said = box_of(page, "pick").get_by_role("status")
    expect(said).to_contain_text("It does not stay. It is: at 5. It rolls.")
    page.reload()
    assert page.locator(".prediction-veiled").count() == 0
    expect(page.locator("figcaption").nth(0)).to_have_text("The dot is at 5.")
    expect(said).to_contain_text("It does not stay.")
    page.get_by_role("button", name="Clear my answers").click()
    assert page.locator(".prediction-veiled").count() == 2


def test_a_shared_view_is_not_veiled(page: Page) -> None:
    name = page.locator("figure.explorer").first.get_attribute("id")
    page.goto("about:blank")
    page.goto(f"{ADDRESS}#~{name}.place=3")
    assert page.locator(".prediction-veiled").count() == 1
    expect(page.locator("figcaption").first).to_have_text("The dot is at 3.")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_before_and_after(page: Page, theme: str) -> None:
    page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
    options = {"resultTypes": ["violations"], "preload": False}
    assert Axe().run(page, options=options).violations_count == 0
    give(box_of(page, "number"), "2")
    give(box_of(page, "choice"), {0})
    for kind in PREDICTED:
        box_of(page, kind).get_by_role("button", name="Show me").click()
    for fold in page.locator("details").all():
        fold.evaluate("e => { e.open = true; }")
    findings = Axe().run(page, options=options)
    assert findings.violations_count == 0, findings.generate_report()


def test_without_a_script_and_in_print_all_is_there(
    browser: Browser, page: Page, written: str
) -> None:
    silent = opened(browser, written, java_script_enabled=False)
    silent.goto(ADDRESS)
    assert silent.get_by_role("button", name="Check").count() == 0
    assert silent.locator("figcaption").first.is_visible()
    fold = silent.locator(f"#{ASKED['choice'].name} .question-answer")
    fold.locator("summary").click()
    for words in ("It follows a.", "It is first.", "It is third."):
        assert fold.get_by_text(words).first.is_visible()
    silent.context.close()
    page.emulate_media(media="print")
    assert page.get_by_text("It leaves one over.").first.is_visible()
    assert page.locator(".question-buttons:visible").count() == 0
    blurred = "e => getComputedStyle(e).filter"
    assert page.locator(".explorer-picture").first.evaluate(blurred) == "none"


def test_a_browser_that_keeps_nothing_still_marks(browser: Browser, written: str) -> None:
    page = opened(browser, written)
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new Error('no'); } });"
    )
    page.goto(ADDRESS)
    expect(give(box_of(page, "number"), "1/16")).to_contain_text("Right.")
    page.context.close()


def report(page: Page, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Put out what a cell reports about an attempt, as live code does."""
    monkeypatch.delenv("VANISHING_GRADIENTS_STATIC", raising=False)
    space: dict[str, Callable[[float], float]] = {}
    exec(code, space)  # type: ignore[arg-type]
    html = TASK.check(space["half"])._repr_mimebundle_()["text/html"]
    page.locator(".live-output").evaluate("(box, html) => { box.innerHTML = html; }", html)


def test_a_solved_task_stays_solved_until_it_is_cleared(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    fold, told = page.locator("details.aside"), page.locator(".question-progress [role=status]")
    fold.locator("> summary").press("Enter")
    state = page.locator(f"#{TASK.name} .task-state")
    for mistake in TASK.mistakes:
        report(page, monkeypatch, mistake.code)
        expect(page.locator(".live-output")).to_contain_text(mistake.said)
        expect(told).to_contain_text("Tasks solved: 0 of 1.")
        expect(state).to_have_text("")
    report(page, monkeypatch, TASK.solution)
    expect(state).to_have_text("Solved.")
    expect(told).to_contain_text("Tasks solved: 1 of 1.")
    page.reload()
    expect(told).to_contain_text("Tasks solved: 1 of 1.")
    expect(fold).to_have_class(re.compile("task-is-solved"))
    page.get_by_role("button", name="Clear my answers").click()
    expect(told).to_contain_text("Tasks solved: 0 of 1.")
    expect(fold).not_to_have_class(re.compile("task-is-solved"))


def test_hints_of_a_task_come_in_order_and_its_solution_on_request(page: Page) -> None:
    page.locator("details.aside > summary").press("Enter")
    hints = page.locator(".task-hint")
    assert [hint.is_visible() for hint in hints.all()] == [True, False]
    code = page.locator(".task-solution code")
    assert not code.is_visible()
    hints.nth(0).locator("summary").press("Enter")
    expect(hints.nth(1)).to_be_visible()
    page.locator(".task-solution summary").press("Enter")
    expect(code).to_have_text(TASK.solution)
    page.reload()
    page.locator("details.aside > summary").press("Enter")
    assert [hint.is_visible() for hint in hints.all()] == [True, True]
    assert not code.is_visible()


def test_a_task_is_complete_without_a_script_and_in_print(
    browser: Browser, page: Page, written: str
) -> None:
    silent = opened(browser, written, java_script_enabled=False)
    silent.goto(ADDRESS)
    silent.locator("details.aside > summary").click()
    for kind, words in (("hint", HINTS[1]), ("solution", "That is two less.")):
        fold = silent.locator(f".task-{kind}").last
        fold.locator("summary").click()
        assert fold.get_by_text(words).is_visible()
    silent.context.close()
    page.locator("details.aside").evaluate("e => { e.open = true; }")
    page.emulate_media(media="print")
    assert page.locator(".task-hint").last.is_visible()
    assert page.locator(".task-solution code").is_visible()
