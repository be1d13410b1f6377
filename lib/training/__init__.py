"""Training in NumPy, several seeds as one computation.

Whatever trains is made once, of a model of `lib.models` and of its seeds, and `run` trains it
further: `Training` of a `Network`, `sequences.SequenceTraining` of a `Reader`. What `run` returns
cannot be changed by a later run, and training that leaves the range of numbers raises a
`DivergenceError`.
"""

from lib._numbers import DivergenceError
from lib.training.history import History
from lib.training.loop import Training
from lib.training.optimizers import Optimizer, adam, clip, momentum, nesterov, sgd

__all__ = [
    "DivergenceError", "History", "Optimizer", "Training", "adam", "clip", "momentum", "nesterov",
    "sgd",
]  # fmt: skip
