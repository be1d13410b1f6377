"""What is measured of the gradient of sigmoid networks, and of steps of Adam."""

import numpy as np
import pytest

from lib import datasets, experiments, models, training
from lib.experiments import adaptive, waiting


def loss(network, parameters):
    data = datasets.digits()
    outputs = network.forward(parameters, data.train_images.T[None]).outputs[-1]
    return float(models.cross_entropy(outputs, data.train_labels[None]).loss[0])


@pytest.mark.parametrize("name", ["weight 1", "weight 4"])
def test_gradient_against_a_difference(name):
    network = waiting.network(3)
    parameters = network.draw([0])
    found = adaptive.gradient(network, parameters).arrays[name][0]
    place = np.unravel_index(np.abs(found).argmax(), found.shape)
    was, losses = parameters.arrays[name][0][place], []
    for step in (1e-4, -1e-4):
        parameters.arrays[name][0][place] = was + step
        losses.append(loss(network, parameters))
    assert found[place] == pytest.approx((losses[0] - losses[1]) / 2e-4, rel=1e-5)


def test_the_gradient_of_all_digits_is_like_itself():
    network = waiting.network(2)
    everything = datasets.digits().train_labels.size
    found = adaptive.cosines(network, network.draw([0, 1]), batch=everything, draws=1)
    np.testing.assert_allclose(found, np.ones((3, 2)), rtol=1e-12)


def test_first_updates_are_closed_forms():
    network = waiting.network(3)
    parameters = network.draw([0])
    whole = adaptive.gradient(network, parameters)
    for layer in range(1, 5):
        weights = parameters.arrays[f"weight {layer}"]
        g = 1e-3 * whole.arrays[f"weight {layer}"]
        for rule, step in (
            (training.sgd(0.1), 0.1 * g),
            (training.adam(0.01, epsilon=1e-7), 0.01 * g / (np.abs(g) + 1e-7)),
        ):
            expected = np.sqrt(np.mean(step**2) / np.mean(weights**2))
            found = adaptive.first_updates(3, rule, 1e-3)[layer - 1]
            assert found == pytest.approx(expected, rel=1e-9)


def test_a_jump_of_the_gradient():
    k, t = 30.0, np.arange(1, 21)
    first, second = 0.9**t, 0.99**t
    expected = (first + (1 - first) * k) / np.sqrt(second + (1 - second) * k**2)
    np.testing.assert_allclose(adaptive.after_a_jump(k, 0.99, 20)[1:], expected, rtol=1e-6)


def test_stored_gradients_are_those_of_the_network():
    stored = experiments.load("adaptive")["gradient_rms"][0, :, 0]
    network = waiting.network(adaptive.HIDDEN)
    whole = adaptive.gradient(network, network.draw(adaptive.SEEDS[:1]))
    np.testing.assert_allclose(stored, adaptive.root_mean_squares(whole)[:, 0], rtol=1e-5)
