"""Figures of the chapter on numbers that underflow: book/underflow.md."""

import numpy as np
from matplotlib.axes import Axes

from lib.figures.style import COLORS, INK, count, legend_above, power_of_ten, superscript
from lib.simulations.underflow import (
    DEEPEST,
    FORMATS,
    gradient_entries,
    product,
    rounded,
    share_that_moves,
)


def where_products_end(ax: Axes, *, slope: float = 0.25) -> str:
    """A product of equal slopes against depth, and where three number formats lose it."""
    found = product(slope)
    layer = np.arange(1, DEEPEST + 1)
    shown = np.unique(np.geomspace(1, DEEPEST, 200).astype(int)) - 1
    exact = np.maximum(found.log10_products[shown], -400)
    ax.plot(layer[shown], exact, color=INK, linewidth=1.2, label="exact")
    ends = {}
    for name, color in zip(("float16", "float32", "float64"), COLORS, strict=False):
        ends[name] = getattr(found, name).first_zero
        floor = np.log10(float(np.finfo(name).smallest_subnormal))
        ax.plot([1, DEEPEST], [floor, floor], color=color, linewidth=1, alpha=0.6)
        at = ends[name]
        ax.plot([at or np.nan], [floor], "o", color=color, label=name, clip_on=False)
        if at is None:
            ax.text(DEEPEST, floor + 4, f"{name} never", color=color, ha="right", fontsize=11)
    ax.set(xlabel="Layers", ylabel="Product, power of ten", xscale="log")
    ax.set(xlim=(1, DEEPEST), ylim=(-350, 10))
    legend_above(ax)
    told = ", ".join(
        f"{name} " + (f"after {count(end, 'layer')}" if end else "never")
        for name, end in ends.items()
    )
    return f"With slopes of {slope:g} the product becomes zero: in {told}; in truth never."


def lost_updates(ax: Axes, *, number_format: str = "float32", exponent: float = -6.0) -> str:
    """Share of weights that still move, against the size of the update, by number format."""
    exponents = np.arange(-20, 0.5, 0.5)
    for name, color in zip(FORMATS, COLORS, strict=False):
        chosen = name == number_format
        shares = [share_that_moves(name, e) for e in exponents]
        ax.plot(exponents, shares, color=color, linewidth=2.4 if chosen else 1.2, label=name)
    share = share_that_moves(number_format, exponent)
    ax.plot([exponent], [share], "o", color=INK)
    ax.set(
        xlabel="Size of updates, in units of the weights (power of ten)",
        ylabel="Share that moves", xlim=(-20, 0), ylim=(-0.02, 1.05),
    )  # fmt: skip
    legend_above(ax)
    relative = power_of_ten(exponent)
    return (
        f"Updates of {relative} of the weights' size change {share:.1%} of them in {number_format}."
    )


def loss_scaling(ax: Axes, *, exponent: int = 0) -> str:
    """Sizes of a network's gradients times a power of two, in the range of half precision."""
    entries = gradient_entries()
    scaled = entries * 2.0**exponent
    half = rounded(scaled, "float16").astype(np.float64)
    edges = np.arange(-64, 24, 2)
    counts, _ = np.histogram(np.log2(scaled), edges)
    ax.stairs(counts / entries.size, edges, fill=True, color=COLORS[0], alpha=0.5)
    for power, style in ((-24, ":"), (-14, "--"), (16, "-")):
        ax.axvline(power, color=INK, linestyle=style, linewidth=1.2)
    for middle, region in ((-44, "becomes 0"), (-19, "blurred"), (1, "full digits"), (19.5, "∞")):
        ax.text(middle, 0.252, region, ha="center", va="bottom", fontsize=10)
    ax.set(
        xlabel="Size of the scaled gradient (power of two)", ylabel="Share of entries",
        xlim=(-64, 22), ylim=(0, 0.25),
    )  # fmt: skip
    lost, over = np.mean(half == 0), np.mean(np.isinf(half))
    blurred = np.mean((half > 0) & (half < float(np.finfo(np.float16).smallest_normal)))
    return (
        f"Times 2{superscript(exponent)}: {lost:.1%} of the entries are lost to zero, "
        f"{blurred:.1%} have lost digits, {over:.1%} are infinite."
    )
