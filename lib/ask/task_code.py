"""The parts of a task as they are given: code that runs, mistakes in it, tests and texts."""

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from lib import _checks
from lib._checks import shown
from lib.ask.words import sentence


def mistaken(key: Any, solution: str) -> str:
    """Write the code of a mistake: complete, or the solution with texts replaced."""
    if isinstance(key, str):
        return code_of("mistakes", key)
    if not isinstance(key, tuple) or len(key) % 2 or not all(isinstance(k, str) for k in key):
        raise TypeError(f"mistakes must be code, or pairs of old and new text; got {shown(key)}")
    for old, new in zip(key[::2], key[1::2], strict=True):
        if not old or old not in solution:
            raise ValueError(
                f"mistakes must replace text of the solution; {shown(old)} is not there"
            )
        solution = solution.replace(old, new)
    return solution


def code_of(name: str, value: Any) -> str:
    """Return code without empty lines around it."""
    if not isinstance(value, str):
        raise TypeError(f"{name} must be code as a text; got {shown(value)}")
    return value.strip("\n").rstrip()


def defined(name: str, code: str, function: str) -> Callable[..., Any]:
    """Run code, and return the function that it defines."""
    space: dict[str, Any] = {"np": np}
    try:
        exec(compile(code, f"<{name}>", "exec"), space)
    except Exception as error:
        raise ValueError(f"{name} must be code that runs; it stops with {error!r}") from None
    if not callable(space.get(function)):
        raise ValueError(f"{name} must define {function}; got {shown(code)}")
    return space[function]  # type: ignore[no-any-return]


def cases_of(name: str, given: Any) -> tuple[dict[str, Any], ...]:
    """Return copies of the arguments of tests."""
    if isinstance(given, (str, Mapping)) or not isinstance(given, Sequence):
        raise TypeError(f"{name} must be a sequence of arguments by name; got {shown(given)}")
    if not given:
        raise ValueError(f"{name} must hold at least one test; it is empty")
    for case in given:
        if not isinstance(case, Mapping) or not all(isinstance(key, str) for key in case):
            raise TypeError(f"{name} must hold arguments by name; got {shown(case)}")
    return tuple(copy.deepcopy(dict(case)) for case in given)


def texts_of(name: str, given: Any) -> tuple[str, ...]:
    """Return texts, each of which says something."""
    if isinstance(given, str) or not isinstance(given, Sequence):
        raise TypeError(f"{name} must be a sequence of texts; got {shown(given)}")
    return tuple(sentence(f"{name}[{i}]", text) for i, text in enumerate(given))


def pair_of(name: str, given: Any) -> tuple[float, float]:
    """Return two numbers that are not negative."""
    if not isinstance(given, (tuple, list)) or len(given) != 2:
        raise TypeError(f"{name} must be a pair of numbers; got {shown(given)}")
    one, other = (_checks.real(name, number, least=0) for number in given)
    return one, other
