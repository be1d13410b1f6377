"""Figures of the chapter on normalization: book/normalization.md."""

from functools import lru_cache

import numpy as np
from matplotlib.axes import Axes

from lib import activations, chain
from lib.figures.style import COLORS, INK, legend_above, log_axis, power_of_ten
from lib.normalization import batch_norm
from lib.theory import batch_norm as theory
from lib.theory import mean_field

DEPTH, WIDTH, BATCH, REPLICAS = 30, 128, 32, 5
WEIGHT_SCALES = (0.3, 1.0, 3.0)
GROWTH_DEPTH, GROWTH_WIDTH = 21, 400
BATCHES = (8, 16, 32, 64, 128)


@lru_cache(maxsize=64)
def profile(activation: str, normalization: str, weight_scale: float) -> np.ndarray:
    """Measure log10 of the gradient norm by layer, relative to the last.

    Parameters
    ----------
    activation : str
    normalization : {"none", "batch", "layer"}
    weight_scale : float
        sigma_w.

    Returns
    -------
    ndarray of float64, shape (replicas, depth)
    """
    if normalization not in ("none", "batch", "layer"):
        raise ValueError(f"normalization must be 'none', 'batch' or 'layer'; got {normalization!r}")
    run = chain.simulate(
        chain.MLP(
            activation,
            depth=DEPTH,
            width=WIDTH,
            weight_variance=weight_scale**2,
            normalization=None if normalization == "none" else normalization,
            epsilon=0.0,
        ),
        batch=BATCH,
        replicas=REPLICAS,
    )
    return np.asarray(run.log10_gradient_norm - run.log10_gradient_norm[:, -1:])


def predicted_rate(activation: str, normalization: str) -> float:
    r"""Predict the power of ten per layer with a normalization, for wide layers.

    Layer normalization divides by the size of a layer, so that a layer multiplies the squared
    gradient by :math:`\mathbb{E}\,\phi'^2 / \mathbb{E}\,\phi^2`; batch normalization takes away
    what all samples share before. The size of the batch is accounted for where the formula for it
    is known, for ReLU.
    """
    phi = activations.get(activation)
    if normalization == "batch":
        known = theory.relu_growth(BATCH) if activation == "relu" else theory.growth(phi)
        return float(np.log10(known) / 2)
    slope = float(mean_field.chi(phi, 1.0, weight_variance=1.0))
    square = float(mean_field.variance_map(phi, 1.0, weight_variance=1.0))
    return float(np.log10(slope / square) / 2)


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


@lru_cache(maxsize=16)
def growth(batch: int) -> float:
    """Measure the factor of the squared gradient per ReLU layer after batch normalization.

    Parameters
    ----------
    batch : int
        Number of samples.
    """
    run = chain.simulate(
        chain.MLP(
            "relu", depth=GROWTH_DEPTH, width=GROWTH_WIDTH, normalization="batch", epsilon=0.0
        ),
        batch=batch,
        replicas=3,
    )
    # The first layers see inputs that are less alike than those further up.
    late = run.log10_gradient_norm[:, 4] - run.log10_gradient_norm[:, -1]
    return float(10 ** (2 * late.mean() / (GROWTH_DEPTH - 5)))


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
    x = mean + spread * np.random.default_rng(3).standard_normal(24)
    after = batch_norm(x, epsilon=0.0).output
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
