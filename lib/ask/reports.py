"""What came of a reader's code in the tests of a task."""

import os
from dataclasses import dataclass
from html import escape
from typing import Any

from lib._kernel import STATIC
from lib.ask.words import plain, rich

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
