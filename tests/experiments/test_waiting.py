"""How long sigmoid networks wait: what is measured before training, and a rate for each layer."""

import numpy as np

from lib import datasets, experiments, training
from lib.experiments import waiting


def test_spread_over_digits_before_training():
    images = datasets.digits().train_images.T
    arrays = waiting.network(waiting.DEEP).draw(waiting.SEEDS[:1]).arrays
    a, spread = images, [np.sqrt(np.mean((images.T - images.mean(axis=1)) ** 2))]
    for layer in range(1, waiting.DEEP + 1):
        h = arrays[f"weight {layer}"][0] @ a + arrays[f"bias {layer}"][0][:, None]
        a = 0.5 + np.tanh(h / 2) / 2
        spread.append(np.sqrt(np.mean((a.T - a.mean(axis=1)) ** 2)))
    shipped = experiments.load("waiting")["spread"][:, 0]
    np.testing.assert_allclose(shipped, spread, rtol=1e-4)


def test_own_rates_make_the_first_steps_equally_long():
    data = datasets.digits(100)
    plain = training.Training(waiting.network(3), training.sgd(0.5), [0, 1], dtype=np.float64)
    before = {name: array.copy() for name, array in plain.parameters.arrays.items()}
    sizes = plain.run(data.train_images, data.train_labels, 0).weight_gradient[0]
    factors = sizes[-1] / sizes
    rule = training.sgd(0.5, factors=waiting.own_rates(sizes))
    own = training.Training(waiting.network(3), rule, [0, 1], dtype=np.float64)
    plain.run(data.train_images, data.train_labels, 1, batch=None)
    own.run(data.train_images, data.train_labels, 1, batch=None)
    for layer in range(1, 5):
        for kind in ("weight", "bias"):
            name = f"{kind} {layer}"
            step, longer = (
                learner.parameters.arrays[name] - before[name] for learner in (plain, own)
            )
            for replica in (0, 1):
                expected = step[replica] * factors[layer - 1][replica]
                np.testing.assert_allclose(longer[replica], expected, rtol=1e-9, atol=1e-14)
            if kind == "weight":
                lengths = np.sqrt((longer**2).sum(axis=(1, 2)))
                np.testing.assert_allclose(lengths, 0.5 * sizes[-1], rtol=1e-6)


def test_the_wait_at_three_layers_afresh():
    # One seed's network does not depend on the others.
    data = datasets.digits()
    learner = training.Training(
        waiting.network(3), training.sgd(waiting.RATE), [0], dtype=np.float64
    )
    history = learner.run(data.train_images, data.train_labels, 6)
    right = [float(share[0]) for share in history.train_accuracy]
    first = next(epoch for epoch, share in enumerate(right) if share > 1 / 5)
    assert abs(first - experiments.load("waiting")["wait"][0, 0]) <= 1  # other machines round
