"""What is measured while networks train: a record of one moment, and the history of all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import ClassVar

import numpy as np

from lib._checks import choice
from lib._values import ByValue, ReadOnly, frozen

__all__ = ["History"]


@dataclass(frozen=True, eq=False)
class Measurements(ByValue):
    """Arrays that cannot be changed, and what their axes stand for."""

    AXES: ClassVar[Mapping[str, tuple[str, ...]]]

    def axes(self, name: str) -> tuple[str, ...]:
        """Say what the axes of a measurement stand for.

        Parameters
        ----------
        name : str
            Of an attribute.

        Returns
        -------
        tuple of str
            Such as ``("record", "layer", "replica")``.
        """
        return self.AXES[choice("name", name, self.AXES)]


@dataclass(frozen=True, eq=False)
class Record(ByValue):
    """What was measured at one moment of training. See `History` for what each of it is.

    Attributes
    ----------
    epoch, step : int
        How many were taken.
    train_loss, train_accuracy, test_loss, test_accuracy : ndarray, shape (replicas,)
    weight_gradient, bias_gradient, error_norm, weight_scale : ndarray, shape (layers, replicas)
    activation_mean, activation_rms, unit_mean_rms, positive, dead, silent : ndarray
        Of shape (hidden layers, replicas).
    slopes : ndarray, shape (hidden layers, replicas)
    """

    epoch: int
    step: int
    train_loss: np.ndarray
    train_accuracy: np.ndarray
    test_loss: np.ndarray
    test_accuracy: np.ndarray
    weight_gradient: np.ndarray
    bias_gradient: np.ndarray
    error_norm: np.ndarray
    weight_scale: np.ndarray
    activation_mean: np.ndarray
    activation_rms: np.ndarray
    unit_mean_rms: np.ndarray
    positive: np.ndarray
    dead: np.ndarray
    silent: np.ndarray
    slopes: np.ndarray


MEASURED = tuple(one.name for one in fields(Record) if one.name not in ("epoch", "step"))


@dataclass(frozen=True, eq=False)
class History(Measurements):
    """What was measured while training. It cannot be changed; numbers are in double precision.

    A replica that has diverged is NaN from the step on at which it did.

    Attributes
    ----------
    epochs : ndarray of int64, shape (records,)
        After how many epochs each record was taken; the first is 0, before training.
    steps : ndarray of int64, shape (records,)
        After how many steps.
    step_loss : ndarray, shape (steps, replicas)
        Loss of the mini-batch at every step, before the step.
    train_loss, train_accuracy, test_loss, test_accuracy : ndarray, shape (records, replicas)
        In evaluation mode. The latter two are NaN in records without test data.
    weight_gradient, bias_gradient : ndarray, shape (records, layers, replicas)
        Norm of the gradient of the loss on all training data with respect to the weights and to
        the biases of each layer, the output layer last. (With batch normalization: to the shifts.)
    error_norm : ndarray, shape (records, layers, replicas)
        Root mean square, over training samples, of the norm of the gradient of a sample's loss
        with respect to the pre-activations of each layer.
    weight_scale : ndarray, shape (records, layers, replicas)
        Root mean square of the weights of each layer times the root of its fan-in.
    activation_mean, activation_rms : ndarray, shape (records, hidden layers, replicas)
        Mean and root mean square of the activations, over units and training samples.
    unit_mean_rms : ndarray, shape (records, hidden layers, replicas)
        Root mean square, over units, of the mean activation of a unit.
    positive : ndarray, shape (records, hidden layers, replicas)
        Share of activations that are positive.
    dead : ndarray, shape (records, hidden layers, replicas)
        Share of units whose slope is 0 on every training sample.
    silent : ndarray, shape (records, hidden layers, replicas)
        Share of units whose pre-activation (after batch normalization) is positive on no training
        sample.
    slopes : ndarray, shape (records, hidden layers, replicas)
        Mean slope of the negative side, if the activation is a PReLU; else NaN.
    diverged : mapping of int to int
        Step at which each replica diverged that did, by replica.
    """

    AXES: ClassVar[Mapping[str, tuple[str, ...]]] = ReadOnly({
        **dict.fromkeys(("epochs", "steps"), ("record",)),
        "step_loss": ("step", "replica"),
        **dict.fromkeys(
            ("train_loss", "train_accuracy", "test_loss", "test_accuracy"), ("record", "replica")
        ),
        **dict.fromkeys(
            ("weight_gradient", "bias_gradient", "error_norm", "weight_scale"),
            ("record", "layer", "replica"),
        ),
        **dict.fromkeys(
            (
                "activation_mean", "activation_rms", "unit_mean_rms", "positive", "dead", "silent",
                "slopes",
            ),
            ("record", "hidden layer", "replica"),
        ),
    })  # fmt: skip

    epochs: np.ndarray
    steps: np.ndarray
    step_loss: np.ndarray
    train_loss: np.ndarray
    train_accuracy: np.ndarray
    test_loss: np.ndarray
    test_accuracy: np.ndarray
    weight_gradient: np.ndarray
    bias_gradient: np.ndarray
    error_norm: np.ndarray
    weight_scale: np.ndarray
    activation_mean: np.ndarray
    activation_rms: np.ndarray
    unit_mean_rms: np.ndarray
    positive: np.ndarray
    dead: np.ndarray
    silent: np.ndarray
    slopes: np.ndarray
    diverged: Mapping[int, int]


@dataclass(eq=False)
class Log(ByValue):
    """Measurements while they are taken."""

    records: list[Record] = field(default_factory=list)
    step_loss: list[np.ndarray] = field(default_factory=list)
    diverged: dict[int, int] = field(default_factory=dict)

    def history(self, replicas: int) -> History:
        """Put what was measured so far together, and blank out what has diverged."""
        steps = np.array([record.step for record in self.records], np.int64)
        arrays = {name: self._rows(name, replicas) for name in MEASURED}
        arrays["step_loss"] = np.array(self.step_loss, np.float64).reshape(-1, replicas)
        for name, array in arrays.items():
            taken = np.arange(len(array)) if name == "step_loss" else steps
            for replica, step in self.diverged.items():
                array[taken >= step, ..., replica] = np.nan
        epochs = np.array([record.epoch for record in self.records], np.int64)
        diverged = ReadOnly(dict(self.diverged))
        return frozen(History(epochs=epochs, steps=steps, diverged=diverged, **arrays))

    def _rows(self, name: str, replicas: int) -> np.ndarray:
        if not self.records:
            return np.zeros((0,) * (len(History.AXES[name]) - 1) + (replicas,))
        return np.array([getattr(record, name) for record in self.records], np.float64)
