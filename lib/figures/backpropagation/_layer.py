"""A layer as a matrix: rows forward, columns backward."""

import numpy as np
from matplotlib.axes import Axes

from lib.figures.backpropagation._three_units import NOTE
from lib.figures.drawing import (
    BACKWARD,
    FORWARD,
    Label,
    blank,
    canvas,
    edge,
    matrix,
    number,
    unit,
    write,
)
from lib.figures.style import COLORS, INK

# The layer of the second section: two units that listen to three.
LAYER = np.array([[1.0, -2.0, 0.5], [0.5, 1.0, 2.0]])
HEARD = np.array([0.6, 0.2, 0.8])
ERROR = np.array([0.4, -0.2])


MARKS = ("forward 1", "forward 2", "backward 1", "backward 2", "backward 3")


@canvas(460, 232)
def layer(ax: Axes, *, mark: str = "forward 1") -> str:
    """Two units that listen to three, and their weights as a matrix with a row or column marked."""
    if mark not in MARKS:
        raise ValueError(f"mark must be one of {', '.join(MARKS)}; got {mark!r}")
    blank(ax, 460, 232)
    kind, chosen = mark.split()[0], int(mark.split()[1]) - 1
    forward = kind == "forward"
    color = FORWARD if forward else BACKWARD
    left = [(42.0, y) for y in (190.0, 119.0, 48.0)]
    right = [(190.0, y) for y in (156.0, 82.0)]
    for i in range(2):
        for j in range(3):
            here = (i if forward else j) == chosen
            near = (0.2, 0.33)[i]  # to the left end, where no other edge crosses the number
            start, end = (left[j], right[i]) if forward else (right[i], left[j])
            along, side = (near, 13) if forward else (1 - near, -13)
            weight = Label(number(LAYER[i, j]), side=side, along=along) if here else None
            edge(
                ax, start, end, weight, color=color if here else COLORS[5],
                width=2.4 if here else 0.8, arrow=here,
            )  # fmt: skip
    for j, at in enumerate(left):
        unit(ax, at, f"{number(HEARD[j])}" if forward else "", color=INK)
        if not forward and j == chosen:
            write(ax, at, "?", color=BACKWARD)
    for i, at in enumerate(right):
        unit(ax, at, "" if forward else f"{number(ERROR[i])}")
        if forward and i == chosen:
            write(ax, at, "?", color=FORWARD)
    write(ax, (42, 224), "layer l − 1", fontsize=NOTE)
    write(ax, (190, 224), "layer l", fontsize=NOTE)
    heard = "activations" if forward else "∂ℒ/∂a"
    write(ax, (46, 12), heard, fontsize=NOTE, color=color)
    write(
        ax, (190, 12), "pre-activations" if forward else "error signals", fontsize=NOTE, color=color
    )
    _as_matrix(ax, forward, chosen)
    return _sum_told(forward, chosen)


def _as_matrix(ax: Axes, forward: bool, chosen: int) -> None:
    """Write the weights as a matrix with a row marked, and the vector that it multiplies."""
    texts = [[number(value) for value in row] for row in LAYER]
    if forward:
        matrix(ax, (250, 160), texts, cell=(40, 34), rows=[chosen], mark=FORWARD, name="W")
        column = [[number(value)] for value in HEARD]
        matrix(ax, (394, 177), column, cell=(40, 34), mark=FORWARD, name="a")
    else:
        turned = [list(column) for column in zip(*texts, strict=True)]
        matrix(ax, (262, 177), turned, cell=(40, 34), rows=[chosen], mark=BACKWARD, name="Wᵀ")
        column = [[number(value)] for value in ERROR]
        matrix(ax, (366, 160), column, cell=(44, 34), mark=BACKWARD, name="δ")


def _sum_told(forward: bool, chosen: int) -> str:
    weights, values = (LAYER[chosen], HEARD) if forward else (LAYER[:, chosen], ERROR)
    terms = " + ".join(f"{_held(w)} × {_held(v)}" for w, v in zip(weights, values, strict=True))
    total = number(float(weights @ values))
    if forward:
        return (
            f"Forward, unit {chosen + 1} adds what comes in: {terms} = {total}, row {chosen + 1} "
            "of W times a."
        )
    return (
        f"Backward, unit {chosen + 1} adds what comes back from every unit that listens to it: "
        f"{terms} = {total}, column {chosen + 1} of W, which is row {chosen + 1} of Wᵀ, times δ."
    )


def _held(value: float) -> str:
    return f"({number(value)})" if value < 0 else number(value)
