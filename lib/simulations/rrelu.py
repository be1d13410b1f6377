"""Slopes that are drawn in training: book/rrelu.md."""

from functools import lru_cache

import numpy as np

from lib import activations

WIDTH, REPLICAS = 128, 100


@lru_cache(maxsize=8)
def unit_profile(convention: str, depth: int) -> np.ndarray:
    """Squared gradient norms of single networks in training mode, with sigma_w squared of 1.

    Parameters
    ----------
    convention : {"paper", "pytorch"}
        How slopes are drawn, anew for each layer and network.
    depth : int
        Number of layers.

    Returns
    -------
    ndarray of float64, shape (replicas, depth)
        ``|dL/dh_l|**2 / |dL/dh_L|**2``.
    """
    phi = activations.rrelu(convention=convention)
    rng = np.random.default_rng(0)
    profiles = []
    for _ in range(REPLICAS):
        weights = rng.standard_normal((depth - 1, WIDTH, WIDTH), np.float32) / np.sqrt(WIDTH)
        h, slopes = rng.normal(size=WIDTH), []
        for weight in weights:
            output, slope = phi.train(h, rng)
            slopes.append(slope)
            h = weight @ output
        delta = rng.normal(size=WIDTH)
        squares = [delta @ delta]
        for weight, slope in zip(weights[::-1], slopes[::-1], strict=True):
            delta = (weight.T @ delta) * slope
            squares.append(delta @ delta)
        profiles.append(np.array(squares[::-1]) / squares[0])
    return np.array(profiles)


def training_profile(convention: str, weight_variance: float, depth: int) -> np.ndarray:
    """Rescale `unit_profile` to other weights: exact, since no unit changes its side.

    Parameters
    ----------
    convention : {"paper", "pytorch"}
    weight_variance : float
        sigma_w squared: variance of a weight times its fan-in.
    depth : int

    Returns
    -------
    ndarray of float64, shape (replicas, depth)
    """
    layers_above = depth - np.arange(1, depth + 1)
    return np.asarray(unit_profile(convention, depth) * weight_variance**layers_above)


def trained_outputs(convention: str, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw 400 inputs from -4 to 4, and their outputs in training."""
    rng = np.random.default_rng(seed)
    inputs = rng.uniform(-4, 4, size=400)
    return inputs, activations.rrelu(convention=convention).train(inputs, rng)[0]
