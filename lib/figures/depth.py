"""What reaches which layer of a deep chain: the figure that several chapters share."""

import numpy as np
from matplotlib.axes import Axes

from lib import activations
from lib.figures.drawing import BACKWARD, SMALL, blank, canvas, edge, write
from lib.figures.style import COLORS, INK, log_axis, power_of_ten, superscript, tall
from lib.simulations.depth import DEEPEST, REPLICAS, WIDTH, gradient_profile, predicted_profile


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


# Of the first page: how an activation is called, and the usual weight scale for it.
FACES = {
    "sigmoid": ("sigmoid", 1.0),
    "tanh": ("tanh", 1.0),
    "relu": ("ReLU", float(np.sqrt(2))),
}
HUGE = {"fontsize": 30, "weight": "bold"}
PAPER = "#ffffff"  # the color of the page, also of a dark one
LOST = 0.01  # a layer that gets less than this share is drawn empty


@canvas(400, 184)
def error_signal(ax: Axes, *, activation: str = "sigmoid", depth: int = 20) -> str:
    """A deep network as a chain; the error signal runs back from the right, as wide as strong."""
    name, scale = FACES[activation]
    told = np.median(gradient_profile(activation, depth, scale), axis=0)
    share = 10.0**told
    blank(ax, 400, 184)
    places, middle = np.linspace(24.0, 358.0, depth), 70.0
    size = min(15.0, 0.72 * (places[1] - places[0]))
    _draw_signal(ax, places, told, middle)
    for ours, face, line in ((share < LOST, PAPER, INK), (share >= LOST, BACKWARD, PAPER)):
        ax.plot(
            places[ours], np.full(ours.sum(), middle), "o", markersize=size,
            markerfacecolor=face, markeredgecolor=line, markeredgewidth=1.2,
        )  # fmt: skip
    _mark_powers(ax, places, told, middle)
    write(ax, (394, middle + 42), "error", color=BACKWARD, ha="right", weight="bold")
    write(ax, (15, 171), f"Layer 1 of {depth} receives", ha="left", fontsize=SMALL + 2)
    write(ax, (14, 143), power_of_ten(told[0]), ha="left", color=BACKWARD, **HUGE)
    write(ax, (15, 119), "of the error signal", ha="left", fontsize=SMALL + 2)
    for at, number in zip(places[[0, -1]], (1, depth), strict=True):
        write(ax, (at, 18), f"layer {number}", fontsize=SMALL)
    edge(ax, (places[-1] - 36, 18), (places[0] + 32, 18), gap=0, width=1.0)
    starved = int((share < LOST).sum())
    first = "Layer 1 receives" if starved == 1 else f"Layers 1 to {starved} receive"
    verdict = f"{first} less than" if starved else "Every layer receives more than"
    return (
        f"Each {name} layer multiplies the error signal by about "
        f"{10 ** (told[0] / (depth - 1)):.2f}: {_reason(activation)}. {verdict} a hundredth of it "
        f"(median of {REPLICAS} networks of width {WIDTH} with random weights)."
    )


def _reason(activation: str) -> str:
    """Say why a layer changes the error signal as it does."""
    most = activations.get(activation).sup_slope
    if activation == "sigmoid":
        return f"its slopes are at most {most}, and the usual weights do not make up for them"
    if activation == "tanh":
        return f"its slopes are {most} at 0 and smaller elsewhere"
    return f"half of its slopes are 0, the others {most}, and larger weights make up for the zeros"


def _draw_signal(ax: Axes, places: np.ndarray, told: np.ndarray, middle: float) -> None:
    """Draw a band as wide as the signal is strong; between layers it changes by equal factors."""
    fine = np.linspace(places[0], places[-1], 4 * (len(places) - 1) + 1)
    half = 30 * 10.0 ** np.interp(fine, places, told)
    seen = half > 0.3
    x, y = np.append(fine[seen], 400.0), np.append(half[seen], 30.0)
    if seen[0]:  # what arrives is seen on both sides of the first layer
        x, y = np.append(0.0, x), np.append(y[0], y)
    ax.plot(places[[0, -1]], [middle, middle], color=INK, linewidth=1, zorder=0.5)
    ax.fill(np.append(x, x[::-1]), middle + np.append(y, -y[::-1]), color=BACKWARD, linewidth=0)


def _mark_powers(ax: Axes, places: np.ndarray, told: np.ndarray, middle: float) -> None:
    """Write a power of a thousandth below the last layer that receives no more than it."""
    free = places[-1]
    for exponent in range(-3, int(np.floor(told[0])), -3):
        x = places[np.flatnonzero(told <= exponent)[-1]]
        if free - x > 38 and x > 50:
            write(ax, (x, middle - 22), "10" + superscript(exponent), fontsize=SMALL)
            free = x
