"""Problems with a long time lag: what must be known at the end was read long before.

Each function returns inputs of shape ``(steps, inputs, samples)``, as a recurrent cell reads them,
and what should be said about each sample: at the last step, or, if there is an axis of steps, at
the last so many steps.
"""

import numpy as np
from numpy.typing import ArrayLike

from lib._checks import finite, generator, integer

Sequences = tuple[np.ndarray, np.ndarray]

LETTERS = ("X", "Y", "a", "b", "c", "d")
ORDERS = ("XX", "XY", "YX", "YY")
SHORTEST = 10  # below it a tenth of a sequence has no whole step


def adding(length: int, samples: int, rng: np.random.Generator | int) -> Sequences:
    """Sum two numbers out of many, marked long before the end.

    Each step has a number, uniform from 0 to 1, and a marker, which is 1 at two steps and else 0.
    The first lies in the first tenth of the sequence, the second after that, in its first half.

    Parameters
    ----------
    length : int
        Number of steps, at least 10.
    samples : int
        At least 1.
    rng : numpy.random.Generator or int
        Source of randomness, or a seed.

    Returns
    -------
    inputs : ndarray of float64, shape (length, 2, samples)
        Numbers and markers.
    targets : ndarray of float64, shape (samples,)
        Sums of the two marked numbers. Always to say 1, their mean, has a squared error of 1/6.

    Raises
    ------
    TypeError, ValueError
        If an argument is not such a number.

    References
    ----------
    Hochreiter & Schmidhuber, "Long Short-Term Memory", Neural Computation 9, 1997, experiment 4,
    here without the markers -1 at both ends and with numbers from 0 to 1.

    Examples
    --------
    >>> inputs, targets = adding(20, 5, rng=0)
    >>> bool(np.allclose((inputs[:, 0] * inputs[:, 1]).sum(axis=0), targets))
    True
    """
    length, samples = integer("length", length, SHORTEST), integer("samples", samples, 1)
    rng = generator("rng", rng)
    numbers = rng.random((length, samples))
    tenth, half = length // 10, length // 2
    first, second = rng.integers(tenth, size=samples), rng.integers(tenth, half, size=samples)
    markers, every = np.zeros_like(numbers), np.arange(samples)
    markers[first, every] = markers[second, every] = 1
    targets = numbers[first, every] + numbers[second, every]
    return np.stack([numbers, markers], axis=1), targets


