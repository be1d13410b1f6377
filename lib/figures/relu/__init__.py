"""Figures of the chapter on ReLU: book/relu.md."""

from lib.figures.relu._start import batch_normalized, initialized, silent_and_dead
from lib.figures.relu._trained import (
    dying_by_layer,
    learning_speed,
    machine_features,
    thirty_layers,
)
from lib.figures.relu._units import SIGNALS, dying, fans, half_is_kept, stepped_sigmoids

__all__ = [
    "SIGNALS", "batch_normalized", "dying", "dying_by_layer", "fans", "half_is_kept",
    "initialized", "learning_speed", "machine_features", "silent_and_dead", "stepped_sigmoids",
    "thirty_layers",
]  # fmt: skip
