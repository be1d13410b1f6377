"""Deep ReLU networks at the start: size of the signal, likeness of inputs, dead units."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from lib.figures.style import COLORS, INK, label_ends, log_axis, panels, power_of_ten
from lib.simulations.relu import (
    DEEPEST,
    EXAMPLES,
    HIDDEN,
    INITIALIZATIONS,
    REPLICAS,
    WIDTHS,
    census,
    normalized_profile,
    unit_profile,
)


@panels(2)
def silent_and_dead(
    axes: tuple[Axes, Axes], *, bias: float = 0.0, weight_scale: float = 1.4142
) -> str:
    """By layer, the shares of silent outputs and of dead units, and how alike two inputs are."""
    layer = np.arange(1, HIDDEN + 1)
    silent, dead, likeness = census(bias, weight_scale)
    left, right = axes
    left.plot(layer, silent, "o-", color=COLORS[0])
    left.plot(layer, dead, "s-", color=COLORS[1])
    right.plot(layer, likeness, "D-", color=COLORS[2])
    for ax in axes:
        ax.set(xlabel="Hidden layer", xlim=(0.5, HIDDEN + 0.5), ylim=(-0.03, 1.03))
    above: dict[str, Any] = {"transform": left.transAxes, "va": "bottom"}
    left.text(0.0, 1.03, "● outputs that are 0", color=COLORS[0], ha="left", **above)
    left.text(1.0, 1.03, "■ dead units", color=COLORS[1], ha="right", **above)
    right.set_title("How alike two inputs are (cosine)", color=COLORS[2])
    return (
        f"In layer {HIDDEN}, {silent[-1]:.0%} of the outputs are 0, and {dead[-1]:.0%} of units on "
        f"all {EXAMPLES} examples. The pre-activations of two examples have a mean cosine of "
        f"{likeness[-1]:.2f}."
    )


@panels(2)
def initialized(axes: tuple[Axes, Axes], *, depth: int = 30) -> str:
    """Gradient by layer for three variances, measured in wide and narrow networks, and derived."""
    layer = np.arange(1, depth + 1)
    above = depth - layer
    reached: dict[int, list[str]] = {}
    for ax, width in zip(axes, WIDTHS, strict=True):
        reached[width] = []
        for (name, variance), color in zip(INITIALIZATIONS.items(), COLORS, strict=False):
            # Without biases the weights' scale changes no unit's sign: the profile only tilts.
            profile = unit_profile(width)[:, DEEPEST - depth :] + above * np.log10(variance) / 2
            low, middle, high = (10.0 ** np.quantile(profile, q, axis=0) for q in (0, 0.5, 1))
            ax.fill_between(layer, low, high, color=color, alpha=0.3, linewidth=0)
            ax.plot(layer, middle, color=color, label=name)
            ax.plot(layer, (variance / 2) ** (above / 2), "--", color=INK, linewidth=1)
            reached[width].append(power_of_ten(np.median(profile[:, 0])))
        ax.set(
            xlabel="Layer (the loss is on the right)", ylabel="Gradient, relative",
            xlim=(0, DEEPEST), title=f"{width} units wide",
        )  # fmt: skip
        log_axis(ax.yaxis)
        ax.set(ylim=(1e-23, 1e3), yticks=(1e-20, 1e-10, 1))
        label_ends(ax, room=0.43, left=True)
    wide, narrow = (", ".join(found) for found in reached.values())
    return (
        f"Dashed: derived. Bands: all {REPLICAS} networks. Medians at layer 1 of {depth}, for the "
        f"three variances: {wide} at width {WIDTHS[0]}; {narrow} at width {WIDTHS[1]}."
    )


@panels(2)
def batch_normalized(
    axes: tuple[Axes, Axes],
    *,
    weight_scale: float = 1.0,
    depth: int = 30,
    normalized: bool = False,
) -> str:
    """Gradient by layer of a ReLU chain, and, if switched on, with batch normalization."""
    layer = np.arange(1, depth + 1)
    above = depth - layer
    profile = np.median(normalized_profile(None)[:, DEEPEST - depth :], axis=0)
    without = profile + above * np.log10(weight_scale)
    with_it = np.median(normalized_profile("batch")[:, DEEPEST - depth :], axis=0)
    growth = np.pi / (np.pi - 1)
    for ax, shown, middle, factor, color, title in (
        (axes[0], True, without, weight_scale**2 / 2, COLORS[0], "without"),
        (axes[1], normalized, with_it, growth, COLORS[1], "with batch normalization"),
    ):
        if shown:
            ax.plot(layer, 10.0**middle, color=color)
            ax.plot(layer, factor ** (above / 2), "--", color=INK, linewidth=1)
        else:
            ax.text(depth / 2, 1e-8, "switched off", ha="center", color=COLORS[5])
        ax.set(
            xlabel="Layer (the loss is on the right)", ylabel="Gradient, relative",
            xlim=(0, depth + 1), title=title,
        )  # fmt: skip
        log_axis(ax.yaxis)
        ax.set(ylim=(1e-24, 1e9), yticks=(1e-20, 1e-10, 1, 1e5))
    told = f"is {power_of_ten(without[0])} without batch normalization"
    if normalized:
        told += f" and {power_of_ten(with_it[0])} with it"
    return f"σ_w = {weight_scale:g}: relative to layer {depth}, the gradient at layer 1 {told}."
