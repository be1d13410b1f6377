"""Ask for a number: typed, or found on a scale."""

import math
from collections.abc import Callable, Mapping, Sequence

from lib import _checks
from lib._checks import shown
from lib.ask.given import computed, ends_of, explained
from lib.ask.options import hints_of
from lib.ask.questions import Number, Scale, within
from lib.ask.words import count_of, format_of, sentence
from lib.ask.words import number as written

MOST_PLACES = 200


def number(
    prompt: str,
    *,
    right: float | Callable[[], float],
    because: str,
    relative: float | None = None,
    absolute: float | None = None,
    unit: str = "",
    wrong: Mapping[float, str] | None = None,
    hints: Sequence[str] = (),
    show: str | None = None,
) -> Number:
    """Ask for a number.

    Parameters
    ----------
    prompt : str
    right : float or callable
        The right number, computed in the chapter.
    because : str
        Why it is right.
    relative, absolute : float
        How far an answer may be off, as a share of the right number (below one half) or as a
        number: exactly one of the two. An absolute tolerance of 0 asks for the very number.
    unit : str
        Stands behind the number.
    wrong : mapping of float to str, optional
        Numbers that a known mistake leads to, with that mistake. Any other wrong number is told
        its direction.
    hints, show
        As of `choice`.

    Raises
    ------
    TypeError, ValueError
        As `choice`, and for a tolerance that is missing, doubled, negative or too wide, also if a
        wrong number lies within it.

    Examples
    --------
    >>> question = number("What are 2 to the power 10?", right=2**10, relative=0.02,
    ...                   because="Ten doublings.", wrong={20: "That is 2 times 10."})
    >>> question.judge("1000").right, question.judge("20").text, question.judge("2^5").text
    (False, 'That is 2 times 10.', 'Too small, by about 2 orders of magnitude.')
    """
    prompt, because = sentence("prompt", prompt), sentence("because", because)
    form = format_of(show)
    value = _checks.real("right", computed(right))
    relative, absolute = _tolerance(relative, absolute, value)
    if not isinstance(unit, str):
        raise TypeError(f"unit must be a text; got {shown(unit)}")
    options = explained("wrong", {} if wrong is None else wrong, form)
    for i, option in enumerate(options):
        if not isinstance(option.value, float):
            raise TypeError(f"wrong must hold finite numbers; got {shown(option.shown)}")
        if within(option.value, value, relative, absolute):
            raise ValueError(f"wrong must not hold the right answer; {option.shown} is accepted")
        for other in options[:i]:
            assert isinstance(other.value, float)
            if within(option.value, other.value, relative, absolute):
                raise ValueError(
                    f"wrong must hold numbers that the tolerance tells apart; "
                    f"got {other.shown} and {option.shown}"
                )
    answer = f"{written(value, form)} {unit}".strip()
    return Number(
        prompt=prompt, answer=answer, because=because, options=tuple(options),
        hints=hints_of(hints), right=value, relative=relative, absolute=absolute, unit=unit,
    )  # fmt: skip


def scale(
    prompt: str,
    *,
    right: float | Callable[[], float],
    because: str,
    between: tuple[float, float],
    step: float | None = None,
    log: bool = False,
    unit: str = "",
    show: str | None = None,
) -> Scale:
    """Ask for a number on a scale, by a slider. The answer is compared with the right one.

    Parameters
    ----------
    prompt : str
    right : float or callable
        The right number, computed in the chapter, between the ends of the scale.
    because : str
        Follows the comparison.
    between : (float, float)
        The ends of the scale.
    step : float, optional
        From one place to the next; on a logarithmic scale in decimal orders of magnitude. By
        default a twentieth of the scale, or one order of magnitude.
    log : bool
        Whether the scale is logarithmic.
    unit, show
        As of `number`.

    Raises
    ------
    TypeError, ValueError
        As `number`, and for ends that do not rise, or too many steps.

    Examples
    --------
    >>> question = scale("What is left?", right=1e-12, because="Twenty quarters.",
    ...                  between=(1e-15, 1), log=True)
    >>> question.judge(12).text
    'You said 0.001; it is 10⁻¹²: nine orders of magnitude too large. Twenty quarters.'
    """
    prompt, because = sentence("prompt", prompt), sentence("because", because)
    log, form = _checks.boolean("log", log), format_of(show)
    if not isinstance(unit, str):
        raise TypeError(f"unit must be a text; got {shown(unit)}")
    low, high = ends_of("between", between)
    if log and low <= 0:
        raise ValueError(f"between must be above 0 on a logarithmic scale; got {shown(between)}")
    value = _checks.real("right", computed(right), least=low, most=high)
    first, last = (math.log10(low), math.log10(high)) if log else (low, high)
    width = (1.0 if log else (last - first) / 20) if step is None else _checks.real("step", step)
    if not 0 < width <= last - first or (last - first) / width > MOST_PLACES:
        raise ValueError(
            f"step must leave between 1 and {MOST_PLACES} steps on the scale; got {shown(step)}"
        )
    places = [round(first + i * width, 10) for i in range(int((last - first) / width + 1e-9) + 1)]
    values = tuple(float(10.0**place) if log else place for place in places)
    texts = tuple(f"{written(one, form)} {unit}".strip() for one in values)
    right_place = math.log10(value) if log else value
    near = tuple(abs(place - right_place) <= width / 2 * (1 + 1e-9) for place in places)
    if not any(near):
        raise ValueError(f"step must bring a place near the right value {value:g}")
    true = f"{written(value, form)} {unit}".strip()
    said = tuple(
        f"You said {text}; it is {true}: {_off(one, value, log, good, unit, form)}."
        for one, text, good in zip(values, texts, near, strict=True)
    )
    return Scale(
        prompt=prompt, answer=true, because=because, right=value, values=values, shown=texts,
        said=said, near=near,
    )  # fmt: skip


def _off(given: float, right: float, log: bool, good: bool, unit: str, form: str | None) -> str:
    """Say how far an answer is from the right one."""
    if good:
        return "as near as the scale allows"
    size = "large" if given > right else "small"
    if log:
        orders = abs(math.log10(given / right))
        whole = math.floor(orders + 0.5)
        if orders >= 0.9:
            unit = "order of magnitude" if whole == 1 else "orders of magnitude"
            almost = "" if abs(orders - whole) < 0.05 else "about "
            return f"{almost}{count_of(whole)} {unit} too {size}"
        return f"a factor of {10**orders:.2g} too {size}"
    apart = written(float(f"{abs(given - right):.3g}"), form)
    points = "percentage points" if unit in ("percent", "%") else unit
    return f"{apart} {points} too {size}".replace("  ", " ")


def _tolerance(
    relative: float | None, absolute: float | None, right: float
) -> tuple[float | None, float | None]:
    if (relative is None) == (absolute is None):
        raise ValueError(
            f"relative or absolute must be given, and not both; got {relative} and {absolute}"
        )
    if absolute is not None:
        return None, _checks.real("absolute", absolute, least=0)
    share = _checks.as_float("relative", relative)
    if not 0 < share < 0.5:
        raise ValueError(f"relative must be above 0 and below one half; got {shown(relative)}")
    if right == 0:
        raise ValueError("relative cannot be used if right is 0; give absolute")
    return share, None
