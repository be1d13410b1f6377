"""One switch shows or folds all code of a page, and is remembered."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from the_book import ROOT

pytestmark = pytest.mark.rotates(2)

CELLS = """
<article><h1>Title</h1>
<div class="cell container"><div class="cell_output">result</div>
<details class="admonition hide above-input">
<summary><p class="collapsed">Show the code</p><p class="expanded">Hide the code</p></summary>
<div class="cell_input">folded code</div></details></div>
<div class="cell container"><div class="cell_input">code of the text</div></div>
<div class="cell tag_hide-cell container"><details class="admonition hide above-input">
<summary><p>Solution 1</p></summary>
<div class="cell_input">a solution</div><div class="cell_output">its result</div></details></div>
</article>"""


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context()
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """Open a page with folded code, code of the text, and a solution."""
    static = ROOT / "book/_static"
    script = (static / "folded-code.js").read_text(encoding="utf-8")
    style = (static / "folded-code.css").read_text(encoding="utf-8")
    html = (
        f"<!doctype html><meta charset=utf-8><style>{style}</style><script>{script}</script>{CELLS}"
    )
    problems: list[str] = []
    page = context.new_page()
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.route("**/page.html", lambda route: route.fulfill(body=html, content_type="text/html"))
    page.goto("http://localhost/page.html")
    yield page
    assert problems == []


def shown(page: Page) -> list[bool]:
    return [cell.is_visible() for cell in page.locator(".cell_input").all()]


AS_WRITTEN, ALL, NONE = [False, True, False], [True, True, False], [False, False, False]


def test_the_page_starts_as_it_was_written(page: Page) -> None:
    assert shown(page) == AS_WRITTEN
    assert page.get_by_role("button", pressed=True).count() == 0


def test_all_code_is_shown_or_folded_and_solutions_stay_closed(page: Page) -> None:
    for name, state in (("shown", ALL), ("folded", NONE)):
        button = page.get_by_role("button", name=name)
        button.focus()
        page.keyboard.press("Enter")
        assert shown(page) == state
        expect(button).to_have_attribute("aria-pressed", "true")
        page.reload()
        assert shown(page) == state, "the choice is remembered"
    page.get_by_role("button", name="folded").press("Space")
    assert shown(page) == AS_WRITTEN, "a second press takes the choice back"
    page.reload()
    assert shown(page) == AS_WRITTEN


def test_folded_code_opens_by_itself_after_all(page: Page) -> None:
    page.get_by_role("button", name="folded").click()
    page.get_by_text("Show the code").click()
    assert shown(page) == [True, False, False]


def test_the_switch_works_without_storage(page: Page) -> None:
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw Error(); }})"
    )
    page.reload()
    page.get_by_role("button", name="shown").click()
    assert shown(page) == ALL


def test_on_paper_no_label_asks_for_a_click(page: Page) -> None:
    page.emulate_media(media="print")
    assert shown(page) == AS_WRITTEN
    for label in ("Show the code", "Solution 1", "Code:"):
        assert page.get_by_text(label).is_hidden()
    page.evaluate("document.querySelector('details').open = true")
    assert shown(page) == ALL
    assert page.get_by_text("Hide the code").is_hidden()


def test_without_a_script_there_is_no_switch(browser: Browser, tmp_path: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    script = (ROOT / "book/_static/folded-code.js").read_text(encoding="utf-8")
    page.set_content(f"<script>{script}</script>{CELLS}")
    assert page.locator(".code-switch").count() == 0
    context.close()
