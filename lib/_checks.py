"""Checks of arguments: each returns the value in plain form or says what is allowed."""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import DTypeLike

LONGEST = 100  # characters of a value in a message
LARGEST = 2**31 - 1  # of a size or a number of times, if nothing smaller holds

Kind = TypeVar("Kind")


def shown(value: Any) -> str:
    """Write a value for a message, on one line and not too long."""
    try:
        text = " ".join(repr(value).split())
    except Exception:  # a value that cannot be written is still to be refused by name
        text = f"a {type(value).__name__} that cannot be written"
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


def integer(name: str, value: Any, least: int, most: int | None = LARGEST) -> int:
    """Return an integer of at least `least`, and of at most `most` unless that is None."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, numbers.Integral):
        raise TypeError(f"{name} must be an integer; got {shown(value)}")
    if int(value) < least:
        raise ValueError(f"{name} must be at least {least}; got {shown(value)}")
    if most is not None and int(value) > most:
        raise ValueError(f"{name} must be at most {most}; got {shown(value)}")
    return int(value)


def float_type(name: str, value: DTypeLike) -> np.dtype[Any]:
    """Return a type of floating-point numbers of 16, 32 or 64 bits."""
    allowed = f"{name} must be float16, float32 or float64"
    try:
        dtype = np.dtype(value)
    except (TypeError, ValueError):
        raise TypeError(f"{allowed}; got {shown(value)}") from None
    if value is None or dtype.type not in (np.float16, np.float32, np.float64):
        raise ValueError(f"{allowed}; got {dtype}")
    return dtype


def integers(name: str, value: Any, least: int, most: int | None = LARGEST) -> tuple[int, ...]:
    """Return the integers of a sequence (or one-dimensional array), at least one."""
    plain = isinstance(value, (Sequence, np.ndarray)) and not isinstance(value, (str, bytes))
    if not plain or np.ndim(value if isinstance(value, np.ndarray) else [0]) != 1:
        raise TypeError(f"{name} must be a sequence of integers; got {shown(value)}")
    if not len(value):
        raise ValueError(f"{name} must name at least one; got {shown(value)}")
    return tuple(integer(name, entry, least, most) for entry in value)


def seeds(name: str, value: Any) -> list[int]:
    """Return a list of integer seeds of any size, at least one."""
    if isinstance(value, (list, tuple)) and not value:
        raise ValueError(f"{name} must name at least one replica; got {shown(value)}")
    return list(integers(name, value, 0, None))


def shape(name: str, value: Any, axes: int = 0) -> tuple[int, ...]:
    """Return a shape of at least so many axes, each of a length of at least 0."""
    plain = isinstance(value, (Sequence, np.ndarray)) and not isinstance(value, (str, bytes))
    if not plain or np.ndim(value if isinstance(value, np.ndarray) else [0]) != 1:
        raise TypeError(f"{name} must be a tuple of integers; got {shown(value)}")
    if len(value) < axes:
        raise ValueError(f"{name} must have at least {axes} axes; got {shown(value)}")
    result = tuple(integer(name, length, 0) for length in value)
    if math.prod(result) > LARGEST:
        raise ValueError(f"{name} must have at most {LARGEST} entries; got {shown(value)}")
    return result


def boolean(name: str, value: Any) -> bool:
    """Return True or False."""
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{name} must be True or False; got {shown(value)}")
    return bool(value)


def choice(name: str, value: Any, allowed: Iterable[Any]) -> Any:
    """Return one of the allowed words (or None, if that is among them)."""
    listed = list(allowed)
    if not (value is None or isinstance(value, str)) or value not in listed:
        if len(listed) > 2 and None not in listed:
            words = f"one of {', '.join(listed)}"
        else:
            words = f"{', '.join(map(repr, listed[:-1]))} or {listed[-1]!r}"
        kind = ValueError if isinstance(value, str) else TypeError
        raise kind(f"{name} must be {words}; got {shown(value)}")
    return value


def instance(name: str, value: Kind, kind: Any, what: str = "") -> Kind:
    """Return an object of a class; `what` says how to come by it."""
    if not isinstance(value, kind):
        wanted = what or f"of type {kind.__name__}"
        raise TypeError(f"{name} must be {wanted}; got {shown(value)}")
    return value


def function(name: str, value: Any, what: str = "") -> Callable[..., Any]:
    """Return what can be called; `what` says to what end."""
    if not callable(value) or isinstance(value, type):
        raise TypeError(f"{name} must be a function{what}; got {shown(value)}")
    return cast("Callable[..., Any]", value)


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


def real_numbers(name: str, value: Any, *, booleans: bool = False) -> np.ndarray:
    """Return an array of real numbers; floating dtypes are kept, integers to float64."""
    try:
        array = np.asarray(value)
    except ValueError:
        raise ValueError(f"{name} must be an array; got rows of unequal length") from None
    if not array.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder("="))
    if array.dtype.kind not in ("fiub" if booleans else "fiu"):
        also = " (float, integer or bool)" if booleans else ""
        raise TypeError(f"{name} must hold real numbers{also}; got {array.dtype}")
    return array if array.dtype.kind == "f" else array.astype(np.float64)


def finite(name: str, value: Any) -> np.ndarray:
    """Return an array of finite real numbers; floating dtypes are kept, integers to float64."""
    array = real_numbers(name, value)
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite; it holds NaN or infinity")
    return array


def of_shape(
    name: str, value: Any, *allowed: tuple[int | None, ...], dtype: Any = None
) -> np.ndarray:
    """Return an array of finite real numbers of one of the shapes, where None is any length."""
    array = finite(name, value)
    fits = (
        len(wanted) == array.ndim
        and all(want in (None, length) for want, length in zip(wanted, array.shape, strict=True))
        for wanted in allowed
    )
    if not any(fits):
        shapes = " or ".join(str(wanted).replace("None", "any") for wanted in allowed)
        raise ValueError(f"{name} must have shape {shapes}; got {array.shape}")
    return array if dtype is None else array.astype(dtype, copy=False)


def not_negative(name: str, value: Any) -> np.ndarray:
    """Return an array of finite numbers of at least 0, in float64."""
    array = real_numbers(name, value).astype(np.float64)
    if not np.all(np.isfinite(array) & (array >= 0)):
        raise ValueError(f"{name} must be finite and at least 0; got {shown(value)}")
    return array


def arrays(name: str, value: Any, *keys: str) -> dict[str, np.ndarray]:
    """Return arrays of a mapping by the keys that it must have."""
    if not isinstance(value, Mapping):
        raise TypeError(f"{name} must be a mapping of names to arrays; got {shown(value)}")
    if missing := [key for key in keys if key not in value]:
        raise ValueError(f"{name} must have {', '.join(keys)}; it lacks {', '.join(missing)}")
    found = {key: np.asarray(value[key]) for key in keys}
    for key, array in found.items():
        if array.dtype.kind not in "fiuU":
            raise TypeError(f"{name}[{key!r}] must hold numbers or names; got {array.dtype}")
    return found


def floating(name: str, value: Any) -> np.dtype[Any]:
    """Return a dtype of real or complex floating numbers."""
    try:
        dtype: np.dtype[Any] = np.dtype(value)
    except (TypeError, ValueError):
        raise TypeError(f"{name} must be a dtype; got {shown(value)}") from None
    if value is None or dtype.kind not in "fc":
        given = "None" if value is None else dtype
        raise TypeError(f"{name} must be of floating numbers; got {given}")
    return dtype


def generator(name: str, value: Any) -> np.random.Generator:
    """Return a generator as it is, or one seeded with an integer."""
    if isinstance(value, np.random.Generator):
        return value
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, numbers.Integral):
        raise TypeError(
            f"{name} must be a numpy.random.Generator or an integer seed; got {shown(value)}"
        )
    return np.random.default_rng(integer(name, value, 0, None))
