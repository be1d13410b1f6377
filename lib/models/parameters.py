"""The learned numbers of several networks, in one array."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from math import prod
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from lib._checks import floating, instance, integer, shape, shown
from lib._numbers import quiet
from lib._values import ByValue

Shapes = Mapping[str, tuple[int, ...]]


class Parameters(ByValue):
    """Named arrays of several replicas that lie side by side in one array.

    What an optimizer does to all of them at once, it does to `flat`; what a layer needs, it takes
    from `arrays`. Both are the same memory, in a copy as well, which has its own.

    Parameters
    ----------
    shapes : mapping of str to tuple of int
        Shape of each array, without the axis of replicas.
    replicas : int
        How many networks of the same shape.
    dtype : float dtype
    decayed : collection of str
        Names of the arrays that weight decay acts on.

    Attributes
    ----------
    flat : ndarray, shape (replicas, numbers)
    arrays : dict of str to ndarray, each of shape (replicas, ...)
        Views of `flat`.
    places : dict of str to slice
        Where each array lies in a row of `flat`.
    decayed : ndarray of `dtype`, shape (numbers,)
        1 where weight decay acts, else 0.

    Examples
    --------
    >>> parameters = Parameters({"weight": (2, 3), "bias": (2,)}, replicas=5)
    >>> parameters.flat.shape, parameters.arrays["weight"].shape
    ((5, 8), (5, 2, 3))
    """

    def __init__(
        self,
        shapes: Shapes,
        replicas: int,
        dtype: DTypeLike = np.float64,
        decayed: Collection[str] = frozenset(),
    ) -> None:
        instance("shapes", shapes, Mapping, "a mapping of names to shapes")
        self.shapes = {
            name: shape(f"shapes[{name!r}]", lengths) for name, lengths in shapes.items()
        }
        replicas = integer("replicas", replicas, 0)
        named = isinstance(decayed, Collection) and not isinstance(decayed, (str, np.ndarray))
        if not named or not all(isinstance(name, str) for name in decayed):
            raise TypeError(f"decayed must be a collection of names; got {shown(decayed)}")
        if unknown := [name for name in decayed if name not in self.shapes]:
            raise ValueError(f"decayed must name some of {list(shapes)}; got {shown(unknown)}")
        sizes = {name: prod(lengths) for name, lengths in self.shapes.items()}
        self.flat = np.zeros((replicas, sum(sizes.values())), floating("dtype", dtype))
        self.decayed = np.zeros(self.flat.shape[1], dtype)
        self.decayed_names = frozenset(decayed)
        self.arrays: dict[str, np.ndarray] = {}
        self.places: dict[str, slice] = {}
        start = 0
        for name, lengths in self.shapes.items():
            self.places[name] = part = slice(start, start + sizes[name])
            self.arrays[name] = self.flat[:, part].reshape(replicas, *lengths)
            self.decayed[part] = name in decayed
            start += sizes[name]

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy by way of the flat array, so that `arrays` of the copy are views of its `flat`."""
        return _with_numbers, (self.shapes, self.decayed_names, self.flat)

    @property
    def replicas(self) -> int:
        """Number of networks."""
        return len(self.flat)

    def like(self) -> Parameters:
        """Zeros of the same names and shapes, for gradients."""
        return Parameters(self.shapes, self.replicas, self.flat.dtype, self.decayed_names)

    def astype(self, dtype: DTypeLike) -> Parameters:
        """Copy the same numbers in another precision."""
        result = Parameters(self.shapes, self.replicas, dtype, self.decayed_names)
        with quiet():
            result.flat[...] = self.flat
        return result


def _with_numbers(shapes: Shapes, decayed: frozenset[str], flat: np.ndarray) -> Parameters:
    result = Parameters(shapes, len(flat), flat.dtype, decayed)
    result.flat[...] = flat
    return result
