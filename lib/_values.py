"""Values: arrays that callers cannot change, equality by value, and mappings that can be copied."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import _lru_cache_wrapper, lru_cache, update_wrapper
from typing import Any, TypeVar

import numpy as np

Key = TypeVar("Key")
Entry = TypeVar("Entry")
Result = TypeVar("Result")


def same(one: Any, other: Any) -> bool:
    """Whether two values are the same: arrays by dtype, shape and numbers, NaN equal to NaN."""
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        return type(one) is type(other) and one.dtype == other.dtype and _same_numbers(one, other)
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, (list, tuple)):
        matched = type(one) is type(other) and len(one) == len(other)
        return matched and all(map(same, one, other))
    if isinstance(one, np.random.Generator) and isinstance(other, np.random.Generator):
        return same(one.bit_generator.state, other.bit_generator.state)
    return bool(one == other) or bool(one != one and other != other)


def _same_numbers(one: np.ndarray, other: np.ndarray) -> bool:
    if one.dtype.kind == "O":
        return one.shape == other.shape and all(map(same, one.flat, other.flat))
    return np.array_equal(one, other, equal_nan=one.dtype.kind in "fc")


class ByValue:
    """What makes objects equal whose type and attributes are the same. They cannot be hashed."""

    __hash__ = None  # type: ignore[assignment]  # arrays can change, so there is no lasting hash

    def __eq__(self, other: object) -> bool:
        """Compare attribute by attribute, arrays by value."""
        if type(self) is not type(other):
            return NotImplemented
        return all(same(one, two) for one, two in zip(_parts(self), _parts(other), strict=True))


def _parts(thing: Any) -> list[Any]:
    if is_dataclass(thing):
        return [getattr(thing, field.name) for field in fields(thing)]
    return [value for _, value in sorted(vars(thing).items())]


class ReadOnly(Mapping[Key, Entry]):
    """A mapping that cannot be changed, nor can its arrays; it can be copied and pickled.

    Examples
    --------
    >>> numbers = ReadOnly({"rates": np.array([0.1, 0.2])})
    >>> numbers["rates"][0] = 0
    Traceback (most recent call last):
        ...
    ValueError: assignment destination is read-only
    """

    __slots__ = ("_entries",)

    def __init__(self, entries: Mapping[Key, Entry]) -> None:
        self._entries = {key: frozen(value) for key, value in entries.items()}

    def __getitem__(self, key: Key) -> Entry:
        """Return the value of a key."""
        return self._entries[key]

    def __iter__(self) -> Iterator[Key]:
        """Go through the keys in their order."""
        return iter(self._entries)

    def __len__(self) -> int:
        """Count the keys."""
        return len(self._entries)

    def __repr__(self) -> str:
        """Show what it holds."""
        return f"{type(self).__name__}({self._entries!r})"

    def __eq__(self, other: object) -> bool:
        """Compare keys and values, arrays by value."""
        return same(self._entries, other) if isinstance(other, Mapping) else NotImplemented

    def __hash__(self) -> int:
        """Hash what equality compares, if it can be hashed."""
        return hash(frozenset(self._entries.items()))

    def __reduce__(self) -> tuple[Any, ...]:
        """Make a copy from the entries."""
        return type(self), (self._entries,)


def frozen(value: Result) -> Result:
    """Make arrays read-only, also those in tuples, lists, mappings and dataclasses.

    What is frozen is the value itself: hand in what nobody else is to write to.
    """
    if isinstance(value, np.ndarray):
        value.flags.writeable = False
    elif isinstance(value, (tuple, list)):
        for part in value:
            frozen(part)
    elif isinstance(value, Mapping):
        for part in value.values():
            frozen(part)
    elif is_dataclass(value) and not isinstance(value, type):
        for part in _parts(value):
            frozen(part)
    return value


def cached(maxsize: int | None = 128) -> Callable[..., _lru_cache_wrapper[Any]]:
    """Remember results, which are frozen, because every later caller receives the same ones."""

    def decorate(function: Callable[..., Any]) -> _lru_cache_wrapper[Any]:
        def compute(*args: Any, **kwargs: Any) -> Any:
            return frozen(function(*args, **kwargs))

        return lru_cache(maxsize)(update_wrapper(compute, function))

    return decorate
