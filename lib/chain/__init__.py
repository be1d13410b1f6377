r"""Deep fully connected chains, forward and backward, many random ones at once.

A chain of depth :math:`L` maps an input :math:`x` to pre-activations

.. math:: h_1 = W_1 x + b_1, \qquad h_l = W_l \phi(h_{l-1}) + b_l, \quad l = 2, \dots, L,

with random weights, :math:`\operatorname{Var} W_{ij} = \sigma_w^2 / \text{fan\_in}`. With a
normalization :math:`N`, the affine map's output is normalized before anything else happens to it,
and with residual connections of branch scale :math:`s` (from the second layer on)

.. math:: h_l = h_{l-1} + s\,N\!\left(W_l \phi(h_{l-1}) + b_l\right).

The gradient :math:`\delta_l = \partial L / \partial h_l` starts from a random unit direction on the
last pre-activation: the loss is linear, so that :math:`|\delta_1| / |\delta_L|` is what the chain
itself does to a gradient.

:func:`simulate` runs one kind of chain, :func:`sweep` a grid of activations, weight variances and
depths. Used in all chapters.

Time and memory
---------------
A layer is one matrix product for all columns of the grid and all samples, stacked over replicas.
Weights and two arrays ``(width, batch)`` per layer (three with normalization) are kept for the
backward pass: for width 64, batch 16 and depth 10,000, 0.5 GB in float64. Replicas are worked off
in blocks of at most ``memory_limit`` bytes, one at least; the result does not depend on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from lib._checks import boolean, choice, float_type, integer, of_shape, real, shown
from lib._streams import entropy_of
from lib.activations import Activation
from lib.activations._base import as_activation
from lib.chain import _settings as check
from lib.chain._engine import Experiment, OutputGradient, run
from lib.chain._passes import Architecture
from lib.chain._results import LAYERED, ChainArrays, ChainRun, ChainSweep
from lib.initializers import Initializer

__all__ = ["ChainArrays", "ChainRun", "ChainSweep", "simulate", "sweep"]

GIBIBYTE = 2**30


def simulate(
    activation: Activation | str,
    *,
    depth: int,
    width: int | Sequence[int],
    batch: int = 16,
    weight_variance: float | None = None,
    bias_variance: float | None = None,
    initializer: Initializer | str = "normal",
    normalization: str | None = None,
    epsilon: float = 1e-5,
    residual: float | bool | None = None,
    replicas: int = 20,
    seed: int | np.random.Generator = 0,
    dtype: DTypeLike = "float64",
    x: ArrayLike | None = None,
    input_width: int | None = None,
    input_correlation: float | None = None,
    output_gradient: Any = None,
    saturation_threshold: float = 0.05,
    histogram_edges: ArrayLike | None = None,
    rescale: bool = False,
    jacobian: bool = False,
    keep: bool = False,
    memory_limit: int = GIBIBYTE,
    progress: bool | None = None,
) -> ChainRun:
    r"""Forward and backward pass through random chains of one kind.

    Parameters
    ----------
    activation : Activation or str
        One of :mod:`lib.activations`, or its name.
    depth : int
        Number of layers :math:`L`, at least 1.
    width : int or sequence of int
        Width of all layers, or of each.
    batch : int
        Number of inputs. Default 16.
    weight_variance : float, optional
        :math:`\sigma_w^2`, for the initializers ``"normal"`` and ``"uniform"`` (default 1) and,
        as squared gain, ``"orthogonal"`` and ``"identity"``.
    bias_variance : float, optional
        :math:`\sigma_b^2`. Default: the initializer's own, which is 0 except for
        ``"pytorch_linear"``.
    initializer : Initializer or str
        One of :mod:`lib.initializers`, or its name. Default ``"normal"``.
    normalization : {None, "batch", "layer"}
        Of the affine map's output.
    epsilon : float
        Added to the variance by a normalization. Default 1e-5.
    residual : float or bool, optional
        Branch scale :math:`s` of residual connections; True means 1. Default none.
    replicas : int
        Number of independent chains. Default 20. The first ones are the same whatever their
        number.
    seed : int or numpy.random.Generator
        Default 0. A generator is asked for an integer.
    dtype : {"float64", "float32", "float16"}
        Float16 is what is stored: weights, (pre-)activations and gradients are rounded to it,
        sums are accumulated in float32.
    x : array_like, optional
        Inputs, shape ``(input width, batch)`` or ``(replicas, input width, batch)``. Default:
        random directions of rms 1.
    input_width : int, optional
        Default: the width of the first layer.
    input_correlation : float, optional
        Cosine of the inputs 0 and 1, 2 and 3, and so on, from -1 to 1; the batch must be even.
        Default: drawn independently.
    output_gradient : array_like or callable, optional
        :math:`\delta_L`, shape ``(last width, batch)`` or with an axis of replicas before; or a
        function that computes it from :math:`h_L`, ``(replicas, last width, batch)`` to the same
        shape, for any loss. Default: a random direction of norm 1 for each replica.
    saturation_threshold : float
        Share of the activation's largest slope below which it counts as saturated. Default 0.05.
    histogram_edges : array_like, optional
        Increasing bin edges; asks for histograms.
    rescale : bool
        Keep the gradient in the range of normal numbers by powers of two, so that
        ``log10_gradient_norm`` is right however small it is. Default False: underflow shows.
    jacobian : bool
        Asks for the input-output Jacobian at the first input. Default False.
    keep : bool
        Asks for all arrays of both passes, weights included. Default False. Not with `rescale`.
    memory_limit : int
        Bytes for a block of replicas. Default 2**30.
    progress : bool, optional
        Show a progress bar if it takes longer than two seconds. Default: only in a terminal.

    Returns
    -------
    ChainRun

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.

    References
    ----------
    Schoenholz, Gilmer, Ganguli & Sohl-Dickstein, "Deep Information Propagation", ICLR 2017, for
    the quantities measured.

    Examples
    --------
    >>> from lib import chain
    >>> run = chain.simulate("sigmoid", depth=10, width=200, batch=2, replicas=5)
    >>> run.gradient_rms.shape
    (5, 10)
    >>> bool(run.gradient_ratio.max() < 1e-5)
    True
    """
    depth = integer("depth", depth, 1)
    batch = integer("batch", batch, 1)
    replicas = integer("replicas", replicas, 1)
    phi = as_activation("activation", activation)
    rescale, keep = boolean("rescale", rescale), boolean("keep", keep)
    jacobian = boolean("jacobian", jacobian)
    widths = check.widths_of(width, depth, input_width)
    architecture = Architecture(
        activations=(phi,),
        scales=(1.0,),
        widths=widths,
        batch=batch,
        normalization=check.normalization_of(normalization, widths, batch),
        epsilon=real("epsilon", epsilon, least=0),
        residual=check.residual_of(residual, widths),
        dtype=float_type("dtype", dtype),
    )
    if jacobian and normalization == "batch":
        raise ValueError(
            "jacobian must be False with batch normalization, where an output depends on all inputs"
        )
    if keep and rescale:
        raise ValueError("keep must be False with rescale, which changes the gradients it keeps")
    if x is not None:
        if input_correlation is not None:
            raise ValueError("input_correlation must be left out when x is given")
        shape = (widths[0], batch)
        x = of_shape("x", x, shape, (replicas, *shape))
    initial = check.initializer_of(initializer, weight_variance, bias_variance)
    measured = run(
        Experiment(
            architecture=architecture,
            initializer=initial,
            depths=(depth,),
            replicas=replicas,
            entropy=entropy_of(seed),
            x=x,
            input_correlation=_correlation(input_correlation, batch, widths[0]),
            output_gradient=_output_gradient(output_gradient, widths[-1], batch, replicas),
            saturation_threshold=real("saturation_threshold", saturation_threshold, least=0),
            edges=check.edges_of(histogram_edges),
            rescale=rescale,
            jacobian=jacobian,
            keep=keep,
            memory_limit=integer("memory_limit", memory_limit, 1, None),
            progress=None if progress is None else boolean("progress", progress),
        )
    )
    arrays: dict[str, Any] = {"arrays": _kept(measured, depth) if keep else None}
    for name, array in measured.items():
        if "/" in name:
            continue
        if name == "jacobian":
            arrays[name] = array
        else:  # gradients (R, D, C, L), the rest (R, C, L, ...)
            arrays[name] = array[:, 0, 0] if "gradient" in name else array[:, 0]
    return ChainRun(
        **_common(architecture, replicas, saturation_threshold, histogram_edges),
        **arrays,
        activation=repr(phi),
        initializer=repr(initial),
    )


def sweep(
    activations: Sequence[Activation | str],
    *,
    weight_variances: Sequence[float] = (1.0,),
    depths: Sequence[int],
    width: int,
    batch: int = 16,
    bias_variance: float = 0.0,
    initializer: str = "normal",
    normalization: str | None = None,
    epsilon: float = 1e-5,
    residual: float | bool | None = None,
    replicas: int = 20,
    seed: int | np.random.Generator = 0,
    dtype: DTypeLike = "float64",
    input_correlation: float | None = None,
    saturation_threshold: float = 0.05,
    histogram_edges: ArrayLike | None = None,
    rescale: bool = False,
    memory_limit: int = GIBIBYTE,
    progress: bool | None = None,
) -> ChainSweep:
    r"""Run a grid of activations, weight variances and depths, with `replicas` chains each.

    All of the grid is one computation: within a replica, all its points share inputs and weights
    up to the factor :math:`\sigma_w`, so that curves over the grid are smooth (common random
    numbers), and only the replicas are independent. A shallow chain is the beginning of a deep
    one. A replica is the one :func:`simulate` computes for the same seed.

    Parameters
    ----------
    activations : sequence of Activation or str
    weight_variances : sequence of float
        Values of :math:`\sigma_w^2`, at least 0. Default 1 alone.
    depths : sequence of int
        Different, at least 1.
    initializer : {"normal", "uniform", "orthogonal", "identity"}
        What is scaled with :math:`\sigma_w`. Default ``"normal"``.
    width, batch, bias_variance, normalization, epsilon, residual, replicas, seed, dtype
        As for :func:`simulate`, for all points of the grid.
    input_correlation, saturation_threshold, histogram_edges, rescale, memory_limit, progress
        As for :func:`simulate`, likewise.

    Returns
    -------
    ChainSweep

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.

    Examples
    --------
    >>> from lib import chain
    >>> grid = chain.sweep(["relu", "tanh"], weight_variances=[1, 2.25], depths=[2, 20], width=50)
    >>> grid.gradient_ratio.shape
    (2, 2, 2, 20)
    """
    phis = tuple(as_activation("activations", phi) for phi in _several("activations", activations))
    variances = tuple(
        real("weight_variances", v, least=0) for v in _several("weight_variances", weight_variances)
    )
    steps = tuple(integer("depths", d, 1) for d in _several("depths", depths))
    if len(set(steps)) != len(steps):
        raise ValueError(f"depths must be different; got {depths!r}")
    choice("initializer", initializer, ("normal", "uniform", "orthogonal", "identity"))
    batch = integer("batch", batch, 1)
    replicas = integer("replicas", replicas, 1)
    widths = check.widths_of(integer("width", width, 1), max(steps), None)
    architecture = Architecture(
        activations=phis,
        scales=tuple(float(np.sqrt(v)) for v in variances),
        widths=widths,
        batch=batch,
        normalization=check.normalization_of(normalization, widths, batch),
        epsilon=real("epsilon", epsilon, least=0),
        residual=check.residual_of(residual, widths),
        dtype=float_type("dtype", dtype),
    )
    order = tuple(sorted(steps, reverse=True))
    measured = run(
        Experiment(
            architecture=architecture,
            initializer=check.initializer_of(initializer, 1.0, bias_variance),
            depths=order,
            replicas=replicas,
            entropy=entropy_of(seed),
            x=None,
            input_correlation=_correlation(input_correlation, batch, width),
            output_gradient=None,
            saturation_threshold=real("saturation_threshold", saturation_threshold, least=0),
            edges=check.edges_of(histogram_edges),
            rescale=boolean("rescale", rescale),
            jacobian=False,
            keep=False,
            memory_limit=integer("memory_limit", memory_limit, 1, None),
            progress=None if progress is None else boolean("progress", progress),
        )
    )
    grid = (len(phis), len(variances))
    arrays: dict[str, Any] = {}
    for name, array in measured.items():
        if "gradient" in name:  # (R, D, C, L)
            array = array[:, [order.index(d) for d in steps]]
            array = array.reshape(replicas, len(steps), *grid, -1).transpose(2, 3, 1, 0, 4)
        else:  # (R, C, L, ...)
            array = np.moveaxis(array.reshape(replicas, *grid, *array.shape[2:]), 0, 2)
        arrays[name] = array
    return ChainSweep(
        **_common(architecture, replicas, saturation_threshold, histogram_edges),
        **arrays,
        activations=tuple(repr(phi) for phi in phis),
        weight_variances=variances,
        depths=steps,
    )


def _common(
    architecture: Architecture, replicas: int, threshold: float, edges: ArrayLike | None
) -> dict[str, Any]:
    return {
        "depth": architecture.depth,
        "widths": architecture.widths[1:],
        "batch": architecture.batch,
        "replicas": replicas,
        "dtype": architecture.dtype,
        "saturation_threshold": float(threshold),
        "histogram_edges": check.edges_of(edges),
    }


def _kept(measured: dict[str, np.ndarray], depth: int) -> ChainArrays:
    layered = {
        name: tuple(measured[f"{name}/{layer}"] for layer in range(depth)) for name in LAYERED
    }
    return ChainArrays(x=measured["x/0"], input_gradient=measured["input_gradient/0"], **layered)


def _several(name: str, values: Any) -> list[Any]:
    plain = isinstance(values, (Sequence, np.ndarray)) and not isinstance(values, (str, bytes))
    if not plain or (isinstance(values, np.ndarray) and values.ndim != 1):
        raise TypeError(f"{name} must be a sequence; got {shown(values)}")
    if not len(values):
        raise ValueError(f"{name} must not be empty")
    return list(values)


def _correlation(value: float | None, batch: int, width: int) -> float | None:
    if value is None:
        return None
    if batch % 2 or width < 2:
        raise ValueError(
            f"input_correlation needs an even batch and two inputs or more; got batch {batch} and "
            f"input width {width}"
        )
    return real("input_correlation", value, least=-1, most=1)


def _output_gradient(value: Any, width: int, batch: int, replicas: int) -> OutputGradient:
    if value is None:
        return None
    if callable(value) and not isinstance(value, type):
        return cast(OutputGradient, value)
    return of_shape("output_gradient", value, (width, batch), (replicas, width, batch))
