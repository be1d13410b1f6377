"""Two more problems with a long lag: which recurrent cells learn to add, and which to copy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
from tqdm.auto import tqdm

from lib import datasets, training
from lib.experiments import through_time
from lib.experiments.choosing import NOTHING_LEARNED, REACHED, Choice, stored
from lib.experiments.parts import Done, once
from lib.experiments.sweep import beyond
from lib.models import Reader
from lib.training.sequences import Checks, Problem, SequenceHistory, SequenceTraining

SEEDS = tuple(range(5))
LENGTHS = (20, 40, 80)
KINDS = ("RNN", "RNN (orthogonal)", "LSTM (bias 1)", "LSTM of 1997", "LSTM (chrono)", "GRU")
PROBLEMS = ("adding", "copying")
BATCH, STEPS, EVERY = 20, 3000, 300
RATES = (0.003, 0.01)
WIDEN = 3  # how often one more rate is tried, as long as the best is the smallest or the largest
# Right answers of networks that have learned next to nothing.
GUESSES = {"adding": 0.2, "copying": 0.15}
ITEMS, SYMBOLS = 3, 8
# Answers that are right if they are always 1, the mean of the sums, and if they are any letter.
CHANCE = {"adding": 1 - (1 - Reader.within) ** 2, "copying": 1 / SYMBOLS}
NAMES = ("rate", "least_rate", "most_rate")


def run(seeds: Sequence[int] = SEEDS, done: Done | None = None) -> dict[str, np.ndarray]:
    """Train six kinds of cells to add two numbers, and to copy three letters.

    Of two learning rates the one with the larger mean share of success at the end counts. As long
    as not all replicas give 99% of their answers rightly, and some give more than guesses do, the
    next rate beyond the better one is tried as well. A replica that gives 99% of its answers
    rightly stops.

    Parameters
    ----------
    seeds : sequence of int
    done : mutable mapping, optional
        Parts that were computed before; the others are added.

    Returns
    -------
    dict of str to ndarray
        ``"kinds"``; ``"lengths"``; and, for each problem, of shape (kinds, lengths, seeds),
        ``"success adding"``, the share of a thousand new answers that are right when a replica
        stops, and of shape (kinds, lengths) ``"rate adding"``, and ``"least_rate adding"`` and
        ``"most_rate adding"``, between which rates were tried. A sum is right within 0.08; a copy
        is judged letter by letter.

    References
    ----------
    Hochreiter & Schmidhuber, "Long Short-Term Memory", Neural Computation 9, 1997, experiment 4
    (adding); Arjovsky, Shah & Bengio, "Unitary Evolution Recurrent Neural Networks", ICML 2016
    (copying).
    """
    done = {} if done is None else done
    shape = (len(KINDS), len(LENGTHS))
    found: dict[str, np.ndarray] = {"kinds": np.array(KINDS), "lengths": np.array(LENGTHS)}
    for problem in PROBLEMS:
        found[f"success {problem}"] = np.zeros((*shape, len(seeds)))
        for name in NAMES:
            found[f"{name} {problem}"] = np.zeros(shape)
    everything = [
        (problem, (row, column))
        for row in range(len(KINDS))
        for column in range(len(LENGTHS))
        for problem in PROBLEMS
    ]
    for problem, (row, column) in tqdm(everything, unit="training", disable=None):
        kind, length = KINDS[row], LENGTHS[column]
        part = once(
            done, f"{problem} {kind} {length}", partial(measured, problem, kind, length, seeds)
        )
        for name, array in part.items():
            found[f"{name} {problem}"][row, column] = array
    return found


def measured(problem: str, kind: str, length: int, seeds: Sequence[int]) -> dict[str, np.ndarray]:
    """Train one kind on one problem; see `run`."""
    rates, trained = best_of(problem, kind, length, seeds)
    return {
        "success": last(trained),
        **{name: np.array(rate) for name, rate in zip(NAMES, rates, strict=True)},
    }


def best_of(
    problem: str, kind: str, length: int, seeds: Sequence[int]
) -> tuple[through_time.Rates, SequenceHistory]:
    """Train with both rates and what lies beyond the better, and keep the best.

    Parameters
    ----------
    problem : {"adding", "copying"}
    kind : str
        One of `KINDS`.
    length : int
        Of the sequences.
    seeds : sequence of int

    Returns
    -------
    rates : tuple of float
        The best, the smallest and the largest that were tried.
    trained : SequenceHistory
    """
    cell, start = through_time.KINDS[kind]
    draw: Problem
    if problem == "adding":
        reader = Reader(cell(2), outputs=1, loss="squared_error")
        draw = partial(datasets.adding, length)
    else:
        reader = Reader(cell(SYMBOLS + 2), outputs=SYMBOLS)
        draw = partial(datasets.copying, length, items=ITEMS, symbols=SYMBOLS)
    results: dict[float, SequenceHistory] = {}
    waiting = [*RATES]
    while waiting:
        rate = waiting.pop(0)
        learners = SequenceTraining(reader, training.adam(rate), seeds, start=start(length))
        results[rate] = learners.run(
            draw, STEPS, batch=BATCH, checks=Checks(every=EVERY), on_divergence="freeze"
        )
        best = max(results, key=lambda one: float(last(results[one]).mean()))
        right = last(results[best])
        if (
            not waiting
            and len(results) < len(RATES) + WIDEN
            and right.min() < 0.99
            and right.mean() > GUESSES[problem]
        ):
            further = beyond(best, sorted(results))
            waiting = [] if further is None else [further]
    return (best, min(results), max(results)), results[best]


def last(trained: SequenceHistory) -> np.ndarray:
    """Share of success of each replica when it stopped, shape (replicas,)."""
    checks = np.isfinite(trained.success).sum(axis=0) - 1
    return np.asarray(trained.success[checks, np.arange(checks.size)])


def choices(results: Mapping[str, np.ndarray]) -> list[Choice]:
    """Say which rates the results or their chapter chose."""
    found = []
    for problem in PROBLEMS:
        for row, kind in enumerate(KINDS):
            for column, length in enumerate(LENGTHS):
                right = results[f"success {problem}"][row, column]
                guesses = right.mean() <= GUESSES[problem]
                settled = REACHED if right.min() >= 0.99 else NOTHING_LEARNED if guesses else ""
                tried = (results[f"{name} {problem}"][row, column] for name in NAMES)
                found.append(stored(f"{problem}, {kind}, length {length}", tried, settled))
    return found
