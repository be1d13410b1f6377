"""Arguments of a simulation, checked."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from lib import activations, initializers
from lib._checks import finite, integer, real
from lib.activations import Activation
from lib.initializers import Initializer

DTYPES = (np.float16, np.float32, np.float64)


def activation_of(value: Activation | str) -> Activation:
    if isinstance(value, str):
        return activations.get(value)
    if isinstance(value, Activation):
        return value
    raise TypeError(f"activation must be a name or an Activation; got {value!r}")


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
        raise TypeError(f"initializer must be a name or an Initializer; got {value!r}")
    parameters = {} if bias_variance is None else {"bias_variance": bias_variance}
    if weight_variance is None:
        return initializers.get(value, **parameters)
    if value in ("normal", "uniform"):
        return initializers.get(value, weight_variance=weight_variance, **parameters)
    if value in ("orthogonal", "identity"):
        return initializers.get(value, gain=math.sqrt(weight_variance), **parameters)
    initializers.get(value)
    raise ValueError(
        f"weight_variance must be left out with initializer {value!r}, which fixes it; "
        f"got {weight_variance!r}"
    )


def widths_of(width: int | Sequence[int], depth: int, input_width: int | None) -> tuple[int, ...]:
    """Widths of the input and of all layers."""
    if np.ndim(width) == 0:
        layers = [integer("width", width, 1)] * depth
    else:
        layers = [integer("width", n, 1) for n in np.asarray(width, object)]
        if len(layers) != depth:
            raise ValueError(f"width must be one integer or {depth} of them; got {len(layers)}")
    first = layers[0] if input_width is None else integer("input_width", input_width, 1)
    return (first, *layers)


def normalization_of(value: str | None, widths: Sequence[int], batch: int) -> str | None:
    if value not in (None, "batch", "layer"):
        raise ValueError(f"normalization must be None, 'batch' or 'layer'; got {value!r}")
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


def dtype_of(value: DTypeLike) -> np.dtype[Any]:
    dtype = np.dtype(value)
    if dtype.type not in DTYPES:
        raise ValueError(f"dtype must be float16, float32 or float64; got {dtype}")
    return dtype


def entropy_of(seed: int | np.random.Generator) -> int:
    """Return an integer seed; a generator is asked for one."""
    if isinstance(seed, np.random.Generator):
        return int(seed.integers(2**63))
    return integer("seed", seed, 0)


def shaped(name: str, value: ArrayLike, shapes: Sequence[tuple[int, ...]]) -> np.ndarray:
    array = finite(name, value)
    if array.shape not in shapes:
        allowed = " or ".join(map(str, shapes))
        raise ValueError(f"{name} must have shape {allowed}; got {array.shape}")
    return array


def edges_of(value: ArrayLike | None) -> np.ndarray | None:
    if value is None:
        return None
    edges = np.asarray(value, np.float64)
    if edges.ndim != 1 or len(edges) < 2 or not np.all(np.diff(edges) > 0):
        raise ValueError(f"histogram_edges must be increasing, two or more; got {value!r}")
    return edges
