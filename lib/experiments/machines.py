"""Restricted Boltzmann machines with binary and with noisy rectified units, as feature makers."""

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
from tqdm.auto import tqdm

from lib import activations, datasets, initializers, training
from lib.experiments import sweep
from lib.experiments.choosing import Choice
from lib.experiments.parts import Done, once
from lib.models import Network
from lib.models.boltzmann import BoltzmannMachine
from lib.training import Training

SEEDS = sweep.SEEDS
UNITS, EPOCHS, BATCH = 64, 50, 20
RATES = {"binary": (0.05, 0.1, 0.2, 0.5), "rectified": (0.002, 0.005, 0.01, 0.02)}
LABELED = (100, 300, 1000)
READ_OUT_EPOCHS = 200


def run(seeds: Sequence[int] = SEEDS, done: Done | None = None) -> dict[str, np.ndarray]:
    """Train machines on the images, then a softmax layer on their features and few labels.

    The rate of each kind is the one with the lowest error of reconstruction at the end.

    Parameters
    ----------
    seeds : sequence of int
    done : mutable mapping, optional
        Parts that were computed before; the others are added.

    Returns
    -------
    dict of str to ndarray
        ``"labeled"``, numbers of labels; for each kind ``"error binary"``, shape (epochs, seeds),
        the mean squared error of reconstruction; ``"accuracy binary"``, shape (labels, seeds),
        on test digits; ``"active binary"``, shape (seeds,), the share of hidden answers above
        1/2 for binary units, above 0 for rectified; ``"rate binary"``; and ``"accuracy pixels"``,
        the same read-out from the pixels themselves.

    References
    ----------
    Nair & Hinton, "Rectified Linear Units Improve Restricted Boltzmann Machines", ICML 2010.
    """
    data = datasets.digits()
    images, tests = to_unit_interval(data)
    found: dict[str, np.ndarray] = {"labeled": np.array(LABELED)}
    done = {} if done is None else done
    for units in tqdm(RATES, unit="kind of unit", disable=None):
        found |= once(done, units, partial(of_units, units, seeds))
    pixels, asked = (np.broadcast_to(x, (len(seeds), *x.shape)) for x in (images, tests))
    found["accuracy pixels"] = read_out(pixels, asked, data, seeds)
    return found


def of_units(units: str, seeds: Sequence[int]) -> dict[str, np.ndarray]:
    """Train machines of one kind with all rates, and read out their features; see `run`."""
    data = datasets.digits()
    images, tests = to_unit_interval(data)
    best = None
    for rate in RATES[units]:
        machine = BoltzmannMachine(64, UNITS, seeds, units=units)
        errors = machine.run(images, EPOCHS, rate=rate, batch=BATCH)
        if best is None or errors[-1].mean() < best[1][-1].mean():
            best = machine, errors, rate
    assert best is not None
    machine, errors, rate = best
    inputs, questions = machine.features(images), machine.features(tests)
    return {
        f"error {units}": errors,
        f"rate {units}": np.array(rate),
        f"active {units}": (inputs > (0.5 if units == "binary" else 0)).mean(axis=(1, 2)),
        f"accuracy {units}": read_out(inputs, questions, data, seeds),
    }


def to_unit_interval(data: datasets.Digits) -> tuple[np.ndarray, np.ndarray]:
    """Pixels from 0 to 1, each over its own range in the training images."""
    low, high = data.train_images.min(axis=0), data.train_images.max(axis=0)
    span = np.where(high > low, high - low, 1.0)
    train, test = ((x - low) / span for x in (data.train_images, data.test_images))
    return train, np.clip(test, 0, 1)


def read_out(
    inputs: np.ndarray, questions: np.ndarray, data: datasets.Digits, seeds: Sequence[int]
) -> np.ndarray:
    """Test accuracy of a softmax layer trained on the first digits, shape (labels, seeds)."""
    network = Network((inputs.shape[2], 10), activations.linear(), initializers.lecun())
    result = np.zeros((len(LABELED), len(seeds)))
    for row, labeled in enumerate(LABELED):
        for column, seed in enumerate(seeds):
            center, scale = inputs[column].mean(axis=0), inputs[column].std()
            x, asked = ((part[column] - center) / scale for part in (inputs, questions))
            learner = Training(network, training.adam(0.01, weight_decay=1e-3), [seed])
            history = learner.run(
                x[:labeled], data.train_labels[:labeled], READ_OUT_EPOCHS,
                test=(asked, data.test_labels), record_every=READ_OUT_EPOCHS,
            )  # fmt: skip
            result[row, column] = history.test_accuracy[-1][0]
    return result


def choices(results: Mapping[str, np.ndarray]) -> list[Choice]:
    """Say which rates the results or their chapter chose."""
    return [
        Choice(units, float(results[f"rate {units}"]), rates[0], rates[-1])
        for units, rates in RATES.items()
    ]
