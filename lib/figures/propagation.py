"""Figures of the chapter on signal propagation: book/signal-propagation.md."""

import numpy as np
from matplotlib.axes import Axes

from lib.figures.style import COLORS, INK, legend_above, log_axis, panels, power_of_ten
from lib.simulations.signal_propagation import (
    DEPTH,
    MOST_BIAS,
    REPLICAS,
    UNITS,
    border,
    predicted,
    settled,
    simulated,
)


@panels(2)
def layer_by_layer(
    axes: tuple[Axes, Axes],
    *,
    activation: str = "tanh",
    weight_scale: float = 1.4142,
    width: int = 256,
) -> str:
    """Variance of the signal and size of the gradient by layer, simulated and predicted."""
    layer = np.arange(1, DEPTH + 1)
    measured = simulated(activation, weight_scale, width)
    expected = predicted(activation, weight_scale)
    shown = (measured[0], 10.0 ** measured[1]), (expected[0], 10.0 ** expected[1])
    for ax, simulation, theory, name, color in zip(
        axes, *shown, ("Variance of the signal", "Gradient, relative"), COLORS, strict=False
    ):
        low, middle, high = np.quantile(simulation, (0, 0.5, 1), axis=0)
        ax.fill_between(layer, low, high, color=color, alpha=0.25, linewidth=0)
        ax.plot(layer, middle, color=color, label="simulated")
        ax.plot(layer, theory, "--", color=INK, linewidth=1.2, label="predicted")
        ax.set(xlabel="Layer", ylabel=name, xlim=(0, DEPTH))
        log_axis(ax.yaxis)
        legend_above(ax)
    axes[0].set_ylim(1e-12, 1e12)
    axes[1].set_ylim(1e-24, 1e12)
    mean, told = float(measured[1][:, 0].mean()), float(expected[1][0])
    error = 10 ** (mean - told) - 1
    return (
        f"Gradient at layer 1: predicted {power_of_ten(told)}, simulated {power_of_ten(mean)}, "
        f"{abs(error):.0%} {'more' if error > 0 else 'less'} "
        f"(mean logarithm of {REPLICAS} networks)."
    )


def phases(
    ax: Axes, *, activation: str = "tanh", weights: float = 1.4, bias_variance: float = 0.05
) -> str:
    """Border between the phases in the plane of both variances, and one network in that plane."""
    if activation not in UNITS:
        raise ValueError(f"activation must be one of {tuple(UNITS)}; got {activation!r}")
    unit = UNITS[activation]
    weight_variance = weights * unit
    line, biases = border(activation)
    ax.plot(line, biases, color=COLORS[0])
    ax.plot([weight_variance], [bias_variance], "o", color=COLORS[1], markersize=9)
    ax.text(0.36 * unit, 0.445, "ordered: vanishes", ha="left", fontsize=11)
    ax.text(2.5 * unit, 0.445, "chaotic: explodes", ha="right", fontsize=11)
    ax.set(
        xlabel="Variance of the weights σ_w²", ylabel="Variance of the biases σ_b²",
        xlim=(0.3 * unit, 2.5 * unit), ylim=(-0.02, 1.1 * MOST_BIAS),
    )  # fmt: skip
    q_star, chi_1 = settled(activation, weight_variance, bias_variance)
    settles = "explodes" if np.isinf(q_star) else f"settles at {q_star:.3f}"
    told = (
        f"σ_w² = {weight_variance:g}: the variance {settles}. The squared gradient is multiplied "
        f"by {chi_1:.3f} per layer"
    )
    if abs(np.log(chi_1)) < 1e-4:
        return f"{told}: it is kept."
    scale = 1 / abs(np.log(chi_1))
    verb = "shrinks" if chi_1 < 1 else "grows"
    return f"{told}: it {verb} by a factor of e in {scale:.1f} layers."
