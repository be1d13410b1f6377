"""Writing a training to a file, and reading it: to the bit what the next step depends on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from os import PathLike
from typing import Any, Protocol

import numpy as np

from lib._files import read_arrays, write_arrays
from lib.models.network import Network
from lib.models.parameters import Parameters
from lib.training.history import MEASURED, History, Log, Record
from lib.training.optimizers import Memory, Optimizer

Arrays = Mapping[str, np.ndarray]
GENERATORS = "orders", "draws"


class Trains(Protocol):
    """What is saved of a training."""

    network: Network
    optimizer: Optimizer
    loss: str
    seeds: list[int]
    parameters: Parameters
    memory: Memory
    running: dict[str, np.ndarray]
    orders: list[np.random.Generator]
    draws: list[np.random.Generator]
    epoch: int
    step: int
    _log: Log


def write(training: Trains, file: str | PathLike[str]) -> None:
    """Write all that the next step depends on, and the records."""
    arrays: dict[str, Any] = {"parameters": training.parameters.flat}
    arrays |= {f"memory {name}": array for name, array in training.memory.items()}
    arrays |= {f"running {name}": array for name, array in training.running.items()}
    log = training._log
    arrays["history epochs"] = np.array([record.epoch for record in log.records], np.int64)
    arrays["history steps"] = np.array([record.step for record in log.records], np.int64)
    arrays["history step_loss"] = np.array(log.step_loss)
    for name in MEASURED:
        arrays[f"history {name}"] = np.array([getattr(record, name) for record in log.records])
    rest = {
        "of": described(training.network, training.optimizer), "loss": training.loss,
        "seeds": training.seeds, "epoch": training.epoch, "step": training.step,
        "diverged": list(log.diverged.items()),
        **{
            kind: [rng.bit_generator.state for rng in getattr(training, kind)]
            for kind in GENERATORS
        },
    }  # fmt: skip
    write_arrays(file, {"rest": json.dumps(rest), **arrays})


def read(
    file: str | PathLike[str], network: Network, optimizer: Optimizer
) -> tuple[Arrays, dict[str, Any]]:
    """Read the arrays and the rest of a file, which must be of such a network and optimizer."""
    arrays = read_arrays(file)
    missing = {"rest", "parameters"} - arrays.keys()
    if missing:
        raise ValueError(f"file must be written by save; {file} has no {min(missing)!r}")
    rest: dict[str, Any] = json.loads(str(arrays.pop("rest")))
    if rest["of"] != (here := described(network, optimizer)):
        raise ValueError(
            f"file must be of the same network and kind of optimizer; it is of {rest['of']}, "
            f"not of {here}"
        )
    return arrays, rest


def restore(training: Trains, arrays: Arrays, rest: Mapping[str, Any]) -> None:
    """Bring a new training to where a saved one stood."""
    training.parameters.flat[...] = arrays["parameters"]
    for kind, target in (("memory ", training.memory), ("running ", training.running)):
        for name in target:
            target[name][...] = arrays[kind + name]
    training._log = Log(
        _records(arrays, training.network.hidden, len(training.seeds)),
        list(arrays["history step_loss"]), dict(rest["diverged"]),
    )  # fmt: skip
    training.epoch, training.step = rest["epoch"], rest["step"]
    for kind in GENERATORS:
        for rng, state in zip(getattr(training, kind), rest[kind], strict=True):
            rng.bit_generator.state = state


def described(network: Network, optimizer: Optimizer) -> str:
    """Say what a saved training has in common with one that goes on: all but the rates."""
    return f"{network.shapes} {replace(optimizer, rate=0.0)}"


def _records(arrays: Arrays, hidden: int, replicas: int) -> list[Record]:
    """Read the records. What was not measured was once stored as an array of no numbers."""
    epochs, steps = arrays["history epochs"], arrays["history steps"]
    lengths = {
        "record": len(epochs), "layer": hidden + 1, "hidden layer": hidden, "replica": replicas
    }  # fmt: skip
    rows = {name: arrays[f"history {name}"].astype(np.float64) for name in MEASURED}
    for name, row in rows.items():
        if not row.size:
            rows[name] = np.full([lengths[axis] for axis in History.AXES[name]], np.nan)
    return [
        Record(epoch=int(epoch), step=int(step), **{name: row[place] for name, row in rows.items()})
        for place, (epoch, step) in enumerate(zip(epochs, steps, strict=True))
    ]
