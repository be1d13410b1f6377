"""Networks before they train: the digits of the comparisons, and how alike gradients are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lib import datasets
from lib.models import Network, cross_entropy

TRAINED = 1150  # of the 1437 training digits; the others choose


def parts() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Digits that train, that choose, and that test."""
    data = datasets.digits()
    return {
        "train": (data.train_images[:TRAINED], data.train_labels[:TRAINED]),
        "choose": (data.train_images[TRAINED:], data.train_labels[TRAINED:]),
        "test": (data.test_images, data.test_labels),
    }


def before_training(described: Network, seeds: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """Measure what a network does to gradients and to inputs before the first step.

    Parameters
    ----------
    described : Network
    seeds : sequence of int

    Returns
    -------
    gradient_ratio : ndarray of float64, shape (seeds,)
        Decimal logarithm of the rms gradient with respect to the pre-activations of the first
        hidden layer over that of the last, over the digits that train, in numbers that do not
        underflow.
    likeness : ndarray of float64, shape (seeds,)
        Mean cosine between the activations of two of these digits in the last hidden layer.
    """
    images, labels = parts()["train"]
    drawn = described.draw(seeds)
    x = np.broadcast_to(images.T, (len(seeds), *images.T.shape))
    trace = described.forward(drawn, x)
    wanted = np.broadcast_to(labels, (len(seeds), len(labels)))
    judged = cross_entropy(trace.outputs[-1], wanted)
    described.backward(drawn, trace, judged.gradient, drawn.like())
    first, last = (np.linalg.norm(trace.deltas[n], axis=(1, 2)) for n in (0, described.hidden - 1))
    return np.asarray(np.log10(first / last)), mean_cosine(trace.outputs[-2])


def mean_cosine(vectors: np.ndarray) -> np.ndarray:
    """Average the cosine of the angle over all pairs of different vectors.

    Parameters
    ----------
    vectors : ndarray, shape (..., length, count)

    Returns
    -------
    ndarray, shape (...)

    Examples
    --------
    >>> float(mean_cosine(np.array([[1.0, 0.0, 2.0], [0.0, 3.0, 0.0]])).round(3))
    0.333
    """
    count = vectors.shape[-1]
    units = vectors / np.linalg.norm(vectors, axis=-2, keepdims=True)
    together = np.square(units.sum(axis=-1)).sum(axis=-1)
    return np.asarray((together - count) / (count * (count - 1)))
