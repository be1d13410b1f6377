"""ReLU and what was made of it, in one experiment: same network, digits, epochs, rates and starts.

Chapters 5 to 8 read their comparisons from it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
from tqdm.auto import tqdm

from lib import activations, initializers, training
from lib.activations import Activation
from lib.experiments import grand_table, starts
from lib.experiments.choosing import Choice, lowest
from lib.experiments.parts import Done, once
from lib.initializers import Initializer
from lib.models import Network
from lib.training import Training

SEEDS = tuple(range(20))
HIDDEN, UNITS = 8, 32
RATES = (0.035, 0.05, 0.07, 0.1, 0.14, 0.2, 0.28)
# The function, and the weights that it starts from.
KINDS: dict[str, tuple[Activation, Initializer]] = {
    "relu": (activations.relu(), initializers.he()),
    **{
        f"leaky {name}": (
            activations.leaky_relu(alpha=alpha), initializers.he(slope=alpha)
        )
        for name, alpha in (
            ("0.01", 0.01), ("0.1", 0.1), ("2/11", 2 / 11), ("0.25", 0.25), ("0.5", 0.5)
        )
    },
    # The weights of these two are those of a fixed slope: their own first one, and in evaluation.
    "prelu": (activations.prelu(), initializers.he(slope=0.25)),
    "rrelu": (activations.rrelu(), initializers.he(slope=2 / 11)),
    "elu": (activations.elu(), initializers.normal(weight_variance=1.5)),
}  # fmt: skip
ALPHAS = (0.0, 0.01, 0.1, 2 / 11, 0.25, 0.5)  # of the first six
# Epochs and digits in a mini-batch: 20 times 35 steps on 1150 digits, 40 times 10 steps on 200.
SIZES = {"all": (20, 32), "few": (40, 20)}
FEW = 200
RECORDS = (0, 1, 2, 5, 10, 20)
MEASURED = tuple(
    f"{part} {what}" for part in ("train", "choose", "test") for what in ("loss", "right")
)


def network(kind: str) -> Network:
    """Describe eight hidden layers of 32 units of a kind of `KINDS`."""
    phi, start = KINDS[kind]
    return Network((64, *[UNITS] * HIDDEN, 10), phi, start)


def sample(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw 200 of the digits that train; every seed has its own, the same for all kinds."""
    images, labels = starts.parts()["train"]
    chosen = np.random.default_rng([seed, 3]).choice(len(labels), FEW, replace=False)
    return images[chosen], labels[chosen]


def of_kind(kind: str, seeds: Sequence[int]) -> dict[str, np.ndarray]:
    """Train one kind with every rate on both sizes; see `run`."""
    rule, described = training.sgd, network(kind)
    epochs, batch = SIZES["all"]
    learners = Training(described, rule(tuple(np.repeat(RATES, len(seeds)))), [*seeds] * len(RATES))
    digits = starts.parts()
    history = learners.run(
        *digits["train"], epochs, batch=batch, on_divergence="freeze",
        record_every=RECORDS if described.learns_slopes else (epochs,),
    )  # fmt: skip
    shape = len(RATES), len(seeds)
    whole = grand_table.measure(learners, digits, shape)
    found = {f"{name} all": value for name, value in whole.items()}
    found["silent"] = history.silent[-1].mean(axis=0).reshape(shape)
    if described.learns_slopes:
        slopes = history.slopes
        found["slopes"] = slopes.reshape(*slopes.shape[:2], *shape)
    epochs, batch = SIZES["few"]
    columns = []
    for seed in seeds:
        digits["train"] = sample(seed)
        learners = Training(described, rule(RATES), [seed] * len(RATES))
        learners.run(*digits["train"], epochs, batch=batch, on_divergence="freeze", record_every=())
        columns.append(grand_table.measure(learners, digits, (len(RATES), 1)))
    for name in MEASURED:
        found[f"{name} few"] = np.concatenate([column[name] for column in columns], axis=1)
    return found


def run(seeds: Sequence[int] = SEEDS, done: Done | None = None) -> dict[str, np.ndarray]:
    """Train ReLU, five leaks, PReLU, RReLU and ELU, on 1150 digits and on 200.

    Gradient descent, 20 epochs on all and 40 on few. 287 digits choose a rate and 360 test.

    Parameters
    ----------
    seeds : sequence of int
    done : mutable mapping, optional
        Parts that were computed before; the others are added.

    Returns
    -------
    dict of str to ndarray
        ``"rates"``; for ``"all"`` and ``"few"``, ``"train loss all"``, ``"train right all"`` and
        so on for ``"choose"`` and ``"test"``, of shape (kinds, rates, seeds), NaN in a network that
        has diverged; ``"silent"``, of the same shape, the share of units that are positive on no
        digit that trains, at the end; and ``"slopes"`` of PReLU, shape (records, layers, rates,
        seeds), with their ``"epochs"``.
    """
    done = {} if done is None else done
    parts = {
        kind: once(done, kind, partial(of_kind, kind, seeds))
        for kind in tqdm(KINDS, unit="kind", disable=None)
    }
    names = [f"{name} {size}" for size in SIZES for name in MEASURED]
    found = {name: np.stack([part[name] for part in parts.values()]) for name in (*names, "silent")}
    return {
        "rates": np.array(RATES), "epochs": np.array(RECORDS), "slopes": parts["prelu"]["slopes"],
        **found,
    }  # fmt: skip


def best(results: Mapping[str, np.ndarray], kind: str, size: str = "all") -> int:
    """Place of the rate with the lowest mean loss on the digits that choose.

    Parameters
    ----------
    results : mapping of str to ndarray
        Of `run`.
    kind : str
        Of `KINDS`.
    size : {"all", "few"}
        Of the sample that trains.
    """
    loss = results[f"choose loss {size}"][list(KINDS).index(kind)]
    return int(np.where(np.isfinite(loss), loss, np.inf).mean(axis=1).argmin())


def at_best(
    results: Mapping[str, np.ndarray], name: str, kind: str, size: str = "all"
) -> np.ndarray:
    """Return a measurement at the best rate of a kind, shape (seeds,).

    Parameters
    ----------
    results : mapping of str to ndarray
        Of `run`.
    name : str
        Such as ``"test right"``.
    kind : str
        Of `KINDS`.
    size : {"all", "few"}
        Of the sample that trains.
    """
    key = name if name == "silent" else f"{name} {size}"
    return np.asarray(results[key][list(KINDS).index(kind), best(results, kind, size)])


def over_rates(results: Mapping[str, np.ndarray], name: str, kind: str) -> np.ndarray:
    """Return a measurement with 200 digits, averaged over rates at which no network diverges.

    Parameters
    ----------
    results : mapping of str to ndarray
        Of `run`.
    name : str
        Such as ``"test right"``.
    kind : str
        Of `KINDS`.

    Returns
    -------
    ndarray of float, shape (seeds,)
    """
    stable = np.isfinite(results["test loss few"]).all(axis=(0, 2))
    return np.asarray(results[f"{name} few"][list(KINDS).index(kind), stable].mean(axis=0))


def choices(results: Mapping[str, np.ndarray]) -> list[Choice]:
    """Say which rates were chosen on digits that neither train nor test."""
    return [
        lowest(f"{kind}, {size} digits", RATES, results[f"choose loss {size}"][row])
        for size in SIZES
        for row, kind in enumerate(KINDS)
    ]
