"""Results of single seeds, by rate or as differences: what a table of means does not show."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes

from lib.experiments import Comparison
from lib.figures.style import COLORS, INK, legend_above

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


def differences(ax: Axes, rows: Mapping[str, np.ndarray], found: Mapping[str, Comparison]) -> str:
    """Draw a dot for the difference of each seed, and the mean with its interval.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    rows : mapping of str to ndarray, shape (seeds,)
        Differences by label, from top to bottom; the label stands above its dots.
    found : mapping of str to Comparison
        With the same labels.

    Returns
    -------
    str
        The means, in the order of the rows.
    """
    ax.axvline(0, color=INK, linestyle="--", linewidth=1)
    for place, (label, values) in enumerate(rows.items()):
        spread = place + np.linspace(-0.15, 0.25, len(values))
        ax.plot(values, spread, "o", color=COLORS[0], markersize=3.2, alpha=0.6)
        one, middle = found[label], place + 0.05
        ax.plot([one.low, one.high], [middle] * 2, color=COLORS[1], linewidth=3.5, alpha=0.75)
        ax.plot([one.difference], [middle], "D", color=COLORS[1], markersize=6)
        ax.annotate(
            label, (0, place - 0.33), xycoords=ax.get_yaxis_transform(), color=INK, fontsize=11.5,
            va="center",
        )  # fmt: skip
    ax.set_yticks([])
    ax.set_ylim(len(rows) - 0.65, -0.5)
    return ", ".join(f"{found[label].difference:+.2f}".replace("-", "−") for label in rows)
