"""Code that is checked: a function to complete, tests, hints, known mistakes, and a solution."""

import copy
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

import numpy as np

from lib import _checks
from lib._checks import shown
from lib._kernel import STATIC
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
from lib.ask.words import ended, folded_hints, plain, rich, sentence

HOW_TO_RUN = (
    "Not solved yet. Press Live code, or run this chapter in Jupyter: "
    "this line then marks what you have written."
)
START = "Not solved yet: replace each `...` in the code."


@dataclass(frozen=True)
class Line:
    """One test, and what came of it.

    Attributes
    ----------
    call : str
        The call, as the reader could write it.
    passed : bool
    said : str
        Why it did not pass.
    """

    call: str
    passed: bool
    said: str = ""


@dataclass(frozen=True)
class Report:
    """What a solution is told. It displays itself.

    Attributes
    ----------
    task : str
        Name of the task on its page.
    solved : bool
    said : str
        The words, which may hold mathematics between dollar signs.
    lines : tuple of Line
        The visible tests.
    hidden : tuple of Line
        The other tests.
    """

    task: str
    solved: bool
    said: str
    lines: tuple[Line, ...] = ()
    hidden: tuple[Line, ...] = ()

    def __str__(self) -> str:
        """Write the words and the tests, one a line."""
        rows = [f"{_mark(line)} {line.call}{_said(line)}" for line in self.lines]
        rows += [f"{_mark(line)} a hidden test: {line.call}{_said(line)}" for line in self._told()]
        return "\n".join([f"{'✓' if self.solved else '✗'} {plain(self.said)}", *rows])

    def _told(self) -> list[Line]:
        """Return the first hidden test that fails, if the visible ones pass."""
        if not all(line.passed for line in self.lines):
            return []
        return [line for line in self.hidden if not line.passed][:1]

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Any:
        if os.environ.get(STATIC) == "1":
            return {"text/html": f'<p class="task-waits">{escape(HOW_TO_RUN)}</p>',
                    "text/plain": HOW_TO_RUN}  # fmt: skip
        rows = [(line, "") for line in self.lines] + [
            (line, "A hidden test: ") for line in self._told()
        ]
        listed = "".join(
            f'<li class="{"task-passed" if line.passed else "task-failed"}">{_mark(line)} {start}'
            f"<code>{escape(line.call)}</code>{rich(_said(line))}</li>"
            for line, start in rows
        )
        html = (
            f'<div class="task-report {"task-solved" if self.solved else "task-unsolved"}">'
            f'<p role="status">{"✓" if self.solved else "✗"} {rich(self.said)}</p>'
            + (f'<ul style="list-style: none; padding-left: 0">{listed}</ul>' if rows else "")
            + f'<a class="task-of" href="#{self.task}" hidden></a></div>'
        )
        return {"text/html": html, "text/plain": str(self)}


def _mark(line: Line) -> str:
    return "✓" if line.passed else "✗"


