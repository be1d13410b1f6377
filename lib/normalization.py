r"""Batch, layer and root-mean-square normalization: forward, and the exact backward pass.

The first two subtract a mean and divide by a standard deviation,
:math:`y = g\,(x - \mu)/\sqrt{v + \epsilon} + s`. They differ in what the mean :math:`\mu` and the
(biased) variance :math:`v` are taken over: batch normalization takes them per unit over the batch,
layer normalization per sample over the units. The third leaves out the mean, so that :math:`v` is
the mean square. The backward pass goes through :math:`\mu` and :math:`v` as well, so that it is
the derivative of what the forward pass computes.

Results are right to rounding over the whole range of the dtype: sums that leave it are taken again
with powers of two taken out. What is constant becomes 0, for any epsilon, 0 included. float16 is
how arrays are stored: inputs and results; all arithmetic is in float32.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from lib._checks import finite, integer, real, real_numbers, shown
from lib._numbers import exponents, quiet, working
from lib._values import ByValue

NOTHING = -(2**15)  # exponent of two of a zero: below that of any other number

__all__ = ["Normalized", "batch_norm", "layer_norm", "rms_norm", "standardize_backward"]


@dataclass(frozen=True, eq=False)
class Normalized(ByValue):
    """A normalized array and what its backward pass needs.

    Attributes
    ----------
    output : ndarray, shape of the input
        Scaled and shifted.
    standardized : ndarray, shape of the input
        Before scaling and shifting: mean square ``v / (v + epsilon)`` along `axis`, and mean 0 if
        `centered`.
    inverse_std : ndarray, 1 along `axis`
        One over the root of variance plus epsilon.
    gain : ndarray or None
        The scale, broadcastable to the input.
    axis : int
        What mean and variance are taken over.
    centered : bool
        Whether the mean was subtracted.
    """

    output: np.ndarray
    standardized: np.ndarray
    inverse_std: np.ndarray
    gain: np.ndarray | None
    axis: int
    centered: bool = True

    def backward(self, gradient: np.ndarray) -> np.ndarray:
        r"""Gradient with respect to the input.

        Parameters
        ----------
        gradient : ndarray, shape of the input
            Gradient with respect to `output`.

        Raises
        ------
        TypeError, ValueError
            If `gradient` is not an array of real numbers, of the shape of the input.

        Examples
        --------
        >>> import numpy as np
        >>> from lib import normalization
        >>> x = np.array([[1.0, 2.0, 4.0]])
        >>> grown = normalization.batch_norm(x).backward(np.ones((1, 3)))
        >>> bool(np.allclose(grown, 0))  # adding a constant changes nothing
        True
        """
        gradient = self._fitting(gradient)
        if self.gain is not None:
            gradient = gradient * self.gain.astype(working(self.gain.dtype), copy=False)
        found = pull_back(
            gradient, self.standardized, self.inverse_std, self.axis, centered=self.centered
        )
        return self._rounded(found)

    def parameter_gradients(self, gradient: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Gradients with respect to gain and shift, each summed over `axis` of batch or units.

        Parameters
        ----------
        gradient : ndarray, shape of the input
            Gradient with respect to `output`.

        Returns
        -------
        gain_gradient, shift_gradient : ndarray, shape of the gain
            Shape of `gain`; without a gain, elementwise of the shape of the input.
        """
        gradient = self._fitting(gradient)
        products = gradient * self.standardized
        if self.gain is None:
            return self._rounded(products), self._rounded(gradient)
        summed = (_sum_to(array, self.gain.shape) for array in (products, gradient))
        gain_gradient, shift_gradient = map(self._rounded, summed)
        return gain_gradient, shift_gradient

    def _fitting(self, gradient: np.ndarray) -> np.ndarray:
        array = real_numbers("gradient", gradient)
        if array.shape != self.output.shape:
            raise ValueError(
                f"gradient must have the shape of the input, {self.output.shape}; got {array.shape}"
            )
        return array.astype(working(array.dtype), copy=False)

    def _rounded(self, array: np.ndarray) -> np.ndarray:
        if self.output.dtype != np.float16:
            return array
        with quiet():
            return array.astype(np.float16)


