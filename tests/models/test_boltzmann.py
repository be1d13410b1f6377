"""Boltzmann machines against sums over all their states."""

from itertools import product

import numpy as np
import pytest
from scipy import stats

from lib.models.boltzmann import BoltzmannMachine, noisy_relu
from lib.training import DivergenceError


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


@pytest.mark.parametrize("x", [-0.5, 0.0, 2.5])
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
    errors = together.run(data, 60, rate=0.05)
    assert (errors[-1] < 0.1 * errors[0]).all()
    alone = BoltzmannMachine(12, 8, [5], units=units)
    alone.run(data, 60, rate=0.05)
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
        small().run(**{"inputs": np.zeros((3, 3)), "epochs": 1, "rate": 0.1, **options})
    with pytest.raises(ValueError, match="units must be"):
        BoltzmannMachine(3, 2, [0], units="gaussian")


@pytest.mark.parametrize("units", ["binary", "rectified"])
def test_an_epoch_by_hand(units):
    data = np.random.default_rng(3).random((6, 5))
    machine, twin = (BoltzmannMachine(5, 4, [7], units=units, scale=0.5) for _ in range(2))
    errors = machine.run(data, 1, rate=0.2, batch=3, momentum=0.7, weight_decay=0.1)
    order, found = twin.rngs[0].permutation(6), []
    learned = [twin.weights, twin.visible_bias, twin.hidden_bias]
    velocities = [0.0, 0.0, 0.0]
    for chosen in (order[:3], order[3:]):
        gradients, error = twin.contrast(data[chosen].T[None])
        gradients[0] = gradients[0] - 0.1 * learned[0]
        found.append(error)
        for kind in range(3):
            velocities[kind] = 0.7 * velocities[kind] + 0.2 * gradients[kind]
            learned[kind] += velocities[kind]
    np.testing.assert_allclose(machine.weights, twin.weights, rtol=1e-12)
    np.testing.assert_allclose(machine.visible_bias, twin.visible_bias, rtol=1e-12)
    np.testing.assert_allclose(machine.hidden_bias, twin.hidden_bias, rtol=1e-12)
    np.testing.assert_allclose(errors, [np.mean(found, axis=0)], rtol=1e-12)


def test_the_contrast_of_rectified_units_by_hand():
    machine, twin = (BoltzmannMachine(3, 2, [0], units="rectified", scale=1.0) for _ in range(2))
    v, w = np.random.default_rng(1).random((1, 3, 50)), machine.weights[0]
    (weights, visible, hidden), _ = machine.contrast(v)
    h = twin.sample_hidden(v)[0]
    back = 1 / (1 + np.exp(-w.T @ h))
    again = np.maximum(0, w @ back)
    np.testing.assert_allclose(weights[0], (h @ v[0].T - again @ back.T) / 50, rtol=1e-12)
    np.testing.assert_allclose(visible[0], (v[0] - back).mean(axis=1), rtol=1e-12)
    np.testing.assert_allclose(hidden[0], (h - again).mean(axis=1), rtol=1e-12)
    expected = np.maximum(0, v[0].T @ w.T)
    assert (expected == 0).any()
    np.testing.assert_allclose(machine.features(v[0].T)[0], expected, rtol=1e-12)


def test_units_of_one_machine_are_drawn_independently():
    machine = BoltzmannMachine(3, 2, [0], scale=0.0)
    h = machine.sample_hidden(np.zeros((1, 3, 4000)))[0]
    np.testing.assert_allclose(h.mean(axis=1), 0.5, atol=0.04)
    assert abs(np.corrcoef(h)[0, 1]) < 0.08


def test_defaults_are_those_of_the_docstring():
    data = np.random.default_rng(0).random((45, 6))
    default, named = BoltzmannMachine(6, 4, [1]), BoltzmannMachine(6, 4, [1], scale=0.01)
    default.run(data, 2, rate=0.5)
    named.run(data, 2, rate=0.5, batch=20, momentum=0.5, weight_decay=2e-4)
    np.testing.assert_array_equal(default.weights, named.weights)
    drawn = BoltzmannMachine(100, 100, [0], scale=0.3).weights
    assert drawn.std() == pytest.approx(0.3, rel=0.03)


def test_negative_inputs_and_an_overflow_are_said():
    with pytest.raises(ValueError, match="inputs must be a table of numbers from 0 to 1"):
        small().run(np.full((3, 3), -0.1), 1, rate=0.1)
    with np.errstate(all="ignore"), pytest.raises(DivergenceError, match="after epoch 1"):
        small().run(np.ones((60, 3)), 1, rate=1e308)


def test_what_is_out_of_range_is_said():
    for options in ({"momentum": 1.5}, {"momentum": -0.1}, {"weight_decay": -1.0}):
        with pytest.raises(ValueError, match=f"{next(iter(options))} must be"):
            small().run(np.zeros((3, 3)), 1, rate=0.1, **options)
    with pytest.raises(ValueError, match="inputs must be a table"):
        small().run(np.zeros(3), 1, rate=0.1)
    with pytest.raises(ValueError, match="scale must be"):
        BoltzmannMachine(3, 2, [0], scale=-1.0)


def test_a_batch_may_be_larger_than_the_data():
    one, other = small(), small()
    data = np.random.default_rng(0).random((4, 3))
    one.run(data, 1, rate=0.1, batch=20)
    other.run(data, 1, rate=0.1, batch=4)
    np.testing.assert_array_equal(one.weights, other.weights)
    assert not np.array_equal(one.weights, small().weights)
