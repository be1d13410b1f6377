"""What sick networks show in training, beside healthy ones."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from lib import experiments
from lib.experiments import symptoms
from lib.figures.style import COLORS, INK, legend_above, log_axis, panels, power_of_ten
from lib.simulations.not_training import (
    alike,
    equal_weights,
    saturation,
    through_time,
    transformers,
    update,
)
from lib.simulations.underflow import gradient_entries

CUT = 8  # the layer whose output is cut off


def _gradient(name: str, when: int = 0) -> np.ndarray:
    """Gradient by layer relative to the output layer, the median over the seeds."""
    errors = experiments.load("symptoms")[f"error_norm {name}"][when].astype(np.float64)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.nanmedian(errors / errors[-1], axis=1))


def _loss(ax: Axes, name: str, color: str, **style: Any) -> np.ndarray:
    """Draw the loss of the first seed, as far as it is finite."""
    loss = experiments.load("symptoms")[f"loss {name}"][:, 0].astype(np.float64)
    ax.plot(np.arange(1, len(loss) + 1), loss, color=color, linewidth=1.4, **style)
    return loss


@panels(2)
def sick_and_healthy(axes: tuple[Axes, Axes], *, network: str = "vanished") -> str:
    """Loss by step, and gradient by layer, of a healthy network and of one that does not train."""
    losses, gradients = axes
    for name, color in (("healthy", COLORS[0]), (network, COLORS[1])):
        if network == "healthy" and color == COLORS[1]:
            continue
        _loss(losses, name, color, label=name)
        layer = np.arange(1, symptoms.HIDDEN + 2)
        when = 1 if name == "dead" else 0
        gradients.plot(layer, np.maximum(_gradient(name, when), 1e-12), color=color, label=name)
    losses.axhline(np.log(10), color=INK, linestyle=":", linewidth=1.2)
    losses.text(268, np.log(10) * 1.12, "ln 10", ha="right", fontsize=11)
    losses.set(xlabel="Step", ylabel="Loss of the batch", xlim=(-5, 270))
    gradients.set(xlabel="Layer", ylabel="Gradient, relative", xlim=(0, symptoms.HIDDEN + 2))
    log_axis(losses.yaxis, ticks=5)
    losses.set_ylim(3e-3, 3e3)
    log_axis(gradients.yaxis, ticks=6)
    gradients.set_ylim(1e-9, 1e6)
    legend_above(losses)
    results = experiments.load("symptoms")
    loss = results[f"loss {network}"]
    accuracy = float(np.nanmedian(np.nan_to_num(results[f"train_accuracy {network}"][1])))
    end = (
        f"the loss is infinite after {int(np.argmax(~np.isfinite(loss[:, 0])))} steps"
        if not np.isfinite(loss[-1]).any()
        else f"{accuracy:.0%} of the digits are right after {len(loss)} steps"
    )
    ratio = power_of_ten(float(np.log10(_gradient(network, 1 if network == "dead" else 0)[0])))
    said = "at the end" if network == "dead" else "at the start"
    dead = results[f"dead {network}"][1 if network == "dead" else 0].max(axis=0)
    return (
        f"{network.capitalize()}: {said} layer 1 has {ratio} times the last gradient, and "
        f"the worst layer has {float(np.median(dead)):.0%} dead units; {end}."
    )


@panels(3)
def loss_shapes(axes: tuple[Axes, Axes, Axes]) -> str:
    """Pictures A to C: losses of networks with a vanished, an exploded and a dead gradient."""
    for ax, name, title, limits in (
        (axes[0], "vanished", "A  flat at ln 10", (1, 4)),
        (axes[1], "exploded", "B  gone at once", (0.01, 1e6)),
        (axes[2], "dead", "C  falls, then flat", (1, 4)),
    ):
        _loss(ax, name, COLORS[1])
        _picture(ax, title, "Step", "Loss")
        if name == "exploded":
            finite = experiments.load("symptoms")["loss exploded"][:, 0]
            ax.set_xlim(0, 12)
            ax.plot(np.flatnonzero(np.isfinite(finite)) + 1, finite[np.isfinite(finite)], "o",
                    color=COLORS[1], markersize=5)  # fmt: skip
            log_axis(ax.yaxis, ticks=4)
        else:
            ax.axhline(np.log(10), color=INK, linestyle=":", linewidth=1.2)
        ax.set_ylim(*limits)
    gone = int(np.argmax(~np.isfinite(experiments.load("symptoms")["loss exploded"][:, 0])))
    return f"Twenty layers on the digits. The loss of B is no longer a number at step {gone + 1}."


@panels(3)
def inner_shapes(axes: tuple[Axes, Axes, Axes]) -> str:
    """Pictures D to F: saturated outputs, unequal updates, and steps that are too large."""
    edges = np.linspace(-1, 1, 41)
    found = saturation()
    for (name, shares), color in zip(found.items(), (COLORS[0], COLORS[1]), strict=True):
        axes[0].stairs(shares, edges, color=color, fill=name == "large", alpha=0.8)
    _picture(axes[0], "D  outputs at ±1", "Output of tanh", "Share")
    results = experiments.load("symptoms")
    for name, color in (("healthy", COLORS[0]), ("vanished", COLORS[1])):
        axes[1].plot(np.arange(1, symptoms.HIDDEN + 2), update(results, name), color=color)
    _picture(axes[1], "E  only the end moves", "Layer", "Step / weights")
    log_axis(axes[1].yaxis, ticks=4)
    _loss(axes[2], "large steps", COLORS[1])
    _picture(axes[2], "F  jumps up and down", "Step", "Loss")
    axes[2].set_ylim(0, 12)
    return (
        "Orange: D weights of variance 25/n in tanh layers, E the default start of PyTorch, F a "
        "learning rate of 0.6. Blue: a healthy network."
    )


@panels(3)
def quiet_shapes(axes: tuple[Axes, Axes, Axes]) -> str:
    """Pictures G to I: steps that are too small, inputs that become alike, gradients below half."""
    _loss(axes[0], "small steps", COLORS[1])
    _loss(axes[0], "healthy", COLORS[0])
    _picture(axes[0], "G  hardly moves", "Step", "Loss")
    axes[0].set_ylim(0, 5)
    for values, color in zip(alike(), (COLORS[0], COLORS[1]), strict=True):
        axes[1].plot(np.arange(1, len(values) + 1), values, color=color)
    _picture(axes[1], "H  all inputs alike", "Layer", "Cosine of two inputs")
    axes[1].set_ylim(-0.1, 1.05)
    entries = gradient_entries()
    edges = np.arange(-60, 1, 3)
    counts, _ = np.histogram(np.log2(entries), edges)
    axes[2].stairs(counts / entries.size, edges, color=COLORS[1], fill=True, alpha=0.8)
    axes[2].axvline(-24, color=INK, linestyle=":", linewidth=1.4)
    _picture(axes[2], "I  below float16", "Gradient, power of 2", "Share")
    lost = float(np.mean(entries < 2.0**-25))
    return (
        "G a learning rate of 10⁻⁶. H biases of variance 1, weights of variance 0.5/n. I "
        f"{lost:.0%} of the gradients of a tanh network lie below the smallest number of float16."
    )


@panels(3)
def wrong_shapes(axes: tuple[Axes, Axes, Axes]) -> str:
    """Pictures J to L: a summed loss, a layer cut off from the loss, and units that stay equal."""
    batches = 2 ** np.arange(3, 11)
    axes[0].plot(batches, np.ones(batches.size), color=COLORS[0])
    axes[0].plot(batches, batches, color=COLORS[1])
    _picture(axes[0], "J  grows with the batch", "Batch", "Size of the gradient")
    log_axis(axes[0].xaxis, ticks=4)
    log_axis(axes[0].yaxis, ticks=4)
    layer = np.arange(1, symptoms.HIDDEN + 2)
    gradient = _gradient("healthy")
    axes[1].plot(layer, gradient, ":", color=COLORS[0])
    axes[1].plot(layer, np.where(layer > CUT, gradient, 0), "o", color=COLORS[1], markersize=4)
    _picture(axes[1], "K  none below a layer", "Layer", "Gradient, relative")
    axes[1].set_ylim(-0.1, 2.2)
    weights = equal_weights()
    for unit in range(4):
        axes[2].step(np.arange(12), weights + 6 * unit, color=COLORS[1], linewidth=1.4)
    _picture(axes[2], "L  equal units", "Input", "Unit")
    axes[2].set_yticks(6 * np.arange(4), [str(unit + 1) for unit in range(4)])
    return (
        f"J orange: a sum over the batch, blue: a mean. K: the output of layer {CUT} is detached."
    )


@panels(2)
def other_shapes(axes: tuple[Axes, Axes]) -> str:
    """Pictures M and N: the gradient through time, and through the blocks of a transformer."""
    for values, color in zip(through_time().values(), (COLORS[0], COLORS[1]), strict=True):
        axes[0].plot(np.arange(len(values))[::-1], 10.0**values, color=color)
    _picture(axes[0], "M  forgets", "Steps back", "Gradient, relative")
    log_axis(axes[0].yaxis, ticks=5)
    blocks = transformers()
    for values, color in zip(blocks.values(), (COLORS[0], COLORS[1]), strict=True):
        axes[1].plot(np.arange(1, len(values) + 1), values, color=color)
    _picture(axes[1], "N  needs a warm-up", "Block", "Gradient of the weights")
    axes[1].set_ylim(0, 10)
    times = blocks["post"][-1] / blocks["pre"][-1]
    return (
        "M orange: a plain RNN, blue: an LSTM. N orange: post-norm, whose last block gets "
        f"{times:.0f} times the gradient that it gets in pre-norm, blue."
    )


def _picture(ax: Axes, title: str, x: str, y: str) -> None:
    ax.set_title(title, loc="left")
    ax.set(xlabel=x, ylabel=y)
