"""The forward pass through a block."""

from __future__ import annotations

import numpy as np

from lib._numbers import quiet, working
from lib._values import ReadOnly
from lib.activations._base import as_activation
from lib.attention._results import BlockTrace
from lib.attention._settings import UNITS, Arrays, BlockSettings
from lib.attention._softmax import shares
from lib.normalization import standardize


@quiet()
def run(block: BlockSettings, weights: Arrays, x: np.ndarray) -> BlockTrace:
    """Compute a block, of arguments that need no check."""
    inner: Arrays = {}
    middle, first = half_forward(block, 1, weights, x, inner)
    output, second = half_forward(block, 2, weights, middle, inner)
    attention = inner.pop("shares")
    return BlockTrace(
        block, ReadOnly(weights), x, middle, output, attention, (first, second), inner
    )


def half_forward(
    block: BlockSettings, half: int, weights: Arrays, x: np.ndarray, inner: Arrays
) -> tuple[np.ndarray, np.ndarray]:
    """One half of the block: the stream after it, and what its branch gave."""
    wide = x.astype(working(x.dtype), copy=False)
    given = norm(block, half, weights, wide, inner) if block.placement == "pre" else wide
    branch = (attend if half == 1 else feed)(block, weights, given, inner)
    branch = branch.astype(x.dtype, copy=False)
    total = block.branch_scale * branch.astype(wide.dtype, copy=False)
    if block.residual:
        total += block.skip_scale * wide
    if block.placement == "post":
        total = norm(block, half, weights, total, inner)
    return total.astype(x.dtype, copy=False), branch


def norm(
    block: BlockSettings, half: int, weights: Arrays, x: np.ndarray, inner: Arrays
) -> np.ndarray:
    """Normalize each token over its units."""
    normal, inverse = standardize(x, UNITS, block.epsilon, centered=block.normalization == "layer")
    inner[f"normal {half}"], inner[f"inverse {half}"] = normal, inverse
    if not block.affine:
        return normal
    result: np.ndarray = normal * column(weights[f"norm {half} gain"])
    if block.normalization == "layer":
        result += column(weights[f"norm {half} shift"])
    return result


def attend(block: BlockSettings, weights: Arrays, x: np.ndarray, inner: Arrays) -> np.ndarray:
    """Let each token take a mean of values, weighted by how queries fit keys."""
    query, key, value = (
        split(block, linear(block, weights, name, x)) for name in ("query", "key", "value")
    )
    scores = block.score_scale * (query.swapaxes(-1, -2) @ key)
    if block.causal:
        later = np.triu(np.ones(scores.shape[-2:], bool), 1)
        scores = np.where(later, -np.inf, scores).astype(scores.dtype, copy=False)
    p = shares(scores)
    mixed = join(block, value @ p.swapaxes(-1, -2))
    inner.update(given=x, query=query, key=key, value=value, shares=p, mixed=mixed)
    return linear(block, weights, "output", mixed)


def feed(block: BlockSettings, weights: Arrays, x: np.ndarray, inner: Arrays) -> np.ndarray:
    """Let each token pass two layers by itself."""
    phi = as_activation("activation", block.activation)
    h = linear(block, weights, "gate" if block.gated else "up", x)
    activation, slope = np.empty_like(h), np.empty_like(h)
    phi.write(h, activation, slope)
    inner.update(fed=x, slope=slope)
    if block.gated:
        factor = linear(block, weights, "up", x)
        inner.update(activation=activation, linear=factor)
        activation = activation * factor
    inner["hidden"] = activation
    return linear(block, weights, "down", activation)


def linear(block: BlockSettings, weights: Arrays, name: str, x: np.ndarray) -> np.ndarray:
    """Multiply each token by a matrix, and add a bias if there is one."""
    result = (weights[name] @ flat(x)).reshape(len(x), -1, *x.shape[2:])
    if block.affine:
        result += column(weights[f"{name} bias"])
    return np.asarray(result)


def split(block: BlockSettings, x: np.ndarray) -> np.ndarray:
    """Give each head its units: (replicas, heads, batch, units, tokens)."""
    replicas, _, batch, tokens = x.shape
    return x.reshape(replicas, block.heads, -1, batch, tokens).swapaxes(2, 3)


def join(block: BlockSettings, x: np.ndarray) -> np.ndarray:
    """Put the units of all heads below each other again."""
    replicas, _, batch, _, tokens = x.shape
    return x.swapaxes(2, 3).reshape(replicas, block.width, batch, tokens)


def column(vector: np.ndarray) -> np.ndarray:
    """Give (replicas, units) the axes of batch and tokens."""
    return vector[:, :, None, None]


def flat(x: np.ndarray) -> np.ndarray:
    """Put all tokens of all sequences side by side: (replicas, units, columns)."""
    return np.asarray(x.reshape(*x.shape[:2], -1))
