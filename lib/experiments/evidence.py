"""What the seeds say: differences with confidence intervals, and verdicts in words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from lib._checks import finite, real

__all__ = ["Comparison", "compare"]


@dataclass(frozen=True)
class Comparison:
    """A mean difference between two kinds of networks, seed by seed.

    Attributes
    ----------
    difference : float
        Mean of the first minus the second.
    low, high : float
        Confidence interval of the mean difference, from Student's distribution.
    p_value : float
        Two-sided, for no difference.
    seeds : int
    confidence : float
    """

    difference: float
    low: float
    high: float
    p_value: float
    seeds: int
    confidence: float

    @property
    def significant(self) -> bool:
        """Whether the interval leaves out 0."""
        return not self.low <= 0 <= self.high

    def verdict(self, more: str, less: str, neither: str) -> str:
        """Choose the words that the numbers allow.

        Parameters
        ----------
        more, less : str
            If the first is significantly larger, or smaller.
        neither : str
            If the interval holds 0.

        Examples
        --------
        >>> compare([3.0, 4.0, 5.0], [1.0, 2.1, 2.9]).verdict("slower", "faster", "no difference")
        'slower'
        """
        if not self.significant:
            return neither
        return more if self.difference > 0 else less

    def __str__(self) -> str:
        """Difference and interval."""
        return f"{self.difference:+.3g} [{self.low:+.3g}, {self.high:+.3g}]"


def compare(first: ArrayLike, second: ArrayLike, *, confidence: float = 0.95) -> Comparison:
    """Compare two kinds of networks that were trained from the same seeds.

    Parameters
    ----------
    first, second : array_like of float, shape (seeds,)
        Results in the order of the seeds, at least two.
    confidence : float
        Of the interval, from 0 to 1. Default 0.95.

    Returns
    -------
    Comparison

    Raises
    ------
    ValueError
        If shapes differ, there are fewer than two seeds, or a number is not finite.

    Examples
    --------
    >>> print(compare([3.0, 4.0, 5.0], [1.0, 2.1, 2.9]))
    +2 [+1.75, +2.25]
    """
    one, other = finite("first", first), finite("second", second)
    if one.shape != other.shape or one.ndim != 1 or len(one) < 2:
        raise ValueError(
            f"first and second must have one number for each of at least 2 seeds; "
            f"got shapes {one.shape} and {other.shape}"
        )
    confidence = real("confidence", confidence, least=0, most=1)
    differences = one.astype(np.float64) - other
    mean, error = differences.mean(), stats.sem(differences)
    if error == 0:
        return Comparison(mean, mean, mean, float(mean == 0), len(one), confidence)
    student = stats.t(len(one) - 1)
    reach = student.ppf((1 + confidence) / 2) * error
    return Comparison(
        float(mean), float(mean - reach), float(mean + reach),
        float(2 * student.sf(abs(mean) / error)), len(one), confidence,
    )  # fmt: skip
