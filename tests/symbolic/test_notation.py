"""Text in plain notation is displayed as it was written, and checked as what it displays."""

import pytest
import sympy as sp

from lib.symbolic import Derivation, DerivationError
from lib.symbolic.notation import NotationError, read

x, z, w_1, w_2, h_0, h_1 = sp.symbols("x z w_1 w_2 h_0 h_1", real=True)
sigma, phi = sp.Function("sigma"), sp.Function("phi")
NAMES = {s.name: s for s in (x, z, w_1, w_2, h_0, h_1)} | {
    "sigma": sigma,
    "phi": phi,
    "dphi": sp.Function(r"\phi'"),
    "n_in": sp.Symbol(r"n_\text{in}", positive=True),
}

SHOWN = {
    "sigma(x)*(1 - sigma(x))": r"\sigma(x)\,(1 - \sigma(x))",
    "w_2*dphi(h_1)*w_1*dphi(h_0)": r"w_{2} \phi'(h_{1})\,w_{1} \phi'(h_{0})",
    "w_2*phi_prime(h_1)": r"w_{2} \phi'(h_{1})",
    "-exp(-x)/z**2": r"-\frac{e^{-x}}{z^{2}}",
    "(1/z)*((z - 1)/z)": r"\frac{1}{z} \frac{z - 1}{z}",
    "-1/z**2*Derivative(sigma(x), x)": r"-\frac{1}{z^{2}} \frac{d}{d x} \sigma(x)",
    "Integral(exp(-z**2/2)/sqrt(2*pi), (z, -oo, oo))":
        r"\int_{-\infty}^{\infty} \frac{e^{-z^{2}/2}}{\sqrt{2 \pi}}\,dz",
    "x - (z - 1)": "x - (z - 1)",
    "(-x)**2 - x**2": "(-x)^{2} - x^{2}",
    "1/2*x + x/2": r"\frac{1}{2} x + \frac{x}{2}",
    "2*3*x*2": r"2 \cdot 3 x \cdot 2",
    "1/(1 + 1/x)": r"\frac{1}{1 + 1/x}",
    "tanh(x)**2": r"\tanh^{2}(x)",
    "log(x/(1 - x))": r"\ln\left(\frac{x}{1 - x}\right)",
    "Derivative(sigma(x), x) + z": r"\frac{d}{d x} \sigma(x) + z",
    "Derivative(sigma(x), x)*z": r"\left(\frac{d}{d x} \sigma(x)\right)\,z",
    "Sum(x, (z, 1, 3)) + x": r"\left(\sum_{z = 1}^{3} x\right) + x",
    "2*Integral(x, (x, 0, 1)) + x": r"2\,\int_{0}^{1} x\,dx + x",
    "Integral(x, (x, 0, 1))*2": r"\left(\int_{0}^{1} x\,dx\right) \cdot 2",
    "Max(x, 0)**2": r"\max(x, 0)^{2}",
    "n_in*w_1/2": r"\frac{n_\text{in} w_{1}}{2}",
}  # fmt: skip


@pytest.mark.parametrize(("text", "latex"), SHOWN.items(), ids=list(SHOWN))
def test_order_grouping_and_fractions_are_the_authors(text: str, latex: str) -> None:
    assert read(text, NAMES).latex == latex


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x + yy", "the name yy is not known; known are dphi, h_0"),
        ("0.25*x", "numbers are whole"),
        ("x^2", r"a power is written with \*\*"),
        ("x(1 + z)", "x is no function; write the product with"),
        ("sigma", "sigma is a function and needs its argument"),
        ("__import__('os')", "the name __import__ is not known"),
        ("x.is_real", "the only attribute is .T"),
        ("[x]", "List is not part of the notation"),
        ("lambda*x", "lambda is a word of Python"),
        ("1/(1 - 1)", "divides by zero"),
    ],
)
def test_what_is_no_formula_is_refused_by_name(text: str, words: str) -> None:
    with pytest.raises(NotationError, match=words):
        read(text, NAMES)


def test_a_symbol_stands_for_its_definition_also_in_derivatives() -> None:
    slope = Derivation.of("Derivative(1/(1 + exp(-x)), x)", names=[x])
    slope.let("D", "1 + exp(-x)", "the denominator")
    slope.equals("Derivative(1/D, x)", "put it in")
    slope.equals("-1/D**2*Derivative(D, x)", "the chain rule")
    with pytest.raises(DerivationError):
        slope.equals("1/D**2*Derivative(D, x)", "the sign lost")
    with pytest.raises(DerivationError):
        slope.equals("0", "as if D did not depend on x")
    slope.equals("(1/D)*((D - 1)/D)", "split")
    assert r"-\frac{1}{D^{2}} \frac{d D}{d x}" in slope._repr_html_()


def test_a_form_must_be_the_object_beside_it() -> None:
    cube = Derivation.of("Derivative(x**3, x)", names=[x])
    with pytest.raises(DerivationError, match="the form '2\\*x\\*x' is not proved to be 3"):
        cube.equals(sp.diff(x**3, x), "differentiate", form="2*x*x")
    cube.equals(sp.diff(x**3, x), "differentiate", form="3*x*x")
    assert "3 x x" in cube._repr_html_()


def test_text_is_proved_like_any_other_step() -> None:
    square = Derivation.of("(x + 1)**2", names=[x])
    with pytest.raises(DerivationError, match="is not proved"):
        square.equals("x**2 + 1", "forget the product")
    square.claim("(x + 1)**2 >= 0", "a square")
    with pytest.raises(DerivationError):
        square.claim("(x + 1)**2 > 0", "never zero")
