"""Gradients of early and late layers while small sigmoid networks train."""

from collections.abc import Sequence

import numpy as np

from lib import activations, initializers
from lib.experiments import sweep
from lib.training import Network

SEEDS = sweep.SEEDS
HIDDEN = (2, 3, 4)
UNITS, RATE, STEPS = 30, 1.0, 1000
RECORDS = tuple(sorted({round(float(step)) for step in np.geomspace(1, STEPS, 48)}))


def run(seeds: Sequence[int] = SEEDS) -> dict[str, np.ndarray]:
    """Train networks of 2, 3 and 4 hidden layers of 30 sigmoid units by plain gradient descent.

    Every step goes through all training digits, at a learning rate of 1. Weights start with
    variance 1/fan_in and biases with variance 1.

    Parameters
    ----------
    seeds : sequence of int

    Returns
    -------
    dict of str to ndarray
        ``"steps"``, shape (records,); for each depth ``"error_norm n"``, shape (records, n,
        seeds), the root mean square of the gradient of a sample's loss by the pre-activations of
        each hidden layer; ``"bias_gradient n"``, of the same shape, the norm of the gradient by
        its biases, in which the errors of different samples cancel; and
        ``"train_accuracy n"`` and ``"test_accuracy n"``, shape (records, seeds).

    References
    ----------
    Nielsen, *Neural Networks and Deep Learning*, 2015, chapter 5.
    """
    start = initializers.normal(weight_variance=1.0, bias_variance=1.0)
    found: dict[str, np.ndarray] = {}
    for hidden in HIDDEN:
        network = Network((64, *[UNITS] * hidden, 10), activations.sigmoid(), start)
        trained = sweep.train(
            network, seeds, rates=[RATE], epochs=STEPS, batch=None, record_every=RECORDS
        )
        found["steps"] = trained.training.history.array("steps")
        for name in ("error_norm", "bias_gradient"):
            found[f"{name} {hidden}"] = trained.array(name)[:, :hidden]
        for name in ("train_accuracy", "test_accuracy"):
            found[f"{name} {hidden}"] = trained.array(name)
    return found
