"""Tools to draw networks and computations: units, edges, matrices, and values on them.

A drawing has no axes. Its coordinates are pixels at full size, from the lower left corner, so
that circles are round and a text keeps its distance from a line. What flows forward is drawn in
`FORWARD`, derivatives that flow backward in `BACKWARD`, and everything else in `INK`, which takes
on the color of the page. Text is plain Unicode ("w₁", "∂L/∂h₂"): see `subscript`.

Used in: book/index.md, book/activation-functions.md, book/sigmoid.md, book/hyperbolic-tangent.md,
book/relu.md, book/attention.md, book/rnn-lstm.md.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Circle, FancyArrowPatch, Rectangle

from lib.figures.style import COLORS, INK, Draw, superscript

FORWARD, BACKWARD = COLORS[0], COLORS[1]
RADIUS = 19.0
SMALL = 11.0
SUBSCRIPTS = str.maketrans("-+0123456789", "₋₊₀₁₂₃₄₅₆₇₈₉")

Point = tuple[float, float]


def canvas(width: int, height: int) -> Callable[[Draw], Draw]:
    """Give a draw function a picture of that many pixels, without axes.

    Decorates the draw function; `panels` may be given as well. A picture of up to 460 pixels is
    still legible on a phone.

    Parameters
    ----------
    width, height : int
        Of the picture at full size; the coordinates of the drawing go from 0 to these.

    Raises
    ------
    ValueError
        If one of them is not positive.
    """
    if min(width, height) <= 0:
        raise ValueError(f"width and height must be positive; got {width!r} and {height!r}")

    def mark(draw: Draw) -> Draw:
        draw.canvas = (width, height)  # type: ignore[attr-defined]  # read by lib.figures.render
        return draw

    return mark


def blank(ax: Axes, width: float, height: float) -> None:
    """Turn axes into a sheet of paper of that many pixels. Call it first in a drawing."""
    ax.set(xlim=(0, width), ylim=(0, height), aspect="equal")
    ax.axis("off")


def subscript(number: int) -> str:
    """Write an integer in subscript digits.

    >>> "w" + subscript(12)
    'w₁₂'
    """
    return str(number).translate(SUBSCRIPTS)


def number(value: float, digits: int = 3) -> str:
    """Write a value with that many significant digits and a true minus sign.

    >>> number(0.50034), number(-0.25), number(2.0), number(0.00001234), number(394.0, 2)
    ('0.5', '−0.25', '2', '1.23·10⁻⁵', '390')
    """
    text = f"{value:.{digits}g}"
    mantissa, power, exponent = text.partition("e")
    if power and 0 <= int(exponent) < 6:
        text = f"{float(text):.0f}"
    elif power:
        text = f"{mantissa}·10{superscript(int(exponent))}"
    return text.replace("-", "−")


def write(ax: Axes, at: Point, text: str, *, color: str = INK, **style: Any) -> None:
    """Write a text, centered at a point unless `ha` or `va` says otherwise."""
    ax.text(*at, text, **({"ha": "center", "va": "center", "color": color} | style))


def unit(
    ax: Axes,
    at: Point,
    text: str = "",
    *,
    above: str | None = None,
    below: str | None = None,
    color: str = INK,
    above_color: str = FORWARD,
    below_color: str = BACKWARD,
    radius: float = RADIUS,
    fill: float = 0.0,
    **style: Any,
) -> None:
    """Draw a unit: a circle with a text in it, a value above and a derivative below.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    at : pair of float
        Center.
    text, above, below : str
        In the circle, above it, and below it.
    color, above_color, below_color : str
        Of the circle, and of the two texts.
    radius : float
        In pixels.
    fill : float, default 0
        How strongly the circle is filled with its color, from 0 to 1; for instance the size of
        its value.
    **style
        Of the text in the circle, as for `Axes.text`.
    """
    if fill > 0:
        ax.add_patch(Circle(at, radius, facecolor=color, edgecolor="none", alpha=min(fill, 1.0)))
    ax.add_patch(Circle(at, radius, facecolor="none", edgecolor=color, linewidth=1.6))
    write(ax, at, text, **style)
    if above is not None:
        write(ax, (at[0], at[1] + radius + 4), above, color=above_color, va="bottom")
    if below is not None:
        write(ax, (at[0], at[1] - radius - 4), below, color=below_color, va="top")


@dataclass(frozen=True)
class Label:
    """Text of an edge, and where it stands if not beside the middle of it.

    Attributes
    ----------
    text : str
    side : float, default 9
        Distance from the edge, to its left; negative to its right.
    along : float, default 0.5
        Where it stands between start and end.
    color : str, optional
        By default that of the edge.
    """

    text: str
    side: float = 9.0
    along: float = 0.5
    color: str | None = None


def edge(
    ax: Axes,
    start: Point,
    end: Point,
    label: str | Label | None = None,
    *,
    color: str = INK,
    width: float = 1.4,
    gap: float | tuple[float, float] = RADIUS + 2,
    bend: float = 0.0,
    arrow: bool = True,
    dashed: bool = False,
    **style: Any,
) -> None:
    """Draw an edge between two units, from border to border, with a label beside it.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    start, end : pair of float
        Centers of the two units; the arrow points to the second.
    label : str or Label, optional
        A text is written beside the middle of the edge.
    color : str
    width : float
        Of the line.
    gap : float or pair of float
        What is left free at both ends, in pixels: the radius of a unit and a little more.
    bend : float, default 0
        How far the middle of the edge is moved to its left, in pixels; negative to its right. Two
        edges of opposite directions and equal bend do not touch.
    arrow, dashed : bool
    **style
        Of the label, as for `Axes.text`.
    """
    one, two = np.asarray(start, float), np.asarray(end, float)
    length = float(np.hypot(*(two - one)))
    ahead = (two - one) / length
    left = np.array([-ahead[1], ahead[0]])
    first, last = (gap, gap) if isinstance(gap, (int, float)) else gap
    begin, stop = one + first * ahead, two - last * ahead
    reach = float(np.hypot(*(stop - begin)))
    # The control point of an arc is twice as far out as its middle; matplotlib counts to the right.
    shape = f"arc3,rad={-2 * bend / reach:.4f}" if bend else "arc3"
    ax.add_patch(
        FancyArrowPatch(
            tuple(begin), tuple(stop), connectionstyle=shape, color=color, linewidth=width,
            arrowstyle="-|>" if arrow else "-", mutation_scale=11, shrinkA=0, shrinkB=0,
            linestyle="--" if dashed else "-",
        )
    )  # fmt: skip
    if label is not None:
        if isinstance(label, str):
            label = Label(label)
        along, side = label.along, label.side
        out = 4 * along * (1 - along) * bend + side
        at = begin + along * (stop - begin) + out * left
        placed = {"ha": "center", "va": "center"}
        if abs(left[1]) > 0.9:  # an edge that is nearly level: the label rests on it
            placed["va"] = "bottom" if out * left[1] > 0 else "top"
            at = begin + along * (stop - begin) + (out - np.sign(side) * 5) * left
        write(ax, (at[0], at[1]), label.text, color=label.color or color, **(placed | style))


def matrix(
    ax: Axes,
    at: Point,
    texts: Sequence[Sequence[str]],
    *,
    cell: float | tuple[float, float] = 30.0,
    color: str = INK,
    rows: Sequence[int] = (),
    columns: Sequence[int] = (),
    mark: str = FORWARD,
    name: str | None = None,
) -> Point:
    """Draw a matrix in brackets, from its upper left corner, and mark rows and columns of it.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    at : pair of float
        Upper left corner.
    texts : sequence of sequences of str
        One text per entry; a column vector is a list of lists of one text.
    cell : float or pair of float
        Width and height of an entry in pixels.
    color, mark : str
        Of the brackets and texts, and of what is marked.
    rows, columns : sequences of int
        Rows and columns to mark, counted from 0.
    name : str, optional
        Written below.

    Returns
    -------
    pair of float
        Width and height of what was drawn.
    """
    wide, high = (cell, cell) if isinstance(cell, (int, float)) else cell
    across, down = wide * len(texts[0]), high * len(texts)
    left, top = at
    for row in rows:
        ax.add_patch(Rectangle((left, top - (row + 1) * high), across, high, color=mark, alpha=0.2))
    for column in columns:
        ax.add_patch(
            Rectangle((left + column * wide, top - down), wide, down, color=mark, alpha=0.2)
        )
    for x, inward in ((left - 2, 5), (left + across + 2, -5)):
        ax.plot(
            [x + inward, x, x, x + inward], [top, top, top - down, top - down],
            color=color, linewidth=1.4,
        )  # fmt: skip
    for i, line in enumerate(texts):
        for j, text in enumerate(line):
            write(ax, (left + (j + 0.5) * wide, top - (i + 0.5) * high), text, color=color)
    if name is not None:
        write(ax, (left + across / 2, top - down - 5), name, va="top")
    return across, down


def bar(
    ax: Axes,
    at: Point,
    length: float,
    *,
    width: float = 12.0,
    color: str = FORWARD,
    label: str | None = None,
    level: bool = False,
) -> None:
    """Draw a bar that grows from a point, upward or to the right, with its value at the end.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    at : pair of float
        Middle of its foot.
    length, width : float
        In pixels. A bar is at least one pixel long, so that a tiny value is still seen to be there.
    color : str
    label : str, optional
        Written at its end.
    level : bool, default False
        Whether it lies, growing to the right.
    """
    length = max(length, 1.0)
    x, y = at
    if level:
        ax.add_patch(Rectangle((x, y - width / 2), length, width, color=color, linewidth=0))
    else:
        ax.add_patch(Rectangle((x - width / 2, y), width, length, color=color, linewidth=0))
    if label is not None:
        end = (x + length + 4, y) if level else (x, y + length + 3)
        placed = {"ha": "left"} if level else {"va": "bottom"}
        write(ax, end, label, fontsize=SMALL, **placed)
