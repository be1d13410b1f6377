"""Normalization over the batch or over the units, with gain and shift."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lib._checks import finite, real, real_numbers
from lib._numbers import quiet, working
from lib._values import ByValue
from lib.normalization._standardize import axis_of, fits, pull_back, standardize


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
    axis = axis_of(axis_name, axis, array)
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
    if not fits(parameter.shape, x.shape):
        raise ValueError(f"{name} must broadcast to shape {x.shape}; got {parameter.shape}")
    return parameter.astype(x.dtype, copy=False)


def _sum_to(array: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Sum over the axes along which `shape` was broadcast."""
    lead = array.ndim - len(shape)
    array = array.sum(axis=tuple(range(lead)))
    axes = tuple(i for i, (n, m) in enumerate(zip(array.shape, shape, strict=True)) if n != m)
    summed: np.ndarray = array.sum(axis=axes, keepdims=True)
    return summed
