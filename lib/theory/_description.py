"""What a network is on paper: depth, width, function, and how its weights are drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lib import initializers
from lib._checks import choice, instance, integer, real
from lib.activations import Activation
from lib.activations._base import as_activation
from lib.chain import MLP
from lib.initializers import Initializer

PRECISIONS = {  # exponents of two: the smallest subnormal number, and one above the largest number
    "float16": (-24, 16),
    "bfloat16": (-133, 128),
    "float32": (-149, 128),
    "float64": (-1074, 1024),
}


@dataclass(frozen=True, kw_only=True)
class Description:
    r"""A deep fully connected network at its start, all layers of one width.

    Attributes
    ----------
    depth : int
        Number of layers :math:`L`, at least 1.
    width : int
        Units of each layer, and inputs; at least 1.
    activation : Activation or str
        One of :mod:`lib.activations`, or its name.
    initializer : Initializer or str
        One of :mod:`lib.initializers`, or its name, with the variances of weights and biases. For
        given variances: ``initializers.normal(weight_variance=..., bias_variance=...)``.
    normalization : {None, "batch", "layer"}
        Of what the weights and biases compute, before the activation function. Default none.
    residual : float or bool, optional
        Branch scale :math:`s` of residual connections from the second layer on; True means 1.
        Default none.
    precision : {"float16", "bfloat16", "float32", "float64"}
        In which gradients and signals are stored. Default float32.
    input_correlation : float
        Cosine of the two inputs that are followed, from -1 to 1. Default 0.
    last_gradient : float
        Root mean square of the entries of the gradient at the last layer, positive; only
        underflow depends on it. Default 0.001, as of a loss averaged over a few hundred examples.
    loss_scale : float
        What the loss is multiplied with, positive. Default 1.
    epsilon : float
        Added to the variance by a normalization. Default 1e-5.

    Raises
    ------
    TypeError, ValueError
        If an attribute is not as described, or the theory does not cover it.

    Examples
    --------
    >>> network = Description(depth=30, width=100, activation="relu", initializer="he")
    >>> network.weight_variance, network.bias_variance
    (2.0, 0.0)
    """

    depth: int
    width: int
    activation: Activation | str
    initializer: Initializer | str
    normalization: str | None = None
    residual: float | bool | None = None
    precision: str = "float32"
    input_correlation: float = 0.0
    last_gradient: float = 1e-3
    loss_scale: float = 1.0
    epsilon: float = 1e-5

    def __post_init__(self) -> None:
        """Check the attributes, and replace names by what they name."""
        depth = integer("depth", self.depth, 1)
        width = integer("width", self.width, 1)
        phi, initial = as_activation("activation", self.activation), self.initializer
        if isinstance(initial, str):
            initial = initializers.get(choice("initializer", initial, initializers.names()))
        initial = instance(
            "initializer", initial, Initializer, "made by lib.initializers, or a name"
        )
        if initial.distribution == "identity":
            raise ValueError(
                "initializer must draw random weights: mean-field theory does not cover "
                f"{initial!r}"
            )
        kind = choice("normalization", self.normalization, (None, "batch", "layer"))
        if kind == "layer" and width < 2:
            raise ValueError(f"width must be at least 2 for layer normalization; got {width}")
        if kind is not None and initial.variance(width, width) == 0:
            raise ValueError(f"initializer must have a variance to normalize; got {initial!r}")
        scale = self.residual
        if isinstance(scale, (bool, np.bool_)):
            scale = 1.0 if scale else None
        if scale is not None:
            scale = real("residual", scale, least=0, most=1e100)
        numbers = {
            "input_correlation": real(
                "input_correlation", self.input_correlation, least=-1, most=1
            ),
            "last_gradient": real("last_gradient", self.last_gradient, least=1e-300),
            "loss_scale": real("loss_scale", self.loss_scale, least=1e-300),
            "epsilon": real("epsilon", self.epsilon, least=0),
        }
        checked = {
            "depth": depth, "width": width, "activation": phi, "initializer": initial,
            "residual": scale, "precision": choice("precision", self.precision, PRECISIONS),
        }  # fmt: skip
        for name, value in (checked | numbers).items():
            object.__setattr__(self, name, value)

    @property
    def weight_variance(self) -> float:
        r""":math:`\sigma_w^2`."""
        return self._initializer.weight_variance(self.width, self.width)

    @property
    def bias_variance(self) -> float:
        r""":math:`\sigma_b^2`."""
        return float(self._initializer.bias_rule(self.width))

    @property
    def phi(self) -> Activation:
        """The activation function."""
        assert isinstance(self.activation, Activation)
        return self.activation

    @property
    def mlp(self) -> MLP:
        """The same network for :func:`lib.chain.simulate`, without its inputs and precision."""
        return MLP(
            self.phi,
            depth=self.depth,
            width=self.width,
            initializer=self._initializer,
            normalization=self.normalization,
            epsilon=self.epsilon,
            residual=self.residual,
        )

    @property
    def _initializer(self) -> Initializer:
        assert isinstance(self.initializer, Initializer)
        return self.initializer
