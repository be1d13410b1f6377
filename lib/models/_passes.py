"""Forward and backward passes of fully connected networks, for arguments that were checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from lib._numbers import working
from lib._values import ByValue
from lib.activations import Activation, RandomizedReLU
from lib.models.parameters import Parameters
from lib.normalization import pull_back, standardize

Running = dict[str, np.ndarray]


class Layers(Protocol):
    """What a pass needs to know of a network."""

    @property
    def sizes(self) -> Sequence[int]: ...
    @property
    def hidden(self) -> int: ...
    @property
    def activation(self) -> Activation: ...
    @property
    def learns_slopes(self) -> bool: ...
    @property
    def slope_per(self) -> str: ...
    @property
    def batch_norm(self) -> bool: ...
    @property
    def epsilon(self) -> float: ...
    @property
    def residual(self) -> float | None: ...


@dataclass(eq=False)
class Pass(ByValue):
    """A forward pass, and room for the way back. The next pass of the same size reuses it.

    Attributes
    ----------
    outputs : list of ndarray
        The batch, and what each layer makes of it; the last are the outputs of the network.
    inputs : list of ndarray
        Pre-activations of each hidden layer, after batch normalization and the residual sum.
    slopes : list of ndarray
        Slope of the activation at them.
    deltas : list of ndarray
        After a backward pass: gradient with respect to `inputs`, and last to the network's outputs.
    standardized : list of (ndarray, ndarray)
        With batch normalization: before gain and shift, and one over the standard deviation.
    """

    outputs: list[np.ndarray] = field(default_factory=list)
    inputs: list[np.ndarray] = field(default_factory=list)
    slopes: list[np.ndarray] = field(default_factory=list)
    deltas: list[np.ndarray] = field(default_factory=list)
    standardized: list[tuple[np.ndarray, np.ndarray]] = field(default_factory=list)


def shapes(network: Layers, x: np.ndarray) -> list[tuple[int, ...]]:
    """Shapes of what each layer makes of a batch."""
    return [(x.shape[0], units, x.shape[2]) for units in network.sizes[1:]]


def forward(
    network: Layers,
    parameters: Parameters,
    x: np.ndarray,
    *,
    running: Running | None,
    update: float | None,
    rngs: Sequence[np.random.Generator] | None,
    reuse: Pass | None,
) -> Pass:
    """See `Network.forward`."""
    trace = reuse if reuse is not None and reuse.outputs else _room(network, x)
    arrays = parameters.arrays
    trace.outputs[0] = x
    for layer in range(1, network.hidden + 1):
        h, value, slope = (
            trace.inputs[layer - 1], trace.outputs[layer], trace.slopes[layer - 1]
        )  # fmt: skip
        np.matmul(arrays[f"weight {layer}"], trace.outputs[layer - 1], out=h)
        if network.batch_norm:
            _normalize(network, trace, layer, arrays, running, update)
        else:
            h += arrays[f"bias {layer}"][..., None]
        if network.residual is not None and layer > 1:
            h *= network.residual
            h += trace.inputs[layer - 2]
        _activate(network, h, value, slope, arrays.get(f"slope {layer}"), rngs)
    last = network.hidden + 1
    np.matmul(arrays[f"weight {last}"], trace.outputs[-2], out=trace.outputs[-1])
    trace.outputs[-1] += arrays[f"bias {last}"][..., None]
    return trace


def backward(
    network: Layers, parameters: Parameters, trace: Pass, gradient: np.ndarray, into: Parameters
) -> None:
    """See `Network.backward`."""
    arrays, found = parameters.arrays, into.arrays
    trace.deltas[-1] = delta = gradient
    for layer in range(network.hidden + 1, 0, -1):
        if layer > network.hidden:
            _sum_over_batch(delta, found[f"bias {layer}"])
        else:
            upstream = trace.deltas[layer - 1]
            np.matmul(arrays[f"weight {layer + 1}"].swapaxes(1, 2), delta, out=upstream)
            delta = _through_activation(network, trace, layer, upstream, found)
            delta = _through_normalization(network, trace, layer, delta, arrays, found)
        np.matmul(delta, trace.outputs[layer - 1].swapaxes(1, 2), out=found[f"weight {layer}"])


def _through_activation(
    network: Layers, trace: Pass, layer: int, upstream: np.ndarray, found: dict[str, np.ndarray]
) -> np.ndarray:
    """Go back through an activation and a residual sum; `upstream` becomes the error signal."""
    if network.learns_slopes:
        share = upstream * np.minimum(trace.inputs[layer - 1], 0)
        axes: Any = 2 if network.slope_per == "unit" else (1, 2)
        slopes = found[f"slope {layer}"]
        slopes[...] = np.sum(share, axis=axes).reshape(slopes.shape)
    upstream *= trace.slopes[layer - 1]
    if network.residual is not None:
        if layer < network.hidden:
            upstream += trace.deltas[layer]
        if layer > 1:
            return np.asarray(upstream * network.residual)
    return upstream


def _through_normalization(
    network: Layers,
    trace: Pass,
    layer: int,
    delta: np.ndarray,
    arrays: dict[str, np.ndarray],
    found: dict[str, np.ndarray],
) -> np.ndarray:
    """Go back through batch normalization, or through the sum with the biases."""
    if not network.batch_norm:
        _sum_over_batch(delta, found[f"bias {layer}"])
        return delta
    standardized, inverse_std = trace.standardized[layer - 1]
    np.einsum("rub,rub->ru", delta, standardized, out=found[f"gain {layer}"])
    _sum_over_batch(delta, found[f"shift {layer}"])
    scaled = delta * arrays[f"gain {layer}"][..., None]
    return np.asarray(pull_back(scaled, standardized, inverse_std, 2))


def _room(network: Layers, x: np.ndarray) -> Pass:
    """Make arrays for a pass."""
    made = [np.empty(shape, x.dtype) for shape in shapes(network, x)]
    hidden = range(network.hidden)
    return Pass(
        outputs=[x, *made],
        inputs=[np.empty_like(made[layer]) for layer in hidden],
        slopes=[np.empty_like(made[layer]) for layer in hidden],
        deltas=[np.empty_like(array) for array in made],
        standardized=[(x, x)] * network.hidden,
    )


def _normalize(
    network: Layers,
    trace: Pass,
    layer: int,
    arrays: dict[str, np.ndarray],
    running: Running | None,
    update: float | None,
) -> None:
    """Normalize the pre-activations of a layer, by its batch or by running statistics."""
    h = trace.inputs[layer - 1]
    if running is not None and update is None:
        variance = running[f"variance {layer}"][..., None]
        inverse_std = 1 / np.sqrt(variance + variance.dtype.type(network.epsilon))
        centered = h - running[f"mean {layer}"][..., None]
        standardized = (centered * inverse_std).astype(h.dtype, copy=False)
    else:
        if running is not None and update is not None:
            dtype, batch = working(h.dtype), h.shape[2]
            share = dtype.type(update)
            spread = h.var(axis=2, dtype=dtype) * dtype.type(batch / (batch - 1))
            mean = h.mean(axis=2, dtype=dtype)
            for name, value in (("mean", mean), ("variance", spread)):
                kept = running[f"{name} {layer}"]
                kept += share * (value - kept)
        standardized, inverse_std = standardize(h, 2, network.epsilon)
    trace.standardized[layer - 1] = standardized, inverse_std
    np.multiply(standardized, arrays[f"gain {layer}"][..., None], out=h)
    h += arrays[f"shift {layer}"][..., None]


def _activate(
    network: Layers,
    h: np.ndarray,
    value: np.ndarray,
    slope: np.ndarray,
    learned: np.ndarray | None,
    rngs: Sequence[np.random.Generator] | None,
) -> None:
    """Write activations and their slopes."""
    if learned is not None:
        np.copyto(slope, learned[..., None])
    elif isinstance(network.activation, RandomizedReLU) and rngs is not None:
        for replica, rng in enumerate(rngs):
            slope[replica] = network.activation.sample(rng, h.shape[1:])
    else:
        network.activation.write(h, value, slope)
        return
    slope[h > 0] = 1
    np.multiply(h, slope, out=value)


def _sum_over_batch(array: np.ndarray, out: np.ndarray) -> None:
    """Sum over samples; a product with ones is the fastest way."""
    np.matmul(array, np.ones((array.shape[2], 1), array.dtype), out=out[..., None])
