"""Figures of the chapter on recurrent networks: book/rnn-lstm.md."""

from functools import lru_cache

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.patches import Circle, Rectangle

from lib import activations, recurrent
from lib.figures.drawing import (
    BACKWARD,
    FORWARD,
    RADIUS,
    SMALL,
    Point,
    blank,
    canvas,
    edge,
    number,
    subscript,
    unit,
    write,
)
from lib.figures.style import COLORS, INK, legend_above, log_axis, panels, power_of_ten, tall

UNITS, NETWORKS, STEPS, SETTLING = 50, 12, 100, 50
CELLS, LAGS, CELL_NETWORKS = 32, 50, 8
LONGEST = 200
MAP_UNITS, MAP_STEPS, MAP_REPLICAS = 24, 16, 4
SMALLEST = -2.0  # the power of ten at which a square of the map has no size left


# The unit of the first picture: its state before the first step, and what it reads.
FIRST_STATE, READ = 0.8, (0.1, -0.2, 0.3, 0.1)

# The diagram of two steps, in pixels: rows from the top, and columns within a step.
CELL_ROW, PRODUCT_ROW, GATE_ROW, BUS_ROW = 262.0, 192.0, 130.0, 62.0
FORGET, ENTER, CANDIDATE, LEAVE, OUT = 32.0, 74.0, 116.0, 153.0, 190.0
PITCH, LEFT = 212.0, 8.0
DIRECT, AROUND = COLORS[1], COLORS[0]  # the two kinds of paths from cell to cell


def unit_through_time(weight: float, linear: bool) -> tuple[np.ndarray, np.ndarray]:
    """States of one unit that feeds itself, and the factor of each of its steps.

    >>> states, factors = unit_through_time(0.5, True)
    >>> print(states.round(4), factors)
    [0.8    0.5    0.05   0.325  0.2625] [0.5 0.5 0.5 0.5]
    """
    states, factors = [FIRST_STATE], []
    for read in READ:
        summed = weight * states[-1] + read
        states.append(summed if linear else float(np.tanh(summed)))
        factors.append(weight * (1.0 if linear else 1 - states[-1] ** 2))
    return np.array(states), np.array(factors)


@canvas(460, 205)
def unrolled(ax: Axes, *, weight: float = 0.9, linear: bool = False) -> str:
    """One recurrent unit over four steps: its states, and the derivative that travels back."""
    blank(ax, 460, 205)
    states, factors = unit_through_time(weight, linear)
    steps = len(READ)
    back = np.append(np.cumprod(factors[::-1])[::-1], 1.0)
    places = np.linspace(28.0, 432.0, steps + 1)
    state_row, back_row, read_row = 96.0, 178.0, 22.0
    for t, x in enumerate(places):
        unit(ax, (x, state_row), f"h{subscript(t)}", above=number(states[t]), color=INK)
        write(ax, (x, back_row), number(back[t]), color=BACKWARD)
        if t:
            edge(ax, (places[t - 1], state_row), (x, state_row), f"w = {number(weight)}",
                 color=FORWARD, fontsize=SMALL)  # fmt: skip
            write(ax, (x, read_row - 6), f"x{subscript(t)} = {number(READ[t - 1])}",
                  fontsize=SMALL)  # fmt: skip
            edge(ax, (x, read_row), (x, state_row), gap=(4, RADIUS + 2))
            edge(ax, (x, back_row), (places[t - 1], back_row), f"× {number(factors[t - 1], 2)}",
                 color=BACKWARD, gap=26, side=-9, fontsize=SMALL)  # fmt: skip
    slope = "no activation function" if linear else "with tanh"
    return (
        f"A weight of {number(weight)}, {slope}: the derivative of h{subscript(steps)} with "
        f"respect to h{subscript(0)} is the product of the {steps} orange factors, "
        f"{number(back[0])}."
    )


