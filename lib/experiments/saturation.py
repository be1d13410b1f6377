"""Sigmoid, tanh and LeCun's scaled tanh as the network gets deeper."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from tqdm.auto import tqdm

from lib import activations, initializers
from lib.experiments import sweep
from lib.experiments.choosing import REACHED, Choice, lowest
from lib.experiments.parts import Done, once
from lib.models import Network, Twin

SEEDS = tuple(range(5))
DEEP = (5, 10, 20)
HIDDEN = {"sigmoid": (1, 3, *DEEP), "sigmoid twin": DEEP, "tanh": DEEP, "lecun_tanh": DEEP}
RATES = {
    "sigmoid": (0.1, 0.3, 1.0, 3.0, 10.0),
    "sigmoid twin": (0.03, 0.1, 0.3, 1.0, 3.0, 10.0),
    "tanh": (0.03, 0.1, 0.3, 1.0, 3.0),
    "lecun_tanh": (0.03, 0.1, 0.3, 1.0, 3.0),
}
UNITS, EPOCHS, EVERY = 64, 60, 4


def network(kind: str, hidden: int) -> Network:
    """Describe the network of a kind of `HIDDEN`, with so many hidden layers of 64 units."""
    sizes = (64, *[UNITS] * hidden, 10)
    if kind == "sigmoid twin":
        return Twin(sizes, activations.sigmoid())
    start = initializers.lecun() if kind == "lecun_tanh" else initializers.xavier()
    return Network(sizes, activations.get(kind), start)


def run(seeds: Sequence[int] = SEEDS, done: Done | None = None) -> dict[str, np.ndarray]:
    """Train networks of 1 to 20 hidden layers of 64 units, each kind with its best rate.

    ``"sigmoid"`` and ``"tanh"`` start from Xavier's weights, ``"lecun_tanh"`` from LeCun's. A
    ``"sigmoid twin"`` starts as the function that the tanh network of the same seed computes, and
    sees the same mini-batches.

    Parameters
    ----------
    seeds : sequence of int
    done : mutable mapping, optional
        Parts that were computed before; the others are added.

    Returns
    -------
    dict of str to ndarray
        ``"epochs"``, shape (records,); for each kind and depth ``"train_loss tanh 5"``,
        ``"train_accuracy tanh 5"`` and ``"test_accuracy tanh 5"``, shape (records, seeds),
        ``"error_norm tanh 5"``, shape (hidden layers, seeds), at the start, ``"rate tanh 5"``, and
        at the end with every rate ``"train_loss_by_rate tanh 5"`` and
        ``"train_accuracy_by_rate tanh 5"``, shape (rates, seeds).
    """
    done = {} if done is None else done
    found: dict[str, np.ndarray] = {}
    networks = [(kind, hidden) for kind, depths in HIDDEN.items() for hidden in depths]
    for kind, hidden in tqdm(networks, unit="network", disable=None):
        found |= once(done, f"{kind} {hidden}", partial(of_kind, kind, hidden, seeds))
    return found


def of_kind(kind: str, hidden: int, seeds: Sequence[int]) -> dict[str, np.ndarray]:
    """Train one kind of network at one depth with all rates; see `run`."""
    trained = sweep.train(
        network(kind, hidden), seeds, rates=RATES[kind], epochs=EPOCHS, record_every=EVERY
    )
    found = {"epochs": trained.training.history.epochs.astype(float)}
    for name in ("train_loss", "train_accuracy", "test_accuracy"):
        found[f"{name} {kind} {hidden}"] = trained.array(name)
    found[f"error_norm {kind} {hidden}"] = trained.array("error_norm")[0, :hidden]
    found[f"rate {kind} {hidden}"] = np.array(trained.rate)
    for name in ("train_loss", "train_accuracy"):
        found[f"{name}_by_rate {kind} {hidden}"] = trained.by_rate(name)[-1]
    return found


def choices(results: Mapping[str, np.ndarray]) -> list[Choice]:
    """Say which rates the results or their chapters chose.

    Of the network of one hidden layer they report that all digits are right, and nothing else.
    """
    found = []
    for kind, depths in HIDDEN.items():
        for hidden in depths:
            name, losses = f"{kind} {hidden}", results[f"train_loss_by_rate {kind} {hidden}"]
            choice = lowest(name, RATES[kind], losses, unlearned=sweep.UNLEARNED)
            if hidden == 1 and (results[f"train_accuracy {name}"][-1] == 1).all():
                choice = replace(choice, settled=REACHED)
            found.append(choice)
    return found
