"""Code that is checked: a function to complete, tests, hints, known mistakes, and a solution."""

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

import numpy as np

from lib import _checks
from lib._checks import shown
from lib._values import same
from lib.ask.attempts import (
    Outcome,
    call_of,
    differs,
    incomplete,
    numpy_warns,
    outcome_of,
    written,
)
from lib.ask.reports import START, Line, Report
from lib.ask.task_code import cases_of, code_of, defined, mistaken, pair_of, texts_of
from lib.ask.words import ended, folded_hints, plain, rich, sentence


@dataclass(frozen=True)
class Mistake:
    """A wrong solution that is recognized by what it gives in every test.

    Attributes
    ----------
    said : str
        Which mistake it is.
    code : str
    outcomes : tuple of Outcome
    """

    said: str
    code: str
    outcomes: tuple[Outcome, ...] = field(repr=False, compare=False)


@dataclass(frozen=True, kw_only=True)
class Task:
    """A function to complete. It displays itself, and `check` marks what was written.

    Attributes
    ----------
    function : str
        Name of the function.
    statement : str
    examples, hidden : tuple of dict
        The arguments of the tests.
    right : tuple
        The right results, or None where `judge` decides.
    judge : callable or None
        Tells in words what is wrong with a result.
    wanted : str
        What is asked of a result, where `judge` decides.
    solution : str
    mistakes : tuple of Mistake
    hints : tuple of str
    names : tuple of str
        Names of the results, if there are several.
    relative, absolute : float
        How far an entry may be off.
    """

    function: str
    statement: str
    examples: tuple[dict[str, Any], ...]
    hidden: tuple[dict[str, Any], ...]
    right: tuple[Any, ...] = field(repr=False, compare=False)
    judge: Callable[..., str] | None = field(repr=False, compare=False)
    wanted: str
    solution: str
    mistakes: tuple[Mistake, ...]
    hints: tuple[str, ...]
    names: tuple[str, ...]
    relative: float
    absolute: float

    @property
    def name(self) -> str:
        """Name of the task on its page."""
        return f"task-{self.function.replace('_', '-')}"

    def check(self, function: Callable[..., Any]) -> Report:
        """Try a function in all tests, and tell what came of it.

        Parameters
        ----------
        function : callable
            The function itself, without brackets.

        Raises
        ------
        TypeError
            If it cannot be called.
        """
        if not callable(function):
            raise TypeError(
                f"function must be the function itself, `{self.function}` without brackets; "
                f"got {shown(function)}"
            )
        if incomplete(function):
            return Report(self.name, False, START)
        outcomes = self._outcomes(function)
        told = [self._verdict(i, outcome) for i, outcome in enumerate(outcomes)]
        cases = (*self.examples, *self.hidden)
        lines = [
            Line(call_of(self.function, case), not said, said)
            for case, said in zip(cases, told, strict=True)
        ]
        shown_lines, hidden = lines[: len(self.examples)], lines[len(self.examples) :]
        return Report(
            self.name, not any(told), self._summary(lines, outcomes),
            tuple(shown_lines), tuple(hidden),
        )  # fmt: skip

    def _summary(self, lines: Sequence[Line], outcomes: Sequence[Outcome]) -> str:
        failed = sum(not line.passed for line in lines)
        if not failed:
            return f"Solved: all {len(lines)} tests pass, {len(self.hidden)} of them hidden."
        for mistake in self.mistakes:
            if all(map(self._alike, outcomes, mistake.outcomes)):
                return f"Not solved yet. {mistake.said}"
        return f"Not solved yet: {failed} of {len(lines)} tests fail."

    def _outcomes(self, function: Callable[..., Any]) -> tuple[Outcome, ...]:
        return tuple(outcome_of(function, case) for case in (*self.examples, *self.hidden))

    def _verdict(self, i: int, outcome: Outcome) -> str:
        """Tell what is wrong with what came of a test; nothing if it passes."""
        if outcome.trouble:
            return outcome.trouble
        if self.judge is None:
            return differs(outcome.value, self.right[i], self.relative, self.absolute, self.names)
        if outcome.value is None:
            return "It returns None: is a `return` missing?"
        case = (*self.examples, *self.hidden)[i]
        try:
            with np.errstate(all="ignore"):
                return self.judge(copy.deepcopy(outcome.value), *copy.deepcopy(case).values())
        except Exception as error:
            text = " ".join(str(error).split())
            return f"It returns {written(outcome.value)}, which cannot be judged ({text})."

    def _alike(self, one: Outcome, other: Outcome) -> bool:
        if one.trouble or other.trouble:
            # An error names its line, which another form of the same mistake does not have.
            return one.trouble.partition(", at `")[0] == other.trouble.partition(", at `")[0]
        if same(one.value, other.value):  # what is not a number as well
            return True
        try:
            return not differs(one.value, other.value, max(self.relative, 1e-9), self.absolute)
        except (TypeError, ValueError):
            return False

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Any:
        return {"text/html": html_of(self), "text/plain": plain(self.statement)}


