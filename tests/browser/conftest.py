"""A browser that can reach the built book and nothing else."""

import json
from collections.abc import Iterator
from pathlib import Path

import a_browser
import pytest
from playwright.sync_api import Browser, expect, sync_playwright
from servers import JupyterServer, jupyter, serving
from visits import Visit

# Ten times what a busy machine needs: no test judges by the clock.
expect.set_options(timeout=120_000)


@pytest.fixture(scope="session")
def address(site: Path) -> Iterator[str]:
    """Serve the built book on a free port of this machine."""
    with serving(site) as served:
        yield served


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start a Chromium."""
    with sync_playwright() as playwright:
        browser = a_browser.start(playwright)
        if browser is None:
            pytest.skip(a_browser.NONE)
        yield browser
        browser.close()


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Visit]:
    """Open a desktop window."""
    visit = Visit(browser, address, viewport={"width": 1280, "height": 900})
    yield visit
    visit.context.close()


@pytest.fixture(scope="session")
def there(site: Path) -> dict:
    """Return what the book tells of its Python."""
    told = json.loads((site / "_static/python/files.json").read_text(encoding="utf-8"))
    if not told:
        pytest.skip("not run: the files of Pyodide could not be fetched when the book was built")
    return told


@pytest.fixture(scope="module")
def server(address: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    """Start a Jupyter server that answers the built book."""
    log = tmp_path_factory.mktemp("server") / "log"
    with jupyter("jupyter-server", log, f"--ServerApp.allow_origin={address}") as server:
        yield server
