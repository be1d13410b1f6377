"""Forward and backward passes through a stack of fully connected chains.

Arrays of the forward pass have axes ``(replica, unit, column, sample)``. Replicas have weights of
their own. Columns share the weights of their replica up to a factor, and differ in that factor or
in the activation, so that a layer is one matrix product for all columns and samples. Gradients
have one more axis, ``(replica, unit, direction, column, sample)``: several gradients travel back
through the same chain at once.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from lib.activations import Activation
from lib.normalization import pull_back, standardize

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

    @cached_property
    def depth(self) -> int:
        return len(self.widths) - 1

    @cached_property
    def columns(self) -> int:
        return len(self.activations) * len(self.scales)

    @cached_property
    def working(self) -> np.dtype[Any]:
        """The dtype of the arithmetic; float16 is stored so, and computed in float32."""
        return np.result_type(self.dtype, np.float32)

    @cached_property
    def axis(self) -> int | None:
        return None if self.normalization is None else AXIS[self.normalization]

    @cached_property
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


class Scratch:
    """Two buffers in turn, so that an array and the one computed from it are never the same."""

    def __init__(self) -> None:
        self.buffers = [np.empty(0), np.empty(0)]

    def __call__(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> np.ndarray:
        size = math.prod(shape)
        self.buffers.reverse()
        if self.buffers[0].size < size or self.buffers[0].dtype != dtype:
            self.buffers[0] = np.empty(size, dtype)
        return self.buffers[0][:size].reshape(shape)


class Pool:
    """Memory that one run leaves to the next, so that the system need not clear it again."""

    LARGEST = 2**27  # bytes kept of one piece

    def __init__(self) -> None:
        self.pieces: list[np.ndarray] = []

    def borrow(self, size: int) -> np.ndarray:
        """Return at least `size` bytes."""
        try:
            piece = self.pieces.pop()  # in one step, so that no other thread has the same
        except IndexError:
            return np.empty(size, np.uint8)
        return piece if piece.size >= size else np.empty(size, np.uint8)

    def give_back(self, piece: np.ndarray) -> None:
        """Take a piece for the next run."""
        if piece.size <= self.LARGEST and len(self.pieces) < 2:
            self.pieces.append(piece)


POOL = Pool()


@dataclass
class Tape:
    """What the backward pass needs, by layer; layers count from 0 here."""

    weights: list[np.ndarray] = field(default_factory=list)
    biases: list[np.ndarray | None] = field(default_factory=list)
    inputs: list[np.ndarray] = field(default_factory=list)
    slopes: list[np.ndarray] = field(default_factory=list)
    standardized: list[np.ndarray] = field(default_factory=list)
    inverse_std: list[np.ndarray] = field(default_factory=list)
    scratch: Scratch = field(default_factory=Scratch)
    borrowed: list[np.ndarray] = field(default_factory=list)

    def arena(self, architecture: Architecture, replicas: int) -> list[np.ndarray]:
        """Borrow arrays ``(R, n, C, B)`` for all layers, in one piece of memory.

        One large piece is made of large pages, which the system hands out much faster.
        """
        shape = architecture.columns, architecture.batch
        sizes = replicas * math.prod(shape) * np.array(architecture.widths[1:])
        total = int(sizes.sum())
        self.borrowed.append(POOL.borrow(total * architecture.working.itemsize))
        numbers = self.borrowed[-1][: total * architecture.working.itemsize]
        pieces = np.split(numbers.view(architecture.working), np.cumsum(sizes)[:-1])
        return [piece.reshape(replicas, -1, *shape) for piece in pieces]

    def release(self) -> None:
        """Give the memory of inputs and slopes back; they must not be used any more."""
        self.inputs, self.slopes = [], []
        while self.borrowed:
            POOL.give_back(self.borrowed.pop())

    def sample(self, index: int) -> Tape:
        """Restrict to one sample of the batch; meaningless under batch normalization."""
        at = slice(index, index + 1)
        return replace(
            self,
            slopes=[slope[..., at] for slope in self.slopes],
            standardized=[x[..., at] for x in self.standardized],
            inverse_std=[x[..., at] for x in self.inverse_std],
        )


class Layer(NamedTuple):
    """One layer of a forward pass: pre-activation, activation and slope.

    The pre-activation's memory is used again two layers later.
    """

    pre_activation: np.ndarray
    activation: np.ndarray
    slope: np.ndarray


def matmul(weights: np.ndarray, x: np.ndarray, scratch: Scratch) -> np.ndarray:
    """``(R, m, n)`` times ``(R, n, ...)``, all trailing axes at once."""
    replicas, fan_out, _ = weights.shape
    flat = x.reshape(*x.shape[:2], -1)
    product = scratch((replicas, fan_out, flat.shape[2]), flat.dtype)
    np.matmul(weights, flat, out=product)
    return product.reshape(replicas, fan_out, *x.shape[2:])


def activate(
    architecture: Architecture, h: np.ndarray, activation: np.ndarray, slope: np.ndarray
) -> None:
    """Write activation and slope of every column into the given arrays."""
    count = len(architecture.scales)
    if len(architecture.activations) == 1:
        architecture.activations[0].write(h, activation, slope)
    else:
        for i, phi in enumerate(architecture.activations):
            part = np.s_[:, :, i * count : (i + 1) * count]
            phi.write(h[part], activation[part], slope[part])
    if architecture.dtype != architecture.working:
        activation[...], slope[...] = architecture.stored(activation), architecture.stored(slope)


def forward(
    architecture: Architecture,
    weights: Iterator[np.ndarray],
    biases: Iterator[np.ndarray | None],
    x: np.ndarray,
    tape: Tape,
) -> Iterator[Layer]:
    """Yield layer after layer and record on the tape what the backward pass will need."""
    scale, stored = architecture.column_scale, architecture.stored
    activations = tape.arena(architecture, len(x))
    tape.slopes = tape.arena(architecture, len(x))
    tape.inputs = [x, *activations[:-1]]
    h = None
    for layer, (matrix, bias) in enumerate(zip(weights, biases, strict=True)):
        tape.weights.append(matrix)
        tape.biases.append(bias)
        branch = matmul(matrix, tape.inputs[layer], tape.scratch)
        if branch.shape[2] != architecture.columns:
            branch = np.repeat(branch, architecture.columns, axis=2)
        if scale is not None:
            branch *= scale
        if bias is not None:
            branch += bias[:, :, None, None]
        if architecture.axis is not None:
            branch, inverse_std = standardize(branch, architecture.axis, architecture.epsilon)
            tape.standardized.append(branch)
            tape.inverse_std.append(inverse_std)
        if architecture.residual is not None and h is not None:
            branch = h + architecture.working.type(architecture.residual) * branch
        h = stored(branch)
        activate(architecture, h, activations[layer], tape.slopes[layer])
        yield Layer(h, activations[layer], tape.slopes[layer])


def backward(
    architecture: Architecture, tape: Tape, layer: int, gradient: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """One layer back.

    From the gradient with respect to the pre-activation of `layer`, the gradients with respect to
    its affine map's output ``W a + b`` and to the pre-activation before it (for the first layer,
    to the input). The memory of the latter is used again two layers further.
    """
    stored, branch = architecture.stored, gradient
    skips = architecture.residual is not None and layer > 0
    if skips:
        branch = branch * architecture.working.type(architecture.residual)
    if architecture.axis is not None:
        branch = pull_back(
            branch,
            tape.standardized[layer][:, :, None],
            tape.inverse_std[layer][:, :, None],
            architecture.axis,
        )
    branch = stored(branch)
    below = matmul(tape.weights[layer].swapaxes(1, 2), branch, tape.scratch)
    scale = architecture.column_scale
    if scale is not None:
        below *= scale
    if layer > 0:
        below *= tape.slopes[layer - 1][:, :, None]
    if skips:
        below += gradient
    return branch, stored(below)
