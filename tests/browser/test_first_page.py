"""The first page: what is seen without scrolling, and an error signal that moves when asked."""

import pytest
from playwright.sync_api import Browser, Page
from visits import Visit, waiting

FIRST = "book/index"
DOORS = ["book/activation-functions", "book/not-training", "book/teaching"]
MOVES = """() => document.querySelector('#depth-error-signal .explorer-picture')
    .getAnimations({ subtree: true }).length"""
SHIFTS = """() => new Promise((done) => {
    let sum = 0;
    new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) sum += entry.value;
    }).observe({ type: 'layout-shift', buffered: true });
    setTimeout(() => done(sum), 100);
})"""


@pytest.mark.parametrize("size", [(1280, 900), (390, 844)])
def test_title_sentence_doors_and_number_are_seen_without_scrolling(
    size: tuple[int, int], browser: Browser, address: str
) -> None:
    visit = Visit(browser, address, viewport={"width": size[0], "height": size[1]})
    page = visit.open(FIRST)
    number = page.locator("#depth-error-signal svg text", has_text="of the error signal")
    doors = page.locator("article h1 + p + ul a")
    assert [one.get_attribute("href").removesuffix(".html") for one in doors.all()] == [
        name.removeprefix("book/") for name in DOORS
    ]
    for one in (page.locator("article h1"), page.locator("article h1 + p"), *doors.all(), number):
        box = one.bounding_box()
        assert box
        assert box["y"] > 0
        assert box["y"] + box["height"] < size[1]
        assert box["x"] + box["width"] <= size[0]
    assert page.evaluate(SHIFTS) < 0.05
    assert visit.problems == []
    visit.context.close()


def open_with(browser: Browser, address: str, motion: str) -> tuple[Visit, Page]:
    visit = Visit(browser, address, reduced_motion=motion)
    return visit, visit.open(FIRST)


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_the_signal_moves_when_asked_and_leaves_the_picture_as_it_was(
    motion: str, browser: Browser, address: str
) -> None:
    visit, page = open_with(browser, address, motion)
    assert page.evaluate(MOVES) == 0
    picture = page.locator("#depth-error-signal .explorer-picture")
    before = picture.inner_html()
    send = page.get_by_role("button", name="Send an error back")
    send.focus()
    page.keyboard.press("Enter")
    assert page.evaluate(MOVES) > 1
    assert picture.inner_html() == before
    waiting(page, f"({MOVES})() === 0")
    page.locator("#depth-error-signal select").select_option(label="ReLU")
    assert (page.evaluate(MOVES) > 1) == (motion == "no-preference")
    assert "Each ReLU layer" in page.locator("#depth-error-signal figcaption").inner_text()
    assert visit.problems == []
    visit.context.close()


def test_without_javascript_the_picture_stands_still_and_whole(
    browser: Browser, address: str
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/{FIRST}.html")
    assert page.locator("#depth-error-signal svg text").count() > 5
    assert page.locator("#depth-error-signal figcaption").is_visible()
    assert not page.locator("#depth-error-signal form").is_visible()
    context.close()


@pytest.mark.parametrize("scripts", [True, False])
def test_paper_has_the_picture_without_controls(
    scripts: bool, browser: Browser, address: str
) -> None:
    context = browser.new_context(java_script_enabled=scripts)
    page = context.new_page()
    page.goto(f"{address}/{FIRST}.html")
    page.emulate_media(media="print")
    assert page.locator("#depth-error-signal svg").is_visible()
    assert page.locator("#depth-error-signal form").bounding_box() is None
    context.close()
