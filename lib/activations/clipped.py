"""Activations made of straight or quadratic pieces between two kinks.

At either kink the stated slope is that of the outer, unbounded piece.
"""

from __future__ import annotations

import numpy as np
import sympy as sp

from lib.activations._base import SYMBOL, Activation, register, weighted, with_nan

x = SYMBOL

HARD_SIGMOID_FORM = sp.Piecewise((0, x <= -3), (1, x >= 3), (x / 6 + sp.Rational(1, 2), True))
RELU6_FORM = sp.Piecewise((0, x <= 0), (6, x >= 6), (x, True))
HARD_SWISH_FORM = sp.Piecewise((0, x <= -3), (x, x >= 3), (x * (x + 3) / 6, True))


def hard_sigmoid_kernel(x: np.ndarray) -> np.ndarray:
    """``clip(x + 3, 0, 6) / 6``."""
    result = x + 3
    np.clip(result, 0, 6, out=result)
    result /= 6
    return result


def between(low: float, high: float, x: np.ndarray, slope: float) -> np.ndarray:
    """`slope` strictly between the kinks, 0 elsewhere."""
    inside = (x > low) & (x < high)
    return with_nan(x, inside.astype(x.dtype) * slope)


def hard_swish_slope_kernel(x: np.ndarray) -> np.ndarray:
    """``(2x + 3) / 6`` between the kinks, 0 and 1 outside."""
    inner = (np.clip(x, -3, 3) * 2 + 3) / 6
    return with_nan(x, np.where(x <= -3, 0.0, np.where(x >= 3, 1.0, inner)))


@register(HARD_SIGMOID_FORM)
def hard_sigmoid() -> Activation:
    r"""Hard sigmoid :math:`\phi(x) = \min(\max(x + 3, 0), 6) / 6`.

    The slope is 1/6 for :math:`|x| < 3`, and 0 elsewhere, the kinks at :math:`\pm 3` included.

    References
    ----------
    Howard et al., "Searching for MobileNetV3", ICCV 2019, pp. 1314-1324.

    Examples
    --------
    >>> hard_sigmoid()([-4.0, 0.0, 1.5, 4.0])
    array([0.  , 0.5 , 0.75, 1.  ])
    """
    return Activation(
        name="hard_sigmoid",
        label="Hard sigmoid",
        parameters={},
        expression=HARD_SIGMOID_FORM,
        slope=sp.diff(HARD_SIGMOID_FORM, x),
        range=sp.Interval(0, 1),
        sup_slope=sp.Rational(1, 6),
        sup_slope_at=sp.Interval.open(-3, 3),
        kernel=hard_sigmoid_kernel,
        derivative_kernel=lambda x: between(-3, 3, x, 1 / 6),
    )


@register(RELU6_FORM)
def relu6() -> Activation:
    r"""ReLU6 :math:`\phi(x) = \min(\max(x, 0), 6)`.

    The slope is 1 between 0 and 6, and 0 elsewhere, both kinks included.

    References
    ----------
    Krizhevsky, "Convolutional Deep Belief Networks on CIFAR-10", unpublished manuscript, 2010.

    Examples
    --------
    >>> relu6()([-1.0, 5.0, 7.0])
    array([0., 5., 6.])
    """
    return Activation(
        name="relu6",
        label="ReLU6",
        parameters={},
        expression=RELU6_FORM,
        slope=sp.diff(RELU6_FORM, x),
        range=sp.Interval(0, 6),
        sup_slope=sp.Integer(1),
        sup_slope_at=sp.Interval.open(0, 6),
        kernel=lambda x: np.clip(x, 0, 6),
        derivative_kernel=lambda x: between(0, 6, x, 1.0),
    )


@register(HARD_SWISH_FORM)
def hard_swish() -> Activation:
    r"""Hard Swish, :math:`x` times the hard sigmoid of :math:`x`.

    The slope is :math:`(2x + 3)/6` for :math:`|x| < 3`; it is 0 at the kink -3 and below, 1 at
    the kink 3 and above. Its supremum 3/2 is approached from the left at 3 and not attained.

    References
    ----------
    Howard et al., "Searching for MobileNetV3", ICCV 2019, pp. 1314-1324.

    Examples
    --------
    >>> phi = hard_swish()
    >>> phi([-4.0, -1.5, 4.0])
    array([-0.   , -0.375,  4.   ])
    >>> phi.sup_slope, phi.sup_slope_at
    (3/2, EmptySet)
    """
    return Activation(
        name="hard_swish",
        label="Hard Swish",
        parameters={},
        expression=HARD_SWISH_FORM,
        slope=sp.diff(HARD_SWISH_FORM, x),
        range=sp.Interval(-sp.Rational(3, 8), sp.oo),
        sup_slope=sp.Rational(3, 2),
        sup_slope_at=sp.S.EmptySet,
        kernel=lambda x: weighted(x, hard_sigmoid_kernel(x)),
        derivative_kernel=hard_swish_slope_kernel,
    )