def _said(line: Line) -> str:
    return f" {line.said}" if line.said else ""


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
    like: Callable[..., Any] | None = None,
    judge: Callable[..., str] | None = None,
    wanted: str = "",
    hints: Sequence[str] = (),
    names: Sequence[str] = (),
    relative: float = 1e-6,
    absolute: float = 1e-12,
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
    like : callable
        Computes the right result in a way that does not depend on the solution.
    judge : callable
        Where many results are right: of the result and the arguments, it tells in words what is
        wrong, and nothing where nothing is. Exactly one of the two.
    wanted : str
        What `judge` asks for, in words.
    hints : sequence of str
    names : sequence of str
        Names of the results, if there are several.
    relative, absolute : float
        How far an entry may be off: `absolute` plus `relative` times the right one.

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
    >>> half = task("half", "Return half of $x$.", like=lambda x: x / 2,
    ...             examples=[{"x": 4.0}], hidden=[{"x": -3.0}],
    ...             solution="def half(x):\n    return 0.5 * x",
    ...             mistakes={("0.5", "2"): "That is twice."})
    >>> half.check(lambda x: x + x).said, half.check(lambda x: x * 0.5).solved
    ('Not solved yet. That is twice.', True)
    """
    if not isinstance(function, str) or not function.isidentifier():
        raise ValueError(f"function must be the name of a function; got {shown(function)}")
    statement = sentence("statement", statement)
    if (like is None) == (judge is None):
        raise TypeError("like or judge must be given, and not both")
    for name, decides in (("like", like), ("judge", judge)):
        if decides is not None:
            _checks.function(name, decides)
    if not isinstance(wanted, str) or bool(wanted.strip()) != (judge is not None):
        raise ValueError(
            f"wanted must be a text with judge, and empty with like; got {shown(wanted)}"
        )
    visible, others = _cases("examples", examples), _cases("hidden", hidden)
    cases = (*visible, *others)
    right = tuple(like(*copy.deepcopy(case).values()) for case in cases) if like else ()
    made = Task(
        function=function, statement=statement, examples=visible, hidden=others, right=right,
        judge=judge, wanted=wanted, solution=_code("solution", solution), mistakes=(),
        hints=_texts("hints", hints), names=_texts("names", names),
        relative=_checks.real("relative", relative, least=0),
        absolute=_checks.real("absolute", absolute, least=0),
    )  # fmt: skip
    report = made.check(_defined("solution", made.solution, function))
    if not report.solved:
        raise ValueError(f"solution must pass all tests; {report}")
    return _with_mistakes(made, mistakes)


def _with_mistakes(made: Task, mistakes: Any) -> Task:
    if not isinstance(mistakes, Mapping):
        raise TypeError(f"mistakes must map code to explanations; got {shown(mistakes)}")
    found: list[Mistake] = []
    for key, said in mistakes.items():
        said = sentence(f"mistakes[{shown(key)}]", said)
        code = _mistaken(key, made.solution)
        outcomes = made._outcomes(_defined("mistakes", code, made.function))
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


def _mistaken(key: Any, solution: str) -> str:
    """Write the code of a mistake: complete, or the solution with texts replaced."""
    if isinstance(key, str):
        return _code("mistakes", key)
    if not isinstance(key, tuple) or len(key) % 2 or not all(isinstance(k, str) for k in key):
        raise TypeError(f"mistakes must be code, or pairs of old and new text; got {shown(key)}")
    for old, new in zip(key[::2], key[1::2], strict=True):
        if not old or old not in solution:
            raise ValueError(
                f"mistakes must replace text of the solution; {shown(old)} is not there"
            )
        solution = solution.replace(old, new)
    return solution


def _code(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{name} must be code as a text; got {shown(value)}")
    return value.strip("\n").rstrip()


def _defined(name: str, code: str, function: str) -> Callable[..., Any]:
    space: dict[str, Any] = {"np": np}
    try:
        exec(compile(code, f"<{name}>", "exec"), space)
    except Exception as error:
        raise ValueError(f"{name} must be code that runs; it stops with {error!r}") from None
    if not callable(space.get(function)):
        raise ValueError(f"{name} must define {function}; got {shown(code)}")
    return space[function]  # type: ignore[no-any-return]


def _cases(name: str, given: Any) -> tuple[dict[str, Any], ...]:
    if isinstance(given, (str, Mapping)) or not isinstance(given, Sequence):
        raise TypeError(f"{name} must be a sequence of arguments by name; got {shown(given)}")
    if not given:
        raise ValueError(f"{name} must hold at least one test; it is empty")
    for case in given:
        if not isinstance(case, Mapping) or not all(isinstance(key, str) for key in case):
            raise TypeError(f"{name} must hold arguments by name; got {shown(case)}")
    return tuple(copy.deepcopy(dict(case)) for case in given)


def _texts(name: str, given: Any) -> tuple[str, ...]:
    if isinstance(given, str) or not isinstance(given, Sequence):
        raise TypeError(f"{name} must be a sequence of texts; got {shown(given)}")
    return tuple(sentence(f"{name}[{i}]", text) for i, text in enumerate(given))


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
