"""What reaches which layer of a deep chain: the figure that several chapters share."""

from functools import lru_cache

import numpy as np
from matplotlib.axes import Axes

from lib import activations, chain
from lib.figures.drawing import SMALL, bar, blank, canvas, unit, write
from lib.figures.style import COLORS, INK, log_axis, power_of_ten, tall
from lib.theory import mean_field

REPLICAS = 8
WIDTH = 64
DEEPEST = 50


@lru_cache(maxsize=4096)
def gradient_profile(activation: str, depth: int, weight_scale: float) -> np.ndarray:
    """Measure log10 of the gradient norm at each layer, relative to the last one.

    Parameters
    ----------
    activation : str
        Name of the activation, as `lib.activations.get` takes it.
    depth : int
        Number of layers.
    weight_scale : float
        sigma_w, the standard deviation of a weight times the square root of its fan-in.

    Returns
    -------
    ndarray of float64, shape (replicas, depth)
        Column l - 1 holds log10 of ``|dL/dh_l| / |dL/dh_L|``.
    """
    run = chain.simulate(
        activation, depth=depth, width=WIDTH, batch=1, weight_variance=weight_scale**2,
        replicas=REPLICAS, seed=0,
    )  # fmt: skip
    with np.errstate(divide="ignore"):
        norms = np.asarray(np.log10(run.gradient_norm))
    return np.asarray(norms - norms[:, -1:])


@lru_cache(maxsize=512)
def predicted_profile(activation: str, weight_scale: float) -> np.ndarray:
    """Predict what `gradient_profile` measures at the largest depth, for wide layers.

    Parameters
    ----------
    activation, weight_scale
        As for `gradient_profile`.

    Returns
    -------
    ndarray of float64, shape (DEEPEST,)
        Of a shallower chain, the first entries relative to the last of them.
    """
    return mean_field.log10_gradient(
        activations.get(activation), depth=DEEPEST, weight_variance=weight_scale**2
    )


@tall(205, title=False)
def gradient_by_layer(
    ax: Axes,
    *,
    activation: str = "sigmoid",
    depth: int = 20,
    weight_scale: float = 1.0,
    lowest: int = -46,
    highest: int = 8,
) -> str:
    """Size of the gradient at each layer of a random chain, measured and, dashed, predicted."""
    profile = gradient_profile(activation, depth, weight_scale)
    predicted = predicted_profile(activation, weight_scale)[:depth]
    predicted = predicted - predicted[-1]
    layer = np.arange(1, depth + 1)
    middle = np.median(profile, axis=0)
    ax.axhline(1, color=INK, linewidth=1, alpha=0.5)
    ax.fill_between(
        layer, 10.0 ** profile.min(axis=0), 10.0 ** profile.max(axis=0),
        color=COLORS[0], alpha=0.25, linewidth=0,
    )  # fmt: skip
    ax.plot(layer, 10.0**middle, color=COLORS[0])
    ax.plot(layer, 10.0**predicted, "--", color=COLORS[1], linewidth=1.4)
    ax.set(
        xlabel="Layer (the loss is on the right)",
        ylabel="Gradient (last layer: 1)",
        xlim=(0, DEEPEST),
    )
    log_axis(ax.yaxis)
    ax.set_ylim(10.0**lowest, 10.0**highest)
    _label_lines(ax, middle, predicted, lowest, highest)
    label = activations.get(activation).label
    told, expected = (_per_layer(line, depth) for line in (middle, predicted))
    return (
        f"{label}: layer 1 receives {power_of_ten(middle[0])} times the gradient of layer {depth}, "
        f"a factor of {told} per layer (median of {REPLICAS} networks of width {WIDTH}); theory "
        f"for wide layers says {expected}."
    )


