"""What a derivation displays: nothing that is not said, and in the room that there is."""

import re
from pathlib import Path

import pytest
import sympy as sp
from bs4 import BeautifulSoup, Tag
from matplotlib.font_manager import FontProperties
from matplotlib.mathtext import MathTextParser

from lib.symbolic import Derivation, DerivationError, layout
from lib.symbolic.widths import width

x, w = sp.symbols("x w", real=True)
P = sp.Symbol("P", real=True)
q, v = sp.symbols("q v", positive=True)
n = sp.Symbol("n", integer=True, positive=True)


def _displayed(steps: Derivation) -> Tag:
    return BeautifulSoup(steps._repr_html_(), "html.parser")


def _texts(steps: Derivation, part: str) -> list[str]:
    return [found.get_text(strip=True) for found in _displayed(steps).select(f".derivation-{part}")]


def _fits(expanded: sp.Expr) -> list[int]:
    """Widths of a column from which on sides are aligned, and reasons stand beside them."""
    steps = Derivation.of(sp.factor(expanded)).equals(expanded, "expand")
    classes = " ".join(_displayed(steps).select_one(".derivation-rows")["class"])
    return [int(em) for em in re.findall(r"(?:aligned|beside)-(\d+)", classes)]


def test_the_wider_the_formulas_the_more_room_they_ask_for() -> None:
    short, long = _fits(x**2 + x), _fits(sp.expand((x + 1) ** 5))
    assert short < long
    assert short[0] < short[1], "reasons beside the sides need more room than the sides"
    assert _fits(sp.expand((x + 1) ** 30)) == [], "wider than any column: lines are broken"


def test_the_style_sheet_has_a_rule_for_every_width() -> None:
    style = layout.STYLE.read_text(encoding="utf-8")
    for name, widths in (("aligned", layout.ALIGNED), ("beside", layout.BESIDE)):
        for em in widths:
            rule = rf"@container derivation \(min-width: {em}em\) {{\s*\.derivation-{name}-{em} {{"
            assert re.search(rule, style)


def test_a_live_kernel_brings_the_style_and_the_built_page_has_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    steps = Derivation.of(x * (x + 1)).equals(x**2 + x, "expand")
    assert layout.STYLE.read_text(encoding="utf-8") in steps._repr_html_()
    monkeypatch.setenv(layout.STATIC, "1")
    assert "<style>" not in steps._repr_html_()
    config = (Path(__file__).parents[2] / "_config.yml").read_text(encoding="utf-8")
    assert "lib/symbolic/static" in config
    assert layout.STYLE.name in config


def test_a_definition_stands_apart_and_the_left_side_is_repeated_after_it() -> None:
    slope = Derivation.of("Derivative(1/(1 + exp(-x)), x)", names=[x])
    slope.let("D", "1 + exp(-x)", "the denominator")
    slope.equals("Derivative(1/D, x)", "put it in")
    slope.let("u", "exp(-x)", "the exponential")
    slope.equals("u/D**2", "differentiate").equals("(D - 1)/D**2", "since $u = D - 1$")
    start = r"\(\displaystyle \frac{d}{d x} \frac{1}{1 + e^{-x}}\)"
    assert _texts(slope, "left") == [start, start, ""]
    assert [text.split(r"\(")[0] for text in _texts(slope, "let")] == ["Let", "Let"]
    for definition in _displayed(slope).select(".derivation-let"):
        assert definition.find_parent(class_="derivation-step") is None


def test_after_an_inequality_what_is_repeated_still_holds() -> None:
    steps = Derivation.of("-x**2", names=[x]).compare("<=", "0", "a square").let("c", "1", "one")
    steps.equals("c - 1", "the same number")
    *_, last = _texts(steps, "left")
    assert last == r"\(\displaystyle 0\)", "-x**2 does not equal c - 1"


@pytest.mark.parametrize(
    ("left", "right", "mark"),
    [("v", "q/2", "Definition:"), ("f(x)", "x**2", "Definition:"), ("n*v*q", "q", "Assumption:"),
     ("v", "v**2", "Assumption:"), ("f(x)", "f(x)**2", "Assumption:")],
)  # fmt: skip
def test_a_premise_is_marked_as_what_it_is(left: str, right: str, mark: str) -> None:
    given = Derivation(left, right, "given", names=[v, q, n, x, sp.Function("f")])
    assert _texts(given, "mark") == [mark]


