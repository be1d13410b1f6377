"""Which activation function, after all: eleven of them, at two depths, plain and not.

Every function starts from its own critical variance and takes the better of two rules and its own
learning rate, all chosen on digits that neither train nor test.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np
from tqdm.auto import tqdm

from lib import activations, initializers, training
from lib._values import cached
from lib.activations import Activation
from lib.experiments.choosing import NOTHING_LEARNED, Choice, stored
from lib.experiments.parts import Done, once
from lib.experiments.starts import before_training, parts
from lib.models import Network, cross_entropy
from lib.theory import mean_field
from lib.training import Optimizer, Training

SEEDS = tuple(range(5))
# The networks that choose a rate and a rule are others than those that are judged. Those without
# residual branches depend most on the seed, and two of them choose.
CHOOSERS = {"plain": (100, 101), "norm": (100, 101), "residual": (100,), "both": (100,)}
KINDS: dict[str, Activation] = {
    "sigmoid": activations.sigmoid(),
    "tanh": activations.tanh(),
    "softplus": activations.softplus(),
    "relu": activations.relu(),
    "leaky_relu": activations.leaky_relu(),
    "prelu": activations.prelu(),
    "rrelu": activations.rrelu(),
    "elu": activations.elu(),
    "selu": activations.selu(),
    # The approximation trains in a third of the time.
    "gelu": activations.gelu(approximate="tanh"),
    "silu": activations.silu(),
}
HIDDEN = (5, 20, 50)
WAYS = ("plain", "norm", "residual", "both")
UNITS, BATCH, EPOCHS = 32, 32, 10
# Rates are 10^(k/2): how far a grid of rates may widen, and which are tried first. While the best
# rate is at an edge, one more is tried beyond it. What is not plain may need much larger rates.
RULES: dict[str, tuple[Callable[..., Optimizer], tuple[int, int]]] = {
    "momentum": (training.momentum, (-8, 2)),
    "adam": (training.adam, (-9, 0)),
}
FIRST = {
    "momentum": {True: (-5, -4, -3), False: (-5, -4, -3, -2, -1)},
    "adam": {True: (-6, -5, -4), False: (-7, -6, -5, -4, -3)},
}
# A loss of networks that choose above which nothing was learned, so that no rate is the best.
UNLEARNED = 0.9 * float(np.log(10))


@cached()
def critical(kind: str) -> tuple[float, float]:
    r"""Variances of weights and biases at which a function keeps its gradient.

    Of all points with :math:`\chi_1 = 1` it is the one with the smallest biases at which the size
    of the signal is stable. For functions with a slope on each side of 0 this is
    :math:`2/(s_+^2 + s_-^2)` without biases; the sigmoid has it at a large signal; GELU and SiLU
    have it with biases. Softplus has none and takes 2, which it tends to for large signals.

    Parameters
    ----------
    kind : str
        Of `KINDS`.

    Returns
    -------
    weight_variance, bias_variance : float
    """
    from scipy import optimize

    phi = KINDS[kind]
    if kind == "softplus":
        return 2.0, 0.0
    if kind == "rrelu":
        return 2 / (1 + float(activations.rrelu().mean_square_slope)), 0.0
    if kind == "sigmoid":

        def smallest(log_q: float) -> float:
            return float(mean_field.critical_line(phi, np.exp(log_q))[1])

        q = np.exp(optimize.brentq(smallest, 3.0, 4.5))
    elif kind in ("gelu", "silu"):
        q = np.exp(optimize.brentq(lambda log_q: stability(phi, np.exp(log_q)) - 1, 1.0, 3.5))
    else:
        q = 1e-8
    weights, biases = mean_field.critical_line(phi, q)
    return float(weights), max(float(biases), 0.0) if kind in ("gelu", "silu") else 0.0


def stability(phi: Activation, q: float) -> float:
    """By how much a small change of the signal's variance grows in a layer, on the critical line.

    Parameters
    ----------
    phi : Activation
    q : float
        Variance of the pre-activations.
    """
    weights, _ = mean_field.critical_line(phi, q)
    around = q * np.array([1 - 1e-4, 1 + 1e-4])
    low, high = mean_field.variance_map(phi, around, weight_variance=float(weights))
    return float((high - low) / (2e-4 * q))


def network(kind: str, hidden: int, way: str) -> Network:
    r"""Describe a network of the table.

    Parameters
    ----------
    kind : str
        Of `KINDS`.
    hidden : int
        Hidden layers, of 32 units.
    way : {"plain", "norm", "residual", "both"}
        Whether with batch normalization and with residual branches of scale :math:`1/\sqrt{L}`.
    """
    weights, biases = critical(kind)
    return Network(
        (64, *[UNITS] * hidden, 10), KINDS[kind],
        initializers.normal(weight_variance=weights, bias_variance=biases),
        output_initializer=initializers.lecun(), batch_norm=way in ("norm", "both"),
        residual=hidden**-0.5 if way in ("residual", "both") else None,
    )  # fmt: skip


def trained(
    described: Network, rule: Callable[..., Optimizer], rate: float | Sequence[float],
    seeds: Sequence[int], *, epochs: int = EPOCHS,
) -> dict[str, np.ndarray]:  # fmt: skip
    """Train, and measure the loss and what is right on each part of the digits.

    Parameters
    ----------
    described : Network
    rule : callable
        From rates to an optimizer.
    rate : float or sequence of float
        All seeds train with each.
    seeds : sequence of int
    epochs : int
        Default 10.

    Returns
    -------
    dict of str to ndarray, shape (rates, seeds)
        ``"choose loss"``, ``"choose right"`` and so on for each part; a network that has diverged
        is NaN.
    """
    rates = np.atleast_1d(rate)
    learners = Training(described, rule(tuple(np.repeat(rates, len(seeds)))), [*seeds] * len(rates))
    digits = parts()
    learners.run(*digits["train"], epochs, batch=BATCH, record_every=(), on_divergence="freeze")
    return measure(learners, digits, (len(rates), len(seeds)))


def measure(
    learners: Training, digits: Mapping[str, tuple[np.ndarray, np.ndarray]], shape: tuple[int, int]
) -> dict[str, np.ndarray]:
    """Measure loss and what is right on parts of the digits, NaN of what has diverged.

    Parameters
    ----------
    learners : Training
    digits : mapping of str to (ndarray, ndarray)
        Images and labels of each part.
    shape : (int, int)
        Rates and seeds.
    """
    found = {}
    for part, (images, labels) in digits.items():
        outputs = learners.predict(images).swapaxes(1, 2)
        wanted = np.broadcast_to(labels, (len(outputs), len(labels)))
        with np.errstate(all="ignore"):
            judged = cross_entropy(outputs, wanted)
        lost = ~np.isfinite(judged.loss)
        lost[list(learners.history.diverged)] = True
        for name, value in (("loss", judged.loss), ("right", judged.right.mean(axis=1))):
            found[f"{part} {name}"] = np.where(lost, np.nan, value).reshape(shape)
    return found


def search(
    described: Network, name: str, choosers: Sequence[int]
) -> tuple[float, float, tuple[float, float]]:
    """Find the rate with the lowest loss on the digits that choose, inside a grid that widens.

    Parameters
    ----------
    described : Network
    name : {"momentum", "adam"}
    choosers : sequence of int
        Seeds.

    Returns
    -------
    rate : float
    loss : float
        Mean over the networks that choose; infinite if one diverges.
    grid : (float, float)
        Smallest and largest rate tried.
    """
    rule, (lowest, highest) = RULES[name]
    losses: dict[int, float] = {}
    plain = not described.batch_norm and described.residual is None
    wanted: Sequence[int] = FIRST[name][plain]
    while wanted:
        found = trained(described, rule, [10 ** (k / 2) for k in wanted], choosers)["choose loss"]
        losses |= {
            k: float(np.where(np.isfinite(row), row, np.inf).mean())
            for k, row in zip(wanted, found, strict=True)
        }
        low, high = min(losses), max(losses)
        best = min(losses, key=lambda k: (losses[k], k))
        beyond = {low: low - 1, high: high + 1}.get(best)
        wanted = [beyond] if beyond is not None and lowest <= beyond <= highest else []
    return 10 ** (best / 2), losses[best], (10 ** (low / 2), 10 ** (high / 2))


def cell(kind: str, hidden: int, way: str, seeds: Sequence[int] = SEEDS) -> dict[str, np.ndarray]:
    """Choose rule and rate for one network of the table, and train it from the seeds.

    Returns
    -------
    dict of str to ndarray
        ``"rates"``, ``"losses"`` and ``"grids"`` by rule, ``"rule"``, and of the better rule
        ``"test right"``, ``"train right"`` and ``"train loss"``, shape (seeds,), of a network that
        has diverged 1 in 10 right and an infinite loss.
    """
    described = network(kind, hidden, way)
    tried = {name: search(described, name, CHOOSERS[way]) for name in RULES}
    rule = min(tried, key=lambda name: tried[name][1])
    found = trained(described, RULES[rule][0], tried[rule][0], seeds)
    return {
        **{
            name: np.array([tried[rule][place] for rule in RULES])
            for place, name in enumerate(("rates", "losses", "grids"))
        },
        "rule": np.array(list(RULES).index(rule)),
        **{name: found[name][0] for name in ("test right", "train right", "train loss")},
    }  # fmt: skip


def run(seeds: Sequence[int] = SEEDS, done: Done | None = None) -> dict[str, np.ndarray]:
    """Fill the table: every function, at every depth, in every kind of network.

    Ten epochs of 35 steps on 1150 digits; 287 others choose the rate and the rule, and 360 test.

    Parameters
    ----------
    seeds : sequence of int
    done : mutable mapping, optional
        Parts that were computed before; the others are added.

    Returns
    -------
    dict of str to ndarray
        Of shape (functions, depths, ways, seeds) ``"test right"``, ``"train right"`` and
        ``"train loss"``, with the better rule; a network that has diverged guesses. Of shape
        (functions, depths, ways, rules) ``"rates"``, the best of each rule, ``"choose loss"`` with
        it, ``"least rate"`` and ``"most rate"``, between which rates were tried; ``"rule"``, the
        better one's number; ``"variances"`` of weights and biases of each function; and, of the
        plain networks before training, ``"gradient ratio"`` and ``"likeness"``, shape (functions,
        depths, seeds), see `before_training`.
    """
    done = {} if done is None else done
    shape = len(KINDS), len(HIDDEN), len(WAYS)
    measured = ("test right", "train right", "train loss")
    found = {name: np.zeros((*shape, len(seeds))) for name in measured}
    chosen = {
        name: np.zeros((*shape, len(RULES)))
        for name in ("rates", "choose loss", "least rate", "most rate")
    }
    rule = np.zeros(shape, int)
    start = np.zeros((2, *shape[:2], len(seeds)))
    for place in tqdm([*np.ndindex(shape)], unit="cell", disable=None):
        kind, hidden, way = [*KINDS][place[0]], HIDDEN[place[1]], WAYS[place[2]]
        one = once(done, f"{kind} {hidden} {way}", partial(cell, kind, hidden, way, seeds))
        for name in measured:
            lost = np.isnan(one[name])
            found[name][place] = np.where(lost, np.inf if name == "train loss" else 0.1, one[name])
        low, high = one["grids"].T
        rule[place] = one["rule"]
        for name, value in zip(chosen, (one["rates"], one["losses"], low, high), strict=True):
            chosen[name][place] = value
        if way == "plain":
            start[:, place[0], place[1]] = before_training(network(kind, hidden, way), seeds)
    return {
        "variances": np.array([critical(kind) for kind in KINDS]), "rule": rule,
        "gradient ratio": start[0], "likeness": start[1], **chosen, **found,
    }  # fmt: skip


def choices(results: Mapping[str, np.ndarray]) -> list[Choice]:
    """Say which rates were chosen for each rule, on digits that neither train nor test."""
    names = ("rates", "least rate", "most rate")
    return [
        stored(
            f"{kind}, {hidden} layers, {way}, {rule}",
            (results[name][row, depth, column, number] for name in names),
            "" if results["choose loss"][row, depth, column, number] < UNLEARNED
            else NOTHING_LEARNED,
        )
        for row, kind in enumerate(KINDS)
        for depth, hidden in enumerate(HIDDEN)
        for column, way in enumerate(WAYS)
        for number, rule in enumerate(RULES)
    ]  # fmt: skip
