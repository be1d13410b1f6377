"""What a rule returns, and what rules say in the same words: numbers, severity and remedy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lib.diagnose._limits import NORMALIZED, SEVERE
from lib.diagnose._table import Layers


@dataclass(frozen=True)
class Finding:
    """One cause, as `findings` returns it.

    Attributes
    ----------
    cause : str
        One of `CAUSES`.
    severity : {"severe", "moderate", "note"}
        A note says what may be intended, and does not count for the verdict.
    layers : tuple of str
        Names of the layers concerned, the worst first.
    number : float
        What was measured of the worst one.
    sentence : str
        Names layer, number and remedy.
    remedy : str
        The smallest change to try first.
    """

    cause: str
    severity: str
    layers: tuple[str, ...]
    number: float
    sentence: str
    remedy: str


def power(value: float) -> str:
    """Write a number as a power of ten where that is shorter.

    >>> power(1.2e-7), power(0.25), power(3.2e9), power(0.0)
    ('10^-7', '0.25', '10^10', '0')
    """
    if value == 0 or not math.isfinite(value):
        return f"{value:.0f}"
    if 1e-2 <= abs(value) < 1e4:
        return f"{value:.2g}" if abs(value) < 100 else f"{value:.0f}"
    return f"10^{round(math.log10(abs(value)))}"


def decade(factor: float) -> str:
    """Round a factor to a power of ten, since a rule of thumb knows no more.

    >>> decade(520.0), decade(1.6e5), decade(30.0)
    ('1000', '10^5', '10')
    """
    exponent = round(math.log10(factor)) if 0 < factor < math.inf else 0
    return str(10**exponent) if 0 < exponent < 4 else power(10.0**exponent)


def percent(share: float) -> str:
    """Write a share in percent.

    >>> percent(0.734), percent(1.0)
    ('73%', '100%')
    """
    return f"{100 * share:.0f}%"


def grade(size: float, limit: float = SEVERE) -> str:
    return "severe" if size >= limit else "moderate"


def finding(
    table: Layers, cause: str, severity: str, rows: Sequence[int], number: float, told: str,
    remedy: str,
) -> Finding:  # fmt: skip
    names = tuple(table.names[row] for row in rows)
    return Finding(cause, severity, names, float(number), f"{told}: {remedy}", remedy)


def hidden_rows(table: Layers) -> np.ndarray:
    """Rows before the output layer, which is the last one with weights."""
    rows = np.arange(len(table))
    weighted = rows[table.weighted]
    return rows < weighted[-1] if weighted.size else rows < 0


def _initializer(table: Layers) -> str:
    """Name the variance that keeps the signal with the functions of the network."""
    functions = " ".join(table.functions)
    if any(name in functions for name in ("relu", "gelu", "silu", "elu", "mish")):
        return "draw the weights with variance 2/fan-in (He's initializer)"
    if "sigmoid" in functions and "tanh" not in functions:
        return "use tanh or ReLU in place of the sigmoid, with Xavier's or He's initializer"
    return "draw the weights with variance 1/fan-in (Xavier's), or 2/fan-in for ReLU (He's)"


def has(table: Layers, *kinds: str) -> bool:
    return any(kind in kinds for kind in table.kinds)


def repair(table: Layers) -> str:
    """Name the smallest change that keeps a gradient over the depth."""
    remedy = _initializer(table)
    plain = not has(table, "residual", "block", "post-norm")
    deep = plain and int(table.weighted.sum()) > NORMALIZED
    if not deep and not has(table, "normalization", "post-norm"):
        return f"{remedy}, or normalize the layers"
    if plain:
        return f"{remedy}, or add residual connections around the layers"
    return remedy


def quotient(one: float, other: float) -> float:
    """Divide, with 0/0 and what is not known as NaN."""
    if not (math.isfinite(one) and math.isfinite(other)) or (one == 0 and other == 0):
        return math.nan
    return math.inf if other == 0 else one / other
