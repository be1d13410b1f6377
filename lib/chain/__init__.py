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

:class:`MLP` describes one kind of chain and :class:`Grid` a grid of activations, weight variances
and depths; :func:`simulate` and :func:`sweep` run them, and :class:`Measure` says what they are to
measure beside the moments and norms of every layer.

Time and memory
---------------
A layer is one matrix product for all columns of the grid and all samples, stacked over replicas.
Weights and two arrays ``(width, batch)`` per layer (three with normalization) are kept for the
backward pass: for width 64, batch 16 and depth 10,000, 0.5 GB in float64. Replicas are worked off
in blocks of at most ``memory_limit`` bytes, one at least; the result does not depend on it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from lib._checks import instance, integer
from lib._streams import entropy_of
from lib.chain._engine import each, run
from lib.chain._networks import MLP, Grid
from lib.chain._passes import Architecture
from lib.chain._results import ChainArrays, ChainRun, ChainSweep
from lib.chain._setup import (
    GIBIBYTE,
    Measure,
    Setup,
    architecture_of,
    correlation_of,
    inputs_of,
    measure_of,
    output_gradient_of,
)

__all__ = ["MLP", "ChainArrays", "ChainRun", "ChainSweep", "Grid", "Measure", "simulate", "sweep"]

PLAIN = Measure()


def simulate(
    network: MLP,
    *,
    batch: int = 16,
    replicas: int = 20,
    seed: int | np.random.Generator = 0,
    dtype: DTypeLike = "float64",
    x: ArrayLike | None = None,
    input_correlation: float | None = None,
    output_gradient: ArrayLike | Callable[[np.ndarray], ArrayLike] | None = None,
    measure: Measure = PLAIN,
    memory_limit: int = GIBIBYTE,
) -> ChainRun:
    r"""Forward and backward pass through random networks of one kind.

    Where it takes more than two seconds, a terminal shows a progress bar (``TQDM_DISABLE=1`` in
    the environment takes it away).

    Parameters
    ----------
    network : MLP
        What is simulated.
    batch : int
        Number of inputs. Default 16.
    replicas : int
        Number of independent networks. Default 20. The first ones are the same whatever their
        number.
    seed : int or numpy.random.Generator
        Default 0. A generator is asked for an integer.
    dtype : {"float64", "float32", "float16"}
        Float16 is what is stored: weights, (pre-)activations and gradients are rounded to it,
        sums are accumulated in float32.
    x : array_like, optional
        Inputs, shape ``(input width, batch)`` or ``(replicas, input width, batch)``. Default:
        random directions of rms 1.
    input_correlation : float, optional
        Cosine of the inputs 0 and 1, 2 and 3, and so on, from -1 to 1; the batch must be even.
        Default: drawn independently.
    output_gradient : array_like or callable, optional
        :math:`\delta_L`, shape ``(last width, batch)`` or with an axis of replicas before; or a
        function that computes it from :math:`h_L`, ``(replicas, last width, batch)`` to the same
        shape, for any loss. Default: a random direction of norm 1 for each replica.
    measure : Measure
        Default: moments and norms of every layer.
    memory_limit : int
        Bytes for a block of replicas. Default 2**30.

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
    >>> network = chain.MLP("sigmoid", depth=10, width=200)
    >>> run = chain.simulate(network, batch=2, replicas=5)
    >>> run.gradient_rms.shape
    (5, 10)
    >>> bool(run.gradient_ratio.max() < 1e-5)
    True
    """
    network = instance("network", network, MLP, "such as MLP('tanh', depth=10, width=200)")
    batch, replicas = integer("batch", batch, 1), integer("replicas", replicas, 1)
    measure = measure_of(measure, network)
    architecture = architecture_of(network, batch, dtype)
    measured = run(
        Setup(
            architecture=architecture,
            initializer=network.initialization,
            depths=(network.depth,),
            replicas=replicas,
            entropy=entropy_of(seed),
            x=inputs_of(x, input_correlation, architecture, replicas),
            input_correlation=correlation_of(input_correlation, architecture),
            output_gradient=output_gradient_of(output_gradient, architecture, replicas),
            measure=measure,
            memory_limit=integer("memory_limit", memory_limit, 1, None),
        )
    )
    return ChainRun(
        network=network,
        jacobian=measured.jacobian,
        arrays=measured.arrays,
        **_settings(architecture, replicas, measure),
        **each(lambda array: array[:, 0], measured.signals)._asdict(),
        **each(lambda array: array[:, 0, 0], measured.gradients)._asdict(),
    )


