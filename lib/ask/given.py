"""What the questions are given: a value or how to compute it, answers, two ends."""

import inspect
from collections.abc import Mapping
from typing import Any

import sympy as sp

from lib import _checks
from lib._checks import shown
from lib.ask.options import Option
from lib.ask.words import is_number, sentence
from lib.ask.words import number as written


def computed(value: Any) -> Any:
    """Return a value, or what a callable returns."""
    if not callable(value) or isinstance(value, (type, sp.Basic)):
        return value
    try:
        inspect.signature(value).bind()
    except (TypeError, ValueError):
        raise TypeError(f"right must be a value or need no arguments; got {shown(value)}") from None
    return value()


def ends_of(name: str, ends: Any) -> tuple[float, float]:
    """Return two numbers that rise."""
    if not isinstance(ends, (tuple, list)) or len(ends) != 2:
        raise TypeError(f"{name} must be a pair of numbers; got {shown(ends)}")
    low, high = (_checks.real(name, end) for end in ends)
    if not low < high:
        raise ValueError(f"{name} must rise; got {shown(ends)}")
    return low, high


def option_of(name: str, answer: Any, said: str, form: str | None, right: bool = False) -> Option:
    """Return an answer with what is said about it."""
    if isinstance(answer, str):
        return Option(sentence(name, answer), said, right)
    if not is_number(answer):
        raise TypeError(f"{name} must be a text or a number; got {shown(answer)}")
    value = _checks.real(name, answer)
    return Option(written(value, form), said, right, value)


def explained(name: str, answers: Any, form: str | None, right: bool = False) -> list[Option]:
    """Return answers with what is said about each."""
    if not isinstance(answers, Mapping):
        raise TypeError(f"{name} must map answers to explanations; got {shown(answers)}")
    return [
        option_of(name, answer, sentence(f"{name}[{answer!r}]", said), form, right)
        for answer, said in answers.items()
    ]
