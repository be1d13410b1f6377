"""Figures of the chapter on the evolution of activation functions."""

from functools import lru_cache

import numpy as np
from matplotlib.axes import Axes

from lib import activations, experiments, scalar_chain
from lib.figures.bands import band
from lib.figures.drawing import write
from lib.figures.style import COLORS, INK, LINE_STYLES, log_axis, panels, power_of_ten

ACROSS = np.linspace(-6, 8, 561)
LAYERS = 100
DEEP = 10_000  # layers within which every format of the figure underflows, if the factor allows it
LOWEST, HIGHEST = -50, 20
ENDS = (("float16", 2, -24, 65504.0), ("float32", 1, -149, 3.4e38))  # color, smallest, largest
FORMATS = ("float16", "float32", "float64")

# Year, name, and the height at which the label stands.
MILESTONES = (
    (1941, "Householder: linear threshold", 0),
    (1969, "Fukushima: ReLU in vision", 1),
    (1986, "Backpropagation: sigmoid", 2),
    (1989, "Zip codes: scaled tanh", 3),
    (1991, "Hochreiter: why deep is hard", 4),
    (1997, "LSTM", 5),
    (2000, "LSTM: forget gate", 6),
    (2010, "ReLU in Boltzmann machines", 7),
    (2012, "AlexNet: ReLU at scale", 8),
    (2013, "Leaky ReLU", 9),
    (2015, "PReLU, RReLU, ELU", 10),
    (2016, "GELU", 11),
    (2017, "SELU, Swish", 12),
    (2019, "Hard Swish", 13),
)


def timeline(ax: Axes) -> str:
    """Years from 1940 to 2020, each marked with the activation function or network it brought."""
    years = [year for year, _, _ in MILESTONES]
    heights = [height for *_, height in MILESTONES]
    ax.vlines(years, -1, heights, color=COLORS[5], linewidth=0.8)
    ax.plot(years, heights, "o", color=COLORS[0], markersize=6)
    for year, name, height in MILESTONES:
        ax.annotate(
            f"{name} ({year})", (year, height), xytext=(-7, 0), textcoords="offset points",
            ha="right", va="center", fontsize=9.5,
        )  # fmt: skip
    ax.set(xlim=(1890, 2022), ylim=(-1, 13.8), xticks=[1940, 1960, 1980, 2000, 2020], yticks=[])
    ax.spines["left"].set_visible(False)
    ax.grid(False)
    late = sum(year >= 2010 for year in years)
    return f"{late} of these {len(years)} milestones lie in the ten years from 2010 to 2019."


@lru_cache(maxsize=256)
def _chain(factor: float) -> scalar_chain.ScalarChain:
    return scalar_chain.scalar(slope=factor, depth=DEEP)


def product_of_slopes(ax: Axes, *, factor: float = 0.25, depth: int = 20) -> str:
    """Product of equal factors against the number of layers: exact, and in float32 and float16."""
    chain = _chain(factor)
    layer = np.arange(1, LAYERS + 1)
    exact = chain.log10_products[:LAYERS]
    for name, color, width in (("float16", COLORS[2], 9), ("float32", COLORS[1], 5)):
        rounded = getattr(chain, name).values[:LAYERS].astype(np.float64)
        shown = np.where((rounded > 0) & np.isfinite(rounded), rounded, np.nan)
        ax.plot(layer, shown, color=color, linewidth=width, label=name)
    ax.plot(layer, 10.0**exact, color=COLORS[0], label="exact")
    ax.plot([depth], [10.0 ** exact[depth - 1]], "o", color=INK, markersize=7)
    ax.set(xlabel="Layers", ylabel="What is left", xlim=(0, LAYERS))
    log_axis(ax.yaxis)
    ax.set_ylim(10.0**LOWEST, 10.0**HIGHEST)
    _label_formats(ax, factor)
    left = f"After {depth} layers, {power_of_ten(exact[depth - 1])} of the gradient is left"
    if factor == 1:
        return f"{left}, and so it would be after any number of layers."
    verb = "underflows" if factor < 1 else "overflows"
    when = [f"in {name} at layer {_leaves_range(chain, name)}" for name in FORMATS]
    return f"{left}. It {verb} {when[0]}, {when[1]}, and {when[2]}."


