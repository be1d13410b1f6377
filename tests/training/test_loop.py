"""The loop: reproducible, resumable, honest about divergence, and right in what it records."""

import json
from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest

from lib import activations, datasets, initializers, models, training
from lib._files import read_arrays, write_arrays
from lib.training.history import Log

DATA = datasets.digits(200)
TEST = (DATA.test_images[:50], DATA.test_labels[:50])


def learners(activation="tanh", seeds=(0, 1), batch_norm=False, dtype=np.float64, **options):
    phi = activations.get(activation)
    network = models.Network((64, 12, 9, 10), phi, batch_norm=batch_norm, **options)
    return training.Training(network, training.nesterov(0.05), seeds, dtype=dtype)


def run(trained, epochs, **options):
    return trained.run(DATA.train_images, DATA.train_labels, epochs, batch=30, test=TEST, **options)


@pytest.mark.parametrize("activation", ["tanh", "prelu", "rrelu"])
def test_a_replica_trains_as_it_would_alone(activation):
    together, alone = learners(activation, (4, 9)), learners(activation, (9,))
    run(together, 3)
    run(alone, 3)
    np.testing.assert_array_equal(together.parameters.flat[1], alone.parameters.flat[0])


@pytest.mark.parametrize("activation", ["relu", "rrelu"])
def test_a_saved_training_goes_on_to_the_bit(activation, tmp_path):
    straight, first = learners(activation, batch_norm=True), learners(activation, batch_norm=True)
    run(straight, 5)
    run(first, 2)
    first.save(tmp_path / "state.npz")
    resumed = training.Training.load(tmp_path / "state.npz", first.network, first.optimizer)
    run(resumed, 3)
    assert (resumed.epoch, resumed.step) == (5, straight.step)
    np.testing.assert_array_equal(straight.parameters.flat, resumed.parameters.flat)
    for name in ("epochs", "step_loss", "train_loss", "test_accuracy", "error_norm", "dead"):
        one, other = (getattr(t.history, name) for t in (straight, resumed))
        np.testing.assert_array_equal(one, other)
    with pytest.raises(ValueError, match="file must be of the same network"):
        training.Training.load(tmp_path / "state.npz", first.network, training.adam())


