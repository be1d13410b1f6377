"""What the page on networks that do not train computes, against networks drawn afresh."""

import numpy as np
import pytest

from lib import activations, datasets, experiments, training
from lib.experiments import symptoms
from lib.models import Network
from lib.simulations import not_training


@pytest.mark.parametrize("name", ["healthy", "vanished"])
def test_an_update_is_what_a_step_changes_relative_to_the_weights(name):
    case, data = symptoms.CASES[name], datasets.digits()
    network = Network(
        (64, *[symptoms.UNITS] * symptoms.HIDDEN, 10), activations.get(case.activation),
        case.initializer, residual=case.residual,
    )  # fmt: skip
    learners = training.Training(network, training.sgd(symptoms.RATE), symptoms.SEEDS)
    weights = [f"weight {layer}" for layer in range(1, symptoms.HIDDEN + 2)]
    before = [learners.parameters.arrays[name].astype(float) for name in weights]
    images, labels = data.train_images, data.train_labels
    learners.run(images, labels, 1, batch=len(images))
    after = [learners.parameters.arrays[name].astype(float) for name in weights]
    norms = [
        np.median(np.linalg.norm(b - a, axis=(1, 2)) / np.linalg.norm(b, axis=(1, 2)))
        for a, b in zip(after, before, strict=True)
    ]
    found = not_training.update(experiments.load("symptoms"), name)
    # In single precision, weights that hardly move are rounded.
    changed = np.array(norms) > 1e-6
    assert changed[-1]
    np.testing.assert_allclose(found[changed], np.array(norms)[changed], rtol=0.05)
