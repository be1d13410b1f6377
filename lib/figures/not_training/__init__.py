"""Figures of the page on networks that do not train: book/not-training.md."""

from lib.figures.not_training._examined import MENUS, examined, in_superscript
from lib.figures.not_training._limits import LIMITS
from lib.figures.not_training._symptoms import (
    inner_shapes,
    loss_shapes,
    other_shapes,
    quiet_shapes,
    sick_and_healthy,
    wrong_shapes,
)

__all__ = [
    "LIMITS", "MENUS", "examined", "in_superscript", "inner_shapes", "loss_shapes",
    "other_shapes", "quiet_shapes", "sick_and_healthy", "wrong_shapes",
]  # fmt: skip
