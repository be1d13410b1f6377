"""The softmax, its entropy, and the way back through it."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from lib._checks import integer, real_numbers, shown
from lib._numbers import quiet, working


def softmax(x: ArrayLike, *, axis: int = -1) -> np.ndarray:
    r"""Shares :math:`p_i = e^{x_i} / \sum_j e^{x_j}` along an axis.

    Parameters
    ----------
    x : array_like
        Scores, real; minus infinity gets the share 0.
    axis : int
        What the shares add up to 1 along. Default the last.

    Returns
    -------
    ndarray, of the shape and floating dtype of `x`

    Raises
    ------
    TypeError, ValueError
        If `x` is not an array of real numbers, or all scores along the axis are minus infinity.

    Notes
    -----
    Used in: ``book/attention.md``.

    Examples
    --------
    >>> from lib import attention
    >>> attention.softmax([1000.0, 1000.0, -np.inf])
    array([0.5, 0.5, 0. ])
    """
    scores, axis = _scores("x", x, axis)
    if not (scores.max(axis=axis) < np.inf).all() or np.isneginf(scores.max(axis=axis)).any():
        raise ValueError("x must hold a finite number along the axis, and no NaN or plus infinity")
    with quiet():
        wide = scores.astype(working(scores.dtype), copy=False)
        return shares(wide, axis).astype(scores.dtype, copy=False)


def entropy(p: ArrayLike, *, axis: int = -1) -> np.ndarray:
    r"""Entropy :math:`-\sum_i p_i \ln p_i` of shares along an axis.

    Parameters
    ----------
    p : array_like
        Not negative, as `softmax` returns them.
    axis : int
        What is summed over. Default the last.

    Returns
    -------
    ndarray
        From 0, where one share is 1, to the logarithm of the number of shares.

    Examples
    --------
    >>> from lib import attention
    >>> float(attention.entropy([0.25, 0.25, 0.25, 0.25]) / np.log(4))
    1.0
    """
    array, axis = _scores("p", p, axis)
    if not ((array >= 0) & (array <= 1)).all():
        raise ValueError(f"p must be from 0 to 1; got {shown(p)}")
    return np.asarray(plain_entropy(array, axis))


def plain_entropy(p: np.ndarray, axis: int = -1) -> np.ndarray:
    """`entropy` of shares that need no check."""
    logarithm = np.log(np.where(p > 0, p, 1))
    return np.asarray(-(p * logarithm).sum(axis=axis) + 0.0)


def shares(scores: np.ndarray, axis: int = -1) -> np.ndarray:
    """Softmax of scores that need no check; no exponential exceeds 1."""
    result: np.ndarray = scores - scores.max(axis=axis, keepdims=True)
    np.exp(result, out=result)
    result /= result.sum(axis=axis, keepdims=True)
    return result


def shares_back(p: np.ndarray, gradient: np.ndarray, axis: int = -1) -> np.ndarray:
    r"""Multiply a gradient by the Jacobian, :math:`p_i(\gamma_i - \sum_j p_j\gamma_j)`."""
    result: np.ndarray = gradient - (p * gradient).sum(axis=axis, keepdims=True)
    result *= p
    return result


def _scores(name: str, value: ArrayLike, axis: int) -> tuple[np.ndarray, int]:
    array = real_numbers(name, value)
    axis = integer("axis", axis, -array.ndim)
    if axis >= array.ndim or not array.shape[axis] or not array.size:
        raise ValueError(
            f"axis must be one of {name}, along which it has numbers; got {axis} for the shape "
            f"{array.shape}"
        )
    return array, axis
