"""Signal and gradient of deep tanh networks, predicted, measured and trained."""

import numpy as np
from matplotlib.axes import Axes

from lib import activations, experiments
from lib.figures.bands import band
from lib.figures.drawing import number
from lib.figures.hyperbolic_tangent._valley import dots
from lib.figures.style import COLORS, INK, log_axis, panels, power_of_ten
from lib.simulations.hyperbolic_tangent import (
    changes,
    level_scales,
    measured_gradient,
    predicted_gradient,
    signal_sizes,
)
from lib.theory import mean_field

DEPTHS = (2, 5, 10, 20, 50, 100)
TRAINED = ("sigmoid", "sigmoid twin", "tanh")

PLATEAU_SCALES = np.linspace(0.75, 2.0, 51)
PLATEAU_MEASURED = (0.75, 1.0, 1.25, 1.5, 1.75, 2.0)


@panels(2)
def cobweb(axes: tuple[Axes, Axes], *, weight_scale: float = 0.7, layers: int = 0) -> str:
    """How a tanh layer maps the size of the signal: steps to the diagonal, and layer by layer."""
    left, right = axes
    q = np.linspace(0, 1.2, 121)
    after = mean_field.variance_map(activations.tanh(), q, weight_variance=weight_scale**2)
    sizes = signal_sizes(weight_scale, 50)[: layers + 1]
    left.plot(q, q, "--", color=INK, linewidth=1)
    left.plot(q, after, color=COLORS[0])
    stairs = np.repeat(sizes, 2)
    left.plot(stairs[:-1], np.append(0, stairs[2:]), color=COLORS[1], linewidth=1.4)
    left.plot([sizes[-1]], [0], "o", color=COLORS[1], markersize=6, clip_on=False)
    left.text(0.93, 1.07, "same size", ha="right", fontsize=11)
    left.set(xlabel="q of this layer", ylabel="q of the next", xlim=(0, 1.2), ylim=(0, 1.2))
    left.set_xticks([0, 0.5, 1])
    left.set_yticks([0, 0.5, 1])
    left.set_aspect("equal", adjustable="box")
    layer = 1 + np.arange(sizes.size)
    right.plot(layer, sizes, color=COLORS[1], linewidth=1)
    dots(right, np.column_stack([layer, sizes]), COLORS[1])
    right.set(xlabel="Layer", ylabel="q", xlim=(0, 52))
    log_axis(right.yaxis)
    right.set_ylim(1e-6, 3)
    right.set_yticks([1e-6, 1e-4, 1e-2, 1])
    here = sizes[-1]
    factor = float(signal_sizes(weight_scale, layers + 1)[-1] / here)
    return (
        f"σ_w = {weight_scale:g}: in layer {layers + 1} the mean square is q = {number(here)}; "
        f"the next layer multiplies it by {number(factor)}."
    )


@panels(2)
def depth_and_scale(axes: tuple[Axes, Axes], *, weight_scale: float = 1.5, depth: int = 5) -> str:
    """Gradient left at the first layer of tanh chains: against depth, and against weight scale."""
    left, right = axes
    depths, variance = np.arange(2, DEPTHS[-1] + 1), weight_scale**2
    theory = predicted_gradient(variance, DEPTHS[-1])
    law = -0.5 * np.log10(depths / 2) + theory[1]
    left.plot(depths, 10**law, "--", color=INK, linewidth=1)
    left.plot(depths, 10 ** theory[1:], color=COLORS[0])
    measured = [measured_gradient(variance, layers) for layers in DEPTHS]
    left.plot(DEPTHS, 10.0 ** np.array(measured), "o", color=COLORS[1], markersize=6)
    left.text(2.1, 3e-13, "dashed: 1/√L", fontsize=11)
    ratio = "Gradient: layer 1 / last layer"
    left.set(xlabel="Layers L", ylabel=ratio, xlim=(1.8, 120))
    log_axis(left.xaxis)
    left.set_xticks([2, 5, 10, 20, 50, 100], ["2", "5", "10", "20", "50", "100"])
    by_scale = changes(PLATEAU_SCALES**2, depth)[-1]
    right.axhspan(0.1, 10, color=COLORS[2], alpha=0.15, linewidth=0)
    right.plot(PLATEAU_SCALES, 10.0**by_scale, color=COLORS[0])
    measured = [measured_gradient(scale**2, depth) for scale in PLATEAU_MEASURED]
    right.plot(PLATEAU_MEASURED, 10.0 ** np.array(measured), "o", color=COLORS[1], markersize=6)
    right.set(xlabel="Weight scale $σ_w$", ylabel=ratio, xlim=(0.72, 2.03))
    right.text(2, 3e-13, "green: within a factor of 10", ha="right", fontsize=11)
    left.set_title(f"$σ_w$ = {weight_scale:g}")
    right.set_title(f"{depth} layers")
    for ax, here in ((left, depth), (right, weight_scale)):
        share = 10 ** theory[depth - 1]
        ax.plot([here], [share], "o", color=INK, markersize=12, fillstyle="none")
        log_axis(ax.yaxis)
        ax.set_ylim(1e-13, 1e7)
        ax.set_yticks([1e-12, 1e-8, 1e-4, 1, 1e4])
    lowest, highest = level_scales(depth)
    first, last = PLATEAU_SCALES[[0, -1]]
    lower = f"{lowest:.2f}" if lowest >= first else f"below {first:g}"
    upper = f"{highest:.2f}" if highest <= last else f"beyond {last:g}"
    return (
        f"{depth} layers, σ_w = {weight_scale:g}: layer 1 has {power_of_ten(theory[depth - 1])} of "
        f"the last layer's gradient. Scales from {lower} to {upper} change it by less than a "
        f"factor of 10."
    )


def trained_at_depth(ax: Axes, *, hidden: int = 5) -> str:
    """Training loss of sigmoid networks, of tanh networks and of their twins, epoch by epoch."""
    results = experiments.load("saturation")
    told = []
    for index, kind in enumerate(TRAINED):
        label = "Sigmoid twin" if kind == "sigmoid twin" else activations.get(kind).label
        loss = results[f"train_loss {kind} {hidden}"]
        band(ax, results["epochs"], loss, index=index, label=label)
        short = "twin" if kind == "sigmoid twin" else kind
        ax.text(results["epochs"][-1] + 1.5, np.median(loss[-1]), short, color=COLORS[index],
                va="center")  # fmt: skip
        right = np.median(results[f"test_accuracy {kind} {hidden}"][-1])
        told.append(f"{label} {right:.0%} (rate {float(results[f'rate {kind} {hidden}']):g})")
    ax.set(xlabel="Epoch", ylabel="Training loss", xlim=(0, 1.27 * results["epochs"][-1]))
    ax.set_xticks([0, 20, 40, 60])
    log_axis(ax.yaxis)
    ax.set_ylim(1e-5, 10)
    return f"Hidden layers: {hidden}. Test digits right at the end: {', '.join(told)}."
