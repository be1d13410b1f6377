"""Rules about the gradient on its way back: over depth, over time, in half precision."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from lib.diagnose._finding import Finding, finding, grade, percent, power, repair
from lib.diagnose._limits import (
    ALL,
    EXPLODED,
    EXPLODED_IN_TIME,
    LOST_IN_TIME,
    UNDERFLOWED,
    UPDATE_LEAST,
    VANISHED,
)
from lib.diagnose._table import Layers


def _explained(table: Layers) -> int:
    """Return the last row with a reason for a gradient of exactly zero, -1 if there is none."""
    held = (np.nan_to_num(table.dead) > ALL) | (table.weight == 0)
    rows = np.flatnonzero(held | ((table.trainable >= 0.5) & (table.reached == 0)))
    return int(rows[-1]) if rows.size else -1


@dataclass(frozen=True)
class _Compared:
    """The gradient of each layer with weights, relative to that of the last one."""

    rows: np.ndarray
    ratio: np.ndarray
    fallen: np.ndarray  # the milder of two ratios, to judge what vanishes
    risen: np.ndarray  # and what explodes
    front: np.ndarray  # the largest of what fell, up to each row


def _compared(table: Layers) -> _Compared | None:
    """Compare the rows with the last one, None if there are no two to compare."""
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = table.weight_gradient / table.weight
    relative = np.where(np.isfinite(relative), relative, np.nan)  # weights of 0 tell nothing
    rows = np.flatnonzero(table.weighted & np.isfinite(table.gradient))
    column = table.gradient
    if rows.size < 2:
        rows = np.flatnonzero(table.weighted & np.isfinite(relative))
        column = relative
    if rows.size < 2 or not column[rows[-1]] > 0:
        return None
    last = int(rows[-1])
    ratio = column[rows] / column[last]
    # The width of a layer and the number of positions change the norm of its error signal, and not
    # that of its relative weight gradient; a signal that shrinks does the contrary. Take the
    # milder.
    own = relative[rows] / relative[last] if relative[last] > 0 else np.full(rows.size, np.nan)
    tiny = relative[rows] < 1e-8
    fallen = np.fmax(ratio, np.where(tiny, ratio, own))
    risen = np.fmin(ratio, own)
    # A branch may start small. If the gradient vanishes, whatever stands before it gets little too.
    front = np.fmax.accumulate(fallen)
    for other in np.flatnonzero(~table.weighted & np.isfinite(table.gradient)):
        front[rows > other] = np.fmax(front[rows > other], column[other] / column[last])
    return _Compared(rows, ratio, fallen, risen, front)


def _vanished(table: Layers, found: _Compared) -> Iterator[Finding]:
    rows, front = found.rows, found.front
    held = rows <= _explained(table)
    low = np.flatnonzero((front < VANISHED) & ~(held & (front == 0)))
    if low.size:
        index = int(low[np.argmin(found.fallen[low])])
        row, number = int(rows[index]), found.ratio[index]
        concerned = [row, *(int(rows[k]) for k in low if k != index)]
        moved = ""
        if table.update[row] > UPDATE_LEAST * 10:
            moved = (
                f" (the optimizer still moves it by {power(table.update[row])} of its weights a "
                "step)"
            )
        yield finding(
            table, "vanishing gradient",
            "moderate" if moved else grade(1 / number if number else np.inf),
            concerned, number,
            f"{table.call(row)} gets {power(number)} of the last layer's gradient{moved}",
            repair(table),
        )  # fmt: skip


def _exploded(table: Layers, found: _Compared) -> Iterator[Finding]:
    index = int(np.argmax(np.nan_to_num(found.risen)))
    if found.risen[index] > EXPLODED:
        row, number = int(found.rows[index]), found.ratio[index]
        yield finding(
            table, "exploding gradient", grade(number), [row], number,
            f"{table.call(row)} gets {power(number)} times the last layer's gradient",
            f"clip the norm of the gradient at once, and {repair(table)}",
        )  # fmt: skip


def gradient_over_depth(table: Layers) -> Iterator[Finding]:
    """Compare the gradient along the layers with weights."""
    beyond = np.flatnonzero(np.isinf(table.gradient) | np.isinf(table.weight_gradient))
    if beyond.size:
        row = int(beyond[-1])
        yield finding(
            table, "exploding gradient", "severe", beyond[::-1].tolist(), np.inf,
            f"the gradient of {table.call(row)} is no longer a finite number (infinite or NaN, "
            f"{beyond.size} of {len(table)} layers)",
            f"clip the norm of the gradient at once, and {repair(table)}",
        )  # fmt: skip
        return
    found = _compared(table)
    if found is not None:
        yield from _vanished(table, found)
        yield from _exploded(table, found)


def _gated(functions: str) -> bool:
    """Whether a recurrent layer has gates: by name, or a sigmoid beside a tanh."""
    named = any(name in functions for name in ("lstm", "gru"))
    return named or ("sigmoid" in functions and "tanh" in functions)


def _together(table: Layers, rows: Sequence[int]) -> str:
    """Name the first row, and those that share its number: products whose sum is a state."""
    first = table.first_step[rows[0]]
    same = [row for row in rows if math.isclose(table.first_step[row], first, rel_tol=1e-3)]
    return " and ".join(table.call(row) for row in sorted(same)[:3])


def gradient_over_time(table: Layers) -> Iterator[Finding]:
    """Compare the first time step of recurrent layers with the last."""
    known = [int(row) for row in np.flatnonzero(np.isfinite(table.first_step))]
    steps = f"over {table.steps} steps" if table.steps else "over time"
    grown = [row for row in known if table.first_step[row] > EXPLODED_IN_TIME]
    if grown:
        grown.sort(key=lambda row: -table.first_step[row])
        number = table.first_step[grown[0]]
        yield finding(
            table, "exploding gradient", grade(number), grown, number,
            f"the first step of {_together(table, grown)} gets {power(number)} times the "
            f"gradient of the last, {steps}",
            "clip the norm of the gradient, and start with an orthogonal recurrent matrix of "
            "scale 1",
        )  # fmt: skip
    for free in (False, True):
        lost = [
            row
            for row in known
            if table.first_step[row] < LOST_IN_TIME
            and _gated(table.functions[row]) == free
        ]  # fmt: skip
        if not lost:
            continue
        lost.sort(key=lambda row: table.first_step[row])
        number = table.first_step[lost[0]]
        # A gate can learn to stay open; nothing in a plain cell can.
        severity = "note" if free else grade(1 / number if number else np.inf)
        yield finding(
            table, "vanishing gradient", severity, lost, number,
            f"the first step of {_together(table, lost)} gets {power(number)} of the gradient "
            f"of the last, {steps}",
            "start the forget gate open, for instance with a bias of 1 or more" if free
            else "use an LSTM or GRU, or start with an orthogonal recurrent matrix of scale 1",
        )  # fmt: skip


def underflow(table: Layers) -> Iterator[Finding]:
    half = table.precision if table.precision in ("float16", "bfloat16") else "float16"
    shares = getattr(table, half)
    rows = np.flatnonzero(shares > UNDERFLOWED)
    if not rows.size:
        return
    rows = rows[np.argsort(-shares[rows], kind="stable")]
    row = int(rows[0])
    share = shares[row]
    used = table.precision == half
    if used:
        told = f"{percent(share)} of the gradient of {table.call(row)} is below the smallest number"
        remedy = "scale the loss, for instance by 2^16 (torch.amp.GradScaler)"
        remedy += ", or use bfloat16" if half == "float16" else ""
        told += f" of {half}"
    else:
        told = f"in {half}, {percent(share)} of the gradient of {table.call(row)} would be 0"
        remedy = "scale the loss if you change to it"
    yield finding(
        table, "underflow", grade(share, 0.5) if used else "note", rows.tolist(), share, told,
        remedy,
    )  # fmt: skip
