"""Explorers on a page of their own: what their script keeps, plays and leaves alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from the_book import ROOT
from visits import whole

from lib.explore import explore

pytestmark = pytest.mark.rotates(2)

STATIC = ROOT / "book" / "_static"


def sequence(ax, *, length=1, hidden=2, elements=False):
    """A sequence of some length; its parameters are named like parts of an HTML form."""
    ax.plot([0, length], [0, hidden])
    return f"Length {length}, hidden {hidden}, elements {elements}."


@pytest.fixture
def page(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Page, str, str]]:
    """Open a page with the same explorer twice, and give it with their names."""
    monkeypatch.setenv("VANISHING_GRADIENTS_STATIC", "1")
    both = [explore(sequence, length=(1, 6), hidden=[2, 4, 8], elements=True) for _ in "ab"]
    script = (STATIC / "explorer.js").read_text(encoding="utf-8")
    file = tmp_path / "page.html"
    file.write_text(
        f"<!doctype html><meta charset=utf-8><script>{script}</script><h2 id=section>Section</h2>"
        f"{whole(''.join(one._repr_html_() for one in both))}",
        encoding="utf-8",
    )
    page = browser.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(file.as_uri())
    yield page, both[0].name, both[1].name
    page.close()
    assert problems == []


def test_parameters_may_have_the_names_of_parts_of_a_form(page: tuple[Page, str, str]) -> None:
    window, first, second = page
    before = window.locator(f"#{second} .explorer-picture").inner_html()
    form = window.locator(f"#{first} form")
    form.locator("[name=length]").press("ArrowRight")
    form.locator("[name=hidden]").press("End")
    form.locator("[name=elements]").press("Space")
    expect(window.locator(f"#{first}-caption")).to_have_text("Length 2, hidden 8, elements True.")
    assert window.locator(f"#{second} .explorer-picture").inner_html() == before


def test_address_holds_all_explorers_also_after_a_link_to_a_section(
    page: tuple[Page, str, str],
) -> None:
    window, first, second = page
    window.locator(f"#{first} [name=length]").press("ArrowRight")
    window.evaluate("location.hash = '#section'")
    window.wait_for_timeout(50)
    expect(window.locator(f"#{first}-caption")).to_contain_text("Length 2")
    assert window.url.endswith("#section")
    window.locator(f"#{second} [name=length]").press("End")
    assert window.url.endswith(f"#~{first}.length=2&{second}.length=6")
    window.locator(f"#{second} button[type=reset]").click()
    assert window.url.endswith(f"#~{first}.length=2")


def test_shared_address_shows_that_view_and_nothing_else(page: tuple[Page, str, str]) -> None:
    window, first, second = page
    window.locator(f"#{first} [name=length]").press("End")
    window.evaluate(f"location.hash = '#~{second}.length=3'")
    expect(window.locator(f"#{second}-caption")).to_contain_text("Length 3")
    expect(window.locator(f"#{first}-caption")).to_contain_text("Length 1")


def test_drag_changes_the_address_once(page: tuple[Page, str, str]) -> None:
    window, first, _ = page
    window.evaluate(
        """() => {
            window.changes = 0;
            const replace = history.replaceState.bind(history);
            history.replaceState = (...given) => { window.changes += 1; replace(...given); };
        }"""
    )
    slider = window.locator(f"#{first} [name=length]")
    box = slider.bounding_box()
    assert box
    window.mouse.move(box["x"] + 8, box["y"] + box["height"] / 2)
    window.mouse.down()
    window.mouse.move(box["x"] + box["width"] - 2, box["y"] + box["height"] / 2, steps=20)
    expect(window.locator(f"#{first}-caption")).to_contain_text("Length 6")
    assert window.evaluate("window.changes") == 0
    window.mouse.up()
    assert window.evaluate("window.changes") == 1


def test_play_announces_only_the_frame_where_it_stops(page: tuple[Page, str, str]) -> None:
    window, first, _ = page
    caption = window.locator(f"#{first}-caption")
    button = window.locator(f"#{first} [data-play]")
    button.click()
    expect(caption).to_have_attribute("aria-live", "off")
    window.wait_for_function(
        "c => !c.textContent.includes('Length 1')", arg=caption.element_handle()
    )
    button.click()
    expect(button).to_have_text("Play")
    expect(caption).to_have_attribute("aria-live", "polite")
    assert f"{first}.length=" in window.url
    button.click()
    expect(button).to_have_text("Pause")
    expect(button).to_have_text("Play")  # at the end it stops by itself
    expect(caption).to_contain_text("Length 6")
    assert window.url.endswith(f"#~{first}.length=6")


def test_paper_shows_the_end_of_a_story_that_nobody_has_moved(page: tuple[Page, str, str]) -> None:
    window, first, second = page
    window.locator(f"#{second} [name=hidden]").press("End")
    address = window.url
    window.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(window.locator(f"#{first}-caption")).to_contain_text("Length 6, hidden 2")
    expect(window.locator(f"#{second}-caption")).to_contain_text("Length 1, hidden 8")
    window.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(window.locator(f"#{first}-caption")).to_contain_text("Length 1, hidden 2")
    expect(window.locator(f"#{first} [name=length]")).to_have_value("0")
    assert window.url == address


def test_options_of_equal_value_have_addresses_of_their_own(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VANISHING_GRADIENTS_STATIC", "1")
    options = {"red": 1, "yellow & more": 2, "1 / √L": 2}
    one = explore(sequence, length=options, hidden=[2, 4])
    script = (STATIC / "explorer.js").read_text(encoding="utf-8")
    file = tmp_path / "page.html"
    file.write_text(
        f"<!doctype html><meta charset=utf-8><script>{script}</script>{whole(one._repr_html_())}",
        encoding="utf-8",
    )
    window = browser.new_page()
    window.goto(file.as_uri())
    menu = window.locator(f"#{one.name} select")
    seen = set()
    for label in options:
        menu.select_option(label=label)
        seen.add(window.url)
        other = browser.new_page()
        other.goto(window.url)
        chosen = other.locator(f"#{one.name} select").evaluate("e => e.selectedOptions[0].label")
        assert chosen == label
        other.close()
    assert len(seen) == len(options)
    window.close()
