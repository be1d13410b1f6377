"""Figure of a diagnosis: what was measured of every layer of a network."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from lib.figures.style import COLORS, PANEL_SIZES, legend_above, log_axis

if TYPE_CHECKING:
    from lib.diagnose import Report

PIXELS = 72  # per inch
GROUND, TEXT = "white", "#222222"


def figure(report: Report) -> Figure:
    """Gradient, signal and shares by layer in three panels, predictions dashed.

    Parameters
    ----------
    report : Report
        As `lib.diagnose.diagnose` returns it.

    Returns
    -------
    matplotlib.figure.Figure
    """
    width, height = PANEL_SIZES[1]
    drawn = Figure(figsize=(3 * width / PIXELS, (height + 50) / PIXELS), layout="constrained")
    drawn.set_facecolor(GROUND)
    first, second, third = drawn.subplots(1, 3)
    _gradient(first, report)
    _signal(second, report)
    _shares(third, report)
    for ax in (first, second, third):
        ax.set(xlabel="Layer (the loss is on the right)", xlim=(0.5, len(report.layers) + 0.5))
        ax.xaxis.set_major_locator(MaxNLocator(6, integer=True, min_n_ticks=1))
        ax.grid(alpha=0.15)
    drawn.suptitle("\n".join(textwrap.wrap(report.verdict, 120)), fontsize=11, color=TEXT)
    return drawn


def _line(
    ax: Axes, values: np.ndarray, label: str, color: str, style: str = "-o", *, log: bool = False,
    width: float = 1.5,
) -> None:  # fmt: skip
    number = np.arange(1, values.size + 1)
    known = np.isfinite(values) & ((values > 0) | (not log))
    if known.any():
        ax.plot(
            number[known], values[known], style, color=color, label=label, lw=width, ms=2 * width
        )


def _finish(ax: Axes, *, log: bool) -> None:
    if not ax.lines:
        ax.text(0.5, 0.5, "not measured", transform=ax.transAxes, ha="center")
        return
    if log:
        log_axis(ax.yaxis)
        # Whole powers of ten, so that at least two of them have a tick.
        low, high = np.log10(ax.dataLim.intervaly)
        low, high = np.floor(low), max(np.ceil(high), np.floor(low) + 1)
        ax.set_ylim(10.0 ** (low - 0.05), 10.0 ** (high + 0.05))
    legend_above(ax)


def _gradient(ax: Axes, report: Report) -> None:
    layers = report.layers
    known = np.flatnonzero(layers.weighted & np.isfinite(layers.gradient) & (layers.gradient > 0))
    values = layers.gradient / layers.gradient[known[-1]] if known.size else layers.gradient
    _line(ax, values, "measured", COLORS[0], log=True)
    if report.predicted is not None:
        _line(ax, report.predicted.gradient, "predicted", COLORS[1], "--", log=True)
    ax.set_ylabel("Gradient, relative to the last layer")
    _finish(ax, log=True)


def _signal(ax: Axes, report: Report) -> None:
    _line(ax, report.layers.signal, "signal", COLORS[0], log=True)
    _line(ax, report.layers.spread, "spread", COLORS[2], log=True)
    if report.predicted is not None:
        _line(ax, report.predicted.signal, "predicted", COLORS[1], "--", log=True)
    ax.set_ylabel("Root mean square")
    _finish(ax, log=True)


def _shares(ax: Axes, report: Report) -> None:
    layers = report.layers
    half = layers.precision if layers.precision == "bfloat16" else "float16"
    columns = {
        "dead": layers.dead, "saturated": layers.saturated, "likeness": layers.likeness,
        f"0 in {half}": getattr(layers, half),
    }  # fmt: skip
    # Several are often 0: the earlier is wider, so that it is seen beside the later.
    for k, (label, values) in enumerate(columns.items()):
        _line(ax, values, label, COLORS[k], width=4.5 - k)
    ax.set(ylabel="Share, and cosine of two inputs", ylim=(-0.03, 1.03))
    _finish(ax, log=False)
