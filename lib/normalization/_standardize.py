"""Standardization along an axis, and the gradient through its mean and variance."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib._checks import integer, real_numbers, shown
from lib._numbers import exponents, quiet, working

NOTHING = -(2**15)  # exponent of two of a zero: below that of any other number


def standardize(
    x: np.ndarray, axis: int, epsilon: float, *, centered: bool = True
) -> tuple[np.ndarray, np.ndarray]:
    """Standardize along an axis; returns the result and one over the standard deviation.

    What is constant along the axis becomes 0, whatever `epsilon`; where the variance plus
    `epsilon` is 0, so is the second result, and with it every gradient. float16 is computed in
    float32, in which the second result stays. Not `centered`, the mean is left where it is.
    """
    wide = x.astype(working(x.dtype), copy=False)
    limits = np.finfo(wide.dtype)
    with np.errstate(over="ignore", under="ignore", invalid="ignore", divide="ignore"):
        mean = wide.mean(axis=axis, keepdims=True) if centered else wide.dtype.type(0)
        result = wide - mean
        variance = np.mean(result * result, axis=axis, keepdims=True)
        total = variance + wide.dtype.type(epsilon)
        inverse_std = 1 / np.sqrt(total)
        result *= inverse_std
        # Out of range, or less than half of the digits left after subtracting the mean.
        doubtful = ~((variance > limits.eps * (mean * mean)) & (total < np.inf))
        doubtful |= total < limits.tiny / limits.eps
        if doubtful.any():
            chosen = doubtful.squeeze(axis)
            rows = np.moveaxis(wide, axis, -1)[chosen]
            again, inverse = _standardize_carefully(rows, epsilon, centered)
            np.moveaxis(result, axis, -1)[chosen] = again
            inverse_std.squeeze(axis)[chosen] = inverse
        return result.astype(x.dtype, copy=False), inverse_std


def _standardize_carefully(
    rows: np.ndarray, epsilon: float, centered: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Standardize rows with powers of two taken out.

    The first number is subtracted before the mean: exact where all are nearly equal, and then the
    mean has all its digits.
    """
    first = exponents(rows)
    y = np.ldexp(rows, -first[:, None])
    if centered:
        y -= y[:, :1].copy()
        y -= y.mean(axis=1, keepdims=True)
    own = exponents(y)
    y = np.ldexp(y, -own[:, None])
    spread = np.where(y.any(axis=1), first + own, NOTHING)
    root, root_exponent = np.frexp(np.sqrt(epsilon))
    # Of the standard deviation and the root of epsilon the larger is brought near 1.
    scale = np.maximum(spread, root_exponent if root else NOTHING)
    total = np.ldexp(np.mean(y * y, axis=1), 2 * (spread - scale))
    total += np.ldexp(root * root, 2 * (root_exponent - scale)).astype(rows.dtype)
    inverse = np.where(total == 0, 0, 1 / np.sqrt(total)).astype(rows.dtype)
    # Not infinite: a gradient of 0 stays 0.
    inverse_std = np.minimum(np.ldexp(inverse, -scale), np.finfo(rows.dtype).max)
    return np.ldexp(y * inverse[:, None], (spread - scale)[:, None]), inverse_std


def standardize_backward(
    gradient: np.ndarray, standardized: np.ndarray, inverse_std: np.ndarray, axis: int
) -> np.ndarray:
    r"""Gradient through standardization, its mean and variance included.

    .. math:: \frac{\partial L}{\partial x} = \frac{1}{\sqrt{v + \epsilon}}
       \left(\gamma - \overline{\gamma} - \hat x\,\overline{\gamma \hat x}\right),
       \qquad \gamma = \frac{\partial L}{\partial \hat x}

    Parameters
    ----------
    gradient : ndarray
        With respect to the standardized array.
    standardized, inverse_std : ndarray
        From the forward pass.
    axis : int
        What mean and variance (the overlines) are taken over.
    """
    gradient = real_numbers("gradient", gradient)
    beside = real_numbers("standardized", standardized), real_numbers("inverse_std", inverse_std)
    standardized, inverse_std = beside
    axis_of("axis", axis, gradient)
    if standardized.shape != gradient.shape or not fits(inverse_std.shape, gradient.shape):
        raise ValueError(
            f"standardized and inverse_std must have the shape of gradient, {gradient.shape}, the "
            f"latter 1 along axis; got {standardized.shape} and {inverse_std.shape}"
        )
    return pull_back(gradient, standardized, inverse_std, axis)


def pull_back(
    gradient: np.ndarray,
    standardized: np.ndarray,
    inverse_std: np.ndarray,
    axis: int,
    *,
    centered: bool = True,
) -> np.ndarray:
    """`standardize_backward` of arguments that need no check."""
    wide = gradient.astype(np.result_type(gradient, inverse_std), copy=False)
    with quiet():
        projection = np.mean(wide * standardized, axis=axis, keepdims=True)
        mean = wide.mean(axis=axis, keepdims=True) if centered else wide.dtype.type(0)
        if not (np.isfinite(projection).all() and np.isfinite(mean).all()):
            return _standardize_far_back(
                wide, standardized, inverse_std, axis, gradient.dtype, centered
            )
        result: np.ndarray = standardized * -projection
        result += wide
        result -= mean
        result *= inverse_std
        return result.astype(gradient.dtype, copy=False)


def _standardize_far_back(
    wide: np.ndarray,
    standardized: np.ndarray,
    inverse_std: np.ndarray,
    axis: int,
    dtype: np.dtype[Any],
    centered: bool,
) -> np.ndarray:
    """Go back where a sum is too large for the dtype, with powers of two taken out."""
    exponent = np.frexp(np.abs(wide).max(axis=axis, keepdims=True))[1] + 1
    scaled = np.ldexp(wide, -exponent)
    result = scaled - standardized * np.mean(scaled * standardized, axis=axis, keepdims=True)
    if centered:
        result -= scaled.mean(axis=axis, keepdims=True)
    return np.asarray(np.ldexp(result * inverse_std, exponent)).astype(dtype, copy=False)


def fits(small: tuple[int, ...], large: tuple[int, ...]) -> bool:
    """Whether one shape broadcasts to another."""
    pairs = zip(reversed(small), reversed(large), strict=False)
    return len(small) <= len(large) and all(n in (1, m) for n, m in pairs)


def axis_of(name: str, value: int, array: np.ndarray) -> int:
    """Return an axis of an array that has numbers."""
    axis = integer(name, value, -array.ndim)
    if axis >= array.ndim:
        raise ValueError(f"{name} must be an axis of x; got {shown(value)} for {array.ndim} axes")
    return axis