def _label_formats(ax: Axes, factor: float) -> None:
    """Mark where each format ends, with its name on the side that the product leaves free."""
    for name, color, exponent, largest in ENDS:
        end = 2.0**exponent if factor <= 1 else largest
        if not 10.0**LOWEST < end < 10.0**HIGHEST:
            continue
        ax.axhline(end, color=COLORS[color], linewidth=1, linestyle="--")
        right = factor < 0.6 or factor > 1.3 or factor == 1
        word = "smallest" if factor <= 1 else "largest"
        ax.annotate(
            f"{word} {name}: {power_of_ten(float(np.log10(end)))}", (98 if right else 2, end),
            xytext=(0, 3), textcoords="offset points", ha="right" if right else "left",
            va="bottom", color=COLORS[color], fontsize=11,
        )  # fmt: skip


def _leaves_range(chain: scalar_chain.ScalarChain, name: str) -> int | None:
    rounded = getattr(chain, name)
    ends = (rounded.first_subnormal, rounded.first_zero, rounded.first_infinite)
    return min((layer for layer in ends if layer is not None), default=None)


@panels(2)
def side_by_side(axes: tuple[Axes, Axes], *, activation: str = "relu") -> str:
    """An activation function and its slope, over the dotted sigmoid and the slope of it."""
    phi, sigmoid = activations.get(activation), activations.sigmoid()
    left, right = axes
    left.plot(ACROSS, sigmoid(ACROSS), LINE_STYLES[3], color=COLORS[5])
    left.plot(ACROSS, phi(ACROSS), color=COLORS[0])
    right.plot(ACROSS, sigmoid.derivative(ACROSS), LINE_STYLES[3], color=COLORS[5])
    right.plot(ACROSS, phi.derivative(ACROSS), color=COLORS[1])
    left.set(xlabel="Input", title=phi.label, xlim=(-6, 8), ylim=(-2, 8))
    right.set(xlabel="Input", title="Slope", xlim=(-6, 8), ylim=(-0.6, 1.7))
    write(left, (-5.8, -0.7), "dotted: sigmoid", color=COLORS[5], ha="left", fontsize=11)
    for ax in axes:
        ax.axhline(0, color=INK, linewidth=0.8)
    slope = phi.derivative(np.array([-2.0, 0.0, 2.0]))
    told = ", ".join(f"{value:.3g}".replace("-", "−") for value in slope)
    return (
        f"{phi.label}: slopes {told} at the inputs −2, 0 and 2; at most {float(phi.sup_slope):.3g}."
    )


def gradients_while_training(ax: Axes, *, hidden: int = 4, step: int = 0) -> str:
    """Gradient of each hidden layer of a sigmoid network against the steps of its training."""
    results = experiments.load("early_layers")
    steps, found = results["steps"], results[f"error_norm {hidden}"]
    absent = np.full((len(steps), 1), np.nan)
    for layer in range(4):
        values = found[:, layer] if layer < hidden else absent
        band(ax, steps + 1, values, index=layer, label=f"layer {layer + 1}")
    at = int(np.searchsorted(steps, step))
    ax.axvline(steps[at] + 1, color=INK, linestyle="--", linewidth=1)
    ax.set(xlabel="Step + 1", ylabel="Gradient of a hidden layer", xlim=(1, steps[-1] + 1))
    log_axis(ax.xaxis)
    log_axis(ax.yaxis)
    ax.set_ylim(1e-4, 3)
    ax.legend(loc="upper right", ncols=2)
    ratio = np.median(found[at, 0] / found[at, -1])
    right = np.median(results[f"train_accuracy {hidden}"][at])
    return (
        f"After {steps[at]:.0f} steps the gradient of layer 1 is {ratio:.2g} times that of layer "
        f"{hidden}, and {right:.0%} of the training digits are right (medians of "
        f"{found.shape[2]} networks)."
    )
