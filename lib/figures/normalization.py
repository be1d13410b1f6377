"""Figures of the chapter on normalization: book/normalization.md."""

import numpy as np
from matplotlib.axes import Axes

from lib import activations
from lib.figures.style import COLORS, INK, legend_above, log_axis, power_of_ten
from lib.simulations.normalization import DEPTH, growth, predicted_rate, profile, standardized
from lib.theory import batch_norm as theory
from lib.theory import mean_field

WEIGHT_SCALES = (0.3, 1.0, 3.0)
BATCHES = (8, 16, 32, 64, 128)


def by_layer(
    ax: Axes, *, normalization: str = "none", activation: str = "tanh", weight_scale: float = 1.0
) -> str:
    """Gradient by layer without normalization, with it over the batch, and over the layer."""
    measured = profile(activation, normalization, weight_scale)
    layer = np.arange(1, DEPTH + 1)
    if normalization == "none":
        predicted = mean_field.log10_gradient(
            activations.get(activation), depth=DEPTH, weight_variance=weight_scale**2
        )
    else:
        predicted = (DEPTH - layer) * predicted_rate(activation, normalization)
    low, middle, high = (10.0 ** np.quantile(measured, q, axis=0) for q in (0, 0.5, 1))
    ax.fill_between(layer, low, high, color=COLORS[0], alpha=0.25, linewidth=0)
    ax.plot(layer, middle, color=COLORS[0], label="measured")
    ax.plot(layer, 10.0**predicted, "--", color=INK, linewidth=1.2, label="predicted")
    legend_above(ax)
    ax.set(xlabel="Layer (the loss is on the right)", ylabel="Gradient, relative", xlim=(0, DEPTH))
    log_axis(ax.yaxis)
    ax.set_ylim(1e-38, 1e16)
    reached = float(np.median(measured[:, 0]))
    return (
        f"Weight scale {weight_scale:g}: at layer 1 measured {power_of_ten(reached)}, predicted "
        f"{power_of_ten(float(predicted[0]))} of the gradient at layer {DEPTH}."
    )


def batch_size(ax: Axes, *, batch: int = 16) -> str:
    """Growth of the squared gradient per layer against the size of the batch, ReLU."""
    sizes = np.unique(np.geomspace(8, 1024, 60).astype(int))
    ax.plot(sizes, [theory.relu_growth(int(b)) for b in sizes], color=COLORS[0], label="predicted")
    ax.plot(BATCHES, [growth(b) for b in BATCHES], "o", color=COLORS[1], label="simulated")
    limit = np.pi / (np.pi - 1)
    ax.axhline(limit, color=INK, linestyle="--", linewidth=1)
    ax.plot([batch], [theory.relu_growth(batch)], "s", color=INK, markersize=7)
    ax.set(xlabel="Batch size", ylabel="Growth per layer, squared", xlim=(7, 1024), ylim=(1, 2))
    log_axis(ax.xaxis)
    legend_above(ax)
    fifty = 25 * np.log10(theory.relu_growth(batch))
    simulated = growth(batch)
    return (
        f"Batches of {batch}: predicted {theory.relu_growth(batch):.3f} per layer, simulated "
        f"{simulated:.3f}; the norm grows {power_of_ten(float(fifty))} times in fifty layers."
    )


def standardization(ax: Axes, *, mean: float = 2.0, spread: float = 1.5) -> str:
    """A unit's inputs over a batch, before and after batch normalization."""
    x, after = standardized(mean, spread)
    for height, values, color in ((1, x, COLORS[1]), (0, after, COLORS[0])):
        ax.plot(values, np.full(values.shape, height), "o", color=color, alpha=0.6)
        ax.plot([values.mean()] * 2, [height - 0.2, height + 0.2], color=INK)
    for before, then in zip(x, after, strict=True):
        ax.plot([before, then], [1, 0], color=INK, linewidth=0.5, alpha=0.5)
    ax.set(xlabel="Pre-activation", xlim=(-12, 12), ylim=(-0.5, 1.5), yticks=[0, 1])
    ax.set_yticklabels(["after", "before"])
    return (
        f"Before: mean {x.mean():.2f}, standard deviation {x.std():.2f}. "
        f"After: {abs(after.mean()):.2f} and {after.std():.2f}."
    ).replace("-", "−")
