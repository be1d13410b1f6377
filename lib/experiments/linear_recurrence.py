"""Linear recurrences beside LSTM and GRU: which of them learn to bridge a lag, and to add."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np
from tqdm.auto import tqdm

from lib import datasets, recurrent, training
from lib.experiments import through_time
from lib.experiments.adding_and_copying import last
from lib.experiments.choosing import NOTHING_LEARNED, Choice, stored
from lib.experiments.parts import Done, once
from lib.experiments.through_time import UNITS, Kind
from lib.models import Reader
from lib.recurrent import Start
from lib.training.sequences import Checks, Problem, SequenceHistory, SequenceTraining

SEEDS = tuple(range(5))
TUNING = (100, 101)  # seeds that choose the rate, and nothing else
LENGTHS = {"order": (50, 100), "adding": (25, 50)}
BATCH, STEPS, EVERY, SAMPLES = 20, 1000, 100, 500
RATES = (0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
FIRST = range(2, 7)  # places of the rates that are always tried


def chrono(length: int) -> Start:
    """Start gates and eigenvalues from lifetimes up to the length of the sequences."""
    return Start(longest=length)


def small_angles(length: int) -> Start:
    """Start as with `chrono`, with angles of at most 1/20 of a turn."""
    return Start(longest=length, phase=np.pi / 10)


def half_open(_: int) -> Start:
    """Start gates at one half."""
    return Start(forget_bias=0.0)


def disk(_: int) -> Start:
    """Start eigenvalues evenly in the unit disk."""
    return Start(ring=(0.0, 1.0))


KINDS: dict[str, Kind] = {
    "LRU (disk)": (lambda inputs: recurrent.LRU(inputs, UNITS), disk),
    "LRU (chrono)": (lambda inputs: recurrent.LRU(inputs, UNITS), chrono),
    "LRU (chrono, small angles)": (lambda inputs: recurrent.LRU(inputs, UNITS), small_angles),
    "two LRU (chrono)": (lambda inputs: recurrent.TwoLayers(inputs, UNITS), chrono),
    "selective (gate 1/2)": (lambda inputs: recurrent.Selective(inputs, UNITS), half_open),
    "selective (chrono)": (lambda inputs: recurrent.Selective(inputs, UNITS), chrono),
    "LSTM (chrono)": (lambda inputs: recurrent.LSTM(inputs, UNITS), chrono),
    "GRU (chrono)": (lambda inputs: recurrent.GRU(inputs, UNITS), chrono),
}


def run(seeds: Sequence[int] = SEEDS, done: Done | None = None) -> dict[str, np.ndarray]:
    """Train linear recurrences, an LSTM and a GRU on the temporal order and the adding problem.

    Every kind has 24 units and takes at most 1000 steps of Adam on 20 new sequences. Of
    five learning rates from 0.003 to 0.3 that one counts with which most of two other seeds solve
    the problem, then that with the larger share of right answers, then that with fewer steps, then
    the smaller. If it solves the problem and is the smallest or the largest that was tried, the
    next one is tried as well. A problem is solved when a check finds 99% of 500 new answers right;
    a sum is right within 0.08.

    Parameters
    ----------
    seeds : sequence of int
    done : mutable mapping, optional
        Parts that were computed before; the others are added.

    Returns
    -------
    dict of str to ndarray
        ``"kinds"``; ``"steps"``, how many there were at most; and for each of the problems
        ``"order"`` and ``"adding"``: ``"lengths order"``; ``"numbers order"``, shape (kinds,), how
        many parameters learn, read-out included; of shape (kinds, lengths, seeds) ``"solved_at
        order"``, steps until it was solved, infinite where it was not, ``"success order"``, the
        share of right answers when a replica stopped, ``"rate order"``, and ``"least_rate order"``
        and ``"most_rate order"``, between which rates were tried. ``"reach order"``, of the same
        shape, is the decimal logarithm of the gradient with respect to the input at the first
        letter over that with respect to the last input, before training.

    References
    ----------
    Hochreiter & Schmidhuber, "Long Short-Term Memory", Neural Computation 9, 1997, experiments 4
    and 6a.
    """
    found = {"kinds": np.array(list(KINDS)), "steps": np.array(STEPS)}
    for problem, lengths in LENGTHS.items():
        found[f"lengths {problem}"] = np.array(lengths)
        found[f"numbers {problem}"] = np.array(
            [reader(kind, problem).draw([0]).flat.size for kind in KINDS]
        )
        for name in ("solved_at", "success", "rate", "least_rate", "most_rate"):
            found[f"{name} {problem}"] = np.zeros((len(KINDS), len(lengths), len(seeds)))
    found["reach order"] = np.zeros_like(found["success order"])
    done = {} if done is None else done
    everything = [
        (problem, length, (row, column))
        for row in range(len(KINDS))
        for problem, lengths in LENGTHS.items()
        for column, length in enumerate(lengths)
    ]
    for problem, length, at in tqdm(everything, unit="training", disable=None):
        kind = list(KINDS)[at[0]]
        compute = partial(measured, kind, problem, length, seeds)
        for name, array in once(done, f"{problem} {kind} {length}", compute).items():
            found[f"{name} {problem}"][at] = array
    return found


def measured(kind: str, problem: str, length: int, seeds: Sequence[int]) -> dict[str, np.ndarray]:
    """Choose a rate, and train the seeds with it; see `run`."""
    success, solved_at = tune(kind, problem, length)
    tried = np.array(RATES)[~np.isnan(solved_at[:, 0])]
    rate = best_rate(success, solved_at)
    trained = train(kind, problem, length, rate, seeds)
    found = {
        "rate": np.array(rate), "least_rate": tried.min(), "most_rate": tried.max(),
        "success": last(trained), "solved_at": trained.solved_at,
    }  # fmt: skip
    if problem == "order":
        who = reader(kind, problem)
        drawn = who.draw(seeds, start=KINDS[kind][1](length))
        found["reach"] = through_time.reach(who, length, drawn)
    return found


def reader(kind: str, problem: str) -> Reader:
    """Make a reader of a kind for a problem.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    problem : {"order", "adding"}

    Returns
    -------
    Reader
    """
    cell, _ = KINDS[kind]
    if problem == "adding":
        return Reader(cell(2), outputs=1, loss="squared_error")
    return Reader(cell(6), outputs=4)


def train(
    kind: str, problem: str, length: int, rate: float | tuple[float, ...], seeds: Sequence[int]
) -> SequenceHistory:
    """Train replicas, each with a rate of its own if there are several rates.

    Parameters
    ----------
    kind, problem
        As for `reader`.
    length : int
        Of the sequences.
    rate : float or tuple of float
    seeds : sequence of int

    Returns
    -------
    SequenceHistory
    """
    draws: dict[str, Callable[..., tuple[np.ndarray, np.ndarray]]] = {
        "order": datasets.temporal_order, "adding": datasets.adding,
    }  # fmt: skip
    draw: Problem = partial(draws[problem], length)
    learners = SequenceTraining(
        reader(kind, problem), training.adam(rate), seeds, start=KINDS[kind][1](length)
    )
    checks = Checks(every=EVERY, samples=SAMPLES)
    return learners.run(draw, STEPS, batch=BATCH, checks=checks, on_divergence="freeze")


def tune(kind: str, problem: str, length: int) -> tuple[np.ndarray, np.ndarray]:
    """Try rates with the seeds for it, more of them as long as the best is at the edge.

    Parameters
    ----------
    kind, problem, length
        As for `train`.

    Returns
    -------
    success, solved_at : ndarray of float64, shape (rates, tuning seeds)
        NaN where a rate was not tried.
    """
    success, solved_at = np.full((2, len(RATES), len(TUNING)), np.nan)
    places = list(FIRST)
    while places:
        success[places], solved_at[places] = attempt(kind, problem, length, places)
        places = beyond(success, solved_at)
    return success, solved_at


def attempt(
    kind: str, problem: str, length: int, places: Sequence[int]
) -> tuple[np.ndarray, np.ndarray]:
    """Train the seeds for tuning with the rates at some places.

    Parameters
    ----------
    kind, problem, length
        As for `train`.
    places : sequence of int
        In `RATES`.

    Returns
    -------
    success, solved_at : ndarray of float64, shape (places, tuning seeds)
    """
    rates = tuple(np.repeat([RATES[place] for place in places], len(TUNING)).tolist())
    trained = train(kind, problem, length, rates, TUNING * len(places))
    shape = (len(places), len(TUNING))
    return last(trained).reshape(shape), trained.solved_at.reshape(shape)


def beyond(success: np.ndarray, solved_at: np.ndarray) -> list[int]:
    """Find the place beyond a best rate at the edge of those that were tried, if there is one.

    Parameters
    ----------
    success, solved_at : ndarray, shape (rates, seeds)
        NaN where a rate was not tried.

    Returns
    -------
    list of int
        In `RATES`; empty if the best rate is not at the edge, or no seed solves the problem.
    """
    best = RATES.index(best_rate(success, solved_at))
    tried = np.flatnonzero(~np.isnan(solved_at[:, 0]))
    wanted = []
    if np.isfinite(solved_at[best]).any():
        wanted = [p for p in (best - 1, best + 1) if 0 <= p < len(RATES) and p not in tried]
    return wanted


def best_rate(success: np.ndarray, solved_at: np.ndarray) -> float:
    """Choose a rate: by who solves it, then by right answers, by steps, and by size.

    Parameters
    ----------
    success, solved_at : ndarray, shape (rates, seeds)
        NaN where a rate was not tried.

    Returns
    -------
    float
    """
    solved = np.isfinite(solved_at)
    steps = np.where(solved, solved_at, STEPS).mean(axis=1)
    # What all seeds have solved is equally right.
    right = np.where(solved, 1.0, np.nan_to_num(success, nan=-1.0)).mean(axis=1)
    return RATES[int(np.lexsort((-np.array(RATES), -steps, right, solved.sum(axis=1)))[-1])]


def choices(results: Mapping[str, np.ndarray]) -> list[Choice]:
    """Say which rates the results or their chapter chose."""
    found = []
    for problem, lengths in LENGTHS.items():
        for row, kind in enumerate(KINDS):
            for column, length in enumerate(lengths):
                at = row, column
                solved = np.isfinite(results[f"solved_at {problem}"][at]).any()
                names = ("rate", "least_rate", "most_rate")
                tried = (results[f"{name} {problem}"][at][0] for name in names)
                settled = "" if solved else NOTHING_LEARNED
                found.append(stored(f"{problem}, {kind}, length {length}", tried, settled))
    return found
