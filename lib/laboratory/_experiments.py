"""Training runs that each tell a story of the book."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
from typing import Any

import numpy as np

from lib._checks import choice, instance, integers
from lib._values import cached
from lib.laboratory._bench import Bench, Look, learners_of, run
from lib.laboratory._settings import Settings


@dataclass(frozen=True)
class Experiment:
    """Settings that tell a story of the book.

    Attributes
    ----------
    settings : Settings
    epochs : sequence of int
        After how many epochs one looks; they rise from 0.

    Raises
    ------
    TypeError, ValueError
        If an attribute is not of this kind.
    """

    settings: Settings
    epochs: Sequence[int]

    def __post_init__(self) -> None:
        """Check the attributes."""
        instance("settings", self.settings, Settings, "made by lib.laboratory.Settings")
        epochs = integers("epochs", self.epochs, 0)
        if epochs[0] != 0 or any(before >= after for before, after in pairwise(epochs)):
            raise ValueError(f"epochs must rise from 0; got {self.epochs!r}")
        object.__setattr__(self, "epochs", epochs)


SOON = (0, 1, 2, 5, 10, 20, 40, 60)
LATE = (0, 5, 10, 20, 40, 60, 80, 100)


def _on_circles(epochs: tuple[int, ...], **settings: Any) -> Experiment:
    return Experiment(Settings(data="circles", **settings), epochs)


EXPERIMENTS: Mapping[str, Experiment] = MappingProxyType(
    {
        "one hidden layer": _on_circles(SOON, depth=1, rate=0.3),
        "ten sigmoids": _on_circles(LATE, depth=10, activation="sigmoid", rate=0.3),
        "ten tanh": _on_circles(LATE, depth=10, rate=0.3),
        "twin of tanh": _on_circles(
            LATE, depth=10, activation="sigmoid", start="twin of tanh", rate=0.3
        ),
        "ten sigmoids with Adam": _on_circles(
            LATE, depth=10, activation="sigmoid", optimizer="adam", rate=0.01
        ),
        "thirty ReLU layers, Xavier": _on_circles(
            SOON, depth=30, width=32, activation="relu", rate=0.03
        ),
        "thirty ReLU layers, He": _on_circles(
            SOON, depth=30, width=32, activation="relu", start="he", rate=0.03
        ),
        "born dead": _on_circles(
            SOON, depth=30, width=3, activation="relu", start="he", rate=0.03
        ),
        "rate too large": _on_circles(
            SOON, depth=5, width=32, activation="relu", start="he", rate=3.0
        ),
        "thirty ReLU layers, normalized": _on_circles(
            SOON[:-2], depth=30, width=32, activation="relu", batch_norm=True, rate=0.1
        ),
        "thirty sigmoids with residual connections": _on_circles(
            SOON, depth=30, width=32, activation="sigmoid", residual=0.5, rate=0.3
        ),
        "digits": Experiment(Settings(data="digits", depth=10, width=32), SOON),
    }
)  # fmt: skip


def observed(name: str) -> tuple[Look, ...]:
    """Play an experiment, and return what was seen at each of its epochs.

    Parameters
    ----------
    name : str
        Of one of `EXPERIMENTS`.

    Returns
    -------
    tuple of Look

    Examples
    --------
    >>> start, *_, end = observed("ten sigmoids")
    >>> end.epoch, round(end.accuracy, 2), bool(start.gradient[0] < 1e-5 * start.gradient[-1])
    (100, 0.5, True)
    """
    found: tuple[Look, ...] = _observed(choice("name", name, tuple(EXPERIMENTS)))
    return found


@cached(16)
def _observed(name: str) -> tuple[Look, ...]:
    experiment = EXPERIMENTS[name]
    bench = Bench(experiment.settings)
    for before, after in pairwise(experiment.epochs):
        bench.advance(after - before)
    return tuple(bench.looks)


def accuracies(name: str, seeds: Sequence[int]) -> np.ndarray:
    """Repeat an experiment from other seeds, on the same data.

    Parameters
    ----------
    name : str
        Of one of `EXPERIMENTS`.
    seeds : sequence of int

    Returns
    -------
    ndarray, shape (seeds,)
        Share of the test data told rightly after the last epoch; NaN after a divergence.

    Examples
    --------
    >>> accuracies("one hidden layer", [0, 1]).round(1)
    array([1., 1.])
    """
    experiment = EXPERIMENTS[choice("name", name, tuple(EXPERIMENTS))]
    learners = learners_of(experiment.settings, seeds)
    run(learners, experiment.settings.data, experiment.epochs[-1])
    return np.asarray(learners.history.test_accuracy[-1])
