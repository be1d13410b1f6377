"""How long networks of sigmoids wait before they learn, and what their layers pass on before that.

All start from Xavier's weights and train in double precision: ten layers leave so little of the
differences between two digits that single precision would round them.
"""

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
from tqdm.auto import tqdm

from lib import activations, datasets, initializers, training
from lib.experiments.choosing import NOTHING_LEARNED, Choice
from lib.experiments.parts import Done, array_once
from lib.models import Network

SEEDS = tuple(range(5))
UNITS, RATE, GUESSING = 64, 3.0, 0.2
# Hidden layers, and after how many epochs to give up.
LONGEST = {3: 40, 4: 60, 5: 120, 6: 400, 7: 2000}
DEEP, EPOCHS, RATES = 10, 60, (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)


def network(hidden: int) -> Network:
    """Describe a network of so many hidden layers of 64 sigmoid units, for digits."""
    sizes = (64, *[UNITS] * hidden, 10)
    return Network(sizes, activations.sigmoid(), initializers.xavier())


def own_rates(sizes: np.ndarray) -> dict[str, np.ndarray]:
    """Find the factors that make the first steps equally long in all layers.

    Parameters
    ----------
    sizes : ndarray, shape (layers, replicas)
        Norm of the gradient with respect to the weights of each layer.

    Returns
    -------
    dict of str to ndarray, each of shape (replicas,)
        For weights and biases by name, as `lib.training.sgd` takes them.
    """
    factors = sizes[-1] / sizes
    return {
        f"{kind} {layer}": factor
        for layer, factor in enumerate(factors, start=1)
        for kind in ("weight", "bias")
    }


def run(seeds: Sequence[int] = SEEDS, done: Done | None = None) -> dict[str, np.ndarray]:
    """Measure the wait at 3 to 7 hidden layers, and train 10 with a rate for each layer.

    The factor of a layer's own rate is the norm of the gradient with respect to the weights of the
    last layer over that of its own, on all digits before training: the first steps are then
    equally long in all layers.

    Parameters
    ----------
    seeds : sequence of int
    done : mutable mapping, optional
        Parts that were computed before; the others are added.

    Returns
    -------
    dict of str to ndarray
        ``"hidden"``, shape (depths,); ``"wait"``, shape (depths, seeds), epochs until more than a
        fifth of the training digits are right at a rate of 3, infinite if never; ``"spread"``,
        shape (layers, seeds), at the start of 10 hidden layers, the input first: standard deviation
        over digits of an activation, root mean square over units; ``"weight_gradient"``, shape
        (layers, seeds), of the same networks; ``"rates"``, shape (rates,), and
        ``"train_accuracy own rates"``, shape (rates, seeds), after 60 epochs.
    """
    done = {} if done is None else done
    data = datasets.digits()
    images, labels = data.train_images, data.train_labels
    waits = [
        array_once(done, f"{hidden} layers", partial(wait, hidden, seeds))
        for hidden in tqdm(LONGEST, unit="depth", disable=None)
    ]
    start = training.Training(network(DEEP), training.sgd(1.0), seeds, dtype=np.float64)
    trace = start.network.forward(start.parameters, np.repeat(images.T[None], len(seeds), axis=0))
    spread = [np.sqrt(a.var(axis=2).mean(axis=1)) for a in trace.outputs[:-1]]
    sizes = start.run(images, labels, 0).weight_gradient[0]

    accuracies = [
        array_once(done, f"rate {rate}", partial(with_own_rates, rate, sizes, seeds))
        for rate in tqdm(RATES, unit="rate", disable=None)
    ]
    return {
        "hidden": np.array([*LONGEST]), "wait": np.array(waits), "spread": np.array(spread),
        "weight_gradient": sizes, "rates": np.array(RATES),
        "train_accuracy own rates": np.array(accuracies),
    }  # fmt: skip


def wait(hidden: int, seeds: Sequence[int]) -> np.ndarray:
    """Measure how long networks of so many hidden layers wait; see `run`."""
    data, longest = datasets.digits(), LONGEST[hidden]
    learners = training.Training(network(hidden), training.sgd(RATE), seeds, dtype=np.float64)
    history = learners.run(
        data.train_images, data.train_labels, longest,
        record_every=max(1, longest // 200), on_divergence="freeze",
    )  # fmt: skip
    learned = history.train_accuracy > GUESSING
    first = history.epochs.astype(float)[learned.argmax(axis=0)]
    return np.where(learned.any(axis=0), first, np.inf)


def with_own_rates(rate: float, sizes: np.ndarray, seeds: Sequence[int]) -> np.ndarray:
    """Train ten layers, each with its own rate; see `run`."""
    data, rule = datasets.digits(), training.sgd(rate, factors=own_rates(sizes))
    learners = training.Training(network(DEEP), rule, seeds, dtype=np.float64)
    history = learners.run(
        data.train_images, data.train_labels, EPOCHS, record_every=EPOCHS, on_divergence="freeze"
    )
    return np.asarray(history.train_accuracy[-1])


def choices(results: Mapping[str, np.ndarray]) -> list[Choice]:
    """Say which rates the results or their chapter chose."""
    medians = np.median(results["train_accuracy own rates"], axis=1)
    best = int(np.argmax(medians))
    settled = "" if medians[best] > GUESSING else NOTHING_LEARNED
    return [Choice("own rates", RATES[best], RATES[0], RATES[-1], settled)]
