"""Gradient descent at a cliff of the loss."""

import numpy as np
from matplotlib.axes import Axes

from lib.figures.style import COLORS, INK, log_axis, power_of_ten, tall
from lib.simulations.rnn_lstm import (
    BEYOND,
    CLIFF_RATE,
    CLIFF_START,
    CLIFF_STEPS,
    POWER,
    TARGET,
    descent,
)


@tall(215, title=False)
def cliff(ax: Axes, *, threshold: float = 1.0) -> str:
    """The loss of twenty steps with one weight, and gradient descent on it with clipping."""
    w = np.linspace(-1.2, 1.2, 241)
    ax.plot(w, (w**POWER - TARGET) ** 2 / 2, color=INK, linewidth=1.2)
    path = np.clip(descent(threshold), -BEYOND, BEYOND)
    loss = (path**POWER - TARGET) ** 2 / 2
    ax.plot(path, np.minimum(loss, 90), "o-", color=COLORS[1], markersize=4, linewidth=1)
    ax.set(xlabel="Weight", ylabel="Loss", xlim=(-1.2, 1.2))
    log_axis(ax.yaxis)
    ax.set_ylim(1e-6, 100)
    first, end = (float(descent(threshold)[at]) for at in (1, -1))
    untouched = abs(first - CLIFF_START) < CLIFF_RATE * threshold * (1 - 1e-9)
    limit = f"Threshold {threshold:g}, not reached" if untouched else f"Clipped at {threshold:g}"
    told = f"{limit}: the first step goes from {CLIFF_START} to {first:.2f}".replace("-", "−")
    if abs(end) > BEYOND:
        return f"{told}, far up the other side; there is no way back."
    final = power_of_ten(float(np.log10((end**POWER - TARGET) ** 2 / 2)))
    return f"{told}; after {CLIFF_STEPS} steps the loss is {final}."
