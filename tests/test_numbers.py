"""Norms, means and products against arithmetic of 60 digits, over the whole range of each dtype."""

import mpmath
import numpy as np
import pytest
from any_numbers import any_number
from hypothesis import given, settings
from hypothesis import strategies as st

from lib._numbers import half_mean_square, mean_of_rows, norms, scale_down, times

DTYPES = (np.float16, np.float32, np.float64)
QUICK = settings(max_examples=50, deadline=None)


def near(found, wanted, dtype, units=4):
    """Whether it is the exact result to some units in the last place, out of range included."""
    limits, size = np.finfo(dtype), abs(wanted)
    if size > float(limits.max) * (1 + 4 * float(limits.eps)):
        return bool(np.isinf(found))
    if np.isinf(found):
        return size > float(limits.max) * (1 - 4 * float(limits.eps))
    allowed = units * float(limits.eps) * size + 2 * float(limits.smallest_subnormal)
    return bool(abs(mpmath.mpf(float(found)) - wanted) <= allowed)


@pytest.mark.parametrize("dtype", DTYPES)
@QUICK
@given(data=st.data())
def test_norms_and_scaling_down(dtype, data):
    row = st.lists(any_number(dtype), min_size=3, max_size=3)
    parts = [np.array(data.draw(st.lists(row, min_size=2, max_size=2)), dtype) for _ in range(2)]
    threshold = data.draw(st.floats(1e-300, 1e300))
    copies = [part.copy() for part in parts]
    with np.errstate(all="raise"):
        mantissa, exponent = norms(parts)
        for part in copies:
            scale_down(part, mantissa, exponent, threshold)
    with mpmath.workdps(60):
        for k in range(2):
            exact = [[mpmath.mpf(float(x)) for x in part[k]] for part in parts]
            norm = mpmath.sqrt(mpmath.fsum(x**2 for row in exact for x in row))
            found = mpmath.ldexp(mpmath.mpf(float(mantissa[k])), int(exponent[k]))
            assert abs(found - norm) <= 1e-15 * norm
            factor = min(1, threshold / norm) if norm else 1
            for before, after in zip(exact, copies, strict=True):
                for x, y in zip(before, after[k], strict=True):
                    assert near(y, x * factor, dtype)


def test_a_row_that_is_not_finite_is_passed_on_alone():
    for dtype in DTYPES:
        rows = np.array([[3, 4], [np.inf, 1], [np.nan, 1], [0, 0]], dtype)
        with np.errstate(all="raise"):
            mantissa, exponent = norms([rows])
            scale_down(rows, mantissa, exponent, 1.0)
        np.testing.assert_allclose(mantissa, [5, np.inf, np.nan, 0])
        np.testing.assert_array_equal(rows[1:], [[np.nan] * 2, [np.nan] * 2, [0, 0]])
        np.testing.assert_allclose(rows[0], [0.6, 0.8], rtol=1e-3)


@pytest.mark.parametrize("dtype", DTYPES[1:])
@QUICK
@given(data=st.data())
def test_means(dtype, data):
    row = data.draw(st.lists(any_number(dtype), min_size=1, max_size=5))
    rows = np.array([row, [1.0] * len(row)], dtype)
    with np.errstate(all="raise"):
        means, squares = mean_of_rows(rows), half_mean_square(rows)
    assert means.dtype == squares.dtype == dtype
    assert (means[1], squares[1]) == (1, 0.5)
    with mpmath.workdps(60):
        exact = [mpmath.mpf(float(x)) for x in rows[0]]
        largest, mean = max(map(abs, exact)), mpmath.fsum(exact) / len(exact)
        least = 2 * float(np.finfo(dtype).smallest_subnormal)
        assert abs(mpmath.mpf(float(means[0])) - mean) <= 4 * np.finfo(dtype).eps * largest + least
        assert near(squares[0], mpmath.fsum(x**2 for x in exact) / len(exact) / 2, dtype, 8)


@pytest.mark.parametrize("dtype", DTYPES)
@QUICK
@given(data=st.data())
def test_products_with_numbers_of_any_size(dtype, data):
    x = data.draw(any_number(dtype))
    factor = data.draw(any_number(np.float64))
    with np.errstate(over="ignore", under="ignore", divide="raise", invalid="raise"):
        found = times(np.array([x], dtype), factor)
    assert found.dtype == dtype
    with mpmath.workdps(60):
        assert near(found[0], mpmath.mpf(x) * mpmath.mpf(factor), dtype)


def test_means_at_the_ends_of_the_range():
    far = np.array([[3e38, 3e38], [1, 2]], np.float32)
    np.testing.assert_array_equal(mean_of_rows(far), np.array([3e38, 1.5], np.float32))
    assert np.isnan(mean_of_rows(np.array([[np.nan, 1.0]]))).all()
    assert mean_of_rows(np.array([[np.inf, 1.0]])) == np.inf
    assert half_mean_square(np.array([[1e-170, 0.0]]))[0] == 0
    assert half_mean_square(np.array([[1e-155, 0.0]]))[0] == pytest.approx(2.5e-311, rel=1e-10)
