"""Losses at high precision, and their gradients."""

import mpmath as mp
import numpy as np
import pytest
from any_numbers import any_number
from hypothesis import given, settings
from hypothesis import strategies as st

from lib import models

RNG = np.random.default_rng(0)
SIZES = [0.1, 1.0, 30.0, 700.0]


@pytest.mark.parametrize("size", SIZES)
def test_cross_entropy_is_the_logarithm_of_the_softmax(size):
    outputs, labels = size * RNG.standard_normal((2, 4, 3)), RNG.integers(0, 4, (2, 3))
    found = models.cross_entropy(outputs, labels).loss
    with mp.workdps(1500):
        for replica in range(2):
            losses = []
            for sample in range(3):
                z = [mp.mpf(value) for value in outputs[replica, :, sample]]
                total = mp.fsum(mp.exp(value) for value in z)
                losses.append(mp.log(total) - z[labels[replica, sample]])
            assert found[replica] == pytest.approx(float(mp.fsum(losses) / 3), rel=1e-12)


@pytest.mark.parametrize("size", SIZES)
def test_logistic_loss_is_the_negative_log_likelihood(size):
    outputs, labels = size * RNG.standard_normal((2, 1, 3)), RNG.integers(0, 2, (2, 3))
    found = models.logistic(outputs, labels).loss
    with mp.workdps(1500):
        for replica in range(2):
            losses = []
            for sample in range(3):
                probability = 1 / (1 + mp.exp(-mp.mpf(outputs[replica, 0, sample])))
                right = probability if labels[replica, sample] else 1 - probability
                losses.append(-mp.log(right))
            assert found[replica] == pytest.approx(float(mp.fsum(losses) / 3), rel=1e-12)


@pytest.mark.parametrize("name", ["cross_entropy", "logistic", "squared_error"])
def test_gradients_against_central_differences(name):
    loss = getattr(models, name)
    rows = 4 if name == "cross_entropy" else 1
    outputs = RNG.standard_normal((2, rows, 3))
    labels = RNG.integers(0, 2, (2, 3))
    found = loss(outputs, labels).gradient
    for index in np.ndindex(outputs.shape):
        ends = []
        for step in (1e-6, -1e-6):
            moved = outputs.copy()
            moved[index] += step
            ends.append(loss(moved, labels).loss[index[0]])
        assert found[index] == pytest.approx((ends[0] - ends[1]) / 2e-6, rel=1e-6, abs=1e-9)


def test_who_is_right():
    z = np.array([[[3.0, -1.0], [2.0, 5.0]]])
    np.testing.assert_array_equal(models.cross_entropy(z, np.array([[0, 0]])).right, [[1, 0]])
    np.testing.assert_array_equal(models.logistic(z[:, :1], np.array([[1, 1]])).right, [[1, 0]])
    targets = np.array([[3.4, 0.0]])
    np.testing.assert_array_equal(models.squared_error(z[:, :1], targets).right, [[1, 0]])


def test_right_is_on_the_right_side_and_near_enough():
    logits = np.array([[[0.2, 0.2, -0.2, -0.2]]])
    found = models.logistic(logits, np.array([[1, 0, 1, 0]])).right
    np.testing.assert_array_equal(found, [[1, 0, 0, 1]])
    targets = np.array([[0.6, 1.4, 0.25, 1.75, 3.0, -1.0]])
    found = models.squared_error(np.ones((1, 1, 6)), targets).right
    np.testing.assert_array_equal(found, [[1, 1, 0, 0, 0, 0]])


@pytest.mark.parametrize("name", ["cross_entropy", "logistic", "squared_error"])
def test_single_precision_is_kept(name):
    outputs = np.ones((2, 4 if name == "cross_entropy" else 1, 3), np.float32)
    judged = getattr(models, name)(outputs, np.zeros((2, 3), int))
    assert judged.loss.dtype == judged.gradient.dtype == np.float32


DTYPES = (np.float16, np.float32, np.float64)


def logits(dtype):
    return any_number(dtype) | st.integers(-2000, 2000).map(lambda n: float(dtype(n / 100)))


def close(found, wanted, dtype, arithmetic):
    """Near the exact result, in the dtype it was computed in; infinite where that is too large."""
    if np.isinf(found):
        return wanted > float(np.finfo(arithmetic).max) * 0.999
    size = max(abs(wanted), 1)
    return abs(mp.mpf(float(found)) - wanted) <= 8 * float(np.finfo(dtype).eps) * size


@pytest.mark.parametrize("dtype", DTYPES)
@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_losses_are_right_over_the_whole_range(dtype, data):
    arithmetic = np.result_type(dtype, np.float32)
    z = data.draw(st.lists(logits(dtype), min_size=3, max_size=3))
    outputs = np.array(z, dtype)[None, :, None]
    with np.errstate(all="raise"):
        several = models.cross_entropy(outputs, np.array([[1]]))
        single = [models.logistic(outputs[:, :1], np.array([[y]])) for y in (0, 1)]
        squared = models.squared_error(outputs[:, :1], np.array([[0.0]]))
    for judged in (several, *single, squared):
        assert (judged.loss.dtype, judged.gradient.dtype) == (arithmetic, dtype)
    with mp.workdps(60):
        exact = [mp.mpf(float(value)) for value in outputs[0, :, 0]]
        largest = max(exact)
        shares = [mp.exp(value - largest) for value in exact]
        total = mp.fsum(shares)
        assert close(several.loss[0], mp.log(total) + (largest - exact[1]), arithmetic, arithmetic)
        for k, found in enumerate(several.gradient[0, :, 0]):
            assert close(found, shares[k] / total - (k == 1), dtype, arithmetic)
        for y, judged in enumerate(single):
            sign = 1 - 2 * y
            loss = max(sign * exact[0], 0) + mp.log1p(mp.exp(-abs(exact[0])))
            assert close(judged.loss[0], loss, arithmetic, arithmetic)
            slope = sign / (1 + mp.exp(-sign * exact[0]))
            assert close(judged.gradient[0, 0, 0], slope, dtype, arithmetic)
        assert close(squared.loss[0], exact[0] ** 2 / 2, arithmetic, arithmetic)


@pytest.mark.parametrize("dtype", DTYPES[1:])
def test_the_mean_of_large_losses_is_finite(dtype):
    largest = np.finfo(dtype).max
    outputs, labels = np.array([[[largest] * 4, [0] * 4]], dtype), np.ones((1, 4), int)
    for judged in (
        models.cross_entropy(outputs, labels), models.logistic(outputs[:, :1], 1 - labels)
    ):  # fmt: skip
        assert judged.loss == [largest]
