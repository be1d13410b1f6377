"""Controls and the grid of their values, from the abbreviations of ``ipywidgets.interact``."""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise, product
from math import isfinite, prod
from numbers import Integral, Rational, Real
from typing import Any

from lib._values import same

FRAME_LIMIT = 1000


@dataclass(frozen=True)
class Control:
    """One parameter in the reader's hand: its values in order, and how they are shown.

    Attributes
    ----------
    kind : str
        "slider" for numbers in order, "select" for options, "checkbox" for True and False.
    name, label, unit : str
        Name of the parameter, the text before the control, the unit after the value.
    values : tuple
        All values that the control can take.
    texts : tuple of str
        How each value is shown, without the unit.
    start : int
        Index of the value at which the control starts.
    """

    kind: str
    name: str
    label: str
    unit: str
    values: tuple[Any, ...]
    texts: tuple[str, ...]
    start: int

    @property
    def keys(self) -> tuple[str, ...]:
        """What an address calls each option: its text, with a plain sign before a number."""
        return tuple(text.replace("−", "-") for text in self.texts)

    def shown(self, index: int) -> str:
        """Text of a value with its unit."""
        return f"{self.texts[index]} {self.unit}".strip()


def make_controls(
    draw: Callable[..., str],
    parameters: Mapping[str, Any],
    *,
    start: Mapping[str, Any],
    labels: Mapping[str, str],
    units: Mapping[str, str],
    fixed: Mapping[str, Any],
) -> tuple[Control, ...]:
    """Turn abbreviations into controls, and refuse what the draw function does not take."""
    accepted, defaults = _signature(draw)
    for source, names in (("a control", parameters), ("fixed", fixed)):
        for name in names:
            if accepted is not None and name not in accepted:
                raise ValueError(
                    f"{source} names the parameter {name!r}, which {draw.__name__} does not take; "
                    f"allowed: {', '.join(accepted)}"
                )
    for option, given in (("start", start), ("labels", labels), ("units", units)):
        for name in given:
            if name not in parameters:
                raise ValueError(
                    f"{option} names {name!r}, which is no control; "
                    f"allowed: {', '.join(parameters) or 'none'}"
                )
    twice = set(parameters) & set(fixed)
    if twice:
        raise ValueError(f"fixed names {sorted(twice)}, which are controls as well")
    controls = []
    for name, abbreviation in parameters.items():
        kind, values, texts, middle = _expand(name, abbreviation)
        index = _start(name, values, start, defaults, middle)
        label = labels.get(name, name.replace("_", " ").capitalize())
        controls.append(Control(kind, name, label, units.get(name, ""), values, texts, index))
    _check_size(controls)
    return tuple(controls)


def places_of(
    option: str, values: Mapping[str, Any], controls: Sequence[Control]
) -> dict[str, int]:
    """Index of the value at which each control is to stand, and refuse what is not on the grid."""
    known = {control.name: control for control in controls}
    places = {}
    for name, value in values.items():
        if name not in known:
            raise ValueError(
                f"{option} names {name!r}, which is no control; "
                f"allowed: {', '.join(known) or 'none'}"
            )
        found = _place(value, known[name].values)
        if found is None:
            allowed = list(known[name].values)
            raise ValueError(f"{option} of {name} must be one of {allowed}; got {value!r}")
        places[name] = found
    return places


def grid(controls: Sequence[Control]) -> Iterator[tuple[int, ...]]:
    """Index tuples of the whole grid; the last control runs fastest."""
    return product(*(range(len(control.values)) for control in controls))


def chosen(controls: Sequence[Control], indices: Sequence[int]) -> dict[str, Any]:
    """Parameters that an index tuple stands for."""
    return {c.name: c.values[i] for c, i in zip(controls, indices, strict=True)}


def _signature(draw: Callable[..., str]) -> tuple[list[str] | None, dict[str, Any]]:
    parameters = list(inspect.signature(draw).parameters.values())[1:]
    defaults = {p.name: p.default for p in parameters if p.default is not p.empty}
    if any(p.kind is p.VAR_KEYWORD for p in parameters):
        return None, defaults
    return [p.name for p in parameters], defaults


