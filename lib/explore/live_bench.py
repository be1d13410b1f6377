"""The bench of `lib.laboratory` in the reader's hand: networks that train while one watches.

Used in: book/laboratory.md
"""

import asyncio
from collections.abc import Mapping
from dataclasses import asdict
from html import escape
from typing import Any
from urllib.parse import urlencode

import ipywidgets as widgets

from lib import activations, laboratory
from lib._kernel import in_kernel
from lib.explore.live import picture_of
from lib.explore.page import StaticExplorer
from lib.figures.laboratory import bench as draw
from lib.figures.render import Stage
from lib.laboratory import DATA, DEEPEST, EXPERIMENTS, OPTIMIZERS, STARTS, Bench, Settings

__all__ = ["LiveBench", "bench"]

REST_SECONDS = 0.01  # between two looks, in which the kernel hears the reader
LONGEST = 400  # epochs after which the training pauses by itself
OWN = "your own"
WIDTHS = (2, 3, 4, 8, 16, 32, 64, 128)
RATES = (1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
SCALES = {"none": None, "0.2": 0.2, "0.5": 0.5, "1": 1.0}
SEEDS = tuple(range(10))


def bench(**settings: Any) -> Any:
    """Train a network of the reader's choice, and show every layer meanwhile.

    Parameters
    ----------
    **settings
        Of `lib.laboratory.Settings`, with which to start. The menus hold these values as well.

    Returns
    -------
    ipywidgets.VBox or StaticExplorer
        Widgets in a kernel. While the book is built, the first picture.

    Raises
    ------
    TypeError, ValueError
        If a setting is not one of `Settings`.
    """
    chosen = Settings(**settings)
    if not in_kernel():
        return StaticExplorer(draw, [], {"settings": asdict(chosen)}, None, None)
    return LiveBench(chosen).widget


class LiveBench:
    """Menus, buttons, a picture and a caption, around a `Bench`.

    Parameters
    ----------
    settings : Settings

    Attributes
    ----------
    widget : ipywidgets.VBox
    controls : dict of str to ipywidgets widget
        By the names of the settings, and ``"experiment"``.
    train, again, shows_code : ipywidgets widgets
        The buttons.
    bench : Bench
        What is trained at present.
    """

    def __init__(self, settings: Settings) -> None:
        self.stage = Stage(draw)
        self.controls = _controls(settings)
        self.train = widgets.Button(description="Train", button_style="primary")
        self.again = widgets.Button(description="Start again")
        self.shows_code = widgets.ToggleButton(False, description="Show me the code")
        self.picture, self.caption, self.code = widgets.HTML(), widgets.HTML(), widgets.HTML()
        self._task: asyncio.Task[None] | None = None
        self._setting = False
        self.bench = Bench(settings)
        rows = widgets.Layout(flex_flow="row wrap")
        self.widget = widgets.VBox(
            [
                widgets.HBox(list(self.controls.values()), layout=rows),
                widgets.HBox([self.train, self.again, self.shows_code], layout=rows),
                self.picture, self.caption, self.code,
            ]
        )  # fmt: skip
        for name, control in self.controls.items():
            control.observe(self._take if name == "experiment" else self._changed, names="value")
        self.train.on_click(lambda _: self.pause() if self.running else self.start())
        self.again.on_click(lambda _: self._changed())
        self.shows_code.observe(lambda _: self._tell(), names="value")
        self.show()

    @property
    def running(self) -> bool:
        """Whether the network is training."""
        return self._task is not None

    @property
    def settings(self) -> Settings:
        """What the menus stand at; raises ValueError if this cannot be trained."""
        return Settings(
            **{name: c.value for name, c in self.controls.items() if name != "experiment"}
        )

    def start(self) -> None:
        """Train, between what else the kernel does, until paused."""
        self.train.description = "Pause"
        self._task = asyncio.get_running_loop().create_task(self._run())

    def pause(self) -> None:
        """Stop training; `start` goes on."""
        if self._task is not None:
            self._task.cancel()
        self._stopped()

    def step(self) -> None:
        """Train up to the next look, and show it."""
        self.bench.advance(1 + self.bench.looks[-1].epoch // 10)
        self.show()

    def show(self) -> None:
        """Draw what was seen last."""
        frame = self.stage.frame({"settings": self.bench.settings, "looks": self.bench.looks})
        self.picture.value = picture_of(frame, draw, f"bench-{id(self)}")
        self.caption.value = f'<span aria-live="polite">{escape(frame.caption)}</span>'
        self._tell()

    async def _run(self) -> None:
        try:
            while self.bench.diverged is None and self.bench.looks[-1].epoch < LONGEST:
                self.step()
                await asyncio.sleep(REST_SECONDS)
        finally:
            self._stopped()

    def _stopped(self) -> None:
        self._task = None
        self.train.description = "Train"

    def _take(self, _change: object = None) -> None:
        """Take over the settings of an experiment."""
        name = self.controls["experiment"].value
        if name == OWN or self._setting:
            return
        self._setting = True
        for key, value in asdict(EXPERIMENTS[name].settings).items():
            self.controls[key].value = value
        self._setting = False
        self._begin()

    def _changed(self, _change: object = None) -> None:
        if self._setting:
            return
        self._setting = True
        self.controls["experiment"].value = _named(self.controls)
        self._setting = False
        self._begin()

    def _begin(self) -> None:
        self.pause()
        try:
            self.bench = Bench(self.settings)
        except ValueError as error:
            self.picture.value = self.code.value = ""
            self.caption.value = f'<span role="alert">{escape(str(error))}</span>'
            return
        self.show()

    def _tell(self) -> None:
        """Write the code, and what the page puts into its address."""
        code = ""
        if self.shows_code.value:
            text = laboratory.code(self.bench.settings, self.bench.looks[-1].epoch)
            code = f"<pre>{escape(text)}</pre>"
        self.code.value = f'<div data-bench="{escape(_address(self.bench.settings))}">{code}</div>'


def _address(settings: Settings) -> str:
    """Write what differs from the defaults, as in an address."""
    usual = asdict(Settings())
    changed = {k: v for k, v in asdict(settings).items() if v != usual[k] and v is not None}
    return urlencode(changed)


def _named(controls: Mapping[str, Any]) -> str:
    values = {name: control.value for name, control in controls.items() if name != "experiment"}
    for name, experiment in EXPERIMENTS.items():
        if asdict(experiment.settings) == values:
            return name
    return OWN


def _controls(settings: Settings) -> dict[str, Any]:
    start = asdict(settings)
    style, layout = {"description_width": "9rem"}, {"width": "24rem", "max_width": "98%"}

    def menu(label: str, options: Any, value: Any) -> widgets.Dropdown:
        return widgets.Dropdown(
            options=options, value=value, description=label, style=style, layout=layout
        )

    def slider(label: str, values: tuple[Any, ...], value: Any) -> widgets.SelectionSlider:
        options = [(f"{one:g}", one) for one in sorted({*values, value})]
        return widgets.SelectionSlider(
            options=options, value=value, description=label, style=style, layout=layout
        )

    functions = [(activations.get(name).label, name) for name in activations.names()]
    scales = dict(SCALES)
    if start["residual"] not in scales.values():
        scales[f"{start['residual']:g}"] = start["residual"]
    made = {
        "data": menu("Data", DATA, start["data"]),
        "depth": slider("Hidden layers", tuple(range(1, DEEPEST + 1)), start["depth"]),
        "width": slider("Units in each", WIDTHS, start["width"]),
        "activation": menu("Function", functions, start["activation"]),
        "start": menu("Weights", STARTS, start["start"]),
        "batch_norm": widgets.Checkbox(
            start["batch_norm"], description="Batch normalization", style=style, layout=layout
        ),
        "residual": menu("Residual scale", list(scales.items()), start["residual"]),
        "optimizer": menu("Optimizer", OPTIMIZERS, start["optimizer"]),
        "rate": slider("Learning rate", RATES, start["rate"]),
        "seed": slider("Seed", SEEDS, start["seed"]),
    }
    names = (OWN, *EXPERIMENTS)
    return {"experiment": menu("Experiment", names, _named(made)), **made}
