"""Linear recurrences against complex numbers, closed forms and statistics of white inputs."""

import numpy as np
import pytest

from lib import activations, recurrent
from lib.recurrent import LRU, Selective, Start, TwoLayers


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def drawn(cell, *, replicas=1, steps=5, batch=3, seed=0):
    rng = np.random.default_rng(seed)
    weights = {k: 0.6 * rng.standard_normal((replicas, *s)) for k, s in cell.shapes.items()}
    return weights, rng.standard_normal((steps, replicas, cell.inputs, batch))


def lru_by_complex_numbers(weights, x, ending=""):
    """All states of an LRU: the sum over the past, written out with complex powers."""
    own = {k: weights[k + ending][0] for k in ("input", "bias", "nu", "theta")}
    n = len(own["nu"])
    lam = np.exp(-np.exp(own["nu"]) + 1j * own["theta"])[:, None]
    enters = own["input"][: 2 * n] @ x + own["bias"][: 2 * n, None]
    enters = np.sqrt(1 - np.abs(lam) ** 2) * (enters[:, :n] + 1j * enters[:, n:])
    states = [sum(lam ** (t - s) * enters[s] for s in range(t + 1)) for t in range(len(x))]
    return np.concatenate([np.real(states), np.imag(states)], axis=1)


def selective_by_hand(weights, x, ending="", units=4):
    own = {k: weights[k + ending][0] for k in ("input", "bias")}
    states = [np.zeros((units, x.shape[-1]))]
    for read in x:
        sums = own["input"][: 2 * units] @ read + own["bias"][: 2 * units, None]
        keep = sigmoid(sums[:units])
        states.append(keep * states[-1] + (1 - keep) * sums[units:])
    return np.array(states[1:])


BY_HAND = {LRU: lru_by_complex_numbers, Selective: selective_by_hand}


@pytest.mark.parametrize("kind", BY_HAND)
def test_one_layer_is_the_sum_over_the_past(kind):
    weights, x = drawn(kind(3, 4))
    found = kind(3, 4).forward(weights, x).hidden[:, 0]
    np.testing.assert_allclose(found, BY_HAND[kind](weights, x[:, 0]), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("kind", BY_HAND)
def test_two_layers_have_units_between_them(kind):
    cell = TwoLayers(3, 4, kind, activations.elu())
    weights, x = drawn(cell)
    first = BY_HAND[kind](weights, x[:, 0])
    around = weights["input"][0, -4:] @ x[:, 0] + weights["bias"][0, -4:, None]
    sums = weights["mix"][0] @ first + around
    features = np.where(sums > 0, sums, np.expm1(sums))
    expected = BY_HAND[kind](weights, features, " above")
    trace = cell.forward(weights, x)
    np.testing.assert_allclose(trace.hidden[:, 0], expected, rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(trace.states[1:, 0, 4:], first, rtol=1e-12, atol=1e-14)


def test_a_gradient_over_k_steps_is_the_power_of_the_modulus():
    weights = {k: np.zeros((3, *s)) for k, s in LRU(1, 2).shapes.items()}
    modulus = np.array([0.9, 0.99, 0.999])
    weights["nu"][:, 0], weights["theta"][:, 0] = np.log(-np.log(modulus)), [0.0, 0.3, 2.0]
    trace = LRU(1, 2).forward(weights, np.zeros((1000, 1, 1)))
    for k in (1, 10, 100, 1000):
        block = recurrent.jacobian(trace, 1000, 1000 - k)
        np.testing.assert_allclose(np.linalg.norm(block, 2, axis=(1, 2)), modulus**k, rtol=1e-9)
        turned = np.array([0.0, 0.3, 2.0]) * k
        np.testing.assert_allclose(block[:, 0, 0], modulus**k * np.cos(turned), atol=1e-9)
        np.testing.assert_allclose(block[:, 1, 0], modulus**k * np.sin(turned), atol=1e-9)
    norms = recurrent.gradient_map(trace)
    np.testing.assert_allclose(norms[:, 1000, 0], 1000 * np.log10(modulus), rtol=1e-9)


def test_white_inputs_make_states_of_variance_one():
    # E |h|^2 = 2, a real and an imaginary part of 1 each, for inputs of variance 1.
    cell, steps = LRU(8, 8), 4000
    weights = {k: np.zeros((1, *s)) for k, s in cell.shapes.items()}
    weights["input"][0] = np.eye(8)
    weights["nu"][0] = np.log(-np.log([0.5, 0.9, 0.97, 0.99]))
    weights["theta"][0] = [0.0, 0.1, 1.0, 3.0]
    x = np.random.default_rng(0).standard_normal((steps, 1, 8, 40))
    late = cell.forward(weights, x).hidden[1000:, 0]
    np.testing.assert_allclose((late**2).mean(axis=(0, 2)), 1, atol=0.06)


def test_a_selective_gradient_is_the_product_of_its_gates():
    cell = Selective(2, 3)
    weights, x = drawn(cell, steps=30)
    trace = cell.forward(weights, x)
    block = recurrent.jacobian(trace, 30, 0, sample=1)[0]
    gates = sigmoid(weights["input"][0, :3] @ x[:, 0] + weights["bias"][0, :3, None])
    np.testing.assert_allclose(np.diag(block), np.prod(gates[:, :, 1], axis=0), rtol=1e-12)
    assert not block[~np.eye(3, dtype=bool)].any()


def test_a_lifetime_of_a_million_steps_is_not_rounded_away():
    weights = {k: np.zeros((1, *s), np.float32) for k, s in LRU(1, 2).shapes.items()}
    weights["nu"][:] = np.log(1e-6)
    weights["input"][:] = 1
    trace = LRU(1, 2).forward(weights, np.ones((2, 1, 1), np.float32))
    assert trace.hidden[0, 0, 0, 0] == pytest.approx(np.sqrt(2e-6), rel=1e-5)
    found = LRU(1, 2).backward(trace, np.ones_like(trace.hidden)).weights["nu"]
    assert np.isfinite(found).all()
    never = {**weights, "nu": np.full((1, 1), -2000.0)}  # a modulus of 1
    trace = LRU(1, 2).forward(never, np.ones((2, 1, 1)), np.ones((1, 2, 1)))
    np.testing.assert_array_equal(trace.hidden[1, 0], [[1], [1]])
    gradients = LRU(1, 2).backward(trace, np.ones_like(trace.hidden))
    assert gradients.weights["nu"].item() == 0


def test_bad_cells_are_refused():
    with pytest.raises(ValueError, match="units must be even"):
        LRU(1, 3)
    with pytest.raises(ValueError, match="units must be even"):
        TwoLayers(1, 3)
    with pytest.raises(ValueError, match="kind must be LRU or Selective"):
        TwoLayers(1, 4, recurrent.GRU)
    assert Start().draw(TwoLayers(1, 4), [0])["mix"].shape == (1, 4, 4)
