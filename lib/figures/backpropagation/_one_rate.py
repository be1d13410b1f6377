"""Two layers, one learning rate, and where a step takes each weight."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from lib.figures.backpropagation._three_units import NOTE
from lib.figures.drawing import (
    BACKWARD,
    FORWARD,
    blank,
    canvas,
    edge,
    number,
    unit,
    write,
)
from lib.figures.style import COLORS, INK, power_of_ten
from lib.simulations.backpropagation import (
    EXAMPLES,
    FIRST,
    LAST,
    curvature,
    descend,
    sigmoid,
    two_layer_gradients,
)


@canvas(460, 222)
def one_rate(ax: Axes, *, rate: float = 0.5) -> str:
    """Two layers and two number lines: where one step with the same rate takes each weight."""
    blank(ax, 460, 222)
    _, d_first, d_last = two_layer_gradients(FIRST, LAST)
    path = descend(rate, 20)
    y = 196.0
    for x, text in ((40.0, "x"), (170.0, "σ"), (320.0, "Σ")):
        unit(ax, (x, y), text)
    edge(ax, (40, y), (170, y), "w₁")
    edge(ax, (170, y), (320, y), "w₂")
    edge(ax, (320, y), (400, y), gap=(21, 4))
    write(ax, (406, y), "output", ha="left", fontsize=NOTE)
    _line(ax, 112, "w₁", (FIRST, path[1, 0]), d_first, goal=(0.0, 7.0))
    _line(ax, 34, "w₂", (LAST, path[1, 1]), d_last, goal=None)
    first, last = (number(abs(step)) for step in path[1] - path[0])
    told = f"With a rate of {number(rate)}, the first step moves w₁ by {first} and w₂ by {last}. "
    if rate * curvature() > 2:
        return told + (
            f"Every step of w₂ lands farther out: after 20 steps it is at {_size(path[20, 1])}."
        )
    return told + (
        f"After 20 steps w₂ is at {number(path[20, 1], 2)}, and w₁ still at "
        f"{number(path[20, 0], 4)}."
    )


def _size(value: float) -> str:
    return ("−" if value < 0 else "") + power_of_ten(float(np.log10(abs(value))))


MIDDLE, PIXELS = 245.0, 26.0  # of a number line: where 0 is, and the length of 1


def _place(value: float) -> float:
    return MIDDLE + PIXELS * value


def _line(
    ax: Axes,
    y: float,
    name: str,
    move: tuple[float, float],
    slope: float,
    goal: tuple[float, float] | None,
) -> None:
    """A number line from -7 to 7 with a weight, one step of it, and where it ought to go."""
    ax.plot([_place(-7), _place(7)], [y, y], color=INK, linewidth=1)
    for tick in (-6, -3, 0, 3, 6):
        ax.plot([_place(tick)] * 2, [y - 3, y + 3], color=INK, linewidth=1)
        write(ax, (_place(tick), y - 6), number(tick), va="top", fontsize=NOTE)
    _draw_goal(ax, y, goal)
    write(ax, (8, y + 16), name, ha="left")
    write(ax, (8, y - 4), f"∂ℒ/∂{name}", ha="left", va="center", color=BACKWARD, fontsize=NOTE)
    write(ax, (8, y - 18), number(slope), ha="left", va="center", color=BACKWARD, fontsize=NOTE)
    _draw_step(ax, y, *move)


def _draw_goal(ax: Axes, y: float, goal: tuple[float, float] | None) -> None:
    """Mark where a weight ought to go: an interval, or the place of the lowest loss."""
    style: dict[str, Any] = {"color": COLORS[2], "va": "bottom", "fontsize": NOTE}
    if goal is None:
        best = sum(t * sigmoid(FIRST * x) for x, t in EXAMPLES) / curvature()
        ax.plot([_place(best)], [y], "o", color=COLORS[2], markersize=9)
        write(ax, (_place(best), y + 9), "lowest loss", ha="right", **style)
    else:
        ax.plot([_place(goal[0]), _place(goal[1])], [y, y], color=COLORS[2], linewidth=5, alpha=0.6)
        write(ax, (_place(3.5), y + 9), "w₁ must get here", **style)


def _draw_step(ax: Axes, y: float, start: float, end: float) -> None:
    """Draw a weight and an arrow to where one step takes it, as far as the line goes."""
    stop = float(np.clip(end, -7.3, 7.3))
    ax.plot([_place(start)], [y], "o", color=FORWARD, markersize=8)
    if abs(stop - start) * PIXELS > 3:
        one, other = ((_place(value), y + 3) for value in (start, stop))
        edge(ax, one, other, color=FORWARD, width=2.4, gap=0, bend=0)
    if stop != end:
        write(
            ax, (_place(stop), y + 8), f"to {number(end)}", color=FORWARD, va="bottom",
            fontsize=NOTE, ha="left" if stop < 0 else "right",
        )  # fmt: skip
