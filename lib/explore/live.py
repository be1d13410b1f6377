"""An explorer in a running kernel: widgets that redraw one set of figures."""

import asyncio
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any
from uuid import uuid4

import ipywidgets as widgets
from IPython import get_ipython
from IPython.display import HTML

from lib.explore.controls import Control
from lib.explore.frames import frame_at
from lib.explore.page import still
from lib.figures.render import Frame, Stage
from lib.figures.style import DARK_COLORS, Draw

# Moves that arrive within this time of each other are drawn once, for the latest values.
SETTLE_SECONDS = 0.02

_DARK = ";".join(f"--ink-{i}:{color}" for i, color in enumerate(DARK_COLORS, start=1))
STYLE = (
    "<style>.explorer-room{container-type:inline-size}"
    ".explorer-live{display:grid;gap:.75rem;justify-content:center;"
    "grid-template-columns:minmax(0,34rem)}.explorer-live svg{width:100%;height:auto}"
    '.explorer-live:not([data-panels="1"]){grid-template-columns:minmax(0,22rem)}'
    '@container (min-width:32rem){.explorer-live[data-panels="2"]'
    "{grid-template-columns:repeat(2,minmax(0,22rem))}}"
    '@container (min-width:35rem){.explorer-live[data-panels="3"]'
    "{grid-template-columns:repeat(3,minmax(0,18rem))}}"
    f'[data-jp-theme-light="false"] .explorer-live{{{_DARK};--paper:#111;--band:.38}}</style>'
)


class LiveExplorer:
    """Controls, a picture and a caption; every move of a control redraws the picture.

    Attributes
    ----------
    widget : ipywidgets.VBox
        The controls in a box, the picture, the caption.
    controls : dict of str to ipywidgets widget
        The widget of each parameter.
    redraws : int
        How many times the picture was drawn.
    """

    def __init__(self, draw: Draw, controls: Sequence[Control], fixed: dict[str, Any]) -> None:
        self.fixed, self.redraws = fixed, 0
        self.stage = Stage(draw)
        self.choices = {control.name: control for control in controls}
        self.controls = {control.name: _widget(control) for control in controls}
        self.picture, self.caption = widgets.HTML(), widgets.HTML()
        layout = widgets.Layout(flex_flow="row wrap")
        self.widget = widgets.VBox(
            [widgets.HBox(list(self.controls.values()), layout=layout), self.picture, self.caption]
        )
        self._pending: asyncio.TimerHandle | None = None
        for control in self.controls.values():
            control.observe(self._moved, names="value")
        self.redraw()

    def parameters(self) -> dict[str, Any]:
        """Values that the controls stand at, with the fixed ones."""
        return self.fixed | {
            name: self.choices[name].values[_index(widget)]
            for name, widget in self.controls.items()
        }

    def move(self, places: Mapping[str, int]) -> None:
        """Put controls to the values at these places, and draw."""
        for name, place in places.items():
            widget = self.controls[name]
            if isinstance(widget, widgets.Checkbox):
                widget.value = bool(place)
            else:
                widget.index = place

    def redraw(self) -> None:
        """Draw for the present values; an error is shown in place of the caption."""
        self._pending = None
        self.redraws += 1
        try:
            frame = frame_at(self.stage, self.parameters())
        except RuntimeError as error:
            self.caption.value = f'<span role="alert">{escape(str(error))}</span>'
            return
        self.picture.value = picture_of(frame, self.stage.draw, f"live-{id(self)}")
        self.caption.value = f'<span aria-live="polite">{escape(frame.caption)}</span>'

    def _moved(self, _change: object) -> None:
        if not _from_the_reader():
            self.redraw()
            return
        if self._pending is None:
            loop = asyncio.get_running_loop()
            self._pending = loop.call_later(SETTLE_SECONDS, self.redraw)


def still_figure(draw: Draw, fixed: dict[str, Any]) -> HTML:
    """Draw a figure without controls, which needs no widget and survives in a saved notebook."""
    frame = frame_at(Stage(draw), fixed)
    picture = picture_of(frame, draw, f"still-{uuid4().hex[:8]}")
    html = f"<figure>{picture}<figcaption>{escape(frame.caption)}</figcaption></figure>"
    return HTML(html)  # type: ignore[no-untyped-call]  # IPython publishes no types


def picture_of(frame: Frame, draw: Draw, name: str) -> str:
    """Write the panels of a frame, with ids that begin with this name."""
    return (
        f'{STYLE}<div class="explorer-room"><div class="explorer-live" '
        f'data-panels="{len(frame.pictures)}">{still(frame, draw, name)}</div></div>'
    )


def _from_the_reader() -> bool:
    """Tell a move of a control in the browser from an assignment in a cell."""
    kernel = getattr(get_ipython(), "kernel", None)
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    if kernel is None:
        return False
    try:
        parent = kernel.get_parent("shell")
    except TypeError:  # the kernel in a browser has one channel
        parent = kernel.get_parent()
    return bool(parent.get("header", {}).get("msg_type") == "comm_msg")


def _widget(control: Control) -> widgets.Widget:
    # Rows of label, control and value, as on a page.
    style, layout = {"description_width": "12rem"}, {"width": "36rem", "max_width": "98%"}
    shared = {"description": control.label, "style": style, "layout": layout}
    if control.kind == "checkbox":
        return widgets.Checkbox(bool(control.start), **shared)
    # A widget finds its value by comparing: where that can't be done, options go by their number.
    plain = all(isinstance(value, (str, int, float)) for value in control.values)
    by_value = plain and len(set(control.values)) == len(control.values)
    options = [
        (control.shown(i), value if by_value else i) for i, value in enumerate(control.values)
    ]
    kind = widgets.SelectionSlider if control.kind == "slider" else widgets.Dropdown
    return kind(options=options, index=control.start, **shared)


def _index(widget: widgets.Widget) -> int:
    return int(widget.value if isinstance(widget, widgets.Checkbox) else widget.index)
