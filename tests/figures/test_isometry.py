"""What the figures on isometry say, against moments of random matrices and numbers elsewhere."""

import re

import numpy as np
import pytest
from captions import caption

from lib.figures import isometry
from lib.simulations import isometry as simulated


def test_linear_orthogonal_is_isometric():
    assert simulated.singular_values("linear", "orthogonal", 50) == pytest.approx(1, abs=1e-12)
    told = caption(isometry.spectrum, activation="linear", initializer="orthogonal", depth=50)
    assert "the largest is 1.00, the median 1; 0%" in told


def test_linear_normal_spreads_as_computed_elsewhere():
    # Mean fourth power for width 100 and 10 matrices: 11.601201804531, exactly, for a mean square
    # of 1 in expectation; here it is 1 over all networks.
    values = simulated.singular_values("linear", "normal", 10)
    assert np.mean(values**4) == pytest.approx(11.6, rel=0.2)
    assert np.mean(values**2) == pytest.approx(1)
    told = caption(isometry.spectrum, activation="linear", initializer="normal", depth=10)
    assert float(re.search(r"largest is ([\d.]+)", told)[1]) == pytest.approx(
        (11**11 / 10**10) ** 0.5, rel=0.12
    )


def test_relu_loses_half_of_the_directions_at_once():
    values = simulated.singular_values("relu", "orthogonal", 2)
    assert np.mean(values < 1e-9) == pytest.approx(0.5, abs=0.06)
    told = caption(isometry.spectrum, activation="relu", initializer="orthogonal", depth=2)
    share = float(re.search(r"(\d+)% of the directions", told)[1]) / 100
    assert share == pytest.approx(np.mean(values < 0.01), abs=0.006)


def test_activation_is_named():
    with pytest.raises(ValueError, match="activation must be one of"):
        simulated.singular_values("mish", "normal", 2)


@pytest.mark.parametrize("depth", [1, 5, 20])
def test_circle(depth):
    rng = np.random.default_rng(4)
    product = np.eye(2)
    for matrix in (rng.standard_normal((20, 2, 2)) / np.sqrt(2))[:depth]:
        product = matrix @ product
    values = np.sqrt(np.linalg.eigvalsh(product @ product.T))
    told = float(
        re.search(r"is ([\d,.]+) times", caption(isometry.circle, depth=depth))[1].replace(",", "")
    )
    assert told == pytest.approx(values[1] / values[0], rel=2e-3, abs=0.051)
    assert "is 1.0 times" in caption(isometry.circle, kind="orthogonal", depth=depth)
    with pytest.raises(ValueError, match="kind must be"):
        isometry.circle(None, kind="diagonal")


def test_price_of_a_bend():
    # Per layer, orthogonal tanh: 0.039709122523847 at q = 0.1 and 0.299244126552 at q = 0.5.
    lines = {}

    class Recorder:
        def __getattr__(self, name):
            return lambda *a, **k: lines.setdefault(k.get("label"), a) if name == "plot" else None

        xaxis = yaxis = property(lambda self: self)
        axes = property(lambda self: self)

    isometry.price_of_a_bend(Recorder(), depth=10)
    q, spreads = lines["tanh, orthogonal"]
    for at, per_layer in ((0.1, 0.039709122523847), (0.5, 0.299244126552)):
        assert np.exp(np.interp(np.log(at), np.log(q), np.log(spreads))) == pytest.approx(
            10 * per_layer, rel=0.005
        )
    assert lines["ReLU, orthogonal"][1] == pytest.approx([10, 10])
    told = caption(isometry.price_of_a_bend, depth=10)
    limit = float(re.search(r"below ([\d.]+);", told)[1])
    assert np.exp(np.interp(np.log(limit), np.log(q), np.log(spreads))) == pytest.approx(
        1, rel=0.03
    )
