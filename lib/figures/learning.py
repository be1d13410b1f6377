"""Figures of networks that the reader trains in the chapter: book/activation-functions.md."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from lib.figures.style import COLORS, log_axis, power_of_ten, tall

MOST_LAYERS = 10
LOWEST, HIGHEST = -8, 1

# Of each recorded epoch: the norm of dL/dW of every layer, and the share of digits that are right.
History = tuple[Sequence[Sequence[float]], Sequence[float]]


@tall(215)
def bars_by_layer(
    ax: Axes, *, histories: Mapping[str, History], epochs: Sequence[int], network: str, epoch: int
) -> str:
    """A bar per layer: how large the gradient with respect to its weights is, as training goes on.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    histories : mapping of str to pair of sequences
        For each network the norm of dL/dW of every layer, shape (epochs, layers), and the share of
        digits that are right, shape (epochs,).
    epochs : sequence of int
        What was recorded.
    network : str
        Which of the networks is shown.
    epoch : int
        After how many epochs.
    """
    norms, shares = histories[network]
    at = list(epochs).index(epoch)
    now, right = np.asarray(norms[at]), shares[at]
    layer = np.arange(1, len(now) + 1)
    floor = 10.0**LOWEST
    ax.bar(layer, np.maximum(now, floor) - floor, bottom=floor, width=0.7, color=COLORS[1])
    ends = (0, len(now) - 1) if len(now) > 1 else (0,)
    for i in ends:
        ax.annotate(
            power_of_ten(float(np.log10(now[i])), digits=0), (layer[i], max(now[i], floor)),
            xytext=(0, 3), textcoords="offset points", ha="center", va="bottom", color=COLORS[1],
            fontsize=11,
        )  # fmt: skip
    ax.set(
        xlabel="Layer", ylabel="Size of ∂ℒ/∂W", xlim=(0.2, MOST_LAYERS + 0.8),
        xticks=layer, axisbelow=True,
    )  # fmt: skip
    ax.grid(axis="x", visible=False)
    log_axis(ax.yaxis)
    ax.set_ylim(floor, 10.0**HIGHEST)
    share = f"{right:.0%}"
    ax.set_title(f"epoch {epoch}: {share} of the digits right")
    return (
        f"{network}, after {epoch} epochs: the gradient of layer 1 is "
        f"{power_of_ten(float(np.log10(now[0] / now[-1])))} times that of layer {len(now)}, and "
        f"{share} of the training digits are right."
    )
