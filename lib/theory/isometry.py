r"""Singular values of the input-output Jacobian of deep chains.

A gradient that keeps its norm on average may still be stretched in some directions and lost in
others. With :math:`m_k = \operatorname{tr}(JJ^T)^k / n`, a chain is **isometric** if all
:math:`m_k` are 1.
"""

import numpy as np

from lib._checks import choice, instance, integer, real
from lib.activations import Activation
from lib.theory.gaussian import expectation, kinks

INITIALIZERS = ("normal", "orthogonal")


def spread(phi: Activation, *, depth: int, q: float = 1.0, initializer: str = "normal") -> float:
    r"""Variance of the squared singular values of a wide chain that keeps the gradient on average.

    Parameters
    ----------
    phi : Activation
    depth : int
        Number of layers, at least 1.
    q : float
        Variance of the pre-activations. Default 1.
    initializer : {"normal", "orthogonal"}
        Of the weights, scaled so that the mean squared singular value is 1.

    Returns
    -------
    float
        :math:`L(\mu_2/\mu_1^2 - 1 - s)` with :math:`\mu_k = \mathbb{E}\,\phi'(\sqrt q z)^{2k}`,
        and :math:`s` = -1 for normal weights, 0 for orthogonal ones.

    Raises
    ------
    ValueError
        If the initializer is neither.

    References
    ----------
    Pennington, Schoenholz & Ganguli, "Resurrecting the sigmoid in deep learning through dynamical
    isometry", NIPS 2017.

    Examples
    --------
    >>> from lib import activations
    >>> round(spread(activations.relu(), depth=10), 9)
    20.0
    >>> round(spread(activations.relu(), depth=10, initializer="orthogonal"), 9)
    10.0
    """
    choice("initializer", initializer, INITIALIZERS)
    instance("phi", phi, Activation, "made by lib.activations")
    depth = integer("depth", depth, 1)
    q = real("q", q, least=0)
    first, second = (_slope_moment(phi, q, power) for power in (2, 4))
    if first**2 == 0:
        raise ValueError(f"q must leave {phi!r} a slope; got {q!r}")
    return depth * (second / first**2 - 1 + (initializer == "normal"))


def largest_of_linear(depth: int) -> float:
    r"""Largest squared singular value of a wide product of normal matrices of variance 1/n.

    Parameters
    ----------
    depth : int
        Number of matrices, at least 1.

    Returns
    -------
    float
        :math:`(L + 1)^{L+1} / L^L`, the edge of the Fuss-Catalan distribution.

    Examples
    --------
    >>> round(largest_of_linear(1), 12), round(largest_of_linear(2), 12)
    (4.0, 6.75)
    """
    depth = integer("depth", depth, 1)
    return float(np.exp((depth + 1) * np.log(depth + 1) - depth * np.log(depth)))


def second_moment_of_linear(width: int, depth: int) -> float:
    r"""Mean of the fourth powers of the singular values, for a product of finite normal matrices.

    Parameters
    ----------
    width, depth : int
        Size and number of the matrices, of variance 1/n; at least 1.

    Returns
    -------
    float
        Exact; it tends to :math:`L + 1` for large widths.

    Examples
    --------
    >>> second_moment_of_linear(100, 1)
    2.01
    """
    width, depth = integer("width", width, 1), integer("depth", depth, 1)
    step = np.array([[1 + 1 / width, 1], [2 / width**2, 1]])
    return float((np.linalg.matrix_power(step, depth) @ np.ones(2))[0])


def _slope_moment(phi: Activation, q: float, power: int) -> float:
    return float(expectation(lambda h: phi.derivative_kernel(h) ** power, q, breaks=kinks(phi)))
