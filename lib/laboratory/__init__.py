"""A bench for whole networks: choose one, train it, and watch every layer while it trains.

`Settings` say which data, which network and which optimizer; a `Bench` trains the network by
`lib.training`, and keeps after each look what a reader wants to see: the loss, what the network
makes of the data, and of every layer the gradient, the size of the activations and the share of
dead units, beside what `lib.theory` says of the start. `EXPERIMENTS` are settings that each tell a
story of the book.

Used in: book/laboratory.md, lib/experiments/ten_seeds.py
"""

from lib.laboratory._bench import GRID, REACH, Bench, Look
from lib.laboratory._code import code
from lib.laboratory._data import points
from lib.laboratory._expected import Expected, expected
from lib.laboratory._experiments import EXPERIMENTS, Experiment, accuracies, observed
from lib.laboratory._settings import DATA, OPTIMIZERS, STARTS, Settings
from lib.laboratory._settings import DEEPEST as DEEPEST

__all__ = [
    "DATA", "EXPERIMENTS", "GRID", "OPTIMIZERS", "REACH", "STARTS", "Bench", "Expected",
    "Experiment", "Look", "Settings", "accuracies", "code", "expected", "observed", "points",
]  # fmt: skip
