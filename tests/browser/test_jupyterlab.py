"""JupyterLab as `make lab` starts it: a double click opens a chapter as a notebook."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import linked_citations
import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Browser, Page, Response, TimeoutError, expect
from servers import JupyterServer, jupyter
from the_book import ROOT, source_of

CHAPTER = "elu"
# A number of the prose is text in an element of which nothing else is said.
NUMBERS = """() => [...document.querySelectorAll(".jp-MarkdownCell span")]
    .filter((span) => !span.attributes.length && !span.closest(".katex"))
    .filter((span) => !span.querySelector(".katex"))
    .map((span) => span.textContent)"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    """Start JupyterLab on a copy of the chapters, since it saves what it has run."""
    folder = tmp_path_factory.mktemp("lab")
    shutil.copytree(ROOT / "book", folder / "book", ignore=shutil.ignore_patterns("_*"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    with jupyter("jupyter-lab", folder / "log", root=folder) as server:
        yield server


@pytest.fixture
def notebooks(tmp_path: Path) -> Path:
    """Write the copies that `make notebooks` writes."""
    folder = tmp_path / "notebooks"
    subprocess.run(["make", "notebooks", f"NOTEBOOKS={folder}"], cwd=ROOT, check=True, timeout=3000)
    return folder


@pytest.fixture
def window(browser: Browser) -> Iterator[Page]:
    """Open a window from which only this machine can be reached."""
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    context.route(
        re.compile(r"^https?://(?!127\.0\.0\.1[:/])"),
        lambda route: route.abort(),
    )
    page = context.new_page()
    page.set_default_timeout(900_000)
    yield page
    context.close()


def run_all(page: Page) -> None:
    """Run all cells until the last has a number; say what failed where one stops them."""
    page.locator(".jp-Notebook-ExecutionIndicator[data-status='idle']").first.wait_for()
    prompts = page.locator(".jp-CodeCell .jp-InputArea-prompt")
    # What is asked for while a busy machine still connects the kernel is lost: ask again.
    for _ in range(5):
        page.locator(".jp-Notebook").get_by_role("heading").first.click()
        page.get_by_role("menuitem", name="Run", exact=True).click()
        run = page.get_by_role("menuitem", name=re.compile(r"^Run All Cells$"))
        expect(run).to_be_enabled()
        run.click()
        with suppress(AssertionError):
            expect(prompts.first).not_to_have_text("[ ]:", timeout=60_000)
            break
    failed = page.locator("[data-mime-type='application/vnd.jupyter.error']")
    numbered = prompts.last.filter(has_text=re.compile(r"\[\d+\]:"))
    expect(numbered.or_(failed).first).to_be_visible(timeout=600_000)
    assert failed.all_inner_texts() == []


def assert_nothing_failed(page: Page) -> None:
    for kind in ("error", "stderr"):
        assert page.locator(f"[data-mime-type='application/vnd.jupyter.{kind}']").count() == 0


def assert_numbers_are_those_of_the_page(page: Page, site: Path) -> None:
    """Compare what the kernel has answered with the built page, number by number."""
    text = (site / f"book/{CHAPTER}.html").read_text(encoding="utf-8")
    built = BeautifulSoup(text, "html.parser")
    expected = [number.get_text() for number in built.select(".pasted-text")]
    assert len(expected) > 5
    with suppress(TimeoutError):  # the comparison below tells more
        page.wait_for_function(f"({NUMBERS})().length >= {len(expected)}", timeout=300_000)
    assert page.evaluate(NUMBERS) == expected


def assert_saving_changes_nothing(page: Page, written: Path) -> None:
    def is_saving(answer: Response) -> bool:
        return answer.request.method == "PUT" and "/api/contents/" in answer.url

    with page.expect_response(is_saving, timeout=300_000) as saved:
        page.keyboard.press("ControlOrMeta+s")
    assert saved.value.ok
    assert f"/api/contents/book/{CHAPTER}.md" in saved.value.url
    assert written.read_bytes() == (ROOT / f"book/{CHAPTER}.md").read_bytes()


@pytest.mark.rotates(2)
def test_a_double_click_opens_a_chapter_that_runs_and_answers(
    window: Page, lab: JupyterServer, site: Path
) -> None:
    window.goto(f"{lab.address}/lab/tree/book?token={lab.token}&reset")
    window.locator(f".jp-DirListing-item[title^='Name: {CHAPTER}.md']").dblclick()
    window.locator(".jp-Notebook").wait_for()
    assert window.locator(".jp-Dialog").count() == 0
    run_all(window)
    assert_nothing_failed(window)
    assert_numbers_are_those_of_the_page(window, site)
    assert_saving_changes_nothing(window, lab.log.parent / f"book/{CHAPTER}.md")

    # Exercises are set as in the book, not as raw directives.
    assert window.locator(".jp-MarkdownCell aside", has_text="Exercise 8.1").count() > 0
    assert ":::" not in window.locator(".jp-Notebook").inner_text()

    # A citation is words, and leads to the work.
    written = linked_citations.WRITTEN.findall(source_of(f"book/{CHAPTER}"))
    assert len(written) > 5
    for words, address in written:
        links = window.locator(f".jp-MarkdownCell a[href='{address}']")
        assert " ".join(words.replace("*", "").split()) in links.all_inner_texts()

    # The first explorer waits for a prediction, which a reader may pass.
    passed = window.locator("button", has_text="Show me")
    explorer = window.locator(".jp-OutputArea-output", has=passed).first
    explorer.get_by_role("button", name="Show me").click()
    slider = explorer.locator("[role=slider]").first
    caption, picture = explorer.locator("[aria-live]"), explorer.locator(".explorer-live")
    slider.scroll_into_view_if_needed()
    before = caption.inner_text(), picture.inner_html()
    slider.focus()
    window.keyboard.press("ArrowLeft")
    expect(caption).not_to_have_text(before[0])
    expect(picture).not_to_have_js_property("innerHTML", before[1])


def test_the_address_that_binder_opens_shows_the_notebook(window: Page, lab: JupyterServer) -> None:
    window.goto(f"{lab.address}/lab/tree/book/{CHAPTER}.md?token={lab.token}&reset")
    window.locator(".jp-Notebook .jp-CodeCell").first.wait_for()


@pytest.mark.rotates(3)
def test_the_notebook_interface_runs_the_written_copies(
    window: Page, notebooks: Path, tmp_path: Path
) -> None:
    with jupyter("jupyter-notebook", tmp_path / "log", root=notebooks) as server:
        window.goto(f"{server.address}/notebooks/{CHAPTER}.ipynb?token={server.token}")
        window.locator(".jp-Notebook .jp-CodeCell").first.wait_for()
        run_all(window)
        assert_nothing_failed(window)
        assert window.locator(".jp-OutputArea .widget-slider").count() > 0
