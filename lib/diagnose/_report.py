"""What a diagnosis returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lib._checks import integer
from lib._values import ByValue
from lib.diagnose._finding import Finding, percent
from lib.diagnose._rules import findings, verdict
from lib.diagnose._table import Layers

MISSING = "-"


def _of_last(values: np.ndarray, weighted: np.ndarray) -> np.ndarray:
    known = np.flatnonzero(weighted & np.isfinite(values) & (values > 0))
    if not known.size:
        return np.full(values.size, np.nan)
    return np.asarray(values / values[known[-1]])


def _number(value: float) -> str:
    return MISSING if np.isnan(value) else f"{value:.2g}"


def _share(value: float) -> str:
    return MISSING if np.isnan(value) else percent(value)


def _likeness(value: float) -> str:
    if np.isnan(value):
        return MISSING
    return f"1-{max(1 - value, 1e-16):.0e}" if value > 0.99 else f"{value:.2f}"


def _aligned(columns: list[list[str]]) -> list[str]:
    """Set columns side by side: text to the left, numbers to the right."""
    lines = []
    widths = [max(len(entry) for entry in column) for column in columns]
    text = {"layer", "name", "kind", "function"}
    for k in range(len(columns[0])):
        cells = [
            column[k].ljust(width) if column[0] in text else column[k].rjust(width)
            for column, width in zip(columns, widths, strict=True)
        ]
        lines.append("  ".join(cells).rstrip())
    return lines


@dataclass(frozen=True, eq=False)
class Report(ByValue):
    """What `diagnose` and `diagnose_arrays` return; printed, it is the verdict and the table.

    Attributes
    ----------
    layers : Layers
        What was measured.
    predicted : Layers or None
        What mean-field theory predicts for random weights of the same variances, row by row, NaN
        where it does not cover the architecture; None where it covers none of it.
    loss : float
        NaN if not known.
    findings : tuple of Finding
    verdict : str
    """

    layers: Layers
    predicted: Layers | None = None
    loss: float = float("nan")

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The causes, the severe ones first."""
        return findings(self.layers)

    @property
    def verdict(self) -> str:
        """The first cause with layer, number and remedy, or ``"no cause found"``."""
        return verdict(self.findings)

    def table(self, rows: int = 60) -> str:
        """Write what was measured as text, one line per layer.

        Gradient is that of the layer's output relative to the last layer, update the size of one
        step relative to the weights (without a learning rate: the gradient relative to the
        weights), signal and spread the root mean square of the output and its standard deviation
        over the inputs. A column in which nothing is known is left out.

        Parameters
        ----------
        rows : int
            At most so many lines; the middle is left out. Default 60.
        """
        rows = integer("rows", rows, 2)
        lines = _aligned(self._columns())
        if len(self.layers) > rows:
            front = rows // 2
            left_out = f"... {len(self.layers) - rows} layers ..."
            lines = [*lines[: front + 1], left_out, *lines[len(lines) - (rows - front) :]]
        return "\n".join(lines)

    def _columns(self) -> list[list[str]]:
        """Columns of the table, each with its head, without those in which nothing is known."""
        layers = self.layers
        if np.isnan(layers.update).all():
            with np.errstate(divide="ignore", invalid="ignore"):
                ratio = layers.weight_gradient / layers.weight
            step = ("gradient/weight", np.where(np.isinf(ratio), np.nan, ratio))
        else:
            step = ("update/weight", layers.update)
        half = layers.precision if layers.precision == "bfloat16" else "float16"
        columns = [
            ["layer", *(str(k + 1) for k in range(len(layers)))],
            ["name", *layers.names],
            ["kind", *layers.kinds],
            ["function", *layers.functions],
            ["gradient", *map(_number, _of_last(layers.gradient, layers.weighted))],
            ["theory", *map(_number, self._theory("gradient"))],
            [step[0], *map(_number, step[1])],
            ["signal", *map(_number, layers.signal)],
            ["theory", *map(_number, self._theory("signal"))],
            ["spread", *map(_number, layers.spread)],
            ["dead", *map(_share, layers.dead)],
            ["saturated", *map(_share, layers.saturated)],
            ["likeness", *map(_likeness, layers.likeness)],
            [f"0 in {half}", *map(_share, getattr(layers, half))],
            ["first step", *map(_number, layers.first_step)],
        ]
        return [c for c in columns if any(entry not in (MISSING, "") for entry in c[1:])]

    def _theory(self, name: str) -> np.ndarray:
        if self.predicted is None:
            return np.full(len(self.layers), np.nan)
        return np.asarray(getattr(self.predicted, name))

    def __str__(self) -> str:
        """Write verdict, further findings and table."""
        told = [f"[{finding.severity}] {finding.sentence}" for finding in self.findings]
        return "\n".join([f"Verdict: {self.verdict}", *told, "", self.table()])

    def figure(self) -> Any:
        """Draw gradient, signal and likeness by layer, with what theory predicts.

        Returns
        -------
        matplotlib.figure.Figure
            With the verdict as its title.
        """
        from lib.figures import diagnosis  # drawn above this floor, and only if asked for

        return diagnosis.figure(self)