@canvas(460, 300)
def lstm_unrolled(ax: Axes) -> str:
    """Two steps of an LSTM: the direct path of the cell, and the paths through the gates."""
    blank(ax, 460, 300)

    def line(*points: Point, color: str = AROUND, width: float = 1.6, arrow: bool = False) -> None:
        ax.plot(*zip(*points, strict=True), color=color, linewidth=width, solid_capstyle="butt")
        if arrow:
            edge(ax, points[-2], points[-1], color=color, width=width, gap=0)

    def box(x: float, y: float, name: str, half: float = 15) -> None:
        shape = Rectangle(
            (x - half, y - 13), 2 * half, 26, facecolor=AROUND, edgecolor="none", zorder=3
        )
        ax.add_patch(shape)
        write(ax, (x, y), name, color="white", zorder=4)

    def node(x: float, y: float, sign: str, color: str) -> None:
        ax.add_patch(Circle((x, y), 10.5, facecolor=color, edgecolor="none", zorder=3))
        write(ax, (x, y), sign, color="white", zorder=4)

    line((LEFT, CELL_ROW), (LEFT + 2 * PITCH + 22, CELL_ROW), color=DIRECT, width=4.0)
    edge(ax, (440, CELL_ROW), (457, CELL_ROW), color=DIRECT, width=4.0, gap=0)
    line((LEFT, BUS_ROW), (LEFT + LEAVE, BUS_ROW))
    for step in (1, 2):
        at = LEFT + (step - 1) * PITCH
        middle = at + (ENTER + CANDIDATE) / 2
        gates = ((FORGET, "f"), (ENTER, "i"), (CANDIDATE, "g"), (LEAVE, "o"))
        for x, letter in gates:
            line((at + x, BUS_ROW), (at + x, GATE_ROW - 13), arrow=True)
            box(at + x, GATE_ROW, f"{letter}{subscript(step)}")
        line((at + FORGET, GATE_ROW), (at + FORGET, CELL_ROW - 10), arrow=True)
        for x in (ENTER, CANDIDATE):
            line((at + x, GATE_ROW), (at + x, PRODUCT_ROW), (middle, PRODUCT_ROW))
        line((middle, PRODUCT_ROW), (middle, CELL_ROW - 10), arrow=True)
        line((at + OUT, CELL_ROW), (at + OUT, GATE_ROW + 10), arrow=True)
        box(at + OUT, PRODUCT_ROW + 14, "tanh", 19)
        line((at + LEAVE, GATE_ROW), (at + OUT - 10, GATE_ROW))
        end = 457.0 if step == 2 else at + PITCH + LEAVE
        line((at + OUT, GATE_ROW), (at + OUT, BUS_ROW), (end, BUS_ROW), arrow=step == 2)
        node(at + FORGET, CELL_ROW, "×", DIRECT)
        node(middle, CELL_ROW, "+", DIRECT)
        node(middle, PRODUCT_ROW, "×", AROUND)
        node(at + OUT, GATE_ROW, "×", AROUND)
        line((middle, 24), (middle, BUS_ROW), color=INK, arrow=True)
        write(ax, (middle, 14), f"x{subscript(step)}")
        write(ax, (at + OUT - 3, CELL_ROW + 18), f"c{subscript(step)}", color=DIRECT)
        write(ax, (at + OUT + 6, BUS_ROW - 15), f"h{subscript(step)}", color=AROUND)
    write(ax, (LEFT + 8, CELL_ROW + 18), "c₀", color=DIRECT)
    write(ax, (LEFT + 8, BUS_ROW - 15), "h₀", color=AROUND)
    named = (LEFT + PITCH + 40, CELL_ROW + 22)
    write(ax, named, "direct path: × f₁ × f₂", color=DIRECT, fontsize=SMALL, ha="left")
    return (
        "On the direct path (orange) c₀ reaches c₂ by two multiplications, with f₁ and f₂, and two "
        "additions. The other paths (blue) lead from c₁ through h₁ into f₂, i₂ and g₂. The path "
        "into o₂ does not reach c₂: this gate sets how much of c₂ is shown."
    )


@lru_cache(maxsize=256)
def gradient_through_time(spectral_radius: float, input_scale: float, linear: bool) -> np.ndarray:
    """Follow a gradient back through time in random recurrent networks.

    Parameters
    ----------
    spectral_radius : float
        Largest absolute eigenvalue of the recurrent weights.
    input_scale : float
        Standard deviation of the input to each unit at each step.
    linear : bool
        Leave out the tanh.

    Returns
    -------
    ndarray of float64, shape (networks, STEPS + 1)
        log10 of ``|dL/dh_{T-k}| / |dL/dh_T|`` for k = 0, 1, ..., STEPS.
    """
    rng = np.random.default_rng(0)
    recurring = rng.normal(size=(NETWORKS, UNITS, UNITS))
    largest = np.abs(np.linalg.eigvals(recurring)).max(axis=-1)
    recurring *= (spectral_radius / largest)[:, None, None]
    inputs = rng.normal(size=(SETTLING + STEPS, NETWORKS, UNITS, 1)) * input_scale
    cell = recurrent.RNN(UNITS, UNITS, activations.linear() if linear else activations.tanh())
    weights = {
        "input": np.broadcast_to(np.eye(UNITS), recurring.shape), "recurrent": recurring,
        "bias": np.zeros((NETWORKS, UNITS)),
    }  # fmt: skip
    trace = cell.forward(weights, inputs, rng.normal(size=(NETWORKS, UNITS, 1)))
    at_the_end = np.zeros_like(trace.hidden)
    at_the_end[-1] = rng.normal(size=(NETWORKS, UNITS, 1))
    gradients = cell.backward(trace, at_the_end).states[: -STEPS - 2 : -1]
    sizes = np.log10(np.linalg.norm(gradients, axis=(2, 3)))
    return np.asarray((sizes - sizes[0]).T)


