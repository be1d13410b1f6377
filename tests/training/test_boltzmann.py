"""Boltzmann machines against sums over all their states."""

from itertools import product

import numpy as np
import pytest
from scipy import stats

from lib.training.boltzmann import BoltzmannMachine, noisy_relu


def small():
    machine = BoltzmannMachine(3, 2, [0], scale=1.0)
    rng = np.random.default_rng(1)
    machine.visible_bias[...] = rng.standard_normal((1, 3))
    machine.hidden_bias[...] = rng.standard_normal((1, 2))
    return machine


def boltzmann_weights(machine):
    """Of all 32 states, from the energy."""
    found = {}
    for state in product((0, 1), repeat=5):
        v, h = np.array(state[:3]), np.array(state[3:])
        energy = -(
            machine.visible_bias[0] @ v + machine.hidden_bias[0] @ h + h @ machine.weights[0] @ v
        )
        found[state] = np.exp(-energy)
    return found


def test_conditional_probabilities_are_those_of_the_energy():
    machine = small()
    weights = boltzmann_weights(machine)
    for v in product((0, 1), repeat=3):
        own = {s: w for s, w in weights.items() if s[:3] == v}
        expected = [
            sum(w for s, w in own.items() if s[3 + unit]) / sum(own.values()) for unit in (0, 1)
        ]
        np.testing.assert_allclose(machine.features(np.array([v]))[0, 0], expected, rtol=1e-12)
    for h in product((0, 1), repeat=2):
        own = {s: w for s, w in weights.items() if s[3:] == h}
        expected = [
            sum(w for s, w in own.items() if s[unit]) / sum(own.values()) for unit in range(3)
        ]
        found = machine.visible_mean(np.array(h, float)[None, :, None])[0, :, 0]
        np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_the_contrast_is_that_of_all_hidden_states():
    machine, samples = small(), 400_000
    v = np.array([1.0, 0.0, 1.0])
    batch = np.broadcast_to(v[None, :, None], (1, 3, samples))
    (weights, visible, hidden), error = machine.contrast(batch)
    expected = [np.zeros((2, 3)), np.zeros(3), np.zeros(2)]
    squared = 0.0
    on = machine.features(v[None])[0, 0]
    for h in product((0.0, 1.0), repeat=2):
        h = np.array(h)
        share = np.prod(np.where(h == 1, on, 1 - on))
        back = machine.visible_mean(h[None, :, None])[0, :, 0]
        again = machine.features(back[None])[0, 0]
        for total, term in zip(
            expected, (np.outer(h, v) - np.outer(again, back), v - back, h - again), strict=True
        ):
            total += share * term
        squared += share * np.mean((v - back) ** 2)
    for found, total in zip((weights, visible, hidden), expected, strict=True):
        np.testing.assert_allclose(found[0], total, atol=5 * 0.5 / np.sqrt(samples) * 2)
    assert error[0] == pytest.approx(squared, abs=5e-3)


@pytest.mark.parametrize("x", [-3.0, 0.0, 2.5])
def test_mean_and_variance_of_a_noisy_rectified_unit(x):
    samples = 400_000
    drawn = noisy_relu(np.full(samples, x), np.random.default_rng(0))
    spread = np.sqrt(1 / (1 + np.exp(-x)))
    mean = x * stats.norm.cdf(x / spread) + spread * stats.norm.pdf(x / spread)
    square = (x**2 + spread**2) * stats.norm.cdf(x / spread) + x * spread * stats.norm.pdf(
        x / spread
    )
    deviation = np.sqrt(square - mean**2)
    assert drawn.mean() == pytest.approx(mean, abs=5 * deviation / np.sqrt(samples))
    assert drawn.var() == pytest.approx(square - mean**2, rel=0.05)


@pytest.mark.parametrize("units", ["binary", "rectified"])
def test_training_learns_to_reconstruct_and_depends_on_the_seed_alone(units):
    rng = np.random.default_rng(0)
    pattern = (rng.random((4, 12)) < 0.5).astype(float)
    data = pattern[rng.integers(0, 4, 200)]
    together = BoltzmannMachine(12, 8, [3, 5], units=units)
    errors = together.train(data, 60, rate=0.05)
    assert (errors[-1] < 0.1 * errors[0]).all()
    alone = BoltzmannMachine(12, 8, [5], units=units)
    alone.train(data, 60, rate=0.05)
    np.testing.assert_allclose(together.weights[1], alone.weights[0], rtol=1e-9)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"inputs": np.full((3, 3), 2.0)}, "inputs must be"),
        ({"rate": 0.0}, "rate must be positive"),
        ({"batch": 0}, "batch must be"),
        ({"epochs": 0}, "epochs must be"),
    ],
)
def test_what_is_not_allowed_is_said(options, message):
    with pytest.raises(ValueError, match=message):
        small().train(**{"inputs": np.zeros((3, 3)), "epochs": 1, "rate": 0.1, **options})
    with pytest.raises(ValueError, match="units must be"):
        BoltzmannMachine(3, 2, [0], units="gaussian")