def batch_norm(
    x: ArrayLike,
    *,
    gain: ArrayLike | None = None,
    shift: ArrayLike | None = None,
    batch_axis: int = -1,
    epsilon: float = 1e-5,
) -> Normalized:
    """Batch normalization, with the statistics of the batch at hand.

    Parameters
    ----------
    x : array_like of float
        One batch or a stack of them; by default the last axis counts samples.
    gain, shift : array_like, optional
        Scale and shift, broadcastable to `x`. Default none (1 and 0).
    batch_axis : int
        The axis that counts samples, at least two of them. Default the last.
    epsilon : float
        Added to the variance, at least 0. Default 1e-5.

    Raises
    ------
    ValueError
        If the batch has fewer than two samples, `epsilon` is negative, or `x` is not finite.

    References
    ----------
    Ioffe & Szegedy, "Batch Normalization", ICML 2015, algorithm 1.

    Examples
    --------
    >>> from lib import normalization
    >>> normalization.batch_norm([[1.0, 3.0], [10.0, 50.0]], epsilon=0.0).output
    array([[-1.,  1.],
           [-1.,  1.]])
    """
    return _normalize(x, gain, shift, batch_axis, epsilon, "batch_axis")


def layer_norm(
    x: ArrayLike,
    *,
    gain: ArrayLike | None = None,
    shift: ArrayLike | None = None,
    unit_axis: int = -2,
    epsilon: float = 1e-5,
) -> Normalized:
    """Layer normalization of each sample over its units.

    Parameters
    ----------
    x : array_like of float
        By default the last axis but one counts units and the last one samples.
    gain, shift : array_like, optional
        Scale and shift, broadcastable to `x`. Default none (1 and 0).
    unit_axis : int
        The axis that counts units, at least two of them. Default the last but one.
    epsilon : float
        Added to the variance, at least 0. Default 1e-5.

    Raises
    ------
    ValueError
        If there are fewer than two units, `epsilon` is negative, or `x` is not finite.

    References
    ----------
    Ba, Kiros & Hinton, "Layer Normalization", arXiv:1607.06450, 2016, equation 3.

    Examples
    --------
    >>> from lib import normalization
    >>> normalization.layer_norm([[1.0, 10.0], [3.0, 50.0]], epsilon=0.0).output
    array([[-1., -1.],
           [ 1.,  1.]])
    """
    return _normalize(x, gain, shift, unit_axis, epsilon, "unit_axis")


def rms_norm(
    x: ArrayLike,
    *,
    gain: ArrayLike | None = None,
    unit_axis: int = -2,
    epsilon: float = 1e-5,
) -> Normalized:
    """Divide each sample by the root mean square of its units, without subtracting their mean.

    Parameters
    ----------
    x : array_like of float
        By default the last axis but one counts units and the last one samples.
    gain : array_like, optional
        Scale, broadcastable to `x`. Default none (1).
    unit_axis : int
        The axis that counts units, at least two of them. Default the last but one.
    epsilon : float
        Added to the mean square, at least 0. Default 1e-5.

    Raises
    ------
    ValueError
        If there are fewer than two units, `epsilon` is negative, or `x` is not finite.

    References
    ----------
    Zhang & Sennrich, "Root Mean Square Layer Normalization", NeurIPS 2019, equation 4.

    Notes
    -----
    Used in: ``book/attention.md``.

    Examples
    --------
    >>> from lib import normalization
    >>> normalization.rms_norm([[3.0, 0.0], [4.0, 2.0]], epsilon=0.0).output.round(4)
    array([[0.8485, 0.    ],
           [1.1314, 1.4142]])
    """
    return _normalize(x, gain, None, unit_axis, epsilon, "unit_axis", centered=False)


