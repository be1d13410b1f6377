"""What a diagnosis returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lib._checks import integer
from lib._values import ByValue
from lib.diagnose._rules import Finding, findings, percent, verdict
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
        layers, columns = self.layers, []

        def add(head: str, entries: list[str]) -> None:
            if any(entry not in (MISSING, "") for entry in entries):
                columns.append([head, *entries])

        def predict(name: str) -> np.ndarray:
            if self.predicted is None:
                return np.full(len(layers), np.nan)
            return np.asarray(getattr(self.predicted, name))

        add("layer", [str(k + 1) for k in range(len(layers))])
        add("name", [*layers.names])
        add("kind", [*layers.kinds])
        add("function", [*layers.functions])
        add("gradient", [_number(v) for v in _of_last(layers.gradient, layers.weighted)])
        add("theory", [_number(v) for v in predict("gradient")])
        if np.isnan(layers.update).all():
            with np.errstate(divide="ignore", invalid="ignore"):
                ratio = layers.weight_gradient / layers.weight
            add("gradient/weight", [_number(v) for v in np.where(np.isinf(ratio), np.nan, ratio)])
        else:
            add("update/weight", [_number(v) for v in layers.update])
        add("signal", [_number(v) for v in layers.signal])
        add("theory", [_number(v) for v in predict("signal")])
        add("spread", [_number(v) for v in layers.spread])
        add("dead", [_share(v) for v in layers.dead])
        add("saturated", [_share(v) for v in layers.saturated])
        add("likeness", [_likeness(v) for v in layers.likeness])
        half = layers.precision if layers.precision == "bfloat16" else "float16"
        add(f"0 in {half}", [_share(v) for v in getattr(layers, half)])
        add("first step", [_number(v) for v in layers.first_step])
        lines = []
        widths = [max(len(entry) for entry in column) for column in columns]
        text = {"layer", "name", "kind", "function"}
        for k in range(len(layers) + 1):
            cells = [
                column[k].ljust(width) if column[0] in text else column[k].rjust(width)
                for column, width in zip(columns, widths, strict=True)
            ]
            lines.append("  ".join(cells).rstrip())
        if len(layers) > rows:
            front = rows // 2
            left_out = f"... {len(layers) - rows} layers ..."
            lines = [*lines[: front + 1], left_out, *lines[len(lines) - (rows - front) :]]
        return "\n".join(lines)

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
