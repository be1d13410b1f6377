"""The training loop: mini-batches, what is recorded on the way, divergence, and resuming."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import DTypeLike
from tqdm.auto import tqdm

from lib._checks import boolean, choice, finite, integer, real, shown
from lib._checks import seeds as seeds_of
from lib._files import read_arrays, write_arrays
from lib._numbers import norms
from lib._values import ByValue
from lib.training.losses import LOSSES, Judged
from lib.training.network import Network, Pass
from lib.training.optimizers import Optimizer, clip

__all__ = ["DivergenceError", "History", "Training"]

RUNNING_SHARE = 0.1
Labelled = tuple[np.ndarray, np.ndarray]


class DivergenceError(ArithmeticError):
    """Training left the range of numbers. The message says at which step, and where."""


@dataclass(eq=False)
class History(ByValue):
    """What was measured while training. Lists grow with every record, but for `step_loss`.

    Attributes
    ----------
    epochs : list of int
        After how many epochs each record was taken; the first is 0, before training.
    steps : list of int
        After how many steps.
    step_loss : list of ndarray, each of shape (replicas,)
        Loss of the mini-batch at every step, before the step.
    train_loss, train_accuracy, test_loss, test_accuracy : list of ndarray, shape (replicas,)
        In evaluation mode. Without test data the latter two stay empty; if only some runs have
        test data, the records of the others are NaN.
    weight_gradient, bias_gradient : list of ndarray, shape (layers, replicas)
        Norm of the gradient of the loss on all training data by the weights and by the biases of
        each layer, the output layer last. (With batch normalization: by the shifts.)
    error_norm : list of ndarray, shape (layers, replicas)
        Root mean square, over training samples, of the norm of the gradient of a sample's loss by
        the pre-activations of each layer.
    activation_mean, activation_rms : list of ndarray, shape (hidden layers, replicas)
        Mean and root mean square of the activations, over units and training samples.
    unit_mean_rms : list of ndarray, shape (hidden layers, replicas)
        Root mean square, over units, of the mean activation of a unit.
    positive : list of ndarray, shape (hidden layers, replicas)
        Share of activations that are positive.
    dead : list of ndarray, shape (hidden layers, replicas)
        Share of units whose slope is 0 on every training sample.
    silent : list of ndarray, shape (hidden layers, replicas)
        Share of units whose pre-activation (after batch normalization) is positive on no training
        sample.
    weight_scale : list of ndarray, shape (layers, replicas)
        Root mean square of the weights of each layer times the root of its fan-in.
    slopes : list of ndarray, shape (hidden layers, replicas)
        Mean slope of the negative side, if the activation is a PReLU.
    diverged : dict of int to int
        Step at which each replica diverged that did, by replica.
    """

    epochs: list[int] = field(default_factory=list)
    steps: list[int] = field(default_factory=list)
    step_loss: list[np.ndarray] = field(default_factory=list)
    train_loss: list[np.ndarray] = field(default_factory=list)
    train_accuracy: list[np.ndarray] = field(default_factory=list)
    test_loss: list[np.ndarray] = field(default_factory=list)
    test_accuracy: list[np.ndarray] = field(default_factory=list)
    weight_gradient: list[np.ndarray] = field(default_factory=list)
    bias_gradient: list[np.ndarray] = field(default_factory=list)
    error_norm: list[np.ndarray] = field(default_factory=list)
    activation_mean: list[np.ndarray] = field(default_factory=list)
    activation_rms: list[np.ndarray] = field(default_factory=list)
    unit_mean_rms: list[np.ndarray] = field(default_factory=list)
    positive: list[np.ndarray] = field(default_factory=list)
    dead: list[np.ndarray] = field(default_factory=list)
    silent: list[np.ndarray] = field(default_factory=list)
    weight_scale: list[np.ndarray] = field(default_factory=list)
    slopes: list[np.ndarray] = field(default_factory=list)
    diverged: dict[int, int] = field(default_factory=dict)

    def array(self, name: str) -> np.ndarray:
        """One of the measurements over all records, NaN for a replica that has diverged.

        Parameters
        ----------
        name : str
            Of an attribute.

        Returns
        -------
        ndarray, shape (records, ..., replicas)
        """
        choice("name", name, [entry for entry in vars(self) if entry != "diverged"])
        result = np.array(getattr(self, name), dtype=np.float64)
        if name in ("epochs", "steps"):
            return result
        taken = np.arange(len(result)) if name == "step_loss" else np.array(self.steps)
        for replica, step in self.diverged.items():
            result[taken >= step, ..., replica] = np.nan
        return result


class Training(ByValue):
    """Several networks of one shape while they train, each from a seed of its own.

    A replica does not depend on the others: its weights, its order of samples and its random
    slopes come from its seed alone.

    Parameters
    ----------
    network : Network
    optimizer : Optimizer
    seeds : sequence of int
        One for each replica.
    dtype : float dtype
        Of parameters and computation. Default float32.

    Attributes
    ----------
    parameters : Parameters
    running : dict of str to ndarray
        Statistics for batch normalization in evaluation.
    history : History
    epoch, step : int
        How many were taken.

    Examples
    --------
    >>> from lib import activations, datasets, training
    >>> data = datasets.digits(200)
    >>> network = training.Network((64, 16, 10), activations.tanh())
    >>> learners = training.Training(network, training.adam(0.01), seeds=[0, 1, 2])
    >>> history = learners.run(data.train_images, data.train_labels, epochs=10, batch=50)
    >>> bool((history.train_accuracy[-1] > 0.9).all())
    True
    """

    def __init__(
        self,
        network: Network,
        optimizer: Optimizer,
        seeds: Sequence[int],
        *,
        dtype: DTypeLike = np.float32,
    ) -> None:
        for name, value, kind in (
            ("network", network, Network), ("optimizer", optimizer, Optimizer),
        ):  # fmt: skip
            if not isinstance(value, kind):
                raise TypeError(f"{name} must be {kind.__name__}; got {value!r}")
        self.network = network
        self.optimizer = optimizer
        self.seeds = seeds_of("seeds", seeds)
        self.parameters = network.draw(self.seeds, dtype=dtype)
        optimizer.rates(self.parameters)
        self.memory = optimizer.start(self.parameters)
        self.running = network.running(self.parameters)
        self.orders = [np.random.default_rng([seed, 1]) for seed in self.seeds]
        self.draws = [np.random.default_rng([seed, 2]) for seed in self.seeds]
        self.history = History()
        self.epoch = self.step = 0

    def run(
        self,
        inputs: np.ndarray,
        labels: np.ndarray,
        epochs: int,
        *,
        batch: int | None = 64,
        loss: str = "cross_entropy",
        test: Labelled | None = None,
        clip_norm: float | None = None,
        record_every: int | Collection[int] = 1,
        on_divergence: str = "raise",
        progress: bool = False,
    ) -> History:
        """Train for some epochs more.

        Parameters
        ----------
        inputs : ndarray, shape (samples, inputs)
        labels : ndarray, shape (samples,)
            Classes from 0, or what the loss takes.
        epochs : int
        batch : int, optional
            Samples in a mini-batch; what does not fill one at the end of an epoch is left out of
            this epoch. None: all samples in every step. Default 64.
        loss : {"cross_entropy", "logistic", "squared_error"}
        test : (ndarray, ndarray), optional
            Inputs and labels to test on.
        clip_norm : float, optional
            Scale gradients down to this norm.
        record_every : int or collection of int
            Epochs between two records, or the epochs after which to take one, counted from the
            start of all training. Default 1.
        on_divergence : {"raise", "freeze"}
            What to do when the loss of a replica is no longer finite: raise an error, or set its
            parameters to 0 and go on with the others. Default ``"raise"``.
        progress : bool
            Show a progress bar. Default False.

        Returns
        -------
        History
            The attribute `history`, of this and all earlier runs.

        Raises
        ------
        TypeError, ValueError
            If an argument is not of this kind, or shapes do not fit.
        DivergenceError
            If a replica diverges and `on_divergence` is ``"raise"``.
        """
        inputs, labels = self._fitting("inputs", inputs, labels, loss)
        tested = None if test is None else self._fitting("test", *_pair("test", test), loss)
        samples = len(inputs)
        batch = samples if batch is None else integer("batch", batch, 1)
        if batch > samples or (self.network.batch_norm and batch < 2):
            least = 2 if self.network.batch_norm else 1
            raise ValueError(f"batch must be from {least} to {samples}; got {batch}")
        choice("on_divergence", on_divergence, ("raise", "freeze"))
        records = self._records(record_every)
        epochs, progress = integer("epochs", epochs, 0), boolean("progress", progress)
        if clip_norm is not None and real("clip_norm", clip_norm, least=0) == 0:
            raise ValueError(f"clip_norm must be positive; got {clip_norm!r}")
        judge, gradient = LOSSES[loss], self.parameters.like()
        trace = Pass()
        with np.errstate(all="ignore"):
            if not self.history.epochs:
                self._record(inputs, labels, tested, loss)
            for _ in tqdm(range(epochs), disable=not progress):
                orders = np.stack([rng.permutation(samples) for rng in self.orders])
                for first in range(0, samples - batch + 1, batch):
                    chosen = orders[:, first : first + batch]
                    trace = self.network.run(
                        self.parameters, inputs[chosen].swapaxes(1, 2), running=self.running,
                        update=RUNNING_SHARE, rngs=self.draws, reuse=trace,
                    )  # fmt: skip
                    judged = judge(trace.outputs[-1], labels[chosen])
                    self.history.step_loss.append(judged.loss)
                    if not np.isfinite(judged.loss).all():
                        self._diverged(judged, trace, on_divergence)
                    self.network.run_back(self.parameters, trace, judged.gradient, gradient)
                    if clip_norm is not None:
                        clip(gradient, clip_norm)
                    if self.history.diverged:
                        gradient.flat[list(self.history.diverged)] = 0
                    self.optimizer.step(self.parameters, gradient, self.memory)
                    self.step += 1
                self.epoch += 1
                if records(self.epoch):
                    self._record(inputs, labels, tested, loss)
        return self.history

    def predict(self, inputs: np.ndarray) -> np.ndarray:
        """Compute the outputs in evaluation mode.

        Parameters
        ----------
        inputs : ndarray, shape (samples, inputs)

        Returns
        -------
        ndarray, shape (replicas, samples, outputs)
        """
        x = finite("inputs", inputs)
        if x.ndim != 2 or x.shape[1] != self.network.sizes[0] or not len(x):
            raise ValueError(
                f"inputs must have shape (samples, {self.network.sizes[0]}); got {x.shape}"
            )
        x = self._spread(x)
        trace = self.network.forward(self.parameters, x, running=self.running)
        return np.asarray(trace.outputs[-1].swapaxes(1, 2))

    def save(self, file: str | PathLike[str]) -> None:
        """Write everything that the next step depends on, and the history.

        Parameters
        ----------
        file : path
            A .npz file; a name without this suffix gets it, here and in `load`. The file is
            written whole or not at all: after a failure the one before is still there.
        """
        arrays: dict[str, Any] = {"parameters": self.parameters.flat}
        arrays |= {f"memory {name}": array for name, array in self.memory.items()}
        arrays |= {f"running {name}": array for name, array in self.running.items()}
        for name, values in vars(self.history).items():
            if name != "diverged":
                arrays[f"history {name}"] = np.array(values)
        rest = {
            "of": _described(self.network, self.optimizer), "seeds": self.seeds,
            "epoch": self.epoch, "step": self.step,
            "orders": [rng.bit_generator.state for rng in self.orders],
            "draws": [rng.bit_generator.state for rng in self.draws],
            "diverged": list(self.history.diverged.items()),
        }  # fmt: skip
        write_arrays(file, {"rest": json.dumps(rest), **arrays})

    @classmethod
    def load(cls, file: str | PathLike[str], network: Network, optimizer: Optimizer) -> Training:
        """Go on where a saved training stood, to the bit.

        Parameters
        ----------
        file : path
            Written by `save`.
        network : Network
        optimizer : Optimizer
            As they were, but for the learning rate, which may change.

        Raises
        ------
        ValueError
            If the file is of a network of other shapes, or of another kind of optimizer, or if it
            is damaged.
        """
        arrays = read_arrays(file)
        missing = {"rest", "parameters"} - arrays.keys()
        if missing:
            raise ValueError(f"file must be written by save; {file} has no {min(missing)!r}")
        rest = json.loads(str(arrays.pop("rest")))
        flat = arrays.pop("parameters")
        if rest["of"] != (here := _described(network, optimizer)):
            raise ValueError(
                f"file must be of the same network and kind of optimizer; it is of {rest['of']}, "
                f"not of {here}"
            )
        training = cls(network, optimizer, rest["seeds"], dtype=flat.dtype)
        training.parameters.flat[...] = flat
        for kind, target in (("memory ", training.memory), ("running ", training.running)):
            for name in target:
                target[name][...] = arrays[kind + name]
        for name in vars(training.history):
            if name != "diverged":
                setattr(training.history, name, list(arrays[f"history {name}"]))
        training.history.diverged = dict(rest["diverged"])
        training.epoch, training.step = rest["epoch"], rest["step"]
        for kind in ("orders", "draws"):
            for rng, state in zip(getattr(training, kind), rest[kind], strict=True):
                rng.bit_generator.state = state
        return training

    @staticmethod
    def _records(record_every: int | Collection[int]) -> Callable[[int], bool]:
        """Say after which epochs to record."""
        if isinstance(record_every, Collection) and not isinstance(record_every, (str, bytes)):
            listed = record_every.ravel() if isinstance(record_every, np.ndarray) else record_every
            chosen = {integer("record_every", epoch, 0) for epoch in listed}
            return lambda epoch: epoch in chosen
        every = integer("record_every", record_every, 1)
        return lambda epoch: epoch % every == 0

    def _fitting(self, name: str, inputs: Any, labels: Any, loss: str) -> Labelled:
        choice("loss", loss, LOSSES)
        x, y = finite(name, inputs), finite(f"labels of {name}", labels)
        first, outputs = self.network.sizes[0], self.network.sizes[-1]
        if x.ndim != 2 or x.shape[1] != first or y.shape != x.shape[:1] or not len(x):
            raise ValueError(
                f"{name} must have shape (samples, {first}) and as many labels; "
                f"got {x.shape} and {y.shape}"
            )
        if loss == "cross_entropy":
            if np.asarray(labels).dtype.kind not in "iu" or y.min() < 0 or y.max() >= outputs:
                raise ValueError(f"labels must be integers from 0 to {outputs - 1}")
            y = np.asarray(labels)
        elif outputs != 1:
            raise ValueError(f"loss must be 'cross_entropy' for {outputs} outputs; got {loss!r}")
        elif loss == "logistic" and (y.min() < 0 or y.max() > 1):
            raise ValueError(f"labels of {name} must be from 0 to 1 for a logistic loss")
        return x.astype(self.parameters.flat.dtype), y

    def _spread(self, inputs: np.ndarray) -> np.ndarray:
        """Lay out inputs as every replica sees them, samples last."""
        x = inputs.astype(self.parameters.flat.dtype).T
        return np.broadcast_to(x, (len(self.seeds), *x.shape))

    def _diverged(self, judged: Judged, trace: Pass, on_divergence: str) -> None:
        for replica in map(int, np.flatnonzero(~np.isfinite(judged.loss))):
            if on_divergence == "raise":
                where = self._culprit(replica, trace)
                raise DivergenceError(f"step {self.step}, seed {self.seeds[replica]}: {where}")
            self.history.diverged.setdefault(replica, self.step)
            self.parameters.flat[replica] = 0
            for kept in (*self.memory.values(), *self.running.values()):
                if kept.ndim:
                    kept[replica] = 0
            judged.gradient[replica] = 0

    def _culprit(self, replica: int, trace: Pass) -> str:
        """Where the first number stands that is not finite, in the order of the forward pass."""
        for layer in range(1, self.network.hidden + 2):
            for name, array in self.parameters.arrays.items():
                if name.endswith(f" {layer}") and not np.isfinite(array[replica]).all():
                    return f"the {name.split()[0]} of layer {layer} is no longer finite"
            hidden = layer <= self.network.hidden
            reached = trace.inputs[layer - 1] if hidden else trace.outputs[-1]
            if not np.isfinite(reached[replica]).all():
                return f"the pre-activations of layer {layer} are no longer finite"
        return "the loss is no longer finite"

    def _untested(self, records: int) -> None:
        """Let records without test data be NaN, so that all measurements have as many records."""
        for _ in range(records):
            for measured in (self.history.test_loss, self.history.test_accuracy):
                measured.append(np.full(len(self.seeds), np.nan))

    def _record(
        self, inputs: np.ndarray, labels: np.ndarray, test: Labelled | None, loss: str
    ) -> None:
        history, network, judge = self.history, self.network, LOSSES[loss]
        history.epochs.append(self.epoch)
        history.steps.append(self.step)
        for name, part in (("train", (inputs, labels)), ("test", test)):
            if part is None:
                if history.test_loss:
                    self._untested(1)
                continue
            if name == "test":
                self._untested(len(history.epochs) - 1 - len(history.test_loss))
            spread = np.broadcast_to(part[1], (len(self.seeds), len(part[1])))
            trace = network.run(self.parameters, self._spread(part[0]), running=self.running)
            judged = judge(trace.outputs[-1], spread)
            getattr(history, f"{name}_loss").append(judged.loss)
            getattr(history, f"{name}_accuracy").append(judged.right.mean(axis=1))
        spread = np.broadcast_to(labels, (len(self.seeds), len(labels)))
        trace = network.run(self.parameters, self._spread(inputs))
        judged = judge(trace.outputs[-1], spread)
        gradient = self.parameters.like()
        network.run_back(self.parameters, trace, judged.gradient, gradient)
        found = gradient.arrays
        layers = range(1, network.hidden + 2)
        history.weight_gradient.append(np.array([_norm(found[f"weight {n}"]) for n in layers]))
        shifts = [found.get(f"bias {n}", found.get(f"shift {n}")) for n in layers]
        history.bias_gradient.append(np.array([_norm(shift) for shift in shifts]))
        samples = np.sqrt(len(labels))
        history.error_norm.append(np.array([samples * _norm(delta) for delta in trace.deltas]))
        values = trace.outputs[1:-1]
        history.activation_mean.append(np.array([a.mean(axis=(1, 2)) for a in values]))
        squares = np.array([(a * a).mean(axis=(1, 2)) for a in values])
        history.activation_rms.append(np.sqrt(squares))
        means = [a.mean(axis=2) for a in values]
        history.unit_mean_rms.append(np.sqrt([(mean**2).mean(axis=1) for mean in means]))
        history.positive.append(np.array([(a > 0).mean(axis=(1, 2)) for a in values]))
        dead = [(slope == 0).all(axis=2).mean(axis=1) for slope in trace.slopes]
        history.dead.append(np.array(dead))
        silent = [(h <= 0).all(axis=2).mean(axis=1) for h in trace.inputs]
        history.silent.append(np.array(silent))
        weights = [self.parameters.arrays[f"weight {n}"] for n in layers]
        history.weight_scale.append(np.array([_norm(w) / np.sqrt(w.shape[1]) for w in weights]))
        if network.learns_slopes:
            learned = [self.parameters.arrays[f"slope {n}"].mean(axis=1) for n in layers[:-1]]
            history.slopes.append(np.array(learned))


def _pair(name: str, value: Any) -> tuple[Any, Any]:
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        raise TypeError(f"{name} must be inputs and labels; got {shown(value)}")
    inputs, labels = value
    return inputs, labels


def _described(network: Network, optimizer: Optimizer) -> str:
    """Say what a saved training has in common with one that goes on: all but the rates."""
    return f"{network.shapes} {replace(optimizer, rate=0.0)}"


def _norm(array: Any) -> np.ndarray:
    """Norm of all numbers of each replica, whose squares might leave single precision."""
    return np.asarray(np.ldexp(*norms([array])))
