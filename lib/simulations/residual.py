"""Gradients of residual networks: book/residual.md."""

from functools import lru_cache

import numpy as np

from lib import activations, chain
from lib.theory import mean_field, residual

WIDTH, REPLICAS = 128, 8
# Weight variance by activation: the one that keeps a plain network's gradient.
VARIANCES = {"tanh": 1.0, "relu": 2.0, "sigmoid": 1.0}
SCALES = ("none", "full", "half", "1/sqrt(L)")


def branch_scale(scale: str, depth: int) -> float | None:
    """Return the number behind a label of the menu; None for a plain network.

    Raises
    ------
    ValueError
        If the label is none of `SCALES`.

    Examples
    --------
    >>> branch_scale("1/sqrt(L)", 25), branch_scale("none", 25)
    (0.2, None)
    """
    if scale not in SCALES:
        raise ValueError(f"scale must be one of {SCALES}; got {scale!r}")
    numbers: dict[str, float | None] = {
        "none": None,
        "full": 1.0,
        "half": 0.5,
        "1/sqrt(L)": float(depth) ** -0.5,
    }
    return numbers[scale]


@lru_cache(maxsize=256)
def profiles(activation: str, scale: str, depth: int) -> tuple[np.ndarray, np.ndarray]:
    """Measure and predict log10 of the gradient norm by layer, relative to the last.

    Parameters
    ----------
    activation : str
        Of `VARIANCES`.
    scale : str
        Of `SCALES`.
    depth : int

    Returns
    -------
    measured : ndarray of float64, shape (replicas, depth)
    predicted : ndarray of float64, shape (depth,)
    """
    number, variance = branch_scale(scale, depth), VARIANCES[activation]
    run = chain.simulate(
        chain.MLP(activation, depth=depth, width=WIDTH, weight_variance=variance, residual=number),
        batch=1,
        replicas=REPLICAS,
    )
    phi = activations.get(activation)
    if number is None:
        theory = mean_field.log10_gradient(phi, depth=depth, weight_variance=variance)
    else:
        theory = residual.log10_gradient(
            phi, depth=depth, weight_variance=variance, branch_scale=number
        )
    measured = run.log10_gradient_norm - run.log10_gradient_norm[:, -1:]
    return measured, theory


@lru_cache(maxsize=256)
def shares_by_length(depth: int, scale: str) -> tuple[np.ndarray, tuple[float, float], float]:
    """Shares of the squared gradient by the number of branches it went through, ReLU and He.

    Parameters
    ----------
    depth : int
        Number of branches.
    scale : str
        Of `SCALES`.

    Returns
    -------
    shares : ndarray of float64, shape (101,)
        For 0 to 100 branches.
    ends : tuple of two floats
        Numbers of branches that nine tenths of it lie between.
    mean : float
        Number of branches on average.
    """
    from scipy import stats

    number = branch_scale(scale, depth)
    share = 1.0 if number is None else number**2 / (1 + number**2)
    shares = stats.binom.pmf(np.arange(101), depth, share)
    low, high = stats.binom.ppf([0.05, 0.95], depth, share)
    return shares, (float(low), float(high)), depth * share
