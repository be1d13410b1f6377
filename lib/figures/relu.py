"""Figures of the chapter on ReLU: book/relu.md."""

from functools import lru_cache

import numpy as np
from matplotlib.axes import Axes

from lib import activations, chain, experiments
from lib.figures.bands import band
from lib.figures.style import COLORS, INK, log_axis, panels, power_of_ten

HIDDEN, UNITS, EXAMPLES, NETWORKS = 10, 100, 100, 8
DEEPEST, REPLICAS = 50, 20
NORMALIZED_WIDTH, NORMALIZED_BATCH, NORMALIZED_REPLICAS = 256, 128, 4
INITIALIZATIONS = {"He, 2/n": 2.0, "Xavier, 1/n": 1.0, "too small, 1/(3n)": 1 / 3}


@lru_cache(maxsize=512)
def census(bias: float, weight_scale: float) -> tuple[np.ndarray, np.ndarray]:
    """Count what is silent in a random network with one bias for all of its units.

    Parameters
    ----------
    bias : float
        Of every unit.
    weight_scale : float
        sigma_w, the standard deviation of a weight times the square root of its fan-in.

    Returns
    -------
    silent, dead : ndarray of float64, shape (layers,)
        Mean over networks of the share of outputs that are zero, and of the share of units
        that are zero for all examples.
    """
    rng = np.random.default_rng(0)
    signal = rng.normal(size=(NETWORKS, UNITS, EXAMPLES))
    silent, dead = np.empty((2, HIDDEN))
    for layer in range(HIDDEN):
        weights = rng.normal(size=(NETWORKS, UNITS, UNITS)) * weight_scale / np.sqrt(UNITS)
        signal = np.maximum(weights @ signal + bias, 0)
        silent[layer] = np.mean(signal == 0)
        dead[layer] = np.mean(np.all(signal == 0, axis=-1))
    return silent, dead


@panels(2)
def silent_and_dead(
    axes: tuple[Axes, Axes], *, bias: float = 0.0, weight_scale: float = 1.4142
) -> str:
    """Share of zero outputs, and share of units that are zero for all examples, by layer."""
    layer = np.arange(1, HIDDEN + 1)
    shares = census(bias, weight_scale)
    for ax, share, name, color in zip(
        axes, shares, ("Outputs that are 0", "Dead units"), COLORS, strict=False
    ):
        ax.plot(layer, share, "o-", color=color)
        ax.set(xlabel="Hidden layer", title=name, xlim=(0.5, HIDDEN + 0.5), ylim=(-0.03, 1.03))
    (silent, dead) = (share[-1] for share in shares)
    return (
        f"In layer {HIDDEN}, {silent:.0%} of the outputs are zero, and {dead:.0%} of the units are "
        f"zero for all of {EXAMPLES} examples."
    )


@lru_cache(maxsize=8)
def unit_profile(width: int) -> np.ndarray:
    """Measure log10 of the gradient norm by layer in ReLU chains with sigma_w = 1 and no biases.

    Parameters
    ----------
    width : int
        Units in each layer.

    Returns
    -------
    ndarray of float64, shape (replicas, depth)
        Column l - 1 holds log10 of ``|dL/dh^l| / |dL/dh^L|``; minus infinity in a dead network.
    """
    run = chain.simulate(
        "relu", depth=DEEPEST, width=width, batch=1, weight_variance=1.0,
        replicas=REPLICAS, seed=1, rescale=True,
    )  # fmt: skip
    return np.asarray(run.log10_gradient_norm - run.log10_gradient_norm[:, -1:])


def initialized(ax: Axes, *, depth: int = 30, width: int = 256) -> str:
    """Gradient by layer for three variances of the weights, measured and, dashed, predicted."""
    layer = np.arange(1, depth + 1)
    above = depth - layer
    reached = []
    for (name, variance), color in zip(INITIALIZATIONS.items(), COLORS, strict=False):
        # Without biases the weights' scale changes no unit's sign: the profile only tilts.
        profile = unit_profile(width)[:, DEEPEST - depth :] + above * np.log10(variance) / 2
        low, middle, high = (10.0 ** np.quantile(profile, q, axis=0) for q in (0, 0.5, 1))
        ax.fill_between(layer, low, high, color=color, alpha=0.25, linewidth=0)
        ax.plot(layer, middle, color=color, label=name)
        ax.plot(layer, (variance / 2) ** (above / 2), "--", color=INK, linewidth=1)
        reached.append(np.median(profile[:, 0]))
    ax.set(
        xlabel="Layer (the loss is on the right)", ylabel="Gradient, relative", xlim=(0, DEEPEST)
    )
    log_axis(ax.yaxis)
    ax.set_ylim(1e-22, 1e4)
    ax.legend(loc="lower right")
    he, xavier, small = map(power_of_ten, reached)
    return (
        f"At layer 1 of {depth}, the median of {REPLICAS} networks is {he} with He's variance, "
        f"{xavier} with Xavier's and {small} with the small one."
    )


