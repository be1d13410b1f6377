"""When the success of readers in training is measured, with what, and what was found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from lib._checks import function, integer, real
from lib._values import ByValue, ReadOnly, frozen
from lib.models.parameters import Parameters
from lib.training._live import Batch, pair
from lib.training.history import Measurements

__all__ = ["Checks", "SequenceHistory"]

Watch = Callable[[Parameters], np.ndarray]


@dataclass(frozen=True, eq=False)
class Checks(ByValue):
    """When success is measured, with what, and when it is enough.

    Parameters
    ----------
    every : int
        Steps between two checks. Default 100.
    samples : int
        At least how many new sequences of the problem to check with. Default 1000.
    test : (ndarray, ndarray), optional
        Inputs, shape (steps, inputs, samples), and targets to check with instead.
    solved : float, optional
        The share of success with which the problem counts as solved, and a replica stops. None:
        train to the end. Default 0.99.
    watch : callable, optional
        What else to measure at each check: takes the `Parameters` of the replicas that still
        learn, and returns a number for each.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind.

    Examples
    --------
    >>> Checks(every=50, solved=None)
    Checks(every=50, samples=1000, test=None, solved=None, watch=None)
    """

    every: int = 100
    samples: int = 1000
    test: Batch | None = None
    solved: float | None = 0.99
    watch: Watch | None = None

    def __post_init__(self) -> None:
        """Check the arguments."""
        integer("every", self.every, 1)
        integer("samples", self.samples, 1)
        if self.test is not None:
            object.__setattr__(self, "test", pair("test", self.test))
        if self.solved is not None:
            real("solved", self.solved, least=0, most=1)
        if self.watch is not None:
            function("watch", self.watch)


@dataclass(frozen=True, eq=False)
class SequenceHistory(Measurements):
    """What was measured while readers trained. It cannot be changed.

    Attributes
    ----------
    loss, gradient_norm : ndarray of float64, shape (steps, replicas)
        Loss of the batch before each step, and norm of its gradient before it was clipped; NaN
        after a replica stopped.
    checked_at : ndarray of int64, shape (checks,)
        After how many steps success was measured; the first is 0.
    success : ndarray of float64, shape (checks, replicas)
        Share of fresh sequences (or of what was asked about them) that was answered correctly; NaN
        after a replica stopped.
    watched : ndarray of float64, shape (checks, replicas)
        What `Checks.watch` found at each check; NaN after a replica stopped, or if nothing was
        watched.
    solved_at : ndarray of float64, shape (replicas,)
        Steps until a check found the problem solved; infinite if none did.
    diverged : mapping of int to int
        Step at which each replica diverged that did, by replica.
    """

    AXES: ClassVar[Mapping[str, tuple[str, ...]]] = ReadOnly({
        "loss": ("step", "replica"), "gradient_norm": ("step", "replica"),
        "checked_at": ("check",), "success": ("check", "replica"),
        "watched": ("check", "replica"), "solved_at": ("replica",),
    })  # fmt: skip

    loss: np.ndarray
    gradient_norm: np.ndarray
    checked_at: np.ndarray
    success: np.ndarray
    watched: np.ndarray
    solved_at: np.ndarray
    diverged: Mapping[int, int]

    @property
    def solved(self) -> np.ndarray:
        """Which replicas have solved the problem, shape (replicas,)."""
        return np.asarray(np.isfinite(self.solved_at))

    @property
    def best(self) -> np.ndarray:
        """Largest share of success of each replica, shape (replicas,)."""
        return np.asarray(np.nanmax(self.success, axis=0))


@dataclass(eq=False)
class SequenceLog(ByValue):
    """Measurements while they are taken."""

    solved_at: np.ndarray
    loss: list[np.ndarray] = field(default_factory=list)
    gradient_norm: list[np.ndarray] = field(default_factory=list)
    checked_at: list[int] = field(default_factory=list)
    success: list[np.ndarray] = field(default_factory=list)
    watched: list[np.ndarray] = field(default_factory=list)
    diverged: dict[int, int] = field(default_factory=dict)

    def history(self) -> SequenceHistory:
        """Put together what was measured so far."""
        rows = (self.loss, self.gradient_norm, self.success, self.watched)
        replicas = self.solved_at.size
        loss, norm, success, watched = (np.reshape(row, (-1, replicas)) for row in rows)
        return frozen(SequenceHistory(
            loss=loss, gradient_norm=norm, checked_at=np.array(self.checked_at, np.int64),
            success=success, watched=watched, solved_at=self.solved_at.copy(),
            diverged=ReadOnly(dict(self.diverged)),
        ))  # fmt: skip
