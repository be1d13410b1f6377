r"""The scalar chain: one unit a layer, and a gradient that is a product of slopes.

With :math:`h_l = w\,\phi(h_{l-1}) + b` the derivative of the last pre-activation with respect to
the first is :math:`\prod_l w\,\phi'(h_l)`. Computed in a floating dtype the product underflows:
first to subnormal numbers, which lose digits, then to zero. Here it is computed beside that as a
mantissa and an exponent of two that is an integer, so that 1e-3000 is a number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from lib._checks import finite, integer, real
from lib._values import ByValue
from lib.activations import Activation
from lib.activations._base import as_activation

__all__ = ["FloatProduct", "ScalarChain", "of_activation", "scalar"]

BLOCK = 256  # the product of so many mantissas, 2**-512 at least, is a normal double


@dataclass(frozen=True, eq=False)
class FloatProduct(ByValue):
    """A running product computed one factor after the other in a floating dtype.

    Attributes
    ----------
    dtype : numpy.dtype
    values : ndarray of `dtype`, shape (depth,)
        The product of the first 1, 2, ..., ``depth`` factors, each step rounded.
    first_subnormal, first_zero, first_infinite : int or None
        The depth (1 for the first factor) at which the product is first subnormal, zero or
        infinite; None if it never is. A product may pass from normal to zero at once.
    """

    dtype: np.dtype[Any]
    values: np.ndarray
    first_subnormal: int | None
    first_zero: int | None
    first_infinite: int | None

    @property
    def value(self) -> Any:
        """The product of all factors, a NumPy scalar of `dtype`."""
        return self.values[-1]


@dataclass(frozen=True, eq=False)
class ScalarChain(ByValue):
    r"""Products of the first 1, 2, ..., ``depth`` factors: exact but for rounding, and in floats.

    The exact ones are ``mantissas * 2.0**exponents``, with a relative error of at most three
    roundings to long double per factor (2e-13 at depth 10**6 where that has 64 bits, 4e-10 where
    it is double precision).

    Attributes
    ----------
    depth : int
    slopes, weights : ndarray of float64, shape (depth,)
        A factor is the product of the two.
    mantissas : ndarray of float64, shape (depth,)
        In absolute value from 1/2 to 1, or 0.
    exponents : ndarray of int64, shape (depth,)
    float16, float32, float64 : FloatProduct
        What a computer gets.
    """

    depth: int
    slopes: np.ndarray
    weights: np.ndarray
    mantissas: np.ndarray
    exponents: np.ndarray
    float16: FloatProduct
    float32: FloatProduct
    float64: FloatProduct

    @property
    def log10_products(self) -> np.ndarray:
        """Decimal logarithms of the absolute products, shape (depth,); minus infinity for 0."""
        with np.errstate(divide="ignore"):
            logarithms: np.ndarray = np.log10(np.abs(self.mantissas))
        return np.asarray(logarithms + self.exponents * np.log10(2.0))

    @property
    def log10_product(self) -> float:
        """Decimal logarithm of the absolute product of all factors."""
        return float(self.log10_products[-1])

    @property
    def scientific(self) -> tuple[float, int]:
        """The product of all factors as ``(m, e)``: ``m * 10**e`` with ``1 <= abs(m) < 10``.

        Examples
        --------
        >>> from lib import scalar_chain
        >>> m, e = scalar_chain.scalar(slope=0.1, depth=3000).scientific
        >>> round(m, 9), e
        (1.0, -3000)
        """
        if self.mantissas[-1] == 0:
            return 0.0, 0
        mantissa = np.longdouble(self.mantissas[-1])
        log10_2 = np.log10(np.longdouble(2))
        logarithm = np.log10(np.abs(mantissa)) + np.longdouble(self.exponents[-1]) * log10_2
        whole = int(np.floor(logarithm))
        leading = float(10 ** (logarithm - whole))
        if leading >= 10:
            leading, whole = leading / 10, whole + 1
        return float(np.copysign(leading, mantissa)), whole


def scalar(
    *,
    slope: ArrayLike,
    weight: ArrayLike = 1.0,
    depth: int | None = None,
) -> ScalarChain:
    r"""Multiply slopes and weights along a chain of scalar units.

    Parameters
    ----------
    slope, weight : float or array_like of shape (depth,)
        :math:`\phi'(h_l)` and :math:`w_l`; finite. Default weight 1.
    depth : int, optional
        Number of factors, at least 1. Default: the length of `slope` or `weight`.

    Returns
    -------
    ScalarChain

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.

    Notes
    -----
    Used in: ``book/sigmoid.md``.

    Examples
    --------
    >>> from lib import scalar_chain
    >>> fifty = scalar_chain.scalar(slope=0.25, depth=50)
    >>> round(fifty.log10_product, 10)
    -30.1029995664
    >>> fifty.float16.value, fifty.float32.value
    (np.float16(0.0), np.float32(7.888609e-31))
    >>> fifty.float16.first_subnormal, fifty.float16.first_zero
    (8, 13)
    """
    slopes, weights = _paired(slope, weight, depth)
    mantissas, exponents = running_product(slopes, weights)
    return ScalarChain(
        depth=len(slopes),
        slopes=slopes,
        weights=weights,
        mantissas=mantissas,
        exponents=exponents,
        float16=_float_product(slopes, weights, np.float16),
        float32=_float_product(slopes, weights, np.float32),
        float64=_float_product(slopes, weights, np.float64),
    )


def of_activation(
    activation: Activation | str,
    *,
    depth: int,
    weight: float = 1.0,
    bias: float = 0.0,
    x: float = 0.0,
) -> ScalarChain:
    r"""Product of the slopes that an input meets in a chain of one unit a layer.

    The pre-activations are :math:`h_1 = w x + b` and :math:`h_l = w\,\phi(h_{l-1}) + b`; the
    factors are :math:`w\,\phi'(h_l)` for :math:`l = 1, \dots, \text{depth}`. Their product is
    the derivative of :math:`w\,\phi(h_L)` with respect to :math:`h_1`.

    Parameters
    ----------
    activation : Activation or str
    depth : int
        Number of factors, at least 1.
    weight, bias, x : float
        Finite. Defaults 1, 0 and 0.

    Returns
    -------
    ScalarChain

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described, or a pre-activation overflows.

    Examples
    --------
    >>> from lib import scalar_chain
    >>> chain = scalar_chain.of_activation("sigmoid", depth=1000)
    >>> round(chain.log10_product, 3)
    -648.316
    """
    phi = as_activation("activation", activation)
    count = integer("depth", depth, 1)
    weight, bias, x = real("weight", weight), real("bias", bias), real("x", x)
    h = _orbit(phi, weight, bias, weight * x + bias, count)
    if not np.isfinite(h).all():
        raise ValueError(
            f"weight must keep pre-activations finite; with {weight!r} they overflow at layer "
            f"{int(np.argmin(np.isfinite(h))) + 1}"
        )
    return scalar(slope=phi.derivative(h), weight=weight, depth=count)


def running_product(slopes: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Multiply the first 1, 2, ... factors, into mantissas and exponents of two.

    Blocks of mantissas are multiplied in long double, where none can underflow, and then chained;
    the exponents are added as integers.

    Parameters
    ----------
    slopes, weights : ndarray of float64, shape (depth,)

    Returns
    -------
    mantissas : ndarray of float64, shape (depth,)
    exponents : ndarray of int64, shape (depth,)
    """
    depth, blocks = len(slopes), -(-len(slopes) // BLOCK)
    slope, slope_exponent = np.frexp(slopes.astype(np.longdouble))
    weight, weight_exponent = np.frexp(weights.astype(np.longdouble))
    exponent = np.cumsum(slope_exponent + weight_exponent, dtype=np.int64)
    padded = np.ones(blocks * BLOCK, np.longdouble)
    padded[:depth] = slope * weight
    within = np.cumprod(padded.reshape(blocks, BLOCK), axis=1)
    before, shift = np.ones(blocks, np.longdouble), np.zeros(blocks, np.int64)
    for i in range(1, blocks):
        before[i], carry = np.frexp(before[i - 1] * within[i - 1, -1])
        shift[i] = shift[i - 1] + carry
    product, carry = np.frexp(within * before[:, None])
    mantissas, rounded = np.frexp(product.ravel()[:depth].astype(np.float64))
    exponents = exponent + (shift[:, None] + carry).ravel()[:depth] + rounded
    return mantissas, np.where(mantissas == 0, 0, exponents)


def _float_product(slopes: np.ndarray, weights: np.ndarray, dtype: DTypeLike) -> FloatProduct:
    limits = np.finfo(dtype)
    with np.errstate(all="ignore"):
        values = np.multiply.accumulate(slopes.astype(dtype) * weights.astype(dtype))
    size = np.abs(values)
    return FloatProduct(
        dtype=np.dtype(dtype),
        values=values,
        first_subnormal=_first((size > 0) & (size < limits.smallest_normal)),
        first_zero=_first(size == 0),
        first_infinite=_first(np.isinf(size)),
    )


def _first(condition: np.ndarray) -> int | None:
    return int(np.argmax(condition)) + 1 if condition.any() else None


def _orbit(phi: Activation, weight: float, bias: float, first: float, depth: int) -> np.ndarray:
    """Iterate the layer; a value met one or two layers before repeats forever."""
    h = np.empty(depth)
    value = np.array([first])
    with np.errstate(all="ignore"):
        for layer in range(depth):
            h[layer] = value[0]
            for period in (1, 2):
                if layer >= period and h[layer] == h[layer - period]:
                    h[layer:] = np.resize(h[layer - period : layer], depth - layer)
                    return h
            value = weight * phi.kernel(value) + bias
    return h


def _paired(
    slope: ArrayLike, weight: ArrayLike, depth: int | None
) -> tuple[np.ndarray, np.ndarray]:
    arrays = {"slope": _finite("slope", slope), "weight": _finite("weight", weight)}
    lengths = {array.shape[0] for array in arrays.values() if array.ndim}
    if depth is not None:
        lengths.add(integer("depth", depth, 1))
    if len(lengths) != 1 or 0 in lengths:
        raise ValueError(
            "depth must be given or follow from slope or weight, one and the same, at least 1; "
            f"got depth {depth!r} and shapes {[array.shape for array in arrays.values()]}"
        )
    length = lengths.pop()
    slopes, weights = (np.array(np.broadcast_to(array, length)) for array in arrays.values())
    return slopes, weights


def _finite(name: str, value: ArrayLike) -> np.ndarray:
    array = finite(name, value)
    if array.ndim > 1:
        raise ValueError(f"{name} must be a number or one-dimensional; got shape {array.shape}")
    return array.astype(np.float64)
