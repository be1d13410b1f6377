"""Gradients of early and late layers while small sigmoid networks train."""

from collections.abc import Sequence
from functools import partial

import numpy as np
from tqdm.auto import tqdm

from lib import activations, datasets, initializers
from lib.experiments import sweep
from lib.experiments.parts import Done, once
from lib.models import Network, Parameters

SEEDS = sweep.SEEDS
HIDDEN = (2, 3, 4)
UNITS, RATE, STEPS = 30, 1.0, 1000
RECORDS = tuple(sorted({round(float(step)) for step in np.geomspace(1, STEPS, 48)}))


def run(seeds: Sequence[int] = SEEDS, done: Done | None = None) -> dict[str, np.ndarray]:
    """Train networks of 2, 3 and 4 hidden layers of 30 sigmoid units by plain gradient descent.

    Every step goes through all training digits, at a learning rate of 1. Weights start with
    variance 1/fan_in and biases with variance 1.

    Parameters
    ----------
    seeds : sequence of int
    done : mutable mapping, optional
        Parts that were computed before; the others are added.

    Returns
    -------
    dict of str to ndarray
        ``"steps"``, shape (records,); for each depth ``"error_norm n"``, shape (records, n,
        seeds), the root mean square of the gradient of a sample's loss with respect to the
        pre-activations of each hidden layer; ``"bias_gradient n"``, of the same shape, the norm of
        the gradient with respect to its biases, in which the errors of different samples cancel;
        ``"train_accuracy n"`` and ``"test_accuracy n"``, shape (records, seeds);
        ``"weight_scale n"``, shape (records, n, seeds), the root mean square of the weights of
        each hidden layer times the root of its fan-in; and ``"slope_rms n"``, shape (2, n, seeds),
        the root mean square of the slopes of each hidden layer, at the start and at the end.

    References
    ----------
    Nielsen, *Neural Networks and Deep Learning*, 2015, chapter 5.
    """
    done = {} if done is None else done
    found: dict[str, np.ndarray] = {}
    for hidden in tqdm(HIDDEN, unit="depth", disable=None):
        found |= once(done, f"{hidden}", partial(of_depth, hidden, seeds))
    return found


def of_depth(hidden: int, seeds: Sequence[int]) -> dict[str, np.ndarray]:
    """Train networks of a depth; see `run`."""
    start = initializers.normal(weight_variance=1.0, bias_variance=1.0)
    network = Network((64, *[UNITS] * hidden, 10), activations.sigmoid(), start)
    trained = sweep.train(
        network, seeds, rates=[RATE], epochs=STEPS, batch=None, record_every=RECORDS
    )
    found = {"steps": trained.training.history.steps.astype(float)}
    for name in ("error_norm", "bias_gradient"):
        found[f"{name} {hidden}"] = trained.array(name)[:, :hidden]
    for name in ("train_accuracy", "test_accuracy"):
        found[f"{name} {hidden}"] = trained.array(name)
    found[f"weight_scale {hidden}"] = trained.array("weight_scale")[:, :hidden]
    ends = network.draw(seeds, dtype=np.float32), trained.training.parameters
    found[f"slope_rms {hidden}"] = np.array([slope_rms(network, end) for end in ends])
    return found


def slope_rms(network: Network, parameters: Parameters) -> np.ndarray:
    """Root mean square of the slopes of each hidden layer, over units and training digits.

    Parameters
    ----------
    network : Network
    parameters : Parameters

    Returns
    -------
    ndarray, shape (hidden layers, replicas)
    """
    images = datasets.digits().train_images.astype(parameters.flat.dtype).T
    seen = np.broadcast_to(images, (parameters.replicas, *images.shape))
    slopes = network.forward(parameters, seen).slopes
    return np.sqrt([(slope**2).mean(axis=(1, 2)) for slope in slopes])
