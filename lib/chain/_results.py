"""What a simulation returns."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from lib._values import ByValue
from lib.chain._networks import MLP, Grid


@dataclass(frozen=True, eq=False, kw_only=True)
class Measurements(ByValue):
    r"""What is measured of every layer; layer 1 comes first on the last axis, ``layer``.

    The pre-activation :math:`h_l` is what the activation function receives, after a normalization
    and a residual connection if there are any; :math:`\delta_l = \partial L / \partial h_l`.
    Moments and norms run over units and batch. Sums are accumulated in float64 and scaled, so that
    no norm underflows that its entries do not.

    Attributes
    ----------
    depth, batch, replicas : int
    widths : tuple of int
        Of the layers 1 to ``depth``.
    dtype : numpy.dtype
    pre_activation_mean, pre_activation_rms : ndarray, shape (..., replicas, depth)
        Of :math:`h_l`; the square of the rms is the field's :math:`q_l`.
    activation_mean, activation_rms : ndarray, shape (..., replicas, depth)
        Of :math:`\phi(h_l)`.
    dead_fraction : ndarray, shape (..., replicas, depth)
        Share of units whose slope :math:`\phi'(h)` is exactly zero on the whole batch.
    saturated_fraction : ndarray, shape (..., replicas, depth)
        Share of unit-sample pairs with :math:`|\phi'(h)|` below ``saturation_threshold`` times the
        supremum of :math:`\phi'`; dead units are counted too.
    saturation_threshold : float
    correlation : ndarray, shape (..., replicas, depth)
        Cosine of the pre-activations of two inputs, samples 0 and 1, 2 and 3 and so on, averaged
        over the pairs; NaN if the batch has one sample.
    gradient_norm, gradient_rms : ndarray, shape (..., replicas, depth)
        Norm, and root mean square over units and batch, of :math:`\delta_l`.
    weight_gradient_norm : ndarray, shape (..., replicas, depth)
        Frobenius norm of :math:`\partial L / \partial W_l`.
    log10_gradient_norm, log10_weight_gradient_norm : ndarray, shape (..., replicas, depth)
        Their decimal logarithms: with ``rescale`` finite where the numbers themselves underflow.
    pre_activation_histogram, activation_histogram : ndarray or None
        Share of entries in each bin, shape ``(..., replicas, depth, bins)``; they add up to less
        than 1 where entries lie outside all bins.
    histogram_edges : ndarray or None, shape (bins + 1,)
    """

    depth: int
    widths: tuple[int, ...]
    batch: int
    replicas: int
    dtype: np.dtype[Any]
    pre_activation_mean: np.ndarray
    pre_activation_rms: np.ndarray
    activation_mean: np.ndarray
    activation_rms: np.ndarray
    dead_fraction: np.ndarray
    saturated_fraction: np.ndarray
    saturation_threshold: float
    correlation: np.ndarray
    gradient_norm: np.ndarray
    weight_gradient_norm: np.ndarray
    log10_gradient_norm: np.ndarray
    log10_weight_gradient_norm: np.ndarray
    pre_activation_histogram: np.ndarray | None = None
    activation_histogram: np.ndarray | None = None
    histogram_edges: np.ndarray | None = None

    @property
    def entries(self) -> np.ndarray:
        """Units times batch by layer, shape ``(depth,)``."""
        return np.array(self.widths) * self.batch

    @property
    def gradient_rms(self) -> np.ndarray:
        """Root mean square of the gradient by layer, shape ``(..., replicas, depth)``."""
        return np.asarray(self.gradient_norm / np.sqrt(self.entries))

    @property
    def log10_gradient_rms(self) -> np.ndarray:
        """Its decimal logarithm, shape ``(..., replicas, depth)``."""
        return np.asarray(self.log10_gradient_norm - np.log10(self.entries) / 2)


@dataclass(frozen=True, eq=False, kw_only=True)
class ChainArrays(ByValue):
    r"""All arrays of a forward and backward pass; tuples have one entry a layer, layer 1 first.

    Attributes
    ----------
    x, input_gradient : ndarray, shape (replicas, input width, batch)
        Inputs and :math:`\partial L / \partial x`.
    weights, weight_gradients : tuple of ndarray, shape (replicas, fan_out, fan_in)
        :math:`W_l` and :math:`\partial L / \partial W_l`.
    biases, bias_gradients : tuple of ndarray, shape (replicas, width)
        :math:`b_l` and :math:`\partial L / \partial b_l`.
    pre_activations, activations, gradients : tuple of ndarray, shape (replicas, width, batch)
        :math:`h_l`, :math:`\phi(h_l)` and :math:`\partial L / \partial h_l`.
    """

    x: np.ndarray
    input_gradient: np.ndarray
    weights: tuple[np.ndarray, ...]
    weight_gradients: tuple[np.ndarray, ...]
    biases: tuple[np.ndarray, ...]
    bias_gradients: tuple[np.ndarray, ...]
    pre_activations: tuple[np.ndarray, ...]
    activations: tuple[np.ndarray, ...]
    gradients: tuple[np.ndarray, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class ChainRun(Measurements):
    """Result of :func:`lib.chain.simulate`; arrays have shape ``(replicas, depth)``.

    Attributes
    ----------
    network : MLP
        What was simulated.
    jacobian : ndarray or None, shape (replicas, last width, input width)
        Derivative of the last pre-activation with respect to the input, at sample 0.
    arrays : ChainArrays or None
    """

    network: MLP
    jacobian: np.ndarray | None = None
    arrays: ChainArrays | None = None

    @property
    def log10_gradient_ratio(self) -> np.ndarray:
        r""":math:`\log_{10}(|\delta_1| / |\delta_L|)` as ratio of rms values, shape (replicas,)."""
        logarithms = self.log10_gradient_rms
        return np.asarray(logarithms[:, 0] - logarithms[:, -1])

    @property
    def gradient_ratio(self) -> np.ndarray:
        r""":math:`|\delta_1| / |\delta_L|` as ratio of rms values, shape (replicas,)."""
        return np.asarray(10.0**self.log10_gradient_ratio)

    @cached_property
    def singular_values(self) -> np.ndarray | None:
        """Singular values of the Jacobian, decreasing, shape (replicas, smaller width)."""
        if self.jacobian is None:
            return None
        return np.asarray(np.linalg.svd(self.jacobian, compute_uv=False))


@dataclass(frozen=True, eq=False, kw_only=True)
class ChainSweep(Measurements):
    """Result of :func:`lib.chain.sweep`.

    Gradients have shape ``(activations, weight_variances, depths, replicas, depth)``, NaN in
    layers above the depth of the chain; what the forward pass measures does not depend on how
    deep the chain goes on and has shape ``(activations, weight_variances, replicas, depth)``.
    The first three axes are in the order of the grid. ``depth`` is the largest depth.

    Attributes
    ----------
    grid : Grid
        What was simulated.
    """

    grid: Grid

    @property
    def log10_gradient_ratio(self) -> np.ndarray:
        r""":math:`\log_{10}(|\delta_1| / |\delta_L|)` as ratio of rms values.

        Shape ``(activations, weight_variances, depths, replicas)``.
        """
        logarithms = self.log10_gradient_rms
        last = [logarithms[:, :, i, :, depth - 1] for i, depth in enumerate(self.grid.depths)]
        return np.asarray(logarithms[..., 0] - np.stack(last, axis=2))

    @property
    def gradient_ratio(self) -> np.ndarray:
        r""":math:`|\delta_1| / |\delta_L|`, of the shape of `log10_gradient_ratio`."""
        return np.asarray(10.0**self.log10_gradient_ratio)
