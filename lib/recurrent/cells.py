"""The cells: plain RNN, LSTM with and without forget gate, and GRU."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from lib import activations
from lib.activations import Activation
from lib.recurrent._sequence import Arrays, Cell


def squash(x: np.ndarray) -> np.ndarray:
    """Logistic sigmoid by way of tanh: it cannot overflow, and takes complex numbers."""
    return np.asarray((1 + np.tanh(x / 2)) / 2)


@dataclass(frozen=True)
class RNN(Cell):
    r"""Plain recurrent network, :math:`h_t = \phi(W h_{t-1} + U x_t + b)`.

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

    @property
    def gates(self) -> int:
        """One block: the pre-activation."""
        return 1

    def step(
        self, driven: np.ndarray, state: np.ndarray, weights: Mapping[str, np.ndarray]
    ) -> tuple[np.ndarray, Arrays]:
        """See `Cell.step`."""
        h = weights["recurrent"] @ state + driven
        if np.iscomplexobj(h):  # tanh is the one function that takes complex numbers
            value = np.tanh(h)
            return value, {"slope": 1 - value**2}
        return self.activation.kernel(h), {"slope": self.activation.derivative_kernel(h)}

    def step_back(
        self,
        gradient: np.ndarray,
        state: np.ndarray,
        kept: Arrays,
        weights: Mapping[str, np.ndarray],
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """See `Cell.step_back`."""
        delta = kept["slope"] * gradient
        return delta, delta, weights["recurrent"].swapaxes(1, 2) @ delta


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

    @property
    def gates(self) -> int:
        """Four blocks, or three without forget gate."""
        return 4 if self.forget else 3

    @property
    def state(self) -> int:
        """Hidden state and cell state."""
        return 2 * self.units

    def step(
        self, driven: np.ndarray, state: np.ndarray, weights: Mapping[str, np.ndarray]
    ) -> tuple[np.ndarray, Arrays]:
        """See `Cell.step`."""
        n = self.units
        h = weights["recurrent"] @ state[:, :n] + driven
        candidate = np.tanh(h[:, -2 * n : -n])
        input_gate, output_gate = squash(h[:, :n]), squash(h[:, -n:])
        forget_gate = squash(h[:, n : 2 * n]) if self.forget else np.ones_like(input_gate)
        c = forget_gate * state[:, n:] + input_gate * candidate
        squashed = np.tanh(c)
        kept = {
            "input_gate": input_gate, "forget_gate": forget_gate, "candidate": candidate,
            "output_gate": output_gate, "squashed": squashed,
        }  # fmt: skip
        return np.concatenate([output_gate * squashed, c], axis=1), kept

    def step_back(
        self,
        gradient: np.ndarray,
        state: np.ndarray,
        kept: Arrays,
        weights: Mapping[str, np.ndarray],
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """See `Cell.step_back`."""
        n = self.units
        i, f, g, o = (kept[k] for k in ("input_gate", "forget_gate", "candidate", "output_gate"))
        squashed = kept["squashed"]
        above = gradient[:, :n]
        dc = gradient[:, n:] + above * o * (1 - squashed**2)
        blocks = [dc * g * i * (1 - i), dc * i * (1 - g**2), above * squashed * o * (1 - o)]
        if self.forget:
            blocks.insert(1, dc * state[:, n:] * f * (1 - f))
        delta = np.concatenate(blocks, axis=1)
        dh = weights["recurrent"].swapaxes(1, 2) @ delta
        if self.cut:
            dh = np.zeros_like(dh)
        return delta, delta, np.concatenate([dh, dc * f], axis=1)


@dataclass(frozen=True)
class GRU(Cell):
    r"""Gated recurrent unit, :math:`h_t = (1 - z_t) \odot n_t + z_t \odot h_{t-1}`.

    The blocks of the weights are reset gate, update gate and candidate
    :math:`n_t = \tanh(U_n x_t + b_n + r_t \odot (W_n h_{t-1} + c_n))`: the reset gate acts on the
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

    def step(
        self, driven: np.ndarray, state: np.ndarray, weights: Mapping[str, np.ndarray]
    ) -> tuple[np.ndarray, Arrays]:
        """See `Cell.step`."""
        n = self.units
        h = weights["recurrent"] @ state + weights["recurrent_bias"][..., None]
        gates = squash(driven[:, : 2 * n] + h[:, : 2 * n])
        reset, update = gates[:, :n], gates[:, n:]
        candidate = np.tanh(driven[:, 2 * n :] + reset * h[:, 2 * n :])
        kept = {
            "reset_gate": reset, "update_gate": update, "candidate": candidate,
            "recurrent_part": h[:, 2 * n :],
        }  # fmt: skip
        return candidate + update * (state - candidate), kept

    def step_back(
        self,
        gradient: np.ndarray,
        state: np.ndarray,
        kept: Arrays,
        weights: Mapping[str, np.ndarray],
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """See `Cell.step_back`."""
        r, z, g = (kept[name] for name in ("reset_gate", "update_gate", "candidate"))
        dg = gradient * (1 - z) * (1 - g**2)
        dz = gradient * (state - g) * z * (1 - z)
        dr = dg * kept["recurrent_part"] * r * (1 - r)
        driven = np.concatenate([dr, dz, dg], axis=1)
        recurrent = np.concatenate([dr, dz, dg * r], axis=1)
        below = weights["recurrent"].swapaxes(1, 2) @ recurrent + gradient * z
        return driven, recurrent, below
