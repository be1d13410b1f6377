"""Ask for one of several answers, or for all that are right."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sympy.logic.boolalg import BooleanAtom

from lib._checks import shown
from lib.ask.given import computed, explained, option_of
from lib.ask.options import Option, hints_of, same_number, settled
from lib.ask.questions import Choice, Choices
from lib.ask.words import format_of, sentence


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
    answer = option_of("right", computed(right), because, form, right=True)
    options = [answer, *explained("wrong", wrong, form)]
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
    good = explained("right", right, form, right=True)
    bad = explained("wrong", wrong, form)
    for name, part in (("right", good), ("wrong", bad)):
        if not part:
            raise ValueError(f"{name} must hold at least one answer; it is empty")
    _apart([*good, *bad])
    options = settled([*good, *bad], prompt)
    answer = "; ".join(option.shown for option in options if option.right)
    return Choices(
        prompt=prompt, answer=answer, because=because, options=options, hints=hints_of(hints)
    )


def _holds(check: Any) -> None:
    if not isinstance(check, (bool, np.bool_, BooleanAtom)):
        raise TypeError(f"check must be True or False; got {shown(check)}")
    if not check:
        raise ValueError("check must be True: what was computed contradicts the right answer")


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
