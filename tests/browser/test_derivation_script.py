"""Derivations on a page of their own: walked line by line, and never hidden for long."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import sympy as sp
from playwright.sync_api import Browser, Locator, Page, expect
from the_book import ROOT

from lib.symbolic import Derivation

pytestmark = pytest.mark.rotates(2)

x = sp.Symbol("x", real=True)


def slope_of_sigmoid() -> Derivation:
    slope = Derivation.of("Derivative(1/(1 + exp(-x)), x)", names=[x])
    slope.let("D", "1 + exp(-x)", "the denominator")
    slope.equals("-1/D**2*Derivative(D, x)", "the chain rule")
    slope.equals("(D - 1)/D**2", "differentiate")
    return slope


@pytest.fixture
def page(browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Page]:
    """Open a page with a derivation of three rows, and one of a single line."""
    monkeypatch.setenv("VANISHING_GRADIENTS_STATIC", "1")
    short = Derivation.of("2*x", names=[x]).equals("x + x", "add")
    script = (ROOT / "book/_static/derivation.js").read_text(encoding="utf-8")
    style = (ROOT / "lib/symbolic/static/derivation.css").read_text(encoding="utf-8")
    file = tmp_path / "page.html"
    file.write_text(
        f"<!doctype html><meta charset=utf-8><style>{style}</style><script>{script}</script>"
        f"<article>{slope_of_sigmoid()._repr_html_()}{short._repr_html_()}</article>",
        encoding="utf-8",
    )
    page = browser.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(file.as_uri())
    yield page
    page.close()
    assert problems == []


def set_formulas(page: Page) -> None:
    """Put something short and unbreakable for the formulas, whose text is longer than they are."""
    page.evaluate(
        """() => document.querySelectorAll('.derivation-left, .derivation-right').forEach(
            side => { if (side.textContent) side.textContent = 'formula'; })"""
    )


def parts(page: Page) -> list[Locator]:
    """Definition, right side, and reason and right side of the last line, as they come."""
    rows = page.locator(".derivation").first
    right, reason = (
        rows.locator(".derivation-right"),
        rows.locator(".derivation-step .derivation-reason"),
    )
    return [
        rows.locator(".derivation-let"),
        reason.nth(0),
        right.nth(0),
        reason.nth(1),
        right.nth(1),
    ]


def visible(page: Page) -> int:
    """How many parts are visible; those that are come before those that are not."""
    seen = [part.is_visible() for part in parts(page)]
    assert seen == sorted(seen, reverse=True)
    return sum(seen)


def test_all_is_open_until_the_reader_walks_and_after_it(page: Page) -> None:
    assert visible(page) == 5
    page.get_by_role("button", name="Step through").press("Enter")
    assert visible(page) == 0
    following = page.get_by_role("button", name="Next")
    for count in (1, 2, 3, 4):
        following.press("Space")
        assert visible(page) == count, "the reason first, then the mathematics"
    expect(page.get_by_role("status").first).to_have_text("4 of 5")
    following.click()
    assert visible(page) == 5
    expect(page.get_by_role("button", name="Step through")).to_be_focused()


def test_arrows_go_to_and_fro(page: Page) -> None:
    walk = page.locator(".derivation-controls button").first
    walk.click()
    for key, count in (("ArrowRight", 1), ("ArrowDown", 2), ("ArrowLeft", 1), ("ArrowUp", 0)):
        walk.press(key)
        assert visible(page) == count


def test_show_all_restores(page: Page) -> None:
    page.get_by_role("button", name="Step through").click()
    page.get_by_role("button", name="Show all").click()
    assert visible(page) == 5
    assert page.get_by_role("button", name="Show all").count() == 0
    expect(page.get_by_role("button", name="Step through")).to_be_focused()


def test_the_button_is_below_the_next_line_and_nothing_moves_sideways(page: Page) -> None:
    page.evaluate("document.querySelector('article').style.width = '700px'")
    set_formulas(page)
    walk = page.locator(".derivation-controls button").first
    sides = [page.locator(f".derivation-{side}").first for side in ("left", "right")]
    end, places = walk.bounding_box()["y"], [side.bounding_box()["x"] for side in sides]
    walk.click()
    heights = []
    for _ in parts(page):
        heights.append(walk.bounding_box()["y"])
        assert [side.bounding_box()["x"] for side in sides] == pytest.approx(places, abs=1)
        walk.click()
    assert heights == sorted(heights)
    assert heights[0] < heights[-1] <= end
    assert walk.bounding_box()["y"] == end


def test_what_waits_is_printed(page: Page) -> None:
    page.get_by_role("button", name="Step through").click()
    page.emulate_media(media="print")
    assert visible(page) == 5
    assert page.locator(".derivation-controls").first.is_hidden()


def test_where_the_walk_starts_is_visible_and_one_line_is_no_walk(page: Page) -> None:
    page.get_by_role("button", name="Step through").click()
    assert page.locator(".derivation-left").first.is_visible()
    assert page.locator(".derivation").nth(1).locator("button").count() == 0


def test_a_finger_has_room(browser: Browser, page: Page) -> None:
    phone = browser.new_page(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    phone.goto(page.url)
    box = phone.locator(".derivation-controls button").first.bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) >= 44
    phone.close()


@pytest.mark.parametrize(("em", "off", "columns"), [(0, -8, 1), (0, 8, 2), (1, -8, 2), (1, 8, 3)])
def test_the_column_decides_what_stands_beside_what(
    page: Page, em: int, off: int, columns: int
) -> None:
    classes = page.locator(".derivation-rows").first.get_attribute("class") or ""
    width = 16 * int(re.findall(r"-(\d+)", classes)[em]) + off
    page.evaluate(f"document.querySelector('article').style.width = '{width}px'")
    set_formulas(page)
    step = page.locator(".derivation-step").first
    lefts = {
        round(step.locator(f".derivation-{part}").bounding_box()["x"])  # type: ignore[index]
        for part in ("left", "right", "reason")
    }
    assert len(lefts) == columns


def test_without_a_script_no_side_collapses(browser: Browser, page: Page) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    silent = context.new_page()
    silent.goto(page.url)
    for side in silent.locator(".derivation-right").all():
        box = side.bounding_box()
        assert box is not None
        assert box["width"] > 100
    assert silent.locator(".derivation-controls").count() == 0
    context.close()
