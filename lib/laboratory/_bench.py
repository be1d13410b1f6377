"""Training of one network on the bench, and what is seen of every layer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from lib import training
from lib._checks import instance, integer
from lib._values import ByValue
from lib.laboratory._data import BATCH, data_of
from lib.laboratory._settings import Settings

GRID = 41  # points on a side of the plane
REACH = 2.2  # from the middle of the plane to its sides, in standard deviations of the data


@dataclass(frozen=True, eq=False)
class Look(ByValue):
    """What is seen at one moment of a training.

    Attributes
    ----------
    epoch, step : int
        How many were taken.
    loss : float
        Mean cross-entropy of the training data; NaN after a divergence.
    accuracy : float
        Share of the test data that is told rightly; NaN after a divergence.
    gradient : ndarray, shape (depth,)
        Root mean square, over training samples, of the norm of the gradient with respect to the
        pre-activations of each hidden layer.
    spread : ndarray, shape (depth,)
        Root mean square of the activations of each hidden layer.
    dead : ndarray, shape (depth,)
        Share of units of each hidden layer whose slope is 0 on every training sample.
    outputs : ndarray
        For points: the probability of class 1 on a grid of 41 by 41 points over the plane from
        -2.2 to 2.2, rows from below. For digits, the share of each digit that is told rightly.
    """

    epoch: int
    step: int
    loss: float
    accuracy: float
    gradient: np.ndarray
    spread: np.ndarray
    dead: np.ndarray
    outputs: np.ndarray


def learners_of(settings: Settings, seeds: Sequence[int]) -> training.Training:
    make: Callable[..., training.Optimizer] = getattr(training, settings.optimizer)
    return training.Training(settings.network, make(settings.rate), seeds)


def run(learners: training.Training, name: str, epochs: int) -> None:
    data = data_of(name)
    learners.run(
        data.inputs, data.labels, epochs, batch=BATCH, test=(data.tested, data.wanted),
        record_every=[learners.epoch + epochs], on_divergence="freeze",
    )  # fmt: skip


class Bench(ByValue):
    """A network in training, and what was seen of it.

    Parameters
    ----------
    settings : Settings

    Attributes
    ----------
    settings : Settings
    training : lib.training.Training
    looks : list of Look
        The first is taken before training.

    Examples
    --------
    >>> bench = Bench(Settings(data="circles", rate=1.0))
    >>> bench.advance(40)
    >>> len(bench.looks), bench.looks[-1].epoch, bench.looks[-1].accuracy > 0.95
    (2, 40, True)
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = instance("settings", settings, Settings, "made by lib.laboratory.Settings")
        self.training = learners_of(settings, [settings.seed])
        self.looks: list[Look] = []
        self.advance(0)

    @property
    def diverged(self) -> int | None:
        """The step at which the loss was no longer finite, if it was."""
        return self.training.history.diverged.get(0)

    def advance(self, epochs: int) -> None:
        """Train for some epochs more, and look.

        Parameters
        ----------
        epochs : int
        """
        epochs = integer("epochs", epochs, 0)
        run(self.training, self.settings.data, epochs)
        if not self.looks or epochs:
            self.looks.append(self._look())

    def _look(self) -> Look:
        learner, depth = self.training, self.settings.depth
        history = learner.history
        return Look(
            epoch=learner.epoch, step=learner.step, loss=float(history.train_loss[-1, 0]),
            accuracy=float(history.test_accuracy[-1, 0]),
            gradient=history.error_norm[-1, :depth, 0].copy(),
            spread=history.activation_rms[-1, :, 0].copy(), dead=history.dead[-1, :, 0].copy(),
            outputs=self._outputs(),
        )  # fmt: skip

    def _outputs(self) -> np.ndarray:
        if self.settings.data == "digits":
            data = data_of("digits")
            right = self.training.predict(data.tested)[0].argmax(axis=1) == data.wanted
            return np.array([right[data.wanted == digit].mean() for digit in range(10)])
        side = np.linspace(-REACH, REACH, GRID)
        points = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
        logits = self.training.predict(points)[0].astype(np.float64)
        with np.errstate(over="ignore"):
            chance = 1 / (1 + np.exp(logits[:, 0] - logits[:, 1]))
        return np.asarray(chance.reshape(GRID, GRID))
