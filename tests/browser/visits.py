"""A window on the built book that can reach nothing else and keeps what goes wrong."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import explorer_frames
from playwright.sync_api import Browser, Page, Request, Route

ADDRESS = "http://book.test/page.html"  # of a page that a test has written
# What the theme gives to the pages of the book.
COLORS = """
html { --pst-color-text-base: #222; --pst-color-background: #fff; --pst-color-border: #ccc;
  --pst-color-primary: #0054a3; --pst-color-text-muted: #555; --pst-color-surface: #f0f0f0;
  --pst-color-success: #28a745; --pst-color-warning: #d06500; }
html[data-theme=dark] { --pst-color-text-base: #ddd; --pst-color-background: #121212;
  --pst-color-border: #444; --pst-color-primary: #7fb4f0; --pst-color-text-muted: #aaa;
  --pst-color-surface: #222; background: #121212; color: #ddd; }
"""

# Figures that wait for a prediction, opened where they start; passing would move their controls.
UNVEIL = """() => {
    for (const one of document.querySelectorAll('.prediction-veiled')) {
        one.classList.remove('prediction-veiled');
        const figure = one.querySelector('.prediction-figure');
        figure.inert = false;
        figure.removeAttribute('aria-hidden');
    }
}"""

# The frames of all explorers, also of those that are far from what the window shows.
FRAMES = """() => Promise.all([...document.querySelectorAll('.explorer script[data-src]')].map(
    ({ dataset }) => new Promise((onload, onerror) => {
        const script = document.createElement('script');
        document.head.append(Object.assign(script, { src: dataset.src, onload, onerror }));
    })
)).then(() => true)"""


def whole(written: str) -> str:
    """Return a written page with the files of its explorers' frames in it."""
    page, files = explorer_frames.apart(written)
    scripts = (script.replace("</", "<\\/") for script in files.values())
    return page + "".join(f"<script>{script}</script>" for script in scripts)


def opened(browser: Browser, written: str, **options: object) -> Page:
    """Have a new window that reaches nothing but a written page, at `ADDRESS`."""
    page = browser.new_context(**options).new_page()
    page.context.route("**/*", lambda route: route.abort())
    page.context.route(
        f"{ADDRESS}*", lambda route: route.fulfill(body=written, content_type="text/html")
    )
    return page


@contextmanager
def reading(browser: Browser, written: str) -> Iterator[Page]:
    """Open a written page; in the end nothing may have gone wrong on it."""
    page = opened(browser, written)
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    page.goto(ADDRESS)
    yield page
    page.context.close()
    assert problems == []


def waiting(page: Page, expression: str, arg: Any = None, timeout: float = 600_000) -> None:
    """Wait until JavaScript is true on a page, asked from outside: its policy forbids `eval`."""
    end = time.monotonic() + timeout / 1000
    while not page.evaluate(expression, arg):
        if time.monotonic() > end:
            raise TimeoutError(f"never true on {page.url}: {expression}")
        page.wait_for_timeout(50)


class Visit:
    """One page in one window, and all that went wrong on the way."""

    def __init__(self, browser: Browser, address: str, **context: object) -> None:
        self.address = address
        self.also = address  # a second server that a page may reach
        self.problems: list[str] = []
        self.context = browser.new_context(**context)
        self.context.route("**/*", self.keep_inside)
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(600_000)
        self.page.on("console", lambda message: self.note(message.type, message.text))
        self.page.on("pageerror", lambda error: self.problems.append(f"page error: {error}"))
        self.page.on(
            "response",
            lambda response: (
                self.problems.append(f"{response.status} {response.url}")
                if response.status >= 400
                else None
            ),
        )
        self.page.on("requestfailed", self.note_failure)

    def note(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"}:
            self.problems.append(f"console {kind}: {text}")

    def note_failure(self, request: Request) -> None:
        # A page that is left while its icon loads aborts that request, as it should.
        if request.failure != "net::ERR_ABORTED":
            self.problems.append(f"failed: {request.url}")

    def keep_inside(self, route: Route) -> None:
        if route.request.url.startswith((self.address, self.also, "data:", "blob:")):
            route.continue_()
        else:
            self.problems.append(f"outside: {route.request.url}")
            route.abort()

    def open(self, page: str) -> Page:
        """Open a page of the book and wait until its letters have come."""
        self.page.goto(f"{self.address}/{page}.html", wait_until="networkidle")
        self.page.evaluate("document.fonts.ready.then(() => true)")
        return self.page

    def open_figures(self, page: str) -> Page:
        """Open a page, fetch all its frames, and lift the veil from figures that wait."""
        self.open(page)
        self.page.evaluate(FRAMES)
        self.page.evaluate(UNVEIL)
        return self.page
