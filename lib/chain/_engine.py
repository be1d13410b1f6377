"""Run both passes block by block of replicas, and collect what was measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any, NamedTuple, TypeVar, cast

import numpy as np
from tqdm.auto import tqdm

from lib._streams import Streams
from lib.chain._draws import (
    PURPOSES,
    drawn_biases,
    drawn_input,
    drawn_weights,
    output_gradient,
)
from lib.chain._gradients import (
    GradientNorms,
    KeptGradients,
    input_output_jacobian,
    measured_gradients,
)
from lib.chain._passes import Tape, forward
from lib.chain._results import ChainArrays
from lib.chain._setup import Setup
from lib.chain._statistics import LayerStatistics, forward_statistics

CACHE = 2**20  # bytes of one array that passes of several operations keep close by
Arrays = TypeVar("Arrays", LayerStatistics, GradientNorms)


class Measured(NamedTuple):
    """What was measured of some replicas, the axis ``R`` of all arrays.

    Columns ``C`` are activations and weight scales, ``D`` the depths at which a gradient starts,
    and ``L`` layers, layer 1 first.
    """

    signals: LayerStatistics  # (R, C, L), histograms (R, C, L, bins)
    gradients: GradientNorms  # (R, D, C, L)
    jacobian: np.ndarray | None  # (R, last width, input width)
    arrays: ChainArrays | None


def run(setup: Setup) -> Measured:
    """Measure all replicas."""
    streams = Streams(setup.entropy, PURPOSES)
    block = replicas_per_block(setup)
    starts = range(0, setup.replicas, block)
    steps = 2 * setup.architecture.depth * len(starts)
    bar = tqdm(total=steps, desc="layers", unit="", delay=2, leave=False, disable=None)
    blocks = []
    with np.errstate(all="ignore"):  # overflow and underflow are results here
        for start in starts:
            replicas = slice(start, min(start + block, setup.replicas))
            blocks.append(run_block(setup, streams, replicas, bar.update))
    bar.close()
    jacobians = [block.jacobian for block in blocks if block.jacobian is not None]
    arrays = [block.arrays for block in blocks if block.arrays is not None]
    return Measured(
        signals=each(concatenated, *(block.signals for block in blocks)),
        gradients=each(concatenated, *(block.gradients for block in blocks)),
        jacobian=np.concatenate(jacobians) if jacobians else None,
        arrays=joined(arrays) if arrays else None,
    )


def replicas_per_block(setup: Setup) -> int:
    """As many as fit into the memory limit, and one layer of them into the processor's cache."""
    architecture = setup.architecture
    layer = max(architecture.widths) * architecture.columns * architecture.batch
    cached = CACHE // (layer * architecture.working.itemsize)
    allowed = setup.memory_limit // bytes_per_replica(setup)
    return max(1, int(min(cached, allowed)))


def bytes_per_replica(setup: Setup) -> int:
    """Memory of weights and recorded arrays of one replica."""
    architecture = setup.architecture
    fan_out = np.array(architecture.widths[1:], float)
    fan_in = np.array(architecture.widths[:-1], float)
    recorded = 2 if architecture.normalization is None else 3
    numbers = fan_out * (fan_in + recorded * architecture.columns * architecture.batch)
    peak = architecture.columns * (len(setup.depths) * 6 + 4) * architecture.batch
    total = numbers.sum() + peak * max(architecture.widths)
    return int(total * architecture.working.itemsize)


def run_block(setup: Setup, streams: Streams, replicas: slice, step: Callable[[], Any]) -> Measured:
    """Both passes for some of the replicas."""
    architecture, measure = setup.architecture, setup.measure
    count = replicas.stop - replicas.start
    thresholds = measure.saturation_threshold * np.repeat(
        [float(phi.sup_slope) for phi in architecture.activations], len(architecture.scales)
    )
    weights = drawn_weights(setup, streams, count)
    biases = drawn_biases(setup, streams, count)
    x, tape = drawn_input(setup, streams, replicas), Tape()
    statistics, outputs, signals = [], {}, []
    for depth, layer in enumerate(forward(architecture, weights, biases, x, tape), start=1):
        statistics.append(forward_statistics(layer, thresholds, measure.edges))
        if depth in setup.depths:
            outputs[depth] = output_gradient(setup, streams, depth, layer.pre_activation, replicas)
        if measure.arrays:
            signals.append((layer.pre_activation[:, :, 0].copy(), layer.activation[:, :, 0]))
        step()
    kept = KeptGradients() if measure.arrays else None
    gradients = measured_gradients(setup, tape, outputs, step, kept)
    measured = Measured(
        signals=each(lambda *layers: np.stack(layers, axis=2), *statistics),
        gradients=gradients,
        jacobian=input_output_jacobian(architecture, tape) if measure.jacobian else None,
        arrays=None if kept is None else chain_arrays(x, tape, signals, kept),
    )
    if kept is None:
        tape.release()
    return measured


def chain_arrays(
    x: np.ndarray, tape: Tape, signals: list[tuple[np.ndarray, np.ndarray]], back: KeptGradients
) -> ChainArrays:
    """All arrays of a block of replicas; biases are zeros where there are none."""
    assert back.x is not None  # the way back has reached the input
    biases = [
        np.zeros_like(matrix[..., 0]) if bias is None else bias
        for matrix, bias in zip(tape.weights, tape.biases, strict=True)
    ]
    return ChainArrays(
        x=x[:, :, 0],
        input_gradient=back.x,
        weights=tuple(tape.weights),
        weight_gradients=tuple(back.weights[::-1]),
        biases=tuple(biases),
        bias_gradients=tuple(back.biases[::-1]),
        pre_activations=tuple(h for h, _ in signals),
        activations=tuple(a for _, a in signals),
        gradients=tuple(back.pre_activations[::-1]),
    )


def concatenated(*replicas: np.ndarray) -> np.ndarray:
    return np.concatenate(replicas)


def each(function: Callable[..., np.ndarray], *parts: Arrays) -> Arrays:
    """Make one of several by a function of the arrays of the same name."""
    made = [None if arrays[0] is None else function(*arrays) for arrays in zip(*parts, strict=True)]
    kind: Any = type(parts[0])
    return cast(Arrays, kind(*made))


def joined(parts: list[ChainArrays]) -> ChainArrays:
    """Put the replicas of several blocks behind one another."""
    made: dict[str, Any] = {}
    for name in (field.name for field in fields(ChainArrays)):
        values = [getattr(part, name) for part in parts]
        if isinstance(values[0], tuple):
            made[name] = tuple(np.concatenate(layer) for layer in zip(*values, strict=True))
        else:
            made[name] = np.concatenate(values)
    return ChainArrays(**made)
