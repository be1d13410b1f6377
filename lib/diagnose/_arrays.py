"""Measurements of networks of any framework, from arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lib._checks import choice, real, real_numbers, shown
from lib.diagnose._functions import DEAD_OUTSIDE, SATURATED_OUTSIDE, plain_name
from lib.diagnose._loss import per_prediction
from lib.diagnose._predicted import predicted
from lib.diagnose._report import Report
from lib.diagnose._table import KINDS, PRECISIONS, Layers

ARRAYS = ("pre_activation", "activation", "gradient", "weight", "weight_gradient", "bias")
BY_INPUT = ARRAYS[:3]
WORDS = ("name", "kind", "function")
LOST = {"float16": 2.0**-25, "bfloat16": 2.0**-134}  # half of the smallest subnormal number


def diagnose_arrays(
    layers: Sequence[Mapping[str, Any]],
    *,
    inputs: Any = None,
    loss: float | None = None,
    learning_rate: float | None = None,
    precision: str = "float32",
) -> Report:
    r"""Measure every layer of a network from its arrays, and name what keeps it from training.

    Parameters
    ----------
    layers : list or tuple of mappings
        One per layer, from the input to the loss, the last for the output layer. Each may have

        - ``"name"``; ``"kind"``, one of those of `Layers`, ``"layer"`` by default; and
          ``"function"``, the name of the activation function behind the layer;
        - ``"pre_activation"``, ``"activation"``, and ``"gradient"`` (of the loss with respect to
          the pre-activation): arrays with the inputs of the batch on the first axis and the units
          on the last, or on the second for the kind ``"convolution"``;
        - ``"weight"``, its ``"weight_gradient"``, and ``"bias"``.

        What is left out is not judged.
    inputs : array_like, optional
        The batch, its inputs on the first axis.
    loss : float, optional
        With it, the pre-activation of the last layer, and its gradient, the reduction is judged.
    learning_rate : float, optional
        Of plain SGD, for the size of updates.
    precision : {"float32", "float64", "bfloat16", "float16"}
        In which the network computes. The arrays should be more precise, since what has become
        zero is not seen.

    Returns
    -------
    Report

    Raises
    ------
    TypeError, ValueError
        If an argument is not of this kind, or an array is empty or holds NaN.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> a, layers = rng.standard_normal((32, 100)), []
    >>> for number in range(1, 21):
    ...     w = rng.normal(0, np.sqrt(1 / 300), (100, 100))  # PyTorch's default
    ...     layers.append({"weight": w, "function": "relu", "pre_activation": a @ w.T})
    ...     a = np.maximum(a @ w.T, 0)
    >>> delta = np.full((32, 100), 1e-3)
    >>> for layer in layers[::-1]:
    ...     layer["gradient"] = delta * (layer["pre_activation"] > 0)
    ...     delta = layer["gradient"] @ layer["weight"]
    >>> diagnose_arrays(layers).findings[1].sentence[:53]
    "layer 1 gets 10^-7 of the last layer's gradient: draw"
    """
    if not isinstance(layers, (tuple, list)):
        raise TypeError(f"layers must be a list or tuple of mappings; got {shown(layers)}")
    if not layers:
        raise ValueError(f"layers must have at least one layer; got {shown(layers)}")
    rate = None if learning_rate is None else real("learning_rate", learning_rate, least=0)
    value = np.nan if loss is None else real("loss", loss)
    choice("precision", precision, PRECISIONS)
    given = [_layer(f"layers[{k}]", layer, k) for k, layer in enumerate(layers)]
    numbers = [_numbers(layer, rate) for layer in given]
    signal = likeness = np.nan
    samples = 0
    for layer in given:
        for key in BY_INPUT:
            if key in layer and layer[key].ndim > 1:
                samples = samples or layer[key].shape[0]
    if inputs is not None:
        batch = _array("inputs", inputs)
        signal, _, likeness = summary(batch)
        samples = batch.shape[0] if batch.ndim else 1
    last, weight = given[-1], np.nan
    if loss is not None and "gradient" in last and "pre_activation" in last:
        weight = samples * per_prediction(last["pre_activation"], last["gradient"], value)
    columns: dict[str, Any] = {
        name: np.array([row[name] for row in numbers]) for name in numbers[0]
    }  # fmt: skip
    table = Layers(
        names=[layer["name"] for layer in given],
        kinds=[layer["kind"] for layer in given],
        functions=[layer["function"] for layer in given],
        samples=samples, precision=precision, loss_weight=weight,
        input_signal=signal, input_likeness=likeness,
        **columns,
    )  # fmt: skip
    return Report(table, predicted(table, *_variances(given)), value)


def _array(name: str, value: Any) -> np.ndarray:
    array = np.ascontiguousarray(real_numbers(name, value), np.float64)
    if not array.size:
        raise ValueError(f"{name} must not be empty; got the shape {array.shape}")
    if np.isnan(array).any():
        raise ValueError(f"{name} must hold no NaN")
    return array


def _layer(name: str, given: Any, number: int) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        raise TypeError(f"{name} must be a mapping of names to arrays; got {shown(given)}")
    if unknown := [key for key in given if key not in (*ARRAYS, *WORDS)]:
        allowed = ", ".join((*WORDS, *ARRAYS))
        raise ValueError(f"{name} must have no other keys than {allowed}; got {shown(unknown[0])}")
    layer: dict[str, Any] = {"name": str(number + 1), "kind": "layer", "function": ""}
    for key in WORDS:
        if key in given:
            if not isinstance(given[key], str):
                raise TypeError(f"{name}[{key!r}] must be a str; got {shown(given[key])}")
            layer[key] = given[key]
    choice(f"{name}['kind']", layer["kind"], KINDS)
    layer["function"] = plain_name(layer["function"]) or layer["function"]
    for key in ARRAYS:
        if given.get(key) is not None:
            layer[key] = _array(f"{name}[{key!r}]", given[key])
    for one, two in (("gradient", "pre_activation"), ("weight_gradient", "weight")):
        if one in layer and two in layer and layer[one].shape != layer[two].shape:
            raise ValueError(
                f"{name}[{one!r}] must have the shape of {two}, {layer[two].shape}; "
                f"got {layer[one].shape}"
            )
    return layer


def _size(array: np.ndarray) -> float:
    """Norm, also of numbers whose squares leave the range."""
    peak = float(np.max(np.abs(array)))
    if not 0 < peak < np.inf:
        return peak
    return float(peak * np.sqrt(np.sum((array / peak) ** 2)))


def _rms(array: np.ndarray) -> float:
    return float(_size(array) / np.sqrt(array.size))


def summary(array: np.ndarray) -> tuple[float, float, float]:
    """Root mean square, spread over the first axis, and cosine between two of its entries."""
    size = _rms(array)
    if array.ndim < 2 or array.shape[0] < 2 or not 0 < size < np.inf:
        return size, np.nan, np.nan
    x = array.reshape(array.shape[0], -1)
    spread = _rms(x - x.mean(axis=0))
    x = x / np.max(np.abs(x))
    norms = np.sqrt(np.sum(x**2, axis=1, keepdims=True))
    if not norms.all():
        return size, spread, np.nan
    unit = x / norms
    apart = np.sum((unit - unit.mean(axis=0)) ** 2) / (len(x) - 1)
    return size, spread, float(1 - min(apart, 2.0))


def _numbers(layer: dict[str, Any], rate: float | None) -> dict[str, float]:
    found = dict.fromkeys(
        ("gradient", "weight_gradient", "weight", "update", "signal", "spread", "likeness",
         "activation", "dead", "saturated", "float16", "bfloat16", "unit_difference",
         "trainable", "reached"), np.nan,
    )  # fmt: skip
    h = layer.get("pre_activation")
    if h is not None:
        found["signal"], found["spread"], found["likeness"] = summary(h)
        found["dead"], found["saturated"] = _flat(h, layer["function"], layer["kind"])
    if "activation" in layer:
        found["activation"] = _rms(layer["activation"])
        if h is None:
            found["signal"], found["spread"], found["likeness"] = summary(layer["activation"])
            if layer["function"] in ("relu", "relu6"):
                found["dead"] = _flat(layer["activation"], "relu", layer["kind"])[0]
    if "gradient" in layer:
        found["gradient"] = _size(layer["gradient"])
        entries = np.abs(layer["gradient"][layer["gradient"] != 0])
        for kind, limit in LOST.items():
            found[kind] = float(np.mean(entries <= limit)) if entries.size else np.nan
    for key in ("weight", "weight_gradient"):
        if key in layer:
            found[key] = _size(layer[key])
    if "weight" in layer and "weight_gradient" in layer:
        if rate is not None and found["weight"] > 0:
            found["update"] = rate * found["weight_gradient"] / found["weight"]
        found["unit_difference"] = _unit_difference(layer)
    return found


def _flat(h: np.ndarray, name: str, kind: str) -> tuple[float, float]:
    """Share of units that are dead, and of entries that are saturated."""
    dead = saturated = np.nan
    axis = 1 if kind == "convolution" and h.ndim > 2 else h.ndim - 1
    others = tuple(d for d in range(h.ndim) if d != axis)
    if name in DEAD_OUTSIDE and others:
        low, high = DEAD_OUTSIDE[name]
        dead = float(np.mean((h.max(axis=others) <= low) | (h.min(axis=others) >= high)))
    if name in SATURATED_OUTSIDE:
        low, high = SATURATED_OUTSIDE[name]
        saturated = float(np.mean((h < low) | (h > high)))
    return dead, saturated


def _unit_difference(layer: dict[str, Any]) -> float:
    """Compare the units in weights and gradient, along the axis on which they are more alike.

    Whether units are rows or columns of the matrix is not told by its shape.
    """
    if layer["weight"].ndim < 2:
        return np.nan
    found = []
    for axis in (0, layer["weight"].ndim - 1):
        if layer["weight"].shape[axis] < 2:
            continue
        both = []
        for array in (layer["weight"], layer["weight_gradient"]):
            size = _size(array)
            apart = _size(array - array.mean(axis=axis, keepdims=True))
            both.append(apart / size if size else 0.0)
        found.append(max(both))
    return min(found) if found else np.nan


def _variances(given: list[dict[str, Any]]) -> tuple[list[float], list[float]]:
    weights, biases = [], []
    for layer in given:
        matrix = layer.get("weight")
        units = layer["pre_activation"].shape[-1] if "pre_activation" in layer else 0
        if matrix is None or matrix.ndim != 2 or units not in matrix.shape:
            weights.append(np.nan)
        else:
            weights.append(_size(matrix) ** 2 / units)
        biases.append(_rms(layer["bias"]) ** 2 if "bias" in layer else 0.0)
    return weights, biases
