"""Figures of the chapter on recurrent networks: book/rnn-lstm.md."""

from lib.figures.recurrent._cliff import BEYOND, cliff, descent
from lib.figures.recurrent._gradient import (
    CELL_NETWORKS,
    CELLS,
    MAP_STEPS,
    MAP_UNITS,
    NETWORKS,
    SETTLING,
    STEPS,
    UNITS,
    all_pairs,
    cell_gradients,
    direct_and_total,
    gradient_through_time,
    memory_span,
    pair_maps,
    through_time,
)
from lib.figures.recurrent._unrolled import (
    FIRST_STATE,
    READ,
    lstm_unrolled,
    unit_through_time,
    unrolled,
)

__all__ = [
    "BEYOND", "CELLS", "CELL_NETWORKS", "FIRST_STATE", "MAP_STEPS", "MAP_UNITS", "NETWORKS",
    "READ", "SETTLING", "STEPS", "UNITS", "all_pairs", "cell_gradients", "cliff", "descent",
    "direct_and_total", "gradient_through_time", "lstm_unrolled", "memory_span", "pair_maps",
    "through_time", "unit_through_time", "unrolled",
]  # fmt: skip
