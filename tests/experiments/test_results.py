"""The shipped results: all there, whole, and those that the code computes."""

from importlib import import_module
from types import SimpleNamespace

import numpy as np
import pytest

from lib import activations, datasets, experiments, initializers
from lib.experiments import sweep
from lib.experiments.rectifier_speed import epochs_until
from lib.models import Network

# What is chosen for a kind of network, with an axis for the rules and none for the seeds.
CHOSEN = ("variances", "rule", "rates", "choose loss", "least rate", "most rate")


@pytest.mark.parametrize("name", experiments.names())
def test_results_are_whole(name):
    results = experiments.load(name)
    seeds = len(import_module(f"lib.experiments.{name}").SEEDS)
    assert seeds >= 5
    for key, array in results.items():
        if name == "grand_table" and key in CHOSEN:
            axes = (array.ndim, array.shape[-1])
            assert axes == ((3, 4) if key == "rule" else (array.ndim, 2)), key  # ways, or rules
        elif array.ndim >= 2 or key.startswith("active"):
            assert array.shape[-1] in (seeds, 3), key  # 3: rates by depth


def test_one_experiment_afresh(monkeypatch):
    # A seed's networks do not depend on the others: two seeds give two columns of the whole, and
    # the first 110 steps its first records.
    module = import_module("lib.experiments.early_layers")
    monkeypatch.setattr(module, "STEPS", 110)
    monkeypatch.setattr(module, "RECORDS", [n for n in module.RECORDS if n <= 110])
    shipped, fresh = experiments.load("early_layers"), experiments.run("early_layers", seeds=(0, 1))
    records = len(fresh["steps"])
    assert records > 20
    np.testing.assert_array_equal(fresh["steps"], shipped["steps"][:records])
    for key, array in fresh.items():
        if key.startswith(("error_norm", "bias_gradient", "weight_scale")):
            # Another machine may round otherwise.
            np.testing.assert_allclose(array, shipped[key][:records, ..., :2], rtol=0.02)


def test_gradients_at_the_start_are_those_of_the_network():
    module = import_module("lib.experiments.early_layers")
    data = datasets.digits()
    start = initializers.normal(weight_variance=1.0, bias_variance=1.0)
    network = Network((64, 30, 30, 10), activations.sigmoid(), start)
    parameters = network.draw(module.SEEDS[:1])
    x, labels = data.train_images.T, data.train_labels
    a, layers, slopes = x, [], []
    for layer in (1, 2, 3):
        weight, bias = (parameters.arrays[f"{k} {layer}"][0] for k in ("weight", "bias"))
        h = weight @ a + bias[:, None]
        layers.append((weight, a))
        a = 1 / (1 + np.exp(-h))
        slopes.append(np.sqrt(np.mean((a * (1 - a)) ** 2)))
    probability = np.exp(h) / np.exp(h).sum(axis=0)
    delta = probability - np.eye(10)[labels].T
    norms = []
    for weight, below in layers[:0:-1]:
        delta = (weight.T @ delta) * below * (1 - below)
        norms.append(np.linalg.norm(delta.mean(axis=1)))
    shipped = experiments.load("early_layers")["bias_gradient 2"][0, :, 0]
    np.testing.assert_allclose(shipped, norms[::-1], rtol=1e-4)
    shipped = experiments.load("early_layers")["slope_rms 2"][0, :, 0]
    np.testing.assert_allclose(shipped, slopes[:2], rtol=1e-4)


@pytest.mark.parametrize("hidden", [1, 20])
def test_a_twin_starts_as_the_tanh_network_of_the_same_seed(hidden):
    module = import_module("lib.experiments.saturation")
    tanh = module.network("tanh", hidden).draw([3, 4]).arrays
    twin = module.network("sigmoid twin", hidden).draw([3, 4]).arrays
    x = datasets.digits().test_images[:40].T
    for replica in (0, 1):
        a, b = x, x
        for layer in range(1, hidden + 2):
            h, g = (
                net[f"weight {layer}"][replica] @ below + net[f"bias {layer}"][replica][:, None]
                for net, below in ((tanh, a), (twin, b))
            )
            a, b = np.tanh(h), 1 / (1 + np.exp(-g))
        assert np.ptp(h) > 0.5
        np.testing.assert_allclose(g, h, atol=1e-13)


