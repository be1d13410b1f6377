"""Formulas are set when the book is built, and a wrong one fails the build by name."""

import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import mathematics
import pytest
from bs4 import BeautifulSoup
from the_book import ROOT, pages, soup_of, text_without

CONFIG = """extensions = ['myst_parser', 'mathematics']
html_math_renderer = 'temml'
html_static_path = ['static']
myst_enable_extensions = ['dollarmath']
"""


def build(folder: Path, text: str) -> subprocess.CompletedProcess:
    (folder / "static").mkdir()
    (folder / "conf.py").write_text(CONFIG, encoding="utf-8")
    (folder / "index.md").write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "sphinx", "-q", "-b", "html", ".", "out"]
    environment = {"PYTHONPATH": f"{ROOT / 'book/_ext'}:{':'.join(sys.path)}", "PATH": ""}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def test_formulas_of_text_outputs_and_numbers_are_set(tmp_path: Path) -> None:
    text = (
        "# Page\n\nA $x_1 < y$ in `\\(code\\)`.\n\n$$\na = b\n$$ (sum)\n\nSee {eq}`sum`.\n\n"
        '```{raw} html\n<div title="\\(t\\)">\\(u &lt; v\\)</div><pre>\\(kept\\)</pre>\n```\n'
    )
    done = build(tmp_path, text)
    assert done.returncode == 0, done.stderr
    html = (tmp_path / "out/index.html").read_text(encoding="utf-8")
    soup = BeautifulSoup(html, "html.parser")
    assert [one.get_text() for one in soup.select("math")] == ["x1<y", "a=b", "u<v"]
    assert [one.get("display") for one in soup.select("math")] == [None, "block", None]
    assert soup.select_one("div.math#equation-sum > .eqno").get_text().startswith("(1)")
    assert soup.select_one('p a[href="#equation-sum"]').get_text() == "(1)"
    assert soup.select_one("code").get_text() == "\\(code\\)"
    assert soup.select_one("pre").get_text() == "\\(kept\\)"
    assert 'title="\\(t\\)"' in html
    assert "MathJax" not in html
    assert html.count('rel="preload"') == 1


def test_a_formula_that_is_no_tex_fails_the_build_by_name(tmp_path: Path) -> None:
    done = build(tmp_path, "# Page\n\n$x$ and $\\frac{1}{2$ and $\\nosuch{x}$.\n")
    assert done.returncode != 0
    assert "index.html" in done.stderr
    assert "\\\\frac{1}{2" in done.stderr


@pytest.mark.parametrize(
    ("tex", "spaces"),
    [
        ("a = b", [(None, None)]),
        ("= b", [("0em", None)]),
        ("a =", [(None, "0em")]),
        (r"\displaystyle =", [("0em", "0em")]),
        ("x_{i-1} + y", [("0em", "0em"), (None, None)]),
        (r"\sum_{l=1}^L a", [(None, None), ("0em", "0em")]),
    ],
)
def test_operators_keep_the_distance_that_tex_keeps(tex: str, spaces: list) -> None:
    root = ElementTree.fromstring(mathematics.mathml(tex))
    found = [(one.get("lspace"), one.get("rspace")) for one in root.iter("mo")]
    assert sorted(found, key=str) == sorted(spaces, key=str)


@pytest.mark.parametrize("page", pages())
def test_no_formula_is_left_for_the_browser(page: str, site: Path) -> None:
    html = (site / f"{page}.html").read_text(encoding="utf-8")
    assert "mathjax" not in html.lower().replace("mathjax_ignore", "")  # a class of MyST
    soup = soup_of(site / f"{page}.html")
    for formula in soup.select(".math"):
        assert formula.find("math"), str(formula)[:200]
    shown = text_without(soup, "pre, code, script, style, textarea")
    assert not re.search(r"\\\(|\\\[", shown)
    assert bool(soup.select("math")) == (mathematics.FONT in html)


def test_the_fonts_are_where_the_styles_and_the_pages_expect_them() -> None:
    static = ROOT / "book/_static"
    whole = (static / "temml/Temml-Latin-Modern.css").read_text(encoding="utf-8")
    part = (static / "mathematics.css").read_text(encoding="utf-8")
    fonts = {f"temml/{name.removeprefix('./')}" for name in re.findall(r"url\('(.*?)'\)", whole)}
    assert mathematics.FONT in re.findall(r'url\("(.*?)"\)', part)
    assert all((static / font).is_file() for font in fonts | {mathematics.FONT})
