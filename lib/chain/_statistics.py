"""Norms, moments and shares of the arrays of a chain, in forms that neither under- nor overflow."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lib.chain._passes import Layer

LOG10_2 = np.log10(2.0)


def column_sums(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Sum of products over units: ``(R, n, ..., B)`` to ``(R, ..., B)`` in float64."""
    flat = x.reshape(*x.shape[:2], -1), y.reshape(*y.shape[:2], -1)
    sums: np.ndarray = np.einsum("rnk,rnk->rk", *flat)
    return sums.reshape(x.shape[0], *x.shape[2:]).astype(np.float64)


def total_squares(x: np.ndarray) -> np.ndarray:
    """Sum of squares over units and samples: ``(R, n, D, C, B)`` to ``(R, D, C)`` in float64."""
    _, _, directions, columns, _ = x.shape
    if directions * columns == 1:  # one after the other: the sum must not depend on the others
        return np.array([np.vdot(chain, chain) for chain in x], np.float64).reshape(-1, 1, 1)
    return np.asarray(column_sums(x, x).sum(axis=-1))


def normal_range(
    x: np.ndarray, *, always: bool = False
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Split `x` into an array whose squares are normal numbers and a power of two.

    Parameters
    ----------
    x : ndarray
    always : bool
        Bring the largest entry to between 1/2 and 1 even where squares are normal as they are.

    Returns
    -------
    mantissa : ndarray
        Shape of `x`: ``(R, n, D, C, B)``; `x` itself where no scaling was needed.
    exponent : ndarray of int, shape (R, D, C)
        ``x = mantissa * 2**exponent``, exactly unless subnormal.
    norm : ndarray of float64, shape (R, D, C)
        Euclidean norm of `mantissa` over units and samples.
    """
    squares = total_squares(x)
    exponent = np.zeros(squares.shape, np.int64)
    room = 1e-20 if x.dtype == np.float32 else 1e-200
    if always or not ((squares > room) & (squares < 1 / room)).all():
        peak = np.abs(x).max(axis=(1, 4)).astype(np.float64)
        usable = np.isfinite(peak) & (peak > 0)
        exponent[usable] = np.frexp(peak[usable])[1]
        x = np.ldexp(x, -exponent[:, None, :, :, None])
        squares = total_squares(x)
    return x, exponent, np.sqrt(squares)


def wide_norm(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Power of two and norm by which `normal_range` tells how large `x` is, without its array."""
    if x.dtype == np.float32:
        squares = total_squares(x)
        if not ((squares > 1e-20) & (squares < 1e20)).all():
            squares = total_squares(x.astype(np.float64))  # can hold the square of any float32
        return np.zeros(squares.shape, np.int64), np.sqrt(squares)
    _, exponent, norm = normal_range(x)
    return exponent, norm


def gram(x: np.ndarray) -> np.ndarray:
    """Inner products of the samples: ``(R, n, ..., B)`` to ``(R, ..., B, B)``."""
    samples = np.moveaxis(x, 1, -2)
    products: np.ndarray = np.matmul(samples.swapaxes(-1, -2), samples)
    return products


def moments(x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean and rms over units and samples, ``(R, C)``, and squares by sample, ``(R, C, B)``."""
    squares = column_sums(x, x)
    mean = x.mean(axis=1).mean(axis=-1, dtype=np.float64)
    return mean, np.sqrt(squares.mean(axis=-1) / x.shape[1]), squares


def pair_correlation(h: np.ndarray, squares: np.ndarray) -> np.ndarray:
    """Mean cosine between samples 0 and 1, 2 and 3, ...: ``(R, n, C, B)`` to ``(R, C)``."""
    pairs = h.shape[-1] // 2
    if pairs == 0:
        return np.full((h.shape[0], h.shape[2]), np.nan)
    even, odd = np.s_[..., 0 : 2 * pairs : 2], np.s_[..., 1 : 2 * pairs : 2]
    products = column_sums(h[even], h[odd])
    cosines: np.ndarray = products / (np.sqrt(squares[even]) * np.sqrt(squares[odd]))
    return np.asarray(cosines.mean(axis=-1))


def histogram(x: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Share of entries in each bin: ``(R, n, C, B)`` to ``(R, C, bins)``."""
    replicas, units, columns, batch = x.shape
    bins = len(edges) - 1
    rows = np.moveaxis(x, 2, 1).reshape(replicas * columns, -1)
    index = np.searchsorted(edges, rows, side="right") - 1
    index[rows == edges[-1]] = bins - 1
    inside = (index >= 0) & (index < bins)
    index += bins * np.arange(len(rows))[:, None]
    counts = np.bincount(index[inside], minlength=bins * len(rows))
    return np.asarray(counts.reshape(replicas, columns, bins) / (units * batch))


def shares(slope: np.ndarray, thresholds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Shares of dead units and of saturated entries: ``(R, n, C, B)`` to two ``(R, C)``."""
    dead = (~slope.any(axis=-1)).mean(axis=1)
    saturated = np.abs(slope) < thresholds[:, None]
    return dead, np.count_nonzero(saturated, axis=(1, 3)) / (slope.shape[1] * slope.shape[3])


class LayerStatistics(NamedTuple):
    """What is measured on the way forward, of one layer ``(R, C)``, of all ``(R, C, L)``.

    Histograms have one more axis, of bins.
    """

    pre_activation_mean: np.ndarray
    pre_activation_rms: np.ndarray
    activation_mean: np.ndarray
    activation_rms: np.ndarray
    dead_fraction: np.ndarray
    saturated_fraction: np.ndarray
    correlation: np.ndarray
    pre_activation_histogram: np.ndarray | None
    activation_histogram: np.ndarray | None


def forward_statistics(
    layer: Layer, thresholds: np.ndarray, edges: np.ndarray | None
) -> LayerStatistics:
    """Measure one layer of a forward pass."""
    h, a = layer.pre_activation, layer.activation
    h_mean, h_rms, squares = moments(h)
    a_mean, a_rms, _ = moments(a)
    dead, saturated = shares(layer.slope, thresholds)
    return LayerStatistics(
        pre_activation_mean=h_mean,
        pre_activation_rms=h_rms,
        activation_mean=a_mean,
        activation_rms=a_rms,
        dead_fraction=dead,
        saturated_fraction=saturated,
        correlation=pair_correlation(h, squares),
        pre_activation_histogram=None if edges is None else histogram(h, edges),
        activation_histogram=None if edges is None else histogram(a, edges),
    )
