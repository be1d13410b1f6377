"""Cells drawn step by step: one unit through time, and the paths of an LSTM."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Circle, Rectangle

from lib.figures.drawing import (
    BACKWARD,
    FORWARD,
    RADIUS,
    SMALL,
    Label,
    Point,
    blank,
    canvas,
    edge,
    number,
    subscript,
    unit,
    write,
)
from lib.figures.style import COLORS, INK
from lib.simulations.rnn_lstm import READ, unit_through_time

# The diagram of two steps, in pixels: rows from the top, and columns within a step.
CELL_ROW, PRODUCT_ROW, GATE_ROW, BUS_ROW = 262.0, 192.0, 130.0, 62.0
FORGET, ENTER, CANDIDATE, LEAVE, OUT = 32.0, 74.0, 116.0, 153.0, 190.0
PITCH, LEFT = 212.0, 8.0
DIRECT, AROUND = COLORS[1], COLORS[0]  # the two kinds of paths from cell to cell


@canvas(460, 205)
def unrolled(ax: Axes, *, weight: float = 0.9, linear: bool = False) -> str:
    """One recurrent unit over four steps: its states, and the derivative that travels back."""
    blank(ax, 460, 205)
    states, factors = unit_through_time(weight, linear)
    steps = len(READ)
    back = np.append(np.cumprod(factors[::-1])[::-1], 1.0)
    places = np.linspace(28.0, 432.0, steps + 1)
    state_row, back_row, read_row = 96.0, 178.0, 22.0
    for t, x in enumerate(places):
        unit(ax, (x, state_row), f"h{subscript(t)}", above=number(states[t]), color=INK)
        write(ax, (x, back_row), number(back[t]), color=BACKWARD)
        if t:
            edge(ax, (places[t - 1], state_row), (x, state_row), f"w = {number(weight)}",
                 color=FORWARD, fontsize=SMALL)  # fmt: skip
            write(ax, (x, read_row - 6), f"x{subscript(t)} = {number(READ[t - 1])}",
                  fontsize=SMALL)  # fmt: skip
            edge(ax, (x, read_row), (x, state_row), gap=(4, RADIUS + 2))
            factor = Label(f"× {number(factors[t - 1], 2)}", side=-9)
            edge(ax, (x, back_row), (places[t - 1], back_row), factor, color=BACKWARD, gap=26,
                 fontsize=SMALL)  # fmt: skip
    slope = "no activation function" if linear else "with tanh"
    return (
        f"A weight of {number(weight)}, {slope}: the derivative of h{subscript(steps)} with "
        f"respect to h{subscript(0)} is the product of the {steps} orange factors, "
        f"{number(back[0])}."
    )


def _lines(
    ax: Axes, *points: Point, color: str = AROUND, width: float = 1.6, arrow: bool = False
) -> None:
    ax.plot(*zip(*points, strict=True), color=color, linewidth=width, solid_capstyle="butt")
    if arrow:
        edge(ax, points[-2], points[-1], color=color, width=width, gap=0)


def _box(ax: Axes, at: Point, name: str, half: float = 15) -> None:
    x, y = at
    shape = Rectangle(
        (x - half, y - 13), 2 * half, 26, facecolor=AROUND, edgecolor="none", zorder=3
    )
    ax.add_patch(shape)
    write(ax, (x, y), name, color="white", zorder=4)


def _node(ax: Axes, at: Point, sign: str, color: str) -> None:
    ax.add_patch(Circle(at, 10.5, facecolor=color, edgecolor="none", zorder=3))
    write(ax, at, sign, color="white", zorder=4)


def _lstm_step(ax: Axes, step: int) -> None:
    """One step of the cell: four gates, two products and a sum on the direct path, and tanh."""
    at = LEFT + (step - 1) * PITCH
    middle = at + (ENTER + CANDIDATE) / 2
    gates = ((FORGET, "f"), (ENTER, "i"), (CANDIDATE, "g"), (LEAVE, "o"))
    for x, letter in gates:
        _lines(ax, (at + x, BUS_ROW), (at + x, GATE_ROW - 13), arrow=True)
        _box(ax, (at + x, GATE_ROW), f"{letter}{subscript(step)}")
    _lines(ax, (at + FORGET, GATE_ROW), (at + FORGET, CELL_ROW - 10), arrow=True)
    for x in (ENTER, CANDIDATE):
        _lines(ax, (at + x, GATE_ROW), (at + x, PRODUCT_ROW), (middle, PRODUCT_ROW))
    _lines(ax, (middle, PRODUCT_ROW), (middle, CELL_ROW - 10), arrow=True)
    _lines(ax, (at + OUT, CELL_ROW), (at + OUT, GATE_ROW + 10), arrow=True)
    _box(ax, (at + OUT, PRODUCT_ROW + 14), "tanh", 19)
    _lines(ax, (at + LEAVE, GATE_ROW), (at + OUT - 10, GATE_ROW))
    end = 457.0 if step == 2 else at + PITCH + LEAVE
    _lines(ax, (at + OUT, GATE_ROW), (at + OUT, BUS_ROW), (end, BUS_ROW), arrow=step == 2)
    _node(ax, (at + FORGET, CELL_ROW), "×", DIRECT)
    _node(ax, (middle, CELL_ROW), "+", DIRECT)
    _node(ax, (middle, PRODUCT_ROW), "×", AROUND)
    _node(ax, (at + OUT, GATE_ROW), "×", AROUND)
    _lines(ax, (middle, 24), (middle, BUS_ROW), color=INK, arrow=True)
    write(ax, (middle, 14), f"x{subscript(step)}")
    write(ax, (at + OUT - 3, CELL_ROW + 18), f"c{subscript(step)}", color=DIRECT)
    write(ax, (at + OUT + 6, BUS_ROW - 15), f"h{subscript(step)}", color=AROUND)


@canvas(460, 300)
def lstm_unrolled(ax: Axes) -> str:
    """Two steps of an LSTM: the direct path of the cell, and the paths through the gates."""
    blank(ax, 460, 300)
    path = ((LEFT, CELL_ROW), (LEFT + 2 * PITCH + 22, CELL_ROW))
    _lines(ax, *path, color=DIRECT, width=4.0)
    edge(ax, (440, CELL_ROW), (457, CELL_ROW), color=DIRECT, width=4.0, gap=0)
    _lines(ax, (LEFT, BUS_ROW), (LEFT + LEAVE, BUS_ROW))
    for step in (1, 2):
        _lstm_step(ax, step)
    write(ax, (LEFT + 8, CELL_ROW + 18), "c₀", color=DIRECT)
    write(ax, (LEFT + 8, BUS_ROW - 15), "h₀", color=AROUND)
    named = (LEFT + PITCH + 40, CELL_ROW + 22)
    write(ax, named, "direct path: × f₁ × f₂", color=DIRECT, fontsize=SMALL, ha="left")
    return (
        "On the direct path (orange) c₀ reaches c₂ by two multiplications, with f₁ and f₂, and two "
        "additions. The other paths (blue) lead from c₁ through h₁ into f₂, i₂ and g₂. The path "
        "into o₂ does not reach c₂: this gate sets how much of c₂ is shown."
    )