def test_what_is_recorded():
    trained = learners("relu")
    history = run(trained, 2)
    network = trained.network
    x = np.broadcast_to(DATA.train_images.T, (2, 64, 200))
    labels = np.broadcast_to(DATA.train_labels, (2, 200))
    trace = network.forward(trained.parameters, x)
    judged = models.cross_entropy(trace.outputs[-1], labels)
    gradient = trained.parameters.like()
    network.backward(trained.parameters, trace, judged.gradient, gradient)
    assert history.epochs.tolist() == [0, 1, 2]
    assert history.steps.tolist() == [0, 6, 12]
    assert len(history.step_loss) == 2 * (200 // 30)
    np.testing.assert_allclose(history.train_loss[-1], judged.loss)
    right = (trained.predict(TEST[0]).argmax(axis=2) == TEST[1]).mean(axis=1)
    np.testing.assert_allclose(history.test_accuracy[-1], right)
    for layer in (1, 2, 3):
        for kind in ("weight", "bias"):
            array = gradient.arrays[f"{kind} {layer}"]
            norms = [np.linalg.norm(array[r]) for r in range(2)]
            np.testing.assert_allclose(getattr(history, f"{kind}_gradient")[-1][layer - 1], norms)
        samples = 200 * trace.deltas[layer - 1]  # gradients of single samples' losses
        rms = np.sqrt((samples**2).sum(axis=1).mean(axis=1))
        np.testing.assert_allclose(history.error_norm[-1][layer - 1], rms)
    for layer in (1, 2):
        a = trace.outputs[layer]
        np.testing.assert_allclose(history.activation_mean[-1][layer - 1], a.mean(axis=(1, 2)))
        rms = np.sqrt((a**2).mean(axis=(1, 2)))
        np.testing.assert_allclose(history.activation_rms[-1][layer - 1], rms)
        means = np.sqrt((a.mean(axis=2) ** 2).mean(axis=1))
        np.testing.assert_allclose(history.unit_mean_rms[-1][layer - 1], means)
        np.testing.assert_allclose(history.positive[-1][layer - 1], (a > 0).mean(axis=(1, 2)))
        dead = (a.max(axis=2) <= 0).mean(axis=1)
        np.testing.assert_allclose(history.dead[-1][layer - 1], dead)
        silent = (trace.inputs[layer - 1].max(axis=2) <= 0).mean(axis=1)
        np.testing.assert_allclose(history.silent[-1][layer - 1], silent)
    for layer in (1, 2, 3):
        weight = trained.parameters.arrays[f"weight {layer}"]
        scale = np.sqrt((weight**2).mean(axis=(1, 2)) * weight.shape[2])
        np.testing.assert_allclose(history.weight_scale[-1][layer - 1], scale)


def test_leaky_units_fall_silent_and_do_not_die():
    network = models.Network((64, 12, 10), activations.leaky_relu(), initializers.he())
    trained = training.Training(network, training.sgd(1e-3), [0])
    trained.parameters.arrays["bias 1"][0, :3] = -1e3
    history = run(trained, 1)
    assert history.silent[-1][0, 0] == 3 / 12
    assert history.dead[-1][0, 0] == 0


def test_learned_slopes_are_recorded_and_move():
    trained = learners("prelu")
    slopes = run(trained, 2).slopes
    assert slopes.shape == (3, 2, 2)
    assert (slopes[0] == 0.25).all()
    np.testing.assert_array_equal(slopes[-1][0], trained.parameters.arrays["slope 1"][:, 0])
    assert (slopes[-1] != 0.25).all()


def explosive(seeds=(0, 1), rates=(1e30, 1e-3)):
    start = initializers.he()
    network = models.Network((64, 12, 9, 10), activations.relu(), start)
    return training.Training(network, training.sgd(rates), seeds)


def test_divergence_is_an_error_that_says_where():
    with pytest.raises(training.DivergenceError, match=r"step 1, seed 0: the \w+.* of layer \d"):
        run(explosive(), 3)


def test_the_other_replicas_go_on_when_one_diverges():
    both, alone = explosive(), explosive((1,), 1e-3)
    history = run(both, 3, on_divergence="freeze")
    run(alone, 3)
    assert history.diverged == {0: 1}
    assert (both.parameters.flat[0] == 0).all()
    np.testing.assert_array_equal(both.parameters.flat[1], alone.parameters.flat[0])
    loss = history.train_loss
    assert np.isfinite(loss[0]).all()
    assert np.isnan(loss[1:, 0]).all()
    assert np.isfinite(loss[:, 1]).all()
    steps = history.step_loss
    assert np.isnan(steps[1:, 0]).all()
    assert np.isfinite(steps[0]).all()


def test_clipping_bounds_the_steps():
    free, clipped = (
        training.Training(learners().network, training.sgd(1.0), [0]) for _ in range(2)
    )
    start = clipped.parameters.flat.copy()
    clipped.run(DATA.train_images, DATA.train_labels, 1, batch=None, clip_norm=1e-3)
    free.run(DATA.train_images, DATA.train_labels, 1, batch=None)
    assert np.linalg.norm(clipped.parameters.flat - start) == pytest.approx(1e-3, rel=1e-4)
    assert np.linalg.norm(free.parameters.flat - start) > 0.1


def test_separable_points_are_learned():
    points, labels = datasets.spirals(200)
    network = models.Network((2, 40, 40, 1), activations.relu(), initializers.he())
    trained = training.Training(network, training.adam(0.01), range(3), loss="logistic")
    history = trained.run(points, labels, 100)
    assert (history.train_accuracy[-1] > 0.97).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"batch": 0}, "batch must be at least 1"),
        ({"batch": 201}, "batch must be from 1 to 200"),
        ({"on_divergence": "ignore"}, "on_divergence must be"),
        ({"clip_norm": 0.0}, "clip_norm must be positive"),
        ({"record_every": 0}, "record_every must be"),
        ({"test": (DATA.test_images[:, :3], DATA.test_labels)}, "test must have shape"),
    ],
)
def test_what_is_not_allowed_is_said(options, message):
    with pytest.raises(ValueError, match=message):
        learners().run(DATA.train_images, DATA.train_labels, 1, **options)


