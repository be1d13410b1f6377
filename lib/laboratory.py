"""A bench for whole networks: choose one, train it, and watch every layer while it trains.

`Settings` say which data, which network and which optimizer; a `Bench` trains the network by
`lib.training`, and keeps after each look what a reader wants to see: the loss, what the network
makes of the data, and of every layer the gradient, the size of the activations and the share of
dead units, beside what `lib.theory` says of the start. `EXPERIMENTS` are settings that each tell a
story of the book.

Used in: book/laboratory.md, lib/experiments/ten_seeds.py
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
from typing import Any

import numpy as np

from lib import activations, datasets, initializers, training
from lib._checks import boolean, choice, instance, integer, integers, real
from lib._values import ByValue, cached
from lib.initializers import Initializer
from lib.theory import Description, forecast, gaussian

__all__ = [
    "DATA", "EXPERIMENTS", "GRID", "OPTIMIZERS", "REACH", "STARTS", "Bench", "Expected",
    "Experiment", "Look", "Settings", "accuracies", "code", "expected", "observed", "points",
]  # fmt: skip

DATA = ("circles", "moons", "spirals", "digits")
OPTIMIZERS = ("sgd", "momentum", "adam")
STARTS = ("xavier", "he", "lecun", "orthogonal", "pytorch_linear", "tiny", "twin of tanh")
TWIN, TINY = "twin of tanh", 0.01
DEEPEST, WIDEST = 60, 128
SAMPLES, TESTED, BATCH = 400, 400, 50
GRID = 41  # points on a side of the plane
REACH = 2.2  # from the middle of the plane to its sides, in standard deviations of the data


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One training on the bench.

    Parameters
    ----------
    data : {"circles", "moons", "spirals", "digits"}
        Two classes of points in the plane, or handwritten digits. 400 to train on, 400 other
        points or 360 other digits to test on. Default ``"moons"``.
    depth : int
        Hidden layers, from 1 to 60. Default 2.
    width : int
        Units of each, from 1 to 128. Default 16.
    activation : str
        A name of `lib.activations`. Default ``"tanh"``.
    start : str
        How weights are drawn: a name of `lib.initializers`, or ``"tiny"`` for a standard deviation
        of 0.1 over the root of the fan-in, or, for sigmoids without normalization and residual
        connections, ``"twin of tanh"``: the weights and biases with which they compute what a tanh
        network with Xavier's weights would. Otherwise biases are 0. Default ``"xavier"``.
    batch_norm : bool
        Whether hidden layers normalize over the batch. Default False.
    residual : float, optional
        Scale of the branches of residual connections, from 0 to 10. Default: no such connections.
    optimizer : {"sgd", "momentum", "adam"}
        Default ``"sgd"``.
    rate : float
        Learning rate, from 1e-6 to 100. Default 0.1.
    seed : int
        Of the weights and of the order of the samples. Default 0.

    Raises
    ------
    TypeError, ValueError
        If a setting is not of this kind.

    Examples
    --------
    >>> Settings(depth=10, activation="sigmoid").network.sizes
    (2, 16, 16, 16, 16, 16, 16, 16, 16, 16, 16, 2)
    """

    data: str = "moons"
    depth: int = 2
    width: int = 16
    activation: str = "tanh"
    start: str = "xavier"
    batch_norm: bool = False
    residual: float | None = None
    optimizer: str = "sgd"
    rate: float = 0.1
    seed: int = 0

    def __post_init__(self) -> None:
        """Check the settings."""
        choice("data", self.data, DATA)
        choice("activation", self.activation, activations.names())
        choice("start", self.start, STARTS)
        choice("optimizer", self.optimizer, OPTIMIZERS)
        checked = {
            "depth": integer("depth", self.depth, 1, DEEPEST),
            "width": integer("width", self.width, 1, WIDEST),
            "seed": integer("seed", self.seed, 0),
            "rate": real("rate", self.rate, least=1e-6, most=100),
            "batch_norm": boolean("batch_norm", self.batch_norm),
        }
        if self.start == TWIN and (
            self.activation != "sigmoid" or self.batch_norm or self.residual is not None
        ):
            raise ValueError(
                f"start must not be {TWIN!r} but for sigmoids without normalization and residual "
                f"connections; got {self.activation}, batch_norm={self.batch_norm} and "
                f"residual={self.residual}"
            )
        if self.residual is not None:
            checked["residual"] = real("residual", self.residual, least=0, most=10)
        for name, value in checked.items():
            object.__setattr__(self, name, value)

    @property
    def initializer(self) -> Initializer:
        """What draws the weights."""
        if self.start == "tiny":
            return initializers.normal(weight_variance=TINY)
        if self.start == "pytorch_linear":
            return initializers.pytorch_linear(bias_variance=0.0)
        return initializers.xavier() if self.start == TWIN else initializers.get(self.start)

    @property
    def network(self) -> training.Network:
        """The network that is trained."""
        inputs, outputs = (64, 10) if self.data == "digits" else (2, 2)
        kind = training.Twin if self.start == TWIN else training.Network
        return kind(
            (inputs, *(self.width,) * self.depth, outputs), activations.get(self.activation),
            self.initializer, output_initializer=initializers.xavier(),
            batch_norm=self.batch_norm, residual=self.residual,
        )  # fmt: skip

    @property
    def description(self) -> Description:
        """The network as theory describes it; of a twin, that of tanh."""
        return Description(
            depth=self.depth, width=self.width,
            activation="tanh" if self.start == TWIN else self.activation,
            initializer=self.initializer, normalization="batch" if self.batch_norm else None,
            residual=self.residual,
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class _Data(ByValue):
    """Data, split into a part to train on and a part to test on.

    Attributes
    ----------
    inputs, tested : ndarray of float64, shape (samples, 2 or 64)
        Of mean 0 and mean square 1.
    labels, wanted : ndarray of int64, shape (samples,)
        Their classes.
    """

    inputs: np.ndarray
    labels: np.ndarray
    tested: np.ndarray
    wanted: np.ndarray


def _shape(name: str) -> dict[str, float]:
    """Arguments of the function of `lib.datasets` that makes these points."""
    return {"turns": 0.75, "noise": 0.02} if name == "spirals" else {"noise": 0.08}


@cached(8)
def _data(name: str) -> _Data:
    if name == "digits":
        found = datasets.digits(SAMPLES)
        return _Data(found.train_images, found.train_labels, found.test_images, found.test_labels)
    made: Callable[..., tuple[np.ndarray, np.ndarray]] = getattr(datasets, name)
    inputs, labels = made(SAMPLES, rng=1, **_shape(name))
    tested, wanted = made(TESTED, rng=2, **_shape(name))
    center, scale = inputs.mean(axis=0), inputs.std(axis=0)
    return _Data((inputs - center) / scale, labels, (tested - center) / scale, wanted)


@dataclass(frozen=True, eq=False)
class Look(ByValue):
    """What is seen at one moment of a training.

    Attributes
    ----------
    epoch, step : int
        How many were taken.
    loss : float
        Mean cross-entropy of the training data; NaN after a divergence.
    accuracy : float
        Share of the test data that is told rightly; NaN after a divergence.
    gradient : ndarray, shape (depth,)
        Root mean square, over training samples, of the norm of the gradient with respect to the
        pre-activations of each hidden layer.
    spread : ndarray, shape (depth,)
        Root mean square of the activations of each hidden layer.
    dead : ndarray, shape (depth,)
        Share of units of each hidden layer whose slope is 0 on every training sample.
    outputs : ndarray
        For points: the probability of class 1 on a grid of 41 by 41 points over the plane from
        -2.2 to 2.2, rows from below. For digits, the share of each digit that is told rightly.
    """

    epoch: int
    step: int
    loss: float
    accuracy: float
    gradient: np.ndarray
    spread: np.ndarray
    dead: np.ndarray
    outputs: np.ndarray


def points(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Points to test on, and their classes.

    Parameters
    ----------
    name : {"circles", "moons", "spirals"}

    Returns
    -------
    points : ndarray, shape (400, 2)
    classes : ndarray of int64, shape (400,)
    """
    data = _data(choice("name", name, DATA[:-1]))
    return data.tested, data.wanted


def _learners(settings: Settings, seeds: Sequence[int]) -> training.Training:
    make: Callable[..., training.Optimizer] = getattr(training, settings.optimizer)
    return training.Training(settings.network, make(settings.rate), seeds)


def _run(learners: training.Training, name: str, epochs: int) -> None:
    data = _data(name)
    learners.run(
        data.inputs, data.labels, epochs, batch=BATCH, test=(data.tested, data.wanted),
        record_every=[learners.epoch + epochs], on_divergence="freeze",
    )  # fmt: skip


class Bench(ByValue):
    """A network in training, and what was seen of it.

    Parameters
    ----------
    settings : Settings

    Attributes
    ----------
    settings : Settings
    training : lib.training.Training
    looks : list of Look
        The first is taken before training.

    Examples
    --------
    >>> bench = Bench(Settings(data="circles", rate=1.0))
    >>> bench.advance(40)
    >>> len(bench.looks), bench.looks[-1].epoch, bench.looks[-1].accuracy > 0.95
    (2, 40, True)
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = instance("settings", settings, Settings, "made by lib.laboratory.Settings")
        self.training = _learners(settings, [settings.seed])
        self.looks: list[Look] = []
        self.advance(0)

    @property
    def diverged(self) -> int | None:
        """The step at which the loss was no longer finite, if it was."""
        return self.training.history.diverged.get(0)

    def advance(self, epochs: int) -> None:
        """Train for some epochs more, and look.

        Parameters
        ----------
        epochs : int
        """
        epochs = integer("epochs", epochs, 0)
        _run(self.training, self.settings.data, epochs)
        if not self.looks or epochs:
            self.looks.append(self._look())

    def _look(self) -> Look:
        learner, depth = self.training, self.settings.depth
        history = learner.history
        return Look(
            epoch=learner.epoch, step=learner.step, loss=float(history.train_loss[-1, 0]),
            accuracy=float(history.test_accuracy[-1, 0]),
            gradient=history.error_norm[-1, :depth, 0].copy(),
            spread=history.activation_rms[-1, :, 0].copy(), dead=history.dead[-1, :, 0].copy(),
            outputs=self._outputs(),
        )  # fmt: skip

    def _outputs(self) -> np.ndarray:
        if self.settings.data == "digits":
            data = _data("digits")
            right = self.training.predict(data.tested)[0].argmax(axis=1) == data.wanted
            return np.array([right[data.wanted == digit].mean() for digit in range(10)])
        side = np.linspace(-REACH, REACH, GRID)
        points = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
        logits = self.training.predict(points)[0].astype(np.float64)
        with np.errstate(over="ignore"):
            chance = 1 / (1 + np.exp(logits[:, 0] - logits[:, 1]))
        return np.asarray(chance.reshape(GRID, GRID))


@dataclass(frozen=True, eq=False)
class Expected(ByValue):
    """What theory says of the start, for wide layers.

    Attributes
    ----------
    log10_gradient : ndarray, shape (depth,)
        Decimal logarithm of the gradient, relative to that of the last hidden layer.
    spread : ndarray, shape (depth,)
        Root mean square of the activations.
    """

    log10_gradient: np.ndarray
    spread: np.ndarray


def expected(settings: Settings) -> Expected:
    """Predict the start of a training.

    Parameters
    ----------
    settings : Settings

    Returns
    -------
    Expected
    """
    found: Expected = _expected(
        instance("settings", settings, Settings, "made by lib.laboratory.Settings")
    )
    return found


@cached(64)
def _expected(settings: Settings) -> Expected:
    found, phi = forecast(settings.description), settings.description.phi
    square = gaussian.expectation(
        lambda h: phi.kernel(h) ** 2, np.minimum(found.q, 1e100), breaks=gaussian.kinks(phi)
    )
    if settings.start == TWIN:  # its outputs are (1 + tanh h) / 2
        square = (1 + square) / 4
    return Expected(found.log10_gradient, np.sqrt(square))


@dataclass(frozen=True)
class Experiment:
    """Settings that tell a story of the book.

    Attributes
    ----------
    settings : Settings
    epochs : sequence of int
        After how many epochs one looks; they rise from 0.

    Raises
    ------
    TypeError, ValueError
        If an attribute is not of this kind.
    """

    settings: Settings
    epochs: Sequence[int]

    def __post_init__(self) -> None:
        """Check the attributes."""
        instance("settings", self.settings, Settings, "made by lib.laboratory.Settings")
        epochs = integers("epochs", self.epochs, 0)
        if epochs[0] != 0 or any(before >= after for before, after in pairwise(epochs)):
            raise ValueError(f"epochs must rise from 0; got {self.epochs!r}")
        object.__setattr__(self, "epochs", epochs)


SOON = (0, 1, 2, 5, 10, 20, 40, 60)
LATE = (0, 5, 10, 20, 40, 60, 80, 100)


def _on_circles(epochs: tuple[int, ...], **settings: Any) -> Experiment:
    return Experiment(Settings(data="circles", **settings), epochs)


EXPERIMENTS: Mapping[str, Experiment] = MappingProxyType(
    {
        "one hidden layer": _on_circles(SOON, depth=1, rate=0.3),
        "ten sigmoids": _on_circles(LATE, depth=10, activation="sigmoid", rate=0.3),
        "ten tanh": _on_circles(LATE, depth=10, rate=0.3),
        "twin of tanh": _on_circles(
            LATE, depth=10, activation="sigmoid", start="twin of tanh", rate=0.3
        ),
        "ten sigmoids with Adam": _on_circles(
            LATE, depth=10, activation="sigmoid", optimizer="adam", rate=0.01
        ),
        "thirty ReLU layers, Xavier": _on_circles(
            SOON, depth=30, width=32, activation="relu", rate=0.03
        ),
        "thirty ReLU layers, He": _on_circles(
            SOON, depth=30, width=32, activation="relu", start="he", rate=0.03
        ),
        "born dead": _on_circles(
            SOON, depth=30, width=3, activation="relu", start="he", rate=0.03
        ),
        "rate too large": _on_circles(
            SOON, depth=5, width=32, activation="relu", start="he", rate=3.0
        ),
        "thirty ReLU layers, normalized": _on_circles(
            SOON[:-2], depth=30, width=32, activation="relu", batch_norm=True, rate=0.1
        ),
        "thirty sigmoids with residual connections": _on_circles(
            SOON, depth=30, width=32, activation="sigmoid", residual=0.5, rate=0.3
        ),
        "digits": Experiment(Settings(data="digits", depth=10, width=32), SOON),
    }
)  # fmt: skip


def observed(name: str) -> tuple[Look, ...]:
    """Play an experiment, and return what was seen at each of its epochs.

    Parameters
    ----------
    name : str
        Of one of `EXPERIMENTS`.

    Returns
    -------
    tuple of Look

    Examples
    --------
    >>> start, *_, end = observed("ten sigmoids")
    >>> end.epoch, round(end.accuracy, 2), bool(start.gradient[0] < 1e-5 * start.gradient[-1])
    (100, 0.5, True)
    """
    found: tuple[Look, ...] = _observed(choice("name", name, tuple(EXPERIMENTS)))
    return found


@cached(16)
def _observed(name: str) -> tuple[Look, ...]:
    experiment = EXPERIMENTS[name]
    bench = Bench(experiment.settings)
    for before, after in pairwise(experiment.epochs):
        bench.advance(after - before)
    return tuple(bench.looks)


def accuracies(name: str, seeds: Sequence[int]) -> np.ndarray:
    """Repeat an experiment from other seeds, on the same data.

    Parameters
    ----------
    name : str
        Of one of `EXPERIMENTS`.
    seeds : sequence of int

    Returns
    -------
    ndarray, shape (seeds,)
        Share of the test data told rightly after the last epoch; NaN after a divergence.

    Examples
    --------
    >>> accuracies("one hidden layer", [0, 1]).round(1)
    array([1., 1.])
    """
    experiment = EXPERIMENTS[choice("name", name, tuple(EXPERIMENTS))]
    learners = _learners(experiment.settings, seeds)
    _run(learners, experiment.settings.data, experiment.epochs[-1])
    return np.asarray(learners.history.test_accuracy[-1])


def code(settings: Settings, epochs: int) -> str:
    """Write the cell that trains the same network by `lib.training`.

    Parameters
    ----------
    settings : Settings
    epochs : int

    Returns
    -------
    str
        Python code. It leaves `history`, a `lib.training.History`.

    Examples
    --------
    >>> print(code(Settings(), 20).splitlines()[-3])
    learner = training.Training(network, training.sgd(0.1), seeds=[0])
    """
    settings = instance("settings", settings, Settings, "made by lib.laboratory.Settings")
    epochs, network = integer("epochs", epochs, 0), settings.network
    if settings.data == "digits":
        read = f"data = datasets.digits({SAMPLES})\n"
        read += "inputs, labels = data.train_images, data.train_labels\n"
    else:
        more = "".join(f", {name}={value}" for name, value in _shape(settings.data).items())
        read = f"points, labels = datasets.{settings.data}({SAMPLES}{more}, rng=1)\n"
        read += "inputs = (points - points.mean(axis=0)) / points.std(axis=0)\n"
    draws = {
        "tiny": f"normal(weight_variance={TINY})", TWIN: "xavier()",
        "pytorch_linear": "pytorch_linear(bias_variance=0)",
    }.get(settings.start, f"{settings.start}()")  # fmt: skip
    further = ", batch_norm=True" * settings.batch_norm
    further += f", residual={settings.residual}" * (settings.residual is not None)
    first, last = network.sizes[0], network.sizes[-1]
    return (
        f"from lib import activations, datasets, initializers, training\n\n"
        f"{read}"
        f"network = training.{'Twin' if settings.start == TWIN else 'Network'}(\n"
        f"    ({first}, *[{settings.width}] * {settings.depth}, {last}), "
        f'activations.get("{settings.activation}"), initializers.{draws},\n'
        f"    output_initializer=initializers.xavier(){further},\n"
        f")\n"
        f"learner = training.Training("
        f"network, training.{settings.optimizer}({settings.rate!r}), seeds=[{settings.seed}])\n"
        f"history = learner.run(inputs, labels, epochs={epochs}, batch={BATCH})\n"
        f'print("loss", history.train_loss[-1], "right", history.train_accuracy[-1])\n'
    )