@pytest.mark.parametrize("hidden", [5, 10, 20])
def test_twins_begin_alike_and_part(hidden):
    results = experiments.load("saturation")
    tanh, twin = (results[f"train_loss {kind} {hidden}"] for kind in ("tanh", "sigmoid twin"))
    np.testing.assert_allclose(twin[0], tanh[0], rtol=1e-5)
    assert (np.abs(twin[1] / tanh[1] - 1) > 0.01).all()


def test_the_best_rate_is_kept():
    network = Network((64, 8, 10), activations.tanh())
    trained = sweep.train(network, [3, 4], rates=[1e-4, 0.5, 1e-3], epochs=3)
    assert trained.rate == 0.5
    alone = sweep.train(network, [3, 4], rates=[0.5], epochs=3)
    for name in ("train_loss", "dead", "step_loss"):
        np.testing.assert_array_equal(trained.array(name), alone.array(name))


def test_all_rates_side_by_side():
    network = Network((64, 8, 10), activations.tanh())
    trained = sweep.train(network, [3, 4], rates=[0.5, 1e-4, 1e-3], epochs=2)
    by_rate = trained.by_rate("error_norm")
    assert by_rate.shape == (3, 2, 3, 2)
    for column, rate in enumerate((0.5, 1e-4, 1e-3)):
        alone = sweep.train(network, [3, 4], rates=[rate], epochs=2)
        np.testing.assert_array_equal(by_rate[:, :, column], alone.array("error_norm"))


def test_epochs_until_a_share_of_the_error():
    error = np.array([[0.8, 0.8, 0.8], [0.4, 0.9, 0.2], [0.1, 0.7, 0.1]])
    found = epochs_until(error, 0.25)
    np.testing.assert_allclose(found, [1 + 2 / 3, np.inf, 1])


def test_epochs_until_with_records_of_any_time():
    error = np.array([0.8, 0.4, 0.1])[:, None, None]
    assert epochs_until(error, 0.25, at=[0, 3, 9]) == pytest.approx(3 + 6 * 2 / 3)
    assert epochs_until(error, 0.125, at=[0, 3, 9]) == 9


def test_errors_of_single_steps_are_those_of_training():
    module = import_module("lib.experiments.rectifier_speed")
    data = datasets.digits()
    network = Network((64, 20, 20, 10), activations.relu(), initializers.he())
    found = module.errors(
        network, (3, 5), data.train_images, data.train_labels, rates=(0.1, 0.5, 1e30),
        records=[0, 22, 30, 44],
    )  # fmt: skip
    trained = sweep.train(network, (3, 5), rates=(0.1, 0.5, 1e30), epochs=2)
    error = np.nan_to_num(1 - trained.by_rate("train_accuracy"), nan=1.0)
    assert (error[1:, 2] == 1).all()
    np.testing.assert_allclose(found[[0, 1, 3]], error, atol=1e-12)
    assert not np.array_equal(found[2], found[1])


@pytest.mark.parametrize("kind", ["tanh", "relu"])
def test_shipped_speeds_are_those_of_the_code(kind):
    module = import_module("lib.experiments.rectifier_speed")
    data, shipped = datasets.digits(), experiments.load("rectifier_speed")
    np.testing.assert_allclose(shipped["rates"], module.RATES, rtol=1e-6)
    network = Network((64, *[64] * 4, 10), activations.get(kind), module.KINDS[kind])
    early = [step for step in module.RECORDS if step <= 6]
    found = module.errors(
        network, module.SEEDS[:2], data.train_images, data.train_labels,
        rates=module.RATES[-3:], records=early,
    )  # fmt: skip
    # Another machine rounds otherwise, and large rates make more of that.
    stored = shipped[f"error {kind} 4"][: len(early), -3:, :2]
    assert (np.abs(found - stored) < 0.01).mean() > 0.8
    assert np.ptp(stored[:, -1]) > 0.1


