"""A tanh layer and a sigmoid layer that compute the same."""

import numpy as np
from matplotlib.axes import Axes

from lib import activations
from lib.figures.drawing import BACKWARD, FORWARD, Label, blank, canvas, edge, number, unit, write
from lib.figures.style import INK, panels

# The worked layer of two units and one, and where a picture of it puts them.
LAYER_WEIGHTS, LAYER_BIAS, SECOND_UNIT = (0.8, 0.3), 0.1, -1.0
TWIN_SIZE = (340, 250)


@panels(2)
@canvas(*TWIN_SIZE)
def twin(
    axes: tuple[Axes, Axes],
    *,
    first_unit: float = 0.5,
    weight: float = 0.8,
    derivatives: bool = False,
) -> str:
    """A layer of two tanh units on the left and its sigmoid twin on the right, with all values."""
    weights, units = np.array([weight, LAYER_WEIGHTS[1]]), np.array([first_unit, SECOND_UNIT])
    told = []
    for ax, name, scale in zip(axes, ("tanh", "sigmoid"), (1, 2), strict=True):
        phi = activations.get(name)
        h, w = scale * units, scale**2 * weights
        bias = LAYER_BIAS if scale == 1 else 2 * LAYER_BIAS - 2 * float(weights.sum())
        ahead, back = float(w @ phi(h)) + bias, w * phi.derivative(h) / scale
        title = "tanh" if scale == 1 else "its twin: sigmoids"
        name = "h" if scale == 1 else r"\tilde{h}"
        errors = [*map(float, back), 1 / scale] if derivatives else None
        _layer(ax, title, name, h, phi(h), w, bias, ahead, errors)
        told.append((ahead, back[0]))
    (one, back), (two, twin_back) = told
    forward = f"Next pre-activation: {number(one)} on the left, {number(two)} on the right."
    if not derivatives:
        return forward
    return (
        f"{forward} Derivative with respect to that of the upper unit: {number(back)} and "
        f"{number(twin_back)}."
    )


def _layer(
    ax: Axes,
    title: str,
    name: str,
    pre_activation: np.ndarray,
    activation: np.ndarray,
    weights: np.ndarray,
    bias: float,
    ahead: float,
    errors: list[float] | None,
) -> None:
    """Draw two units that feed a third, forward values above and derivatives below them."""
    blank(ax, *TWIN_SIZE)
    write(ax, (170, 236), title, fontweight="bold")
    target = (272.0, 118.0)
    below = [None] * 3 if errors is None else [number(error) for error in errors]
    for row, y in enumerate((176.0, 60.0)):
        at = (84.0, y)
        side = 11 if row == 0 else -11
        edge(ax, at, target, Label(number(float(weights[row])), side=side, color=INK))
        unit(
            ax, at, number(float(pre_activation[row]), 2),
            above=f"a = {number(float(activation[row]))}", below=below[row],
            fontsize=11,
        )  # fmt: skip
        write(ax, (58, y), f"${name}_{row + 1}$", ha="right", color=FORWARD)
    unit(
        ax, target, number(ahead, 2), above=f"${name}$ = {number(ahead)}", below=below[2],
        fontsize=11,
    )  # fmt: skip
    write(ax, (272, 62), f"bias {number(bias)}", fontsize=11)
    if errors is not None:
        write(ax, (272, 40), "below: derivatives", fontsize=11, color=BACKWARD)
