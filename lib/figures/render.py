"""One frame of a figure as SVG text: the only place where matplotlib writes a picture."""

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import AutoLocator

from lib.figures.style import COLORS, INK, PANEL_SIZES, RC, Draw

# Ours over matplotlib's own, so that no setting of the user is left; what shows windows stays.
SETTINGS = {
    name: value
    for name, value in mpl.rcParamsDefault.items()
    if name.partition(".")[0] not in {"backend", "backend_fallback", "interactive", "toolbar"}
} | RC

# Stands in every id of a frame until the page gives the explorer its own.
ID_MARK = "EXPLORER"

_HEAD = re.compile(r"\A.*?(?=<svg)|<metadata>.*?</metadata>|<style [^>]*>.*?</style>", re.S)
_GROUP_ID = re.compile(r'<g id="[^"]*">')
_FONT = re.compile(r"font: (?:[a-z]+ )?([\d.]+)px [^;\"]*")
_NUMBER = re.compile(r"-?\d+\.\d+")
# As faint as this is a band or a plane of color, which a dark page needs stronger.
_BAND = re.compile(r"(fill-opacity|(?<=[ \"])opacity): (0\.[12]\d*)(?=[;\"])")
# A hyphen before a number is a minus, as on the axes.
_HYPHEN = re.compile(r"(?<![\w)\]])-(?=\.?\d)")
_GEOMETRY = re.compile(r' (?:d|x|y|x1|x2|y1|y2|width|height|transform|points)="[^"]*"')


@dataclass(frozen=True)
class Frame:
    """What one call of a draw function leaves: an SVG per panel, and the sentence it returned."""

    pictures: tuple[str, ...]
    caption: str


class Stage:
    """Figures that a draw function draws on again and again.

    Parameters
    ----------
    draw : callable
        ``draw(ax, **parameters)``, or with several axes if decorated with `panels`; it returns the
        caption. Decorated with `lib.figures.drawing.canvas`, it is given the whole picture.
    """

    def __init__(self, draw: Draw) -> None:
        self.draw = draw
        self.count = getattr(draw, "panels", 1)
        self.bare = hasattr(draw, "canvas")
        usual = getattr(draw, "size", PANEL_SIZES[self.count])
        self.size = getattr(draw, "canvas", usual)
        width, height = self.size
        with mpl.rc_context(SETTINGS):
            self.figures = [Figure(figsize=(width / 72, height / 72)) for _ in range(self.count)]
        for figure in self.figures:
            FigureCanvasSVG(figure)

    def frame(self, parameters: Mapping[str, Any]) -> Frame:
        """Draw once for the given parameters.

        Raises
        ------
        TypeError
            If the draw function returns no sentence.
        """
        with mpl.rc_context(SETTINGS):
            axes = tuple(self._clean_axes(figure) for figure in self.figures)
            caption = self.draw(axes[0] if self.count == 1 else axes, **parameters)
            for ax in axes:
                _whole_numbers(ax)
            if not isinstance(caption, str):
                raise TypeError(f"a draw function returns its caption; got {caption!r}")
            pictures = tuple(self._svg(i) for i in range(self.count))
            return Frame(pictures, _HYPHEN.sub("−", caption))

    def _clean_axes(self, figure: Figure) -> Any:
        # Clearing a figure would also clear its axes, which costs a fifth of a frame.
        for old in figure.axes:
            figure.delaxes(old)
        figure.clear()
        if self.bare:
            return figure.add_axes((0, 0, 1, 1))
        width, height = self.size
        above = getattr(self.draw, "top", 28)
        left, right, bottom, top = 60 / width, 14 / width, 46 / height, above / height
        axes = figure.add_axes((left, bottom, 1 - left - right, 1 - bottom - top))
        axes.set_prop_cycle(color=COLORS)
        axes.set_axisbelow(True)
        # Labels that make room for the numbers would move from frame to frame.
        axes.yaxis.set_label_coords(-46 / (width - 74), 0.5)
        axes.xaxis.set_label_coords(0.5, -27 / (height - 46 - above))
        return axes

    def _svg(self, index: int) -> str:
        buffer = io.StringIO()
        self.figures[index].savefig(buffer, format="svg", metadata={"Date": None})
        return tidy(buffer.getvalue(), f"{ID_MARK}-{index}")


def _whole_numbers(ax: Axes) -> None:
    """Keep halves of layers and steps off an axis that counts them."""
    locator = ax.xaxis.get_major_locator()
    counts = ax.get_xlabel().partition(" ")[0] in {"Layer", "Layers", "Step", "Steps", "Epoch"}
    if counts and isinstance(locator, AutoLocator):
        locator.set_params(integer=True)


def tidy(svg: str, prefix: str) -> str:
    """Strip what a page does not need, round coordinates, and number the ids from a prefix."""
    svg = _HEAD.sub("", svg)
    svg = _GROUP_ID.sub("<g>", svg)
    for number, old in enumerate(dict.fromkeys(re.findall(r' id="([^"]+)"', svg)), start=1):
        svg = svg.replace(f'"{old}"', f'"{prefix}-{number}"').replace(
            f"#{old}", f"#{prefix}-{number}"
        )
    svg = _GEOMETRY.sub(lambda match: _NUMBER.sub(_rounded, match.group()), svg)
    svg = _FONT.sub(r"font-size: \1px", svg).replace(" font-family: 'DejaVu Sans';", "")
    svg = re.sub(r' transform="rotate\(-?0 [^"]*"', "", svg)
    svg = re.sub(r'(<svg [^>]*?) width="[^"]*"', r"\1", svg)
    svg = re.sub(r'(<svg [^>]*?) height="[^"]*"', r"\1", svg)
    svg = re.sub(r"<!--.*?-->", "", svg, flags=re.S)
    for number, color in enumerate(COLORS, start=1):
        svg = svg.replace(color, f"var(--ink-{number},{color})")
    svg = svg.replace("#ffffff", "var(--paper,#ffffff)")
    svg = _BAND.sub(r"\1: var(--band,\2)", svg)
    svg = svg.replace(INK, "currentColor").replace(
        ' xmlns:xlink="http://www.w3.org/1999/xlink"', ""
    )
    svg = svg.replace("xlink:href", "href").replace(' version="1.1"', "")
    svg = re.sub(r"\s*\n\s*", "", svg)
    return re.sub(r'( d="[^"]*?) "', r'\1"', svg)


def _rounded(match: re.Match[str]) -> str:
    return f"{float(match.group()):.1f}".removesuffix(".0")
