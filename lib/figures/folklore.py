"""Figures of the chapter on folklore: book/folklore.md."""

import numpy as np
from matplotlib.axes import Axes

from lib import activations
from lib.figures.style import COLORS, INK, label_ends, legend_above, log_axis, power_of_ten
from lib.simulations.folklore import (
    ACTIVATIONS,
    DEPTH,
    MANY,
    WEIGHT_SCALES,
    log_ratios,
    mean_slope,
    sweep,
)
from lib.theory import finite_width, mean_field

EDGES = np.linspace(-8, 4, 49)


def rules_of_thumb(ax: Axes, *, activation: str = "relu", weight_scale: float = 1.4142) -> str:
    """Gradient by layer of simulated networks, and what three rules predict for it."""
    if activation not in ACTIVATIONS or weight_scale not in WEIGHT_SCALES:
        raise ValueError(
            f"activation must be one of {ACTIVATIONS} and weight_scale one of {WEIGHT_SCALES}; "
            f"got {activation!r} and {weight_scale!r}"
        )
    at = ACTIVATIONS.index(activation), WEIGHT_SCALES.index(weight_scale)
    layer = np.arange(1, DEPTH + 1)
    profile = sweep().log10_gradient_norm[at][0]
    profile = profile - profile[:, -1:]
    phi = activations.get(activation)
    theory = mean_field.log10_gradient(phi, depth=DEPTH, weight_variance=weight_scale**2)
    slopes = {"mean slope": mean_slope(activation), "largest slope": float(phi.sup_slope)}
    ax.fill_between(
        layer, 10.0 ** profile.min(axis=0), 10.0 ** profile.max(axis=0), color=COLORS[0],
        alpha=0.25, linewidth=0,
    )  # fmt: skip
    ax.plot(layer, 10.0 ** np.median(profile, axis=0), color=COLORS[0], label="simulated")
    for (name, slope), color in zip(slopes.items(), COLORS[1:], strict=False):
        ax.plot(layer, slope ** (DEPTH - layer), color=color, label=name)
    ax.plot(layer, 10.0**theory, "--", color=INK, linewidth=1.2, label="mean-square slope")
    ax.set(xlabel="Layer (the loss is on the right)", ylabel="Gradient, relative", xlim=(0, DEPTH))
    log_axis(ax.yaxis)
    ax.set_ylim(1e-26, 1e16)
    label_ends(ax, room=0.4, left=True)
    told = (DEPTH - 1) * np.log10(list(slopes.values()))
    return (
        f"Reaching layer 1: simulated {power_of_ten(float(np.median(profile[:, 0])))}, from the "
        f"mean slope {power_of_ten(told[0])}, from the largest slope {power_of_ten(told[1])}, "
        f"from weights and mean-square slope {power_of_ten(theory[0])}."
    )


def mean_and_typical(ax: Axes, *, width: int = 32, depth: int = 30) -> str:
    """Distribution of the gradient's size over ReLU networks with He's weights, by width."""
    log10 = log_ratios(width, depth) / np.log(10) / 2
    counts, _ = np.histogram(log10, EDGES)
    ax.stairs(counts / MANY, EDGES, fill=True, color=COLORS[0], alpha=0.5)
    median = float(np.median(log10[np.isfinite(log10)]))  # some networks are dead from the start
    ax.axvline(median, color=COLORS[0], label="typical (median)")
    ax.axvline(0, color=INK, linestyle="--", linewidth=1.2, label="root mean square")
    ax.set(
        xlabel="Gradient at layer 1, relative (power of ten)", ylabel="Share of networks",
        xlim=(-8, 4), ylim=(0, 0.6),
    )  # fmt: skip
    legend_above(ax)
    drift = (depth - 1) * finite_width.relu_layer(width).mean / np.log(10) / 2
    return (
        f"On average nothing is lost in {depth} layers of {width} units; of those that are not "
        f"dead, the median network keeps {power_of_ten(median)} of the gradient "
        f"(predicted {power_of_ten(drift)})."
    )
