"""A census of dead ReLU units, layer by layer, while networks train too fast."""

from collections.abc import Sequence

import numpy as np

from lib import activations, datasets, initializers, training
from lib.experiments import sweep
from lib.training import Network, Training

SEEDS = sweep.SEEDS
HIDDEN, UNITS, EPOCHS, EVERY = 8, 64, 30, 2
RATES = (0.01, 0.03, 0.1, 0.3)
SETTINGS = {
    "default": Network(
        (64, *[UNITS] * HIDDEN, 10), activations.relu(), initializers.pytorch_linear()
    ),
    "he": Network((64, *[UNITS] * HIDDEN, 10), activations.relu(), initializers.he()),
    "normalized": Network(
        (64, *[UNITS] * HIDDEN, 10), activations.relu(), initializers.he(), batch_norm=True
    ),
    "leaky": Network(
        (64, *[UNITS] * HIDDEN, 10), activations.leaky_relu(), initializers.he(slope=0.01)
    ),
}


def run(seeds: Sequence[int] = SEEDS) -> dict[str, np.ndarray]:
    """Count dead units for several learning rates and four ways to build the network.

    The ways are PyTorch's default initialization, He's, He's with batch normalization, and leaky
    ReLU. Training is gradient descent with momentum 0.9.

    Parameters
    ----------
    seeds : sequence of int

    Returns
    -------
    dict of str to ndarray
        ``"epochs"``, shape (records,); ``"rates"``, shape (rates,); for each way ``"dead he"`` and
        ``"positive he"``, shape (records, layers, rates, seeds), the shares of dead units and of
        positive activations, and ``"train_accuracy he"``, shape (records, rates, seeds). A network
        that has diverged is NaN.
    """
    data = datasets.digits()
    columns = tuple(rate for rate in RATES for _ in seeds)
    found: dict[str, np.ndarray] = {"rates": np.array(RATES)}
    for name, network in SETTINGS.items():
        learners = Training(network, training.momentum(columns), [*seeds] * len(RATES))
        history = learners.run(
            data.train_images, data.train_labels, EPOCHS, record_every=EVERY,
            on_divergence="freeze",
        )  # fmt: skip
        found["epochs"] = history.array("epochs")
        for kind in ("dead", "positive", "train_accuracy"):
            array = history.array(kind)
            found[f"{kind} {name}"] = array.reshape(*array.shape[:-1], len(RATES), len(seeds))
    return found
