"""What all recurrent cells share: their arrays, their loop over time, and its derivative."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lib._checks import integer

Arrays = dict[str, np.ndarray]


@dataclass(frozen=True, eq=False)
class Trace:
    """A forward pass through time.

    Attributes
    ----------
    cell : Cell
    weights : mapping of str to ndarray
    inputs : ndarray, shape (steps, replicas, inputs, batch)
    states : ndarray, shape (steps + 1, replicas, state, batch)
        The state before the first step and after each; for an LSTM hidden state above cell state.
    kept : dict of str to ndarray, each of shape (steps, replicas, units, batch)
        Gates and candidates by name.
    """

    cell: Cell
    weights: Mapping[str, np.ndarray]
    inputs: np.ndarray
    states: np.ndarray
    kept: Arrays

    @property
    def steps(self) -> int:
        """Number of time steps."""
        return len(self.inputs)

    @property
    def hidden(self) -> np.ndarray:
        """Hidden states after each step, shape (steps, replicas, units, batch)."""
        return self.states[1:, :, : self.cell.units]

    @property
    def cell_states(self) -> np.ndarray:
        """Cell states after each step, if the cell has them."""
        return self.states[1:, :, self.cell.units :]


@dataclass(frozen=True, eq=False)
class Gradients:
    """What backpropagation through time returns.

    Attributes
    ----------
    weights : dict of str to ndarray
        Summed over time and batch, of the shapes of the weights.
    inputs : ndarray, shape (steps, replicas, inputs, batch)
    states : ndarray, shape (steps + 1, replicas, state, batch)
        With respect to every state, what reaches it through later steps included.
    """

    weights: Arrays
    inputs: np.ndarray
    states: np.ndarray


@dataclass(frozen=True)
class Cell(ABC):
    """A recurrent cell: how a state and an input make the next state.

    Parameters
    ----------
    inputs, units : int
        Sizes of the input and of the hidden state, at least 1.
    """

    inputs: int
    units: int

    def __post_init__(self) -> None:
        integer("inputs", self.inputs, 1)
        integer("units", self.units, 1)

    @property
    @abstractmethod
    def gates(self) -> int:
        """Number of blocks of `units` rows in the weights."""

    @property
    def state(self) -> int:
        """Size of the state."""
        return self.units

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shapes of the weights by name, without the axis of replicas."""
        rows = self.gates * self.units
        return {"input": (rows, self.inputs), "recurrent": (rows, self.units), "bias": (rows,)}

    @abstractmethod
    def step(
        self, driven: np.ndarray, state: np.ndarray, weights: Mapping[str, np.ndarray]
    ) -> tuple[np.ndarray, Arrays]:
        """Compute the next state, and what the way back needs, from the driven part and a state."""

    @abstractmethod
    def step_back(
        self,
        gradient: np.ndarray,
        state: np.ndarray,
        kept: Arrays,
        weights: Mapping[str, np.ndarray],
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Go one step back.

        From the gradient with respect to a state, those with respect to the driven part, to the
        recurrent part (the two differ where a gate stands between them), and to the state before.
        """

    def forward(self, weights: Mapping[str, np.ndarray], x: Any, state: Any = None) -> Trace:
        """Run through a sequence.

        Parameters
        ----------
        weights : mapping of str to ndarray
            Of the shapes of `shapes`, with an axis of replicas before.
        x : array_like, shape (steps, replicas, inputs, batch) or (steps, inputs, batch)
            At least one step. Without an axis of replicas all have the same inputs.
        state : array_like, shape (replicas, state, batch), optional
            Before the first step. Default 0.

        Returns
        -------
        Trace

        Raises
        ------
        ValueError
            If a shape does not fit or a number is not finite.
        """
        replicas = self._checked(weights)
        x = np.asarray(x)
        if x.ndim == 3:
            x = np.broadcast_to(x[:, None], (len(x), replicas, *x.shape[1:]))
        if x.ndim != 4 or x.shape[1:3] != (replicas, self.inputs) or not len(x):
            raise ValueError(
                f"x must have shape (steps, {replicas}, {self.inputs}, batch); got {x.shape}"
            )
        if not np.isfinite(x).all():
            raise ValueError("x must be finite")
        steps, _, _, batch = x.shape
        dtype = np.result_type(x, *weights.values())
        states = np.zeros((steps + 1, replicas, self.state, batch), dtype)
        if state is not None:
            if np.shape(state) != states.shape[1:]:
                raise ValueError(f"state must have shape {states.shape[1:]}; got {np.shape(state)}")
            states[0] = state
        driven = np.matmul(weights["input"], x) + weights["bias"][..., None]
        kept: Arrays = {}
        for t in range(steps):
            states[t + 1], parts = self.step(driven[t], states[t], weights)
            for name, part in parts.items():
                kept.setdefault(name, np.empty((steps, *part.shape), dtype))[t] = part
        return Trace(self, weights, x, states, kept)

    def backward(
        self, trace: Trace, gradient: np.ndarray, *, truncate: int | None = None
    ) -> Gradients:
        """Backpropagate through time.

        Parameters
        ----------
        trace : Trace
        gradient : ndarray, shape (steps, replicas, units or state, batch)
            Of the loss with respect to each hidden state (or whole state) as the loss sees it.
        truncate : int, optional
            Cut the way back every so many steps, counted from the first. Default: never.

        Returns
        -------
        Gradients

        Raises
        ------
        ValueError
            If the gradient's shape does not fit, or `truncate` is less than 1.
        """
        steps, replicas, _, batch = trace.inputs.shape
        allowed = [(steps, replicas, rows, batch) for rows in (self.units, self.state)]
        if gradient.shape not in allowed:
            raise ValueError(f"gradient must have shape {allowed[-1]}; got {gradient.shape}")
        length = steps if truncate is None else integer("truncate", truncate, 1)
        states = np.zeros_like(trace.states)
        states[1:, :, : gradient.shape[2]] = gradient
        rows = self.gates * self.units
        driven = np.empty((steps, replicas, rows, batch), states.dtype)
        recurrent = np.empty_like(driven)
        for t in reversed(range(steps)):
            kept = {name: part[t] for name, part in trace.kept.items()}
            driven[t], recurrent[t], below = self.step_back(
                states[t + 1], trace.states[t], kept, trace.weights
            )
            if t % length or not t:
                states[t] += below
        hidden = trace.states[:-1, :, : self.units]
        weights = {
            "input": _summed(driven, trace.inputs),
            "recurrent": _summed(recurrent, hidden),
            "bias": driven.sum(axis=(0, 3)),
        }
        if "recurrent_bias" in trace.weights:
            weights["recurrent_bias"] = recurrent.sum(axis=(0, 3))
        inputs = np.matmul(trace.weights["input"].swapaxes(1, 2), driven)
        return Gradients(weights, inputs, states)

    def _checked(self, weights: Mapping[str, np.ndarray]) -> int:
        if set(weights) != set(self.shapes):
            raise ValueError(f"weights must be {sorted(self.shapes)}; got {sorted(weights)}")
        replicas = len(weights["bias"])
        for name, shape in self.shapes.items():
            if weights[name].shape != (replicas, *shape):
                raise ValueError(
                    f"weights[{name!r}] must have shape {(replicas, *shape)}; "
                    f"got {weights[name].shape}"
                )
        return replicas


def _summed(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Sum of outer products over time and batch: one product for the whole sequence."""
    one, other = (
        np.moveaxis(array, 0, 2).reshape(array.shape[1], array.shape[2], -1)
        for array in (left, right)
    )
    return np.asarray(np.matmul(one, other.swapaxes(1, 2)))
