"""An explorer of the book against the stock way to put the same plot and grid on a page.

Side by side in one run: bytes, time until the control answers, and time from input to paint of the
built page, against a stack of PNG images behind a slider that ipywidgets embeds (``Stack``,
``jslink``, ``embed_minimal_html``) with require.js and html-manager served from this machine; then
a redraw in a kernel against ``ipywidgets.interact`` with ``plt.show()``.

Run it with ``make bench``. It needs npm (for the two scripts of the stock way) and Chromium.
"""

import functools
import gzip
import io
import os
import re
import shutil
import statistics
import subprocess
import tarfile
import tempfile
import threading
import time
from collections.abc import Callable
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import ipywidgets as widgets
import nbformat
import numpy as np
from ipywidgets.embed import embed_minimal_html
from matplotlib.figure import Figure
from nbclient import NotebookClient
from playwright.sync_api import Page, sync_playwright

os.environ["VANISHING_GRADIENTS_STATIC"] = "1"
from lib.explore import explore
from lib.figures import sigmoid

ROOT = Path(__file__).parents[1]
STATIC = ROOT / "book" / "_static"
PACKAGES = {
    "@jupyter-widgets/html-manager@1.0.14": "package/dist/embed-amd.js",
    "requirejs@2.3.6": "package/require.js",
}
POSITIONS = np.arange(-8, 8.25, 0.25)
ROUNDS = 7


class Silent(SimpleHTTPRequestHandler):
    """A file server that says nothing."""

    def log_message(self, *args: object) -> None:
        """Say nothing."""


def line(name: str, ours: float, peer: float, unit: str, goal: str = "below 1") -> None:
    """Print one comparison."""
    print(f"{name:34} ours {ours:9.1f} {unit:3} stock {peer:9.1f} {unit:3} "
          f"ratio {ours / peer:6.3f}  goal {goal}")  # fmt: skip


def our_page(folder: Path) -> list[Path]:
    """Write the explorer with its script and style, as the book does."""
    body = explore(sigmoid.tangent, x=(-8.0, 8.0, 0.25))._repr_html_()  # as many as POSITIONS
    head = '<link rel="stylesheet" href="explorer.css"><script defer src="explorer.js"></script>'
    page = folder / "ours.html"
    page.write_text(f"<!doctype html><meta charset=utf-8>{head}{body}", encoding="utf-8")
    scripts = [Path(shutil.copy(STATIC / name, folder)) for name in ("explorer.js", "explorer.css")]
    return [page, *scripts]


def stock_page(folder: Path) -> list[Path]:
    """Write the same frames as images behind a slider, embedded by ipywidgets."""
    images = []
    for x in POSITIONS:
        figure = Figure(figsize=(440 / 72, 300 / 72), layout="constrained")
        sigmoid.tangent(figure.add_subplot(), x=float(x))
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", dpi=144)
        images.append(widgets.Image(value=buffer.getvalue(), format="png"))
    slider = widgets.IntSlider(0, 0, len(images) - 1, description="x")
    stack = widgets.Stack(images, selected_index=0)
    widgets.jslink((slider, "value"), (stack, "selected_index"))
    scripts = [fetch(package, member, folder) for package, member in PACKAGES.items()]
    page = folder / "stock.html"
    embed_minimal_html(page, views=[widgets.VBox([slider, stack])], embed_url="embed-amd.js")
    text = page.read_text(encoding="utf-8")
    text = re.sub(r'<script src="https://[^"]*require[^>]*>', '<script src="require.js">', text)
    page.write_text(text, encoding="utf-8")
    return [page, *scripts]


def fetch(package: str, member: str, folder: Path) -> Path:
    """Take one file out of a package of the npm registry."""
    name = subprocess.run(
        ["npm", "pack", "--silent", package], cwd=folder, check=True, capture_output=True, text=True
    ).stdout.split()[-1]
    with tarfile.open(folder / name) as archive:
        content = archive.extractfile(member)
        assert content is not None
        target = folder / Path(member).name
        target.write_bytes(content.read())
    (folder / name).unlink()
    return target


