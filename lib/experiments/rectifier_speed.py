"""How soon tanh and ReLU networks learn, each with the learning rate that suits it best."""

from collections.abc import Collection, Mapping, Sequence
from functools import partial

import numpy as np
from tqdm.auto import tqdm

from lib import activations, datasets, initializers, training
from lib.experiments import sweep
from lib.experiments.choosing import NOTHING_LEARNED, Choice, stored
from lib.experiments.parts import Done, array_once
from lib.models import Network, Pass, cross_entropy
from lib.training import Training

SEEDS = sweep.SEEDS
HIDDEN, UNITS, BATCH = (4, 10), 64, 64
KINDS = {"sigmoid": initializers.xavier(), "tanh": initializers.xavier(), "relu": initializers.he()}
SATURATED = initializers.normal(weight_variance=16.0)
RATES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
SHARE = 0.25
# Every step of the first three epochs of 22 steps, then twice an epoch, then once; 20 epochs.
RECORDS = (*range(67), *range(77, 221, 11), *range(242, 441, 22))
EARLY = RECORDS[:71]


def run(seeds: Sequence[int] = SEEDS, done: Done | None = None) -> dict[str, np.ndarray]:
    """Count the steps to a quarter of the starting training error, for each rate.

    Parameters
    ----------
    seeds : sequence of int
    done : mutable mapping, optional
        Parts that were computed before; the others are added.

    Returns
    -------
    dict of str to ndarray
        ``"rates"``, shape (rates,); ``"epochs"``, shape (records,), of 22 steps each; for each
        activation and depth ``"error relu 4"``, shape (records, rates, seeds), the share of all
        training digits that are classified wrongly, 1 in a network that has diverged; and
        ``"steps relu 4"``, shape (rates, seeds), until that share is a quarter of what it was at
        the start, infinite if it never is. Such steps also of networks of four hidden layers
        during the first five epochs: ``"steps tanh not centered"`` and ``"steps relu not
        centered"``, with pixels that are not negative, and ``"steps tanh saturated"``, from
        weights of four times the standard deviation.
    """
    data = datasets.digits()
    # Every pixel is 0 in some image, so that this takes the centering back, up to a factor.
    shifted = data.train_images - data.train_images.min(axis=0)
    shifted /= np.sqrt(np.mean(shifted**2))
    per_epoch = len(data.train_images) // BATCH
    found = {"rates": np.array(RATES), "epochs": np.array(RECORDS) / per_epoch}
    done = {} if done is None else done
    few, whole = HIDDEN[0], data.train_images
    networks = {
        f"{kind} {hidden}": (kind, hidden, start, whole, RECORDS)
        for kind, start in KINDS.items()
        for hidden in HIDDEN
    } | {
        "tanh not centered": ("tanh", few, KINDS["tanh"], shifted, EARLY),
        "relu not centered": ("relu", few, KINDS["relu"], shifted, EARLY),
        "tanh saturated": ("tanh", few, SATURATED, whole, EARLY),
    }
    for name, (kind, hidden, start, images, at) in tqdm(
        networks.items(), unit="network", disable=None
    ):
        network = Network((64, *[UNITS] * hidden, 10), activations.get(kind), start)
        train = partial(errors, network, seeds, images, data.train_labels, records=at)
        error = array_once(done, name, train)
        if at is RECORDS:
            found[f"error {name}"] = error
        found[f"steps {name}"] = np.ceil(epochs_until(error, SHARE, at=at))
    return found


def errors(
    network: Network,
    seeds: Sequence[int],
    images: np.ndarray,
    labels: np.ndarray,
    *,
    rates: Sequence[float] = RATES,
    records: Collection[int] = RECORDS,
) -> np.ndarray:
    """Train by gradient descent as `Training.run` does, and measure errors after single steps.

    Parameters
    ----------
    network : Network
        Without batch normalization.
    seeds : sequence of int
    images : ndarray, shape (samples, inputs)
    labels : ndarray, shape (samples,)
    rates : sequence of float
    records : collection of int
        After how many steps.

    Returns
    -------
    ndarray, shape (records, rates, seeds)
        Share of all samples that are classified wrongly, 1 after a network has diverged.
    """
    columns = tuple(rate for rate in rates for _ in seeds)
    learners = Training(network, training.sgd(columns), [*seeds] * len(rates))
    parameters, gradient = learners.parameters, learners.parameters.like()
    images = images.astype(parameters.flat.dtype)
    everything = np.broadcast_to(images.T, (len(columns), *images.T.shape))
    wanted = np.broadcast_to(labels, (len(columns), len(labels)))
    orders = np.empty((len(columns), 0), int)
    measured, trace, whole = [], Pass(), Pass()
    for step in range(max(records) + 1):
        with np.errstate(all="ignore"):
            if step in records:
                whole = network.forward(parameters, everything, reuse=whole)
                judged = cross_entropy(whole.outputs[-1], wanted)
                # The mean of what is wrong: 1 minus the mean of the rest would be rounded twice.
                wrong = (~judged.right).mean(axis=1)
                measured.append(np.where(np.isfinite(judged.loss), wrong, 1))
            if orders.shape[1] < BATCH:
                orders = np.stack([rng.permutation(len(images)) for rng in learners.orders])
            chosen, orders = orders[:, :BATCH], orders[:, BATCH:]
            trace = network.forward(parameters, images[chosen].swapaxes(1, 2), reuse=trace)
            judged = cross_entropy(trace.outputs[-1], labels[chosen])
            network.backward(parameters, trace, judged.gradient, gradient)
            learners.optimizer.step(parameters, gradient, learners.memory)
    return np.array(measured).reshape(-1, len(rates), len(seeds))


def epochs_until(
    error: np.ndarray, share: float, *, at: Sequence[float] | None = None
) -> np.ndarray:
    """Epochs until the error is a share of its start, between records by linear interpolation.

    Parameters
    ----------
    error : ndarray, shape (records, ...)
    share : float
    at : sequence of float, shape (records,)
        Epochs, or steps, at which the records were taken. Default: one an epoch, from 0 on.

    Returns
    -------
    ndarray, shape (...)
        Infinite where the error never gets there.

    Examples
    --------
    >>> error = np.array([[0.8, 0.8], [0.4, 0.9], [0.1, 0.7]])
    >>> epochs_until(error, 0.25)
    array([1.66666667,        inf])
    >>> epochs_until(error, 0.25, at=[0, 3, 6])
    array([ 5., inf])
    """
    goal = share * error[0]
    there = error <= goal
    first = there.argmax(axis=0)
    earlier = np.maximum(first - 1, 0)
    before, after = (np.take_along_axis(error, n[None], axis=0)[0] for n in (earlier, first))
    times = np.arange(len(error)) if at is None else np.asarray(at)
    with np.errstate(invalid="ignore", divide="ignore"):
        passed = (times[first] - times[earlier]) * (before - goal) / (before - after)
    between = np.where(first == 0, 0.0, times[earlier] + passed)
    return np.where(there.any(axis=0), between, np.inf)


def choices(results: Mapping[str, np.ndarray]) -> list[Choice]:
    """Say which rates the results or their chapter chose."""
    found = []
    for name in results:
        if name.startswith("steps "):
            medians = np.median(results[name], axis=1)
            best = int(np.argmin(medians))
            settled = "" if np.isfinite(medians[best]) else NOTHING_LEARNED
            tried = results["rates"][[best, 0, -1]]
            found.append(stored(name.removeprefix("steps "), tried, settled))
    return found
