"""Gradients through time, from the last step to every step before."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection

from lib.figures.style import COLORS, INK, legend_above, log_axis, panels, power_of_ten, tall
from lib.simulations.rnn_lstm import (
    CELL_NETWORKS,
    LAGS,
    MAP_STEPS,
    NETWORKS,
    STEPS,
    cell_gradients,
    gradient_through_time,
    pair_maps,
)

LONGEST = 200
SMALLEST = -2.0  # the power of ten at which a square of the map has no size left


def through_time(
    ax: Axes, *, spectral_radius: float = 1.0, steps: int = 50, input_scale: float = 0.5,
    linear: bool = False,
) -> str:  # fmt: skip
    """Size of the gradient against the number of steps back in time, with powers of the radius."""
    profile = gradient_through_time(spectral_radius, input_scale, linear)[:, : steps + 1]
    back = np.arange(steps + 1)
    low, middle, high = (10.0 ** np.quantile(profile, q, axis=0) for q in (0, 0.5, 1))
    ax.fill_between(back, low, high, color=COLORS[0], alpha=0.25, linewidth=0)
    ax.plot(back, middle, color=COLORS[0], label="measured")
    ax.plot(back, spectral_radius**back, "--", color=INK, linewidth=1, label="radius to the power")
    ax.set(xlabel="Steps back in time", ylabel="Gradient, relative", xlim=(0, STEPS))
    log_axis(ax.yaxis)
    ax.set_ylim(1e-42, 1e20)
    legend_above(ax)
    end = np.median(profile[:, -1])
    per_step = 10 ** (end / steps)
    return (
        f"{steps} steps back, the gradient is {power_of_ten(end)} of what it was, a factor of "
        f"{per_step:.2f} per step (median of {NETWORKS} networks)."
    )


@tall(215, title=False)
def memory_span(ax: Axes, *, forget_bias: float = 1.0) -> str:
    """Share of a memory left after some steps, for a forget gate that stands at its bias."""
    gate = 1 / (1 + np.exp(-forget_bias))
    half_life = np.log(2) / np.log1p(np.exp(-forget_bias))
    steps = np.arange(LONGEST + 1)
    ax.plot(steps, gate**steps, color=COLORS[0])
    ax.plot([half_life], [0.5], "o", color=COLORS[1], markersize=8)
    ax.axhline(0.5, color=COLORS[5], linewidth=1, linestyle=":")
    ax.set(xlabel="Steps", ylabel="Share of the memory left", xlim=(0, LONGEST), ylim=(-0.02, 1.02))
    left = power_of_ten(100 * np.log10(gate))
    return (
        f"A bias of {forget_bias:g} opens the gate to {gate:.4f}. Half of the memory is left after "
        f"{half_life:.1f} steps, and {left} of it after 100."
    )


def direct_and_total(ax: Axes, *, forget_bias: float = 1.0, weight_scale: float = 1.0) -> str:
    """Derivative of a cell by its own past: the path through forget gates alone, and all paths."""
    back = np.arange(LAGS + 1)
    ends = []
    for profile, name, color in zip(
        cell_gradients(forget_bias, weight_scale), ("forget gates", "all paths"), COLORS,
        strict=False,
    ):  # fmt: skip
        low, middle, high = (10.0 ** np.quantile(profile, q, axis=0) for q in (0, 0.5, 1))
        ax.fill_between(back, low, high, color=color, alpha=0.25, linewidth=0)
        ax.plot(back, middle, color=color, label=name)
        ends.append(np.median(profile[:, -1]))
    ax.set(xlabel="Steps", ylabel="Derivative of a cell", xlim=(0, LAGS))
    log_axis(ax.yaxis)
    ax.set_ylim(1e-18, 1e8)
    legend_above(ax)
    direct, total = map(power_of_ten, ends)
    return (
        f"After {LAGS} steps, {direct} is left on the path through the forget gates, and {total} "
        f"over all paths (medians of {CELL_NETWORKS} networks)."
    )


@panels(3)
def all_pairs(axes: tuple[Axes, ...], *, weight_scale: float = 1.0, gate_bias: float = 1.0) -> str:
    """Gradient from every time step to every earlier one in an RNN, an LSTM and a GRU."""
    maps = pair_maps(weight_scale, gate_bias)
    reached = []
    for ax, (name, values), color in zip(axes, maps.items(), COLORS, strict=False):
        later, earlier = np.tril_indices(MAP_STEPS + 1)
        half = np.clip(1 - values[later, earlier] / SMALLEST, 0.02, 1)[:, None] * 0.48
        corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
        centers = np.stack([earlier, later], axis=1)
        squares = centers[:, None] + half[..., None] * corners
        ax.add_collection(PolyCollection(list(squares), facecolors=color, edgecolors="none"))
        ax.set(
            title=name, xlabel="Earlier time", xlim=(-0.7, MAP_STEPS + 0.7),
            ylim=(MAP_STEPS + 0.7, -0.7), xticks=[0, 8, 16], yticks=[0, 8, 16],
        )  # fmt: skip
        reached.append(f"{name} {power_of_ten(float(values[-1, 0]))}")
    axes[0].set_ylabel("Later time")
    return f"From step {MAP_STEPS} back to the start: {', '.join(reached)}."
