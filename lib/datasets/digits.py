"""Handwritten digits of eight by eight pixels."""

from dataclasses import dataclass
from importlib.resources import files

import numpy as np

from lib._checks import integer
from lib._values import ByValue, cached, frozen

TRAINING = 1437


@dataclass(frozen=True, eq=False)
class Digits(ByValue):
    """Images and labels, split into a part to train on and a part to test on; read-only.

    Attributes
    ----------
    train_images : ndarray of float64, shape (images, 64)
        Row by row, centered and scaled: the training images have mean 0 in every pixel, and
        variance 1 over all pixels together.
    train_labels : ndarray of int64, shape (images,)
        0 to 9.
    test_images, test_labels : ndarray
        Centered and scaled with the numbers of the training images.
    """

    train_images: np.ndarray
    train_labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray


def digits(training: int = TRAINING) -> Digits:
    """Handwritten digits, 8 x 8 pixels: the first 1437 to train on, the last 360 to test on.

    Parameters
    ----------
    training : int
        How many of the 1437 training images to take, from the first on. Default all.

    Returns
    -------
    Digits

    Raises
    ------
    TypeError, ValueError
        If `training` is not an integer from 10 to 1437.

    References
    ----------
    E. Alpaydin, C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning
    Repository, 1998, doi:10.24432/C50P49 (CC BY 4.0), its test part.

    Examples
    --------
    >>> data = digits()
    >>> data.train_images.shape, data.test_images.shape, data.train_labels[:5]
    ((1437, 64), (360, 64), array([0, 1, 2, 3, 4]))
    """
    if integer("training", training, 10) > TRAINING:
        raise ValueError(f"training must be from 10 to {TRAINING}; got {training!r}")
    images, labels = _shipped()
    first = images[:training]
    center = first.mean(axis=0)
    scale = np.sqrt(np.mean((first - center) ** 2))
    scaled = (images - center) / scale
    return frozen(
        Digits(scaled[:training], labels[:training], scaled[TRAINING:], labels[TRAINING:])
    )


@cached()
def _shipped() -> tuple[np.ndarray, np.ndarray]:
    with (files("lib.datasets") / "digits.npz").open("rb") as file, np.load(file) as stored:
        return stored["images"].astype(np.float64), stored["labels"].astype(np.int64)
