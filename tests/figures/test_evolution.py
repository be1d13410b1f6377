"""What the figures of the first chapter say, against values computed by other means."""

import re
from fractions import Fraction

import linked_citations
import matplotlib.pyplot as plt
import mpmath
import numpy as np
import pytest
import sympy as sp
from the_book import ROOT

from lib import activations
from lib.figures import evolution
from lib.figures.render import Stage

SUPERSCRIPT = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


def share(caption: str) -> float:
    mantissa, _, exponent = re.search(r"layers, ([\d.]+)(·10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))?", caption).groups()
    return float(mantissa) * 10.0 ** int(exponent.translate(SUPERSCRIPT) if exponent else 0)


@pytest.mark.parametrize(("factor", "depth"), [(0.05, 20), (0.25, 50), (0.9, 100), (1.5, 10)])
def test_product_is_the_power_of_the_factor(factor, depth):
    caption = Stage(evolution.product_of_slopes).frame({"factor": factor, "depth": depth}).caption
    assert f"After {depth} layers" in caption
    assert share(caption) == pytest.approx(float(mpmath.mpf(factor) ** depth), rel=0.06)


# What the formats can hold, from the definition of IEEE 754: digits of the significand, largest
# exponent. The factors are powers of two, so that no product is rounded in the normal range.
FORMATS = {"float16": (11, 15), "float32": (24, 127)}


@pytest.mark.parametrize("factor", [0.25, 0.5, 2.0])
def test_formats_end_where_the_standard_says(factor):
    caption = Stage(evolution.product_of_slopes).frame({"factor": factor, "depth": 1}).caption
    assert ("begins to lose digits" in caption) == (factor < 1)
    assert ("overflows" in caption) == (factor > 1)
    for name, (_digits, largest) in FORMATS.items():
        smallest = Fraction(1, 2 ** (largest - 1))  # the smallest normal number
        product, layers = Fraction(1), 0
        while smallest <= product < Fraction(2) ** (largest + 1):
            product, layers = product * Fraction(factor), layers + 1
        assert f"in {name} at layer {layers}" in caption


def test_a_factor_of_one_loses_nothing():
    caption = Stage(evolution.product_of_slopes).frame({"factor": 1.0, "depth": 70}).caption
    assert "After 70 layers, 1 of the gradient is left, and so it would be" in caption


@pytest.mark.parametrize("factor", [0.05, 0.1, 0.25, 0.5, 0.75, 0.9])
def test_float16_becomes_zero_or_stays_where_a_loop_stays(factor):
    product, layers = np.float16(1), 0
    while layers < 5000 and product > 0:
        product, layers = product * np.float16(factor), layers + 1
    caption = Stage(evolution.product_of_slopes).frame({"factor": factor, "depth": 1}).caption
    if product == 0:
        assert caption.endswith(f"In float16 it becomes 0 at layer {layers}.")
    else:
        mantissa, exponent = f"{product:.1e}".split("e-")
        stays = f"{mantissa}·10⁻{exponent.lstrip('0').translate(str.maketrans('78', '⁷⁸'))}"
        assert caption.endswith(f"In float16 it never becomes 0: it stays at {stays}.")


def test_the_line_is_the_exact_product():
    figure, ax = plt.subplots()
    evolution.product_of_slopes(ax, factor=0.25, depth=20)
    np.testing.assert_allclose(ax.lines[0].get_ydata(), 0.25 ** np.arange(1, 101), rtol=1e-12)
    plt.close(figure)


@pytest.mark.parametrize("name", ["tanh", "gelu", "mish", "leaky_relu"])
def test_slopes_and_bound_are_those_of_the_formula(name):
    caption = Stage(evolution.side_by_side).frame({"activation": name}).caption
    phi = activations.get(name)
    slope = sp.diff(phi.expression, phi.symbol)
    told = [float(n.replace("−", "-")) for n in re.findall(r"(?<![\w.])−?\d+(?:\.\d+)?", caption)]
    for at, value in ((-2, told[0]), (2, told[2])):
        expected = float(sp.N(slope.subs(phi.symbol, at)))
        assert value == pytest.approx(expected, abs=6e-3)
    across = np.linspace(-10, 10, 20001)
    assert told[-1] == pytest.approx(phi.derivative(across).max(), abs=6e-3)


def test_years_in_the_table_are_those_of_the_papers():
    works = linked_citations.works_of(ROOT / "book/references.bib")
    at = linked_citations.by_address(works)
    chapter = (ROOT / "book/activation-functions.md").read_text(encoding="utf-8")
    row = r"^\|([^|]+)\| (\d{4}) \|([^|]+)\| \[.*\]\((\S+)\) \|$"
    rows = re.findall(row, chapter, re.MULTILINE)
    assert len(rows) >= 13
    told = [int(year) for _, year, *_ in rows]
    assert told == [int(at[address].fields["year"]) for *_, address in rows] == sorted(told)
    for name, _, problem, _ in rows:
        assert 3 <= len(problem.split()) <= 7, name


@pytest.mark.parametrize("factor", [0.25, 2.0])
def test_ends_of_the_formats_are_marked_where_the_standard_says(factor):
    figure, ax = plt.subplots()
    evolution.product_of_slopes(ax, factor=factor, depth=20)
    marked = [line.get_ydata()[0] for line in ax.lines[2:]]
    expected = [2.0**-14, 2.0**-24, 2.0**-149] if factor < 1 else [(2 - 2.0**-10) * 2.0**15]
    assert np.log2(marked) == pytest.approx(np.log2(expected), abs=0.01)
    words = " ".join(text.get_text() for text in ax.texts)
    assert ("smallest float16" in words) == (factor < 1)
    plt.close(figure)