def through_time(
    ax: Axes, *, spectral_radius: float = 1.0, steps: int = 50, input_scale: float = 0.5,
    linear: bool = False,
) -> str:  # fmt: skip
    """Size of the gradient against the number of steps back in time, with powers of the radius."""
    profile = gradient_through_time(spectral_radius, input_scale, linear)[:, : steps + 1]
    back = np.arange(steps + 1)
    low, middle, high = (10.0 ** np.quantile(profile, q, axis=0) for q in (0, 0.5, 1))
    ax.fill_between(back, low, high, color=COLORS[0], alpha=0.25, linewidth=0)
    ax.plot(back, middle, color=COLORS[0], label="measured")
    ax.plot(back, spectral_radius**back, "--", color=INK, linewidth=1, label="radius to the power")
    ax.set(xlabel="Steps back in time", ylabel="Gradient, relative", xlim=(0, STEPS))
    log_axis(ax.yaxis)
    ax.set_ylim(1e-42, 1e20)
    legend_above(ax)
    end = np.median(profile[:, -1])
    per_step = 10 ** (end / steps)
    return (
        f"{steps} steps back, the gradient is {power_of_ten(end)} of what it was, a factor of "
        f"{per_step:.2f} per step (median of {NETWORKS} networks)."
    )


@tall(215, title=False)
def memory_span(ax: Axes, *, forget_bias: float = 1.0) -> str:
    """Share of a memory left after some steps, for a forget gate that stands at its bias."""
    gate = 1 / (1 + np.exp(-forget_bias))
    half_life = np.log(2) / np.log1p(np.exp(-forget_bias))
    steps = np.arange(LONGEST + 1)
    ax.plot(steps, gate**steps, color=COLORS[0])
    ax.plot([half_life], [0.5], "o", color=COLORS[1], markersize=8)
    ax.axhline(0.5, color=COLORS[5], linewidth=1, linestyle=":")
    ax.set(xlabel="Steps", ylabel="Share of the memory left", xlim=(0, LONGEST), ylim=(-0.02, 1.02))
    left = power_of_ten(100 * np.log10(gate))
    return (
        f"A bias of {forget_bias:g} opens the gate to {gate:.4f}. Half of the memory is left after "
        f"{half_life:.1f} steps, and {left} of it after 100."
    )


@lru_cache(maxsize=256)
def cell_gradients(forget_bias: float, weight_scale: float) -> tuple[np.ndarray, np.ndarray]:
    """Compare the path through the cells with all paths, in random LSTMs with forget gates.

    Parameters
    ----------
    forget_bias : float
        Bias of the forget gates; the other gates have none.
    weight_scale : float
        Standard deviation of a recurrent weight times the square root of the number of cells.

    Returns
    -------
    direct, total : ndarray of float64, shape (networks, LAGS + 1)
        log10 of the root mean square singular value of the product of forget gates, and of the
        whole derivative of c_{t+k} by c_t, for k = 0, 1, ..., LAGS.
    """
    rng = np.random.default_rng(0)
    # Drawn gate by gate: forget, input, output, candidate.
    order, rows = [1, 0, 3, 2], 4 * CELLS
    recurring = rng.normal(size=(CELL_NETWORKS, 4, CELLS, CELLS)) * weight_scale / np.sqrt(CELLS)
    drive = rng.normal(size=(SETTLING + LAGS + 1, CELL_NETWORKS, 4, CELLS, 1))
    cell = recurrent.LSTM(rows, CELLS)
    bias = np.zeros((CELL_NETWORKS, rows))
    bias[:, CELLS : 2 * CELLS] = forget_bias
    weights = {
        "input": np.broadcast_to(np.eye(rows), (CELL_NETWORKS, rows, rows)),
        "recurrent": recurring[:, order].reshape(CELL_NETWORKS, rows, CELLS), "bias": bias,
    }  # fmt: skip
    trace = cell.forward(weights, drive[:, :, order].reshape(len(drive), CELL_NETWORKS, rows, 1))
    shown = trace.kept["output_gate"][SETTLING] * (1 - trace.kept["squashed"][SETTLING] ** 2)
    # The hidden state of that step depends on the cell as well.
    itself = np.broadcast_to(np.eye(CELLS), (CELL_NETWORKS, CELLS, CELLS))
    totals = [np.concatenate([shown * itself, itself], axis=1)]
    for jacobian in recurrent.one_step_jacobians(trace)[SETTLING + 1 :]:
        totals.append(jacobian @ totals[-1])
    gates = trace.kept["forget_gate"][SETTLING + 1 :]
    direct = np.concatenate([np.ones_like(gates[:1]), np.cumprod(gates, axis=0)])
    by_cell = np.array(totals)[:, :, CELLS:]
    sizes = (direct**2).mean(axis=(2, 3)), (by_cell**2).sum(axis=(2, 3)) / CELLS
    return np.log10(sizes[0]).T / 2, np.log10(sizes[1]).T / 2


