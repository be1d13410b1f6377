"""Figures of the chapter on signal propagation: book/signal-propagation.md."""

from functools import lru_cache

import numpy as np
from matplotlib.axes import Axes

from lib import activations, chain
from lib.figures.style import COLORS, INK, legend_above, log_axis, panels, power_of_ten
from lib.theory import mean_field

DEPTH, REPLICAS = 30, 12
MOST_BIAS = 0.4
# The slider counts in these weight variances: about where the border starts, by activation.
UNITS = {"sigmoid": 100.0, "tanh": 1.0, "relu": 2.0, "elu": 1.0, "gelu": 2.0}


# All networks of one width are simulated at once, with the same random numbers.
ACTIVATIONS = ("sigmoid", "tanh", "relu", "elu", "gelu")
WEIGHT_SCALES = (0.7, 1.0, 1.4142, 2.0)


@lru_cache(maxsize=8)
def _sweep(width: int) -> chain.ChainSweep:
    return chain.sweep(
        chain.Grid(
            ACTIVATIONS,
            weight_variances=[scale**2 for scale in WEIGHT_SCALES],
            depths=[DEPTH],
            width=width,
        ),
        batch=1,
        replicas=REPLICAS,
        seed=0,
    )


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
    weight_scale: float = 1.4142,
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
        ax.set(xlabel="Layer", ylabel=name, xlim=(0, DEPTH))
        log_axis(ax.yaxis)
        legend_above(ax)
    axes[0].set_ylim(1e-12, 1e12)
    axes[1].set_ylim(1e-24, 1e12)
    mean, expected = float(measured[1][:, 0].mean()), float(predicted[1][0])
    error = 10 ** (mean - expected) - 1
    return (
        f"Gradient at layer 1: predicted {power_of_ten(expected)}, simulated {power_of_ten(mean)}, "
        f"{abs(error):.0%} {'more' if error > 0 else 'less'} "
        f"(mean logarithm of {REPLICAS} networks)."
    )


@lru_cache(maxsize=16)
def border(activation: str) -> tuple[np.ndarray, np.ndarray]:
    """Weight and bias variances between the phases, for networks whose variance starts at 1.

    Parameters
    ----------
    activation : str
        One of `UNITS`.

    Returns
    -------
    weight_variance, bias_variance : ndarray of float64, shape (points,)
        With increasing bias variances from 0 to `MOST_BIAS` and a little beyond.
    """
    phi = activations.get(activation)
    if activation == "relu":  # the slopes are the same for every variance
        return np.full(2, 2.0), np.array([0.0, 1.1 * MOST_BIAS])
    # Dense near 0, where the line of tanh starts steeply, and where the sigmoid's begins.
    q = np.geomspace(3e-6, 1e3, 400)
    _, biases = mean_field.critical_line(phi, q)
    first, last = np.flatnonzero((biases[1:] >= 0) & (biases[:-1] <= 1.1 * MOST_BIAS))[[0, -1]]
    q = np.geomspace(q[first], q[last + 1], 1500)
    weights, biases = mean_field.critical_line(phi, q)
    if activation == "gelu":
        # GELU passes small variances less well than large ones: with few biases the border is where
        # the variance stays at its start, from below which it fades and from above which it grows.
        at_start = mean_field.critical_line(phi, np.geomspace(1.0, 200, 1500))
        square = float(mean_field.variance_map(phi, 1.0, weight_variance=1.0))
        below = np.linspace(0, at_start[1][0], 20)[:-1]
        weights = np.concatenate([(1 - below) / square, at_start[0]])
        biases = np.concatenate([below, at_start[1]])
    shown = (biases >= 0) & (biases <= 1.1 * MOST_BIAS)
    return weights[shown], biases[shown]


@lru_cache(maxsize=4096)
def _settled(activation: str, weight_variance: float, bias_variance: float) -> tuple[float, float]:
    q, chi_1 = mean_field.phase_diagram(
        activations.get(activation), weight_variance, bias_variance, steps=2000
    )
    return float(q), float(chi_1)


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
