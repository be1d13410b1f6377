"""Descriptions of the networks that are simulated: one network, or a grid of them."""

from __future__ import annotations

import math
import numbers
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any, cast

import numpy as np

from lib import initializers
from lib._checks import choice, integer, integers, real, shown
from lib.activations import Activation
from lib.activations._base import as_activation
from lib.initializers import Initializer

SCALED = ("normal", "uniform", "orthogonal", "identity")  # initializers that take a variance


@dataclass(frozen=True)
class MLP:
    r"""A fully connected network at its start: a multilayer perceptron.

    The activation comes first, and all else by name, so that the three things that a chapter talks
    about read as a sentence: ``MLP("sigmoid", depth=50, width=200)``. A network is described
    apart from what is measured of it, so that a page can give it a name, and simulate it twice.

    Parameters
    ----------
    activation : Activation or str
        One of :mod:`lib.activations`, or its name.
    depth : int
        Number of layers :math:`L`, at least 1.
    width : int or sequence of int
        Width of all layers, or of each.
    input_width : int, optional
        Default: the width of the first layer.
    weight_variance : float, optional
        :math:`\sigma_w^2`, for the initializers ``"normal"`` and ``"uniform"`` (default 1) and,
        as squared gain, ``"orthogonal"`` and ``"identity"``.
    bias_variance : float, optional
        :math:`\sigma_b^2`. Default: the initializer's own, which is 0 except for
        ``"pytorch_linear"``.
    initializer : Initializer or str
        One of :mod:`lib.initializers`, or its name. Default ``"normal"``.
    normalization : {None, "batch", "layer"}
        Of the affine map's output. Default none.
    epsilon : float
        Added to the variance by a normalization. Default 1e-5.
    residual : float or bool, optional
        Branch scale :math:`s` of residual connections; True means 1. Default none.

    Raises
    ------
    TypeError, ValueError
        If a parameter is not as described.

    Examples
    --------
    >>> from lib import chain
    >>> network = chain.MLP("relu", depth=3, width=50, input_width=20, initializer="he")
    >>> network.sizes
    (20, 50, 50, 50)
    >>> network.initialization.weight_variance(fan_in=50, fan_out=50)
    2.0
    """

    activation: Activation | str
    _: KW_ONLY
    depth: int
    width: int | Sequence[int]
    input_width: int | None = None
    weight_variance: float | None = None
    bias_variance: float | None = None
    initializer: Initializer | str = "normal"
    normalization: str | None = None
    epsilon: float = 1e-5
    residual: float | bool | None = None

    def __post_init__(self) -> None:
        """Check the parameters, and replace the activation's name by what it names."""
        depth = integer("depth", self.depth, 1)
        sizes = _sizes(self.width, depth, self.input_width)
        initializer_of(self.initializer, self.weight_variance, self.bias_variance)
        _settle(
            self,
            activation=as_activation("activation", self.activation),
            depth=depth,
            width=sizes[1] if isinstance(self.width, numbers.Integral) else sizes[1:],
            input_width=None if self.input_width is None else sizes[0],
            **_shared(self, sizes),
        )

    @property
    def sizes(self) -> tuple[int, ...]:
        """Widths of the input and of all layers."""
        return _sizes(self.width, self.depth, self.input_width)

    @property
    def initialization(self) -> Initializer:
        """What draws the weights and biases: the initializer, with the variances given."""
        return initializer_of(self.initializer, self.weight_variance, self.bias_variance)


