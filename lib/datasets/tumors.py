"""Measurements of breast tumors, benign and malignant."""

from importlib.resources import files

import numpy as np

FEATURES = ("radius", "texture", "smoothness", "symmetry")


def tumors() -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """Four measurements of each of 569 breast tumors, and which of them were malignant.

    Returns
    -------
    measurements : ndarray of float64, shape (569, 4)
        Means over the cell nuclei of a sample: radius (in pixels of the microscope's picture),
        texture (standard deviation of the gray values), smoothness (relative variation of the
        radius along the border) and symmetry (relative difference of the two halves).
    malignant : ndarray of float64, shape (569,)
        1 for malignant, 0 for benign.
    names : tuple of str
        Of the measurements.

    References
    ----------
    W. H. Wolberg, O. L. Mangasarian, W. N. Street, "Breast Cancer Wisconsin (Diagnostic)", UCI
    Machine Learning Repository, 1995, doi:10.24432/C5DW2B (CC BY 4.0).

    Examples
    --------
    >>> measurements, malignant, names = tumors()
    >>> measurements.shape, int(malignant.sum()), names[0]
    ((569, 4), 212, 'radius')
    """
    with (files("lib.datasets") / "tumors.csv").open() as file:
        table = np.loadtxt(file, delimiter=",", skiprows=1)
    return table[:, :4], table[:, 4], FEATURES
