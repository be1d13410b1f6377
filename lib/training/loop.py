"""The training loop: mini-batches, what is recorded on the way, and divergence."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import DTypeLike
from tqdm.auto import tqdm

from lib._checks import boolean, choice, finite, integer, real, shown
from lib._checks import seeds as seeds_of
from lib._numbers import DivergenceError
from lib._values import ByValue
from lib.models.losses import LOSSES, Judged
from lib.models.network import Network, Pass
from lib.models.parameters import Parameters
from lib.training import _saving
from lib.training._measuring import Labelled, measured
from lib.training.history import History, Log
from lib.training.optimizers import Optimizer, clip

__all__ = ["Training"]

RUNNING_SHARE = 0.1


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
    loss : {"cross_entropy", "logistic", "squared_error"}
        What is minimized. Default ``"cross_entropy"``; the others need a network of one output.
    dtype : float dtype
        Of parameters and computation. Default float32.

    Attributes
    ----------
    parameters : Parameters
    running : dict of str to ndarray
        Statistics for batch normalization in evaluation.
    epoch, step : int
        How many were taken.

    Examples
    --------
    >>> from lib import activations, datasets, models, training
    >>> data = datasets.digits(200)
    >>> network = models.Network((64, 16, 10), activations.tanh())
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
        loss: str = "cross_entropy",
        dtype: DTypeLike = np.float32,
    ) -> None:
        for name, value, kind in (
            ("network", network, Network), ("optimizer", optimizer, Optimizer),
        ):  # fmt: skip
            if not isinstance(value, kind):
                raise TypeError(f"{name} must be {kind.__name__}; got {value!r}")
        self.loss, outputs = choice("loss", loss, LOSSES), network.sizes[-1]
        if loss != "cross_entropy" and outputs != 1:
            raise ValueError(f"loss must be 'cross_entropy' for {outputs} outputs; got {loss!r}")
        self.network = network
        self.optimizer = optimizer
        self.seeds = seeds_of("seeds", seeds)
        self.parameters = network.draw(self.seeds, dtype=dtype)
        optimizer.rates(self.parameters)
        self.memory = optimizer.start(self.parameters)
        self.running = network.running(self.parameters)
        self.orders = [np.random.default_rng([seed, 1]) for seed in self.seeds]
        self.draws = [np.random.default_rng([seed, 2]) for seed in self.seeds]
        self.epoch = self.step = 0
        self._log = Log()

    @property
    def history(self) -> History:
        """What was measured so far."""
        return self._log.history(len(self.seeds))

    def run(
        self,
        inputs: np.ndarray,
        labels: np.ndarray,
        epochs: int,
        *,
        batch: int | None = 64,
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
            Of this and all earlier runs.

        Raises
        ------
        TypeError, ValueError
            If an argument is not of this kind, or shapes do not fit.
        DivergenceError
            If a replica diverges and `on_divergence` is ``"raise"``.
        """
        data = self._fitting("inputs", inputs, labels)
        tested = None if test is None else self._fitting("test", *_pair("test", test))
        samples = len(data[0])
        batch = samples if batch is None else integer("batch", batch, 1)
        if batch > samples or (self.network.batch_norm and batch < 2):
            least = 2 if self.network.batch_norm else 1
            raise ValueError(f"batch must be from {least} to {samples}; got {batch}")
        choice("on_divergence", on_divergence, ("raise", "freeze"))
        records = _records(record_every)
        epochs, progress = integer("epochs", epochs, 0), boolean("progress", progress)
        if clip_norm is not None and real("clip_norm", clip_norm, least=0) == 0:
            raise ValueError(f"clip_norm must be positive; got {clip_norm!r}")
        gradient, trace = self.parameters.like(), Pass()
        with np.errstate(all="ignore"):
            if not self._log.records:
                self._record(data, tested)
            for _ in tqdm(range(epochs), disable=not progress):
                for part in self._batches(data, batch):
                    trace, judged = self._look(part, trace)
                    if not np.isfinite(judged.loss).all():
                        self._diverge(judged, trace, on_divergence)
                    self.network.run_back(self.parameters, trace, judged.gradient, gradient)
                    self._move(gradient, clip_norm)
                self.epoch += 1
                if records(self.epoch):
                    self._record(data, tested)
        return self.history

    def _batches(self, data: Labelled, batch: int) -> Iterator[Labelled]:
        """Go through all samples once, each replica in an order of its own."""
        inputs, labels = data
        orders = np.stack([rng.permutation(len(inputs)) for rng in self.orders])
        for first in range(0, len(inputs) - batch + 1, batch):
            chosen = orders[:, first : first + batch]
            yield inputs[chosen].swapaxes(1, 2), labels[chosen]

    def _look(self, batch: Labelled, trace: Pass) -> tuple[Pass, Judged]:
        """Run a batch forward, in the arrays of an earlier pass, and find its loss."""
        x, labels = batch
        trace = self.network.run(
            self.parameters, x, running=self.running, update=RUNNING_SHARE, rngs=self.draws,
            reuse=trace,
        )  # fmt: skip
        judged = LOSSES[self.loss](trace.outputs[-1], labels)
        self._log.step_loss.append(judged.loss)
        return trace, judged

    def _move(self, gradient: Parameters, clip_norm: float | None) -> None:
        """Take a step along a gradient, which is used up."""
        if clip_norm is not None:
            clip(gradient, clip_norm)
        if self._log.diverged:
            gradient.flat[list(self._log.diverged)] = 0
        self.optimizer.step(self.parameters, gradient, self.memory)
        self.step += 1

    def _record(self, data: Labelled, test: Labelled | None) -> None:
        taken = self.epoch, self.step
        self._log.records.append(
            measured(self.network, self.parameters, self.running, self.loss, data, test, taken)
        )

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
        x = x.astype(self.parameters.flat.dtype).T
        x = np.broadcast_to(x, (len(self.seeds), *x.shape))
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
        _saving.write(self, file)

    @classmethod
    def load(
        cls,
        file: str | PathLike[str],
        network: Network,
        optimizer: Optimizer,
        *,
        loss: str | None = None,
    ) -> Training:
        """Go on where a saved training stood, to the bit.

        Parameters
        ----------
        file : path
            Written by `save`.
        network : Network
        optimizer : Optimizer
            As they were, but for the learning rate, which may change.
        loss : str, optional
            As for `Training`. Default: the one that was saved, or cross-entropy if the file is
            from a version that did not save it.

        Raises
        ------
        ValueError
            If the file is of a network of other shapes, or of another kind of optimizer, or if it
            is damaged.
        """
        arrays, rest = _saving.read(file, network, optimizer)
        loss = rest.get("loss", "cross_entropy") if loss is None else loss
        dtype = arrays["parameters"].dtype
        training = cls(network, optimizer, rest["seeds"], loss=loss, dtype=dtype)
        _saving.restore(training, arrays, rest)
        return training

    def _fitting(self, name: str, inputs: Any, labels: Any) -> Labelled:
        x, y = finite(name, inputs), finite(f"labels of {name}", labels)
        first, outputs = self.network.sizes[0], self.network.sizes[-1]
        if x.ndim != 2 or x.shape[1] != first or y.shape != x.shape[:1] or not len(x):
            raise ValueError(
                f"{name} must have shape (samples, {first}) and as many labels; "
                f"got {x.shape} and {y.shape}"
            )
        if self.loss == "cross_entropy":
            if np.asarray(labels).dtype.kind not in "iu" or y.min() < 0 or y.max() >= outputs:
                raise ValueError(f"labels must be integers from 0 to {outputs - 1}")
            y = np.asarray(labels)
        elif self.loss == "logistic" and (y.min() < 0 or y.max() > 1):
            raise ValueError(f"labels of {name} must be from 0 to 1 for a logistic loss")
        return x.astype(self.parameters.flat.dtype), y

    def _diverge(self, judged: Judged, trace: Pass, on_divergence: str) -> None:
        for replica in map(int, np.flatnonzero(~np.isfinite(judged.loss))):
            if on_divergence == "raise":
                where = self._culprit(replica, trace)
                raise DivergenceError(f"step {self.step}, seed {self.seeds[replica]}: {where}")
            self._log.diverged.setdefault(replica, self.step)
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


def _pair(name: str, value: Any) -> tuple[Any, Any]:
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        raise TypeError(f"{name} must be inputs and labels; got {shown(value)}")
    inputs, labels = value
    return inputs, labels


def _records(record_every: int | Collection[int]) -> Callable[[int], bool]:
    """Say after which epochs to record."""
    if isinstance(record_every, Collection) and not isinstance(record_every, (str, bytes)):
        listed = record_every.ravel() if isinstance(record_every, np.ndarray) else record_every
        chosen = {integer("record_every", epoch, 0) for epoch in listed}
        return lambda epoch: epoch in chosen
    every = integer("record_every", record_every, 1)
    return lambda epoch: epoch % every == 0
