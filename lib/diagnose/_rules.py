"""From a table of measurements to causes: each rule is a function of the table alone.

A rule looks at what a whole part of the network has in common, because single layers may be odd in
a healthy network: a branch that starts at zero gets no gradient, a query may be the same for all
inputs, and a layer in front of a normalization may have any scale.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from lib._checks import instance, shown
from lib.diagnose._table import Layers

# Updates of about a thousandth of the weights per step train well. A layer with a thousandth of
# the last layer's gradient then moves by a millionth, and needs a million steps to move by its own
# size (Glorot & Bengio 2010 saw training slow down over smaller differences between layers).
VANISHED, EXPLODED = 1e-3, 1e3
# Beyond a factor of a million, no learning rate moves the first layer and leaves the last stable.
SEVERE = 1e6
# Over a hundred steps a healthy state keeps its gradient within a factor of a hundred.
EXPLODED_IN_TIME = 1e2
# One step of 2**-24: what a float32 sum of the time steps' gradients keeps of the smallest.
LOST_IN_TIME = 2.0**-24
# Units with a symmetric pre-activation are silent for one input in two. If all inputs are alike,
# half of the units are therefore silent for all of them; more than that is not chance.
# The biases of dead units make inputs alike in turn, so what is a little more than half is noted.
DEAD, DEAD_IF_ALIKE, DEAD_NOTED, FEW = 0.5, 0.75, 0.55, 8
# Functions that cut off what is below 0.
RECTIFIED = ("relu", "relu6")
# A layer of which nothing is left.
ALL = 0.999
# Tanh of a standard normal number is saturated for 3% of the inputs, and of one with twice the
# standard deviation for 27%.
SATURATED = 0.5
# Healthy signals change by less than a factor of ten over a network; see `lib.theory`.
SHRUNK, GROWN = 1e-3, 1e2
# Inputs are best standardized (LeCun et al. 1998, section 4.3). Pixels from 0 to 255 have a root
# mean square above 100.
INPUT_LEAST, INPUT_MOST = 1e-2, 30.0
# A cosine of 0.9999 leaves 1.4% of the signal to tell two inputs apart.
ALIKE = 0.9999
# Micikevicius et al. 2018 (section 3.2): a detector lost 31% of its activation gradients to zero
# in float16 and did not train. At their start healthy networks lose up to 3% of a layer.
UNDERFLOWED = 0.1
# Identical units have the difference 0, up to rounding; units drawn at random have about 1.
IDENTICAL = 1e-4
# A millionth a step needs a million steps. Adam's first step moves every weight by the learning
# rate, a tenth of a typical weight in wide layers, which still trains.
UPDATE_LEAST, UPDATE_USUAL, UPDATE_MOST = 1e-6, 1e-3, 0.3
# What a mean counts once; a sum of halves of squares counts every input by one half.
SUMMED, FEWEST_SAMPLES = 0.45, 4
# With independent branches of equal size the stream grows as the root of their number.
STREAM_GROWTH, FEWEST_SUMS = 5.0, 4
# Of a block two sums are normalized, of the last one perhaps only the first. Twelve blocks train
# without warm-up at Adam's usual rate of 0.001, and twenty-four only at a tenth of it; eighteen
# diverged in translation (Liu et al. 2020, section 3). Between the blocks the gradient of a healthy
# stream changes by less than a factor of ten.
POST_NORM_NOTED, POST_NORM_SUMS, POST_NORM_SEVERE, POST_NORM_FALL = 23, 35, 47, 0.1

# Without residual connections batch normalization multiplies the gradient of ReLU layers by 1.21
# each (Yang et al. 2019), which is more than a factor of a hundred over thirty layers.
NORMALIZED = 30

NOTHING = "no cause found"
SEVERITIES = ("severe", "moderate", "note")


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


def _decade(factor: float) -> str:
    """Round a factor to a power of ten, since a rule of thumb knows no more.

    >>> _decade(520.0), _decade(1.6e5), _decade(30.0)
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


