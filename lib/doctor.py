r"""From the description of a network to what is wrong with it, and to the smallest repair.

`examine` forecasts a network by theory (`lib.theory.forecast`), and judges the forecast by the
rules that judge measured networks (`lib.diagnose.findings`). `repair` then tries single changes in
the order of what they cost, and returns the first that leaves nothing to be found:

1. scale the loss, which changes neither the network nor its training;
2. store numbers in another format;
3. draw the initial weights and biases otherwise;
4. scale the branches of a residual network by :math:`1/\sqrt L`;
5. take another activation function, with the weights that belong to it;
6. normalize each layer;
7. add residual connections of branch scale :math:`1/\sqrt L`;
8. build fewer layers.

If no single change is enough, it tries two at once, the cheapest pair first.

Used in: book/not-training.md
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from lib import initializers
from lib._checks import instance
from lib._values import ByValue, cached
from lib.activations import get as activation
from lib.activations._base import as_activation
from lib.diagnose import Finding, Layers, findings
from lib.initializers import Initializer
from lib.theory import Description, Forecast, forecast

__all__ = ["Examination", "Repair", "examine", "repair", "suited", "table"]

# Units that are off for half of their inputs or nearly so, for which He's variance is made.
RECTIFIERS = (
    "relu", "relu6", "leaky_relu", "prelu", "rrelu", "elu", "gelu", "silu", "mish", "hard_swish",
)  # fmt: skip
# A rectifier that is off for half of its inputs is not saturated.
SATURATING = ("sigmoid", "tanh", "lecun_tanh", "hard_sigmoid")
FUNCTIONS = ("relu", "tanh", "gelu")
LOSS_SCALES = (8, 12, 16, 20)  # exponents of two
SHALLOWER = (3 / 4, 1 / 2, 1 / 4, 1 / 8)
LARGE_BIAS = 1e-2
OVERFLOW = 1e-6  # a share: of a million numbers one is infinite
MADE = "made by lib.theory.Description"


@dataclass(frozen=True, eq=False)
class Examination(ByValue):
    """What is predicted of a network, and what the rules find in it.

    Attributes
    ----------
    forecast : Forecast
    findings : tuple of Finding
        Without those that the rules call a note; the severe ones first.
    """

    forecast: Forecast
    findings: tuple[Finding, ...]

    @property
    def healthy(self) -> bool:
        """Whether nothing is found, and nothing overflows."""
        return not self.findings and float(self.forecast.overflow.max()) < OVERFLOW

    @property
    def words(self) -> str:
        """The first finding with its layer and number, and the causes of the others.

        Examples
        --------
        >>> deep = Description(depth=30, width=100, activation="sigmoid", initializer="xavier")
        >>> examine(deep).words
        "vanishing gradient: layer 1 gets 10^-18 of the last layer's gradient (also: alike inputs)"
        """
        if not self.findings:
            if self.healthy:
                return "no cause found"
            share = float(self.forecast.overflow.max())
            layer = int(self.forecast.overflow.argmax()) + 1
            kind = self.forecast.description.precision
            return f"overflow: {share:.1%} of the numbers of layer {layer} are infinite in {kind}"
        first = self.findings[0]
        told = first.sentence.removesuffix(f": {first.remedy}")
        others = dict.fromkeys(f.cause for f in self.findings if f.cause != first.cause)
        also = f" (also: {', '.join(others)})" if others else ""
        return f"{first.cause}: {told}{also}"


@dataclass(frozen=True, eq=False)
class Repair(ByValue):
    """The cheapest change after which nothing is found.

    Attributes
    ----------
    changes : tuple of str
        What to do, in words: one change, or two.
    examination : Examination
        Of the changed network.
    tried : int
        How many changes were tried, this one included.
    """

    changes: tuple[str, ...]
    examination: Examination
    tried: int


def suited(name: str) -> Initializer:
    """Return He's initializer for a rectifier, and Xavier's for other functions.

    Parameters
    ----------
    name : str
        Of an activation function.

    Examples
    --------
    >>> suited("gelu").name, suited("tanh").name
    ('he', 'xavier')
    """
    phi = as_activation("name", name)
    return initializers.he() if phi.name in RECTIFIERS else initializers.xavier()


def table(network: Forecast) -> Layers:
    """Write a forecast as the table that `lib.diagnose` judges.

    Parameters
    ----------
    network : Forecast

    Returns
    -------
    Layers
        Gradients and weights relative to the last layer; what theory does not say is NaN.
    """
    return _table(instance("network", network, Forecast, "made by lib.theory.forecast"), "layer")


def _table(network: Forecast, kind: str) -> Layers:
    described, count = network.description, network.description.depth
    half = described.precision in ("float16", "bfloat16")
    with np.errstate(over="ignore", under="ignore"):
        columns = {
            "gradient": 10.0**network.log10_gradient,
            "weight_gradient": 10.0**network.log10_weight_gradient,
            "weight": np.ones(count),
            "signal": np.sqrt(network.q),
            **({"saturated": network.saturated} if described.phi.name in SATURATING else {}),
            "likeness": network.correlation,
            **({described.precision: network.underflow} if half else {}),
        }
    return Layers(
        names=[str(layer) for layer in range(1, count + 1)], kinds=[kind] * count,
        functions=[described.phi.name] * count, precision=described.precision,
        input_likeness=described.input_correlation, **columns,
    )  # fmt: skip


def examine(network: Description) -> Examination:
    """Forecast a network, and judge the forecast.

    Parameters
    ----------
    network : Description

    Returns
    -------
    Examination
    """
    found: Examination = _examine(instance("network", network, Description, MADE))
    return found


@cached(2048)
def _examine(network: Description) -> Examination:
    predicted = forecast(network)
    found = _real(table(predicted))
    if network.residual is not None:
        # Seen as the sums of a stream, the same numbers may have a cause of their own.
        stream = [f for f in _real(_table(predicted, "residual")) if f.cause == "residual branches"]
        if stream:
            covered = ("wrong scale", "exploding gradient")
            found = [*stream, *(f for f in found if f.cause not in covered)]
    return Examination(predicted, tuple(found))


def _real(layers: Layers) -> list[Finding]:
    return [finding for finding in findings(layers) if finding.severity != "note"]


def _changes(network: Description) -> Iterator[tuple[str, Description]]:
    """Go through the single changes in the order of what they cost."""
    if network.precision in ("float16", "bfloat16"):
        for exponent in LOSS_SCALES:
            words = f"scale the loss by 2^{exponent}"
            yield words, replace(network, loss_scale=2.0**exponent)
        for kind in ("bfloat16", "float32"):
            if kind != network.precision:
                yield f"store gradients in {kind}", replace(network, precision=kind)
    yield from _starts(network)
    even = network.depth**-0.5
    if network.residual is not None and network.residual > even:
        yield "scale the branches by 1/√L", replace(network, residual=even)
    for name in FUNCTIONS:
        if name != network.phi.name:
            start = suited(name)
            words = f"use {activation(name).label} with {_named(start)} weights"
            yield words, replace(network, activation=name, initializer=start)
    for kind in ("layer", "batch"):
        if network.normalization is None and not (kind == "layer" and network.width < 2):
            if network.weight_variance > 0:
                yield f"add {kind} normalization", replace(network, normalization=kind)
        elif network.normalization not in (None, kind):
            words = f"normalize by {kind} instead"
            yield words, replace(network, normalization=kind)
    if network.residual is None:
        words = "add residual connections with branches scaled by 1/√L"
        yield words, replace(network, residual=even)
    for share in SHALLOWER:
        depth = int(network.depth * share)
        if depth >= 2:
            yield f"build {depth} layers", replace(network, depth=depth)


def _starts(network: Description) -> Iterator[tuple[str, Description]]:
    """Other initial weights: those that belong to the function first."""
    first = suited(network.phi.name)
    other = initializers.xavier() if first.name == "he" else initializers.he()
    if network.bias_variance > LARGE_BIAS:
        start = initializers.normal(weight_variance=network.weight_variance)
        yield "start the biases at 0", replace(network, initializer=start)
    for start in (first, other):
        if start != network.initializer:
            yield f"draw {_named(start)} weights", replace(network, initializer=start)


def _named(start: Initializer) -> str:
    return {"he": "He's", "xavier": "Xavier's"}[start.name]


def repair(network: Description) -> Repair | None:
    """Find the cheapest change after which nothing is found.

    Parameters
    ----------
    network : Description

    Returns
    -------
    Repair or None
        None if nothing is wrong, or neither one nor two of the changes repair it.

    Examples
    --------
    >>> deep = Description(depth=30, width=100, activation="relu", initializer="pytorch_linear")
    >>> repair(deep).changes
    ("draw He's weights",)
    """
    if examine(network).healthy:
        return None
    singles = list(_changes(network))
    for tried, (words, changed) in enumerate(singles, 1):
        found = examine(changed)
        if found.healthy:
            return Repair((words,), found, tried)
    tried = len(singles)
    pairs = sorted(
        ((i, j) for i in range(len(singles)) for j in range(i + 1, len(singles))), key=sum
    )
    for i, j in pairs:
        first, changed = singles[i]
        # The second change is the one of the same words, made to the network that has the first.
        for words, both in _changes(changed):
            if words == singles[j][0]:
                tried += 1
                found = examine(both)
                if found.healthy:
                    return Repair((first, words), found, tried)
    return None