@dataclass(frozen=True)
class Grid:
    r"""Fully connected networks of several activations, weight variances and depths.

    Parameters
    ----------
    activations : sequence of Activation or str
    depths : sequence of int
        Different, at least 1.
    width : int
        Of all layers.
    weight_variances : sequence of float
        Values of :math:`\sigma_w^2`, at least 0. Default 1 alone.
    bias_variance : float
        :math:`\sigma_b^2`. Default 0.
    initializer : {"normal", "uniform", "orthogonal", "identity"}
        What is scaled with :math:`\sigma_w`. Default ``"normal"``.
    normalization, epsilon, residual
        As for :class:`MLP`, for all points of the grid.

    Raises
    ------
    TypeError, ValueError
        If a parameter is not as described.

    Examples
    --------
    >>> from lib import chain
    >>> grid = chain.Grid(["relu", "tanh"], depths=[2, 20], width=50, weight_variances=[1, 2.25])
    >>> grid.shape
    (2, 2, 2)
    """

    activations: Sequence[Activation | str]
    _: KW_ONLY
    depths: Sequence[int]
    width: int
    weight_variances: Sequence[float] = (1.0,)
    bias_variance: float = 0.0
    initializer: str = "normal"
    normalization: str | None = None
    epsilon: float = 1e-5
    residual: float | bool | None = None

    def __post_init__(self) -> None:
        """Check the parameters, and replace the names of activations by what they name."""
        phis = [as_activation("activations", v) for v in _several("activations", self.activations)]
        variances = _several("weight_variances", self.weight_variances)
        depths = [integer("depths", v, 1) for v in _several("depths", self.depths)]
        if len(set(depths)) != len(depths):
            raise ValueError(f"depths must be different; got {self.depths!r}")
        width = integer("width", self.width, 1)
        choice("initializer", self.initializer, SCALED)
        _settle(
            self,
            activations=tuple(phis),
            depths=tuple(depths),
            width=width,
            weight_variances=tuple(real("weight_variances", v, least=0) for v in variances),
            bias_variance=real("bias_variance", self.bias_variance, least=0),
            **_shared(self, (width, width)),
        )

    @property
    def shape(self) -> tuple[int, int, int]:
        """Numbers of activations, weight variances and depths."""
        return len(self.activations), len(self.weight_variances), len(self.depths)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Widths of the input and of all layers of the deepest networks."""
        return (self.width,) * (max(self.depths) + 1)

    @property
    def initialization(self) -> Initializer:
        """What draws the weights before they are scaled, and the biases."""
        return initializer_of(self.initializer, 1.0, self.bias_variance)


def initializer_of(
    value: Initializer | str, weight_variance: float | None, bias_variance: float | None
) -> Initializer:
    """Make the initializer; variances may be given only where they are not already in it."""
    if weight_variance is not None:
        weight_variance = real("weight_variance", weight_variance, least=0)
    if bias_variance is not None:
        bias_variance = real("bias_variance", bias_variance, least=0)
    if isinstance(value, Initializer):
        if weight_variance is not None or bias_variance is not None:
            raise ValueError(
                "weight_variance and bias_variance must be left out when initializer is an "
                f"Initializer; got {weight_variance!r} and {bias_variance!r} with {value!r}"
            )
        return value
    if not isinstance(value, str):
        raise TypeError(f"initializer must be a name or an Initializer; got {shown(value)}")
    choice("initializer", value, initializers.names())
    parameters = {} if bias_variance is None else {"bias_variance": bias_variance}
    if weight_variance is None:
        return initializers.get(value, **parameters)
    if value in ("normal", "uniform"):
        return initializers.get(value, weight_variance=weight_variance, **parameters)
    if value in ("orthogonal", "identity"):
        return initializers.get(value, gain=math.sqrt(weight_variance), **parameters)
    raise ValueError(
        f"weight_variance must be left out with initializer {value!r}, which fixes it; "
        f"got {weight_variance!r}"
    )


def _sizes(width: int | Sequence[int], depth: int, input_width: int | None) -> tuple[int, ...]:
    """Widths of the input and of all layers."""
    if isinstance(width, numbers.Integral):
        layers = [integer("width", width, 1)] * depth
    else:
        layers = list(integers("width", width, 1))
        if len(layers) != depth:
            raise ValueError(f"width must be one integer or {depth} of them; got {len(layers)}")
    first = layers[0] if input_width is None else integer("input_width", input_width, 1)
    return (first, *layers)


def _shared(network: MLP | Grid, sizes: Sequence[int]) -> dict[str, Any]:
    """Check what one network and a grid of them have in common."""
    kind = choice("normalization", network.normalization, (None, "batch", "layer"))
    if kind == "layer" and min(sizes[1:]) < 2:
        raise ValueError(f"width must be at least 2 for layer normalization; got {min(sizes[1:])}")
    return {
        "normalization": cast("str | None", kind),
        "epsilon": real("epsilon", network.epsilon, least=0),
        "residual": _residual(network.residual, sizes),
    }


def _residual(value: float | bool | None, sizes: Sequence[int]) -> float | None:
    """Branch scale of the residual connections; None without them."""
    if value is None or value is False:
        return None
    if len(set(sizes[1:])) > 1:
        raise ValueError(f"width must be the same in all layers with residual; got {sizes[1:]}")
    return 1.0 if value is True else real("residual", value)


def _several(name: str, values: Any) -> list[Any]:
    plain = isinstance(values, (Sequence, np.ndarray)) and not isinstance(values, (str, bytes))
    if not plain or (isinstance(values, np.ndarray) and values.ndim != 1):
        raise TypeError(f"{name} must be a sequence; got {shown(values)}")
    if not len(values):
        raise ValueError(f"{name} must not be empty")
    return list(values)


def _settle(description: MLP | Grid, **values: Any) -> None:
    """Put checked values in the place of those that were given."""
    for name, value in values.items():
        object.__setattr__(description, name, value)
