"""Random numbers of a replica that do not depend on how many replicas there are."""

from __future__ import annotations

import numpy as np

from lib._checks import integer


def entropy_of(seed: int | np.random.Generator) -> int:
    """Return an integer seed; a generator is asked for one."""
    if isinstance(seed, np.random.Generator):
        return int(seed.integers(2**63))
    return integer("seed", seed, 0, None)


class Streams:
    """Independent random streams by purpose and layer.

    Each gives its replicas one after the other, so that a replica's numbers depend neither on how
    many replicas there are nor on how they are grouped into blocks.

    Parameters
    ----------
    entropy : int
        The seed of all of them.
    purposes : tuple of str
        What is drawn. The place of a purpose belongs to its seed.
    """

    def __init__(self, entropy: int, purposes: tuple[str, ...]) -> None:
        self.entropy, self.purposes = entropy, purposes
        self.generators: dict[tuple[str, int], np.random.Generator] = {}

    def __call__(self, purpose: str, layer: int) -> np.random.Generator:
        """Return the stream of a purpose in a layer, as far as it has been read."""
        key = (purpose, layer)
        if key not in self.generators:
            spawn = (self.purposes.index(purpose), layer)
            sequence = np.random.SeedSequence(self.entropy, spawn_key=spawn)
            self.generators[key] = np.random.default_rng(sequence)
        return self.generators[key]
