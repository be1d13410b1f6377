"""Every explorer of the built book, moved by hand, shows what `lib` draws for its values."""

import importlib
import json
import random
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from legends import covered
from the_book import SITE, pages, soup_of
from visits import Visit, waiting

from lib.figures.render import ID_MARK, Stage

SAMPLE = 24

MOVE = """([figure, name, index]) => {
    const input = document.getElementById(figure).querySelector(`[name="${name}"]`);
    if (input.type === 'checkbox') input.checked = index === 1;
    else input.value = String(index);
    input.dispatchEvent(new Event('input', { bubbles: true }));
}"""
CONTROLS = """() => [...document.querySelectorAll('figure.explorer form :is(input, select)')]
    .map((one) => one.type === 'checkbox'
        ? [one.closest('figure').id, one.name, Number(one.checked), 1]
        : [one.closest('figure').id, one.name, Number(one.value),
            Number(one.max || one.options.length - 1)])"""
SHOWN = """name => ['figcaption', '.explorer-picture']
    .map(part => document.getElementById(name).querySelector(part).innerHTML)"""
HEIGHT = "name => Math.round(document.getElementById(name).getBoundingClientRect().height)"
# The page's picture against the library's, both as the browser understands them.
SAME_PICTURE = """([figure, panels]) => {
    const drawn = document.createElement('div');
    drawn.innerHTML = panels.join('');
    const shown = document.getElementById(figure).querySelector('.explorer-picture');
    const plain = (node) => {
        const copy = node.cloneNode(true);
        for (const svg of copy.children) {
            const added = ['role', 'aria-label', 'aria-describedby'];
            added.forEach((name) => svg.removeAttribute(name));
        }
        return copy.innerHTML;
    };
    return plain(drawn) === plain(shown);
}"""


def figures_of(page: str) -> list[Any]:
    path = SITE / f"{page}.html"
    if not path.is_file():
        return []
    return soup_of(path).select("figure.explorer")


def explorers() -> Iterator[tuple[str, str]]:
    for page in pages():
        for figure in figures_of(page):
            yield page, figure["id"]


def combinations(controls: list[dict[str, Any]]) -> list[tuple[int, ...]]:
    """All settings of the controls, or a sample in which every value of each control occurs."""
    everything = list(product(*(range(len(control["keys"])) for control in controls)))
    if len(everything) <= SAMPLE:
        return everything
    chosen = random.Random(0).sample(everything, SAMPLE)
    start = [control["start"] for control in controls]
    for place, control in enumerate(controls):
        for index in range(len(control["keys"])):
            chosen.append((*start[:place], index, *start[place + 1 :]))
    return chosen


@pytest.mark.rotates(26)
@pytest.mark.parametrize(("page", "name"), list(explorers()))
def test_every_setting_shows_what_the_library_draws(page: str, name: str, visit: Visit) -> None:
    figure = next(f for f in figures_of(page) if f["id"] == name)
    data = figure.select_one("script")
    controls = json.loads(data.get_text())["controls"] if data else []
    module, function = figure["data-draw"].split(":")
    stage = Stage(getattr(importlib.import_module(module), function))
    browser = visit.open_figures(page)
    browser.evaluate("document.querySelectorAll('article details').forEach(d => d.open = true)")
    captions, heights = set(), set()
    for indices in combinations(controls):
        values = dict(json.loads(figure["data-fixed"]))
        for control, index in zip(controls, indices, strict=True):
            values[control["name"]] = control["values"][index]
            browser.evaluate(MOVE, [name, control["name"], index])
        frame = stage.frame(values)
        assert browser.locator(f"#{name}-caption").inner_text() == frame.caption, values
        panels = [picture.replace(ID_MARK, name) for picture in frame.pictures]
        assert browser.evaluate(SAME_PICTURE, [name, panels]), f"another picture for {values}"
        assert not any(covered(drawn.axes[0]) for drawn in stage.figures), f"a legend: {values}"
        captions.add(frame.caption)
        heights.add(browser.evaluate(HEIGHT, name))
    assert len(captions) > 1 or not controls, "no control changes the caption"
    assert len(heights) == 1, f"the page below moves: {sorted(heights)}"
    assert visit.problems == []


FIRST = "book/sigmoid", "sigmoid-tangent"


def test_keyboard_moves_a_control_that_has_a_name_and_a_value(visit: Visit) -> None:
    page = visit.open_figures(FIRST[0])
    slider = page.locator(f"#{FIRST[1]} input[type=range]")
    caption = page.locator(f"#{FIRST[1]}-caption")
    before = caption.inner_text()
    slider.focus()
    page.keyboard.press("ArrowRight")
    assert caption.inner_text() != before
    assert slider.get_attribute("aria-valuetext") == "0.5"
    assert page.get_by_role("slider", name="Input x").count() == 1
    assert caption.get_attribute("aria-live") == "polite"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Play"


