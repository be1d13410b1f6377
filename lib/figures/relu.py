"""Figures of the chapter on ReLU: book/relu.md."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from lib import activations, chain, experiments
from lib.figures import drawing
from lib.figures.bands import band
from lib.figures.drawing import BACKWARD, FORWARD
from lib.figures.style import COLORS, INK, log_axis, panels, power_of_ten

HIDDEN, UNITS, EXAMPLES, NETWORKS = 10, 100, 100, 8
DEEPEST, REPLICAS, WIDTHS = 50, 20, (256, 16)
NORMALIZED_WIDTH, NORMALIZED_BATCH, NORMALIZED_REPLICAS = 256, 128, 4
INITIALIZATIONS = {"He, 2/n": 2.0, "Xavier, 1/n": 1.0, "PyTorch, 1/(3n)": 1 / 3}
# One layer, small enough for a sheet of paper: half of its units are on.
SIGNALS = (3.0, -1.0, 1.0, -3.0)
ERRORS = (1.0, -2.0, -2.0, 1.0)
# The unit that one step can kill: where it starts, and two groups of points with targets 0 and 1.
START_WEIGHTS, START_BIAS, GROUP, CENTER, SPREAD = (0.8, 0.3), 1.5, 20, 0.7, 0.5
LEARNED = 20  # steps that are drawn


@drawing.canvas(460, 196)
def half_is_kept(ax: Axes) -> str:
    """Four units: pre-activations in, activations out in blue; error signals back in orange."""
    drawing.blank(ax, 460, 196)
    columns = 95.0, 230.0, 365.0
    for x, name in zip(columns, ("h, ∂L/∂h", "ReLU", "a, ∂L/∂a"), strict=True):
        drawing.write(ax, (x, 188), name)
    out = np.maximum(SIGNALS, 0)
    back = np.where(out > 0, ERRORS, 0.0)
    for row, (h, a, delta, passed) in enumerate(zip(SIGNALS, out, ERRORS, back, strict=True)):
        y = 158.0 - 38.0 * row
        left, middle, right = ((x, y) for x in columns)
        on = a > 0
        drawing.unit(
            ax, middle, "on" if on else "off", fill=0.3 if on else 0.0, color=FORWARD, radius=14.0
        )
        for start, end, gap, ahead, behind in (
            (left, middle, (0, 21), h, passed),
            (middle, right, (21, 0), a, delta),
        ):
            here, there = ((x, y + 4) for x in (start[0], end[0]))
            drawing.edge(
                ax, here, there, drawing.number(ahead), color=FORWARD, gap=gap, side=6, fontsize=11
            )
            here, there = ((x, y - 4) for x in (end[0], start[0]))
            drawing.edge(
                ax,
                here,
                there,
                drawing.number(behind),
                color=BACKWARD,
                gap=gap[::-1],
                side=6,
                fontsize=11,
            )
    for x, forward, backward in (
        (columns[0], SIGNALS, back), (columns[2], out, ERRORS)
    ):  # fmt: skip
        for y, values, color in ((20, forward, FORWARD), (5, backward, BACKWARD)):
            total = float(np.square(values).sum())
            drawing.write(ax, (x, y), f"squares add to {total:g}", color=color)
    return (
        f"Forward, the squares add to {np.square(SIGNALS).sum():g} before ReLU and to "
        f"{np.square(out).sum():g} after it. Backward, they add to {np.square(ERRORS).sum():g} and "
        f"to {np.square(back).sum():g}. Two of the four units are on."
    )


@drawing.canvas(440, 230)
def fans(ax: Axes) -> str:
    """Two layers, of two and of four units: one sum of a forward pass and one of a backward."""
    drawing.blank(ax, 440, 230)
    inputs = [(120.0, 150.0), (120.0, 80.0)]
    outputs = [(320.0, y) for y in (205.0, 145.0, 85.0, 25.0)]
    for i, start in enumerate(inputs):
        for j, end in enumerate(outputs):
            ahead, back = j == 0, i == 1
            if back:
                drawing.edge(ax, end, start, color=BACKWARD, width=2.2, bend=9 if ahead else 0)
            if ahead:
                drawing.edge(ax, start, end, color=FORWARD, width=2.2, bend=9 if back else 0)
            if not (ahead or back):
                drawing.edge(ax, start, end, width=0.7, arrow=False)
    for i, at in enumerate(inputs):
        drawing.unit(ax, at, f"a{drawing.subscript(i + 1)}", color=BACKWARD if i == 1 else INK)
    for j, at in enumerate(outputs):
        drawing.unit(ax, at, f"h{drawing.subscript(j + 1)}", color=FORWARD if j == 0 else INK)
    drawing.write(ax, (350, 205), "2 terms", color=FORWARD, ha="left")
    drawing.write(ax, (90, 80), "4 terms", color=BACKWARD, ha="right")
    return (
        f"A layer with {len(inputs)} inputs and {len(outputs)} outputs. Forward (blue), an output "
        f"adds {len(inputs)} terms. Backward (orange), an input adds {len(outputs)}."
    )


@lru_cache(maxsize=512)
def census(bias: float, weight_scale: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Count what is silent in a random network with one bias for all of its units.

    Parameters
    ----------
    bias : float
        Of every unit.
    weight_scale : float
        sigma_w, the standard deviation of a weight times the square root of its fan-in.

    Returns
    -------
    silent, dead, likeness : ndarray of float64, shape (layers,)
        Mean over networks of the share of outputs that are zero, of the share of units that are
        zero for all examples, and of the cosine between the pre-activations of two examples.
    """
    rng = np.random.default_rng(0)
    signal = rng.normal(size=(NETWORKS, UNITS, EXAMPLES))
    silent, dead, likeness = np.empty((3, HIDDEN))
    for layer in range(HIDDEN):
        weights = rng.normal(size=(NETWORKS, UNITS, UNITS)) * weight_scale / np.sqrt(UNITS)
        pre_activation = weights @ signal + bias
        signal = np.maximum(pre_activation, 0)
        silent[layer] = np.mean(signal == 0)
        dead[layer] = np.mean(np.all(signal == 0, axis=-1))
        likeness[layer] = mean_cosine(pre_activation)
    return silent, dead, likeness


