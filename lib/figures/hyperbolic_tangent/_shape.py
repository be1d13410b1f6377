"""The function tanh: its curve, its slope, and how much of a layer it saturates."""

import numpy as np
from matplotlib.axes import Axes

from lib import activations
from lib.figures.drawing import number
from lib.figures.style import COLORS, INK, label_ends, log_axis, panels
from lib.simulations.hyperbolic_tangent import QUANTILES, saturation_at

ACROSS = np.linspace(-6, 6, 481)
SPREADS = np.linspace(0.05, 5, 100)


@panels(2)
def stretched_sigmoid(
    axes: tuple[Axes, Axes],
    *,
    input_scale: float = 1.0,
    output_scale: float = 1.0,
    shift: float = 0.0,
) -> str:
    """The sigmoid, scaled and shifted, laid over tanh; on the right the slopes of both."""
    sigmoid, tanh = activations.sigmoid(), activations.tanh()
    left, right = axes
    stretched = output_scale * sigmoid(input_scale * ACROSS) + shift
    slope = output_scale * input_scale * sigmoid.derivative(input_scale * ACROSS)
    for ax, of_tanh, of_sigmoid in (
        (left, tanh(ACROSS), stretched),
        (right, tanh.derivative(ACROSS), slope),
    ):
        ax.plot(ACROSS, of_tanh, color=COLORS[0], linewidth=5, alpha=0.45, label="tanh")
        ax.plot(ACROSS, of_sigmoid, color=COLORS[1], label="sigmoid")
    left.set(xlabel="Input x", ylabel="Output", xlim=(-6, 6), ylim=(-1.8, 4.6))
    label_ends(left, room=0.3)
    right.set(xlabel="Input x", ylabel="Slope", xlim=(-6, 6), ylim=(-0.04, 2))
    right.set_yticks([0, 0.25, 1, 2], ["0", "1/4", "1", "2"])
    apart = float(np.abs(stretched - tanh(ACROSS)).max())
    formula = f"{_factor(output_scale)}σ({_factor(input_scale)}x){_summand(shift)}"
    if apart < 1e-12:
        return f"{formula} and tanh(x) are the same function, with slope 1 at 0."
    return (
        f"{formula} and tanh(x) are up to {apart:.3f} apart on this stretch. "
        f"Slopes at 0: {number(float(slope.max()))} and 1."
    )


def two_slopes(ax: Axes, *, x: float = 0.0) -> str:
    """The slopes of the sigmoid and of tanh against the input, with their crossing."""
    slopes = {name: activations.get(name).derivative for name in ("tanh", "sigmoid")}
    across = np.linspace(0, 6, 241)
    here = {name: float(slope(np.float64(x))) for name, slope in slopes.items()}
    for color, (name, slope) in zip(COLORS, slopes.items(), strict=False):
        ax.plot(across, slope(across), color=color)
        ax.plot([x], [here[name]], "o", color=color, markersize=8)
    ax.text(3.9, 3e-4, "tanh", color=COLORS[0], ha="right")
    ax.text(4.2, 0.03, "sigmoid", color=COLORS[1])
    crossing = 2 * np.arccosh((1 + np.sqrt(3)) / 2)
    ax.axvline(crossing, color=INK, linestyle="--", linewidth=1)
    ax.set(xlabel="Input x", ylabel="Slope", xlim=(0, 6))
    log_axis(ax.yaxis)
    ax.set_ylim(1e-5, 2)
    ratio = here["tanh"] / here["sigmoid"]
    return (
        f"At x = {x:g} tanh has slope {here['tanh']:.2g} and the sigmoid {here['sigmoid']:.2g}: "
        f"a ratio of {ratio:.2g}. They cross at {crossing:.3f}."
    )


@panels(2)
def scaled_tanh(axes: tuple[Axes, Axes], *, stretch: float = 2 / 3) -> str:
    """A tanh scaled to pass through (1, 1) on the left, and its curvature on the right."""
    across = np.linspace(-3, 3, 481)
    amplitude = 1 / np.tanh(stretch)
    inner = np.tanh(stretch * across)
    curvature = 2 * amplitude * stretch**2 * np.abs(inner) * (1 - inner**2)
    peak = float(np.arctanh(1 / np.sqrt(3)) / stretch)
    left, right = axes
    left.plot(across, across, color=COLORS[5], linewidth=1, linestyle="--")
    left.plot(across, amplitude * inner, color=COLORS[0])
    left.plot([-1, 1], [-1, 1], "o", color=INK, markersize=6)
    left.set(xlabel="Input x", ylabel="Output", xlim=(-3, 3), ylim=(-3, 3))
    right.plot(across, curvature, color=COLORS[1])
    for side in (-1, 1):
        right.axvline(side, color=INK, linestyle="--", linewidth=1)
    highest = 4 * amplitude * stretch**2 / (3 * np.sqrt(3))
    right.plot([-peak, peak], [highest, highest], "o", color=COLORS[1], markersize=7)
    right.set(xlabel="Input x", ylabel="Curvature", xlim=(-3, 3), ylim=(0, 2.3))
    return (
        f"{amplitude:.4f} tanh({stretch:.3g}x): slope {amplitude * stretch:.3f} at 0, "
        f"curvature largest at x = ±{peak:.3f}."
    )


@panels(2)
def saturation(axes: tuple[Axes, Axes], *, activation: str = "tanh", spread: float = 1.0) -> str:
    """Outputs of units with normal inputs, and the share of saturated ones against the spread."""
    phi = activations.get(activation)
    left, right = axes
    low, high = float(phi.range.inf), float(phi.range.sup)
    output = phi(spread * QUANTILES)
    weights = np.full(output.size, 1 / output.size)
    left.hist(output, bins=21, range=(low, high), weights=weights, color=COLORS[0], alpha=0.6)
    left.set(xlabel="Output", ylabel="Share of units", xlim=(low, high), ylim=(0, 0.5))
    left.set_xticks(np.linspace(low, high, 5))
    curves = np.array([saturation_at(activation, s) for s in SPREADS])
    share, mean_square = saturation_at(activation, spread)
    for column, (here, label) in enumerate(((share, "saturated"), (mean_square, "squared slope"))):
        right.plot(SPREADS, curves[:, column], color=COLORS[1 + column], label=label)
        right.plot([spread], [here], "o", color=COLORS[1 + column], markersize=7)
    right.set(xlabel="Spread of the inputs", ylabel="Share", xlim=(0, 5), ylim=(0, 1.02))
    label_ends(right, room=0.4)
    return (
        f"{phi.label}, spread {spread:g}: {share:.1%} of the units are saturated, and the mean "
        f"squared slope is {mean_square:.3f} of its largest value."
    )


def _factor(value: float) -> str:
    return "" if value == 1 else f"{value:g}"


def _summand(value: float) -> str:
    return "" if value == 0 else f" {'−' if value < 0 else '+'} {abs(value):g}"
