"""Figures of the chapter on dynamical isometry: book/isometry.md."""

import numpy as np
from matplotlib.axes import Axes

from lib import activations
from lib.figures.style import COLORS, INK, count, legend_above, log_axis, power_of_ten
from lib.simulations.isometry import products, singular_values
from lib.theory import isometry

EDGES = np.linspace(-6, 2, 49)


def spectrum(
    ax: Axes, *, activation: str = "linear", initializer: str = "normal", depth: int = 10
) -> str:
    """Singular values of a deep network's Jacobian, for a mean square of 1."""
    values = singular_values(activation, initializer, depth)
    logarithms = np.log10(np.maximum(values.ravel(), 10 ** EDGES[0]))
    counts, _ = np.histogram(np.clip(logarithms, EDGES[0], EDGES[-1]), EDGES)
    ax.stairs(counts / counts.max(), EDGES, fill=True, color=COLORS[0], alpha=0.5)
    ax.axvline(0, color=INK, linestyle="--", linewidth=1.2)
    ax.set(
        xlabel="Singular value, power of ten (left: all below)",
        ylabel="Share / largest share", xlim=(EDGES[0], EDGES[-1]), ylim=(0, 1.05),
    )  # fmt: skip
    lost, middle = np.mean(values < 0.01), float(np.median(values))
    median = power_of_ten(np.log10(middle)) if middle > 1e-12 else "0 but for rounding"
    return (
        f"The root mean square is 1; the largest is {values.max():.2f}, the median {median}; "
        f"{lost:.0%} of the directions keep less than a hundredth."
    )


def circle(ax: Axes, *, kind: str = "normal", depth: int = 3) -> str:
    """The unit circle after several random 2 by 2 matrices, scaled to the same area of ink."""
    if kind not in ("normal", "orthogonal"):
        raise ValueError(f"kind must be 'normal' or 'orthogonal'; got {kind!r}")
    product = products(kind)[depth]
    values = np.linalg.svd(product, compute_uv=False)
    angle = np.linspace(0, 2 * np.pi, 181)
    points = np.array([np.cos(angle), np.sin(angle)])
    image = product @ points / np.sqrt(np.mean(values**2))
    ax.plot(*points, color=INK, linewidth=1, linestyle="--")
    ax.plot(*image, color=COLORS[0])
    # As wide and high as the axes are, so that a circle is round.
    ax.set(xlim=(-2.25, 2.25), ylim=(-1.456, 1.456))
    ax.set(aspect="equal", xlabel="First direction", ylabel="Second direction")
    return (
        f"After {count(depth, 'matrix', 'matrices')} the long axis is "
        f"{values[0] / values[1]:,.1f} times the short one."
    )


def price_of_a_bend(ax: Axes, *, depth: int = 50) -> str:
    """Spread of squared singular values of orthogonal tanh networks, against their signal."""
    q = np.geomspace(1e-3, 2, 40)
    tanh = activations.tanh()
    spreads = [isometry.spread(tanh, depth=depth, q=float(v), initializer="orthogonal") for v in q]
    relu = isometry.spread(activations.relu(), depth=depth, initializer="orthogonal")
    ax.plot(q, spreads, color=COLORS[0], label="tanh, orthogonal")
    ax.plot([q[0], q[-1]], [relu, relu], color=COLORS[1], label="ReLU, orthogonal")
    ax.set(xlabel="Variance of the pre-activations", ylabel="Variance of squared values")
    log_axis(ax.xaxis)
    log_axis(ax.yaxis)
    ax.set(xlim=(1e-3, 2), ylim=(1e-4, 1e3))
    legend_above(ax)
    small = float(np.interp(np.log(1.0), np.log(spreads), q))
    return (
        f"With {depth} layers, tanh stays near isometry (variance below 1) for signals of variance "
        f"below {small:.3f}; ReLU has {relu:.0f} at any."
    )
