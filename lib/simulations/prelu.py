"""Slopes that are learned, in small problems: book/prelu.md."""

from functools import lru_cache

import numpy as np

from lib import activations
from lib.simulations.leaky_relu import weight_variance_for

TEACHER = (0.9, 0.1)
STEPS = 11
CHANNELS, EXAMPLES, RATE = 6, 200, 0.5
TRUE_SLOPES = np.linspace(0.0, 1.0, CHANNELS)


@lru_cache(maxsize=1)
def small_network() -> tuple[np.ndarray, np.ndarray, tuple[np.ndarray, ...]]:
    """Draw inputs, targets and weights of a network whose two hidden layers share one slope.

    The targets come from the same weights with a slope of 0.9 in the first hidden layer and 0.1 in
    the second, plus noise: no shared slope fits both.

    Returns
    -------
    x : ndarray of float64, shape (3, 100)
    targets : ndarray of float64, shape (1, 100)
    weights : tuple of ndarray
        Of shapes (6, 3), (6, 6) and (1, 6).
    """
    rng = np.random.default_rng(1)
    x = rng.normal(size=(3, 100))
    gain = np.sqrt(weight_variance_for("matched", 0.25))
    shapes = ((6, 3), (6, 6), (1, 6))
    W1, W2, W3 = (rng.normal(scale=gain / np.sqrt(shape[1]), size=shape) for shape in shapes)
    first, second = (activations.prelu(alpha=alpha) for alpha in TEACHER)
    targets = W3 @ second(W2 @ first(W1 @ x)) + 0.1 * rng.normal(size=(1, 100))
    return x, targets, (W1, W2, W3)


def loss_and_gradient(alpha: float) -> tuple[float, float]:
    """Half the mean squared error of `small_network`, and its derivative by the shared slope.

    Parameters
    ----------
    alpha : float
        The slope of both hidden layers.

    Examples
    --------
    >>> loss, gradient = loss_and_gradient(0.25)
    >>> bool(loss > loss_and_gradient(0.26)[0]), gradient < 0
    (True, True)
    """
    x, targets, (W1, W2, W3) = small_network()
    phi = activations.prelu(alpha=alpha)
    h1 = W1 @ x
    h2 = W2 @ phi(h1)
    error = W3 @ phi(h2) - targets
    at_2 = W3.T @ error / error.size
    at_1 = W2.T @ (at_2 * phi.derivative(h2))
    gradient = (at_2 * phi.derivative_alpha(h2)).sum() + (at_1 * phi.derivative_alpha(h1)).sum()
    return float((error**2).mean() / 2), float(gradient)


@lru_cache(maxsize=64)
def descent(start: float, rate: float) -> np.ndarray:
    """Slopes visited by gradient descent on the loss of `small_network`, shape (STEPS + 1,)."""
    alphas = [start]
    for _ in range(STEPS):
        alphas.append(alphas[-1] - rate * loss_and_gradient(alphas[-1])[1])
    return np.array(alphas)


@lru_cache(maxsize=1)
def loss_curve() -> tuple[np.ndarray, np.ndarray]:
    """Slopes from -2 to 2, and the loss of `small_network` at each."""
    alphas = np.linspace(-2, 2, 201)
    return alphas, np.array([loss_and_gradient(float(alpha))[0] for alpha in alphas])


@lru_cache(maxsize=1)
def channels() -> tuple[np.ndarray, np.ndarray]:
    """Pre-activations and noisy targets of channels with the slopes `TRUE_SLOPES`.

    Returns
    -------
    h, targets : ndarray of float64, shape (channels, examples)
    """
    rng = np.random.default_rng(0)
    h = rng.normal(size=(CHANNELS, EXAMPLES))
    targets = np.where(h > 0, h, TRUE_SLOPES[:, None] * h)
    return h, targets + 0.1 * rng.normal(size=h.shape)


@lru_cache(maxsize=256)
def learned_slopes(steps: int, weight_decay: float) -> tuple[np.ndarray, float]:
    """Learn one slope per channel, and one for all, from 0.25 by gradient descent.

    Parameters
    ----------
    steps : int
    weight_decay : float
        Added to the gradient as this multiple of the slope.

    Returns
    -------
    per_channel : ndarray of float64, shape (channels,)
    shared : float
        Learned from the mean of the channels' gradients.
    """
    h, targets = channels()
    negative = np.minimum(h, 0)
    curvature = (negative**2).mean(axis=1)
    pull = (negative * (targets - np.maximum(h, 0))).mean(axis=1)
    per_channel, shared = np.full(CHANNELS, 0.25), 0.25
    for _ in range(steps):
        per_channel = per_channel - RATE * (
            curvature * per_channel - pull + weight_decay * per_channel
        )
        shared -= RATE * float((curvature * shared - pull).mean() + weight_decay * shared)
    return per_channel, shared
