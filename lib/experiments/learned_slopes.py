"""Slopes that PReLU learns, layer by layer, against slopes that stay as they are."""

from collections.abc import Mapping, Sequence

import numpy as np

from lib import activations, initializers
from lib.experiments import sweep
from lib.experiments.choosing import Choice, lowest
from lib.training import Network

SEEDS = sweep.SEEDS
HIDDEN, UNITS, EPOCHS, EVERY = 8, 64, 60, 2
RATES = (0.03, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4)
KINDS = {
    "prelu": (activations.prelu(), 0.25),
    "relu": (activations.relu(), 0.0),
    "leaky 0.01": (activations.leaky_relu(alpha=0.01), 0.01),
    "leaky 0.25": (activations.leaky_relu(alpha=0.25), 0.25),
}


def run(seeds: Sequence[int] = SEEDS) -> dict[str, np.ndarray]:
    """Train eight layers with PReLU (one slope a layer), ReLU and two fixed leaks.

    Parameters
    ----------
    seeds : sequence of int

    Returns
    -------
    dict of str to ndarray
        ``"epochs"``, shape (records,); ``"rates"``, shape (rates,); ``"slopes"``, shape (records,
        layers, seeds), and ``"slopes_by_rate"``, shape (layers, rates, seeds), at the end; for each
        kind ``"train_loss prelu"`` and ``"test_accuracy prelu"``, shape (records, seeds), with the
        best rate, ``"rate prelu"``; and ``"train_loss_by_rate prelu"``, shape (rates, seeds), at
        the end, NaN for a network that has diverged.
    """
    found: dict[str, np.ndarray] = {"rates": np.array(RATES)}
    for kind, (phi, slope) in KINDS.items():
        network = Network((64, *[UNITS] * HIDDEN, 10), phi, initializers.he(slope=slope))
        trained = sweep.train(network, seeds, rates=RATES, epochs=EPOCHS, record_every=EVERY)
        found["epochs"] = trained.training.history.array("epochs")
        for name in ("train_loss", "test_accuracy"):
            found[f"{name} {kind}"] = trained.array(name)
        found[f"train_loss_by_rate {kind}"] = trained.by_rate("train_loss")[-1]
        found[f"rate {kind}"] = np.array(trained.rate)
        if network.learns_slopes:
            found["slopes"] = trained.array("slopes")
            found["slopes_by_rate"] = trained.by_rate("slopes")[-1]
    return found


def choices(results: Mapping[str, np.ndarray]) -> list[Choice]:
    """Say which rates the results or their chapter chose."""
    return [lowest(kind, RATES, results[f"train_loss_by_rate {kind}"]) for kind in KINDS]
