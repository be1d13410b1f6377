"""Norms, means and products that neither overflow nor underflow where their results do not.

Each takes the plain way, and looks at the few results whether a number may have left its range on
that way. Only then, and only for those rows, it goes on with powers of two taken out, which is
exact. A row never depends on the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np


class DivergenceError(ArithmeticError):
    """Training left the range of numbers. The message says at which step, and where."""


def quiet() -> np.errstate:
    """Let what leaves the range of numbers be infinite or 0 without a warning: results say it."""
    return np.errstate(over="ignore", under="ignore", invalid="ignore")


@cache
def working(dtype: Any) -> np.dtype[Any]:
    """Find the dtype of the arithmetic: float16 is computed in float32, others in themselves."""
    return np.result_type(dtype, np.float32)


def exponents(rows: np.ndarray) -> np.ndarray:
    """Exponent of two above the largest absolute number of each row; 0 for rows of zeros."""
    return np.asarray(np.frexp(np.abs(rows).max(axis=1, initial=0))[1])


def norms(parts: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Norm of each row over all parts together, as ``mantissa * 2**exponent``.

    Parameters
    ----------
    parts : sequence of ndarray
        The first axis counts rows.

    Returns
    -------
    mantissa : ndarray of float64, shape (rows,)
        NaN or infinite for a row that is.
    exponent : ndarray of int64, shape (rows,)
        0 where the square of the norm is an ordinary number.

    Examples
    --------
    >>> mantissa, exponent = norms([np.array([[3e200, 4e200], [3.0, 4.0]])])
    >>> np.ldexp(mantissa, exponent), int(exponent[1])
    (array([5.e+200, 5.e+000]), 0)
    """
    flat = [part.reshape(len(part), -1).astype(np.float64) for part in parts]
    with quiet():
        squares = sum(np.einsum("rp,rp->r", rows, rows) for rows in flat)
        mantissa = np.asarray(np.sqrt(squares))
        exponent = np.zeros(len(mantissa), np.int64)
        far = np.flatnonzero(~((squares > 1e-270) & (squares < np.inf)))
        if far.size:
            rows = np.concatenate([part[far] for part in flat], axis=1)
            exponent[far] = exponents(rows)
            rows = np.ldexp(rows, -exponent[far, None])
            mantissa[far] = np.sqrt(np.einsum("rp,rp->r", rows, rows))
    return mantissa, exponent


def scale_down(
    array: np.ndarray, mantissa: np.ndarray, exponent: np.ndarray, threshold: float
) -> None:
    """Scale rows down by ``threshold / norm`` where the norm is larger, in place.

    A row whose norm is NaN or infinite, because one of its numbers is, becomes NaN throughout.

    Parameters
    ----------
    array : ndarray of float
        The first axis counts rows.
    mantissa, exponent : ndarray, shape (rows,)
        From `norms`.
    threshold : float
        Positive.
    """
    column = (-1, *[1] * (array.ndim - 1))
    dtype = working(array.dtype)
    with quiet():
        factors = threshold / np.maximum(np.ldexp(mantissa, exponent), threshold)
        plain = factors.astype(dtype)
        limits = np.finfo(dtype)
        tiny = factors < limits.tiny / limits.eps
        if tiny.any():
            lost = tiny & ~np.isfinite(mantissa)
            array[lost] = np.nan
            rows = np.flatnonzero(tiny & ~lost)
            # Powers of two last, but for two, which leave room for the division.
            head, tail = np.frexp(threshold)
            room = np.where(exponent[rows] > 0, 2, 0)
            scaled = np.ldexp(array[rows].astype(np.float64), -room.reshape(column))
            scaled *= (head / mantissa[rows]).reshape(column)
            array[rows] = np.ldexp(scaled, (tail - exponent[rows] + room).reshape(column))
            plain[tiny] = 1
        np.multiply(array, plain.reshape(column), out=array, casting="same_kind")


def mean_of_rows(rows: np.ndarray) -> np.ndarray:
    """Mean of each row, whose sum may be too large for the dtype.

    Examples
    --------
    >>> mean_of_rows(np.array([[3e38, 3e38]], np.float32))
    array([3.e+38], dtype=float32)
    """
    with quiet():
        result = np.asarray(rows.mean(axis=1))
        fine = np.isfinite(result)
        if not fine.all():
            far = np.flatnonzero(~fine)
            exponent = exponents(rows[far])
            result[far] = np.ldexp(np.ldexp(rows[far], -exponent[:, None]).mean(axis=1), exponent)
    return result


def half_mean_square(rows: np.ndarray) -> np.ndarray:
    """Half the mean square of each row; infinite only if that is too large for the dtype."""
    with quiet():
        result = np.asarray((rows * rows).mean(axis=1) / 2)
        far = np.flatnonzero(~((result > np.finfo(rows.dtype).tiny) & (result < np.inf)))
        if far.size:
            exponent = exponents(rows[far])
            scaled = np.ldexp(rows[far], -exponent[:, None])
            result[far] = np.ldexp((scaled * scaled).mean(axis=1) / 2, 2 * exponent)
    return result


def times(x: np.ndarray, factor: float) -> np.ndarray:
    """`x` times a number that may be too large or too small for the dtype of `x`.

    Examples
    --------
    >>> times(np.array([0.0, 1e-10], np.float32), 1e39)
    array([0.e+00, 1.e+29], dtype=float32)
    """
    limits = np.finfo(x.dtype)
    if factor == 0 or float(limits.tiny) <= abs(factor) <= float(limits.max):
        return np.asarray(factor * x)
    mantissa, exponent = np.frexp(factor)
    return np.asarray(np.ldexp(x * x.dtype.type(mantissa), exponent))
