"""What a GRU learns while its answers are guesses: the same training, with labels shuffled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from tqdm.auto import tqdm

from lib import datasets, training
from lib.experiments.parts import Done, once
from lib.experiments.through_time import BATCH, reach, reader_of
from lib.models import Reader
from lib.models.parameters import Parameters
from lib.training.sequences import Checks, Problem, SequenceTraining

SEEDS = tuple(range(5))
KIND, LENGTH, RATE = "GRU", 100, 0.01
STEPS, EVERY, SAMPLES = 1500, 100, 50
LABELS = ("true", "shuffled")


def run(seeds: Sequence[int] = SEEDS, done: Done | None = None) -> dict[str, np.ndarray]:
    """Train a GRU on the temporal order problem, once as it is and once with shuffled labels.

    Shuffled labels are those of other sequences of the batch, so that a letter says nothing about
    the label. All replicas take every step.

    Parameters
    ----------
    seeds : sequence of int
    done : mutable mapping, optional
        Parts that were computed before; the others are added.

    Returns
    -------
    dict of str to ndarray
        ``"labels"``; ``"steps"``, shape (checks,); and, of shape (labels, checks, seeds),
        ``"success"`` on new sequences with labels of the same sort, ``"reach"`` as in
        `through_time.run`, and ``"update gate"``, the mean over steps and sequences of the update
        gate of the unit which only a tenth of the units exceed.
    """
    done = {} if done is None else done
    parts = [
        once(done, labels, partial(with_labels, labels, seeds))
        for labels in tqdm(LABELS, unit="sort of labels", disable=None)
    ]
    found = {name: np.array([part[name] for part in parts]) for name in parts[0]}
    return {"labels": np.array(LABELS), "steps": np.arange(0, STEPS + 1, EVERY), **found}


def with_labels(labels: str, seeds: Sequence[int]) -> dict[str, np.ndarray]:
    """Train with one of `LABELS`; see `run`."""
    problem: Problem = partial(datasets.temporal_order, LENGTH) if labels == "true" else shuffled
    reader, start = reader_of(KIND, LENGTH)
    gates: list[np.ndarray] = []
    trained = SequenceTraining(reader, training.adam(RATE), seeds, start=start).run(
        problem, STEPS, batch=BATCH,
        checks=Checks(every=EVERY, solved=None, watch=_watch(reader, gates)),
    )  # fmt: skip
    return {
        "success": trained.success, "reach": trained.watched, "update gate": np.array(gates)
    }  # fmt: skip


def shuffled(samples: int, rng: int | np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw sequences of the temporal order problem, with the labels of one another."""
    generator = np.random.default_rng(rng)
    x, targets = datasets.temporal_order(LENGTH, samples, generator)
    return x, generator.permutation(targets)


def update_gate(reader: Reader, parameters: Parameters) -> np.ndarray:
    """Mean update gate of the unit that a tenth of the units exceed, shape (replicas,)."""
    x, _ = datasets.temporal_order(LENGTH, SAMPLES, 0)
    weights = {name: parameters.arrays[name] for name in reader.cell.shapes}
    means = reader.cell.forward(weights, x).kept["update_gate"].mean(axis=(0, 3))
    return np.asarray(np.quantile(means, 0.9, axis=1))


def _watch(reader: Reader, gates: list[np.ndarray]) -> Callable[[Parameters], np.ndarray]:
    """Measure the reach, and put the update gates into a list."""

    def watch(parameters: Parameters) -> np.ndarray:
        gates.append(update_gate(reader, parameters))
        return reach(reader, LENGTH, parameters)

    return watch
