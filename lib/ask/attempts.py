"""Code of a reader, run without trust.

It may raise, never end, change its arguments, or give anything.
"""

import copy
import math
import signal
import threading
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import CodeType, FrameType
from typing import Any

import numpy as np

from lib import _checks
from lib._checks import shown

LIMIT = 20.0  # seconds that one call may take, where the system can stop it
ENTRIES = 6  # of an array, that are written out


class TooLongError(BaseException):
    """What ends a call that takes too long; no `except Exception` of the reader holds it back."""


@dataclass(frozen=True)
class Outcome:
    """What became of a call.

    Attributes
    ----------
    value : object
        What was returned.
    trouble : str
        What went wrong on the way, in words; empty if nothing did.
    """

    value: Any = None
    trouble: str = ""


def outcome_of(function: Callable[..., Any], case: Mapping[str, Any]) -> Outcome:
    """Call a function with copies of arguments, and tell what happens in words."""
    given = copy.deepcopy(dict(case))
    try:
        with (
            warnings.catch_warnings(record=True) as heard,
            np.errstate(divide="warn", over="warn", invalid="warn", under="ignore"),
            _at_most(LIMIT),
        ):
            warnings.simplefilter("always")
            value = function(*given.values())
    except TooLongError:
        return Outcome(None, f"It was stopped after {LIMIT:g} seconds: does a loop never end?")
    except (Exception, SystemExit) as error:
        return Outcome(None, f"It stops with {_named(error)}{_line_of(error, function)}.")
    changed = [name for name, was in case.items() if _changed(given[name], was)]
    if changed:
        names = " and ".join(f"`{name}`" for name in changed)
        return Outcome(value, f"It changes its argument {names}: work on a copy.")
    found = [str(one.message) for one in heard if issubclass(one.category, RuntimeWarning)]
    if found:
        return Outcome(value, f"NumPy warns on the way: {found[0]}.")
    return Outcome(value)


def numpy_warns() -> bool:
    """Tell whether NumPy notices that a number overflows; where Python runs in a page it can't."""
    try:
        with np.errstate(over="raise"):
            np.exp(np.float64(1000.0))
    except FloatingPointError:
        return True
    return False


def incomplete(function: Callable[..., Any]) -> bool:
    """Tell whether an ellipsis still stands in the code of a function."""
    return _waits(getattr(function, "__code__", None))


def _waits(part: Any) -> bool:
    if isinstance(part, (CodeType, tuple)):
        return any(map(_waits, part.co_consts if isinstance(part, CodeType) else part))
    return part is ...


@contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """Raise where a call takes too long; only the main thread of some systems can."""
    if (
        not hasattr(signal, "setitimer")
        or threading.current_thread() is not threading.main_thread()
    ):
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        raise TooLongError

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _named(error: BaseException) -> str:
    name = type(error).__name__
    article = "an" if name[0] in "AEIOU" else "a"
    try:
        text = " ".join(str(error).split())
    except Exception:
        text = ""
    return f"{article} {name}" + (
        f" ({text if len(text) <= 160 else text[:157] + '...'})" if text else ""
    )


def _line_of(error: BaseException, function: Callable[..., Any]) -> str:
    """Tell the line of the reader's code in which an error was raised."""
    file = getattr(getattr(function, "__code__", None), "co_filename", None)
    lines = [
        frame.line for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file
    ]
    return f", at `{lines[-1].strip()}`" if lines and lines[-1] else ""


def _changed(now: Any, was: Any) -> bool:
    if isinstance(was, np.ndarray):
        return not (
            isinstance(now, np.ndarray)
            and now.shape == was.shape
            and now.dtype == was.dtype
            and np.array_equal(now, was, equal_nan=was.dtype.kind in "fc")
        )
    if isinstance(was, (list, tuple)):
        return len(now) != len(was) or any(map(_changed, now, was))
    if isinstance(was, dict):
        return now.keys() != was.keys() or any(_changed(now[key], was[key]) for key in was)
    return isinstance(was, (int, float, str)) and now != was


def differs(
    value: Any, right: Any, relative: float, absolute: float, names: tuple[str, ...] = ()
) -> str:
    """Tell in words how a result differs from the right one; nothing if it is as near as asked.

    Parameters
    ----------
    value, right : object
        Numbers, arrays, or sequences of these.
    relative, absolute : float
        An entry may be off by ``absolute`` plus ``relative`` times the right entry.
    names : tuple of str
        Names of the parts, if there are several.

    Examples
    --------
    >>> differs(0.25, 0.5, 1e-6, 0.0), differs(0.5, 0.5, 1e-6, 0.0)
    ('It returns 0.25, and 0.5 is right.', '')
    """
    return _differs(value, right, relative, absolute, names, "It returns", "")


def _differs(value: Any, right: Any, relative: float, absolute: float,
             names: tuple[str, ...], start: str, part: str) -> str:  # fmt: skip
    if value is None:
        return f"{start} None: is a `return` missing?"
    if isinstance(right, (tuple, list)):
        parts = list(value) if _is_sequence(value) else [value]
        if len(parts) != len(right):
            listed = f": {', '.join(names)}" if names else ""
            count = f"{len(parts)} value{'s' if len(parts) != 1 else ''}"
            return f"{start} {count}, and {len(right)} are asked{listed}."
        for i, (one, other) in enumerate(zip(parts, right, strict=True)):
            inner = f"`{names[i]}`" if names else f"part {i}{part and f' of {part}'}"
            said = _differs(one, other, relative, absolute, (), f"For {inner} it returns", inner)
            if said:
                return said
        return ""
    return _differs_array(value, np.asarray(right), relative, absolute, start)


