"""Figures of the chapter on signal propagation: book/signal-propagation.md."""

from functools import lru_cache

import numpy as np
from matplotlib.axes import Axes

from lib import activations, chain
from lib.figures.style import COLORS, INK, log_axis, panels
from lib.theory import mean_field

DEPTH, REPLICAS = 30, 12
LINE_Q = np.geomspace(1e-3, 60, 120)


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
def _line(activation: str) -> tuple[np.ndarray, np.ndarray]:
    return mean_field.critical_line(activations.get(activation), LINE_Q)


@lru_cache(maxsize=4096)
def _settled(activation: str, weight_variance: float, bias_variance: float) -> tuple[float, float]:
    at = mean_field.fixed_point(
        activations.get(activation), weight_variance=weight_variance, bias_variance=bias_variance
    )
    return at.q_star, at.chi_1


def phases(ax: Axes, *, weight_variance: float = 1.5, bias_variance: float = 0.05) -> str:
    """Critical line of tanh in the plane of both variances, and one network in that plane."""
    weights, biases = _line("tanh")
    ax.plot(weights, biases, color=COLORS[0])
    ax.plot([weight_variance], [bias_variance], "o", color=COLORS[1], markersize=9)
    ax.text(1.15, 0.32, "ordered: vanishes", fontsize=11)
    ax.text(2.1, 0.03, "chaotic: explodes", fontsize=11)
    ax.set(
        xlabel="Variance of the weights σ_w²", ylabel="Variance of the biases σ_b²",
        xlim=(0.4, 3.1), ylim=(-0.02, 0.42),
    )  # fmt: skip
    q_star, chi_1 = _settled("tanh", weight_variance, bias_variance)
    scale = 1 / abs(np.log(chi_1))
    verb = "shrinks" if chi_1 < 1 else "grows"
    return (
        f"The variance settles at {q_star:.3f}. The squared gradient is multiplied by {chi_1:.3f} "
        f"per layer: it {verb} by a factor of e in {scale:.1f} layers."
    )
