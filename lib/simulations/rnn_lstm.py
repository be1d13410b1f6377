"""Gradients through time in random recurrent networks: book/rnn-lstm.md."""

from functools import lru_cache

import numpy as np

from lib import activations, recurrent

# The unit of the first picture: its state before the first step, and what it reads.
FIRST_STATE, READ = 0.8, (0.1, -0.2, 0.3, 0.1)
# Twenty steps with one weight, from 1, should end at 1/2.
CLIFF_STEPS, POWER, TARGET, CLIFF_RATE, CLIFF_START = 60, 20, 0.5, 0.01, 1.12
BEYOND = 1.3  # a weight from which no step returns
UNITS, NETWORKS, STEPS, SETTLING = 50, 12, 100, 50
CELLS, LAGS, CELL_NETWORKS = 32, 50, 8
MAP_UNITS, MAP_STEPS, MAP_REPLICAS = 24, 16, 4


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
