"""From a table of measurements to causes: each rule is a function of the table alone.

A rule looks at what a whole part of the network has in common, because single layers may be odd in
a healthy network: a branch that starts at zero gets no gradient, a query may be the same for all
inputs, and a layer in front of a normalization may have any scale.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from lib._checks import instance, shown
from lib.diagnose._finding import Finding
from lib.diagnose._gradient_rules import gradient_over_depth, gradient_over_time, underflow
from lib.diagnose._signal_rules import input_scale, post_norm, residual_stream, signal_scale
from lib.diagnose._step_rules import loss_reduction, step_sizes
from lib.diagnose._table import Layers
from lib.diagnose._unit_rules import (
    alike_inputs,
    dead_units,
    frozen_layers,
    identical_units,
    saturated_units,
)

NOTHING = "no cause found"
SEVERITIES = ("severe", "moderate", "note")
# Each rule yields findings; the order of the rules is that from cause to consequence.
RULES: tuple[Callable[[Layers], Iterator[Finding]], ...] = (
    frozen_layers, identical_units, dead_units, input_scale, saturated_units, post_norm,
    residual_stream, signal_scale, gradient_over_time, gradient_over_depth, alike_inputs,
    underflow, loss_reduction, step_sizes,
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
