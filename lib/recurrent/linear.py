"""Linear recurrences: diagonal with complex eigenvalues (LRU), and selective.

The next state is a linear function of the state before, entry by entry, so that a derivative over
many steps is a product of numbers and not of matrices. Such a recurrence can be computed by a
parallel scan; here a loop over time does it, one vectorized step after the other, like that of the
other cells.

Used in: book/linear-recurrence.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from lib.recurrent._arrays import Arrays
from lib.recurrent._sequence import Cell
from lib.recurrent.cells import closed, squash


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
