"""A network examined on paper, with the smallest repair."""

import re
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from lib import doctor
from lib.doctor import Examination, Repair
from lib.figures.residual import branch_scale
from lib.figures.style import COLORS, log_axis, panels, power_of_ten, superscript
from lib.theory import Description, finite_width

# As of a loss averaged over 16,000 tokens, with as many classes: a mean of (p - y) / 16,000.
LAST_GRADIENT = 1e-7
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


def described(
    depth: int, width: int, activation: str, initializer: str, normalization: str, scale: str,
    precision: str,
) -> Description:  # fmt: skip
    """Build the network of the doctor's menus."""
    return Description(
        depth=depth, width=width, activation=activation, initializer=initializer,
        normalization=None if normalization == "none" else normalization,
        residual=branch_scale(scale, depth), precision=precision, last_gradient=LAST_GRADIENT,
    )  # fmt: skip


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


def scatter(network: Description) -> float:
    """Factor by which the gradient of one network typically departs from the forecast.

    One standard deviation of the logarithm, that of a plain network of the same size; residual
    and normalized networks depart less.

    Examples
    --------
    >>> round(scatter(described(50, 64, "relu", "he", "none", "none", "float32")), 1)
    2.7
    """
    slope = 0.0 if network.phi.name in doctor.RECTIFIERS else 1.0
    crossed = [network.width] * max(network.depth - 1, 1)
    spread = finite_width.leading_order(crossed, alpha=slope).variance
    return float(np.exp(np.sqrt(spread) / 2))
