"""What a simulation is told: what to measure, and all that the engine needs to know."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from lib._checks import boolean, finite, float_type, instance, of_shape, real
from lib._values import ByValue, frozen
from lib.activations import Activation
from lib.chain._networks import MLP, Grid
from lib.chain._passes import Architecture
from lib.initializers import Initializer

GIBIBYTE = 2**30
OutputGradient = Callable[[np.ndarray], np.ndarray] | np.ndarray | None


@dataclass(frozen=True, eq=False, kw_only=True)
class Measure(ByValue):
    """What is measured besides the moments and norms of every layer.

    Parameters
    ----------
    saturation_threshold : float
        Share of the activation's largest slope below which it counts as saturated. Default 0.05.
    histogram_edges : array_like, optional
        Increasing bin edges; asks for histograms of pre-activations and activations.
    jacobian : bool
        Asks for the input-output Jacobian at the first input. Default False.
    arrays : bool
        Asks for all arrays of both passes, weights included. Default False. Not with `rescale`.
    rescale : bool
        Keep the gradient in the range of normal numbers by powers of two, so that
        ``log10_gradient_norm`` is right however small it is. Default False: underflow shows.

    Raises
    ------
    TypeError, ValueError
        If a parameter is not as described.

    Examples
    --------
    >>> from lib import chain
    >>> network = chain.MLP("tanh", depth=3, width=4)
    >>> run = chain.simulate(network, replicas=2, measure=chain.Measure(jacobian=True))
    >>> run.jacobian.shape
    (2, 4, 4)
    """

    saturation_threshold: float = 0.05
    histogram_edges: ArrayLike | None = None
    jacobian: bool = False
    arrays: bool = False
    rescale: bool = False

    def __post_init__(self) -> None:
        """Check the parameters."""
        checked = {
            "saturation_threshold": real(
                "saturation_threshold", self.saturation_threshold, least=0
            ),
            "histogram_edges": _edges(self.histogram_edges),
        }
        for name in ("jacobian", "arrays", "rescale"):
            checked[name] = boolean(name, getattr(self, name))
        for name, value in checked.items():
            object.__setattr__(self, name, value)
        if self.arrays and self.rescale:
            raise ValueError("arrays must be False with rescale, which changes the gradients")

    @property
    def edges(self) -> np.ndarray | None:
        """The bin edges as an array, shape ``(bins + 1,)``."""
        return cast("np.ndarray | None", self.histogram_edges)


@dataclass(frozen=True)
class Setup:
    """An architecture, where its randomness comes from, and what to measure."""

    architecture: Architecture
    initializer: Initializer
    depths: tuple[int, ...]  # decreasing; a gradient starts at each
    replicas: int
    entropy: int
    input_correlation: float | None
    measure: Measure
    memory_limit: int
    x: np.ndarray | None = None
    output_gradient: OutputGradient = None


def architecture_of(network: MLP | Grid, batch: int, dtype: DTypeLike) -> Architecture:
    """Make what all replicas share, with a column for each activation and weight variance."""
    if network.normalization == "batch" and batch < 2:
        raise ValueError(f"batch must be at least 2 for batch normalization; got {batch}")
    if isinstance(network, Grid):
        given, scales = network.activations, [math.sqrt(v) for v in network.weight_variances]
    else:
        given, scales = (network.activation,), [1.0]
    return Architecture(
        activations=cast("tuple[Activation, ...]", given),
        scales=tuple(scales),
        widths=network.sizes,
        batch=batch,
        normalization=network.normalization,
        epsilon=network.epsilon,
        residual=network.residual,
        dtype=float_type("dtype", dtype),
    )


def measure_of(value: Measure, network: MLP | Grid) -> Measure:
    """Check whether this can be measured of such networks."""
    measure = instance("measure", value, Measure, "a lib.chain.Measure")
    if isinstance(network, Grid) and (measure.jacobian or measure.arrays):
        raise ValueError(f"measure must be without jacobian and arrays; got {measure!r}")
    if measure.jacobian and network.normalization == "batch":
        raise ValueError(
            "measure must be without jacobian for a network with batch normalization, where an "
            "output depends on all inputs"
        )
    return measure


def inputs_of(
    x: ArrayLike | None, correlation: float | None, architecture: Architecture, replicas: int
) -> np.ndarray | None:
    """Check inputs that are given."""
    if x is None:
        return None
    if correlation is not None:
        raise ValueError("input_correlation must be left out when x is given")
    shape = (architecture.widths[0], architecture.batch)
    return of_shape("x", x, shape, (replicas, *shape))


def correlation_of(value: float | None, architecture: Architecture) -> float | None:
    """Check the cosine of two inputs."""
    if value is None:
        return None
    batch, width = architecture.batch, architecture.widths[0]
    if batch % 2 or width < 2:
        raise ValueError(
            f"input_correlation needs an even batch and two inputs or more; got batch {batch} and "
            f"input width {width}"
        )
    return real("input_correlation", value, least=-1, most=1)


def output_gradient_of(value: Any, architecture: Architecture, replicas: int) -> OutputGradient:
    """Check the gradient with respect to the last pre-activation, or what computes it."""
    if value is None:
        return None
    if callable(value) and not isinstance(value, type):
        return cast(OutputGradient, value)
    shape = (architecture.widths[-1], architecture.batch)
    return of_shape("output_gradient", value, shape, (replicas, *shape))


def _edges(value: ArrayLike | None) -> np.ndarray | None:
    if value is None:
        return None
    edges = finite("histogram_edges", value).astype(np.float64)
    if edges.ndim != 1 or len(edges) < 2 or not np.all(np.diff(edges) > 0):
        raise ValueError(f"histogram_edges must be increasing, two or more; got {value!r}")
    return frozen(edges)
