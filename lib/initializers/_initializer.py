"""A distribution of weights and biases, and the initializers by name."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from lib import _checks as check
from lib._checks import generator, integer
from lib._values import ReadOnly

FACTORIES: dict[str, Callable[..., Initializer]] = {}  # by name; `_laws` puts them in


@dataclass(frozen=True, repr=False)
class Initializer:
    """A distribution of weights and biases.

    Made by the functions of this module; two are equal when their name and parameters are.

    Attributes
    ----------
    name : str
        The function's name.
    distribution : {"normal", "uniform", "orthogonal", "identity"}
        What the weights are drawn from; always of mean zero, except for the identity.
    parameters : Mapping
        The function's arguments by name, read-only.
    variance_rule : callable
        Variance of a weight, from ``(fan_in, fan_out)``.
    bias_rule : callable
        Variance of a bias, from ``fan_in``.

    Examples
    --------
    >>> from lib import initializers
    >>> initializers.he(slope=0.01)
    he(slope=0.01, mode='fan_in', distribution='normal', bias_variance=0.0)
    """

    name: str
    distribution: str
    parameters: Mapping[str, Any]
    variance_rule: Callable[[int, int], float] = field(compare=False)
    bias_rule: Callable[[int], float] = field(compare=False)

    def __post_init__(self) -> None:
        """Make the parameters read-only."""
        object.__setattr__(self, "parameters", ReadOnly(self.parameters))

    def __hash__(self) -> int:
        """Hash what equality compares."""
        return hash((self.name, tuple(self.parameters.items())))

    def __repr__(self) -> str:
        """Return the call that makes it."""
        arguments = ", ".join(f"{name}={value!r}" for name, value in self.parameters.items())
        return f"{self.name}({arguments})"

    def __reduce__(self) -> tuple[Any, ...]:
        """Make a copy by the name; one of no function of this module by its fields."""
        if self.name in FACTORIES:
            return _rebuild, (self.name, dict(self.parameters))
        rules = self.variance_rule, self.bias_rule
        return type(self), (self.name, self.distribution, dict(self.parameters), *rules)

    def variance(self, fan_in: int, fan_out: int) -> float:
        r""":math:`\operatorname{Var} W_{ij}`; for the identity the mean square of an entry.

        Examples
        --------
        >>> from lib import initializers
        >>> initializers.xavier().variance(100, 300)
        0.005
        """
        return self.variance_rule(integer("fan_in", fan_in, 1), integer("fan_out", fan_out, 1))

    def weight_variance(self, fan_in: int, fan_out: int) -> float:
        r""":math:`\sigma_w^2 = \text{fan\_in} \cdot \operatorname{Var} W_{ij}`.

        Examples
        --------
        >>> from lib import initializers
        >>> initializers.he().weight_variance(100, 300)
        2.0
        """
        return fan_in * self.variance(fan_in, fan_out)

    def limit(self, fan_in: int, fan_out: int) -> float:
        """Largest absolute value of a uniform weight.

        Raises
        ------
        ValueError
            If the distribution is not uniform.

        Examples
        --------
        >>> from lib import initializers
        >>> initializers.xavier().limit(100, 100)
        0.17320508075688773
        """
        if self.distribution != "uniform":
            raise ValueError(f"distribution must be 'uniform'; that of {self} has no limit")
        return math.sqrt(3 * self.variance(fan_in, fan_out))

    def weights(
        self,
        rng: np.random.Generator | int,
        shape: tuple[int, ...],
        *,
        dtype: DTypeLike = np.float64,
    ) -> np.ndarray:
        """Draw weight matrices.

        Parameters
        ----------
        rng : numpy.random.Generator or int
            Source of randomness, or a seed.
        shape : tuple of int
            ``(..., fan_out, fan_in)``; leading axes count independent matrices. Drawing a stack
            at once or its parts one after the other gives the same numbers.
        dtype : float dtype
            Default float64. float16 is drawn in float32 and rounded.

        Returns
        -------
        ndarray of `shape` and `dtype`

        Examples
        --------
        >>> from lib import initializers
        >>> W = initializers.orthogonal(gain=2.0).weights(0, (5, 3, 3))
        >>> bool(np.allclose(W @ W.swapaxes(-1, -2), 4 * np.eye(3)))
        True
        """
        shape, dtype = check.shape("shape", shape, 2), check.floating("dtype", dtype)
        fan_out, fan_in = shape[-2:]
        if not fan_out * fan_in:
            raise ValueError(f"shape must end in fan_out and fan_in of at least 1; got {shape}")
        variance = self.variance_rule(fan_in, fan_out)
        if self.distribution == "orthogonal":
            gain = math.sqrt(variance * max(fan_in, fan_out))
            return _draw_orthogonal(generator("rng", rng), shape, gain, dtype)
        if self.distribution == "identity":
            eye = self.parameters["gain"] * np.eye(fan_out, fan_in)
            return np.broadcast_to(eye, shape).astype(dtype)
        return _draw(generator("rng", rng), shape, variance, self.distribution, dtype)

    def biases(
        self,
        rng: np.random.Generator | int,
        shape: tuple[int, ...],
        *,
        fan_in: int,
        dtype: DTypeLike = np.float64,
    ) -> np.ndarray:
        """Draw bias vectors, uniform if the weights are uniform and normal otherwise.

        Parameters
        ----------
        rng : numpy.random.Generator or int
            Source of randomness, or a seed.
        shape : tuple of int
            ``(..., fan_out)``.
        fan_in : int
            Number of inputs of the layer (PyTorch's default scales with it).
        dtype : float dtype
            Default float64.

        Returns
        -------
        ndarray of `shape` and `dtype`
        """
        shape, dtype = check.shape("shape", shape), check.floating("dtype", dtype)
        variance = self.bias_rule(integer("fan_in", fan_in, 1))
        distribution = "uniform" if self.distribution == "uniform" else "normal"
        if variance == 0:
            return np.zeros(shape, dtype)
        return _draw(generator("rng", rng), shape, variance, distribution, dtype)


def _draw(
    rng: np.random.Generator,
    shape: tuple[int, ...],
    variance: float,
    distribution: str,
    dtype: np.dtype[Any],
) -> np.ndarray:
    """Draw independent entries of mean zero."""
    working = np.float64 if dtype == np.float64 else np.float32
    if distribution == "normal":
        result = rng.standard_normal(shape, dtype=working)
        result *= working(math.sqrt(variance))
    else:
        result = rng.random(shape, dtype=working)
        result -= working(0.5)
        result *= working(2 * math.sqrt(3 * variance))
    return result.astype(dtype, copy=False)


def _draw_orthogonal(
    rng: np.random.Generator, shape: tuple[int, ...], gain: float, dtype: np.dtype[Any]
) -> np.ndarray:
    """Haar-distributed: QR of a Gaussian matrix, with the signs of R's diagonal absorbed."""
    rows, columns = max(shape[-2:]), min(shape[-2:])
    gaussian = rng.standard_normal((*shape[:-2], rows, columns))
    q, r = np.linalg.qr(gaussian)
    q *= gain * np.sign(np.diagonal(r, axis1=-2, axis2=-1))[..., None, :]
    tall = shape[-2] >= shape[-1]
    return np.ascontiguousarray(q if tall else q.swapaxes(-1, -2)).astype(dtype, copy=False)


def names() -> tuple[str, ...]:
    """Names of all initializers.

    Examples
    --------
    >>> from lib import initializers
    >>> initializers.names()[:4]
    ('normal', 'uniform', 'lecun', 'xavier')
    """
    return tuple(FACTORIES)


def get(name: str, **parameters: Any) -> Initializer:
    """Make an initializer by its name.

    Parameters
    ----------
    name : str
        One of `names`.
    **parameters
        Passed on to the function of that name.

    Raises
    ------
    ValueError
        If there is no initializer of that name, or a parameter's value is not allowed.
    TypeError
        If the initializer has no parameter of that name, or one is of the wrong type.

    Examples
    --------
    >>> from lib import initializers
    >>> initializers.get("orthogonal", gain=2)
    orthogonal(gain=2.0, bias_variance=0.0)
    """
    return FACTORIES[check.choice("name", name, FACTORIES)](**parameters)


def _rebuild(name: str, parameters: dict[str, Any]) -> Initializer:
    return get(name, **parameters)
