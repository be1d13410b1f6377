"""What is displayed is worth what was written and what is checked, for any formula."""

import re

import mpmath
import pytest
import sympy as sp
from hypothesis import example, given, settings
from hypothesis import strategies as st
from latex_value import value

from lib.symbolic.notation import NotationError, read

x, y, h_1 = sp.symbols("x y h_1", real=True)
sigma = sp.Function("sigma")
NAMES = {"x": x, "y": y, "h_1": h_1, "sigma": sigma}
POINT = {"x": mpmath.mpf("0.375"), "y": mpmath.mpf("1.625"), "h_{1}": mpmath.mpf("0.8125")}

PYTHON = {
    "exp": mpmath.exp, "log": mpmath.log, "sqrt": mpmath.sqrt, "tanh": mpmath.tanh, "Abs": abs,
    "cosh": mpmath.cosh, "sin": mpmath.sin, "sigma": lambda v: 1 / (1 + mpmath.exp(-v)),
    "pi": mpmath.pi, "E": mpmath.e, "x": POINT["x"], "y": POINT["y"], "h_1": POINT["h_{1}"],
    "one": mpmath.mpf(1),
}  # fmt: skip

ATOMS = st.sampled_from(["x", "y", "h_1", "pi", "1", "2", "3", "10"])
FUNCTIONS = st.sampled_from(["exp", "log", "sqrt", "tanh", "cosh", "sin", "sigma", "Abs"])


def _larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from("+-*/"), inner),
        st.builds("{} {} {}".format, inner, st.sampled_from("+-*/"), inner),
        st.builds("({})**{}".format, inner, st.sampled_from(["2", "3", "(-1)", "(1/2)", "(-2)"])),
        st.builds("-{}".format, inner),
        st.builds("(-{})".format, inner),
        st.builds("{}({})".format, FUNCTIONS, inner),
    )


FORMULAS = st.recursive(ATOMS, _larger, max_leaves=8)


def _exact(text: str) -> str:
    """Python's own reading of the text, with numbers of many digits instead of floats."""
    return "".join(f"(one*{part})" if part.isdigit() else part for part in _parts(text))


def _parts(text: str) -> list[str]:
    return re.split(r"(?<![\w])(\d+)(?!\w)", text)


@settings(max_examples=400, deadline=None, database=None)
@given(FORMULAS)
@example("-x**2/(2*y)*exp(-x)/(1 - y)/x")
@example("x/y*(1/2)*(x/y)/(h_1/2)")
@example("x*(-y) - (-x)*(y - x) - -x")
@example("exp(-(x - 1)**2/2)*exp(x)**2*2")
@example("(x**2)**3 + (-x)**2 + (1/2)**2 + tanh(x)**2 + tanh(x)**(-1) + log(x)**2")
@example("2*(1/3)*3*x*2/(1/2)")
@example("Abs(x - y)/Abs(x/y)*2")
def test_what_is_displayed_is_what_was_written(text: str) -> None:
    try:
        form = read(text, NAMES)
    except NotationError:  # divides by zero
        return
    with mpmath.workdps(40):
        try:
            written = eval(_exact(text), dict(PYTHON))
        except (ZeroDivisionError, ValueError, OverflowError):
            return
        if not mpmath.isfinite(written) or abs(written) > 1e30:
            return
        slack = mpmath.mpf(10) ** -20 * (1 + abs(written))
        assert abs(value(form.latex, POINT) - written) <= slack, form.latex
        concrete = form.expression.replace(sigma, lambda v: 1 / (1 + sp.exp(-v)))
        numbers = {x: sp.Rational(3, 8), y: sp.Rational(13, 8), h_1: sp.Rational(13, 16)}
        checked = sp.N(concrete.subs(numbers), 40)
        checked = mpmath.mpmathify(str(sp.re(checked))) + 1j * mpmath.mpmathify(str(sp.im(checked)))
        assert abs(checked - written) <= slack, form.expression


def test_the_reader_of_formulas_sees_a_wrong_one() -> None:
    right = value(r"\frac{1}{x} \frac{x - 1}{x}", POINT)
    assert right == pytest.approx(float((POINT["x"] - 1) / POINT["x"] ** 2))
    for wrong in (
        r"\frac{1}{x} x - \frac{1}{x}",
        r"-\frac{1}{x} \frac{x - 1}{x}",
        r"\frac{x - 1}{x}",
    ):
        assert value(wrong, POINT) != pytest.approx(float(right))
    with pytest.raises(AssertionError, match="what does the slash"):
        value(r"1/x y", POINT)
