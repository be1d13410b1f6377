"""A server that stands in the address of a page: nothing is sent before the reader agrees."""

from urllib.parse import quote

import pytest
from playwright.sync_api import Locator, Page, expect
from servers import JupyterServer
from visits import Visit

pytestmark = pytest.mark.rotates(2)

# What the page remembers, without the colors that the theme keeps.
KEPT = """[...Object.keys(localStorage), ...Object.keys(sessionStorage)]
    .filter((name) => !["mode", "theme"].includes(name))"""
HOSTILE = """
from IPython.display import HTML, Javascript, display

display(HTML('''<script>window.ran = 'script'</script>
<img src="data:," onerror="window.ran = 'handler'">
<svg onload="window.ran = 'picture'"></svg>
<iframe srcdoc="<script>parent.ran = 'frame'</script>"></iframe>
<a id="bait" href="javascript:window.ran = 'link'">bait</a>
<form action="https://evil.test/"><button id="form">send</button></form>
<img src="https://evil.test/picture.png">'''))
display(Javascript("window.ran = 'program'"))
print("shown")
"""


def status(page: Page) -> Locator:
    return page.locator(".live-bar").get_by_role("status")


def follow(visit: Visit, given: str) -> list[str]:
    """Follow a link with a server, and return the list of the addresses that the page asks for."""
    asked: list[str] = []
    visit.page.on("request", lambda request: asked.append(request.url))
    visit.page.on("websocket", lambda socket: asked.append(socket.url))
    visit.page.goto(
        f"{visit.address}/book/evidence.html?jupyter={quote(given, safe='')}&token=secret",
    )
    return asked


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ("javascript:window.ran='address'", "must begin with http:// or https://"),
        ("data:text/html,<script>window.ran='address'</script>", "must begin with http://"),
        ("//evil.test/", "must begin with http://"),
        ("https://mybinder.org@evil.test/", "must not hold a name or a password"),
        ("http://localhost.evil.test/", "any other with https://"),
    ],
)
def test_an_address_that_cannot_be_is_refused(visit: Visit, given: str, fault: str) -> None:
    asked = follow(visit, given)
    page = visit.page
    page.get_by_role("button", name="Live code").click()
    expect(status(page)).to_contain_text(fault)
    expect(status(page)).to_contain_text("Nothing was sent")
    assert page.get_by_role("button", name="Connect to").count() == 0
    assert [url for url in asked if not url.startswith((visit.address, "data:"))] == []
    assert page.evaluate("window.ran") is None
    assert page.evaluate(KEPT) == []
    assert visit.problems == []


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ("https:\\\\evil.test\\@mybinder.org", "https://evil.test/@mybinder.org"),
        ("https://mybinder.org.evil.test", "https://mybinder.org.evil.test/"),
        ("https://\N{CYRILLIC SMALL LETTER A}pple.test/", "https://xn--pple-43d.test/"),
    ],
)
def test_a_foreign_server_is_named_and_gets_nothing_before_a_yes(
    visit: Visit, given: str, named: str
) -> None:
    asked = follow(visit, given)
    page = visit.page
    page.get_by_role("button", name="Live code").click()
    expect(status(page)).to_contain_text(f"asks for a Jupyter server at {named}")
    expect(status(page)).to_contain_text("no script of its own runs here")
    page.get_by_role("button", name="Cancel").click()
    expect(status(page)).to_contain_text("Nothing was sent to")

    # Nor does it count as the reader's choice that the address stands in the field.
    page.locator(".live-ways summary").click()
    page.get_by_role("button", name="Run there").click()
    expect(status(page)).to_contain_text(f"asks for a Jupyter server at {named}")
    page.get_by_role("button", name="Cancel").click()
    expect(status(page)).to_contain_text("Nothing was sent to")
    assert [url for url in asked if not url.startswith((visit.address, "data:"))] == []
    assert not [url for url in asked if "thebe" in url]
    assert page.evaluate(KEPT) == []
    assert visit.problems == []


def test_what_a_server_answers_is_shown_and_runs_nothing(
    visit: Visit, server: JupyterServer
) -> None:
    visit.also = server.address
    follow(visit, server.address)
    page = visit.page
    page.goto(f"{visit.address}/book/evidence.html?jupyter={server.address}&token={server.token}")
    page.get_by_role("button", name="Live code").click()
    page.get_by_role("button", name="Connect to").click()
    expect(status(page)).to_contain_text("Connected to", timeout=600_000)
    cell = page.locator("article .cell", has=page.locator("pre.live-source")).first
    for fold in cell.locator("details.hide:not([open]) > summary").all():
        fold.click()
    source = cell.locator("pre.live-source")
    source.fill(HOSTILE)
    source.press("Shift+Enter")
    output = cell.locator(".live-output")
    expect(output).to_contain_text("shown", timeout=600_000)
    expect(cell.locator(".live-tools output")).to_have_text("done")
    assert page.evaluate("window.ran") is None
    output.locator("#bait").evaluate("link => { link.removeAttribute('target'); link.click(); }")
    output.locator("#form").evaluate("button => button.click()")
    page.wait_for_timeout(500)
    assert page.evaluate("window.ran") is None
    assert page.url.startswith(visit.address)
    assert not [one for one in visit.problems if one.startswith("outside: ")]
    blocked = " ".join(visit.problems)
    for what in ("inline script", "event handler", "evil.test/picture.png", "form"):
        assert what in blocked
