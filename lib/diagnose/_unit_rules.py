"""Rules about units: frozen, identical, dead, saturated, or unable to tell inputs apart."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from lib.diagnose._finding import Finding, finding, grade, hidden_rows, percent, power
from lib.diagnose._limits import (
    ALIKE,
    ALL,
    DEAD,
    DEAD_IF_ALIKE,
    DEAD_NOTED,
    FEW,
    IDENTICAL,
    RECTIFIED,
    SATURATED,
)
from lib.diagnose._table import Layers


def frozen_layers(table: Layers) -> Iterator[Finding]:
    for row, share in enumerate(table.trainable):
        if share < 0.5:
            yield finding(
                table, "frozen layer", "moderate", [row], share,
                f"{table.call(row)} is frozen, because {percent(1 - share)} of its parameters "
                "have requires_grad=False",
                "set requires_grad=True if the layer is to learn",
            )  # fmt: skip
    cut = [
        row
        for row in range(len(table))
        if table.trainable[row] >= 0.5 and table.reached[row] == 0
    ]  # fmt: skip
    used = [row for row in cut if table.kinds[row] != "parameter"]
    if used:
        row = used[-1]
        yield finding(
            table, "frozen layer", "severe", used[::-1], 0.0,
            f"{table.call(row)} gets no gradient at all ({len(used)} of {len(table)} layers get "
            "none), because its output is cut off from the loss",
            "look behind it for .detach(), .data, .item(), torch.no_grad(), a conversion to NumPy "
            "or an output that the loss does not use",
        )  # fmt: skip
    unused = [row for row in cut if table.kinds[row] == "parameter"]
    if unused:
        yield finding(
            table, "frozen layer", "note", unused, 0.0,
            f"{table.call(unused[0])} gets no gradient ({len(unused)} such parameters), because "
            "nothing that the loss depends on uses it",
            "remove it, or use it in the forward pass",
        )  # fmt: skip


def identical_units(table: Layers) -> Iterator[Finding]:
    rows = np.flatnonzero(hidden_rows(table) & table.weighted & (table.unit_difference < IDENTICAL))
    if rows.size:
        row = int(rows[0])
        number = table.unit_difference[row]
        yield finding(
            table, "identical units", "severe", rows.tolist(), number,
            f"all units of {table.call(row)} have the same weights and the same gradient "
            f"(relative difference {power(number)}), so they stay one unit forever",
            "draw the weights at random",
        )  # fmt: skip


def dead_units(table: Layers) -> Iterator[Finding]:
    hidden = hidden_rows(table)
    alike = (table.likeness > 0.9) | (table.samples < FEW)
    limit = np.where(alike | ~hidden, DEAD_IF_ALIKE, DEAD)
    # A matrix of zeros gives dead units, which are named as identical ones.
    zero = (table.weight == 0) & (table.unit_difference < IDENTICAL)
    # An output is a prediction: it may be large or small, but not cut off.
    cut = hidden | np.array([name in RECTIFIED for name in table.functions])
    judged = np.where(cut, limit, ALL)
    rows = [row for row in range(len(table)) if table.dead[row] > judged[row] and not zero[row]]
    noted = hidden & (table.dead > DEAD_NOTED) & (table.samples >= FEW) & ~zero
    severity = "moderate"
    if not rows:
        rows, severity = np.flatnonzero(noted).tolist(), "note"
    if not rows:
        return
    rows.sort(key=lambda row: -table.dead[row])
    row = rows[0]
    share = table.dead[row]
    whole = share > ALL
    what = "every unit" if whole else f"{percent(share)} of the units"
    remedy = (
        "start the biases at 0, draw the weights anew with a lower learning rate, or use a "
        "function with a slope below 0 (leaky ReLU, ELU, GELU)"
    )
    if table.weight[row] == 0:
        remedy = "draw the weights at random"
    elif not hidden[row]:
        remedy = f"leave the output layer without a function (it has {table.functions[row]})"
    yield finding(
        table, "dead units", "severe" if whole or (hidden[row] and share > 0.9) else severity,
        rows, share,
        f"{what} of {table.call(row)} {'is' if whole else 'are'} dead: the slope is zero for every "
        "input of the batch" + (", so no gradient passes" if whole else ""), remedy,
    )  # fmt: skip


def saturated_units(table: Layers) -> Iterator[Finding]:
    rows = np.flatnonzero(hidden_rows(table) & (table.saturated > SATURATED))
    dead = np.nan_to_num(table.dead)
    rows = np.array([row for row in rows if dead[row] <= DEAD], int)
    if rows.size:
        rows = rows[np.argsort(-table.saturated[rows], kind="stable")]
        row = int(rows[0])
        share = table.saturated[row]
        if table.kinds[row] == "attention":
            told = f"the attention of {table.call(row)} looks at one place only, {percent(share)}"
            remedy = "divide the scores by the root of the head's width, or normalize the queries"
        else:
            told = f"{percent(share)} of the activations of {table.call(row)} are saturated"
            remedy = (
                "make the weights smaller (Xavier's initializer), standardize the inputs, or "
                "normalize before the function"
            )
        yield finding(
            table, "saturated units", grade(share, 0.8), rows.tolist(), share,
            told + ", where the slope is below a twentieth of its largest value", remedy,
        )  # fmt: skip


def alike_inputs(table: Layers) -> Iterator[Finding]:
    hidden = hidden_rows(table) & np.isfinite(table.likeness)
    rows = np.flatnonzero(hidden & table.weighted)
    dead = np.flatnonzero(np.nan_to_num(table.dead) > ALL)
    if dead.size:  # what shifts a layer until it is dead makes it alike, and all layers behind it
        rows = rows[rows < dead[0]]
    if not rows.size:
        return
    least = np.minimum.accumulate(table.likeness[rows][::-1])[::-1]
    given = table.input_likeness if math.isfinite(table.input_likeness) else 0.0
    low = np.flatnonzero((least > ALIKE) & (1 - least < 0.01 * (1 - given)))
    if low.size:
        row = int(rows[low[-1]])
        apart = 1 - table.likeness[row]
        yield finding(
            table, "alike inputs", "moderate", [int(rows[k]) for k in low[::-1]],
            table.likeness[row],
            f"{table.call(row)} hardly tells two inputs apart: the cosine between them is "
            f"1 - {power(max(apart, 1e-16))}",
            "draw the biases smaller and the weights with the critical variance, normalize over "
            "the batch, or add residual connections",
        )  # fmt: skip
