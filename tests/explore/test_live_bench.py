"""The bench in a kernel: its menus and buttons, and a training that goes on between cells."""

import nbformat
from nbclient import NotebookClient

CELLS = (
    """
import asyncio
import numpy as np
from lib import laboratory
from lib.explore.live_bench import LiveBench, bench
assert "Box" in type(bench(depth=3)).__name__
live = LiveBench(laboratory.Settings(data="circles", depth=10, activation="sigmoid", rate=0.3))
assert live.controls["experiment"].value == "ten sigmoids"
assert "Before training: loss 0.76" in live.caption.value, live.caption.value
""",
    """
live.train.click()
assert live.running and live.train.description == "Pause"
while live.bench.looks[-1].epoch < 20:
    await asyncio.sleep(0.02)
live.train.click()
assert not live.running and live.train.description == "Train"
""",
    """
seen = live.bench.looks
settings = laboratory.Settings(data="circles", depth=10, activation="sigmoid", rate=0.3)
plain = laboratory.Bench(settings)
plain.advance(seen[-1].epoch)
assert (plain.training.parameters.flat == live.bench.training.parameters.flat).all()
live.shows_code.value = True
code = laboratory.code(settings, seen[-1].epoch)
assert "training.sgd(0.3)" in live.code.value
exec(code)
assert history.train_loss[-1][0] == seen[-1].loss
""",
    """
live.controls["experiment"].value = "thirty ReLU layers, He"
assert live.controls["depth"].value == 30 and live.controls["start"].value == "he"
assert len(live.bench.looks) == 1 and "hidden units" in live.caption.value
live.controls["depth"].value = 7
assert live.controls["experiment"].value == "your own" and live.bench.settings.depth == 7
assert 'data-bench="data=circles&amp;depth=7' in live.code.value, live.code.value
live.controls["start"].value = "twin of tanh"
assert "start must not be" in live.caption.value and 'role="alert"' in live.caption.value
live.controls["experiment"].value = "rate too large"
live.start()
while live.running:
    await asyncio.sleep(0.02)
assert live.bench.diverged is not None and "has left the range" in live.caption.value
""",
)


def test_networks_train_while_the_reader_watches() -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    NotebookClient(notebook, timeout=600).execute()
