"""What reaches which layer of a deep chain: for several chapters."""

from functools import lru_cache

import numpy as np

from lib import activations, chain
from lib.theory import mean_field

REPLICAS = 8
WIDTH = 64
DEEPEST = 50


@lru_cache(maxsize=4096)
def gradient_profile(activation: str, depth: int, weight_scale: float) -> np.ndarray:
    """Measure log10 of the gradient norm at each layer, relative to the last one.

    Parameters
    ----------
    activation : str
        Name of the activation, as `lib.activations.get` takes it.
    depth : int
        Number of layers.
    weight_scale : float
        sigma_w, the standard deviation of a weight times the square root of its fan-in.

    Returns
    -------
    ndarray of float64, shape (replicas, depth)
        Column l - 1 holds log10 of ``|dL/dh_l| / |dL/dh_L|``.
    """
    run = chain.simulate(
        chain.MLP(activation, depth=depth, width=WIDTH, weight_variance=weight_scale**2),
        batch=1,
        replicas=REPLICAS,
        seed=0,
    )
    with np.errstate(divide="ignore"):
        norms = np.asarray(np.log10(run.gradient_norm))
    return np.asarray(norms - norms[:, -1:])


@lru_cache(maxsize=512)
def predicted_profile(activation: str, weight_scale: float) -> np.ndarray:
    """Predict what `gradient_profile` measures at the largest depth, for wide layers.

    Parameters
    ----------
    activation, weight_scale
        As for `gradient_profile`.

    Returns
    -------
    ndarray of float64, shape (DEEPEST,)
        Of a shallower chain, the first entries relative to the last of them.
    """
    return mean_field.log10_gradient(
        activations.get(activation), depth=DEEPEST, weight_variance=weight_scale**2
    )
