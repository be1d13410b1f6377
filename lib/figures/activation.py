"""An activation function beside its slope: the figure that every chapter shows."""

import numpy as np
import sympy as sp
from matplotlib.axes import Axes

from lib import activations
from lib.figures.style import COLORS, INK, panels

ACROSS = np.linspace(-6, 6, 481)


@panels(2)
def function_and_slope(
    axes: tuple[Axes, Axes], *, activation: str = "sigmoid", **parameters: float
) -> str:
    """An activation function on the left, its derivative with the largest slope on the right."""
    phi = activations.get(activation, **parameters)
    left, right = axes
    left.plot(ACROSS, phi(ACROSS), color=COLORS[0])
    right.plot(ACROSS, phi.derivative(ACROSS), color=COLORS[1])
    left.set_title(f"{phi.label}")
    right.set_title("Slope")
    for ax in axes:
        ax.axhline(0, color=INK, linewidth=0.8)
        ax.set(xlabel="Input x", xlim=(-6, 6))
    highest = float(phi.sup_slope)
    if parameters:  # a reader who changes them compares: the axes stay
        left.set_ylim(-6.2, 6.2)
        right.set_ylim(-0.7, 1.75)
    else:
        lowest = 1.1 * phi.derivative(ACROSS).min()
        right.set_ylim(min(-0.05, lowest), max(0.3, 1.15 * highest))
    where = phi.sup_slope_at
    if isinstance(where, sp.FiniteSet):
        at = [float(point) for point in where]
        right.plot(at, [highest] * len(at), "o", color=INK, markersize=6)
        place = "at x = " + " and ".join(f"{point:.3g}" for point in sorted(at))
    elif where is sp.S.EmptySet:
        place = "approached, never reached"
    else:
        place = "reached on a whole interval"
    at_minus_1 = f"{float(phi.derivative(-1.0)):.4g}".replace("-", "−")
    return f"Largest slope of {phi.label}: {highest:.4g}, {place}. At x = −1 it is {at_minus_1}."
