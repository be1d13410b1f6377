"""The pages of the book are light, and look as their style sheets say."""

import gzip
import importlib.util
import io
import re
from pathlib import Path

import light_pages
import mathematics
import pytest
from fontTools.ttLib import TTFont
from the_book import ROOT, pages, soup_of

SPEC = importlib.util.spec_from_file_location("letters", ROOT / ".github/letters.py")
letters = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(letters)


def test_rules_of_classes_that_no_page_has_go_and_all_others_stay() -> None:
    text = """
    .used, .unused > b { color: red }
    .unused:hover, a.used.unused { color: red }
    a:not(.unused) { color: blue }
    .bs-tooltip-auto { top: 0 }
    @media print { .unused { top: 0 } }
    @media screen { .used { top: 0 } .unused { top: 1px } }
    @font-face { font-family: x; src: url(x.woff2) }
    @keyframes turn { to { top: 0 } }
    """
    made = light_pages.used_rules(text, {"used"})
    assert made.split("\n") == [
        ".used{color: red}",
        "a:not(.unused){color: blue}",
        ".bs-tooltip-auto{top: 0}",
        "@media screen{.used{top: 0}}",
        "@font-face { font-family: x; src: url(x.woff2) }",
        "@keyframes turn { to { top: 0 } }",
    ]


def test_a_sheet_brings_what_it_imports_with_its_addresses_set_right(tmp_path: Path) -> None:
    (tmp_path / "styles").mkdir()
    (tmp_path / "styles/theme.css").write_text('@import "../basic.css";\nb { src: url(../f/x) }')
    (tmp_path / "basic.css").write_text('@charset "utf-8"; a { src: url("f/y"), url(data:z) }')
    made = light_pages.read_sheet(tmp_path, "styles/theme.css")
    assert made.split() == 'a { src: url("f/y"), url(data:z) } b { src: url("f/x") }'.split()


def test_only_fonts_of_words_that_are_shown_are_fetched_early() -> None:
    serif, italic = light_pages.FONTS["serif"], light_pages.FONTS["italic"]
    folded = "<article><details><p><em>a</em></p></details></article>"
    assert light_pages.fonts_of(folded) == [light_pages.FONTS["sans"]]
    assert serif in light_pages.fonts_of("<article><p>a</p></article>")
    assert italic not in light_pages.fonts_of(
        "<article><p>a</p><table><em>b</em></table></article>"
    )
    assert italic in light_pages.fonts_of("<article><table></table><p><em>b</em></p></article>")
    # What a script has is not shown: neither its letters, nor what it begins and does not end.
    data = '<script type="application/json">["<em>a", "<svg>"]</script>'
    assert italic not in light_pages.fonts_of(f"<article>{data}<p>a</p></article>")
    assert italic in light_pages.fonts_of(f"<article>{data}<p><em>b</em></p></article>")


@pytest.mark.parametrize("name", pages())
def test_a_page_waits_for_one_style_sheet_and_for_one_script(name: str, site: Path) -> None:
    soup = soup_of(site / f"{name}.html")
    first, *own = [sheet["href"] for sheet in soup.select("link[rel=stylesheet]")]
    assert light_pages.SHEET in first
    assert len(own) <= (name == "book/index")
    waited = [script["src"] for script in soup.select("script[src]:not([defer])")]
    assert [light_pages.FIRST in one for one in waited] == [True]
    assert not soup.select("head #live-unseen")
    longest = soup.select("figcaption[data-longest]")
    assert len(longest) == len(soup.select("figure.explorer form"))
    for early in soup.select("link[rel=preload]"):
        assert (site / name).parent.joinpath(early["href"]).resolve().is_file()


def test_the_style_sheet_is_light_and_has_the_icons_of_the_pages(site: Path) -> None:
    style = (site / "_static" / light_pages.SHEET).read_text(encoding="utf-8")
    assert len(gzip.compress(style.encode())) < 60_000
    page = (site / "book/sigmoid.html").read_text(encoding="utf-8")
    named = " ".join(re.findall(r'<i class="([^"]*)"', page))
    icons = set(re.findall(r"fa-[\w-]+", named)) - {"fa-solid", "fa-lg"}
    assert len(icons) > 5
    for icon in icons:
        assert re.search(rf'\.{icon}:{{1,2}}before\{{content:"', style), icon
    data = light_pages.icons(next(site.rglob("fa-solid-900.ttf")), {0xF062, 0x41})
    assert 0xF062 in TTFont(io.BytesIO(data)).getBestCmap()
    assert len(data) < 3000


@pytest.mark.parametrize(
    "tex",
    [r"\sqrt{q}\,z", r"\frac{\partial\mathcal{L}}{\partial h_l} = \delta_l", r"\sum_{i=1}^n x_i"],
)
def test_usual_formulas_need_only_the_letters_that_come_early(tex: str) -> None:
    style = (ROOT / "book/_static/mathematics.css").read_text(encoding="utf-8")
    spans = [
        range(int(first, 16), int(last or first, 16) + 1)
        for first, last in re.findall(r"U\+([0-9A-F]+)(?:-([0-9A-F]+))?", style)
    ]
    # A root has its sign without naming it.
    for sign in letters.signs_of(mathematics.mathml(tex)) | {ord("√")}:
        assert any(sign in span for span in spans), chr(sign)
    assert letters.ranges({sign for span in spans for sign in span}) in style
    assert (ROOT / "book/_static/temml/letters.woff2").stat().st_size < 80_000
