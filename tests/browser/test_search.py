"""Search finds sections, the one that explains first, from a server and from a disk."""

import pytest
from playwright.sync_api import Browser, Page
from the_book import SITE
from visits import Visit


def found(page: Page, query: str) -> list[str]:
    page.locator("main #search-input").fill(query)
    return page.locator("#search-results li > a").evaluate_all(
        "all => all.map(one => one.getAttribute('href'))"
    )


@pytest.mark.parametrize(
    ("query", "section"),
    [
        ("dying relu", "book/relu.html#silent-dead-born-dead"),
        ("Dead units", "book/relu.html#silent-dead-born-dead"),
        ("forget gate", "book/rnn-lstm.html#an-lstm-written-down"),
        ("softplus", "book/relu.html#history"),
        ("loss scaling", "book/underflow.html#scaling-the-loss"),
    ],
)
def test_the_section_that_explains_comes_first(query: str, section: str, visit: Visit) -> None:
    page = visit.open("search")
    addresses = found(page, query)
    assert addresses[0] == section
    assert len(addresses) == len(set(addresses))
    assert visit.problems == []


def test_a_result_leads_to_its_section(visit: Visit) -> None:
    page = visit.open("search")
    found(page, "loss scaling")
    page.locator("#search-results li > a").first.click()
    page.wait_for_url("**/book/underflow.html#scaling-the-loss")
    assert page.locator("article :target").count() == 1


def test_names_of_the_library_and_sources_come_after_the_text(visit: Visit) -> None:
    page = visit.open("search")
    addresses = found(page, "softplus")
    names = ["book/api/" in address for address in addresses]
    assert any(names)
    assert names == sorted(names)
    sources = ["book/references.html" in address for address in found(page, "Hochreiter")]
    assert any(sources)
    assert sources == sorted(sources)


def test_a_result_shows_text_and_no_list_of_contents(visit: Visit) -> None:
    page = visit.open("search")
    assert len(found(page, "gradient norms")) > 10
    for told in page.locator("#search-results li p").all_inner_texts():
        assert len(told) < 300
        assert "Contents" not in told
        assert "\\" not in told
    assert "sections found" in page.locator("#search-status").inner_text()
    assert found(page, "nosuchwordanywhere") == []
    assert page.locator("#search-status").inner_text() == "No sections found."
    assert found(page, " ") == []


def test_a_copy_of_the_site_on_a_disk_is_searched_as_well(browser: Browser) -> None:
    window = browser.new_page()
    window.goto(f"{(SITE / 'search.html').as_uri()}?q=softplus")
    assert "book/relu.html#history" in window.locator("#search-results li a").first.evaluate(
        "link => link.href"
    )
    window.close()


def test_an_old_address_of_the_library_leads_to_its_new_page(visit: Visit) -> None:
    for old, new in {
        "lib.symbolic.Derivation.of": "derivations.html#lib.symbolic.Derivation.of",
        "module-lib.theory.isometry": "theory.html#module-lib.theory.isometry",
        "deep-chains": "chains.html",
    }.items():
        visit.page.goto("about:blank")
        visit.page.goto(f"{visit.address}/book/api.html#{old}")
        visit.page.wait_for_url(f"**/book/api/{new}")
