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
