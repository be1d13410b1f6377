"""What Adam makes of the vanished gradient of sigmoid networks, and what of it is signal."""

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
from tqdm.auto import tqdm

from lib import datasets, models, training
from lib.experiments import waiting
from lib.experiments.choosing import Choice
from lib.experiments.parts import Done, once
from lib.models import Network, Parameters
from lib.training import Training

SEEDS = tuple(range(5))
HIDDEN = 10
RATES, EPOCHS = (0.0003, 0.001, 0.003, 0.01), 60
# What is trained for longer: Adam with its usual rate, and gradient descent with that of `waiting`.
LONG, EVERY = 300, 20
LONG_RULES = (training.adam(0.001), training.sgd(waiting.RATE))
BEFORE, PLAIN_RATE, BATCH, DRAWS = 5, 0.1, 64, 20


def run(seeds: Sequence[int] = SEEDS, done: Done | None = None) -> dict[str, np.ndarray]:
    """Train ten hidden layers of sigmoids with Adam; compare gradients of batches with the whole.

    The networks are those of `waiting`: 64 units in a layer, Xavier's weights, double precision.

    Parameters
    ----------
    seeds : sequence of int
    done : mutable mapping, optional
        Parts that were computed before; the others are added.

    Returns
    -------
    dict of str to ndarray
        ``"rates"``, and ``"train_accuracy"`` with Adam at each of them after 60 epochs, shape
        (rates, seeds); ``"epochs"``, shape (records,), and ``"train_accuracy long"``, shape (2,
        records, seeds), with Adam at a rate of 0.001 and with gradient descent at a rate of 3; of
        two moments, before training and after 5 epochs of gradient descent at a rate of 0.1,
        ``"cosine"``, shape (2, layers, seeds), see `cosines`, and ``"gradient_rms"``, of the same
        shape, root mean square of the gradient with respect to a weight, on all training digits.
    """
    data, network = datasets.digits(), waiting.network(HIDDEN)
    digits = data.train_images, data.train_labels

    def trained(rule: training.Optimizer, epochs: int, every: int) -> dict[str, np.ndarray]:
        learners = Training(network, rule, seeds, dtype=np.float64)
        history = learners.run(*digits, epochs, record_every=every, on_divergence="freeze")
        return {"epochs": history.epochs.astype(float), "right": history.train_accuracy}

    done = {} if done is None else done
    runs: dict[str, tuple[training.Optimizer, int, int]] = {
        f"rate {rate}": (training.adam(rate), EPOCHS, EPOCHS) for rate in RATES
    }
    runs |= {f"long {place}": (rule, LONG, EVERY) for place, rule in enumerate(LONG_RULES)}
    parts = [
        once(done, name, partial(trained, *asked))
        for name, asked in tqdm(runs.items(), unit="training", disable=None)
    ]
    accuracies = [part["right"][-1] for part in parts[: len(RATES)]]
    long = parts[len(RATES) :]
    plain = Training(network, training.sgd(PLAIN_RATE), seeds, dtype=np.float64)
    likeness, sizes = [], []
    for more in (0, BEFORE):
        plain.run(*digits, more, record_every=BEFORE)
        likeness.append(cosines(network, plain.parameters, batch=BATCH, draws=DRAWS))
        sizes.append(root_mean_squares(gradient(network, plain.parameters)))
    return {
        "rates": np.array(RATES), "train_accuracy": np.array(accuracies),
        "epochs": long[0]["epochs"],
        "train_accuracy long": np.array([one["right"] for one in long]),
        "cosine": np.array(likeness), "gradient_rms": np.array(sizes),
    }  # fmt: skip


