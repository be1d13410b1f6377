r"""One eigenvalue of a linear recurrence: how long it remembers, and how hard it is to learn.

The state is :math:`h_t = \lambda h_{t-1} + \gamma x_t` with :math:`\lambda = r e^{i\theta}`.

Used in: book/linear-recurrence.md.
"""

import numpy as np
from numpy.typing import ArrayLike

from lib._checks import boolean, choice, finite, integer, real

PARAMETERS = ("modulus", "nu", "angle")


def half_life(modulus: float) -> float:
    r"""Count the steps after which half of a state is left.

    Parameters
    ----------
    modulus : float
        Of the eigenvalue, from 0 to 1.

    Returns
    -------
    float
        :math:`\ln 2 / (-\ln r)`; infinite at 1.

    Examples
    --------
    >>> round(half_life(0.999), 1), half_life(0.5), half_life(1.0)
    (692.8, 1.0, inf)
    """
    modulus = real("modulus", modulus, least=0, most=1)
    if modulus in (0.0, 1.0):
        return 0.0 if modulus == 0 else float("inf")
    return float(-np.log(2) / np.log(modulus))


def impulse_response(modulus: float, angle: float, steps: int) -> np.ndarray:
    r"""Follow an input of 1 through so many steps, as a real read-out sees it.

    Parameters
    ----------
    modulus : float
        From 0 to 1.
    angle : float
        In radians.
    steps : int
        At least 0.

    Returns
    -------
    ndarray of float64, shape (steps + 1,)
        Real part of :math:`\lambda^k` for k = 0, 1, ..., `steps`.

    Examples
    --------
    >>> impulse_response(0.5, 0.0, 3)
    array([1.   , 0.5  , 0.25 , 0.125])
    """
    modulus = real("modulus", modulus, least=0, most=1)
    angle, k = real("angle", angle), np.arange(integer("steps", steps, 0) + 1)
    return np.asarray(modulus**k * np.cos(angle * k))


def sensitivity(
    modulus: ArrayLike, *, parameter: str = "nu", normalized: bool = True
) -> np.ndarray:
    r"""How strongly a state in the long run responds to a change of its eigenvalue.

    Parameters
    ----------
    modulus : array_like
        Greater than 0 and less than 1.
    parameter : {"modulus", "nu", "angle"}
        What is changed: the modulus itself, :math:`\nu` in :math:`r = \exp(-e^\nu)` (default), or
        the angle in radians.
    normalized : bool
        Whether the inputs have the factor :math:`\gamma = \sqrt{1 - r^2}`, which changes with the
        modulus; else it is 1. Default True.

    Returns
    -------
    ndarray of float64
        Root mean square of the derivative, a complex number, for independent inputs of variance 1.

    References
    ----------
    Zucchet & Orvieto, "Recurrent neural networks: vanishing and exploding gradients are not the
    end of the story", NeurIPS 2024, section 3.

    Examples
    --------
    >>> sensitivity([0.9, 0.999], parameter="nu").round(3)
    array([0.499, 0.5  ])
    >>> sensitivity([0.9, 0.999], parameter="angle").round(1)
    array([  6.4, 706.4])
    """
    choice("parameter", parameter, PARAMETERS)
    r = finite("modulus", modulus)
    if not ((r > 0) & (r < 1)).all():
        raise ValueError(f"modulus must lie between 0 and 1; got {modulus!r}")
    left = (1 - r) * (1 + r)
    if boolean("normalized", normalized):
        by_modulus, by_angle = 1 / left, r * np.sqrt(1 + r**2) / left
    else:
        by_modulus = np.sqrt(1 + r**2) / left**1.5
        by_angle = r * by_modulus
    if parameter == "angle":
        return np.asarray(by_angle)
    return np.asarray(by_modulus if parameter == "modulus" else by_modulus * -r * np.log(r))
