"""Training one kind of network from several seeds, with each of several learning rates at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lib import datasets, training
from lib._values import ByValue
from lib.training import Network, Optimizer, Training

SEEDS = tuple(range(10))


@dataclass(frozen=True, eq=False)
class Trained(ByValue):
    """The networks that trained with the best rate.

    Attributes
    ----------
    rate : float
        The one with the lowest mean training loss at the end.
    training : Training
        Of all rates.
    kept : slice
        The replicas of the best rate, in the order of the seeds.
    """

    rate: float
    training: Training
    kept: slice

    def array(self, name: str) -> np.ndarray:
        """Return a measurement of the history, of the best rate alone, seeds last."""
        return self.training.history.array(name)[..., self.kept]

    def by_rate(self, name: str) -> np.ndarray:
        """Return a measurement of the history, of all rates, with axes (..., rates, seeds)."""
        values = self.training.history.array(name)
        return values.reshape(*values.shape[:-1], -1, self.kept.stop - self.kept.start)


def train(
    network: Network,
    seeds: Sequence[int],
    *,
    rates: Sequence[float],
    epochs: int,
    optimizer: Callable[..., Optimizer] = training.sgd,
    data: datasets.Digits | None = None,
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
    **options
        Of `Training.run`.
    """
    data = datasets.digits() if data is None else data
    columns = tuple(float(rate) for rate in rates for _ in seeds)
    learners = Training(network, optimizer(columns), [*seeds] * len(rates))
    learners.run(
        data.train_images, data.train_labels, epochs,
        test=(data.test_images, data.test_labels), on_divergence="freeze", **options,
    )  # fmt: skip
    last = learners.history.array("train_loss")[-1].reshape(len(rates), len(seeds))
    best = int(np.argmin(np.where(np.isfinite(last), last, np.inf).mean(axis=1)))
    return Trained(float(rates[best]), learners, slice(best * len(seeds), (best + 1) * len(seeds)))
