"""Ask: questions with feedback, in the text that has just made them answerable.

A question displays itself: on a built page it is marked without a kernel and without a network,
in Jupyter it is made of widgets, and on paper the answer stands below it. What is right is computed
in the chapter, and a wrong answer that is right, or that has no explanation, is refused.

Used in: the chapters. `explore(..., predict=...)` asks before it shows.
"""

import inspect
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import sympy as sp
from sympy.logic.boolalg import BooleanAtom

from lib import _checks
from lib._checks import shown
from lib.ask.attempts import wiggle
from lib.ask.formulas import Unreadable, parse, points_of
from lib.ask.gaps import gap
from lib.ask.questions import (
    Choice,
    Choices,
    Formula,
    Number,
    Option,
    Scale,
    hints_of,
    mistakes,
    same_number,
    settled,
    within,
)
from lib.ask.tasks import task
from lib.ask.words import count_of, format_of, is_number, sentence
from lib.ask.words import number as written
from lib.symbolic.layout import printed
from lib.symbolic.notation import NotationError, read

__all__ = ["choice", "choices", "formula", "gap", "number", "scale", "task", "wiggle"]

MOST_PLACES = 200


def choice(
    prompt: str,
    *,
    right: Any,
    because: str,
    wrong: Mapping[Any, str],
    check: bool = True,
    hints: Sequence[str] = (),
    show: str | None = None,
) -> Choice:
    """Ask for one of several answers.

    Parameters
    ----------
    prompt : str
        The question. ``$...$`` is mathematics, here and in all other texts.
    right : str, number or callable
        The right answer, computed in the chapter; of a callable, what it returns.
    because : str
        Why it is right.
    wrong : mapping of str or number to str
        The other answers, each with the mistake that leads to it.
    check : bool
        A condition, computed in the chapter, without which the right answer would not be right.
    hints : sequence of str
        Given one by one.
    show : str, optional
        Format of numbers, such as ``".2f"``.

    Returns
    -------
    Choice
        Displays itself.

    Raises
    ------
    TypeError, ValueError
        For a wrong answer that is the right one, that is there twice or has no explanation; for a
        condition that is False; for an empty text.

    Examples
    --------
    >>> question = choice("What is left after two quarters?", right=1 / 16,
    ...                   because="They are multiplied.", wrong={1 / 2: "They are not added."})
    >>> [option.shown for option in question.options]
    ['0.0625', '0.5']
    """
    prompt, because = sentence("prompt", prompt), sentence("because", because)
    form = format_of(show)
    _holds(check)
    answer = _option("right", _computed(right), because, form, right=True)
    options = [answer, *_explained("wrong", wrong, form)]
    if len(options) < 2:
        raise ValueError("wrong must hold at least one wrong answer; it is empty")
    _apart(options)
    return Choice(
        prompt=prompt, answer=answer.shown, because=because, options=settled(options, prompt),
        hints=hints_of(hints),
    )  # fmt: skip


def choices(
    prompt: str,
    *,
    right: Mapping[Any, str],
    wrong: Mapping[Any, str],
    because: str,
    check: bool = True,
    hints: Sequence[str] = (),
    show: str | None = None,
) -> Choices:
    """Ask for all the right ones of several answers.

    Parameters
    ----------
    prompt : str
    right, wrong : mapping of str or number to str
        The answers, each with why it is right or which mistake leads to it.
    because : str
        What the right ones have in common.
    check, hints, show
        As of `choice`.

    Raises
    ------
    TypeError, ValueError
        As `choice`.

    Examples
    --------
    >>> question = choices("Which are even?", right={2: "Twice one.", 4: "Twice two."},
    ...                    wrong={3: "Two leave one over."}, because="Two divides them.")
    >>> question.judge({0}).text
    'One more is right.'
    """
    prompt, because = sentence("prompt", prompt), sentence("because", because)
    form = format_of(show)
    _holds(check)
    good = _explained("right", right, form, right=True)
    bad = _explained("wrong", wrong, form)
    for name, part in (("right", good), ("wrong", bad)):
        if not part:
            raise ValueError(f"{name} must hold at least one answer; it is empty")
    _apart([*good, *bad])
    options = settled([*good, *bad], prompt)
    answer = "; ".join(option.shown for option in options if option.right)
    return Choices(
        prompt=prompt, answer=answer, because=because, options=options, hints=hints_of(hints)
    )


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
    value = _checks.real("right", _computed(right))
    relative, absolute = _tolerance(relative, absolute, value)
    if not isinstance(unit, str):
        raise TypeError(f"unit must be a text; got {shown(unit)}")
    options = _explained("wrong", {} if wrong is None else wrong, form)
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