def direct_and_total(ax: Axes, *, forget_bias: float = 1.0, weight_scale: float = 1.0) -> str:
    """Derivative of a cell by its own past: the path through forget gates alone, and all paths."""
    back = np.arange(LAGS + 1)
    ends = []
    for profile, name, color in zip(
        cell_gradients(forget_bias, weight_scale), ("forget gates", "all paths"), COLORS,
        strict=False,
    ):  # fmt: skip
        low, middle, high = (10.0 ** np.quantile(profile, q, axis=0) for q in (0, 0.5, 1))
        ax.fill_between(back, low, high, color=color, alpha=0.25, linewidth=0)
        ax.plot(back, middle, color=color, label=name)
        ends.append(np.median(profile[:, -1]))
    ax.set(xlabel="Steps", ylabel="Derivative of a cell", xlim=(0, LAGS))
    log_axis(ax.yaxis)
    ax.set_ylim(1e-18, 1e8)
    legend_above(ax)
    direct, total = map(power_of_ten, ends)
    return (
        f"After {LAGS} steps, {direct} is left on the path through the forget gates, and {total} "
        f"over all paths (medians of {CELL_NETWORKS} networks)."
    )


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


@lru_cache(maxsize=128)
def pair_maps(weight_scale: float, gate_bias: float) -> dict[str, np.ndarray]:
    """Size of the gradient from every time to every earlier one, for three kinds of cells.

    Parameters
    ----------
    weight_scale : float
        Standard deviation of a recurrent weight times the root of the number of units.
    gate_bias : float
        Of the forget gates of the LSTM and of the update gates of the GRU.

    Returns
    -------
    dict of str to ndarray, each of shape (steps + 1, steps + 1)
        By name: RNN, LSTM (its cell state) and GRU. Decimal logarithms, means over networks; row
        is the later time, column the earlier one.
    """
    maps = {}
    for name in ("RNN", "LSTM", "GRU"):
        cell = getattr(recurrent, name)(MAP_UNITS, MAP_UNITS)
        rng = np.random.default_rng(0)
        weights = {
            part: rng.standard_normal((MAP_REPLICAS, *shape)) / np.sqrt(MAP_UNITS)
            for part, shape in cell.shapes.items()
        }
        weights["recurrent"] *= weight_scale
        for part in ("bias", "recurrent_bias"):
            if part in weights:
                weights[part] *= 0
        if name != "RNN":
            weights["bias"][:, MAP_UNITS : 2 * MAP_UNITS] = gate_bias
        x = 0.5 * rng.standard_normal((MAP_STEPS, MAP_UNITS, 1))
        trace = cell.forward(weights, x)
        block = "cell" if name == "LSTM" else "state"
        maps[name] = recurrent.gradient_map(trace, block=block).mean(axis=0)
    return maps


@panels(3)
def all_pairs(axes: tuple[Axes, ...], *, weight_scale: float = 1.0, gate_bias: float = 1.0) -> str:
    """Gradient from every time step to every earlier one in an RNN, an LSTM and a GRU."""
    maps = pair_maps(weight_scale, gate_bias)
    reached = []
    for ax, (name, values), color in zip(axes, maps.items(), COLORS, strict=False):
        later, earlier = np.tril_indices(MAP_STEPS + 1)
        half = np.clip(1 - values[later, earlier] / SMALLEST, 0.02, 1)[:, None] * 0.48
        corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
        centers = np.stack([earlier, later], axis=1)
        squares = centers[:, None] + half[..., None] * corners
        ax.add_collection(PolyCollection(list(squares), facecolors=color, edgecolors="none"))
        ax.set(
            title=name, xlabel="Earlier time", xlim=(-0.7, MAP_STEPS + 0.7),
            ylim=(MAP_STEPS + 0.7, -0.7), xticks=[0, 8, 16], yticks=[0, 8, 16],
        )  # fmt: skip
        reached.append(f"{name} {power_of_ten(float(values[-1, 0]))}")
    axes[0].set_ylabel("Later time")
    return f"From step {MAP_STEPS} back to the start: {', '.join(reached)}."
