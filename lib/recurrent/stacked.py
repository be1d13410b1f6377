"""Two linear recurrences, one above the other, with units between them that are not linear."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from lib import activations
from lib._checks import instance
from lib.activations import Activation
from lib.recurrent._arrays import Arrays, over_time, place
from lib.recurrent._sequence import Cell
from lib.recurrent.linear import LRU, Selective

ABOVE = " above"  # ends the names of the second layer's weights


@dataclass(frozen=True)
class TwoLayers(Cell):
    r"""Two linear recurrences with units between them that are not linear.

    .. math:: u_t = \phi(M h_t + D x_t + c)

    is what the second recurrence reads, where :math:`h_t` is the state of the first. The blocks of
    ``"input"`` and ``"bias"`` are those of the first recurrence, then :math:`D` and :math:`c`;
    :math:`M` is ``"mix"``, and the weights of the second recurrence end in ``" above"``. The state
    is that of the second recurrence above that of the first.

    Parameters
    ----------
    inputs, units : int
    kind : type of Cell
        `LRU` (default) or `Selective`.
    activation : Activation
        Default ReLU.

    References
    ----------
    Orvieto et al., "Resurrecting Recurrent Neural Networks for Long Sequences", ICML 2023, figure
    1, here without normalization, gated units and shortcuts around them.

    Examples
    --------
    >>> cell = TwoLayers(2, 8, Selective)
    >>> cell.state, sorted(cell.shapes)
    (16, ['bias', 'bias above', 'input', 'input above', 'mix'])
    """

    kind: type[Cell] = LRU
    activation: Activation = field(default_factory=activations.relu)

    def __post_init__(self) -> None:
        """Check the arguments."""
        super().__post_init__()
        if not isinstance(self.kind, type) or self.kind not in (LRU, Selective):
            raise ValueError(f"kind must be LRU or Selective; got {self.kind!r}")
        instance("activation", self.activation, Activation, "made by lib.activations")
        assert self.below.units == self.units

    @cached_property
    def below(self) -> Cell:
        """The first recurrence."""
        return self.kind(self.inputs, self.units)

    @cached_property
    def above(self) -> Cell:
        """The second recurrence."""
        return self.kind(self.units, self.units)

    @property
    def gates(self) -> int:
        """The blocks of the first recurrence, and what goes around it."""
        return self.below.gates + 1

    @property
    def state(self) -> int:
        """Both states."""
        return 2 * self.units

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shapes of the weights by name, without the axis of replicas."""
        rows, n = self.gates * self.units, self.units
        return {
            **self.below.shapes, "input": (rows, self.inputs), "bias": (rows,), "mix": (n, n),
            **{name + ABOVE: shape for name, shape in self.above.shapes.items()},
        }  # fmt: skip

    @property
    def sigmoids(self) -> tuple[slice, ...]:
        """The gate of the first recurrence, if it has one."""
        return self.below.sigmoids

    @property
    def keeps(self) -> slice | None:
        """The gate of each recurrence, if it has one."""
        return self.below.keeps

    @property
    def two_parts(self) -> bool:
        """The second recurrence stands between."""
        return True

    def halved(self, weights: Mapping[str, np.ndarray], dtype: np.dtype[Any]) -> Arrays:
        """See `Cell.halved`."""
        mine, theirs = self._split(weights)
        return {
            **self.below.halved(mine, dtype),
            **{name + ABOVE: value for name, value in self.above.halved(theirs, dtype).items()},
            "mix": weights["mix"].astype(dtype),
        }

    def prepared(self, weights: Mapping[str, np.ndarray]) -> Mapping[str, np.ndarray]:
        """See `Cell.prepared`."""
        mine, theirs = self._split(weights)
        after = self.above.prepared(theirs)
        return {
            **self.below.prepared(mine), **{name + ABOVE: value for name, value in after.items()},
            "mix": weights["mix"],
        }  # fmt: skip

    def keep(self, driven: np.ndarray, room: Arrays) -> Arrays:
        """See `Cell.keep`."""
        rows, n = self.below.gates * self.units, self.units
        shape = (*driven.shape[:2], self.above.gates * n, driven.shape[3])
        second = place(room, "driven above", shape, driven.dtype)
        return {
            **self.below.keep(driven[:, :, :rows], room),
            **{name + ABOVE: part for name, part in self.above.keep(second, room).items()},
            "pre_activation": driven[:, :, rows:],
            "second": second,
            "features": place(room, "features", driven[:, :, rows:].shape, driven.dtype),
            "slope": place(room, "slope", driven[:, :, rows:].shape, driven.dtype),
        }

    def step(
        self,
        driven: np.ndarray,
        state: np.ndarray,
        weights: Mapping[str, np.ndarray],
        kept: Arrays,
        after: np.ndarray,
    ) -> None:
        """See `Cell.step`."""
        n, rows = self.units, self.below.gates * self.units
        mine, theirs = self._split(weights)
        kept_here, kept_there = self._split(kept)
        self.below.step(driven[:, :rows], state[:, n:], mine, kept_here, after[:, n:])
        sums, features = kept["pre_activation"], kept["features"]
        sums += weights["mix"] @ after[:, n:]
        if np.iscomplexobj(sums):  # tanh is the one function that takes complex numbers
            np.tanh(sums, out=features)
            kept["slope"][...] = 1 - features**2
        else:
            self.activation.write(sums, features, kept["slope"])
        second = kept["second"]
        np.matmul(theirs["input"], features, out=second)
        second += theirs["bias"][..., None]
        self.above.step(second, state[:, :n], theirs, kept_there, after[:, :n])

    def deltas(
        self, shape: tuple[int, ...], dtype: np.dtype[Any], room: Arrays
    ) -> tuple[np.ndarray, np.ndarray]:
        """See `Cell.deltas`; the second array is for both recurrences, and for what drives one."""
        rows = (self.below.gates + 2 * self.above.gates) * self.units
        return (
            place(room, "driven delta", shape, dtype),
            place(room, "recurrent delta", (*shape[:-2], rows, shape[-1]), dtype),
        )

    def step_back(
        self,
        gradient: np.ndarray,
        state: np.ndarray,
        kept: Arrays,
        weights: Mapping[str, np.ndarray],
        driven: np.ndarray,
        recurrent: np.ndarray,
    ) -> np.ndarray:
        """See `Cell.step_back`."""
        n, rows = self.units, self.below.gates * self.units
        mine, theirs = self._split(weights)
        kept_here, kept_there = self._split(kept)
        first, second, last = self._parts(recurrent)
        above = self.above.step_back(
            gradient[:, :n], state[:, :n], kept_there, theirs, second, last
        )
        by_features = theirs["input"].swapaxes(1, 2) @ second
        np.multiply(by_features, kept["slope"], out=driven[:, rows:])
        total = gradient[:, n:] + weights["mix"].swapaxes(1, 2) @ driven[:, rows:]
        below = self.below.step_back(total, state[:, n:], kept_here, mine, driven[:, :rows], first)
        return np.concatenate([above, below], axis=1)

    def by_state(
        self,
        weights: Mapping[str, np.ndarray],
        kept: Arrays,
        states: np.ndarray,
        driven: np.ndarray,
        recurrent: np.ndarray,
        room: Arrays,
    ) -> Arrays:
        """See `Cell.by_state`."""
        n, rows = self.units, self.below.gates * self.units
        mine, theirs = self._split(weights)
        kept_here, kept_there = self._split(kept)
        first, second, last = self._parts(recurrent)
        there = {
            **self.above.by_input(kept["features"], second, room, ABOVE),
            **self.above.by_state(theirs, kept_there, states[:, :, :n], second, last, room),
        }
        mixed = over_time(driven[:, :, rows:], "mixed", room)
        hidden = over_time(states[1:, :, n:], "hidden", room)
        return {
            **self.below.by_state(
                mine, kept_here, states[:, :, n:], driven[:, :, :rows], first, room
            ),
            "mix": mixed @ hidden.swapaxes(1, 2),
            **{name + ABOVE: value for name, value in there.items()},
        }

    def _parts(self, recurrent: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Recurrent part of the first recurrence, driven and recurrent part of the second."""
        rows, more = self.below.gates * self.units, self.above.gates * self.units
        return (
            recurrent[..., :rows, :], recurrent[..., rows : rows + more, :],
            recurrent[..., rows + more :, :],
        )  # fmt: skip

    @staticmethod
    def _split(named: Mapping[str, np.ndarray]) -> tuple[Arrays, Arrays]:
        """Arrays of the first recurrence, and those of the second by their names there."""
        mine = {name: value for name, value in named.items() if not name.endswith(ABOVE)}
        theirs = {
            name.removesuffix(ABOVE): value for name, value in named.items() if name.endswith(ABOVE)
        }
        return mine, theirs