def task(
    function: str,
    statement: str,
    *,
    examples: Sequence[Mapping[str, Any]],
    hidden: Sequence[Mapping[str, Any]],
    solution: str,
    mistakes: Mapping[Any, str],
    right: Callable[..., Any] | tuple[str, Callable[..., str]],
    hints: Sequence[str] = (),
    names: Sequence[str] = (),
    tolerance: tuple[float, float] = (1e-6, 1e-12),
) -> Task:
    r"""Ask for a function, and mark it by tests.

    Below it stand, in cells of their own, the start with an ellipsis wherever the reader has to
    write something, and a call of `check` with the function.

    Parameters
    ----------
    function : str
        Name of the function.
    statement : str
        What it has to do. ``$...$`` is mathematics, here and in all other texts.
    examples, hidden : sequence of mapping
        Arguments by name, for the tests that are shown and for those that are not. They are given
        by position, as copies.
    solution : str
        Code that defines the function and needs NumPy alone, as ``np``.
    mistakes : mapping to str
        Wrong solutions, each with the mistake that it makes: complete code, or pairs of texts
        ``(old, new, ...)`` that turn the solution into it. Whoever gets the same in all tests is
        told that mistake.
    right : callable, or pair of str and callable
        Computes the right result in a way that does not depend on the solution. Where many results
        are right, it is a pair: what is asked of a result, in words, and a judge, which tells from
        the result and the arguments what is wrong, and returns an empty text where nothing is.
    hints : sequence of str
    names : sequence of str
        Names of the results, if there are several.
    tolerance : (float, float)
        How far an entry may be off: the first number times the right entry, plus the second.

    Returns
    -------
    Task
        Displays itself.

    Raises
    ------
    TypeError, ValueError
        For a solution that fails, a mistake that passes, two mistakes that cannot be told apart,
        code that does not define the function, or a text that is missing.

    Examples
    --------
    >>> half = task("half", "Return half of $x$.", right=lambda x: x / 2,
    ...             examples=[{"x": 4.0}], hidden=[{"x": -3.0}],
    ...             solution="def half(x):\n    return 0.5 * x",
    ...             mistakes={("0.5", "2"): "That is twice."})
    >>> half.check(lambda x: x + x).said, half.check(lambda x: x * 0.5).solved
    ('Not solved yet. That is twice.', True)
    """
    if not isinstance(function, str) or not function.isidentifier():
        raise ValueError(f"function must be the name of a function; got {shown(function)}")
    statement = sentence("statement", statement)
    like, judge, wanted = _marking(right)
    relative, absolute = pair_of("tolerance", tolerance)
    visible, others = cases_of("examples", examples), cases_of("hidden", hidden)
    cases = (*visible, *others)
    results = tuple(like(*copy.deepcopy(case).values()) for case in cases) if like else ()
    made = Task(
        function=function, statement=statement, examples=visible, hidden=others, right=results,
        judge=judge, wanted=wanted, solution=code_of("solution", solution), mistakes=(),
        hints=texts_of("hints", hints), names=texts_of("names", names),
        relative=relative, absolute=absolute,
    )  # fmt: skip
    report = made.check(defined("solution", made.solution, function))
    if not report.solved:
        raise ValueError(f"solution must pass all tests; {report}")
    return _with_mistakes(made, mistakes)