def mean_cosine(vectors: np.ndarray) -> float:
    """Mean cosine between two different columns, over all pairs and all networks.

    Parameters
    ----------
    vectors : ndarray, shape (networks, units, examples)

    Returns
    -------
    float

    Examples
    --------
    >>> mean_cosine(np.array([[[1.0, 0.0, 1.0], [0.0, 2.0, 0.0]]]))
    0.3333333333333333
    """
    directions = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    examples = vectors.shape[-1]
    total = np.square(directions.sum(axis=-1)).sum(axis=-1)  # of all pairs, each with itself too
    return float(np.mean((total - examples) / (examples * (examples - 1))))


@panels(2)
def silent_and_dead(
    axes: tuple[Axes, Axes], *, bias: float = 0.0, weight_scale: float = 1.4142
) -> str:
    """By layer, the shares of silent outputs and of dead units, and how alike two inputs are."""
    layer = np.arange(1, HIDDEN + 1)
    silent, dead, likeness = census(bias, weight_scale)
    left, right = axes
    left.plot(layer, silent, "o-", color=COLORS[0])
    left.plot(layer, dead, "s-", color=COLORS[1])
    right.plot(layer, likeness, "D-", color=COLORS[2])
    for ax in axes:
        ax.set(xlabel="Hidden layer", xlim=(0.5, HIDDEN + 0.5), ylim=(-0.03, 1.03))
    above: dict[str, Any] = {"transform": left.transAxes, "va": "bottom"}
    left.text(0.0, 1.03, "● outputs that are 0", color=COLORS[0], ha="left", **above)
    left.text(1.0, 1.03, "■ dead units", color=COLORS[1], ha="right", **above)
    right.set_title("How alike two inputs are (cosine)", color=COLORS[2])
    return (
        f"In layer {HIDDEN}, {silent[-1]:.0%} of the outputs are 0, and {dead[-1]:.0%} of units on "
        f"all {EXAMPLES} examples. The pre-activations of two examples have a mean cosine of "
        f"{likeness[-1]:.2f}."
    )


