"""Training one kind of network from several seeds, with each of several learning rates at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lib import datasets, training
from lib._values import ByValue
from lib.models import Network
from lib.training import Optimizer, Training

SEEDS = tuple(range(10))


UNLEARNED = 0.9 * float(np.log(10))  # of a network that has hardly learned more than to guess


@dataclass(frozen=True, eq=False)
class Trained(ByValue):
    """The networks that trained with the best rate.

    Attributes
    ----------
    rate : float
        The one with the lowest mean training loss at the end.
    training : Training
        Of all rates, or of the best alone if it was tried later than the others.
    kept : slice
        The replicas of the best rate, in the order of the seeds.
    tried : tuple of float
        All rates that were tried, in order.
    learned : bool
        Whether the best rate has learned more than to guess; otherwise no rate is the best.
    """

    rate: float
    training: Training
    kept: slice
    tried: tuple[float, ...]
    learned: bool

    def array(self, name: str) -> np.ndarray:
        """Return a measurement of the history, of the best rate alone, seeds last."""
        return np.asarray(getattr(self.training.history, name)[..., self.kept])

    def by_rate(self, name: str) -> np.ndarray:
        """Return a measurement of the history, of all rates, with axes (..., rates, seeds)."""
        values: np.ndarray = getattr(self.training.history, name)
        return values.reshape(*values.shape[:-1], -1, self.kept.stop - self.kept.start)


def train(
    network: Network,
    seeds: Sequence[int],
    *,
    rates: Sequence[float],
    epochs: int,
    optimizer: Callable[..., Optimizer] = training.sgd,
    data: datasets.Digits | None = None,
    widen: int = 0,
    **options: Any,
) -> Trained:
    """Train on digits and keep the best rate; what diverges counts as worst.

    Parameters
    ----------
    network : Network
    seeds : sequence of int
    rates : sequence of float
        Learning rates.
    epochs : int
    optimizer : callable
        From rates to an optimizer. Default gradient descent.
    data : Digits, optional
        Default all.
    widen : int
        How often to try one more rate as long as the best is the smallest or the largest of them
        and has learned something; each continues the ratio at that end. Default 0, for experiments
        that keep all rates.
    **options
        Of `Training.run`.
    """
    data = datasets.digits() if data is None else data

    def attempt(some: Sequence[float]) -> tuple[Training, np.ndarray]:
        columns = tuple(float(rate) for rate in some for _ in seeds)
        learners = Training(network, optimizer(columns), [*seeds] * len(some))
        learners.run(
            data.train_images, data.train_labels, epochs,
            test=(data.test_images, data.test_labels), on_divergence="freeze", **options,
        )  # fmt: skip
        last = learners.history.train_loss[-1].reshape(len(some), len(seeds))
        return learners, np.where(np.isfinite(last), last, np.inf).mean(axis=1)

    learners, losses = attempt(rates)
    at = int(np.argmin(losses))
    kept = slice(at * len(seeds), (at + 1) * len(seeds))
    best, rate, loss = (learners, kept), float(rates[at]), losses[at]
    tried = sorted(map(float, rates))
    for _ in range(widen if len(tried) > 1 else 0):
        further = beyond(rate, tried)
        if further is None or loss > UNLEARNED:
            break
        learners, losses = attempt([further])
        tried = sorted([*tried, further])
        if losses[0] < loss:
            best, rate, loss = (learners, slice(0, len(seeds))), further, losses[0]
    return Trained(rate, *best, tuple(tried), bool(loss <= UNLEARNED))


def beyond(rate: float, tried: Sequence[float]) -> float | None:
    """Next rate beyond a best one at the edge of those that were tried.

    Parameters
    ----------
    rate : float
        The best.
    tried : sequence of float
        In order, at least two.

    Returns
    -------
    float or None
        None if the best rate is not at the edge. The ratio is the last but one, if there is one, so
        that 0.01, 0.03, 0.1 goes on with 0.3.

    Examples
    --------
    >>> beyond(0.1, [0.01, 0.03, 0.1]), beyond(0.01, [0.01, 0.03, 0.1])
    (0.3, 0.003)
    >>> beyond(0.03, [0.01, 0.03, 0.1])
    """
    for edge in (list(tried), list(tried)[::-1]):
        if rate == edge[-1]:
            one, other = edge[-3:-1] if len(edge) > 2 else edge
            return float(f"{rate * other / one:.2g}")
    return None
