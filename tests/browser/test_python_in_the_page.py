"""Live code by Python in the page itself: nothing to reach but the files of the book."""

import math
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from servers import Silent, serving
from the_book import SITE, of_this_commit, pages
from visits import Visit, waiting

LONG = 1_800_000  # milliseconds
# The kernel in the page says where it keeps nothing: it is not meant to.
HARMLESS = re.compile(
    "ServiceWorker|Memory storage fallback|JupyterLite contents|Pyodide contents will NOT"
    "|Canceled future for execute_request"  # of a cell that a restart has ended
)
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?")


class UnderASubPath(Silent):
    """Serves the book below /some/book/, as a host of many projects does."""

    def translate_path(self, path: str) -> str:
        """Take the folders of the host away."""
        if not path.startswith("/some/book/"):
            return str(SITE / "not-there")
        return super().translate_path(path.removeprefix("/some/book"))


@pytest.fixture(scope="module")
def below(site: Path) -> Iterator[str]:
    """Serve the built book under a sub-path."""
    with serving(site, UnderASubPath) as served:
        yield f"{served}/some/book"


def status(page: Page) -> str:
    return page.locator(".live-bar").get_by_role("status").text_content() or ""


def press(visit: Visit, name: str) -> Page:
    page = visit.page
    page.goto(f"{visit.address}/{name}.html", wait_until="networkidle")
    page.get_by_role("button", name="Live code").click()
    expect(page.locator(".live-bar").get_by_role("status")).to_have_text(
        re.compile("Python runs in this page|did not start|can't run"), timeout=LONG
    )
    assert status(page).startswith("Python runs in this page"), visit.problems
    return page


def run_all(page: Page) -> list[str]:
    """Run all cells, and return what each of them says at the end."""
    page.get_by_role("button", name="Run all").click()
    waiting(
        page,
        """() => {
            const states = [...document.querySelectorAll('.live-tools output')];
            return states.every((one) => one.textContent === 'done')
                || states.some((one) => one.textContent.includes('error'))
                || document.querySelector('.live-bar').textContent.includes('stopped with');
        }""",
        timeout=LONG,
    )
    return page.locator(".live-tools output").all_text_contents()


def printed(page: Page, kind: str) -> list[str]:
    """Return what the cells print, cell by cell, from their built or their live output.

    A cell whose numbers depend on how a machine rounds is tagged, and may print others.
    """
    return page.evaluate(
        """(kind) => [...document.querySelectorAll('article .cell')]
            .filter((cell) => cell.querySelector('pre.live-source'))
            .map((cell) => [...cell.querySelectorAll(`${kind} pre`)]
                .filter((pre) => !pre.closest('.explorer, .derivation, details.reasons'))
                .filter((pre) => !pre.closest('.tag_rounding-decides'))
                .map((pre) => pre.textContent.trim()).join('\\n'))""",
        kind,
    )


def differences(built: str, live: str) -> list[tuple[str, str]]:
    """Return numbers that differ by over a percent, and by over a unit of the last digit."""
    if not built:  # a table or a formula, which the page has set
        return []
    one, other = NUMBER.findall(built), NUMBER.findall(live)
    if len(one) != len(other):
        return [(built, live)]
    return [(a, b) for a, b in zip(one, other, strict=True) if not alike(a, b)]


def alike(a: str, b: str) -> bool:
    last = 10.0 ** -len(a.partition("e")[0].partition(".")[2]) if "." in a else 1e-9
    return math.isclose(float(a), float(b), rel_tol=0.01, abs_tol=1.5 * last if "e" not in a else 0)


# The last control is the explorer's own: those of a question before it come first.
CONTROLS = "[role=slider], .widget-dropdown select, input[type=checkbox]"
SHOWN = """(node) => [...node.querySelectorAll('.explorer-live, [aria-live]')]
    .map((one) => one.innerHTML).join()"""
