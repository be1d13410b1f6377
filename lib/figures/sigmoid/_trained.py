"""Sigmoid networks in training: depth, waiting, borders in the plane."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import NullLocator

from lib import activations, datasets, experiments
from lib.figures.bands import band
from lib.figures.drawing import canvas
from lib.figures.sigmoid._curve import WIDE, plot_on
from lib.figures.style import COLORS, INK, log_axis, panels, power_of_ten
from lib.simulations.sigmoid import EXTENT, PLANE, POINTS, trained_plane

MOST_UNITS = 8


@panels(2)
def composed(axes: tuple[Axes, Axes], *, layers: int = 1) -> str:
    """A sigmoid applied to its own output again and again, and the largest slope it can have."""
    left, right = axes
    across = np.linspace(-8, 8, 161)
    output = across
    for layer in range(1, layers + 1):
        output = 1 / (1 + np.exp(-output))
        color, width = (COLORS[0], 2.6) if layer == layers else (COLORS[5], 1.0)
        left.plot(across, output, color=color, linewidth=width)
    left.set(xlabel="Input x", title="Forward: last output", xlim=(-8, 8), ylim=(-0.02, 1.02))
    left.set_xticks(range(-8, 9, 4))
    count = np.arange(layers + 1)
    bars = right.bar(count, 0.25**count, color=COLORS[5], width=0.7)
    bars[-1].set_color(COLORS[0])
    right.text(0.5, 0.92, "no sigmoid", va="center", fontsize=11)
    right.set(xlabel="Sigmoids in a row", title="Backward: largest slope", ylim=(0, 1.02))
    right.set(xlim=(-0.6, MOST_UNITS + 0.6), xticks=range(0, MOST_UNITS + 1, 2))
    return (
        f"Outputs from {output[0]:.5f} to {output[-1]:.5f}; the slope is at most 1 part in "
        f"{4**layers:,}."
    )


@canvas(*WIDE)
def deep_networks_learn(ax: Axes, *, hidden: int = 3) -> str:
    """Share of training digits that sigmoid networks get right, beside three and ten layers."""
    plot_on(ax, *WIDE)
    results = experiments.load("saturation")
    right = 100 * results[f"train_accuracy sigmoid {hidden}"]
    band(ax, results["epochs"], right)
    for known, place in ((3, (9, 82)), (10, (9, 17))):
        ax.text(*place, f"{known} layers", fontsize=13)
        if known != hidden:
            others = np.median(100 * results[f"train_accuracy sigmoid {known}"], axis=1)
            ax.plot(results["epochs"], others, color=COLORS[5], zorder=1)
    ax.axhline(10, color=INK, linestyle="--", linewidth=1)
    ax.text(59, 12, "guessing", ha="right", va="bottom", fontsize=13)
    ax.set(xlabel="Epoch", xlim=(0, results["epochs"][-1]), ylim=(0, 103))
    ax.set_ylabel("Training digits right, %")
    ax.set_title("Line: median of five networks, band: all of them", fontsize=12)
    rate = float(results[f"rate sigmoid {hidden}"])
    layers = "1 hidden layer" if hidden == 1 else f"{hidden} hidden layers"
    low, high = f"{right[-1].min():.0f}", f"{right[-1].max():.0f}"
    share = f"{low} percent" if low == high else f"{low} to {high} percent"
    size = results[f"error_norm sigmoid {hidden}"]
    first = power_of_ten(float(np.log10(np.median(size[0] / size[-1]))), digits=0)
    start = "" if hidden == 1 else f" First gradient / last, at the start: {first}."
    return (
        f"{layers[0].upper()}{layers[1:]}: {share} right after {results['epochs'][-1]:.0f} epochs "
        f"({right.shape[1]} networks, rate {rate:g}, the best of five).{start}"
    )


@canvas(*WIDE)
def waiting_time(ax: Axes, *, hidden: int = 4) -> str:
    """Epochs until a sigmoid network begins to learn, against the number of its hidden layers."""
    plot_on(ax, *WIDE)
    results = experiments.load("waiting")
    shown = results["hidden"] <= hidden
    depths, waits = results["hidden"][shown], results["wait"][shown]
    for depth, own in zip(depths, waits, strict=True):
        ax.plot([depth] * len(own), own, "o", color=COLORS[0], alpha=0.5, markersize=6)
    ax.plot(depths, np.median(waits, axis=1), color=COLORS[0])
    ax.axhline(60, color=INK, linestyle="--", linewidth=1)
    ax.text(9.9, 66, "60 epochs", ha="right", va="bottom", fontsize=13)
    ax.set(xlabel="Hidden layers", ylabel="Epochs of waiting", xlim=(2.5, 10.5))
    log_axis(ax.yaxis)
    ax.set_ylim(1, 1e5)
    ax.xaxis.set_minor_locator(NullLocator())
    last = waits[-1]
    return (
        f"With {hidden} hidden layers more than a fifth of the digits are right after "
        f"{last.min():.0f} to {last.max():.0f} epochs (each dot one of {len(last)} networks, "
        f"learning rate 3)."
    )


@panels(3)
def border(axes: tuple[Axes, Axes, Axes], *, activation: str = "linear") -> str:
    """Three sets of two classes of points, and the border that a network draws in each of them."""
    shares = []
    for ax, points in zip(axes, EXTENT, strict=True):
        places, labels = getattr(datasets, points)(POINTS, rng=1)
        logits, right = trained_plane(points, activation)
        shares.append(f"{right:.0%}")
        across, levels = EXTENT[points] * PLANE, [-np.inf, 0.0, np.inf]
        ax.contourf(across, across, logits, levels=levels, colors=COLORS[:2], alpha=0.18)
        for label in (0, 1):
            own = places[labels == label]
            ax.plot(own[:, 0], own[:, 1], ".", color=COLORS[label], markersize=5)
        ends = (across[0], across[-1])
        ax.set(title=points.capitalize(), xlim=ends, ylim=ends)
        ax.set_aspect("equal")
    between = (
        "no nonlinear function"
        if activation == "linear"
        else f"the activation function {activations.get(activation).label}"
    )
    told = f"{shares[0]}, {shares[1]} and {shares[2]}"
    return f"Hidden layers with {between}: {told} of the {POINTS} points are on the right side."