def _grade(size: float, limit: float = SEVERE) -> str:
    return "severe" if size >= limit else "moderate"


def _finding(
    table: Layers, cause: str, severity: str, rows: Sequence[int], number: float, told: str,
    remedy: str,
) -> Finding:  # fmt: skip
    names = tuple(table.names[row] for row in rows)
    return Finding(cause, severity, names, float(number), f"{told}: {remedy}", remedy)


def _hidden(table: Layers) -> np.ndarray:
    """Rows before the output layer, which is the last one with weights."""
    rows = np.arange(len(table))
    weighted = rows[table.weighted]
    return rows < weighted[-1] if weighted.size else rows < 0


def _functions(table: Layers, rows: Sequence[int]) -> str:
    return " ".join(table.functions[row] for row in rows)


def _initializer(table: Layers) -> str:
    """Name the variance that keeps the signal with the functions of the network."""
    functions = " ".join(table.functions)
    if any(name in functions for name in ("relu", "gelu", "silu", "elu", "mish")):
        return "draw the weights with variance 2/fan-in (He's initializer)"
    if "sigmoid" in functions and "tanh" not in functions:
        return "use tanh or ReLU in place of the sigmoid, with Xavier's or He's initializer"
    return "draw the weights with variance 1/fan-in (Xavier's), or 2/fan-in for ReLU (He's)"


def _has(table: Layers, *kinds: str) -> bool:
    return any(kind in kinds for kind in table.kinds)


def _repair(table: Layers) -> str:
    """Name the smallest change that keeps a gradient over the depth."""
    remedy = _initializer(table)
    plain = not _has(table, "residual", "block", "post-norm")
    deep = plain and int(table.weighted.sum()) > NORMALIZED
    if not deep and not _has(table, "normalization", "post-norm"):
        return f"{remedy}, or normalize the layers"
    if plain:
        return f"{remedy}, or add residual connections around the layers"
    return remedy


# Each rule yields findings; the order of the rules is that from cause to consequence.