def temporal_order(length: int, samples: int, rng: np.random.Generator | int) -> Sequences:
    """Tell in which order two letters came, long before the end, among others without meaning.

    Both are X or Y. The first stands in the second tenth of the sequence, the other in the sixth;
    everywhere else stands one of a, b, c and d.

    Parameters
    ----------
    length, samples, rng
        As for `adding`.

    Returns
    -------
    inputs : ndarray of float64, shape (length, 6, samples)
        1 for the letter of the step, 0 for the others; in the order X, Y, a, b, c, d.
    classes : ndarray of int64, shape (samples,)
        0 for XX, 1 for XY, 2 for YX, 3 for YY.

    Raises
    ------
    TypeError, ValueError
        If an argument is not such a number.

    References
    ----------
    Hochreiter & Schmidhuber, "Long Short-Term Memory", Neural Computation 9, 1997, experiment 6a,
    without its letters for start and end; Pascanu, Mikolov & Bengio, "On the difficulty of
    training recurrent neural networks", ICML 2013, section 4.1.

    Examples
    --------
    >>> inputs, classes = temporal_order(20, 1, rng=0)
    >>> "".join(LETTERS[k] for k in inputs[:, :, 0].argmax(axis=1)), ORDERS[classes[0]]
    ('dccXbaaaadYdccdccccd', 'XY')
    """
    length, samples = integer("length", length, SHORTEST), integer("samples", samples, 1)
    rng = generator("rng", rng)
    letters = rng.integers(2, len(LETTERS), size=(length, samples))
    told, every = rng.integers(2, size=(2, samples)), np.arange(samples)
    for tenth, letter in zip((1, 5), told, strict=True):
        at = rng.integers(length * tenth // 10, length * (tenth + 1) // 10, size=samples)
        letters[at, every] = letter
    return _one_hot(letters, len(LETTERS)), 2 * told[0] + told[1]


def copying(
    length: int, samples: int, rng: np.random.Generator | int, *, items: int = 5, symbols: int = 8
) -> Sequences:
    """Repeat a list, long after it was read.

    The list comes first, then nothing. A signal stands just before the last steps, in which the
    list has to be said in its order: each item just `length` - `items` steps after it was read.

    Parameters
    ----------
    length : int
        Number of steps, at least 2 `items` + 1.
    samples, rng
        As for `adding`.
    items : int
        Length of the list, at least 1. Default 5.
    symbols : int
        How many different items there are, at least 2. Default 8.

    Returns
    -------
    inputs : ndarray of float64, shape (length, symbols + 2, samples)
        1 for what is read at the step: one of the symbols, nothing, or the signal.
    classes : ndarray of int64, shape (items, samples)
        What to say at the last steps. What is said before does not count.

    Raises
    ------
    TypeError, ValueError
        If an argument is not such a number.

    References
    ----------
    After Hochreiter & Schmidhuber, "Long Short-Term Memory", Neural Computation 9, 1997; in this
    form Arjovsky, Shah & Bengio, "Unitary Evolution Recurrent Neural Networks", ICML 2016, who
    also judge what is said before.

    Examples
    --------
    >>> inputs, classes = copying(12, 1, rng=0, items=3)
    >>> "".join("01234567 !"[k] for k in inputs[:, :, 0].argmax(axis=1)), classes[:, 0]
    ('654     !   ', array([6, 5, 4]))
    """
    items, symbols = integer("items", items, 1), integer("symbols", symbols, 2)
    length, samples = integer("length", length, 2 * items + 1), integer("samples", samples, 1)
    classes = generator("rng", rng).integers(symbols, size=(items, samples))
    read = np.full((length, samples), symbols)
    read[:items] = classes
    read[length - items - 1] = symbols + 1
    return _one_hot(read, symbols + 2), classes


def pixel_rows(images: ArrayLike, *, pixels: int = 8) -> np.ndarray:
    """Read images from the top left to the bottom right, some pixels at a step.

    Parameters
    ----------
    images : array_like, shape (samples, pixels of an image)
        Row by row, like those of `digits`.
    pixels : int
        How many to read at a step; must divide the size of an image. Default 8: a row of a digit.
        With 1 a digit takes 64 steps, pixel by pixel.

    Returns
    -------
    ndarray, shape (steps, pixels, samples)

    Raises
    ------
    TypeError, ValueError
        If `images` is not such an array, or `pixels` does not divide its rows.

    References
    ----------
    Le, Jaitly & Hinton, "A Simple Way to Initialize Recurrent Networks of Rectified Linear Units",
    2015, who read larger digits pixel by pixel.

    Examples
    --------
    >>> from lib import datasets
    >>> images = datasets.digits().train_images
    >>> pixel_rows(images).shape, pixel_rows(images, pixels=1).shape
    ((8, 8, 1437), (64, 1, 1437))
    """
    images, pixels = finite("images", images), integer("pixels", pixels, 1)
    if images.ndim != 2 or 0 in images.shape:
        raise ValueError(f"images must have shape (samples, pixels); got {images.shape}")
    if images.shape[1] % pixels:
        raise ValueError(f"pixels must divide {images.shape[1]}; got {pixels}")
    return np.ascontiguousarray(images.reshape(len(images), -1, pixels).transpose(1, 2, 0))


def _one_hot(classes: np.ndarray, count: int) -> np.ndarray:
    """Turn integers of shape (steps, samples) into ones among zeros."""
    result = np.zeros((len(classes), count, classes.shape[1]))
    np.put_along_axis(result, classes[:, None], 1.0, axis=1)
    return result