@pytest.mark.parametrize(
    ("loss", "message"),
    [
        ("hinge", "loss must be one of"),
        ("logistic", "loss must be 'cross_entropy' for 10 outputs; got 'logistic'"),
    ],
)
def test_a_loss_must_fit_the_network(loss, message):
    with pytest.raises(ValueError, match=message):
        training.Training(learners().network, training.sgd(0.1), [0], loss=loss)


def test_data_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="inputs must have shape"):
        learners().run(DATA.train_images, DATA.train_labels[:5], 1)
    with pytest.raises(ValueError, match="labels must be integers from 0 to 9"):
        learners().run(DATA.train_images, DATA.train_labels + 1, 1)
    with pytest.raises(ValueError, match="seeds must name at least one"):
        learners(seeds=())
    network = models.Network((64, 10), activations.tanh())
    with pytest.raises(TypeError, match="optimizer must be Optimizer; got 'sgd'"):
        training.Training(network, "sgd", [0])
    with pytest.raises(TypeError, match="network must be Network; got 3"):
        training.Training(3, training.sgd(0.1), [0])


def test_records_are_taken_when_asked():
    trained = learners()
    assert run(trained, 5, record_every=2).epochs.tolist() == [0, 2, 4]
    assert run(trained, 4, record_every=(6, 9)).epochs.tolist() == [0, 2, 4, 6, 9]


def test_every_epoch_takes_all_samples_in_an_order_of_its_own():
    # The outputs stay near 0, so that the loss of a step tells whose target it was.
    start = initializers.normal(weight_variance=0.0)
    network = models.Network((1, 1), activations.linear(), start)
    trained = training.Training(
        network, training.sgd(1e-30), [0, 1], loss="squared_error", dtype=np.float64
    )
    targets = np.arange(1.0, 11.0)
    history = trained.run(np.ones((10, 1)), targets, 2, batch=1)
    seen = np.sqrt(2 * history.step_loss).reshape(2, 10, 2)
    np.testing.assert_allclose(np.sort(seen, axis=1), np.tile(targets[:, None], (2, 1, 2)))
    orders = {tuple(order) for order in seen.swapaxes(1, 2).reshape(4, 10).round()}
    assert len({tuple(targets), *orders}) == 5


def test_replicas_draw_random_slopes_of_their_own():
    trained = learners("rrelu")
    trained.parameters.flat[1] = trained.parameters.flat[0]
    same = np.repeat(DATA.train_images[:1], 5, axis=0), np.repeat(DATA.train_labels[:1], 5)
    history = trained.run(*same, 1, batch=None)
    assert history.train_loss[0][0] == pytest.approx(history.train_loss[0][1], rel=1e-12)
    assert history.step_loss[0][0] != pytest.approx(history.step_loss[0][1], rel=1e-6)


def test_records_do_not_change_the_training():
    often, seldom = learners("rrelu", batch_norm=True), learners("rrelu", batch_norm=True)
    run(often, 4)
    run(seldom, 4, record_every=4)
    np.testing.assert_array_equal(often.parameters.flat, seldom.parameters.flat)
    for name, values in often.running.items():
        np.testing.assert_array_equal(values, seldom.running[name])


def test_a_step_moves_running_statistics_by_a_tenth():
    trained = learners(batch_norm=True)
    h = trained.parameters.arrays["weight 1"] @ DATA.train_images[:50].T
    trained.run(DATA.train_images[:50], DATA.train_labels[:50], 1, batch=None)
    np.testing.assert_allclose(trained.running["mean 1"], 0.1 * h.mean(axis=2), rtol=1e-9)
    expected = 0.9 + 0.1 * h.var(axis=2, ddof=1)
    np.testing.assert_allclose(trained.running["variance 1"], expected, rtol=1e-9)


def test_batch_normalization_is_evaluated_with_running_statistics():
    trained = learners(batch_norm=True)
    history, network = run(trained, 2), trained.network
    for part, images, labels in (("train", DATA.train_images, DATA.train_labels), ("test", *TEST)):
        x = np.broadcast_to(images.T, (2, *images.T.shape))
        outputs = network.forward(trained.parameters, x, running=trained.running).outputs[-1]
        judged = models.cross_entropy(outputs, np.broadcast_to(labels, (2, len(labels))))
        np.testing.assert_allclose(getattr(history, f"{part}_loss")[-1], judged.loss)
        right = judged.right.mean(axis=1)
        np.testing.assert_allclose(getattr(history, f"{part}_accuracy")[-1], right)
        np.testing.assert_allclose(trained.predict(images), outputs.swapaxes(1, 2))


