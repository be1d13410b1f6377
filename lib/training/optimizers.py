r"""Rules that turn gradients into steps: gradient descent, momentum, Nesterov's and Adam.

All act on the numbers of several networks at once, an array of shape ``(replicas, numbers)``, and
change it in place. A learning rate is one number, or one for each replica. Of parameters in float16
the arithmetic and what is remembered from step to step are in float32.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lib._checks import finite, instance, real, shown
from lib._numbers import norms, quiet, scale_down, working
from lib.training.parameters import Parameters

Memory = dict[str, np.ndarray]

__all__ = ["SGD", "Adam", "Optimizer", "adam", "clip", "momentum", "nesterov", "sgd"]


@dataclass(frozen=True)
class Optimizer(ABC):
    """A rule for steps. Made by the functions of this module."""

    rate: float | tuple[float, ...]
    weight_decay: float

    @abstractmethod
    def start(self, parameters: Parameters) -> Memory:
        """Make what the rule remembers from step to step."""

    @abstractmethod
    def step(self, parameters: Parameters, gradient: Parameters, memory: Memory) -> None:
        """Take a step: changes the parameters and the memory, and uses up the gradient."""

    def rates(self, parameters: Parameters) -> np.ndarray:
        """Learning rate of each replica, as a column, in the dtype of the arithmetic.

        Raises
        ------
        ValueError
            If there are not as many rates as replicas.
        """
        rates = np.atleast_1d(np.asarray(self.rate, working(parameters.flat.dtype)))
        if len(rates) not in (1, parameters.replicas):
            raise ValueError(
                f"rate must be one number or one for each of {parameters.replicas} replicas; "
                f"got {len(rates)}"
            )
        return rates[:, None]

    def with_decay(self, parameters: Parameters, gradient: Parameters) -> np.ndarray:
        """Add the gradient of the penalty on the weights."""
        if self.weight_decay:
            pull = parameters.flat * parameters.decayed
            pull = pull.astype(working(pull.dtype), copy=False)
            pull *= pull.dtype.type(self.weight_decay)
            gradient.flat += pull
        return gradient.flat


@dataclass(frozen=True)
class SGD(Optimizer):
    """Stochastic gradient descent, with a momentum that may look ahead."""

    momentum: float = 0.0
    nesterov: bool = False

    def start(self, parameters: Parameters) -> Memory:
        """See `Optimizer.start`."""
        zeros = np.zeros(parameters.flat.shape, working(parameters.flat.dtype))
        return {"velocity": zeros} if self.momentum else {}

    @quiet()
    def step(self, parameters: Parameters, gradient: Parameters, memory: Memory) -> None:
        """See `Optimizer.step`."""
        step = self.with_decay(parameters, gradient)
        step = step.astype(working(step.dtype), copy=False)
        if self.momentum:
            velocity = memory["velocity"]
            velocity *= velocity.dtype.type(self.momentum)
            velocity += step
            if self.nesterov:
                step += velocity.dtype.type(self.momentum) * velocity
            else:
                step[...] = velocity
        step *= self.rates(parameters)
        parameters.flat -= step


@dataclass(frozen=True)
class Adam(Optimizer):
    """Steps of a size that does not depend on the size of the gradient."""

    decays: tuple[float, float] = (0.9, 0.999)
    epsilon: float = 1e-8

    def start(self, parameters: Parameters) -> Memory:
        """See `Optimizer.start`."""
        zeros = np.zeros(parameters.flat.shape, working(parameters.flat.dtype))
        return {"mean": zeros, "square": zeros.copy(), "steps": np.zeros((), np.int64)}

    @quiet()
    def step(self, parameters: Parameters, gradient: Parameters, memory: Memory) -> None:
        """See `Optimizer.step`."""
        gradients = self.with_decay(parameters, gradient)
        gradients = gradients.astype(working(gradients.dtype), copy=False)
        number, limits = gradients.dtype.type, np.finfo(gradients.dtype)
        memory["steps"] += 1
        first, second = self.decays
        squares = _squares(gradients)
        memory["mean"] *= number(first)
        memory["mean"] += number(1 - first) * gradients
        squares *= number(1 - second)
        memory["square"] *= number(second)
        memory["square"] += squares
        steps = int(memory["steps"])
        np.sqrt(memory["square"], out=gradients)
        gradients *= number(1 / np.sqrt(1 - second**steps))
        gradients += max(number(self.epsilon), np.sqrt(limits.tiny))
        np.divide(memory["mean"], gradients, out=gradients)
        gradients *= self.rates(parameters) / number(1 - first**steps)
        parameters.flat -= gradients


def sgd(rate: ArrayLike, *, weight_decay: float = 0.0) -> SGD:
    r"""Gradient descent, :math:`\theta \leftarrow \theta - \eta\,g`.

    Parameters
    ----------
    rate : float or sequence of float
        Learning rate :math:`\eta`, positive; a sequence has one for each replica.
    weight_decay : float
        :math:`\lambda`, at least 0: adds :math:`\lambda W` to the gradient of weights. Biases,
        slopes of PReLU, and gains and shifts of batch normalization do not decay. Default 0.

    Raises
    ------
    TypeError, ValueError
        If an argument is not such a number.

    Examples
    --------
    >>> sgd(0.1)
    SGD(rate=0.1, weight_decay=0.0, momentum=0.0, nesterov=False)
    """
    return SGD(_rate(rate), real("weight_decay", weight_decay, least=0))


def momentum(rate: ArrayLike, *, momentum: float = 0.9, weight_decay: float = 0.0) -> SGD:
    r"""Gradient descent with momentum.

    .. math:: v \leftarrow \mu v + g, \qquad \theta \leftarrow \theta - \eta\,v

    Parameters
    ----------
    rate, weight_decay
        As for `sgd`.
    momentum : float
        :math:`\mu`, from 0 to less than 1. Default 0.9.

    References
    ----------
    Sutskever, Martens, Dahl & Hinton, "On the importance of initialization and momentum in deep
    learning", ICML 2013.
    """
    return SGD(_rate(rate), real("weight_decay", weight_decay, least=0), _fraction(momentum))


def nesterov(rate: ArrayLike, *, momentum: float = 0.9, weight_decay: float = 0.0) -> SGD:
    r"""Nesterov's momentum, which looks ahead.

    .. math:: v \leftarrow \mu v + g, \qquad \theta \leftarrow \theta - \eta\,(g + \mu v)

    Parameters
    ----------
    rate, momentum, weight_decay
        As for `momentum`.
    """
    decay = real("weight_decay", weight_decay, least=0)
    return SGD(_rate(rate), decay, _fraction(momentum), nesterov=True)


def adam(
    rate: ArrayLike = 1e-3,
    *,
    decays: tuple[float, float] = (0.9, 0.999),
    epsilon: float = 1e-8,
    weight_decay: float = 0.0,
) -> Adam:
    r"""Adam: steps of a size that does not depend on the size of the gradient.

    The mean gradient over the root of the mean squared gradient, both corrected for starting at 0.

    Parameters
    ----------
    rate, weight_decay
        As for `sgd`; the default rate is 0.001.
    decays : tuple of float
        :math:`\beta_1` and :math:`\beta_2`, from 0 to less than 1. Default 0.9 and 0.999.
    epsilon : float
        Added to the root, positive. Default 1e-8.

    Notes
    -----
    A gradient whose square is too large for the dtype counts as the largest whose square is not,
    and a smaller `epsilon` as the root of the smallest normal number.

    References
    ----------
    Kingma & Ba, "Adam: A Method for Stochastic Optimization", ICLR 2015, algorithm 1.
    """
    decay = real("weight_decay", weight_decay, least=0)
    if not isinstance(decays, (tuple, list)) or len(decays) != 2:
        raise TypeError(f"decays must be two numbers; got {shown(decays)}")
    first, second = (_fraction(value, "decays") for value in decays)
    if real("epsilon", epsilon, least=0) == 0:
        raise ValueError(f"epsilon must be positive; got {epsilon!r}")
    return Adam(_rate(rate), decay, (first, second), float(epsilon))


def clip(gradient: Parameters, threshold: float) -> np.ndarray:
    """Scale the gradient of each replica down to a norm, in place.

    Parameters
    ----------
    gradient : Parameters
    threshold : float
        Positive.

    Returns
    -------
    ndarray, shape (replicas,)
        The norms before. Where a number is NaN or infinite so is the norm, and all of the replica's
        gradient becomes NaN.

    References
    ----------
    Pascanu, Mikolov & Bengio, "On the difficulty of training recurrent neural networks", ICML
    2013, algorithm 1.

    Examples
    --------
    >>> gradient = Parameters({"weight": (2,)}, replicas=1)
    >>> gradient.flat[:] = 3, 4
    >>> clip(gradient, 1.0), gradient.flat
    (array([5.]), array([[0.6, 0.8]]))
    """
    if real("threshold", threshold, least=0) == 0:
        raise ValueError(f"threshold must be positive; got {threshold!r}")
    instance("gradient", gradient, Parameters)
    mantissa, exponent = norms([gradient.flat])
    scale_down(gradient.flat, mantissa, exponent, threshold)
    with np.errstate(over="ignore"):
        return np.asarray(np.ldexp(mantissa, exponent))


def _squares(gradients: np.ndarray) -> np.ndarray:
    """Square; what has too large a square is brought down to the root of the largest number."""
    try:
        with np.errstate(over="raise", under="ignore"):
            return np.asarray(gradients * gradients)
    except FloatingPointError:
        most = np.sqrt(np.finfo(gradients.dtype).max) * gradients.dtype.type(0.99)
        far = np.isfinite(gradients) & (np.abs(gradients) > most)
        gradients[far] = np.copysign(most, gradients[far])
        return np.asarray(gradients * gradients)


def _rate(value: ArrayLike) -> float | tuple[float, ...]:
    rates = finite("rate", value)
    if rates.ndim > 1 or rates.size == 0 or not (rates > 0).all():
        raise ValueError(
            f"rate must be positive, one number or one for each replica; got {value!r}"
        )
    return float(rates) if rates.ndim == 0 else tuple(float(rate) for rate in rates)


def _fraction(value: float, name: str = "momentum") -> float:
    if not 0 <= real(name, value) < 1:
        raise ValueError(f"{name} must be from 0 to less than 1; got {value!r}")
    return float(value)
