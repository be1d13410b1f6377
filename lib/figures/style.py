"""How every figure of the book looks: colors, sizes, panels and logarithmic axes."""

from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

# From the palette of Okabe and Ito, the colors that stand out (3:1) from white and from near-black.
COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#8f6b2e", "#7f7f7f")
# In their place on a dark page (6:1 and more); book/_static/explorer.css has both.
DARK_COLORS = ("#56b4e9", "#ff9248", "#3fcf9f", "#ee9fcb", "#d3b06c", "#adadad")
# Drawn in this color, lines and text take on the color of the text around the figure.
INK = "#010203"
LINE_STYLES = ("-", "--", "-.", ":")

# Width and height by the number of panels, in pixels at full size; panels wrap on a narrow screen.
PANEL_SIZES = {1: (400, 285), 2: (340, 270), 3: (250, 235)}

RC: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "vanishing-gradients",
    "figure.dpi": 72,
    "savefig.dpi": 72,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
    "legend.frameon": False,
    "font.family": "DejaVu Sans",
    "font.size": 12.5,
    "axes.titlesize": 13,
    "axes.titley": 1.0,  # where it stands anyway, without a search for room
    "axes.labelsize": 12.5,
    "legend.fontsize": 12,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": INK,
    "grid.alpha": 0.15,
    "grid.linewidth": 0.7,
    "lines.linewidth": 2.2,
    "axes.unicode_minus": True,
    "path.simplify_threshold": 0.2,
}

SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

Draw = Callable[..., str]


def panels(count: int, *, height: int | None = None) -> Callable[[Draw], Draw]:
    """Give a draw function several axes, each a figure of its own that wraps on a narrow screen.

    Parameters
    ----------
    count : int
        Number of panels, 2 or 3. The draw function then receives a tuple of that many axes.
    height : int, optional
        In pixels at full size, without room for a title. Default: as for all panels.

    Raises
    ------
    ValueError
        If `count` is neither 2 nor 3.
    """
    if count not in (2, 3):
        raise ValueError(f"count must be 2 or 3; got {count!r}")

    def mark(draw: Draw) -> Draw:
        draw.panels = count  # type: ignore[attr-defined]  # read back by lib.figures.render
        if height is not None:
            draw.size = (PANEL_SIZES[count][0], height)  # type: ignore[attr-defined]
            draw.top = 10  # type: ignore[attr-defined]
        return draw

    return mark


def tall(height: int, *, title: bool = True) -> Callable[[Draw], Draw]:
    """Give a draw function with one panel a height of its own, in pixels at full size.

    Without a title, no room is left for one.

    Raises
    ------
    ValueError
        If the height leaves no room for the axes.
    """
    if height < 150:
        raise ValueError(f"height must be at least 150; got {height!r}")

    def mark(draw: Draw) -> Draw:
        draw.size = (PANEL_SIZES[1][0], height)  # type: ignore[attr-defined]  # read by render
        draw.top = 28 if title else 10  # type: ignore[attr-defined]
        return draw

    return mark


def superscript(exponent: int) -> str:
    """Write an integer in superscript digits.

    >>> "10" + superscript(-31)
    '10⁻³¹'
    """
    return str(exponent).translate(SUPERSCRIPTS)


def power_of_ten(log10: float, *, digits: int = 1) -> str:
    """Write the number with the given decimal logarithm, however small it is.

    >>> power_of_ten(-31.3), power_of_ten(-0.5), power_of_ten(3.5), power_of_ten(float("-inf"))
    ('5.0·10⁻³²', '0.32', '3162', '0')
    """
    if np.isneginf(log10):
        return "0"
    if -2 <= log10 < 4:
        value = 10**log10
        return f"{value:.2g}" if value < 99.5 else f"{value:.0f}"
    exponent = int(np.floor(log10))
    mantissa = f"{10 ** (log10 - exponent):.{digits}f}"
    if mantissa.startswith("10"):
        mantissa, exponent = f"{1:.{digits}f}", exponent + 1
    return f"{mantissa}·10{superscript(exponent)}"


