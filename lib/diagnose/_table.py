"""What is measured of a network, layer by layer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lib._checks import choice, integer, real_numbers, shown
from lib._values import ByValue, frozen

# What a row can be. Only WEIGHTED rows are compared along the depth of the network.
WEIGHTED = ("layer", "linear", "convolution", "recurrent", "attention", "block")
KINDS = (*WEIGHTED, "embedding", "normalization", "post-norm", "residual", "parameter")
PRECISIONS = ("float64", "float32", "bfloat16", "float16")

# Columns that hold sizes, shares, and cosines.
SIZES = (
    "gradient", "weight_gradient", "weight", "update", "signal", "spread", "activation",
    "first_step", "unit_difference",
)  # fmt: skip
SHARES = ("dead", "saturated", "float16", "bfloat16", "trainable", "reached")
COLUMNS = (*SIZES, *SHARES, "likeness")


def _unknown() -> np.ndarray:
    return np.full(0, np.nan)


@dataclass(frozen=True, eq=False, kw_only=True)
class Layers(ByValue):
    r"""Measurements of every layer, from the input to the loss; NaN is what is not known.

    Each column is an array of shape ``(layers,)``; one that is left out is filled with NaN. The
    names are those of the book: layer :math:`l` has the pre-activation :math:`h_l` and the error
    signal :math:`\delta_l = \partial L/\partial h_l`. Norms run over units and batch.

    Parameters
    ----------
    names : sequence of str
        At least one.
    kinds : sequence of str, optional
        Each ``"layer"`` (the default), ``"linear"``, ``"convolution"``, ``"recurrent"``,
        ``"attention"``, ``"block"`` (a layer that ends in a residual sum), ``"embedding"``,
        ``"normalization"``, ``"post-norm"`` (a normalization of a residual sum with no way around
        it), ``"residual"`` (the sum itself), or ``"parameter"`` (one outside of any layer). The
        first six are compared along the depth.
    functions : sequence of str, optional
        Activation function behind the layer, ``""`` where none is known.
    gradient : ndarray, optional
        Norm of :math:`\delta_l`; only ratios matter, so it may be relative to the last layer.
    weight_gradient, weight : ndarray, optional
        Norms of :math:`\partial L/\partial W_l` and of :math:`W_l`.
    update : ndarray, optional
        Norm of one step of the optimizer relative to the norm of the weights.
    signal, spread : ndarray, optional
        Root mean square of :math:`h_l`, and its standard deviation over the inputs.
    activation : ndarray, optional
        Root mean square of :math:`a_l = \phi(h_l)`.
    dead : ndarray, optional
        Share of units whose slope is zero for every input of the batch.
    saturated : ndarray, optional
        Share of unit-input pairs whose slope is below a twentieth of the largest slope.
    likeness : ndarray, optional
        Cosine between the signals of two different inputs, averaged over pairs.
    float16, bfloat16 : ndarray, optional
        Share of the entries of :math:`\delta_l` (those that are not zero) that become zero in that
        type.
    trainable, reached : ndarray, optional
        Share of the layer's parameters that require a gradient, and that received one.
    unit_difference : ndarray, optional
        How much the units of a layer differ in weights and gradient, relative to their size: 0 if
        all have the same weights and the same gradient.
    first_step : ndarray, optional
        Of a recurrent layer: gradient with respect to its first state over that of its last.
    steps : int
        Time steps of the recurrent layers, or calls of a layer that is called for every step; 0 if
        there are none.
    samples : int
        Inputs in the batch, 0 if not known.
    precision : {"float32", "float64", "bfloat16", "float16"}
        In which the network computes.
    loss_weight : float
        How often the gradient of the loss counts each input, compared with a mean over the batch:
        1 for a mean, ``samples`` for a sum.
    input_signal, input_likeness : float
        Root mean square of the network's input and cosine between two of them.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind, or a column has another length than ``names``.

    Examples
    --------
    >>> Layers(names=["1", "2"], gradient=[1e-7, 1.0]).gradient
    array([1.e-07, 1.e+00])
    """

    names: Sequence[str]
    kinds: Sequence[str] = ()
    functions: Sequence[str] = ()
    gradient: np.ndarray = field(default_factory=_unknown)
    weight_gradient: np.ndarray = field(default_factory=_unknown)
    weight: np.ndarray = field(default_factory=_unknown)
    update: np.ndarray = field(default_factory=_unknown)
    signal: np.ndarray = field(default_factory=_unknown)
    spread: np.ndarray = field(default_factory=_unknown)
    activation: np.ndarray = field(default_factory=_unknown)
    dead: np.ndarray = field(default_factory=_unknown)
    saturated: np.ndarray = field(default_factory=_unknown)
    likeness: np.ndarray = field(default_factory=_unknown)
    float16: np.ndarray = field(default_factory=_unknown)
    bfloat16: np.ndarray = field(default_factory=_unknown)
    trainable: np.ndarray = field(default_factory=_unknown)
    reached: np.ndarray = field(default_factory=_unknown)
    unit_difference: np.ndarray = field(default_factory=_unknown)
    first_step: np.ndarray = field(default_factory=_unknown)
    steps: int = 0
    samples: int = 0
    precision: str = "float32"
    loss_weight: float = np.nan
    input_signal: float = np.nan
    input_likeness: float = np.nan

    def __post_init__(self) -> None:
        """Check the arguments."""
        names = _words("names", self.names)
        if not names:
            raise ValueError(f"names must have at least one layer; got {shown(self.names)}")
        self._set("names", names)
        for name, default in (("kinds", "layer"), ("functions", "")):
            words = _words(name, getattr(self, name)) or (default,) * len(names)
            if len(words) != len(names):
                raise ValueError(
                    f"{name} must have one entry per layer ({len(names)}); got {len(words)}"
                )
            self._set(name, words)
        for kind in self.kinds:
            choice("kinds", kind, KINDS)
        for name in COLUMNS:
            self._set(name, self._column(name))
        self._set("steps", integer("steps", self.steps, 0))
        self._set("samples", integer("samples", self.samples, 0))
        choice("precision", self.precision, PRECISIONS)
        for name in ("loss_weight", "input_signal", "input_likeness"):
            value = real_numbers(name, getattr(self, name))
            if value.ndim:
                raise ValueError(f"{name} must be a number or NaN; got {shown(value)}")
            self._set(name, float(value))

    def _column(self, name: str) -> np.ndarray:
        values = real_numbers(name, getattr(self, name)).astype(np.float64)
        count = len(self.names)
        if values.shape == (0,):
            values = np.full(count, np.nan)
        if values.shape != (count,):
            raise ValueError(
                f"{name} must have one number per layer, shape ({count},); got {values.shape}"
            )
        known = values[~np.isnan(values)]
        low, high = (-1.001, 1.001) if name == "likeness" else (0.0, np.inf)
        if name in SHARES:
            high = 1.0
        if np.any((known < low) | (known > high)):
            limits = "at least 0" if high == np.inf else f"from {low:.0f} to {high:.0f}"
            raise ValueError(f"{name} must be {limits} or NaN; got {shown(values)}")
        return frozen(values)

    def _set(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)

    def __len__(self) -> int:
        """Count the layers."""
        return len(self.names)

    @property
    def weighted(self) -> np.ndarray:
        """Rows that are compared along the depth: layers with a matrix of weights."""
        return np.array([kind in WEIGHTED for kind in self.kinds])

    def call(self, row: int) -> str:
        """Name a row in a sentence, for instance ``layer 3 ("encoder.0")``.

        Parameters
        ----------
        row : int
            From 0.
        """
        number = integer("row", row, 0, len(self) - 1) + 1
        name = self.names[number - 1]
        if name in (str(number), ""):
            return f"layer {number}"
        if self.kinds[number - 1] == "residual" and name.startswith("+ "):
            return f'layer {number} (the sum behind "{name[2:]}")'
        return f'layer {number} ("{name}")'


def _words(name: str, value: Any) -> tuple[str, ...]:
    if isinstance(value, str) or not isinstance(value, (Sequence, np.ndarray)):
        raise TypeError(f"{name} must be a sequence of str; got {shown(value)}")
    if np.ndim(value if isinstance(value, np.ndarray) else [0]) != 1:
        raise TypeError(f"{name} must be a sequence of str; got {shown(value)}")
    if not all(isinstance(word, str) for word in value):
        raise TypeError(f"{name} must hold str only; got {shown(value)}")
    return tuple(str(word) for word in value)
