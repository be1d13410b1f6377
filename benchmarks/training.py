"""One epoch of training on digits against PyTorch: same network, batches, rule and threads.

20 hidden layers of 128 ReLU units, single precision, batches of 64 and 256, with gradient descent
and with Adam; then five seeds at once, which here are one computation and there five. The time of
NumPy's matrix products alone stands beside it: it cannot be avoided. PyTorch is not among the
book's requirements: if it is not installed only this side is timed.

Run it with ``make bench``.
"""

import itertools
import statistics
import time
from collections.abc import Callable

import numpy as np

from lib import activations, datasets, initializers, models, training

LAYERS, WIDTH, ROUNDS = 20, 128, 9
REST = 0.3  # seconds, in which the threads of the side before cease to wait for more work
DATA = datasets.digits()
RULES = {"gradient descent": training.sgd, "Adam": training.adam}


def medians(*sides: Callable[[], object] | None) -> list[float]:
    """Milliseconds of each side, in turns, so that all meet the same weather; None takes none."""
    times: list[list[float]] = [[] for _ in sides]
    for side, taken in list(zip(sides, times, strict=True)) * ROUNDS:
        time.sleep(REST)
        for warm in (False, True):
            start = time.perf_counter()
            if side is not None:
                side()
            if warm:
                taken.append(1e3 * (time.perf_counter() - start))
    return [statistics.median(taken) for taken in times]


def our_epoch(rule: str, batch: int, seeds: int) -> Callable[[], object]:
    """One epoch here; no record is taken within, as none is taken there."""
    network = models.Network((64, *[WIDTH] * LAYERS, 10), activations.relu(), initializers.he())
    trained = training.Training(network, RULES[rule](1e-3), range(seeds))
    images, labels = DATA.train_images, DATA.train_labels
    trained.run(images, labels, 0)
    return lambda: trained.run(images, labels, 1, batch=batch, record_every=10**9)


def their_epoch(rule: str, batch: int, seeds: int) -> Callable[[], object] | None:
    """Set up the same in PyTorch, or return None without it."""
    try:
        import torch
    except ImportError:
        return None
    sizes = (64, *[WIDTH] * LAYERS)
    networks, optimizers = [], []
    for seed in range(seeds):
        torch.manual_seed(seed)
        layers: list[torch.nn.Module] = []
        for below, units in itertools.pairwise(sizes):
            layers += [torch.nn.Linear(below, units), torch.nn.ReLU()]
        networks.append(torch.nn.Sequential(*layers, torch.nn.Linear(WIDTH, 10)))
        kind = torch.optim.Adam if rule == "Adam" else torch.optim.SGD
        optimizers.append(kind(networks[-1].parameters(), lr=1e-3))
    images = torch.from_numpy(DATA.train_images.astype(np.float32))
    labels = torch.from_numpy(DATA.train_labels)
    measure = torch.nn.functional.cross_entropy

    def epoch() -> None:
        for model, optimizer in zip(networks, optimizers, strict=True):
            order = torch.randperm(len(images))
            for first in range(0, len(images) - batch + 1, batch):
                chosen = order[first : first + batch]
                optimizer.zero_grad()
                measure(model(images[chosen]), labels[chosen]).backward()
                optimizer.step()

    return epoch


def products(batch: int, seeds: int) -> Callable[[], object]:
    """Multiply as often, forward and back, as the hidden layers do in one epoch."""
    weights = np.ones((seeds, WIDTH, WIDTH), np.float32)
    signals = np.ones((seeds, WIDTH, batch), np.float32)
    out, gradient = signals.copy(), weights.copy()
    turned, turned_signals = weights.swapaxes(1, 2), signals.swapaxes(1, 2)

    def epoch() -> None:
        for _ in range(LAYERS * len(DATA.train_images) // batch):
            np.matmul(weights, signals, out=out)
            np.matmul(turned, signals, out=out)
            np.matmul(signals, turned_signals, out=gradient)

    return epoch


def main() -> None:
    """Print one line a case."""
    for rule in RULES:
        for batch, seeds in ((64, 1), (256, 1), (64, 5)):
            peer = their_epoch(rule, batch, seeds)
            sides = our_epoch(rule, batch, seeds), products(batch, seeds), peer
            ours, least, theirs = medians(*sides)
            print(
                f"{rule:16s} batch {batch:3d}  seeds {seeds}  ours {ours:6.1f} ms  "
                f"products alone {least:6.1f} ms  "
                + ("torch is not installed: left out" if peer is None else
                   f"torch {theirs:6.1f} ms  ratio {ours / theirs:.2f}  goal at most 0.7")
            )  # fmt: skip


if __name__ == "__main__":
    main()
