"""Three units in a row: values forward, derivatives backward, and one weight moved."""

import numpy as np
from matplotlib.axes import Axes

from lib.figures.drawing import (
    BACKWARD,
    FORWARD,
    Point,
    bar,
    blank,
    canvas,
    edge,
    number,
    subscript,
    unit,
    write,
)
from lib.figures.style import COLORS, INK
from lib.simulations.backpropagation import INPUT, TARGET, WEIGHTS, Passes, passes

STEPS = 9  # of the walk back; step 0 is what the forward pass has found
NOTE = 12.0  # size of what stands beside the drawing, as large as the gaps allow
CENTERS = (26.0, 124.0, 229.0, 334.0, 434.0)  # input, three units, loss


@canvas(460, 205)
def three_units(ax: Axes, *, step: int = STEPS) -> str:
    """Three sigmoid units in a row, with weights, values forward, and derivatives backward."""
    blank(ax, 460, 205)
    run, height = passes(), 130.0
    centers = [(x, height) for x in CENTERS]
    unit(ax, centers[0], "x", above=f"{number(INPUT)}")
    unit(ax, centers[4], "ℒ", above=number(run.loss))
    write(ax, (CENTERS[4], height - 34), f"y = {number(TARGET)}", fontsize=NOTE)
    write(ax, (6, 194), "forward →", color=FORWARD, ha="left", fontsize=NOTE)
    if step >= 1:
        write(ax, (6, 27), "← backward", color=BACKWARD, ha="left", fontsize=NOTE)
    edge(ax, centers[3], centers[4])
    for k in (1, 2, 3):
        here, before = CENTERS[k], (CENTERS[k - 1] + CENTERS[k]) / 2
        unit(ax, centers[k], "σ")
        edge(ax, centers[k - 1], centers[k], f"w{subscript(k)} = {number(WEIGHTS[k - 1])}")
        reached = 1 + 3 * (3 - k)  # step that brings dL/da of this unit; then delta, then dL/dw
        write(
            ax, (here, height + 24), f"h{subscript(k)} = {number(run.h[k - 1])}\n"
            f"a{subscript(k)} = {number(run.a[k - 1])}", color=FORWARD, va="bottom",
        )  # fmt: skip
        if step >= reached:
            after = (CENTERS[k] + CENTERS[k + 1]) / 2
            _named(ax, (after, 27), f"∂ℒ/∂a{subscript(k)}", run.d_activation[k - 1])
            edge(ax, (after + 26, 53), (after - 26, 53), color=BACKWARD, gap=0)
        if step >= reached + 1:
            write(
                ax, (here, height - 32), f"slope\n{number(run.slope[k - 1])}", fontsize=NOTE,
                va="center", linespacing=1.0,
            )  # fmt: skip
            _named(ax, (here, 27), f"δ{subscript(k)}", run.delta[k - 1])
            edge(ax, (here + 25, 53), (here - 25, 53), color=BACKWARD, gap=0)
        if step >= reached + 2:
            _named(ax, (before, height - 26), f"∂ℒ/∂w{subscript(k)}", run.d_weight[k - 1])
    return _told(step, run)


def _named(ax: Axes, at: Point, name: str, value: float) -> None:
    write(ax, at, f"{name}\n{number(value)}", color=BACKWARD, fontsize=NOTE, linespacing=1.15)


def _told(step: int, run: Passes) -> str:
    """Formula of a step, with its numbers."""
    if step == 0:
        return (
            f"After the forward pass: ℒ = ½ (a₃ − y)² = ½ ({number(run.a[2])} − 1)² = "
            f"{number(run.loss)}."
        )
    back, what = divmod(step - 1, 3)
    i = 2 - back
    k, before = subscript(i + 1), "x" if i == 0 else f"a{subscript(i)}"
    heard = INPUT if i == 0 else run.a[i - 1]
    if what == 1:
        return (
            f"Through unit {i + 1}: δ{k} = ∂ℒ/∂a{k} × slope = {number(run.d_activation[i])} × "
            f"{number(run.slope[i])} = {number(run.delta[i])}."
        )
    if what == 2:
        return (
            f"To weight w{k}, which multiplies {before}: ∂ℒ/∂w{k} = δ{k} × {before} = "
            f"{number(run.delta[i])} × {number(heard)} = {number(run.d_weight[i])}."
        )
    if i == 2:
        return (
            f"The loss: ∂ℒ/∂a₃ = a₃ − y = {number(run.a[2])} − 1 = {number(run.d_activation[2])}. "
            "It falls if unit 3 gives more."
        )
    above = subscript(i + 2)
    return (
        f"Through weight w{above}: ∂ℒ/∂a{k} = w{above} × δ{above} = {number(WEIGHTS[i + 1])} "
        f"× {number(run.delta[i + 1])} = {number(run.d_activation[i])}."
    )


@canvas(460, 205)
def wiggle(ax: Axes, *, weight: int = 1, change: float = 0.1) -> str:
    """Three sigmoid units in a row; bars show how far each value moves when one weight moves."""
    blank(ax, 460, 205)
    before, height = passes(), 130.0
    moved = list(WEIGHTS)
    moved[weight - 1] += change
    after = passes(moved)
    centers = [(x, height) for x in CENTERS]
    unit(ax, centers[0], "x", above=number(INPUT))
    unit(ax, centers[4], "ℒ", above=number(after.loss))
    write(ax, (6, 194), "forward →", color=FORWARD, ha="left", fontsize=NOTE)
    edge(ax, centers[3], centers[4])
    write(ax, (CENTERS[4], height - 29), f"y = {number(TARGET)}", fontsize=NOTE)
    for k in range(1, 4):
        own = k == weight and change != 0
        edge(
            ax, centers[k - 1], centers[k], f"w{subscript(k)} = {number(moved[k - 1], 4)}",
            color=FORWARD if own else INK, width=2.6 if own else 1.4,
        )  # fmt: skip
        unit(ax, centers[k], "σ")
        write(
            ax, (CENTERS[k], height + 24), f"h{subscript(k)} = {number(after.h[k - 1])}\n"
            f"a{subscript(k)} = {number(after.a[k - 1])}", color=FORWARD, va="bottom",
        )  # fmt: skip
    if change == 0:
        return (
            f"No weight is changed: the network answers {number(before.a[-1])}, and the loss is "
            f"{before.loss:.5f}."
        )
    rates = np.append(after.a - before.a, after.loss - before.loss) / change
    _bars(ax, weight, rates)
    verb = "Raising" if change > 0 else "Lowering"
    return (
        f"{verb} w{subscript(weight)} by {number(abs(change))} takes the loss to "
        f"{after.loss:.5f}: {_signed(rates[3])} per unit of change."
    )


def _bars(ax: Axes, weight: int, rates: np.ndarray) -> None:
    """Draw a bar below each value that a weight moves."""
    for k, rate in enumerate(rates, start=1):
        if k < weight:
            write(ax, (CENTERS[k], 96), "still", fontsize=NOTE)
            continue
        length = min(abs(rate) * 350, 66.0)
        low = (104 if k < 4 else 92) - max(length, 1.0)  # below the loss stands its target
        bar(ax, (CENTERS[k], low), length, width=16, color=FORWARD if rate > 0 else COLORS[3])
        write(ax, (CENTERS[k], low - 5), _signed(rate), fontsize=NOTE, va="top")
    write(
        ax, (6, 10), "bars: change of a₁, a₂, a₃ and ℒ, per unit of change of the weight",
        ha="left", fontsize=NOTE,
    )  # fmt: skip


def _signed(value: float) -> str:
    return f"{value:+.2g}".replace("-", "−")
