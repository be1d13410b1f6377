"""Losses of a batch, and their gradients with respect to the outputs of the network.

Of outputs in float16 the loss is computed and returned in float32, and the gradient is rounded to
float16. A loss too large for its dtype is infinite; NaN among the outputs of a replica gives NaN.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lib._checks import finite, real_numbers
from lib._numbers import half_mean_square, mean_of_rows, quiet, working
from lib._values import ByValue

__all__ = ["LOSSES", "Judged", "Loss", "cross_entropy", "logistic", "squared_error"]


@dataclass(frozen=True, eq=False)
class Judged(ByValue):
    """What a loss says about a batch.

    Attributes
    ----------
    loss : ndarray, shape (replicas,)
        Mean over the batch.
    gradient : ndarray, shape (replicas, outputs, batch)
        Of the mean loss with respect to the outputs.
    right : ndarray of bool, shape (replicas, batch)
        Which samples are classified correctly; for a squared error, which are within 1/2.
    """

    loss: np.ndarray
    gradient: np.ndarray
    right: np.ndarray


Loss = Callable[[np.ndarray, np.ndarray], Judged]


def cross_entropy(outputs: np.ndarray, labels: np.ndarray) -> Judged:
    r"""Softmax cross-entropy, :math:`\ln \sum_k e^{z_k} - z_y`, safe for outputs of any size.

    Parameters
    ----------
    outputs : ndarray of float, shape (replicas, classes, batch)
        Logits :math:`z`.
    labels : ndarray of int, shape (replicas, batch)
        Classes :math:`y`, from 0.

    Examples
    --------
    >>> judged = cross_entropy(np.zeros((1, 4, 1)), np.array([[2]]))
    >>> judged.loss.round(4), judged.gradient[0, :, 0]
    (array([1.3863]), array([ 0.25,  0.25, -0.75,  0.25]))
    """
    outputs, labels = _fitting(outputs, "labels", labels, None)
    classes = outputs.shape[1]
    if labels.dtype.kind not in "iu" or labels.min() < 0 or labels.max() >= classes:
        raise ValueError(f"labels must be integers from 0 to {classes - 1}")
    return _cross_entropy(outputs, labels)


def _cross_entropy(outputs: np.ndarray, labels: np.ndarray) -> Judged:
    replicas, _, batch = outputs.shape
    own = np.arange(replicas)[:, None], labels, np.arange(batch)
    with quiet():
        wide = outputs.astype(working(outputs.dtype), copy=False)
        shifted = wide - wide.max(axis=1, keepdims=True)
        gradient = np.exp(shifted)
        total = gradient.sum(axis=1, keepdims=True)
        loss = mean_of_rows(np.log(total[:, 0]) - shifted[own])
        gradient /= total
        gradient[own] -= 1
        gradient /= wide.dtype.type(batch)
        gradient = gradient.astype(outputs.dtype, copy=False)
    return Judged(loss, gradient, outputs.argmax(axis=1) == labels)


def logistic(outputs: np.ndarray, labels: np.ndarray) -> Judged:
    r"""Logistic loss of one logit, :math:`\ln(1 + e^z) - y z`, safe for logits of any size.

    Parameters
    ----------
    outputs : ndarray of float, shape (replicas, 1, batch)
        Logits :math:`z`.
    labels : ndarray, shape (replicas, batch)
        :math:`y`, 0 or 1, or a probability between.

    Examples
    --------
    >>> judged = logistic(np.array([[[0.0, 1000.0]]]), np.array([[1, 1]]))
    >>> judged.loss.round(4), judged.gradient
    (array([0.3466]), array([[[-0.25,  0.  ]]]))
    """
    outputs, labels = _fitting(outputs, "labels", labels, 1)
    if labels.min() < 0 or labels.max() > 1:
        raise ValueError("labels must be from 0 to 1")
    return _logistic(outputs, labels)


def _logistic(outputs: np.ndarray, labels: np.ndarray) -> Judged:
    with quiet():
        z = outputs[:, 0].astype(working(outputs.dtype), copy=False)
        labels = labels.astype(z.dtype)
        tail = np.exp(-np.abs(z))
        loss = np.maximum(z, 0) - labels * z + np.log1p(tail)
        probability = np.where(z >= 0, 1, tail) / (1 + tail)
        gradient = (probability - labels) / z.dtype.type(z.shape[1])
        gradient = gradient.astype(outputs.dtype, copy=False)
    return Judged(mean_of_rows(loss), gradient[:, None], (z > 0) == (labels > 0.5))


def squared_error(outputs: np.ndarray, targets: np.ndarray) -> Judged:
    """Half the squared distance of one output from its target.

    Parameters
    ----------
    outputs : ndarray of float, shape (replicas, 1, batch)
    targets : ndarray of float, shape (replicas, batch)

    Examples
    --------
    >>> squared_error(np.array([[[3.0, 1.0]]]), np.array([[1.0, 1.0]])).loss
    array([1.])
    """
    return _squared_error(*_fitting(outputs, "targets", targets, 1))


def _squared_error(outputs: np.ndarray, targets: np.ndarray) -> Judged:
    with quiet():
        dtype = working(outputs.dtype)
        distance = outputs[:, 0].astype(dtype, copy=False) - targets.astype(dtype)
        gradient = (distance / dtype.type(distance.shape[1])).astype(outputs.dtype, copy=False)
    return Judged(half_mean_square(distance), gradient[:, None], np.abs(distance) < 0.5)


def _fitting(
    outputs: np.ndarray, name: str, targets: np.ndarray, units: int | None
) -> tuple[np.ndarray, np.ndarray]:
    """Return outputs of shape (replicas, units, batch) and targets of shape (replicas, batch)."""
    z = real_numbers("outputs", outputs)
    if z.ndim != 3 or 0 in z.shape or units not in (None, z.shape[1]):
        raise ValueError(
            f"outputs must have shape (replicas, {units or 'classes'}, batch); got {z.shape}"
        )
    finite(name, targets)
    y = np.asarray(targets)
    if y.shape != (z.shape[0], z.shape[2]):
        raise ValueError(f"{name} must have shape {(z.shape[0], z.shape[2])}; got {y.shape}")
    return z, y


# For loops that have checked the labels.
LOSSES: dict[str, Loss] = {
    "cross_entropy": _cross_entropy, "logistic": _logistic, "squared_error": _squared_error,
}  # fmt: skip
