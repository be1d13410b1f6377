"""Figures of the page on optimizers: book/optimizers.md."""

import numpy as np
from matplotlib.axes import Axes

from lib import experiments
from lib.experiments import adaptive, transfer
from lib.figures.style import (
    COLORS,
    INK,
    legend_above,
    log_axis,
    panels,
    power_of_ten,
    superscript,
    tall,
)
from lib.simulations.optimizers import first_ratios

RULE_OF_THUMB = 1e-3
LEAST_SCALE = -4  # power of ten of the smallest factor of the gradients
MEMORIES = (0.999, 0.99, 0.95)


@tall(215)
def first_step(ax: Axes, *, hidden: int = 10, scale: int = 0, epsilon: int = -8) -> str:
    """Update-to-weight ratio by layer of the first step, under three rules."""
    layer = np.arange(1, hidden + 2)
    names = {"sgd": "gradient descent", "adam": "Adam", "sign": "sign"}
    first = {}
    for (rule, name), color, style in zip(names.items(), COLORS, ("o-", "s-", "--"), strict=False):
        # What a rule does not depend on is not computed again.
        ratios = first_ratios(
            hidden, rule, 0 if rule == "sign" else scale, epsilon if rule == "adam" else 0
        )
        first[rule] = power_of_ten(float(np.log10(ratios[0])))
        ax.plot(layer, ratios, style, color=color, markersize=4, label=name)
    ax.axhline(RULE_OF_THUMB, color=INK, linewidth=1, linestyle=":")
    legend_above(ax)
    ax.set(xlabel="Layer (the loss is on the right)", ylabel="Update / weight", xlim=(0.5, 21.5))
    log_axis(ax.yaxis)
    # One axis for all scales of a depth: a decade below the shortest step of the smallest scale.
    shortest = first_ratios(hidden, "sgd", LEAST_SCALE, 0)[0]
    ax.set_ylim(10.0 ** (np.floor(np.log10(shortest)) - 1), 1)
    factor = f"10{superscript(scale)}" if scale else "1"
    return (
        f"Gradients times {factor}, epsilon 10{superscript(epsilon)}: "
        f"layer 1 moves by {first['sgd']} of its size under gradient descent, "
        f"by {first['adam']} under Adam, by {first['sign']} under sign descent."
    )


def spike(ax: Axes, *, factor: float = 100.0) -> str:
    """Steps of Adam after a steady gradient has suddenly grown, by the decay of the mean square."""
    largest = []
    for second, color in zip(MEMORIES, COLORS, strict=False):
        path = adaptive.after_a_jump(factor, second, 60)
        largest.append(float(path.max()))
        ax.plot(np.arange(len(path)), path, color=color, label=f"β₂ = {second:g}")
    legend_above(ax)
    ax.set(xlabel="Steps after the jump", ylabel="Step / learning rate", xlim=(0, 60))
    ax.set_ylim(0, 7)
    told = ", ".join(f"{size:.1f}" for size in largest)
    return f"After a jump by a factor of {factor:g} the largest steps are {told} learning rates."


@panels(2)
def by_width(axes: tuple[Axes, Axes], *, width: int = 32) -> str:
    """Loss against learning rate for every width so far, under two parametrizations."""
    found = experiments.load("transfer")
    widths, rates = found["widths"], found["rates"]
    told = []
    for ax, losses, name in zip(axes, found["loss by width"], ("Standard", "μP"), strict=True):
        shown = widths <= width
        told.append(_curves(ax, rates, losses[shown], widths[shown]))
        ax.set_title(name, loc="right")
    return f"At width {width} the best rate is {told[0]} (standard) and {told[1]} (μP)."


@panels(3)
def by_depth(axes: tuple[Axes, Axes, Axes], *, depth: int = 2) -> str:
    """Loss against learning rate for every number of branches so far, under three rules."""
    found = experiments.load("transfer")
    depths, rates = found["depths"], found["rates"]
    names = ("scale 1", "scale 1/√L", "1/√L, rate too")
    told = []
    for ax, losses, name in zip(axes, found["loss by depth"], names, strict=True):
        shown = depths <= depth
        told.append(_curves(ax, rates, losses[shown], depths[shown]))
        ax.set_title(name, loc="right")
    return f"With {depth} branches the best rates are {told[0]}, {told[1]} and {told[2]}."


def _curves(ax: Axes, rates: np.ndarray, losses: np.ndarray, sizes: np.ndarray) -> str:
    """Draw a curve for each size, the last one strong; return its best rate."""
    power = np.log2(rates)
    for size, loss in zip(sizes, losses, strict=True):
        last = size == sizes[-1]
        mean = loss.mean(axis=-1)
        color = COLORS[0] if last else COLORS[5]
        ax.plot(power, mean, color=color, linewidth=2.4 if last else 1.0)
        at = int(transfer.best(loss))
        ax.plot(power[at], mean[at], "o", color=COLORS[1] if last else COLORS[5], markersize=7)
    log_axis(ax.yaxis)
    ax.set(xlabel="Learning rate, power of 2", ylabel="Loss", xlim=(power[0], power[-1]))
    ax.set_ylim(1e-3, 10)
    return f"2{superscript(round(float(power[at])))}"
