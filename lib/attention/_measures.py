"""What is measured of the stream, its gradient and the shares of attention."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lib._numbers import norms
from lib.attention._settings import UNITS
from lib.attention._softmax import plain_entropy


def by_block(measure: Callable[[np.ndarray], np.ndarray], arrays: list[np.ndarray]) -> np.ndarray:
    return np.stack([measure(array) for array in arrays], axis=1)


def rms(x: np.ndarray) -> np.ndarray:
    mantissa, exponent = norms([x])
    return np.asarray(np.ldexp(mantissa / np.sqrt(x[0].size), exponent))


def log10_norm(x: np.ndarray) -> np.ndarray:
    mantissa, exponent = norms([x])
    with np.errstate(divide="ignore"):
        return np.asarray(np.log10(mantissa) + exponent * np.log10(2.0))


def likeness(x: np.ndarray) -> np.ndarray:
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


def entropy(p: np.ndarray, causal: bool) -> np.ndarray:
    """Mean entropy of shares, relative to the largest; a token that sees one has none."""
    tokens = p.shape[-1]
    seen = np.arange(1, tokens + 1) if causal else np.full(tokens, tokens)
    rows = seen > 1
    if not rows.any():
        return np.full(len(p), np.nan)
    relative = plain_entropy(p.astype(np.float64))[..., rows] / np.log(seen[rows])
    return np.asarray(relative.mean(axis=(1, 2, 3)))
