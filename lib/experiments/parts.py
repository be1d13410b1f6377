"""Parts of an experiment: each computed once, and kept until the whole is there.

An interruption costs the part that was being computed, and no more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from hashlib import sha256
from pathlib import Path

import numpy as np

from lib._files import read_arrays, write_arrays

Part = Mapping[str, np.ndarray]
Done = MutableMapping[str, Part]
NAME = "name of the part"  # beside its arrays


def once(done: Done, name: str, compute: Callable[[], Part]) -> Part:
    """Compute a part, unless that was done before.

    Parameters
    ----------
    done : mutable mapping of str to dict of ndarray
        What was done before, by name; the part is added to it.
    name : str
        Of the part, within its experiment.
    compute : callable
        Returns arrays by name.

    Returns
    -------
    dict of str to ndarray

    Examples
    --------
    >>> done = {}
    >>> once(done, "a", lambda: {"x": np.ones(2)})
    {'x': array([1., 1.])}
    >>> once(done, "a", lambda: {"x": np.zeros(2)})
    {'x': array([1., 1.])}
    """
    if name not in done:
        done[name] = compute()
    return done[name]


def array_once(done: Done, name: str, compute: Callable[[], np.ndarray]) -> np.ndarray:
    """Compute a part that is a single array, unless that was done before.

    Parameters
    ----------
    done, name
        As for `once`.
    compute : callable
        Returns an array.

    Returns
    -------
    ndarray
    """
    return once(done, name, lambda: {"array": compute()})["array"]


class Kept(MutableMapping[str, Part]):
    """Parts in a folder, each in a file of its own; what is damaged is not there.

    Parameters
    ----------
    folder : path
        Made with the first part.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __getitem__(self, name: str) -> Part:
        """Read a part."""
        try:
            found = read_arrays(self._file(name))
        except (FileNotFoundError, ValueError):
            raise KeyError(name) from None
        del found[NAME]
        return found

    def __setitem__(self, name: str, part: Part) -> None:
        """Write a part, whole or not at all."""
        self.folder.mkdir(parents=True, exist_ok=True)
        write_arrays(self._file(name), {**part, NAME: np.array(name)})

    def __delitem__(self, name: str) -> None:
        """Forget a part."""
        if name not in self:
            raise KeyError(name)
        self._file(name).unlink()

    def __iter__(self) -> Iterator[str]:
        """Names of the parts that are there."""
        for file in sorted(self.folder.glob("*.npz")):
            try:
                yield str(read_arrays(file)[NAME])
            except (ValueError, KeyError):
                continue

    def __len__(self) -> int:
        """Count the parts that are there."""
        return sum(1 for _ in self)

    def _file(self, name: str) -> Path:
        return self.folder / f"{sha256(name.encode()).hexdigest()[:16]}.npz"
