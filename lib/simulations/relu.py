"""ReLU networks at the start, and one unit that learns: book/relu.md."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from lib import chain

HIDDEN, UNITS, EXAMPLES, NETWORKS = 10, 100, 100, 8
DEEPEST, REPLICAS, WIDTHS = 50, 20, (256, 16)
NORMALIZED_WIDTH, NORMALIZED_BATCH, NORMALIZED_REPLICAS = 256, 128, 4
INITIALIZATIONS = {"He, 2/n": 2.0, "Xavier, 1/n": 1.0, "PyTorch, 1/(3n)": 1 / 3}
# The unit that one step can kill: where it starts, and two groups of points with targets 0 and 1.
START_WEIGHTS, START_BIAS, GROUP, CENTER, SPREAD = (0.8, 0.3), 1.5, 20, 0.7, 0.5


@lru_cache(maxsize=512)
def census(bias: float, weight_scale: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Count what is silent in a random network with one bias for all of its units.

    Parameters
    ----------
    bias : float
        Of every unit.
    weight_scale : float
        sigma_w, the standard deviation of a weight times the square root of its fan-in.

    Returns
    -------
    silent, dead, likeness : ndarray of float64, shape (layers,)
        Mean over networks of the share of outputs that are zero, of the share of units that are
        zero for all examples, and of the cosine between the pre-activations of two examples.
    """
    rng = np.random.default_rng(0)
    signal = rng.normal(size=(NETWORKS, UNITS, EXAMPLES))
    silent, dead, likeness = np.empty((3, HIDDEN))
    for layer in range(HIDDEN):
        weights = rng.normal(size=(NETWORKS, UNITS, UNITS)) * weight_scale / np.sqrt(UNITS)
        pre_activation = weights @ signal + bias
        signal = np.maximum(pre_activation, 0)
        silent[layer] = np.mean(signal == 0)
        dead[layer] = np.mean(np.all(signal == 0, axis=-1))
        likeness[layer] = mean_cosine(pre_activation)
    return silent, dead, likeness


def mean_cosine(vectors: np.ndarray) -> float:
    """Mean cosine between two different columns, over all pairs and all networks.

    Parameters
    ----------
    vectors : ndarray, shape (networks, units, examples)

    Returns
    -------
    float

    Examples
    --------
    >>> mean_cosine(np.array([[[1.0, 0.0, 1.0], [0.0, 2.0, 0.0]]]))
    0.3333333333333333
    """
    directions = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    examples = vectors.shape[-1]
    total = np.square(directions.sum(axis=-1)).sum(axis=-1)  # of all pairs, each with itself too
    return float(np.mean((total - examples) / (examples * (examples - 1))))


@lru_cache(maxsize=8)
def unit_profile(width: int) -> np.ndarray:
    """Measure log10 of the gradient norm by layer in ReLU chains with sigma_w = 1 and no biases.

    Parameters
    ----------
    width : int
        Units in each layer.

    Returns
    -------
    ndarray of float64, shape (replicas, depth)
        Column l - 1 holds log10 of ``|dL/dh_l| / |dL/dh_L|``; minus infinity in a dead network.
    """
    run = chain.simulate(
        chain.MLP("relu", depth=DEEPEST, width=width, weight_variance=1.0),
        batch=1,
        replicas=REPLICAS,
        seed=1,
        measure=chain.Measure(rescale=True),
    )
    return np.asarray(run.log10_gradient_norm - run.log10_gradient_norm[:, -1:])


@lru_cache(maxsize=64)
def normalized_profile(normalization: str | None) -> np.ndarray:
    """Measure log10 of the gradient norm by layer, with or without a normalization.

    Parameters
    ----------
    normalization : {None, "batch"}
        As for :func:`lib.chain.simulate`, with sigma_w = 1.

    Returns
    -------
    ndarray of float64, shape (replicas, depth)
        Column l - 1 holds log10 of ``|dL/dh_l| / |dL/dh_L|``.
    """
    run = chain.simulate(
        chain.MLP(
            "relu",
            depth=DEEPEST,
            width=NORMALIZED_WIDTH,
            weight_variance=1.0,
            normalization=normalization,
            epsilon=0.0,
        ),
        batch=NORMALIZED_BATCH,
        replicas=NORMALIZED_REPLICAS,
        seed=2,
    )
    return np.asarray(run.log10_gradient_norm - run.log10_gradient_norm[:, -1:])


@dataclass(frozen=True)
class OneUnit:
    """A single ReLU unit while it learns.

    Attributes
    ----------
    points : ndarray of float64, shape (examples, 2)
    targets : ndarray of float64, shape (examples,)
    weights : ndarray of float64, shape (steps + 1, 2)
    biases : ndarray of float64, shape (steps + 1,)
    """

    points: np.ndarray
    targets: np.ndarray
    weights: np.ndarray
    biases: np.ndarray

    def pre_activations(self, step: int) -> np.ndarray:
        """Return ``w x + b`` for all points after `step` steps."""
        return np.asarray(self.points @ self.weights[step] + self.biases[step])

    def loss(self, step: int) -> float:
        """Half of the mean squared error after `step` steps."""
        return float(np.mean((np.maximum(self.pre_activations(step), 0) - self.targets) ** 2) / 2)


@lru_cache(maxsize=64)
def one_unit(rate: float, steps: int = 60) -> OneUnit:
    """Train one ReLU unit on two groups of points in the plane by gradient descent.

    Parameters
    ----------
    rate : float
        Learning rate.
    steps : int
        Each on all of the points.

    Returns
    -------
    OneUnit
    """
    rng = np.random.default_rng(1)
    points = np.concatenate(
        [rng.normal(middle, SPREAD, size=(GROUP, 2)) for middle in (-CENTER, CENTER)]
    )
    targets = np.repeat([0.0, 1.0], GROUP)
    weights, biases = np.empty((steps + 1, 2)), np.empty(steps + 1)
    weights[0], biases[0] = START_WEIGHTS, START_BIAS
    for step in range(steps):
        h = points @ weights[step] + biases[step]
        error = (np.maximum(h, 0) - targets) * (h > 0)
        weights[step + 1] = weights[step] - rate * (error @ points) / len(points)
        biases[step + 1] = biases[step] - rate * error.mean()
    return OneUnit(points, targets, weights, biases)