def formula(
    prompt: str,
    *,
    right: Any,
    variables: Mapping[str, tuple[float, float]],
    because: str,
    wrong: Mapping[str, str] | None = None,
    hints: Sequence[str] = (),
) -> Formula:
    """Ask for a formula; any form that is equal by algebra is right.

    On a page the formulas are compared at points that are computed here. In a kernel
    `lib.symbolic` is asked for a proof as well.

    Parameters
    ----------
    prompt : str
    right : str, sympy.Expr or callable
        The right formula, in plain notation or as computed in the chapter.
    variables : mapping of str to (float, float)
        The names that it may contain, and the open interval of each.
    because : str
        Why it is right.
    wrong : mapping of str to str, optional
        Formulas that a known mistake leads to, with that mistake. Any other wrong formula is told
        a point at which it differs.
    hints
        As of `choice`.

    Raises
    ------
    TypeError, ValueError
        As `choice`, and for formulas that cannot be read or have no value on the intervals.

    Examples
    --------
    >>> question = formula("The slope of the sigmoid, from its output s?", right="s*(1 - s)",
    ...                    variables={"s": (0, 1)}, because="Both factors count.",
    ...                    wrong={"s": "That is the output."})
    >>> question.judge("s - s^2").right, question.judge("s").text
    (True, 'That is the output.')
    """
    prompt, because = sentence("prompt", prompt), sentence("because", because)
    intervals = _intervals(variables)
    names, places = list(intervals), points_of(intervals)
    form, values = _formula("right", _computed(right), names, places)

    def mistake(text: str) -> tuple[str, list[float]]:
        known, there = _formula("wrong", text, names, places)
        return known.latex, there

    return Formula(
        prompt=prompt, answer=f"${form.latex}$", because=because,
        options=mistakes(wrong, values, mistake), hints=hints_of(hints),
        right=form.expression, variables=tuple(intervals.items()),
        points=tuple(tuple(place.values()) for place in places), values=tuple(values),
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
    low, high = _ends("between", between)
    if log and low <= 0:
        raise ValueError(f"between must be above 0 on a logarithmic scale; got {shown(between)}")
    value = _checks.real("right", _computed(right), least=low, most=high)
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


def _computed(value: Any) -> Any:
    """Return a value, or what a callable returns."""
    if not callable(value) or isinstance(value, (type, sp.Basic)):
        return value
    try:
        inspect.signature(value).bind()
    except (TypeError, ValueError):
        raise TypeError(f"right must be a value or need no arguments; got {shown(value)}") from None
    return value()


def _holds(check: Any) -> None:
    if not isinstance(check, (bool, np.bool_, BooleanAtom)):
        raise TypeError(f"check must be True or False; got {shown(check)}")
    if not check:
        raise ValueError("check must be True: what was computed contradicts the right answer")


def _option(name: str, answer: Any, said: str, form: str | None, right: bool = False) -> Option:
    if isinstance(answer, str):
        return Option(sentence(name, answer), said, right)
    if not is_number(answer):
        raise TypeError(f"{name} must be a text or a number; got {shown(answer)}")
    value = _checks.real(name, answer)
    return Option(written(value, form), said, right, value)


def _explained(name: str, answers: Any, form: str | None, right: bool = False) -> list[Option]:
    if not isinstance(answers, Mapping):
        raise TypeError(f"{name} must map answers to explanations; got {shown(answers)}")
    return [
        _option(name, answer, sentence(f"{name}[{answer!r}]", said), form, right)
        for answer, said in answers.items()
    ]


def _apart(options: Sequence[Option]) -> None:
    """Refuse two options that are one answer."""
    for i, option in enumerate(options):
        for other in options[:i]:
            numbers = isinstance(option.value, float) and isinstance(other.value, float)
            equal = numbers and same_number(option.value, other.value)  # type: ignore[arg-type]
            if not (equal or _folded(option.shown) == _folded(other.shown)):
                continue
            if option.right != other.right:
                raise ValueError(f"wrong must not hold the right answer; got {shown(option.shown)}")
            name = "right" if option.right else "wrong"
            raise ValueError(f"{name} must not hold an answer twice; got {shown(option.shown)}")


def _folded(text: str) -> str:
    return " ".join(text.casefold().split()).rstrip(".")


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


def _ends(name: str, ends: Any) -> tuple[float, float]:
    if not isinstance(ends, (tuple, list)) or len(ends) != 2:
        raise TypeError(f"{name} must be a pair of numbers; got {shown(ends)}")
    low, high = (_checks.real(name, end) for end in ends)
    if not low < high:
        raise ValueError(f"{name} must rise; got {shown(ends)}")
    return low, high


def _intervals(variables: Any) -> dict[str, tuple[float, float]]:
    if not isinstance(variables, Mapping) or not variables:
        raise TypeError(f"variables must map names to intervals; got {shown(variables)}")
    for name in variables:
        if not isinstance(name, str) or not name.isidentifier():
            raise TypeError(f"variables must have names of letters; got {shown(name)}")
    return {name: _ends("variables", ends) for name, ends in variables.items()}


def _formula(name: str, given: Any, names: Iterable[str], places: Any) -> tuple[Any, list[float]]:
    """Read a formula, and compute it at the points by what a reader's own goes through."""
    names = list(names)
    if not isinstance(given, (str, sp.Expr)):
        raise TypeError(f"{name} must be a formula, as text or of SymPy; got {shown(given)}")
    try:
        symbols = {one: sp.Symbol(one, real=True) for one in names}
        if isinstance(given, sp.Expr):
            given = given.xreplace({s: symbols.get(s.name, s) for s in given.free_symbols})
        form = read(given, symbols) if isinstance(given, str) else printed(given)
        values = [parse(str(given), names).value(place) for place in places]
    except (NotationError, Unreadable) as error:
        raise ValueError(f"{name} must be a formula of {', '.join(names)}; {error}") from None
    if not all(map(math.isfinite, values)):
        raise ValueError(f"{name} must have a value everywhere on the intervals; got {given}")
    return form, values
