"""Results of single seeds, rate by rate: what a table of means does not show."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes

from lib.figures.style import COLORS, legend_above

APART = 0.012  # of the width, between the dots of two kinds


def by_rate(ax: Axes, rates: np.ndarray, kinds: Mapping[str, np.ndarray]) -> None:
    """Draw a dot for each seed, and a line through the means of rates at which none is missing.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    rates : ndarray, shape (rates,)
        Learning rates, evenly spaced on the axis.
    kinds : mapping of str to ndarray, shape (rates, seeds)
        By label; NaN for a network that has diverged, which has no dot.
    """
    places = np.arange(len(rates), dtype=float)
    for index, (label, values) in enumerate(kinds.items()):
        shift = (index - (len(kinds) - 1) / 2) * APART * len(rates)
        at = np.repeat(places + shift, values.shape[1])
        ax.plot(at, values.ravel(), "o", color=COLORS[index], markersize=2.6, alpha=0.6)
        ax.plot(places + shift, values.mean(axis=1), color=COLORS[index], label=label)
    ax.set_xticks(places, [f"{rate:.2g}" for rate in rates])
    ax.set(xlabel="Learning rate", xlim=(-0.5, len(rates) - 0.5))
    legend_above(ax)
