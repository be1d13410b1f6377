"""How much one prediction counts in a loss, found from the gradient at the outputs."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

CLOSE = 1e-3  # relative, of numbers computed in float32
SHARED = 4  # entries of the largest size, which is then no chance


def per_prediction(
    outputs: np.ndarray,
    gradient: np.ndarray,
    loss: float,
    again: Callable[[np.ndarray], float] | None = None,
) -> float:
    """Weight of a single prediction in a loss: 1 in a sum, 1 over their number in a mean.

    A loss of a known kind gives itself away by its gradient: cross-entropy (on logits or on
    log-probabilities), binary cross-entropy (on logits or on probabilities), absolute error,
    Huber's, and squared error. Of any other the weight is not known.

    Parameters
    ----------
    outputs, gradient : ndarray, one shape
        Outputs of the network, the inputs of the batch on the first axis, and the gradient of the
        loss with respect to them.
    loss : float
    again : callable, optional
        Computes the loss of other outputs, to make sure of a squared error.

    Returns
    -------
    float
        NaN if not known.
    """
    y, g = np.asarray(outputs, np.float64), np.asarray(gradient, np.float64)
    if y.shape != g.shape or not y.size or not (np.isfinite(y).all() and np.isfinite(g).all()):
        return np.nan
    if not g.any():
        return np.nan
    for axis in dict.fromkeys((y.ndim - 1, min(1, y.ndim - 1))):
        if y.ndim >= 2 and y.shape[axis] >= 2:
            weight = _cross_entropy(np.moveaxis(y, axis, -1), np.moveaxis(g, axis, -1))
            if np.isfinite(weight):
                return weight
    for candidate in (_logistic(y, g), _probabilities(y, g), _absolute(g)):
        if np.isfinite(candidate):
            return candidate
    return _squared(y, g, loss, again)


def _cross_entropy(y: np.ndarray, g: np.ndarray) -> float:
    y, g = y.reshape(-1, y.shape[-1]), g.reshape(-1, g.shape[-1])
    counted = np.abs(g).max(axis=1) > 0  # others are ignored by the loss
    y, g = y[counted], g[counted]
    p = np.exp(y - y.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    if np.all(np.abs(g.sum(axis=1)) <= CLOSE * np.abs(g).sum(axis=1)):
        # The gradient is w (p - t) with a target t: as t is 0 for most classes, g / p is w there.
        found = np.max(np.where(g > 0, g / np.maximum(p, 1e-12), 0), axis=1)
        return float(np.median(found))
    logs = np.abs(np.exp(np.minimum(y, 1)).sum(axis=1) - 1) < CLOSE
    if logs.all() and np.all(np.count_nonzero(g, axis=1) == 1) and np.all(g <= 0):
        return float(np.median(-g.min(axis=1)))
    return np.nan


def _even(found: np.ndarray) -> float:
    """Return the number that all entries are, NaN if they differ."""
    found = found[np.isfinite(found)]
    if not found.size:
        return np.nan
    middle = float(np.median(found))
    return middle if np.all(np.abs(found - middle) <= CLOSE * middle) else np.nan


def _logistic(y: np.ndarray, g: np.ndarray) -> float:
    part = np.abs(y) < 10
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        p = 1 / (1 + np.exp(-y))
        found = np.where(g > 0, g / p, -g / (1 - p))
    return _even(found[part & (g != 0)])


def _probabilities(y: np.ndarray, g: np.ndarray) -> float:
    if y.min() < 0 or y.max() > 1:
        return np.nan
    return _even(np.where(g > 0, g * (1 - y), -g * y)[g != 0])


def _absolute(g: np.ndarray) -> float:
    # Of an absolute error, and of Huber's far from the target, the slope is w or -w.
    size = np.abs(g[g != 0])
    largest = float(size.max())
    return largest if np.count_nonzero(size >= (1 - 1e-6) * largest) >= SHARED else np.nan


def _squared(
    y: np.ndarray, g: np.ndarray, loss: float, again: Callable[[np.ndarray], float] | None
) -> float:
    # For L = w |y - t|^2 the gradient is g = 2w (y - t), so |g|^2 / (4L) = w and y - g / (2w) = t.
    if not loss > 0 or not np.isfinite(loss):
        return np.nan
    weight = float(np.sum(g**2)) / (4 * loss)
    if weight <= 0 or again is None:
        return np.nan
    return weight if abs(again(y - g / (2 * weight))) <= CLOSE * loss else np.nan
