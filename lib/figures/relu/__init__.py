"""Figures of the chapter on ReLU: book/relu.md."""

from lib.figures.relu._start import (
    DEEPEST,
    EXAMPLES,
    HIDDEN,
    INITIALIZATIONS,
    NETWORKS,
    NORMALIZED_BATCH,
    REPLICAS,
    batch_normalized,
    census,
    initialized,
    mean_cosine,
    normalized_profile,
    silent_and_dead,
    unit_profile,
)
from lib.figures.relu._trained import (
    dying_by_layer,
    learning_speed,
    machine_features,
    thirty_layers,
)
from lib.figures.relu._units import (
    SIGNALS,
    OneUnit,
    dying,
    fans,
    half_is_kept,
    one_unit,
    stepped_sigmoids,
)

__all__ = [
    "DEEPEST", "EXAMPLES", "HIDDEN", "INITIALIZATIONS", "NETWORKS", "NORMALIZED_BATCH",
    "REPLICAS", "SIGNALS", "OneUnit", "batch_normalized", "census", "dying", "dying_by_layer",
    "fans", "half_is_kept", "initialized", "learning_speed", "machine_features", "mean_cosine",
    "normalized_profile", "one_unit", "silent_and_dead", "stepped_sigmoids", "thirty_layers",
    "unit_profile",
]  # fmt: skip
