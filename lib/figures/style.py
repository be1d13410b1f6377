"""How every figure of the book looks: colors, sizes, panels and logarithmic axes."""

from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

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


def panels(count: int) -> Callable[[Draw], Draw]:
    """Give a draw function several axes, each a figure of its own that wraps on a narrow screen.

    Parameters
    ----------
    count : int
        Number of panels, 2 or 3. The draw function then receives a tuple of that many axes.

    Raises
    ------
    ValueError
        If `count` is neither 2 nor 3.
    """
    if count not in (2, 3):
        raise ValueError(f"count must be 2 or 3; got {count!r}")

    def mark(draw: Draw) -> Draw:
        draw.panels = count  # type: ignore[attr-defined]  # read back by lib.figures.render
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
