"""The cells: plain RNN, LSTM with and without forget gate, and GRU."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

from lib import activations
from lib._checks import boolean, instance
from lib.activations import Activation
from lib.recurrent._arrays import Arrays, place
from lib.recurrent._sequence import Cell

Closed = list[tuple[slice, np.ndarray, np.ndarray]]


@cache
def _closing(dtype: np.dtype[Any]) -> float:
    """Below it, 1 + tanh keeps less than half of its digits."""
    return float(np.log(np.finfo(dtype).eps) / 4)


def closed(driven: np.ndarray, gates: tuple[slice, ...]) -> Closed:
    """Find gates that are nearly closed, and their values, before a tanh takes their digits.

    Of twice the argument the logistic sigmoid is computed by way of tanh: it cannot overflow, and
    takes complex numbers. But 1 + tanh is 0 where the sigmoid is still far from it.
    """
    if driven.dtype.kind != "f" or not driven.min() < (limit := _closing(driven.dtype)):
        return []
    found = []
    for rows in gates:
        far = driven[:, rows] < limit
        tail = np.exp(2 * driven[:, rows][far])
        found.append((rows, far, tail / (1 + tail)))
    return found


def squash(driven: np.ndarray, gates: tuple[slice, ...], tails: Closed) -> None:
    """Logistic sigmoid of twice the argument, in place, after its tanh was taken."""
    for rows in gates:
        halved = driven[:, rows]
        halved += 1
        halved *= halved.dtype.type(0.5)
    for rows, far, value in tails:
        driven[:, rows][far] = value


@dataclass(frozen=True)
class RNN(Cell):
    r"""Plain recurrent network, :math:`h_t = \phi(W h_{t-1} + V x_t + b)`.

    Parameters
    ----------
    inputs, units : int
    activation : Activation
        Default tanh.

    References
    ----------
    Elman, "Finding Structure in Time", Cognitive Science 14, 1990.

    Examples
    --------
    >>> import numpy as np
    >>> from lib import recurrent
    >>> cell = recurrent.RNN(1, 2)
    >>> weights = {name: np.zeros((1, *shape)) for name, shape in cell.shapes.items()}
    >>> cell.forward(weights, np.ones((3, 1, 1))).hidden.shape
    (3, 1, 2, 1)
    """

    activation: Activation = field(default_factory=activations.tanh)

    def __post_init__(self) -> None:
        """Check the arguments."""
        super().__post_init__()
        instance("activation", self.activation, Activation, "made by lib.activations")

    @property
    def gates(self) -> int:
        """One block: the pre-activation."""
        return 1

    @property
    def sigmoids(self) -> tuple[slice, ...]:
        """No gates."""
        return ()

    def keep(self, driven: np.ndarray, room: Arrays) -> Arrays:
        """See `Cell.keep`."""
        return {"slope": place(room, "slope", driven.shape, driven.dtype)}

    def step(
        self,
        driven: np.ndarray,
        state: np.ndarray,
        weights: Mapping[str, np.ndarray],
        kept: Arrays,
        after: np.ndarray,
    ) -> None:
        """See `Cell.step`."""
        driven += weights["recurrent"] @ state
        if np.iscomplexobj(driven):  # tanh is the one function that takes complex numbers
            np.tanh(driven, out=after)
            kept["slope"][...] = 1 - after**2
        else:
            self.activation.write(driven, after, kept["slope"])

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
        np.multiply(kept["slope"], gradient, out=driven)
        return np.asarray(weights["recurrent"].swapaxes(1, 2) @ driven)


@dataclass(frozen=True)
class LSTM(Cell):
    r"""Long short-term memory, :math:`c_t = f_t \odot c_{t-1} + i_t \odot g_t`.

    The blocks of the weights are input gate, forget gate, candidate and output gate; without
    forget gate, as in 1997, input gate, candidate and output gate, and :math:`f_t = 1`. The hidden
    state is :math:`h_t = o_t \odot \tanh c_t`.

    Parameters
    ----------
    inputs, units : int
    forget : bool
        Whether there is a forget gate. Default True.
    cut : bool
        Cut the gradient through the hidden state into gates and candidate, as in 1997. Then
        :math:`\partial c_t / \partial c_{t-1}` is exactly the forget gate. Default False.

    References
    ----------
    Hochreiter & Schmidhuber, "Long Short-Term Memory", Neural Computation 9, 1997; Gers,
    Schmidhuber & Cummins, "Learning to Forget", Neural Computation 12, 2000.
    """

    forget: bool = True
    cut: bool = False

    def __post_init__(self) -> None:
        """Check the arguments."""
        super().__post_init__()
        boolean("forget", self.forget)
        boolean("cut", self.cut)

    @property
    def gates(self) -> int:
        """Four blocks, or three without forget gate."""
        return 4 if self.forget else 3

    @property
    def state(self) -> int:
        """Hidden state and cell state."""
        return 2 * self.units

    @property
    def sigmoids(self) -> tuple[slice, ...]:
        """All blocks but the candidate."""
        rows = self.gates * self.units
        return slice(0, rows - 2 * self.units), slice(rows - self.units, rows)

    @property
    def keeps(self) -> slice | None:
        """Forget gate."""
        return slice(self.units, 2 * self.units) if self.forget else None

    @property
    def enters(self) -> slice | None:
        """Input gate."""
        return slice(0, self.units)

    def keep(self, driven: np.ndarray, room: Arrays) -> Arrays:
        """See `Cell.keep`."""
        n = self.units
        input_gate = driven[:, :, :n]
        always = np.broadcast_to(np.ones((), driven.dtype), input_gate.shape)
        return {
            "input_gate": input_gate,
            "forget_gate": driven[:, :, n : 2 * n] if self.forget else always,
            "candidate": driven[:, :, -2 * n : -n],
            "output_gate": driven[:, :, -n:],
            "squashed": place(room, "squashed", input_gate.shape, driven.dtype),
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
        n = self.units
        driven += weights["recurrent"] @ state[:, :n]
        tails = closed(driven, self.sigmoids)
        np.tanh(driven, out=driven)
        squash(driven, self.sigmoids, tails)
        c, squashed = after[:, n:], kept["squashed"]
        np.multiply(kept["forget_gate"], state[:, n:], out=c)
        c += kept["input_gate"] * kept["candidate"]
        np.tanh(c, out=squashed)
        np.multiply(kept["output_gate"], squashed, out=after[:, :n])

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
        n = self.units
        i, f, g, o = (kept[k] for k in ("input_gate", "forget_gate", "candidate", "output_gate"))
        squashed = kept["squashed"]
        above = gradient[:, :n]
        dc = above * (o * (1 - squashed * squashed))
        dc += gradient[:, n:]
        np.multiply(dc, g * i * (1 - i), out=driven[:, :n])
        if self.forget:
            np.multiply(dc, state[:, n:] * f * (1 - f), out=driven[:, n : 2 * n])
        np.multiply(dc, i * (1 - g * g), out=driven[:, -2 * n : -n])
        np.multiply(above, squashed * o * (1 - o), out=driven[:, -n:])
        below = np.zeros_like(gradient)
        if not self.cut:
            np.matmul(weights["recurrent"].swapaxes(1, 2), driven, out=below[:, :n])
        np.multiply(dc, f, out=below[:, n:])
        return below


@dataclass(frozen=True)
class GRU(Cell):
    r"""Gated recurrent unit, :math:`h_t = (1 - z_t) \odot n_t + z_t \odot h_{t-1}`.

    The blocks of the weights are reset gate, update gate and candidate
    :math:`n_t = \tanh(V_n x_t + b_n + r_t \odot (W_n h_{t-1} + c_n))`: the reset gate acts on the
    recurrent part, as in common libraries. ``"recurrent_bias"`` is :math:`c`.

    Parameters
    ----------
    inputs, units : int

    References
    ----------
    Cho et al., "Learning Phrase Representations using RNN Encoder-Decoder", EMNLP 2014.
    """

    @property
    def gates(self) -> int:
        """Three blocks."""
        return 3

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shapes of the weights by name, without the axis of replicas."""
        return {**super().shapes, "recurrent_bias": (3 * self.units,)}

    @property
    def sigmoids(self) -> tuple[slice, ...]:
        """Reset and update gate."""
        return (slice(0, 2 * self.units),)

    @property
    def keeps(self) -> slice | None:
        """Update gate."""
        return slice(self.units, 2 * self.units)

    def keep(self, driven: np.ndarray, room: Arrays) -> Arrays:
        """See `Cell.keep`."""
        n = self.units
        candidate = driven[:, :, 2 * n :]
        return {
            "reset_gate": driven[:, :, :n],
            "update_gate": driven[:, :, n : 2 * n],
            "candidate": candidate,
            "recurrent_part": place(room, "recurrent part", candidate.shape, driven.dtype),
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
        n = self.units
        summed = weights["recurrent"] @ state
        summed += weights["recurrent_bias"][..., None]
        gates, candidate = driven[:, : 2 * n], kept["candidate"]
        gates += summed[:, : 2 * n]
        tails = closed(gates, self.sigmoids)
        np.tanh(gates, out=gates)
        squash(gates, self.sigmoids, tails)
        kept["recurrent_part"][...] = summed[:, 2 * n :]
        candidate += kept["reset_gate"] * summed[:, 2 * n :]
        np.tanh(candidate, out=candidate)
        np.subtract(state, candidate, out=after)
        after *= kept["update_gate"]
        after += candidate

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
        n = self.units
        r, z, g = (kept[name] for name in ("reset_gate", "update_gate", "candidate"))
        dg = driven[:, 2 * n :]
        np.multiply(gradient, (1 - z) * (1 - g * g), out=dg)
        np.multiply(dg, kept["recurrent_part"] * r * (1 - r), out=driven[:, :n])
        np.multiply(gradient, (state - g) * z * (1 - z), out=driven[:, n : 2 * n])
        recurrent[:, : 2 * n] = driven[:, : 2 * n]
        np.multiply(dg, r, out=recurrent[:, 2 * n :])
        below = weights["recurrent"].swapaxes(1, 2) @ recurrent
        below += gradient * z
        return np.asarray(below)
