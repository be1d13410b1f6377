"""What reaches which layer of a deep chain: the figure that several chapters share."""

from functools import lru_cache

import numpy as np
from matplotlib.axes import Axes

from lib import activations, chain
from lib.figures.style import COLORS, INK, log_axis, power_of_ten
from lib.theory import mean_field

REPLICAS = 8
WIDTH = 64
DEEPEST = 50


@lru_cache(maxsize=4096)
def gradient_profile(activation: str, depth: int, weight_scale: float) -> np.ndarray:
    """Measure log10 of the gradient norm at each layer, relative to the last one.

    Parameters
    ----------
    activation : str
        Name of the activation, as `lib.activations.get` takes it.
    depth : int
        Number of layers.
    weight_scale : float
        sigma_w, the standard deviation of a weight times the square root of its fan-in.

    Returns
    -------
    ndarray of float64, shape (replicas, depth)
        Column l - 1 holds log10 of ``|dL/dh^l| / |dL/dh^L|``.
    """
    run = chain.simulate(
        activation, depth=depth, width=WIDTH, batch=1, weight_variance=weight_scale**2,
        replicas=REPLICAS, seed=0,
    )  # fmt: skip
    with np.errstate(divide="ignore"):
        norms = np.asarray(np.log10(run.gradient_norm))
    return np.asarray(norms - norms[:, -1:])


@lru_cache(maxsize=512)
def predicted_profile(activation: str, weight_scale: float) -> np.ndarray:
    """Predict what `gradient_profile` measures at the largest depth, for wide layers.

    Parameters
    ----------
    activation, weight_scale
        As for `gradient_profile`.

    Returns
    -------
    ndarray of float64, shape (DEEPEST,)
        Of a shallower chain, the first entries relative to the last of them.
    """
    return mean_field.log10_gradient(
        activations.get(activation), depth=DEEPEST, weight_variance=weight_scale**2
    )


def gradient_by_layer(
    ax: Axes,
    *,
    activation: str = "sigmoid",
    depth: int = 20,
    weight_scale: float = 1.0,
    lowest: int = -46,
) -> str:
    """Size of the gradient at each layer of a random chain, measured and, dashed, predicted."""
    profile = gradient_profile(activation, depth, weight_scale)
    predicted = predicted_profile(activation, weight_scale)[:depth]
    predicted = predicted - predicted[-1]
    layer = np.arange(1, depth + 1)
    middle = np.median(profile, axis=0)
    ax.fill_between(
        layer, 10.0 ** profile.min(axis=0), 10.0 ** profile.max(axis=0),
        color=COLORS[0], alpha=0.25, linewidth=0,
    )  # fmt: skip
    ax.plot(layer, 10.0**middle, color=COLORS[0])
    ax.plot(layer, 10.0**predicted, "--", color=INK, linewidth=1)
    ax.set(
        xlabel="Layer (the loss is on the right)", ylabel="Gradient, relative", xlim=(0, DEEPEST)
    )
    log_axis(ax.yaxis)
    ax.set_ylim(10.0**lowest, 1e6)
    label = activations.get(activation).label
    share = power_of_ten(middle[0])
    return (
        f"Of the gradient at layer {depth}, a share of {share} reaches layer 1 "
        f"({label}, median of {REPLICAS} networks of width {WIDTH}; theory says "
        f"{power_of_ten(predicted[0])}, {_apart(middle[0] - predicted[0])})."
    )


def _apart(log10_ratio: float) -> str:
    """Relative error of the prediction, in words.

    >>> _apart(0.0), _apart(-0.1), _apart(0.5)
    ('0% off', '26% off', '3.2 times off')
    """
    factor = 10 ** abs(log10_ratio)
    return f"{factor - 1:.0%} off" if factor < 2 else f"{factor:.1f} times off"
