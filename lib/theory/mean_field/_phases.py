"""Many pairs of weight and bias variance at once, and the line that divides their phases."""

import numpy as np
from numpy.typing import ArrayLike

from lib._checks import integer, not_negative, real, shown
from lib.activations import Activation
from lib.theory.gaussian import expectation, kinks
from lib.theory.mean_field._variance import LARGEST, SETTLED, VANISHED


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
