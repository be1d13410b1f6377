"""Readers that still learn, among those that have stopped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from lib._checks import finite, shown
from lib._numbers import norms, scale_down
from lib._values import ByValue
from lib.models.parameters import Parameters
from lib.models.readers import Reader, Room
from lib.training.optimizers import Memory, Optimizer
from lib.training.problems import Problem

Batch = tuple[np.ndarray, np.ndarray]
Streams = list[np.random.Generator]


class Live(ByValue):
    """The replicas that still learn, with their gradients and what their optimizer remembers.

    Parameters
    ----------
    reader : Reader
    parameters : Parameters
        Of all replicas; copied.
    optimizer : Optimizer
    seeds : sequence of int
    """

    def __init__(
        self, reader: Reader, parameters: Parameters, optimizer: Optimizer, seeds: Sequence[int]
    ) -> None:
        optimizer.rates(parameters)
        self.reader, self.optimizer = reader, optimizer
        self.replicas, self.numbers = parameters.replicas, np.arange(parameters.replicas)
        self.lessons, self.exams = (
            [np.random.default_rng([seed, stream]) for seed in seeds] for stream in (2, 3)
        )
        self.memory: Memory = optimizer.start(parameters)
        self.parameters, self.gradient = _part(parameters, self.numbers), parameters.like()
        self.room: Room = {}

    def draw(self, problem: Problem, samples: int, streams: Streams) -> Batch:
        """Draw sequences for each replica from its own stream."""
        drawn = [pair("problem", problem(samples, streams[one])) for one in self.numbers]
        steps, inputs, _ = drawn[0][0].shape
        shape, dtype = (steps, len(drawn), inputs, samples), self.parameters.flat.dtype
        if (x := self.room.get("x")) is None or x.shape != shape:
            x = self.room["x"] = np.empty(shape, dtype)
        for place, (sequences, _) in enumerate(drawn):
            x[:, place] = sequences
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

    def success_on(self, inputs: np.ndarray, targets: np.ndarray) -> np.ndarray:
        """Share of given sequences that each replica answers correctly."""
        rows = np.atleast_2d(targets)[:, None]
        rows = np.broadcast_to(rows, (len(rows), self.numbers.size, rows.shape[2]))
        x = np.asarray(inputs, self.parameters.flat.dtype)
        _, judged = self.reader.judge(self.parameters, x, rows)
        return np.asarray(judged.right.mean(axis=1))

    def success_at(self, problem: Problem, batch: int, samples: int) -> np.ndarray:
        """Share of at least so many new sequences that each replica answers correctly."""
        rounds = -(-samples // batch)
        right = np.zeros(self.numbers.size)
        for _ in range(rounds):
            x, targets = self.draw(problem, batch, self.exams)
            _, judged = self.reader.judge(self.parameters, x, targets, room=self.room)
            right += judged.right.mean(axis=1)
        return np.asarray(right / rounds)

    def among_all(self, values: Any) -> np.ndarray:
        """Give each replica its number, NaN to those that stopped."""
        result = np.full(self.replicas, np.nan)
        result[self.numbers] = values
        return result

    def keep(self, stay: np.ndarray) -> None:
        """Let the others stop where they are."""
        if stay.all():
            return
        if isinstance(self.optimizer.rate, tuple):
            rates = tuple(np.array(self.optimizer.rate)[stay].tolist())
            self.optimizer = replace(self.optimizer, rate=rates or 1.0)
        self.numbers = self.numbers[stay]
        self.parameters = _part(self.parameters, np.flatnonzero(stay))
        self.gradient = _part(self.gradient, np.flatnonzero(stay))
        self.norms = (self.norms[0][stay], self.norms[1][stay])
        self.memory = {
            name: array[stay] if array.ndim else array for name, array in self.memory.items()
        }


def pair(name: str, value: tuple[np.ndarray, np.ndarray]) -> Batch:
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