@dataclass(frozen=True)
class OneUnit:
    """A single ReLU unit while it learns.

    Attributes
    ----------
    points : ndarray of float64, shape (examples, 2)
    targets : ndarray of float64, shape (examples,)
    weights : ndarray of float64, shape (steps + 1, 2)
    biases : ndarray of float64, shape (steps + 1,)
    """

    points: np.ndarray
    targets: np.ndarray
    weights: np.ndarray
    biases: np.ndarray

    def pre_activations(self, step: int) -> np.ndarray:
        """Return ``w x + b`` for all points after `step` steps."""
        return np.asarray(self.points @ self.weights[step] + self.biases[step])

    def loss(self, step: int) -> float:
        """Half of the mean squared error after `step` steps."""
        return float(np.mean((np.maximum(self.pre_activations(step), 0) - self.targets) ** 2) / 2)


@lru_cache(maxsize=64)
def one_unit(rate: float, steps: int = 60) -> OneUnit:
    """Train one ReLU unit on two groups of points in the plane by gradient descent.

    Parameters
    ----------
    rate : float
        Learning rate.
    steps : int
        Each on all of the points.

    Returns
    -------
    OneUnit
    """
    rng = np.random.default_rng(1)
    points = np.concatenate(
        [rng.normal(middle, SPREAD, size=(GROUP, 2)) for middle in (-CENTER, CENTER)]
    )
    targets = np.repeat([0.0, 1.0], GROUP)
    weights, biases = np.empty((steps + 1, 2)), np.empty(steps + 1)
    weights[0], biases[0] = START_WEIGHTS, START_BIAS
    for step in range(steps):
        h = points @ weights[step] + biases[step]
        error = (np.maximum(h, 0) - targets) * (h > 0)
        weights[step + 1] = weights[step] - rate * (error @ points) / len(points)
        biases[step + 1] = biases[step] - rate * error.mean()
    return OneUnit(points, targets, weights, biases)


@panels(2)
def dying(axes: tuple[Axes, Axes], *, rate: float = 0.9, step: int = 0) -> str:
    """Points in a plane with the line on which a unit's pre-activation is 0, and its loss."""
    plane, course = axes
    unit = one_unit(rate)
    on = unit.pre_activations(step) > 0
    across = np.array([-3.6, 3.6])
    # w_1 x_1 + w_2 x_2 + b = 0, solved for x_1: the line is steep.
    first, now = (
        -(unit.biases[at] + unit.weights[at, 1] * across) / unit.weights[at, 0] for at in (0, step)
    )
    plane.plot(first, across, "--", color=INK, linewidth=1)
    plane.plot(now, across, color=COLORS[1])
    plane.fill_betweenx(across, now, 9.0, color=COLORS[1], alpha=0.25, linewidth=0)
    for target, marker in ((0.0, "o"), (1.0, "^")):
        for lit in (True, False):
            chosen = (unit.targets == target) & (on == lit)
            plane.plot(
                *unit.points[chosen].T, marker, color=COLORS[0], markersize=6,
                markerfacecolor=COLORS[0] if lit else "none", linestyle="none",
            )  # fmt: skip
    plane.set(xlabel="Input x₁", ylabel="Input x₂", xlim=(-3.2, 3.6), ylim=(-2.2, 2.2))
    plane.set_title("● target 0    ▲ target 1", color=COLORS[0])
    losses = np.array([unit.loss(at) for at in range(LEARNED + 1)])
    course.plot(losses[: step + 1], "o-", color=COLORS[0], markersize=4)
    course.set(xlabel="Steps", ylabel="Loss", xlim=(-0.3, LEARNED + 0.3), ylim=(0, 0.62))
    count = int(on.sum())
    when = "Before the first step" if step == 0 else f"After {step} step{'s' * (step > 1)}"
    state = f"positive on {count} of {len(on)} points (filled)" if count else (
        f"positive on none of {len(on)} points, so its gradient is exactly 0 and no step moves it"
    )  # fmt: skip
    return f"{when} at rate {rate:g} the unit is {state}. Loss {losses[step]:.3f}."


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
        Column l - 1 holds log10 of ``|dL/dh_l| / |dL/dh_L|``; minus infinity in a dead network.
    """
    run = chain.simulate(
        chain.MLP("relu", depth=DEEPEST, width=width, weight_variance=1.0),
        batch=1,
        replicas=REPLICAS,
        seed=1,
        measure=chain.Measure(rescale=True),
    )
    return np.asarray(run.log10_gradient_norm - run.log10_gradient_norm[:, -1:])


@panels(2)
def initialized(axes: tuple[Axes, Axes], *, depth: int = 30) -> str:
    """Gradient by layer for three variances, measured in wide and narrow networks, and derived."""
    layer = np.arange(1, depth + 1)
    above = depth - layer
    reached: dict[int, list[str]] = {}
    for ax, width in zip(axes, WIDTHS, strict=True):
        reached[width] = []
        for (name, variance), color in zip(INITIALIZATIONS.items(), COLORS, strict=False):
            # Without biases the weights' scale changes no unit's sign: the profile only tilts.
            profile = unit_profile(width)[:, DEEPEST - depth :] + above * np.log10(variance) / 2
            low, middle, high = (10.0 ** np.quantile(profile, q, axis=0) for q in (0, 0.5, 1))
            ax.fill_between(layer, low, high, color=color, alpha=0.3, linewidth=0)
            ax.plot(layer, middle, color=color, label=name)
            ax.plot(layer, (variance / 2) ** (above / 2), "--", color=INK, linewidth=1)
            reached[width].append(power_of_ten(np.median(profile[:, 0])))
        ax.set(
            xlabel="Layer (the loss is on the right)", ylabel="Gradient, relative",
            xlim=(0, DEEPEST), title=f"{width} units wide",
        )  # fmt: skip
        log_axis(ax.yaxis)
        ax.set(ylim=(1e-23, 1e3), yticks=(1e-20, 1e-10, 1))
        ax.legend(loc="lower right")
    wide, narrow = (", ".join(found) for found in reached.values())
    return (
        f"Dashed: derived. Bands: all {REPLICAS} networks. Medians at layer 1 of {depth}, for the "
        f"three variances: {wide} at width {WIDTHS[0]}; {narrow} at width {WIDTHS[1]}."
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
        Column l - 1 holds log10 of ``|dL/dh_l| / |dL/dh_L|``.
    """
    run = chain.simulate(
        chain.MLP(
            "relu",
            depth=DEEPEST,
            width=NORMALIZED_WIDTH,
            weight_variance=1.0,
            normalization=normalization,
            epsilon=0.0,
        ),
        batch=NORMALIZED_BATCH,
        replicas=NORMALIZED_REPLICAS,
        seed=2,
    )
    return np.asarray(run.log10_gradient_norm - run.log10_gradient_norm[:, -1:])


