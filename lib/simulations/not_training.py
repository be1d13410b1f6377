"""Networks that do not train, at the start: book/not-training.md."""

from functools import lru_cache

import numpy as np

from lib import attention, chain, doctor, experiments, recurrent
from lib.experiments import symptoms
from lib.simulations.residual import branch_scale
from lib.theory import Description, finite_width

# As of a loss averaged over 16,000 tokens, with as many classes: a mean of (p - y) / 16,000.
LAST_GRADIENT = 1e-7
STEPS_OF_TIME = 60


def described(
    depth: int, width: int, activation: str, initializer: str, normalization: str, scale: str,
    precision: str,
) -> Description:  # fmt: skip
    """Build the network of the doctor's menus."""
    return Description(
        depth=depth, width=width, activation=activation, initializer=initializer,
        normalization=None if normalization == "none" else normalization,
        residual=branch_scale(scale, depth), precision=precision, last_gradient=LAST_GRADIENT,
    )  # fmt: skip


def scatter(network: Description) -> float:
    """Factor by which the gradient of one network typically departs from the forecast.

    One standard deviation of the logarithm, that of a plain network of the same size; residual
    and normalized networks depart less.

    Examples
    --------
    >>> round(scatter(described(50, 64, "relu", "he", "none", "none", "float32")), 1)
    2.7
    """
    slope = 0.0 if network.phi.name in doctor.RECTIFIERS else 1.0
    crossed = [network.width] * max(network.depth - 1, 1)
    spread = finite_width.leading_order(crossed, alpha=slope).variance
    return float(np.exp(np.sqrt(spread) / 2))


@lru_cache(maxsize=1)
def saturation() -> dict[str, np.ndarray]:
    """Shares of the outputs of tanh layers in 40 equal bins, for small and for large weights."""
    found = {}
    for name, variance in (("small", 1.0), ("large", 25.0)):
        run = chain.simulate(
            chain.MLP("tanh", depth=10, width=128, weight_variance=variance),
            batch=64,
            replicas=2,
            measure=chain.Measure(histogram_edges=np.linspace(-1, 1, 41)),
        )
        assert run.activation_histogram is not None
        found[name] = run.activation_histogram.mean(axis=(0, 1))
    return found


def update(results: experiments.Results, name: str) -> np.ndarray:
    """One step of gradient descent relative to the weights, by layer, in the median seed."""
    gradient = results[f"weight_gradient {name}"][0].astype(np.float64)
    fan_in = np.array([64, *[symptoms.UNITS] * symptoms.HIDDEN], float)[:, None]
    fan_out = np.array([*[symptoms.UNITS] * symptoms.HIDDEN, 10], float)[:, None]
    norm = results[f"weight_scale {name}"][0] / np.sqrt(fan_in) * np.sqrt(fan_in * fan_out)
    return np.asarray(np.median(symptoms.RATE * gradient / norm, axis=1))


@lru_cache(maxsize=1)
def alike() -> tuple[np.ndarray, np.ndarray]:
    """Cosine of two inputs by layer, in healthy networks and in those that make inputs alike."""
    sick, well = (
        chain.simulate(
            chain.MLP("tanh", depth=20, width=128, initializer=initializer),
            batch=2,
            replicas=8,
            input_correlation=0.0,
        )
        for initializer in (symptoms.ALIKE, "xavier")
    )
    return well.correlation.mean(axis=0), sick.correlation.mean(axis=0)


@lru_cache(maxsize=1)
def through_time() -> dict[str, np.ndarray]:
    """Gradient of the last step with respect to all before, log10, of an LSTM and of an RNN."""
    x = np.random.default_rng(0).standard_normal((STEPS_OF_TIME, 1, 4, 1))
    start = recurrent.Start(forget_bias=3.0)
    maps = {}
    for name, cell in (("LSTM", recurrent.LSTM(4, 32)), ("RNN", recurrent.RNN(4, 32))):
        weights = (start if name == "LSTM" else recurrent.Start()).draw(cell, [0])
        trace = cell.forward(weights, x)
        maps[name] = recurrent.through_time.gradient_map(trace)[0, -1]
    return maps


@lru_cache(maxsize=1)
def transformers() -> dict[str, np.ndarray]:
    """Gradient of the last matrix of each block, by placement of the normalization."""
    found = {}
    for placement in ("pre", "post"):
        block = attention.Block(64, heads=4, activation="relu", placement=placement)
        run = attention.simulate(attention.Transformer(24, block), replicas=5)
        found[placement] = 10.0 ** np.median(run.log10_weight_gradient_norm["down"], axis=0)
    return found


def equal_weights() -> np.ndarray:
    """Draw the weights of a unit, which its neighbors share; shape (12,)."""
    return np.random.default_rng(0).standard_normal(12)
