"""Controls and the grid of their values, from the abbreviations of ``ipywidgets.interact``."""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from math import prod
from numbers import Integral, Real
from typing import Any

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
        pairs = [(_text(value), value) for value in given]
    else:
        raise TypeError(
            f"{name} must be a tuple (low, high[, step]) of numbers, a list or dict of options, "
            f"or a bool; got {given!r}"
        )
    if not pairs:
        raise ValueError(f"{name} has no options; give at least one")
    numbers = [value for _, value in pairs]
    ordered = isinstance(given, list) and all(_is_number(value) for value in numbers)
    kind = "slider" if ordered and numbers == sorted(numbers) and len(numbers) > 1 else "select"
    return kind, tuple(numbers), tuple(text for text, _ in pairs), 0


def _range(name: str, given: tuple[Any, ...]) -> tuple[tuple[Any, ...], tuple[str, ...]]:
    if len(given) not in (2, 3) or not all(_is_number(value) for value in given):
        raise ValueError(f"{name} must be (low, high) or (low, high, step) in numbers; got {given}")
    exact = [Decimal(str(value)) for value in given]
    whole = all(isinstance(value, Integral) for value in given)
    low, high = exact[:2]
    step = exact[2] if len(exact) == 3 else Decimal(1) if whole else Decimal("0.1")
    if not all(value.is_finite() for value in exact) or step <= 0 or high < low:
        raise ValueError(f"{name} must have low <= high and a step above 0; got {given}")
    count = int((high - low) / step) + 1
    if count > FRAME_LIMIT:
        raise ValueError(
            f"{name} alone has {count} values, and at most {FRAME_LIMIT} frames are allowed: "
            f"coarsen {name}; got {given}"
        )
    steps = [low + step * i for i in range(count)]
    places = 0 if whole else max(0, *(-int(v.as_tuple().exponent) for v in (low, step)))
    values = tuple(int(v) if whole else float(v) for v in steps)
    return values, tuple(f"{v:.{places}f}".replace("-", "−") for v in steps)


def _start(
    name: str,
    values: tuple[Any, ...],
    start: Mapping[str, Any],
    defaults: Mapping[str, Any],
    middle: int,
) -> int:
    if name in start:
        if start[name] not in values:
            raise ValueError(f"start of {name} must be one of {list(values)}; got {start[name]!r}")
        return values.index(start[name])
    return values.index(defaults[name]) if defaults.get(name) in values else middle


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


def _text(value: Any) -> str:
    return f"{value:g}".replace("-", "−") if isinstance(value, float) else str(value)
