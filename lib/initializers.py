r"""Random weights and biases of a fully connected layer, and the variances they are meant to have.

A layer computes :math:`h = W x + b` with :math:`W` of shape ``(fan_out, fan_in)``. What decides
whether signals and gradients keep their size is the variance of an entry of :math:`W`, here called
``variance``, or, free of the width, :math:`\sigma_w^2 = \text{fan\_in} \cdot \operatorname{Var}
W_{ij}`, here called ``weight_variance``. Every function of this module named after an initializer
returns an :class:`Initializer`::

    he = initializers.he(slope=0.01)
    he.variance(fan_in=100, fan_out=100)
    he.weights(rng, (100, 100))             # or (replicas, fan_out, fan_in): a stack at once
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from lib import _checks as check
from lib._checks import generator, integer, real
from lib._values import ReadOnly

LARGEST_GAIN = 1e154  # its square is the variance of a weight

__all__ = [
    "Initializer",
    "get",
    "he",
    "identity",
    "lecun",
    "names",
    "normal",
    "orthogonal",
    "pytorch_linear",
    "uniform",
    "xavier",
]


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
        if self.name in _FACTORIES:
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


def normal(*, weight_variance: float = 1.0, bias_variance: float = 0.0) -> Initializer:
    r"""Draw normal weights of variance :math:`\sigma_w^2 / \text{fan\_in}`.

    Parameters
    ----------
    weight_variance : float
        :math:`\sigma_w^2`, at least 0. Default 1.
    bias_variance : float
        :math:`\sigma_b^2`, at least 0. Default 0: no bias.

    Examples
    --------
    >>> from lib import initializers
    >>> initializers.normal(weight_variance=2.0).variance(100, 50)
    0.02
    """
    sigma_w2 = real("weight_variance", weight_variance, least=0)
    return _make(
        "normal",
        "normal",
        lambda i, o: sigma_w2 / i,
        weight_variance=sigma_w2,
        bias_variance=bias_variance,
    )


def uniform(*, weight_variance: float = 1.0, bias_variance: float = 0.0) -> Initializer:
    r"""Uniform weights of mean zero and variance :math:`\sigma_w^2 / \text{fan\_in}`.

    Parameters
    ----------
    weight_variance, bias_variance : float
        As for :func:`normal`; the bias is uniform too.

    Examples
    --------
    >>> from lib import initializers
    >>> initializers.uniform(weight_variance=3.0).limit(100, 50)
    0.3
    """
    sigma_w2 = real("weight_variance", weight_variance, least=0)
    return _make(
        "uniform",
        "uniform",
        lambda i, o: sigma_w2 / i,
        weight_variance=sigma_w2,
        bias_variance=bias_variance,
    )


def lecun(*, distribution: str = "normal", bias_variance: float = 0.0) -> Initializer:
    r"""LeCun's: variance :math:`1 / \text{fan\_in}`, which keeps the size of a linear signal.

    Parameters
    ----------
    distribution : {"normal", "uniform"}
        Default normal.
    bias_variance : float
        At least 0. Default 0.

    References
    ----------
    LeCun, Bottou, Orr & Müller, "Efficient BackProp", 1998, section 4.6.

    Examples
    --------
    >>> from lib import initializers
    >>> initializers.lecun().variance(100, 50)
    0.01
    """
    return _make(
        "lecun",
        _dense(distribution),
        lambda i, o: 1 / i,
        distribution=distribution,
        bias_variance=bias_variance,
    )


def xavier(
    *, gain: float = 1.0, distribution: str = "uniform", bias_variance: float = 0.0
) -> Initializer:
    r"""Xavier (Glorot): variance :math:`2 g^2 / (\text{fan\_in} + \text{fan\_out})`.

    A compromise between keeping the size of the signal forward and of the gradient backward.

    Parameters
    ----------
    gain : float
        :math:`g`, at least 0. Default 1.
    distribution : {"uniform", "normal"}
        Default uniform, as published.
    bias_variance : float
        At least 0. Default 0.

    References
    ----------
    Glorot & Bengio, "Understanding the difficulty of training deep feedforward neural networks",
    AISTATS 2010, equations 12 and 16.

    Notes
    -----
    Used in: ``book/tanh.md``.

    Examples
    --------
    >>> from lib import initializers
    >>> initializers.xavier().variance(100, 100)
    0.01
    """
    gain = real("gain", gain, least=0, most=LARGEST_GAIN)
    return _make(
        "xavier",
        _dense(distribution),
        lambda i, o: 2 * gain**2 / (i + o),
        gain=gain,
        distribution=distribution,
        bias_variance=bias_variance,
    )


def he(
    *,
    slope: float = 0.0,
    mode: str = "fan_in",
    distribution: str = "normal",
    bias_variance: float = 0.0,
) -> Initializer:
    r"""He's: variance :math:`2 / ((1 + a^2) n)`, for rectifiers with negative slope :math:`a`.

    Parameters
    ----------
    slope : float
        :math:`a`. Default 0: ReLU.
    mode : {"fan_in", "fan_out"}
        What :math:`n` is: ``"fan_in"`` (default) keeps the signal, ``"fan_out"`` the gradient.
    distribution : {"normal", "uniform"}
        Default normal.
    bias_variance : float
        At least 0. Default 0.

    References
    ----------
    He, Zhang, Ren & Sun, "Delving Deep into Rectifiers", ICCV 2015, equations 10, 14 and 15.

    Notes
    -----
    Used in: ``book/relu.md``.

    Examples
    --------
    >>> from lib import initializers
    >>> initializers.he(mode="fan_out").variance(100, 50)
    0.04
    """
    slope = real("slope", slope, least=-LARGEST_GAIN, most=LARGEST_GAIN)
    check.choice("mode", mode, ("fan_in", "fan_out"))
    forward = mode == "fan_in"
    return _make(
        "he",
        _dense(distribution),
        lambda i, o: 2 / ((1 + slope**2) * (i if forward else o)),
        slope=slope,
        mode=mode,
        distribution=distribution,
        bias_variance=bias_variance,
    )


def orthogonal(*, gain: float = 1.0, bias_variance: float = 0.0) -> Initializer:
    r"""Orthogonal matrices times a gain, uniformly distributed (Haar measure).

    All singular values equal the gain. Not square: orthonormal rows, or columns if there are
    more rows, times the gain.

    Parameters
    ----------
    gain : float
        At least 0. Default 1.
    bias_variance : float
        At least 0. Default 0; the bias is normal.

    References
    ----------
    Saxe, McClelland & Ganguli, "Exact solutions to the nonlinear dynamics of learning in deep
    linear neural networks", ICLR 2014.

    Examples
    --------
    >>> from lib import initializers
    >>> initializers.orthogonal(gain=3.0).weight_variance(64, 64)
    9.0
    """
    gain = real("gain", gain, least=0, most=LARGEST_GAIN)
    return _make(
        "orthogonal",
        "orthogonal",
        lambda i, o: gain**2 / max(i, o),
        gain=gain,
        bias_variance=bias_variance,
    )


def identity(*, gain: float = 1.0, bias_variance: float = 0.0) -> Initializer:
    """Identity matrices times a gain; not square: ones on the main diagonal, zeros elsewhere.

    Parameters
    ----------
    gain : float
        At least 0. Default 1.
    bias_variance : float
        At least 0. Default 0; the bias is normal.

    Examples
    --------
    >>> from lib import initializers
    >>> initializers.identity(gain=0.5).weights(0, (2, 3))
    array([[0.5, 0. , 0. ],
           [0. , 0.5, 0. ]])
    """
    gain = real("gain", gain, least=0, most=LARGEST_GAIN)
    return _make(
        "identity",
        "identity",
        lambda i, o: gain**2 * min(i, o) / (i * o),
        gain=gain,
        bias_variance=bias_variance,
    )


def pytorch_linear(*, bias_variance: float | None = None) -> Initializer:
    r"""Draw like ``torch.nn.Linear``: weights and biases uniform in +-1/sqrt(fan_in).

    So :math:`\sigma_w^2 = 1/3`, less than any activation of this book needs.

    Parameters
    ----------
    bias_variance : float, optional
        Replaces the variance :math:`1/(3\,\text{fan\_in})` of the bias; 0 for no bias.

    Examples
    --------
    >>> from lib import initializers
    >>> initializers.pytorch_linear().limit(100, 50)
    0.1
    """
    return _make("pytorch_linear", "uniform", lambda i, o: 1 / (3 * i), bias_variance=bias_variance)


_FACTORIES: dict[str, Callable[..., Initializer]] = {
    factory.__name__: factory
    for factory in (normal, uniform, lecun, xavier, he, orthogonal, identity, pytorch_linear)
}


def names() -> tuple[str, ...]:
    """Names of all initializers.

    Examples
    --------
    >>> from lib import initializers
    >>> initializers.names()[:4]
    ('normal', 'uniform', 'lecun', 'xavier')
    """
    return tuple(_FACTORIES)


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
    return _FACTORIES[check.choice("name", name, _FACTORIES)](**parameters)


def _rebuild(name: str, parameters: dict[str, Any]) -> Initializer:
    return get(name, **parameters)


def _make(
    name: str,
    distribution: str,
    variance_rule: Callable[[int, int], float],
    /,
    *,
    bias_variance: float | None,
    **parameters: Any,
) -> Initializer:
    if bias_variance is None:
        return Initializer(
            name,
            distribution,
            {**parameters, "bias_variance": None},
            variance_rule,
            lambda fan_in: variance_rule(fan_in, fan_in),
        )
    sigma_b2 = real("bias_variance", bias_variance, least=0)
    parameters = {**parameters, "bias_variance": sigma_b2}
    return Initializer(name, distribution, parameters, variance_rule, lambda fan_in: sigma_b2)


def _dense(distribution: str) -> str:
    return str(check.choice("distribution", distribution, ("normal", "uniform")))
