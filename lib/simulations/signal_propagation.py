"""Simulated and predicted signals: book/signal-propagation.md."""

from functools import lru_cache

import numpy as np

from lib import activations, chain
from lib.theory import mean_field

DEPTH, REPLICAS = 30, 12
MOST_BIAS = 0.4
# The slider counts in these weight variances: about where the border starts, by activation.
UNITS = {"sigmoid": 100.0, "tanh": 1.0, "relu": 2.0, "elu": 1.0, "gelu": 2.0}
# All networks of one width are simulated at once, with the same random numbers.
ACTIVATIONS = ("sigmoid", "tanh", "relu", "elu", "gelu")
WEIGHT_SCALES = (0.7, 1.0, 1.4142, 2.0)


@lru_cache(maxsize=8)
def sweep(width: int) -> chain.ChainSweep:
    """Simulate random networks of `ACTIVATIONS`, each with `WEIGHT_SCALES`."""
    return chain.sweep(
        chain.Grid(
            ACTIVATIONS,
            weight_variances=[scale**2 for scale in WEIGHT_SCALES],
            depths=[DEPTH],
            width=width,
        ),
        batch=1,
        replicas=REPLICAS,
        seed=0,
    )


def simulated(activation: str, weight_scale: float, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Measure what `predicted` predicts, shape (replicas, layers), in layers of one width."""
    for name, value, allowed in (
        ("activation", activation, ACTIVATIONS), ("weight_scale", weight_scale, WEIGHT_SCALES),
    ):  # fmt: skip
        if value not in allowed:
            raise ValueError(f"{name} must be one of {allowed}; got {value!r}")
    at = ACTIVATIONS.index(activation), WEIGHT_SCALES.index(weight_scale)
    found = sweep(width)
    gradient = found.log10_gradient_norm[at][0]
    return found.pre_activation_rms[at] ** 2, gradient - gradient[:, -1:]


@lru_cache(maxsize=512)
def predicted(activation: str, weight_scale: float) -> tuple[np.ndarray, np.ndarray]:
    """Variance of the signal, and log10 of the gradient relative to the last layer, by layer."""
    phi, settings = activations.get(activation), {"weight_variance": weight_scale**2}
    return (
        mean_field.variances(phi, depth=DEPTH, **settings),
        mean_field.log10_gradient(phi, depth=DEPTH, **settings),
    )


@lru_cache(maxsize=16)
def border(activation: str) -> tuple[np.ndarray, np.ndarray]:
    """Weight and bias variances between the phases, for networks whose variance starts at 1.

    Parameters
    ----------
    activation : str
        One of `UNITS`.

    Returns
    -------
    weight_variance, bias_variance : ndarray of float64, shape (points,)
        With increasing bias variances from 0 to `MOST_BIAS` and a little beyond.
    """
    phi = activations.get(activation)
    if activation == "relu":  # the slopes are the same for every variance
        return np.full(2, 2.0), np.array([0.0, 1.1 * MOST_BIAS])
    # Dense near 0, where the line of tanh starts steeply, and where the sigmoid's begins.
    q = np.geomspace(3e-6, 1e3, 400)
    _, biases = mean_field.critical_line(phi, q)
    first, last = np.flatnonzero((biases[1:] >= 0) & (biases[:-1] <= 1.1 * MOST_BIAS))[[0, -1]]
    q = np.geomspace(q[first], q[last + 1], 1500)
    weights, biases = mean_field.critical_line(phi, q)
    if activation == "gelu":
        # GELU passes small variances less well than large ones: with few biases the border is where
        # the variance stays at its start, from below which it fades and from above which it grows.
        at_start = mean_field.critical_line(phi, np.geomspace(1.0, 200, 1500))
        square = float(mean_field.variance_map(phi, 1.0, weight_variance=1.0))
        below = np.linspace(0, at_start[1][0], 20)[:-1]
        weights = np.concatenate([(1 - below) / square, at_start[0]])
        biases = np.concatenate([below, at_start[1]])
    shown = (biases >= 0) & (biases <= 1.1 * MOST_BIAS)
    return weights[shown], biases[shown]


@lru_cache(maxsize=4096)
def settled(activation: str, weight_variance: float, bias_variance: float) -> tuple[float, float]:
    """Variance on which a wide network settles, and chi_1 there."""
    q, chi_1 = mean_field.phase_diagram(
        activations.get(activation), weight_variance, bias_variance, steps=2000
    )
    return float(q), float(chi_1)
