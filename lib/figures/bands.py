"""Curves of several training runs: the median as a line, all of them as a band."""

import numpy as np
from matplotlib.axes import Axes

from lib.figures.style import COLORS


def band(
    ax: Axes, x: np.ndarray, values: np.ndarray, *, index: int = 0, label: str | None = None
) -> None:
    """Draw the median and the full range of several seeds.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    x : ndarray, shape (points,)
    values : ndarray, shape (points, seeds)
        NaN is left out.
    index : int
        Of the color.
    label : str, optional
        For the legend.
    """
    color = COLORS[index]
    low, middle, high = values.min(axis=1), np.median(values, axis=1), values.max(axis=1)
    ax.fill_between(x, low, high, color=color, alpha=0.22, linewidth=0)
    ax.plot(x, middle, color=color, label=label)