def standardize(
    x: np.ndarray, axis: int, epsilon: float, *, centered: bool = True
) -> tuple[np.ndarray, np.ndarray]:
    """Standardize along an axis; returns the result and one over the standard deviation.

    What is constant along the axis becomes 0, whatever `epsilon`; where the variance plus
    `epsilon` is 0, so is the second result, and with it every gradient. float16 is computed in
    float32, in which the second result stays. Not `centered`, the mean is left where it is.
    """
    wide = x.astype(working(x.dtype), copy=False)
    limits = np.finfo(wide.dtype)
    with np.errstate(over="ignore", under="ignore", invalid="ignore", divide="ignore"):
        mean = wide.mean(axis=axis, keepdims=True) if centered else wide.dtype.type(0)
        result = wide - mean
        variance = np.mean(result * result, axis=axis, keepdims=True)
        total = variance + wide.dtype.type(epsilon)
        inverse_std = 1 / np.sqrt(total)
        result *= inverse_std
        # Out of range, or less than half of the digits left after subtracting the mean.
        doubtful = ~((variance > limits.eps * (mean * mean)) & (total < np.inf))
        doubtful |= total < limits.tiny / limits.eps
        if doubtful.any():
            chosen = doubtful.squeeze(axis)
            rows = np.moveaxis(wide, axis, -1)[chosen]
            again, inverse = _standardize_carefully(rows, epsilon, centered)
            np.moveaxis(result, axis, -1)[chosen] = again
            inverse_std.squeeze(axis)[chosen] = inverse
        return result.astype(x.dtype, copy=False), inverse_std