def test_gradients_are_recorded_through_the_statistics_of_all_training_data():
    trained = learners(batch_norm=True)
    history = run(trained, 2)
    x = np.broadcast_to(DATA.train_images.T, (2, 64, 200))
    trace = trained.network.forward(trained.parameters, x)
    labels = np.broadcast_to(DATA.train_labels, (2, 200))
    gradient = trained.parameters.like()
    judged = models.cross_entropy(trace.outputs[-1], labels)
    trained.network.backward(trained.parameters, trace, judged.gradient, gradient)
    for layer, name in enumerate(("shift 1", "shift 2", "bias 3")):
        norms = np.linalg.norm(gradient.arrays[name], axis=1)
        np.testing.assert_allclose(history.bias_gradient[-1][layer], norms)


def test_slopes_of_units_are_averaged():
    trained = learners("prelu", slope_per="unit")
    slopes = run(trained, 2).slopes[-1]
    for layer in (1, 2):
        learned = trained.parameters.arrays[f"slope {layer}"]
        assert np.ptp(learned) > 0
        np.testing.assert_allclose(slopes[layer - 1], learned.mean(axis=1))


@pytest.mark.parametrize("make", [training.momentum, training.nesterov, training.adam])
def test_a_frozen_replica_rests_with_every_optimizer(make):
    both = training.Training(explosive().network, make((1e30, 1e-3)), (0, 1))
    alone = training.Training(explosive().network, make(1e-3), (1,))
    history = run(both, 3, on_divergence="freeze")
    run(alone, 3)
    assert list(history.diverged) == [0]
    np.testing.assert_array_equal(both.parameters.flat[0], 0)
    np.testing.assert_array_equal(both.parameters.flat[1], alone.parameters.flat[0])


def test_measurements_are_missing_from_the_step_of_divergence_on():
    trained = explosive()
    trained.parameters.arrays["weight 1"][:] /= 1e3  # its loss is finite once more
    history = run(trained, 2, on_divergence="freeze")
    first = history.diverged[0]
    assert 0 < first < len(history.step_loss)
    for name in set(training.History.AXES) - {"epochs", "steps", "slopes"}:
        taken = np.arange(len(history.step_loss)) if name == "step_loss" else history.steps
        lost = np.isnan(getattr(history, name)).reshape(len(taken), -1, 2).all(axis=1)
        np.testing.assert_array_equal(lost[:, 0], taken >= first)
        assert not lost[:, 1].any()


def test_a_record_at_the_step_of_divergence_is_missing():
    trained = learners()
    run(trained, 2, record_every=1)
    taken = zip(trained._log.records, (0, 2, 4), strict=True)
    records = [replace(record, step=step) for record, step in taken]
    log = Log(records, [np.array([1.0, 5.0])] * 4, {1: 2})
    history, whole = log.history(2), Log(log.records, log.step_loss).history(2)
    assert np.isnan(history.train_loss).tolist() == [[False, False], [False, True], [False, True]]
    np.testing.assert_array_equal(history.step_loss, [[1, 5], [1, 5], [1, np.nan], [1, np.nan]])
    np.testing.assert_array_equal(history.dead[:1], whole.dead[:1])
    np.testing.assert_array_equal(history.dead[1:, :, 0], whole.dead[1:, :, 0])
    assert np.isnan(history.dead[1:, :, 1]).all()


def test_a_history_names_its_axes():
    trained = learners(seeds=range(4))
    history = run(trained, 1, record_every=(1,))
    lengths = {"record": 2, "step": 6, "layer": 3, "hidden layer": 2, "replica": 4}
    arrays = {name: value for name, value in vars(history).items() if name != "diverged"}
    for name, array in arrays.items():
        assert array.shape == tuple(lengths[axis] for axis in history.axes(name)), name
    assert history.axes("dead") == ("record", "hidden layer", "replica")
    with pytest.raises(ValueError, match="name must be one of epochs, "):
        history.axes("diverged")


