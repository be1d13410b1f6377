r"""Restricted Boltzmann machines with binary or with noisy rectified hidden units.

A machine has visible units :math:`v`, hidden units :math:`h` and no connection within a kind. With
binary units its energy is :math:`-a^\top v - b^\top h - h^\top W v`, so that given one kind the
units of the other are independent, each 1 with probability :math:`\sigma` of what it receives. A
noisy rectified unit answers :math:`\max(0, x + \epsilon)` with normal noise :math:`\epsilon` of
*variance* :math:`\sigma(x)`. It stands for infinitely many binary units with the same weights and
biases :math:`b - 1/2, b - 3/2, \dots`
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lib._checks import finite, integer, real
from lib._values import ByValue
from lib.activations import sigmoid

__all__ = ["BoltzmannMachine", "noisy_relu"]

_squash = sigmoid().kernel


def noisy_relu(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    r"""Draw :math:`\max(0, x + \epsilon)`, the noise of variance :math:`\sigma(x)`.

    Parameters
    ----------
    x : ndarray of float64
    rng : numpy.random.Generator

    References
    ----------
    Nair & Hinton, "Rectified Linear Units Improve Restricted Boltzmann Machines", ICML 2010,
    section 2.
    """
    return np.maximum(0, x + np.sqrt(_squash(x)) * rng.standard_normal(x.shape))


class BoltzmannMachine(ByValue):
    """Restricted Boltzmann machines of one shape, each from a seed of its own.

    Parameters
    ----------
    visible, hidden : int
        Numbers of units, at least 1.
    seeds : sequence of int
        One for each replica.
    units : {"binary", "rectified"}
        Kind of the hidden units. The visible ones are binary, and may be given as probabilities.
    scale : float
        Standard deviation of the initial weights, at least 0; biases start at 0. Default 0.01.

    Attributes
    ----------
    weights : ndarray, shape (replicas, hidden, visible)
    visible_bias, hidden_bias : ndarray, shape (replicas, units)

    References
    ----------
    Hinton, "Training products of experts by minimizing contrastive divergence", Neural
    Computation 14, 2002.

    Examples
    --------
    >>> machine = BoltzmannMachine(64, 20, seeds=[0, 1], units="rectified")
    >>> machine.features(np.zeros((5, 64))).shape
    (2, 5, 20)
    """

    def __init__(
        self,
        visible: int,
        hidden: int,
        seeds: Sequence[int],
        *,
        units: str = "binary",
        scale: float = 0.01,
    ) -> None:
        if units not in ("binary", "rectified"):
            raise ValueError(f"units must be 'binary' or 'rectified'; got {units!r}")
        visible, hidden = integer("visible", visible, 1), integer("hidden", hidden, 1)
        self.units = units
        self.rngs = [np.random.default_rng(integer("seeds", seed, 0)) for seed in seeds]
        scale = real("scale", scale, least=0)
        drawn = [scale * rng.standard_normal((hidden, visible)) for rng in self.rngs]
        self.weights = np.array(drawn)
        self.visible_bias = np.zeros((len(drawn), visible))
        self.hidden_bias = np.zeros((len(drawn), hidden))

    def received(self, v: np.ndarray) -> np.ndarray:
        """Compute what hidden units receive from visible ones, (replica, unit, sample)."""
        return np.asarray(self.weights @ v + self.hidden_bias[..., None])

    def features(self, inputs: np.ndarray) -> np.ndarray:
        r"""Answers of the hidden units without noise: :math:`\sigma(x)`, or :math:`\max(0, x)`.

        Parameters
        ----------
        inputs : ndarray, shape (samples, visible)

        Returns
        -------
        ndarray, shape (replicas, samples, hidden)
        """
        x = self.received(np.asarray(inputs).T[None])
        answers = _squash(x) if self.units == "binary" else np.maximum(0, x)
        return np.asarray(answers.swapaxes(1, 2))

    def sample_hidden(self, v: np.ndarray) -> np.ndarray:
        """Draw hidden units given visible ones, (replica, unit, sample)."""
        x = self.received(v)
        if self.units == "rectified":
            return np.array([noisy_relu(one, rng) for one, rng in zip(x, self.rngs, strict=True)])
        draws = [rng.random(x.shape[1:]) for rng in self.rngs]
        return (draws < _squash(x)).astype(np.float64)

    def visible_mean(self, h: np.ndarray) -> np.ndarray:
        """Probabilities of visible units given hidden ones, (replica, unit, sample)."""
        return _squash(self.weights.swapaxes(1, 2) @ h + self.visible_bias[..., None])

    def train(
        self,
        inputs: np.ndarray,
        epochs: int,
        *,
        rate: float,
        batch: int = 20,
        momentum: float = 0.5,
        weight_decay: float = 2e-4,
    ) -> np.ndarray:
        """Train by contrastive divergence with one step of the chain.

        Parameters
        ----------
        inputs : ndarray, shape (samples, visible)
            From 0 to 1.
        epochs, batch : int
        rate : float
            Learning rate, positive.
        momentum : float
            From 0 to 1. Default 0.5.
        weight_decay : float
            On the weights. Default 0.0002.

        Returns
        -------
        ndarray, shape (epochs, replicas)
            Mean squared error, per pixel, with which the inputs of each epoch were reconstructed.

        Raises
        ------
        ValueError
            If `inputs` are not from 0 to 1, or another argument is out of range.
        FloatingPointError
            If the weights leave the range of numbers.
        """
        inputs = finite("inputs", inputs)
        if inputs.ndim != 2 or inputs.min() < 0 or inputs.max() > 1:
            raise ValueError("inputs must be a table of numbers from 0 to 1")
        if real("rate", rate, least=0) == 0:
            raise ValueError(f"rate must be positive; got {rate!r}")
        real("momentum", momentum, least=0, most=1)
        real("weight_decay", weight_decay, least=0)
        batch = min(integer("batch", batch, 1), len(inputs))
        learned = (self.weights, self.visible_bias, self.hidden_bias)
        velocities = [np.zeros_like(array) for array in learned]
        errors = np.zeros((integer("epochs", epochs, 1), len(self.rngs)))
        starts = range(0, len(inputs) - batch + 1, batch)
        for epoch in range(epochs):
            orders = np.stack([rng.permutation(len(inputs)) for rng in self.rngs])
            for first in starts:
                v = inputs[orders[:, first : first + batch]].swapaxes(1, 2)
                gradients, error = self.contrast(v)
                errors[epoch] += error / len(starts)
                gradients[0] -= weight_decay * self.weights
                for array, velocity, gradient in zip(learned, velocities, gradients, strict=True):
                    velocity *= momentum
                    velocity += rate * gradient
                    array += velocity
            if not np.isfinite(self.weights).all():
                raise FloatingPointError(f"weights are no longer finite after epoch {epoch + 1}")
        return errors

    def contrast(self, v: np.ndarray) -> tuple[list[np.ndarray], np.ndarray]:
        """Difference of the statistics of data and of their reconstruction.

        Parameters
        ----------
        v : ndarray, shape (replicas, visible, batch)

        Returns
        -------
        gradients : list of ndarray
            For weights, visible bias and hidden bias, to go up.
        error : ndarray, shape (replicas,)
            Mean squared error of the reconstruction.
        """
        h = self.sample_hidden(v)
        back = self.visible_mean(h)
        x = self.received(back)
        again = _squash(x) if self.units == "binary" else np.maximum(0, x)
        batch = v.shape[2]
        weights = (h @ v.swapaxes(1, 2) - again @ back.swapaxes(1, 2)) / batch
        biases = [(v - back).mean(axis=2), (h - again).mean(axis=2)]
        return [weights, *biases], ((v - back) ** 2).mean(axis=(1, 2))
