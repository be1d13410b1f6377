"""Thirty layers of ReLU from He's and from Xavier's initial weights."""

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
from tqdm.auto import tqdm

from lib import activations, initializers
from lib.experiments import sweep
from lib.experiments.choosing import Choice
from lib.experiments.parts import Done, once
from lib.models import Network

SEEDS = tuple(range(5))
STARTS = {"he": initializers.he(), "xavier": initializers.xavier()}
HIDDEN, UNITS, EPOCHS, EVERY = 30, 64, 60, 4
RATES = (0.003, 0.01, 0.03, 0.1)


def run(seeds: Sequence[int] = SEEDS, done: Done | None = None) -> dict[str, np.ndarray]:
    """Train both, each with its best rate, and with batch normalization.

    Parameters
    ----------
    seeds : sequence of int
    done : mutable mapping, optional
        Parts that were computed before; the others are added.

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
    done = {} if done is None else done
    found: dict[str, np.ndarray] = {}
    networks = [(start, normalized) for start in STARTS for normalized in (False, True)]
    for start, normalized in tqdm(networks, unit="network", disable=None):
        name = f"{start} normalized" if normalized else start
        found |= once(done, name, partial(of_start, name, start, normalized, seeds))
    return found


def of_start(
    name: str, start: str, normalized: bool, seeds: Sequence[int]
) -> dict[str, np.ndarray]:
    """Train from one start with all rates; see `run`."""
    network = Network(
        (64, *[UNITS] * HIDDEN, 10), activations.relu(), STARTS[start], batch_norm=normalized
    )
    trained = sweep.train(network, seeds, rates=RATES, epochs=EPOCHS, record_every=EVERY)
    return {
        "epochs": trained.training.history.epochs.astype(float),
        **{f"{kind} {name}": trained.array(kind) for kind in ("train_loss", "train_accuracy")},
        f"error_norm {name}": trained.array("error_norm")[0],
        f"rate {name}": np.array(trained.rate),
    }


def choices(results: Mapping[str, np.ndarray]) -> list[Choice]:
    """Say which rates the results or their chapter chose."""
    names = [name for start in STARTS for name in (start, f"{start} normalized")]
    return [Choice(name, float(results[f"rate {name}"]), RATES[0], RATES[-1]) for name in names]
