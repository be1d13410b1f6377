"""Figures of the chapter on PReLU: book/prelu.md."""

import numpy as np
from matplotlib.axes import Axes

from lib.figures.leaky_relu import draw_gradient
from lib.figures.style import COLORS, INK, label_ends, panels, tall
from lib.simulations.leaky_relu import weight_variance_for
from lib.simulations.prelu import (
    CHANNELS,
    STEPS,
    TRUE_SLOPES,
    descent,
    learned_slopes,
    loss_and_gradient,
    loss_curve,
)


@panels(2)
def learning_the_slope(
    axes: tuple[Axes, Axes], *, step: int = 0, rate: float = 0.5, first_slope: float = 0.25
) -> str:
    """Gradient descent on one slope: the loss with its tangent, and the slope step by step."""
    visited = descent(first_slope, rate)
    # All marks exist at every step; those still to come wait on the last one made.
    so_far = visited[np.minimum(np.arange(STEPS + 1), step)]
    alpha = float(visited[step])
    loss, gradient = loss_and_gradient(alpha)
    left, right = axes
    left.plot(*loss_curve(), color=COLORS[0])
    reach = np.array([alpha - 0.6, alpha + 0.6])
    left.plot(reach, loss + gradient * (reach - alpha), color=COLORS[1], linewidth=1.6)
    losses = [loss_and_gradient(float(a))[0] for a in so_far]
    left.plot(so_far, losses, "o", color=INK, markersize=4)
    left.plot([alpha], [loss], "o", color=COLORS[1], markersize=8)
    left.set(xlabel="Negative slope α", ylabel="Loss", xlim=(-2, 2), ylim=(-0.05, 0.9))
    right.plot(np.minimum(np.arange(STEPS + 1), step), so_far, "o-", color=INK, markersize=4)
    right.set(xlabel="Step", ylabel="Negative slope α", xlim=(-0.4, STEPS + 0.4), ylim=(-2, 2))
    return (
        f"Step {step}: α = {alpha:.3f}, loss {loss:.4f}, gradient {gradient:+.4f}; the next step "
        f"moves α by {-rate * gradient:+.4f}.".replace("-", "−")
    )


@tall(267, title=False)
def shared_or_not(ax: Axes, *, step: int = 0, weight_decay: float = 0.0) -> str:
    """Slopes learned per channel and shared, against the slopes that made the data."""
    per_channel, shared = learned_slopes(step, weight_decay)
    number = np.arange(1, CHANNELS + 1)
    ax.plot(
        number, TRUE_SLOPES, "s", color=COLORS[5], markersize=11, alpha=0.5, label="in the data"
    )
    ax.plot(number, per_channel, "o", color=COLORS[0], markersize=7, label="per channel")
    ax.plot([0.5, CHANNELS + 0.5], [shared] * 2, "--", color=COLORS[1], label="shared")
    ax.set(xlabel="Channel", ylabel="Slope α", xlim=(0.5, CHANNELS + 0.5), ylim=(-0.1, 1.3))
    label_ends(ax)
    off = np.abs(per_channel - TRUE_SLOPES).max()
    return (
        f"Step {step}, weight decay {weight_decay:g}: the shared slope is {shared:.3f}; slopes per "
        f"channel run from {per_channel.min():.3f} to {per_channel.max():.3f}, off by at most "
        f"{off:.3f}."
    ).replace("-", "−")


@tall(267, title=False)
def after_learning(ax: Axes, *, alpha: float = 0.25, designed_for: float = 0.25) -> str:
    """Gradient by layer when weights drawn for one negative slope meet another."""
    return draw_gradient(ax, alpha, weight_variance_for("matched", designed_for)).replace("-", "−")
