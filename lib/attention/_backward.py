"""The exact way back through a block."""

from __future__ import annotations

import numpy as np

from lib._numbers import quiet, working
from lib._values import ReadOnly
from lib.attention._forward import column, flat, join, split
from lib.attention._results import BlockGradients, BlockTrace
from lib.attention._settings import UNITS, Arrays, BlockSettings
from lib.attention._softmax import shares_back
from lib.normalization import pull_back


@quiet()
def run_back(block: BlockSettings, trace: BlockTrace, gradient: np.ndarray) -> BlockGradients:
    """Go back through a block, of arguments that need no check."""
    found: Arrays = {}
    middle, second = half_back(block, 2, trace, gradient, found)
    x, first = half_back(block, 1, trace, middle, found)
    dtype = trace.x.dtype
    weights = {name: found[name].astype(dtype, copy=False) for name in block.shapes}
    return BlockGradients(
        x, middle, ReadOnly(weights), np.stack([first, second], axis=-1).astype(dtype)
    )


def half_back(
    block: BlockSettings, half: int, trace: BlockTrace, gradient: np.ndarray, found: Arrays
) -> tuple[np.ndarray, np.ndarray]:
    """Go back through one half; returns the gradients of its input and of its branch scale."""
    delta = gradient.astype(working(gradient.dtype), copy=False)
    if block.placement == "post":
        delta = norm_back(block, half, trace, delta, found)
    by_scale = np.einsum("rnbt,rnbt->r", delta, trace.branches[half - 1].astype(delta.dtype))
    back = attend_back if half == 1 else feed_back
    branch = back(block, trace, block.branch_scale * delta, found)
    if block.placement == "pre":
        branch = norm_back(block, half, trace, branch, found)
    if block.residual:
        branch = branch + block.skip_scale * delta
    return branch.astype(gradient.dtype, copy=False), by_scale


def norm_back(
    block: BlockSettings, half: int, trace: BlockTrace, delta: np.ndarray, found: Arrays
) -> np.ndarray:
    normal, inverse = trace.inner[f"normal {half}"], trace.inner[f"inverse {half}"]
    layer = block.normalization == "layer"
    if block.affine:
        found[f"norm {half} gain"] = (delta * normal).sum(axis=(2, 3))
        if layer:
            found[f"norm {half} shift"] = delta.sum(axis=(2, 3))
        delta = delta * column(trace.weights[f"norm {half} gain"])
    return np.asarray(pull_back(delta, normal, inverse, UNITS, centered=layer))


def attend_back(
    block: BlockSettings, trace: BlockTrace, delta: np.ndarray, found: Arrays
) -> np.ndarray:
    inner, p = trace.inner, trace.attention
    mixed = split(block, linear_back(block, trace, "output", delta, inner["mixed"], found))
    by_score = shares_back(p, mixed.swapaxes(-1, -2) @ inner["value"])
    by_score *= block.score_scale
    # A token that may not be seen has the share 0, and so the gradient 0.
    parts = {
        "query": inner["key"] @ by_score.swapaxes(-1, -2),
        "key": inner["query"] @ by_score,
        "value": mixed @ p,
    }
    joined = {name: join(block, part) for name, part in parts.items()}
    given = inner["given"]
    ways = [linear_back(block, trace, *part, given, found) for part in joined.items()]
    return np.asarray(ways[0] + ways[1] + ways[2])


def feed_back(
    block: BlockSettings, trace: BlockTrace, delta: np.ndarray, found: Arrays
) -> np.ndarray:
    inner, given = trace.inner, trace.inner["fed"]
    hidden = linear_back(block, trace, "down", delta, inner["hidden"], found)
    if not block.gated:
        return linear_back(block, trace, "up", hidden * inner["slope"], given, found)
    by_gate = hidden * inner["linear"] * inner["slope"]
    one = linear_back(block, trace, "gate", by_gate, given, found)
    two = linear_back(block, trace, "up", hidden * inner["activation"], given, found)
    return np.asarray(one + two)


def linear_back(
    block: BlockSettings,
    trace: BlockTrace,
    name: str,
    delta: np.ndarray,
    given: np.ndarray,
    found: Arrays,
) -> np.ndarray:
    """Go back through a matrix, and note its gradient."""
    found[name] = flat(delta) @ flat(given).swapaxes(-1, -2)
    if block.affine:
        found[f"{name} bias"] = delta.sum(axis=(2, 3))
    back = trace.weights[name].swapaxes(-1, -2) @ flat(delta)
    return np.asarray(back.reshape(len(delta), -1, *delta.shape[2:]))
