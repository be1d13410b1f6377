"""Checks of arguments: each returns the value in plain form or says what is allowed."""

from __future__ import annotations

import math
import numbers
from typing import Any

import numpy as np

LONGEST = 100  # characters of a value in a message


def shown(value: Any) -> str:
    """Write a value for a message, on one line and not too long."""
    try:
        text = " ".join(repr(value).split())
    except Exception:  # a value that cannot be written is still to be refused by name
        text = f"a {type(value).__name__} that cannot be written"
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


def integer(name: str, value: Any, least: int) -> int:
    """Return an integer of at least `least`."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, numbers.Integral):
        raise TypeError(f"{name} must be an integer; got {shown(value)}")
    if int(value) < least:
        raise ValueError(f"{name} must be at least {least}; got {shown(value)}")
    return int(value)


def as_float(name: str, value: Any) -> float:
    """Return a real number as a float, infinite if it is beyond all floats."""
    given: Any = value
    if isinstance(given, (bool, np.bool_)) or not isinstance(given, numbers.Real):
        raise TypeError(f"{name} must be a real number; got {shown(given)}")
    try:
        return float(given)
    except OverflowError:  # an integer or a fraction
        return math.inf if value > 0 else -math.inf


def real(name: str, value: Any, *, least: float = -math.inf, most: float = math.inf) -> float:
    """Return a finite number from `least` to `most` as a float."""
    result = as_float(name, value)
    if not (math.isfinite(result) and least <= result <= most):
        raise ValueError(f"{name} must be finite, from {least:g} to {most:g}; got {shown(value)}")
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
            f"{name} must be a numpy.random.Generator or an integer seed; got {shown(value)}"
        )
    return np.random.default_rng(integer(name, value, 0))