def _frozen(table: Layers) -> Iterator[Finding]:
    for row, share in enumerate(table.trainable):
        if share < 0.5:
            yield _finding(
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
        yield _finding(
            table, "frozen layer", "severe", used[::-1], 0.0,
            f"{table.call(row)} gets no gradient at all ({len(used)} of {len(table)} layers get "
            "none), because its output is cut off from the loss",
            "look behind it for .detach(), .data, .item(), torch.no_grad(), a conversion to NumPy "
            "or an output that the loss does not use",
        )  # fmt: skip
    unused = [row for row in cut if table.kinds[row] == "parameter"]
    if unused:
        yield _finding(
            table, "frozen layer", "note", unused, 0.0,
            f"{table.call(unused[0])} gets no gradient ({len(unused)} such parameters), because "
            "nothing that the loss depends on uses it",
            "remove it, or use it in the forward pass",
        )  # fmt: skip


def _identical(table: Layers) -> Iterator[Finding]:
    rows = np.flatnonzero(_hidden(table) & table.weighted & (table.unit_difference < IDENTICAL))
    if rows.size:
        row = int(rows[0])
        number = table.unit_difference[row]
        yield _finding(
            table, "identical units", "severe", rows.tolist(), number,
            f"all units of {table.call(row)} have the same weights and the same gradient "
            f"(relative difference {power(number)}), so they stay one unit forever",
            "draw the weights at random",
        )  # fmt: skip


def _dead(table: Layers) -> Iterator[Finding]:
    hidden = _hidden(table)
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
    yield _finding(
        table, "dead units", "severe" if whole or (hidden[row] and share > 0.9) else severity,
        rows, share,
        f"{what} of {table.call(row)} {'is' if whole else 'are'} dead: the slope is zero for every "
        "input of the batch" + (", so no gradient passes" if whole else ""), remedy,
    )  # fmt: skip


def _saturated(table: Layers) -> Iterator[Finding]:
    rows = np.flatnonzero(_hidden(table) & (table.saturated > SATURATED))
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
        yield _finding(
            table, "saturated units", _grade(share, 0.8), rows.tolist(), share,
            told + ", where the slope is below a twentieth of its largest value", remedy,
        )  # fmt: skip


def _input_scale(table: Layers) -> Iterator[Finding]:
    if table.kinds[0] in ("normalization", "post-norm", "embedding"):
        return
    size = table.input_signal
    if size > INPUT_MOST or 0 < size < INPUT_LEAST:
        off = size / INPUT_MOST if size > INPUT_MOST else INPUT_LEAST / size
        yield _finding(
            table, "wrong scale", _grade(off, 10), [0], size,
            f"{table.call(0)} gets inputs with a root mean square of {power(size)} where about 1 "
            "is expected",
            "standardize the inputs to mean 0 and variance 1",
        )  # fmt: skip
    if table.input_likeness > ALIKE:
        yield _finding(
            table, "alike inputs", "moderate", [0], table.input_likeness,
            f"{table.call(0)} gets inputs that are almost the same: the cosine between two of them "
            f"is 1 - {power(1 - table.input_likeness)}",
            "subtract the mean of each feature over the training data",
        )  # fmt: skip


def _stream(table: Layers) -> Iterator[Finding]:
    rows = [row for row, kind in enumerate(table.kinds) if kind in ("residual", "block")]
    if len(rows) < FEWEST_SUMS:
        return
    first, last = rows[0], rows[-1]
    limit = STREAM_GROWTH * math.sqrt(len(rows))
    grown = np.nan_to_num(_ratio(table.signal[last], table.signal[first]))
    back = np.nan_to_num(_ratio(table.gradient[first], table.gradient[last]))
    if _has(table, "normalization") and back < EXPLODED:
        back = 0.0  # behind each normalization of a branch the gradient grows by a little
    if max(grown, back) <= limit:
        return
    what = (
        f"the signal grows by a factor of {power(grown)} from {table.call(first)} to "
        f"{table.call(last)}"
        if grown >= back
        else f"{table.call(first)} gets {power(back)} times the gradient of {table.call(last)}"
    )
    yield _finding(
        table, "residual branches", _grade(max(grown, back), 1e3), [last, first],
        max(grown, back), f"{what} over {len(rows)} residual sums, because the branches are as "
        "large as the stream",
        "scale each branch by 1/sqrt(number of branches), start it at zero, or normalize its input "
        "(pre-norm)",
    )  # fmt: skip


def _post_norm(table: Layers) -> Iterator[Finding]:
    rows = [row for row, kind in enumerate(table.kinds) if kind == "post-norm"]
    if len(rows) < FEWEST_SUMS:
        return
    first, last = rows[0], rows[-1]
    fall = _ratio(table.gradient[first], table.gradient[last])
    falls = fall < POST_NORM_FALL
    if len(rows) < POST_NORM_NOTED and not falls:
        return
    severity = "moderate" if falls or len(rows) >= POST_NORM_SUMS else "note"
    fell = (
        f", and {table.call(first)} gets {power(fall)} of the gradient of {table.call(last)}"
        if falls
        else ""
    )
    yield _finding(
        table, "post-norm", "severe" if len(rows) >= POST_NORM_SEVERE else severity, [first, last],
        fall if math.isfinite(fall) else len(rows),
        f"{len(rows)} residual sums up to {table.call(last)} are each normalized, so that even the "
        f"path around every branch passes {len(rows)} normalizations{fell}",
        "normalize at the input of each branch instead (pre-norm), or warm the learning rate up "
        "over some thousand steps",
    )  # fmt: skip


def _ratio(one: float, other: float) -> float:
    """Divide, with 0/0 and what is not known as NaN."""
    if not (math.isfinite(one) and math.isfinite(other)) or (one == 0 and other == 0):
        return math.nan
    return math.inf if other == 0 else one / other


def _scale(table: Layers) -> Iterator[Finding]:
    beyond = np.flatnonzero(np.isinf(table.signal))
    if beyond.size:
        row = int(beyond[0])
        yield _finding(
            table, "wrong scale", "severe", beyond.tolist(), np.inf,
            f"the signal of {table.call(row)} is no longer a finite number (infinite or NaN)",
            _repair(table),
        )  # fmt: skip
        return
    hidden = _hidden(table) & np.isfinite(table.signal) & (table.signal > 0)
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
        yield _finding(
            table, "wrong scale", _grade(1 / change), [row], change,
            f"the signal shrinks on the way: {table.call(row)} has {power(change)} of the size at "
            "the input", _repair(table),
        )  # fmt: skip
        return
    final = table.signal[weighted[-1]] / max(known)
    row, change = int(rows[-1]), smallest[-1]
    if change <= GROWN and final > GROWN and change > math.sqrt(GROWN):
        row, change = int(weighted[-1]), final
    if change > GROWN and next(_stream(table), None) is None:
        yield _finding(
            table, "wrong scale", _grade(change, 1e4), [row], change,
            f"the signal grows on the way: {table.call(row)} has {power(change)} times the size "
            "at the input", _repair(table),
        )  # fmt: skip


def _explained(table: Layers) -> int:
    """Return the last row with a reason for a gradient of exactly zero, -1 if there is none."""
    held = (np.nan_to_num(table.dead) > ALL) | (table.weight == 0)
    rows = np.flatnonzero(held | ((table.trainable >= 0.5) & (table.reached == 0)))
    return int(rows[-1]) if rows.size else -1


def _depth(table: Layers) -> Iterator[Finding]:
    """Compare the gradient along the layers with weights."""
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = table.weight_gradient / table.weight
    relative = np.where(np.isfinite(relative), relative, np.nan)  # weights of 0 tell nothing
    beyond = np.flatnonzero(np.isinf(table.gradient) | np.isinf(table.weight_gradient))
    if beyond.size:
        row = int(beyond[-1])
        yield _finding(
            table, "exploding gradient", "severe", beyond[::-1].tolist(), np.inf,
            f"the gradient of {table.call(row)} is no longer a finite number (infinite or NaN, "
            f"{beyond.size} of {len(table)} layers)",
            f"clip the norm of the gradient at once, and {_repair(table)}",
        )  # fmt: skip
        return
    rows = np.flatnonzero(table.weighted & np.isfinite(table.gradient))
    column = table.gradient
    if rows.size < 2:
        rows = np.flatnonzero(table.weighted & np.isfinite(relative))
        column = relative
    if rows.size < 2 or not column[rows[-1]] > 0:
        return
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
    held = rows <= _explained(table)
    low = np.flatnonzero((front < VANISHED) & ~(held & (front == 0)))
    if low.size:
        index = int(low[np.argmin(fallen[low])])
        row, number = int(rows[index]), ratio[index]
        concerned = [row, *(int(rows[k]) for k in low if k != index)]
        moved = ""
        if table.update[row] > UPDATE_LEAST * 10:
            moved = (
                f" (the optimizer still moves it by {power(table.update[row])} of its weights a "
                "step)"
            )
        yield _finding(
            table, "vanishing gradient",
            "moderate" if moved else _grade(1 / number if number else np.inf),
            concerned, number,
            f"{table.call(row)} gets {power(number)} of the last layer's gradient{moved}",
            _repair(table),
        )  # fmt: skip
    index = int(np.argmax(np.nan_to_num(risen)))
    if risen[index] > EXPLODED:
        row, number = int(rows[index]), ratio[index]
        yield _finding(
            table, "exploding gradient", _grade(number), [row], number,
            f"{table.call(row)} gets {power(number)} times the last layer's gradient",
            f"clip the norm of the gradient at once, and {_repair(table)}",
        )  # fmt: skip


def _gated(functions: str) -> bool:
    """Whether a recurrent layer has gates: by name, or a sigmoid beside a tanh."""
    named = any(name in functions for name in ("lstm", "gru"))
    return named or ("sigmoid" in functions and "tanh" in functions)


def _together(table: Layers, rows: Sequence[int]) -> str:
    """Name the first row, and those that share its number: products whose sum is a state."""
    first = table.first_step[rows[0]]
    same = [row for row in rows if math.isclose(table.first_step[row], first, rel_tol=1e-3)]
    return " and ".join(table.call(row) for row in sorted(same)[:3])


def _time(table: Layers) -> Iterator[Finding]:
    """Compare the first time step of recurrent layers with the last."""
    known = [int(row) for row in np.flatnonzero(np.isfinite(table.first_step))]
    steps = f"over {table.steps} steps" if table.steps else "over time"
    grown = [row for row in known if table.first_step[row] > EXPLODED_IN_TIME]
    if grown:
        grown.sort(key=lambda row: -table.first_step[row])
        number = table.first_step[grown[0]]
        yield _finding(
            table, "exploding gradient", _grade(number), grown, number,
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
        severity = "note" if free else _grade(1 / number if number else np.inf)
        yield _finding(
            table, "vanishing gradient", severity, lost, number,
            f"the first step of {_together(table, lost)} gets {power(number)} of the gradient "
            f"of the last, {steps}",
            "start the forget gate open, for instance with a bias of 1 or more" if free
            else "use an LSTM or GRU, or start with an orthogonal recurrent matrix of scale 1",
        )  # fmt: skip


def _alike(table: Layers) -> Iterator[Finding]:
    hidden = _hidden(table) & np.isfinite(table.likeness)
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
        yield _finding(
            table, "alike inputs", "moderate", [int(rows[k]) for k in low[::-1]],
            table.likeness[row],
            f"{table.call(row)} hardly tells two inputs apart: the cosine between them is "
            f"1 - {power(max(apart, 1e-16))}",
            "draw the biases smaller and the weights with the critical variance, normalize over "
            "the batch, or add residual connections",
        )  # fmt: skip


def _underflow(table: Layers) -> Iterator[Finding]:
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
    yield _finding(
        table, "underflow", _grade(share, 0.5) if used else "note", rows.tolist(), share, told,
        remedy,
    )  # fmt: skip


def _reduction(table: Layers) -> Iterator[Finding]:
    weight, samples = table.loss_weight, table.samples
    if samples >= FEWEST_SAMPLES and weight > max(SUMMED * samples, 0.9 * FEWEST_SAMPLES):
        row = int(np.flatnonzero(table.weighted)[-1]) if table.weighted.any() else len(table) - 1
        summed = weight / samples < 1.1
        told = ", as if the loss were summed, so that it grows with the batch" if summed else ""
        yield _finding(
            table, "loss reduction", _grade(weight, 16), [row], weight,
            f"the gradient at {table.call(row)} is {power(weight)} times that of a mean over the "
            f"batch of {samples}{told}",
            "use reduction='mean', or divide the loss by the number of inputs" if summed
            else f"divide the loss by {power(weight)}",
        )  # fmt: skip


def _updates(table: Layers) -> Iterator[Finding]:
    rows = np.flatnonzero(table.weighted & np.isfinite(table.update) & (table.weight != 0))
    if not rows.size:
        return
    update = table.update[rows]
    largest, middle = int(np.argmax(update)), float(np.median(update))
    if update[largest] > UPDATE_MOST:
        row, number = int(rows[largest]), update[largest]
        yield _finding(
            table, "large updates", _grade(number, 1.0), [row], number,
            f"one step changes {table.call(row)} by {power(number)} of the size of its weights, "
            f"where about {UPDATE_USUAL} is usual",
            f"divide the learning rate by about {_decade(number / UPDATE_USUAL)}, and warm it up",
        )  # fmt: skip
    elif middle < UPDATE_LEAST:
        row = int(rows[np.argsort(update)[(rows.size - 1) // 2]])
        remedy = "raise the learning rate"
        if 0 < middle:
            remedy += f" by a factor of up to {_decade(UPDATE_USUAL / middle)}"
        yield _finding(
            table, "small updates", _grade(1 / middle if middle else np.inf, 1e8), [row], middle,
            f"one step changes {table.call(row)} by {power(middle)} of the size of its weights "
            f"(the median layer), where about {UPDATE_USUAL} is usual",
            remedy,
        )  # fmt: skip


RULES: tuple[Callable[[Layers], Iterator[Finding]], ...] = (
    _frozen, _identical, _dead, _input_scale, _saturated, _post_norm, _stream, _scale, _time,
    _depth, _alike, _underflow, _reduction, _updates,
)  # fmt: skip

CAUSES = (
    "frozen layer", "identical units", "dead units", "wrong scale", "saturated units",
    "post-norm", "residual branches", "vanishing gradient", "exploding gradient", "alike inputs",
    "underflow", "loss reduction", "large updates", "small updates",
)  # fmt: skip


def findings(layers: Layers) -> tuple[Finding, ...]:
    """Name the causes that a table of measurements shows.

    Parameters
    ----------
    layers : Layers
        Measured, or predicted. What is NaN in it is not judged.

    Returns
    -------
    tuple of Finding
        The severe ones first, and among equals the cause before its consequences; empty if the
        table shows nothing wrong.

    Raises
    ------
    TypeError
        If `layers` is no table.

    Examples
    --------
    >>> table = Layers(names=["1", "2", "3"], gradient=[1e-7, 1e-4, 1.0])
    >>> [found] = findings(table)
    >>> print(found.sentence)  # doctest: +NORMALIZE_WHITESPACE
    layer 1 gets 10^-7 of the last layer's gradient: draw the weights with variance 1/fan-in
    (Xavier's), or 2/fan-in for ReLU (He's), or normalize the layers
    """
    instance("layers", layers, Layers, "made by lib.diagnose.Layers")
    found = [finding for rule in RULES for finding in rule(layers)]
    return tuple(sorted(found, key=lambda finding: SEVERITIES.index(finding.severity)))


def verdict(found: Sequence[Finding]) -> str:
    """Say in one line what is wrong.

    Parameters
    ----------
    found : sequence of Finding
        As `findings` returns them.

    Returns
    -------
    str
        The first cause with its sentence, and the names of the others; ``"no cause found"`` if
        there is none, with the names of the notes.

    Raises
    ------
    TypeError
        If an entry is no finding.

    Examples
    --------
    >>> verdict(findings(Layers(names=["1", "2", "3"], gradient=[0.9, 1.1, 1.0])))
    'no cause found'
    """
    if not isinstance(found, (tuple, list)):
        raise TypeError(f"found must be a tuple or list of Finding; got {shown(found)}")
    for finding in found:
        instance("found", finding, Finding, "a sequence of Finding")
    real = [finding for finding in found if finding.severity != "note"]
    if not real:
        # What would underflow in a type that is not used concerns nobody yet.
        notes = [finding.cause for finding in found if finding.cause != "underflow"]
        if not notes:
            return NOTHING
        count = "one note" if len(notes) == 1 else f"{len(notes)} notes"
        return f"{NOTHING}, but {count}: {', '.join(dict.fromkeys(notes))}"
    others = list(dict.fromkeys(f.cause for f in real[1:] if f.cause != real[0].cause))
    also = f" (also: {', '.join(others)})" if others else ""
    return f"{real[0].cause}: {real[0].sentence}{also}"
