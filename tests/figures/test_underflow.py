"""What the figures on underflow say, against Python's own floats and rounding by hand."""

import math
import re
from fractions import Fraction

import numpy as np
import pytest
from captions import caption

from lib.figures import underflow
from lib.simulations import underflow as simulated


@pytest.mark.parametrize("slope", [0.1, 0.5, 0.7])
def test_where_products_end(slope):
    told = caption(underflow.where_products_end, slope=slope)
    for name in ("float16", "float32", "float64"):
        dtype = np.dtype(name).type
        x, layers = dtype(1), 0
        with np.errstate(under="ignore"):
            while x and layers < 10_000:
                x, layers = x * dtype(slope), layers + 1
        expected = f"after {layers:,}" if layers < 10_000 else "never"
        assert f"{name} {expected}" in told


def test_products_that_never_end():
    assert "float64 never" in caption(underflow.where_products_end, slope=0.9)
    smallest = np.finfo("float64").smallest_subnormal
    assert smallest * 0.9 == smallest


@pytest.mark.parametrize("x", [1.005, -3.14159, 1e-30, 257.0, 1 + 2**-8, 1 + 3 * 2**-8, 3e38])
def test_bfloat16_is_the_nearest_with_eight_digits(x):
    single = Fraction(float(np.float32(x)))
    spacing = Fraction(2) ** (math.frexp(float(single))[1] - 8)
    expected = round(single / spacing) * spacing  # ties to even
    assert Fraction(float(simulated.to_bfloat16(x))) == expected


@pytest.mark.parametrize(("name", "digits"), [("float16", 11), ("bfloat16", 8), ("float32", 24)])
def test_updates_are_lost_below_half_a_unit(name, digits):
    assert simulated.share_that_moves(name, np.log10(2.0) * -(digits + 8)) < 0.05
    assert simulated.share_that_moves(name, np.log10(2.0) * -(digits - 7)) > 0.95
    told = caption(underflow.lost_updates, number_format=name, exponent=-3.0)
    share = float(re.search(r"change ([\d.]+)%", told)[1]) / 100
    assert share == pytest.approx(simulated.share_that_moves(name, -3.0), abs=6e-4)


def test_format_is_named():
    with pytest.raises(ValueError, match="number_format must be one of"):
        simulated.rounded(np.ones(2), "float8")


@pytest.mark.parametrize("exponent", [0, 14, 26, 38])
def test_loss_scaling_counts(exponent):
    told = caption(underflow.loss_scaling, exponent=exponent)
    scaled = simulated.gradient_entries() * 2.0**exponent
    zero = np.mean(scaled <= 2.0**-25)
    over = np.mean(scaled >= 65520)
    blurred = np.mean((scaled > 2.0**-25) & (scaled < 2.0**-14))
    shares = [float(share) / 100 for share in re.findall(r"([\d.]+)%", told)]
    assert shares == pytest.approx([zero, blurred, over], abs=2e-3)
