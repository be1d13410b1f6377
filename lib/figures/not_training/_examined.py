"""A network examined on paper, with the smallest repair."""

import re
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from lib import doctor
from lib.doctor import Examination, Repair
from lib.figures.style import COLORS, log_axis, panels, power_of_ten, superscript
from lib.simulations.not_training import described, scatter
from lib.theory import Description

BOTTOM, TOP = 1e-16, 1e8
SHOWN = {
    "healthy": "healthy",
    "vanished": "vanished",
    "exploded": "exploded",
    "saturated": "saturated",
    "dead": "dead",
    "small steps": "small steps",
}


# The menus of the doctor: few values, because a page holds a frame for each combination.
MENUS: dict[str, Any] = {
    "depth": [30, 50],
    "activation": {"Sigmoid": "sigmoid", "tanh": "tanh", "ReLU": "relu"},
    "initializer": {"PyTorch's": "pytorch_linear", "Xavier's": "xavier", "He's": "he"},
    "normalization": {"None": "none", "Layer": "layer", "Batch": "batch"},
    "scale": {"None": "none", "1": "full", "1 / √L": "1/sqrt(L)"},
    "fixed": {"width": 256},
    "labels": {
        "depth": "Depth", "activation": "Function", "initializer": "Weights",
        "normalization": "Normalization", "scale": "Residual scale",
    },
}  # fmt: skip


def in_superscript(words: str) -> str:
    """Write powers with superscript digits.

    >>> in_superscript("10^-7 of it, times 2^16")
    '10⁻⁷ of it, times 2¹⁶'
    """
    return re.sub(r"\^(-?\d+)", lambda found: superscript(int(found[1])), words)


@panels(3)
def examined(
    axes: tuple[Axes, Axes, Axes],
    *,
    depth: int = 30,
    width: int = 256,
    activation: str = "relu",
    initializer: str = "pytorch_linear",
    normalization: str = "none",
    scale: str = "none",
    precision: str = "float32",
) -> str:
    """Gradient, signal and likeness of two inputs by layer, predicted; dashed after the repair."""
    network = described(
        depth, width, activation, initializer, normalization, scale, precision
    )  # fmt: skip
    found, mended = doctor.examine(network), doctor.repair(network)
    shown = [(found, "-", COLORS[0], "this network")]
    if mended is not None:
        shown.append((mended.examination, "--", COLORS[1], "after the change"))
    for examination, style, color, label in shown:
        forecast = examination.forecast
        layer = np.arange(1, forecast.q.size + 1)
        with np.errstate(under="ignore"):
            gradient = 10.0 ** np.maximum(forecast.log10_gradient, -300)
        for ax, values in zip(
            axes, (gradient, np.sqrt(forecast.q), forecast.correlation), strict=True
        ):
            ax.plot(layer, values, style, color=color, label=label)
    for ax, title in zip(
        axes, ("Gradient / last layer's", "Signal (rms)", "Likeness"), strict=True
    ):
        ax.set_title(title, loc="left")
        ax.set(xlabel="Layer", xlim=(0, depth + 1))
    for ax in axes[:2]:
        log_axis(ax.yaxis, ticks=5)
        ax.set_ylim(BOTTOM, TOP)
    axes[2].set_ylim(-0.05, 1.05)
    return _told(network, found, mended)


def _told(network: Description, found: Examination, mended: Repair | None) -> str:
    """Say what was found, and what mends it."""
    words = in_superscript(found.words)
    told = f"{words[0].upper()}{words[1:]}."
    if found.healthy:
        ratio = power_of_ten(float(found.forecast.log10_gradient[0]))
        return (
            f"{told} Layer 1 starts with {ratio} times the gradient of layer {network.depth}, "
            f"give or take a factor of {scatter(network):.1f} in a single network of width "
            f"{network.width}."
        )
    if mended is None:
        return f"{told} Neither one nor two of the changes repair it."
    after = power_of_ten(float(mended.examination.forecast.log10_gradient[0]))
    changes = in_superscript(" and ".join(mended.changes))
    number = "change" if len(mended.changes) == 1 else "two changes"
    return (
        f"{told} Smallest {number}: {changes}. Layer 1 then gets {after} times the last layer's "
        "gradient, and nothing is found."
    )
