"""Live code on a built page: a real Jupyter server, and nothing else to reach."""

import re
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from servers import JupyterServer, free_port
from visits import Visit


@pytest.fixture
def live(visit: Visit, server: JupyterServer) -> Visit:
    visit.also = server.address
    return visit


def press(visit: Visit, query: str, name: str = "sigmoid") -> Page:
    page = visit.page
    page.goto(f"{visit.address}/book/{name}.html?{query}", wait_until="networkidle")
    page.get_by_role("button", name="Live code").click()
    page.get_by_role("button", name="Connect to").click()
    return page


def status(page: Page) -> Locator:
    return page.locator(".live-bar").get_by_role("status")


def cell_with(page: Page, text: str) -> Locator:
    """Find a cell by its code, and unfold the code."""
    cell = page.locator("article .cell", has=page.locator("pre.live-source", has_text=text)).first
    unfold(cell)
    return cell


def unfold(cell: Locator) -> None:
    for fold in cell.locator("details.hide:not([open]) > summary").all():
        fold.click()


def test_nothing_of_it_is_loaded_before_the_press(visit: Visit) -> None:
    requested: list[str] = []
    visit.page.on("request", lambda request: requested.append(request.url))
    visit.open("book/sigmoid")
    assert visit.page.get_by_role("button", name="Live code").is_visible()
    assert [url for url in requested if "thebe" in url or "python/" in url] == []
    assert visit.problems == []


def test_pages_without_code_offer_no_live_code(visit: Visit) -> None:
    page = visit.open("book/notation")
    assert page.locator(".live-start").count() == page.locator(".cell_input").count() == 0


def test_an_edited_cell_runs_and_shows_its_new_output(live: Visit, server: JupyterServer) -> None:
    page = press(live, f"jupyter={server.address}&token={server.token}")
    expect(status(page)).to_contain_text("Connected to 127.0.0.1", timeout=600_000)
    cell = cell_with(page, "# prediction minus label")
    printed = cell.locator(".cell_output pre").text_content().strip()
    source = cell.locator("pre.live-source")
    source.fill(
        source.text_content().replace("range(1001)", "range(3)")
        + "\nprint('six times seven', 6 * 7)"
    )
    source.press("Shift+Enter")
    answer = cell.locator(".live-output")
    expect(answer).to_contain_text("six times seven 42", timeout=600_000)
    assert not cell.locator(".cell_output").is_visible()
    assert "1000" in printed
    assert "1000" not in answer.text_content()  # three steps are fewer
    expect(cell.locator(".live-tools output")).to_have_text("done")

    cell.get_by_role("button", name="Undo edits").click()
    cell.get_by_role("button", name="Run").click()
    expect(answer).not_to_contain_text("six times seven", timeout=600_000)
    expect(answer).to_have_text(printed)
    assert live.problems == []


@pytest.mark.rotates(3)
def test_a_live_explorer_takes_the_place_of_the_static_one(
    live: Visit, server: JupyterServer
) -> None:
    page = press(live, f"jupyter={server.address}&token={server.token}")
    expect(status(page)).to_contain_text("Connected to", timeout=600_000)
    cell = cell_with(page, "figures.tangent")
    static = cell.locator("figure.explorer")
    assert static.is_visible()
    cell.get_by_role("button", name="Run").click()
    cell.locator(".live-output").get_by_role("button", name="Show me").click(timeout=600_000)
    slider = cell.locator(".live-output").get_by_role("slider")
    slider.wait_for(timeout=600_000)
    expect(static).not_to_be_visible()
    caption = cell.locator(".live-output [aria-live]")
    expect(caption).to_contain_text("At x = 5 the output is 0.9933")
    picture = cell.locator(".live-output svg").last.inner_html()
    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(caption).to_contain_text("At x = 5.5 the output is 0.9959")
    assert cell.locator(".live-output svg").last.inner_html() != picture
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert live.problems == []


@pytest.mark.rotates(3)
def test_all_cells_run_also_those_that_rest_on_cells_not_shown(
    live: Visit, server: JupyterServer
) -> None:
    page = press(live, f"jupyter={server.address}&token={server.token}", "rrelu")
    expect(status(page)).to_contain_text("Connected to", timeout=600_000)
    page.get_by_role("button", name="Run all").click()
    states = page.locator(".live-tools output")
    expect(states.last).to_have_text("done", timeout=600_000)
    assert set(states.all_text_contents()) == {"done"}
    # A table that a cell returns is one, as on the page.
    rows = """(kind) => [...document.querySelectorAll('article .cell')]
        .filter((cell) => cell.querySelector('.live-output'))
        .map((cell) => [...cell.querySelectorAll(`${kind} table tr`)]
            .map((row) => [...row.children].filter((box) => !box.querySelector('math'))
                .map((box) => box.textContent.trim().replaceAll('’', "'"))))
        .filter((rows) => rows.length)"""
    built = page.evaluate(rows, ".cell_output")
    assert len(built) >= 3
    assert page.evaluate(rows, ".live-output") == built
    assert "|---" not in page.locator("article").inner_text()


@pytest.mark.rotates(3)
def test_a_false_step_is_named_and_stops_what_follows(live: Visit, server: JupyterServer) -> None:
    page = press(live, f"jupyter={server.address}&token={server.token}")
    expect(status(page)).to_contain_text("Connected to", timeout=600_000)
    cell = cell_with(page, "from_logit = Derivation")
    source = cell.locator("pre.live-source")
    source.fill(source.text_content().replace("exp(logit)*(1 - P)", "exp(logit)*(1 + P)"))
    page.get_by_role("button", name="Run all").click()
    error = cell.locator(".live-output")
    expect(error).to_contain_text("DerivationError", timeout=600_000)
    expect(error).to_contain_text("multiply by")
    expect(status(page)).to_contain_text("stopped with an error")
    after = cell_with(page, "logistic_fit")
    assert after.locator("figure.explorer").is_visible()
    page.get_by_role("button", name="Restart").click()
    expect(status(page)).to_contain_text("Restarted", timeout=600_000)
    assert cell.locator(".cell_output").is_visible()