PAINT = """async (move) => {
    const start = performance.now();
    eval(move);
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 0)));
    return performance.now() - start;
}"""
STATE = """() => (document.querySelector('.explorer-picture')
    ?? document.querySelector('.widget-readout')).textContent
    + [...document.querySelectorAll('path')].map((path) => path.getAttribute('d')).join()"""
OURS_MOVE = """
    const slider = document.querySelector('input[type=range]');
    slider.value = String((Number(slider.value) + 1) % 60);
    slider.dispatchEvent(new Event('input', { bubbles: true }));"""
STOCK_MOVE = """
    const handle = document.querySelector('.noUi-handle');
    handle.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight', bubbles: true }));"""


def measure(page: Page, url: str, ready: str, move: str) -> tuple[float, float]:
    """Median seconds until the control is there, and milliseconds from an input to its paint."""
    waits, paints = [], []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        page.goto(url, wait_until="commit")
        page.wait_for_selector(ready)
        waits.append(time.perf_counter() - start)
        before = page.evaluate(STATE)
        paints += [page.evaluate(PAINT, move) for _ in range(10)]
        assert page.evaluate(STATE) != before, "the control did not move the picture"
        page.goto("about:blank")
    return statistics.median(waits), statistics.median(paints)


def pages() -> None:
    """Compare the two pages."""
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        folder = Path(name)
        files = {"ours": our_page(folder), "stock": stock_page(folder)}
        for kind, size in (("bytes", len), ("bytes, gzipped", lambda b: len(gzip.compress(b)))):
            sizes = {k: sum(size(f.read_bytes()) for f in v) for k, v in files.items()}
            line(f"page, {kind}", sizes["ours"] / 1e3, sizes["stock"] / 1e3, "kB")
        handler = functools.partial(Silent, directory=name)
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        page, root = browser.new_page(), f"http://127.0.0.1:{server.server_port}"
        ours = measure(page, f"{root}/ours.html", "form:not([hidden]) input", OURS_MOVE)
        stock = measure(page, f"{root}/stock.html", ".noUi-handle", STOCK_MOVE)
        line("page, until the control answers", 1e3 * ours[0], 1e3 * stock[0], "ms")
        line("page, from input to paint", ours[1], stock[1], "ms")
        browser.close()
        server.shutdown()


LIVE = """
import time, statistics
from lib.figures import sigmoid
def timed(set_value):
    spans = []
    for i in range(40):
        start = time.perf_counter()
        set_value(-8 + 0.4 * i)
        spans.append(time.perf_counter() - start)
    return 1e3 * statistics.median(spans)
"""
OURS_LIVE = """
from lib.explore import explore
slider = explore(sigmoid.tangent, x=(-8.0, 8.0, 0.1)).children[0].children[0]
print(timed(lambda x: setattr(slider, "value", min(slider.options, key=lambda o: abs(o[1]-x))[1])))
"""
STOCK_LIVE = """
import ipywidgets, matplotlib.pyplot as plt
%matplotlib inline
def show(x):
    figure, ax = plt.subplots(figsize=(440 / 72, 300 / 72)); sigmoid.tangent(ax, x=x); plt.show()
slider = ipywidgets.interactive(show, x=(-8.0, 8.0, 0.1)).children[0]
print(timed(lambda x: setattr(slider, "value", x)))
"""


def live() -> None:
    """Compare one redraw in a kernel."""
    os.environ.pop("VANISHING_GRADIENTS_STATIC")
    spans = {}
    for name, cell in (("ours", OURS_LIVE), ("stock", STOCK_LIVE)):
        cells = [nbformat.v4.new_code_cell(source) for source in (LIVE, cell)]
        notebook = nbformat.v4.new_notebook(cells=cells)
        NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
        text = "".join(o.get("text", "") for o in notebook.cells[1].outputs)
        spans[name] = float(text.split()[-1])
    line("kernel, one redraw", spans["ours"], spans["stock"], "ms", "below 50 ms")


def main(parts: tuple[Callable[[], None], ...] = (pages, live)) -> None:
    """Run all comparisons."""
    for part in parts:
        part()


if __name__ == "__main__":
    main()
