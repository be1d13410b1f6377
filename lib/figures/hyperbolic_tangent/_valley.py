"""Gradient descent in a valley, and how fast centered activations learn."""

import numpy as np
from matplotlib.axes import Axes

from lib.figures.style import COLORS, log_axis, panels
from lib.simulations.hyperbolic_tangent import ARRIVED, BEST, descent, second_moments

DRAWN_STEPS, LEVELS = 250, 2.0 ** np.arange(-4, 7)


def _ellipses(mean: float) -> np.ndarray:
    """Curves of equal loss around the best weights, one after the other, with gaps."""
    angle = np.append(np.linspace(0, 2 * np.pi, 73), np.nan)
    across, along = np.cos(angle) / np.sqrt(1 + 2 * mean**2), np.sin(angle)
    ring = np.array([across - along, across + along]) / np.sqrt(2)
    return np.concatenate([BEST[:, None] + np.sqrt(2 * loss) * ring for loss in LEVELS], axis=1)


def dots(ax: Axes, points: np.ndarray, color: str) -> None:
    """Mark points by the round caps of one line: on the page, markers weigh far more."""
    points = np.asarray(points, dtype=float)
    pieces = np.full((len(points), 3, 2), np.nan)
    pieces[:, 0], pieces[:, 1] = points, points * (1 + 1e-6)
    ax.plot(*pieces.reshape(-1, 2).T, color=color, linewidth=4.5, solid_capstyle="round", zorder=3)


@panels(2)
def valley(axes: tuple[Axes, Axes], *, mean: float = 2.0, rate: float = 0.05) -> str:
    """Contours of a loss and the path of gradient descent, for centered inputs and for others."""
    told = []
    for ax, offset in zip(axes, (0.0, mean), strict=True):
        ax.plot(*_ellipses(offset), color=COLORS[5], linewidth=0.8)
        path = descent(offset, rate)
        shown = np.clip(path[: DRAWN_STEPS + 1], -100, 100)
        ax.plot(*shown.T, color=COLORS[0], linewidth=1.2)
        dots(ax, shown, COLORS[0])
        ax.plot(*BEST, "*", color=COLORS[1], markersize=12, zorder=4)
        ax.set(xlabel="Weight w₁", ylabel="Weight w₂", xlim=(-1.2, 4.4), ylim=(-2.1, 2.1))
        ax.set_aspect("equal", adjustable="box")
        ax.set_title(f"Inputs with mean {offset:g}")
        arrived = np.linalg.norm(path[-1] - BEST) <= ARRIVED * np.linalg.norm(BEST)
        plural = "" if len(path) == 2 else "s"
        told.append(f"in {len(path) - 1} step{plural}" if arrived else "never")
    return (
        f"Rate {rate:g}: the distance to the best weights falls to 1% {told[0]} if the inputs are "
        f"centered, and {told[1]} if their mean is {mean:g}."
    )


def learning_times(ax: Axes, *, width: int = 50) -> str:
    """Eigenvalues that set the speed of learning, for sigmoid and for tanh outputs."""
    spread = {}
    for color, name, marker in zip(COLORS, ("tanh", "sigmoid"), "os", strict=False):
        eigenvalues = second_moments(name, width)
        rank = np.arange(1, width + 1)
        ax.plot(rank, eigenvalues, marker, color=color, markersize=4)
        ax.plot([1], eigenvalues[:1], marker, color=color, markersize=8)
        ax.text(width + 6, eigenvalues[-1], name, color=color, va="center")
        spread[name] = eigenvalues[0] / np.median(eigenvalues)
    ax.set(xlabel="Rank", ylabel="Eigenvalue", xlim=(-2, 262))
    log_axis(ax.yaxis)
    ax.set_ylim(0.01, 100)
    return (
        f"With {width} units the largest eigenvalue is {spread['tanh']:.2f} times the middle one "
        f"for tanh, and {spread['sigmoid']:,.0f} times for the sigmoid."
    )
