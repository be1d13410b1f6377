"""Rules about the signal on its way forward, and what residual sums and norms make of it."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from lib.diagnose._finding import Finding, finding, grade, has, hidden_rows, power, quotient, repair
from lib.diagnose._limits import (
    ALIKE,
    EXPLODED,
    FEWEST_SUMS,
    GROWN,
    INPUT_LEAST,
    INPUT_MOST,
    POST_NORM_FALL,
    POST_NORM_NOTED,
    POST_NORM_SEVERE,
    POST_NORM_SUMS,
    SHRUNK,
    STREAM_GROWTH,
)
from lib.diagnose._table import Layers


def input_scale(table: Layers) -> Iterator[Finding]:
    if table.kinds[0] in ("normalization", "post-norm", "embedding"):
        return
    size = table.input_signal
    if size > INPUT_MOST or 0 < size < INPUT_LEAST:
        off = size / INPUT_MOST if size > INPUT_MOST else INPUT_LEAST / size
        yield finding(
            table, "wrong scale", grade(off, 10), [0], size,
            f"{table.call(0)} gets inputs with a root mean square of {power(size)} where about 1 "
            "is expected",
            "standardize the inputs to mean 0 and variance 1",
        )  # fmt: skip
    if table.input_likeness > ALIKE:
        yield finding(
            table, "alike inputs", "moderate", [0], table.input_likeness,
            f"{table.call(0)} gets inputs that are almost the same: the cosine between two of them "
            f"is 1 - {power(1 - table.input_likeness)}",
            "subtract the mean of each feature over the training data",
        )  # fmt: skip


def residual_stream(table: Layers) -> Iterator[Finding]:
    rows = [row for row, kind in enumerate(table.kinds) if kind in ("residual", "block")]
    if len(rows) < FEWEST_SUMS:
        return
    first, last = rows[0], rows[-1]
    limit = STREAM_GROWTH * math.sqrt(len(rows))
    grown = np.nan_to_num(quotient(table.signal[last], table.signal[first]))
    back = np.nan_to_num(quotient(table.gradient[first], table.gradient[last]))
    if has(table, "normalization") and back < EXPLODED:
        back = 0.0  # behind each normalization of a branch the gradient grows by a little
    if max(grown, back) <= limit:
        return
    what = (
        f"the signal grows by a factor of {power(grown)} from {table.call(first)} to "
        f"{table.call(last)}"
        if grown >= back
        else f"{table.call(first)} gets {power(back)} times the gradient of {table.call(last)}"
    )
    yield finding(
        table, "residual branches", grade(max(grown, back), 1e3), [last, first],
        max(grown, back), f"{what} over {len(rows)} residual sums, because the branches are as "
        "large as the stream",
        "scale each branch by 1/sqrt(number of branches), start it at zero, or normalize its input "
        "(pre-norm)",
    )  # fmt: skip


def post_norm(table: Layers) -> Iterator[Finding]:
    rows = [row for row, kind in enumerate(table.kinds) if kind == "post-norm"]
    if len(rows) < FEWEST_SUMS:
        return
    first, last = rows[0], rows[-1]
    fall = quotient(table.gradient[first], table.gradient[last])
    falls = fall < POST_NORM_FALL
    if len(rows) < POST_NORM_NOTED and not falls:
        return
    severity = "moderate" if falls or len(rows) >= POST_NORM_SUMS else "note"
    fell = (
        f", and {table.call(first)} gets {power(fall)} of the gradient of {table.call(last)}"
        if falls
        else ""
    )
    yield finding(
        table, "post-norm", "severe" if len(rows) >= POST_NORM_SEVERE else severity, [first, last],
        fall if math.isfinite(fall) else len(rows),
        f"{len(rows)} residual sums up to {table.call(last)} are each normalized, so that even the "
        f"path around every branch passes {len(rows)} normalizations{fell}",
        "normalize at the input of each branch instead (pre-norm), or warm the learning rate up "
        "over some thousand steps",
    )  # fmt: skip


def signal_scale(table: Layers) -> Iterator[Finding]:
    beyond = np.flatnonzero(np.isinf(table.signal))
    if beyond.size:
        row = int(beyond[0])
        yield finding(
            table, "wrong scale", "severe", beyond.tolist(), np.inf,
            f"the signal of {table.call(row)} is no longer a finite number (infinite or NaN)",
            repair(table),
        )  # fmt: skip
        return
    hidden = hidden_rows(table) & np.isfinite(table.signal) & (table.signal > 0)
    hidden &= np.array([kind not in ("parameter", "embedding") for kind in table.kinds])
    rows = np.flatnonzero(hidden)
    weighted = np.flatnonzero(table.weighted & np.isfinite(table.signal))
    if not rows.size or not weighted.size:
        return
    known = [table.signal[rows[0]]]
    if table.input_signal > 0:
        known.append(table.input_signal)
    after = table.signal[rows]
    # What later layers bring back to scale does no harm: look at the largest or smallest to come.
    largest = np.maximum.accumulate(after[::-1])[::-1] / min(known)
    smallest = np.minimum.accumulate(after[::-1])[::-1] / max(known)
    if largest[-1] < SHRUNK:
        row, change = int(rows[-1]), largest[-1]
        yield finding(
            table, "wrong scale", grade(1 / change), [row], change,
            f"the signal shrinks on the way: {table.call(row)} has {power(change)} of the size at "
            "the input", repair(table),
        )  # fmt: skip
        return
    final = table.signal[weighted[-1]] / max(known)
    row, change = int(rows[-1]), smallest[-1]
    if change <= GROWN and final > GROWN and change > math.sqrt(GROWN):
        row, change = int(weighted[-1]), final
    if change > GROWN and next(residual_stream(table), None) is None:
        yield finding(
            table, "wrong scale", grade(change, 1e4), [row], change,
            f"the signal grows on the way: {table.call(row)} has {power(change)} times the size "
            "at the input", repair(table),
        )  # fmt: skip
