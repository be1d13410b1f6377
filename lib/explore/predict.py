"""In a kernel: a figure that waits until the reader has answered a question, or passes."""

from collections.abc import Callable
from typing import Any

import ipywidgets as widgets

from lib.ask.live import LiveQuestion
from lib.ask.questions import Question


def waiting(
    question: Question, figure: Any, moves: Callable[[], None] = lambda: None
) -> widgets.VBox:
    """Put a question before a figure, which opens at the setting that answers.

    Parameters
    ----------
    figure : ipywidgets.Widget or IPython.display.HTML
    moves : callable
        Puts the figure to that setting.
    """
    if not isinstance(figure, widgets.Widget):
        figure = widgets.HTML(figure.data)
    figure.layout.display = "none"

    def opens() -> None:
        moves()
        figure.layout.display = ""  # None gets lost on the way from a kernel in a page

    return widgets.VBox([LiveQuestion(question, opens).widget, figure])
