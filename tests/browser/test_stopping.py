"""A cell that never ends is stopped by the reader, in words, and the next one runs."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from servers import Silent, jupyter, serving
from visits import Visit

LONG = 1_800_000  # milliseconds
READY = re.compile("Python runs in this page|Connected|not start|not connect|can't run")
ENDLESS = "kept = 6 * 7\nwhile True: pass"


class Isolating(Silent):
    """Sends the headers by which a host lets a page share memory with its workers."""

    def end_headers(self) -> None:
        """Add them."""
        self.send_header("Cross-Origin-Opener-Policy", "same-origin")
        self.send_header("Cross-Origin-Embedder-Policy", "require-corp")
        super().end_headers()


def run_endlessly(visit: Visit, query: str = "") -> tuple[Page, Locator]:
    """Start Python on a small page, run a cell that never ends, and press Stop."""
    page = visit.page
    page.goto(f"{visit.address}/book/evidence.html{query}", wait_until="load")
    page.get_by_role("button", name="Live code").click()
    if query:
        page.get_by_role("button", name="Connect to").click()
    status = page.locator(".live-bar").get_by_role("status")
    expect(status).to_have_text(READY, timeout=LONG)
    cell = page.locator("article .cell", has=page.locator("pre.live-source")).first
    for fold in cell.locator("details.hide:not([open]) > summary").all():
        fold.click()
    assert not cell.get_by_role("button", name="Stop").is_visible()
    run(cell, ENDLESS)
    expect(cell.locator(".live-tools output")).to_have_text("running", timeout=LONG)
    cell.get_by_role("button", name="Stop").click()
    return page, cell


def run(cell: Locator, code: str) -> None:
    cell.locator("pre.live-source").fill(code)
    cell.get_by_role("button", name="Run").click()


def is_interrupted_and_keeps_names(page: Page, cell: Locator) -> None:
    status = page.locator(".live-bar").get_by_role("status")
    expect(status).to_contain_text("The cell was interrupted", timeout=LONG)
    expect(cell.locator(".live-output")).to_contain_text("KeyboardInterrupt")
    assert not cell.get_by_role("button", name="Stop").is_visible()
    run(cell, "print(kept)")
    expect(cell.locator(".live-output")).to_have_text("42", timeout=LONG)


@pytest.mark.rotates(2)
@pytest.mark.usefixtures("there")
def test_an_endless_cell_is_stopped_and_python_starts_afresh(visit: Visit) -> None:
    page, cell = run_endlessly(visit)
    status = page.locator(".live-bar").get_by_role("status")
    expect(status).to_contain_text("The cell was stopped", timeout=LONG)
    expect(status).to_contain_text("are forgotten")
    assert not cell.get_by_role("button", name="Stop").is_visible()
    run(cell, "print('kept' in globals())")
    expect(cell.locator(".live-output")).to_have_text("False", timeout=LONG)
    expect(cell.locator(".live-tools output")).to_have_text("done")


@pytest.mark.exhaustive
@pytest.mark.usefixtures("there")
def test_where_the_host_isolates_the_page_a_cell_is_interrupted(
    browser: Browser, site: Path
) -> None:
    with serving(site, Isolating) as address:
        visit = Visit(browser, address)
        is_interrupted_and_keeps_names(*run_endlessly(visit))
        visit.context.close()


@pytest.mark.rotates(3)
def test_a_jupyter_server_interrupts_a_cell(visit: Visit, tmp_path: Path) -> None:
    allow = f"--ServerApp.allow_origin={visit.address}"
    with jupyter("jupyter-server", tmp_path / "log", allow) as server:
        visit.also = server.address
        query = f"?jupyter={server.address}&token={server.token}"
        is_interrupted_and_keeps_names(*run_endlessly(visit, query))
