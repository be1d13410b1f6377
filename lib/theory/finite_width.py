r"""What finite width does: random factors, and networks that are dead from the start.

In a layer of :math:`n` ReLU units with He's weights and no biases, the squared norm of a fixed
direction is multiplied by a random factor of mean 1 and variance :math:`5/n`. The logarithm of a
product of such factors drifts downward: what is typical is less than what is right on average.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lib._checks import integer, integers, real


@dataclass(frozen=True)
class LogFactor:
    """Mean and variance of the logarithm of a squared norm's factor.

    Attributes
    ----------
    mean, variance : float
        Natural logarithms.
    """

    mean: float
    variance: float


def leading_order(widths: Sequence[int], *, alpha: float = 0.0) -> LogFactor:
    r"""Logarithm of the squared norm's factor over several layers, for large widths.

    Parameters
    ----------
    widths : sequence of int
        Of the layers that are crossed.
    alpha : float
        Slope of the units for negative inputs: 0 for ReLU (the default), 1 for linear units.

    Returns
    -------
    LogFactor
        Of mean :math:`-\beta/2` and variance :math:`\beta = c \sum_l 1/n_l`, with :math:`c = 5`
        for ReLU, 2 for linear units, and :math:`6(1+\alpha^4)/(1+\alpha^2)^2 - 1` in general.

    References
    ----------
    Hanin & Nica, "Products of Many Large Random Matrices and Gradients in Deep Neural Networks",
    Communications in Mathematical Physics 376, 2020.

    Examples
    --------
    >>> leading_order([32] * 50)
    LogFactor(mean=-3.90625, variance=7.8125)
    """
    alpha = real("alpha", alpha, least=-1e75, most=1e75)  # its fourth power is finite
    constant = 6 * (1 + alpha**4) / (1 + alpha**2) ** 2 - 1
    beta = constant * sum(1 / width for width in integers("widths", widths, 1))
    return LogFactor(-beta / 2, beta)


def relu_layer(width: int) -> LogFactor:
    r"""Logarithm of the squared norm's factor in one ReLU layer, exact.

    Conditioned on the layer not being dead: :math:`k` of `width` units are active, and
    the factor is :math:`2\chi^2_k / n`.

    Parameters
    ----------
    width : int
        At least 1.

    Returns
    -------
    LogFactor

    Examples
    --------
    >>> layer = relu_layer(32)
    >>> round(layer.mean, 12), round(layer.variance, 12)
    (-0.082540208096, 0.177497787226)
    """
    from scipy import special, stats

    width = integer("width", width, 1)
    active = np.arange(1, width + 1)
    share = stats.binom.pmf(active, width, 0.5) / (1 - 0.5**width)
    logarithm = special.digamma(active / 2)
    mean = float(share @ logarithm)
    spread = float(share @ (special.polygamma(1, active / 2) + (logarithm - mean) ** 2))
    return LogFactor(mean + float(np.log(4 / width)), spread)


def linear_layer(width: int) -> LogFactor:
    r"""Logarithm of the squared norm's factor in one linear layer of weights 1/n, exact.

    Parameters
    ----------
    width : int
        At least 1.

    Returns
    -------
    LogFactor

    Examples
    --------
    >>> round(linear_layer(16).mean, 12)
    -0.063800063724
    """
    from scipy import special

    half = integer("width", width, 1) / 2
    return LogFactor(float(special.digamma(half) - np.log(half)), float(special.polygamma(1, half)))


def silenced(widths: Sequence[int]) -> float:
    r"""Probability that one given input is silenced by a ReLU layer, whatever the weights' scale.

    Parameters
    ----------
    widths : sequence of int
        Of the hidden layers, without biases.

    Returns
    -------
    float
        :math:`1 - \prod_l (1 - 2^{-n_l})`. An upper bound for the probability that the network is
        born dead, a constant function from the start.

    References
    ----------
    Lu, Shin, Su & Karniadakis, "Dying ReLU and Initialization", Communications in Computational
    Physics 28, 2020.

    Examples
    --------
    >>> round(silenced([10] * 9), 12)
    0.008754808341
    """
    alive = [np.log1p(-(0.5**width)) for width in integers("widths", widths, 1)]
    return float(-np.expm1(sum(alive)))


def born_dead_at_least(width: int, hidden: int) -> float:
    r"""Lower bound for the probability that a ReLU network of one input is born dead.

    Exact for up to two hidden layers.

    Parameters
    ----------
    width : int
        Of all hidden layers, at least 1; without biases.
    hidden : int
        Number of hidden layers, at least 1.

    Returns
    -------
    float

    References
    ----------
    Lu, Shin, Su & Karniadakis, "Dying ReLU and Initialization", Communications in Computational
    Physics 28, 2020.

    Examples
    --------
    >>> born_dead_at_least(2, 2)
    0.15625
    """
    n, steps = integer("width", width, 1), integer("hidden", hidden, 1) - 1
    alive, shrunk = 1 - 0.5**n, 1 - 0.5 ** (n - 1) - (n - 1) * 0.25**n
    share = (1 - 0.5 ** (n - 1)) * (1 - 0.5**n) / (1 + (n - 1) * 0.5**n)
    return float(1 - alive**steps + share * (shrunk**steps - alive**steps))
