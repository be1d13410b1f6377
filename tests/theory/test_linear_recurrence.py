"""Memory and sensitivity of one eigenvalue, against simulated networks and their gradients."""

import numpy as np
import pytest

from lib.recurrent import LRU
from lib.theory import linear_recurrence as theory

NETWORKS, STEPS = 2000, 200


@pytest.mark.parametrize("angle", [0.0, 0.7])
def test_sensitivity_is_that_of_backpropagation(angle):
    # The derivatives of the real and of the imaginary part of the last state, by the cell's own
    # way back, for white inputs to the real part.
    cell, r = LRU(1, 2), 0.95
    weights = {k: np.zeros((NETWORKS, *s)) for k, s in cell.shapes.items()}
    weights["input"][:, 0] = 1
    weights["nu"][:], weights["theta"][:] = np.log(-np.log(r)), angle
    x = np.random.default_rng(0).standard_normal((STEPS, NETWORKS, 1, 1))
    trace = cell.forward(weights, x)
    squares = {"nu": 0.0, "theta": 0.0}
    for part in (0, 1):
        asked = np.zeros_like(trace.hidden)
        asked[-1, :, part] = 1
        found = cell.backward(trace, asked).weights
        for name in squares:
            squares[name] += np.mean(found[name] ** 2)
    assert np.sqrt(squares["nu"]) == pytest.approx(theory.sensitivity(r), rel=0.06)
    by_angle = theory.sensitivity(r, parameter="angle")
    assert np.sqrt(squares["theta"]) == pytest.approx(by_angle, rel=0.06)


@pytest.mark.parametrize("r", [0.3, 0.9])
def test_sums_over_the_past(r):
    # The mean square of a sum of independent terms, term by term.
    k = np.arange(2000)
    plain = np.sum((k[1:] * r ** (k[1:] - 1.0)) ** 2)
    found = theory.sensitivity(r, parameter="modulus", normalized=False)
    assert found == pytest.approx(np.sqrt(plain))
    gamma = np.sqrt(1 - r**2)
    terms = gamma * k * r ** (k - 1.0) - r / gamma * r ** (1.0 * k)
    assert theory.sensitivity(r, parameter="modulus") == pytest.approx(np.sqrt(np.sum(terms**2)))
    rate = -r * np.log(r)
    assert theory.sensitivity(r) == pytest.approx(rate * np.sqrt(np.sum(terms**2)))
    turned = np.sqrt(np.sum((k * r ** (1.0 * k)) ** 2))
    assert theory.sensitivity(r, parameter="angle") == pytest.approx(gamma * turned)
    assert theory.sensitivity(r, parameter="angle", normalized=False) == pytest.approx(turned)


def test_with_nu_it_never_exceeds_one_half():
    r = 1 - np.geomspace(1e-9, 0.999, 1000)
    found = theory.sensitivity(r)
    assert (found <= 0.5 + 1e-9).all()
    assert found[0] == pytest.approx(0.5, abs=1e-6)


def test_half_of_a_response_is_left_after_a_half_life():
    for r in (0.5, 0.9, 0.99):
        assert r ** theory.half_life(r) == pytest.approx(0.5)
    assert theory.half_life(0.0) == 0
    response = theory.impulse_response(0.99, 0.3, 50)
    np.testing.assert_allclose(response, ((0.99 * np.exp(0.3j)) ** np.arange(51)).real)


def test_a_modulus_of_one_is_refused():
    with pytest.raises(ValueError, match="modulus must lie between 0 and 1"):
        theory.sensitivity([0.5, 1.0])
