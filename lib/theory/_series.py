"""Mean products of an activation at two correlated places, as a series in the correlation."""

from __future__ import annotations

import numpy as np

from lib._checks import boolean, instance, of_shape, real
from lib._values import cached
from lib.activations import Activation
from lib.theory.gaussian import kinks

TERMS, FAR, PANEL, NODES = 300, 10.0, 0.5, 20  # of the series in Hermite polynomials


@cached(maxsize=512)
def _series(phi: Activation, variance: float, slopes: bool) -> np.ndarray:
    scale = np.sqrt(variance)
    edges = np.arange(-FAR, FAR + PANEL / 2, PANEL)
    if scale > 0:
        edges = np.concatenate([edges, np.clip(np.array(kinks(phi)) / scale, -FAR, FAR)])
    edges = np.sort(edges)
    unit, weight = np.polynomial.legendre.leggauss(NODES)
    half = np.diff(edges)[:, None] / 2
    z = ((edges[1:] + edges[:-1])[:, None] / 2 + half * unit).ravel()
    density = (half * weight).ravel() * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    values = density * (phi.derivative_kernel if slopes else phi.kernel)(scale * z)
    found, before, current = np.empty(TERMS + 1), np.zeros_like(z), np.ones_like(z)
    for k in range(TERMS):
        found[k] = (values @ current) ** 2
        before, current = current, (z * current - np.sqrt(k) * before) / np.sqrt(k + 1)
    function = phi.derivative_kernel if slopes else phi.kernel
    found[TERMS] = max(density @ function(scale * z) ** 2 - found[:TERMS].sum(), 0.0)
    return found


def products(phi: Activation, variance: float, *, slopes: bool = False) -> np.ndarray:
    r"""Coefficients of :math:`\mathbb{E}\,\phi(h)\phi(h')` as a series in the correlation.

    Parameters
    ----------
    phi : Activation
    variance : float
        Of the normal variables :math:`h` and :math:`h'`, at least 0.
    slopes : bool
        Take :math:`\phi'` in the place of :math:`\phi`. Default False.

    Returns
    -------
    ndarray of float64
        Squares of the coefficients in normalized Hermite polynomials; the last one is all that is
        left, so that their sum is the mean square.

    References
    ----------
    Daniely, Frostig & Singer, "Toward Deeper Understanding of Neural Networks", NIPS 2016.

    Examples
    --------
    >>> from lib import activations
    >>> from lib.theory import transformer
    >>> series = transformer.products(activations.relu(), 1.0)
    >>> print(round(2 * np.pi * series[0], 9), round(series.sum(), 9))
    1.0 0.5
    """
    instance("phi", phi, Activation, "made by lib.activations")
    variance = real("variance", variance, least=0, most=1e300)
    found: np.ndarray = _series(phi, variance, boolean("slopes", slopes))
    return found


def at(series: np.ndarray, correlation: float) -> float:
    """Sum a series of `products` at a correlation from 0 to 1.

    Examples
    --------
    >>> from lib.theory import transformer
    >>> transformer.at(np.array([0.5, 0.25]), 0.5)
    0.625
    """
    coefficients = of_shape("series", series, (None,), dtype=np.float64)
    correlation = real("correlation", correlation, least=0, most=1)
    with np.errstate(under="ignore", over="ignore"):
        return float(coefficients @ correlation ** np.arange(len(coefficients)))
