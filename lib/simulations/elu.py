"""Mean activations of random networks: book/elu.md."""

from functools import lru_cache

import numpy as np

from lib import chain

DEPTH, WIDTH, REPLICAS = 20, 100, 8


@lru_cache(maxsize=256)
def mean_profile(activation: str, weight_variance: float) -> np.ndarray:
    """Mean activation of each layer of random networks, in units of its root mean square.

    Parameters
    ----------
    activation : str
        Name of the activation.
    weight_variance : float
        sigma_w squared: variance of a weight times its fan-in.

    Returns
    -------
    ndarray of float64, shape (depth,)
        Median over random networks.
    """
    run = chain.simulate(
        chain.MLP(activation, depth=DEPTH, width=WIDTH, weight_variance=weight_variance),
        batch=32,
        replicas=REPLICAS,
        seed=0,
    )
    return np.asarray(np.median(run.activation_mean / run.activation_rms, axis=0))
