"""ReLU and three kinds of leaks on few training digits: who fits, and who is right on new ones."""

from collections.abc import Mapping, Sequence

import numpy as np

from lib import activations, datasets, initializers
from lib.experiments import sweep
from lib.experiments.choosing import Choice
from lib.training import Network

SEEDS = tuple(range(40))
SAMPLES, HIDDEN, UNITS, EPOCHS, BATCH = 200, 4, 64, 100, 20
RECORDS = (5, 10, 20, 50, 100)
RATES = (0.01, 0.03, 0.1, 0.3)
KINDS = {
    "relu": (activations.relu(), 0.0),
    "leaky": (activations.leaky_relu(alpha=0.01), 0.01),
    "very leaky": (activations.leaky_relu(alpha=2 / 11), 2 / 11),
    "prelu": (activations.prelu(), 0.25),
    "rrelu": (activations.rrelu(), 2 / 11),
}


def run(seeds: Sequence[int] = SEEDS) -> dict[str, np.ndarray]:
    """Train on 200 digits with ReLU, leaky ReLU (0.01 and 2/11), PReLU and RReLU.

    Every seed has digits of its own, the same for all kinds.

    Parameters
    ----------
    seeds : sequence of int

    Returns
    -------
    dict of str to ndarray
        ``"epochs"``, shape (records,); ``"rates"``, shape (rates,); for each kind ``"train_loss
        rrelu"``, ``"test_loss rrelu"`` and ``"test_accuracy rrelu"``, shape (records, rates,
        seeds), NaN for a network that has diverged.

    References
    ----------
    Xu, Wang, Chen & Li, "Empirical Evaluation of Rectified Activations in Convolutional
    Network", arXiv:1505.00853, 2015.
    """
    found: dict[str, np.ndarray] = {"rates": np.array(RATES)}
    for kind, (phi, slope) in KINDS.items():
        network = Network((64, *[UNITS] * HIDDEN, 10), phi, initializers.he(slope=slope))
        trained = [
            sweep.train(
                network, [seed], rates=RATES, epochs=EPOCHS, batch=BATCH, record_every=RECORDS,
                data=sample(seed),
            )
            for seed in seeds
        ]  # fmt: skip
        found["epochs"] = trained[0].training.history.array("epochs")
        for name in ("train_loss", "test_loss", "test_accuracy"):
            by_seed = [one.by_rate(name) for one in trained]
            found[f"{name} {kind}"] = np.concatenate(by_seed, axis=2)
    return found


def sample(seed: int) -> datasets.Digits:
    """Draw training digits at random; center and scale all images with their numbers.

    Parameters
    ----------
    seed : int

    Returns
    -------
    Digits
        200 to train on, and all 360 to test on.
    """
    data = datasets.digits()
    rng = np.random.default_rng([seed, 3])
    chosen = rng.choice(len(data.train_labels), SAMPLES, replace=False)
    drawn = data.train_images[chosen]
    center = drawn.mean(axis=0)
    scale = np.sqrt(np.mean((drawn - center) ** 2))
    return datasets.Digits(
        (drawn - center) / scale, data.train_labels[chosen],
        (data.test_images - center) / scale, data.test_labels,
    )  # fmt: skip


def choices(results: Mapping[str, np.ndarray]) -> list[Choice]:
    """Say which rates were chosen: none, the chapter compares at all of them."""
    return []
