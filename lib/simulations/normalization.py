"""Gradients of normalized networks: book/normalization.md."""

from functools import lru_cache

import numpy as np

from lib import activations, chain
from lib.normalization import batch_norm
from lib.theory import batch_norm as theory
from lib.theory import mean_field

DEPTH, WIDTH, BATCH, REPLICAS = 30, 128, 32, 5
GROWTH_DEPTH, GROWTH_WIDTH = 21, 400


@lru_cache(maxsize=64)
def profile(activation: str, normalization: str, weight_scale: float) -> np.ndarray:
    """Measure log10 of the gradient norm by layer, relative to the last.

    Parameters
    ----------
    activation : str
    normalization : {"none", "batch", "layer"}
    weight_scale : float
        sigma_w.

    Returns
    -------
    ndarray of float64, shape (replicas, depth)
    """
    if normalization not in ("none", "batch", "layer"):
        raise ValueError(f"normalization must be 'none', 'batch' or 'layer'; got {normalization!r}")
    run = chain.simulate(
        chain.MLP(
            activation,
            depth=DEPTH,
            width=WIDTH,
            weight_variance=weight_scale**2,
            normalization=None if normalization == "none" else normalization,
            epsilon=0.0,
        ),
        batch=BATCH,
        replicas=REPLICAS,
    )
    return np.asarray(run.log10_gradient_norm - run.log10_gradient_norm[:, -1:])


def predicted_rate(activation: str, normalization: str) -> float:
    r"""Predict the power of ten per layer with a normalization, for wide layers.

    Layer normalization divides by the size of a layer, so that a layer multiplies the squared
    gradient by :math:`\mathbb{E}\,\phi'^2 / \mathbb{E}\,\phi^2`; batch normalization takes away
    what all samples share before. The size of the batch is accounted for where the formula for it
    is known, for ReLU.
    """
    phi = activations.get(activation)
    if normalization == "batch":
        known = theory.relu_growth(BATCH) if activation == "relu" else theory.growth(phi)
        return float(np.log10(known) / 2)
    slope = float(mean_field.chi(phi, 1.0, weight_variance=1.0))
    square = float(mean_field.variance_map(phi, 1.0, weight_variance=1.0))
    return float(np.log10(slope / square) / 2)


@lru_cache(maxsize=16)
def growth(batch: int) -> float:
    """Measure the factor of the squared gradient per ReLU layer after batch normalization.

    Parameters
    ----------
    batch : int
        Number of samples.
    """
    run = chain.simulate(
        chain.MLP(
            "relu", depth=GROWTH_DEPTH, width=GROWTH_WIDTH, normalization="batch", epsilon=0.0
        ),
        batch=batch,
        replicas=3,
    )
    # The first layers see inputs that are less alike than those further up.
    late = run.log10_gradient_norm[:, 4] - run.log10_gradient_norm[:, -1]
    return float(10 ** (2 * late.mean() / (GROWTH_DEPTH - 5)))


def standardized(mean: float, spread: float) -> tuple[np.ndarray, np.ndarray]:
    """Draw 24 pre-activations of one unit, and standardize them over this batch."""
    x = mean + spread * np.random.default_rng(3).standard_normal(24)
    return x, batch_norm(x, epsilon=0.0).output