def _marking(
    right: Any,
) -> tuple[Callable[..., Any] | None, Callable[..., str] | None, str]:
    """Return what computes the right result, or a judge and what it asks for."""
    if not isinstance(right, tuple):
        _checks.function("right", right, ", or a pair of a text and a function")
        return right, None, ""
    if len(right) != 2:
        raise ValueError(f"right must be a function, or a text and a function; got {shown(right)}")
    wanted, judge = right
    _checks.function("right[1]", judge)
    return None, judge, sentence("right[0]", wanted)


def _with_mistakes(made: Task, mistakes: Any) -> Task:
    if not isinstance(mistakes, Mapping):
        raise TypeError(f"mistakes must map code to explanations; got {shown(mistakes)}")
    found: list[Mistake] = []
    for key, said in mistakes.items():
        said = sentence(f"mistakes[{shown(key)}]", said)
        code = mistaken(key, made.solution)
        outcomes = made._outcomes(defined("mistakes", code, made.function))
        fails = any(made._verdict(i, outcome) for i, outcome in enumerate(outcomes))
        twin = next((m for m in found if all(map(made._alike, outcomes, m.outcomes))), None)
        if fails and twin is None:
            found.append(Mistake(said, code, outcomes))
        elif numpy_warns():  # otherwise what only a warning tells of is not recognized
            raise ValueError(
                f"mistakes must be told apart by some test; {shown(said)} and "
                f"{shown(twin.said)} are not"
                if twin
                else f"mistakes must fail in some test; {shown(key)} passes"
            )
    values = {name: getattr(made, name) for name in made.__dataclass_fields__}
    return Task(**(values | {"mistakes": tuple(found)}))


# ---- On a page, and in an output of Jupyter: complete without a script.


def html_of(made: Task) -> str:
    """Write a task: what is asked, visible tests, and folded below them hints and solution."""
    return (
        f'<div class="task" id="{made.name}">'
        f'<p class="task-statement">{rich(made.statement)}</p>'
        f"{_examples(made)}{folded_hints(made.hints, 'task-hint')}{_solution(made)}"
        '<p class="task-state" role="status"></p></div>'
    )


def _examples(made: Task) -> str:
    rows = "".join(
        f"<tr><td><code>{escape(call_of(made.function, case))}</code></td><td>"
        f"{rich(made.wanted) if made.judge else f'<code>{escape(written(made.right[i]))}</code>'}"
        "</td></tr>"
        for i, case in enumerate(made.examples)
    )
    count = len(made.hidden)
    more = f"{count} more {'test is' if count == 1 else 'tests are'} hidden."
    return (
        '<table class="task-examples"><thead><tr><th scope="col">Call</th>'
        f'<th scope="col">{"What is asked" if made.judge else "Right result"}</th></tr></thead>'
        f'<tbody>{rows}</tbody></table><p class="task-more">{more}</p>'
    )


def _solution(made: Task) -> str:
    listed = "".join(f"<li>{rich(ended(mistake.said))}</li>" for mistake in made.mistakes)
    known = f"<p>Mistakes that are recognized:</p><ul>{listed}</ul>" if listed else ""
    return (
        '<details class="task-solution"><summary>Solution</summary>'
        f'<pre tabindex="0"><code>{escape(made.solution)}</code></pre>{known}</details>'
    )
