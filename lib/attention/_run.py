"""What was measured in random transformers, and how blocks of replicas are put together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from lib._values import ByValue, ReadOnly
from lib.attention._network import Transformer
from lib.attention._results import BlockGradients, BlockTrace


@dataclass(frozen=True, eq=False, kw_only=True)
class TransformerRun(ByValue):
    r"""What was measured in random transformers, replica by replica.

    Arrays of shape ``(replicas, blocks + 1)`` speak of the residual stream: before the first block,
    and after each. The final normalization, if there is one, comes after the last of them.

    Attributes
    ----------
    network : Transformer
        What was simulated.
    replicas, batch : int
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

    network: Transformer
    replicas: int
    batch: int
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


@dataclass(frozen=True)
class Measured:
    """What `TransformerRun` says of some of the replicas, under the same names."""

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


def joined(things: Sequence[Any]) -> Any:
    """Put the replicas of several blocks behind one another, in whatever holds them."""
    first = things[0]
    if isinstance(first, np.ndarray):
        return np.concatenate(things)
    if isinstance(first, Mapping):
        kind = ReadOnly if isinstance(first, ReadOnly) else dict
        return kind({name: joined([thing[name] for thing in things]) for name in first})
    if isinstance(first, tuple):
        return tuple(map(joined, map(list, zip(*things, strict=True))))
    if isinstance(first, (BlockTrace, BlockGradients, Measured)):
        return type(first)(
            **{f.name: joined([getattr(t, f.name) for t in things]) for f in fields(first)}
        )
    return first