def gradient(
    network: Network, parameters: Parameters, chosen: np.ndarray | None = None
) -> Parameters:
    """Gradient of the mean loss on some of the training digits, for a network without randomness.

    Parameters
    ----------
    network : Network
    parameters : Parameters
    chosen : ndarray of int, optional
        Numbers of the digits. Default all.
    """
    data = datasets.digits()
    images, labels = data.train_images, data.train_labels
    if chosen is not None:
        images, labels = images[chosen], labels[chosen]
    replicas = parameters.replicas
    trace = network.forward(parameters, np.broadcast_to(images.T, (replicas, *images.T.shape)))
    judged = models.cross_entropy(
        trace.outputs[-1], np.broadcast_to(labels, (replicas, len(labels)))
    )
    found = parameters.like()
    network.backward(parameters, trace, judged.gradient, found)
    return found


def cosines(network: Network, parameters: Parameters, *, batch: int, draws: int) -> np.ndarray:
    """Cosine of the gradient of a mini-batch with the gradient of all digits, for each layer.

    Parameters
    ----------
    network : Network
    parameters : Parameters
    batch, draws : int
        Digits in a mini-batch, and how many mini-batches are averaged over.

    Returns
    -------
    ndarray, shape (layers, replicas)
        Of the weights.
    """
    whole, rng = gradient(network, parameters).arrays, np.random.default_rng(0)
    total = np.zeros((network.hidden + 1, parameters.replicas))
    for _ in range(draws):
        chosen = rng.choice(datasets.digits().train_labels.size, batch, replace=False)
        part = gradient(network, parameters, chosen).arrays
        for layer in range(1, network.hidden + 2):
            one, other = part[f"weight {layer}"], whole[f"weight {layer}"]
            inner = np.einsum("rij,rij->r", one, other)
            total[layer - 1] += inner / np.sqrt(
                np.einsum("rij,rij->r", one, one) * np.einsum("rij,rij->r", other, other)
            )
    return total / draws


def root_mean_squares(parameters: Parameters) -> np.ndarray:
    """Root mean square of the numbers of each weight matrix, shape (layers, replicas).

    Parameters
    ----------
    parameters : Parameters
    """
    weights = [array for name, array in parameters.arrays.items() if name.startswith("weight")]
    return np.array([np.sqrt(np.mean(array**2, axis=(1, 2))) for array in weights])


def first_updates(hidden: int, optimizer: training.Optimizer, scale: float = 1.0) -> np.ndarray:
    """Update-to-weight ratio of each layer in the first step of a sigmoid network on all digits.

    Parameters
    ----------
    hidden : int
        Hidden layers, see `waiting.network`.
    optimizer : Optimizer
    scale : float
        The loss, and so its gradient, is multiplied by it. Default 1.

    Returns
    -------
    ndarray, shape (layers,)
        Root mean square of the changes of the weights over that of the weights, of the first seed.
    """
    network = waiting.network(hidden)
    parameters = network.draw(SEEDS[:1])
    changed = gradient(network, parameters)
    changed.flat *= scale
    moved = parameters.like()
    optimizer.step(moved, changed, optimizer.start(moved))
    return np.asarray((root_mean_squares(moved) / root_mean_squares(parameters))[:, 0])


def after_a_jump(factor: float, second: float, steps: int) -> np.ndarray:
    """Take steps of Adam, in units of the rate, after a steady gradient has grown by a factor.

    Parameters
    ----------
    factor : float
        By which a gradient grows that was 1 for ten thousand steps.
    second : float
        Decay of the mean square.
    steps : int

    Returns
    -------
    ndarray, shape (steps + 1,)
        The last step before, and those after.
    """
    weight = Parameters({"weight": (1,)}, 1)
    rule = training.adam(1.0, decays=(0.9, second))
    # What ten thousand steps of the same gradient leave, but for rounding.
    memory = {
        "mean": np.ones((1, 1)), "square": np.ones((1, 1)), "steps": np.array(10_000)
    }  # fmt: skip
    path = []
    for size in (1.0, *[factor] * steps):
        before, given = weight.flat.copy(), weight.like()
        given.flat[...] = size
        rule.step(weight, given, memory)
        path.append(float((before - weight.flat)[0, 0]))
    return np.array(path)


def choices(results: Mapping[str, np.ndarray]) -> list[Choice]:
    """Say which rates were chosen: none, the chapter shows all of them."""
    return []
