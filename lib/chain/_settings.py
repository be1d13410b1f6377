"""Arguments of a simulation, checked."""

from __future__ import annotations

import math
import numbers
from collections.abc import Sequence
from typing import cast

import numpy as np
from numpy.typing import ArrayLike

from lib import initializers
from lib._checks import choice, finite, integer, integers, real, shown
from lib.initializers import Initializer


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


def widths_of(width: int | Sequence[int], depth: int, input_width: int | None) -> tuple[int, ...]:
    """Widths of the input and of all layers."""
    if isinstance(width, numbers.Integral):
        layers = [integer("width", width, 1)] * depth
    else:
        layers = list(integers("width", width, 1))
        if len(layers) != depth:
            raise ValueError(f"width must be one integer or {depth} of them; got {len(layers)}")
    first = layers[0] if input_width is None else integer("input_width", input_width, 1)
    return (first, *layers)


def normalization_of(value: str | None, widths: Sequence[int], batch: int) -> str | None:
    value = cast("str | None", choice("normalization", value, (None, "batch", "layer")))
    if value == "batch" and batch < 2:
        raise ValueError(f"batch must be at least 2 for batch normalization; got {batch}")
    if value == "layer" and min(widths[1:]) < 2:
        raise ValueError(f"width must be at least 2 for layer normalization; got {min(widths[1:])}")
    return value


def residual_of(value: float | bool | None, widths: Sequence[int]) -> float | None:
    """Branch scale of the residual connections; None without them."""
    if value is None or value is False:
        return None
    if len(set(widths[1:])) > 1:
        raise ValueError(f"width must be the same in all layers with residual; got {widths[1:]}")
    return 1.0 if value is True else real("residual", value)


def edges_of(value: ArrayLike | None) -> np.ndarray | None:
    if value is None:
        return None
    edges = finite("histogram_edges", value).astype(np.float64)
    if edges.ndim != 1 or len(edges) < 2 or not np.all(np.diff(edges) > 0):
        raise ValueError(f"histogram_edges must be increasing, two or more; got {value!r}")
    return edges
