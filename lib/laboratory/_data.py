"""Data of the bench, standardized, to train on and to test on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lib import datasets
from lib._checks import choice
from lib._values import ByValue, cached
from lib.laboratory._settings import DATA

SAMPLES, TESTED, BATCH = 400, 400, 50


@dataclass(frozen=True, eq=False)
class _Data(ByValue):
    """Data, split into a part to train on and a part to test on.

    Attributes
    ----------
    inputs, tested : ndarray of float64, shape (samples, 2 or 64)
        Of mean 0 and mean square 1.
    labels, wanted : ndarray of int64, shape (samples,)
        Their classes.
    """

    inputs: np.ndarray
    labels: np.ndarray
    tested: np.ndarray
    wanted: np.ndarray


def shape_of(name: str) -> dict[str, float]:
    """Arguments of the function of `lib.datasets` that makes these points."""
    return {"turns": 0.75, "noise": 0.02} if name == "spirals" else {"noise": 0.08}


@cached(8)
def data_of(name: str) -> _Data:
    if name == "digits":
        found = datasets.digits(SAMPLES)
        return _Data(found.train_images, found.train_labels, found.test_images, found.test_labels)
    made: Callable[..., tuple[np.ndarray, np.ndarray]] = getattr(datasets, name)
    inputs, labels = made(SAMPLES, rng=1, **shape_of(name))
    tested, wanted = made(TESTED, rng=2, **shape_of(name))
    center, scale = inputs.mean(axis=0), inputs.std(axis=0)
    return _Data((inputs - center) / scale, labels, (tested - center) / scale, wanted)


def points(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Points to test on, and their classes.

    Parameters
    ----------
    name : {"circles", "moons", "spirals"}

    Returns
    -------
    points : ndarray, shape (400, 2)
    classes : ndarray of int64, shape (400,)
    """
    data = data_of(choice("name", name, DATA[:-1]))
    return data.tested, data.wanted