def _expand(name: str, given: Any) -> tuple[str, tuple[Any, ...], tuple[str, ...], int]:
    if isinstance(given, bool):
        return "checkbox", (False, True), ("off", "on"), int(given)
    if isinstance(given, tuple):
        values, texts = _range(name, given)
        return "slider", values, texts, (len(values) - 1) // 2
    if isinstance(given, Mapping):
        pairs = [(str(key), value) for key, value in given.items()]
    elif isinstance(given, list):
        pairs = list(zip(_texts(given), given, strict=True))
    else:
        raise TypeError(
            f"{name} must be a tuple (low, high[, step]) of numbers, a list or dict of options, "
            f"or a bool; got {given!r}"
        )
    if not pairs:
        raise ValueError(f"{name} has no options; give at least one")
    names = [text for text, _ in pairs]
    for text in names:
        if names.count(text) > 1:
            raise ValueError(
                f"{name} has two options that read {text!r}, and neither a reader nor an address "
                f"can tell them apart; name them in a dict"
            )
    numbers = [value for _, value in pairs]
    ordered = isinstance(given, list) and all(_is_number(value) for value in numbers)
    rising = ordered and all(a <= b for a, b in pairwise(numbers))
    kind = "slider" if rising and len(numbers) > 1 else "select"
    return kind, tuple(numbers), tuple(text for text, _ in pairs), 0


def _range(name: str, given: tuple[Any, ...]) -> tuple[tuple[Any, ...], tuple[str, ...]]:
    if len(given) not in (2, 3) or not all(_is_number(value) for value in given):
        raise ValueError(f"{name} must be (low, high) or (low, high, step) in numbers; got {given}")
    if not all(isfinite(value) for value in given):
        raise ValueError(f"{name} must have low <= high and a step above 0; got {given}")
    exact = [_exactly(value) for value in given]
    whole = all(isinstance(value, Integral) for value in given)
    low, high = exact[:2]
    step = exact[2] if len(exact) == 3 else Fraction(1) if whole else Fraction(1, 10)
    if step <= 0 or high < low:
        raise ValueError(f"{name} must have low <= high and a step above 0; got {given}")
    if low < high < low + step:
        missing = "" if len(exact) == 3 else f", and the step is {float(step):g} unless it is given"
        raise ValueError(f"{name} must be as wide as a step{missing}; got {given}")
    count = int((high - low) / step) + 1
    if count > FRAME_LIMIT:
        raise ValueError(
            f"{name} alone has {count} values, and at most {FRAME_LIMIT} frames are allowed: "
            f"coarsen {name}; got {given}"
        )
    steps = [low + step * i for i in range(count)]
    if whole:
        return tuple(map(int, steps)), tuple(_signed(str(value)) for value in steps)
    if all(isinstance(value, Rational) for value in given):
        return tuple(steps), tuple(_signed(str(value)) for value in steps)
    places = max(map(_places, (low, step)))
    return tuple(map(float, steps)), tuple(_signed(f"{float(v):.{places}f}") for v in steps)


def _exactly(value: Real) -> Fraction:
    """Give the number that is meant: one tenth for 0.1."""
    return Fraction(value) if isinstance(value, Rational) else Fraction(str(value))


def _places(value: Fraction) -> int:
    """Count the decimal places of a number with finitely many."""
    places = 0
    while (value * 10**places).denominator != 1 and places < 17:
        places += 1
    return places


def _signed(text: str) -> str:
    return text.replace("-", "−")


def _start(
    name: str,
    values: tuple[Any, ...],
    start: Mapping[str, Any],
    defaults: Mapping[str, Any],
    middle: int,
) -> int:
    if name in start:
        found = _place(start[name], values)
        if found is None:
            raise ValueError(f"start of {name} must be one of {list(values)}; got {start[name]!r}")
        return found
    default = _place(defaults[name], values) if name in defaults else None
    return middle if default is None else default


def _place(wanted: Any, values: tuple[Any, ...]) -> int | None:
    """Index of a value: the very one, or else the first that is the same."""
    for index, value in enumerate(values):
        if value is wanted:
            return index
    return next((i for i, value in enumerate(values) if same(value, wanted)), None)


def _check_size(controls: Sequence[Control]) -> None:
    frames = prod(len(control.values) for control in controls)
    if frames > FRAME_LIMIT:
        largest = max(controls, key=lambda control: len(control.values))
        raise ValueError(
            f"the controls make {frames} frames, and at most {FRAME_LIMIT} are allowed: coarsen "
            f"{largest.name}, which has {len(largest.values)} values"
        )


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


def _texts(options: list[Any]) -> list[str]:
    """Write each option; floats in full where a few digits do not tell them apart."""
    texts = [_signed(f"{one:g}") if isinstance(one, float) else _line(one) for one in options]
    if len(set(texts)) == len(texts):
        return texts
    return [_signed(repr(float(one))) if isinstance(one, float) else _line(one) for one in options]


def _line(option: Any) -> str:
    text = " ".join(str(option).split())
    return _signed(text) if _is_number(option) else text
