"""ReLU networks in training."""

import numpy as np
from matplotlib.axes import Axes

from lib import activations, experiments
from lib.figures.bands import band
from lib.figures.style import INK, label_ends, log_axis, panels


@panels(2)
def learning_speed(axes: tuple[Axes, Axes], *, rate: float = 0.001) -> str:
    """Training error of sigmoid, tanh and ReLU networks, step by step, for one learning rate."""
    results = experiments.load("rectifier_speed")
    column = experiments.with_rate(results, rate)
    step = results["epochs"][1:] / results["epochs"][1]  # the first record is after one step
    told = []
    for ax, hidden in zip(axes, (4, 10), strict=True):
        medians = []
        for index, kind in enumerate(("sigmoid", "tanh", "relu")):
            error = 100 * results[f"error {kind} {hidden}"][1:, column]
            label = activations.get(kind).label
            band(ax, step, error, index=index, label=label)
            needed = np.median(results[f"steps {kind} {hidden}"][column])
            medians.append(f"{label} {needed:g}" if np.isfinite(needed) else f"{label} not in time")
        told.append(f"{', '.join(medians)} with {hidden} layers")
        ax.axhline(22.5, color=INK, linestyle="--", linewidth=1)
        ax.set(
            xlabel=f"Step ({1 / results['epochs'][1]:.0f} make an epoch)",
            ylabel="Training digits wrong, %", title=f"{hidden} hidden layers",
        )  # fmt: skip
        log_axis(ax.xaxis)
        ax.set(xlim=(1, step[-1]), ylim=(0, 128), yticks=range(0, 101, 20))
        ax.legend(loc="upper center", ncols=3, columnspacing=0.8, handlelength=1.2)
    return (
        f"Learning rate {rate:g}. Median steps to a quarter of the error at the start: "
        f"{'; '.join(told)}."
    )


@panels(2)
def thirty_layers(axes: tuple[Axes, Axes], *, epoch: int = 60) -> str:
    """Training loss of ReLU networks of thirty layers, and their gradient before the first step."""
    results = experiments.load("thirty_layers")
    seen = results["epochs"] <= epoch
    loss, start = axes
    told = []
    kinds = {
        "he": "He", "xavier": "Xavier", "he normalized": "He + norm",
        "xavier normalized": "Xavier + norm",
    }  # fmt: skip
    for index, (kind, label) in enumerate(kinds.items()):
        losses = results[f"train_loss {kind}"][seen]
        band(loss, results["epochs"][seen], losses, index=index, label=label)
        hidden = results[f"error_norm {kind}"][:-1]  # without the layer of the ten logits
        layer = np.arange(1, len(hidden) + 1)
        band(start, layer, hidden / hidden[-1], index=index, label=label)
        for ax in axes:  # dashed over solid, where two lines coincide
            ax.lines[-1].set_linestyle("--" if "normalized" in kind else "-")
        loss.lines[-1].set(marker="os^D"[index], markersize=8 - 2 * (index // 2))
        told.append(f"{label} {np.median(losses[-1]):.2g}")
    loss.set(xlabel="Epoch", ylabel="Training loss", xlim=(-1.5, results["epochs"][-1] + 1.5))
    start.set(xlabel="Layer", ylabel="Gradient at the start, relative", xlim=(1, layer[-1]))
    for ax, limits, ticks in (
        (loss, (1e-4, 5e3), (1e-4, 0.01, 1)), (start, (1e-6, 3e6), (1e-5, 1, 1e3)),
    ):  # fmt: skip
        log_axis(ax.yaxis)
        ax.set(ylim=limits, yticks=ticks)
    label_ends(loss, room=0.36)
    caption = f"Median training loss after {epoch} epochs: {', '.join(told)}."
    if epoch == 0:
        caption += " Normalization in use takes averages from training, and has none yet."
    return caption


@panels(2)
def dying_by_layer(
    axes: tuple[Axes, Axes], *, way: str = "he", rate: float = 0.3, epoch: int = 0
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
    label_ends(ax, room=0.36)
    return f"With {labeled[0]} labels, medians of {right.shape[1]} machines: {', '.join(told)}."
