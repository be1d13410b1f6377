"""Random weights, biases, inputs and output gradients of some of the replicas."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lib._checks import real_numbers
from lib._streams import Streams
from lib.chain._setup import Setup

PURPOSES = ("weight", "bias", "input", "output")


def drawn_weights(setup: Setup, streams: Streams, count: int) -> Iterator[np.ndarray]:
    """Weights ``(count, fan_out, fan_in)``, layer after layer."""
    architecture = setup.architecture
    for layer, (fan_in, fan_out) in enumerate(
        zip(architecture.widths[:-1], architecture.widths[1:], strict=True)
    ):
        yield setup.initializer.weights(
            streams("weight", layer), (count, fan_out, fan_in), dtype=architecture.dtype
        ).astype(architecture.working, copy=False)


def drawn_biases(setup: Setup, streams: Streams, count: int) -> Iterator[np.ndarray | None]:
    """Biases ``(count, fan_out)``, layer after layer; None where they are zero."""
    architecture = setup.architecture
    for layer, (fan_in, fan_out) in enumerate(
        zip(architecture.widths[:-1], architecture.widths[1:], strict=True)
    ):
        if setup.initializer.bias_rule(fan_in) == 0:
            yield None
            continue
        yield setup.initializer.biases(
            streams("bias", layer), (count, fan_out), fan_in=fan_in, dtype=architecture.dtype
        ).astype(architecture.working, copy=False)


def drawn_input(setup: Setup, streams: Streams, replicas: slice) -> np.ndarray:
    """Take or draw inputs ``(count, width, 1, batch)``; drawn ones have rms 1."""
    architecture, x = setup.architecture, setup.x
    count, width = replicas.stop - replicas.start, architecture.widths[0]
    if x is not None:
        x = x[replicas] if x.ndim == 3 else np.broadcast_to(x, (count, *x.shape))
    else:
        x = streams("input", 0).standard_normal((count, width, architecture.batch))
        x /= np.sqrt(np.mean(x * x, axis=1, keepdims=True))
        if setup.input_correlation is not None:
            correlate_pairs(x, setup.input_correlation)
    return architecture.stored(x[:, :, None].astype(architecture.working))


def correlate_pairs(x: np.ndarray, correlation: float) -> None:
    """Give samples 0 and 1, 2 and 3, ... exactly this cosine, in place; all have rms 1."""
    first, second = x[..., 0::2], x[..., 1::2]
    second -= first * np.mean(first * second, axis=1, keepdims=True)
    second /= np.sqrt(np.mean(second * second, axis=1, keepdims=True))
    second *= np.sqrt(1 - correlation**2)
    second += correlation * first


def output_gradient(
    setup: Setup, streams: Streams, depth: int, h: np.ndarray, replicas: slice
) -> np.ndarray:
    """Gradient with respect to the last pre-activation, ``(count, width, columns, batch)``."""
    given, (count, width, _, batch) = setup.output_gradient, h.shape
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
    direction = setup.architecture.stored(direction.astype(h.dtype))
    return np.broadcast_to(direction, h.shape)
