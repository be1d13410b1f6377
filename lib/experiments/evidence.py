"""What the seeds say: the comparisons of a table, each with an interval, judged together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from lib._checks import boolean, finite, real, real_numbers, shown
from lib._values import ReadOnly

__all__ = ["Comparison", "Comparisons", "compare", "trend"]


@dataclass(frozen=True)
class Comparison:
    """A difference between two kinds of networks, or a trend, as one of a table.

    Attributes
    ----------
    difference : float
        Mean of the first minus the second; of a trend the mean slope; of ordinal outcomes the
        share of pairs of networks in which the first is larger minus the share in which the second
        is.
    low, high : float
        Confidence interval of the mean from Student's distribution, of this comparison alone; NaN
        for ordinal outcomes, which have no mean.
    p_value : float
        Two-sided, for no difference, of this comparison alone.
    adjusted : float
        The p-value after Holm's correction for all comparisons of the table.
    seeds : int
        Of the first; the second has as many if they are paired.
    confidence : float
        Of the interval, and 1 minus the adjusted p-value from which on a difference counts.
    """

    difference: float
    low: float
    high: float
    p_value: float
    adjusted: float
    seeds: int
    confidence: float

    @property
    def sign(self) -> int:
        """1 or -1 if the first is significantly larger or smaller, and 0 if neither.

        Examples
        --------
        >>> compare({"a": ([3.0, 4.0, 5.0], [1.0, 2.1, 2.9])}, paired=True)["a"].sign
        1
        """
        return 0 if self.adjusted >= 1 - self.confidence else int(np.sign(self.difference))

    def __str__(self) -> str:
        """Difference and, where there is one, its interval."""
        shown = f"{self.difference:+.3g}"
        return shown if np.isnan(self.low) else f"{shown} [{self.low:+.3g}, {self.high:+.3g}]"


Comparisons = ReadOnly[str, Comparison]
Found = tuple[float, float, float, float, int]  # difference, low, high, p-value, seeds


def compare(
    pairs: Mapping[str, tuple[ArrayLike, ArrayLike]],
    *,
    paired: bool,
    ordinal: bool = False,
    confidence: float = 0.95,
) -> Comparisons:
    """Compare two kinds of networks in each row of a table, with Holm's correction for all rows.

    Parameters
    ----------
    pairs : mapping of str to two arrays of float, each of shape (seeds,)
        By the name of a row: one result for each of at least two seeds. All comparisons that are
        reported together belong into one call, since the correction counts them.
    paired : bool
        Whether the same seed means the same weights or the same data for both kinds. Then results
        are compared seed by seed, and otherwise as two samples of unequal variance (Welch).
    ordinal : bool
        For outcomes whose order is all that counts, or which are cut off, such as the steps until a
        problem was solved, infinite if it was not: Wilcoxon's signed ranks if they are paired, and
        the exact test of Mann and Whitney if not. Default: Student's t-tests.
    confidence : float
        Of the intervals, from 0 to 1. Default 0.95.

    Returns
    -------
    mapping of str to Comparison

    Raises
    ------
    ValueError
        If there is no pair; if the shapes of a pair do not fit, there are fewer than two seeds, or
        a number is NaN, or infinite without being ordinal; or if all differences are the same,
        so that they have no spread to judge them by.

    References
    ----------
    Holm, "A Simple Sequentially Rejective Multiple Test Procedure", Scandinavian Journal of
    Statistics 6, 1979.

    Examples
    --------
    >>> found = compare({"a": ([3.0, 4.0, 5.0], [1.0, 2.1, 2.9])}, paired=True)
    >>> print(found["a"])
    +2 [+1.75, +2.25]
    """
    confidence = real("confidence", confidence, least=0, most=1)
    paired, ordinal = boolean("paired", paired), boolean("ordinal", ordinal)
    found = {}
    for name, (first, second) in _rows("pairs", pairs, two=True):
        check = real_numbers if ordinal else finite
        one, other = (
            np.asarray(check(f"pairs[{name!r}][{place}]", side), np.float64)
            for place, side in enumerate((first, second))
        )
        if one.ndim != 1 or other.ndim != 1 or min(len(one), len(other)) < 2:
            raise ValueError(
                f"pairs[{name!r}] must have one number for each of at least 2 seeds; "
                f"got shapes {one.shape} and {other.shape}"
            )
        if paired and one.shape != other.shape:
            raise ValueError(
                f"pairs[{name!r}] must have the same seeds if they are paired; "
                f"got shapes {one.shape} and {other.shape}"
            )
        if ordinal and (np.isnan(one).any() or np.isnan(other).any()):
            raise ValueError(f"pairs[{name!r}] must not hold NaN")
        test = _ranks if ordinal else _means
        found[name] = test(f"pairs[{name!r}]", one, other, paired, confidence)
    return _together(found, confidence)


def trend(
    dose: ArrayLike, outcomes: Mapping[str, ArrayLike], *, confidence: float = 0.95
) -> Comparisons:
    """Test whether outcomes rise or fall with a dose: one straight line for each seed.

    Parameters
    ----------
    dose : array_like of float, shape (doses,)
        At least three that differ.
    outcomes : mapping of str to array_like of float, shape (doses, seeds)
        By name; at least two seeds.
    confidence : float
        Of the intervals, from 0 to 1. Default 0.95.

    Returns
    -------
    mapping of str to Comparison
        Of the slopes: by how much the outcome changes for one unit of the dose.

    Raises
    ------
    ValueError
        If shapes do not fit, a number is not finite, or all slopes are the same.

    Examples
    --------
    >>> print(trend([0, 1, 2], {"right": [[1.0, 2.0], [2.0, 3.5], [3.0, 4.2]]})["right"])
    +1.05 [+0.415, +1.69]
    """
    from scipy import stats

    confidence = real("confidence", confidence, least=0, most=1)
    x = np.asarray(finite("dose", dose), np.float64)
    if x.ndim != 1 or len(np.unique(x)) < 3:
        raise ValueError(f"dose must have at least 3 different values; got {shown(dose)}")
    found = {}
    for name, outcome in _rows("outcomes", outcomes):
        y = np.asarray(finite(f"outcomes[{name!r}]", outcome), np.float64)
        if y.ndim != 2 or len(y) != len(x) or y.shape[1] < 2:
            raise ValueError(
                f"outcomes[{name!r}] must have shape ({len(x)}, seeds) with at least 2 seeds; "
                f"got {y.shape}"
            )
        slopes = np.array([stats.linregress(x, one).slope for one in y.T])
        found[name] = _means(f"outcomes[{name!r}]", slopes, np.zeros_like(slopes), True, confidence)
    return _together(found, confidence)


def _rows(argument: str, rows: Any, *, two: bool = False) -> list[tuple[str, Any]]:
    """Check that there are rows with names, and two sides of each if they are pairs."""
    if not isinstance(rows, Mapping) or not all(isinstance(name, str) for name in rows):
        raise TypeError(f"{argument} must be a mapping from names; got {type(rows).__name__}")
    if not rows:
        raise ValueError(f"{argument} must hold at least one row")
    for name, row in rows.items():
        if two and (not isinstance(row, (tuple, list)) or len(row) != 2):
            raise ValueError(f"{argument}[{name!r}] must be a pair; got {shown(row)}")
    return list(rows.items())


def _means(name: str, one: np.ndarray, other: np.ndarray, paired: bool, confidence: float) -> Found:
    """Student's test of paired differences, or Welch's of two samples."""
    difference = float(np.mean(one) - np.mean(other))
    if paired and (one == other).all():
        return 0.0, 0.0, 0.0, 1.0, len(one)
    spread = np.ptp(one - other) if paired else np.ptp(one) + np.ptp(other)
    if spread == 0:
        raise ValueError(
            f"{name} must have differences that vary; all are {difference:g}, so there is no "
            "spread to judge them by: compare with ordinal=True"
        )
    from scipy import stats  # where it is used: a page would load 21 MB for it

    test = stats.ttest_rel(one, other) if paired else stats.ttest_ind(one, other, equal_var=False)
    low, high = test.confidence_interval(confidence)
    return difference, float(low), float(high), float(test.pvalue), len(one)


def _ranks(name: str, one: np.ndarray, other: np.ndarray, paired: bool, confidence: float) -> Found:
    """Wilcoxon's test of paired differences, or that of Mann and Whitney of two samples."""
    from scipy import stats

    if paired:
        # What is cut off lies beyond all else: the ranks of the values stand for them.
        ranks = stats.rankdata(np.concatenate([one, other]), method="dense")
        apart = ranks[: len(one)] - ranks[len(one) :]
        share = float(np.mean(np.sign(apart)))
        p_value = 1.0 if not apart.any() else float(stats.wilcoxon(apart).pvalue)
    else:
        exact = stats.PermutationMethod(n_resamples=99_999, rng=np.random.default_rng(0))
        test = stats.mannwhitneyu(one, other, method=exact)
        share = float(2 * test.statistic / (len(one) * len(other)) - 1)
        p_value = float(min(test.pvalue, 1.0))
    return share, np.nan, np.nan, p_value, len(one)


def _together(found: Mapping[str, Found], confidence: float) -> Comparisons:
    """Correct the p-values of a table by Holm's procedure."""
    order = sorted(found, key=lambda name: found[name][3])
    adjusted, so_far = {}, 0.0
    for rank, name in enumerate(order):
        so_far = max(so_far, min(1.0, found[name][3] * (len(order) - rank)))
        adjusted[name] = so_far
    return ReadOnly(
        {
            name: Comparison(difference, low, high, p_value, adjusted[name], seeds, confidence)
            for name, (difference, low, high, p_value, seeds) in found.items()
        }
    )
