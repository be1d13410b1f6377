"""What theory says of the start of a training."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lib._checks import instance
from lib._values import ByValue, cached
from lib.laboratory._settings import TWIN, Settings
from lib.theory import forecast, gaussian


@dataclass(frozen=True, eq=False)
class Expected(ByValue):
    """What theory says of the start, for wide layers.

    Attributes
    ----------
    log10_gradient : ndarray, shape (depth,)
        Decimal logarithm of the gradient, relative to that of the last hidden layer.
    spread : ndarray, shape (depth,)
        Root mean square of the activations.
    """

    log10_gradient: np.ndarray
    spread: np.ndarray


def expected(settings: Settings) -> Expected:
    """Predict the start of a training.

    Parameters
    ----------
    settings : Settings

    Returns
    -------
    Expected
    """
    found: Expected = _expected(
        instance("settings", settings, Settings, "made by lib.laboratory.Settings")
    )
    return found


@cached(64)
def _expected(settings: Settings) -> Expected:
    found, phi = forecast(settings.description), settings.description.phi
    square = gaussian.expectation(
        lambda h: phi.kernel(h) ** 2, np.minimum(found.q, 1e100), breaks=gaussian.kinks(phi)
    )
    if settings.start == TWIN:  # its outputs are (1 + tanh h) / 2
        square = (1 + square) / 4
    return Expected(found.log10_gradient, np.sqrt(square))
