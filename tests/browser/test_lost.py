"""The page for a wrong address finds its way back from any depth."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from servers import Silent, serving


class Lost(Silent):
    """Answers what it does not have with that page, as hosts of static sites do."""

    def send_error(self, code: int, *args: object, **options: object) -> None:
        page = (Path(self.directory) / "404.html").read_bytes()
        self.send_response(404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(page)


@pytest.fixture
def host(site: Path) -> Iterator[str]:
    """Serve the site as a host of static sites does."""
    with serving(site, Lost) as served:
        yield served


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [
        ("book/sigmiod.html", "book/sigmoid.html"),
        ("book/lstm.html", "book/rnn-lstm.html"),
        ("book/api/theorie.html", "book/api/theory.html"),
        ("somewhere.html", None),
    ],
)
def test_a_wrong_address_leads_to_the_page_that_was_meant(
    wrong: str, meant: str | None, browser: Browser, host: str
) -> None:
    window = browser.new_page()
    window.goto(f"{host}/{wrong}")
    nearest = window.locator("#nearest a")
    assert nearest.count() == (meant is not None)
    if meant:
        assert nearest.evaluate("link => link.href") == f"{host}/{meant}"
    links = window.locator("li a").evaluate_all("all => all.map(link => link.href)")
    assert f"{host}/book/relu.html" in links
    assert window.request.get(links[-1]).ok
    search = window.locator("a[href*='search.html']").evaluate("link => link.href")
    assert search.startswith(f"{host}/search.html?q=")
    window.close()
