"""Figures of the chapter on residual connections: book/residual.md."""

import numpy as np
from matplotlib.axes import Axes

from lib.figures.style import COLORS, INK, legend_above, log_axis, power_of_ten
from lib.simulations.residual import profiles, shares_by_length

DEEPEST = 60


def with_and_without(
    ax: Axes, *, activation: str = "tanh", scale: str = "none", depth: int = 30
) -> str:
    """Gradient by layer of networks with residual connections, measured and, dashed, predicted."""
    measured, theory = profiles(activation, scale, depth)
    layer = np.arange(1, depth + 1)
    low, middle, high = (10.0 ** np.quantile(measured, q, axis=0) for q in (0, 0.5, 1))
    ax.fill_between(layer, low, high, color=COLORS[0], alpha=0.25, linewidth=0)
    ax.plot(layer, middle, color=COLORS[0], label="measured")
    ax.plot(layer, 10.0**theory, "--", color=INK, linewidth=1.2, label="predicted")
    legend_above(ax)
    ax.set(
        xlabel="Layer (the loss is on the right)", ylabel="Gradient, relative", xlim=(0, DEEPEST)
    )
    log_axis(ax.yaxis)
    ax.set_ylim(1e-40, 1e12)
    reached = float(np.median(measured[:, 0]))
    return (
        f"At layer 1 of {depth}: measured {power_of_ten(reached)}, predicted "
        f"{power_of_ten(theory[0])} of the gradient at the last layer."
    )


def path_lengths(ax: Axes, *, depth: int = 50, scale: str = "full") -> str:
    """Share of the squared gradient by the number of layers it went through, ReLU and He."""
    lengths = np.arange(0, 101)
    shares, (low, high), mean = shares_by_length(depth, scale)
    ax.vlines(lengths, 0, shares / shares.max(), color=COLORS[0], linewidth=3)
    ax.set(
        xlabel="Layers on the path", ylabel="Share / largest share", xlim=(-1, 101), ylim=(0, 1.05)
    )
    told = f"Of {depth} branches the squared gradient goes through {mean:.1f} on average"
    if low == high:
        return f"{told}, and all of it through that many."
    return f"{told}; nine tenths of it through {low:.0f} to {high:.0f}."
