"""Leaky ReLU with slopes from 0 to 0.5."""

from collections.abc import Mapping, Sequence

import numpy as np

from lib import activations, initializers
from lib.experiments import sweep
from lib.experiments.choosing import Choice
from lib.training import Network

SEEDS = sweep.SEEDS
ALPHAS = (0.0, 0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5)
HIDDEN, UNITS, EPOCHS, EVERY = 10, 64, 20, 2
RATES = (0.03, 0.1, 0.3)


def run(seeds: Sequence[int] = SEEDS) -> dict[str, np.ndarray]:
    """Train ten layers for each slope, from He's initial weights for that slope.

    Parameters
    ----------
    seeds : sequence of int

    Returns
    -------
    dict of str to ndarray
        ``"epochs"``, shape (records,); ``"alphas"``, shape (alphas,); ``"rates"``, the best for
        each; ``"train_loss"``, ``"test_accuracy"`` and ``"silent"`` (share of units that are
        positive on no training digit, mean over the layers), shape (records, alphas, seeds).
    """
    found: dict[str, list[np.ndarray]] = {
        name: [] for name in ("train_loss", "test_accuracy", "silent", "rates")
    }
    for alpha in ALPHAS:
        network = Network(
            (64, *[UNITS] * HIDDEN, 10), activations.leaky_relu(alpha=alpha),
            initializers.he(slope=alpha),
        )  # fmt: skip
        trained = sweep.train(network, seeds, rates=RATES, epochs=EPOCHS, record_every=EVERY)
        for name in ("train_loss", "test_accuracy"):
            found[name].append(trained.array(name))
        found["silent"].append(trained.array("silent").mean(axis=1))
        found["rates"].append(np.array(trained.rate))
    stacked = {name: np.stack(values, axis=-2) for name, values in found.items() if name != "rates"}
    stacked["rates"] = np.array(found["rates"])
    return {
        "epochs": trained.training.history.array("epochs"), "alphas": np.array(ALPHAS), **stacked
    }  # fmt: skip


def choices(results: Mapping[str, np.ndarray]) -> list[Choice]:
    """Say which rates the results or their chapter chose."""
    return [
        Choice(f"leaky ReLU, slope {alpha}", float(rate), RATES[0], RATES[-1])
        for alpha, rate in zip(ALPHAS, results["rates"], strict=True)
    ]
