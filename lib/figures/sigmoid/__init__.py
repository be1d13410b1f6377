"""Figures of the chapter on the sigmoid: book/sigmoid.md."""

from lib.figures.sigmoid._curve import (
    evidence,
    fitted,
    logistic_fit,
    logistic_unit,
    tangent,
    three_scales,
    two_losses,
)
from lib.figures.sigmoid._trained import (
    EXTENT,
    PLANE,
    POINTS,
    border,
    composed,
    deep_networks_learn,
    trained_plane,
    waiting_time,
)

__all__ = [
    "EXTENT", "PLANE", "POINTS", "border", "composed", "deep_networks_learn", "evidence",
    "fitted", "logistic_fit", "logistic_unit", "tangent", "three_scales", "trained_plane",
    "two_losses", "waiting_time",
]  # fmt: skip
