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

from lib._checks import choice, finite, generator, integer, of_shape, real
from lib._checks import seeds as seeds_of
from lib._numbers import DivergenceError, quiet
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
    array = finite("x", x).astype(np.float64)
    return _noisy_relu(np.atleast_1d(array), generator("rng", rng)).reshape(array.shape)


@quiet()
def _noisy_relu(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return np.asarray(np.maximum(0, x + np.sqrt(_squash(x)) * rng.standard_normal(x.shape)))


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
        choice("units", units, ("binary", "rectified"))
        visible, hidden = integer("visible", visible, 1), integer("hidden", hidden, 1)
        self.units = units
        self.rngs = [np.random.default_rng(seed) for seed in seeds_of("seeds", seeds)]
        scale = real("scale", scale, least=0)
        drawn = [scale * rng.standard_normal((hidden, visible)) for rng in self.rngs]
        self.weights = np.array(drawn)
        self.visible_bias = np.zeros((len(drawn), visible))
        self.hidden_bias = np.zeros((len(drawn), hidden))

    def received(self, v: np.ndarray) -> np.ndarray:
        """Compute what hidden units receive from visible ones, (replica, unit, sample)."""
        return self._received(self._stacked("v", v, self.visible_bias))

    @quiet()
    def _received(self, v: np.ndarray) -> np.ndarray:
        return np.asarray(self.weights @ v + self.hidden_bias[..., None])

    def _stacked(self, name: str, value: np.ndarray, biases: np.ndarray) -> np.ndarray:
        """Return an array of shape (replicas, units, samples)."""
        return of_shape(name, value, (*biases.shape, None))

    def features(self, inputs: np.ndarray) -> np.ndarray:
        r"""Answers of the hidden units without noise: :math:`\sigma(x)`, or :math:`\max(0, x)`.

        Parameters
        ----------
        inputs : ndarray, shape (samples, visible)

        Returns
        -------
        ndarray, shape (replicas, samples, hidden)
        """
        table = of_shape("inputs", inputs, (None, self.visible_bias.shape[1]))
        x = self._received(table.T[None])
        answers = _squash(x) if self.units == "binary" else np.maximum(0, x)
        return np.asarray(answers.swapaxes(1, 2))

    def sample_hidden(self, v: np.ndarray) -> np.ndarray:
        """Draw hidden units given visible ones, (replica, unit, sample)."""
        return self._sample_hidden(self._stacked("v", v, self.visible_bias))

    @quiet()
    def _sample_hidden(self, v: np.ndarray) -> np.ndarray:
        x = self._received(v)
        if self.units == "rectified":
            return np.array([_noisy_relu(one, rng) for one, rng in zip(x, self.rngs, strict=True)])
        draws = [rng.random(x.shape[1:]) for rng in self.rngs]
        return (draws < _squash(x)).astype(np.float64)

    def visible_mean(self, h: np.ndarray) -> np.ndarray:
        """Probabilities of visible units given hidden ones, (replica, unit, sample)."""
        return self._visible_mean(self._stacked("h", h, self.hidden_bias))

    @quiet()
    def _visible_mean(self, h: np.ndarray) -> np.ndarray:
        return _squash(self.weights.swapaxes(1, 2) @ h + self.visible_bias[..., None])

    @quiet()
    def run(
        self,
        inputs: np.ndarray,
        epochs: int,
        *,
        rate: float,
        batch: int = 20,
        momentum: float = 0.5,
        weight_decay: float = 2e-4,
    ) -> np.ndarray:
        """Train for some epochs more, by contrastive divergence with one step of the chain.

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
        DivergenceError
            If the weights leave the range of numbers.
        """
        inputs, visible = finite("inputs", inputs), self.visible_bias.shape[1]
        fits = inputs.ndim == 2 and len(inputs) and inputs.shape[1] == visible
        if not fits or inputs.min() < 0 or inputs.max() > 1:
            raise ValueError(
                f"inputs must be a table of numbers from 0 to 1 with {visible} columns; "
                f"got shape {inputs.shape}"
            )
        epochs = integer("epochs", epochs, 1)
        rate = real("rate", rate, least=0)
        if rate == 0:
            raise ValueError(f"rate must be positive; got {rate!r}")
        momentum = real("momentum", momentum, least=0, most=1)
        weight_decay = real("weight_decay", weight_decay, least=0)
        batch = min(integer("batch", batch, 1), len(inputs))
        learned = (self.weights, self.visible_bias, self.hidden_bias)
        velocities = [np.zeros_like(array) for array in learned]
        errors = np.zeros((epochs, len(self.rngs)))
        starts = range(0, len(inputs) - batch + 1, batch)
        for epoch in range(epochs):
            orders = np.stack([rng.permutation(len(inputs)) for rng in self.rngs])
            for first in starts:
                v = inputs[orders[:, first : first + batch]].swapaxes(1, 2)
                gradients, error = self._contrast(v)
                errors[epoch] += error / len(starts)
                gradients[0] -= weight_decay * self.weights
                for array, velocity, gradient in zip(learned, velocities, gradients, strict=True):
                    velocity *= momentum
                    velocity += rate * gradient
                    array += velocity
            if not np.isfinite(self.weights).all():
                raise DivergenceError(f"weights are no longer finite after epoch {epoch + 1}")
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
        v = self._stacked("v", v, self.visible_bias)
        if not v.shape[2]:
            raise ValueError("v must have at least one sample")
        return self._contrast(v)

    @quiet()
    def _contrast(self, v: np.ndarray) -> tuple[list[np.ndarray], np.ndarray]:
        h = self._sample_hidden(v)
        back = self._visible_mean(h)
        x = self._received(back)
        again = _squash(x) if self.units == "binary" else np.maximum(0, x)
        batch = v.shape[2]
        weights = (h @ v.swapaxes(1, 2) - again @ back.swapaxes(1, 2)) / batch
        biases = [(v - back).mean(axis=2), (h - again).mean(axis=2)]
        return [weights, *biases], ((v - back) ** 2).mean(axis=(1, 2))
