r"""Fully connected networks: their forward and their backward pass, for several replicas at once.

Hidden layer :math:`l` computes :math:`h_l = W_l a_{l-1} + b_l` and :math:`a_l = \phi(h_l)`; with
batch normalization, :math:`h_l = g_l \odot \widehat{W_l a_{l-1}} + s_l`, where the hat stands for
subtracting the mean of the batch and dividing by its standard deviation. In a residual network,
what a hidden layer after the first computes is scaled and added to :math:`h_{l-1}`. The output
layer is affine. Arrays have axes ``(replica, unit, sample)``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import DTypeLike

from lib import initializers
from lib._checks import boolean, choice, instance, integer, integers, real, real_numbers, shown
from lib._checks import seeds as seeds_of
from lib._numbers import quiet, working
from lib.activations import Activation, ParametricReLU
from lib.initializers import Initializer
from lib.models import _passes
from lib.models._passes import Pass, Running
from lib.models.parameters import Parameters

__all__ = ["Network", "Pass"]


@dataclass(frozen=True)
class Network:
    r"""A fully connected network with an affine output layer.

    Parameters
    ----------
    sizes : sequence of int
        Numbers of inputs, of units in each hidden layer, and of outputs: at least two numbers.
    activation : Activation
        Of the hidden layers. The slopes of a PReLU are learned, from the value that the activation
        has; those of an RReLU are drawn in training.
    initializer : Initializer
        Of weights and biases. Default Xavier's.
    output_initializer : Initializer, optional
        Of the output layer, if another one. Default the same.
    batch_norm : bool
        Whether hidden layers normalize their pre-activations over the batch. Default False.
    slope_per : {"layer", "unit"}
        Whether the units of a layer share the slope of a PReLU. Default ``"layer"``.
    epsilon : float
        Added to the variance by batch normalization. Default 1e-5.
    residual : float, optional
        Scale :math:`s` of the branches, :math:`h_l = h_{l-1} + s\,(W_l a_{l-1} + b_l)` for hidden
        layers from the second on, which must then be of one size. Default: no such sum.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    References
    ----------
    He, Zhang, Ren & Sun, "Delving Deep into Rectifiers", ICCV 2015, section 2.1; Ioffe & Szegedy,
    "Batch Normalization", ICML 2015, algorithms 1 and 2.

    Examples
    --------
    >>> import numpy as np
    >>> from lib import activations
    >>> network = Network((64, 30, 30, 10), activations.relu())
    >>> parameters = network.draw(seeds=[0, 1])
    >>> network.forward(parameters, np.zeros((2, 64, 7))).outputs[-1].shape
    (2, 10, 7)
    """

    sizes: Sequence[int]
    activation: Activation
    initializer: Initializer = field(default_factory=initializers.xavier)
    output_initializer: Initializer | None = None
    batch_norm: bool = False
    slope_per: str = "layer"
    epsilon: float = 1e-5
    residual: float | None = None

    def __post_init__(self) -> None:
        """Check the arguments."""
        sizes = integers("sizes", self.sizes, 1)
        if len(sizes) < 2:
            raise ValueError(f"sizes must have at least two numbers; got {self.sizes!r}")
        if not isinstance(self.activation, Activation):
            raise TypeError(f"activation must be an Activation; got {self.activation!r}")
        for name in ("initializer", "output_initializer"):
            value = getattr(self, name)
            missing = name == "output_initializer" and value is None
            if not missing and not isinstance(value, Initializer):
                raise TypeError(f"{name} must be made by lib.initializers; got {value!r}")
        choice("slope_per", self.slope_per, ("layer", "unit"))
        boolean("batch_norm", self.batch_norm)
        real("epsilon", self.epsilon, least=0)
        if self.residual is not None:
            real("residual", self.residual)
            if len(set(sizes[1:-1])) > 1:
                raise ValueError(
                    f"sizes must be the same for all hidden layers of a residual network; "
                    f"got {sizes}"
                )
        object.__setattr__(self, "sizes", sizes)

    @property
    def hidden(self) -> int:
        """Number of hidden layers."""
        return len(self.sizes) - 2

    @property
    def learns_slopes(self) -> bool:
        """Whether the activation is a PReLU."""
        return isinstance(self.activation, ParametricReLU)

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shapes of the learned arrays by name, layers counted from 1."""
        return dict(self._learned)

    @cached_property
    def _learned(self) -> dict[str, tuple[int, ...]]:
        shapes: dict[str, tuple[int, ...]] = {}
        for layer, (below, units) in enumerate(
            zip(self.sizes[:-1], self.sizes[1:], strict=True), start=1
        ):
            shapes[f"weight {layer}"] = (units, below)
            if self.batch_norm and layer <= self.hidden:
                shapes[f"gain {layer}"] = (units,)
                shapes[f"shift {layer}"] = (units,)
            else:
                shapes[f"bias {layer}"] = (units,)
            if self.learns_slopes and layer <= self.hidden:
                shapes[f"slope {layer}"] = (units if self.slope_per == "unit" else 1,)
        return shapes

    def zeros(self, replicas: int, dtype: DTypeLike = np.float64) -> Parameters:
        """Parameters of this network, all zero.

        Parameters
        ----------
        replicas : int
        dtype : float dtype
            Default float64.
        """
        weights = frozenset(name for name in self.shapes if name.startswith("weight"))
        return Parameters(self.shapes, integer("replicas", replicas, 1), dtype, weights)

    def draw(self, seeds: Sequence[int], *, dtype: DTypeLike = np.float64) -> Parameters:
        """Draw initial parameters.

        Parameters
        ----------
        seeds : sequence of int
            One for each replica, which depends on no other.
        dtype : float dtype
            Default float64.
        """
        listed = seeds_of("seeds", seeds)
        parameters = self.zeros(len(listed), dtype)
        arrays = parameters.arrays
        for replica, seed in enumerate(listed):
            rng = np.random.default_rng([seed, 0])
            for layer, (below, units) in enumerate(
                zip(self.sizes[:-1], self.sizes[1:], strict=True), start=1
            ):
                last = layer > self.hidden
                start = (self.output_initializer if last else None) or self.initializer
                arrays[f"weight {layer}"][replica] = start.weights(rng, (units, below))
                if f"bias {layer}" in arrays:
                    biases = start.biases(rng, (units,), fan_in=below)
                    arrays[f"bias {layer}"][replica] = biases
        for name, array in arrays.items():
            if name.startswith("gain"):
                array[...] = 1
            elif name.startswith("slope"):
                array[...] = self.activation.parameters["alpha"]
        return parameters

    def running(self, parameters: Parameters) -> Running:
        """Statistics for evaluation before any training: mean 0 and variance 1 in every layer."""
        self._fitting("parameters", parameters)
        shapes = [(parameters.replicas, units) for units in self.sizes[1:-1]]
        kept: Running = {}
        for layer, shape in enumerate(shapes if self.batch_norm else [], start=1):
            kept[f"mean {layer}"] = np.zeros(shape, working(parameters.flat.dtype))
            kept[f"variance {layer}"] = np.ones(shape, working(parameters.flat.dtype))
        return kept

    def forward(
        self,
        parameters: Parameters,
        x: np.ndarray,
        *,
        running: Running | None = None,
        update: float | None = None,
        rngs: Sequence[np.random.Generator] | None = None,
        reuse: Pass | None = None,
    ) -> Pass:
        """Run a batch through the network.

        Parameters
        ----------
        parameters : Parameters
        x : ndarray, shape (replicas, inputs, batch)
            Of the dtype of the parameters.
        running : dict of str to ndarray, optional
            Statistics of batch normalization. Given without `update`, they normalize the batch, as
            in evaluation; else the batch's own do.
        update : float, optional
            Move the running statistics by this fraction toward those of the batch. The variance is
            then the unbiased one.
        rngs : sequence of numpy.random.Generator, optional
            One for each replica: draw the slopes of an RReLU, as in training. Default: the fixed
            slope of evaluation.
        reuse : Pass, optional
            An earlier pass of the same sizes, whose arrays are overwritten.

        Returns
        -------
        Pass
        """
        x = self._batch(parameters, x)
        self._checked(parameters, running, update, rngs, x.shape[2])
        if reuse is not None and instance("reuse", reuse, Pass).outputs:
            if [array.shape for array in reuse.outputs[1:]] != _passes.shapes(self, x):
                raise ValueError("reuse must be of the sizes of this network and batch")
        with quiet():
            return self.run(parameters, x, running=running, update=update, rngs=rngs, reuse=reuse)

    def run(
        self,
        parameters: Parameters,
        x: np.ndarray,
        *,
        running: Running | None = None,
        update: float | None = None,
        rngs: Sequence[np.random.Generator] | None = None,
        reuse: Pass | None = None,
    ) -> Pass:
        """`forward` with arguments that need no check."""
        return _passes.forward(
            self, parameters, x, running=running, update=update, rngs=rngs, reuse=reuse
        )

    def backward(
        self, parameters: Parameters, trace: Pass, gradient: np.ndarray, into: Parameters
    ) -> None:
        """Backpropagate, through the statistics of batch normalization as well.

        Parameters
        ----------
        parameters : Parameters
        trace : Pass
            Its `deltas` are overwritten. With batch normalization, of a pass that used the
            statistics of the batch.
        gradient : ndarray, shape (replicas, outputs, batch)
            With respect to the outputs of the network.
        into : Parameters
            The gradients with respect to the parameters, overwritten.
        """
        self._fitting("parameters", parameters)
        self._fitting("into", into)
        gradient = real_numbers("gradient", gradient)
        if not np.shape(gradient)[:1] == (parameters.replicas,) == (into.replicas,):
            raise ValueError(
                "gradient, parameters and into must be of the same replicas; got shape "
                f"{np.shape(gradient)}, {parameters.replicas} and {into.replicas}"
            )
        last = instance("trace", trace, Pass).outputs[-1:]
        if not last or [array.shape for array in trace.outputs[1:]] != _passes.shapes(
            self, last[0]
        ):
            raise ValueError("trace must be a pass through this network")
        if gradient.shape != last[0].shape:
            raise ValueError(f"gradient must have shape {last[0].shape}; got {gradient.shape}")
        with quiet():
            self.run_back(parameters, trace, gradient, into)

    def run_back(
        self, parameters: Parameters, trace: Pass, gradient: np.ndarray, into: Parameters
    ) -> None:
        """`backward` with arguments that need no check."""
        _passes.backward(self, parameters, trace, gradient, into)

    def _fitting(self, name: str, parameters: Parameters) -> None:
        """Refuse what are not the parameters of this network."""
        if instance(name, parameters, Parameters).shapes != self._learned:
            raise ValueError(f"{name} must have the shapes {self.shapes}; got {parameters.shapes}")

    def _batch(self, parameters: Parameters, x: np.ndarray) -> np.ndarray:
        self._fitting("parameters", parameters)
        x = real_numbers("x", x)
        replicas, first = parameters.replicas, self.sizes[0]
        if x.ndim != 3 or x.shape[:2] != (replicas, first) or not x.shape[2]:
            raise ValueError(f"x must have shape ({replicas}, {first}, batch); got {x.shape}")
        return x.astype(parameters.flat.dtype, copy=False)

    def _checked(
        self,
        parameters: Parameters,
        running: Running | None,
        update: float | None,
        rngs: Sequence[np.random.Generator] | None,
        batch: int,
    ) -> None:
        if running is not None:
            instance("running", running, dict)
            kept = {
                f"{name} {layer}": (parameters.replicas, units)
                for layer, units in enumerate(self.sizes[1:-1] if self.batch_norm else (), start=1)
                for name in ("mean", "variance")
            }
            floats = all(getattr(v, "dtype", np.dtype(int)).kind == "f" for v in running.values())
            if not floats or {name: value.shape for name, value in running.items()} != kept:
                raise ValueError("running must be as made by the method of that name")
        if update is not None:
            real("update", update, least=0, most=1)
        if rngs is not None and (
            not isinstance(rngs, Sequence)
            or len(rngs) != parameters.replicas
            or not all(isinstance(rng, np.random.Generator) for rng in rngs)
        ):
            raise TypeError(
                f"rngs must be {parameters.replicas} numpy.random.Generators; got {shown(rngs)}"
            )
        if self.batch_norm and batch < 2 and (running is None or update is not None):
            raise ValueError(f"x must be a batch of at least 2; got {batch}")
