"""Leaky chains and units that are silent: book/leaky-relu.md."""

from functools import lru_cache

import numpy as np

from lib import activations, chain, datasets, initializers, models, training

DEPTH, WIDTH, REPLICAS = 50, 200, 8
NARROW_DEPTH, EXAMPLES, NETWORKS = 20, 64, 40
WEIGHTS = ("xavier", "he", "matched")


def predicted_factor(alpha: float, weight_variance: float) -> float:
    """Root mean square factor by which one layer changes the norm of a gradient, without biases.

    Parameters
    ----------
    alpha : float
        Slope for negative pre-activations.
    weight_variance : float
        sigma_w squared: variance of a weight times its fan-in.

    References
    ----------
    He, Zhang, Ren & Sun, "Delving Deep into Rectifiers", ICCV 2015, section 2.2.

    Examples
    --------
    >>> predicted_factor(0.0, 2.0), predicted_factor(1.0, 1.0)
    (1.0, 1.0)
    """
    return float(np.sqrt(weight_variance * (1 + alpha**2) / 2))


@lru_cache(maxsize=256)
def unit_profile(alpha: float) -> np.ndarray:
    """Measure log10 of the gradient norm by layer in leaky chains with sigma_w = 1 and no biases.

    Parameters
    ----------
    alpha : float
        Slope for negative pre-activations, any number.

    Returns
    -------
    ndarray of float64, shape (replicas, depth)
        Column l - 1 holds log10 of ``|dL/dh_l| / |dL/dh_L|``.
    """
    run = chain.simulate(
        chain.MLP(activations.prelu(alpha=alpha), depth=DEPTH, width=WIDTH, weight_variance=1.0),
        batch=1,
        replicas=REPLICAS,
        seed=0,
    )
    return np.asarray(run.log10_gradient_norm - run.log10_gradient_norm[:, -1:])


def gradient_profile(alpha: float, weight_variance: float) -> np.ndarray:
    """Rescale `unit_profile` to other weights: exact, since no unit changes its side.

    Parameters
    ----------
    alpha, weight_variance : float
        As for `predicted_factor`.

    Returns
    -------
    ndarray of float64, shape (replicas, depth)
    """
    layers_above = DEPTH - np.arange(1, DEPTH + 1)
    return np.asarray(unit_profile(alpha) + layers_above * np.log10(weight_variance) / 2)


def measured_factor(alpha: float, weight_variance: float) -> float:
    """Typical factor per layer: the median over networks, to the power of one over the layers."""
    passed = np.median(gradient_profile(alpha, weight_variance)[:, 0])
    return float(10 ** (passed / (DEPTH - 1)))


def weight_variance_for(weights: str, alpha: float) -> float:
    """Return sigma_w squared of Xavier's, He's (for ReLU) or the matching initialization.

    Raises
    ------
    ValueError
        If `weights` is none of "xavier", "he" and "matched".

    Examples
    --------
    >>> weight_variance_for("matched", 1.0)
    1.0
    """
    if weights not in WEIGHTS:
        raise ValueError(f"weights must be one of {', '.join(WEIGHTS)}; got {weights!r}")
    return {"xavier": 1.0, "he": 2.0, "matched": 2 / (1 + alpha**2)}[weights]


@lru_cache(maxsize=256)
def silent_units(alpha: float, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Measure units that stay negative for a whole batch, and the gradient at layer 1.

    Parameters
    ----------
    alpha : float
        Slope for negative pre-activations.
    width : int
        Units of each layer; the weights have the variance that matches `alpha`.

    Returns
    -------
    share : ndarray of float64, shape (depth,)
        Share of units with a pre-activation of at most 0 for every input, mean over networks.
    passed : ndarray of float64, shape (networks,)
        log10 of the gradient norm at layer 1 over that at the last; minus infinity for none.
    """
    run = chain.simulate(
        chain.MLP(
            activations.prelu(alpha=alpha),
            depth=NARROW_DEPTH,
            width=width,
            weight_variance=weight_variance_for("matched", alpha),
        ),
        batch=EXAMPLES,
        replicas=NETWORKS,
        seed=0,
        measure=chain.Measure(arrays=True),
    )
    assert run.arrays is not None  # asked for by keep
    share = [(h <= 0).all(axis=-1).mean() for h in run.arrays.pre_activations]
    return np.array(share), np.asarray(run.log10_gradient_ratio)


@lru_cache(maxsize=16)
def layer_that_recovers(alpha: float) -> tuple[np.ndarray, np.ndarray]:
    """Train ten layers of 32 units on 400 digits from biases of -6, with which they are silent.

    Parameters
    ----------
    alpha : float
        Slope for negative pre-activations.

    Returns
    -------
    silent, right : ndarray, shape (epochs + 1, networks)
        Share of units that are positive on no digit, and of digits that are classified rightly,
        in 40 epochs of gradient descent at a rate of 0.2.
    """
    phi = activations.leaky_relu(alpha=alpha) if alpha else activations.relu()
    network = models.Network((64, 32, 10), phi, initializers.he(slope=alpha))
    learners = training.Training(network, training.sgd(0.2), range(10))
    learners.parameters.arrays["bias 1"][...] = -6
    data = datasets.digits(400)
    history = learners.run(data.train_images, data.train_labels, 40, batch=50)
    return history.silent[:, 0], history.train_accuracy