def _standardize_carefully(
    rows: np.ndarray, epsilon: float, centered: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Standardize rows with powers of two taken out.

    The first number is subtracted before the mean: exact where all are nearly equal, and then the
    mean has all its digits.
    """
    first = exponents(rows)
    y = np.ldexp(rows, -first[:, None])
    if centered:
        y -= y[:, :1].copy()
        y -= y.mean(axis=1, keepdims=True)
    own = exponents(y)
    y = np.ldexp(y, -own[:, None])
    spread = np.where(y.any(axis=1), first + own, NOTHING)
    root, root_exponent = np.frexp(np.sqrt(epsilon))
    # Of the standard deviation and the root of epsilon the larger is brought near 1.
    scale = np.maximum(spread, root_exponent if root else NOTHING)
    total = np.ldexp(np.mean(y * y, axis=1), 2 * (spread - scale))
    total += np.ldexp(root * root, 2 * (root_exponent - scale)).astype(rows.dtype)
    inverse = np.where(total == 0, 0, 1 / np.sqrt(total)).astype(rows.dtype)
    # Not infinite: a gradient of 0 stays 0.
    inverse_std = np.minimum(np.ldexp(inverse, -scale), np.finfo(rows.dtype).max)
    return np.ldexp(y * inverse[:, None], (spread - scale)[:, None]), inverse_std


def standardize_backward(
    gradient: np.ndarray, standardized: np.ndarray, inverse_std: np.ndarray, axis: int
) -> np.ndarray:
    r"""Gradient through standardization, its mean and variance included.

    .. math:: \frac{\partial L}{\partial x} = \frac{1}{\sqrt{v + \epsilon}}
       \left(\gamma - \overline{\gamma} - \hat x\,\overline{\gamma \hat x}\right),
       \qquad \gamma = \frac{\partial L}{\partial \hat x}

    Parameters
    ----------
    gradient : ndarray
        With respect to the standardized array.
    standardized, inverse_std : ndarray
        From the forward pass.
    axis : int
        What mean and variance (the overlines) are taken over.
    """
    gradient = real_numbers("gradient", gradient)
    beside = real_numbers("standardized", standardized), real_numbers("inverse_std", inverse_std)
    standardized, inverse_std = beside
    _axis("axis", axis, gradient)
    if standardized.shape != gradient.shape or not _fits(inverse_std.shape, gradient.shape):
        raise ValueError(
            f"standardized and inverse_std must have the shape of gradient, {gradient.shape}, the "
            f"latter 1 along axis; got {standardized.shape} and {inverse_std.shape}"
        )
    return pull_back(gradient, standardized, inverse_std, axis)


def pull_back(
    gradient: np.ndarray,
    standardized: np.ndarray,
    inverse_std: np.ndarray,
    axis: int,
    *,
    centered: bool = True,
) -> np.ndarray:
    """`standardize_backward` of arguments that need no check."""
    wide = gradient.astype(np.result_type(gradient, inverse_std), copy=False)
    with quiet():
        projection = np.mean(wide * standardized, axis=axis, keepdims=True)
        mean = wide.mean(axis=axis, keepdims=True) if centered else wide.dtype.type(0)
        if not (np.isfinite(projection).all() and np.isfinite(mean).all()):
            return _standardize_far_back(
                wide, standardized, inverse_std, axis, gradient.dtype, centered
            )
        result: np.ndarray = standardized * -projection
        result += wide
        result -= mean
        result *= inverse_std
        return result.astype(gradient.dtype, copy=False)


def _standardize_far_back(
    wide: np.ndarray,
    standardized: np.ndarray,
    inverse_std: np.ndarray,
    axis: int,
    dtype: np.dtype[Any],
    centered: bool,
) -> np.ndarray:
    """Go back where a sum is too large for the dtype, with powers of two taken out."""
    exponent = np.frexp(np.abs(wide).max(axis=axis, keepdims=True))[1] + 1
    scaled = np.ldexp(wide, -exponent)
    result = scaled - standardized * np.mean(scaled * standardized, axis=axis, keepdims=True)
    if centered:
        result -= scaled.mean(axis=axis, keepdims=True)
    return np.asarray(np.ldexp(result * inverse_std, exponent)).astype(dtype, copy=False)


def _normalize(
    x: ArrayLike,
    gain: ArrayLike | None,
    shift: ArrayLike | None,
    axis: int,
    epsilon: float,
    axis_name: str,
    *,
    centered: bool = True,
) -> Normalized:
    array = finite("x", x)
    epsilon = real("epsilon", epsilon, least=0)
    axis = _axis(axis_name, axis, array)
    if array.shape[axis] < 2:
        raise ValueError(f"x must have at least two entries along {axis_name}; got {array.shape}")
    standardized, inverse_std = standardize(array, axis, epsilon, centered=centered)
    scale = None if gain is None else _parameter("gain", gain, array)
    offset = None if shift is None else _parameter("shift", shift, array)
    with quiet():
        output = standardized.astype(working(array.dtype), copy=False)
        if scale is not None:
            output = output * scale
        if offset is not None:
            output = output + offset
        output = output.astype(array.dtype, copy=False)
    return Normalized(output, standardized, inverse_std, scale, axis, centered)


def _parameter(name: str, value: ArrayLike, x: np.ndarray) -> np.ndarray:
    parameter = finite(name, value)
    if not _fits(parameter.shape, x.shape):
        raise ValueError(f"{name} must broadcast to shape {x.shape}; got {parameter.shape}")
    return parameter.astype(x.dtype, copy=False)


def _fits(small: tuple[int, ...], large: tuple[int, ...]) -> bool:
    """Whether one shape broadcasts to another."""
    pairs = zip(reversed(small), reversed(large), strict=False)
    return len(small) <= len(large) and all(n in (1, m) for n, m in pairs)


def _axis(name: str, value: int, array: np.ndarray) -> int:
    """Return an axis of an array that has numbers."""
    axis = integer(name, value, -array.ndim)
    if axis >= array.ndim:
        raise ValueError(f"{name} must be an axis of x; got {shown(value)} for {array.ndim} axes")
    return axis


def _sum_to(array: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Sum over the axes along which `shape` was broadcast."""
    lead = array.ndim - len(shape)
    array = array.sum(axis=tuple(range(lead)))
    axes = tuple(i for i, (n, m) in enumerate(zip(array.shape, shape, strict=True)) if n != m)
    summed: np.ndarray = array.sum(axis=axes, keepdims=True)
    return summed
