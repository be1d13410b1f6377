"""The settings of the bench in the address: written for its cell, and never more than settings."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from the_book import ROOT

pytestmark = pytest.mark.rotates(2)

Open = Callable[[str], Page]
HOSTILE = (
    'bench.activation=x");print("y',
    "bench.depth=1;print(1)",
    "bench.depth=10&bench.rate=0.1)%23",
    "bench.start=__import__",
)


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    script = (ROOT / "book/_static/bench.js").read_text(encoding="utf-8")
    file = tmp_path / "page.html"
    file.write_text(
        f"<!doctype html><meta charset=utf-8><script>{script}</script><article>"
        "<div class=cell><div class=cell_input><pre>import numpy</pre></div></div>"
        "<div class=cell><div class=cell_input><pre>bench(depth=3)\n</pre></div></div></article>",
        encoding="utf-8",
    )
    page = browser.new_page()

    def open_at(fragment: str) -> Page:
        page.goto("about:blank")
        page.goto(f"{file.as_uri()}{fragment}")
        return page

    yield open_at
    page.close()


def source(page: Page) -> str:
    return page.locator("pre").nth(1).text_content() or ""


def test_cell_is_written_for_the_settings_of_the_address(opened: Open) -> None:
    assert source(opened("")) == "bench(depth=3)\n"
    page = opened("#~bench.activation=sigmoid&bench.start=twin+of+tanh&bench.rate=1e-05&x.y=2")
    assert source(page) == 'bench(activation="sigmoid", start="twin of tanh", rate=1e-05)\n'
    assert page.locator("pre").first.text_content() == "import numpy"
    page = opened("#~bench.batch_norm=True&bench.depth=30")
    assert source(page) == "bench(depth=30, batch_norm=True)\n"


@pytest.mark.parametrize("fragment", HOSTILE)
def test_what_is_no_setting_does_not_get_into_the_code(opened: Open, fragment: str) -> None:
    assert source(opened(f"#~{fragment}")) == "bench(depth=3)\n"


def test_address_follows_the_menus(opened: Open) -> None:
    page = opened("#~other.step=4")
    page.evaluate(
        """() => {
            const told = document.createElement("div");
            told.dataset.bench = "depth=3";
            document.querySelectorAll(".cell")[1].append(told);
        }"""
    )
    page.wait_for_timeout(50)
    assert page.evaluate("location.hash") == "#~other.step=4"  # as before, until something changes
    page.evaluate(
        "document.querySelector('[data-bench]').dataset.bench = 'depth=30&start=twin+of+tanh'"
    )
    page.wait_for_function("location.hash.includes('depth')")
    expected = "#~other.step=4&bench.depth=30&bench.start=twin+of+tanh"
    assert page.evaluate("location.hash") == expected
    assert source(opened(expected)) == 'bench(depth=30, start="twin of tanh")\n'