def test_a_history_cannot_be_changed():
    trained = learners()
    history = run(trained, 1)
    with pytest.raises(FrozenInstanceError):
        history.train_loss = history.test_loss
    with pytest.raises(ValueError, match="read-only"):
        history.train_loss[0] = 0
    with pytest.raises(TypeError):
        history.diverged[0] = 3
    assert len(run(trained, 1).train_loss) == 3
    assert len(history.train_loss) == 2


def test_a_history_is_empty_before_training():
    history = learners().history
    assert history.train_loss.shape == (0, 2)
    assert history.step_loss.shape == (0, 2)
    assert history.error_norm.shape == (0, 0, 2)


def test_slopes_are_missing_without_a_prelu_even_where_a_replica_diverged():
    history = run(explosive(), 1, on_divergence="freeze")
    assert history.slopes.shape == (2, 2, 2)
    assert np.isnan(history.slopes).all()


def test_divergence_is_saved(tmp_path):
    both = explosive()
    run(both, 1, on_divergence="freeze")
    both.save(tmp_path / "state.npz")
    resumed = training.Training.load(tmp_path / "state.npz", both.network, both.optimizer)
    assert resumed.history.diverged == {0: 1}
    for trained in (both, resumed):
        run(trained, 1, on_divergence="freeze")
    np.testing.assert_array_equal(resumed.parameters.flat, both.parameters.flat)
    assert np.isnan(resumed.history.train_loss[-1, 0])


def test_units_that_receive_zero_are_silent():
    network = models.Network((64, 5, 10), activations.tanh())
    trained = training.Training(network, training.sgd(0.1), [0])
    trained.parameters.arrays["weight 1"][0, :2] = 0
    history = trained.run(DATA.train_images, DATA.train_labels, 0)
    assert history.silent[0][0, 0] == 2 / 5


def test_defaults_are_those_of_the_docstring():
    trained = training.Training(learners().network, training.sgd(0.1), [0])
    history = trained.run(DATA.train_images, DATA.train_labels, 2)
    assert history.epochs.tolist() == [0, 1, 2]
    assert history.steps.tolist() == [0, 3, 6]
    assert trained.parameters.flat.dtype == np.float32


def test_batch_normalization_needs_two_samples():
    with pytest.raises(ValueError, match="batch must be from 2 to 200; got 1"):
        learners(batch_norm=True).run(DATA.train_images, DATA.train_labels, 1, batch=1)
    with pytest.raises(ValueError, match="labels must be integers from 0 to 9"):
        learners().run(DATA.train_images, DATA.train_labels - 1, 1)


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("bias 1", np.nan, "the bias of layer 1"), ("weight 3", np.nan, "the weight of layer 3"),
        ("weight 3", 1e308, "the pre-activations of layer 3"),
    ],
)  # fmt: skip
def test_divergence_is_found_in_every_layer(name, value, told):
    trained = learners()
    trained.parameters.arrays[name][1] = value
    with pytest.raises(training.DivergenceError, match=f"step 0, seed 1: {told} "):
        run(trained, 1)


def test_running_statistics_of_a_frozen_replica_stay_finite():
    trained = learners(batch_norm=True)
    trained.parameters.arrays["weight 1"][0] = np.nan
    history = run(trained, 1, on_divergence="freeze")
    assert history.diverged == {0: 0}
    for values in trained.running.values():
        assert np.isfinite(values).all()


def test_a_file_of_other_sizes_is_refused(tmp_path):
    first = learners()
    first.save(tmp_path / "state.npz")
    network = models.Network((64, 12, 10), activations.tanh())
    with pytest.raises(ValueError, match="file must be of the same network"):
        training.Training.load(tmp_path / "state.npz", network, first.optimizer)


def test_fractions_are_no_classes():
    with pytest.raises(ValueError, match="labels must be integers from 0 to 9"):
        learners().run(DATA.train_images, DATA.train_labels.astype(float), 1)


@pytest.mark.parametrize("sizes", [(3, 3), (1, 6)])
def test_a_file_of_other_sizes_with_as_many_numbers_is_refused(sizes, tmp_path):
    first = training.Training(models.Network((2, 4), activations.tanh()), training.sgd(0.1), [0])
    first.save(tmp_path / "state.npz")
    other = models.Network(sizes, activations.tanh())
    with pytest.raises(ValueError, match="file must be of the same network"):
        training.Training.load(tmp_path / "state.npz", other, first.optimizer)


