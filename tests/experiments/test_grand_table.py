"""The table of all functions: its weights, its choice of rates, and a cell of it afresh."""

from itertools import combinations

import numpy as np
import pytest
from scipy.integrate import quad

from lib import experiments
from lib.experiments import grand_table, starts


def mean(function, q):
    """Expected value under a normal distribution with variance q, by adaptive quadrature."""

    def weighted(z):
        return float(function(np.float64(np.sqrt(q) * z))) * np.exp(-(z**2) / 2)

    total = sum(quad(weighted, *ends, limit=200)[0] for ends in ((-12, 0), (0, 12)))
    return total / np.sqrt(2 * np.pi)


@pytest.mark.parametrize("kind", [k for k in grand_table.KINDS if k not in ("softplus", "rrelu")])
def test_weights_keep_the_gradient_and_the_signal(kind):
    weights, biases = grand_table.critical(kind)
    phi = grand_table.KINDS[kind]
    q = {"sigmoid": 45.6242777973797, "gelu": 3.59, "silu": 14.3}.get(kind, 1e-6)
    if kind in ("gelu", "silu"):  # the variance that these weights and biases keep
        for _ in range(200):
            q = weights * mean(lambda h: phi(h) ** 2, q) + biases
    assert weights * mean(lambda h: phi.derivative(h) ** 2, q) == pytest.approx(1, abs=2e-3)
    assert weights * mean(lambda h: phi(h) ** 2, q) + biases == pytest.approx(q, rel=2e-3)


def test_the_two_exceptions():
    assert grand_table.critical("softplus") == (2.0, 0.0)
    # Slopes 1 and 1/d with d uniform from 3 to 8, whose mean square is 1/24.
    assert grand_table.critical("rrelu")[0] == pytest.approx(2 / (1 + 1 / 24))


@pytest.mark.parametrize("best", [-8, -6, -4, -2, 1, 2])
def test_the_grid_widens_until_the_best_rate_is_inside(monkeypatch, best):
    tried = []

    def losses(described, rule, rates, seeds):
        places = [round(2 * np.log10(rate)) for rate in rates]
        tried.extend(places)
        return {"choose loss": np.array([[abs(k - best) + 0.1] for k in places])}

    monkeypatch.setattr(grand_table, "trained", losses)
    rate, loss, (low, high) = grand_table.search(
        grand_table.network("relu", 5, "plain"), "momentum", (100,)
    )
    assert rate == pytest.approx(10 ** (best / 2))
    assert loss == pytest.approx(0.1)
    assert len(tried) == len(set(tried))
    assert (low, high) == pytest.approx((10 ** (min(tried) / 2), 10 ** (max(tried) / 2)))
    if -8 < best < 2:
        assert low < rate < high


@pytest.mark.parametrize(
    ("kind", "hidden", "built"),
    [("relu", 5, "plain"), ("tanh", 20, "norm"), ("elu", 20, "residual")],
)
def test_a_cell_afresh(kind, hidden, built):
    # The rate of the better rule, for two of the seeds that were judged.
    stored = experiments.load("grand_table")
    row, column = list(grand_table.KINDS).index(kind), list(grand_table.HIDDEN).index(hidden)
    way = list(grand_table.WAYS).index(built)
    number = stored["rule"][row, column, way]
    rule = list(grand_table.RULES.values())[number][0]
    rate = float(stored["rates"][row, column, way, number])
    fresh = grand_table.trained(grand_table.network(kind, hidden, built), rule, rate, (0, 1))
    for name in ("test right", "train right"):
        assert fresh[name][0] == pytest.approx(stored[name][row, column, way, :2], abs=0.02)


def test_parts_share_no_digit():
    parts = starts.parts()
    sizes = [len(labels) for _, labels in parts.values()]
    assert sizes == [1150, 287, 360]
    seen = {image.tobytes() for images, _ in parts.values() for image in images}
    assert len(seen) > sum(sizes) - 3


def test_mean_cosine_of_all_pairs():
    vectors = np.random.default_rng(0).normal(size=(2, 5, 7))
    for replica, found in zip(vectors, starts.mean_cosine(vectors), strict=True):
        cosines = [
            one @ other / np.linalg.norm(one) / np.linalg.norm(other)
            for one, other in combinations(replica.T, 2)
        ]
        assert found == pytest.approx(np.mean(cosines), rel=1e-12)


@pytest.mark.parametrize("kind", ["tanh", "relu"])
def test_gradient_and_likeness_before_training(kind):
    # Forward and back by hand, through five layers.
    network = grand_table.network(kind, 5, "plain")
    arrays = {name: array[0] for name, array in network.draw([0]).arrays.items()}
    images, labels = starts.parts()["train"]
    a, slopes = images.T, []
    for layer in range(1, 6):
        h = arrays[f"weight {layer}"] @ a
        a = np.tanh(h) if kind == "tanh" else np.maximum(h, 0)
        slopes.append(1 - a**2 if kind == "tanh" else h > 0)
    units = a / np.linalg.norm(a, axis=0)
    pairs = np.triu_indices(a.shape[1], 1)
    likeness = (units.T @ units)[pairs].mean()
    z = arrays["weight 6"] @ a
    delta = np.exp(z) / np.exp(z).sum(axis=0) - np.eye(10)[labels].T
    norms = []
    for layer in range(5, 0, -1):
        delta = (arrays[f"weight {layer + 1}"].T @ delta) * slopes[layer - 1]
        norms.append(np.linalg.norm(delta))
    ratio = np.log10(norms[-1] / norms[0])
    found = starts.before_training(network, [0])
    np.testing.assert_allclose(np.ravel(found), [ratio, likeness], rtol=1e-8)
    stored = experiments.load("grand_table")
    row = list(grand_table.KINDS).index(kind)
    for name, value in (("gradient ratio", ratio), ("likeness", likeness)):
        assert stored[name][row, 0, 0] == pytest.approx(value, rel=1e-4, abs=1e-6)
