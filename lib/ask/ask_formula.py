"""Ask for a formula, in any form that is equal by algebra."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sympy as sp

from lib._checks import shown
from lib.ask.formulas import points_of
from lib.ask.given import computed, ends_of
from lib.ask.options import hints_of, mistakes
from lib.ask.parser import Unreadable, parse
from lib.ask.questions import Formula
from lib.ask.words import sentence
from lib.symbolic.layout import printed
from lib.symbolic.notation import NotationError, read


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
    form, values = _formula("right", computed(right), names, places)

    def mistake(text: str) -> tuple[str, list[float]]:
        known, there = _formula("wrong", text, names, places)
        return known.latex, there

    return Formula(
        prompt=prompt, answer=f"${form.latex}$", because=because,
        options=mistakes(wrong, values, mistake), hints=hints_of(hints),
        right=form.expression, variables=tuple(intervals.items()),
        points=tuple(tuple(place.values()) for place in places), values=tuple(values),
    )  # fmt: skip


def _intervals(variables: Any) -> dict[str, tuple[float, float]]:
    if not isinstance(variables, Mapping) or not variables:
        raise TypeError(f"variables must map names to intervals; got {shown(variables)}")
    for name in variables:
        if not isinstance(name, str) or not name.isidentifier():
            raise TypeError(f"variables must have names of letters; got {shown(name)}")
    return {name: ends_of("variables", ends) for name, ends in variables.items()}


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
