"""Draw the weights, run both passes block by block, and collect what was measured."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from tqdm.auto import tqdm

from lib._checks import real_numbers
from lib._streams import Streams
from lib.chain._measure import (
    LOG10_2,
    column_sums,
    forward_statistics,
    gram,
    normal_range,
    wide_norm,
)
from lib.chain._passes import Architecture, Tape, backward, forward
from lib.initializers import Initializer

CACHE = 2**20  # bytes of one array that passes of several operations keep close by
OutputGradient = Callable[[np.ndarray], np.ndarray] | np.ndarray | None


@dataclass(frozen=True)
class Experiment:
    """An architecture, where its randomness comes from, and what to measure."""

    architecture: Architecture
    initializer: Initializer
    depths: tuple[int, ...]  # decreasing; a gradient starts at each
    replicas: int
    entropy: int
    x: np.ndarray | None
    input_correlation: float | None
    output_gradient: OutputGradient
    saturation_threshold: float
    edges: np.ndarray | None
    rescale: bool
    jacobian: bool
    keep: bool
    memory_limit: int
    progress: bool | None


PURPOSES = ("weight", "bias", "input", "output")


def run(experiment: Experiment) -> dict[str, np.ndarray]:
    """Measure all replicas; every array starts with the axis of replicas."""
    streams = Streams(experiment.entropy, PURPOSES)
    block = replicas_per_block(experiment)
    starts = range(0, experiment.replicas, block)
    steps = 2 * experiment.architecture.depth * len(starts)
    bar = progress_bar(steps, experiment.progress)
    blocks = []
    with np.errstate(all="ignore"):  # overflow and underflow are results here
        for start in starts:
            replicas = slice(start, min(start + block, experiment.replicas))
            blocks.append(run_block(experiment, streams, replicas, bar.update))
    bar.close()
    return {name: np.concatenate([part[name] for part in blocks]) for name in blocks[0]}


def replicas_per_block(experiment: Experiment) -> int:
    """As many as fit into the memory limit, and one layer of them into the processor's cache."""
    architecture = experiment.architecture
    layer = max(architecture.widths) * architecture.columns * architecture.batch
    cached = CACHE // (layer * architecture.working.itemsize)
    allowed = experiment.memory_limit // bytes_per_replica(experiment)
    return max(1, int(min(cached, allowed)))


def bytes_per_replica(experiment: Experiment) -> int:
    """Memory of weights and recorded arrays of one replica."""
    architecture = experiment.architecture
    fan_out = np.array(architecture.widths[1:], float)
    fan_in = np.array(architecture.widths[:-1], float)
    recorded = 2 if architecture.normalization is None else 3
    numbers = fan_out * (fan_in + recorded * architecture.columns * architecture.batch)
    peak = architecture.columns * (len(experiment.depths) * 6 + 4) * architecture.batch
    total = numbers.sum() + peak * max(architecture.widths)
    return int(total * architecture.working.itemsize)


def progress_bar(steps: int, progress: bool | None) -> Any:
    """Make a tqdm bar that shows after two seconds; None: only where stderr is a terminal."""
    disable = None if progress is None else not progress
    return tqdm(total=steps, desc="layers", unit="", delay=2, leave=False, disable=disable)


