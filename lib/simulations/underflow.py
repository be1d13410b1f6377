"""Number formats and what they lose: book/underflow.md."""

from functools import lru_cache

import numpy as np

from lib import chain, scalar_chain

FORMATS = ("float16", "bfloat16", "float32", "float64")
DEEPEST = 10_000
MANY = 4000


def to_bfloat16(x: np.ndarray) -> np.ndarray:
    """Round to the nearest bfloat16, ties to even: the upper half of a float32.

    Parameters
    ----------
    x : array_like
        Finite.

    Returns
    -------
    ndarray of float32, of the shape of `x`

    Examples
    --------
    >>> float(to_bfloat16(1.005)), float(to_bfloat16(1 + 2**-8))
    (1.0078125, 1.0)
    """
    bits = np.asarray(x, np.float32).view(np.uint32)
    upward = np.uint32(0x7FFF) + ((bits >> np.uint32(16)) & np.uint32(1))
    return np.asarray(((bits + upward) & np.uint32(0xFFFF0000)).view(np.float32))


def rounded(x: np.ndarray, number_format: str) -> np.ndarray:
    """Round to one of `FORMATS`.

    Raises
    ------
    ValueError
        If the format is none of them.
    """
    if number_format not in FORMATS:
        raise ValueError(f"number_format must be one of {FORMATS}; got {number_format!r}")
    if number_format == "bfloat16":
        return to_bfloat16(x)
    with np.errstate(over="ignore", under="ignore"):
        return np.asarray(x, number_format)


@lru_cache(maxsize=256)
def product(slope: float) -> scalar_chain.ScalarChain:
    """Product of equal slopes, layer by layer, exactly and in three number formats."""
    return scalar_chain.scalar(slope=slope, depth=DEEPEST)


def leaves_range(slope: float, number_format: str) -> int | None:
    """First layer at which a format holds such a product no longer in full; None if none is."""
    rounded = getattr(product(slope), number_format)
    ends = (rounded.first_subnormal, rounded.first_zero, rounded.first_infinite)
    return min((layer for layer in ends if layer is not None), default=None)


@lru_cache(maxsize=256)
def share_that_moves(number_format: str, exponent: float) -> float:
    """Share of weights that an update changes, in a number format.

    Parameters
    ----------
    number_format : str
        One of `FORMATS`.
    exponent : float
        Decimal logarithm of the size of updates in units of the size of weights; both are normal.

    Returns
    -------
    float
    """
    rng = np.random.default_rng(0)
    weights = rounded(rng.standard_normal(MANY), number_format)
    updates = rounded(10.0**exponent * rng.standard_normal(MANY), number_format)
    return float(np.mean(rounded(weights + updates, number_format) != weights))


@lru_cache(maxsize=1)
def gradient_entries() -> np.ndarray:
    """Entries of the gradients of all layers of a deep tanh network, in double precision."""
    run = chain.simulate(
        chain.MLP("tanh", depth=20, width=64, weight_variance=0.5),
        batch=8,
        replicas=1,
        output_gradient=lambda h: h / h.shape[-1] * 1e-3,
        measure=chain.Measure(arrays=True),
    )
    assert run.arrays is not None
    return np.asarray(np.abs(np.concatenate([g.ravel() for g in run.arrays.gradients])))
