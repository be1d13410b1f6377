"""Explorers: a draw function and its parameters, put into the reader's hand.

Used in: every chapter with a figure.
"""

import os
from collections.abc import Mapping
from typing import Any

from lib.explore.controls import make_controls
from lib.explore.live import LiveExplorer, still_figure
from lib.explore.page import StaticExplorer, describe
from lib.figures.style import Draw

__all__ = ["explore"]

STATIC = "VANISHING_GRADIENTS_STATIC"


def explore(
    draw: Draw,
    *,
    start: Mapping[str, Any] | None = None,
    labels: Mapping[str, str] | None = None,
    units: Mapping[str, str] | None = None,
    fixed: Mapping[str, Any] | None = None,
    play: str | None = None,
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
        on the grid, a ``play`` that names no slider, or more than 1000 frames.
    TypeError
        For an abbreviation of another type.
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
    if os.environ.get(STATIC) != "1" and _in_kernel():
        if not controls:
            return still_figure(draw, constants)
        return LiveExplorer(draw, controls, constants).widget
    return StaticExplorer(draw, controls, constants, play)


def _in_kernel() -> bool:
    try:
        from IPython import get_ipython
    except ImportError:
        return False
    return getattr(get_ipython(), "kernel", None) is not None
