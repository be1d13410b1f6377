"""The experiments of the laboratory, which shows one seed of each, repeated with ten."""

from collections.abc import Sequence
from functools import partial

import numpy as np
from tqdm.auto import tqdm

from lib import laboratory
from lib.experiments.parts import Done, array_once

SEEDS = tuple(range(10))


def run(seeds: Sequence[int] = SEEDS, done: Done | None = None) -> dict[str, np.ndarray]:
    """Train each network of `lib.laboratory.EXPERIMENTS` from every seed.

    Parameters
    ----------
    seeds : sequence of int
    done : mutable mapping, optional
        Parts that were computed before; the others are added.

    Returns
    -------
    dict of str to ndarray
        ``"names"``, of the experiments; ``"accuracy"``, shape (experiments, seeds), on the test
        data after the last epoch, NaN for a training that has diverged.
    """
    done = {} if done is None else done
    names = tuple(laboratory.EXPERIMENTS)
    found = [
        array_once(done, name, partial(laboratory.accuracies, name, seeds))
        for name in tqdm(names, unit="network", disable=None)
    ]
    return {"names": np.array(names), "accuracy": np.array(found)}
