"""Linear recurrences before training: book/linear-recurrence.md."""

import numpy as np

from lib import recurrent

UNITS, NETWORKS = 32, 4
STARTS = {
    "disk": recurrent.Start(),
    "ring": recurrent.Start(ring=(0.9, 0.999), phase=np.pi / 10),
    "chrono": recurrent.Start(longest=200),
}


def eigenvalues(drawn: str) -> tuple[np.ndarray, np.ndarray]:
    """Draw eigenvalues from one of `STARTS`.

    Returns
    -------
    modulus, angle : ndarray, shape (networks * units,)
    """
    weights = STARTS[drawn].draw(recurrent.LRU(1, 2 * UNITS), range(NETWORKS))
    return np.exp(-np.exp(weights["nu"])).ravel(), weights["theta"].ravel()
