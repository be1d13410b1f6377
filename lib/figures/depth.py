"""What reaches which layer of a deep chain: the figure that several chapters share."""

from functools import lru_cache

import numpy as np
from matplotlib.axes import Axes

from lib import activations, chain
from lib.figures.style import COLORS, log_axis, power_of_ten

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


def gradient_by_layer(
    ax: Axes,
    *,
    activation: str = "sigmoid",
    depth: int = 20,
    weight_scale: float = 1.0,
    lowest: int = -46,
) -> str:
    """Size of the gradient at each layer of a deep random chain, relative to the last layer."""
    profile = gradient_profile(activation, depth, weight_scale)
    layer = np.arange(1, depth + 1)
    middle = np.median(profile, axis=0)
    ax.fill_between(
        layer, 10.0 ** profile.min(axis=0), 10.0 ** profile.max(axis=0),
        color=COLORS[0], alpha=0.25, linewidth=0,
    )  # fmt: skip
    ax.plot(layer, 10.0**middle, color=COLORS[0])
    ax.set(
        xlabel="Layer (the loss is on the right)", ylabel="Gradient, relative", xlim=(0, DEEPEST)
    )
    log_axis(ax.yaxis)
    ax.set_ylim(10.0**lowest, 1e6)
    label = activations.get(activation).label
    share = power_of_ten(middle[0])
    return (
        f"Of the gradient at layer {depth}, a share of {share} reaches layer 1 "
        f"({label}, median of {REPLICAS} networks of width {WIDTH})."
    )
