"""Rules about what training makes of the gradient: the loss and the size of one step."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lib.diagnose._finding import Finding, decade, finding, grade, power
from lib.diagnose._limits import FEWEST_SAMPLES, SUMMED, UPDATE_LEAST, UPDATE_MOST, UPDATE_USUAL
from lib.diagnose._table import Layers


def loss_reduction(table: Layers) -> Iterator[Finding]:
    weight, samples = table.loss_weight, table.samples
    if samples >= FEWEST_SAMPLES and weight > max(SUMMED * samples, 0.9 * FEWEST_SAMPLES):
        row = int(np.flatnonzero(table.weighted)[-1]) if table.weighted.any() else len(table) - 1
        summed = weight / samples < 1.1
        told = ", as if the loss were summed, so that it grows with the batch" if summed else ""
        yield finding(
            table, "loss reduction", grade(weight, 16), [row], weight,
            f"the gradient at {table.call(row)} is {power(weight)} times that of a mean over the "
            f"batch of {samples}{told}",
            "use reduction='mean', or divide the loss by the number of inputs" if summed
            else f"divide the loss by {power(weight)}",
        )  # fmt: skip


def step_sizes(table: Layers) -> Iterator[Finding]:
    rows = np.flatnonzero(table.weighted & np.isfinite(table.update) & (table.weight != 0))
    if not rows.size:
        return
    update = table.update[rows]
    largest, middle = int(np.argmax(update)), float(np.median(update))
    if update[largest] > UPDATE_MOST:
        row, number = int(rows[largest]), update[largest]
        yield finding(
            table, "large updates", grade(number, 1.0), [row], number,
            f"one step changes {table.call(row)} by {power(number)} of the size of its weights, "
            f"where about {UPDATE_USUAL} is usual",
            f"divide the learning rate by about {decade(number / UPDATE_USUAL)}, and warm it up",
        )  # fmt: skip
    elif middle < UPDATE_LEAST:
        row = int(rows[np.argsort(update)[(rows.size - 1) // 2]])
        remedy = "raise the learning rate"
        if 0 < middle:
            remedy += f" by a factor of up to {decade(UPDATE_USUAL / middle)}"
        yield finding(
            table, "small updates", grade(1 / middle if middle else np.inf, 1e8), [row], middle,
            f"one step changes {table.call(row)} by {power(middle)} of the size of its weights "
            f"(the median layer), where about {UPDATE_USUAL} is usual",
            remedy,
        )  # fmt: skip
