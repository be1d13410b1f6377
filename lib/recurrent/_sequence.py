"""What all recurrent cells share: their arrays, their loop over time, and its derivative."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from lib._checks import instance, integer
from lib._numbers import quiet
from lib._values import ByValue
from lib.recurrent import _arrays as check
from lib.recurrent._arrays import Arrays, over_time, place


@dataclass(frozen=True, eq=False)
class Trace(ByValue):
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
class Gradients(ByValue):
    """What backpropagation through time returns.

    Attributes
    ----------
    weights : dict of str to ndarray
        Summed over time and batch, of the shapes of the weights.
    states : ndarray, shape (steps + 1, replicas, state, batch)
        With respect to every state, what reaches it through later steps included.
    driven : ndarray, shape (steps, replicas, rows, batch)
        With respect to what the inputs add to the pre-activations.
    trace : Trace
        Where they were taken.
    """

    weights: Arrays
    states: np.ndarray
    driven: np.ndarray
    trace: Trace

    @cached_property
    def inputs(self) -> np.ndarray:
        """With respect to the inputs, shape (steps, replicas, inputs, batch)."""
        with quiet():
            return np.asarray(np.matmul(self.trace.weights["input"].swapaxes(1, 2), self.driven))


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

    @property
    @abstractmethod
    def sigmoids(self) -> tuple[slice, ...]:
        """Rows of the weights that belong to gates, which are sigmoids."""

    @property
    def keeps(self) -> slice | None:
        """Rows of the weights that belong to the gate that keeps what was there, if it has one."""
        return None

    @property
    def enters(self) -> slice | None:
        """Rows of the weights that belong to an input gate, if it has one."""
        return None

    @abstractmethod
    def keep(self, driven: np.ndarray, room: Arrays) -> Arrays:
        """Find places for what the way back needs, by name, in the driven part or in the room."""

    @abstractmethod
    def step(
        self,
        driven: np.ndarray,
        state: np.ndarray,
        weights: Mapping[str, np.ndarray],
        kept: Arrays,
        after: np.ndarray,
    ) -> None:
        """Write the next state into `after`, and what the way back needs into `kept`.

        What is driven by the inputs, and the weights, are halved where a sigmoid follows: it is
        computed by tanh(x / 2).
        """

    @abstractmethod
    def step_back(
        self,
        gradient: np.ndarray,
        state: np.ndarray,
        kept: Arrays,
        weights: Mapping[str, np.ndarray],
        driven: np.ndarray,
        recurrent: np.ndarray,
    ) -> np.ndarray:
        """Go one step back.

        From the gradient with respect to a state, write those with respect to the driven part and
        to the recurrent part, and return the one with respect to the state before. `driven` and
        `recurrent` are one and the same array, unless a gate stands between (`two_parts`).
        """

    @property
    def two_parts(self) -> bool:
        """Whether something stands between the driven part and the recurrent one."""
        return "recurrent_bias" in self.shapes

    def deltas(
        self, shape: tuple[int, ...], dtype: np.dtype[Any], room: Arrays
    ) -> tuple[np.ndarray, np.ndarray]:
        """Find places for the gradients with respect to the driven and to the recurrent part."""
        driven = place(room, "driven delta", shape, dtype)
        if not self.two_parts:
            return driven, driven
        return driven, place(room, "recurrent delta", shape, dtype)

    def prepared(self, weights: Mapping[str, np.ndarray]) -> Mapping[str, np.ndarray]:
        """Add to the weights what follows from them and is needed at every step."""
        return weights

    def by_input(
        self, inputs: np.ndarray, driven: np.ndarray, room: Arrays, ending: str = ""
    ) -> Arrays:
        """Gradients with respect to the weights of the inputs, and to the bias."""
        total = over_time(driven, f"driven{ending}", room)
        read = over_time(inputs, f"inputs{ending}", room)
        return {"input": total @ read.swapaxes(1, 2), "bias": total.sum(axis=2)}

    def by_state(
        self,
        weights: Mapping[str, np.ndarray],
        kept: Arrays,
        states: np.ndarray,
        driven: np.ndarray,
        recurrent: np.ndarray,
        room: Arrays,
    ) -> Arrays:
        """Gradients with respect to all other weights, summed over time and batch.

        `driven` and `recurrent` are what `step_back` wrote, with an axis of steps before, as in
        `kept`; `states` begins before the first step; `weights` are prepared.
        """
        total = over_time(driven, "driven", room)
        by_state = over_time(recurrent, "recurrent", room) if self.two_parts else total
        hidden = over_time(states[:-1, :, : self.units], "hidden", room)
        result = {"recurrent": by_state @ hidden.swapaxes(1, 2)}
        if self.two_parts:
            result["recurrent_bias"] = by_state.sum(axis=2)
        return result

    def forward(
        self,
        weights: Mapping[str, np.ndarray],
        x: Any,
        state: Any = None,
        *,
        room: Arrays | None = None,
    ) -> Trace:
        """Run through a sequence.

        Parameters
        ----------
        weights : mapping of str to ndarray
            Of the shapes of `shapes`, with an axis of replicas before.
        x : array_like, shape (steps, replicas, inputs, batch) or (steps, inputs, batch)
            At least one step. Without an axis of replicas all have the same inputs.
        state : array_like, shape (replicas, state, batch), optional
            Before the first step. Default 0.
        room : dict of str to ndarray, optional
            Where arrays stay from pass to pass, for speed: what is empty at first is filled, and
            what an earlier pass returned from it is overwritten. Default: new arrays.

        Returns
        -------
        Trace

        Raises
        ------
        ValueError
            If a shape does not fit, or a weight, an input or a state is not finite.
        """
        found = check.weights_of(weights, self.shapes)
        if room is not None:
            instance("room", room, dict)
        return self.run(found, x, state, room=room)

    def run(
        self,
        weights: Mapping[str, np.ndarray],
        x: Any,
        state: Any = None,
        *,
        room: Arrays | None = None,
    ) -> Trace:
        """`forward` with weights that need no check, or whose divergence is to show."""
        replicas = len(weights["bias"])
        x = check.sequence_of(x, replicas, self.inputs)
        steps, _, _, batch = x.shape
        dtype = np.result_type(x, *weights.values())
        room = {} if room is None else room
        states = place(room, "states", (steps + 1, replicas, self.state, batch), dtype)
        states[0] = 0
        if state is not None:
            states[0] = check.state_of(state, states.shape[1:], dtype)
        with quiet():
            halved = self.prepared(self.halved(weights, dtype))
        driven = place(room, "driven", (steps, replicas, self.gates * self.units, batch), dtype)
        kept = self.keep(driven, room)
        with quiet():
            np.matmul(halved["input"], x, out=driven)
            driven += halved["bias"][..., None]
            for t in range(steps):
                now = {name: part[t] for name, part in kept.items()}
                self.step(driven[t], states[t], halved, now, states[t + 1])
        return Trace(self, weights, x, states, kept)

    @quiet()
    def backward(
        self,
        trace: Trace,
        gradient: ArrayLike,
        *,
        truncate: int | None = None,
        room: Arrays | None = None,
    ) -> Gradients:
        """Backpropagate through time.

        Parameters
        ----------
        trace : Trace
        gradient : array_like, shape (steps, replicas, units or state, batch)
            Of the loss with respect to each hidden state (or whole state) as the loss sees it.
        truncate : int, optional
            Cut the way back every so many steps, counted from the first. Default: never.
        room : dict of str to ndarray, optional
            As for `forward`; may be the same.

        Returns
        -------
        Gradients

        Raises
        ------
        ValueError
            If the gradient's shape does not fit, or `truncate` is less than 1.
        """
        if instance("trace", trace, Trace, "returned by forward").cell != self:
            raise ValueError(f"trace must be of this cell; it is of {trace.cell!r}")
        steps, replicas, _, batch = trace.inputs.shape
        allowed = [(steps, replicas, rows, batch) for rows in (self.units, self.state)]
        gradient = check.gradient_of(gradient, allowed, trace.states.dtype)
        length = steps if truncate is None else integer("truncate", truncate, 1)
        room = {} if room is None else instance("room", room, dict)
        states = place(room, "state gradients", trace.states.shape, trace.states.dtype)
        states[...] = 0
        states[1:, :, : gradient.shape[2]] = gradient
        rows = self.gates * self.units
        driven, recurrent = self.deltas((steps, replicas, rows, batch), states.dtype, room)
        prepared = self.prepared(trace.weights)
        for t in reversed(range(steps)):
            kept = {name: part[t] for name, part in trace.kept.items()}
            below = self.step_back(
                states[t + 1], trace.states[t], kept, prepared, driven[t], recurrent[t]
            )
            if t % length or not t:
                states[t] += below
        weights = {
            **self.by_input(trace.inputs, driven, room),
            **self.by_state(prepared, trace.kept, trace.states, driven, recurrent, room),
        }
        return Gradients(weights, states, driven, trace)

    @quiet()
    def halved(self, weights: Mapping[str, np.ndarray], dtype: np.dtype[Any]) -> Arrays:
        """Halve the rows of gates: exact, and the sigmoid is left with a tanh."""
        result = {name: value.astype(dtype) for name, value in weights.items()}
        for value in result.values():
            for rows in self.sigmoids:
                value[:, rows] *= dtype.type(0.5)
        return result
