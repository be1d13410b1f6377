"""Averages over the shares of attention for normal scores."""

from __future__ import annotations

import numpy as np

from lib._checks import integer, real
from lib._values import cached
from lib.attention._softmax import shares

DRAWS, FEWEST = 2**16, 400  # scores drawn for the averages over shares


def share_moments(tokens: int, variance: float, correlation: float) -> np.ndarray:
    r"""Averages over the shares of attention for normal scores.

    Parameters
    ----------
    tokens : int
        Number of tokens looked at, at least 2.
    variance : float
        Of a score among those of one query, at least 0.
    correlation : float
        Between the scores of two queries, from -1 to 1.

    Returns
    -------
    ndarray of float64, shape (6,)
        With the shares :math:`p_s` of one query and :math:`p'_s` of another: means of
        :math:`\sum p^2`, :math:`\sum p^3`, :math:`(\sum p^2)^2`, :math:`\sum p p'`,
        :math:`\sum p^2 p'` and :math:`(\sum p p')^2`, over fixed random draws.

    Examples
    --------
    >>> from lib.theory import transformer
    >>> transformer.share_moments(4, 0.0, 0.0)[:4]
    array([0.25  , 0.0625, 0.0625, 0.25  ])
    """
    tokens = integer("tokens", tokens, 2, 2**16)
    variance = real("variance", variance, least=0)
    correlation = real("correlation", correlation, least=-1, most=1)
    found: np.ndarray = _share_moments(tokens, variance, correlation)
    return found


@cached(maxsize=4096)
def _share_moments(tokens: int, variance: float, correlation: float) -> np.ndarray:
    scale = np.sqrt(variance)
    first, second = _scores(tokens)
    other = correlation * first + np.sqrt(1 - correlation**2) * second
    with np.errstate(under="ignore"):
        p, q = shares(scale * first), shares(scale * other)
        squares, products = (p * p).sum(axis=1), (p * q).sum(axis=1)
        cubes = (p**3).sum(axis=1), (p * p * q).sum(axis=1)
        found = squares, cubes[0], squares**2, products, cubes[1], products**2
    return np.array([float(part.mean()) for part in found])


@cached(maxsize=16)
def _scores(tokens: int) -> np.ndarray:
    draws = max(FEWEST, DRAWS // tokens)
    return np.random.default_rng(0).standard_normal((2, draws, tokens))