def _is_sequence(value: Any) -> bool:
    return isinstance(value, (tuple, list)) or (isinstance(value, np.ndarray) and value.ndim > 0)


def _differs_array(
    value: Any, right: np.ndarray[Any, Any], relative: float, absolute: float, start: str
) -> str:
    try:
        given = np.asarray(value)
    except Exception:
        given = np.asarray(None)
    if given.dtype.kind not in "biuf":
        return f"{start} {_what(value)}, and numbers are asked."
    if given.shape != right.shape:
        return f"{start} {_shape(given)}, and {_shape(right)} is right."
    given = given.astype(np.float64)
    right = right.astype(np.float64)
    holes = np.isnan(given) & ~np.isnan(right)
    if holes.any():
        return f"{start} NaN{_place(holes)}, and {_entry(right, holes)} is right."
    with np.errstate(all="ignore"):
        near = np.abs(given - right) <= absolute + relative * np.abs(right)
    wrong = ~(near | (given == right))
    if not wrong.any():
        return ""
    where = f"{start} {_entry(given, wrong)}{_place(wrong)}, and {_entry(right, wrong)} is right."
    return f"{where}{_pattern(given, right, max(relative, 1e-9))}"


def _pattern(given: np.ndarray[Any, Any], right: np.ndarray[Any, Any], relative: float) -> str:
    """Name what the whole of a wrong result has in common with the right one."""

    def same(one: Any, other: Any) -> bool:
        scale = np.abs(other).max() if np.size(other) else 0.0
        return bool(np.all(np.abs(one - other) <= 10 * relative * scale))

    if not (np.isfinite(given).all() and np.isfinite(right).all() and right.any()):
        return ""
    if given.ndim == 2 and given.shape[0] == given.shape[1] and same(given.T, right):
        return " It is the transpose of the right one."
    which = np.unravel_index(np.argmax(np.abs(right)), right.shape)
    factor = float(given[which] / right[which])
    if factor == 0 or not math.isfinite(factor) or not same(given / factor, right):
        return ""
    if abs(factor - 1) < 1e-3:
        return ""
    if abs(factor + 1) <= 10 * relative:
        return " Its sign is the opposite of the right one."
    return f" Every entry is {factor:.4g} times the right one." if right.size > 1 else ""


def _place(where: np.ndarray[Any, Any]) -> str:
    if where.ndim == 0:
        return ""
    return f" at [{', '.join(str(int(i)) for i in np.argwhere(where)[0])}]"


def _entry(values: np.ndarray[Any, Any], where: np.ndarray[Any, Any]) -> str:
    return f"{float(values[where].flat[0]):.6g}"


def _shape(array: np.ndarray[Any, Any]) -> str:
    return "a single number" if array.ndim == 0 else f"an array of the shape {array.shape}"


def _what(value: Any) -> str:
    if value is ...:
        return "an ellipsis"
    if isinstance(value, (str, bytes, complex)):
        return shown(value)
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiouAEIOU' else 'a'} {name}"


def written(value: Any) -> str:
    """Write an argument or a result in a line.

    Examples
    --------
    >>> written(0.25), written(np.arange(3.0)), written(np.zeros((5, 4))), written([1, 2])
    ('0.25', '[0, 1, 2]', 'array of shape (5, 4)', '[1, 2]')
    """
    if isinstance(value, np.random.Generator):
        return "a random generator"
    if isinstance(value, (bool, np.bool_, str)) or value is None:
        return repr(value) if not isinstance(value, np.bool_) else str(bool(value))
    if isinstance(value, (int, np.integer)):
        return str(int(value))
    if isinstance(value, (float, np.floating)):
        return f"{float(value):.4g}"
    if isinstance(value, np.ndarray):
        if value.size > ENTRIES:
            return f"array of shape {value.shape}"
        return written(value.tolist())
    if isinstance(value, (list, tuple)):
        if len(value) > ENTRIES or any(
            isinstance(v, np.ndarray) and v.size > ENTRIES for v in value
        ):
            return f"{type(value).__name__} of {len(value)}"
        inner = ", ".join(map(written, value))
        return f"[{inner}]" if isinstance(value, list) else f"({inner})"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key!r}: {written(one)}' for key, one in value.items())}}}"
    return shown(value)


def call_of(name: str, case: Mapping[str, Any]) -> str:
    """Write a call with its arguments."""
    return f"{name}({', '.join(f'{key}={written(value)}' for key, value in case.items())})"


def wiggle(function: Callable[[Any], Any], at: Any, *, step: float = 1e-6) -> Any:
    """Differentiate a function by finite differences, one entry after the other.

    Parameters
    ----------
    function : callable
        From a number or an array to a number.
    at : float or array_like
        Where.
    step : float
        Half the distance of the two values that are compared, above 0.

    Returns
    -------
    float or ndarray
        The derivative with respect to each entry.

    Raises
    ------
    TypeError, ValueError
        For something that is no function of numbers, or a step that is not above 0.

    Examples
    --------
    >>> wiggle(lambda x: np.sum(x**2), np.array([1.0, 3.0])).round(6)
    array([2., 6.])
    """
    _checks.function("function", function)
    place = _checks.finite("at", at).astype(np.float64)
    width = _checks.real("step", step)
    if width <= 0:
        raise ValueError(f"step must be above 0; got {shown(step)}")
    slopes = np.empty(place.shape)
    for index in np.ndindex(place.shape):
        ends = []
        for end in (width, -width):
            moved = place.copy()
            moved[index] += end
            ends.append(_checks.real("the value of function", function(moved)))
        slopes[index] = (ends[0] - ends[1]) / (2 * width)
    return float(slopes) if slopes.ndim == 0 else slopes
