"""Logistic regression against published numbers and a general-purpose minimizer."""

import itertools
import operator

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from lib import datasets
from lib.models import regression
from lib.training import DivergenceError

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


@pytest.mark.rotates(2)
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
    assert len(regression.newton(x, y, max_steps=needed).path) == needed + 1
    for fewer in (1, needed - 1):
        with pytest.raises(ValueError, match="the steps are too few"):
            regression.newton(x, y, max_steps=fewer)


def separated(points, labels):
    """Whether a plane separates the labels, some samples on it or not, in whole numbers.

    Such planes form a cone, with edges on which two independent samples lie.
    """
    signed = [(1, *point) if label else (-1, *(-v for v in point))
              for point, label in zip(points, labels, strict=True)]  # fmt: skip
    for a, b in itertools.combinations(signed, 2):
        edge = [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
        for sign in (1, -1):
            sides = [sign * sum(map(operator.mul, edge, one)) for one in signed]
            if any(edge) and min(sides) >= 0:
                return True
    return False


SCALES = [1.0, 1e200, 1e-250, 2.0**900]
CELL = st.integers(0, 3)
SAMPLE = st.tuples(CELL, CELL, st.booleans())


@settings(max_examples=150, deadline=None)
@given(samples=st.lists(SAMPLE, min_size=4, max_size=12), scale=st.sampled_from(SCALES))
def test_there_is_a_fit_where_no_plane_separates_the_labels_and_nowhere_else(samples, scale):
    points, labels = [(a, b) for a, b, _ in samples], [label for _, _, label in samples]
    design = np.column_stack([np.ones(len(points)), np.array(points, float)])
    assume(np.linalg.matrix_rank(design) == 3)
    features = np.array(points) * scale
    with np.errstate(all="raise"):
        if separated(points, labels):
            with pytest.raises(ValueError, match="a plane separates the labels"):
                regression.newton(features, np.array(labels, int))
            return
        fit = regression.newton(features, np.array(labels, int))
    probability = 1 / (1 + np.exp(-(design @ (fit.coefficients * [1, scale, scale]))))
    np.testing.assert_allclose(design.T @ (probability - labels), 0, atol=1e-9)
    information = design.T @ (design * (probability * (1 - probability))[:, None])
    errors = np.sqrt(np.diag(np.linalg.inv(information)))
    np.testing.assert_allclose(fit.standard_errors * [1, scale, scale], errors, rtol=1e-5)


@pytest.mark.parametrize("scale", SCALES)
def test_labels_that_touch_the_plane_from_both_sides_have_no_fit(scale):
    for x, y in (
        ([0, 1, 1, 2], [0, 0, 1, 1]), ([0, 1, 1, 2], [1, 1, 0, 0]), ([0, 0, 0, 1], [0, 1, 0, 1]),
        ([[0, 0], [1, 0], [0, 1], [1, 1]], [0, 0, 0, 1]),
    ):  # fmt: skip
        with pytest.raises(ValueError, match="a plane separates the labels"):
            regression.newton(np.array(x) * scale, y)
    fit = regression.newton(np.array([0, 1, 2, 3]) * scale, [0, 1, 0, 1])
    np.testing.assert_allclose(fit.coefficients * [1, scale], [CONSTANT, SLOPE], rtol=1e-12)


def test_a_narrow_overlap_has_a_fit():
    for gap in (1e-3, 1e-6, 1e-9):
        regression.newton([0, 0.5, 1, 1 + gap, 2, 3], [0, 0, 1, 0, 1, 1])
        constant, slope = regression.newton([0, 1, 1 + gap, 2], [0, 1, 0, 1]).coefficients
        assert slope > 5
        assert -constant / slope == pytest.approx(1 + gap / 2, rel=1e-6)


def test_newton_does_not_step_over_the_minimum():
    # From 0 the full step of these overshoots, farther every time.
    x = np.array([0.0] * 30 + [1.0, 1.0, 1e3])
    y = np.array([0] * 29 + [1, 1, 0, 1])
    fit = regression.newton(x, y)
    assert (np.diff(fit.losses) <= 1e-12).all()


def test_a_descent_that_diverges_says_at_which_step():
    x, y = np.array([0.0, 1.0, 2.0, 3.0]) * 1e5, [0, 1, 0, 1]
    with pytest.raises(DivergenceError, match="step 1: the loss is no longer finite"):
        regression.gradient_descent(x, y, rate=1e307, steps=5, standardize=False)
