"""Variance of the signal from layer to layer, where it settles, and the factor of the gradient."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lib._checks import instance, integer, not_negative, real
from lib._numbers import quiet
from lib.activations import Activation
from lib.theory.gaussian import expectation, kinks

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