@lru_cache(maxsize=64)
def normalized_profile(normalization: str | None) -> np.ndarray:
    """Measure log10 of the gradient norm by layer, with or without a normalization.

    Parameters
    ----------
    normalization : {None, "batch"}
        As for :func:`lib.chain.simulate`, with sigma_w = 1.

    Returns
    -------
    ndarray of float64, shape (replicas, depth)
        Column l - 1 holds log10 of ``|dL/dh^l| / |dL/dh^L|``.
    """
    run = chain.simulate(
        "relu", depth=DEEPEST, width=NORMALIZED_WIDTH, batch=NORMALIZED_BATCH, weight_variance=1.0,
        normalization=normalization, epsilon=0.0, replicas=NORMALIZED_REPLICAS, seed=2,
    )  # fmt: skip
    return np.asarray(run.log10_gradient_norm - run.log10_gradient_norm[:, -1:])


def batch_normalized(ax: Axes, *, weight_scale: float = 1.0, depth: int = 30) -> str:
    """Gradient by layer of a ReLU chain with and without batch normalization."""
    layer = np.arange(1, depth + 1)
    plain = normalized_profile(None)[:, DEEPEST - depth :]
    plain = plain + (depth - layer) * np.log10(weight_scale)
    normalized = normalized_profile("batch")[:, DEEPEST - depth :]
    ends = []
    for profile, name, color in (
        (plain, "without", COLORS[0]),
        (normalized, "batch normalization", COLORS[1]),
    ):
        middle = np.median(profile, axis=0)
        ax.plot(layer, 10.0**middle, color=color, label=name)
        ends.append(middle[0])
    growth = (np.pi / (np.pi - 1)) ** ((depth - layer) / 2)
    ax.plot(layer, growth, "--", color=INK, linewidth=1, label="predicted")
    ax.set(
        xlabel="Layer (the loss is on the right)", ylabel="Gradient, relative", xlim=(0, DEEPEST)
    )
    log_axis(ax.yaxis)
    ax.set_ylim(1e-24, 1e18)
    ax.legend(loc="upper right")
    without, with_it = map(power_of_ten, ends)
    return (
        f"σ_w = {weight_scale:g}: relative to layer {depth}, the gradient at layer 1 is {without} "
        f"without and {with_it} with batch normalization."
    )


def stepped_sigmoids(ax: Axes, *, copies: int = 5) -> str:
    """Sum of sigmoids shifted by 1/2, 3/2, 5/2 and so on, with softplus and ReLU."""
    across = np.linspace(-4, 8, 481)
    shifts = np.arange(copies)[:, None] + 0.5
    total = (1 / (1 + np.exp(shifts - across))).sum(axis=0)
    softplus = np.logaddexp(0, across)
    ax.plot(across, softplus, color=COLORS[5], linewidth=6, alpha=0.5, label="softplus")
    ax.plot(across, np.maximum(across, 0), "--", color=COLORS[1], label="ReLU")
    ax.plot(across, total, color=COLORS[0], label="sum of sigmoids")
    ax.set(xlabel="Input x", ylabel="Output", xlim=(-4, 8), ylim=(-0.3, 8.3))
    ax.legend(loc="upper left")
    gap = float(np.max(np.abs(total - softplus)[across <= 4]))
    return f"The sum of {copies} sigmoids is within {gap:.2g} of softplus for inputs up to 4."


