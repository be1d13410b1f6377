"""Mean activations while ReLU and ELU networks train, how fast they learn, and noise."""

from collections.abc import Sequence

import numpy as np

from lib import activations, datasets, initializers
from lib.experiments import sweep
from lib.experiments.rectifier_speed import epochs_until
from lib.training import Network

SEEDS = sweep.SEEDS
HIDDEN, UNITS, EPOCHS = 8, 64, 30
RATES = (0.01, 0.03, 0.1, 0.3)
KINDS = {
    "relu": initializers.he(), "leaky_relu": initializers.he(slope=0.01),
    "elu": initializers.he(), "elu critical": initializers.normal(weight_variance=1.5),
}  # fmt: skip
NOISE = (0.0, 0.5, 1.0, 1.5, 2.0)
SHARE = 0.02


def run(seeds: Sequence[int] = SEEDS) -> dict[str, np.ndarray]:
    """Train eight layers of ReLU, leaky ReLU and ELU; then test on digits with noise.

    ELU trains from He's initial weights and from weights of variance 1.5/fan_in, between what
    keeps its signal and what keeps its gradient.

    Parameters
    ----------
    seeds : sequence of int

    Returns
    -------
    dict of str to ndarray
        ``"epochs"``, shape (records,); ``"noise"``, standard deviations added to every pixel;
        for each kind ``"shift elu"``, shape (records, layers, seeds), the root mean square of the
        mean activations of units over that of all activations; ``"mean elu"``, of the same
        shape, the mean activation over its root mean square; ``"train_loss elu"`` and
        ``"test_accuracy elu"``, shape (records, seeds); ``"speed elu"``, shape (seeds,), epochs
        until the training loss is 2% of what it was; ``"noisy elu"``, shape (noise, seeds), the
        accuracy on noisy test digits; and ``"rate elu"``.

    References
    ----------
    Clevert, Unterthiner & Hochreiter, "Fast and Accurate Deep Network Learning by Exponential
    Linear Units (ELUs)", ICLR 2016, section 4.1.
    """
    data = datasets.digits()
    blur = np.random.default_rng(0).standard_normal(data.test_images.shape)
    found: dict[str, np.ndarray] = {"noise": np.array(NOISE)}
    for kind, start in KINDS.items():
        network = Network((64, *[UNITS] * HIDDEN, 10), activations.get(kind.split()[0]), start)
        trained = sweep.train(network, seeds, rates=RATES, epochs=EPOCHS)
        found["epochs"] = trained.training.history.array("epochs")
        size = trained.array("activation_rms")
        found[f"shift {kind}"] = trained.array("unit_mean_rms") / size
        found[f"mean {kind}"] = trained.array("activation_mean") / size
        for name in ("train_loss", "test_accuracy"):
            found[f"{name} {kind}"] = trained.array(name)
        found[f"speed {kind}"] = epochs_until(trained.array("train_loss"), SHARE)
        answers = [
            trained.training.predict(data.test_images + sigma * blur)[trained.kept].argmax(axis=2)
            for sigma in NOISE
        ]
        found[f"noisy {kind}"] = np.mean(np.array(answers) == data.test_labels, axis=2)
        found[f"rate {kind}"] = np.array(trained.rate)
    return found
