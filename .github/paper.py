"""The whole book as one PDF, printed by Chromium from the built site: ``make pdf``.

Links and running heads are Chromium's. The page numbers of the table of contents are read from a
first print, written in, and checked in the second; the bookmarks repeat that table.
"""

import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path

from playwright.sync_api import Page, sync_playwright
from pypdf import PdfReader, PdfWriter

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "tests/browser")]
import a_browser  # noqa: E402  # it finds a Chromium
from contents import about_book, command_line, pages_of, read_yaml  # noqa: E402

ENTRIES = """() => [...document.querySelectorAll('.paper-line')].map(line => ({
    id: decodeURIComponent(line.querySelector('a').hash.slice(1)),
    title: line.querySelector('a').textContent,
    below: line.classList.contains('paper-below'),
}))"""


class Silent(SimpleHTTPRequestHandler):
    """A server that says nothing."""

    def log_message(self, *args: object) -> None:
        """Say nothing."""


def sources_last(pages: list[str]) -> list[str]:
    """Return pages with the list of sources at the end, as in a book."""
    return sorted(pages, key=lambda page: page.endswith("/references"))


def places(pdf: bytes) -> dict[str, int]:
    """Return the page, from 1, on which each named place of a PDF is."""
    reader = PdfReader(BytesIO(pdf))
    number = {page.indirect_reference.idnum: i + 1 for i, page in enumerate(reader.pages)}
    return {
        name.lstrip("/"): number[place.page.idnum]
        for name, place in reader.named_destinations.items()
        if place.page is not None
    }


def fill_contents(page: Page, found: dict[str, int]) -> list[str]:
    """Write page numbers into the table of contents, and return the entries without one."""
    return page.evaluate(
        """found => [...document.querySelectorAll('.paper-line')].flatMap(line => {
            const id = decodeURIComponent(line.querySelector('a').hash.slice(1));
            line.querySelector('.paper-number').textContent = found[id] ?? '';
            return found[id] ? [] : [id];
        })""",
        found,
    )


def with_bookmarks(pdf: bytes, entries: list[dict], book: dict[str, str]) -> bytes:
    """Return a PDF with bookmarks, which says what it is, and not when it was printed.

    Parameters
    ----------
    pdf : bytes
        What was printed.
    entries : list of dict
        The entries of the table of contents, with ``id``, ``title`` and ``below``.
    book : dict
        The ``title`` and ``author``.
    """
    writer, found, chapter = PdfWriter(clone_from=BytesIO(pdf)), places(pdf), None
    for entry in entries:
        page = found[entry["id"]] - 1
        if entry["below"]:
            writer.add_outline_item(title=entry["title"], page_number=page, parent=chapter)
        else:
            chapter = writer.add_outline_item(title=entry["title"], page_number=page, is_open=False)
    writer.metadata = {"/Title": book["title"], "/Author": book["author"]}
    made = BytesIO()
    writer.write(made)
    return made.getvalue()


def print_book(site: Path, pages: list[str], book: dict[str, str], address: str = "") -> bytes:
    """Print pages of a built site as one document.

    Raises
    ------
    RuntimeError
        If there is no browser, a link leads nowhere, or the page numbers do not settle.
    """
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Silent, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    folder = Path(__file__).parent
    try:
        with sync_playwright() as playwright:
            browser = a_browser.start(playwright)
            if browser is None:
                raise RuntimeError("there is no Chromium: run `make browser`")
            page = browser.new_page(color_scheme="light")
            page.set_default_timeout(3_600_000)
            page.emulate_media(media="print")
            page.goto(f"http://127.0.0.1:{server.server_port}/{pages[0]}.html")
            page.add_style_tag(content=(folder / "paper.css").read_text(encoding="utf-8"))
            script = (folder / "paper.js").read_text(encoding="utf-8")
            script = "\n".join(line for line in script.splitlines() if not line.startswith("//"))
            given = {"pages": pages, "site": address, "book": book}
            dead = page.evaluate(script, given)
            if dead:
                raise RuntimeError(f"links that lead nowhere: {sorted(set(dead))[:10]}")
            known: dict[str, int] = {}
            for _ in range(4):
                pdf = page.pdf(prefer_css_page_size=True, print_background=True, tagged=True)
                found = places(pdf)
                if found == known:
                    entries = page.evaluate(ENTRIES)
                    browser.close()
                    return with_bookmarks(pdf, entries, book)
                known = found
                if missing := fill_contents(page, found):
                    raise RuntimeError(f"places without a page: {missing[:10]}")
            raise RuntimeError("the page numbers do not settle")
    finally:
        server.shutdown()
        server.server_close()


def main() -> None:
    """Read the command line, and print."""
    said = command_line(__doc__, "pdf")
    book = about_book()
    pages = said.pages or sources_last(pages_of(read_yaml("_toc.yml")))
    pdf = print_book(said.site, pages, book, book["site"])
    said.output.write_bytes(pdf)
    print(f"{said.output}: {len(PdfReader(BytesIO(pdf)).pages)} pages, {len(pdf) / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
