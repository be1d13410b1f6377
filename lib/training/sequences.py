r"""Training recurrent cells on sequences, several seeds as one computation.

A `lib.models.Reader` is a cell with a linear layer that reads its hidden state,
:math:`z_t = V h_t + c`, at the last step or at the last few. A problem is a function that draws
sequences, like those of `lib.datasets`::

    problem = functools.partial(datasets.temporal_order, 50)
    reader = models.Reader(recurrent.LSTM(6, 16), outputs=4)
    learners = sequences.SequenceTraining(reader, training.adam(0.01), seeds=[0, 1, 2])
    history = learners.run(problem, steps=500)

Used in: book/rnn-lstm.md, book/long-lags.md, book/linear-recurrence.md.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import DTypeLike
from tqdm.auto import tqdm

from lib._checks import boolean, choice, function, instance, integer, real
from lib._checks import seeds as seeds_of
from lib._numbers import DivergenceError
from lib._values import ByValue
from lib.models import Reader
from lib.recurrent import Start
from lib.training._live import Live
from lib.training.checks import Checks, SequenceHistory, SequenceLog, Watch
from lib.training.optimizers import Optimizer
from lib.training.problems import Examples, Problem

__all__ = ["Checks", "Examples", "Problem", "SequenceHistory", "SequenceTraining"]


class SequenceTraining(ByValue):
    """Readers of one shape while they train, each from a seed of its own.

    A replica does not depend on the others: its weights and all sequences it sees come from its
    seed alone. It stops when it has solved the problem.

    Parameters
    ----------
    reader : Reader
    optimizer : Optimizer
        Its rate may be one for each replica.
    seeds : sequence of int
        One for each replica.
    start : Start, optional
        How the weights of the cell are drawn. Default: as PyTorch does.
    dtype : float dtype
        Of parameters and computation. Default float32.

    Attributes
    ----------
    parameters : Parameters
        Of each replica when it stopped, or at the end of the last run.
    step : int
        How many steps were taken.

    Examples
    --------
    >>> from functools import partial
    >>> from lib import datasets, models, recurrent, training
    >>> reader = models.Reader(recurrent.GRU(6, 16), outputs=4)
    >>> learners = SequenceTraining(reader, training.adam(0.01), seeds=[0, 1])
    >>> history = learners.run(partial(datasets.temporal_order, 10), steps=500)
    >>> bool(history.solved.all())
    True
    """

    def __init__(
        self,
        reader: Reader,
        optimizer: Optimizer,
        seeds: Sequence[int],
        *,
        start: Start | None = None,
        dtype: DTypeLike = np.float32,
    ) -> None:
        self.reader = instance("reader", reader, Reader)
        self.optimizer = instance("optimizer", optimizer, Optimizer, "made by lib.training")
        self.seeds = seeds_of("seeds", seeds)
        self.parameters = reader.draw(self.seeds, start=start, dtype=dtype)
        self.step = 0
        self._live = Live(reader, self.parameters, optimizer, self.seeds)
        self._log = SequenceLog(np.full(len(self.seeds), np.inf))

    @property
    def history(self) -> SequenceHistory:
        """What was measured so far."""
        return self._log.history()

    def run(
        self,
        problem: Problem,
        steps: int,
        *,
        batch: int = 20,
        clip_norm: float | None = 1.0,
        truncate: int | None = None,
        checks: Checks | None = None,
        on_divergence: str = "raise",
        progress: bool = False,
    ) -> SequenceHistory:
        """Train for some steps more, on sequences that are new at every step.

        Parameters
        ----------
        problem : callable
            Draws sequences and targets, from their number and a generator.
        steps : int
            At most so many, at least 1.
        batch : int
            Sequences in a step. Default 20.
        clip_norm : float, optional
            Scale gradients down to this norm, for each replica over all its parameters. None:
            never. Default 1.
        truncate : int, optional
            See `lib.recurrent.Cell.backward`.
        checks : Checks, optional
            How success is measured, before training, on the way and at the end. Default
            ``Checks()``.
        on_divergence : {"raise", "freeze"}
            What to do when the loss or the gradient of a replica is no longer finite: raise an
            error, or stop this replica and go on with the others. Default ``"raise"``.
        progress : bool
            Show a progress bar. Default False.

        Returns
        -------
        SequenceHistory
            Of this and all earlier runs.

        Raises
        ------
        TypeError, ValueError
            If an argument is not of this kind, or shapes do not fit.
        DivergenceError
            If a replica diverges and `on_divergence` is ``"raise"``.

        References
        ----------
        Pascanu, Mikolov & Bengio, "On the difficulty of training recurrent neural networks", ICML
        2013, algorithm 1 (clipping) and section 4.1 (success is less than 1% error on new
        sequences).
        """
        function("problem", problem, " that draws sequences")
        steps, batch = integer("steps", steps, 1), integer("batch", batch, 1)
        if clip_norm is not None and real("clip_norm", clip_norm, least=0) == 0:
            raise ValueError(f"clip_norm must be positive; got {clip_norm!r}")
        if truncate is not None:
            integer("truncate", truncate, 1)
        checks = self._fitting(Checks() if checks is None else checks)
        choice("on_divergence", on_divergence, ("raise", "freeze"))
        progress, last = boolean("progress", progress), self.step + steps
        try:
            with np.errstate(all="ignore"):
                for _ in tqdm(range(steps), disable=not progress):
                    if not self._live.numbers.size:
                        break
                    loss = self._live.look(problem, batch, truncate)
                    if not self._log.checked_at:
                        self._check(problem, batch, checks)
                    self.step += 1
                    self._note(loss, on_divergence)
                    self._live.step(clip_norm)
                    if self.step % checks.every == 0 or self.step == last:
                        self._check(problem, batch, checks)
        finally:
            self.parameters.flat[self._live.numbers] = self._live.parameters.flat
            self._live.room.clear()
        return self.history

    def _fitting(self, checks: Checks) -> Checks:
        """Refuse targets that the outputs cannot be."""
        test = instance("checks", checks, Checks).test
        if test is not None:
            asked, most = test[1], self.reader.outputs - 1
            within = asked.dtype.kind in "iu" and 0 <= asked.min() <= asked.max() <= most
            if self.reader.loss == "cross_entropy" and not within:
                raise ValueError(
                    f"checks must have test targets that are integers from 0 to {most}"
                )
        return checks

    def _note(self, loss: np.ndarray, on_divergence: str) -> None:
        """Keep the losses and the norms of the gradients of a step; stop what has diverged."""
        live, log = self._live, self._log
        log.loss.append(live.among_all(loss))
        log.gradient_norm.append(live.among_all(np.ldexp(*live.norms)))
        fine = np.isfinite(loss) & np.isfinite(live.norms[0])
        if fine.all():
            return
        lost = live.numbers[~fine]
        if on_divergence == "raise":
            first = "gradient" if np.isfinite(loss[~fine][0]) else "loss"
            raise DivergenceError(
                f"step {self.step}, replica {lost[0]} (seed {self.seeds[lost[0]]}): "
                f"the {first} is no longer finite"
            )
        log.diverged |= {int(replica): self.step for replica in lost}
        self._stop(~fine)

    def _check(self, problem: Problem, batch: int, checks: Checks) -> None:
        """Measure success and what is watched, and stop those that have solved the problem."""
        live, log = self._live, self._log
        if not live.numbers.size:
            return
        if checks.test is None:
            right = live.success_at(problem, batch, checks.samples)
        else:
            right = live.success_on(*checks.test)
        watched = _watched(live, checks.watch)
        log.checked_at.append(self.step)
        log.success.append(live.among_all(right))
        log.watched.append(live.among_all(watched))
        if checks.solved is not None and self.step:
            done = right >= checks.solved
            log.solved_at[live.numbers[done]] = self.step
            self._stop(done)

    def _stop(self, which: np.ndarray) -> None:
        """Let some replicas stay where they are."""
        self.parameters.flat[self._live.numbers] = self._live.parameters.flat
        self._live.keep(~which)


def _watched(live: Live, watch: Watch | None) -> np.ndarray:
    """Measure each replica that learns, NaN if nothing is watched."""
    if watch is None:
        return np.full(live.numbers.shape, np.nan)
    found = np.asarray(watch(live.parameters))
    if found.shape != live.numbers.shape:
        raise ValueError(
            f"watch must return one number for each of {live.numbers.size} replicas; "
            f"got an array of shape {found.shape}"
        )
    return found