@pytest.mark.rotates(2)
@pytest.mark.parametrize(
    ("token", "port"), [("wrong", None), ("", "free")], ids=["wrong token", "no server"]
)
def test_a_failure_is_told_in_words_and_leaves_the_page(
    live: Visit, server: JupyterServer, token: str, port: str | None
) -> None:
    there = server.address if port is None else f"http://127.0.0.1:{free_port()}"
    live.also = there
    page = live.page
    page.goto(f"{live.address}/book/sigmoid.html", wait_until="networkidle")
    page.wait_for_load_state("load")
    before = article_of(page)
    page.goto(f"{live.address}/book/sigmoid.html?jupyter={there}&token={token}")
    page.wait_for_load_state("networkidle")
    page.get_by_role("button", name="Live code").click()
    page.get_by_role("button", name="Connect to").click()
    expect(status(page)).to_contain_text("Could not connect to 127.0.0.1", timeout=600_000)
    assert article_of(page) == before
    assert page.locator("[contenteditable]").count() == 0
    assert page.get_by_role("button", name="Live code").is_enabled()


def test_binder_is_asked_only_after_the_press(browser: Browser, address: str) -> None:
    visit = Visit(browser, address)
    page = visit.open("book/sigmoid")
    assert visit.problems == []
    page.evaluate("localStorage.setItem('live-code-way', 'binder')")  # chosen on another page
    page.reload(wait_until="networkidle")
    page.get_by_role("button", name="Live code").click()
    expect(status(page)).to_contain_text("Could not connect to mybinder.org", timeout=600_000)
    asked = [problem for problem in visit.problems if problem.startswith("outside: ")]
    assert len(asked) == 1
    assert re.match(r"outside: https://mybinder\.org/build/gh/[^/]+/[^/]+/main", asked[0])
    visit.context.close()


def article_of(page: Page) -> str:
    """Return the article without the bar, and without the ids that explorers draw afresh."""
    return page.evaluate(
        """() => {
            const article = document.querySelector('article').cloneNode(true);
            article.querySelector('.live-bar')?.remove();
            return article.textContent;
        }"""
    )


def test_code_is_no_trap_for_the_keyboard(live: Visit, server: JupyterServer) -> None:
    page = press(live, f"jupyter={server.address}&token={server.token}")
    expect(status(page)).to_contain_text("Connected to", timeout=600_000)
    source = page.locator("pre.live-source").first
    unfold(page.locator("article .cell").first)
    assert source.get_attribute("role") == "textbox"
    source.focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('pre')") is None
    source.fill("for i in range(2):")
    source.press("End")
    source.press("Enter")
    page.keyboard.type("    print(i)")
    source.press("Enter")
    page.keyboard.type("print('indented')")
    page.keyboard.press("Shift+Enter")
    printed = page.locator(".live-output").first
    expect(printed).to_have_text("0\nindented\n1\nindented", timeout=600_000)


@pytest.mark.rotates(3)
@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ("myserver", "http://"), ("localhost:8888", "http://"), ("javascript:alert(1)", "http://"),
        ("ftp://127.0.0.1/", "http://"), ("http://", "http://"),
        ("http://me:secret@127.0.0.1:1/", "a name or a password"),
    ],
)  # fmt: skip
def test_an_address_that_is_no_server_is_told_in_words(
    visit: Visit, given: str, fault: str
) -> None:
    page = visit.page
    page.goto(f"{visit.address}/book/sigmoid.html?jupyter={quote(given)}&token=secret")
    page.get_by_role("button", name="Live code").click()
    expect(status(page)).to_contain_text(given)
    expect(status(page)).to_contain_text(fault)
    expect(status(page)).to_contain_text("Nothing was sent")
    assert visit.problems == []


def test_a_server_in_the_address_gets_nothing_before_the_reader_agrees(visit: Visit) -> None:
    there = f"http://127.0.0.1:{free_port()}"
    visit.also = there
    asked: list[str] = []
    visit.page.on("request", lambda request: asked.append(request.url))
    page = visit.page
    page.goto(f"{visit.address}/book/sigmoid.html?jupyter={there}/&token=secret")
    page.wait_for_load_state("networkidle")
    page.get_by_role("button", name="Live code").click()
    expect(status(page)).to_contain_text(f"asks for a Jupyter server at {there}/")
    page.get_by_role("button", name="Cancel").click()
    expect(status(page)).to_contain_text("Nothing was sent to 127.0.0.1")
    assert not [url for url in asked if url.startswith(there) or "thebe" in url]
    page.get_by_role("button", name="Live code").click()
    page.get_by_role("button", name="Connect to 127.0.0.1").click()
    expect(status(page)).to_contain_text("no Jupyter server answers there")
    to_it = [url for url in asked if url.startswith(there)]
    assert to_it == [f"{there}/api"]  # and no token: what answers may be anything
    page.reload()
    page.get_by_role("button", name="Live code").click()
    expect(status(page)).to_contain_text("Could not connect")  # known by now


def test_log_of_the_server_is_clean(server: JupyterServer) -> None:
    assert "Traceback" not in Path(server.log).read_text()
