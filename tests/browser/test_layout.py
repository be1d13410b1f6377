"""Explorers on a page of their own, at many widths: rows, columns, inks, and room for captions."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from the_book import ROOT
from visits import whole

from lib.explore import explore
from lib.figures.style import COLORS, DARK_COLORS, panels

pytestmark = pytest.mark.rotates(2)

STATIC = ROOT / "book" / "_static"
WORDS = "one or two words more than the frame before, "


def draw(axes, *, length=1, kind="a"):
    """Lines and a band."""
    for ax in axes if isinstance(axes, tuple) else (axes,):
        ax.plot([0, length], [0, 1])
        ax.fill_between([0, 1], [0, 0], [1, 1], alpha=0.25)
    return f"Length {length}: " + WORDS * length + f"kind {kind}."


CONTROLS = {"length": (1, 6), "kind": {"A long option": "a", "B": "b"}}


def several(axes, *, length=1, kind="a"):
    """Panels."""
    return draw(axes, length=length, kind=kind)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """Write a page with an explorer of one, of two and of three panels."""
    labels, made, parts = {"length": "Length of the sequences"}, [], []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VANISHING_GRADIENTS_STATIC", "1")
        for count in (1, 2, 3):
            marked = panels(count)(several) if count > 1 else draw
            made.append(explore(marked, labels=labels, **CONTROLS))
            parts.append(made[-1]._repr_html_())
    style, script = ((STATIC / f"explorer.{end}").read_text("utf-8") for end in ("css", "js"))
    file = tmp_path_factory.mktemp("layout") / "page.html"
    file.write_text(
        "<!doctype html><html data-theme=light><meta charset=utf-8>"
        "<meta name=viewport content='width=device-width'>"
        "<style>* { box-sizing: border-box } figcaption { padding: 4px 0 }"
        f"body {{ margin: 0; font: 16px sans-serif }}{style}</style>"
        f"<script>{script}</script><article>"
        f"{whole(''.join(parts))}<p id=below>Below.</article>",
        encoding="utf-8",
    )
    return file, [one.name for one in made]


@pytest.fixture
def page(browser: Browser, written: tuple[Path, list[str]]) -> Iterator[tuple[Page, list[str]]]:
    """Open that page."""
    file, names = written
    window = browser.new_page()
    problems: list[str] = []
    window.on("pageerror", lambda error: problems.append(str(error)))
    window.goto(file.as_uri())
    yield window, names
    window.close()
    assert problems == []


def boxes(window: Page, selector: str) -> list[dict[str, float]]:
    return window.eval_on_selector_all(
        selector, "all => all.map(one => one.getBoundingClientRect().toJSON())"
    )


@pytest.mark.parametrize("width", [360, 480, 520, 600, 700, 960, 1280])
def test_panels_stand_in_one_row_of_equal_columns_or_below_each_other(
    page: tuple[Page, list[str]], width: int
) -> None:
    window, names = page
    window.set_viewport_size({"width": width, "height": 900})
    for name, count in zip(names, (1, 2, 3), strict=True):
        found = boxes(window, f"#{name} svg")
        assert len(found) == count
        assert len({round(box["width"]) for box in found}) == 1
        rows = {round(box["top"]) for box in found}
        assert len(rows) in (1, count)
        assert all(box["right"] <= width for box in found)


@pytest.mark.parametrize("width", [360, 600, 1280])
def test_controls_are_rows_of_label_control_and_value(
    page: tuple[Page, list[str]], width: int
) -> None:
    window, names = page
    window.set_viewport_size({"width": width, "height": 900})
    rows = window.eval_on_selector_all(
        f"#{names[0]} .explorer-control",
        "all => all.map(row => [...row.children].map(c => c.getBoundingClientRect().toJSON()))",
    )
    for parts in rows:
        middles = [part["top"] + part["height"] / 2 for part in parts]
        assert max(middles) - min(middles) < 6
        assert all(a["right"] <= b["left"] for a, b in pairwise(parts))
    assert len({round(parts[1]["left"]) for parts in rows}) == 1
    (buttons,) = boxes(window, f"#{names[0]} .explorer-buttons")
    beside = buttons["left"] >= max(part["right"] for parts in rows for part in parts)
    assert beside == (width > 480)


@pytest.mark.parametrize("width", [360, 700, 1280])
def test_no_frame_moves_the_page_below_or_the_slider(
    page: tuple[Page, list[str]], width: int
) -> None:
    window, names = page
    window.set_viewport_size({"width": width, "height": 900})
    made_room = "id => document.getElementById(id).style.minHeight"
    window.wait_for_function(made_room, arg=f"{names[0]}-caption")
    places = set()
    slider = window.locator(f"#{names[0]} [name=length]")
    for index in range(6):
        slider.fill(str(index))
        (below,) = boxes(window, "#below")
        box = slider.bounding_box()
        assert box
        places.add((round(below["top"]), round(box["x"]), round(box["width"])))
    assert len(places) == 1
    assert WORDS * 6 in window.locator(f"#{names[0]}-caption").inner_text()


def test_on_a_phone_the_slider_stays_in_view(page: tuple[Page, list[str]]) -> None:
    window, names = page
    window.set_viewport_size({"width": 390, "height": 700})
    window.locator(f"#{names[2]} svg").last.scroll_into_view_if_needed()
    window.evaluate("scrollBy(0, 40)")
    (slider,) = boxes(window, f"#{names[2]} [name=length]")
    assert 0 < slider["top"] < 150


def test_inks_of_the_style_sheet_are_those_of_the_pictures(page: tuple[Page, list[str]]) -> None:
    window, names = page
    for theme, colors in (("light", COLORS), ("dark", DARK_COLORS)):
        window.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
        found = window.evaluate(
            "count => [...Array(count).keys()].map(i => getComputedStyle(document.documentElement)"
            ".getPropertyValue(`--ink-${i + 1}`).trim())",
            len(colors),
        )
        assert found == list(colors)
    line = window.locator(f"#{names[0]} svg [style*='--ink-1']").first
    dark = line.evaluate("e => getComputedStyle(e).stroke + getComputedStyle(e).fill")
    rgb = tuple(int(DARK_COLORS[0][i : i + 2], 16) for i in (1, 3, 5))
    assert f"rgb{rgb}" in dark
    opacities = window.eval_on_selector_all(
        f"#{names[0]} svg [style*='--band']", "all => all.map(e => getComputedStyle(e).fillOpacity)"
    )
    assert opacities
    assert all(float(value) > 0.3 for value in opacities)
