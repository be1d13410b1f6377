"""Sigmoid, tanh and LeCun's scaled tanh as the network gets deeper."""

from collections.abc import Sequence

import numpy as np

from lib import activations, initializers
from lib.experiments import sweep
from lib.training import Network

SEEDS = tuple(range(5))
HIDDEN = (1, 3, 5, 10, 20)
KINDS = {
    "sigmoid": initializers.xavier(),
    "tanh": initializers.xavier(),
    "lecun_tanh": initializers.lecun(),
}
UNITS, EPOCHS, EVERY = 64, 30, 2
RATES = (0.1, 0.3, 1.0, 3.0)


def run(seeds: Sequence[int] = SEEDS) -> dict[str, np.ndarray]:
    """Train networks of 1 to 20 hidden layers of 64 units, each kind with its best rate.

    Parameters
    ----------
    seeds : sequence of int

    Returns
    -------
    dict of str to ndarray
        ``"epochs"``, shape (records,); for each activation and depth ``"train_loss tanh 5"``,
        ``"train_accuracy tanh 5"`` and ``"test_accuracy tanh 5"``, shape (records, seeds),
        ``"error_norm tanh 5"``, shape (hidden layers, seeds), at the start, and ``"rate tanh 5"``.
    """
    found: dict[str, np.ndarray] = {}
    for kind, start in KINDS.items():
        for hidden in HIDDEN:
            network = Network((64, *[UNITS] * hidden, 10), activations.get(kind), start)
            trained = sweep.train(network, seeds, rates=RATES, epochs=EPOCHS, record_every=EVERY)
            found["epochs"] = trained.training.history.array("epochs")
            for name in ("train_loss", "train_accuracy", "test_accuracy"):
                found[f"{name} {kind} {hidden}"] = trained.array(name)
            found[f"error_norm {kind} {hidden}"] = trained.array("error_norm")[0, :hidden]
            found[f"rate {kind} {hidden}"] = np.array(trained.rate)
    return found