OPEN = """(node) => {
    for (let one = node; one; one = one.parentElement) if (one.matches('details')) one.open = true;
}"""


def move_an_explorer(page: Page) -> None:
    """Move the first explorer of the page that has a control, and wait until it answers."""
    outputs = page.locator(".live-output", has=page.locator(".explorer-live"))
    movable = outputs.filter(has=page.locator(CONTROLS))
    if not movable.count():
        return
    output = movable.first
    output.evaluate(OPEN)
    for passing in output.get_by_role("button", name="Show me").all():
        passing.click()
    control = output.locator(CONTROLS).last
    control.wait_for()
    before = output.evaluate(SHOWN)
    if control.get_attribute("role") == "slider":
        control.focus()
        at_its_end = control.evaluate("(one) => one.ariaValueNow === one.ariaValueMax")
        page.keyboard.press("ArrowLeft" if at_its_end else "ArrowRight")
    elif control.get_attribute("type") == "checkbox":
        control.click()
    else:
        following = "(one) => (one.selectedIndex + 1) % one.options.length"
        control.select_option(index=control.evaluate(following))
    changed = f"([node, before]) => ({SHOWN})(node) !== before"
    waiting(page, changed, [output.element_handle(), before])
    assert output.get_by_role("alert").count() == 0


def runs_whole(visit: Visit, name: str) -> list[str]:
    """Run a page to its end, and return what its cells printed when the book was built."""
    page = press(visit, name)
    built = printed(page, ".cell_output")
    states = run_all(page)
    said = page.locator(".live-output pre").all_text_contents()[-1:]
    assert states == ["done"] * len(built), (status(page), said)
    live = printed(page, ".live-output")
    told = [found for a, b in zip(built, live, strict=True) for found in differences(a, b)]
    assert told == []
    move_an_explorer(page)
    assert problems(visit) == []
    return built


def problems(visit: Visit) -> list[str]:
    return [problem for problem in visit.problems if not HARMLESS.search(problem)]


# Pages that take no longer than the first one does; the others run in `make test-all` alone.
QUICK = tuple(
    f"book/{name}"
    for name in (
        "sigmoid", "elu", "rnn-lstm", "signal-propagation", "initialization", "normalization",
        "isometry", "attention", "linear-recurrence", "optimizers", "not-training", "underflow",
        "evidence",
    )
)  # fmt: skip


@pytest.mark.rotates(2)
def test_a_chapter_runs_to_its_end_and_says_what_it_says(
    browser: Browser, below: str, there: dict
) -> None:
    visit = Visit(browser, below, viewport={"width": 1280, "height": 900})
    assert any(runs_whole(visit, of_this_commit(QUICK)))
    visit.context.close()


