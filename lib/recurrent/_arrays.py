"""Arrays of a sequence: where they lie from pass to pass, and what is accepted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from lib._checks import instance, real_numbers

Arrays = dict[str, np.ndarray]


def place(room: Arrays, name: str, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
    """Array of the room by this name, a new one if it has none of this shape and dtype."""
    array = room.get(name)
    if array is None or array.shape != shape or array.dtype != dtype:
        array = room[name] = np.empty(shape, dtype)
    return array


def numbers_of(name: str, value: Any) -> np.ndarray:
    """Return an array of numbers, complex ones too; integers become float64."""
    if isinstance(value, np.ndarray) and value.dtype.kind == "c":
        return value
    return real_numbers(name, value)


def over_time(array: np.ndarray, name: str, room: Arrays) -> np.ndarray:
    """Put all steps and samples on one axis: a product of two of these sums over both."""
    steps, replicas, rows, batch = array.shape
    result = place(room, f"{name} over time", (replicas, rows, steps, batch), array.dtype)
    result[...] = np.moveaxis(array, 0, 2)
    return result.reshape(replicas, rows, -1)


def weights_of(weights: Any, shapes: Mapping[str, tuple[int, ...]]) -> Arrays:
    """Return weights of these shapes, with an axis of replicas before, all finite."""
    instance("weights", weights, Mapping, "a mapping of names to arrays")
    if set(weights) != set(shapes):
        raise ValueError(f"weights must be {sorted(shapes)}; got {sorted(map(str, weights))}")
    found = {name: numbers_of(f"weights[{name!r}]", weights[name]) for name in shapes}
    replicas = len(found["bias"]) if found["bias"].ndim else 0
    for name, shape in shapes.items():
        if found[name].shape != (replicas, *shape) or not replicas:
            raise ValueError(
                f"weights[{name!r}] must have shape {(replicas or 'replicas', *shape)}; "
                f"got {found[name].shape}"
            )
    for name, array in found.items():
        if not np.isfinite(array).all():
            raise ValueError(f"weights[{name!r}] must be finite")
    return found


def sequence_of(given: Any, replicas: int, inputs: int) -> np.ndarray:
    """Return finite inputs of shape (steps, replicas, inputs, batch)."""
    x = numbers_of("x", given)
    if x.ndim == 3:
        x = np.broadcast_to(x[:, None], (len(x), replicas, *x.shape[1:]))
    if x.ndim != 4 or x.shape[1:3] != (replicas, inputs) or not len(x):
        raise ValueError(f"x must have shape (steps, {replicas}, {inputs}, batch); got {x.shape}")
    if not np.isfinite(x).all():
        raise ValueError("x must be finite")
    return x


def state_of(given: Any, shape: tuple[int, ...], dtype: np.dtype[Any]) -> np.ndarray:
    """Return a finite state of this shape, complex only if the dtype is."""
    state = numbers_of("state", given)
    if np.shape(state) != shape:
        raise ValueError(f"state must have shape {shape}; got {np.shape(state)}")
    if not np.isfinite(state).all():
        raise ValueError("state must be finite")
    if np.iscomplexobj(state) and dtype.kind != "c":
        raise TypeError("state must hold real numbers, as x and weights do")
    return state


def gradient_of(
    given: Any, shapes: list[tuple[int, int, int, int]], dtype: np.dtype[Any]
) -> np.ndarray:
    """Return a gradient of one of these shapes, complex only if the dtype is."""
    gradient = numbers_of("gradient", given)
    if np.iscomplexobj(gradient) and dtype.kind != "c":
        raise TypeError("gradient must hold real numbers, as the states do")
    if gradient.shape not in shapes:
        raise ValueError(f"gradient must have shape {shapes[-1]}; got {gradient.shape}")
    return gradient
