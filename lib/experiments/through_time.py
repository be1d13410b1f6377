"""How long a lag recurrent cells learn to bridge, and which of them reads a digit by its pixels."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np
from tqdm.auto import tqdm

from lib import datasets, initializers, recurrent, training
from lib.experiments.choosing import NOTHING_LEARNED, REACHED, Choice, stored
from lib.experiments.parts import Done, array_once, once
from lib.experiments.sweep import beyond
from lib.models import Reader
from lib.models.parameters import Parameters
from lib.recurrent import Cell, Start
from lib.training.sequences import Checks, Examples, SequenceHistory, SequenceTraining

SEEDS = tuple(range(5))
LENGTHS = (10, 20, 30, 50, 70, 100, 150, 200, 300, 400)
UNITS, BATCH, STEPS, EVERY = 24, 20, 3000, 100
RATES = (0.003, 0.01, 0.001)
WIDEN = 3  # how often one more rate is tried, as long as the best is the smallest or the largest
# Once more with a rate that is larger than those: where a kind first fails, and one length more.
LARGER = 0.03
ALSO = (
    ("RNN", 50), ("RNN (orthogonal)", 100), ("LSTM (bias 0)", 50), ("LSTM (bias 1)", 100),
    ("LSTM of 1997", 200), ("GRU", 300), ("GRU", 400),
)  # fmt: skip
RATE_NAMES = ("rate", "least_rate", "most_rate")
PIXELS, DIGIT_STEPS, DIGIT_EVERY, DIGIT_RATES = 64, 2000, 250, (0.001, 0.003, 0.01)
LAST = 0.1  # of the training on digits, over which the loss chooses the rate

Kind = tuple[Callable[[int], Cell], Callable[[int], Start]]

KINDS: dict[str, Kind] = {
    "RNN": (lambda inputs: recurrent.RNN(inputs, UNITS), lambda _: Start()),
    "RNN (orthogonal)": (
        lambda inputs: recurrent.RNN(inputs, UNITS),
        lambda _: Start(recurrent=initializers.orthogonal(), biases="zero"),
    ),
    "LSTM (bias 0)": (
        lambda inputs: recurrent.LSTM(inputs, UNITS), lambda _: Start(forget_bias=0.0)
    ),
    "LSTM (bias 1)": (
        lambda inputs: recurrent.LSTM(inputs, UNITS), lambda _: Start(forget_bias=1.0)
    ),
    "LSTM of 1997": (
        lambda inputs: recurrent.LSTM(inputs, UNITS, forget=False), lambda _: Start()
    ),
    "LSTM (chrono)": (
        lambda inputs: recurrent.LSTM(inputs, UNITS), lambda length: Start(longest=length)
    ),
    "GRU": (lambda inputs: recurrent.GRU(inputs, UNITS), lambda _: Start()),
    "GRU (chrono)": (
        lambda inputs: recurrent.GRU(inputs, UNITS), lambda length: Start(longest=length)
    ),
}  # fmt: skip


def run(seeds: Sequence[int] = SEEDS, done: Done | None = None) -> dict[str, np.ndarray]:
    """Train every kind of cell on the temporal order problem at growing lengths, then on digits.

    The problem counts as solved when a check finds at least 99% of 1000 new sequences classified
    rightly, within 3000 steps of 20 sequences. Of three learning rates, tried in turn until one is
    with which all seeds solve it, the best counts; if some seeds solve it with the smallest or the
    largest, the next one is tried as well. A kind which no seed has solved at some length is not
    tried at greater ones.

    Parameters
    ----------
    seeds : sequence of int
    done : mutable mapping, optional
        Parts that were computed before; the others are added.

    Returns
    -------
    dict of str to ndarray
        ``"kinds"``; ``"lengths"``; of shape (kinds, lengths, seeds) ``"solved_at"``, steps until
        the problem was solved, infinite where it was not, NaN where it was not tried, ``"rate"``,
        and ``"least_rate"`` and ``"most_rate"``, between which rates were tried; ``"steps"``, shape
        (checks,), and, of shape (kinds, lengths, checks, seeds), ``"success"`` and ``"reach"`` at
        each check, NaN after a replica has stopped: the share of new sequences classified rightly,
        and the decimal logarithm of the gradient with respect to the input at the first of the two
        letters over that with respect to the last input. Before training, ``"reach"`` is
        there for lengths that were not tried, too. On digits, read pixel by pixel,
        ``"digit_accuracy"``, shape (kinds, seeds), on test digits, and ``"digit_rate"``,
        ``"digit_least_rate"`` and ``"digit_most_rate"``, shape (kinds,). ``"also_kinds"``,
        ``"also_lengths"`` and ``"also_solved_at"``, shape (cases, seeds), are those of `ALSO`, with
        a rate of 0.03.

    References
    ----------
    Hochreiter & Schmidhuber, "Long Short-Term Memory", Neural Computation 9, 1997, experiment 6a;
    Pascanu, Mikolov & Bengio, "On the difficulty of training recurrent neural networks", ICML
    2013, section 4.1.
    """
    shape = (len(KINDS), len(LENGTHS))
    steps = np.arange(0, STEPS + 1, EVERY)
    found = {
        name: np.full((*shape, *rest, len(seeds)), np.nan)
        for name, rest in (
            ("solved_at", ()), ("rate", ()), ("least_rate", ()), ("most_rate", ()),
            ("success", steps.shape), ("reach", steps.shape),
        )
    }  # fmt: skip
    done = {} if done is None else done
    accuracy, digit_rates = np.zeros((len(KINDS), len(seeds))), np.zeros((3, len(KINDS)))
    for row, kind in enumerate(tqdm(KINDS, unit="kind of cell", disable=None)):
        for column, length in enumerate(LENGTHS):
            reader, start = reader_of(kind, length)
            drawn = reader.draw(seeds, start=start)
            found["reach"][row, column, 0] = reach(reader, length, drawn)
            if column and not np.isfinite(found["solved_at"][row, column - 1]).any():
                continue
            part = once(done, f"{kind} {length}", partial(bridging, kind, length, seeds))
            for name, rate in zip(RATE_NAMES, part["rates"], strict=True):
                found[name][row, column] = rate
            checks = len(part["success"])
            found["solved_at"][row, column] = part["solved_at"]
            found["success"][row, column, :checks] = part["success"]
            found["reach"][row, column, :checks] = part["reach"]
        part = once(done, f"{kind} digits", partial(reading, kind, seeds))
        digit_rates[:, row], accuracy[row] = part["rates"], part["accuracy"]
    also = [
        array_once(done, f"{kind} {length} also", partial(with_larger, kind, length, seeds))
        for kind, length in ALSO
    ]
    kinds, lengths = zip(*ALSO, strict=True)
    found |= {"also_kinds": np.array(kinds), "also_lengths": np.array(lengths)}
    found["also_solved_at"] = np.array(also)
    return {
        "kinds": np.array(list(KINDS)), "lengths": np.array(LENGTHS), "steps": steps,
        "digit_accuracy": accuracy, "digit_rate": digit_rates[0],
        "digit_least_rate": digit_rates[1], "digit_most_rate": digit_rates[2], **found,
    }  # fmt: skip


def bridging(kind: str, length: int, seeds: Sequence[int]) -> dict[str, np.ndarray]:
    """Train one kind on the temporal order problem at one length; see `run`."""
    rates, trained = on_order(kind, length, seeds)
    assert trained.watched is not None
    return {
        "rates": np.array(rates), "solved_at": trained.solved_at,
        "success": trained.success, "reach": trained.watched,
    }  # fmt: skip


def with_larger(kind: str, length: int, seeds: Sequence[int]) -> np.ndarray:
    """Train one kind with the larger rate; steps until the problem was solved, shape (seeds,)."""
    reader, start = reader_of(kind, length)
    trained = SequenceTraining(reader, training.adam(LARGER), seeds, start=start).run(
        partial(datasets.temporal_order, length), STEPS, batch=BATCH, on_divergence="freeze",
        checks=Checks(every=EVERY),
    )  # fmt: skip
    return trained.solved_at


def reading(kind: str, seeds: Sequence[int]) -> dict[str, np.ndarray]:
    """Train one kind on digits; see `run`."""
    rates, accuracy = on_digits(kind, seeds)
    return {"rates": np.array(rates), "accuracy": accuracy}


Rates = tuple[float, float, float]  # the one that counts, and between which rates were tried


def on_order(kind: str, length: int, seeds: Sequence[int]) -> tuple[Rates, SequenceHistory]:
    """Train on the temporal order problem, with the rate that most seeds solve it with.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    length : int
        Of the sequences.
    seeds : sequence of int

    Returns
    -------
    rates : tuple of float
        The one that counts, the smallest and the largest that were tried.
    trained : SequenceHistory
    """
    reader, start = reader_of(kind, length)
    problem = partial(datasets.temporal_order, length)
    best: tuple[float, SequenceHistory] | None = None
    tried: list[float] = []
    waiting = [*RATES]
    while waiting:
        rate = waiting.pop(0)
        tried = sorted([*tried, rate])
        trained = SequenceTraining(reader, training.adam(rate), seeds, start=start).run(
            problem, STEPS, batch=BATCH, on_divergence="freeze",
            checks=Checks(every=EVERY, watch=partial(reach, reader, length)),
        )  # fmt: skip
        if best is None or trained.solved.sum() > best[1].solved.sum():
            best = rate, trained
        if trained.solved.all():
            break
        if not waiting and best[1].solved.any() and len(tried) < len(RATES) + WIDEN:
            further = beyond(best[0], tried)
            waiting = [] if further is None else [further]
    assert best is not None
    return (best[0], tried[0], tried[-1]), best[1]


def on_digits(kind: str, seeds: Sequence[int]) -> tuple[Rates, np.ndarray]:
    """Train on digits read pixel by pixel, with the rate of the lowest training loss at the end.

    Parameters
    ----------
    kind, seeds
        As for `on_order`.

    Returns
    -------
    rates : tuple of float
        As from `on_order`.
    accuracy : ndarray, shape (seeds,)
        On test digits, at the end.
    """
    cell, start = KINDS[kind]
    data = datasets.digits()
    problem = Examples(datasets.pixel_rows(data.train_images, pixels=1), data.train_labels)
    test = datasets.pixel_rows(data.test_images, pixels=1), data.test_labels
    last, results = int(LAST * DIGIT_STEPS), {}
    waiting = [*DIGIT_RATES]
    while waiting:
        rate = waiting.pop(0)
        reader = Reader(cell(1), outputs=10)
        trained = SequenceTraining(reader, training.adam(rate), seeds, start=start(PIXELS)).run(
            problem, DIGIT_STEPS, batch=BATCH, on_divergence="freeze",
            checks=Checks(every=DIGIT_EVERY, test=test, solved=None),
        )  # fmt: skip
        loss = float(np.mean(trained.loss[-last:]))
        results[rate] = loss if np.isfinite(loss) else np.inf, trained.success[-1]
        best = min(results, key=lambda one: results[one][0])
        if not waiting and len(results) < len(DIGIT_RATES) + WIDEN:
            further = beyond(best, sorted(results))
            waiting = [] if further is None else [further]
    return (best, min(results), max(results)), results[best][1]


def reader_of(kind: str, length: int) -> tuple[Reader, Start]:
    """Make a reader for the temporal order problem, and say from where it starts.

    Parameters
    ----------
    kind, length
        As for `on_order`.

    Returns
    -------
    reader : Reader
    start : Start
    """
    cell, start = KINDS[kind]
    return Reader(cell(6), outputs=4), start(length)


def reach(reader: Reader, length: int, parameters: Parameters) -> np.ndarray:
    """Measure how much of the gradient reaches the first of the two letters.

    Parameters
    ----------
    reader : Reader
    length : int
        Of the sequences.
    parameters : Parameters
        Of some replicas.

    Returns
    -------
    ndarray, shape (replicas,)
        Decimal logarithm of the root mean square, over sequences, of the gradient of the loss with
        respect to the input at the first letter, over that by the last input.
    """
    samples = 100
    exact = parameters.astype(np.float64)  # single precision underflows
    x, targets = datasets.temporal_order(length, samples, rng=0)
    wanted = np.broadcast_to(targets, (1, exact.replicas, samples))
    trace, judged = reader.judge(exact, x, wanted)
    total = np.zeros_like(trace.hidden)
    total[-1] = exact.arrays["read-out weight"].swapaxes(1, 2) @ judged.gradient
    by_input = reader.cell.backward(trace, total).inputs
    letter = x[:, :2].sum(axis=1).argmax(axis=0)
    there = by_input[letter, :, :, np.arange(samples)]
    ratio = (there**2).sum(axis=(0, 2)) / (by_input[-1] ** 2).sum(axis=(1, 2))
    return np.asarray(np.log10(ratio) / 2)


def choices(results: Mapping[str, np.ndarray]) -> list[Choice]:
    """Say which rates the results or their chapter chose."""
    found = []
    for row, kind in enumerate(KINDS):
        for column, length in enumerate(LENGTHS):
            solved = np.isfinite(results["solved_at"][row, column])
            if np.isnan(results["rate"][row, column]).all():
                continue
            settled = REACHED if solved.all() else "" if solved.any() else NOTHING_LEARNED
            tried = (results[name][row, column, 0] for name in RATE_NAMES)
            found.append(stored(f"{kind}, length {length}", tried, settled))
        tried = (results[f"digit_{name}"][row] for name in RATE_NAMES)
        found.append(stored(f"{kind}, digits", tried))
    return found
