"""Visited pages open without a network; a new build replaces all of them at once or none."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import offline
import pytest
from playwright.sync_api import Browser, Page
from servers import serving
from visits import waiting

KEPT = """async (ending) => {
    for (const name of await caches.keys())
        for (const { url } of await (await caches.open(name)).keys())
            if (url.endsWith(ending)) return true;
    return false;
}"""
MOVE_ALL = """() => {
    for (const form of document.querySelectorAll('figure.explorer form')) {
        const input = form.querySelector('input[type=range], select');
        const last = (input.options?.length ?? Number(input.max) + 1) - 1;
        input.value = Number(input.value) === last ? '0' : String(last);
        input.dispatchEvent(new Event('input', { bubbles: true }));
    }
}"""
BUILD = "document.querySelector('meta[name=build]').content"


@pytest.fixture
def copied(site: Path, tmp_path: Path) -> Path:
    """Return a part of the site that can be changed."""
    left_out = shutil.ignore_patterns("python", "thebe*", "_sources", "locales", "vendor", "wheels")
    shutil.copytree(site / "_static", tmp_path / "_static", ignore=left_out)
    (tmp_path / "book").mkdir()
    for name in ("sigmoid.html", "notation.html"):
        shutil.copy(site / "book" / name, tmp_path / "book")
    build(tmp_path)
    return tmp_path


def build(folder: Path) -> None:
    config = SimpleNamespace(html_title="Book", root_doc="book/sigmoid")
    builder = SimpleNamespace(format="html")
    offline.write_worker(SimpleNamespace(builder=builder, config=config, outdir=folder), None)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.add_init_script("localStorage.setItem('keep-pages', 'yes')")
    yield context.new_page()
    context.close()


def visit(page: Page, address: str) -> None:
    page.goto(address)
    waiting(page, "navigator.serviceWorker.ready.then(() => true)")
    waiting(page, KEPT, address.rpartition("/")[2])


@pytest.mark.parametrize("first", [True, False])
def test_a_visited_page_is_complete_without_a_network(
    copied: Path, page: Page, first: bool
) -> None:
    with serving(copied) as address:
        if not first:  # then there is a keeper already
            visit(page, f"{address}/book/notation.html")
        visit(page, f"{address}/book/sigmoid.html")
    page.context.set_offline(True)  # and there is no server either
    failed: list[str] = []
    page.on("requestfailed", lambda request: failed.append(request.url))
    page.goto(f"{address}/book/sigmoid.html", wait_until="networkidle")
    assert "Sigmoid" in page.title()
    assert page.evaluate("document.fonts.check('16px \"Source Serif\"')")
    assert page.evaluate(
        "getComputedStyle(document.querySelector('article')).fontFamily"
    ).startswith('"Source Serif"')
    explorers = page.locator("figure.explorer form")
    assert explorers.count() == page.locator("figure.explorer form:not([hidden])").count() > 0
    page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
    page.evaluate("document.fonts.ready.then(() => true)")
    # Figures to which nobody had scrolled answer all the same.
    captions = page.locator("figure.explorer:has(form) figcaption")
    before = captions.all_inner_texts()
    page.evaluate(MOVE_ALL)
    waiting(page, "!document.querySelector('[aria-busy=true]')")
    after = captions.all_inner_texts()
    assert [a == b for a, b in zip(before, after, strict=True)] == [False] * len(before)
    assert failed == []
    page.goto(f"{address}/book/relu.html")
    assert page.locator("h1").inner_text() == "There is no network"
    kept = ["sigmoid.html"] if first else ["notation.html", "sigmoid.html"]
    assert page.locator("li a").all_inner_texts() == kept


def test_a_new_build_replaces_what_was_kept_and_mixes_nothing(copied: Path, page: Page) -> None:
    with serving(copied) as address:
        visit(page, f"{address}/book/sigmoid.html")
        before = page.evaluate(BUILD)
        script = copied / "_static/book.js"
        script.write_text("window.another = true;\n" + script.read_text("utf-8"), encoding="utf-8")
        build(copied)
        page.goto(f"{address}/book/notation.html")
        after = page.evaluate(BUILD)
        assert after != before
        only = f"caches.keys().then((names) => names.join() === '/ build {after}')"
        waiting(page, only)
        waiting(page, KEPT, "sigmoid.html")
    page.context.set_offline(True)
    page.goto(f"{address}/book/sigmoid.html", wait_until="networkidle")
    assert page.evaluate(BUILD) == after
    assert page.evaluate("window.another")


def test_the_book_can_be_installed(copied: Path, page: Page) -> None:
    with serving(copied) as address:
        page.goto(f"{address}/book/sigmoid.html", wait_until="load")
        tools = page.context.new_cdp_session(page)
        manifest = tools.send("Page.getAppManifest")
        assert manifest["url"] == f"{address}/manifest.webmanifest"
        assert manifest["errors"] == []
        for icon in (copied / "_static/icons").iterdir():
            assert icon.name in manifest["data"]


def test_on_the_own_machine_nothing_is_kept_unless_it_is_asked_for(
    site: Path, browser: Browser, address: str
) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{address}/book/notation.html", wait_until="networkidle")
    assert (
        page.evaluate("navigator.serviceWorker.getRegistrations().then((all) => all.length)") == 0
    )
    assert page.locator("link[rel=manifest]").count() == 0
    context.close()


def test_two_builds_have_the_same_worker_and_another_one_has_another(copied: Path) -> None:
    def written() -> list[bytes]:
        names = ("worker.js", "manifest.webmanifest", "book/sigmoid.html")
        return [(copied / name).read_bytes() for name in names]

    first = written()
    build(copied)
    assert written() == first
    style = copied / "_static/whole.css"
    style.write_text(style.read_text("utf-8") + "\n", encoding="utf-8")
    build(copied)
    assert written()[0] != first[0]
    assert written()[2] != first[2]
