"""Ask: questions with feedback, in the text that has just made them answerable.

A question displays itself: on a built page it is marked without a kernel and without a network,
in Jupyter it is made of widgets, and on paper the answer stands below it. What is right is computed
in the chapter, and a wrong answer that is right, or that has no explanation, is refused.

Used in: the chapters. `explore(..., predict=...)` asks before it shows.
"""

from lib.ask.ask_choice import choice, choices
from lib.ask.ask_formula import formula
from lib.ask.ask_number import number, scale
from lib.ask.attempts import wiggle
from lib.ask.gaps import gap
from lib.ask.tasks import task

__all__ = ["choice", "choices", "formula", "gap", "number", "scale", "task", "wiggle"]
