r"""Linear recurrences: diagonal with complex eigenvalues (LRU), selective, and two layers of them.

The next state is a linear function of the state before, entry by entry, so that a derivative over
many steps is a product of numbers and not of matrices. Such a recurrence can be computed by a
parallel scan; here a loop over time does it, one vectorized step after the other, like that of the
other cells.

Used in: book/linear-recurrence.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from lib import activations
from lib._checks import instance
from lib.activations import Activation
from lib.recurrent._sequence import Arrays, Cell, over_time, place
from lib.recurrent.cells import closed, squash

ABOVE = " above"  # ends the names of the second layer's weights


@dataclass(frozen=True)
class LRU(Cell):
    r"""Diagonal linear recurrence with complex eigenvalues that cannot leave the unit disk.

    One complex number of the state follows

    .. math::
        h_t = \lambda h_{t-1} + \sqrt{1 - |\lambda|^2}\,(V x_t + b),
        \qquad \lambda = \exp(-e^\nu + i\theta).

    The state holds the real parts first, then the imaginary ones. A linear layer that reads it is
    the real part of a complex one. The weights are ``"input"`` and ``"bias"``, real parts above
    imaginary ones, and ``"nu"`` and ``"theta"``, one for each eigenvalue. The factor before the
    input follows the eigenvalue; in the paper it starts there and is then learned by itself.

    Parameters
    ----------
    inputs : int
    units : int
        Real numbers in the state, an even number: twice as many as there are eigenvalues.

    References
    ----------
    Orvieto et al., "Resurrecting Recurrent Neural Networks for Long Sequences", ICML 2023,
    sections 3.3 and 3.4; Martin & Cundy, "Parallelizing Linear Recurrent Neural Nets Over Sequence
    Length", ICLR 2018 (the parallel scan).

    Examples
    --------
    A single eigenvalue of 0.9 keeps 0.9 to the tenth of an impulse after ten steps.

    >>> import numpy as np
    >>> cell = LRU(1, 2)
    >>> weights = {name: np.zeros((1, *shape)) for name, shape in cell.shapes.items()}
    >>> weights["input"][0, 0] = 1 / np.sqrt(1 - 0.9**2)
    >>> weights["nu"][:] = np.log(-np.log(0.9))
    >>> impulse = np.zeros((11, 1, 1))
    >>> impulse[0] = 1
    >>> hidden = cell.forward(weights, impulse).hidden
    >>> bool(np.isclose(hidden[10, 0, 0, 0], 0.9**10))
    True
    """

    def __post_init__(self) -> None:
        """Check the arguments."""
        super().__post_init__()
        if self.units % 2:
            raise ValueError(f"units must be even, two for each eigenvalue; got {self.units}")

    @property
    def gates(self) -> int:
        """One block: real and imaginary part of what enters."""
        return 1

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shapes of the weights by name, without the axis of replicas."""
        half = (self.units // 2,)
        return {
            "input": (self.units, self.inputs), "bias": (self.units,), "nu": half, "theta": half,
        }  # fmt: skip

    @property
    def sigmoids(self) -> tuple[slice, ...]:
        """No gates."""
        return ()

    @property
    def two_parts(self) -> bool:
        """The normalizing factor stands between what enters and the state."""
        return True

    def prepared(self, weights: Mapping[str, np.ndarray]) -> Mapping[str, np.ndarray]:
        """See `Cell.prepared`."""
        rate, theta = np.exp(weights["nu"]), weights["theta"]
        modulus = np.exp(-rate)
        scale = np.sqrt(-np.expm1(-2 * rate))
        return {
            **weights,
            "real": (modulus * np.cos(theta))[..., None],
            "imaginary": (modulus * np.sin(theta))[..., None],
            "scale": np.concatenate([scale, scale], axis=1)[..., None],
        }

    def keep(self, driven: np.ndarray, room: Arrays) -> Arrays:
        """See `Cell.keep`."""
        return {"driven": driven}

    def step(
        self,
        driven: np.ndarray,
        state: np.ndarray,
        weights: Mapping[str, np.ndarray],
        kept: Arrays,
        after: np.ndarray,
    ) -> None:
        """See `Cell.step`."""
        n, re, im = self.units // 2, weights["real"], weights["imaginary"]
        np.multiply(weights["scale"], driven, out=after)
        after[:, :n] += re * state[:, :n]
        after[:, :n] -= im * state[:, n:]
        after[:, n:] += im * state[:, :n]
        after[:, n:] += re * state[:, n:]

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
        n, re, im = self.units // 2, weights["real"], weights["imaginary"]
        recurrent[...] = gradient
        np.multiply(weights["scale"], gradient, out=driven)
        below = re * gradient[:, :n] + im * gradient[:, n:]
        return np.concatenate([below, re * gradient[:, n:] - im * gradient[:, :n]], axis=1)

    def by_state(
        self,
        weights: Mapping[str, np.ndarray],
        kept: Arrays,
        states: np.ndarray,
        driven: np.ndarray,
        recurrent: np.ndarray,
        room: Arrays,
    ) -> Arrays:
        """See `Cell.by_state`: gradients with respect to nu and theta."""
        n = self.units // 2
        re, im = weights["real"][..., 0], weights["imaginary"][..., 0]
        scale, rate = weights["scale"][:, :n, 0], np.exp(weights["nu"])

        def summed(one: np.ndarray, other: np.ndarray) -> np.ndarray:
            return np.asarray(np.einsum("trub,trub->ru", one, other))

        by_real, by_imaginary = recurrent[:, :, :n], recurrent[:, :, n:]
        real, imaginary = states[:-1, :, :n], states[:-1, :, n:]
        by_re = summed(by_real, real) + summed(by_imaginary, imaginary)
        by_im = summed(by_imaginary, real) - summed(by_real, imaginary)
        both = summed(recurrent, kept["driven"])
        by_scale = both[:, :n] + both[:, n:]
        slope = np.divide(rate * (re**2 + im**2), scale, out=np.zeros_like(scale), where=scale != 0)
        return {
            "nu": by_scale * slope - rate * (by_re * re + by_im * im),
            "theta": by_im * re - by_re * im,
        }


@dataclass(frozen=True)
class Selective(Cell):
    r"""Gated linear recurrence whose gate looks at the input alone.

    .. math::
        h_t = k_t \odot h_{t-1} + (1 - k_t) \odot (W x_t + b), \qquad k_t = \sigma(V x_t + c).

    The blocks of the weights are the gate that keeps and the candidate. This is the minimal gated
    recurrent unit, and Mamba's recurrence with one number of state for each channel.

    Parameters
    ----------
    inputs, units : int

    References
    ----------
    Gu & Dao, "Mamba: Linear-Time Sequence Modeling with Selective State Spaces", 2023, theorem 1;
    Feng et al., "Were RNNs All We Needed?", 2024, section 3.1 (minGRU).

    Examples
    --------
    A gate at 1 keeps the state, whatever is read.

    >>> import numpy as np
    >>> cell = Selective(1, 1)
    >>> weights = {name: np.zeros((1, *shape)) for name, shape in cell.shapes.items()}
    >>> weights["bias"][0, 0] = 40.0
    >>> trace = cell.forward(weights, np.ones((1000, 1, 1)), np.ones((1, 1, 1)))
    >>> trace.hidden[-1].item()
    1.0
    """

    @property
    def gates(self) -> int:
        """Two blocks: the gate and the candidate."""
        return 2

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shapes of the weights by name, without the axis of replicas."""
        rows = 2 * self.units
        return {"input": (rows, self.inputs), "bias": (rows,)}

    @property
    def sigmoids(self) -> tuple[slice, ...]:
        """The gate."""
        return (slice(0, self.units),)

    @property
    def keeps(self) -> slice | None:
        """The gate."""
        return slice(0, self.units)

    def keep(self, driven: np.ndarray, room: Arrays) -> Arrays:
        """See `Cell.keep`."""
        n = self.units
        return {"keep_gate": driven[:, :, :n], "candidate": driven[:, :, n:]}

    def step(
        self,
        driven: np.ndarray,
        state: np.ndarray,
        weights: Mapping[str, np.ndarray],
        kept: Arrays,
        after: np.ndarray,
    ) -> None:
        """See `Cell.step`."""
        tails = closed(driven, self.sigmoids)
        np.tanh(kept["keep_gate"], out=kept["keep_gate"])
        squash(driven, self.sigmoids, tails)
        np.subtract(state, kept["candidate"], out=after)
        after *= kept["keep_gate"]
        after += kept["candidate"]

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
        n, k = self.units, kept["keep_gate"]
        entering = (1 - k) * gradient
        np.multiply(entering, (state - kept["candidate"]) * k, out=driven[:, :n])
        driven[:, n:] = entering
        return np.asarray(k * gradient)

    def by_state(
        self,
        weights: Mapping[str, np.ndarray],
        kept: Arrays,
        states: np.ndarray,
        driven: np.ndarray,
        recurrent: np.ndarray,
        room: Arrays,
    ) -> Arrays:
        """See `Cell.by_state`: there are no other weights."""
        return {}


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
