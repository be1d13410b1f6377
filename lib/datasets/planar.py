"""Two classes of points in the plane that no straight line separates."""

import numpy as np

from lib._checks import generator, integer, real

Points = tuple[np.ndarray, np.ndarray]


def spirals(
    samples: int, *, turns: float = 1.0, noise: float = 0.05, rng: np.random.Generator | int = 0
) -> Points:
    """Two spirals around each other.

    Parameters
    ----------
    samples : int
        At least 2; half of them, rounded up, are of class 0.
    turns : float
        Around the center, at least 0. Default 1.
    noise : float
        Standard deviation of the normal noise on each coordinate, at least 0. Default 0.05; the
        radius goes up to 1.
    rng : numpy.random.Generator or int
        Source of randomness, or a seed.

    Returns
    -------
    points : ndarray of float64, shape (samples, 2)
    labels : ndarray of int64, shape (samples,)

    Raises
    ------
    TypeError, ValueError
        If an argument is not such a number.

    Examples
    --------
    >>> points, labels = spirals(100, noise=0.0)
    >>> bool(np.hypot(*points.T).max() <= 1), labels.sum()
    (True, np.int64(50))
    """
    turns = real("turns", turns, least=0)
    labels, rng = _labels(samples), generator("rng", rng)
    radius = np.sqrt(rng.random(samples))
    angle = 2 * np.pi * turns * radius + np.pi * labels
    return _blurred(radius * np.array([np.cos(angle), np.sin(angle)]), noise, rng), labels


def circles(
    samples: int, *, ratio: float = 0.5, noise: float = 0.05, rng: np.random.Generator | int = 0
) -> Points:
    """Draw a circle of radius 1 and, inside of it, a smaller one.

    Parameters
    ----------
    samples, noise, rng
        As for `spirals`.
    ratio : float
        Radius of the inner circle, class 1, from 0 to 1. Default 0.5.

    Returns
    -------
    points, labels : ndarray
        As for `spirals`.

    Examples
    --------
    >>> points, labels = circles(4, noise=0.0)
    >>> np.hypot(*points.T).round(12)
    array([1. , 1. , 0.5, 0.5])
    """
    ratio = real("ratio", ratio, least=0, most=1)
    labels, rng = _labels(samples), generator("rng", rng)
    angle = 2 * np.pi * rng.random(samples)
    radius = np.where(labels == 1, ratio, 1.0)
    return _blurred(radius * np.array([np.cos(angle), np.sin(angle)]), noise, rng), labels


def moons(samples: int, *, noise: float = 0.05, rng: np.random.Generator | int = 0) -> Points:
    """Two half circles of radius 1 that reach into each other.

    Parameters
    ----------
    samples, noise, rng
        As for `spirals`.

    Returns
    -------
    points, labels : ndarray
        As for `spirals`.

    Examples
    --------
    >>> points, labels = moons(100, noise=0.0)
    >>> bool((points[labels == 0, 1] >= 0).all()), bool((points[labels == 1, 1] <= 0.5).all())
    (True, True)
    """
    labels, rng = _labels(samples), generator("rng", rng)
    angle = np.pi * rng.random(samples) + np.pi * labels
    corner = np.array([[1.0], [0.5]]) * labels
    return _blurred(np.array([np.cos(angle), np.sin(angle)]) + corner, noise, rng), labels


def _labels(samples: int) -> np.ndarray:
    integer("samples", samples, 2)
    return (2 * np.arange(samples) >= samples + samples % 2).astype(np.int64)


def _blurred(coordinates: np.ndarray, noise: float, rng: np.random.Generator) -> np.ndarray:
    noise = real("noise", noise, least=0)
    return np.asarray(coordinates.T + noise * rng.standard_normal(coordinates.T.shape))