def sweep(
    grid: Grid,
    *,
    batch: int = 16,
    replicas: int = 20,
    seed: int | np.random.Generator = 0,
    dtype: DTypeLike = "float64",
    input_correlation: float | None = None,
    measure: Measure = PLAIN,
    memory_limit: int = GIBIBYTE,
) -> ChainSweep:
    r"""Run a grid of activations, weight variances and depths, with `replicas` networks each.

    All of the grid is one computation: within a replica, all its points share inputs and weights
    up to the factor :math:`\sigma_w`, so that curves over the grid are smooth (common random
    numbers), and only the replicas are independent. A shallow network is the beginning of a deep
    one. A replica is the one :func:`simulate` computes for the same seed.

    Parameters
    ----------
    grid : Grid
        What is simulated.
    batch, replicas, seed, dtype, input_correlation, memory_limit
        As for :func:`simulate`, for all points of the grid.
    measure : Measure
        Default: moments and norms of every layer. Without a Jacobian and arrays.

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
    >>> grid = chain.Grid(["relu", "tanh"], depths=[2, 20], width=50, weight_variances=[1, 2.25])
    >>> chain.sweep(grid).gradient_ratio.shape
    (2, 2, 2, 20)
    """
    grid = instance("grid", grid, Grid, "such as Grid(['relu', 'tanh'], depths=[10], width=200)")
    batch, replicas = integer("batch", batch, 1), integer("replicas", replicas, 1)
    measure = measure_of(measure, grid)
    architecture = architecture_of(grid, batch, dtype)
    measured = run(
        Setup(
            architecture=architecture,
            initializer=grid.initialization,
            depths=tuple(sorted(grid.depths, reverse=True)),
            replicas=replicas,
            entropy=entropy_of(seed),
            input_correlation=correlation_of(input_correlation, architecture),
            measure=measure,
            memory_limit=integer("memory_limit", memory_limit, 1, None),
        )
    )
    return ChainSweep(
        grid=grid,
        **_settings(architecture, replicas, measure),
        **each(lambda array: _by_point(array, grid), measured.signals)._asdict(),
        **each(lambda array: _by_start(array, grid), measured.gradients)._asdict(),
    )


def _by_point(array: np.ndarray, grid: Grid) -> np.ndarray:
    """From ``(R, C, L, ...)`` to ``(activations, weight_variances, R, L, ...)``."""
    return np.moveaxis(array.reshape(len(array), *grid.shape[:2], *array.shape[2:]), 0, 2)


def _by_start(array: np.ndarray, grid: Grid) -> np.ndarray:
    """From ``(R, D, C, L)``, deepest first, to ``(activations, weight_variances, D, R, L)``."""
    deepest_first = sorted(grid.depths, reverse=True)
    array = array[:, [deepest_first.index(depth) for depth in grid.depths]]
    return array.reshape(*array.shape[:2], *grid.shape[:2], -1).transpose(2, 3, 1, 0, 4)


def _settings(architecture: Architecture, replicas: int, measure: Measure) -> dict[str, Any]:
    """Say what every result says of how it was made."""
    return {
        "depth": architecture.depth,
        "widths": architecture.widths[1:],
        "batch": architecture.batch,
        "replicas": replicas,
        "dtype": architecture.dtype,
        "saturation_threshold": measure.saturation_threshold,
        "histogram_edges": measure.edges,
    }