@pytest.mark.exhaustive
def test_an_explorer_answers_a_wrong_step_is_refused_and_a_restart_forgets(
    browser: Browser, below: str, there: dict
) -> None:
    visit = Visit(browser, below, viewport={"width": 1280, "height": 900})
    page = press(visit, "book/sigmoid")

    # An explorer is moved, and answers.
    cell = page.locator("article .cell", has=page.locator("pre.live-source", has_text="tangent"))
    for fold in cell.first.locator("details.hide:not([open]) > summary").all():
        fold.click()
    cell.first.get_by_role("button", name="Run").click()
    output = cell.first.locator(".live-output")
    output.get_by_role("button", name="Show me").click()
    slider = output.get_by_role("slider")
    slider.wait_for()
    picture = output.locator("svg").last.inner_html()
    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(output.locator("[aria-live]")).to_contain_text("At x = 5.5 the output is 0.9959")
    assert output.locator("svg").last.inner_html() != picture

    # A wrong step is refused, by name.
    cell = page.locator(
        "article .cell", has=page.locator("pre.live-source", has_text="from_logit = Derivation")
    ).first
    cell.evaluate("(one) => (one.id = 'edited')")  # its text will be another
    cell = page.locator("#edited")
    for fold in cell.locator("details.hide:not([open]) > summary").all():
        fold.click()
    source = cell.locator("pre.live-source")
    source.fill(source.text_content().replace("exp(logit)*(1 - P)", "exp(logit)*(1 + P)"))
    source.press("Shift+Enter")
    expect(cell.locator(".live-output")).to_contain_text("DerivationError", timeout=LONG)
    cell.get_by_role("button", name="Undo edits").click()

    # A restart ends even what never ends, and leaves an empty Python.
    source.fill("kept = 1\nwhile True: pass")
    source.press("Shift+Enter")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_role("button", name="Restart").click()
    bar = page.locator(".live-bar").get_by_role("status")
    expect(bar).to_contain_text("Restarted", timeout=LONG)
    assert cell.locator(".cell_output").first.is_visible()
    assert not [url for url in asked if url.endswith((".whl", ".wasm", ".zip"))]  # they were kept
    first = page.locator("pre.live-source").first
    for fold in page.locator("article .cell details.hide:not([open]) > summary").all()[:1]:
        fold.click()
    first.fill("print('kept' in globals())")
    first.press("Shift+Enter")
    expect(page.locator(".live-output").first).to_have_text("False", timeout=LONG)
    assert problems(visit) == []
    visit.context.close()


def test_a_start_that_fails_or_never_ends_is_told_in_words(visit: Visit, there: dict) -> None:
    page = visit.page
    page.clock.install()
    visit.context.route("**/python/start.js", lambda route: route.fulfill(
        body="self.loadPyodide = () => new Promise(() => {});", content_type="text/javascript"
    ))  # fmt: skip
    page.goto(f"{visit.address}/book/sigmoid.html", wait_until="load")
    page.get_by_role("button", name="Live code").click()
    bar = page.locator(".live-bar").get_by_role("status")
    expect(bar).to_contain_text("Loading Python", timeout=LONG)
    page.clock.fast_forward(130_000)
    expect(bar).to_contain_text("it has not answered for two minutes", timeout=LONG)
    expect(bar).to_contain_text("The page is as it was")
    assert page.locator("[contenteditable]").count() == 0
    assert page.get_by_role("button", name="Live code").is_enabled()


def test_where_the_book_has_no_python_it_offers_the_other_ways(visit: Visit) -> None:
    visit.context.route("**/python/files.json", lambda route: route.fulfill(body="{}"))
    page = visit.open("book/sigmoid")
    page.evaluate("localStorage.setItem('live-code-way', 'page')")
    page.reload(wait_until="networkidle")
    page.get_by_role("button", name="Live code").click()
    bar = page.locator(".live-bar")
    expect(bar.get_by_role("status")).to_contain_text("built without it")
    assert bar.get_by_role("radio", name="Python in this page").is_disabled()
    bar.get_by_role("radio", name="A Jupyter server").check()
    bar.get_by_label("Address of the Jupyter server").fill("myserver")
    bar.get_by_role("button", name="Run there").click()
    expect(bar.get_by_role("status")).to_contain_text("must begin with http://")
    assert problems(visit) == []


def test_a_page_opened_as_a_file_says_what_it_needs(browser: Browser, site: Path) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto((site / "book/sigmoid.html").as_uri())
    page.get_by_role("button", name="Live code").click()
    expect(page.locator(".live-bar").get_by_role("status")).to_contain_text("opened as a file")
    context.close()


def has_live_code(name: str) -> bool:
    built = SITE / f"{name}.html"
    return built.is_file() and 'name="live-code"' in built.read_text(encoding="utf-8")


@pytest.mark.exhaustive
@pytest.mark.parametrize("name", [page for page in pages() if has_live_code(page)])
def test_every_page_runs_to_its_end(visit: Visit, there: dict, name: str) -> None:
    runs_whole(visit, name)
