"""Figures of the chapter on initialization: book/initialization.md."""

from functools import lru_cache

import numpy as np
from matplotlib.axes import Axes

from lib import activations, chain, initializers
from lib.figures.style import COLORS, INK, legend_above, log_axis, panels, power_of_ten
from lib.theory import mean_field

DEPTH, WIDTH, REPLICAS = 30, 128, 10
ACTIVATIONS = ("sigmoid", "tanh", "relu", "elu", "gelu")
# Weight variance times fan-in, in a network of equal widths.
SCHEMES = {"pytorch": 1 / 3, "xavier": 1.0, "he": 2.0, "tanh gain": 25 / 9, "large": 16.0}
VARIANCES = np.geomspace(0.1, 200, 60)
FUNNEL_LAYERS = 13


@lru_cache(maxsize=1)
def _sweep() -> chain.ChainSweep:
    return chain.sweep(
        chain.Grid(
            ACTIVATIONS, weight_variances=list(SCHEMES.values()), depths=[DEPTH], width=WIDTH
        ),
        batch=1,
        replicas=REPLICAS,
    )


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
    gradient = _sweep().log10_gradient_norm[at][0]
    measured = _sweep().pre_activation_rms[at] ** 2, 10.0 ** (gradient - gradient[:, -1:])
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


@lru_cache(maxsize=16)
def _tilts(activation: str) -> np.ndarray:
    """Powers of ten that the gradient changes by in one layer, far from the input."""
    phi = activations.get(activation)
    return np.array([_tilt(phi, float(v)) for v in VARIANCES])


def _tilt(phi: activations.Activation, variance: float) -> float:
    """Mean over the layers 31 to 60 of a chain."""
    profile = mean_field.log10_gradient(phi, depth=60, weight_variance=variance)
    return float(profile[30] / 29)


def tilt(ax: Axes, *, activation: str = "tanh", weight_variance: float = 1.0) -> str:
    """Powers of ten that the gradient loses per layer, against the variance of the weights."""
    tilts = _tilts(activation)
    ax.axhline(0, color=INK, linewidth=0.8)
    ax.plot(VARIANCES, tilts, color=COLORS[0])
    here = _tilt(activations.get(activation), weight_variance)
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


@lru_cache(maxsize=64)
def _funnel(mode: str, ratio: float) -> tuple[np.ndarray, np.ndarray]:
    widths = np.round(np.geomspace(400, 400 * ratio, FUNNEL_LAYERS)).astype(int).tolist()
    weights = {
        "fan_in": initializers.he(mode="fan_in"), "fan_out": initializers.he(mode="fan_out"),
        "average": initializers.xavier(gain=float(np.sqrt(2))),
    }  # fmt: skip
    if mode not in weights:
        raise ValueError(f"mode must be one of {tuple(weights)}; got {mode!r}")
    run = chain.simulate(
        chain.MLP(
            "relu", depth=FUNNEL_LAYERS, width=widths, input_width=400, initializer=weights[mode]
        ),
        batch=1,
        replicas=REPLICAS,
    )
    return run.pre_activation_rms**2 / 2, run.gradient_norm / run.gradient_norm[:, -1:]


@panels(2)
def funnel(axes: tuple[Axes, Axes], *, mode: str = "fan_in", ratio: float = 0.1) -> str:
    """Signal and gradient of a ReLU network whose layers get narrower, by what is averaged."""
    signal, total = _funnel(mode, ratio)
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
