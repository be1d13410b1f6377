"""The experiments of the laboratory, which shows one seed of each, repeated with ten."""

from collections.abc import Sequence

import numpy as np
from tqdm.auto import tqdm

from lib import laboratory

SEEDS = tuple(range(10))


def run(seeds: Sequence[int] = SEEDS) -> dict[str, np.ndarray]:
    """Train each network of `lib.laboratory.EXPERIMENTS` from every seed.

    Parameters
    ----------
    seeds : sequence of int

    Returns
    -------
    dict of str to ndarray
        ``"names"``, of the experiments; ``"accuracy"``, shape (experiments, seeds), on the test
        data after the last epoch, NaN for a training that has diverged.
    """
    names = tuple(laboratory.EXPERIMENTS)
    found = [laboratory.accuracies(name, seeds) for name in tqdm(names, disable=None)]
    return {"names": np.array(names), "accuracy": np.array(found)}
