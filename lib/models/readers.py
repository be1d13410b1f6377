"""Recurrent cells with a linear layer that reads them, several replicas as one computation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from lib._checks import choice, finite, instance, integer, real
from lib._checks import seeds as seeds_of
from lib.models.losses import LOSSES, Judged
from lib.models.parameters import Parameters
from lib.recurrent import Cell, Start, Trace

__all__ = ["Reader"]

Room = dict[str, np.ndarray]

READ_OUT = ("read-out weight", "read-out bias")


@dataclass(frozen=True)
class Reader:
    """A recurrent cell and what is read from its hidden state.

    Parameters
    ----------
    cell : Cell
    outputs : int
        Classes, or 1 for a squared error.
    loss : {"cross_entropy", "squared_error"}
        Default ``"cross_entropy"``.
    within : float
        How near its target a number must be to count as right, with a squared error. Default 0.08,
        what Hochreiter & Schmidhuber (1997) ask for in the adding problem, in units of its numbers.

    Examples
    --------
    >>> from lib import recurrent
    >>> reader = Reader(recurrent.GRU(6, 8), outputs=4)
    >>> parameters = reader.draw(seeds=[0, 1, 2])
    >>> parameters.flat.shape, reader.read(parameters, np.zeros((5, 6, 7))).shape
    ((3, 420), (5, 3, 4, 7))
    """

    cell: Cell
    outputs: int
    loss: str = "cross_entropy"
    within: float = 0.08

    def __post_init__(self) -> None:
        """Check the arguments."""
        integer("outputs", self.outputs, 1)
        instance("cell", self.cell, Cell, "a cell of lib.recurrent")
        choice("loss", self.loss, ("cross_entropy", "squared_error"))
        if self.loss == "squared_error" and self.outputs != 1:
            raise ValueError(f"outputs must be 1 for a squared error; got {self.outputs}")
        real("within", self.within, least=0)

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shapes of the weights of the cell, and of the layer that reads it."""
        weight, bias = READ_OUT
        return {**self.cell.shapes, weight: (self.outputs, self.cell.units), bias: (self.outputs,)}

    def draw(
        self, seeds: Sequence[int], *, start: Start | None = None, dtype: DTypeLike = np.float64
    ) -> Parameters:
        r"""Draw parameters, each replica from its seed alone.

        Parameters
        ----------
        seeds : sequence of int
        start : Start, optional
            Of the cell. Default: as PyTorch does. The layer that reads is uniform up to
            :math:`1/\sqrt{n}` for :math:`n` units, its bias 0.
        dtype : float dtype
            Default float64; others are rounded from it.
        """
        if start is not None:
            instance("start", start, Start, "made by lib.recurrent.Start")
        seeds = seeds_of("seeds", seeds)
        drawn = (start or Start()).draw(self.cell, seeds, dtype=dtype)
        decayed = {"input", "recurrent", "mix", "input above", READ_OUT[0]} & set(self.shapes)
        parameters = Parameters(self.shapes, len(seeds), dtype, decayed)
        most = 1 / np.sqrt(self.cell.units)
        for replica, seed in enumerate(seeds):
            for name, value in drawn.items():
                parameters.arrays[name][replica] = value[replica]
            weight = parameters.arrays[READ_OUT[0]][replica]
            weight[...] = np.random.default_rng([seed, 1]).uniform(-most, most, weight.shape)
        return parameters

    def read(self, parameters: Parameters, inputs: ArrayLike) -> np.ndarray:
        """Compute the outputs at every step.

        Parameters
        ----------
        parameters : Parameters
        inputs : array_like, shape (steps, inputs, samples) or (steps, replicas, inputs, samples)

        Returns
        -------
        ndarray, shape (steps, replicas, outputs, samples)
        """
        self._fitting("parameters", parameters)
        x = finite("inputs", inputs)
        replicas = x.shape[1] if x.ndim == 4 else parameters.replicas
        fits = x.ndim in (3, 4) and x.shape[-2] == self.cell.inputs and x.size
        if not fits or replicas != parameters.replicas:
            raise ValueError(
                f"inputs must have shape (steps, {self.cell.inputs}, samples), or an axis of "
                f"{parameters.replicas} replicas before the last two; got {x.shape}"
            )
        x = x.astype(parameters.flat.dtype)
        hidden = self.cell.run(self._weights(parameters), x).hidden
        weight, bias = (parameters.arrays[name] for name in READ_OUT)
        return np.asarray(weight @ hidden + bias[..., None])

    def judge(
        self, parameters: Parameters, inputs: np.ndarray, targets: np.ndarray, *,
        room: Room | None = None,
    ) -> tuple[Trace, Judged]:  # fmt: skip
        """Read sequences and compare the outputs with the targets.

        Parameters
        ----------
        parameters : Parameters
        inputs : ndarray, shape (steps, replicas, inputs, samples)
            Or without the axis of replicas.
        targets : ndarray, shape (asked, replicas, samples)
            At the last `asked` steps.
        room : dict of str to ndarray, optional
            See `lib.recurrent.Cell.forward`.

        Returns
        -------
        trace : Trace
        judged : Judged
            With all that was asked about a replica along the axis of the batch.

        Raises
        ------
        ValueError
            If a shape does not fit, or a class is not an integer from 0 to `outputs` - 1.
        """
        self._fitting("parameters", parameters)
        inputs, found = finite("inputs", inputs), finite("targets", targets)
        targets = np.asarray(targets)
        if targets.ndim != 3 or targets.shape[1] != parameters.replicas:
            raise ValueError(
                f"targets must have shape (asked, {parameters.replicas}, samples); "
                f"got {targets.shape}"
            )
        if inputs.ndim not in (3, 4) or inputs.shape[-2] != self.cell.inputs or not inputs.size:
            raise ValueError(
                f"inputs must have shape (steps, {parameters.replicas}, {self.cell.inputs}, "
                f"samples); got {inputs.shape}"
            )
        if not found.size or len(targets) > len(inputs) or targets.shape[2] != inputs.shape[-1]:
            raise ValueError(
                f"targets must be of {inputs.shape[-1]} samples at no more than {len(inputs)} "
                f"steps; got {targets.shape}"
            )
        if self.loss == "cross_entropy" and (
            targets.dtype.kind not in "iu" or targets.min() < 0 or targets.max() >= self.outputs
        ):
            raise ValueError(f"targets must be integers from 0 to {self.outputs - 1}")
        if room is not None:
            instance("room", room, dict)
        trace = self.cell.run(self._weights(parameters), inputs, room=room)
        weight, bias = (parameters.arrays[name] for name in READ_OUT)
        outputs = weight @ _flattened(trace.hidden[-len(targets) :])
        outputs += bias[..., None]
        targets = np.moveaxis(targets, 0, 1).reshape(targets.shape[1], -1)
        judged = LOSSES[self.loss](outputs, targets)
        if self.loss == "squared_error":
            judged = replace(judged, right=np.abs(outputs[:, 0] - targets) < self.within)
        return trace, judged

    def backward(
        self, parameters: Parameters, trace: Trace, judged: Judged, gradient: Parameters, *,
        truncate: int | None = None, room: Room | None = None,
    ) -> None:  # fmt: skip
        """Write the gradient of the loss with respect to all parameters.

        Parameters
        ----------
        parameters : Parameters
        trace, judged
            As `judge` returned them.
        gradient : Parameters
            Overwritten.
        truncate, room
            See `lib.recurrent.Cell.backward`.
        """
        self._fitting("parameters", parameters)
        self._fitting("gradient", gradient)
        instance("judged", judged, Judged, "returned by judge")
        if instance("trace", trace, Trace, "returned by judge").cell != self.cell:
            raise ValueError(f"trace must be of the cell {self.cell!r}; it is of {trace.cell!r}")
        steps, replicas, units, samples = trace.hidden.shape
        if {parameters.replicas, gradient.replicas, len(judged.loss)} != {replicas}:
            raise ValueError(
                "parameters, gradient, judged and trace must be of the same replicas; got "
                f"{parameters.replicas}, {gradient.replicas}, {len(judged.loss)} and {replicas}"
            )
        if truncate is not None:
            integer("truncate", truncate, 1)
        if room is not None:
            instance("room", room, dict)
        asked = judged.gradient.shape[2] // samples
        by_weight, by_bias = (gradient.arrays[name] for name in READ_OUT)
        seen = _flattened(trace.hidden[-asked:])
        np.matmul(judged.gradient, seen.swapaxes(1, 2), out=by_weight)
        by_bias[...] = judged.gradient.sum(axis=2)
        by_hidden = parameters.arrays[READ_OUT[0]].swapaxes(1, 2) @ judged.gradient
        total = np.zeros((steps, replicas, units, samples), by_hidden.dtype)
        total[-asked:] = np.moveaxis(by_hidden.reshape(replicas, units, asked, samples), 2, 0)
        found = self.cell.backward(trace, total, truncate=truncate, room=room)
        for name, value in found.weights.items():
            gradient.arrays[name][...] = value

    def _fitting(self, name: str, parameters: Parameters) -> None:
        """Refuse what are not the parameters of this reader."""
        if instance(name, parameters, Parameters).shapes != self.shapes:
            raise ValueError(f"{name} must have the shapes {self.shapes}; got {parameters.shapes}")

    def _weights(self, parameters: Parameters) -> dict[str, np.ndarray]:
        return {name: parameters.arrays[name] for name in self.cell.shapes}


def _flattened(hidden: np.ndarray) -> np.ndarray:
    """Put steps and samples on one axis: (steps, replicas, units, samples) without the first."""
    _, replicas, units, _ = hidden.shape
    return np.moveaxis(hidden, 0, 2).reshape(replicas, units, -1)
