"""Training in NumPy, several seeds as one computation.

Whatever trains is made once, of what is trained and of its seeds, and `run` trains it further:
`Training` of a `Network`, `sequences.SequenceTraining` of a reader, `boltzmann.BoltzmannMachine`.
What `run` returns cannot be changed by a later run, and training that leaves the range of numbers
raises a `DivergenceError`.
"""

from lib.training.divergence import DivergenceError
from lib.training.history import History
from lib.training.loop import Training
from lib.training.losses import cross_entropy, logistic, squared_error
from lib.training.network import Network, Pass
from lib.training.optimizers import Optimizer, adam, clip, momentum, nesterov, sgd
from lib.training.parameters import Parameters
from lib.training.twins import Twin, as_sigmoids

__all__ = [
    "DivergenceError", "History", "Network", "Optimizer", "Parameters", "Pass", "Training", "Twin",
    "adam", "as_sigmoids", "clip", "cross_entropy", "logistic", "momentum", "nesterov", "sgd",
    "squared_error",
]  # fmt: skip
