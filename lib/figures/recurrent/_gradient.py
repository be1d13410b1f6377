"""Gradients through time, from the last step to every step before."""

from functools import lru_cache

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection

from lib import activations, recurrent
from lib.figures.style import COLORS, INK, legend_above, log_axis, panels, power_of_ten, tall

UNITS, NETWORKS, STEPS, SETTLING = 50, 12, 100, 50
CELLS, LAGS, CELL_NETWORKS = 32, 50, 8
LONGEST = 200
MAP_UNITS, MAP_STEPS, MAP_REPLICAS = 24, 16, 4
SMALLEST = -2.0  # the power of ten at which a square of the map has no size left


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
