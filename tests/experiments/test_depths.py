"""What is measured before networks of every depth train."""

from itertools import combinations

import numpy as np
import pytest

from lib import activations, datasets, experiments
from lib.experiments import depths
from lib.training import Network


def test_mean_cosine_of_all_pairs():
    vectors = np.random.default_rng(0).normal(size=(2, 5, 7))
    for replica, found in zip(vectors, depths.mean_cosine(vectors), strict=True):
        cosines = [
            one @ other / np.linalg.norm(one) / np.linalg.norm(other)
            for one, other in combinations(replica.T, 2)
        ]
        assert found == pytest.approx(np.mean(cosines), rel=1e-12)


@pytest.mark.parametrize("kind", ["tanh", "relu"])
def test_gradient_and_likeness_before_training(kind):
    # Forward and back by hand, through five layers.
    network = Network((64, *[64] * 5, 10), activations.get(kind), depths.KINDS[kind])
    arrays = {name: array[0] for name, array in network.draw([0]).arrays.items()}
    data = datasets.digits()
    a, slopes = data.train_images.T, []
    for layer in range(1, 6):
        h = arrays[f"weight {layer}"] @ a
        a = np.tanh(h) if kind == "tanh" else np.maximum(h, 0)
        slopes.append(1 - a**2 if kind == "tanh" else h > 0)
    units = a / np.linalg.norm(a, axis=0)
    pairs = np.triu_indices(a.shape[1], 1)
    likeness = (units.T @ units)[pairs].mean()
    z = arrays["weight 6"] @ a
    delta = np.exp(z) / np.exp(z).sum(axis=0) - np.eye(10)[data.train_labels].T
    norms = []
    for layer in range(5, 0, -1):
        delta = (arrays[f"weight {layer + 1}"].T @ delta) * slopes[layer - 1]
        norms.append(np.linalg.norm(delta))
    ratio = np.log10(norms[-1] / norms[0])
    found = depths.before_training(network, [0])
    np.testing.assert_allclose(np.ravel(found), [ratio, likeness], rtol=1e-8)
    stored = experiments.load("depths")
    row = list(stored["activations"]).index(kind)
    for name, value in (("gradient_ratio", ratio), ("likeness", likeness)):
        assert stored[name][row, 0, 0] == pytest.approx(value, rel=1e-4, abs=1e-6)
