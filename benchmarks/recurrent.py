"""An LSTM forward and back through time against PyTorch's, with the same weights and threads.

200 steps, 128 units, 32 inputs, 32 sequences, single precision; arrays stay from pass to pass on
both sides, as in training. Then the time that 10,000 steps of 64 units take. PyTorch is not among
the book's requirements: if it is not installed the comparison is with the matrix products that
cannot be avoided.

Run it with ``make bench``.
"""

import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from lib import recurrent

STEPS, INPUTS, UNITS, BATCH, ROUNDS = 200, 32, 128, 32, 25


def median(side: Callable[[], Any]) -> float:
    """Milliseconds, after two rounds to warm up."""
    times = []
    for number in range(ROUNDS + 2):
        start = time.perf_counter()
        side()
        if number >= 2:
            times.append(1e3 * (time.perf_counter() - start))
    return statistics.median(times)


def drawn(cell: recurrent.Cell, steps: int, batch: int) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Weights and inputs in single precision."""
    rng = np.random.default_rng(0)
    weights = {
        name: (rng.standard_normal((1, *shape)) / np.sqrt(cell.units)).astype("f4")
        for name, shape in cell.shapes.items()
    }
    return weights, rng.standard_normal((steps, 1, cell.inputs, batch)).astype("f4")


def main() -> None:
    """Print one line a case."""
    cell = recurrent.LSTM(INPUTS, UNITS)
    weights, x = drawn(cell, STEPS, BATCH)
    ones = np.ones((STEPS, 1, UNITS, BATCH), "f4")
    room: dict[str, np.ndarray] = {}
    ours = median(lambda: cell.backward(cell.forward(weights, x, room=room), ones, room=room))
    matrix, state = weights["recurrent"][0], ones[0, 0]
    gates = np.ones((4 * UNITS, BATCH), "f4")

    def products() -> None:
        for _ in range(STEPS):
            matrix @ state
        for _ in range(STEPS):
            matrix.T @ gates

    name = f"LSTM {STEPS} steps, {UNITS} units, batch {BATCH}"
    print(f"{name} ours {ours:.1f} ms  products {median(products):.1f} ms")
    try:
        import torch
    except ImportError:
        print("torch is not installed: left out")
    else:
        peer = torch.nn.LSTM(INPUTS, UNITS)
        sequence = torch.from_numpy(np.moveaxis(x[:, 0], 2, 1).copy()).requires_grad_()
        theirs = median(lambda: peer(sequence)[0].sum().backward())
        print(f"{name} ours {ours:.1f} ms  torch {theirs:.1f} ms  ratio {ours / theirs:.2f}  "
              "goal at most 1.0")  # fmt: skip
    long = recurrent.LSTM(INPUTS, 64)
    weights, x = drawn(long, 10_000, 1)
    start = time.perf_counter()
    trace = long.forward(weights, x)
    long.backward(trace, np.ones_like(trace.hidden))
    print(f"10,000 steps of 64 units, forward and back: {time.perf_counter() - start:.2f} s")


if __name__ == "__main__":
    main()
