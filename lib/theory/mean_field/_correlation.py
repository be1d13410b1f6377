"""How alike two inputs stay on their way through the layers."""

import numpy as np

from lib._checks import real
from lib._numbers import quiet
from lib.activations import Activation
from lib.theory.gaussian import HALVINGS, kinks, panels
from lib.theory.mean_field._variance import SETTLED, fixed_point, variance_map


@quiet()
def mean_product(
    phi: Activation, correlation: float, *, q: float, halvings: int = HALVINGS
) -> float:
    r"""Mean product of the outputs for two inputs, :math:`\mathbb{E}\,\phi(u)\,\phi(v)`.

    Parameters
    ----------
    phi : Activation
    correlation : float
        From -1 to 1, between the pre-activations :math:`u` and :math:`v`.
    q : float
        Variance of both, positive.
    halvings : int
        Resolution of the quadrature, see `gaussian.panels`: enough for steps of width
        :math:`2^{-\text{halvings}}` in units of :math:`\sqrt q`. Default 24; 8 is 25 times as fast.

    Returns
    -------
    float

    Examples
    --------
    >>> from lib import activations
    >>> round(mean_product(activations.relu(), 0.0, q=1.0) * 2 * np.pi, 10)
    1.0
    """
    correlation = real("correlation", correlation, least=-1, most=1)
    scale = np.sqrt(real("q", q, least=0))
    if scale == 0:
        raise ValueError(f"q must be positive; got {q!r}")
    edges = np.array(kinks(phi)) / scale
    first, first_weights = panels(edges, halvings=halvings)
    # The second input is c z + s y with an independent y; its kinks move with z.
    other = np.sqrt(1 - correlation**2)
    moved = edges
    if edges.size:
        moved = (
            (edges - correlation * first[:, None]) / other
            if other
            else np.full((first.size, 1), np.inf)
        )
    second, second_weights = panels(moved, halvings=halvings)
    outer = phi.kernel(scale * first)
    inner = np.sum(
        second_weights * phi.kernel(scale * (correlation * first[:, None] + other * second)),
        axis=-1,
    )
    return float(np.sum(first_weights * outer * inner))


@quiet()
def correlation_map(
    phi: Activation,
    correlation: float,
    *,
    q: float,
    weight_variance: float,
    bias_variance: float = 0.0,
) -> float:
    r"""Correlation of two inputs' pre-activations after one more layer.

    Parameters
    ----------
    phi : Activation
    correlation : float
        From -1 to 1, between pre-activations that both have variance `q`.
    q : float
        Positive.
    weight_variance, bias_variance : float
        :math:`\sigma_w^2` and :math:`\sigma_b^2`, at least 0.

    Returns
    -------
    float
        The covariance after the layer, divided by the variance after it.

    Examples
    --------
    >>> from lib import activations
    >>> c = correlation_map(activations.relu(), 0.0, q=1.0, weight_variance=2.0)
    >>> round(c * np.pi, 10)
    1.0
    """
    weight_variance = real("weight_variance", weight_variance, least=0)
    bias_variance = real("bias_variance", bias_variance, least=0)
    product = mean_product(phi, correlation, q=q)
    if weight_variance == bias_variance == 0:
        raise ValueError("weight_variance and bias_variance must not both be 0")
    covariance = weight_variance * product + bias_variance
    after = float(
        variance_map(phi, q, weight_variance=weight_variance, bias_variance=bias_variance)
    )
    return covariance / after


def correlation_fixed_point(
    phi: Activation, *, weight_variance: float, bias_variance: float = 0.0
) -> float:
    r"""Correlation that two inputs tend to in a deep network, :math:`c^*`.

    Parameters
    ----------
    phi : Activation
    weight_variance, bias_variance : float
        :math:`\sigma_w^2` and :math:`\sigma_b^2`, at least 0, for which the variance settles at a
        positive value.

    Returns
    -------
    float
        1 in the ordered phase; less in the chaotic one.

    Raises
    ------
    ValueError
        If the variance tends to 0 or to infinity.

    Examples
    --------
    >>> from lib import activations
    >>> correlation_fixed_point(activations.tanh(), weight_variance=1.5, bias_variance=0.05)
    1.0
    """
    at = fixed_point(phi, weight_variance=weight_variance, bias_variance=bias_variance)
    if at.q_star == 0 or np.isinf(at.q_star):
        raise ValueError(
            "weight_variance and bias_variance must let the variance settle at a positive value; "
            f"it tends to {at.q_star}"
        )
    if at.chi_1 <= 1:
        return 1.0

    def excess(c: float) -> float:
        settings = {"weight_variance": weight_variance, "bias_variance": bias_variance}
        return correlation_map(phi, c, q=at.q_star, **settings) - c

    # The map is convex from 0 to 1, starts at 0 or above, and meets the diagonal at 1 from below.
    if excess(0.0) <= SETTLED:
        return 0.0
    from scipy import optimize

    return float(optimize.brentq(excess, 0.0, 1 - 1e-9, xtol=1e-12))