def run_block(
    experiment: Experiment, streams: Streams, replicas: slice, step: Callable[[], Any]
) -> dict[str, np.ndarray]:
    """Both passes for some of the replicas."""
    architecture = experiment.architecture
    count = replicas.stop - replicas.start
    tape = Tape()
    thresholds = experiment.saturation_threshold * np.repeat(
        [largest_slope(phi) for phi in architecture.activations], len(architecture.scales)
    )
    statistics, outputs, kept = [], {}, {}
    weights = drawn_weights(experiment, streams, count)
    biases = drawn_biases(experiment, streams, count)
    x = drawn_input(experiment, streams, replicas)
    for depth, layer in enumerate(forward(architecture, weights, biases, x, tape), start=1):
        statistics.append(forward_statistics(layer, thresholds, experiment.edges))
        if depth in experiment.depths:
            outputs[depth] = output_gradient(
                experiment, streams, depth, layer.pre_activation, replicas
            )
        if experiment.keep:
            kept[f"pre_activations/{depth - 1}"] = layer.pre_activation[:, :, 0].copy()
            kept[f"activations/{depth - 1}"] = layer.activation[:, :, 0]
        step()
    result = {name: np.stack([s[name] for s in statistics], axis=2) for name in statistics[0]}
    result |= measured_gradients(experiment, tape, outputs, step, kept) | kept
    if experiment.keep:
        result |= {"x/0": x[:, :, 0], **parameters(tape)}
    if experiment.jacobian:
        result["jacobian"] = input_output_jacobian(architecture, tape)
    if not experiment.keep:
        tape.release()
    return result


def largest_slope(phi: Any) -> float:
    return float(phi.sup_slope)


def drawn_weights(experiment: Experiment, streams: Streams, count: int) -> Iterator[np.ndarray]:
    """Weights ``(count, fan_out, fan_in)``, layer after layer."""
    architecture = experiment.architecture
    for layer, (fan_in, fan_out) in enumerate(
        zip(architecture.widths[:-1], architecture.widths[1:], strict=True)
    ):
        yield experiment.initializer.weights(
            streams("weight", layer), (count, fan_out, fan_in), dtype=architecture.dtype
        ).astype(architecture.working, copy=False)


def drawn_biases(
    experiment: Experiment, streams: Streams, count: int
) -> Iterator[np.ndarray | None]:
    """Biases ``(count, fan_out)``, layer after layer; None where they are zero."""
    architecture = experiment.architecture
    for layer, (fan_in, fan_out) in enumerate(
        zip(architecture.widths[:-1], architecture.widths[1:], strict=True)
    ):
        if experiment.initializer.bias_rule(fan_in) == 0:
            yield None
            continue
        yield experiment.initializer.biases(
            streams("bias", layer), (count, fan_out), fan_in=fan_in, dtype=architecture.dtype
        ).astype(architecture.working, copy=False)


def drawn_input(experiment: Experiment, streams: Streams, replicas: slice) -> np.ndarray:
    """Take or draw inputs ``(count, width, 1, batch)``; drawn ones have rms 1."""
    architecture, x = experiment.architecture, experiment.x
    count, width = replicas.stop - replicas.start, architecture.widths[0]
    if x is not None:
        x = x[replicas] if x.ndim == 3 else np.broadcast_to(x, (count, *x.shape))
    else:
        x = streams("input", 0).standard_normal((count, width, architecture.batch))
        x /= np.sqrt(np.mean(x * x, axis=1, keepdims=True))
        if experiment.input_correlation is not None:
            correlate_pairs(x, experiment.input_correlation)
    return architecture.stored(x[:, :, None].astype(architecture.working))


def correlate_pairs(x: np.ndarray, correlation: float) -> None:
    """Give samples 0 and 1, 2 and 3, ... exactly this cosine, in place; all have rms 1."""
    first, second = x[..., 0::2], x[..., 1::2]
    second -= first * np.mean(first * second, axis=1, keepdims=True)
    second /= np.sqrt(np.mean(second * second, axis=1, keepdims=True))
    second *= np.sqrt(1 - correlation**2)
    second += correlation * first


def output_gradient(
    experiment: Experiment, streams: Streams, depth: int, h: np.ndarray, replicas: slice
) -> np.ndarray:
    """Gradient with respect to the last pre-activation, ``(count, width, columns, batch)``."""
    given, (count, width, _, batch) = experiment.output_gradient, h.shape
    if given is None:
        direction = streams("output", depth).standard_normal((count, width, 1, batch))
        direction /= np.sqrt(np.sum(direction**2, axis=(1, 3), keepdims=True))
    elif callable(given):
        direction = real_numbers("what output_gradient returns", given(h[:, :, 0]))
        if direction.shape != (count, width, batch):
            raise ValueError(
                f"output_gradient must return shape {(count, width, batch)}; got {direction.shape}"
            )
        direction = direction[:, :, None]
    else:
        direction = (given[replicas] if given.ndim == 3 else given[None])[:, :, None]
    direction = experiment.architecture.stored(direction.astype(h.dtype))
    return np.broadcast_to(direction, h.shape)


