"""A derivation whose two sides leave no room for the reasons is laid out line by line."""

import pytest
import sympy as sp
from matplotlib.font_manager import FontProperties
from matplotlib.mathtext import MathTextParser

from lib.symbolic import Derivation
from lib.symbolic.widths import width

x = sp.Symbol("x", real=True)


def _shown(expanded: sp.Expr) -> str:
    return Derivation.of(sp.factor(expanded)).equals(expanded, "expand")._repr_html_()


@pytest.mark.parametrize(
    ("expanded", "wide"), [(x**2 + x, False), (sp.expand((x + 1) ** 12), True)]
)
def test_wide_derivations_are_stacked(expanded: sp.Expr, wide: bool) -> None:
    assert ("derivation-wide tex2jax_process" in _shown(expanded)) is wide


def test_both_sides_need_room() -> None:
    # Each alone would fit.
    side = sp.expand((x + 1) ** 5)
    assert "derivation-wide tex2jax_process" not in _shown(side)
    both = Derivation.of(side).equals(sp.factor(side), "factor").equals(side, "expand")
    assert "derivation-wide tex2jax_process" in both._repr_html_()


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
