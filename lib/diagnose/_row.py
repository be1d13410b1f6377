"""What is collected of one layer of a PyTorch model."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

CALLED_OVER_TIME = 4  # calls of a layer in one pass


@dataclass
class Row:
    """What is collected of one layer."""

    name: str
    kind: str
    axis: int = -1  # of the units
    parameters: list[Any] = field(default_factory=list)
    module: Any = None
    functions: list[str] = field(default_factory=list)
    calls: int = 0
    sums: dict[str, list[float]] = field(default_factory=dict)
    dead: Any = None  # by unit, of all calls so far
    deltas: dict[int, float] = field(default_factory=dict)
    steps: dict[int, float] = field(default_factory=dict)
    counts: np.ndarray = field(default_factory=lambda: np.zeros(3))
    post_norm: bool = False

    def note(self, name: str, value: float) -> None:
        self.sums.setdefault(name, []).append(value)

    def mean(self, name: str) -> float:
        values = self.sums.get(name, [])
        return float(np.mean(values)) if values else np.nan

    def rms(self, name: str) -> float:
        values = np.array(self.sums.get(name, []))
        if not values.size:
            return np.nan
        peak = float(np.max(values))
        if not 0 < peak < np.inf:
            return peak
        return float(peak * np.sqrt(np.mean((values / peak) ** 2)))


def over_time(row: Row) -> dict[int, float]:
    """Gradient by time step, of a recurrent layer or of one that is called for every step."""
    return row.steps or (row.deltas if len(row.deltas) >= CALLED_OVER_TIME else {})
