"""Normalizations against definitions written down again, the complex step and invariances."""

import numpy as np
import pytest

from lib import normalization

RNG = np.random.default_rng(0)
X = RNG.standard_normal((3, 5, 7)) * 2 + 1
DIRECTION = RNG.standard_normal(X.shape)
GAIN = RNG.standard_normal((5, 1))
SHIFT = RNG.standard_normal((5, 1))

CASES = [
    (normalization.batch_norm, {}, -1),
    (normalization.batch_norm, {"batch_axis": 0}, 0),
    (normalization.layer_norm, {}, -2),
    (normalization.layer_norm, {"unit_axis": 2}, 2),
]


def reference(x, axis, gain, shift, epsilon):
    """The definition, on real or complex numbers."""
    mean = x.sum(axis=axis, keepdims=True) / x.shape[axis]
    variance = ((x - mean) ** 2).sum(axis=axis, keepdims=True) / x.shape[axis]
    return gain * (x - mean) / np.sqrt(variance + epsilon) + shift


@pytest.mark.parametrize(("function", "options", "axis"), CASES)
@pytest.mark.parametrize("epsilon", [0.0, 1e-5, 0.5])
def test_forward_is_the_definition(function, options, axis, epsilon):
    result = function(X, gain=GAIN, shift=SHIFT, epsilon=epsilon, **options)
    np.testing.assert_allclose(result.output, reference(X, axis, GAIN, SHIFT, epsilon), rtol=1e-12)
    np.testing.assert_allclose(
        result.standardized, reference(X, axis, 1, 0, epsilon), rtol=1e-11, atol=1e-14
    )
    plain = function(X, epsilon=epsilon, **options)
    np.testing.assert_array_equal(plain.output, result.standardized)


@pytest.mark.parametrize(("function", "options", "axis"), CASES)
@pytest.mark.parametrize("gain", [None, GAIN])
@pytest.mark.parametrize("epsilon", [0.0, 1e-5, 0.5])
def test_backward_is_the_derivative(function, options, axis, gain, epsilon):
    result = function(X, gain=gain, shift=SHIFT, epsilon=epsilon, **options)
    actual = result.backward(DIRECTION).ravel()
    scale = 1.0 if gain is None else gain
    steps = X + 1e-30j * np.eye(X.size).reshape(X.size, *X.shape)
    along = axis if axis < 0 else axis + 1
    outputs = reference(steps, along, scale, SHIFT, epsilon)
    expected = (outputs.imag / 1e-30 * DIRECTION).sum(axis=(1, 2, 3))
    assert np.abs(actual - expected).max() <= 1e-12 * np.abs(expected).max()


def test_parameter_gradients_are_derivatives():
    result = normalization.batch_norm(X, gain=GAIN, shift=SHIFT)
    gain_gradient, shift_gradient = result.parameter_gradients(DIRECTION)
    assert gain_gradient.shape == shift_gradient.shape == GAIN.shape
    for unit in range(5):
        step = np.zeros_like(GAIN, complex)
        step[unit] = 1e-30j
        by_gain = (reference(X, -1, GAIN + step, SHIFT, 1e-5) * DIRECTION).imag.sum() / 1e-30
        by_shift = (reference(X, -1, GAIN, SHIFT + step, 1e-5) * DIRECTION).imag.sum() / 1e-30
        assert gain_gradient[unit, 0] == pytest.approx(by_gain, rel=1e-12)
        assert shift_gradient[unit, 0] == pytest.approx(by_shift, rel=1e-12)


@pytest.mark.parametrize(("function", "options", "axis"), CASES)
def test_scale_and_offset_of_the_input_do_not_matter(function, options, axis):
    first = function(X, epsilon=0.0, **options)
    second = function(3 * X - 5, epsilon=0.0, **options)
    np.testing.assert_allclose(first.output, second.output, rtol=1e-9, atol=1e-13)
    gradient = first.backward(DIRECTION)
    np.testing.assert_allclose(gradient.sum(axis=axis), 0, atol=1e-13)
    np.testing.assert_allclose((gradient * X).sum(axis=axis), 0, atol=1e-12)


def test_dtype_is_kept_and_integers_are_float64():
    assert normalization.batch_norm(X.astype(np.float32)).output.dtype == np.float32
    assert normalization.layer_norm(X.astype(np.float32), gain=GAIN).output.dtype == np.float32
    assert normalization.batch_norm([[1, 2, 4]]).output.dtype == np.float64


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: normalization.batch_norm([[1.0, np.nan]]), ValueError, "x must be finite"),
        (lambda: normalization.layer_norm([[1.0], [np.inf]]), ValueError, "x must be finite"),
        (lambda: normalization.batch_norm([["a", "b"]]), TypeError, "x must hold real"),
        (lambda: normalization.batch_norm([[1.0]]), ValueError, "two entries along batch_axis"),
        (lambda: normalization.layer_norm([[1.0, 2.0]]), ValueError, "along unit_axis"),
        (lambda: normalization.layer_norm([1.0, 2.0]), ValueError, "unit_axis"),
        (lambda: normalization.batch_norm(X, batch_axis=3), ValueError, "batch_axis"),
        (lambda: normalization.batch_norm(X, epsilon=-1e-9), ValueError, "epsilon"),
        (lambda: normalization.batch_norm(X, epsilon="0"), TypeError, "epsilon"),
        (lambda: normalization.batch_norm(X, gain=[np.nan]), ValueError, "gain must be finite"),
        (lambda: normalization.layer_norm(X, shift=[np.nan]), ValueError, "shift must be finite"),
        (lambda: normalization.layer_norm(X, gain=np.ones(4)), ValueError, "gain"),
    ],
)
def test_bad_input_raises(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("function", [normalization.batch_norm, normalization.layer_norm])
def test_defaults_and_gradients_without_a_gain(function):
    result = function(X)
    np.testing.assert_array_equal(result.output, function(X, epsilon=1e-5).output)
    by_gain, by_shift = result.parameter_gradients(DIRECTION)
    np.testing.assert_array_equal(by_gain, DIRECTION * result.standardized)
    np.testing.assert_array_equal(by_shift, DIRECTION)


def test_the_first_axis_may_be_counted_from_the_end():
    for options in ({"batch_axis": -3}, {"batch_axis": 0}):
        found = normalization.batch_norm(X, **options)
        np.testing.assert_allclose(found.output, reference(X, 0, 1, 0, 1e-5), rtol=1e-12)


def test_a_gain_may_not_have_more_axes_than_the_input():
    for name in ("gain", "shift"):
        with pytest.raises(ValueError, match=f"{name} must broadcast to shape"):
            normalization.batch_norm(X, **{name: np.ones((2, 3, 5, 7))})
