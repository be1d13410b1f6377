"""The frames of an explorer come when they are needed, from a folder, too, or it says so."""

import re
from collections.abc import Iterator
from pathlib import Path

import explorer_frames
import pytest
from playwright.sync_api import Browser, Page, Route, expect
from the_book import ROOT

from lib.explore import explore

pytestmark = pytest.mark.rotates(2)

SCRIPT = ROOT / "book" / "_static" / "explorer.js"


def dot(ax, *, place=0, kind="a"):
    """A dot at a place."""
    ax.plot([place], [0], "o")
    return f"The {kind} dot is at {place}."


class Folder:
    """A page in a folder, with one explorer at its top and one far below, and what it asks for."""

    def __init__(self, folder: Path, page: Page, names: list[str], figures: list[str]) -> None:
        self.page, self.asked = page, []
        self.problems: list[str] = []
        self.top, self.far = names
        html, files = explorer_frames.apart(
            "<!doctype html><meta charset=utf-8><script src=explorer.js></script>"
            f"{figures[0]}<div style='height: 9000px'></div>{figures[1]}"
        )
        self.frames = folder / "_static" / "frames"
        self.frames.mkdir(parents=True)
        for name, script in files.items():
            (self.frames / name).write_text(script, encoding="utf-8")
        (folder / "explorer.js").write_text(SCRIPT.read_text("utf-8"), encoding="utf-8")
        (folder / "page.html").write_text(html, encoding="utf-8")
        self.address = (folder / "page.html").as_uri()
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("request", lambda request: self.asked.append(request.url))

    def open(self, fragment: str = "") -> Page:
        self.page.goto(self.address + fragment, wait_until="domcontentloaded")
        return self.page

    def file_of(self, name: str) -> Path:
        (found,) = self.frames.glob(f"{name}.*.js")
        return found

    def has_asked(self, name: str) -> bool:
        return any(re.search(rf"/frames/{name}\.\w+\.js$", one) for one in self.asked)


@pytest.fixture(scope="module")
def drawn() -> tuple[list[str], list[str]]:
    """Draw an explorer twice, and return the names and the HTML."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VANISHING_GRADIENTS_STATIC", "1")
        both = [explore(dot, place=(0, 5), kind=["a", "b"]) for _ in "ab"]
    return [one.name for one in both], [one._repr_html_() for one in both]


@pytest.fixture
def folder(
    browser: Browser, tmp_path: Path, drawn: tuple[list[str], list[str]]
) -> Iterator[Folder]:
    folder = Folder(tmp_path, browser.new_page(), *drawn)
    yield folder
    folder.page.close()
    assert folder.problems == []


def test_frames_are_asked_for_when_the_reader_is_near(folder: Folder) -> None:
    with folder.page.expect_request(f"**/frames/{folder.top}.*"):
        page = folder.open()
    assert not folder.has_asked(folder.far)
    page.locator(f"#{folder.top} input").press("End")
    expect(page.locator(f"#{folder.top}-caption")).to_have_text("The a dot is at 5.")
    assert not folder.has_asked(folder.far)
    with page.expect_request(f"**/frames/{folder.far}.*"):
        page.evaluate("scrollTo(0, 9000)")
    page.locator(f"#{folder.far} select").select_option("1")
    expect(page.locator(f"#{folder.far}-caption")).to_have_text("The b dot is at 0.")
    assert len(folder.asked) == len(set(folder.asked))


def test_a_view_in_the_address_waits_for_its_frames_and_fetches_no_others(folder: Folder) -> None:
    held: list[Route] = []
    folder.page.route("**/frames/*", lambda route: held.append(route))
    page = folder.open(f"#~{folder.far}.place=3&{folder.far}.kind=b")
    figure = page.locator(f"#{folder.far}")
    expect(figure).to_have_attribute("aria-busy", "true")
    expect(figure.locator("input")).to_have_value("3")
    expect(figure.locator("output")).to_have_text("3")
    expect(figure.locator("figcaption")).to_have_text("The a dot is at 0.")
    # What is asked for last is what is shown.
    figure.locator("input").press("ArrowRight")
    expect(page).to_have_url(re.compile("place=4"))
    for one in held:
        assert folder.far in one.request.url
        one.continue_()
    expect(figure.locator("figcaption")).to_have_text("The b dot is at 4.")
    expect(figure).not_to_have_attribute("aria-busy", "true")


def test_play_waits_for_the_frames(folder: Folder) -> None:
    held: list[Route] = []
    folder.page.route(f"**/frames/{folder.top}.*", lambda route: held.append(route))
    page = folder.open()
    figure = page.locator(f"#{folder.top}")
    button = figure.locator("[data-play]")
    button.click()
    expect(figure).to_have_attribute("aria-busy", "true")
    expect(button).to_have_text("Pause")
    page.wait_for_timeout(800)  # two steps of a story
    expect(figure.locator("input")).to_have_value("1")
    held[0].continue_()
    expect(button).to_have_text("Play")
    expect(figure.locator("figcaption")).to_have_text("The a dot is at 5.")


def test_a_file_that_cannot_be_loaded_is_told_in_place_and_asked_for_again(folder: Folder) -> None:
    file = folder.file_of(folder.top)
    aside = file.rename(file.with_suffix(".aside"))
    page = folder.open()
    figure = page.locator(f"#{folder.top}")
    caption = figure.locator("figcaption")
    page.wait_for_load_state("networkidle")
    expect(caption).to_have_text("The a dot is at 0.")  # nobody has asked for another
    figure.locator("[data-play]").click()
    expect(caption).to_contain_text("The a dot is at 0. The picture for this setting could not be")
    expect(figure.locator("[data-play]")).to_have_text("Play")
    assert figure.get_attribute("aria-busy") is None
    figure.locator("[type=reset]").click()
    expect(caption).to_have_text("The a dot is at 0.")
    aside.rename(file)
    figure.locator("input").press("End")
    expect(caption).to_have_text("The a dot is at 5.")


def test_paper_shows_the_end_of_a_story_whose_frames_never_came(folder: Folder) -> None:
    folder.file_of(folder.far).unlink()
    page = folder.open()
    figure = page.locator(f"#{folder.far}")
    before = figure.inner_html()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(figure.locator("figcaption")).to_have_text("The a dot is at 5.")
    printed = figure.inner_html()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert figure.inner_html() == before != printed
    assert not folder.has_asked(folder.far)
