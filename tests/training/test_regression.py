"""Logistic regression against published numbers and a general-purpose minimizer."""

import numpy as np
import pytest
from scipy.optimize import minimize

from lib import datasets
from lib.training import regression

# x = 0, 1, 2, 3 and y = 0, 1, 0, 1, computed with 15 digits elsewhere.
SLOPE, CONSTANT, LOG_LIKELIHOOD = 0.9081842625600951, -1.362276393840143, -2.347486535121346


def minimized(features, labels):
    design = np.column_stack([np.ones(len(features)), features])

    def loss(w):
        z = design @ w
        return np.logaddexp(0, z).sum() - labels @ z

    def gradient(w):
        return design.T @ (1 / (1 + np.exp(-design @ w)) - labels)

    return minimize(loss, np.zeros(design.shape[1]), jac=gradient, tol=1e-12, method="BFGS")


def test_four_points():
    fit = regression.newton([0, 1, 2, 3], [0, 1, 0, 1])
    np.testing.assert_allclose(fit.coefficients, [CONSTANT, SLOPE], rtol=1e-12)
    assert -4 * fit.losses[-1] == pytest.approx(LOG_LIKELIHOOD, rel=1e-13)
    assert fit.losses[0] == pytest.approx(np.log(2))


def test_published_fit_of_the_o_rings():
    # Dalal, Fowlkes and Hoadley 1989: 15.043 - 0.2322 t, with standard errors 7.379 and 0.1082.
    fit = regression.newton(*datasets.o_rings())
    assert (np.abs(fit.coefficients - [15.043, -0.2322]) <= [5e-4, 5e-5]).all()
    assert (np.abs(fit.standard_errors - [7.379, 0.1082]) <= [5e-4, 5e-5]).all()


@pytest.mark.parametrize("standardize", [True, False])
def test_four_features_against_a_general_minimizer(standardize):
    measurements, malignant, _ = datasets.tumors()
    measurements = (measurements - measurements.mean(axis=0)) / measurements.std(axis=0) + 0.3
    expected = minimized(measurements, malignant)
    found = regression.newton(measurements, malignant)
    np.testing.assert_allclose(found.coefficients, expected.x, rtol=1e-5)
    # The minimizer's own estimate of the inverse second derivatives is rough.
    np.testing.assert_allclose(found.standard_errors, np.sqrt(np.diag(expected.hess_inv)), rtol=0.2)
    descended = regression.gradient_descent(
        measurements, malignant, rate=1.0, steps=20_000, standardize=standardize
    )
    np.testing.assert_allclose(descended.coefficients, found.coefficients, rtol=1e-6)
    np.testing.assert_allclose(descended.standard_errors, found.standard_errors, rtol=1e-5)
    assert (np.diff(descended.losses) <= 1e-15).all()


def test_standard_errors_are_the_inverse_curvature_of_the_likelihood():
    fit = regression.newton([0, 1, 2, 3], [0, 1, 0, 1])
    x, y = np.arange(4.0), np.array([0, 1, 0, 1])

    def loss(w):
        z = w[0] + w[1] * x
        return np.logaddexp(0, z).sum() - y @ z

    step, w = 1e-4, fit.coefficients
    moves = step * np.eye(2)
    curvature = np.array(
        [
            [
                loss(w + a + b) - loss(w + a - b) - loss(w - a + b) + loss(w - a - b)
                for b in moves
            ]
            for a in moves
        ]
    ) / (4 * step**2)  # fmt: skip
    errors = np.sqrt(np.diag(np.linalg.inv(curvature)))
    np.testing.assert_allclose(fit.standard_errors, errors, rtol=1e-5)


@pytest.mark.parametrize(
    ("features", "labels", "message"),
    [
        ([0, 1, 2, 3], [0, 0, 1, 1], "a plane separates the labels"),
        ([[0, 0], [1, 1], [2, 2], [3, 3]], [0, 1, 0, 1], "linearly dependent"),
        ([1, 1, 1, 1], [0, 1, 0, 1], "features must not be constant"),
        ([0, 1, 2], [0, 1, 0, 1], "features must have one row for each label"),
        ([0, 1, 2, 3], [0, 1, 2, 1], "labels must be 0 or 1"),
    ],
)
def test_where_there_is_no_maximum_it_is_said(features, labels, message):
    with pytest.raises(ValueError, match=message):
        regression.newton(features, labels)


@pytest.mark.parametrize("standardize", [True, False])
def test_the_first_step_of_a_descent_by_hand(standardize):
    x, y = np.array([0.0, 1.0, 2.0, 5.0]), np.array([0, 1, 0, 1])
    fit = regression.gradient_descent(x, y, rate=0.3, steps=2, standardize=standardize)
    mean, spread = (2.0, np.sqrt(3.5)) if standardize else (0.0, 1.0)
    constant = 0.3 * np.mean(y - 0.5)
    slope = 0.3 * np.mean((y - 0.5) * (x - mean) / spread) / spread
    np.testing.assert_allclose(fit.path[0], [0, 0])
    np.testing.assert_allclose(fit.path[1], [constant - slope * mean, slope], rtol=1e-12)
    z = fit.path[:, :1] + fit.path[:, 1:] * x
    np.testing.assert_allclose(fit.losses, (np.logaddexp(0, z) - y * z).mean(axis=1), rtol=1e-12)


def test_newtons_losses_are_those_of_its_path():
    x, y = np.array([0.0, 1.0, 2.0, 5.0, 7.0]), np.array([0, 1, 0, 1, 0])
    fit = regression.newton(x, y)
    z = fit.path[:, :1] + fit.path[:, 1:] * x
    np.testing.assert_allclose(fit.losses, (np.logaddexp(0, z) - y * z).mean(axis=1), rtol=1e-12)


def test_almost_dependent_features_change_the_coefficients_linearly():
    rng = np.random.default_rng(0)
    x, z, noise = rng.standard_normal((3, 200))
    labels = (x - z + 2 * noise > 0).astype(int)
    constant, by_x, by_z = regression.newton(np.column_stack([x, z]), labels).coefficients
    found = regression.newton(np.column_stack([x, x + z / 1000]), labels).coefficients
    expected = [constant, by_x - 1000 * by_z, 1000 * by_z]
    np.testing.assert_allclose(found, expected, rtol=1e-7)


def test_newton_takes_no_more_steps_than_allowed():
    x, y = [0, 1, 2, 3], [0, 1, 0, 1]
    needed = len(regression.newton(x, y).path) - 1
    assert len(regression.newton(x, y, most=needed).path) == needed + 1
    with pytest.raises(ValueError, match="the steps too few"):
        regression.newton(x, y, most=needed - 1)
