"""Drawings of backpropagation, by hand and in a layer: book/activation-functions.md."""

from lib.figures.backpropagation._layer import ERROR, HEARD, LAYER, MARKS, layer
from lib.figures.backpropagation._one_rate import (
    EXAMPLES,
    FIRST,
    LAST,
    descend,
    one_rate,
    two_layer_gradients,
)
from lib.figures.backpropagation._three_units import (
    INPUT,
    WEIGHTS,
    Passes,
    passes,
    three_units,
    wiggle,
)

__all__ = [
    "ERROR", "EXAMPLES", "FIRST", "HEARD", "INPUT", "LAST", "LAYER", "MARKS", "WEIGHTS",
    "Passes", "descend", "layer", "one_rate", "passes", "three_units", "two_layer_gradients",
    "wiggle",
]  # fmt: skip
