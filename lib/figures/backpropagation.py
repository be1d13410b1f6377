"""Drawings of backpropagation, by hand and in a layer: book/activation-functions.md."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

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
    matrix,
    number,
    subscript,
    unit,
    write,
)
from lib.figures.style import COLORS, INK, power_of_ten

# The chain of three units that the chapter works through by hand.
INPUT, TARGET, WEIGHTS = 0.5, 1.0, (2.0, 2.0, -1.0)
STEPS = 9  # of the walk back; step 0 is what the forward pass has found
NOTE = 12.0  # size of what stands beside the drawing, as large as the gaps allow
CENTERS = (26.0, 124.0, 229.0, 334.0, 434.0)  # input, three units, loss

# The layer of the second section: two units that listen to three.
LAYER = np.array([[1.0, -2.0, 0.5], [0.5, 1.0, 2.0]])
HEARD = np.array([0.6, 0.2, 0.8])
ERROR = np.array([0.4, -0.2])

# Two layers of one unit, and two examples whose targets only the first layer can tell apart.
EXAMPLES = ((1.0, 1.0), (-1.0, 0.0))
FIRST, LAST = -5.0, 1.0


@dataclass(frozen=True)
class Passes:
    """What one forward and one backward pass of a chain of sigmoid units compute.

    Attributes
    ----------
    h, a, slope, delta, d_weight : ndarray, shape (units,)
        Pre-activations, activations, slopes, error signals dL/dh, and dL/dw, of each unit.
    d_activation : ndarray, shape (units,)
        dL/da of each unit.
    loss : float
        Half the squared error.
    """

    h: np.ndarray
    a: np.ndarray
    slope: np.ndarray
    delta: np.ndarray
    d_weight: np.ndarray
    d_activation: np.ndarray
    loss: float


def passes(weights: Sequence[float] = WEIGHTS, x: float = INPUT, y: float = TARGET) -> Passes:
    """Run a chain of sigmoid units forward, and its squared loss backward.

    >>> found = passes()
    >>> print(f"{found.loss:.4f}", found.d_weight.round(5))
    0.2398 [ 0.00443  0.01647 -0.11972]
    """
    h, a = [], [x]
    for w in weights:
        h.append(w * a[-1])
        a.append(float(_sigmoid(h[-1])))
    slope = np.array([value * (1 - value) for value in a[1:]])
    d_activation, delta = np.empty(len(h)), np.empty(len(h))
    arriving = a[-1] - y
    for i in reversed(range(len(h))):
        d_activation[i] = arriving
        delta[i] = arriving * slope[i]
        arriving = delta[i] * weights[i]
    return Passes(
        h=np.array(h), a=np.array(a[1:]), slope=slope, delta=delta,
        d_weight=delta * np.array(a[:-1]), d_activation=d_activation, loss=(a[-1] - y) ** 2 / 2,
    )  # fmt: skip


def _sigmoid(h: Any) -> Any:
    return 1 / (1 + np.exp(-h))


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
    verb = "Raising" if change > 0 else "Lowering"
    return (
        f"{verb} w{subscript(weight)} by {number(abs(change))} takes the loss to "
        f"{after.loss:.5f}: {_signed(rates[3])} per unit of change."
    )


def _signed(value: float) -> str:
    return f"{value:+.2g}".replace("-", "−")


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
            edge(
                ax, start, end, number(LAYER[i, j]) if here else None, width=2.4 if here else 0.8,
                color=color if here else COLORS[5], label_color=color, arrow=here,
                along=near if forward else 1 - near, side=13 if forward else -13,
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
    return _sum_told(forward, chosen)


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


def two_layer_gradients(first: float, last: float) -> tuple[float, float, float]:
    """Loss and both derivatives of ``last * sigmoid(first * x)``, added over the two examples.

    Returns
    -------
    tuple of three floats
        Loss, dL/dw_1 and dL/dw_2.

    >>> [round(value, 4) for value in two_layer_gradients(-5.0, 1.0)]
    [0.9867, -0.0132, 0.98]
    """
    loss, d_first, d_last = 0.0, 0.0, 0.0
    for x, y in EXAMPLES:
        a = float(np.exp(-np.logaddexp(0, -first * x)))
        error = last * a - y
        loss += error**2 / 2
        d_last += error * a
        d_first += error * last * a * (1 - a) * x
    return loss, d_first, d_last


def descend(rate: float, steps: int) -> np.ndarray:
    """Both weights at each step of gradient descent from ``(FIRST, LAST)``.

    Returns
    -------
    ndarray, shape (steps + 1, 2)
    """
    weights = [(FIRST, LAST)]
    for _ in range(steps):
        _, d_first, d_last = two_layer_gradients(*weights[-1])
        weights.append((weights[-1][0] - rate * d_first, weights[-1][1] - rate * d_last))
    return np.array(weights)


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
    if rate * _curvature() > 2:
        return told + (
            f"Every step of w₂ lands farther out: after 20 steps it is at {_size(path[20, 1])}."
        )
    return told + (
        f"After 20 steps w₂ is at {number(path[20, 1], 2)}, and w₁ still at "
        f"{number(path[20, 0], 4)}."
    )


def _size(value: float) -> str:
    return ("−" if value < 0 else "") + power_of_ten(float(np.log10(abs(value))))


def _curvature() -> float:
    """Second derivative of the loss with respect to the last weight: it sets the largest rate."""
    return float(sum(np.exp(-2 * np.logaddexp(0, -FIRST * x)) for x, _ in EXAMPLES))


def _line(
    ax: Axes,
    y: float,
    name: str,
    move: tuple[float, float],
    slope: float,
    goal: tuple[float, float] | None,
) -> None:
    """A number line from -7 to 7 with a weight, one step of it, and where it ought to go."""
    middle, scale = 245.0, 26.0

    def place(value: float) -> float:
        return middle + scale * value

    ax.plot([place(-7), place(7)], [y, y], color=INK, linewidth=1)
    for tick in (-6, -3, 0, 3, 6):
        ax.plot([place(tick)] * 2, [y - 3, y + 3], color=INK, linewidth=1)
        write(ax, (place(tick), y - 6), number(tick), va="top", fontsize=NOTE)
    if goal is None:
        best = sum(t * _sigmoid(FIRST * x) for x, t in EXAMPLES) / _curvature()
        ax.plot([place(best)], [y], "o", color=COLORS[2], markersize=9)
        write(
            ax,
            (place(best), y + 9),
            "lowest loss",
            color=COLORS[2],
            va="bottom",
            ha="right",
            fontsize=NOTE,
        )
    else:
        ax.plot([place(goal[0]), place(goal[1])], [y, y], color=COLORS[2], linewidth=5, alpha=0.6)
        write(
            ax,
            (place(3.5), y + 9),
            "w₁ must get here",
            color=COLORS[2],
            va="bottom",
            fontsize=NOTE,
        )
    write(ax, (8, y + 16), name, ha="left")
    write(ax, (8, y - 4), f"∂ℒ/∂{name}", ha="left", va="center", color=BACKWARD, fontsize=NOTE)
    write(ax, (8, y - 18), number(slope), ha="left", va="center", color=BACKWARD, fontsize=NOTE)
    start, end = move
    stop = float(np.clip(end, -7.3, 7.3))
    ax.plot([place(start)], [y], "o", color=FORWARD, markersize=8)
    if abs(stop - start) * scale > 3:
        edge(
            ax, (place(start), y + 3), (place(stop), y + 3), color=FORWARD, width=2.4, gap=0, bend=0
        )
    if stop != end:
        write(
            ax,
            (place(stop), y + 8),
            f"to {number(end)}",
            color=FORWARD,
            va="bottom",
            fontsize=NOTE,
            ha="left" if stop < 0 else "right",
        )
