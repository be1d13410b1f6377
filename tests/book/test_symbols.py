"""Each page lists the symbols of its derivations, in the words of the page of notation."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import symbols
from bs4 import Tag
from the_book import ROOT, pages, soup_of

BOX = ":::{admonition} In this chapter\n:class: tip\nYou need nothing.\n:::\n"
DERIVED = '```{raw} html\n<div class="derivation">\\(%s\\)</div>\n```\n'
FORMULAS = {"sigmoid": "d_{l-1} \\chi_1 = q^*", "rnn-lstm": "h_{t-1} + W + \\tilde h"}
PAGES = {
    "sigmoid": f"# S\n\n{BOX}\nLet $x_3$ and $\\sigma_w$.\n\n{DERIVED % FORMULAS['sigmoid']}",
    "rnn-lstm": f"# R\n\n{BOX}\n{DERIVED % FORMULAS['rnn-lstm']}",
    "relu": f"# N\n\n{BOX}\nLet $x$.\n",  # without a derivation
}


@pytest.mark.parametrize(
    ("formula", "found"),
    [
        (r"h_l = W_l\,a_{l-1} + b_1", ["h_#", "W_#", "a_#", "b_#"]),
        (r"n_\text{in} + n_{\text{out}} + n", ["n_in", "n_out", "n"]),
        (r"\mathcal{L} \mathsf T T", ["mathcal L", "mathsf T", "T"]),
        (r"\operatorname{relu}' \tanh", ["operatorname relu", "tanh"]),
        (r"q^* q \chi_1 \chi_q \alpha_\star", ["q*", "q", "chi_#", "chi_q", "alpha_star"]),
        (r"\tilde h_t \hat{x}_j", ["tilde h_#", "hat x_#"]),
    ],
)  # fmt: skip
def test_symbols_are_found_in_one_form(formula: str, found: list[str]) -> None:
    assert symbols.symbols_of(formula) == found


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the page of notation with small pages beside it."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "conf.py").write_text(
        "extensions = ['myst_parser', 'tips', 'symbols']\nsuppress_warnings = ['*']\n"
        "myst_enable_extensions = ['dollarmath', 'colon_fence']\n"
    )
    (folder / "book").mkdir()
    notation = (ROOT / "book/notation.md").read_text(encoding="utf-8")
    for name, text in {**PAGES, "notation": notation}.items():
        (folder / f"book/{name}.md").write_text(text, encoding="utf-8")
    (folder / "index.md").write_text("# I\n\n```{toctree}\n:glob:\nbook/*\n```\n")
    command = [sys.executable, "-m", "sphinx", "-q", "-b", "html", ".", "out"]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "book/_ext")}
    subprocess.run(command, cwd=folder, check=True, env=environment)
    return folder / "out/book"


def text_of(part: Tag) -> str:
    return " ".join(part.get_text().split())


def listed(path: Path) -> dict[str, str]:
    page = soup_of(path)
    found = page.select("details.symbols-aside dl")
    assert len(found) <= 1
    return {
        text_of(term): text_of(term.find_next_sibling("dd"))
        for one in found
        for term in one.select("dt")
    }


def explained(path: Path) -> set[str]:
    """All texts in the last cells of the tables of notation."""
    page = soup_of(path)
    return {text_of(row.select("td")[-1]) for row in page.select("tr") if row.select("td")}


def test_a_page_lists_what_it_uses_and_nothing_else(built: Path) -> None:
    keys = {"x", "sigma_w", "d_l", "q", "chi_1", "q^*"}
    told = listed(built / "sigmoid.html")
    assert len(told) == 5
    assert told[r"\(d_l\)"] == "slope of layer \\(l\\)"
    assert {key for key in keys for name in told if key in name} == keys
    assert listed(built / "relu.html") == {}
    of_time = listed(built / "rnn-lstm.html")
    assert len(of_time) == 3
    assert of_time[r"\(h_t\), \(h\)"].startswith("hidden state")
    assert any(name.startswith(r"\(\tilde h_t\)") for name in of_time)


def test_the_words_are_those_of_the_page_of_notation(built: Path) -> None:
    known = explained(built / "notation.html")
    for page in ("sigmoid", "rnn-lstm"):
        for meaning in listed(built / f"{page}.html").values():
            assert meaning in known or any(f": {meaning}" in cell for cell in known)


@pytest.mark.parametrize("page", pages())
def test_every_page_with_a_derivation_explains_its_symbols(page: str, site: Path) -> None:
    html = (site / f"{page}.html").read_text(encoding="utf-8")
    if 'class="derivation tex' not in html or "In this chapter" not in html:
        return
    told = listed(site / f"{page}.html")
    assert len(told) >= 3
    known = explained(site / "book/notation.html")
    for meaning in told.values():
        assert meaning in known or any(f": {meaning}" in cell for cell in known)
