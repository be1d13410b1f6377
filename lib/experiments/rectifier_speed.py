"""How soon tanh and ReLU networks learn, each with the learning rate that suits it best."""

from collections.abc import Sequence

import numpy as np

from lib import activations, initializers
from lib.experiments import sweep
from lib.training import Network

SEEDS = sweep.SEEDS
HIDDEN = (4, 10)
KINDS = {"sigmoid": initializers.xavier(), "tanh": initializers.xavier(), "relu": initializers.he()}
UNITS, EPOCHS = 64, 20
RATES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
SHARE = 0.25


def run(seeds: Sequence[int] = SEEDS) -> dict[str, np.ndarray]:
    """Count the epochs to a quarter of the starting training error, for each rate.

    Parameters
    ----------
    seeds : sequence of int

    Returns
    -------
    dict of str to ndarray
        ``"rates"``, shape (rates,); for each activation and depth ``"epochs relu 4"``, shape
        (rates, seeds): epochs of training, between records by linear interpolation, until the
        share of training digits that are classified wrongly is a quarter of what it was at the
        start, infinite if it never is; and ``"error relu 4"``, shape (records, rates, seeds).
    """
    found: dict[str, np.ndarray] = {"rates": np.array(RATES)}
    for kind, start in KINDS.items():
        for hidden in HIDDEN:
            network = Network((64, *[UNITS] * hidden, 10), activations.get(kind), start)
            trained = sweep.train(network, seeds, rates=RATES, epochs=EPOCHS)
            error = 1 - trained.training.history.array("train_accuracy")
            error = np.where(np.isfinite(error), error, 1.0)
            shape = (len(RATES), len(seeds))
            found[f"epochs {kind} {hidden}"] = epochs_until(error, SHARE).reshape(shape)
            found[f"error {kind} {hidden}"] = error.reshape(-1, *shape)
    return found


def epochs_until(error: np.ndarray, share: float) -> np.ndarray:
    """Epochs until the error is a share of its start, between records by linear interpolation.

    Parameters
    ----------
    error : ndarray, shape (records, replicas)
        One record an epoch, from epoch 0 on.
    share : float

    Returns
    -------
    ndarray, shape (replicas,)
        Infinite where the error never gets there.

    Examples
    --------
    >>> epochs_until(np.array([[0.8, 0.8], [0.4, 0.9], [0.1, 0.7]]), 0.25)
    array([1.66666667,        inf])
    """
    goal = share * error[0]
    there = error <= goal
    first = there.argmax(axis=0)
    replicas = np.arange(error.shape[1])
    before, after = error[np.maximum(first - 1, 0), replicas], error[first, replicas]
    with np.errstate(invalid="ignore", divide="ignore"):
        between = first - 1 + (before - goal) / (before - after)
    return np.where(there.any(axis=0), np.where(first == 0, 0.0, between), np.inf)
