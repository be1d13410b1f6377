"""Results of experiments by name: computing, storing, reading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.resources import as_file, files
from typing import Any

import numpy as np

from lib._checks import arrays, choice, integers, real
from lib._files import read_arrays, write_arrays
from lib._values import ReadOnly, cached
from lib.experiments.choosing import Choice
from lib.experiments.parts import Done

Results = ReadOnly[str, np.ndarray]

NAMES = (
    "early_layers", "saturation", "rectifier_speed", "thirty_layers", "dying", "machines",
    "relu_family", "bias_shift", "grand_table", "through_time",
    "adding_and_copying", "shuffled_orders", "waiting", "symptoms", "adaptive", "transfer",
    "linear_recurrence", "ten_seeds",
)  # fmt: skip


def names() -> tuple[str, ...]:
    """Names of all experiments, each a module of this package.

    Examples
    --------
    >>> names()[0]
    'early_layers'
    """
    return NAMES


def run(name: str, seeds: Sequence[int] | None = None) -> Results:
    """Run an experiment now.

    Parameters
    ----------
    name : str
        One of `names`.
    seeds : sequence of int, optional
        One network of each kind trains from each. Default: those of the shipped results.

    Returns
    -------
    Results
        Read-only arrays by name; the docstring of the module's ``run`` says which.

    Raises
    ------
    ValueError
        If there is no experiment of that name, or no seed.
    """
    module = import_module(f"lib.experiments.{_known(name)}")
    chosen = module.SEEDS if seeds is None else integers("seeds", seeds, 0, None)
    return ReadOnly(module.run(chosen))


def load(name: str) -> Results:
    """Read the shipped results of an experiment.

    Parameters
    ----------
    name : str
        One of `names`.

    Returns
    -------
    Results
        As from `run`, floating numbers in single precision.

    Raises
    ------
    ValueError
        If there is no experiment of that name, or its file is damaged.
    """
    results: Results = _stored(_known(name))
    return results


@cached()
def _stored(name: str) -> Results:
    with as_file(files("lib.experiments") / f"{name}.npz") as file:
        return ReadOnly(read_arrays(file))


def choices(name: str) -> tuple[Choice, ...]:
    """List the learning rates that the shipped results of an experiment, or its chapter, chose.

    Parameters
    ----------
    name : str
        One of `names`.

    Returns
    -------
    tuple of Choice
        Empty if there was one rate, or all are shown.

    Raises
    ------
    ValueError
        If there is no experiment of that name, or its file is damaged.

    Examples
    --------
    >>> any(choice.open for choice in choices("relu_family"))
    False
    """
    module = import_module(f"lib.experiments.{_known(name)}")
    chosen = getattr(module, "choices", None)
    return () if chosen is None else tuple(chosen(load(name)))


def with_rate(results: Mapping[str, np.ndarray], rate: float) -> int:
    """Find the place of a learning rate in results that keep every rate.

    Parameters
    ----------
    results : mapping of str to ndarray
        With ``"rates"``, as from `load` or `run`.
    rate : float

    Returns
    -------
    int
        Along the axis of rates.

    Raises
    ------
    ValueError
        If nothing trained with this rate.

    Examples
    --------
    >>> with_rate(load("relu_family"), 0.1)
    3
    """
    rates = arrays("results", results, "rates")["rates"]
    (places,) = np.nonzero(np.isclose(rates.astype(np.float64), real("rate", rate), rtol=1e-5))
    if not places.size:
        raise ValueError(f"rate must be one of {results['rates'].tolist()}; got {rate!r}")
    return int(places[0])


def store(name: str, done: Done | None = None) -> None:
    """Run an experiment and put its results where `load` finds them.

    Parameters
    ----------
    name : str
        One of `names`.
    done : mutable mapping, optional
        Its parts that were computed before; the others are added.
    """
    module = import_module(f"lib.experiments.{_known(name)}")
    found: dict[str, Any] = {
        key: array.astype(np.float32) if array.dtype.kind == "f" else array
        for key, array in module.run(module.SEEDS, done).items()
    }
    write_arrays(str(files("lib.experiments") / f"{name}.npz"), found, compressed=True)
    _stored.cache_clear()


def _known(name: str) -> str:
    return str(choice("name", name, NAMES))
