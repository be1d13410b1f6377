"""Random transformers: blocks one after the other, forward and backward."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from lib._checks import boolean, float_type, instance, integer, of_shape, real
from lib._numbers import quiet, working
from lib._streams import Streams, entropy_of
from lib._values import ReadOnly, frozen
from lib.attention import _measures as measure
from lib.attention._backward import run_back
from lib.attention._forward import run
from lib.attention._network import Transformer
from lib.attention._run import Measured, TransformerRun, joined
from lib.attention._settings import UNITS
from lib.normalization import pull_back, standardize

GIBIBYTE = 2**30
PURPOSES = ("weight", "input", "output")
Gradient = np.ndarray | Callable[[np.ndarray], ArrayLike] | None


def simulate(
    network: Transformer,
    *,
    batch: int = 1,
    replicas: int = 5,
    seed: int | np.random.Generator = 0,
    dtype: DTypeLike = "float64",
    x: ArrayLike | None = None,
    input_likeness: float = 0.0,
    output_gradient: ArrayLike | Callable[[np.ndarray], ArrayLike] | None = None,
    keep: bool = False,
    memory_limit: int = GIBIBYTE,
) -> TransformerRun:
    r"""Forward and backward pass through random transformers of one kind.

    Parameters
    ----------
    network : Transformer
        What is simulated.
    batch : int
        Number of sequences. Default 1.
    replicas : int
        Number of independent transformers. Default 5. The first ones are the same whatever their
        number.
    seed : int or numpy.random.Generator
        Default 0. A generator is asked for an integer.
    dtype : {"float64", "float32", "float16"}
        Float16 is how stream and gradients are stored.
    x : array_like, optional
        Tokens, shape ``(width, batch, tokens)`` or ``(replicas, width, batch, tokens)``. Default:
        standard normal entries, with `input_likeness` as the expected cosine of two tokens.
    input_likeness : float
        From 0 to 1. Default 0.
    output_gradient : array_like or callable, optional
        With respect to the output, of its shape, or a function of the output. Default: for each
        token a random direction of its own, of norm 1 for all together.
    keep : bool
        Keep all arrays of both passes. Default False.
    memory_limit : int
        Bytes for a block of replicas, one at least. Default 2**30.

    Returns
    -------
    TransformerRun

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.

    Notes
    -----
    Used in: ``book/attention.md``.

    Examples
    --------
    >>> from lib import attention
    >>> network = attention.Transformer(6, attention.Block(32, heads=4, placement="post"))
    >>> run = attention.simulate(network, replicas=2)
    >>> run.log10_gradient_norm.shape
    (2, 7)
    >>> bool((run.likeness[:, -1] > run.likeness[:, 0]).all())
    True
    """
    network = instance("network", network, Transformer, "such as Transformer(6, Block(32))")
    batch, replicas = integer("batch", batch, 1), integer("replicas", replicas, 1)
    setup = Setup(
        network=network,
        batch=batch,
        keep=boolean("keep", keep),
        dtype=float_type("dtype", dtype).newbyteorder("="),
        x=_given("x", x, network, batch, replicas),
        likeness=real("input_likeness", input_likeness, least=0, most=1),
        output_gradient=_output_gradient(output_gradient, network, batch, replicas),
        source=Streams(entropy_of(seed), PURPOSES),
    )
    step = max(1, integer("memory_limit", memory_limit, 1, None) // _bytes(setup))
    starts = range(0, replicas, step)
    parts = [_both_passes(setup, slice(k, min(k + step, replicas))) for k in starts]
    return frozen(
        TransformerRun(
            network=network,
            replicas=replicas,
            batch=batch,
            dtype=setup.dtype,
            **vars(joined(parts)),
        )
    )


@dataclass(frozen=True)
class Setup:
    """What is simulated, and where its randomness comes from."""

    network: Transformer
    batch: int
    keep: bool
    dtype: np.dtype[Any]
    x: np.ndarray | None
    likeness: float
    output_gradient: Gradient
    source: Streams

    @property
    def shape(self) -> tuple[int, int, int]:
        """Width, batch and tokens."""
        return self.network.block.width, self.batch, self.network.tokens


def _given(
    name: str, value: ArrayLike | None, network: Transformer, batch: int, replicas: int
) -> np.ndarray | None:
    if value is None:
        return None
    shape = (network.block.width, batch, network.tokens)
    return of_shape(name, value, shape, (replicas, *shape))


def _output_gradient(value: Any, network: Transformer, batch: int, replicas: int) -> Gradient:
    if isinstance(value, type):
        raise TypeError(f"output_gradient must be an array or a function; got {value}")
    if callable(value):
        return cast(Gradient, value)
    return _given("output_gradient", value, network, batch, replicas)


def _bytes(setup: Setup) -> int:
    """Memory of one replica: weights, and what is kept for the way back."""
    block, (width, batch, tokens) = setup.network.block, setup.shape
    weights = sum(int(np.prod(part)) for part in block.shapes.values())
    kept = batch * tokens * (14 * width + 5 * (block.hidden or 0) + 2 * block.heads * tokens)
    return int(setup.network.blocks * (weights + kept) * working(setup.dtype).itemsize)


def _inputs(setup: Setup, which: slice) -> np.ndarray:
    """Tokens of some replicas."""
    x, count = setup.x, which.stop - which.start
    if x is not None:
        given = x[which] if x.ndim == 4 else np.broadcast_to(x, (count, *x.shape))
        with quiet():
            return given.astype(setup.dtype)
    width, batch, tokens = setup.shape
    drawn = setup.source("input", 0).standard_normal((count, width, batch, tokens + 1))
    own, common = drawn[..., :-1], drawn[..., -1:]
    mixed = np.sqrt(1 - setup.likeness) * own + np.sqrt(setup.likeness) * common
    return np.asarray(mixed).astype(setup.dtype)


def _drawn(setup: Setup, count: int) -> list[dict[str, np.ndarray]]:
    """Weights of all blocks of so many replicas, in the precision of the arithmetic."""
    network, layers = setup.network, []
    for k in range(network.blocks):
        drawn = network.block.draw(
            setup.source("weight", k),
            count,
            initializer=network.initializer,
            gain=network.scales.gain,
            output_gain=network.scales.output_gain,
            score_gain=network.score_gain,
            dtype=setup.dtype,
        )
        layers.append({name: w.astype(working(w.dtype), copy=False) for name, w in drawn.items()})
    return layers


@quiet()
def _both_passes(setup: Setup, which: slice) -> Measured:
    """Forward and backward through some of the replicas."""
    block, x = setup.network.scaled_block, _inputs(setup, which)
    traces, stream = [], x
    for weights in _drawn(setup, which.stop - which.start):
        traces.append(run(block, weights, stream))
        stream = traces[-1].output
    output, delta = _end(setup, stream, which)
    deltas, gradients = [delta], []
    for trace in reversed(traces):
        gradients.append(run_back(block, trace, deltas[-1]))
        deltas.append(gradients[-1].x)
    deltas.reverse()
    gradients.reverse()
    streams = [x, *(trace.output for trace in traces)]
    return Measured(
        stream_rms=measure.by_block(measure.rms, streams),
        likeness=measure.by_block(measure.likeness, streams),
        log10_gradient_norm=measure.by_block(measure.log10_norm, deltas),
        gradient_likeness=measure.by_block(measure.likeness, deltas),
        branch_rms=np.stack(
            [np.stack([measure.rms(b) for b in t.branches], axis=-1) for t in traces], axis=1
        ),
        entropy=measure.by_block(
            lambda shares: measure.entropy(shares, block.causal), [t.attention for t in traces]
        ),
        log10_weight_gradient_norm=ReadOnly(
            {
                name: measure.by_block(measure.log10_norm, [g.weights[name] for g in gradients])
                for name in block.shapes
            }
        ),
        output=output,
        traces=tuple(traces) if setup.keep else None,
        gradients=tuple(gradients) if setup.keep else None,
    )


def _end(setup: Setup, stream: np.ndarray, which: slice) -> tuple[np.ndarray, np.ndarray]:
    """Output of the network, and the gradient with respect to the last block's."""
    block = setup.network.block
    if not setup.network.normalizes_last:
        return stream, _start_back(setup.output_gradient, stream, which, setup.source)
    centered = block.normalization == "layer"
    normal, inverse = standardize(stream, UNITS, block.epsilon, centered=centered)
    delta = _start_back(setup.output_gradient, normal, which, setup.source)
    return normal, pull_back(delta, normal, inverse, UNITS, centered=centered)


def _start_back(given: Any, output: np.ndarray, which: slice, source: Streams) -> np.ndarray:
    """Gradient with respect to the output."""
    if given is None:
        drawn = source("output", 0).standard_normal(output.shape)
        size = np.sqrt(np.einsum("rnbt,rnbt->r", drawn, drawn))
        return np.asarray(drawn / size[:, None, None, None]).astype(output.dtype)
    if callable(given):
        found = of_shape("what output_gradient returns", given(output), output.shape)
        return found.astype(output.dtype)
    part = given[which] if given.ndim == 4 else np.broadcast_to(given, output.shape)
    return np.asarray(part.astype(output.dtype))
