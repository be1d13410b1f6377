"""Signal and gradient by initialization: book/initialization.md."""

from functools import lru_cache

import numpy as np

from lib import activations, chain, initializers
from lib.theory import mean_field

DEPTH, WIDTH, REPLICAS = 30, 128, 10
ACTIVATIONS = ("sigmoid", "tanh", "relu", "elu", "gelu")
# Weight variance times fan-in, in a network of equal widths.
SCHEMES = {"pytorch": 1 / 3, "xavier": 1.0, "he": 2.0, "tanh gain": 25 / 9, "large": 16.0}
VARIANCES = np.geomspace(0.1, 200, 60)
FUNNEL_LAYERS = 13


@lru_cache(maxsize=1)
def sweep() -> chain.ChainSweep:
    """Simulate random networks of `ACTIVATIONS`, each with `SCHEMES`."""
    return chain.sweep(
        chain.Grid(
            ACTIVATIONS, weight_variances=list(SCHEMES.values()), depths=[DEPTH], width=WIDTH
        ),
        batch=1,
        replicas=REPLICAS,
    )


@lru_cache(maxsize=16)
def tilts(activation: str) -> np.ndarray:
    """Powers of ten that the gradient changes by in one layer, far from the input."""
    phi = activations.get(activation)
    return np.array([tilt_of(phi, float(v)) for v in VARIANCES])


def tilt_of(phi: activations.Activation, variance: float) -> float:
    """Mean over the layers 31 to 60 of a chain."""
    profile = mean_field.log10_gradient(phi, depth=60, weight_variance=variance)
    return float(profile[30] / 29)


@lru_cache(maxsize=64)
def narrowing(mode: str, ratio: float) -> tuple[np.ndarray, np.ndarray]:
    """Signal and gradient by layer of ReLU networks whose layers get narrower.

    Parameters
    ----------
    mode : {"fan_in", "fan_out", "average"}
        What the variance of the weights is divided by.
    ratio : float
        Units of the last layer over the 400 of the first.

    Returns
    -------
    variance, gradient : ndarray of float64, shape (replicas, layers)
        Half the mean square of the pre-activations, and the norm of the gradient relative to the
        last layer.
    """
    widths = np.round(np.geomspace(400, 400 * ratio, FUNNEL_LAYERS)).astype(int).tolist()
    weights = {
        "fan_in": initializers.he(mode="fan_in"), "fan_out": initializers.he(mode="fan_out"),
        "average": initializers.xavier(gain=float(np.sqrt(2))),
    }  # fmt: skip
    if mode not in weights:
        raise ValueError(f"mode must be one of {tuple(weights)}; got {mode!r}")
    run = chain.simulate(
        chain.MLP(
            "relu", depth=FUNNEL_LAYERS, width=widths, input_width=400, initializer=weights[mode]
        ),
        batch=1,
        replicas=REPLICAS,
    )
    return run.pre_activation_rms**2 / 2, run.gradient_norm / run.gradient_norm[:, -1:]