@panels(2)
def batch_normalized(
    axes: tuple[Axes, Axes],
    *,
    weight_scale: float = 1.0,
    depth: int = 30,
    normalized: bool = False,
) -> str:
    """Gradient by layer of a ReLU chain, and, if switched on, with batch normalization."""
    layer = np.arange(1, depth + 1)
    above = depth - layer
    profile = np.median(normalized_profile(None)[:, DEEPEST - depth :], axis=0)
    without = profile + above * np.log10(weight_scale)
    with_it = np.median(normalized_profile("batch")[:, DEEPEST - depth :], axis=0)
    growth = np.pi / (np.pi - 1)
    for ax, shown, middle, factor, color, title in (
        (axes[0], True, without, weight_scale**2 / 2, COLORS[0], "without"),
        (axes[1], normalized, with_it, growth, COLORS[1], "with batch normalization"),
    ):
        if shown:
            ax.plot(layer, 10.0**middle, color=color)
            ax.plot(layer, factor ** (above / 2), "--", color=INK, linewidth=1)
        else:
            ax.text(depth / 2, 1e-8, "switched off", ha="center", color=COLORS[5])
        ax.set(
            xlabel="Layer (the loss is on the right)", ylabel="Gradient, relative",
            xlim=(0, depth + 1), title=title,
        )  # fmt: skip
        log_axis(ax.yaxis)
        ax.set(ylim=(1e-24, 1e9), yticks=(1e-20, 1e-10, 1, 1e5))
    told = f"is {power_of_ten(without[0])} without batch normalization"
    if normalized:
        told += f" and {power_of_ten(with_it[0])} with it"
    return f"σ_w = {weight_scale:g}: relative to layer {depth}, the gradient at layer 1 {told}."


def stepped_sigmoids(ax: Axes, *, copies: int = 1) -> str:
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
    what = "A single sigmoid" if copies == 1 else f"The sum of {copies} sigmoids"
    return f"{what} is within {gap:.2g} of softplus for inputs up to 4."


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
        ax.legend(loc="upper center", ncols=2, columnspacing=0.8, handlelength=1.2)
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
    ax.legend(loc="lower right")
    return f"With {labeled[0]} labels, medians of {right.shape[1]} machines: {', '.join(told)}."