@pytest.mark.rotates(3)
@pytest.mark.parametrize("page", sorted({page for page, _ in explorers()}))
def test_every_control_moves_its_figure_and_back(page: str, visit: Visit) -> None:
    window = visit.open_figures(page)
    controls = window.evaluate(CONTROLS)
    before = {name: window.evaluate(SHOWN, name) for name, *_ in controls}
    shown, moved = dict(before), set()
    # One may count only after another one has been moved: then it does on the way back.
    for back in (False, True):
        for name, control, start, last in controls:
            away = 0 if start == last else last
            window.evaluate(MOVE, [name, control, start if back else away])
            waiting(window, "name => !document.getElementById(name).ariaBusy", name)
            now = window.evaluate(SHOWN, name)
            if now != shown[name]:
                moved.add((name, control))
            shown[name] = now
    assert [c for c in controls if (c[0], c[1]) not in moved] == []
    assert {n: caption for n, (caption, _) in shown.items()} == {
        n: caption for n, (caption, _) in before.items()
    }
    assert visit.problems == []


@pytest.mark.rotates(12)
@pytest.mark.parametrize("page", sorted({page for page, _ in explorers()}))
def test_tab_reaches_every_control(page: str, visit: Visit) -> None:
    window = visit.open_figures(page)
    # What is folded is reached once its fold is open.
    window.evaluate(
        """() => {
            document.querySelectorAll('article details').forEach(fold => fold.open = true);
            document.querySelectorAll('.toggle-hidden').forEach(fold =>
                fold.classList.remove('toggle-hidden'));
        }"""
    )
    wanted = window.evaluate(
        """() => [...document.querySelectorAll(
            'figure.explorer input, figure.explorer select, figure.explorer button')]
            .map((e, i) => e.dataset.count = String(i)).length"""
    )
    window.locator("article h1").first.evaluate("e => { e.tabIndex = -1; e.focus(); }")
    reached = set()
    for _ in range(40 * (wanted + 5)):
        window.keyboard.press("Tab")
        count = window.evaluate("document.activeElement?.dataset.count ?? null")
        if count is not None:
            reached.add(count)
        if len(reached) == wanted:
            break
    assert len(reached) == wanted


def test_address_keeps_the_view_and_reset_forgets_it(visit: Visit) -> None:
    page = visit.open_figures(FIRST[0])
    page.locator(f"#{FIRST[1]} input[type=range]").fill("20")
    shown = page.locator(f"#{FIRST[1]}-caption").inner_text()
    address = page.url
    assert address.endswith("#~sigmoid-tangent.x=2.0")

    page.goto("about:blank")
    page.goto(address, wait_until="networkidle")
    assert page.locator(f"#{FIRST[1]}-caption").inner_text() == shown
    page.locator(f"#{FIRST[1]} button[type=reset]").click()
    assert "At x = 0" in page.locator(f"#{FIRST[1]}-caption").inner_text()
    assert "#" not in page.url
    assert visit.problems == []


def test_explorers_of_a_page_are_independent(visit: Visit) -> None:
    page = visit.open_figures(FIRST[0])
    others = [name for p, name in explorers() if p == FIRST[0] and name != FIRST[1]]
    assert others
    before = {n: page.locator(f"#{n} .explorer-picture").inner_html() for n in others}
    page.locator(f"#{FIRST[1]} input[type=range]").fill("3")
    after = {n: page.locator(f"#{n} .explorer-picture").inner_html() for n in others}
    assert before == after
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)")
    assert len(ids) == len(set(ids))


def test_play_sweeps_to_the_end_and_stops(visit: Visit) -> None:
    page = visit.open_figures(FIRST[0])
    slider = page.locator(f"#{FIRST[1]} input[type=range]")
    last = int(slider.get_attribute("max") or 0)
    slider.fill(str(last - 2))
    button = page.locator(f"#{FIRST[1]} [data-play]")
    button.click()
    assert button.inner_text() == "Pause"
    waiting(page, "b => b.textContent === 'Play'", button.element_handle())
    assert slider.input_value() == str(last)


def test_figure_stands_still_without_a_script(visit: Visit) -> None:
    context = visit.context.browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{visit.address}/{FIRST[0]}.html")
    assert page.locator(f"#{FIRST[1]} svg").first.is_visible()
    assert page.locator(f"#{FIRST[1]}-caption").inner_text().startswith("At x = 0")
    assert not page.locator(f"#{FIRST[1]} form").is_visible()
    context.close()


def test_print_leaves_the_controls_out(visit: Visit) -> None:
    page = visit.open_figures(FIRST[0])
    page.emulate_media(media="print")
    assert page.locator(f"#{FIRST[1]} svg").first.is_visible()
    assert not page.locator(f"#{FIRST[1]} form").is_visible()
