"""Which learning rates were chosen, and whether a better one may lie beyond those tried."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

NOTHING_LEARNED = "no rate that was tried has learned more than to guess"
REACHED = "all networks have reached the goal with it, so that no other rate was asked for"


@dataclass(frozen=True)
class Choice:
    """A learning rate that was chosen among several.

    Attributes
    ----------
    of : str
        What was trained with it.
    rate : float
    least, most : float
        The smallest and the largest that were tried.
    settled : str
        Why it does not matter that the rate is the smallest or the largest; empty if it does.
    """

    of: str
    rate: float
    least: float
    most: float
    settled: str = ""

    @property
    def open(self) -> bool:
        """Whether a better rate may lie beyond those that were tried.

        Examples
        --------
        >>> Choice("ReLU", 0.3, 0.01, 0.3).open, Choice("ReLU", 0.1, 0.01, 0.3).open
        (True, False)
        """
        inside = self.least * (1 + 1e-5) < self.rate < self.most * (1 - 1e-5)
        return not inside and not self.settled


def lowest(
    of: str, rates: Sequence[float] | np.ndarray, losses: np.ndarray, *, unlearned: float = np.inf
) -> Choice:
    """Choose the rate with the lowest mean over seeds.

    Parameters
    ----------
    of : str
        What was trained.
    rates : array_like of float, shape (rates,)
        In order.
    losses : ndarray, shape (rates, seeds)
        What is not finite is worst.
    unlearned : float
        A mean above it is that of networks that have learned nothing. Default: none is.

    Returns
    -------
    Choice

    Examples
    --------
    >>> lowest("ReLU", [0.1, 0.3, 1.0], np.array([[2.0, 2.0], [1.0, 1.0], [0.5, np.nan]])).rate
    0.3
    """
    if len(rates) != len(losses):
        raise ValueError(f"{of} must have a loss for each of {len(rates)} rates; got {len(losses)}")
    means = np.where(np.isfinite(losses), losses, np.inf).mean(axis=-1)
    best = int(np.argmin(means))
    learned = np.isfinite(means[best]) and means[best] <= unlearned
    return stored(of, (rates[best], rates[0], rates[-1]), "" if learned else NOTHING_LEARNED)


def stored(of: str, rates: Iterable[float | np.ndarray], settled: str = "") -> Choice:
    """Make a choice from a rate, the smallest and the largest that were tried, as arrays hold them.

    Parameters
    ----------
    of : str
        What was trained.
    rates : iterable of three numbers
    settled : str
        As for `Choice`.
    """
    rate, least, most = map(float, rates)
    return Choice(of, rate, least, most, settled)
