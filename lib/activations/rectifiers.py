r"""The rectifiers: the identity for positive pre-activations, something flatter below.

At the kink 0 the stated slope is that of the negative side, except where ReLU is told otherwise.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import ArrayLike

from lib._numbers import times
from lib.activations._base import (
    ALPHA,
    NON_NEGATIVE,
    POSITIVE,
    REALS,
    SYMBOL,
    Activation,
    evaluate,
    exact,
    number,
    positive,
    register,
    with_nan,
)

x = SYMBOL
SCALE = sp.Symbol("lambda", real=True)

RELU_FORM = sp.Piecewise((x, x > 0), (0, True))
LEAKY_FORM = sp.Piecewise((x, x > 0), (ALPHA * x, True))
ELU_FORM = sp.Piecewise((x, x > 0), (ALPHA * (sp.exp(x) - 1), True))
SELU_FORM = sp.Piecewise((SCALE * x, x > 0), (SCALE * ALPHA * (sp.exp(x) - 1), True))


def _selu_constants() -> tuple[sp.Float, sp.Float]:
    """``(alpha, scale)`` for which a standard normal input gives mean 0 and variance 1."""
    phi_1 = sp.erfc(1 / sp.sqrt(2)) / 2  # normal distribution function at -1
    phi_2 = sp.erfc(sp.sqrt(2)) / 2  # and at -2
    half = sp.Rational(1, 2)
    alpha = 1 / (sp.sqrt(2 * sp.pi) * (half - sp.exp(half) * phi_1))
    square = half + alpha**2 * (sp.exp(2) * phi_2 - 2 * sp.exp(half) * phi_1 + half)
    return alpha.evalf(50), (1 / sp.sqrt(square)).evalf(50)


SELU_ALPHA, SELU_SCALE = _selu_constants()


def relu_kernel(x: np.ndarray) -> np.ndarray:
    """Positive part."""
    result: np.ndarray = np.maximum(x, 0)
    return result


def relu_joint_kernel(x: np.ndarray, value: np.ndarray, slope: np.ndarray) -> None:
    """Positive part and where it is."""
    slope.fill(0)
    np.maximum(x, slope, out=value)  # faster than with a scalar
    slope[...] = x > 0
    flat = value.ravel()
    if np.isnan(np.dot(flat, flat)):  # the fastest way to look for a NaN
        with_nan(x, slope)


def two_slopes(
    name: str, label: str, alpha: sp.Rational, parameters: dict[str, Any]
) -> dict[str, Any]:
    r"""Fields of the activation with slope 1 for :math:`x > 0` and `alpha` elsewhere."""
    below = float(alpha)
    extreme = np.maximum if below <= 1 else np.minimum

    def slope(x: np.ndarray) -> np.ndarray:
        if 0 <= below <= 1:
            return np.asarray(np.maximum(positive(x), x.dtype.type(below)))
        return with_nan(x, np.where(x > 0, x.dtype.type(1), x.dtype.type(below)))

    expression = LEAKY_FORM.subs(ALPHA, alpha)
    steepest = REALS if alpha == 1 else POSITIVE if alpha < 1 else sp.Interval(-sp.oo, 0)
    return {
        "name": name,
        "label": label,
        "parameters": parameters,
        "expression": expression,
        "slope": sp.diff(expression, x),
        "range": REALS if alpha > 0 else NON_NEGATIVE,
        "sup_slope": sp.Max(1, alpha),
        "sup_slope_at": steepest,
        # A slope of 0 is not multiplied: 0 times minus infinity is no number.
        "kernel": (lambda x: extreme(x, times(x, below))) if below else relu_kernel,
        "derivative_kernel": slope,
    }


@register(RELU_FORM)
def relu(*, at_zero: float = 0.0) -> Activation:
    r"""ReLU :math:`\phi(x) = \max(x, 0)`, with slope 0 or 1.

    Parameters
    ----------
    at_zero : {0, 0.5, 1}, default 0
        The subgradient taken as slope at 0, where the function has none.

    Raises
    ------
    TypeError, ValueError
        If `at_zero` is none of the three.

    Notes
    -----
    Used in: ``book/relu.md``.

    References
    ----------
    Nair & Hinton, "Rectified Linear Units Improve Restricted Boltzmann Machines", ICML 2010.
    On the choice at 0: Bertoin, Bolte, Gerchinovitz & Pauwels, "Numerical influence of ReLU'(0)
    on backpropagation", NeurIPS 34, 2021, arXiv:2106.12915.

    Examples
    --------
    >>> relu()([-1.0, 0.0, 2.0])
    array([0., 0., 2.])
    >>> relu(at_zero=0.5).derivative([-1.0, 0.0, 2.0])
    array([0. , 0.5, 1. ])
    """
    at_zero = number("at_zero", at_zero, "0, 0.5 or 1", lambda value: value in (0, 0.5, 1))
    slope = sp.diff(RELU_FORM, x)
    if at_zero:
        slope = sp.Piecewise((1, x > 0), (exact(at_zero), sp.Eq(x, 0)), (0, True))
    return Activation(
        name="relu",
        label="ReLU",
        parameters={"at_zero": at_zero},
        expression=RELU_FORM,
        slope=slope,
        range=NON_NEGATIVE,
        sup_slope=sp.Integer(1),
        sup_slope_at=NON_NEGATIVE if at_zero == 1 else POSITIVE,
        kernel=relu_kernel,
        derivative_kernel=positive
        if not at_zero
        else lambda x: np.heaviside(x, x.dtype.type(at_zero)),
        joint_kernel=relu_joint_kernel if not at_zero else None,
    )


@register(LEAKY_FORM, alpha=ALPHA)
def leaky_relu(*, alpha: float = 0.01) -> Activation:
    r"""Leaky ReLU: :math:`x` for :math:`x > 0`, else :math:`\alpha x`, with a fixed `alpha`.

    Parameters
    ----------
    alpha : float, default 0.01
        Slope for negative pre-activations and at 0, from 0 (ReLU) to 1 (linear).

    Raises
    ------
    TypeError, ValueError
        If `alpha` is not a number from 0 to 1.

    Notes
    -----
    Used in: ``book/leaky-relu.md``.

    References
    ----------
    Maas, Hannun & Ng, "Rectifier Nonlinearities Improve Neural Network Acoustic Models", ICML
    Workshop on Deep Learning for Audio, Speech and Language Processing, 2013.

    Examples
    --------
    >>> leaky_relu(alpha=0.1).derivative([-2.0, 0.0, 2.0])
    array([0.1, 0.1, 1. ])
    """
    alpha = number("alpha", alpha, "from 0 to 1", lambda value: 0 <= value <= 1)
    return Activation(**two_slopes("leaky_relu", "Leaky ReLU", exact(alpha), {"alpha": alpha}))


class ParametricReLU(Activation):
    """PReLU, which can also be differentiated with respect to its slope."""

    def derivative_alpha(self, x: ArrayLike) -> Any:
        r""":math:`\partial\phi/\partial\alpha = \min(x, 0)`, elementwise.

        Examples
        --------
        >>> prelu().derivative_alpha([-2.0, 0.0, 3.0])
        array([-2.,  0.,  0.])
        """
        return evaluate(lambda x: np.minimum(x, 0), x)


@register(LEAKY_FORM, alpha=ALPHA)
def prelu(*, alpha: float = 0.25) -> ParametricReLU:
    r"""PReLU: :math:`x` for :math:`x > 0`, else :math:`\alpha x`, with a learned `alpha`.

    Parameters
    ----------
    alpha : float, default 0.25
        Current value of the learned slope, any finite number: learning does not bound it.

    Raises
    ------
    TypeError, ValueError
        If `alpha` is not a finite number.

    Notes
    -----
    Used in: ``book/prelu.md``.

    References
    ----------
    He, Zhang, Ren & Sun, "Delving Deep into Rectifiers", ICCV 2015, pp. 1026-1034.

    Examples
    --------
    >>> phi = prelu(alpha=0.5)
    >>> phi([-2.0, 2.0]), phi.derivative_alpha([-2.0, 2.0])
    (array([-1.,  2.]), array([-2.,  0.]))
    """
    alpha = number("alpha", alpha, "finite", lambda value: True)
    return ParametricReLU(**two_slopes("prelu", "PReLU", exact(alpha), {"alpha": alpha}))


@register(ELU_FORM, alpha=ALPHA)
def elu(*, alpha: float = 1.0) -> Activation:
    r"""ELU: :math:`x` for :math:`x > 0`, else :math:`\alpha (e^x - 1)`.

    Parameters
    ----------
    alpha : float, default 1
        The function approaches ``-alpha``; positive. The slope at 0 is that of the left side,
        `alpha`; only for ``alpha=1`` is there no kink.

    Raises
    ------
    TypeError, ValueError
        If `alpha` is not a finite positive number.

    Notes
    -----
    Used in: ``book/elu.md``.

    References
    ----------
    Clevert, Unterthiner & Hochreiter, "Fast and Accurate Deep Network Learning by Exponential
    Linear Units (ELUs)", ICLR 2016, arXiv:1511.07289.

    Examples
    --------
    >>> print(elu()(-1e-20), elu()(-1e4), elu().range)
    -1e-20 -1.0 Interval.open(-1, oo)
    """
    alpha = number("alpha", alpha, "finite and positive", lambda value: value > 0)
    return Activation(**_elu("elu", "ELU", exact(alpha), sp.Integer(1), {"alpha": alpha}))


@register(SELU_FORM, alpha=ALPHA, scale=SCALE)
def selu() -> Activation:
    r"""SELU: :math:`\lambda x` for :math:`x > 0`, else :math:`\lambda\alpha (e^x - 1)`.

    The constants ``SELU_ALPHA`` and ``SELU_SCALE`` (:math:`\lambda`) keep a standard normal
    pre-activation at mean 0 and variance 1. The slope at 0 is that of the left side,
    :math:`\lambda\alpha = 1.7581`, which is also the largest.

    References
    ----------
    Klambauer, Unterthiner, Mayr & Hochreiter, "Self-Normalizing Neural Networks", NIPS 2017,
    arXiv:1706.02515.

    Examples
    --------
    >>> print(SELU_ALPHA.n(10), SELU_SCALE.n(10), selu().sup_slope.n(10))
    1.673263242 1.050700987 1.758099341
    """
    return Activation(**_elu("selu", "SELU", SELU_ALPHA, SELU_SCALE, {}))


def _elu(
    name: str, label: str, alpha: sp.Expr, scale: sp.Expr, parameters: dict[str, Any]
) -> dict[str, Any]:
    """Fields of ``scale`` times ELU."""
    above, below = float(scale), float(scale * alpha)
    expression = SELU_FORM.subs({ALPHA: alpha, SCALE: scale})
    smooth = NON_NEGATIVE if alpha == 1 else POSITIVE

    def function(x: np.ndarray) -> np.ndarray:
        return np.where(x > 0, above * x, times(np.expm1(np.minimum(x, 0)), below))

    def derivative(x: np.ndarray) -> np.ndarray:
        left = times(np.exp(np.minimum(x, 0)), below)
        left[x > 0] = above
        return left

    return {
        "name": name,
        "label": label,
        "parameters": parameters,
        "expression": expression,
        "slope": sp.diff(expression, x),
        "range": sp.Interval.open(-scale * alpha, sp.oo),
        "sup_slope": scale * sp.Max(1, alpha),
        "sup_slope_at": sp.FiniteSet(0) if alpha > 1 else smooth,
        "kernel": function,
        "derivative_kernel": derivative,
    }
