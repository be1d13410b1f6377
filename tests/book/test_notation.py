"""Every symbol of a derivation stands on the page of notation, with one meaning."""

import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jupytext
import pytest
import sympy as sp
from the_book import ROOT

from lib.symbolic import Derivation
from lib.symbolic.notation import CONSTANTS, FUNCTIONS, SPECIAL

NOTATION = (ROOT / "book/notation.md").read_text(encoding="utf-8")
PAGES = sorted((ROOT / "book").glob("*.md"))
KNOWN = {*CONSTANTS, *FUNCTIONS, *SPECIAL, "True", "False"}
RECURRENT = "rnn-lstm"


def plain(name: str) -> str:
    """A name as it is compared: without fonts, and with one index for all layers, units and steps.

    >>> [plain(name) for name in (r"n_\\text{in}", "h_1", "h_l", r"\\operatorname{relu}'", "p(z)")]
    ['n_in', 'h_#', 'h_#', 'relu', 'p']
    """
    name = re.split(r"[(\[=]", name)[0]
    name = re.sub(r"\\(?:operatorname|text|mathrm|mathbf)\{([^}]*)\}", r"\1", name)
    name = re.sub(r"[\\{}\s']", "", name)
    return re.sub(r"_(\d+|[lijt])$", "_#", name)


class Recorder:
    """Stands in for `Derivation`, and notes which symbols the lines are made of."""

    used: set[str]

    def __init__(self, *given: Any, **options: Any) -> None:
        names = options.get("names") or {}
        if not isinstance(names, dict):
            names = {str(one.name if hasattr(one, "name") else one): one for one in names}
        self.names = dict(names) | {s.name: s for s in options.get("domain") or {}}
        self.note(*given[: 1 if len(given) < 3 else 2])

    @classmethod
    def of(cls, expression: Any, *_: Any, **options: Any) -> "Recorder":
        return cls(expression, **options)

    def let(self, target: Any, expression: Any, *_: Any, **_options: Any) -> "Recorder":
        return self.note(target, expression)

    def compare(self, _relation: str, right: Any, *_: Any, **_options: Any) -> "Recorder":
        return self.note(right)

    def step(self, left: Any, right: Any, *_: Any, **_options: Any) -> "Recorder":
        return self.note(left, right)

    def equals(self, right: Any, *_: Any, **_options: Any) -> "Recorder":
        return self.note(right)

    claim = equals

    def note(self, *expressions: Any) -> "Recorder":
        for expression in expressions:
            Recorder.used |= {plain(name) for name in self.letters(expression)} - {""}
        return self

    def letters(self, expression: Any) -> Iterator[str]:
        if isinstance(expression, str):
            for word in re.findall(r"(?<![\w'.])[A-Za-z]\w*", expression):
                if word not in KNOWN or word in self.names:
                    shown = self.names.get(word.removesuffix("_prime"), word)
                    yield getattr(shown, "name", None) or str(shown)
        elif isinstance(expression, sp.Basic):
            yield from (s.name for s in expression.free_symbols)
            yield from (f.func.__name__ for f in expression.atoms(sp.core.function.AppliedUndef))


def symbols_of(page: Path) -> set[str]:
    """Symbols in the derivations of a page, found by running them with a recorder."""
    Recorder.used = set()
    gaps = SimpleNamespace(gap=lambda *_, **__: None)
    space: dict[str, Any] = {"sp": sp, "Derivation": Recorder, "ask": gaps}
    for cell in jupytext.reads(page.read_text(encoding="utf-8"), fmt="md:myst").cells:
        if cell.cell_type == "code" and re.search(r"\bDerivation(\.of)?\(", cell.source):
            exec(cell.source, space)
    return Recorder.used


def section(title: str) -> str:
    return NOTATION.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def rows(title: str) -> list[tuple[list[str], str]]:
    """Symbols and meaning of each row of a table on the page of notation."""
    found = []
    for line in re.findall(r"^\|(.*)\|$", section(title), re.MULTILINE)[2:]:
        cells = line.split(" | ")
        shown = [part for part in re.findall(r"\$([^$]+)\$", cells[0]) if "partial" not in part]
        first = [part.partition("=")[0] for part in shown]
        found.append(([plain(part) for part in first], cells[-1]))
    return found


def own_letters() -> dict[str, set[str]]:
    """Letters that the derivations of a page introduce for themselves, by page."""
    found: dict[str, set[str]] = {}
    for line in re.findall(r"^\| \[.*\|$", section("Letters of a single page"), re.MULTILINE):
        page = re.search(r"\(([\w-]+)\.md\)", line)[1]
        declared = [plain(part) for part in re.findall(r"\$([^$]+)\$:", line)]
        assert len(declared) == len(set(declared)), f"{page}: a letter is declared twice"
        assert page not in found
        found[page] = set(declared)
    return found


EVERYWHERE = ("Networks", "Random networks", "Probability")


def test_no_symbol_has_two_rows():
    told = [symbol for title in EVERYWHERE for symbols, _ in rows(title) for symbol in set(symbols)]
    assert len(told) > 30
    assert sorted(told) == sorted(set(told))
    for symbols, meaning in rows("Recurrent networks"):
        for symbol in set(symbols) & set(told):
            assert re.search(r"\bnot\b", meaning), f"{symbol} has two meanings, and nobody says so"


@pytest.mark.parametrize("page", PAGES, ids=[page.stem for page in PAGES])
def test_every_symbol_of_a_derivation_is_explained(page):
    known = {symbol for title in EVERYWHERE for symbols, _ in rows(title) for symbol in symbols}
    if page.stem == RECURRENT:
        known |= {symbol for symbols, _ in rows("Recurrent networks") for symbol in symbols}
    used, own = symbols_of(page), own_letters().get(page.stem, set())
    assert used - known - own == set(), "symbols that book/notation.md does not explain"
    assert own & known == set(), "letters of the page that mean something else everywhere"
    assert own - used == set(), "letters that no derivation of the page uses"


def test_a_recorder_sees_what_a_derivation_is_made_of():
    for made in (Derivation, Recorder):
        Recorder.used = set()
        x, s = sp.symbols(r"x s_1", real=True)
        one = made.of("Derivative(x**2*s, x)", "start", names={"x": x, "s": s})
        one.let("D", "x**2", "name it")
        one.equals("Derivative(D, x)*s", "a constant factor")
        one.equals("2*x*s", "differentiate")
    assert Recorder.used == {"x", "s_#", "D"}
