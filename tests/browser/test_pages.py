"""With the network off every page is complete: desktop and phone, light and dark."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from the_book import pages
from visits import Visit, waiting

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
NEXT_FRAME = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


def assert_fits(page: Page) -> None:
    width = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert width <= 0, f"too wide for {page.viewport_size}"


def assert_typeset(page: Page) -> None:
    """Every formula is typeset, none with an error, and no TeX is left on the page."""
    formulas = page.evaluate(
        """() => [...document.querySelectorAll('article .math')]
            .map(formula => formula.querySelectorAll('math').length)"""
    )
    assert all(formulas), formulas
    assert page.locator(".temml-error, merror").count() == 0
    text = page.evaluate(
        """() => {
            const article = document.querySelector('article').cloneNode(true);
            const notProse = 'pre, code, script, style, math';
            article.querySelectorAll(notProse).forEach(element => element.remove());
            return article.textContent;
        }"""
    )
    assert re.findall(r"\\[()\[\]]|\\[a-z]{3,}|\$\$", text) == []


def assert_accessible(page: Page, colors: bool) -> None:
    """Find nothing with axe; to judge the colors takes most of its time."""
    # Without "preload", axe would fetch style sheets by addresses that it resolves wrongly.
    rules = {"color-contrast": {"enabled": colors}}
    options = {"resultTypes": ["violations"], "preload": False, "rules": rules}
    findings = Axe().run(page, context="article", options=options)
    assert findings.violations_count == 0, findings.generate_report()


def assert_uncut(page: Page) -> None:
    """Open every fold, and look for text and formulas wider than their boxes."""
    cut = page.evaluate(
        """() => {
            document.querySelectorAll('details').forEach(details => details.open = true);
            const text = [...document.querySelectorAll('.cell pre')]
                .filter(text => text.scrollWidth > text.clientWidth + 2);
            const formulas = [...document.querySelectorAll('.derivation-right')]
                .filter(side => side.querySelector('math')?.getBoundingClientRect().width
                    > side.clientWidth + 2);
            return [...text, ...formulas].map(element => element.textContent);
        }"""
    )
    assert cut == []


def assert_marks_stay(page: Page) -> None:
    """Open every fold, and look for a mark on the line after the formula that it follows."""
    left = page.evaluate(
        """() => {
            document.querySelectorAll('details').forEach(details => details.open = true);
            const inline = (one) => getComputedStyle(one).display.startsWith('inline');
            const follows = (node) => {
                while (!node.nextSibling && inline(node.parentElement)) node = node.parentElement;
                for (node = node.nextSibling; node?.firstChild;) node = node.firstChild;
                return node;
            };
            const left = [];
            for (const formula of document.querySelectorAll('article .math > math')) {
                const text = follows(formula);
                if (text?.nodeType !== Node.TEXT_NODE || !/^[.,;:?!)]/.test(text.data)) continue;
                const mark = document.createRange();
                mark.setStart(text, 0);
                mark.setEnd(text, 1);
                const [box] = mark.getClientRects(), end = formula.getBoundingClientRect();
                if (box && end.width && box.top > end.bottom - 2)
                    left.push(formula.dataset.tex + text.data.slice(0, 9));
            }
            return left;
        }"""
    )
    assert left == []


# One page serves all checks: to load it takes longer than they do.
@pytest.mark.parametrize("name", pages())
def test_page_is_complete(name: str, browser: Browser, address: str) -> None:
    visit = Visit(browser, address, viewport=DESKTOP)
    page = visit.open(name)
    assert_fits(page)
    assert_typeset(page)
    page.set_viewport_size(PHONE)
    assert_fits(page)
    # What the page does when its boxes have other sizes, it has done after a frame.
    page.evaluate(NEXT_FRAME)
    assert_marks_stay(page)
    page.set_viewport_size(DESKTOP)
    assert_uncut(page)
    assert visit.problems == []
    visit.context.close()


@pytest.mark.rotates(19)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", pages())
def test_page_can_be_used_by_all(name: str, scheme: str, browser: Browser, address: str) -> None:
    visit = Visit(browser, address, viewport=DESKTOP, color_scheme=scheme)
    page = visit.open(name)
    assert page.evaluate("document.documentElement.dataset.theme") == scheme
    assert_fits(page)
    assert_accessible(page, colors=True)
    page.set_viewport_size(PHONE)
    assert_fits(page)
    page.evaluate(NEXT_FRAME)
    if scheme == "light":
        assert_accessible(page, colors=False)
    assert visit.problems == []
    visit.context.close()


def test_words_are_set_in_the_fonts_of_the_book(visit: Visit) -> None:
    page = visit.open("book/sigmoid")
    come = page.evaluate(
        "[...document.fonts].filter((one) => one.status === 'loaded').map((one) => one.family)"
    )
    for family, selector in {"Source Serif": "article p", "Source Sans": "h1"}.items():
        named = page.locator(selector).first.evaluate("one => getComputedStyle(one).fontFamily")
        assert named.startswith(f'"{family}"')
        assert any(family in one for one in come)


@pytest.mark.parametrize("name", ["book/index", "search", "genindex"])
def test_icons_of_the_theme_are_drawn(name: str, visit: Visit) -> None:
    page = visit.open(name)
    assert page.locator("i[class*='fa-']").count() > 0
    undrawn = page.evaluate(
        """() => [...document.querySelectorAll("i[class*='fa-']")]
            .filter(icon => getComputedStyle(icon, '::before').content === 'none')
            .map(icon => icon.className)"""
    )
    assert undrawn == []
    assert page.evaluate("document.fonts.check('900 16px \"Font Awesome 6 Free\"')")
    assert visit.problems == []


def test_search_finds_a_chapter(visit: Visit) -> None:
    page = visit.open("search")
    page.goto(f"{visit.address}/search.html?q=sigmoid")
    page.locator("#search-results li a").first.wait_for()
    assert page.locator("#search-results a[href*='book/sigmoid']").count() > 0
    assert visit.problems == []


def test_blocks_that_scroll_are_stops_for_the_keyboard_and_no_others(visit: Visit) -> None:
    page = visit.open("book/rrelu")
    wrong = """() => [...document.querySelectorAll('article pre')].filter((one) =>
        one.checkVisibility() && (one.scrollWidth > one.clientWidth) !== (one.tabIndex === 0)
    ).length"""
    waiting(page, f"({wrong})() === 0", timeout=60_000)
    # The theme, which would measure all of them after each move of a figure, gives the others -1.
    assert page.locator("pre[tabindex='-1']").count() == 0
    # What a cell writes later is a stop, too.
    page.evaluate(
        """() => {
            const made = document.createElement('div');
            made.innerHTML = `<pre id=wide>${'x'.repeat(2000)}</pre><pre id=narrow>x</pre>`;
            document.querySelector('article').prepend(made);
        }"""
    )
    waiting(page, "document.getElementById('wide').tabIndex === 0", timeout=60_000)
    assert page.locator("#narrow").get_attribute("tabindex") is None
    assert visit.problems == []


def test_there_is_room_for_the_bar_of_code_before_it_comes(visit: Visit) -> None:
    page = visit.open("book/rrelu")
    below = "document.querySelector('article h1 ~ p').getBoundingClientRect().top"
    with_bar = page.evaluate(below)
    page.evaluate("document.querySelector('.code-switch').remove()")
    assert abs(page.evaluate(below) - with_bar) < 2


def test_solution_opens_with_the_keyboard(visit: Visit) -> None:
    page = visit.open("book/sigmoid")
    solution = page.locator("details.solution").first
    content = solution.locator("p").first
    assert not content.is_visible()
    solution.locator("summary").first.focus()
    page.keyboard.press("Enter")
    assert content.is_visible()


def test_without_javascript_a_page_has_the_colors_of_the_theme(
    browser: Browser, address: str
) -> None:
    context = browser.new_context(java_script_enabled=False, color_scheme="dark")
    page = context.new_page()
    page.goto(f"{address}/book/sigmoid.html")
    assert page.locator("html").get_attribute("data-theme") == "light"
    border = page.locator("figure.explorer").first.evaluate("e => getComputedStyle(e).borderColor")
    assert border not in ("rgb(0, 0, 0)", "")  # a color of the theme, not that of the text
    context.close()


def test_paper_shows_solutions_and_hides_folded_code(visit: Visit) -> None:
    page = visit.open("book/hyperbolic-tangent")
    solutions = page.locator("details:is(.hint, .solution, .start) > p")
    assert not any(one.is_visible() for one in solutions.all())
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert solutions.count() >= 5
    assert all(one.is_visible() for one in solutions.all())
    shown = page.locator("article .tag_hide-cell .cell_input")
    assert shown.count() > 0
    assert all(one.is_visible() for one in shown.all())
    assert not any(one.is_visible() for one in page.locator("details.hide:not([open])").all())
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("article .tag_hide-cell details[open]").count() == 0
    assert page.locator(".explorer-controls:visible").count() == 0


def test_search_finds_chapters_before_lists_and_shows_their_text(visit: Visit) -> None:
    page = visit.page
    page.goto(f"{visit.address}/search.html?q=softplus", wait_until="networkidle")
    first = page.locator("#search-results li").first
    first.wait_for()
    addresses = page.locator("#search-results li a").evaluate_all("all => all.map(a => a.href)")
    places = ["book/api" in address for address in addresses]
    assert places == sorted(places)
    page.locator("#search-results li p").first.wait_for()
    for told in page.locator("#search-results li p").all_inner_texts():
        assert ".pdf" not in told
        assert "Contents" not in told
    box, sign = page.locator("main #search-input"), page.locator("main form.bd-search i")
    left = box.evaluate(
        "e => e.getBoundingClientRect().left + parseFloat(getComputedStyle(e).paddingLeft)"
    )
    assert sign.evaluate("e => e.getBoundingClientRect().right") <= left
    assert visit.problems == []
