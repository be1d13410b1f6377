"""Checks of arguments: each returns the value in plain form or says what is allowed."""

from __future__ import annotations

import math
import numbers
from typing import Any

import numpy as np


def integer(name: str, value: Any, least: int) -> int:
    """Return an integer of at least `least`."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, numbers.Integral):
        raise TypeError(f"{name} must be an integer; got {value!r}")
    if int(value) < least:
        raise ValueError(f"{name} must be at least {least}; got {value!r}")
    return int(value)


def real(name: str, value: Any, *, least: float = -math.inf, most: float = math.inf) -> float:
    """Return a finite number from `least` to `most` as a float."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, numbers.Real):
        raise TypeError(f"{name} must be a real number; got {value!r}")
    try:
        result = float(value)
    except OverflowError:  # an integer or a fraction beyond the largest float
        result = math.inf
    if not (math.isfinite(result) and least <= result <= most):
        raise ValueError(f"{name} must be finite, from {least} to {most}; got {value!r}")
    return result


def real_numbers(name: str, value: Any) -> np.ndarray:
    """Return an array of real numbers; floating dtypes are kept, integers to float64."""
    try:
        array = np.asarray(value)
    except ValueError:
        raise ValueError(f"{name} must be an array; got rows of unequal length") from None
    if array.dtype.kind not in "fiu":
        raise TypeError(f"{name} must hold real numbers; got {array.dtype}")
    return array if array.dtype.kind == "f" else array.astype(np.float64)


def finite(name: str, value: Any) -> np.ndarray:
    """Return an array of finite real numbers; floating dtypes are kept, integers to float64."""
    array = real_numbers(name, value)
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite; it holds NaN or infinity")
    return array


def floating(name: str, value: Any) -> np.dtype[Any]:
    """Return a dtype of real or complex floating numbers."""
    dtype: np.dtype[Any] = np.dtype(value)
    if dtype.kind not in "fc":
        raise TypeError(f"{name} must be of floating numbers; got {dtype}")
    return dtype


def generator(name: str, value: Any) -> np.random.Generator:
    """Return a generator as it is, or one seeded with an integer."""
    if isinstance(value, np.random.Generator):
        return value
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, numbers.Integral):
        raise TypeError(
            f"{name} must be a numpy.random.Generator or an integer seed; got {value!r}"
        )
    return np.random.default_rng(integer(name, value, 0))