def test_recorded_norms_do_not_underflow_in_single_precision():
    network = models.Network((1, 1, 1), activations.linear())
    trained = training.Training(network, training.sgd(1.0), [0], loss="squared_error")
    trained.parameters.arrays["weight 1"][...] = 1
    trained.parameters.arrays["weight 2"][...] = 1e-25
    data = np.ones((4, 1)), np.ones(4)
    history = trained.run(*data, 0, batch=None)
    np.testing.assert_allclose(history.weight_gradient[0][:, 0], [1e-25, 1], rtol=1e-5)
    np.testing.assert_allclose(history.error_norm[0][:, 0], [1e-25, 1], rtol=1e-5)


def test_a_file_of_another_rule_is_refused(tmp_path):
    network = models.Network((2, 4), activations.tanh())
    training.Training(network, training.momentum(0.1), [0]).save(tmp_path / "state.npz")
    with pytest.raises(ValueError, match="kind of optimizer"):
        training.Training.load(tmp_path / "state.npz", network, training.nesterov(0.1))
    slower = training.Training.load(tmp_path / "state.npz", network, training.momentum(0.01))
    assert slower.optimizer.rate == 0.01


@pytest.mark.parametrize("given", [(False, True, False, True), (True, False, False)])
def test_test_data_in_some_runs_leave_histories_of_one_length(given):
    trained = learners()
    for tested in given:
        data = DATA.train_images, DATA.train_labels
        trained.run(*data, 1, batch=30, test=TEST if tested else None)
    history, records = trained.history, len(given) + 1
    for name in ("train_loss", "test_loss", "test_accuracy"):
        assert getattr(history, name).shape == (records, 2)
    # The first run records before training, too.
    expected = [given[0], *given]
    for name in ("test_loss", "test_accuracy"):
        assert list(np.isfinite(getattr(history, name)).all(axis=1)) == expected
        assert list(np.isnan(getattr(history, name)).all(axis=1)) == [not one for one in expected]
    never = learners()
    never.run(DATA.train_images, DATA.train_labels, 1, batch=30)
    assert np.isnan(never.history.test_loss).all()


@pytest.mark.parametrize("activation", ["tanh", "prelu"])
@pytest.mark.parametrize("hidden", [(), (12, 9)])
def test_what_an_older_version_saved_goes_on(activation, hidden, tmp_path):
    """It stored single precision, nothing where nothing was measured, and not the loss."""
    network = models.Network((64, *hidden, 10), activations.get(activation))
    now = training.Training(network, training.adam(0.01), [0, 1])
    now.run(DATA.train_images, DATA.train_labels, 2, batch=30)
    now.save(tmp_path / "state.npz")
    arrays = read_arrays(tmp_path / "state.npz")
    rest = json.loads(str(arrays["rest"]))
    del rest["loss"]
    for name, array in arrays.items():
        if name.startswith("history activation"):
            arrays[name] = array.astype(np.float32)
        if name in ("history test_loss", "history test_accuracy") or "slopes" in name:
            if np.isnan(array).all():
                arrays[name] = np.array([])
        if not hidden and array.shape[1:2] == (0,):
            arrays[name] = np.zeros((len(array), 0))
    write_arrays(tmp_path / "old.npz", {**arrays, "rest": json.dumps(rest)})
    old = training.Training.load(tmp_path / "old.npz", network, now.optimizer)
    assert old == now
    one, other = (t.run(DATA.train_images, DATA.train_labels, 1, batch=30) for t in (now, old))
    assert one == other


def test_a_loss_is_saved(tmp_path):
    network = models.Network((2, 3, 1), activations.tanh())
    first = training.Training(network, training.sgd(0.1), [0], loss="logistic")
    first.save(tmp_path / "state.npz")
    assert training.Training.load(tmp_path / "state.npz", network, first.optimizer) == first
    other = training.Training.load(
        tmp_path / "state.npz", network, first.optimizer, loss="squared_error"
    )
    assert other.loss == "squared_error"
