"""Drawings of backpropagation, by hand and in a layer: book/activation-functions.md."""

from lib.figures.backpropagation._layer import ERROR, HEARD, LAYER, MARKS, layer
from lib.figures.backpropagation._one_rate import one_rate
from lib.figures.backpropagation._three_units import three_units, wiggle

__all__ = [
    "ERROR", "HEARD", "LAYER", "MARKS", "layer", "one_rate", "three_units", "wiggle",
]  # fmt: skip