@pytest.mark.parametrize(
    ("key", "bias"), [("dead low", -0.5), ("dead he", 0.0), ("born without biases", 0.0)]
)
def test_units_that_are_born_dead(key, bias):
    he = initializers.he() if key != "born without biases" else initializers.pytorch_linear()
    drawn = Network((64, *[64] * 8, 10), activations.relu(), he).draw([4]).arrays
    signal, shares = datasets.digits().train_images, []
    for layer in range(1, 9):
        signal = np.maximum(signal @ drawn[f"weight {layer}"][0].T + bias, 0)
        shares.append(np.mean(signal.max(axis=0) == 0))
    shipped = experiments.load("dying")[key]
    own = shipped[0, :, 0, 4] if shipped.ndim == 4 else shipped[:, 4]
    # Within one of the 64 units, which another precision may turn around.
    np.testing.assert_allclose(own, shares, atol=1 / 64 + 1e-6)


def test_a_rate_is_found_in_single_precision_and_no_other_is_taken_for_it():
    results = experiments.load("bias_shift")
    assert results["rates"].dtype == np.float32
    found = [experiments.with_rate(results, rate) for rate in (0.03, 0.1, 0.2, 0.3, 0.4)]
    assert found == [0, 1, 2, 3, 4]
    with pytest.raises(ValueError, match=r"rate must be one of .*; got 0\.12"):
        experiments.with_rate(results, 0.12)


def test_unknown_names_are_refused():
    for call in (experiments.load, experiments.run):
        with pytest.raises(ValueError, match="name must be one of early_layers"):
            call("everything")
    with pytest.raises(ValueError, match="seeds must name at least one; got"):
        experiments.run("relu_family", seeds=())


@pytest.mark.parametrize(
    ("last", "best"),
    [
        ([[1.0, 9.0], [4.0, 5.0]], 1), ([[1.0, 6.0], [5.0, 5.0]], 0),
        ([[0.1, np.nan], [4.0, 5.0]], 1), ([[3.0, 4.0], [np.inf, -np.inf]], 0),
    ],
)  # fmt: skip
def test_the_best_rate_has_the_lowest_mean_training_loss(last, best, monkeypatch):
    class Learners:
        def __init__(self, network, optimizer, seeds):
            assert (optimizer.rate, seeds) == ((0.1, 0.1, 0.2, 0.2), [3, 4, 3, 4])

        def run(self, *data, **options):
            losses = np.array(last).ravel()
            self.history = SimpleNamespace(
                train_loss=np.array([losses[::-1], losses]),
                test_loss=np.array([losses, losses[::-1]]),
            )

    monkeypatch.setattr(sweep, "Training", Learners)
    network = Network((64, 8, 10), activations.tanh())
    trained = sweep.train(network, [3, 4], rates=[0.1, 0.2], epochs=1)
    assert (trained.rate, trained.kept) == ((0.1, 0.2)[best], slice(2 * best, 2 * best + 2))
    np.testing.assert_array_equal(trained.array("train_loss")[-1], last[best])


def test_rates_are_tested_on_test_digits():
    data = datasets.digits(100)
    network = Network((64, 8, 10), activations.tanh())
    trained = sweep.train(network, [3, 4], rates=[1e30, 0.5], epochs=2, data=data)
    assert trained.rate == 0.5
    said = trained.training.predict(data.test_images)[trained.kept].argmax(axis=2)
    right = (said == data.test_labels).mean(axis=1)
    np.testing.assert_allclose(trained.array("test_accuracy")[-1], right)


@pytest.mark.parametrize("right", [0.99, 1.0])
def test_one_hidden_layer_is_settled_where_all_digits_are_right_and_deeper_ones_are_not(right):
    module = import_module("lib.experiments.saturation")
    results = {
        key: np.full_like(array, right) if key.startswith("train_accuracy ") else array
        for key, array in experiments.load("saturation").items()
    }
    settled = {c.of for c in module.choices(results) if c.settled == module.REACHED}
    assert settled == ({"sigmoid 1"} if right == 1 else set())
