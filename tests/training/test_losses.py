"""Losses at high precision, and their gradients."""

import mpmath as mp
import numpy as np
import pytest

from lib import training

RNG = np.random.default_rng(0)
SIZES = [0.1, 1.0, 30.0, 700.0]


@pytest.mark.parametrize("size", SIZES)
def test_cross_entropy_is_the_logarithm_of_the_softmax(size):
    outputs, labels = size * RNG.standard_normal((2, 4, 3)), RNG.integers(0, 4, (2, 3))
    found = training.cross_entropy(outputs, labels).loss
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
    found = training.logistic(outputs, labels).loss
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
    loss = getattr(training, name)
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
    np.testing.assert_array_equal(training.cross_entropy(z, np.array([[0, 0]])).right, [[1, 0]])
    np.testing.assert_array_equal(training.logistic(z[:, :1], np.array([[1, 1]])).right, [[1, 0]])
    targets = np.array([[3.4, 0.0]])
    np.testing.assert_array_equal(training.squared_error(z[:, :1], targets).right, [[1, 0]])


def test_right_is_on_the_right_side_and_near_enough():
    logits = np.array([[[0.2, 0.2, -0.2, -0.2]]])
    found = training.logistic(logits, np.array([[1, 0, 1, 0]])).right
    np.testing.assert_array_equal(found, [[1, 0, 0, 1]])
    targets = np.array([[0.6, 1.4, 0.25, 1.75, 3.0, -1.0]])
    found = training.squared_error(np.ones((1, 1, 6)), targets).right
    np.testing.assert_array_equal(found, [[1, 1, 0, 0, 0, 0]])


@pytest.mark.parametrize("name", ["cross_entropy", "logistic", "squared_error"])
def test_single_precision_is_kept(name):
    outputs = np.ones((2, 4 if name == "cross_entropy" else 1, 3), np.float32)
    judged = getattr(training, name)(outputs, np.zeros((2, 3), int))
    assert judged.loss.dtype == judged.gradient.dtype == np.float32
