r"""Activations that weigh their input by a smooth gate, :math:`x\,g(x)`: SiLU, GELU, Mish.

For SiLU and GELU the gate rises symmetrically, :math:`g(x) + g(-x) = 1`, hence
:math:`\phi'(x) = 1 - \phi'(-x)`: each is computed on the negative side, where small values need
their relative accuracy, and reflected. Maxima and minima without a closed form stand here to 50
digits; each is a root of the first or second derivative.
"""

from __future__ import annotations

import numpy as np
import sympy as sp

from lib._checks import choice
from lib._numbers import times
from lib.activations._base import (
    BETA,
    REALS,
    SYMBOL,
    Activation,
    Kernel,
    decay,
    exact,
    number,
    register,
    weighted,
    with_nan,
)
from lib.activations.sigmoidal import sigmoid_kernel

x = SYMBOL

SILU_FORM = x / (1 + sp.exp(-BETA * x))
GELU_FORM = x * (1 + sp.erf(x / sp.sqrt(2))) / 2
GELU_CUBIC = sp.Rational(44715, 1_000_000)
GELU_TANH_FORM = x * (1 + sp.tanh(sp.sqrt(2 / sp.pi) * (x + GELU_CUBIC * x**3))) / 2
MISH_FORM = x * sp.tanh(sp.log(1 + sp.exp(x)))

# Where the slope is largest (for beta = 1, the root of x tanh(x/2) = 2), and the slope there.
SILU_STEEPEST = sp.Float("2.3993572805154676678327396972822838885229175768372", 50)
SILU_SUP_SLOPE = sp.Float("1.0998393201288669169581849243205709721307293942093", 50)
GELU_TANH_STEEPEST = sp.Float("1.4185040087908283555480335455996426979241583187885", 50)
GELU_TANH_SUP_SLOPE = sp.Float("1.1289930686587717654559044703995538457343059219203", 50)
MISH_STEEPEST = sp.Float("1.4905711794854284592944189081979098211278335012647", 50)
MISH_SUP_SLOPE = sp.Float("1.0884981612517278612282936273921257871577511388191", 50)
# The least values; that of SiLU is -W(1/e) / beta with Lambert's W.
GELU_MINIMUM = sp.Float("-0.16997120747990366169386847098243392283285239241824", 50)
GELU_TANH_MINIMUM = sp.Float("-0.17004075057125405063906742798755568357709297500585", 50)
MISH_MINIMUM = sp.Float("-0.30884341301725040662876022904195372845956412325418", 50)

# Beyond |x| = 160 the Gaussian weight is 0 in any precision, and beyond |x| = 1000 so is the
# gate of GELU's tanh form: bounds that keep squares and cubes finite.
GAUSSIAN_REACH = 160.0
CUBIC_REACH = 1000.0


def gate(x: np.ndarray, left: np.ndarray) -> np.ndarray:
    """Complete a symmetric gate from its values at ``-|x|``."""
    return np.where(x < 0, left, 1 - left)


def logistic_slope(x: np.ndarray, e: np.ndarray, growth: np.ndarray) -> np.ndarray:
    r"""Slope of :math:`x\,\sigma(v(x))`, `v` odd, from ``e = exp(-v(|x|))`` and ``|x| v'``."""
    return gate(x, e * (1 + e - growth) / (1 + e) ** 2)


def silu_kernels(beta: float) -> tuple[Kernel, Kernel]:
    """Build function and derivative of SiLU for ``beta > 0``."""

    def function(x: np.ndarray) -> np.ndarray:
        return weighted(x, sigmoid_kernel(times(x, beta)))

    def derivative(x: np.ndarray) -> np.ndarray:
        scaled = times(x, beta)
        growth = np.minimum(np.abs(scaled), np.finfo(x.dtype).max)
        return logistic_slope(x, decay(scaled), growth)

    return function, derivative


