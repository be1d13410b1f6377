"""Expectations under normal distributions, exact to rounding also for functions with kinks."""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
import sympy as sp
from numpy.typing import ArrayLike

from lib.activations import Activation

# Beyond FAR the standard normal density is below 1e-36. The panels halve toward zero, so that a
# function that changes over a width of 2**-HALVINGS is still resolved.
FAR, HALVINGS, NODES = 13.0, 24, 20


@lru_cache(maxsize=64)
def kinks(phi: Activation) -> tuple[float, ...]:
    """Points where an activation function or its slope may jump.

    Examples
    --------
    >>> from lib import activations
    >>> kinks(activations.hard_swish()), kinks(activations.tanh())
    ((-3.0, 3.0), ())
    """
    found: set[float] = set()
    for form in (phi.expression, phi.slope):
        for piecewise in form.rewrite(sp.Piecewise).atoms(sp.Piecewise):
            for _, condition in piecewise.args:
                if condition not in (sp.true, sp.false):
                    found.update(float(edge) for edge in condition.as_set().boundary)
    return tuple(sorted(found))


def panels(breaks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights of Gauss-Legendre quadrature against the standard normal density.

    Parameters
    ----------
    breaks : ndarray of float64, shape (..., k)
        Points at which panels must end, besides those toward zero.

    Returns
    -------
    nodes, weights : ndarray of float64, shape (..., number of nodes)
    """
    dyadic = FAR * 0.5 ** np.arange(HALVINGS)
    fixed = np.concatenate([-dyadic, [0.0], dyadic])
    shape = breaks.shape[:-1]
    edges = np.concatenate(
        [np.broadcast_to(fixed, (*shape, fixed.size)), np.clip(breaks, -FAR, FAR)], axis=-1
    )
    edges = np.sort(edges, axis=-1)
    unit_nodes, unit_weights = np.polynomial.legendre.leggauss(NODES)
    half = np.diff(edges, axis=-1)[..., None] / 2
    middle = (edges[..., :-1] + edges[..., 1:])[..., None] / 2
    nodes = (middle + half * unit_nodes).reshape(*shape, -1)
    weights = (half * unit_weights).reshape(*shape, -1)
    return nodes, weights * np.exp(-(nodes**2) / 2) / np.sqrt(2 * np.pi)


def expectation(
    function: Callable[[np.ndarray], np.ndarray],
    variance: ArrayLike,
    *,
    breaks: tuple[float, ...] = (),
) -> np.ndarray:
    r"""Mean of a function of a normal variable of mean 0.

    Parameters
    ----------
    function : callable
        Elementwise, from an array to an array of the same shape.
    variance : array_like, any shape
        Not negative.
    breaks : tuple of float
        Arguments at which the function or a derivative of it jumps.

    Returns
    -------
    ndarray of float64, of the shape of `variance`

    Raises
    ------
    ValueError
        If a variance is negative or not finite.

    Examples
    --------
    >>> float(expectation(lambda h: np.maximum(h, 0) ** 2, 3.0, breaks=(0.0,)).round(12))
    1.5
    """
    variance = np.asarray(variance, dtype=np.float64)
    if not np.all(np.isfinite(variance) & (variance >= 0)):
        raise ValueError(f"variance must be finite and at least 0; got {variance!r}")
    scale = np.sqrt(variance)[..., None]
    with np.errstate(divide="ignore", invalid="ignore"):
        places = np.where(scale > 0, np.array(breaks, dtype=np.float64) / scale, np.inf)
    nodes, weights = panels(places)
    return np.asarray(np.sum(weights * function(scale * nodes), axis=-1))
