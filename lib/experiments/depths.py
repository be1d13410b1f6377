"""Every activation at 5, 20 and 50 layers: which networks train at all."""

from collections.abc import Sequence

import numpy as np

from lib import activations, datasets, initializers, training
from lib.experiments import sweep
from lib.training import Network

SEEDS = tuple(range(5))
HIDDEN = (5, 20, 50)
KINDS = {
    "sigmoid": initializers.xavier(),
    "tanh": initializers.xavier(),
    "lecun_tanh": initializers.lecun(),
    "softplus": initializers.lecun(),
    "relu": initializers.he(),
    "leaky_relu": initializers.he(slope=0.01),
    "prelu": initializers.he(slope=0.25),
    "rrelu": initializers.he(slope=2 / 11),
    "elu": initializers.normal(weight_variance=1.5),
    "selu": initializers.lecun(),
    "gelu": initializers.he(),
    "silu": initializers.he(),
}
UNITS, EPOCHS, EVERY = 64, 15, 5
RATES = (0.001, 0.003, 0.01)


def run(seeds: Sequence[int] = SEEDS) -> dict[str, np.ndarray]:
    """Train every activation at every depth with its best rate.

    Weights start as is usual for the activation; the rule is gradient descent with momentum 0.9.

    Parameters
    ----------
    seeds : sequence of int

    Returns
    -------
    dict of str to ndarray
        ``"activations"`` and ``"hidden"``; of shape (activations, depths, seeds)
        ``"train_accuracy"``, ``"train_loss"`` and ``"test_accuracy"`` at the end, and
        ``"gradient_ratio"``, the decimal logarithm of the rms gradient by the pre-activations of
        the first hidden layer over that of the last, at the start; ``"rates"``, shape
        (activations, depths).
    """
    shape = (len(KINDS), len(HIDDEN))
    names = ("train_accuracy", "train_loss", "test_accuracy", "gradient_ratio")
    found = {name: np.zeros((*shape, len(seeds))) for name in names}
    rates = np.zeros(shape)
    for row, (kind, start) in enumerate(KINDS.items()):
        for column, hidden in enumerate(HIDDEN):
            network = Network((64, *[UNITS] * hidden, 10), activations.get(kind), start)
            trained = sweep.train(
                network,
                seeds,
                rates=RATES,
                epochs=EPOCHS,
                record_every=EVERY,
                optimizer=training.momentum,
            )
            for name in names[:3]:
                found[name][row, column] = trained.array(name)[-1]
            found["gradient_ratio"][row, column] = gradient_ratio(network, seeds)
            rates[row, column] = trained.rate
    return {"activations": np.array([*KINDS]), "hidden": np.array(HIDDEN), "rates": rates, **found}


def gradient_ratio(network: Network, seeds: Sequence[int]) -> np.ndarray:
    """Compare the gradients of the first and last hidden layer, in numbers that do not underflow.

    Parameters
    ----------
    network : Network
    seeds : sequence of int

    Returns
    -------
    ndarray of float64, shape (seeds,)
        Decimal logarithm of the ratio of the rms gradients by the pre-activations, over the
        training digits, before training.
    """
    data = datasets.digits()
    start = network.draw(seeds)
    x = np.broadcast_to(data.train_images.T, (len(seeds), *data.train_images.T.shape))
    labels = np.broadcast_to(data.train_labels, (len(seeds), len(data.train_labels)))
    trace = network.forward(start, x)
    judged = training.cross_entropy(trace.outputs[-1], labels)
    network.backward(start, trace, judged.gradient, start.like())
    first, last = (np.linalg.norm(trace.deltas[n], axis=(1, 2)) for n in (0, network.hidden - 1))
    return np.asarray(np.log10(first / last))
