"""Explorers: a draw function and its parameters, put into the reader's hand.

Used in: every chapter with a figure.
"""

from collections.abc import Mapping
from typing import Any

from lib._kernel import in_kernel
from lib.ask.questions import Question
from lib.explore.controls import make_controls, places_of
from lib.explore.live import LiveExplorer, still_figure
from lib.explore.page import StaticExplorer, describe
from lib.explore.predict import waiting
from lib.figures.style import Draw

__all__ = ["explore"]


def explore(
    draw: Draw,
    *,
    start: Mapping[str, Any] | None = None,
    labels: Mapping[str, str] | None = None,
    units: Mapping[str, str] | None = None,
    fixed: Mapping[str, Any] | None = None,
    play: str | None = None,
    predict: Question | None = None,
    opens: Mapping[str, Any] | None = None,
    **parameters: Any,
) -> Any:
    """Put the parameters of a draw function into the reader's hand.

    In a running kernel the result is made of widgets, and each move draws anew. When the book is
    built, every frame of the parameter grid is drawn, and the page moves between them by itself.
    Without parameters the result is a figure that stands still.

    Parameters
    ----------
    draw : callable
        ``draw(ax, **parameters)``, which draws on matplotlib axes and returns the caption. The
        first line of its docstring describes the picture to those who cannot see it.
    start : mapping, optional
        Value at which a control starts. By default, the draw function's own default if it is on
        the grid, else the middle of a range or the first option.
    labels, units : mapping, optional
        Text before a control, and unit after its value. The label defaults to the name.
    fixed : mapping, optional
        Parameters of the draw function that the reader cannot change.
    play : str, optional
        The slider that the button "Play" sweeps. By default the first one with three values or
        more.
    predict : Question, optional
        A question of `lib.ask` that the reader answers, or passes, before the figure is shown.
    opens : mapping, optional
        Value at which a control then stands, so that the figure shows what was asked for.
    **parameters
        Abbreviations as in ``ipywidgets.interact``: ``(low, high[, step])`` for a range, a list or
        dict for options, a bool for a checkbox. A list of increasing numbers is a slider over
        them.

    Returns
    -------
    ipywidgets.VBox, IPython.display.HTML or StaticExplorer
        What the cell displays: widgets in a kernel, HTML without controls, and all frames while
        the book is built or outside a kernel.

    Raises
    ------
    ValueError
        For a parameter that the draw function does not take, an empty range, a start that is not
        on the grid, a ``play`` that names no slider, ``opens`` without a question or at a value
        that is not on the grid, or more than 1000 frames.
    TypeError
        For an abbreviation of another type, or a prediction that is no question.
    RuntimeError
        If the draw function fails, with the values for which it does.
    """
    describe(draw)
    constants = dict(fixed or {})
    controls = make_controls(
        draw, parameters, start=start or {}, labels=labels or {}, units=units or {}, fixed=constants
    )
    sliders = [c.name for c in controls if c.kind == "slider" and len(c.values) > 2]
    if play is not None and play not in sliders:
        allowed = ", ".join(sliders) or "none, since no slider has three values"
        raise ValueError(f"play must name a slider; got {play!r}, allowed: {allowed}")
    if play is None and sliders:
        play = sliders[0]
    if predict is not None and not isinstance(predict, Question):
        raise TypeError(f"predict must be a question of lib.ask; got {predict!r}")
    if opens and predict is None:
        raise ValueError(f"opens needs a question in predict; got {dict(opens)!r}")
    places = places_of("opens", opens or {}, controls)
    if not in_kernel():
        waits = None if predict is None else (predict, places)
        return StaticExplorer(draw, controls, constants, play, waits)
    if not controls:
        still = still_figure(draw, constants)
        return still if predict is None else waiting(predict, still)
    explorer = LiveExplorer(draw, controls, constants)
    if predict is None:
        return explorer.widget
    return waiting(predict, explorer.widget, lambda: explorer.move(places))
