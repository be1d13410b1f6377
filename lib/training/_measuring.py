"""What is measured of networks at one moment of training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lib._numbers import norms
from lib.models.losses import LOSSES, Loss
from lib.models.network import Network, Pass
from lib.models.parameters import Parameters
from lib.training.history import Record

Labelled = tuple[np.ndarray, np.ndarray]
Running = dict[str, np.ndarray]
Measured = dict[str, np.ndarray]


def measured(
    network: Network,
    parameters: Parameters,
    running: Running,
    loss: str,
    data: Labelled,
    test: Labelled | None,
    taken: tuple[int, int],
) -> Record:
    """Measure on all training data, and on test data if there are any.

    Parameters
    ----------
    network, parameters, running, loss
        Of the training.
    data, test : (ndarray, ndarray)
        Inputs, shape (samples, inputs), and labels, shape (samples,).
    taken : (int, int)
        Epochs and steps.
    """
    judge = LOSSES[loss]
    found = _evaluated("train", network, parameters, running, judge, data)
    found |= _evaluated("test", network, parameters, running, judge, test)
    x, labels = _spread(parameters, data)
    trace = network.run(parameters, x)
    gradient = parameters.like()
    network.run_back(parameters, trace, judge(trace.outputs[-1], labels).gradient, gradient)
    layers = range(1, network.hidden + 2)
    found |= _of_gradients(gradient, trace, layers, len(data[1]))
    found |= _of_activations(trace, parameters.replicas)
    found |= _of_parameters(network, parameters, layers)
    epoch, step = taken
    rows = {name: np.asarray(array, np.float64) for name, array in found.items()}
    return Record(epoch=epoch, step=step, **rows)


def _evaluated(
    part: str,
    network: Network,
    parameters: Parameters,
    running: Running,
    judge: Loss,
    data: Labelled | None,
) -> Measured:
    """Loss and accuracy in evaluation mode, NaN without data."""
    if data is None:
        missing = np.full(parameters.replicas, np.nan)
        return {f"{part}_loss": missing, f"{part}_accuracy": missing}
    x, labels = _spread(parameters, data)
    judged = judge(network.run(parameters, x, running=running).outputs[-1], labels)
    return {f"{part}_loss": judged.loss, f"{part}_accuracy": judged.right.mean(axis=1)}


def _of_gradients(
    gradient: Parameters, trace: Pass, layers: Sequence[int], samples: int
) -> Measured:
    """Norms of the gradients of each layer."""
    found, root = gradient.arrays, np.sqrt(samples)
    shifts = [found.get(f"bias {n}", found.get(f"shift {n}")) for n in layers]
    return {
        "weight_gradient": np.array([norm(found[f"weight {n}"]) for n in layers]),
        "bias_gradient": np.array([norm(shift) for shift in shifts]),
        "error_norm": np.array([root * norm(delta) for delta in trace.deltas]),
    }


def _of_activations(trace: Pass, replicas: int) -> Measured:
    """Means and shares of each hidden layer."""
    values = trace.outputs[1:-1]
    means = [a.mean(axis=2) for a in values]
    found: dict[str, Any] = {
        "activation_mean": [a.mean(axis=(1, 2)) for a in values],
        "activation_rms": np.sqrt([(a * a).mean(axis=(1, 2)) for a in values]),
        "unit_mean_rms": np.sqrt([(mean**2).mean(axis=1) for mean in means]),
        "positive": [(a > 0).mean(axis=(1, 2)) for a in values],
        "dead": [(slope == 0).all(axis=2).mean(axis=1) for slope in trace.slopes],
        "silent": [(h <= 0).all(axis=2).mean(axis=1) for h in trace.inputs],
    }
    return {name: np.reshape(rows, (len(values), replicas)) for name, rows in found.items()}


def _of_parameters(network: Network, parameters: Parameters, layers: Sequence[int]) -> Measured:
    """Scales of the weights, and learned slopes."""
    weights = [parameters.arrays[f"weight {n}"] for n in layers]
    slopes = np.full((network.hidden, parameters.replicas), np.nan)
    if network.learns_slopes:
        for row, n in enumerate(layers[:-1]):
            slopes[row] = parameters.arrays[f"slope {n}"].mean(axis=1)
    return {
        "weight_scale": np.array([norm(w) / np.sqrt(w.shape[1]) for w in weights]),
        "slopes": slopes,
    }


def _spread(parameters: Parameters, data: Labelled) -> Labelled:
    """Lay out inputs and labels as every replica sees them, samples last."""
    inputs, labels = data
    x = inputs.astype(parameters.flat.dtype).T
    replicas = parameters.replicas
    return (
        np.broadcast_to(x, (replicas, *x.shape)), np.broadcast_to(labels, (replicas, len(labels)))
    )  # fmt: skip


def norm(array: Any) -> np.ndarray:
    """Norm of all numbers of each replica, whose squares might leave single precision."""
    return np.asarray(np.ldexp(*norms([array])))
