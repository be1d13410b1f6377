"""The laboratory: it shows what lib.training computes, beside what theory says of the start."""

import numpy as np
import pytest

from lib import laboratory, training
from lib.figures import laboratory as drawn
from lib.figures.render import Stage
from lib.laboratory import EXPERIMENTS, Bench, Settings, code, expected, observed
from lib.laboratory._data import data_of

SIGMOIDS = {"data": "circles", "depth": 10, "activation": "sigmoid", "rate": 0.3}


@pytest.mark.parametrize(
    "settings",
    [
        {"depth": 3},
        {"data": "spirals", "activation": "rrelu", "start": "he", "optimizer": "momentum"},
        {"data": "digits", "activation": "prelu", "batch_norm": True, "rate": 0.01, "seed": 4},
        {"depth": 4, "residual": 0.5, "optimizer": "adam", "rate": 0.003, "start": "tiny"},
        {"depth": 2, "activation": "sigmoid", "start": "twin of tanh"},
        {"depth": 2, "start": "pytorch_linear"},
    ],
)
def test_shown_code_trains_the_same_network(settings):
    bench = Bench(Settings(**settings))
    for epochs in (1, 1, 2):  # with looks in between, as while it is watched
        bench.advance(epochs)
    found: dict[str, object] = {}
    exec(code(bench.settings, 4), found)
    learner = found["learner"]
    assert isinstance(learner, training.Training)
    np.testing.assert_array_equal(learner.parameters.flat, bench.training.parameters.flat)
    assert learner.history.train_loss[-1][0] == bench.looks[-1].loss
    assert [look.epoch for look in bench.looks] == [0, 1, 2, 4]


def test_a_look_holds_what_the_network_does():
    bench = Bench(Settings(depth=3, width=8, activation="relu", start="he"))
    bench.advance(3)
    look, arrays = bench.looks[-1], bench.training.parameters.arrays
    data = data_of("moons")
    a, slopes = data.inputs.T, []
    for layer in (1, 2, 3):
        h = arrays[f"weight {layer}"][0] @ a + arrays[f"bias {layer}"][0][:, None]
        a = np.maximum(h, 0)
        slopes.append(h > 0)
        assert look.spread[layer - 1] == pytest.approx(np.sqrt(np.mean(a**2)), rel=1e-4)
        dead = 1 - slopes[-1].any(axis=1).mean()
        assert look.dead[layer - 1] == pytest.approx(dead, abs=1e-6)
    outputs = arrays["weight 4"][0] @ a + arrays["bias 4"][0][:, None]
    chance = np.exp(outputs) / np.exp(outputs).sum(axis=0)
    assert look.loss == pytest.approx(
        -np.mean(np.log(chance[data.labels, np.arange(400)])), rel=1e-4
    )
    delta = chance - np.eye(2)[data.labels].T
    for layer in (3, 2, 1):
        delta = slopes[layer - 1] * (arrays[f"weight {layer + 1}"][0].T @ delta)
        size = np.sqrt(np.mean(np.sum(delta**2, axis=0)))
        assert look.gradient[layer - 1] == pytest.approx(size, rel=1e-4)


def test_plane_is_colored_by_what_the_network_answers():
    bench = Bench(Settings(data="circles", rate=1.0))
    bench.advance(60)
    side = np.linspace(-laboratory.REACH, laboratory.REACH, laboratory.GRID)
    points, classes = laboratory.points("circles")
    columns, rows = (np.abs(points[:, [i]] - side).argmin(axis=1) for i in (0, 1))
    told = bench.looks[-1].outputs[rows, columns] > 0.5
    assert bench.looks[-1].accuracy > 0.98
    assert np.mean(told == (classes == 1)) > 0.95


@pytest.mark.parametrize("name", [n for n in EXPERIMENTS if n not in ("born dead", "digits")])
def test_start_is_near_what_theory_says(name):
    settings, look = EXPERIMENTS[name].settings, Bench(EXPERIMENTS[name].settings).looks[0]
    said = expected(settings)
    measured = np.log10(look.gradient / look.gradient[-1])
    assert np.abs(measured - said.log10_gradient).max() < 0.25 * np.sqrt(settings.depth)
    # The signal grows or fades as predicted, within the scatter of a narrow network.
    spread = np.log10(look.spread / said.spread)
    assert np.abs(spread - spread[0]).max() < 0.25 * np.sqrt(settings.depth)


def test_theory_of_a_rectifier_by_hand():
    said = expected(Settings(depth=30, width=32, activation="relu", start="xavier"))
    np.testing.assert_allclose(10**said.log10_gradient, 2.0 ** (-np.arange(29, -1, -1) / 2))
    np.testing.assert_allclose(said.spread, 2.0 ** (-np.arange(1, 31) / 2))


def test_twin_starts_as_the_tanh_network_does():
    tanh = observed("ten tanh")[0]
    twin = observed("twin of tanh")[0]
    np.testing.assert_allclose(twin.outputs, tanh.outputs, atol=1e-5)
    np.testing.assert_allclose(twin.gradient, tanh.gradient / 2, rtol=1e-3)


def test_what_rescues_ten_sigmoids_and_what_does_not():
    def reached(**changed):
        bench = Bench(Settings(**(SIGMOIDS | changed)))
        bench.advance(100)
        return bench.looks[-1].accuracy

    assert reached(batch_norm=True) > 0.95
    assert all(reached(rate=rate) < 0.55 for rate in (1.0, 3.0, 10.0))
    assert all(reached(start=start) < 0.55 for start in ("he", "orthogonal", "lecun", "tiny"))
    assert reached(optimizer="adam", rate=0.03) < 0.55


@pytest.mark.parametrize(("depth", "width"), [(1, 32), (8, 8)])
def test_what_is_enough_for_spirals(depth, width):
    bench = Bench(Settings(data="spirals", depth=depth, width=width, rate=0.3))
    bench.advance(100)
    assert bench.looks[-1].accuracy > 0.99


def test_seeds_of_a_repetition_are_those_of_the_bench():
    right = laboratory.accuracies("one hidden layer", [0, 3])
    assert right[0] == observed("one hidden layer")[-1].accuracy


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"depth": 0}, "depth must be at least 1; got 0"),
        ({"width": 500}, "width must be at most 128; got 500"),
        ({"data": "mnist"}, "data must be"),
        ({"rate": 0}, "rate must be"),
        ({"activation": "tanh", "start": "twin of tanh"}, "start must not be 'twin of tanh'"),
    ],
)
def test_settings_that_cannot_be_trained_are_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        Settings(**wrong)


def test_the_bench_draws_gradients_relative_to_the_last_layer():
    name = "ten sigmoids"
    stage = Stage(drawn.experiment)
    stage.frame({"name": name})
    lines = {line.get_label(): line.get_ydata() for f in stage.figures for line in f.axes[0].lines}
    gradient = Bench(EXPERIMENTS[name].settings).looks[0].gradient
    assert lines["gradient"][-1] == 1
    np.testing.assert_allclose(lines["gradient"], gradient / gradient[-1])
