"""Gradient descent at a cliff of the loss."""

from functools import lru_cache

import numpy as np
from matplotlib.axes import Axes

from lib.figures.style import COLORS, INK, log_axis, power_of_ten, tall

# Twenty steps with one weight, from 1, should end at 1/2.
CLIFF_STEPS, POWER, TARGET, CLIFF_RATE, CLIFF_START = 60, 20, 0.5, 0.01, 1.12
BEYOND = 1.3  # a weight from which no step returns


@lru_cache(maxsize=32)
def descent(threshold: float) -> np.ndarray:
    """Gradient descent on the loss of twenty steps with one weight, with clipping.

    Parameters
    ----------
    threshold : float
        Largest absolute gradient that is not scaled down.

    Returns
    -------
    ndarray of float64, shape (steps + 1,)
        The weight; its loss is ``(w**20 - 1/2)**2 / 2``. It stops where the loss overflows soon.
    """
    path = [CLIFF_START]
    for _ in range(CLIFF_STEPS):
        w = path[-1]
        if abs(w) > BEYOND:
            path.append(w)
            continue
        gradient = (w**POWER - TARGET) * POWER * w ** (POWER - 1)
        path.append(w - CLIFF_RATE * gradient * min(1.0, threshold / max(abs(gradient), 1e-300)))
    return np.array(path)


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
