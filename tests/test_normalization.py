"""Normalizations against definitions written down again, the complex step and invariances."""

import mpmath
import numpy as np
import pytest
from any_numbers import any_number
from hypothesis import given, settings
from hypothesis import strategies as st

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
RMS_CASES = [({}, -2), ({"unit_axis": 2}, 2)]


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


def root_mean_square(x, axis, gain, epsilon):
    """The definition without a mean, on real or complex numbers."""
    square = (x * x).sum(axis=axis, keepdims=True) / x.shape[axis]
    return gain * x / np.sqrt(square + epsilon)


@pytest.mark.parametrize(("options", "axis"), RMS_CASES)
@pytest.mark.parametrize("epsilon", [0.0, 1e-5, 0.5])
def test_root_mean_square_norm(options, axis, epsilon):
    result = normalization.rms_norm(X, gain=GAIN, epsilon=epsilon, **options)
    expected = root_mean_square(X, axis, GAIN, epsilon)
    np.testing.assert_allclose(result.output, expected, rtol=1e-12)
    steps = X + 1e-30j * np.eye(X.size).reshape(X.size, *X.shape)
    outputs = root_mean_square(steps, axis if axis < 0 else axis + 1, GAIN, epsilon)
    expected = (outputs.imag / 1e-30 * DIRECTION).sum(axis=(1, 2, 3))
    actual = result.backward(DIRECTION).ravel()
    assert np.abs(actual - expected).max() <= 1e-12 * np.abs(expected).max()


@pytest.mark.parametrize("scale", [1e-300, 1e-160, 1e160, 1e300])
def test_root_mean_square_over_the_whole_range(scale):
    plain = normalization.rms_norm(X, epsilon=0.0)
    far = normalization.rms_norm(scale * X, epsilon=0.0)
    np.testing.assert_allclose(far.output, plain.output, rtol=1e-12)
    back = far.backward(DIRECTION) * scale
    np.testing.assert_allclose(back, plain.backward(DIRECTION), rtol=1e-9, atol=1e-12)
    zeros = normalization.rms_norm(np.zeros((3, 2)), epsilon=0.0)
    assert not zeros.output.any()
    assert not zeros.backward(np.ones((3, 2))).any()


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


DTYPES = (np.float16, np.float32, np.float64)


def exactly(row, epsilon):
    """Standardize in 60 digits, and the deviation beside the mean."""
    with mpmath.workdps(60):
        numbers = [mpmath.mpf(float(value)) for value in row]
        if len(set(numbers)) == 1:
            return [0.0] * len(numbers), mpmath.inf
        mean = mpmath.fsum(numbers) / len(numbers)
        variance = mpmath.fsum((value - mean) ** 2 for value in numbers) / len(numbers)
        root = mpmath.sqrt(variance + mpmath.mpf(epsilon))
        return [(value - mean) / root for value in numbers], mpmath.sqrt(variance) / abs(mean or 1)


def numbers_of(dtype):
    anything = any_number(dtype)
    close = st.integers(0, 40).map(lambda k: float(dtype(3.7) + k * dtype(np.finfo(dtype).eps)))
    rows = st.lists(anything, min_size=2, max_size=6) | st.lists(close, min_size=2, max_size=6)
    return st.tuples(rows, st.sampled_from([0.0, 1e-5, 1e-9, 0.5, 1e-30, 1e30]))


@pytest.mark.parametrize("dtype", DTYPES)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_standardizing_is_right_over_the_whole_range(dtype, data):
    row, epsilon = data.draw(numbers_of(dtype))
    with np.errstate(all="raise"):
        result = normalization.batch_norm(np.array([row], dtype), epsilon=epsilon)
        back = result.backward(np.ones((1, len(row)), dtype))
    assert result.output.dtype == dtype
    assert not np.isnan(result.inverse_std).any()
    expected, deviation = exactly(row, epsilon)
    limits, arithmetic = np.finfo(dtype), np.finfo(np.result_type(dtype, np.float32))
    # A plain sum may lose half of the digits to a mean that is larger than the deviation.
    lost = 1 + min(1 / float(deviation) if deviation else np.inf, arithmetic.eps**-0.5)
    allowed = 8 * len(row) * arithmetic.eps * lost + 2 * limits.eps
    size = max(map(abs, expected))
    for found, wanted in zip(result.output[0], expected, strict=True):
        assert abs(float(found) - wanted) <= allowed * size + 4 * float(limits.smallest_subnormal)
    assert not np.isnan(back).any()


def test_what_was_zero_and_what_was_lost():
    for dtype in DTYPES:
        for norm, axis in ((normalization.batch_norm, 1), (normalization.layer_norm, 0)):
            for low, high in ((0, 512), (-60000, 60000), (0, 6e-8)):
                x = np.expand_dims(np.array([low, high], dtype), 1 - axis)
                found = norm(x, epsilon=0.0).output
                np.testing.assert_array_equal(found.ravel(), [-1, 1])
            for constant in (47910.21, 0.0, 1.0, -3e-7):
                for epsilon in (0.0, 1e-9, 1e-5):
                    x = np.full((7, 7), constant, dtype)
                    result = norm(x, epsilon=epsilon)
                    np.testing.assert_array_equal(result.output, 0)
                    assert np.isfinite(result.backward(np.eye(7, dtype=dtype))).all()
    far = np.array([[0, 4e19], [0, 3e38]], np.float32)
    np.testing.assert_array_equal(normalization.batch_norm(far).output, [[-1, 1], [-1, 1]])


def test_ordinary_numbers_take_the_plain_way_to_the_bit():
    for dtype in (np.float32, np.float64):
        x = (X * 3 + 5).astype(dtype)
        x[0, 0] = 3e19 if dtype == np.float32 else 1e200  # alone in its unit: others do not notice
        x[0, 0, 0] *= 2
        for axis, function in ((-1, normalization.batch_norm), (-2, normalization.layer_norm)):
            centered = x - x.mean(axis=axis, keepdims=True)
            with np.errstate(over="ignore"):
                variance = np.mean(centered * centered, axis=axis, keepdims=True)
            plain = centered * (1 / np.sqrt(variance + dtype(1e-5)))
            ordinary = np.broadcast_to(np.isfinite(variance), x.shape)
            assert 0 < (~ordinary).sum() < ordinary.sum()
            np.testing.assert_array_equal(function(x).output[ordinary], plain[ordinary])


@pytest.mark.parametrize("dtype", DTYPES)
def test_large_gradients_come_back_right(dtype):
    x, direction = X[0].astype(dtype), DIRECTION[0] / np.abs(DIRECTION[0]).max()
    direction[:, :3] = 1  # their sum is too large
    direction = direction.astype(dtype)
    exponent = np.finfo(dtype).maxexp - 1
    result = normalization.batch_norm(x)
    with np.errstate(all="raise"):
        far = np.ldexp(result.backward(np.ldexp(direction, exponent)), -exponent)
    np.testing.assert_allclose(
        far, result.backward(direction), rtol=0, atol=4 * np.finfo(dtype).eps
    )


def test_a_gradient_that_does_not_fit_is_named():
    result = normalization.batch_norm(X)
    for method in (result.backward, result.parameter_gradients):
        with pytest.raises(ValueError, match=r"gradient must have the shape of the input, \(3, 5"):
            method(DIRECTION[0])
        with pytest.raises(TypeError, match="gradient must hold real numbers; got <U1"):
            method("a")
