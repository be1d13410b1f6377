"""Residual networks: closed forms, sums over a grid, and networks written out by hand."""

import numpy as np
import pytest

from lib import activations
from lib.theory import residual

Z = np.linspace(-12, 12, 48_001)
DENSITY = np.exp(-(Z**2) / 2) / np.sqrt(2 * np.pi) * (Z[1] - Z[0])


@pytest.mark.parametrize("scale", [0.0, 0.3, 1.0])
def test_relu_in_closed_form(scale):
    got = residual.log10_gradient(
        activations.relu(), depth=8, weight_variance=2.0, branch_scale=scale
    )
    above = np.arange(7, -1, -1)
    np.testing.assert_allclose(got, above * np.log10(1 + scale**2) / 2, atol=1e-12)


@pytest.mark.parametrize(("name", "variance", "scale"), [("tanh", 4.0, 0.7), ("gelu", 2.0, 1.0)])
def test_by_sums_over_a_grid(name, variance, scale):
    phi, q, total, expected = activations.get(name), 1.5 * variance, 0.0, []
    variances = [q]
    for _ in range(11):
        h = np.sqrt(q) * Z
        expected.append(np.log10(1 + scale**2 * variance * DENSITY @ phi.derivative(h) ** 2) / 2)
        q += scale**2 * variance * (DENSITY @ phi(h) ** 2)
        variances.append(q)
    settings = {
        "depth": 12, "weight_variance": variance, "branch_scale": scale, "input_variance": 1.5,
    }  # fmt: skip
    np.testing.assert_allclose(residual.variances(phi, **settings), variances, rtol=1e-9)
    total = np.cumsum(expected[::-1])[::-1]
    np.testing.assert_allclose(residual.log10_gradient(phi, **settings)[:-1], total, rtol=1e-8)


def test_networks_by_hand():
    rng, ratios, n, scale = np.random.default_rng(0), [], 60, 0.8
    for _ in range(150):
        weights = rng.standard_normal((9, n, n)) / np.sqrt(n) * 1.5
        h = [weights[0] @ rng.choice([-1.0, 1.0], n)]
        for W in weights[1:]:
            h.append(h[-1] + scale * W @ np.tanh(h[-1]))
        delta = rng.standard_normal(n)
        start = delta @ delta
        for W, below in zip(weights[:0:-1], h[-2::-1], strict=True):
            delta = delta + scale * (1 - np.tanh(below) ** 2) * (W.T @ delta)
        ratios.append(delta @ delta / start)
    predicted = residual.log10_gradient(
        activations.tanh(), depth=9, weight_variance=2.25, branch_scale=scale
    )[0]
    assert np.log10(np.mean(ratios)) / 2 == pytest.approx(predicted, abs=0.03)


@pytest.mark.parametrize(
    ("argument", "value"), [("depth", 0), ("branch_scale", -1.0), ("weight_variance", -1.0)]
)
def test_bad_input_is_named(argument, value):
    with pytest.raises(ValueError, match=argument):
        residual.log10_gradient(
            activations.tanh(), **{"depth": 3, "weight_variance": 1.0, argument: value}
        )
