"""Single units with ReLU: what they let through, what they fit, and how one dies."""

import numpy as np
from matplotlib.axes import Axes

from lib.figures import drawing
from lib.figures.drawing import BACKWARD, FORWARD, Point
from lib.figures.style import COLORS, INK, panels
from lib.simulations.relu import one_unit

# One layer, small enough for a sheet of paper: half of its units are on.
SIGNALS = (3.0, -1.0, 1.0, -3.0)
ERRORS = (1.0, -2.0, -2.0, 1.0)
LEARNED = 20  # steps that are drawn


@drawing.canvas(460, 196)
def half_is_kept(ax: Axes) -> str:
    """Four units: pre-activations in, activations out in blue; error signals back in orange."""
    drawing.blank(ax, 460, 196)
    columns = 95.0, 230.0, 365.0
    for x, name in zip(columns, ("h, ∂L/∂h", "ReLU", "a, ∂L/∂a"), strict=True):
        drawing.write(ax, (x, 188), name)
    out = np.maximum(SIGNALS, 0)
    back = np.where(out > 0, ERRORS, 0.0)
    for row, (h, a, delta, passed) in enumerate(zip(SIGNALS, out, ERRORS, back, strict=True)):
        y = 158.0 - 38.0 * row
        left, middle, right = ((x, y) for x in columns)
        on = a > 0
        drawing.unit(
            ax, middle, "on" if on else "off", fill=0.3 if on else 0.0, color=FORWARD, radius=14.0
        )
        _both_ways(ax, left, middle, (0, 21), (h, passed))
        _both_ways(ax, middle, right, (21, 0), (a, delta))
    for x, forward, backward in (
        (columns[0], SIGNALS, back), (columns[2], out, ERRORS)
    ):  # fmt: skip
        for y, values, color in ((20, forward, FORWARD), (5, backward, BACKWARD)):
            total = float(np.square(values).sum())
            drawing.write(ax, (x, y), f"squares add to {total:g}", color=color)
    return (
        f"Forward, the squares add to {np.square(SIGNALS).sum():g} before ReLU and to "
        f"{np.square(out).sum():g} after it. Backward, they add to {np.square(ERRORS).sum():g} and "
        f"to {np.square(back).sum():g}. Two of the four units are on."
    )


def _both_ways(
    ax: Axes, start: Point, end: Point, gap: tuple[float, float], values: tuple[float, float]
) -> None:
    """Draw what goes forward from start to end, and below it what comes back."""
    ahead, behind = (drawing.Label(drawing.number(value), side=6) for value in values)
    here, there = ((x, start[1] + 4) for x in (start[0], end[0]))
    drawing.edge(ax, here, there, ahead, color=FORWARD, gap=gap, fontsize=11)
    here, there = ((x, start[1] - 4) for x in (end[0], start[0]))
    drawing.edge(ax, here, there, behind, color=BACKWARD, gap=gap[::-1], fontsize=11)


@drawing.canvas(440, 230)
def fans(ax: Axes) -> str:
    """Two layers, of two and of four units: one sum of a forward pass and one of a backward."""
    drawing.blank(ax, 440, 230)
    inputs = [(120.0, 150.0), (120.0, 80.0)]
    outputs = [(320.0, y) for y in (205.0, 145.0, 85.0, 25.0)]
    for i, start in enumerate(inputs):
        for j, end in enumerate(outputs):
            ahead, back = j == 0, i == 1
            if back:
                drawing.edge(ax, end, start, color=BACKWARD, width=2.2, bend=9 if ahead else 0)
            if ahead:
                drawing.edge(ax, start, end, color=FORWARD, width=2.2, bend=9 if back else 0)
            if not (ahead or back):
                drawing.edge(ax, start, end, width=0.7, arrow=False)
    for i, at in enumerate(inputs):
        drawing.unit(ax, at, f"a{drawing.subscript(i + 1)}", color=BACKWARD if i == 1 else INK)
    for j, at in enumerate(outputs):
        drawing.unit(ax, at, f"h{drawing.subscript(j + 1)}", color=FORWARD if j == 0 else INK)
    drawing.write(ax, (350, 205), "2 terms", color=FORWARD, ha="left")
    drawing.write(ax, (90, 80), "4 terms", color=BACKWARD, ha="right")
    return (
        f"A layer with {len(inputs)} inputs and {len(outputs)} outputs. Forward (blue), an output "
        f"adds {len(inputs)} terms. Backward (orange), an input adds {len(outputs)}."
    )


