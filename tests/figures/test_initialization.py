"""What the figures on initialization say, against sums over a grid and networks by hand."""

import re
from itertools import pairwise

import numpy as np
import pytest
from captions import NUMBER, caption, log10

from lib import activations
from lib.figures import initialization

Z = np.linspace(-12, 12, 48_001)
DENSITY = np.exp(-(Z**2) / 2) / np.sqrt(2 * np.pi) * (Z[1] - Z[0])


def by_grid(name, variance, depth):
    phi, q, total = activations.get(name), variance, []
    for _ in range(depth - 1):
        h = np.sqrt(q) * Z
        total.append(np.log10(variance * np.sum(DENSITY * phi.derivative(h) ** 2)) / 2)
        q = variance * np.sum(DENSITY * phi(h) ** 2)
    return np.array(total), q


@pytest.mark.parametrize(
    ("name", "scheme"),
    [("tanh", "xavier"), ("relu", "he"), ("relu", "pytorch"), ("sigmoid", "large")],
)
def test_schemes(name, scheme):
    variance = {"pytorch": 1 / 3, "xavier": 1.0, "he": 2.0, "large": 16.0}[scheme]
    told = caption(initialization.schemes, activation=name, scheme=scheme)
    signal, gradient, predicted = (
        log10(n) for n in re.findall(f": {NUMBER}|predicted {NUMBER}", told) for n in n if n
    )
    steps, q = by_grid(name, variance, 30)
    assert predicted == pytest.approx(steps.sum(), abs=0.03)
    assert gradient == pytest.approx(predicted, abs=0.3)
    assert signal == pytest.approx(np.log10(q), abs=0.35)
    off = float(re.search(r"(\d+)% off", told)[1]) / 100
    assert off == pytest.approx(abs(10 ** (gradient - predicted) - 1), abs=0.06)


@pytest.mark.parametrize(("argument", "value"), [("activation", "mish"), ("scheme", "magic")])
def test_what_is_not_simulated_is_refused(argument, value):
    with pytest.raises(ValueError, match=f"{argument} must be one of"):
        initialization.schemes((None, None), **{argument: value})


@pytest.mark.parametrize(("name", "variance"), [("tanh", 4.0), ("sigmoid", 16.0), ("relu", 1.0)])
def test_tilt(name, variance):
    # Layers 31 to 60: by then the transient is over.
    rate = by_grid(name, variance, 60)[0][30:].mean()
    told = caption(initialization.tilt, activation=name, weight_variance=variance)
    kept = float(re.search(r"by ([\d.]+), fifty", told)[1])
    assert kept == pytest.approx(10**rate, abs=5.1e-4)
    fifty = log10(re.search(f"fifty layers by {NUMBER}", told)[1])
    assert fifty == pytest.approx(50 * rate, abs=0.03)


def test_sigmoid_is_critical_near_103():
    told = caption(initialization.tilt, activation="sigmoid", weight_variance=103.007553855519)
    assert "by 1.000, fifty layers by 1." in told or "by 1.000, fifty layers by 0.99." in told


@pytest.mark.parametrize("mode", ["fan_in", "fan_out", "average"])
def test_funnel(mode):
    told = caption(initialization.funnel, mode=mode, ratio=0.1)
    last, first = (
        float(n) for n in re.findall(r"ends at ([\d.]+)|layer 1 is ([\d.]+)", told) for n in n if n
    )
    rng, signals, gradients = np.random.default_rng(5), [], []
    widths = [400, *np.round(np.geomspace(400, 40, 13)).astype(int)]
    for _ in range(40):
        h, weights = [rng.standard_normal(400)], []
        for i, (n, m) in enumerate(pairwise(widths)):
            variance = {"fan_in": 2 / n, "fan_out": 2 / m, "average": 4 / (n + m)}[mode]
            weights.append(np.sqrt(variance) * rng.standard_normal((m, n)))
            h.append(weights[-1] @ (np.maximum(h[-1], 0) if i else h[-1]))
        signals.append(np.mean(h[-1] ** 2) / 2)
        delta = rng.standard_normal(40)
        start = np.linalg.norm(delta)
        for W, below in zip(weights[:0:-1], h[-2:0:-1], strict=True):
            delta = (below > 0) * (W.T @ delta)
        gradients.append(np.linalg.norm(delta) / start)
    assert last == pytest.approx(np.median(signals), rel=0.45)
    assert first == pytest.approx(np.median(gradients), rel=0.3)


def test_mode_is_named():
    with pytest.raises(ValueError, match="mode must be one of"):
        initialization.funnel((None, None), mode="both")
