"""Networks that do not train, each for one reason, beside one that does."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from tqdm.auto import tqdm

from lib import activations, datasets, training
from lib.experiments.parts import Done, once
from lib.initializers import Initializer, he, normal, pytorch_linear
from lib.models import Network
from lib.training import Training

SEEDS = (0, 1, 2, 3, 4)
HIDDEN, UNITS, EPOCHS, BATCH = 20, 64, 12, 64
RATE = 0.01  # of momentum 0.9
HE = he()
ALIKE = normal(weight_variance=0.5, bias_variance=1.0)


@dataclass(frozen=True)
class Case:
    """How a network of twenty hidden layers is built and trained.

    Attributes
    ----------
    activation : str
    initializer : Initializer
    residual : float, optional
        Branch scale; none for a plain network.
    rate : float
        Learning rate of gradient descent with momentum 0.9.
    """

    activation: str = "relu"
    initializer: Initializer = HE
    residual: float | None = None
    rate: float = RATE


CASES = {
    "healthy": Case(residual=HIDDEN**-0.5),
    "vanished": Case(initializer=pytorch_linear()),
    "exploded": Case(residual=1.0),
    "dead": Case(rate=0.1),
    "saturated": Case(activation="tanh", initializer=normal(weight_variance=25.0)),
    "alike": Case(activation="tanh", initializer=ALIKE),
    "large steps": Case(residual=HIDDEN**-0.5, rate=0.6),
    "small steps": Case(residual=HIDDEN**-0.5, rate=1e-6),
    "summed": Case(residual=HIDDEN**-0.5, rate=RATE * BATCH),
    "identical": Case(initializer=normal(weight_variance=0.0)),
}


def run(seeds: Sequence[int] = SEEDS, done: Done | None = None) -> dict[str, np.ndarray]:
    """Train each of `CASES` on the digits for twelve epochs, with batches of 64.

    Parameters
    ----------
    seeds : sequence of int
    done : mutable mapping, optional
        Parts that were computed before; the others are added.

    Returns
    -------
    dict of str to ndarray
        For each case, NaN in a network that has diverged: ``"loss healthy"``, shape (steps, seeds),
        of the mini-batches; and before and after training ``"error_norm healthy"``,
        ``"weight_gradient healthy"`` and ``"weight_scale healthy"``, shape (2, layers, seeds),
        ``"dead healthy"``, shape (2, hidden layers, seeds), and ``"train_accuracy healthy"``, shape
        (2, seeds). See `lib.training.History` for what they are.
    """
    done = {} if done is None else done
    found: dict[str, np.ndarray] = {}
    for name in tqdm(CASES, unit="case", disable=None):
        found |= once(done, name, partial(of_case, name, seeds))
    return found


def of_case(name: str, seeds: Sequence[int]) -> dict[str, np.ndarray]:
    """Train one of `CASES`; see `run`."""
    data, case = datasets.digits(), CASES[name]
    network = Network(
        (64, *[UNITS] * HIDDEN, 10), activations.get(case.activation), case.initializer,
        residual=case.residual,
    )  # fmt: skip
    learners = Training(network, training.momentum(case.rate), seeds)
    history = learners.run(
        data.train_images, data.train_labels, EPOCHS, batch=BATCH,
        record_every=EPOCHS, on_divergence="freeze",
    )  # fmt: skip
    measured = ("error_norm", "weight_gradient", "weight_scale", "dead", "train_accuracy")
    return {
        f"loss {name}": history.step_loss,
        **{f"{kind} {name}": getattr(history, kind) for kind in measured},
    }
