"""Every activation at 5, 20 and 50 layers: which networks train at all."""

from collections.abc import Mapping, Sequence

import numpy as np

from lib import activations, datasets, initializers, training
from lib.experiments import sweep
from lib.experiments.choosing import NOTHING_LEARNED, Choice, stored
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
UNITS, EPOCHS, EVERY, WIDEN = 64, 15, 5, 4
RATES = (0.0003, 0.001, 0.003, 0.01, 0.03)


def run(seeds: Sequence[int] = SEEDS) -> dict[str, np.ndarray]:
    """Train every activation at every depth with its best rate.

    As long as the best of the rates is the smallest or the largest, one more is tried.

    The weights that an activation starts from are those of the chapter about it; GELU and SiLU have
    He's. The rule is gradient descent with momentum 0.9.

    Parameters
    ----------
    seeds : sequence of int

    Returns
    -------
    dict of str to ndarray
        ``"activations"``, ``"hidden"`` and ``"weight_variances"``, variance of a weight times its
        fan-in for each activation; of shape (activations, depths, seeds) ``"train_accuracy"``,
        ``"train_loss"`` and ``"test_accuracy"`` at the end, and ``"gradient_ratio"`` and
        ``"likeness"`` at the start, see `before_training`; of shape (activations, depths)
        ``"rates"``, ``"least_rate"`` and ``"most_rate"``, between which rates were tried, and
        ``"learned"``, whether the best has learned more than to guess.
    """
    shape = (len(KINDS), len(HIDDEN))
    at_end = ("train_accuracy", "train_loss", "test_accuracy")
    found = {
        name: np.zeros((*shape, len(seeds))) for name in (*at_end, "gradient_ratio", "likeness")
    }
    rates, least, most = np.zeros((3, *shape))
    learned = np.zeros(shape, bool)
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
                widen=WIDEN,
            )
            for name in at_end:
                found[name][row, column] = trained.array(name)[-1]
            ratio, likeness = before_training(network, seeds)
            found["gradient_ratio"][row, column] = ratio
            found["likeness"][row, column] = likeness
            rates[row, column] = trained.rate
            least[row, column], most[row, column] = trained.tried[0], trained.tried[-1]
            learned[row, column] = trained.learned
    variances = [start.weight_variance(UNITS, UNITS) for start in KINDS.values()]
    return {
        "activations": np.array([*KINDS]), "hidden": np.array(HIDDEN), "rates": rates,
        "least_rate": least, "most_rate": most, "learned": learned,
        "weight_variances": np.array(variances), **found,
    }  # fmt: skip


def before_training(network: Network, seeds: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """Measure what a network does to gradients and to inputs before the first step.

    Parameters
    ----------
    network : Network
    seeds : sequence of int

    Returns
    -------
    gradient_ratio : ndarray of float64, shape (seeds,)
        Decimal logarithm of the rms gradient by the pre-activations of the first hidden layer over
        that of the last, over the training digits, in numbers that do not underflow.
    likeness : ndarray of float64, shape (seeds,)
        Mean cosine between the activations of two training digits in the last hidden layer.
    """
    data = datasets.digits()
    start = network.draw(seeds)
    x = np.broadcast_to(data.train_images.T, (len(seeds), *data.train_images.T.shape))
    labels = np.broadcast_to(data.train_labels, (len(seeds), len(data.train_labels)))
    trace = network.forward(start, x)
    judged = training.cross_entropy(trace.outputs[-1], labels)
    network.backward(start, trace, judged.gradient, start.like())
    first, last = (np.linalg.norm(trace.deltas[n], axis=(1, 2)) for n in (0, network.hidden - 1))
    return np.asarray(np.log10(first / last)), mean_cosine(trace.outputs[-2])


def mean_cosine(vectors: np.ndarray) -> np.ndarray:
    """Average the cosine of the angle over all pairs of different vectors.

    Parameters
    ----------
    vectors : ndarray, shape (..., length, count)

    Returns
    -------
    ndarray, shape (...)

    Examples
    --------
    >>> float(mean_cosine(np.array([[1.0, 0.0, 2.0], [0.0, 3.0, 0.0]])).round(3))
    0.333
    """
    count = vectors.shape[-1]
    units = vectors / np.linalg.norm(vectors, axis=-2, keepdims=True)
    together = np.square(units.sum(axis=-1)).sum(axis=-1)
    return np.asarray((together - count) / (count * (count - 1)))


def choices(results: Mapping[str, np.ndarray]) -> list[Choice]:
    """Say which rates the results or their chapter chose."""
    names = ("rates", "least_rate", "most_rate")
    return [
        stored(
            f"{kind}, {hidden} layers", (results[name][row, column] for name in names),
            "" if results["learned"][row, column] else NOTHING_LEARNED,
        )
        for row, kind in enumerate(KINDS)
        for column, hidden in enumerate(HIDDEN)
    ]  # fmt: skip
