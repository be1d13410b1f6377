"""Forward and backward passes through a stack of fully connected chains.

Arrays of the forward pass have axes ``(replica, unit, column, sample)``. Replicas have weights of
their own. Columns share the weights of their replica up to a factor, and differ in that factor or
in the activation, so that a layer is one matrix product for all columns and samples. Gradients
have one more axis, ``(replica, unit, direction, column, sample)``: several gradients travel back
through the same chain at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from lib.activations import Activation
from lib.normalization import standardize, standardize_backward

AXIS = {"batch": -1, "layer": 1}


@dataclass(frozen=True)
class Architecture:
    """What all replicas share.

    ``widths`` starts with the width of the input; ``scales`` are the factors of the weights, one
    a column, activations outermost.
    """

    activations: tuple[Activation, ...]
    scales: tuple[float, ...]
    widths: tuple[int, ...]
    batch: int
    normalization: str | None
    epsilon: float
    residual: float | None
    dtype: np.dtype[Any]

    @property
    def depth(self) -> int:
        return len(self.widths) - 1

    @property
    def columns(self) -> int:
        return len(self.activations) * len(self.scales)

    @property
    def working(self) -> np.dtype[Any]:
        """The dtype of the arithmetic; float16 is stored so, and computed in float32."""
        return np.result_type(self.dtype, np.float32)

    @property
    def axis(self) -> int | None:
        return None if self.normalization is None else AXIS[self.normalization]

    def column_scale(self) -> np.ndarray | None:
        """Factor of the weights by column, of shape ``(columns, 1)``; None if all are 1."""
        if all(scale == 1 for scale in self.scales):
            return None
        scales = np.tile(self.scales, len(self.activations))
        return scales[:, None].astype(self.working)

    def stored(self, array: np.ndarray) -> np.ndarray:
        """Round to what the dtype can hold."""
        if self.dtype == self.working:
            return array
        return array.astype(self.dtype).astype(self.working)

    def forms_weight_gradient(self, layer: int) -> bool:
        """Whether forming the weight gradient is cheaper than two Gram matrices."""
        fan_in, fan_out = self.widths[layer], self.widths[layer + 1]
        return self.batch * (fan_in + fan_out) > fan_in * fan_out


@dataclass
class Tape:
    """What the backward pass needs, by layer; layers count from 0 here."""

    weights: list[np.ndarray] = field(default_factory=list)
    biases: list[np.ndarray | None] = field(default_factory=list)
    inputs: list[np.ndarray] = field(default_factory=list)
    slopes: list[np.ndarray] = field(default_factory=list)
    standardized: list[np.ndarray] = field(default_factory=list)
    inverse_std: list[np.ndarray] = field(default_factory=list)

    def sample(self, index: int) -> Tape:
        """Restrict to one sample of the batch; meaningless under batch normalization."""
        at = slice(index, index + 1)
        return replace(
            self,
            slopes=[slope[..., at] for slope in self.slopes],
            standardized=[x[..., at] for x in self.standardized],
            inverse_std=[x[..., at] for x in self.inverse_std],
        )


@dataclass(frozen=True)
class Layer:
    """One layer of a forward pass: pre-activation, activation and slope."""

    pre_activation: np.ndarray
    activation: np.ndarray
    slope: np.ndarray


def matmul(weights: np.ndarray, x: np.ndarray) -> np.ndarray:
    """``(R, m, n)`` times ``(R, n, ...)``, all trailing axes at once."""
    flat = x.reshape(*x.shape[:2], -1)
    product: np.ndarray = np.matmul(weights, flat)
    return product.reshape(len(weights), weights.shape[1], *x.shape[2:])


def by_activation(architecture: Architecture, h: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Activation and slope of every column."""
    if len(architecture.activations) == 1:
        phi = architecture.activations[0]
        return phi(h), phi.derivative(h)
    activation, slope = np.empty_like(h), np.empty_like(h)
    count = len(architecture.scales)
    for i, phi in enumerate(architecture.activations):
        part = np.s_[:, :, i * count : (i + 1) * count]
        activation[part] = phi(h[part])
        slope[part] = phi.derivative(h[part])
    return activation, slope


def forward(
    architecture: Architecture,
    weights: Iterator[np.ndarray],
    biases: Iterator[np.ndarray | None],
    x: np.ndarray,
    tape: Tape,
) -> Iterator[Layer]:
    """Yield layer after layer and record on the tape what the backward pass will need."""
    scale, stored = architecture.column_scale(), architecture.stored
    signal, h = x, None
    for matrix, bias in zip(weights, biases, strict=True):
        tape.weights.append(matrix)
        tape.biases.append(bias)
        tape.inputs.append(signal)
        branch = matmul(matrix, signal)
        if scale is not None:
            branch = branch * scale
        elif branch.shape[2] != architecture.columns:
            branch = np.repeat(branch, architecture.columns, axis=2)
        if bias is not None:
            branch += bias[:, :, None, None]
        if architecture.axis is not None:
            branch, inverse_std = standardize(branch, architecture.axis, architecture.epsilon)
            tape.standardized.append(branch)
            tape.inverse_std.append(inverse_std)
        if architecture.residual is not None and h is not None:
            branch = h + architecture.working.type(architecture.residual) * branch
        h = stored(branch)
        signal, slope = (stored(array) for array in by_activation(architecture, h))
        tape.slopes.append(slope)
        yield Layer(h, signal, slope)


def backward(
    architecture: Architecture, tape: Tape, layer: int, gradient: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """One layer back.

    From the gradient with respect to the pre-activation of `layer`, the gradients with respect to
    its affine map's output ``W a + b`` and to the pre-activation before it (for the first layer,
    to the input).
    """
    stored, branch = architecture.stored, gradient
    skips = architecture.residual is not None and layer > 0
    if skips:
        branch = branch * architecture.working.type(architecture.residual)
    if architecture.axis is not None:
        branch = standardize_backward(
            branch,
            tape.standardized[layer][:, :, None],
            tape.inverse_std[layer][:, :, None],
            architecture.axis,
        )
    branch = stored(branch)
    below = matmul(tape.weights[layer].swapaxes(1, 2), branch)
    scale = architecture.column_scale()
    if scale is not None:
        below *= scale
    if layer > 0:
        below *= tape.slopes[layer - 1][:, :, None]
    if skips:
        below += gradient
    return branch, stored(below)
