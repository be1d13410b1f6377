"""Which learning rate is best, by width and by depth, under the rules that scale it."""

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
from tqdm.auto import tqdm

from lib import activations, initializers, training
from lib.experiments import sweep
from lib.experiments.choosing import Choice, lowest
from lib.experiments.parts import Done, array_once
from lib.initializers import Initializer
from lib.models import Network

SEEDS = tuple(range(5))
EPOCHS = 4  # of 22 steps
RATES = tuple(2.0**power for power in range(-12, -3))
WIDTHS, HIDDEN = (32, 64, 128, 256, 512), 3
WIDTH_RULES = ("standard", "maximal update")
DEPTHS, UNITS = (2, 4, 8, 16, 32), 32
DEPTH_RULES = ("full branches", "scaled branches", "scaled branches and rates")


def run(seeds: Sequence[int] = SEEDS, done: Done | None = None) -> dict[str, np.ndarray]:
    """Train networks of ReLU on digits with Adam for 88 steps, at each rate, width and depth.

    Networks of three hidden layers of 32 to 512 units have standard or maximal-update
    parametrization, see `by_width`. Residual networks of 2 to 32 branches of 32 units have one of
    three rules for the depth, see `by_depth`.

    Parameters
    ----------
    seeds : sequence of int
    done : mutable mapping, optional
        Parts that were computed before; the others are added.

    Returns
    -------
    dict of str to ndarray
        ``"rates"``, ``"widths"`` and ``"depths"``; ``"loss by width"``, shape (2 rules, widths,
        rates, seeds), and ``"loss by depth"``, shape (3 rules, depths, rates, seeds): the loss on
        all training digits at the end, infinite where training diverged.

    References
    ----------
    Yang et al., "Tuning Large Neural Networks via Zero-Shot Hyperparameter Transfer", NeurIPS 2021,
    table 3; Yang, Yu, Zhu & Hayou, "Tensor Programs VI", ICLR 2024, table 1.
    """
    done = {} if done is None else done
    axes = {"width": (by_width, WIDTH_RULES, WIDTHS), "depth": (by_depth, DEPTH_RULES, DEPTHS)}
    networks = {
        (axis, rule, size): described(size, rule)
        for axis, (described, rules, sizes) in axes.items()
        for rule in rules
        for size in sizes
    }
    found: dict[str, list[np.ndarray]] = {axis: [] for axis in axes}
    for (axis, rule, size), (network, factors) in tqdm(
        networks.items(), unit="network", disable=None
    ):
        train = partial(losses, network, factors, seeds)
        found[axis].append(array_once(done, f"{axis} {size}, {rule}", train))
    by_axis = {
        f"loss by {axis}": np.array(found[axis]).reshape(len(rules), len(sizes), len(RATES), -1)
        for axis, (_, rules, sizes) in axes.items()
    }
    return {
        "rates": np.array(RATES), "widths": np.array(WIDTHS), "depths": np.array(DEPTHS), **by_axis
    }  # fmt: skip


def by_width(width: int, rule: str) -> tuple[Network, dict[str, float]]:
    """Describe a network of three hidden layers, and the factors of the rates of its arrays.

    Hidden weights start with variance 2/fan_in. Under the standard parametrization output weights
    start with variance 1/fan_in, and all arrays have the same rate. Under maximal update, the
    variance of output weights, and the rates of hidden and of output weights, are divided by
    width/32 more. At width 32 both are the same.

    Parameters
    ----------
    width : int
    rule : str
        One of `WIDTH_RULES`.
    """
    ratio = width / WIDTHS[0] if rule == "maximal update" else 1.0
    last = initializers.normal(weight_variance=1 / ratio)
    layers = range(2, HIDDEN + 2)
    factors = {f"weight {layer}": 1 / ratio for layer in layers}
    return _network([width] * HIDDEN, last), factors


def by_depth(branches: int, rule: str) -> tuple[Network, dict[str, float]]:
    """Describe a residual network, and the factors of the rates of its arrays.

    Branches have a scale of 1, or of one over the root of their number; and then the rates of their
    weights and biases may be divided by the root of half of their number as well.

    Parameters
    ----------
    branches : int
        One more is the number of hidden layers, since the first adds to nothing.
    rule : str
        One of `DEPTH_RULES`.
    """
    scale = 1.0 if rule == "full branches" else branches**-0.5
    own = (branches / DEPTHS[0]) ** -0.5 if rule == "scaled branches and rates" else 1.0
    factors = {
        f"{kind} {layer}": own for layer in range(2, branches + 2) for kind in ("weight", "bias")
    }
    return _network([UNITS] * (branches + 1), initializers.lecun(), scale), factors


def losses(network: Network, factors: Mapping[str, float], seeds: Sequence[int]) -> np.ndarray:
    """Train at each rate; loss on all training digits at the end, shape (rates, seeds)."""
    rule = partial(training.adam, factors=factors)
    found = []
    for rate in RATES:  # one after the other: wide networks of all rates would need gigabytes
        trained = sweep.train(
            network, seeds, rates=[rate], epochs=EPOCHS, record_every=EPOCHS, optimizer=rule
        )
        last = trained.array("train_loss")[-1]
        found.append(np.where(np.isfinite(last), last, np.inf))
    return np.array(found)


def best(loss: np.ndarray) -> np.ndarray:
    """Place of the rate with the lowest mean loss over seeds.

    Parameters
    ----------
    loss : ndarray, shape (..., rates, seeds)

    Returns
    -------
    ndarray of int, shape (...)

    Examples
    --------
    >>> int(best(np.array([[3.0, 2.0], [1.0, 2.0], [2.0, 2.0]])))
    1
    """
    return np.asarray(loss.mean(axis=-1).argmin(axis=-1))


def _network(hidden: list[int], last: Initializer, residual: float | None = None) -> Network:
    return Network(
        (64, *hidden, 10), activations.relu(), initializers.he(), last, residual=residual
    )


def choices(results: Mapping[str, np.ndarray]) -> list[Choice]:
    """Say which rates the results or their chapter chose."""
    axes = (("width", WIDTH_RULES, WIDTHS), ("depth", DEPTH_RULES, DEPTHS))
    return [
        lowest(f"{axis} {size}, {rule}", RATES, results[f"loss by {axis}"][row, column])
        for axis, rules, sizes in axes
        for row, rule in enumerate(rules)
        for column, size in enumerate(sizes)
    ]
