"""What a link leads to, on a page of its own: by hover, focus and tap, and gone by Escape."""

import json
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from test_ask_script import ADDRESS, COLORS, STATIC, opened

pytestmark = pytest.mark.rotates(2)

TEXTS = {"#unit": "A part of a <em>network</em>.", "#work": "A. Author. A title. 1986."}


@pytest.fixture(scope="module")
def written() -> str:
    """Write a page with a word, a citation and a link that leads to nothing special."""
    style, script = (
        (STATIC / f"tips.{end}").read_text("utf-8").replace("</", "<\\/") for end in ("css", "js")
    )
    data = json.dumps(TEXTS).replace("</", "<\\/")
    return (
        "<!doctype html><html lang=en data-theme=light><meta charset=utf-8><title>Page</title>"
        "<meta name=viewport content='width=device-width'>"
        f"<style>{COLORS} a {{ color: #0f5fcd }} [data-theme=dark] a {{ color: #6ba3f0 }}{style}"
        f"</style><script>{script}</script><main><article><h1>Page</h1>"
        "<p>A <a class=word href='#unit'>unit</a> of <a href='#work'>Author, 1986</a> and "
        "<a href='#other'>more</a>.</p><p style='height: 200vh'>Text.</p>"
        "<p id=unit>Units.</p><p id=work>Works.</p><p id=other>Others.</p>"
        f'<script type="application/json" id="tips">{data}</script></article></main>'
    )


@pytest.fixture
def page(browser: Browser, written: str) -> Iterator[Page]:
    page = opened(browser, written, viewport={"width": 900, "height": 600})
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(ADDRESS)
    yield page
    page.context.close()
    assert problems == []


def test_a_tip_opens_by_hover_stays_under_the_pointer_and_goes_by_escape(page: Page) -> None:
    tip, word = page.get_by_role("tooltip"), page.get_by_role("link", name="unit")
    word.hover()
    expect(tip).to_have_text("A part of a network.")
    expect(word).to_have_attribute("aria-describedby", tip.get_attribute("id") or "")
    tip.hover()
    page.wait_for_timeout(400)  # longer than a tip stays without the pointer
    expect(tip).to_be_visible()
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()
    assert word.get_attribute("aria-describedby") is None
    page.get_by_role("link", name="Author").hover()
    expect(tip).to_have_text(TEXTS["#work"])
    page.mouse.move(800, 500)
    expect(tip).to_be_hidden()


def test_a_tip_opens_by_focus_and_the_link_still_leads(page: Page) -> None:
    tip = page.get_by_role("tooltip")
    for text in ("A part of a network.", TEXTS["#work"], None):
        page.keyboard.press("Tab")
        if text:
            expect(tip).to_have_text(text)
            expect(page.locator(":focus")).to_have_accessible_description(text)
        else:
            expect(tip).to_be_hidden()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    assert page.url.endswith("#work")
    expect(tip).to_be_hidden()


def test_the_first_tap_explains_and_the_second_leads(browser: Browser, written: str) -> None:
    page = opened(browser, written, viewport={"width": 390, "height": 700}, has_touch=True)
    page.goto(ADDRESS)
    tip, word = page.get_by_role("tooltip"), page.get_by_role("link", name="unit")
    word.tap()
    expect(tip).to_contain_text("A part of a network.")
    expect(tip).to_contain_text("Tap again")
    assert "#" not in page.url
    box = tip.bounding_box()
    assert box
    assert 0 <= box["x"] <= box["x"] + box["width"] <= 390
    page.locator("h1").tap()
    expect(tip).to_be_hidden()
    word.tap()
    word.tap()
    assert page.url.endswith("#unit")
    expect(tip).to_be_hidden()
    page.get_by_role("link", name="more").tap()
    assert page.url.endswith("#other")
    page.context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_tip_is_accessible_and_still_where_motion_is_unwanted(page: Page, theme: str) -> None:
    page.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
    page.emulate_media(reduced_motion="reduce")
    page.get_by_role("link", name="unit").hover()
    tip = page.get_by_role("tooltip")
    expect(tip).to_be_visible()
    assert tip.evaluate("e => getComputedStyle(e).animationName") == "none"
    findings = Axe().run(page, options={"resultTypes": ["violations"], "preload": False})
    assert findings.violations_count == 0, findings.generate_report()
