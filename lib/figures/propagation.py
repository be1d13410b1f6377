"""Figures of the chapter on signal propagation: book/signal-propagation.md."""

from functools import lru_cache

import numpy as np
from matplotlib.axes import Axes

from lib import activations, chain
from lib.figures.style import COLORS, INK, log_axis, panels
from lib.theory import mean_field

DEPTH, REPLICAS = 30, 12
BIASES = np.linspace(0, 0.4, 21)
# The largest weight variance shown, by activation.
RANGES = {"sigmoid": 150.0, "tanh": 3.0, "relu": 3.0, "elu": 3.0, "gelu": 3.0}


# All networks of one width are simulated at once, with the same random numbers.
ACTIVATIONS = ("sigmoid", "tanh", "relu", "elu", "gelu")
WEIGHT_SCALES = (0.7, 1.0, 1.4142, 2.0)


@lru_cache(maxsize=8)
def _sweep(width: int) -> chain.ChainSweep:
    return chain.sweep(
        ACTIVATIONS, weight_variances=[scale**2 for scale in WEIGHT_SCALES], depths=[DEPTH],
        width=width, batch=1, replicas=REPLICAS, seed=0,
    )  # fmt: skip


def _simulated(activation: str, weight_scale: float, width: int) -> tuple[np.ndarray, np.ndarray]:
    for name, value, allowed in (
        ("activation", activation, ACTIVATIONS), ("weight_scale", weight_scale, WEIGHT_SCALES),
    ):  # fmt: skip
        if value not in allowed:
            raise ValueError(f"{name} must be one of {allowed}; got {value!r}")
    at = ACTIVATIONS.index(activation), WEIGHT_SCALES.index(weight_scale)
    sweep = _sweep(width)
    gradient = sweep.log10_gradient_norm[at][0]
    return sweep.pre_activation_rms[at] ** 2, gradient - gradient[:, -1:]


@lru_cache(maxsize=512)
def _predicted(activation: str, weight_scale: float) -> tuple[np.ndarray, np.ndarray]:
    phi, settings = activations.get(activation), {"weight_variance": weight_scale**2}
    return (
        mean_field.variances(phi, depth=DEPTH, **settings),
        mean_field.log10_gradient(phi, depth=DEPTH, **settings),
    )


@panels(2)
def layer_by_layer(
    axes: tuple[Axes, Axes],
    *,
    activation: str = "tanh",
    weight_scale: float = 1.5,
    width: int = 256,
) -> str:
    """Variance of the signal and size of the gradient by layer, simulated and predicted."""
    layer = np.arange(1, DEPTH + 1)
    measured, predicted = (
        _simulated(activation, weight_scale, width), _predicted(activation, weight_scale),
    )  # fmt: skip
    shown = (measured[0], 10.0 ** measured[1]), (predicted[0], 10.0 ** predicted[1])
    for ax, simulation, theory, name, color in zip(
        axes, *shown, ("Variance of the signal", "Gradient, relative"), COLORS, strict=False
    ):
        low, middle, high = np.quantile(simulation, (0, 0.5, 1), axis=0)
        ax.fill_between(layer, low, high, color=color, alpha=0.25, linewidth=0)
        ax.plot(layer, middle, color=color, label="simulated")
        ax.plot(layer, theory, "--", color=INK, linewidth=1.2, label="predicted")
        ax.set(xlabel="Layer", title=name, xlim=(0, DEPTH))
        log_axis(ax.yaxis)
    axes[0].set_ylim(1e-12, 1e12)
    axes[1].set_ylim(1e-24, 1e12)
    axes[0].legend(loc="lower left")
    mean, expected = float(measured[1][:, 0].mean()), float(predicted[1][0])
    error = 10 ** (mean - expected) - 1
    return (
        f"Gradient at layer 1: predicted 10^({expected:+.2f}), simulated 10^({mean:+.2f}), "
        f"{abs(error):.0%} {'more' if error > 0 else 'less'} "
        f"(mean logarithm of {REPLICAS} networks)."
    ).replace("-", "−")


@lru_cache(maxsize=16)
def _border(activation: str) -> np.ndarray:
    """Weight variance at which the gradient is kept, for each of `BIASES`; NaN beyond the grid."""
    phi, weights = activations.get(activation), _weights(activation)
    _, chi_1 = mean_field.phase_diagram(phi, weights, BIASES[:, None], steps=300)
    border = np.full(BIASES.size, np.nan)
    for row, values in enumerate(np.log(chi_1)):
        crossings = np.flatnonzero((values[:-1] < 0) & (values[1:] >= 0))
        if crossings.size:
            at = crossings[-1]
            share = -values[at] / (values[at + 1] - values[at])
            border[row] = weights[at] + share * (weights[at + 1] - weights[at])
    return border


def _weights(activation: str) -> np.ndarray:
    return np.linspace(0.1, 1, 46) * RANGES[activation]


@lru_cache(maxsize=4096)
def _settled(activation: str, weight_variance: float, bias_variance: float) -> tuple[float, float]:
    q, chi_1 = mean_field.phase_diagram(
        activations.get(activation), weight_variance, bias_variance, steps=2000
    )
    return float(q), float(chi_1)


def phases(
    ax: Axes, *, activation: str = "tanh", weights: float = 0.5, bias_variance: float = 0.05
) -> str:
    """Border between the phases in the plane of both variances, and one network in that plane."""
    if activation not in RANGES:
        raise ValueError(f"activation must be one of {tuple(RANGES)}; got {activation!r}")
    weight_variance = weights * RANGES[activation]
    ax.plot(_border(activation) / RANGES[activation], BIASES, color=COLORS[0])
    ax.plot([weights], [bias_variance], "o", color=COLORS[1], markersize=9)
    ax.text(0.12, 0.37, "ordered: vanishes", fontsize=11)
    ax.text(0.62, 0.02, "chaotic: explodes", fontsize=11)
    ax.set(
        xlabel=f"Variance of the weights σ_w² / {RANGES[activation]:g}",
        ylabel="Variance of the biases σ_b²", xlim=(0.1, 1.02), ylim=(-0.02, 0.42),
    )  # fmt: skip
    q_star, chi_1 = _settled(activation, weight_variance, bias_variance)
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
