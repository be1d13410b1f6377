"""What readers are trained on: functions that draw sequences and targets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lib._checks import finite, generator, integer
from lib._values import ByValue

__all__ = ["Examples", "Problem"]

Problem = Callable[[int, np.random.Generator], tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True, eq=False)
class Examples(ByValue):
    """A problem that draws from given sequences, with replacement.

    Parameters
    ----------
    inputs : ndarray, shape (steps, inputs, samples)
    targets : ndarray, shape (samples,) or (asked, samples)

    Examples
    --------
    >>> from lib import datasets
    >>> data = datasets.digits()
    >>> digits = Examples(datasets.pixel_rows(data.train_images), data.train_labels)
    >>> [array.shape for array in digits(20, np.random.default_rng(0))]
    [(8, 8, 20), (20,)]
    """

    inputs: np.ndarray
    targets: np.ndarray

    def __post_init__(self) -> None:
        """Check the shapes."""
        numbers = finite("targets", self.targets)
        if np.asarray(self.targets).dtype.kind in "iu":  # classes stay integers
            numbers = numbers.astype(np.int64)
        given = finite("inputs", self.inputs), numbers
        object.__setattr__(self, "inputs", given[0])
        object.__setattr__(self, "targets", given[1])
        inputs, targets = given[0].shape, given[1].shape
        if len(inputs) != 3 or not targets or targets[-1] != inputs[-1] or 0 in inputs:
            raise ValueError(
                "inputs must have shape (steps, inputs, samples), and targets as many samples; "
                f"got {inputs} and {targets}"
            )

    def __call__(self, samples: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Draw some of the sequences."""
        samples = integer("samples", samples, 1)
        chosen = generator("rng", rng).integers(self.inputs.shape[2], size=samples)
        return self.inputs[..., chosen], self.targets[..., chosen]
