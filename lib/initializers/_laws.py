"""The laws that weights are drawn from, each a function that returns an `Initializer`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lib import _checks as check
from lib._checks import real
from lib.initializers._initializer import FACTORIES, Initializer

LARGEST_GAIN = 1e154  # its square is the variance of a weight


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
    Used in: ``book/hyperbolic-tangent.md``.

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


FACTORIES.update(
    {
        factory.__name__: factory
        for factory in (normal, uniform, lecun, xavier, he, orthogonal, identity, pytorch_linear)
    }
)
