"""The way back: gradients of every layer, their norms, and the Jacobian of a whole chain."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from lib.chain._passes import Architecture, Tape, backward
from lib.chain._setup import Setup
from lib.chain._statistics import LOG10_2, column_sums, gram, normal_range, wide_norm


class GradientNorms(NamedTuple):
    """Norms and their decimal logarithms, each ``(R, D, C, L)``.

    NaN in layers above the depth at which a gradient starts.
    """

    gradient_norm: np.ndarray
    weight_gradient_norm: np.ndarray
    log10_gradient_norm: np.ndarray
    log10_weight_gradient_norm: np.ndarray


@dataclass
class KeptGradients:
    """Gradients of the first column in their order on the way back, the last layer first."""

    weights: list[np.ndarray] = field(default_factory=list)
    biases: list[np.ndarray] = field(default_factory=list)
    pre_activations: list[np.ndarray] = field(default_factory=list)
    x: np.ndarray | None = None


class _Norms:
    """Norms of one kind of gradient as numbers and powers of two, each ``(R, D, C, L)``."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.numbers, self.exponents = np.full(shape, np.nan), np.zeros(shape, np.int64)

    def put(self, layer: int, norm: np.ndarray, exponent: np.ndarray) -> None:
        active = np.s_[:, : norm.shape[1], :, layer]
        self.numbers[active], self.exponents[active] = norm, exponent

    @property
    def norm(self) -> np.ndarray:
        return np.asarray(np.ldexp(self.numbers, self.exponents))

    @property
    def log10(self) -> np.ndarray:
        return np.asarray(np.log10(self.numbers) + self.exponents * LOG10_2)


def measured_gradients(
    setup: Setup,
    tape: Tape,
    outputs: dict[int, np.ndarray],
    step: Callable[[], Any],
    kept: KeptGradients | None,
) -> GradientNorms:
    """Go back from the output gradients, which start at depths, and measure every layer."""
    architecture = setup.architecture
    count = len(tape.weights[0])
    shape = (count, len(setup.depths), architecture.columns, architecture.depth)
    signals, weights = _Norms(shape), _Norms(shape)
    gradient, total = None, np.zeros(shape[:-1], np.int64)
    for layer in reversed(range(architecture.depth)):
        if layer + 1 in outputs:
            start = outputs[layer + 1][:, :, None]
            gradient = start if gradient is None else np.concatenate([gradient, start], axis=2)
        assert gradient is not None  # the largest depth is that of the chain
        active = np.s_[:, : gradient.shape[2], :]
        if setup.measure.rescale:
            gradient, exponent, norm = normal_range(gradient, always=True)
            total[active] += exponent
            exponent = np.zeros_like(exponent)
        else:
            exponent, norm = wide_norm(gradient)
        signals.put(layer, norm, exponent + total[active])
        if kept is not None:
            kept.pre_activations.append(gradient[:, :, 0, 0].copy())
        branch, gradient = backward(architecture, tape, layer, gradient)
        if kept is not None:
            kept.weights.append(formed_weight_gradient(branch, tape.inputs[layer])[:, 0, 0])
            kept.biases.append(branch[:, :, 0, 0].sum(axis=-1))
            kept.x = gradient[:, :, 0, 0].copy() if layer == 0 else None
        norm, exponent = weight_gradient_norm(architecture, layer, branch, tape.inputs[layer])
        weights.put(layer, norm, exponent + total[active])
        step()
    return GradientNorms(signals.norm, weights.norm, signals.log10, weights.log10)


def weight_gradient_norm(
    architecture: Architecture, layer: int, branch: np.ndarray, inputs: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    r"""Frobenius norm of :math:`\sum_b \delta_b a_b^T` and a power of two, each ``(R, D, C)``.

    From the Gram matrices of samples, :math:`\sum_{bc} (\delta_b \cdot \delta_c)(a_b \cdot a_c)`,
    where that is cheaper than forming the gradient.
    """
    branch, exponent, norm = normal_range(branch)
    if architecture.batch == 1:
        return norm * np.sqrt(column_sums(inputs, inputs)[:, None, :, 0]), exponent
    if architecture.forms_weight_gradient(layer):
        formed = formed_weight_gradient(branch, inputs)
        return np.sqrt(np.einsum("rdcij,rdcij->rdc", formed, formed, dtype=np.float64)), exponent
    products = gram(inputs)[:, None]
    squares = np.sum(gram(branch) * products, axis=(-1, -2), dtype=np.float64)
    return np.sqrt(np.maximum(squares, 0)), exponent


def formed_weight_gradient(branch: np.ndarray, inputs: np.ndarray) -> np.ndarray:
    """Sum of outer products over samples, ``(R, D, C, n_l, n_{l-1})``."""
    formed: np.ndarray = np.matmul(np.moveaxis(branch, 1, -2), np.moveaxis(inputs, 1, -1)[:, None])
    return formed


def input_output_jacobian(architecture: Architecture, tape: Tape) -> np.ndarray:
    """Differentiate the last pre-activation by the input at sample 0, ``(R, n_L, n_0)``."""
    single = tape.sample(0)
    width = architecture.widths[-1]
    eye = np.eye(width, dtype=architecture.working)[None, :, :, None, None]
    gradient = np.broadcast_to(eye, (len(tape.weights[0]), width, width, 1, 1))
    for layer in reversed(range(architecture.depth)):
        _, gradient = backward(architecture, single, layer, gradient)
    return gradient[..., 0, 0].swapaxes(1, 2)
