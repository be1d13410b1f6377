"""Backpropagation by hand: book/activation-functions.md."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

# The chain of three units that the chapter works through by hand.
INPUT, TARGET, WEIGHTS = 0.5, 1.0, (2.0, 2.0, -1.0)
# Two layers of one unit, and two examples whose targets only the first layer can tell apart.
EXAMPLES = ((1.0, 1.0), (-1.0, 0.0))
FIRST, LAST = -5.0, 1.0


@dataclass(frozen=True)
class Passes:
    """What one forward and one backward pass of a chain of sigmoid units compute.

    Attributes
    ----------
    h, a, slope, delta, d_weight : ndarray, shape (units,)
        Pre-activations, activations, slopes, error signals dL/dh, and dL/dw, of each unit.
    d_activation : ndarray, shape (units,)
        dL/da of each unit.
    loss : float
        Half the squared error.
    """

    h: np.ndarray
    a: np.ndarray
    slope: np.ndarray
    delta: np.ndarray
    d_weight: np.ndarray
    d_activation: np.ndarray
    loss: float


def passes(weights: Sequence[float] = WEIGHTS, x: float = INPUT, y: float = TARGET) -> Passes:
    """Run a chain of sigmoid units forward, and its squared loss backward.

    >>> found = passes()
    >>> print(f"{found.loss:.4f}", found.d_weight.round(5))
    0.2398 [ 0.00443  0.01647 -0.11972]
    """
    h, a = [], [x]
    for w in weights:
        h.append(w * a[-1])
        a.append(float(sigmoid(h[-1])))
    slope = np.array([value * (1 - value) for value in a[1:]])
    d_activation, delta = np.empty(len(h)), np.empty(len(h))
    arriving = a[-1] - y
    for i in reversed(range(len(h))):
        d_activation[i] = arriving
        delta[i] = arriving * slope[i]
        arriving = delta[i] * weights[i]
    return Passes(
        h=np.array(h), a=np.array(a[1:]), slope=slope, delta=delta,
        d_weight=delta * np.array(a[:-1]), d_activation=d_activation, loss=(a[-1] - y) ** 2 / 2,
    )  # fmt: skip


def sigmoid(h: Any) -> Any:
    """Logistic function of a number or an array."""
    return 1 / (1 + np.exp(-h))


def two_layer_gradients(first: float, last: float) -> tuple[float, float, float]:
    """Loss and both derivatives of ``last * sigmoid(first * x)``, added over the two examples.

    Returns
    -------
    tuple of three floats
        Loss, dL/dw_1 and dL/dw_2.

    >>> [round(value, 4) for value in two_layer_gradients(-5.0, 1.0)]
    [0.9867, -0.0132, 0.98]
    """
    loss, d_first, d_last = 0.0, 0.0, 0.0
    for x, y in EXAMPLES:
        a = float(np.exp(-np.logaddexp(0, -first * x)))
        error = last * a - y
        loss += error**2 / 2
        d_last += error * a
        d_first += error * last * a * (1 - a) * x
    return loss, d_first, d_last


def descend(rate: float, steps: int) -> np.ndarray:
    """Both weights at each step of gradient descent from ``(FIRST, LAST)``.

    Returns
    -------
    ndarray, shape (steps + 1, 2)
    """
    weights = [(FIRST, LAST)]
    for _ in range(steps):
        _, d_first, d_last = two_layer_gradients(*weights[-1])
        weights.append((weights[-1][0] - rate * d_first, weights[-1][1] - rate * d_last))
    return np.array(weights)


def curvature() -> float:
    """Second derivative of the loss with respect to the last weight: it sets the largest rate."""
    return float(sum(np.exp(-2 * np.logaddexp(0, -FIRST * x)) for x, _ in EXAMPLES))
