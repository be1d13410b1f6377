r"""Initial weights of recurrent cells.

What is multiplied at every step is the recurrent matrix of a plain network, and the gate that
keeps what was there in the others. Both can be chosen::

    recurrent.Start()                                               # as PyTorch draws them
    recurrent.Start(recurrent=initializers.orthogonal())
    recurrent.Start(recurrent=initializers.normal(), spectral_radius=0.95)
    recurrent.Start(forget_bias=1.0)
    recurrent.Start(longest=200)                                    # chrono
    recurrent.Start(ring=(0.9, 0.999), phase=0.3)                   # eigenvalues of an LRU
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import DTypeLike

from lib._checks import choice, floating, instance, integer, real
from lib._checks import seeds as seeds_of
from lib.initializers import Initializer
from lib.recurrent._arrays import Arrays
from lib.recurrent._sequence import Cell

BIASES = ("uniform", "zero")


@dataclass(frozen=True)
class Start:
    r"""How the weights of a cell are drawn; without arguments as PyTorch does.

    Attributes
    ----------
    recurrent : Initializer, optional
        Draws each block of the recurrent weights, a square matrix. Default: uniform up to
        :math:`1/\sqrt{n}` for :math:`n` units.
    inputs : Initializer, optional
        Draws each block of the input weights. Default: uniform up to :math:`1/\sqrt{n}`.
    biases : {"uniform", "zero"}
        Default ``"uniform"``: the sum of two, one that comes with the inputs and one with the
        state, each uniform up to :math:`1/\sqrt{n}`. A GRU keeps the two apart.
    spectral_radius : float, optional
        Scale each block of the recurrent weights to this largest absolute eigenvalue, at least 0.
    singular_value : float, optional
        Scale each block of the recurrent weights to this largest singular value, at least 0.
    forget_bias : float, optional
        Bias of the gates that keep what was there: forget gates of an LSTM, update gates of a GRU.
    longest : int, optional
        Chrono initialization for times up to this one, at least 3: the bias of a gate that keeps
        is :math:`\ln U` with :math:`U` uniform from 1 to `longest` - 1, and that of the LSTM's
        input gate is :math:`-\ln U`. An eigenvalue of an `LRU` gets the modulus :math:`U/(1 + U)`,
        at which such a gate would stand.
    ring : pair of float, optional
        Smallest and largest modulus of the eigenvalues of an `LRU`, at least 0 and at most 1, drawn
        evenly over the area between. Default: from 0 to 1.
    phase : float, optional
        Their angles are drawn evenly from 0 to this one. Default :math:`2\pi`.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind, or two contradict each other.

    References
    ----------
    Le, Jaitly & Hinton, "A Simple Way to Initialize Recurrent Networks of Rectified Linear Units",
    2015 (identity); Saxe, McClelland & Ganguli, ICLR 2014 (orthogonal); Pascanu, Mikolov & Bengio,
    ICML 2013 (largest singular value); Gers, Schmidhuber & Cummins, Neural Computation 12, 2000,
    and Jozefowicz, Zaremba & Sutskever, ICML 2015 (forget bias); Tallec & Ollivier, "Can recurrent
    neural networks warp time?", ICLR 2018 (chrono); Orvieto et al., "Resurrecting Recurrent Neural
    Networks for Long Sequences", ICML 2023, lemma 3.2 (ring and phase).

    Examples
    --------
    >>> from lib import recurrent
    >>> weights = Start(forget_bias=1.0).draw(recurrent.LSTM(3, 8), seeds=[0, 1])
    >>> weights["recurrent"].shape, weights["bias"][:, 8:16].mean()
    ((2, 32, 8), np.float64(1.0))
    """

    recurrent: Initializer | None = None
    inputs: Initializer | None = None
    biases: str = "uniform"
    spectral_radius: float | None = None
    singular_value: float | None = None
    forget_bias: float | None = None
    longest: int | None = None
    ring: tuple[float, float] | None = None
    phase: float | None = None

    def __post_init__(self) -> None:
        """Check what does not depend on a cell."""
        for name in ("recurrent", "inputs"):
            value = getattr(self, name)
            if value is not None and not isinstance(value, Initializer):
                raise TypeError(f"{name} must be made by lib.initializers; got {value!r}")
        choice("biases", self.biases, BIASES)
        if self.spectral_radius is not None:
            real("spectral_radius", self.spectral_radius, least=0)
        if self.singular_value is not None:
            real("singular_value", self.singular_value, least=0)
            if self.spectral_radius is not None:
                raise ValueError("spectral_radius and singular_value cannot both be given")
        if self.forget_bias is not None:
            real("forget_bias", self.forget_bias)
        if self.longest is not None:
            integer("longest", self.longest, 3)
            if self.forget_bias is not None:
                raise ValueError("forget_bias and longest cannot both be given")
        if self.ring is not None:
            if not isinstance(self.ring, tuple) or len(self.ring) != 2:
                raise TypeError(f"ring must be a pair of numbers; got {self.ring!r}")
            least, most = (real("ring", radius, least=0, most=1) for radius in self.ring)
            if not least < most:
                raise ValueError(f"ring must be a smaller and a larger radius; got {self.ring!r}")
            if self.longest is not None:
                raise ValueError("ring and longest cannot both be given")
        if self.phase is not None:
            real("phase", self.phase, least=0)

    def draw(self, cell: Cell, seeds: Sequence[int], *, dtype: DTypeLike = np.float64) -> Arrays:
        """Draw weights for several replicas, each from its own seed alone.

        Parameters
        ----------
        cell : Cell
        seeds : sequence of int
            One for each replica, at least one.
        dtype : float dtype
            Default float64; others are rounded from it.

        Returns
        -------
        dict of str to ndarray
            Of the shapes of the cell, with the axis of replicas first.

        Raises
        ------
        ValueError
            If there are no seeds, the cell has no gate that keeps, or a matrix that is to be
            scaled has no size.
        """
        instance("cell", cell, Cell, "a cell of lib.recurrent")
        listed, dtype = seeds_of("seeds", seeds), floating("dtype", dtype)
        turns = "nu" in cell.shapes
        held = self.forget_bias is not None or (self.longest is not None and not turns)
        if cell.keeps is None and held:
            raise ValueError(f"forget_bias and longest need a gate that keeps; {cell!r} has none")
        if not turns and (self.ring is not None or self.phase is not None):
            raise ValueError(f"ring and phase need complex eigenvalues; {cell!r} has none")
        matrix = self.recurrent, self.spectral_radius, self.singular_value
        if "recurrent" not in cell.shapes and matrix != (None, None, None):
            raise ValueError(f"{cell!r} has no recurrent matrix to draw or to scale")
        drawn = [self._one(cell, seed) for seed in listed]
        return {name: np.array([one[name] for one in drawn], dtype) for name in cell.shapes}

    def _one(self, cell: Cell, seed: int) -> Arrays:
        """Draw the weights of one replica."""
        rng, n = np.random.default_rng(seed), cell.units
        most = 1 / math.sqrt(n)
        result = {name: rng.uniform(-most, most, shape) for name, shape in cell.shapes.items()}
        if "recurrent_bias" not in result:
            result["bias"] += rng.uniform(-most, most, result["bias"].shape)
        for name, initializer in (("recurrent", self.recurrent), ("input", self.inputs)):
            if initializer is not None:
                blocks = (cell.gates, n, result[name].shape[1])
                result[name] = initializer.weights(rng, blocks).reshape(result[name].shape)
        if "recurrent" in result:
            self._scale(result["recurrent"].reshape(cell.gates, n, n))
        endings = [name.removeprefix("bias") for name in result if name.startswith("bias")]
        if self.biases == "zero":
            for name in [f"bias{ending}" for ending in endings] + ["recurrent_bias"]:
                result.get(name, np.empty(0))[:] = 0
        for ending in endings:  # of both layers, if there are two
            self._remember(rng, cell, result, ending)
        return result

    def _remember(self, rng: np.random.Generator, cell: Cell, result: Arrays, ending: str) -> None:
        """Decide in place how long gates and eigenvalues keep what was there."""
        n = cell.units
        if cell.keeps is not None:
            if self.forget_bias is not None:
                self._hold(result, cell.keeps, np.float64(self.forget_bias), ending)
            if self.longest is not None:
                times = np.log(rng.uniform(1, self.longest - 1, n))
                self._hold(result, cell.keeps, times, ending)
                if cell.enters is not None:
                    self._hold(result, cell.enters, -times, ending)
        if (nu := f"nu{ending}") in result:
            if self.longest is not None:
                modulus = 1 / (1 + 1 / rng.uniform(1, self.longest - 1, n // 2))
            else:
                least, most = self.ring or (0.0, 1.0)
                # 1 minus a number below 1: never 0, whose logarithm is infinite.
                modulus = np.sqrt(most**2 - (most**2 - least**2) * (1 - rng.random(n // 2)))
                modulus = np.clip(modulus, 1e-12, 1 - 1e-12)
            result[nu] = np.log(-np.log(modulus))
            most = 2 * np.pi if self.phase is None else self.phase
            result[f"theta{ending}"] = rng.uniform(0, most, n // 2)

    def _scale(self, blocks: np.ndarray) -> None:
        """Scale square matrices in place."""
        if self.spectral_radius is not None:
            sizes, wanted = np.abs(np.linalg.eigvals(blocks)).max(axis=1), self.spectral_radius
        elif self.singular_value is not None:
            sizes, wanted = np.linalg.norm(blocks, 2, axis=(1, 2)), self.singular_value
        else:
            return
        if not (sizes > 0).all():
            raise ValueError(f"recurrent must draw matrices that can be scaled; got {sizes}")
        blocks *= (wanted / sizes)[:, None, None]

    @staticmethod
    def _hold(
        weights: Arrays, rows: slice, value: np.ndarray | np.float64, ending: str = ""
    ) -> None:
        """Set a bias, over both parts if there are two."""
        weights[f"bias{ending}"][rows] = value
        if "recurrent_bias" in weights:
            weights["recurrent_bias"][rows] = 0
