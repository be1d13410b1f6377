"""Thirty layers of ReLU from He's and from Xavier's initial weights."""

from collections.abc import Mapping, Sequence

import numpy as np

from lib import activations, initializers
from lib.experiments import sweep
from lib.experiments.choosing import Choice
from lib.models import Network

SEEDS = tuple(range(5))
STARTS = {"he": initializers.he(), "xavier": initializers.xavier()}
HIDDEN, UNITS, EPOCHS, EVERY = 30, 64, 60, 4
RATES = (0.003, 0.01, 0.03, 0.1)


def run(seeds: Sequence[int] = SEEDS) -> dict[str, np.ndarray]:
    """Train both, each with its best rate, and with batch normalization.

    Parameters
    ----------
    seeds : sequence of int

    Returns
    -------
    dict of str to ndarray
        ``"epochs"``, shape (records,); for each start, alone and with ``" normalized"`` after it,
        ``"train_loss he"`` and ``"train_accuracy he"``, shape (records, seeds), and ``"rate he"``;
        ``"error_norm he"``, shape (layers, seeds), at the start.

    References
    ----------
    He, Zhang, Ren & Sun, "Delving Deep into Rectifiers", ICCV 2015, figure 3.
    """
    found: dict[str, np.ndarray] = {}
    for start, initializer in STARTS.items():
        for normalized in (False, True):
            network = Network(
                (64, *[UNITS] * HIDDEN, 10), activations.relu(), initializer, batch_norm=normalized
            )
            trained = sweep.train(network, seeds, rates=RATES, epochs=EPOCHS, record_every=EVERY)
            name = f"{start} normalized" if normalized else start
            found["epochs"] = trained.training.history.epochs.astype(float)
            for kind in ("train_loss", "train_accuracy"):
                found[f"{kind} {name}"] = trained.array(kind)
            found[f"error_norm {name}"] = trained.array("error_norm")[0]
            found[f"rate {name}"] = np.array(trained.rate)
    return found


def choices(results: Mapping[str, np.ndarray]) -> list[Choice]:
    """Say which rates the results or their chapter chose."""
    names = [name for start in STARTS for name in (start, f"{start} normalized")]
    return [Choice(name, float(results[f"rate {name}"]), RATES[0], RATES[-1]) for name in names]
