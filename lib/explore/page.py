"""An explorer as HTML: native controls, inline SVG, and every frame as data."""

import json
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from html import escape
from typing import Any

from lib.ask.page import prediction
from lib.ask.questions import Question
from lib.explore.controls import Control, chosen, grid
from lib.explore.frames import draw_all, pack
from lib.figures.render import ID_MARK, Frame
from lib.figures.style import Draw

_occurrences: Counter[str] = Counter()


class StaticExplorer:
    """All frames of an explorer, shown by the page itself without a kernel.

    Notes
    -----
    The page's script is book/_static/explorer.js; without it the starting frame stands still.
    """

    def __init__(
        self,
        draw: Draw,
        controls: Sequence[Control],
        fixed: dict[str, Any],
        play: str | None,
        waits: tuple[Question, dict[str, int]] | None = None,
    ) -> None:
        self.waits = waits
        self.draw, self.controls, self.fixed, self.play = draw, tuple(controls), fixed, play
        self.points = [fixed | chosen(self.controls, indices) for indices in grid(self.controls)]
        self.name = _unique_name(draw)
        self.frames = [
            (self.join(frame.pictures), frame.caption) for frame in draw_all(draw, self.points)
        ]
        self.start = 0
        for control in self.controls:
            self.start = self.start * len(control.values) + control.start

    def join(self, pictures: Sequence[str]) -> str:
        """Put the panels of a frame side by side, with ids that are this explorer's own."""
        marked = (p.replace(ID_MARK, self.name).replace("<svg ", "<svg " + self._access(i), 1)
                  for i, p in enumerate(pictures))  # fmt: skip
        return "".join(marked)

    def _access(self, panel: int) -> str:
        number = f", panel {panel + 1}" if getattr(self.draw, "panels", 1) > 1 else ""
        words = escape(describe(self.draw) + number)
        return f'role="img" aria-label="{words}" aria-describedby="{self.name}-caption" '

    def _repr_html_(self) -> str:
        if self.waits is None:
            return self._figure()
        question, places = self.waits
        return prediction(question, self._figure(), self.name, places)

    def _figure(self) -> str:
        picture, caption = self.frames[self.start]
        return (
            f'<figure class="explorer" id="{self.name}" data-draw="{_address(self.draw)}" '
            f'data-fixed="{escape(_plain_ones(self.fixed))}">'
            f"{self._form() if self.controls else ''}"
            f'<div class="explorer-picture" data-panels="{getattr(self.draw, "panels", 1)}">'
            f"{picture}</div>"
            f'<figcaption id="{self.name}-caption" aria-live="polite">'
            f"{escape(caption)}</figcaption>"
            f"{self._data() if self.controls else ''}</figure>"
        )

    def _form(self) -> str:
        rows = "".join(_input(self.name, control) for control in self.controls)
        buttons = '<button type="reset">Reset</button>'
        if self.play:
            buttons = f'<button type="button" data-play="{self.play}">Play</button>' + buttons
        return (
            f'<form class="explorer-controls" autocomplete="off" aria-label="Controls: '
            f'{escape(describe(self.draw))}" hidden>{rows}'
            f'<div class="explorer-buttons">{buttons}</div></form>'
        )

    def _data(self) -> str:
        packed = pack(self.frames)
        data = {
            "controls": [_for_the_script(control) for control in self.controls],
            "templates": packed.templates,
            "values": packed.values,
            "frames": packed.frames,
        }
        text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")
        return f'<script type="application/json">{text}</script>'


def still(frame: Frame, draw: Draw, name: str) -> str:
    """One frame as HTML, for a live kernel to show."""
    words = escape(describe(draw))
    return "".join(
        picture.replace(ID_MARK, name).replace("<svg ", f'<svg role="img" aria-label="{words}" ', 1)
        for picture in frame.pictures
    )


def describe(draw: Draw) -> str:
    """First line of the docstring of a draw function: what its picture shows.

    Raises
    ------
    ValueError
        If the draw function has no docstring.
    """
    words = (draw.__doc__ or "").strip().partition("\n")[0]
    if not words:
        raise ValueError(f"{draw.__name__} needs a docstring: its first line describes the picture")
    return words


def _address(draw: Draw) -> str:
    """Where the draw function is, so that a page can be compared with what the library draws."""
    return f"{draw.__module__}:{draw.__qualname__}"


def _plain(value: Any) -> Any:
    """Give what fits into the page, else None: an array or a function stays in the frames."""
    with suppress(TypeError, ValueError):
        return json.loads(json.dumps(value, default=float, allow_nan=False))
    return None


def _plain_ones(fixed: dict[str, Any]) -> str:
    plain = {name: _plain(value) for name, value in fixed.items()}
    return json.dumps({k: v for k, v in plain.items() if v is not None or fixed[k] is None})


def _unique_name(draw: Draw) -> str:
    *packages, module = draw.__module__.split(".")
    if packages and module.startswith("_"):  # a private part of a page's figures
        module = packages[-1]
    base = f"{module}-{draw.__name__}".replace("_", "-").strip("-")
    _occurrences[base] += 1
    return base if _occurrences[base] == 1 else f"{base}-{_occurrences[base]}"


def _for_the_script(control: Control) -> dict[str, Any]:
    """Give explorer.js the texts to show and the keys in the address; the values are for tests."""
    return {
        "name": control.name,
        "texts": [control.shown(i) for i in range(len(control.values))],
        "keys": control.keys,
        "values": [_plain(value) for value in control.values],
        "start": control.start,
    }


def _input(explorer: str, control: Control) -> str:
    ident = f"{explorer}--{control.name}"
    label = f'<label for="{ident}">{escape(control.label)}</label>'
    common = f'id="{ident}" name="{control.name}"'
    if control.kind == "checkbox":
        checked = " checked" if control.start else ""
        return (
            f'<div class="explorer-control">{label}<input type="checkbox" {common}{checked}></div>'
        )
    if control.kind == "select":
        options = "".join(
            f'<option value="{i}"{" selected" if i == control.start else ""}>'
            f"{escape(control.shown(i))}</option>"
            for i in range(len(control.values))
        )
        return f'<div class="explorer-control">{label}<select {common}>{options}</select></div>'
    text = escape(control.shown(control.start))
    # Room for the longest value, so that the slider does not get shorter while it is moved.
    room = max(len(control.shown(i)) for i in range(len(control.values)))
    return (
        f'<div class="explorer-control">{label}<input type="range" {common} min="0" '
        f'max="{len(control.values) - 1}" step="1" value="{control.start}" aria-valuetext="{text}">'
        f'<output for="{ident}" style="min-width: {room}ch">{text}</output></div>'
    )
