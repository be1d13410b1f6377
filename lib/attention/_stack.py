"""Random transformers: blocks one after the other, forward and backward, and what is measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from lib._checks import boolean, choice, float_type, instance, integer, of_shape, real
from lib._numbers import norms, quiet, working
from lib._streams import Streams, entropy_of
from lib._values import ByValue, ReadOnly, frozen
from lib.activations import Activation
from lib.attention._block import UNITS, Block, BlockGradients, BlockTrace
from lib.attention._softmax import plain_entropy
from lib.initializers import Initializer
from lib.normalization import pull_back, standardize

GIBIBYTE = 2**30
PURPOSES = ("weight", "input", "output")
SCALINGS = ("none", "1/sqrt(2N)", "gpt2", "rezero", "deepnorm")
BY_STREAM = ("stream_rms", "likeness", "log10_gradient_norm", "gradient_likeness")


@dataclass(frozen=True)
class Scaling:
    r"""How the branches of a deep transformer are scaled.

    Attributes
    ----------
    skip : float
        :math:`\alpha`, what the skip connection is multiplied by.
    branch : float
        :math:`s`, what a branch is multiplied by in every pass.
    gain : float
        Factor of the first weights, but for those of queries and keys.
    output_gain : float
        Factor of the first weights of the last matrix of each branch.
    """

    skip: float = 1.0
    branch: float = 1.0
    gain: float = 1.0
    output_gain: float = 1.0

    def __post_init__(self) -> None:
        """Check the numbers."""
        for field in fields(self):
            object.__setattr__(
                self, field.name, real(field.name, getattr(self, field.name), least=0)
            )


def scaling(name: str, blocks: int) -> Scaling:
    r"""Make one of the scalings that are in use.

    Parameters
    ----------
    name : {"none", "1/sqrt(2N)", "gpt2", "rezero", "deepnorm"}
        ``"1/sqrt(2N)"`` scales the branches of all :math:`2N` halves in every pass, ``"gpt2"``
        their last matrix at the start only. ``"rezero"`` begins with branches of scale 0.
        ``"deepnorm"`` multiplies the skip connection by :math:`(2N)^{1/4}` and the first weights
        by :math:`(8N)^{-1/4}`, as for a transformer that is only an encoder or only a decoder.
    blocks : int
        :math:`N`, at least 1.

    Returns
    -------
    Scaling

    References
    ----------
    Radford et al., "Language Models are Unsupervised Multitask Learners", 2019, section 2.3;
    Bachlechner et al., "ReZero is All You Need", UAI 2021; Wang et al., "DeepNet: Scaling
    Transformers to 1,000 Layers", arXiv:2203.00555, 2022, figure 2.

    Notes
    -----
    Used in: ``book/attention.md``.

    Examples
    --------
    >>> from lib import attention
    >>> attention.scaling("deepnorm", 8)
    Scaling(skip=2.0, branch=1.0, gain=0.3535533905932738, output_gain=1.0)
    """
    choice("name", name, SCALINGS)
    halves = 2 * integer("blocks", blocks, 1)
    made = {
        "none": Scaling(),
        "1/sqrt(2N)": Scaling(branch=halves**-0.5),
        "gpt2": Scaling(output_gain=halves**-0.5),
        "rezero": Scaling(branch=0.0),
        "deepnorm": Scaling(skip=halves**0.25, gain=(4 * halves) ** -0.25),
    }
    return made[str(name)]


@dataclass(frozen=True, eq=False, kw_only=True)
class TransformerRun(ByValue):
    r"""What was measured in random transformers, replica by replica.

    Arrays of shape ``(replicas, blocks + 1)`` speak of the residual stream: before the first block,
    and after each. The final normalization, if there is one, comes after the last of them.

    Attributes
    ----------
    block : Block
        Settings of each block.
    scaling : Scaling
    blocks, replicas, batch, tokens : int
    final_norm : bool
    dtype : numpy.dtype
    stream_rms : ndarray, shape (replicas, blocks + 1)
        Root mean square of the entries of the stream.
    likeness : ndarray, shape (replicas, blocks + 1)
        Mean cosine of two different tokens of a sequence; NaN for a single token.
    log10_gradient_norm : ndarray, shape (replicas, blocks + 1)
        Decimal logarithm of the norm of the gradient with respect to the stream, over all units,
        sequences and tokens.
    gradient_likeness : ndarray, shape (replicas, blocks + 1)
        Mean cosine of the gradients of two different tokens of a sequence.
    branch_rms : ndarray, shape (replicas, blocks, 2)
        Root mean square of what attention and feed-forward network gave, before scaling.
    entropy : ndarray, shape (replicas, blocks)
        Mean entropy of the shares of attention, in units of the logarithm of the number of tokens
        that may be seen (with a causal mask, of that number for each token): 1 where all get the
        same share, 0 where one gets all.
    log10_weight_gradient_norm : mapping of str to ndarray, shape (replicas, blocks)
        Decimal logarithm of the norm of the gradient with respect to each weight of a block.
    output : ndarray, shape (replicas, width, batch, tokens)
        What the last block gives, after the final normalization.
    traces : tuple of BlockTrace, or None
        One for each block, if they were to be kept.
    gradients : tuple of BlockGradients, or None
        Likewise.
    """

    block: Block
    scaling: Scaling
    blocks: int
    replicas: int
    batch: int
    tokens: int
    final_norm: bool
    dtype: np.dtype[Any]
    stream_rms: np.ndarray
    likeness: np.ndarray
    log10_gradient_norm: np.ndarray
    gradient_likeness: np.ndarray
    branch_rms: np.ndarray
    entropy: np.ndarray
    log10_weight_gradient_norm: Mapping[str, np.ndarray]
    output: np.ndarray
    traces: tuple[BlockTrace, ...] | None
    gradients: tuple[BlockGradients, ...] | None

    @property
    def log10_gradient_ratio(self) -> np.ndarray:
        """Logarithm of the gradient's norm, relative to the stream after the last block."""
        return np.asarray(self.log10_gradient_norm - self.log10_gradient_norm[:, -1:])


