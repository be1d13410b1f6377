"""What the figures on residual connections say, against closed forms."""

import re
from math import comb

import numpy as np
import pytest
from captions import NUMBER, caption, value

from lib.figures import residual
from lib.simulations import residual as simulated


@pytest.mark.parametrize(("scale", "factor"), [("none", 1.0), ("full", 2.0), ("half", 1.25)])
def test_relu_doubles_its_square_with_full_branches(scale, factor):
    told = caption(residual.with_and_without, activation="relu", scale=scale, depth=30)
    measured, predicted = (
        value(n) for n in re.search(f"measured {NUMBER}, predicted {NUMBER}", told).groups()
    )
    assert predicted == pytest.approx(factor ** (29 / 2), rel=0.05)
    assert measured == pytest.approx(predicted, rel=0.6)


def test_plain_sigmoid():
    # Mean field, sigma_w^2 = 1: the transient included, ten layers lose 10^-5.69258004417.
    told = caption(residual.with_and_without, activation="sigmoid", scale="none", depth=10)
    predicted = value(re.search(f"predicted {NUMBER}", told)[1])
    assert np.log10(predicted) == pytest.approx(-5.69258, abs=0.01)


@pytest.mark.parametrize("scale", simulated.SCALES)
def test_path_lengths_are_binomial(scale):
    told = caption(residual.path_lengths, depth=20, scale=scale)
    square = {"none": np.inf, "full": 1.0, "half": 0.25, "1/sqrt(L)": 1 / 20}[scale]
    share = 1.0 if np.isinf(square) else square / (1 + square)
    weights = [comb(20, k) * share**k * (1 - share) ** (20 - k) for k in range(21)]
    mean, *ends = (float(n) for n in re.findall(r"[\d.]*\d", told)[1:])
    assert mean == pytest.approx(np.dot(range(21), weights), abs=0.051)
    if scale == "none":
        assert "all of it through that many" in told
        ends = [20, 20]
    low, high = ends
    below = np.cumsum(weights)
    assert (low, high) == (np.argmax(below >= 0.05 - 1e-12), np.argmax(below >= 0.95 - 1e-12))


def test_scale_is_named():
    with pytest.raises(ValueError, match="scale must be one of"):
        simulated.branch_scale("2", 10)
