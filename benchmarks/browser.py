"""Python in the page against a kernel on this machine, for the same cells of one page.

In Chromium, with the files served from this machine (the time of a network comes on top): from the
press of "Live code" until Python is ready, until the first derivation and the first explorer have
run with all cells above them, one redraw of that explorer, and a restart. Once with an empty cache
of the browser, once with what the first visit left there. Then the same cells in a kernel.

Run it with ``make bench``, or alone for one page: ``python benchmarks/browser.py relu``. The book
must be built. It says how busy the machine is: on a busy one the times mean little.
"""

import functools
import os
import shutil
import statistics
import sys
import threading
import time
from collections.abc import Mapping
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import jupytext
from nbclient import NotebookClient
from playwright.sync_api import BrowserContext, Page, sync_playwright

ROOT = Path(__file__).parents[1]
SITE = ROOT / "_build" / "html"
LONG = 1_800_000  # milliseconds
REDRAWS = 9
REMOVED = {"remove-cell", "remove-input"}  # not among the cells that the page runs
WANTED = {"first derivation": "Derivation(", "first explorer": "explore("}

SHOWN = """[...node.querySelectorAll('.explorer-live, [aria-live]')]
    .map((one) => one.innerHTML).join()"""
MOVE_NATIVE = """
import statistics, time
def sliders(widget):
    found = [widget] if type(widget).__name__ == "SelectionSlider" else []
    return found + [one for child in getattr(widget, "children", ()) for one in sliders(child)]
slider, spans = next(found for one in Out.values() if (found := sliders(one)))[-1], []
for i in range({redraws}):
    start = time.perf_counter()
    slider.index = slider.index - 1 if slider.index == len(slider.options) - 1 else slider.index + 1
    spans.append(time.perf_counter() - start)
print(statistics.median(spans))
"""


class Silent(SimpleHTTPRequestHandler):
    """A file server that says nothing."""

    def log_message(self, *args: object) -> None:
        """Say nothing."""


def press(page: Page, name: str, status: str) -> float:
    """Press a button, and return the seconds until the bar says something."""
    start = time.perf_counter()
    page.get_by_role("button", name=name, exact=True).click()
    page.wait_for_function(
        "(text) => document.querySelector('.live-bar')?.textContent.includes(text)",
        arg=status, timeout=LONG,
    )  # fmt: skip
    return time.perf_counter() - start


def run_up_to(page: Page, place: int) -> float:
    """Run a cell and those above it that have not run, and return the seconds."""
    start = time.perf_counter()
    page.evaluate(
        "(i) => document.querySelectorAll('.live-tools')[i].querySelector('button').click()", place
    )
    page.wait_for_function(
        """(i) => /done|error/.test(
            document.querySelectorAll('.live-tools')[i].querySelector('output').textContent)""",
        arg=place, timeout=LONG,
    )  # fmt: skip
    return time.perf_counter() - start


def redraw(page: Page, place: int) -> float:
    """Move the slider of an explorer, and return the median seconds until the picture changed."""
    output = page.locator(".live-output").nth(place)
    output.evaluate(
        "(one) => { for (; one; one = one.parentElement) if ('open' in one) one.open = true; }"
    )
    for passing in output.get_by_role("button", name="Show me").all():
        passing.click()
    slider = output.locator("[role=slider]").last
    slider.wait_for(timeout=LONG)
    slider.focus()
    page.wait_for_timeout(1000)  # what the button has set off
    spans = []
    for _ in range(REDRAWS):
        before = output.evaluate(f"(node) => {SHOWN}")
        at_its_end = slider.evaluate("(one) => one.ariaValueNow === one.ariaValueMax")
        start = time.perf_counter()
        page.keyboard.press("ArrowLeft" if at_its_end else "ArrowRight")
        page.wait_for_function(
            f"([node, before]) => {SHOWN} !== before",
            arg=[output.element_handle(), before], timeout=LONG,
        )  # fmt: skip
        spans.append(time.perf_counter() - start)
    return statistics.median(spans)


def visit(context: BrowserContext, address: str) -> dict[str, float]:
    """Measure one visit to a page."""
    page = context.new_page()
    sizes: list[int] = []
    page.goto(address, wait_until="networkidle")
    context.on("response", lambda one: sizes.append(int(one.headers.get("content-length", 0))))
    spans = {"press to ready": press(page, "Live code", "Python runs in this page")}
    sources = page.locator("pre.live-source").all_text_contents()
    for name, sign in WANTED.items():
        place = next((i for i, source in enumerate(sources) if sign in source), None)
        if place is not None:
            spans[name] = run_up_to(page, place)
    spans["one redraw"] = redraw(page, place) if place is not None else float("nan")
    spans["megabytes, uncompressed"] = sum(sizes) / 1e6
    spans["restart"] = press(page, "Restart", "Restarted")
    page.close()
    return spans


def natively(name: str) -> dict[str, float]:
    """Measure the same cells in a kernel."""
    os.environ.pop("VANISHING_GRADIENTS_STATIC", None)
    notebook = jupytext.read(ROOT / "book" / f"{name}.md")
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    shown = [i for i, cell in enumerate(cells) if not REMOVED & set(cell.metadata.get("tags", []))]
    ask = jupytext.reads("```{code-cell}\n0\n```", fmt="md:myst").cells[0]
    ask.source = MOVE_NATIVE.format(redraws=REDRAWS)
    notebook.cells = [*cells, ask]
    client = NotebookClient(notebook, timeout=1800, kernel_name="python3")
    begin, spans, done = time.perf_counter(), {}, 0
    with client.setup_kernel(cwd=str(ROOT)):
        spans["press to ready"] = time.perf_counter() - begin
        for wanted, sign in WANTED.items():
            start = time.perf_counter()
            last = next((i for i in shown if sign in cells[i].source), -1)
            for place in range(done, last + 1):
                client.execute_cell(cells[place], place)
            done = max(done, last + 1)
            spans[wanted] = time.perf_counter() - start
        if last >= 0:  # there is an explorer
            client.execute_cell(ask, len(cells))
            spans["one redraw"] = float("".join(one.get("text", "") for one in ask.outputs))
    return spans


def table(columns: Mapping[str, Mapping[str, float]]) -> None:
    """Print what was measured, side by side."""
    print(f"{'':26}" + "".join(f"{name:>14}" for name in columns))
    for row in next(iter(columns.values())):
        cells = (found.get(row, float("nan")) for found in columns.values())
        print(f"{row:26}" + "".join(f"{value:14.2f}" for value in cells))


def main(name: str = "sigmoid") -> None:
    """Measure a page, cold and warm, and beside it a kernel."""
    if not (SITE / "_static/python/files.json").is_file():
        sys.exit("The book is not built: run `make book` first.")
    print(f"book/{name}, seconds; the load is {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    handler = functools.partial(Silent, directory=str(SITE))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/book/{name}.html"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        # To wait for something, Playwright needs the `eval` that the pages forbid.
        context = browser.new_context(bypass_csp=True)
        measured = {"page, cold": visit(context, address), "page, warm": visit(context, address)}
        browser.close()
    server.shutdown()
    table({**measured, "kernel": natively(name)})


if __name__ == "__main__":
    main(*sys.argv[1:])