@panels(2)
def dying(axes: tuple[Axes, Axes], *, rate: float = 0.9, step: int = 0) -> str:
    """Points in a plane with the line on which a unit's pre-activation is 0, and its loss."""
    plane, course = axes
    unit = one_unit(rate)
    on = unit.pre_activations(step) > 0
    across = np.array([-3.6, 3.6])
    # w_1 x_1 + w_2 x_2 + b = 0, solved for x_1: the line is steep.
    first, now = (
        -(unit.biases[at] + unit.weights[at, 1] * across) / unit.weights[at, 0] for at in (0, step)
    )
    plane.plot(first, across, "--", color=INK, linewidth=1)
    plane.plot(now, across, color=COLORS[1])
    plane.fill_betweenx(across, now, 9.0, color=COLORS[1], alpha=0.25, linewidth=0)
    for target, marker in ((0.0, "o"), (1.0, "^")):
        for lit in (True, False):
            chosen = (unit.targets == target) & (on == lit)
            plane.plot(
                *unit.points[chosen].T, marker, color=COLORS[0], markersize=6,
                markerfacecolor=COLORS[0] if lit else "none", linestyle="none",
            )  # fmt: skip
    plane.set(xlabel="Input x₁", ylabel="Input x₂", xlim=(-3.2, 3.6), ylim=(-2.2, 2.2))
    plane.set_title("● target 0    ▲ target 1", color=COLORS[0])
    losses = np.array([unit.loss(at) for at in range(LEARNED + 1)])
    course.plot(losses[: step + 1], "o-", color=COLORS[0], markersize=4)
    course.set(xlabel="Steps", ylabel="Loss", xlim=(-0.3, LEARNED + 0.3), ylim=(0, 0.62))
    count = int(on.sum())
    when = "Before the first step" if step == 0 else f"After {step} step{'s' * (step > 1)}"
    state = f"positive on {count} of {len(on)} points (filled)" if count else (
        f"positive on none of {len(on)} points, so its gradient is exactly 0 and no step moves it"
    )  # fmt: skip
    return f"{when} at rate {rate:g} the unit is {state}. Loss {losses[step]:.3f}."


def stepped_sigmoids(ax: Axes, *, copies: int = 1) -> str:
    """Sum of sigmoids shifted by 1/2, 3/2, 5/2 and so on, with softplus and ReLU."""
    across = np.linspace(-4, 8, 481)
    shifts = np.arange(copies)[:, None] + 0.5
    total = (1 / (1 + np.exp(shifts - across))).sum(axis=0)
    softplus = np.logaddexp(0, across)
    ax.plot(across, softplus, color=COLORS[5], linewidth=6, alpha=0.5, label="softplus")
    ax.plot(across, np.maximum(across, 0), "--", color=COLORS[1], label="ReLU")
    ax.plot(across, total, color=COLORS[0], label="sum of sigmoids")
    ax.set(xlabel="Input x", ylabel="Output", xlim=(-4, 8), ylim=(-0.3, 8.3))
    ax.legend(loc="upper left")
    gap = float(np.max(np.abs(total - softplus)[across <= 4]))
    what = "A single sigmoid" if copies == 1 else f"The sum of {copies} sigmoids"
    return f"{what} is within {gap:.2g} of softplus for inputs up to 4."