REAL = sp.S.Reals
DOMAINS = [
    ("P", {P: sp.Interval.open(0, 1)}, r"for \(0 < P < 1\)"),
    ("P", {P: sp.Interval(-1, 1)}, r"for \(-1 \le P \le 1\)"),
    ("x", {x: REAL - sp.FiniteSet(0)}, r"for \(x \ne 0\)"),
    ("x", {x: sp.Interval(2, sp.oo)}, r"for \(x \ge 2\)"),
    ("x", {x: sp.Interval.open(-sp.oo, w)}, r"for \(x < w\)"),
    ("x", {}, r"for all real \(x\)"),
    ("x*w", {}, r"for all real \(w\) and \(x\)"),
    ("x*q*v", {}, r"for \(q, v > 0\)"),
    ("n*q", {}, r"for \(n \in \{1, 2, 3, \ldots\}\) and \(q > 0\)"),
    ("Integral(x, (x, 0, 1))", {}, None),
]


@pytest.mark.parametrize(("text", "domain", "words"), DOMAINS)
def test_the_domain_of_the_proof_is_displayed_once(text, domain, words) -> None:
    steps = Derivation.of(text, domain=domain, names=[x, w, P, q, v, n])
    steps.equals(f"2*({text})/2", "twice the half")
    assert _texts(steps, "holds") == ([] if words is None else [words])


def test_what_a_definition_hides_is_part_of_the_domain() -> None:
    steps = Derivation.of("1 + log(q)", names=[q]).let("D", "1 + log(q)", "short")
    assert _texts(steps.equals("D", "by definition"), "holds") == [r"for \(q > 0\)"]


def test_steps_that_say_nothing_are_refused() -> None:
    third = sp.Rational(1, 2) - sp.Rational(1, 3)
    with pytest.raises(DerivationError, match=r"step 1, .* is empty.*\n.*\nit says nothing: both"):
        Derivation.of(third).equals(sp.Rational(1, 6), "one fraction")
    with pytest.raises(DerivationError, match="it says nothing"):
        Derivation.of(1 / v - 1).equals(-1 + 1 / v, "the other order")
    with pytest.raises(DerivationError, match="it says nothing"):
        Derivation.of(x).claim(sp.Eq(x**2, x * x, evaluate=False), "a square")
    with pytest.raises(DerivationError, match="the line before it"):
        Derivation(2 * x, w, "given").step(2 * x, w, "given")
    Derivation.of("1/2 - 1/3").equals("1/6", "one fraction")
    Derivation.of("1/v - 1", names=[v]).equals("-1 + 1/v", "the other order")


def test_sympy_objects_are_set_as_one_writes_them() -> None:
    u, lower = sp.symbols("u l", real=True)
    z = sp.Function("z")
    assert layout.printed(z(x) ** 2).latex == "z(x)^{2}"
    assert layout.printed(1 / (u - lower)).latex == r"\frac{1}{u - l}"
    assert layout.printed(sp.log(sp.Symbol("n_in"))).latex == r"\ln{\left(n_{\text{in}} \right)}"


def test_words_with_signs_of_tex_survive_in_latex() -> None:
    steps = Derivation.of("(x + 1)**2", names=[x]).equals("x**2 + 2*x + 1", "100 % & more, $x_1$")
    assert r"\text{100 \% \& more, $x_1$}" in steps._repr_latex_()
    assert "100 % &amp; more" in steps._repr_html_()


@pytest.mark.parametrize(
    "formula",
    [
        "a + b = c",
        "x^{2} + 2 x + 1",
        r"\dfrac{1}{1 + e^{- x}}",
        r"\dfrac{\partial L}{\partial w_{1 2}} = 0",
        r"\log{\left(\dfrac{p}{1 - p} \right)} \leq \sum_{k} h_{k}",
        r"\tanh{\left(x \right)} + \tanh{\left(y \right)}",
    ],
)
def test_width_is_near_that_of_the_set_formula(formula: str) -> None:
    ten_points = FontProperties(size=10, math_fontfamily="cm")
    drawn = MathTextParser("path").parse(f"${formula}$", dpi=72, prop=ten_points)
    assert width(formula.replace("dfrac", "frac")) == pytest.approx(drawn.width / 10, rel=0.25)
