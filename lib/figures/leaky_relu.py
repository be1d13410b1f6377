"""Figures of the chapter on leaky ReLU: book/leaky-relu.md."""

import numpy as np
from matplotlib.axes import Axes

from lib import activations
from lib.figures.style import COLORS, INK, label_sides, log_axis, panels, power_of_ten, tall
from lib.simulations.leaky_relu import (
    DEPTH,
    NARROW_DEPTH,
    NETWORKS,
    gradient_profile,
    layer_that_recovers,
    measured_factor,
    predicted_factor,
    silent_units,
    weight_variance_for,
)

ACROSS = np.linspace(-4, 4, 401)
MEASURED = (0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5)


@tall(267, title=False)
def as_a_maximum(ax: Axes, *, alpha: float = 0.5) -> str:
    """Leaky ReLU and the larger of x and alpha x, laid over each other."""
    leaky = activations.prelu(alpha=alpha)(ACROSS)
    larger = np.maximum(ACROSS, alpha * ACROSS)
    (wide,) = ax.plot(ACROSS, leaky, color=COLORS[0], linewidth=6, alpha=0.45, label="leaky(x)")
    (thin,) = ax.plot(ACROSS, larger, color=COLORS[1], label="max(x, αx)")
    ax.set(xlabel="Input x", ylabel="Output", xlim=(-4, 4), ylim=(-8, 8))
    label_sides(ax, *((thin, wide) if alpha > 1 else (wide, thin)), at=2.2)
    gap = float(np.abs(leaky - larger)[-1] / ACROSS[-1])
    if gap == 0:
        return f"With α = {alpha:g}, leaky(x) and max(x, αx) are the same function."
    return f"With α = {alpha:g} they are {gap:g}·|x| apart: max(x, αx) bends the other way."


@tall(267, title=False)
def gradient_by_layer(ax: Axes, *, alpha: float = 0.1, weights: str = "he") -> str:
    """Size of the gradient at each layer of a leaky chain, measured and predicted."""
    return draw_gradient(ax, alpha, weight_variance_for(weights, alpha))


def draw_gradient(ax: Axes, alpha: float, weight_variance: float) -> str:
    """Draw the gradient by layer for one negative slope and one variance of the weights.

    Parameters
    ----------
    ax : Axes
    alpha, weight_variance : float
        As for `predicted_factor`.

    Returns
    -------
    str
        The caption, with both factors per layer.
    """
    layer = np.arange(1, DEPTH + 1)
    profile = gradient_profile(alpha, weight_variance)
    middle = np.median(profile, axis=0)
    factor = predicted_factor(alpha, weight_variance)
    ax.fill_between(
        layer, 10.0 ** profile.min(axis=0), 10.0 ** profile.max(axis=0),
        color=COLORS[0], alpha=0.25, linewidth=0,
    )  # fmt: skip
    (measured,) = ax.plot(layer, 10.0**middle, color=COLORS[0], label="measured")
    (predicted,) = ax.plot(
        layer, factor ** (DEPTH - layer), "--", color=COLORS[1], label="predicted"
    )
    ax.set(xlabel="Layer (the loss is on the right)", ylabel="Gradient, relative", xlim=(0, DEPTH))
    log_axis(ax.yaxis)
    ax.set_ylim(1e-9, 1e9)
    label_sides(ax, measured, predicted)
    return (
        f"α = {alpha:g}, σ_w² = {weight_variance:.3f}: factor per layer {factor:.3f} predicted, "
        f"{measured_factor(alpha, weight_variance):.3f} measured. "
        f"The gradient at layer 1 is {power_of_ten(middle[0])} times that at layer {DEPTH}."
    )


@tall(267, title=False)
def factor_per_layer(ax: Axes, *, weight_variance: float = 2.0) -> str:
    """Factor per layer against the negative slope: the formula, and random networks."""
    alphas = np.linspace(-0.1, 1.6, 171)
    measured = [measured_factor(alpha, weight_variance) for alpha in MEASURED]
    predicted = [predicted_factor(alpha, weight_variance) for alpha in alphas]
    (line,) = ax.plot(alphas, predicted, color=COLORS[0], label="predicted")
    (dots,) = ax.plot(MEASURED, measured, "o", color=COLORS[1], markersize=7, label="measured")
    ax.axhline(1, color=INK, linestyle="--", linewidth=1)
    ax.set(xlabel="Negative slope α", ylabel="Factor per layer", xlim=(-0.1, 1.6), ylim=(0, 3.2))
    label_sides(ax, line, dots, at=1.0)
    formula = np.array([predicted_factor(alpha, weight_variance) for alpha in MEASURED])
    apart = np.abs(measured / formula - 1).max()
    verdict = "every α makes the gradient grow"
    if weight_variance <= 2:
        verdict = f"α = {np.sqrt(2 / weight_variance - 1):.3g} keeps the gradient"
    return f"σ_w² = {weight_variance:g}: {verdict}. Networks within {apart:.1%} of the formula."


@panels(2)
def silent_and_heard(axes: tuple[Axes, Axes], *, alpha: float = 0.01, width: int = 6) -> str:
    """Share of silent units by layer, and the gradient that reaches layer 1 of each network."""
    share, passed = silent_units(alpha, width)
    arrived = np.isfinite(passed)
    left, right = axes
    left.plot(np.arange(1, NARROW_DEPTH + 1), share, color=COLORS[0])
    left.set(xlabel="Layer", ylabel="Share of silent units", xlim=(0, NARROW_DEPTH), ylim=(0, 1))
    shown = 10.0 ** np.sort(np.where(arrived, passed, -16))
    right.plot(np.arange(1, NETWORKS + 1), shown, "o", color=COLORS[1], markersize=4)
    right.axhline(1e-16, color=INK, linestyle="--", linewidth=1)
    right.text(NETWORKS, 2e-16, "none at all", ha="right", va="bottom")
    right.set(xlabel="Networks in order", ylabel="Gradient, relative", xlim=(0, NETWORKS + 1))
    log_axis(right.yaxis)
    right.set_ylim(1e-17, 1e2)
    return (
        f"α = {alpha:g}, width {width}: {share.mean():.0%} of the units are silent. A gradient "
        f"reaches layer 1 in {arrived.sum()} of {NETWORKS} networks; in the middle one of these "
        f"it is {power_of_ten(float(np.median(passed[arrived])))} times that at the last layer."
    )


@panels(2)
def recovery(axes: tuple[Axes, Axes], *, alpha: float = 0.0) -> str:
    """Silent units and digits right of ten networks whose layer starts out silent."""
    silent, right = layer_that_recovers(alpha)
    for ax, values, color, name in zip(
        axes, (silent, right), COLORS, ("Silent units, %", "Digits right, %"), strict=False
    ):
        ax.plot(np.arange(len(values)), 100 * values, color=color, linewidth=1, alpha=0.8)
        ax.set(xlabel="Epoch", ylabel=name, xlim=(0, len(values) - 1), ylim=(0, 103))
    return (
        f"α = {alpha:g}: {silent[0].mean():.0%} of the units are silent at the start and "
        f"{silent[-1].mean():.0%} after 40 epochs; then {right[-1].mean():.0%} of the digits are "
        "right, on average."
    )