def measured_gradients(
    experiment: Experiment,
    tape: Tape,
    outputs: dict[int, np.ndarray],
    step: Callable[[], Any],
    kept: dict[str, np.ndarray],
) -> dict[str, np.ndarray]:
    """Norms by layer, ``(R, D, C, L)``; NaN above the depth at which a gradient starts."""
    architecture = experiment.architecture
    count = len(tape.weights[0])
    shape = (count, len(experiment.depths), architecture.columns, architecture.depth)
    names = ("gradient", "weight_gradient")
    norms = {name: np.full(shape, np.nan) for name in names}
    exponents = {name: np.zeros(shape, np.int64) for name in names}
    gradient, total = None, np.zeros(shape[:-1], np.int64)
    for layer in reversed(range(architecture.depth)):
        if layer + 1 in outputs:
            start = outputs[layer + 1][:, :, None]
            gradient = start if gradient is None else np.concatenate([gradient, start], axis=2)
        assert gradient is not None  # the largest depth is that of the chain
        active = np.s_[:, : gradient.shape[2], :]
        if experiment.rescale:
            gradient, exponent, norm = normal_range(gradient, always=True)
            total[active] += exponent
            exponent = np.zeros_like(exponent)
        else:
            exponent, norm = wide_norm(gradient)
        norms["gradient"][(*active, layer)] = norm
        exponents["gradient"][(*active, layer)] = exponent + total[active]
        if experiment.keep:
            kept[f"gradients/{layer}"] = gradient[:, :, 0, 0].copy()
        branch, gradient = backward(architecture, tape, layer, gradient)
        if experiment.keep:
            formed = formed_weight_gradient(branch, tape.inputs[layer])
            kept[f"weight_gradients/{layer}"] = formed[:, 0, 0]
            kept[f"bias_gradients/{layer}"] = branch[:, :, 0, 0].sum(axis=-1)
            kept["input_gradient/0"] = gradient[:, :, 0, 0].copy()
        norm, exponent = weight_gradient_norm(architecture, layer, branch, tape.inputs[layer])
        norms["weight_gradient"][(*active, layer)] = norm
        exponents["weight_gradient"][(*active, layer)] = exponent + total[active]
        step()
    result = {}
    for name in names:
        result[f"{name}_norm"] = np.ldexp(norms[name], exponents[name])
        result[f"log10_{name}_norm"] = np.log10(norms[name]) + exponents[name] * LOG10_2
    return result


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


def parameters(tape: Tape) -> dict[str, np.ndarray]:
    """Weights and biases by layer, zeros where there is no bias."""
    result = {}
    for layer, (matrix, bias) in enumerate(zip(tape.weights, tape.biases, strict=True)):
        result[f"weights/{layer}"] = matrix
        result[f"biases/{layer}"] = np.zeros_like(matrix[..., 0]) if bias is None else bias
    return result


def input_output_jacobian(architecture: Architecture, tape: Tape) -> np.ndarray:
    """Differentiate the last pre-activation by the input at sample 0, ``(R, n_L, n_0)``."""
    single = tape.sample(0)
    width = architecture.widths[-1]
    eye = np.eye(width, dtype=architecture.working)[None, :, :, None, None]
    gradient = np.broadcast_to(eye, (len(tape.weights[0]), width, width, 1, 1))
    for layer in reversed(range(architecture.depth)):
        _, gradient = backward(architecture, single, layer, gradient)
    return gradient[..., 0, 0].swapaxes(1, 2)
