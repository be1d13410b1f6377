"""What the runs through time say: how far each kind of cell comes."""

from collections.abc import Mapping

import numpy as np

from lib._checks import arrays, finite

__all__ = ["failure", "longest"]


def failure(results: Mapping[str, np.ndarray]) -> dict[str, float]:
    """Find the first length at which each kind fails: fewer than half of the seeds solve it.

    Parameters
    ----------
    results : mapping of str to ndarray
        As from `through_time.run`.

    Returns
    -------
    dict of str to float
        By kind; infinite if it fails at none.

    Examples
    --------
    >>> solved_at = np.array([[[100.0, 200.0], [300.0, np.inf], [np.inf, np.inf]]])
    >>> shown = {"kinds": np.array(["RNN"]), "lengths": np.array([10, 20, 30])}
    >>> failure({**shown, "solved_at": solved_at})
    {'RNN': 30.0}
    """
    kinds, lengths, solved = _fitting(results)
    shares = solved.mean(axis=2)
    firsts = [int(np.argmax([*(share < 0.5), True])) for share in shares]
    ends = [*lengths.tolist(), np.inf]
    return {kind: float(ends[first]) for kind, first in zip(kinds, firsts, strict=True)}


def longest(results: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Find how far each seed of each kind comes: the length up to which it has solved them all.

    Parameters
    ----------
    results : mapping of str to ndarray
        As from `through_time.run`.

    Returns
    -------
    dict of str to ndarray of float64, shape (seeds,)
        By kind; 0 where a seed has not solved the shortest.

    Examples
    --------
    >>> solved_at = np.array([[[100.0, 200.0], [300.0, np.inf], [np.inf, np.inf]]])
    >>> shown = {"kinds": np.array(["RNN"]), "lengths": np.array([10, 20, 30])}
    >>> longest({**shown, "solved_at": solved_at})
    {'RNN': array([20., 10.])}
    """
    kinds, lengths, solved = _fitting(results)
    ends, reached = np.array([0.0, *lengths]), np.cumprod(solved, axis=1).sum(axis=1)
    return {kind: ends[r] for kind, r in zip(kinds, reached, strict=True)}


def _fitting(results: Mapping[str, np.ndarray]) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Return the kinds, the lengths, and where they were solved, (kind, length, seed)."""
    found = arrays("results", results, "kinds", "lengths", "solved_at")
    kinds, solved_at = list(map(str, found["kinds"].ravel())), found["solved_at"]
    lengths = finite("results['lengths']", found["lengths"])
    fits = solved_at.dtype.kind == "f" and solved_at.shape[:2] == (len(kinds), lengths.size)
    if (
        not fits
        or lengths.ndim != 1
        or solved_at.ndim != 3
        or not solved_at.size
        or not (lengths > 0).all()
    ):
        raise ValueError(
            "results must have as many kinds and lengths as solved_at, (kind, length, seed); got "
            f"{len(kinds)}, {lengths.size} and {solved_at.shape}"
        )
    return kinds, lengths, np.isfinite(solved_at)
