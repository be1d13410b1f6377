"""Signal and gradient of deep tanh networks: book/hyperbolic-tangent.md."""

from functools import lru_cache
from statistics import NormalDist

import numpy as np

from lib import activations, chain
from lib.theory import mean_field

# Of the standard normal distribution, which is symmetric.
_LOWER = np.array([NormalDist().inv_cdf((k + 0.5) / 20_000) for k in range(10_000)])
QUANTILES = np.concatenate([_LOWER, -_LOWER[::-1]])
SATURATED = 0.05
WIDTH, REPLICAS, EXAMPLES = 100, 16, 2000
# The valley: best weights, most steps, and the share of the way that is left on arrival.
BEST, MOST_STEPS, ARRIVED = np.array([2.0, 0.0]), 10_000, 0.01


@lru_cache(maxsize=512)
def saturation_at(activation: str, spread: float) -> tuple[float, float]:
    """Share of saturated units, and their mean squared slope, for normal pre-activations.

    Parameters
    ----------
    activation : str
        Name of the activation, as `lib.activations.get` takes it.
    spread : float
        Standard deviation of the pre-activations; their mean is 0.

    Returns
    -------
    share, mean_square : float
        Share of slopes below 5% of the largest one; mean squared slope, in units of the largest
        one squared.
    """
    phi = activations.get(activation)
    slope = phi.derivative(spread * QUANTILES) / float(phi.sup_slope)
    return float((slope < SATURATED).mean()), float((slope**2).mean())


@lru_cache(maxsize=64)
def signal_sizes(weight_scale: float, layers: int) -> np.ndarray:
    """Mean square of the pre-activations of wide tanh layers without biases, from 1 on.

    Parameters
    ----------
    weight_scale : float
        sigma_w, the standard deviation of a weight times the square root of its fan-in.
    layers : int
        Number of layers after the first.

    Returns
    -------
    ndarray of float64, shape (layers + 1,)
        Starting with 1 at the first layer.
    """
    sizes, phi = [1.0], activations.tanh()
    for _ in range(layers):
        sizes.append(
            float(mean_field.variance_map(phi, sizes[-1], weight_variance=weight_scale**2))
        )
    return np.array(sizes)


@lru_cache(maxsize=64)
def predicted_gradient(weight_variance: float, depth: int) -> np.ndarray:
    """Gradient of layer 1 over that of layer L in wide tanh chains without biases, in theory.

    Parameters
    ----------
    weight_variance : float
        sigma_w squared: variance of a weight times its fan-in.
    depth : int
        Largest number of layers.

    Returns
    -------
    ndarray of float64, shape (depth,)
        Entry L - 1 is log10 of the ratio of root mean squares in a chain of L layers whose inputs
        have mean square 1.

    References
    ----------
    Schoenholz, Gilmer, Ganguli & Sohl-Dickstein, "Deep Information Propagation", ICLR 2017.
    """
    return changes(np.array([weight_variance]), depth)[:, 0]


def changes(weight_variances: np.ndarray, depth: int) -> np.ndarray:
    """Predict for many weight variances at once; shape (depth, variances)."""
    node, share = np.polynomial.hermite_e.hermegauss(250)
    share = share / share.sum()
    phi = activations.tanh()
    logs, q = [np.zeros(weight_variances.size)], weight_variances
    for _ in range(depth - 1):
        h = np.sqrt(q)[:, None] * node
        chi_1 = weight_variances * (phi.derivative(h) ** 2 @ share)
        logs.append(logs[-1] + np.log10(chi_1) / 2)
        q = weight_variances * (phi(h) ** 2 @ share)
    return np.array(logs)


@lru_cache(maxsize=256)
def measured_gradient(weight_variance: float, depth: int) -> float:
    """Log10 of the same ratio, as the root mean square over random tanh networks."""
    run = chain.simulate(
        chain.MLP("tanh", depth=depth, width=WIDTH, weight_variance=weight_variance),
        batch=1,
        replicas=REPLICAS,
        seed=0,
    )
    ratio = run.gradient_norm[:, 0] / run.gradient_norm[:, -1]
    return float(np.log10((ratio**2).mean()) / 2)


@lru_cache(maxsize=16)
def level_scales(depth: int, within: float = 10.0) -> tuple[float, float]:
    """Weight scales at which a wide tanh chain changes the gradient by less than a factor.

    Parameters
    ----------
    depth : int
        Number of layers.
    within : float, default 10
        The factor, for growth and for decay.

    Returns
    -------
    lowest, highest : float
        In steps of 0.01, from 0.3 to 3.
    """
    scales = np.arange(30, 301) / 100
    change = changes(scales**2, depth)[-1]
    inside = scales[np.abs(change) < np.log10(within)]
    return float(inside[0]), float(inside[-1])


def descent(mean: float, rate: float, steps: int = MOST_STEPS) -> np.ndarray:
    """Weights of a linear unit with two inputs that gradient descent passes through.

    The inputs are independent, with that mean and variance 1, and the targets are those of the
    weights (2, 0), so that the loss is half of the mean of ``((w - best) @ x)**2``.

    Parameters
    ----------
    mean : float
        Of both inputs.
    rate : float
        Learning rate.
    steps : int

    Returns
    -------
    ndarray of float64, shape (steps or fewer + 1, 2)
        From weights of zero on, until 1% of the way is left or the weights are beyond 1000.
    """
    moments = np.eye(2) + mean**2
    path = [np.zeros(2)]
    while len(path) <= steps:
        away = path[-1] - BEST
        if np.linalg.norm(away) <= ARRIVED * np.linalg.norm(BEST) or np.abs(away).max() > 1000:
            break
        path.append(path[-1] - rate * moments @ away)
    return np.array(path)


@lru_cache(maxsize=256)
def second_moments(activation: str, width: int) -> np.ndarray:
    """Eigenvalues of the second-moment matrix of a layer's outputs.

    Parameters
    ----------
    activation : str
        Name of the activation.
    width : int
        Number of units; their pre-activations are independent and standard normal.

    Returns
    -------
    ndarray of float64, shape (width,)
        Eigenvalues of the mean of ``a a^T`` over examples, largest first.
    """
    rng = np.random.default_rng(0)
    outputs = activations.get(activation)(rng.normal(size=(width, EXAMPLES)))
    return np.asarray(np.linalg.eigvalsh(outputs @ outputs.T / EXAMPLES)[::-1])
