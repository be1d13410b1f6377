"""Answers that a question knows: right ones, and wrong ones with the mistake that leads to them."""

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lib._checks import shown
from lib.ask.formulas import EQUAL, differs
from lib.ask.words import sentence

CLOSE = 1e-9  # relative difference of numbers that are the same answer


@dataclass(frozen=True)
class Option:
    """An answer that is known beforehand, with the words for whoever gives it.

    Attributes
    ----------
    shown : str
        How the answer reads.
    said : str
        Why it is right or wrong.
    right : bool
    value : float or tuple of float, optional
        The number, or the values of the formula at the points.
    """

    shown: str
    said: str
    right: bool = False
    value: float | tuple[float, ...] | None = None


def mistakes(
    wrong: Any, right: Sequence[float], read: Callable[[str], tuple[str, list[float]]]
) -> tuple[Option, ...]:
    """Take wrong formulas that a known mistake leads to, each with its explanation.

    Parameters
    ----------
    right : sequence of float
        Values of the right formula.
    read : callable
        Gives of a formula how it is displayed, and its values.
    """
    if wrong is not None and not isinstance(wrong, Mapping):
        raise TypeError(f"wrong must map answers to explanations; got {shown(wrong)}")
    options: list[Option] = []
    for text, said in (wrong or {}).items():
        latex, values = read(text)
        if max(map(differs, values, right)) <= EQUAL:
            raise ValueError(f"wrong must not hold the right answer; {text} is equal to it")
        if any(max(map(differs, values, other.value)) <= EQUAL for other in options):  # type: ignore[arg-type]
            raise ValueError(f"wrong must not hold a formula twice; got {text} once more")
        explained = sentence(f"wrong[{text!r}]", said)
        options.append(Option(f"${latex}$", explained, value=tuple(values)))
    return tuple(options)


def hints_of(hints: Any) -> tuple[str, ...]:
    """Return hints that are texts."""
    if isinstance(hints, str) or not isinstance(hints, Sequence):
        raise TypeError(f"hints must be a sequence of texts; got {shown(hints)}")
    return tuple(sentence("hints", hint) for hint in hints)


def settled(options: Sequence[Option], name: str) -> tuple[Option, ...]:
    """Put options into an order that does not tell which is right: numbers rise."""
    if all(isinstance(option.value, float) for option in options):
        return tuple(sorted(options, key=lambda option: option.value))  # type: ignore[arg-type,return-value]
    return tuple(sorted(options, key=lambda o: hashlib.sha256((name + o.shown).encode()).digest()))


def same_number(one: float, other: float) -> bool:
    """Tell whether two numbers are the same answer."""
    return math.isclose(one, other, rel_tol=CLOSE, abs_tol=0)
