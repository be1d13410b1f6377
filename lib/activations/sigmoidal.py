"""The smooth monotone activations: linear, sigmoid, tanh, LeCun's scaled tanh, softplus."""

from __future__ import annotations

import numpy as np
import sympy as sp

from lib.activations._base import POSITIVE, REALS, SYMBOL, Activation, decay, register, with_nan

x = SYMBOL

LINEAR_FORM = x
SIGMOID_FORM = 1 / (1 + sp.exp(-x))
TANH_FORM = sp.tanh(x)
LECUN_AMPLITUDE = sp.Rational(17159, 10000)
LECUN_TANH_FORM = LECUN_AMPLITUDE * sp.tanh(2 * x / 3)
SOFTPLUS_FORM = sp.log(1 + sp.exp(x))


def sigmoid_kernel(x: np.ndarray) -> np.ndarray:
    """``1 / (1 + e)`` for positive `x` and ``e / (1 + e)`` else, with ``e = exp(-|x|)``."""
    e = decay(x)
    numerator = np.where(x >= 0, 1.0, e)
    e += 1
    numerator /= e
    return numerator


def sigmoid_slope_kernel(x: np.ndarray) -> np.ndarray:
    """Slope of the sigmoid, ``e / (1 + e)**2`` with ``e = exp(-|x|)``."""
    e = decay(x)
    e /= (1 + e) ** 2
    return e


def sigmoid_joint_kernel(x: np.ndarray, value: np.ndarray, slope: np.ndarray) -> None:
    """Sigmoid and its slope from one exponential."""
    e = decay(x)
    denominator = 1 + e
    np.divide(e, denominator, out=value)
    np.divide(value, denominator, out=slope)
    np.subtract(1, value, out=value, where=x >= 0)


def tanh_joint_kernel(x: np.ndarray, value: np.ndarray, slope: np.ndarray) -> None:
    """Tanh and its slope, ``1 - tanh(x)**2`` where that keeps more than half of the digits."""
    np.tanh(x, out=value)
    np.multiply(value, value, out=slope)
    np.subtract(1, slope, out=slope)
    cancelled = slope < np.sqrt(np.finfo(x.dtype).eps)
    if cancelled.any():
        slope[cancelled] = tanh_slope_kernel(x[cancelled])


def tanh_slope_kernel(x: np.ndarray) -> np.ndarray:
    """Slope of tanh, from ``tanh(x) = 2 sigmoid(2x) - 1``."""
    result: np.ndarray = 4 * sigmoid_slope_kernel(2 * x)
    return result


def softplus_kernel(x: np.ndarray) -> np.ndarray:
    """``log(1 + exp(x))`` as ``max(x, 0) + log(1 + exp(-|x|))``."""
    result: np.ndarray = np.log1p(decay(x))
    result += np.maximum(x, 0)
    return result


@register(LINEAR_FORM)
def linear() -> Activation:
    r"""Identity :math:`\phi(x) = x`: no activation at all.

    Examples
    --------
    >>> linear()([-1.0, 2.0])
    array([-1.,  2.])
    """
    return Activation(
        name="linear",
        label="Linear",
        parameters={},
        expression=LINEAR_FORM,
        slope=sp.diff(LINEAR_FORM, x),
        range=REALS,
        sup_slope=sp.Integer(1),
        sup_slope_at=REALS,
        kernel=np.copy,
        derivative_kernel=lambda x: with_nan(x, np.ones_like(x)),
    )


@register(SIGMOID_FORM)
def sigmoid() -> Activation:
    r"""Logistic sigmoid :math:`\sigma(x) = 1 / (1 + e^{-x})`.

    Its slope :math:`\sigma (1 - \sigma)` is at most 1/4, at 0. Both are computed from
    :math:`e^{-|x|}`, so that the small values in either tail keep their relative accuracy.

    Notes
    -----
    Used in: ``book/sigmoid.md``.

    Examples
    --------
    >>> phi = sigmoid()
    >>> print(phi(0.0), phi.derivative(0.0), phi.sup_slope)
    0.5 0.25 1/4
    """
    return Activation(
        name="sigmoid",
        label="Sigmoid",
        parameters={},
        expression=SIGMOID_FORM,
        slope=sp.diff(SIGMOID_FORM, x),
        range=sp.Interval.open(0, 1),
        sup_slope=sp.Rational(1, 4),
        sup_slope_at=sp.FiniteSet(0),
        kernel=sigmoid_kernel,
        derivative_kernel=sigmoid_slope_kernel,
        joint_kernel=sigmoid_joint_kernel,
    )


