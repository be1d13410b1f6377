r"""Signal and gradient of wide random networks: the mean-field theory of deep chains.

In a wide layer a pre-activation is normal with mean 0 and variance :math:`q`. A layer maps

.. math:: q \mapsto \sigma_w^2\,\mathbb{E}\,\phi(\sqrt q z)^2 + \sigma_b^2, \qquad
          \chi(q) = \sigma_w^2\,\mathbb{E}\,\phi'(\sqrt q z)^2,

with :math:`z` standard normal; going backward, the mean squared gradient is multiplied by
:math:`\chi`. The conventions are those of :mod:`lib.chain`.

References
----------
Poole, Lahiri, Raghu, Sohl-Dickstein & Ganguli, "Exponential expressivity in deep neural networks
through transient chaos", NIPS 2016; Schoenholz, Gilmer, Ganguli & Sohl-Dickstein, "Deep
Information Propagation", ICLR 2017.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lib._checks import instance, integer, not_negative, real, shown
from lib._numbers import quiet
from lib.activations import Activation
from lib.theory.gaussian import HALVINGS, expectation, kinks, panels

SETTLED, MOST_STEPS, VANISHED, LARGEST = 1e-14, 2_000, 1e-30, 1e12
MADE = "made by lib.activations"
STEP = 2e-3  # of the five-point difference, relative


@dataclass(frozen=True)
class FixedPoint:
    r"""Where the variance of a deep network settles, and what happens there.

    Attributes
    ----------
    q_star : float
        Variance of the pre-activations; 0 if the signal dies, infinite if it explodes.
    chi_1 : float
        Factor of the mean squared gradient per layer; below 1 the phase is called ordered, above
        1 chaotic. Also the slope of the correlation map at 1.
    chi_q : float
        Slope of the variance map: by this factor per layer a deviation from `q_star` shrinks.
    """

    q_star: float
    chi_1: float
    chi_q: float

    @property
    def depth_scale(self) -> float:
        r"""Layers over which the mean squared gradient changes by a factor of e, :math:`\xi_c`."""
        return float("inf") if self.chi_1 == 1 else float(1 / abs(np.log(self.chi_1)))

    @property
    def variance_scale(self) -> float:
        r"""Layers in which a deviation of the variance shrinks by a factor of e, :math:`\xi_q`."""
        return float("inf") if self.chi_q == 1 else float(1 / abs(np.log(self.chi_q)))


def variance_map(
    phi: Activation, q: ArrayLike, *, weight_variance: float, bias_variance: float = 0.0
) -> np.ndarray:
    r"""Variance of the next layer's pre-activations.

    Parameters
    ----------
    phi : Activation
    q : array_like, any shape
        Variance of this layer's pre-activations, at least 0.
    weight_variance, bias_variance : float
        :math:`\sigma_w^2` and :math:`\sigma_b^2`, at least 0.

    Returns
    -------
    ndarray of float64, of the shape of `q`

    Examples
    --------
    >>> from lib import activations
    >>> float(variance_map(activations.relu(), 3.0, weight_variance=2.0).round(12))
    3.0
    """
    weight_variance = real("weight_variance", weight_variance, least=0)
    bias_variance, q = real("bias_variance", bias_variance, least=0), not_negative("q", q)
    mean_square = expectation(lambda h: phi.kernel(h) ** 2, q, breaks=kinks(phi))
    with quiet():
        return np.asarray(weight_variance * mean_square + bias_variance)


def chi(phi: Activation, q: ArrayLike, *, weight_variance: float) -> np.ndarray:
    r"""Factor of the mean squared gradient of one layer whose pre-activations have variance `q`.

    Parameters and result are those of `variance_map`.

    Examples
    --------
    >>> from lib import activations
    >>> float(chi(activations.relu(), 3.0, weight_variance=1.0).round(12))
    0.5
    """
    weight_variance, q = real("weight_variance", weight_variance, least=0), not_negative("q", q)
    slope = expectation(lambda h: phi.derivative_kernel(h) ** 2, q, breaks=kinks(phi))
    with quiet():
        return np.asarray(weight_variance * slope)


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


def variances(
    phi: Activation,
    *,
    depth: int,
    weight_variance: float,
    bias_variance: float = 0.0,
    input_variance: float = 1.0,
) -> np.ndarray:
    r"""Variance of the pre-activations of every layer.

    Parameters
    ----------
    phi : Activation
    depth : int
        Number of layers, at least 1.
    weight_variance, bias_variance : float
        :math:`\sigma_w^2` and :math:`\sigma_b^2`, at least 0.
    input_variance : float
        Mean square of the entries of the input. Default 1.

    Returns
    -------
    ndarray of float64, shape (depth,)
        :math:`q_1, \dots, q_L`.
    """
    depth, phi = integer("depth", depth, 1), instance("phi", phi, Activation, MADE)
    weight_variance = real("weight_variance", weight_variance, least=0)
    bias_variance = real("bias_variance", bias_variance, least=0)
    q = np.empty(depth)
    q[0] = weight_variance * real("input_variance", input_variance, least=0) + bias_variance
    for layer in range(1, depth):
        q[layer] = variance_map(
            phi, q[layer - 1], weight_variance=weight_variance, bias_variance=bias_variance
        )
    return q


def log10_gradient(
    phi: Activation,
    *,
    depth: int,
    weight_variance: float,
    bias_variance: float = 0.0,
    input_variance: float = 1.0,
) -> np.ndarray:
    r"""Predicted size of the gradient at every layer, relative to the last one.

    Parameters are those of `variances`.

    Returns
    -------
    ndarray of float64, shape (depth,)
        Decimal logarithm of the root mean square of :math:`|\delta_l| / |\delta_L|`, which is
        :math:`\tfrac12 \sum_{k=l}^{L-1} \log_{10} \chi(q^k)`.

    Examples
    --------
    >>> from lib import activations
    >>> log10_gradient(activations.relu(), depth=3, weight_variance=0.02).round(6)
    array([-2., -1.,  0.])
    """
    q = variances(
        phi, depth=depth, weight_variance=weight_variance, bias_variance=bias_variance,
        input_variance=input_variance,
    )  # fmt: skip
    with np.errstate(divide="ignore"):
        steps = np.log10(chi(phi, q[:-1], weight_variance=weight_variance)) / 2
    return np.concatenate([np.cumsum(steps[::-1])[::-1], [0.0]])


def fixed_point(
    phi: Activation, *, weight_variance: float, bias_variance: float = 0.0, start: float = 1.0
) -> FixedPoint:
    r"""Follow the variance through layers until it settles.

    Parameters
    ----------
    phi : Activation
    weight_variance, bias_variance : float
        :math:`\sigma_w^2` and :math:`\sigma_b^2`, at least 0.
    start : float
        Variance of the first layer, which decides if there is more than one fixed point. Default 1.

    Returns
    -------
    FixedPoint

    Raises
    ------
    RuntimeError
        If the variance has not settled after 2,000 layers, as near a critical point.

    Examples
    --------
    >>> from lib import activations
    >>> at = fixed_point(activations.tanh(), weight_variance=2.25)
    >>> round(at.q_star, 10), round(at.chi_1, 10)
    (0.7933540426, 1.139323225)
    """
    q = real("start", start, least=0)
    for _ in range(MOST_STEPS):
        after = float(
            variance_map(phi, q, weight_variance=weight_variance, bias_variance=bias_variance)
        )
        if after > LARGEST:
            q = float("inf")
            break
        if abs(after - q) <= SETTLED * after:
            q = after
            break
        if after < VANISHED:
            q = 0.0
            break
        q = after
    else:
        raise RuntimeError(
            f"the variance has not settled after {MOST_STEPS} layers; it stands at {q:.3g}"
        )
    # At 0 itself a kink has a slope of its own; what counts are the slopes on either side.
    chi_1 = float(chi(phi, np.clip(q, VANISHED, LARGEST), weight_variance=weight_variance))
    if q == 0 or np.isinf(q):  # the map is a straight line there
        return FixedPoint(q, chi_1, chi_1)
    around = variance_map(
        phi, q * (1 + STEP * np.array([-2, -1, 1, 2])), weight_variance=weight_variance
    )
    return FixedPoint(q, chi_1, float(around @ np.array([1, -8, 8, -1]) / (12 * STEP * q)))


def phase_diagram(
    phi: Activation,
    weight_variance: ArrayLike,
    bias_variance: ArrayLike = 0.0,
    *,
    start: float = 1.0,
    steps: int = 500,
) -> tuple[np.ndarray, np.ndarray]:
    r"""Follow the variance of many networks at once, with one weight and bias variance each.

    Parameters
    ----------
    phi : Activation
    weight_variance, bias_variance : array_like
        :math:`\sigma_w^2` and :math:`\sigma_b^2`, at least 0, broadcast against each other.
    start : float
        Variance of the first layer. Default 1.
    steps : int
        Number of layers followed. Default 500; near a critical point the variance is still on its
        way.

    Returns
    -------
    q, chi_1 : ndarray of float64, of the common shape
        Variance after the last layer, infinite if it explodes, and the factor of the mean squared
        gradient there.

    Raises
    ------
    ValueError
        If a variance is negative.

    Examples
    --------
    >>> from lib import activations
    >>> q, chi_1 = phase_diagram(activations.tanh(), [0.5, 2.25])
    >>> chi_1.round(6)
    array([0.5     , 1.139323])
    """
    given = (
        not_negative("weight_variance", weight_variance),
        not_negative("bias_variance", bias_variance),
    )
    try:
        weights, biases = np.broadcast_arrays(*given)
    except ValueError:
        raise ValueError(
            "weight_variance and bias_variance must broadcast against each other; got shapes "
            f"{given[0].shape} and {given[1].shape}"
        ) from None
    breaks = kinks(phi)
    q = np.full(weights.size, real("start", start, least=0))
    moving = np.arange(q.size)
    for _ in range(integer("steps", steps, 1)):
        before = q[moving]
        mean_square = expectation(lambda h: phi.kernel(h) ** 2, before, breaks=breaks)
        after = np.minimum(weights.flat[moving] * mean_square + biases.flat[moving], LARGEST)
        q[moving] = np.maximum(after, VANISHED)  # what has vanished, beside a kink and not on it
        moving = moving[np.abs(q[moving] - before) > SETTLED * after]
        if not moving.size:
            break
    slope = expectation(lambda h: phi.derivative_kernel(h) ** 2, q, breaks=breaks)
    shown = np.where(q >= LARGEST, np.inf, q) * (q > VANISHED)
    return shown.reshape(weights.shape), np.asarray(weights * slope.reshape(weights.shape))


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


def critical_line(phi: Activation, q: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    r"""Weights and biases for which a variance `q` is kept and the gradient as well.

    Parameters
    ----------
    phi : Activation
    q : array_like, any shape
        Positive.

    Returns
    -------
    weight_variance, bias_variance : ndarray of float64, of the shape of `q`
        :math:`\sigma_w^2 = 1 / \mathbb{E}\,\phi'^2` and :math:`\sigma_b^2 = q - \sigma_w^2
        \mathbb{E}\,\phi^2`, so that :math:`\chi(q) = 1`. A negative :math:`\sigma_b^2` means that
        there is no such network.

    Examples
    --------
    >>> from lib import activations
    >>> weights, biases = critical_line(activations.tanh(), 0.570047881640764)
    >>> round(float(weights), 6), round(float(biases), 6)
    (1.760955, 0.05)
    """
    breaks, q = kinks(phi), not_negative("q", q)
    if not (q > 0).all():
        raise ValueError(f"q must be positive; got {shown(q)}")
    slope = expectation(lambda h: phi.derivative_kernel(h) ** 2, q, breaks=breaks)
    mean_square = expectation(lambda h: phi.kernel(h) ** 2, q, breaks=breaks)
    with np.errstate(all="ignore"):
        weight_variance = 1 / slope
        return weight_variance, q - weight_variance * mean_square