def simulate(
    blocks: int,
    width: int,
    *,
    heads: int = 4,
    hidden: int | None = None,
    tokens: int = 16,
    batch: int = 1,
    activation: Activation | str = "relu",
    gated: bool = False,
    placement: str | None = "pre",
    normalization: str = "layer",
    epsilon: float = 1e-5,
    residual: bool = True,
    scaling: Scaling | str = "none",
    causal: bool = False,
    score_gain: float = 1.0,
    final_norm: bool | None = None,
    initializer: Initializer | None = None,
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
    blocks : int
        Number of blocks :math:`N`, at least 1.
    width, heads, hidden, activation, gated, placement, normalization, epsilon, residual, causal
        As for `Block`, but with four heads and ReLU by default.
    tokens, batch : int
        Tokens of a sequence, and number of sequences. Default 16 and 1.
    scaling : Scaling or str
        How branches are scaled, or the name of one that `lib.attention.scaling` makes.
    score_gain : float
        Factor of queries and keys together at the start. Default 1.
    final_norm : bool, optional
        Whether the stream is normalized after the last block. Default: if the blocks normalize
        before their branches.
    initializer : Initializer, optional
        Of all matrices. Default Xavier's, from a normal distribution.
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
    >>> run = attention.simulate(6, 32, placement="post", replicas=2)
    >>> run.log10_gradient_norm.shape
    (2, 7)
    >>> bool((run.likeness[:, -1] > run.likeness[:, 0]).all())
    True
    """
    blocks, replicas = integer("blocks", blocks, 1), integer("replicas", replicas, 1)
    tokens, batch = integer("tokens", tokens, 1), integer("batch", batch, 1)
    scaled = as_scaling(scaling, blocks)
    block = Block(
        width=width, heads=heads, hidden=hidden, activation=activation, gated=gated,
        placement=placement, normalization=normalization, epsilon=epsilon, residual=residual,
        skip_scale=scaled.skip, branch_scale=scaled.branch, causal=causal,
    )  # fmt: skip
    last = block.placement == "pre" if final_norm is None else boolean("final_norm", final_norm)
    memory_limit = integer("memory_limit", memory_limit, 1, None)
    if initializer is not None:
        instance("initializer", initializer, Initializer, "made by lib.initializers")
    keep, kind = boolean("keep", keep), float_type("dtype", dtype).newbyteorder("=")
    score_gain = real("score_gain", score_gain, least=0)
    shape = (block.width, batch, tokens)
    if x is not None:
        x = of_shape("x", x, shape, (replicas, *shape))
    if isinstance(output_gradient, type):
        raise TypeError(f"output_gradient must be an array or a function; got {output_gradient}")
    if output_gradient is not None and not callable(output_gradient):
        output_gradient = of_shape("output_gradient", output_gradient, shape, (replicas, *shape))
    source = Streams(entropy_of(seed), PURPOSES)
    likeness = real("input_likeness", input_likeness, least=0, most=1)
    parts = []
    step = max(1, memory_limit // _bytes(block, blocks, shape, kind))
    for start in range(0, replicas, step):
        count = min(step, replicas - start)
        which = slice(start, start + count)
        given = _inputs(x, which, count, shape, likeness, source, kind)
        layers = [
            block.draw(
                source("weight", k), count, initializer=initializer, gain=scaled.gain,
                output_gain=scaled.output_gain, score_gain=score_gain, dtype=kind,
            )
            for k in range(blocks)
        ]  # fmt: skip
        parts.append(_both_passes(block, layers, given, output_gradient, which, last, source, keep))
    measured = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]
                if name not in ("traces", "gradients")}  # fmt: skip
    by_weight = {
        name.partition("/")[2]: measured.pop(name) for name in list(measured) if "/" in name
    }
    return frozen(
        TransformerRun(
            block=block,
            scaling=scaled,
            blocks=blocks,
            replicas=replicas,
            batch=batch,
            tokens=tokens,
            final_norm=last,
            dtype=kind,
            log10_weight_gradient_norm=ReadOnly(by_weight),
            traces=_joined([part["traces"] for part in parts]) if keep else None,
            gradients=_joined([part["gradients"] for part in parts]) if keep else None,
            **measured,
        )
    )


def as_scaling(value: Scaling | str, blocks: int) -> Scaling:
    if isinstance(value, str):
        return scaling(choice("scaling", value, SCALINGS), blocks)
    return instance("scaling", value, Scaling, "a name or a Scaling")


def _bytes(block: Block, blocks: int, shape: tuple[int, ...], dtype: np.dtype[Any]) -> int:
    """Memory of one replica: weights, and what is kept for the way back."""
    weights = sum(int(np.prod(part)) for part in block.shapes.values())
    width, batch, tokens = shape
    kept = batch * tokens * (14 * width + 5 * (block.hidden or 0) + 2 * block.heads * tokens)
    return int(blocks * (weights + kept) * working(dtype).itemsize)


def _inputs(
    x: np.ndarray | None, which: slice, count: int, shape: tuple[int, ...], likeness: float,
    source: Streams, dtype: np.dtype[Any],
) -> np.ndarray:  # fmt: skip
    """Tokens of some replicas."""
    if x is not None:
        given = x[which] if x.ndim == 4 else np.broadcast_to(x, (count, *shape))
        with quiet():
            return given.astype(dtype)
    width, batch, tokens = shape
    drawn = source("input", 0).standard_normal((count, width, batch, tokens + 1))
    own, common = drawn[..., :-1], drawn[..., -1:]
    return np.asarray(np.sqrt(1 - likeness) * own + np.sqrt(likeness) * common).astype(dtype)


@quiet()
def _both_passes(
    block: Block, layers: list[dict[str, np.ndarray]], x: np.ndarray, output_gradient: Any,
    which: slice, last: bool, source: Streams, keep: bool,
) -> dict[str, Any]:  # fmt: skip
    """Forward and backward through some of the replicas."""
    traces, stream = [], x
    for weights in layers:
        wide = {name: w.astype(working(w.dtype), copy=False) for name, w in weights.items()}
        traces.append(block.run(wide, stream))
        stream = traces[-1].output
    output, normal, inverse = stream, stream, stream
    centered = block.normalization == "layer"
    if last:
        normal, inverse = standardize(stream, UNITS, block.epsilon, centered=centered)
        output = normal
    delta = _start_back(output_gradient, output, which, source)
    if last:
        delta = pull_back(delta, normal, inverse, UNITS, centered=centered)
    streams, deltas = [x, *(t.output for t in traces)], [delta]
    gradients: list[BlockGradients] = []
    for trace in reversed(traces):
        found = block.run_back(trace, delta)
        delta = found.x
        deltas.insert(0, delta)
        gradients.insert(0, found)
    measured: dict[str, Any] = {
        "stream_rms": _by_block(_rms, streams),
        "likeness": _by_block(_likeness, streams),
        "log10_gradient_norm": _by_block(_log10_norm, deltas),
        "gradient_likeness": _by_block(_likeness, deltas),
        "branch_rms": np.stack(
            [np.stack([_rms(b) for b in t.branches], axis=-1) for t in traces], axis=1
        ),
        "entropy": _by_block(lambda p: _entropy(p, block.causal), [t.attention for t in traces]),
        "output": output,
    }
    for name in block.shapes:
        found_by_name = [found.weights[name] for found in gradients]
        measured[f"weights/{name}"] = _by_block(_log10_norm, found_by_name)
    if keep:
        measured |= {"traces": traces, "gradients": gradients}
    return measured


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


def _by_block(measure: Callable[[np.ndarray], np.ndarray], arrays: list[np.ndarray]) -> np.ndarray:
    return np.stack([measure(array) for array in arrays], axis=1)


def _rms(x: np.ndarray) -> np.ndarray:
    mantissa, exponent = norms([x])
    return np.asarray(np.ldexp(mantissa / np.sqrt(x[0].size), exponent))


def _log10_norm(x: np.ndarray) -> np.ndarray:
    mantissa, exponent = norms([x])
    with np.errstate(divide="ignore"):
        return np.asarray(np.log10(mantissa) + exponent * np.log10(2.0))


def _likeness(x: np.ndarray) -> np.ndarray:
    """Mean cosine of two different tokens of a sequence; a token of zeros is like no other."""
    tokens = x.shape[-1]
    if tokens < 2:
        return np.full(len(x), np.nan)
    wide = x.astype(np.float64)
    peak = np.abs(wide).max(axis=UNITS, keepdims=True)
    wide = wide / np.where(peak > 0, peak, 1)
    size = np.sqrt((wide * wide).sum(axis=UNITS, keepdims=True))
    unit = wide / np.where(size > 0, size, 1)
    total = unit.sum(axis=-1)
    pairs = (total * total).sum(axis=UNITS) - (unit * unit).sum(axis=(UNITS, -1))
    return np.asarray(pairs.mean(axis=-1) / (tokens * (tokens - 1)))


def _entropy(p: np.ndarray, causal: bool) -> np.ndarray:
    """Mean entropy of shares, relative to the largest; a token that sees one has none."""
    tokens = p.shape[-1]
    seen = np.arange(1, tokens + 1) if causal else np.full(tokens, tokens)
    rows = seen > 1
    if not rows.any():
        return np.full(len(p), np.nan)
    relative = plain_entropy(p.astype(np.float64))[..., rows] / np.log(seen[rows])
    return np.asarray(relative.mean(axis=(1, 2, 3)))


def _joined(parts: list[list[Any]]) -> tuple[Any, ...]:
    """Join the traces (or gradients) of all blocks of replicas."""
    return tuple(_join(list(same_block)) for same_block in zip(*parts, strict=True))


def _join(things: list[Any]) -> Any:
    first = things[0]
    if isinstance(first, np.ndarray):
        return np.concatenate(things)
    if isinstance(first, Mapping):
        kind = ReadOnly if isinstance(first, ReadOnly) else dict
        return kind({name: _join([thing[name] for thing in things]) for name in first})
    if isinstance(first, tuple):
        return tuple(map(_join, map(list, zip(*things, strict=True))))
    if isinstance(first, (BlockTrace, BlockGradients)):
        return type(first)(
            **{f.name: _join([getattr(t, f.name) for t in things]) for f in fields(first)}
        )
    return first
