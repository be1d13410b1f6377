"""A logistic regression, and borders in the plane: book/sigmoid.md."""

from functools import lru_cache

import numpy as np

from lib import activations, datasets, models, training
from lib.models import regression

POINTS = 120
PLANE = np.linspace(-1, 1, 67)
EXTENT = {"moons": 2.3, "circles": 1.4, "spirals": 1.4}


@lru_cache(maxsize=1)
def fitted() -> tuple[float, float]:
    """Constant and weight of the logistic regression of damage on temperature."""
    constant, weight = regression.newton(*datasets.o_rings()).coefficients
    return float(constant), float(weight)


@lru_cache(maxsize=64)
def trained_plane(points: str, activation: str) -> tuple[np.ndarray, float]:
    """Train a network of two hidden layers to tell two classes of points in the plane apart.

    Parameters
    ----------
    points : {"moons", "circles", "spirals"}
    activation : str
        Name of the activation of the hidden layers.

    Returns
    -------
    logits : ndarray, shape (rows, columns)
        On the grid of `PLANE` times `EXTENT` in both directions, the second coordinate going down
        the rows.
    right : float
        Share of the points that are classified rightly.
    """
    places, labels = getattr(datasets, points)(POINTS, rng=1)
    network = models.Network((2, 16, 16, 1), activations.get(activation))
    learner = training.Training(network, training.adam(0.02), [0], loss="logistic")
    history = learner.run(places, labels, 400, batch=None, record_every=400)
    grid = EXTENT[points] * np.stack(np.meshgrid(PLANE, PLANE), axis=-1).reshape(-1, 2)
    logits = learner.predict(grid)[0].reshape(len(PLANE), len(PLANE))
    return logits, float(history.train_accuracy[-1][0])
