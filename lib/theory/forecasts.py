r"""What a deep network will do at its start, from a description of it.

Two numbers of a layer are followed through the network: the variance :math:`q` of its
pre-activations, and the correlation :math:`c` of the pre-activations of two inputs. With
:math:`K(c) = \mathbb{E}\,\phi(u)\phi(v)`, the branch :math:`N(W\phi(h) + b)` has before its
normalization the variance :math:`v` and the covariance :math:`k` between the two inputs,

.. math:: v = \sigma_w^2 K(1) + \sigma_b^2 - m, \qquad k = \sigma_w^2 K(c) + \sigma_b^2 - m,

where :math:`m` is what all inputs of a batch share: :math:`\sigma_w^2(\mathbb{E}\,\phi)^2 +
\sigma_b^2` with batch normalization, which subtracts it, and 0 otherwise. A normalization divides
by :math:`D = v + \epsilon`; without one :math:`D = 1`. With a branch scale :math:`s` and a residual
connection (:math:`r = 1`) or none (:math:`r = 0`, :math:`s = 1`),

.. math:: q \mapsto r q + s^2 v / D, \qquad cq \mapsto r c q + s^2 k / D,

and going backward the mean squared gradient is multiplied by
:math:`r + s^2 \sigma_w^2\,\mathbb{E}\,\phi'^2 / D`.

All of it holds for wide layers, for large batches whose other inputs have nothing in common, and
before the first step. In one network of width :math:`n` the logarithm of the gradient scatters by
about :math:`\sqrt{L/n}`: see `finite_width`.

References
----------
Poole et al., NIPS 2016, and Schoenholz et al., ICLR 2017, for plain networks; Yang & Schoenholz,
"Mean Field Residual Networks: On the Edge of Chaos", NIPS 2017, for residual ones; Yang et al., "A
Mean Field Theory of Batch Normalization", ICLR 2019.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from lib._checks import instance
from lib._values import ByValue, cached
from lib.activations import Activation
from lib.theory import mean_field
from lib.theory._description import PRECISIONS, Description
from lib.theory.gaussian import HALVINGS, expectation, kinks

__all__ = ["PRECISIONS", "Description", "Forecast", "forecast"]
FINITE = 1e300  # of a variance; beyond it counts as infinite
SATURATED = 0.05  # of the largest slope, as in lib.chain
RANKS = 1001
TWO_LINES = ("relu", "leaky_relu", "prelu", "rrelu")
SETTLED = 1e-12  # of a correlation
COARSE = 4  # halvings of the quadrature for functions that change over a width of 1


@dataclass(frozen=True, eq=False)
class Forecast(ByValue):
    r"""What is predicted of every layer; layer 1 comes first.

    Attributes
    ----------
    description : Description
    q : ndarray, shape (depth,)
        Mean square of the pre-activations; infinite above 1e300.
    log10_gradient : ndarray, shape (depth,)
        Decimal logarithm of the root mean square of :math:`\delta_l`, relative to :math:`\delta_L`.
    log10_weight_gradient : ndarray, shape (depth,)
        Of the root mean square of :math:`\partial\mathcal{L}/\partial W_l` for one input, likewise
        relative to the last layer.
    correlation : ndarray, shape (depth,)
        Cosine of the pre-activations of the two inputs, less what the batch has in common under
        batch normalization: the likeness of the inputs.
    saturated : ndarray, shape (depth,)
        Share of units whose slope is below 0.05 times the largest.
    underflow : ndarray, shape (depth,)
        Share of the entries of :math:`\delta_l` that are not 0, but become 0 in the precision.
    overflow : ndarray, shape (depth,)
        Share of the entries of :math:`h_l` or of :math:`\delta_l`, whichever is larger, that
        become infinite in the precision.
    """

    description: Description
    q: np.ndarray
    log10_gradient: np.ndarray
    log10_weight_gradient: np.ndarray
    correlation: np.ndarray
    saturated: np.ndarray
    underflow: np.ndarray
    overflow: np.ndarray


@cached(512)
def _forecast(network: Description) -> Forecast:
    # The same signal in every precision.
    signal = _signal(replace(network, precision="float64", last_gradient=1.0, loss_scale=1.0))
    with np.errstate(divide="ignore"):
        steps = np.log10(signal["factor"][1:]) / 2
        gradient = np.concatenate([np.cumsum(steps[::-1])[::-1], [0.0]])
        inputs = np.log10(signal["input"]) / 2
        weight = gradient + np.log10(signal["branch"]) / 2 + inputs
        weight = weight - weight[-1] if np.isfinite(weight[-1]) else weight
    saturated, underflow, overflow = _shares(network, signal["q"], gradient)
    return Forecast(
        network, signal["q"], gradient, weight, signal["correlation"],
        saturated, underflow, overflow,
    )  # fmt: skip


def forecast(description: Description) -> Forecast:
    """Predict signal, gradient and likeness of two inputs by layer, and what leaves the precision.

    Parameters
    ----------
    description : Description

    Returns
    -------
    Forecast

    Examples
    --------
    >>> from lib import initializers
    >>> network = Description(
    ...     depth=3, width=100, activation="relu", initializer=initializers.normal(),
    ... )
    >>> forecast(network).log10_gradient.round(3)
    array([-0.301, -0.151,  0.   ])
    """
    kind = "made by lib.theory.Description"
    found: Forecast = _forecast(instance("description", description, Description, kind))
    return found


@cached(512)
def _signal(network: Description) -> dict[str, np.ndarray]:
    """Follow variance and correlation forward, and collect the factors of the way back."""
    phi, sigma_w2, sigma_b2 = network.phi, network.weight_variance, network.bias_variance
    centers, normalizes = network.normalization == "batch", network.normalization is not None
    keeps, scale2 = 0.0, 1.0
    found = {
        name: np.empty(network.depth) for name in ("q", "correlation", "factor", "branch", "input")
    }
    # The first layer reads the input itself, of mean square 1.
    mean_square, product, shared, slope = 1.0, network.input_correlation, 0.0, 1.0
    q = c = 0.0
    for layer in range(network.depth):
        if layer > 0:
            mean_square, square_of_mean, slope, product = _moments(phi, q, c)
            shared = square_of_mean if centers else 0.0
            if network.residual is not None:
                keeps, scale2 = 1.0, float(network.residual) ** 2
        bias = 0.0 if centers else sigma_b2
        with np.errstate(over="ignore"):
            v = sigma_w2 * (mean_square - shared) + bias
            k = sigma_w2 * (product - shared) + bias
        below = v + network.epsilon if normalizes else 1.0
        branch = scale2 / below
        after = keeps * q + branch * v
        c = float(np.clip((keeps * c * q + branch * k) / after, -1, 1)) if after > 0 else c
        q = after
        found["q"][layer] = q if q < FINITE else np.inf
        found["correlation"][layer] = c
        found["factor"][layer] = keeps + branch * sigma_w2 * slope
        found["branch"][layer] = branch
        # With batch normalization the gradient of a unit has mean 0 over the batch, so that what
        # the inputs have in common gives the weights no gradient.
        found["input"][layer] = mean_square - shared
    return found


def _moments(phi: Activation, q: float, c: float) -> tuple[float, float, float, float]:
    """Mean square, squared mean and mean squared slope of outputs, and their product for two."""
    breaks = kinks(phi)
    inside = np.clip(q, mean_field.VANISHED**10, FINITE)
    mean_square = float(expectation(lambda h: phi.kernel(h) ** 2, inside, breaks=breaks))
    slope = float(mean_field.chi(phi, inside, weight_variance=1.0))
    mean = float(expectation(phi.kernel, inside, breaks=breaks))
    if abs(c) < SETTLED:
        product = mean**2
    elif c > 1 - SETTLED:
        product = mean_square
    else:
        product = _product(phi, c, float(inside))
    return mean_square, mean**2, slope, product


def _product(phi: Activation, c: float, q: float) -> float:
    r""":math:`\mathbb{E}\,\phi(u)\phi(v)`, in closed form for a function made of two lines."""
    if phi.name in TWO_LINES:
        a = float(phi.derivative(-1.0))  # phi(h) = a h + (1 - a) max(h, 0)
        both = (np.sqrt(1 - c**2) + (np.pi - np.arccos(c)) * c) / (2 * np.pi)  # Cho & Saul 2009
        return float(q * (a * c + (1 - a) ** 2 * both))
    return mean_field.mean_product(phi, c, q=q, halvings=_resolution(phi, q))


def _resolution(phi: Activation, q: float) -> int:
    """Halvings of the quadrature for the product: few where nothing changes over a short way."""
    steepest = max([1.0, *(abs(v) for v in phi.parameters.values() if isinstance(v, float))])
    scale = max(1.0, steepest * float(np.sqrt(q)))
    return int(min(COARSE + np.ceil(np.log2(scale)), HALVINGS))


def _shares(
    network: Description, q: np.ndarray, log10_gradient: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Shares of units that are saturated, of gradients that underflow, of numbers that overflow."""
    from scipy import special

    ranks = special.ndtri((np.arange(RANKS) + 0.5) / RANKS)
    spread = np.sqrt(np.minimum(q, FINITE))[:, None]
    slopes = np.abs(network.phi.derivative_kernel(spread * ranks))
    saturated = np.mean(slopes < SATURATED * float(network.phi.sup_slope), axis=1)

    smallest, largest = PRECISIONS[network.precision]
    start = np.log10(network.last_gradient) + np.log10(network.loss_scale)
    size = np.repeat(start + log10_gradient[:, None], RANKS, axis=1)  # of entries, by slope
    if network.residual is None:  # what comes back is multiplied by the slope of its unit
        with np.errstate(divide="ignore", invalid="ignore"):
            relative = slopes / np.sqrt(np.mean(slopes**2, axis=1, keepdims=True))
            size[:-1] += np.log10(relative[:-1])
    alive = np.isfinite(size)
    with np.errstate(over="ignore", under="ignore"):
        # A number becomes 0 below half the smallest, and infinite above the largest.
        least, most = (smallest - 1) * np.log10(2), largest * np.log10(2)
        lost = special.erf(10.0 ** (least - size) / np.sqrt(2))
        over = special.erfc(10.0 ** (most - size) / np.sqrt(2))
        forward = special.erfc(10.0 ** (most - np.log10(spread[:, 0])) / np.sqrt(2))
    count = np.maximum(alive.sum(axis=1), 1)
    underflow = np.where(alive, lost, 0).sum(axis=1) / count
    underflow[~alive.any(axis=1)] = 1.0
    backward = np.where(alive, over, 0).mean(axis=1)
    return saturated, underflow, np.maximum(forward, backward)
