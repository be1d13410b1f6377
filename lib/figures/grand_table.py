"""The figure of the page that compares all functions: book/which-function.md."""

import numpy as np
from matplotlib.axes import Axes

from lib import activations, experiments
from lib.experiments import grand_table
from lib.figures.style import COLORS, INK, tall

WAYS = {
    "plain": "plain", "norm": "with batch normalization", "residual": "with residual connections",
    "both": "with batch normalization and residual connections",
}  # fmt: skip


def label(kind: str) -> str:
    """Name of a function of the table."""
    return activations.get(kind).label


@tall(330)
def wrong_by_function(ax: Axes, *, hidden: int = 50, way: str = "plain") -> str:
    """Test digits wrong of each network, one dot for a seed and a line at the median."""
    results = experiments.load("grand_table")
    column = list(grand_table.HIDDEN).index(hidden), list(grand_table.WAYS).index(way)
    wrong = 100 - 100 * results["test right"][:, *column]
    for place, values in enumerate(wrong):
        heights = place + np.linspace(-0.22, 0.22, len(values))
        ax.plot(values, heights, "o", color=COLORS[0], markersize=4)
        ax.plot([np.median(values)] * 2, [place - 0.35, place + 0.35], color=INK, linewidth=1.5)
    names = [label(kind) for kind in grand_table.KINDS]
    ax.set(xlabel="Test digits wrong, %", xlim=(0, 100), ylim=(len(names) - 0.4, -0.6))
    # Longer names would not fit beside the axes.
    short = {"Leaky ReLU": "Leaky", "SiLU (Swish)": "SiLU"}
    ax.set_yticks(range(len(names)), [short.get(name, name) for name in names])
    middle = np.median(wrong, axis=1)
    first, last = middle.argmin(), middle.argmax()
    return (
        f"{hidden} layers, {WAYS[way]}: the median is {middle[first]:.0f}% wrong for "
        f"{names[first]} and {middle[last]:.0f}% for {names[last]}."
    )
