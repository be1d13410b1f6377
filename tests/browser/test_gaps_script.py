"""Proofs with a gap on a page of their own: the script judges each line as Python does."""

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from gaps import gaps_of
from playwright.sync_api import Browser, Page, expect
from the_book import ROOT
from the_gaps import BOOK
from visits import ADDRESS, COLORS, opened, reading

from lib.ask.gaps import Gap
from lib.ask.page import html_of
from lib.ask.parser import Unreadable, parse

pytestmark = pytest.mark.rotates(2)

# In the place of what sets what is typed: a mark shows that it was asked to.
SETTER = "window.mathematics = { set: async (e, tex) => { e.dataset.set = tex; } };"
# Types lines into a gap, and returns for each what is said, and how it is displayed.
TYPE = """async ([name, lines]) => {
    const box = document.getElementById(name);
    const [form, input] = [box.querySelector("form"), box.querySelector("input")];
    const said = [];
    for (const line of lines) {
        input.value = line;
        input.dispatchEvent(new Event("input", { bubbles: true }));
        form.requestSubmit();
        await new Promise((done) => setTimeout(done));
        said.push([box.querySelector(".question-feedback").textContent,
                   box.querySelector(".question-typed").dataset.latex ?? ""]);
    }
    return said;
}"""


@pytest.fixture(scope="module")
def gaps() -> dict[str, list[Gap]]:
    return {page: gaps_of(f"book/{page}") for page in BOOK}


@pytest.fixture(scope="module")
def written(gaps: dict[str, list[Gap]]) -> str:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VANISHING_GRADIENTS_STATIC", "1")
        shown = "".join(html_of(gap) for some in gaps.values() for gap in some)
    static = ROOT / "book/_static"
    script = "".join((static / f"{n}.js").read_text("utf-8") for n in ("ask", "derivation"))
    style = (static / "ask.css").read_text("utf-8")
    style += (ROOT / "lib/symbolic/static/derivation.css").read_text("utf-8")
    return (
        "<!doctype html><html lang=en data-theme=light><meta charset=utf-8><title>Gaps</title>"
        f"<style>{COLORS}{style}</style><script>{SETTER}{script}</script>"
        f"<main><article><h1>Gaps</h1>{shown}</article></main>"
    )


@pytest.fixture
def page(browser: Browser, written: str) -> Iterator[Page]:
    with reading(browser, written) as page:
        yield page


def test_every_line_is_judged_and_displayed_as_python_does(
    page: Page, gaps: dict[str, list[Gap]]
) -> None:
    for name, some in gaps.items():
        for gap, (right, wrong) in zip(some, BOOK[name], strict=True):
            names = [known for known, _ in gap.meant]
            unjudged = [*gap.standing, "", "(", "unknown", "if(1, 2, 3)", "max(2)", "<"]
            lines = [gap.typed, *right, *wrong, *unjudged]
            for line, (said, latex) in zip(lines, page.evaluate(TYPE, [gap.name, lines]),
                                           strict=True):  # fmt: skip
                expected = True if line in [gap.typed, *right] else False if line in wrong else None
                given = (
                    True if said.startswith("Right.")
                    else False if said.startswith("Not quite.") else None
                )  # fmt: skip
                assert given is expected, (name, gap.typed, line, said)
                if expected is not True:
                    text = gap.judge(line).text
                    assert text[:12] in said.replace("\\(", "$").replace("\\)", "$"), (line, said)
                else:
                    assert f"at all {len(gap.points)} points" in said
                    assert "no proof" in said
                try:
                    shown = parse(line, names).latex(gap.displayed)
                except Unreadable:
                    shown = ""
                assert latex == shown, (line, latex)


def test_a_gap_is_filled_kept_and_cleared(page: Page, gaps: dict[str, list[Gap]]) -> None:
    gap, other = gaps["sigmoid"][0], gaps["relu"][0]
    box, second = page.locator(f"#{gap.name}"), page.locator(f"#{other.name}")
    filled = "e => getComputedStyle(e.querySelector('.derivation-filled')).visibility"
    assert box.evaluate(filled) == "hidden"
    box.locator("input").focus()
    page.keyboard.type("(D-1)/D^2")
    expect(box.locator(".question-typed")).to_be_visible()
    page.keyboard.press("Enter")
    expect(box.get_by_role("status")).to_contain_text("Right.")
    assert box.evaluate(filled) == "visible"
    expect(box.get_by_role("img", name="missing")).to_be_hidden()
    second.get_by_text("Show the line").press("Enter")
    expect(second.locator(".question-answer code")).to_have_text(other.typed)
    second.locator(".derivation-is-filled").wait_for()
    page.reload()
    expect(box.locator("input")).to_have_value("(D-1)/D^2")
    expect(box.get_by_role("status")).to_contain_text("Right.")
    assert box.evaluate(filled) == "visible"
    page.get_by_role("button", name="Clear my answers").click()
    assert box.evaluate(filled) == "hidden"
    expect(box.locator("input")).to_have_value("")
    expect(box.get_by_role("img", name="missing")).to_be_visible()
    page.reload()
    expect(box.get_by_role("status")).to_have_text("")


def test_each_mistake_has_its_words(page: Page, gaps: dict[str, list[Gap]]) -> None:
    for some in gaps.values():
        for gap in some:
            texts = [re.sub(r"^\$|\$$", "", option.shown) for option in gap.options]
            assert len(set(texts)) == len(texts)
            listed = page.locator(f"#{gap.name} [data-option]")
            assert listed.count() == len(gap.options) >= 3


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_before_and_after(
    page: Page, gaps: dict[str, list[Gap]], theme: str
) -> None:
    page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
    page.evaluate(TYPE, [gaps["elu"][0].name, ["phi + alpha"]])
    page.evaluate(TYPE, [gaps["relu"][0].name, ["h^2/2"]])
    page.locator(f"#{gaps['prelu'][0].name} .question-answer").evaluate("e => { e.open = true; }")
    options = {"resultTypes": ["violations"], "preload": False}
    findings = Axe().run(page, options=options)
    assert findings.violations_count == 0, findings.generate_report()


def test_without_a_script_and_in_print_gap_and_line_are_there(
    browser: Browser, page: Page, written: str, gaps: dict[str, list[Gap]]
) -> None:
    gap = gaps["sigmoid"][0]
    silent = opened(browser, written, java_script_enabled=False)
    silent.goto(ADDRESS)
    box = silent.locator(f"#{gap.name}")
    assert box.get_by_role("img", name="missing").is_visible()
    assert box.get_by_role("button", name="Check").count() == 0
    box.get_by_text("Show the line").click()
    assert box.get_by_text(gap.typed).is_visible()
    silent.context.close()
    page.emulate_media(media="print")
    box = page.locator(f"#{gap.name}")
    assert box.get_by_role("img", name="missing").is_visible()
    assert box.get_by_text(gap.typed).is_visible()
    assert box.get_by_role("button", name="Check").is_hidden()
