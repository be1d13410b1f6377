"""Read the numbers in the captions of figures, as a reader does."""

import numpy as np

from lib.figures.render import Stage

SUPERSCRIPTS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
NUMBER = r"(\d+(?:\.\d+)?(?:·10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?)"


def caption(draw, **parameters) -> str:
    return Stage(draw).frame(parameters).caption


def log10(text: str) -> float:
    """Decimal logarithm of a number as captions write it, 2.5·10⁻¹⁴ among them."""
    mantissa, _, exponent = text.partition("·10")
    return np.log10(float(mantissa)) + (int(exponent.translate(SUPERSCRIPTS)) if exponent else 0)


def value(text: str) -> float:
    """Read a number as captions write it."""
    mantissa, _, exponent = text.partition("·10")
    return float(mantissa) * 10.0 ** (int(exponent.translate(SUPERSCRIPTS)) if exponent else 0)
