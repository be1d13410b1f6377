"""A census of dead ReLU units, layer by layer, while networks train too fast."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from tqdm.auto import tqdm

from lib import activations, datasets, initializers, training
from lib.experiments import sweep
from lib.experiments.choosing import Choice
from lib.experiments.parts import Done, once
from lib.models import Network
from lib.training import Training

SEEDS = sweep.SEEDS
HIDDEN, UNITS = 8, 64
RECORDS = (2, 4, 10, 20, 30)
RATES = (0.03, 0.1, 0.3, 1.0)
CLIP_NORM, LOW_BIAS = 1.0, -0.5
HE = Network((64, *[UNITS] * HIDDEN, 10), activations.relu(), initializers.he())
DEFAULT = replace(HE, initializer=initializers.pytorch_linear())
NORMALIZED = replace(HE, batch_norm=True)
LEAKY = replace(HE, activation=activations.leaky_relu(), initializer=initializers.he(slope=0.01))
# Each way to build a network, and the biases of its hidden layers if they are not drawn.
SETTINGS: dict[str, tuple[Network, float | None]] = {
    "default": (DEFAULT, None),
    "he": (HE, None),
    "normalized": (NORMALIZED, None),
    "leaky": (LEAKY, None),
    "low": (HE, LOW_BIAS),
    "low normalized": (NORMALIZED, LOW_BIAS),
}


def run(seeds: Sequence[int] = SEEDS, done: Done | None = None) -> dict[str, np.ndarray]:
    """Count dead units for several learning rates and six ways to build the network.

    The ways are PyTorch's default initialization, He's, He's with batch normalization, leaky
    ReLU, and, with and without batch normalization, He's weights with biases (or shifts) that
    start at -1/2. Training is gradient descent with momentum 0.9, gradients clipped to norm 1.

    Parameters
    ----------
    seeds : sequence of int
    done : mutable mapping, optional
        Parts that were computed before; the others are added.

    Returns
    -------
    dict of str to ndarray
        ``"epochs"``, shape (records,); ``"rates"``, shape (rates,); for each way ``"dead he"`` and
        ``"positive he"``, shape (records, layers, rates, seeds), the shares of units that are
        positive on no training digit and of positive activations, and ``"train_accuracy he"``,
        shape (records, rates, seeds), NaN in a network that has diverged; ``"born without
        biases"``, shape (layers, seeds), the share of dead units in untrained networks of
        PyTorch's default weights and biases 0.
    """
    data = datasets.digits()
    found: dict[str, np.ndarray] = {"rates": np.array(RATES)}
    done = {} if done is None else done
    for name in tqdm(SETTINGS, unit="way", disable=None):
        found |= once(done, name, partial(built, name, seeds))
    unbiased = trained(Training(DEFAULT, training.sgd(1.0), seeds), data, 0.0, ())
    found["born without biases"] = unbiased.silent[0]
    return found


def built(name: str, seeds: Sequence[int]) -> dict[str, np.ndarray]:
    """Count dead units in networks of one of `SETTINGS`, with all rates; see `run`."""
    network, bias = SETTINGS[name]
    columns = tuple(rate for rate in RATES for _ in seeds)
    learners = Training(network, training.momentum(columns), [*seeds] * len(RATES))
    history = trained(learners, datasets.digits(), bias, RECORDS)
    found = {"epochs": history.epochs.astype(float)}
    for kind, measured in (
        ("dead", "silent"), ("positive", "positive"), ("train_accuracy", "train_accuracy")
    ):  # fmt: skip
        array = getattr(history, measured)
        found[f"{kind} {name}"] = array.reshape(*array.shape[:-1], len(RATES), len(seeds))
    return found


def trained(
    learners: Training, data: datasets.Digits, bias: float | None, records: Sequence[int]
) -> training.History:
    """Set the biases or shifts of the hidden layers, and train until the last record."""
    if bias is not None:
        for layer in range(1, learners.network.hidden + 1):
            kind = "shift" if learners.network.batch_norm else "bias"
            learners.parameters.arrays[f"{kind} {layer}"][...] = bias
    return learners.run(
        data.train_images, data.train_labels, max(records, default=0), record_every=records,
        clip_norm=CLIP_NORM, on_divergence="freeze",
    )  # fmt: skip


def choices(results: Mapping[str, np.ndarray]) -> list[Choice]:
    """Say which rates were chosen: none, the chapter shows all of them."""
    return []