@register(TANH_FORM)
def tanh() -> Activation:
    r"""Hyperbolic tangent :math:`\tanh x = 2 \sigma(2x) - 1`, with slope at most 1, at 0.

    Notes
    -----
    Used in: ``book/hyperbolic-tangent.md``.

    Examples
    --------
    >>> phi = tanh()
    >>> phi.slope
    1 - tanh(x)**2
    >>> print(phi.derivative(300.0))  # 1 - tanh(300)**2 would round to zero
    1.0601586212017243e-260
    """
    return Activation(
        name="tanh",
        label="tanh",
        parameters={},
        expression=TANH_FORM,
        slope=sp.diff(TANH_FORM, x),
        range=sp.Interval.open(-1, 1),
        sup_slope=sp.Integer(1),
        sup_slope_at=sp.FiniteSet(0),
        kernel=np.tanh,
        derivative_kernel=tanh_slope_kernel,
        joint_kernel=tanh_joint_kernel,
    )


@register(LECUN_TANH_FORM)
def lecun_tanh() -> Activation:
    r"""LeCun's scaled tanh :math:`\phi(x) = 1.7159 \tanh(2x/3)`.

    The constants are chosen so that :math:`\phi(\pm 1) \approx \pm 1` with the greatest curvature
    near :math:`\pm 1`; the slope at 0 is 1.1439.

    Notes
    -----
    Used in: ``book/hyperbolic-tangent.md``.

    References
    ----------
    LeCun, Bottou, Orr & Müller, "Efficient BackProp", in *Neural Networks: Tricks of the Trade*,
    LNCS 1524, 1998, pp. 9-50.

    Examples
    --------
    >>> print(round(lecun_tanh()(1.0), 6), lecun_tanh().sup_slope)
    0.999997 17159/15000
    """
    amplitude = float(LECUN_AMPLITUDE)
    peak = LECUN_AMPLITUDE * sp.Rational(2, 3)
    return Activation(
        name="lecun_tanh",
        label="LeCun's scaled tanh",
        parameters={},
        expression=LECUN_TANH_FORM,
        slope=sp.diff(LECUN_TANH_FORM, x),
        range=sp.Interval.open(-LECUN_AMPLITUDE, LECUN_AMPLITUDE),
        sup_slope=peak,
        sup_slope_at=sp.FiniteSet(0),
        kernel=lambda x: amplitude * np.tanh(x / 1.5),
        derivative_kernel=lambda x: float(peak) * tanh_slope_kernel(x / 1.5),
    )


@register(SOFTPLUS_FORM)
def softplus() -> Activation:
    r"""Softplus :math:`\phi(x) = \ln(1 + e^x)`, a smooth ReLU whose slope is the sigmoid.

    Computed as :math:`\max(x, 0) + \ln(1 + e^{-|x|})`. The supremum 1 of the slope is approached
    for large pre-activations and never attained.

    Examples
    --------
    >>> print(softplus()(0.0), softplus()(1e4), softplus().sup_slope_at)
    0.6931471805599453 10000.0 EmptySet
    """
    return Activation(
        name="softplus",
        label="Softplus",
        parameters={},
        expression=SOFTPLUS_FORM,
        slope=sp.diff(SOFTPLUS_FORM, x),
        range=POSITIVE,
        sup_slope=sp.Integer(1),
        sup_slope_at=sp.S.EmptySet,
        kernel=softplus_kernel,
        derivative_kernel=sigmoid_kernel,
    )