def count(number: int, one: str, many: str | None = None) -> str:
    """Write a number with its noun, in the singular for 1.

    >>> count(1, "layer"), count(3, "layer"), count(0, "matrix", "matrices")
    ('1 layer', '3 layers', '0 matrices')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def legend_above(ax: Axes, **options: Any) -> None:
    """Put the legend in one row above the axes, where no data can be."""
    row: dict[str, Any] = {
        "loc": "lower left", "bbox_to_anchor": (-0.02, 1.0), "ncols": 5, "borderaxespad": 0,
        "handlelength": 1.3, "handletextpad": 0.4, "columnspacing": 1.0, "fontsize": 11,
    }  # fmt: skip
    ax.legend(**row | options)


def label_ends(ax: Axes, *, room: float = 0.27, left: bool = False) -> None:
    """Name each line at its right or left end, in its color; names that would touch move apart.

    Call it last: the names stand where the lines end in the limits of the axes.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        With lines that have labels, on an even horizontal axis.
    room : float
        Share of the width that is made free for the names.
    left : bool
        Whether the names stand at the left ends.
    """
    low, high = ax.get_xlim()
    locator = MaxNLocator(6, steps=[1, 2, 5, 10], integer=high - low > 5)
    ticks = [tick for tick in locator.tick_values(low, high) if low <= tick <= high]
    named = [line for line in ax.lines if not str(line.get_label()).startswith("_")]
    end = 0 if left else -1
    ends = [np.array(line.get_xydata())[np.isfinite(line.get_ydata())][end] for line in named]
    wide = (high - low) / (1 - room)
    ax.set_xlim(*((high - wide, high) if left else (low, low + wide)))
    ax.set_xticks(ticks)
    ax.spines["bottom"].set_bounds(low, high)
    x, y = ax.transAxes.inverted().transform(ax.transData.transform(ends)).T
    apart = 15 / (ax.bbox.height / ax.figure.dpi * 72)
    beside = float(x.min() if left else x.max())
    for line, place in zip(named, _spread(y, apart), strict=True):
        ax.annotate(
            str(line.get_label()), (beside, place), xycoords="axes fraction",
            xytext=(-7 if left else 7, 0), textcoords="offset points", color=line.get_color(),
            ha="right" if left else "left", va="center",
        )  # fmt: skip


def _spread(places: np.ndarray, apart: float) -> np.ndarray:
    """Move places on the way from 0 to 1 as little as makes them that far apart."""
    order = np.argsort(places, kind="stable")
    moved = places[order].astype(float)
    for _ in range(200):
        for low in range(len(moved) - 1):
            missing = apart - (moved[low + 1] - moved[low])
            if missing > 0:
                moved[low] -= missing / 2
                moved[low + 1] += missing / 2
        steps = apart * np.arange(len(moved))
        moved = np.clip(moved, apart / 2 + steps, 1 - apart / 2 - steps[::-1])
    result = np.empty_like(moved)
    result[order] = moved
    return result


def label_sides(ax: Axes, above: Line2D, below: Line2D, *, at: float | None = None) -> None:
    """Name two lines that nearly coincide, one on the upper side of them and one on the lower.

    Call it last: it is where the lines rise or fall on the axes that decides on left or right.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    above, below : matplotlib.lines.Line2D
        Lines or dots, with their labels.
    at : float, optional
        Where, on the horizontal axis. By default, in the middle of what is seen of `above`.
    """
    x, y = (np.asarray(values, float) for values in above.get_data())
    low, high = ax.get_ylim()
    seen = np.flatnonzero((y > low) & (y < high))
    at = float(x[seen[len(seen) // 2]]) if at is None else at
    rises = y[seen[-1]] > y[seen[0]]
    for line, upper in ((above, True), (below, False)):
        nearest = int(np.argmin(np.abs(np.asarray(line.get_xdata(), float) - at)))
        right = upper != rises
        ax.annotate(
            str(line.get_label()), (at, float(np.asarray(line.get_ydata())[nearest])),
            xytext=(7 if right else -7, 5 if upper else -5), textcoords="offset points",
            color=line.get_color(), ha="left" if right else "right",
            va="bottom" if upper else "top",
        )  # fmt: skip


def log_axis(axis: Axis, *, ticks: int = 6) -> None:
    """Make an axis logarithmic, with few ticks, labelled as powers of ten in plain text."""
    scale = axis.axes.set_xscale if axis is axis.axes.xaxis else axis.axes.set_yscale
    scale("log")
    axis.set_major_locator(LogLocator(base=10, numticks=ticks))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(_tick))


def _tick(value: float, _position: int | None = None) -> str:
    exponent = round(np.log10(value)) if value > 0 else 0
    if -2 <= exponent <= 3:
        return f"{10.0**exponent:g}"
    return f"10{superscript(exponent)}"
