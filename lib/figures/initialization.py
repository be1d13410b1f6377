"""Figures of the chapter on initialization: book/initialization.md."""

import numpy as np
from matplotlib.axes import Axes

from lib import activations
from lib.figures.style import COLORS, INK, legend_above, log_axis, panels, power_of_ten
from lib.simulations.initialization import (
    ACTIVATIONS,
    DEPTH,
    FUNNEL_LAYERS,
    SCHEMES,
    VARIANCES,
    narrowing,
    sweep,
    tilt_of,
    tilts,
)
from lib.theory import mean_field


@panels(2)
def schemes(axes: tuple[Axes, Axes], *, activation: str = "tanh", scheme: str = "xavier") -> str:
    """Variance of the signal and size of the gradient by layer, measured and, dashed, predicted."""
    for name, value, allowed in (
        ("activation", activation, ACTIVATIONS), ("scheme", scheme, tuple(SCHEMES)),
    ):  # fmt: skip
        if value not in allowed:
            raise ValueError(f"{name} must be one of {allowed}; got {value!r}")
    at = ACTIVATIONS.index(activation), list(SCHEMES).index(scheme)
    phi, settings = activations.get(activation), {"weight_variance": SCHEMES[scheme]}
    gradient = sweep().log10_gradient_norm[at][0]
    measured = sweep().pre_activation_rms[at] ** 2, 10.0 ** (gradient - gradient[:, -1:])
    predicted = (
        mean_field.variances(phi, depth=DEPTH, **settings),
        10.0 ** mean_field.log10_gradient(phi, depth=DEPTH, **settings),
    )
    layer = np.arange(1, DEPTH + 1)
    titles = ("Variance of the signal", "Gradient, relative")
    for ax, simulated, theory, title, color in zip(
        axes, measured, predicted, titles, COLORS, strict=False
    ):
        low, middle, high = np.quantile(simulated, (0, 0.5, 1), axis=0)
        ax.fill_between(layer, low, high, color=color, alpha=0.25, linewidth=0)
        ax.plot(layer, middle, color=color, label="measured")
        ax.plot(layer, theory, "--", color=INK, linewidth=1.2, label="predicted")
        ax.set(xlabel="Layer", ylabel=title, xlim=(0, DEPTH))
        log_axis(ax.yaxis)
        ax.set_ylim(1e-30, 1e32)
        legend_above(ax)
    signal, back = (np.median(m[:, i]) for m, i in zip(measured, (-1, 0), strict=True))
    error = abs(back / predicted[1][0] - 1)
    return (
        f"Variance at layer {DEPTH}: {power_of_ten(float(np.log10(signal)))}. Gradient at layer 1: "
        f"{power_of_ten(float(np.log10(back)))}, predicted "
        f"{power_of_ten(float(np.log10(predicted[1][0])))} ({error:.0%} off)."
    )


def tilt(ax: Axes, *, activation: str = "tanh", weight_variance: float = 1.0) -> str:
    """Powers of ten that the gradient loses per layer, against the variance of the weights."""
    by_variance = tilts(activation)
    ax.axhline(0, color=INK, linewidth=0.8)
    ax.plot(VARIANCES, by_variance, color=COLORS[0])
    here = tilt_of(activations.get(activation), weight_variance)
    ax.plot([weight_variance], [here], "o", color=COLORS[1], markersize=8)
    ax.set(
        xlabel="Weight variance times fan-in", ylabel="Powers of ten per layer",
        xlim=(0.1, 200), ylim=(-1.2, 1.2),
    )  # fmt: skip
    log_axis(ax.xaxis)
    kept = 10**here
    return (
        f"{activations.get(activation).label} with variance {weight_variance:g}: each layer "
        f"multiplies the gradient by {kept:.3f}, fifty layers by {power_of_ten(50 * here)}."
    )


@panels(2)
def funnel(axes: tuple[Axes, Axes], *, mode: str = "fan_in", ratio: float = 0.1) -> str:
    """Signal and gradient of a ReLU network whose layers get narrower, by what is averaged."""
    signal, total = narrowing(mode, ratio)
    layer = np.arange(1, FUNNEL_LAYERS + 1)
    for ax, values, title, color in zip(
        axes, (signal, total), ("Variance of the signal", "Norm of the gradient, relative"),
        COLORS, strict=False,
    ):  # fmt: skip
        low, middle, high = np.quantile(values, (0, 0.5, 1), axis=0)
        ax.fill_between(layer, low, high, color=color, alpha=0.25, linewidth=0)
        ax.plot(layer, middle, color=color)
        ax.axhline(1, color=INK, linestyle="--", linewidth=1)
        ax.set(xlabel="Layer", title=title, xlim=(1, FUNNEL_LAYERS))
        log_axis(ax.yaxis)
        ax.set_ylim(0.01, 100)
    first, last = float(np.median(total[:, 0])), float(np.median(signal[:, -1]))
    return (
        f"Widths from 400 to {round(400 * ratio)}: the variance of the signal ends at {last:.2g}, "
        f"the gradient's norm at layer 1 is {first:.2g} of the last."
    )
