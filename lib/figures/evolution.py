"""Figures of the chapter on the evolution of activation functions."""

import numpy as np
from matplotlib.axes import Axes

from lib import activations
from lib.figures.drawing import write
from lib.figures.style import COLORS, INK, LINE_STYLES, count, log_axis, panels, power_of_ten, tall
from lib.simulations.underflow import leaves_range, product

ACROSS = np.linspace(-6, 8, 561)
LAYERS = 100
SHRINKING, GROWING = (-50, 2), (-2, 32)  # range of the vertical axis, in powers of ten
FORMATS = ("float16", "float32")


@tall(205, title=False)
def product_of_slopes(ax: Axes, *, factor: float = 0.25, depth: int = 20) -> str:
    """Product of equal factors against the number of layers, and where number formats end."""
    found = product(factor)
    layer = np.arange(1, LAYERS + 1)
    exact = found.log10_products[:LAYERS]
    ax.plot(layer, 10.0**exact, color=COLORS[0])
    ax.plot([depth], [10.0 ** exact[depth - 1]], "o", color=INK, markersize=7)
    ax.set(xlabel="Layers", ylabel="What is left", xlim=(0, LAYERS))
    log_axis(ax.yaxis)
    lowest, highest = SHRINKING if factor <= 1 else GROWING
    ax.set_ylim(10.0**lowest, 10.0**highest)
    _label_formats(ax, factor)
    left = (
        f"After {count(depth, 'layer')}, {power_of_ten(exact[depth - 1])} of the gradient is left"
    )
    if factor == 1:
        return f"{left}, and so it would be after any number of layers."
    when = [f"in {name} at layer {leaves_range(factor, name)}" for name in FORMATS]
    ends = " and ".join(when)
    if factor > 1:
        return f"{left}. It overflows {ends}."
    zero = found.float16.first_zero
    stuck = power_of_ten(np.log10(float(found.float16.value))) if zero is None else ""
    finally_ = f"becomes 0 at layer {zero}" if zero else f"never becomes 0: it stays at {stuck}"
    return f"{left}. It begins to lose digits {ends}. In float16 it {finally_}."


def _label_formats(ax: Axes, factor: float) -> None:
    """Mark where each format ends, with its name on the side that the product leaves free."""
    right = factor < 0.6 or factor > 1.3 or factor == 1
    if factor > 1:
        _end(ax, 65504.0, "largest float16: {}", color=COLORS[2], right=right)
        return
    digits, half, single = 2.0**-14, 2.0**-24, 2.0**-149
    lost = power_of_ten(float(np.log10(digits)))
    ax.axhline(digits, color=COLORS[2], linewidth=1, linestyle=":")
    told = f"float16 loses digits: {lost}\nsmallest float16: {{}}"
    _end(ax, half, told, color=COLORS[2], right=right, below=True)
    aside = right and not 0.2 < factor < 0.6  # where the product comes down on the right
    _end(ax, single, "smallest float32: {}", color=COLORS[1], right=aside)


def _end(ax: Axes, end: float, told: str, *, color: str, right: bool, below: bool = False) -> None:
    ax.axhline(end, color=color, linewidth=1, linestyle="--")
    ax.annotate(
        told.format(power_of_ten(float(np.log10(end)))), (98 if right else 2, end),
        xytext=(0, -3 if below else 3), textcoords="offset points",
        ha="right" if right else "left", va="top" if below else "bottom",
        color=color, fontsize=11,
    )  # fmt: skip


@panels(2)
def side_by_side(axes: tuple[Axes, Axes], *, activation: str = "relu") -> str:
    """An activation function and its slope, over the dotted sigmoid and the slope of it."""
    phi, sigmoid = activations.get(activation), activations.sigmoid()
    left, right = axes
    left.plot(ACROSS, sigmoid(ACROSS), LINE_STYLES[3], color=COLORS[5])
    left.plot(ACROSS, phi(ACROSS), color=COLORS[0])
    right.plot(ACROSS, sigmoid.derivative(ACROSS), LINE_STYLES[3], color=COLORS[5])
    right.plot(ACROSS, phi.derivative(ACROSS), color=COLORS[1])
    left.set(xlabel="Input", title=phi.label, xlim=(-6, 8), ylim=(-2, 8))
    right.set(xlabel="Input", title="Slope", xlim=(-6, 8), ylim=(-0.6, 1.7))
    write(left, (-5.8, -0.7), "dotted: sigmoid", color=COLORS[5], ha="left", fontsize=11)
    for ax in axes:
        ax.axhline(0, color=INK, linewidth=0.8)
    slope = phi.derivative(np.array([-2.0, 0.0, 2.0]))
    told = ", ".join(f"{value:.3g}".replace("-", "−") for value in slope)
    return f"{phi.label}: slopes {told} at −2, 0 and 2; at most {float(phi.sup_slope):.3g}."
