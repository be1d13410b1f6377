r"""Rules that turn gradients into steps: gradient descent, momentum, Nesterov's and Adam.

All act on the numbers of several networks at once, an array of shape ``(replicas, numbers)``, and
change it in place. A learning rate is one number, or one for each replica, and may have a factor
for some of the arrays. Of parameters in float16 the arithmetic and what is remembered from step to
step are in float32.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from lib._checks import finite, instance, real, shown
from lib._numbers import norms, quiet, scale_down, working
from lib.models.parameters import Parameters

Memory = dict[str, np.ndarray]
Rate = float | tuple[float, ...]
Factors = Mapping[str, ArrayLike]

__all__ = ["SGD", "Adam", "Optimizer", "adam", "clip", "momentum", "nesterov", "sgd"]


@dataclass(frozen=True)
class Optimizer(ABC):
    """A rule for steps. Made by the functions of this module."""

    rate: Rate
    weight_decay: float
    factors: tuple[tuple[str, Rate], ...] = field(default=(), kw_only=True)

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
            If there are not as many rates as replicas, or a factor names no array.
        """
        dtype = working(parameters.flat.dtype)
        for name, factor in self.factors:
            if name not in parameters.places:
                names = [*parameters.places]
                raise ValueError(f"factors must name some of {names}; got {shown(name)}")
            _column(f"factors[{name!r}]", factor, parameters.replicas, dtype)
        return _column("rate", self.rate, parameters.replicas, dtype)

    def scaled(self, parameters: Parameters, step: np.ndarray, rates: np.ndarray) -> np.ndarray:
        """Multiply a step by learning rates, and by the factors of single arrays, in place."""
        step *= rates
        for name, factor in self.factors:
            part = step[:, parameters.places[name]]
            part *= _column(f"factors[{name!r}]", factor, parameters.replicas, step.dtype)
        return step

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
        parameters.flat -= self.scaled(parameters, step, self.rates(parameters))


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
        rates = self.rates(parameters) / number(1 - first**steps)
        parameters.flat -= self.scaled(parameters, gradients, rates)


def sgd(rate: ArrayLike, *, weight_decay: float = 0.0, factors: Factors | None = None) -> SGD:
    r"""Gradient descent, :math:`\theta \leftarrow \theta - \eta\,g`.

    Parameters
    ----------
    rate : float or sequence of float
        Learning rate :math:`\eta`, positive; a sequence has one for each replica.
    weight_decay : float
        :math:`\lambda`, at least 0: adds :math:`\lambda W` to the gradient of weights. Biases,
        slopes of PReLU, and gains and shifts of batch normalization do not decay. Default 0.
    factors : mapping of str to float or sequence of float, optional
        By the name of an array of the parameters, such as ``"weight 1"``: its own learning rate in
        units of `rate`, positive; a sequence has one for each replica. Default 1 for all.

    Raises
    ------
    TypeError, ValueError
        If an argument is not such a number.

    Examples
    --------
    >>> sgd(0.1)
    SGD(rate=0.1, weight_decay=0.0, factors=(), momentum=0.0, nesterov=False)
    """
    decay = real("weight_decay", weight_decay, least=0)
    return SGD(_rate("rate", rate), decay, factors=_factors(factors))


def momentum(
    rate: ArrayLike,
    *,
    momentum: float = 0.9,
    weight_decay: float = 0.0,
    factors: Factors | None = None,
) -> SGD:
    r"""Gradient descent with momentum.

    .. math:: v \leftarrow \mu v + g, \qquad \theta \leftarrow \theta - \eta\,v

    Parameters
    ----------
    rate, weight_decay, factors
        As for `sgd`.
    momentum : float
        :math:`\mu`, from 0 to less than 1. Default 0.9.

    References
    ----------
    Sutskever, Martens, Dahl & Hinton, "On the importance of initialization and momentum in deep
    learning", ICML 2013.
    """
    decay = real("weight_decay", weight_decay, least=0)
    return SGD(_rate("rate", rate), decay, _fraction(momentum), factors=_factors(factors))


def nesterov(
    rate: ArrayLike,
    *,
    momentum: float = 0.9,
    weight_decay: float = 0.0,
    factors: Factors | None = None,
) -> SGD:
    r"""Nesterov's momentum, which looks ahead.

    .. math:: v \leftarrow \mu v + g, \qquad \theta \leftarrow \theta - \eta\,(g + \mu v)

    Parameters
    ----------
    rate, momentum, weight_decay, factors
        As for `momentum`.
    """
    decay = real("weight_decay", weight_decay, least=0)
    own = _factors(factors)
    return SGD(_rate("rate", rate), decay, _fraction(momentum), nesterov=True, factors=own)


def adam(
    rate: ArrayLike = 1e-3,
    *,
    decays: tuple[float, float] = (0.9, 0.999),
    epsilon: float = 1e-8,
    weight_decay: float = 0.0,
    factors: Factors | None = None,
) -> Adam:
    r"""Adam: steps of a size that does not depend on the size of the gradient.

    The mean gradient over the root of the mean squared gradient, both corrected for starting at 0.

    Parameters
    ----------
    rate, weight_decay, factors
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
    rates, own = _rate("rate", rate), _factors(factors)
    return Adam(rates, decay, (first, second), float(epsilon), factors=own)


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


def _rate(name: str, value: ArrayLike) -> Rate:
    rates = finite(name, value)
    if rates.ndim > 1 or rates.size == 0 or not (rates > 0).all():
        raise ValueError(
            f"{name} must be positive, one number or one for each replica; got {value!r}"
        )
    return float(rates) if rates.ndim == 0 else tuple(float(rate) for rate in rates)


def _factors(value: Factors | None) -> tuple[tuple[str, Rate], ...]:
    if value is None:
        return ()
    if not isinstance(value, Mapping) or not all(isinstance(name, str) for name in value):
        raise TypeError(f"factors must be a mapping of names to numbers; got {shown(value)}")
    return tuple((name, _rate(f"factors[{name!r}]", factor)) for name, factor in value.items())


def _column(name: str, value: Rate, replicas: int, dtype: np.dtype[Any]) -> np.ndarray:
    """One number for each replica, or for all, below each other."""
    numbers = np.atleast_1d(np.asarray(value, dtype))
    if len(numbers) not in (1, replicas):
        raise ValueError(
            f"{name} must be one number or one for each of {replicas} replicas; got {len(numbers)}"
        )
    return numbers[:, None]


def _fraction(value: float, name: str = "momentum") -> float:
    if not 0 <= real(name, value) < 1:
        raise ValueError(f"{name} must be from 0 to less than 1; got {value!r}")
    return float(value)