def _label_lines(
    ax: Axes, middle: np.ndarray, predicted: np.ndarray, lowest: int, highest: int
) -> None:
    """Name both lines on opposite sides of them, and write the number at layer 1."""
    end = float(np.clip(middle[0], lowest + 0.5, highest - 0.5))
    outside = end != middle[0]
    marker = ("v" if middle[0] < 0 else "^") if outside else "o"
    ax.plot([1], [10.0**end], marker, color=COLORS[0], markersize=8, clip_on=False)
    beside = (10, -4 if middle[0] < 0 else 4)
    ax.annotate(
        power_of_ten(middle[0]), (1, 10.0**end), xytext=beside, textcoords="offset points",
        color=COLORS[0], va="top" if middle[0] < 0 else "bottom", ha="left",
    )  # fmt: skip
    inside = np.flatnonzero((middle > lowest) & (middle < highest))
    if not len(inside):
        return
    falls = middle[0] > 0  # toward the loss: then the upper side of the line is its right
    steep = falls and inside[0] > 0.7 * DEEPEST  # no room on the right
    for line, name, color, upper in (
        (middle, "measured", COLORS[0], True),
        (predicted, "theory", COLORS[1], False),
    ):
        place = (0.25 if upper else 0.75) if steep else 0.5
        at = int(inside[int(place * (len(inside) - 1))])
        right = upper == falls and not steep
        raised = upper and not steep
        ax.annotate(
            name, (at + 1, 10.0 ** float(line[at])),
            xytext=(8 if right else -8, 5 if raised else -5), textcoords="offset points",
            color=color, ha="left" if right else "right", va="bottom" if raised else "top",
        )  # fmt: skip


def _per_layer(log10_profile: np.ndarray, depth: int) -> str:
    """Factor by which a layer changes the gradient, in the geometric mean over all layers."""
    return f"{10 ** (log10_profile[0] / max(depth - 1, 1)):.2f}"


# Of the landing page: what is drawn, the activation, and the usual weight scale for it.
FACES = (("sigmoid", "Sigmoid units", 1.0), ("relu", "ReLU units", float(np.sqrt(2))))


@canvas(400, 310)
def two_networks(ax: Axes, *, depth: int = 20) -> str:
    """Two deep networks; a bar on each layer shows how much of the learning signal reaches it."""
    blank(ax, 400, 310)
    left, right, tall = 26.0, 340.0, 58.0
    places = np.linspace(left, right, depth)
    radius = min(7.0, 0.36 * (places[1] - places[0]))
    told = []
    for (name, label, scale), foot in zip(FACES, (206.0, 48.0), strict=True):
        share = 10.0 ** np.median(gradient_profile(name, depth, scale), axis=0)
        told.append(share)
        color = COLORS[1] if name == "sigmoid" else COLORS[2]
        y = foot - radius - 5
        ax.plot([places[0], 364], [y, y], color=INK, linewidth=1, zorder=1)
        for x, value in zip(places, share, strict=True):
            unit(ax, (x, y), radius=radius, fill=1.0, color=color)
            bar(ax, (x, foot), tall * min(float(value), 1.1), width=1.6 * radius, color=color)
        write(ax, (368, y), "loss", ha="left", fontsize=SMALL, va="center")
        write(ax, (left - 16, foot + 90), label, ha="left", va="center", weight="bold")
        write(ax, (left, y - 22), "layer 1", fontsize=SMALL, ha="center")
        write(ax, (right, y - 22), f"layer {depth}", fontsize=SMALL, ha="center")
        starved = int((share < 0.01).sum())
        few = "layer 1 gets" if starved == 1 else f"layers 1 to {starved} get"
        verdict = (
            f"{few} less than a hundredth: too little to learn from"
            if starved else "every layer gets enough to learn from"
        )  # fmt: skip
        write(ax, (left - 16, foot + 74), verdict, ha="left", fontsize=SMALL + 1)
    return (
        f"Layer 1 of the sigmoid network receives {power_of_ten(np.log10(told[0][0]))} times the "
        f"gradient of layer {depth}; in the ReLU network it is "
        f"{power_of_ten(np.log10(told[1][0]))} times (random weights, before training)."
    )