def gelu_tail(x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    r"""``|x|``, the Gaussian weight :math:`e^{-x^2/2}`, and :math:`\Phi(-|x|)` without it.

    With ``|x| = h + r``, ``h`` a multiple of 1/16 whose square is exact, the weight is
    ``exp(-h*h/2) exp(-r*(|x|+h)/2)``: rounding the square of `x` itself would cost as many units
    in the last place as the exponent is large.
    """
    from scipy import special  # here, because only GELU needs it

    a = np.minimum(np.abs(x), GAUSSIAN_REACH)
    h = np.floor(16 * a) / 16
    gaussian = np.exp(-h * h / 2) * np.exp(-(a - h) * (a + h) / 2)
    in_double = a.astype(np.result_type(np.float32, min(a.dtype, np.dtype(np.float64))))
    return a, gaussian, (special.erfcx(in_double * np.sqrt(0.5)) / 2).astype(a.dtype)


def gelu_kernel(x: np.ndarray) -> np.ndarray:
    """`x` times the normal distribution function."""
    _, gaussian, scaled_tail = gelu_tail(x)
    return weighted(x, gate(x, gaussian * scaled_tail))


def gelu_slope_kernel(x: np.ndarray) -> np.ndarray:
    """Distribution function plus `x` times density."""
    a, gaussian, scaled_tail = gelu_tail(x)
    return gate(x, gaussian * (scaled_tail - a * float(1 / np.sqrt(2 * np.pi))))


def gelu_tanh_kernel(x: np.ndarray) -> np.ndarray:
    """GELU's tanh form, as `x` times a logistic gate."""
    e, _ = gelu_tanh_gate(x)
    return weighted(x, gate(x, e / (1 + e)))


def gelu_tanh_slope_kernel(x: np.ndarray) -> np.ndarray:
    """Slope of GELU's tanh form."""
    return logistic_slope(x, *gelu_tanh_gate(x))


def gelu_tanh_gate(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    r"""``exp(-v)`` and ``|x| v'`` of the gate :math:`\sigma(v)`, which is (1 + tanh(v/2)) / 2."""
    a = np.minimum(np.abs(x), CUBIC_REACH)
    cubic = float(GELU_CUBIC) * a * a
    linear = float(np.sqrt(8 / np.pi)) * a
    return np.exp(-linear * (1 + cubic)), linear * (1 + 3 * cubic)


def mish_gate(x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    r"""``exp(-|x|)``, and numerator and denominator of :math:`\tanh\ln(1 + e^x)`."""
    e = decay(x)
    negative = x < 0
    numerator = np.where(negative, e * (e + 2), 1 + 2 * e)
    return e, numerator, numerator + 2 * np.where(negative, 1.0, e * e)


def mish_kernel(x: np.ndarray) -> np.ndarray:
    """`x` times its gate."""
    _, numerator, denominator = mish_gate(x)
    return weighted(x, numerator / denominator)


def mish_slope_kernel(x: np.ndarray) -> np.ndarray:
    """Gate plus `x` times the slope of the gate."""
    e, numerator, denominator = mish_gate(x)
    largest = np.finfo(x.dtype).max
    bend = 4 * e * (1 + e) * np.where(x < 0, 1.0, e)
    result: np.ndarray = numerator * denominator + np.clip(x, -largest, largest) * bend
    result /= denominator**2
    return result


@register(SILU_FORM, beta=BETA)
def silu(*, beta: float = 1.0) -> Activation:
    r"""SiLU, also called Swish: :math:`\phi(x) = x\,\sigma(\beta x)`.

    Parameters
    ----------
    beta : float, default 1
        Steepness of the gate, at least 0: 0 gives :math:`x/2`, and ReLU is the limit of large
        values. The slope of the function has the same supremum for every positive `beta`.

    Raises
    ------
    TypeError, ValueError
        If `beta` is not a finite number of at least 0.

    References
    ----------
    Elfwing, Uchibe & Doya, *Neural Networks* 107, 2018, pp. 3-11; Ramachandran, Zoph & Le,
    "Searching for Activation Functions", arXiv:1710.05941, 2017 (Swish).

    Examples
    --------
    >>> phi = silu()
    >>> phi.range
    Interval(-LambertW(exp(-1)), oo)
    >>> print(phi.sup_slope.n(7), phi.sup_slope_at.args[0].n(7))
    1.099839 2.399357
    """
    beta = number("beta", beta, "finite and at least 0", lambda value: value >= 0)
    steepness = exact(beta)
    expression = SILU_FORM.subs(BETA, steepness)
    function, derivative = silu_kernels(beta)
    if beta == 0:
        function = lambda x: x / 2  # noqa: E731 - the formula, as the kernels beside it
        derivative = lambda x: with_nan(x, np.full_like(x, 0.5))  # noqa: E731 - as above
    return Activation(
        name="silu",
        label="SiLU (Swish)",
        parameters={"beta": beta},
        expression=expression,
        slope=sp.diff(expression, x),
        range=sp.Interval(-sp.LambertW(sp.exp(-1)) / steepness, sp.oo) if beta else REALS,
        sup_slope=SILU_SUP_SLOPE if beta else sp.Rational(1, 2),
        sup_slope_at=sp.FiniteSet(SILU_STEEPEST / steepness) if beta else REALS,
        kernel=function,
        derivative_kernel=derivative,
    )


@register(GELU_FORM)
def gelu(*, approximate: str = "none") -> Activation:
    r"""GELU :math:`\phi(x) = x\,\Phi(x)`, with the normal distribution function :math:`\Phi`.

    Parameters
    ----------
    approximate : {"none", "tanh"}
        The exact form, or the approximation
        :math:`\tfrac{x}{2}(1 + \tanh(\sqrt{2/\pi}(x + 0.044715 x^3)))`.

    Raises
    ------
    ValueError
        If `approximate` is neither.

    References
    ----------
    Hendrycks & Gimpel, "Gaussian Error Linear Units (GELUs)", arXiv:1606.08415, 2016.

    Examples
    --------
    >>> print(gelu().sup_slope_at, gelu().sup_slope.n(7))
    {sqrt(2)} 1.128904
    >>> print(gelu(approximate="tanh")(1.0).round(6), gelu()(1.0).round(6))
    0.841192 0.841345
    """
    choice("approximate", approximate, ("none", "tanh"))
    is_exact = approximate == "none"
    expression = GELU_FORM if is_exact else GELU_TANH_FORM
    slope = sp.diff(expression, x)
    return Activation(
        name="gelu",
        label="GELU" if is_exact else "GELU (tanh form)",
        parameters={"approximate": approximate},
        expression=expression,
        slope=slope,
        range=sp.Interval(GELU_MINIMUM if is_exact else GELU_TANH_MINIMUM, sp.oo),
        sup_slope=slope.subs(x, sp.sqrt(2)) if is_exact else GELU_TANH_SUP_SLOPE,
        sup_slope_at=sp.FiniteSet(sp.sqrt(2) if is_exact else GELU_TANH_STEEPEST),
        kernel=gelu_kernel if is_exact else gelu_tanh_kernel,
        derivative_kernel=gelu_slope_kernel if is_exact else gelu_tanh_slope_kernel,
    )


@register(MISH_FORM)
def mish() -> Activation:
    r"""Mish :math:`\phi(x) = x \tanh(\ln(1 + e^x))`.

    References
    ----------
    Misra, "Mish: A Self Regularized Non-Monotonic Activation Function", arXiv:1908.08681, 2019.

    Examples
    --------
    >>> print(round(mish().derivative(0.0), 12), mish().range.start.n(7))
    0.6 -0.3088434
    """
    return Activation(
        name="mish",
        label="Mish",
        parameters={},
        expression=MISH_FORM,
        slope=sp.diff(MISH_FORM, x),
        range=sp.Interval(MISH_MINIMUM, sp.oo),
        sup_slope=MISH_SUP_SLOPE,
        sup_slope_at=sp.FiniteSet(MISH_STEEPEST),
        kernel=mish_kernel,
        derivative_kernel=mish_slope_kernel,
    )
