"""A chapter is done, answers are counted, and a block stands alone: on pages of their own."""

import json
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from study_aids import DONE
from test_ask_script import ADDRESS, ASKED, COLORS, STATIC, give, ring
from visits import whole

from lib.ask import choice
from lib.ask.page import html_of
from lib.explore import explore

pytestmark = pytest.mark.rotates(2)

PROGRESS = ADDRESS.replace("page", "progress")
FRAME = ADDRESS.replace("page", "frame")
NUMBER = ASKED["number"]
WAITS = choice("Where?", right="at 5", because="It rolls.", wrong={"at 0": "No."})
LINK = (
    "<style>main a { color: #0f5fcd } [data-theme=dark] main a { color: #6ba3f0 } * "
    "{ box-sizing: border-box }</style>"
)


@pytest.fixture(scope="module")
def written() -> dict[str, str]:
    """Write a chapter with a question, a figure that waits and a fold; and the page of progress."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VANISHING_GRADIENTS_STATIC", "1")
        figure = explore(ring, place=(0, 5), predict=WAITS, opens={"place": 5})._repr_html_()
    head = ""
    for name in ("explorer", "ask", "study-aids"):
        head += f"<style>{(STATIC / f'{name}.css').read_text('utf-8')}</style>"
    for name in ("only", "explorer", "ask"):
        head += f"<script>{(STATIC / f'{name}.js').read_text('utf-8')}</script>"
    start = (
        "<!doctype html><html lang=en data-theme=light><meta charset=utf-8><title>Page</title>"
        f"<meta name=viewport content='width=device-width'><style>{COLORS}</style>{LINK}{head}"
        "<header><p>Header</p></header><main><article><section><h1>Page</h1>"
    )
    asked = json.dumps([NUMBER.name, ASKED["choice"].name])
    cells = f'<th scope="row"><a href="{ADDRESS}">Page</a></th><td>5 min</td><td>2</td><td></td>'
    return {
        ADDRESS: f"{start}{html_of(NUMBER)}<details><summary>More</summary>"
        f"{html_of(ASKED['choice'])}</details>{whole(figure)}{DONE}</section></article></main>",
        PROGRESS: f'{start}<div class="progress-table"><table><thead><tr><th>Chapter</th><th>Time'
        f"</th><th>Questions</th><th>Done</th></tr></thead><tbody><tr data-asked='{asked}'>{cells}"
        '</tr></tbody></table><p class="progress-sum" role="status"></p></div></section>'
        "</article></main>",
        FRAME: "<!doctype html><title>Frame</title><script>window.told = [];"
        "addEventListener('message', event => told.push(event.data))</script>"
        f"<iframe width=390 src='{ADDRESS}?only={NUMBER.name}'></iframe>",
    }


@pytest.fixture
def page(browser: Browser, written: dict[str, str]) -> Iterator[Page]:
    page = browser.new_context(viewport={"width": 390, "height": 800}).new_page()
    page.context.route("**/*", lambda route: route.fulfill(
        body=written[route.request.url.partition("?")[0]], content_type="text/html"
    ))  # fmt: skip
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    yield page
    page.context.close()
    assert problems == []


def test_what_is_done_is_kept_counted_and_cleared(page: Page) -> None:
    page.goto(ADDRESS)
    done = page.get_by_label("I am done with this chapter")
    expect(done).not_to_be_checked()
    done.check()
    give(page.locator(f"#{NUMBER.name}"), "1/16")
    page.reload()
    expect(done).to_be_checked()
    page.goto(PROGRESS)
    row, total = page.locator("tbody tr"), page.locator(".progress-sum")
    expect(row).to_contain_text("1 of 2 right")
    expect(row).to_contain_text("✓ done")
    expect(total).to_have_text("Done: 1 of 1 chapters. Answered right: 1 of 2 questions.")
    page.goto(ADDRESS)
    page.get_by_role("button", name="Clear my answers").click()
    expect(done).not_to_be_checked()
    page.reload()
    expect(done).not_to_be_checked()
    done.check()
    page.goto(PROGRESS)
    expect(total).to_contain_text("Done: 1 of 1")
    page.get_by_role("button", name="Clear everything").click()
    expect(total).to_contain_text("Done: 0 of 1")
    assert page.evaluate("localStorage.length") == 0


def visible(page: Page) -> set[str]:
    parts = page.locator("header, h1, .question, figure, .chapter-done")
    return set(
        parts.evaluate_all(
            "all => all.filter(e => e.checkVisibility()).map(e => e.id || e.className || e.tagName)"
        )
    )


def test_a_block_stands_alone_by_its_own_address(page: Page) -> None:
    page.goto(ADDRESS)
    assert {"HEADER", "H1", NUMBER.name} <= visible(page)
    links = page.locator(".only-link").evaluate_all("all => all.map(one => one.href)")
    assert len(links) == 4
    assert f"{ADDRESS}?only={NUMBER.name}" in links
    (figure,) = (link.partition("=")[2] for link in links if "=ask-" not in link)
    for name, shown in (
        (NUMBER.name, {NUMBER.name}),
        (ASKED["choice"].name, {ASKED["choice"].name}),
        (figure, {figure}),
        (WAITS.name, {WAITS.name, figure}),
    ):
        page.goto(f"{ADDRESS}?only={name}")
        seen = {one for one in visible(page) if one.startswith("ask-") or one == figure}
        assert seen == shown
        assert visible(page) & {"HEADER", "H1", "chapter-done"} == set()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert page.locator(".only-link").count() == 0
        veiled = page.locator(".prediction-veiled .explorer:visible").count() == 1
        assert veiled == (name == WAITS.name)
        if name == NUMBER.name:
            expect(give(page.locator(f"#{name}"), "1/16")).to_contain_text("Right.")
    page.goto(f"{ADDRESS}?only=nothing")
    assert {"HEADER", "H1", NUMBER.name} <= visible(page)


def test_a_block_takes_the_theme_that_its_address_names(page: Page) -> None:
    page.goto(f"{ADDRESS}?only={NUMBER.name}&theme=dark")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.goto(f"{ADDRESS}?only={NUMBER.name}&theme=other")
    assert page.evaluate("document.documentElement.dataset.theme") == "light"


def test_in_a_frame_a_block_tells_its_height(page: Page) -> None:
    page.goto(FRAME)
    page.wait_for_function("told.length > 0")
    told = page.evaluate("told.at(-1)")
    assert (told["type"], told["only"]) == ("vanishing-gradients", NUMBER.name)
    height = page.frames[1].evaluate("document.documentElement.scrollHeight")
    assert 60 < told["height"] <= max(height, 150)
    page.frames[1].locator("summary").first.click()
    page.wait_for_function("before => told.at(-1).height > before", arg=told["height"])


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("address", [ADDRESS, PROGRESS, f"{ADDRESS}?only={NUMBER.name}"])
def test_all_of_it_is_accessible(page: Page, address: str, theme: str) -> None:
    page.goto(address)
    page.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
    options = {"resultTypes": ["violations"], "preload": False}
    findings = Axe().run(page, context="article", options=options)
    assert findings.violations_count == 0, findings.generate_report()