def learning_speed(ax: Axes, *, hidden: int = 4, rate: float = 0.03) -> str:
    """Training error of sigmoid, tanh and ReLU networks, step by step, for one learning rate."""
    results = experiments.load("rectifier_speed")
    column = experiments.with_rate(results, rate)
    step = results["epochs"][1:] / results["epochs"][1]  # the first record is after one step
    told = []
    for index, kind in enumerate(("sigmoid", "tanh", "relu")):
        error = 100 * results[f"error {kind} {hidden}"][1:, column]
        label = activations.get(kind).label
        band(ax, step, error, index=index, label=label)
        needed = np.median(results[f"steps {kind} {hidden}"][column])
        told.append(f"{label} {needed:g}" if np.isfinite(needed) else f"{label} not in time")
    ax.axhline(22.5, color=INK, linestyle="--", linewidth=1)
    ax.set(
        xlabel=f"Step ({1 / results['epochs'][1]:.0f} make an epoch)",
        ylabel="Training digits wrong, %",
    )
    log_axis(ax.xaxis)
    ax.set(xlim=(1, step[-1]), ylim=(0, 119), yticks=range(0, 101, 20))
    ax.legend(loc="upper center", ncols=3, columnspacing=1.2)
    return (
        f"Hidden layers: {hidden}, learning rate {rate:g}. Steps to a quarter of the error at "
        f"the start, medians: {', '.join(told)}."
    )


def thirty_layers(ax: Axes) -> str:
    """Training loss of ReLU networks of thirty layers from He's and from Xavier's weights."""
    results = experiments.load("thirty_layers")
    last = {}
    kinds = {
        "he": "He", "xavier": "Xavier", "he normalized": "He, batch norm",
        "xavier normalized": "Xavier, batch norm",
    }  # fmt: skip
    for index, (kind, label) in enumerate(kinds.items()):
        losses = results[f"train_loss {kind}"]
        band(ax, results["epochs"], losses, index=index, label=label)
        last[label] = np.median(losses[-1])
    ax.set(xlabel="Epoch", ylabel="Training loss", xlim=(0, results["epochs"][-1]))
    log_axis(ax.yaxis)
    ax.set_ylim(1e-4, 30)
    ax.legend(loc="lower left")
    told = ", ".join(f"{label} {value:.2g}" for label, value in last.items())
    return f"Median training loss after {results['epochs'][-1]:.0f} epochs: {told}."


@panels(2)
def dying_by_layer(
    axes: tuple[Axes, Axes], *, way: str = "he", rate: float = 0.3, epoch: int = 10
) -> str:
    """Dead units and positive activations by layer, at one moment of training."""
    results = experiments.load("dying")
    record = list(results["epochs"]).index(epoch)
    column = experiments.with_rate(results, rate)
    dead, positive = (
        100 * results[f"{kind} {way}"][record, :, column] for kind in ("dead", "positive")
    )
    layer = np.arange(1, len(dead) + 1)
    for index, (ax, share, label) in enumerate(
        zip(
            axes,
            (dead, positive),
            ("Units never positive, %", "Positive activations, %"),
            strict=True,
        )
    ):
        band(ax, layer, share, index=index)
        ax.set(xlabel="Layer", ylabel=label, xlim=(1, layer[-1]), ylim=(-2, 102))
    right = 100 * results[f"train_accuracy {way}"][record, column]
    what = "are positive on no digit" if way == "leaky" else "are dead"
    return (
        f"After {epoch} epochs at rate {rate:g}, {dead.mean():.1f}% of all units {what}. Training "
        f"digits right: {right.min():.0f}% to {right.max():.0f}% in {len(right)} networks, median "
        f"{np.median(right):.0f}%."
    )


def machine_features(ax: Axes) -> str:
    """Test digits classified rightly from features of Boltzmann machines and few labels."""
    results = experiments.load("machines")
    labeled = results["labeled"]
    told = []
    for index, (kind, label) in enumerate(
        {"binary": "Binary", "rectified": "Noisy rectified", "pixels": "Pixels"}.items()
    ):
        right = 100 * results[f"accuracy {kind}"]
        band(ax, labeled, right, index=index, label=label)
        told.append(f"{label} {np.median(right[0]):.1f}%")
    ax.set(xlabel="Labeled digits", ylabel="Test digits right, %", xlim=(0, 1.05 * labeled[-1]))
    ax.set_ylim(60, 100)
    ax.legend(loc="lower right")
    return f"With {labeled[0]} labels, medians of {right.shape[1]} machines: {', '.join(told)}."
