r"""Training recurrent cells on sequences, several seeds as one computation.

A :class:`Reader` is a cell with a linear layer that reads its hidden state, :math:`z_t = V h_t +
c`, at the last step or at the last few. A problem is a function that draws sequences, like those of
`lib.datasets`::

    problem = functools.partial(datasets.temporal_order, 50)
    reader = sequences.Reader(recurrent.LSTM(6, 16), outputs=4)
    learned = sequences.train(reader, problem, training.adam(0.01), seeds=range(5), steps=1000)
    learned.solved_at

Used in: book/rnn-lstm.md, book/long-lags.md.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import DTypeLike
from tqdm.auto import tqdm

from lib._checks import boolean, choice, finite, function, instance, integer, real, shown
from lib._checks import seeds as seeds_of
from lib._numbers import norms, scale_down
from lib._values import ByValue
from lib.recurrent import Start
from lib.training.divergence import DivergenceError
from lib.training.optimizers import Memory, Optimizer
from lib.training.parameters import Parameters
from lib.training.readers import Examples, Problem, Reader, Room

__all__ = ["Examples", "Problem", "Reader", "Trained", "train"]

Batch = tuple[np.ndarray, np.ndarray]
Watch = Callable[[Parameters], np.ndarray]


@dataclass(frozen=True, eq=False)
class Trained(ByValue):
    """Readers that have trained, and what was measured on the way.

    Attributes
    ----------
    reader : Reader
    parameters : Parameters
        Of each replica when it stopped.
    loss, gradient_norm : ndarray of float64, shape (steps, replicas)
        Loss of the batch before each step, and norm of its gradient before it was clipped; NaN
        after a replica stopped.
    checked_at : ndarray of int64, shape (checks,)
        After how many steps success was measured; the first is 0.
    success : ndarray of float64, shape (checks, replicas)
        Share of fresh sequences (or of what was asked about them) that was said rightly; NaN
        after a replica stopped.
    watched : ndarray of float64, shape (checks, replicas)
        What `watch` found at each check; NaN after a replica stopped, or if nothing was watched.
    solved_at : ndarray of float64, shape (replicas,)
        Steps until a check found the problem solved; infinite if none did.
    diverged : dict of int to int
        Step at which each replica diverged that did, by replica.
    """

    reader: Reader
    parameters: Parameters
    loss: np.ndarray
    gradient_norm: np.ndarray
    checked_at: np.ndarray
    success: np.ndarray
    watched: np.ndarray
    solved_at: np.ndarray
    diverged: dict[int, int]

    @property
    def solved(self) -> np.ndarray:
        """Which replicas have solved the problem, shape (replicas,)."""
        return np.asarray(np.isfinite(self.solved_at))

    @property
    def best(self) -> np.ndarray:
        """Largest share of success of each replica, shape (replicas,)."""
        return np.asarray(np.nanmax(self.success, axis=0))


def train(
    reader: Reader,
    problem: Problem,
    optimizer: Optimizer,
    seeds: Sequence[int],
    *,
    steps: int,
    start: Start | None = None,
    batch: int = 20,
    clip_norm: float | None = 1.0,
    truncate: int | None = None,
    test: tuple[np.ndarray, np.ndarray] | None = None,
    check_every: int = 100,
    check_samples: int = 1000,
    solved: float | None = 0.99,
    watch: Watch | None = None,
    on_divergence: str = "raise",
    dtype: DTypeLike = np.float32,
    progress: bool = False,
) -> Trained:
    """Train readers on sequences that are new at every step.

    A replica does not depend on the others: its weights and all sequences it sees come from its
    seed alone. It stops when it has solved the problem.

    Parameters
    ----------
    reader : Reader
    problem : callable
        Draws sequences and targets, from their number and a generator.
    optimizer : Optimizer
        Its rate may be one for each replica.
    seeds : sequence of int
        One for each replica.
    steps : int
        At most so many, at least 1.
    start : Start, optional
        How the weights of the cell are drawn. Default: as PyTorch does.
    batch : int
        Sequences in a step. Default 20.
    clip_norm : float, optional
        Scale gradients down to this norm, for each replica over all its parameters. None: never.
        Default 1.
    truncate : int, optional
        See `lib.recurrent.Cell.backward`.
    test : (ndarray, ndarray), optional
        Inputs, shape (steps, inputs, samples), and targets to measure success with. Default:
        `check_samples` new sequences of the problem at each check.
    check_every, check_samples : int
        Steps between two checks, and at least how many sequences to check with. Default 100 and
        1000.
    solved : float, optional
        The share of success with which the problem counts as solved. None: train to the end.
        Default 0.99.
    watch : callable, optional
        What else to measure at each check: takes the `Parameters` of the replicas that still
        learn, and returns a number for each.
    on_divergence : {"raise", "freeze"}
        What to do when the loss or the gradient of a replica is no longer finite: raise an error,
        or stop this replica and go on with the others. Default ``"raise"``.
    dtype : float dtype
        Of parameters and computation. Default float32.
    progress : bool
        Show a progress bar. Default False.

    Returns
    -------
    Trained

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind, or shapes do not fit.
    DivergenceError
        If a replica diverges and `on_divergence` is ``"raise"``.

    References
    ----------
    Pascanu, Mikolov & Bengio, "On the difficulty of training recurrent neural networks", ICML
    2013, algorithm 1 (clipping) and section 4.1 (success is less than 1% error on new sequences).

    Examples
    --------
    >>> from functools import partial
    >>> from lib import datasets, recurrent, training
    >>> reader = Reader(recurrent.GRU(6, 16), outputs=4)
    >>> problem = partial(datasets.temporal_order, 10)
    >>> learned = train(reader, problem, training.adam(0.01), seeds=[0, 1], steps=500)
    >>> bool(learned.solved.all())
    True
    """
    steps, batch = integer("steps", steps, 1), integer("batch", batch, 1)
    check_every = integer("check_every", check_every, 1)
    check_samples = integer("check_samples", check_samples, 1)
    if solved is not None:
        real("solved", solved, least=0, most=1)
    if clip_norm is not None and real("clip_norm", clip_norm, least=0) == 0:
        raise ValueError(f"clip_norm must be positive; got {clip_norm!r}")
    choice("on_divergence", on_divergence, ("raise", "freeze"))
    instance("reader", reader, Reader)
    instance("optimizer", optimizer, Optimizer, "made by lib.training")
    function("problem", problem, " that draws sequences")
    if watch is not None:
        function("watch", watch)
    if truncate is not None:
        integer("truncate", truncate, 1)
    seeds, progress = seeds_of("seeds", seeds), boolean("progress", progress)
    if test is not None:
        test = _pair("test", test)
        asked, most = test[1], reader.outputs - 1
        within = asked.dtype.kind in "iu" and 0 <= asked.min() <= asked.max() <= most
        if reader.loss == "cross_entropy" and not within:
            raise ValueError(f"test must have targets that are integers from 0 to {most}")
    checks = _Checks(problem, test, batch, check_samples)
    group = _Group(reader, reader.draw(seeds, start=start, dtype=dtype), optimizer, seeds)
    measured = np.full((2, steps, len(seeds)), np.nan)
    checked_at, success, watched = [0], [checks.success(group)], [group.watched(watch)]
    solved_at, diverged = np.full(len(seeds), np.inf), dict[int, int]()
    with np.errstate(all="ignore"):
        for step in tqdm(range(1, steps + 1), disable=not progress):
            loss = group.look(problem, batch, truncate)
            measured[:, step - 1, group.live] = loss, np.ldexp(*group.norms)
            fine = np.isfinite(loss) & np.isfinite(group.norms[0])
            if not fine.all():
                lost = group.live[~fine]
                if on_divergence == "raise":
                    first = "gradient" if np.isfinite(loss[~fine][0]) else "loss"
                    raise DivergenceError(
                        f"step {step}, replica {lost[0]} (seed {seeds[lost[0]]}): "
                        f"the {first} is no longer finite"
                    )
                diverged |= {int(replica): step for replica in lost}
                group.keep(fine)
            group.step(clip_norm)
            if group.live.size and (step % check_every == 0 or step == steps):
                checked_at.append(step)
                success.append(checks.success(group))
                watched.append(group.watched(watch))
                if solved is not None:
                    done = success[-1][group.live] >= solved
                    solved_at[group.live[done]] = step
                    group.keep(~done)
            if not group.live.size:
                break
    group.keep(np.zeros(group.live.size, bool))
    return Trained(
        reader, group.everyone, measured[0, :step], measured[1, :step], np.array(checked_at),
        np.array(success), np.array(watched), solved_at, diverged,
    )  # fmt: skip


class _Group:
    """The replicas that still learn, their gradients, and the parameters of those that stopped."""

    def __init__(
        self, reader: Reader, parameters: Parameters, optimizer: Optimizer, seeds: Sequence[int]
    ) -> None:
        optimizer.rates(parameters)
        self.reader, self.everyone, self.optimizer = reader, parameters, optimizer
        self.live = np.arange(parameters.replicas)
        self.lessons, self.exams = (
            [np.random.default_rng([seed, stream]) for seed in seeds] for stream in (2, 3)
        )
        self.memory: Memory = optimizer.start(parameters)
        self.parameters, self.gradient = _part(parameters, self.live), parameters.like()
        self.room: Room = {}

    def draw(self, problem: Problem, samples: int, streams: list[np.random.Generator]) -> Batch:
        """Draw sequences for each replica from its own stream."""
        drawn = [_pair("problem", problem(samples, streams[replica])) for replica in self.live]
        steps, inputs, _ = drawn[0][0].shape
        shape, dtype = (steps, len(drawn), inputs, samples), self.parameters.flat.dtype
        if (x := self.room.get("x")) is None or x.shape != shape:
            x = self.room["x"] = np.empty(shape, dtype)
        for replica, (sequences, _) in enumerate(drawn):
            x[:, replica] = sequences
        return x, np.stack([np.atleast_2d(targets) for _, targets in drawn], axis=1)

    def look(self, problem: Problem, samples: int, truncate: int | None) -> np.ndarray:
        """Read new sequences and find the losses; keep gradients and their norms."""
        x, targets = self.draw(problem, samples, self.lessons)
        trace, judged = self.reader.judge(self.parameters, x, targets, room=self.room)
        self.reader.backward(
            self.parameters, trace, judged, self.gradient, truncate=truncate, room=self.room
        )
        self.norms = norms([self.gradient.flat])
        return judged.loss

    def step(self, clip_norm: float | None) -> None:
        """Clip the gradients and take a step."""
        if clip_norm is not None:
            scale_down(self.gradient.flat, *self.norms, clip_norm)
        self.optimizer.step(self.parameters, self.gradient, self.memory)

    def watched(self, watch: Watch | None) -> np.ndarray:
        """Measure each replica, NaN for those that stopped."""
        result = np.full(self.everyone.replicas, np.nan)
        if watch is not None:
            found = np.asarray(watch(self.parameters))
            if found.shape != self.live.shape:
                raise ValueError(
                    f"watch must return one number for each of {self.live.size} replicas; "
                    f"got an array of shape {found.shape}"
                )
            result[self.live] = found
        return result

    def keep(self, stay: np.ndarray) -> None:
        """Let the others stop where they are."""
        if stay.all():
            return
        self.everyone.flat[self.live] = self.parameters.flat
        if isinstance(self.optimizer.rate, tuple):
            rates = tuple(np.array(self.optimizer.rate)[stay].tolist())
            self.optimizer = replace(self.optimizer, rate=rates or 1.0)
        self.live = self.live[stay]
        self.parameters = _part(self.parameters, np.flatnonzero(stay))
        self.gradient = _part(self.gradient, np.flatnonzero(stay))
        self.norms = (self.norms[0][stay], self.norms[1][stay])
        self.memory = {
            name: array[stay] if array.ndim else array for name, array in self.memory.items()
        }


@dataclass(frozen=True, eq=False)
class _Checks:
    """How success is measured."""

    problem: Problem
    test: Batch | None
    batch: int
    samples: int

    def success(self, group: _Group) -> np.ndarray:
        """Share of what was said rightly by each replica, NaN for those that stopped."""
        result = np.full(group.everyone.replicas, np.nan)
        if self.test is not None:
            inputs, targets = self.test
            dtype = group.parameters.flat.dtype
            wanted = np.atleast_2d(targets)[:, None]
            wanted = np.broadcast_to(wanted, (len(wanted), group.live.size, wanted.shape[2]))
            x = np.asarray(inputs, dtype)
            _, judged = group.reader.judge(group.parameters, x, wanted)
            result[group.live] = judged.right.mean(axis=1)
            return result
        rounds = -(-self.samples // self.batch)
        right = np.zeros(group.live.size)
        for _ in range(rounds):
            x, wanted = group.draw(self.problem, self.batch, group.exams)
            _, judged = group.reader.judge(group.parameters, x, wanted, room=group.room)
            right += judged.right.mean(axis=1)
        result[group.live] = right / rounds
        return result


def _pair(name: str, value: tuple[np.ndarray, np.ndarray]) -> Batch:
    """Return inputs, shape (steps, inputs, samples), and targets of as many samples."""
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        raise TypeError(f"{name} must be, or draw, inputs and targets; got {shown(value)}")
    inputs, targets = (finite(name, part) for part in value)
    if (
        inputs.ndim != 3
        or not inputs.size
        or targets.ndim not in (1, 2)
        or targets.shape[-1] != inputs.shape[2]
    ):
        raise ValueError(
            f"{name} must be, or draw, inputs of shape (steps, inputs, samples) and as many "
            f"targets; got {inputs.shape} and {targets.shape}"
        )
    return inputs, np.asarray(value[1])


def _part(parameters: Parameters, replicas: np.ndarray) -> Parameters:
    """Copy some of the replicas."""
    result = Parameters(
        parameters.shapes, len(replicas), parameters.flat.dtype, parameters.decayed_names
    )
    result.flat[...] = parameters.flat[replicas]
    return result
