"""Figures of the chapter on residual connections: book/residual.md."""

from functools import lru_cache

import numpy as np
from matplotlib.axes import Axes

from lib import activations, chain
from lib.figures.style import COLORS, INK, legend_above, log_axis, power_of_ten
from lib.theory import mean_field, residual

WIDTH, REPLICAS, DEEPEST = 128, 8, 60
# Weight variance by activation: the one that keeps a plain network's gradient.
VARIANCES = {"tanh": 1.0, "relu": 2.0, "sigmoid": 1.0}
SCALES = ("none", "full", "half", "1/sqrt(L)")


def branch_scale(scale: str, depth: int) -> float | None:
    """Return the number behind a label of the menu; None for a plain network.

    Raises
    ------
    ValueError
        If the label is none of `SCALES`.

    Examples
    --------
    >>> branch_scale("1/sqrt(L)", 25), branch_scale("none", 25)
    (0.2, None)
    """
    if scale not in SCALES:
        raise ValueError(f"scale must be one of {SCALES}; got {scale!r}")
    numbers: dict[str, float | None] = {
        "none": None,
        "full": 1.0,
        "half": 0.5,
        "1/sqrt(L)": float(depth) ** -0.5,
    }
    return numbers[scale]


@lru_cache(maxsize=256)
def _profiles(activation: str, scale: str, depth: int) -> tuple[np.ndarray, np.ndarray]:
    number, variance = branch_scale(scale, depth), VARIANCES[activation]
    run = chain.simulate(
        chain.MLP(activation, depth=depth, width=WIDTH, weight_variance=variance, residual=number),
        batch=1,
        replicas=REPLICAS,
    )
    phi = activations.get(activation)
    if number is None:
        theory = mean_field.log10_gradient(phi, depth=depth, weight_variance=variance)
    else:
        theory = residual.log10_gradient(
            phi, depth=depth, weight_variance=variance, branch_scale=number
        )
    measured = run.log10_gradient_norm - run.log10_gradient_norm[:, -1:]
    return measured, theory


def with_and_without(
    ax: Axes, *, activation: str = "tanh", scale: str = "none", depth: int = 30
) -> str:
    """Gradient by layer of networks with residual connections, measured and, dashed, predicted."""
    measured, theory = _profiles(activation, scale, depth)
    layer = np.arange(1, depth + 1)
    low, middle, high = (10.0 ** np.quantile(measured, q, axis=0) for q in (0, 0.5, 1))
    ax.fill_between(layer, low, high, color=COLORS[0], alpha=0.25, linewidth=0)
    ax.plot(layer, middle, color=COLORS[0], label="measured")
    ax.plot(layer, 10.0**theory, "--", color=INK, linewidth=1.2, label="predicted")
    legend_above(ax)
    ax.set(
        xlabel="Layer (the loss is on the right)", ylabel="Gradient, relative", xlim=(0, DEEPEST)
    )
    log_axis(ax.yaxis)
    ax.set_ylim(1e-40, 1e12)
    reached = float(np.median(measured[:, 0]))
    return (
        f"At layer 1 of {depth}: measured {power_of_ten(reached)}, predicted "
        f"{power_of_ten(theory[0])} of the gradient at the last layer."
    )


def path_lengths(ax: Axes, *, depth: int = 50, scale: str = "full") -> str:
    """Share of the squared gradient by the number of layers it went through, ReLU and He."""
    from scipy import stats

    number = branch_scale(scale, depth)
    share = 1.0 if number is None else number**2 / (1 + number**2)
    lengths = np.arange(0, 101)
    shares = stats.binom.pmf(lengths, depth, share)
    ax.vlines(lengths, 0, shares / shares.max(), color=COLORS[0], linewidth=3)
    ax.set(
        xlabel="Layers on the path", ylabel="Share / largest share", xlim=(-1, 101), ylim=(0, 1.05)
    )
    low, high = stats.binom.ppf([0.05, 0.95], depth, share)
    told = f"Of {depth} branches the squared gradient goes through {depth * share:.1f} on average"
    if low == high:
        return f"{told}, and all of it through that many."
    return f"{told}; nine tenths of it through {low:.0f} to {high:.0f}."
