"""Figures of the chapter on folklore: book/folklore.md."""

from functools import lru_cache

import numpy as np
from matplotlib.axes import Axes

from lib import activations, chain
from lib.figures.style import COLORS, INK, legend_above, log_axis, power_of_ten
from lib.theory import finite_width, mean_field
from lib.theory.gaussian import expectation, kinks

DEPTH, WIDTH, REPLICAS = 30, 200, 10
ACTIVATIONS = ("sigmoid", "tanh", "relu", "elu", "gelu")
WEIGHT_SCALES = (0.5774, 1.0, 1.4142, 2.0)
MANY = 2000
EDGES = np.linspace(-8, 4, 49)


@lru_cache(maxsize=1)
def _sweep() -> chain.ChainSweep:
    return chain.sweep(
        chain.Grid(
            ACTIVATIONS,
            weight_variances=[scale**2 for scale in WEIGHT_SCALES],
            depths=[DEPTH],
            width=WIDTH,
        ),
        batch=1,
        replicas=REPLICAS,
        seed=0,
    )


@lru_cache(maxsize=64)
def _mean_slope(activation: str) -> float:
    phi = activations.get(activation)
    return float(expectation(phi.derivative_kernel, 1.0, breaks=kinks(phi)))


def rules_of_thumb(ax: Axes, *, activation: str = "relu", weight_scale: float = 1.4142) -> str:
    """Gradient by layer of simulated networks, and what three rules predict for it."""
    if activation not in ACTIVATIONS or weight_scale not in WEIGHT_SCALES:
        raise ValueError(
            f"activation must be one of {ACTIVATIONS} and weight_scale one of {WEIGHT_SCALES}; "
            f"got {activation!r} and {weight_scale!r}"
        )
    at = ACTIVATIONS.index(activation), WEIGHT_SCALES.index(weight_scale)
    layer = np.arange(1, DEPTH + 1)
    profile = _sweep().log10_gradient_norm[at][0]
    profile = profile - profile[:, -1:]
    phi = activations.get(activation)
    theory = mean_field.log10_gradient(phi, depth=DEPTH, weight_variance=weight_scale**2)
    slopes = {"mean slope": _mean_slope(activation), "largest slope": float(phi.sup_slope)}
    ax.fill_between(
        layer, 10.0 ** profile.min(axis=0), 10.0 ** profile.max(axis=0), color=COLORS[0],
        alpha=0.25, linewidth=0,
    )  # fmt: skip
    ax.plot(layer, 10.0 ** np.median(profile, axis=0), color=COLORS[0], label="simulated")
    for (name, slope), color in zip(slopes.items(), COLORS[1:], strict=False):
        ax.plot(layer, slope ** (DEPTH - layer), color=color, label=name)
    ax.plot(layer, 10.0**theory, "--", color=INK, linewidth=1.2, label="mean-square slope")
    ax.set(xlabel="Layer (the loss is on the right)", ylabel="Gradient, relative", xlim=(0, DEPTH))
    log_axis(ax.yaxis)
    ax.set_ylim(1e-26, 1e16)
    ax.legend(loc="upper left", ncols=2)
    told = (DEPTH - 1) * np.log10(list(slopes.values()))
    return (
        f"Reaching layer 1: simulated {power_of_ten(float(np.median(profile[:, 0])))}, from the "
        f"mean slope {power_of_ten(told[0])}, from the largest slope {power_of_ten(told[1])}, "
        f"from weights and mean-square slope {power_of_ten(theory[0])}."
    )


@lru_cache(maxsize=64)
def _ratios(width: int, depth: int) -> np.ndarray:
    """Draw natural logarithms of the squared gradient's ratio: exact factors, layer by layer."""
    rng = np.random.default_rng(0)
    active = rng.binomial(width, 0.5, size=(depth - 1, MANY))
    with np.errstate(divide="ignore"):
        factors = np.log(2 * rng.chisquare(np.maximum(active, 1)) / width)
    return np.asarray(np.where(active > 0, factors, -np.inf).sum(axis=0))


def mean_and_typical(ax: Axes, *, width: int = 32, depth: int = 30) -> str:
    """Distribution of the gradient's size over ReLU networks with He's weights, by width."""
    log10 = _ratios(width, depth) / np.log(10) / 2
    counts, _ = np.histogram(log10, EDGES)
    ax.stairs(counts / MANY, EDGES, fill=True, color=COLORS[0], alpha=0.5)
    median = float(np.median(log10[np.isfinite(log10)]))  # some networks are dead from the start
    ax.axvline(median, color=COLORS[0], label="typical (median)")
    ax.axvline(0, color=INK, linestyle="--", linewidth=1.2, label="root mean square")
    ax.set(
        xlabel="Gradient at layer 1, relative (power of ten)", ylabel="Share of networks",
        xlim=(-8, 4), ylim=(0, 0.6),
    )  # fmt: skip
    legend_above(ax)
    drift = (depth - 1) * finite_width.relu_layer(width).mean / np.log(10) / 2
    return (
        f"On average nothing is lost in {depth} layers of {width} units; of those that are not "
        f"dead, the median network keeps {power_of_ten(median)} of the gradient "
        f"(predicted {power_of_ten(drift)})."
    )
