"""Expectations under normal distributions, exact to rounding also for functions with kinks."""

from collections.abc import Callable
from functools import lru_cache

import numpy as np
import sympy as sp
from numpy.typing import ArrayLike

from lib._checks import function as function_of
from lib._checks import instance, integer, not_negative, of_shape, real_numbers, shown
from lib._numbers import quiet
from lib._values import cached
from lib.activations import Activation

# Beyond FAR the standard normal density is below 1e-36. The panels halve toward zero, so that a
# function that changes over a width of 2**-HALVINGS is still resolved.
FAR, HALVINGS, NODES = 13.0, 24, 20
MOST_HALVINGS = 60
UNIT_NODES, UNIT_WEIGHTS = np.polynomial.legendre.leggauss(NODES)


def kinks(phi: Activation) -> tuple[float, ...]:
    """Points where an activation function or its slope may jump.

    Examples
    --------
    >>> from lib import activations
    >>> kinks(activations.hard_swish()), kinks(activations.tanh())
    ((-3.0, 3.0), ())
    """
    instance("phi", phi, Activation, "made by lib.activations")
    return _kinks(phi)


@lru_cache(maxsize=64)
def _kinks(phi: Activation) -> tuple[float, ...]:
    found: set[float] = set()
    for form in (phi.expression, phi.slope):
        for piecewise in form.rewrite(sp.Piecewise).atoms(sp.Piecewise):
            for _, condition in piecewise.args:
                if condition not in (sp.true, sp.false):
                    found.update(float(edge) for edge in condition.as_set().boundary)
    return tuple(sorted(found))


def panels(breaks: np.ndarray, *, halvings: int = HALVINGS) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights of Gauss-Legendre quadrature against the standard normal density.

    Parameters
    ----------
    breaks : ndarray of float64, shape (..., k)
        Points at which panels must end, besides those toward zero.
    halvings : int
        How often the panels halve toward zero, at least 1. Default 24.

    Returns
    -------
    nodes, weights : ndarray of float64, shape (..., number of nodes)
    """
    array = real_numbers("breaks", breaks)
    if not array.ndim or np.isnan(array).any():
        raise ValueError(f"breaks must be numbers along a last axis; got {shown(breaks)}")
    return _panels(array, integer("halvings", halvings, 1, MOST_HALVINGS))


def _panels(breaks: np.ndarray, halvings: int = HALVINGS) -> tuple[np.ndarray, np.ndarray]:
    if breaks.ndim == 1:
        found: tuple[np.ndarray, np.ndarray] = _panels_of_one(tuple(breaks.tolist()), halvings)
        return found
    return _panels_of_all(breaks, halvings)


@cached(256)
def _panels_of_one(breaks: tuple[float, ...], halvings: int) -> tuple[np.ndarray, np.ndarray]:
    return _panels_of_all(np.array(breaks), halvings)


@quiet()
def _panels_of_all(breaks: np.ndarray, halvings: int) -> tuple[np.ndarray, np.ndarray]:
    dyadic = FAR * 0.5 ** np.arange(halvings)
    fixed = np.concatenate([-dyadic, [0.0], dyadic])
    shape = breaks.shape[:-1]
    edges = np.concatenate(
        [np.broadcast_to(fixed, (*shape, fixed.size)), np.clip(breaks, -FAR, FAR)], axis=-1
    )
    edges = np.sort(edges, axis=-1)
    half = np.diff(edges, axis=-1)[..., None] / 2
    middle = (edges[..., :-1] + edges[..., 1:])[..., None] / 2
    nodes = (middle + half * UNIT_NODES).reshape(*shape, half.shape[-2] * NODES)
    weights = (half * UNIT_WEIGHTS).reshape(*shape, half.shape[-2] * NODES)
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
    function_of("function", function)
    variance = not_negative("variance", variance)
    if not isinstance(breaks, (tuple, list, np.ndarray)):
        raise TypeError(f"breaks must be a tuple of numbers; got {shown(breaks)}")
    places = of_shape("breaks", breaks, (None,))
    scale = np.sqrt(variance)[..., None]
    with np.errstate(divide="ignore", invalid="ignore"):
        places = np.where(scale > 0, places / scale, np.inf)
    nodes, weights = _panels(places)
    with quiet():
        values = real_numbers("what function returns", function(scale * nodes))
        if values.shape != nodes.shape:
            raise ValueError(
                f"function must return the shape it is given, {nodes.shape}; got {values.shape}"
            )
        return np.asarray(np.sum(weights * values, axis=-1))
