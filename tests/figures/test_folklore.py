"""What the figures of the chapter on folklore say, against sums and networks by hand."""

import re

import numpy as np
import pytest
from captions import NUMBER, log10
from scipy import special, stats

from lib import activations
from lib.figures import folklore
from lib.figures.render import Stage

Z = np.linspace(-12, 12, 48_001)
DENSITY = stats.norm.pdf(Z) * (Z[1] - Z[0])


@pytest.mark.parametrize(
    ("name", "scale"), [("sigmoid", 1.0), ("relu", 1.4142), ("relu", 1.0), ("gelu", 2.0)]
)
def test_rules_of_thumb(name, scale):
    told = Stage(folklore.rules_of_thumb).frame({"activation": name, "weight_scale": scale}).caption
    simulated, mean, largest, theory = (log10(n) for n in re.findall(NUMBER, told)[1:])
    phi, q, total = activations.get(name), scale**2, 0.0
    for _ in range(29):
        h = np.sqrt(q) * Z
        total += np.log10(scale**2 * np.sum(DENSITY * phi.derivative(h) ** 2)) / 2
        q = scale**2 * np.sum(DENSITY * phi(h) ** 2)
    slope = phi.derivative(Z)
    assert theory == pytest.approx(total, abs=0.03)
    assert simulated == pytest.approx(theory, abs=0.4)
    assert mean == pytest.approx(29 * np.log10(np.sum(DENSITY * slope)), abs=0.03)
    assert largest == pytest.approx(29 * np.log10(slope.max()), abs=0.03)


def test_what_is_not_simulated_is_refused():
    with pytest.raises(ValueError, match="activation must be one of"):
        folklore.rules_of_thumb(None, activation="mish")


@pytest.mark.parametrize(("width", "depth"), [(16, 10), (32, 50), (128, 100)])
def test_mean_and_typical(width, depth):
    told = Stage(folklore.mean_and_typical).frame({"width": width, "depth": depth}).caption
    median, predicted = (log10(n) for n in re.findall(NUMBER, told)[-2:])
    k = np.arange(1, width + 1)
    share = stats.binom.pmf(k, width, 0.5) / (1 - 0.5**width)
    drift = share @ special.digamma(k / 2) + np.log(4 / width)
    assert predicted == pytest.approx((depth - 1) * drift / np.log(100), abs=0.03)
    rng = np.random.default_rng(2)
    logs = []
    for _ in range(60):
        delta = rng.standard_normal(width)
        start = np.linalg.norm(delta)
        for _ in range(depth - 1):
            weights = rng.standard_normal((width, width)) * np.sqrt(2 / width)
            delta = (rng.random(width) < 0.5) * (weights @ delta)
        logs.append(np.log10(np.linalg.norm(delta) / start))
    spread = np.std(logs) / np.sqrt(len(logs))
    assert median == pytest.approx(np.median(logs), abs=5 * spread)
    assert median < 0


def test_a_narrower_network_loses_more():
    captions = [
        Stage(folklore.mean_and_typical).frame({"width": width, "depth": 50}).caption
        for width in (8, 64, 512)
    ]
    kept = [log10(re.findall(NUMBER, told)[-2]) for told in captions]
    assert kept == sorted(kept)
