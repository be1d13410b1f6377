"""Small real data sets, shipped with the book: nothing is downloaded."""

import numpy as np

LAUNCHES = (
    (66, 0), (70, 1), (69, 0), (68, 0), (67, 0), (72, 0), (73, 0), (70, 0),
    (57, 1), (63, 1), (70, 1), (78, 0), (67, 0), (53, 1), (67, 0), (75, 0),
    (70, 0), (81, 0), (76, 0), (79, 0), (75, 1), (76, 0), (58, 1),
)  # fmt: skip


def o_rings() -> tuple[np.ndarray, np.ndarray]:
    """Temperature and O-ring damage of the space shuttle launches before *Challenger*'s last.

    Returns
    -------
    temperature : ndarray of float64, shape (23,)
        Temperature of the joints at launch, in degrees Fahrenheit, in the order of the flights.
    damaged : ndarray of float64, shape (23,)
        1 where at least one of the six primary O-rings showed thermal distress, else 0. The one
        launch whose rings were lost at sea is not in the data.

    References
    ----------
    S. R. Dalal, E. B. Fowlkes, B. Hoadley, "Risk analysis of the space shuttle: pre-Challenger
    prediction of failure", Journal of the American Statistical Association 84(408), 945-957, 1989,
    table 1. Also in the UCI Machine Learning Repository as "Challenger USA Space Shuttle O-Ring"
    (CC BY 4.0).

    Notes
    -----
    Used in: book/sigmoid.md.

    Examples
    --------
    >>> temperature, damaged = o_rings()
    >>> temperature.min(), int(damaged.sum())
    (np.float64(53.0), 7)
    """
    temperature, damaged = np.array(LAUNCHES, dtype=np.float64).T
    return temperature, damaged
