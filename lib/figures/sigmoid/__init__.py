"""Figures of the chapter on the sigmoid: book/sigmoid.md."""

from lib.figures.sigmoid._curve import (
    evidence,
    logistic_fit,
    logistic_unit,
    tangent,
    three_scales,
    two_losses,
)
from lib.figures.sigmoid._trained import border, composed, deep_networks_learn, waiting_time

__all__ = [
    "border", "composed", "deep_networks_learn", "evidence", "logistic_fit", "logistic_unit",
    "tangent", "three_scales", "two_losses", "waiting_time",
]  # fmt: skip
