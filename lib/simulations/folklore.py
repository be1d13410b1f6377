"""Random networks against rules of thumb: book/folklore.md."""

from functools import lru_cache

import numpy as np

from lib import activations, chain
from lib.theory.gaussian import expectation, kinks

DEPTH, WIDTH, REPLICAS = 30, 200, 10
ACTIVATIONS = ("sigmoid", "tanh", "relu", "elu", "gelu")
WEIGHT_SCALES = (0.5774, 1.0, 1.4142, 2.0)
MANY = 2000


@lru_cache(maxsize=1)
def sweep() -> chain.ChainSweep:
    """Simulate random networks of `ACTIVATIONS`, each with `WEIGHT_SCALES`."""
    return chain.sweep(
        chain.Grid(
            ACTIVATIONS,
            weight_variances=[scale**2 for scale in WEIGHT_SCALES],
            depths=[DEPTH],
            width=WIDTH,
        ),
        batch=1,
        replicas=REPLICAS,
        seed=0,
    )


@lru_cache(maxsize=64)
def mean_slope(activation: str) -> float:
    """Mean slope for standard normal pre-activations."""
    phi = activations.get(activation)
    return float(expectation(phi.derivative_kernel, 1.0, breaks=kinks(phi)))


@lru_cache(maxsize=64)
def log_ratios(width: int, depth: int) -> np.ndarray:
    """Draw natural logarithms of the squared gradient's ratio: exact factors, layer by layer."""
    rng = np.random.default_rng(0)
    active = rng.binomial(width, 0.5, size=(depth - 1, MANY))
    with np.errstate(divide="ignore"):
        factors = np.log(2 * rng.chisquare(np.maximum(active, 1)) / width)
    return np.asarray(np.where(active > 0, factors, -np.inf).sum(axis=0))
