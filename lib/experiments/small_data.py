"""ReLU and three kinds of leaks on few training digits: who fits, and who is right on new ones."""

from collections.abc import Sequence

import numpy as np

from lib import activations, datasets, initializers
from lib.experiments import sweep
from lib.training import Network

SEEDS = tuple(range(40))
SAMPLES, HIDDEN, UNITS, EPOCHS, EVERY, BATCH = 200, 4, 64, 100, 5, 20
RATES = (0.01, 0.03, 0.1)
KINDS = {
    "relu": (activations.relu(), 0.0),
    "leaky": (activations.leaky_relu(alpha=0.01), 0.01),
    "very leaky": (activations.leaky_relu(alpha=2 / 11), 2 / 11),
    "prelu": (activations.prelu(), 0.25),
    "rrelu": (activations.rrelu(), 2 / 11),
}


def run(seeds: Sequence[int] = SEEDS) -> dict[str, np.ndarray]:
    """Train on 200 digits with ReLU, leaky ReLU (0.01 and 2/11), PReLU and RReLU.

    Parameters
    ----------
    seeds : sequence of int

    Returns
    -------
    dict of str to ndarray
        ``"epochs"``, shape (records,); for each kind ``"train_loss rrelu"``, ``"test_loss rrelu"``
        and ``"test_accuracy rrelu"``, shape (records, seeds), and ``"rate rrelu"``.

    References
    ----------
    Xu, Wang, Chen & Li, "Empirical Evaluation of Rectified Activations in Convolutional
    Network", arXiv:1505.00853, 2015.
    """
    data, found = datasets.digits(SAMPLES), {}
    for kind, (phi, slope) in KINDS.items():
        network = Network((64, *[UNITS] * HIDDEN, 10), phi, initializers.he(slope=slope))
        trained = sweep.train(
            network, seeds, rates=RATES, epochs=EPOCHS, batch=BATCH, record_every=EVERY, data=data
        )
        found["epochs"] = trained.training.history.array("epochs")
        for name in ("train_loss", "test_loss", "test_accuracy"):
            found[f"{name} {kind}"] = trained.array(name)
        found[f"rate {kind}"] = np.array(trained.rate)
    return found
