"""Figures of the chapter on RReLU: book/rrelu.md."""

import numpy as np
from matplotlib.axes import Axes

from lib import activations
from lib.figures.style import (
    COLORS,
    INK,
    label_sides,
    legend_above,
    log_axis,
    panels,
    power_of_ten,
    tall,
)
from lib.simulations.rrelu import REPLICAS, trained_outputs, training_profile

CONVENTION_LABELS = {"paper": "the paper's convention", "pytorch": "PyTorch's convention"}


@panels(2)
def sampled_slopes(
    axes: tuple[Axes, Axes], *, convention: str = "paper", draws: int = 1000, seed: int = 0
) -> str:
    """Randomly drawn negative sides of RReLU, and a histogram of their slopes."""
    phi = activations.rrelu(convention=convention)
    slopes = phi.sample(seed, draws)
    across = np.array([-4.0, 0.0, 4.0])
    left, right = axes
    for slope in slopes[:10]:
        left.plot(across, np.where(across > 0, across, slope * across), color=COLORS[5], lw=0.8)
    left.plot(across, phi(across), color=COLORS[0], label="evaluation")
    left.set(xlabel="Input x", ylabel="Output", xlim=(-4, 4), ylim=(-2, 4))
    legend_above(left)

    low, high = 1 / 8, 1 / 3
    grid = np.linspace(low, high, 101)
    density = 1 / (5 * grid**2) if convention == "paper" else np.full_like(grid, 1 / (high - low))
    right.hist(
        slopes, bins=20, range=(low, high), density=True, color=COLORS[5], alpha=0.45, label="drawn"
    )
    right.plot(grid, density, color=COLORS[1], label="density")
    right.axvline(float(phi.mean_slope), color=INK, linestyle="--", linewidth=1.4)
    right.axvline(float(phi(np.float64(-1.0))) * -1, color=COLORS[0], linewidth=1.8)
    right.set(xlabel="Slope α", ylabel="Density", xlim=(0.1, 0.36), ylim=(0, 20))
    legend_above(right)
    return (
        f"Mean of {draws} drawn slopes: {slopes.mean():.4f}; in the long run "
        f"{float(phi.mean_slope):.4f} (dashed). Evaluation uses {-phi(np.float64(-1.0)):.4f}."
    )


@tall(267, title=False)
def training_and_evaluation(ax: Axes, *, convention: str = "paper", seed: int = 0) -> str:
    """Outputs of RReLU in training, scattered, around its fixed line of evaluation."""
    phi = activations.rrelu(convention=convention)
    inputs, outputs = trained_outputs(convention, seed)
    across = np.linspace(-4, 4, 9)
    (dots,) = ax.plot(inputs, outputs, "o", color=COLORS[5], markersize=3, label="training")
    (line,) = ax.plot(across, phi(across), color=COLORS[0], label="evaluation")
    ax.set(xlabel="Input x", ylabel="Output", xlim=(-4, 4), ylim=(-1.6, 4.2))
    label_sides(ax, line, dots, at=2.0)
    negative = inputs < 0
    ratio = outputs[negative].sum() / phi(inputs[negative]).sum()
    return (
        f"With {CONVENTION_LABELS[convention]}, the negative outputs of this training pass sum to "
        f"{ratio:.3f} times what evaluation makes of the same inputs."
    )


@tall(267, title=False)
def gradient_in_training(
    ax: Axes, *, convention: str = "paper", weight_variance: float = 1.92, depth: int = 40
) -> str:
    """Squared gradient by layer of RReLU networks in training mode, simulated and predicted."""
    phi = activations.rrelu(convention=convention)
    factor = weight_variance * (1 + float(phi.mean_square_slope)) / 2
    layer = np.arange(1, depth + 1)
    networks = training_profile(convention, weight_variance, depth)
    simulated = networks.mean(axis=0)
    low, high = np.quantile(networks, (0.05, 0.95), axis=0)
    ax.fill_between(layer, low, high, color=COLORS[0], alpha=0.15, linewidth=0)
    (measured,) = ax.plot(layer, simulated, color=COLORS[0], label="simulated")
    (expected,) = ax.plot(
        layer, factor ** (depth - layer.astype(float)), "--", color=COLORS[1], label="predicted"
    )
    ax.set(xlabel="Layer", ylabel="Squared gradient, relative", xlim=(0, depth))
    log_axis(ax.yaxis)
    ax.set_ylim(1e-15, 1e6)
    label_sides(ax, measured, expected)
    error = networks[:, 0].std(ddof=1) / np.sqrt(len(networks))
    shown = [
        power_of_ten(np.log10(value))
        for value in (factor ** (depth - 1), simulated[0], error, np.median(networks[:, 0]))
    ]
    return (
        f"Predicted factor per layer: {factor:.4f}. From layer {depth} to layer 1 it makes "
        f"{shown[0]}; the mean of {REPLICAS} networks is {shown[1]}, give or take {shown[2]} "
        f"(standard error), and their median {shown[3]}."
    )
