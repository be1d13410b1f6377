"""Mean activations while ReLU and ELU networks train, how fast they learn, and noise."""

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
from tqdm.auto import tqdm

from lib import activations, datasets, initializers
from lib.experiments import sweep
from lib.experiments.choosing import Choice, lowest
from lib.experiments.parts import Done, once
from lib.experiments.rectifier_speed import epochs_until
from lib.models import Network

SEEDS = sweep.SEEDS
HIDDEN, UNITS, EPOCHS = 8, 64, 30
RATES = (0.03, 0.1, 0.2, 0.3, 0.4, 0.6)
KINDS = {
    "relu": initializers.he(), "leaky_relu": initializers.he(slope=0.01),
    "elu": initializers.he(), "elu critical": initializers.normal(weight_variance=1.5),
}  # fmt: skip
NOISE = (0.0, 0.5, 1.0, 1.5, 2.0)
SHARE = 0.02


def run(seeds: Sequence[int] = SEEDS, done: Done | None = None) -> dict[str, np.ndarray]:
    """Train eight layers of ReLU, leaky ReLU and ELU; then test on digits with noise.

    ELU trains from He's initial weights and from weights of variance 1.5/fan_in, between what
    keeps its signal and what keeps its gradient. Every kind trains with every learning rate.

    Parameters
    ----------
    seeds : sequence of int
    done : mutable mapping, optional
        Parts that were computed before; the others are added.

    Returns
    -------
    dict of str to ndarray
        ``"epochs"``, shape (records,); ``"rates"``, shape (rates,); ``"noise"``, standard
        deviations added to every pixel; for each kind ``"shift elu"``, shape (records, layers,
        rates, seeds), the root mean square of the mean activations of units over that of all
        activations; ``"train_loss elu"`` and ``"test_accuracy elu"``, shape (records, rates,
        seeds); ``"speed elu"``, shape (rates, seeds), epochs until the training loss is 2% of what
        it was, infinite if it never is; and ``"noisy elu"``, shape (noise, rates, seeds), the
        accuracy on noisy test digits. A network that has diverged is NaN.

    References
    ----------
    Clevert, Unterthiner & Hochreiter, "Fast and Accurate Deep Network Learning by Exponential
    Linear Units (ELUs)", ICLR 2016, section 4.1.
    """
    done = {} if done is None else done
    found: dict[str, np.ndarray] = {"noise": np.array(NOISE), "rates": np.array(RATES)}
    for kind in tqdm(KINDS, unit="kind", disable=None):
        found |= once(done, kind, partial(of_kind, kind, seeds))
    return found


def of_kind(kind: str, seeds: Sequence[int]) -> dict[str, np.ndarray]:
    """Train one kind with all rates, and test it on digits with noise; see `run`."""
    data = datasets.digits()
    blur = np.random.default_rng(0).standard_normal(data.test_images.shape)
    shape = (len(RATES), len(seeds))
    phi = activations.get(kind.split()[0])
    network = Network((64, *[UNITS] * HIDDEN, 10), phi, KINDS[kind])
    trained = sweep.train(network, seeds, rates=RATES, epochs=EPOCHS)
    history = trained.training.history
    found = {"epochs": history.epochs.astype(float)}
    size = trained.by_rate("activation_rms")
    with np.errstate(invalid="ignore"):  # of a network that has diverged
        found[f"shift {kind}"] = trained.by_rate("unit_mean_rms") / size
    for name in ("train_loss", "test_accuracy"):
        found[f"{name} {kind}"] = trained.by_rate(name)
    found[f"speed {kind}"] = epochs_until(history.train_loss, SHARE).reshape(shape)
    answers = [
        trained.training.predict(data.test_images + sigma * blur).argmax(axis=2) for sigma in NOISE
    ]
    right = np.mean(np.array(answers) == data.test_labels, axis=2).reshape(-1, *shape)
    finite = np.isfinite(found[f"train_loss {kind}"][-1])
    found[f"noisy {kind}"] = np.where(finite, right, np.nan)
    return found


def choices(results: Mapping[str, np.ndarray]) -> list[Choice]:
    """Say which rates the results or their chapter chose."""
    return [
        lowest(f"{kind}, {what}", RATES, losses)
        for kind in KINDS
        for what, losses in (
            ("speed", results[f"speed {kind}"]), ("end", results[f"train_loss {kind}"][-1])
        )
    ]  # fmt: skip
