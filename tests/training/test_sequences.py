"""Training recurrent cells: gradients against differences, steps by hand, replicas one by one."""

import re
from dataclasses import FrozenInstanceError
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest

from lib import activations, datasets, initializers, training
from lib.models import Reader
from lib.recurrent import GRU, LSTM, RNN, Start
from lib.training import DivergenceError
from lib.training.sequences import Checks, Examples, SequenceTraining

CELLS = {
    "rnn": RNN, "lstm": LSTM, "1997": partial(LSTM, forget=False), "gru": GRU,
    "sigmoid rnn": partial(RNN, activation=activations.sigmoid()),
}  # fmt: skip
PROBLEMS = {
    "adding": (partial(datasets.adding, 10), 2, 1, "squared_error"),
    "temporal order": (partial(datasets.temporal_order, 10), 6, 4, "cross_entropy"),
    "copying": (partial(datasets.copying, 9, items=3, symbols=4), 6, 4, "cross_entropy"),
}


def train(reader, problem, optimizer, seeds, *, steps, start=None, dtype=np.float32, **options):
    """Train once, and return what was measured together with the parameters."""
    how = {
        name.removeprefix("check_"): options.pop(name)
        for name in ("check_every", "check_samples", "test", "solved", "watch")
        if name in options
    }
    learners = SequenceTraining(reader, optimizer, seeds, start=start, dtype=dtype)
    history = learners.run(problem, steps, checks=Checks(**how), **options)
    return SimpleNamespace(
        **vars(history), solved=history.solved, best=history.best, parameters=learners.parameters
    )


def batch(problem, samples, seeds):
    drawn = [problem(samples, np.random.default_rng(seed)) for seed in seeds]
    return (
        np.stack([x for x, _ in drawn], axis=1),
        np.stack([np.atleast_2d(y) for _, y in drawn], axis=1),
    )


def loss_of(reader, parameters, x, targets):
    """Mean loss of each replica, from the outputs at all steps."""
    said = reader.read(parameters, x)[-len(targets) :]
    if reader.loss == "squared_error":
        return ((said[:, :, 0] - targets) ** 2 / 2).mean(axis=(0, 2))
    total = np.log(np.exp(said).sum(axis=2))
    return (total - np.take_along_axis(said, targets[:, :, None], axis=2)[:, :, 0]).mean(
        axis=(0, 2)
    )


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize("task", PROBLEMS)
def test_gradient_is_the_central_difference(name, task):
    problem, inputs, outputs, loss = PROBLEMS[task]
    reader = Reader(CELLS[name](inputs, 5), outputs, loss)
    parameters = reader.draw([0, 1])
    parameters.flat *= 2
    x, targets = batch(problem, 4, [2, 3])
    trace, judged = reader.judge(parameters, x, targets)
    np.testing.assert_allclose(judged.loss, loss_of(reader, parameters, x, targets), rtol=1e-13)
    gradient = parameters.like()
    reader.backward(parameters, trace, judged, gradient)
    rng = np.random.default_rng(0)
    for part, values in gradient.arrays.items():
        for _ in range(4):
            index = tuple(rng.integers(0, n) for n in values.shape)
            kept, sides = parameters.arrays[part][index], []
            for move in (-1e-5, 1e-5):
                parameters.arrays[part][index] = kept + move
                sides.append(loss_of(reader, parameters, x, targets)[index[0]])
            parameters.arrays[part][index] = kept
            difference = (sides[1] - sides[0]) / 2e-5
            assert values[index] == pytest.approx(difference, rel=1e-6, abs=1e-9)


def test_truncated_gradient_is_that_of_the_cell():
    problem, inputs, outputs, loss = PROBLEMS["temporal order"]
    reader = Reader(LSTM(inputs, 5), outputs, loss)
    parameters, gradient = reader.draw([0]), reader.draw([0]).like()
    x, targets = batch(problem, 4, [2])
    trace, judged = reader.judge(parameters, x, targets)
    reader.backward(parameters, trace, judged, gradient, truncate=3)
    seen = np.zeros_like(trace.hidden)
    seen[-1] = parameters.arrays["read-out weight"].swapaxes(1, 2) @ judged.gradient
    expected = reader.cell.backward(trace, seen, truncate=3).weights["recurrent"]
    np.testing.assert_array_equal(gradient.arrays["recurrent"], expected)
    assert not np.allclose(expected, reader.cell.backward(trace, seen).weights["recurrent"])


def test_right_is_what_the_docstring_says():
    cell = RNN(2, 3)
    x, targets = batch(PROBLEMS["adding"][0], 200, [0])
    for within in (0.08, 0.3):
        reader = Reader(cell, 1, "squared_error", within)
        parameters = reader.draw([4])
        parameters.arrays["read-out bias"][...] = 1
        said = reader.read(parameters, x)[-1, 0, 0]
        _, judged = reader.judge(parameters, x, targets)
        np.testing.assert_array_equal(judged.right[0], np.abs(said - targets[0, 0]) < within)
        assert judged.right.any()
        assert not judged.right.all()


def test_a_step_by_hand():
    """Plain gradient descent on the batch that the seed draws, with and without clipping."""
    problem, inputs, outputs, loss = PROBLEMS["copying"]
    reader, seeds = Reader(GRU(inputs, 5), outputs, loss), [6, 2]
    start = Start(recurrent=initializers.normal(weight_variance=4.0))
    for clip_norm in (None, 0.1):
        learned = train(
            reader, problem, training.sgd(0.5), seeds, steps=1, start=start, batch=8,
            clip_norm=clip_norm, dtype=np.float64, check_samples=8,
        )  # fmt: skip
        parameters = reader.draw(seeds, start=start)
        drawn = [problem(8, np.random.default_rng([seed, 2])) for seed in seeds]
        x, targets = (np.stack(arrays, axis=1) for arrays in zip(*drawn, strict=True))
        trace, judged = reader.judge(parameters, x, targets)
        gradient = parameters.like()
        reader.backward(parameters, trace, judged, gradient)
        norms = np.linalg.norm(gradient.flat, axis=1)
        np.testing.assert_array_equal(learned.loss[0], judged.loss)
        np.testing.assert_allclose(learned.gradient_norm[0], norms, rtol=1e-13)
        factor = 1 if clip_norm is None else clip_norm / norms[:, None]
        assert (norms > 0.1).all()
        expected = parameters.flat - 0.5 * factor * gradient.flat
        np.testing.assert_allclose(learned.parameters.flat, expected, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("name", ["rnn", "lstm", "gru"])
def test_a_replica_depends_on_its_seed_alone(name):
    problem, inputs, outputs, _ = PROBLEMS["temporal order"]
    reader = Reader(CELLS[name](inputs, 8), outputs)
    options = {"steps": 300, "check_every": 5, "check_samples": 100, "solved": 0.9}
    options["watch"] = lambda parameters: np.abs(parameters.flat).max(axis=1)
    together = train(reader, problem, training.adam(0.02), range(4), **options)
    assert len(set(together.solved_at)) > 1  # some went on without the others
    for replica in range(4):
        alone = train(reader, problem, training.adam(0.02), [replica], **options)
        taken, checks = len(alone.loss), len(alone.success)
        assert alone.loss.tobytes() == together.loss[:taken, [replica]].tobytes()
        assert np.isnan(together.loss[taken:, replica]).all()
        for values, among in (
            (alone.gradient_norm, together.gradient_norm[:taken, replica]),
            (alone.success, together.success[:checks, replica]),
            (alone.watched, together.watched[:checks, replica]),
            (alone.solved_at, together.solved_at[replica]),
            (alone.parameters.flat, together.parameters.flat[replica]),
        ):
            np.testing.assert_array_equal(values.ravel(), np.ravel(among))
        assert np.isnan(together.watched[checks:, replica]).all()
        assert alone.watched[-1] == np.abs(together.parameters.flat[replica]).max()


def test_rates_of_their_own():
    problem, inputs, outputs, _ = PROBLEMS["temporal order"]
    reader, options = Reader(RNN(inputs, 8), outputs), {"steps": 60, "check_every": 10}
    options |= {"solved": 0.5, "check_samples": 100}
    rates = (0.003, 0.05, 0.01)
    many = train(reader, problem, training.adam(rates), [1, 1, 1], **options)
    assert np.isfinite(many.solved_at).any()
    assert len(set(many.solved_at)) > 1
    for replica, rate in enumerate(rates):
        one = train(reader, problem, training.adam(rate), [1], **options)
        np.testing.assert_array_equal(one.parameters.flat[0], many.parameters.flat[replica])


def test_solved_means_solved_on_sequences_never_seen():
    problem, inputs, outputs, _ = PROBLEMS["temporal order"]
    reader = Reader(GRU(inputs, 12), outputs)
    learned = train(reader, problem, training.adam(0.02), range(3), steps=1000, check_every=50)
    assert learned.solved.all()
    assert (learned.best >= 0.99).all()
    assert set(learned.solved_at) <= set(learned.checked_at)
    assert learned.checked_at[-1] == learned.solved_at.max() == len(learned.loss) < 1000
    x, classes = problem(4000, np.random.default_rng(99))
    said = reader.read(learned.parameters, x)[-1].argmax(axis=1)
    assert (said == classes).mean(axis=1).min() > 0.98
    for replica, last in enumerate(learned.solved_at):
        measured = learned.success[learned.checked_at <= last, replica]
        assert (measured[:-1] < 0.99).all()
        assert measured[-1] >= 0.99
    np.testing.assert_allclose(learned.success[0], 0.25, atol=0.15)


def test_without_a_goal_training_goes_on_to_the_end():
    problem, inputs, outputs, _ = PROBLEMS["temporal order"]
    learned = train(
        Reader(RNN(inputs, 4), outputs), problem, training.adam(0.01), [0], steps=25,
        check_every=10, check_samples=1, solved=None,
    )  # fmt: skip
    assert learned.loss.shape == (25, 1)
    np.testing.assert_array_equal(learned.checked_at, [0, 10, 20, 25])
    assert np.isfinite(learned.loss).all()
    assert not learned.solved.any()


def test_adding_is_learned_to_the_demand_of_its_authors():
    reader = Reader(GRU(2, 16), 1, "squared_error")
    learned = train(
        reader, partial(datasets.adding, 10), training.adam(0.02), [0, 1], steps=1500,
    )  # fmt: skip
    assert learned.solved.all()
    x, sums = datasets.adding(10, 1000, rng=99)
    said = reader.read(learned.parameters, x)[-1, :, 0]
    assert ((said - sums) ** 2).mean() < 0.002  # 1/6 for always saying 1


def test_digits_are_read_row_by_row():
    data = datasets.digits()
    problem = Examples(datasets.pixel_rows(data.train_images), data.train_labels)
    test = datasets.pixel_rows(data.test_images), data.test_labels
    reader = Reader(GRU(8, 24), 10)
    learned = train(
        reader, problem, training.adam(0.01), [0, 1], steps=600, test=test, solved=None,
        check_every=600,
    )  # fmt: skip
    said = reader.read(learned.parameters, test[0])[-1].argmax(axis=1)
    np.testing.assert_array_equal(learned.success[-1], (said == test[1]).mean(axis=1))
    assert learned.success[-1].min() > 0.88
    assert learned.success[0].max() < 0.3


def test_examples_are_drawn_with_their_targets():
    inputs, targets = np.arange(24.0).reshape(2, 3, 4), np.array([[0, 1, 2, 3], [4, 5, 6, 7]])
    x, y = Examples(inputs, targets)(200, np.random.default_rng(0))
    for sample in range(200):
        chosen = y[0, sample]
        assert y[1, sample] == chosen + 4
        np.testing.assert_array_equal(x[..., sample], inputs[..., chosen])
    assert set(y[0]) == {0, 1, 2, 3}


@pytest.mark.parametrize("clip_norm", [None, 1.0])
def test_divergence_is_an_error_that_names_step_and_replica(clip_norm):
    problem, inputs, outputs, _ = PROBLEMS["temporal order"]
    reader = Reader(RNN(inputs, 5, activations.linear()), outputs)
    rates = (1e-3, 1e12, 1e-3)
    options = {"steps": 40, "clip_norm": clip_norm, "check_samples": 20, "solved": None}
    with pytest.raises(DivergenceError) as caught:
        train(reader, problem, training.sgd(rates), [3, 4, 5], **options)
    told = re.fullmatch(
        r"step (\d+), replica 1 \(seed 4\): the (loss|gradient) is no longer finite",
        str(caught.value),
    )
    assert told
    frozen = train(
        reader, problem, training.sgd(rates), [3, 4, 5], on_divergence="freeze", **options
    )
    assert frozen.diverged == {1: int(told[1])}
    finite = np.isfinite(frozen.loss[int(told[1]) - 1, 1])
    assert told[2] == ("gradient" if finite else "loss")
    assert np.isnan(frozen.loss[int(told[1]) :, 1]).all()
    assert len(frozen.loss) == 40
    for replica, seed in ((0, 3), (2, 5)):
        alone = train(reader, problem, training.sgd(1e-3), [seed], **options)
        np.testing.assert_array_equal(alone.parameters.flat[0], frozen.parameters.flat[replica])
    assert np.isfinite(frozen.success[-1][[0, 2]]).all()
    assert np.isnan(frozen.success[-1][1])


def test_all_may_diverge():
    problem, inputs, outputs, _ = PROBLEMS["temporal order"]
    reader = Reader(RNN(inputs, 5, activations.linear()), outputs)
    lost = train(
        reader, problem, training.sgd((1e12, 1e13)), [0, 1], steps=100, clip_norm=None,
        on_divergence="freeze", check_samples=20,
    )  # fmt: skip
    assert set(lost.diverged) == {0, 1}
    assert len(lost.loss) == max(lost.diverged.values()) < 100


class Tenfold(Start):
    """One linear unit that multiplies by ten."""

    def draw(self, cell, seeds, *, dtype):
        drawn = {name: np.zeros((1, *shape), dtype) for name, shape in cell.shapes.items()}
        drawn["recurrent"] += 10
        drawn["input"] += 1
        return drawn


def test_a_gradient_beyond_the_root_of_the_largest_number_is_clipped_all_the_same():
    """In single precision 1e25 is a number and its square is not."""
    reader = Reader(RNN(1, 1, activations.linear()), 1, "squared_error")
    problem = Examples(np.full((26, 1, 4), 1e-20), np.zeros(4))
    learned = train(
        reader, problem, training.sgd(1e-3), [0], start=Tenfold(), steps=1, check_samples=4,
        solved=None,
    )  # fmt: skip
    assert 1e19 < learned.gradient_norm[0, 0] < 1e38
    moved = learned.parameters.flat - reader.draw([0], start=Tenfold(), dtype=np.float32).flat
    assert 0 < np.linalg.norm(moved) <= 1.01e-3


def test_a_gradient_can_overflow_where_the_loss_does_not():
    reader = Reader(RNN(1, 1, activations.linear()), 1, "squared_error")
    problem = Examples(np.zeros((60, 1, 4)), np.ones(4))
    with pytest.raises(DivergenceError, match=r"step 1, replica 0 \(seed 0\): the gradient is no"):
        train(reader, problem, training.sgd(0.1), [0], start=Tenfold(), steps=1)


def test_exams_are_not_taken_from_the_lessons():
    seen = []

    def recorded(samples, rng):
        drawn = datasets.adding(10, samples, rng)
        seen.append(drawn[0].tobytes())
        return drawn

    train(
        Reader(RNN(2, 3), 1, "squared_error"), recorded, training.sgd(0.1), [0, 1], steps=6,
        batch=5, check_every=2, check_samples=10, solved=None,
    )  # fmt: skip
    assert len(seen) == 2 * (6 + 4 * 2)
    assert len(set(seen)) == len(seen)


def test_replicas_start_from_weights_of_their_own():
    parameters = Reader(RNN(2, 3), 4).draw([0, 1, 0])
    for name in ("input", "recurrent", "bias", "read-out weight"):
        values = parameters.arrays[name]
        np.testing.assert_array_equal(values[0], values[2])
        assert not np.isclose(values[0], values[1]).any()
    assert 0 < np.abs(parameters.arrays["read-out weight"]).max() <= 3**-0.5
    assert not parameters.arrays["read-out bias"].any()


def test_bad_input_is_named():
    problem, inputs, outputs, _ = PROBLEMS["temporal order"]
    reader, adam = Reader(RNN(inputs, 4), outputs), training.adam(0.01)
    parameters = reader.draw([0, 1])
    x, targets = batch(problem, 3, [0, 1])
    for arguments, message in (
        ({"steps": 0}, "steps must be at least 1"),
        ({"batch": 0}, "batch must be at least 1"),
        ({"clip_norm": 0.0}, "clip_norm must be positive"),
        ({"solved": 1.5}, "solved must be finite, from 0 to 1"),
        ({"check_every": 0}, "every must be at least 1"),
        ({"check_samples": 0}, "samples must be at least 1"),
        ({"on_divergence": "ignore"}, "on_divergence must be 'raise' or 'freeze'"),
        ({"truncate": 0}, "truncate must be at least 1"),
    ):
        with pytest.raises(ValueError, match=message):
            train(reader, problem, adam, [0], **{"steps": 1, **arguments})
    with pytest.raises(ValueError, match="seeds must name at least one replica"):
        train(reader, problem, adam, [], steps=1)
    with pytest.raises(ValueError, match="rate must be one number or one for each of 1 replicas"):
        train(reader, problem, training.adam((0.1, 0.2)), [0], steps=1)
    with pytest.raises(TypeError, match="problem must be a function that draws sequences; got 3"):
        train(reader, 3, adam, [0], steps=1)
    with pytest.raises(TypeError, match=r"optimizer must be made by lib\.training; got 'adam'"):
        train(reader, problem, "adam", [0], steps=1)
    with pytest.raises(ValueError, match="watch must return one number for each of 2 replicas"):
        train(reader, problem, adam, [0, 1], steps=1, watch=lambda _: np.zeros(3))
    with pytest.raises(ValueError, match=r"targets must have shape \(asked, 2, samples\)"):
        reader.judge(parameters, x, targets[:, :1])
    with pytest.raises(ValueError, match="targets must be of 3 samples at no more than 10 steps"):
        reader.judge(parameters, x, targets[..., :2])
    with pytest.raises(ValueError, match="targets must be integers from 0 to 3"):
        reader.judge(parameters, x, targets + 4)
    with pytest.raises(ValueError, match="loss must be"):
        Reader(RNN(2, 4), 1, "logistic")
    with pytest.raises(ValueError, match="outputs must be 1"):
        Reader(RNN(2, 4), 2, "squared_error")
    with pytest.raises(ValueError, match=r"inputs must have shape \(steps, inputs, samples\)"):
        Examples(np.zeros((2, 3)), np.zeros(3))
    with pytest.raises(ValueError, match="targets as many samples"):
        Examples(np.zeros((2, 3, 4)), np.zeros(5))


def test_what_reads_is_uniform_up_to_one_over_the_root_of_the_units():
    weight = Reader(RNN(2, 9), 4).draw(range(50)).arrays["read-out weight"]
    assert 0.99 / 3 < weight.max() <= 1 / 3
    assert -1 / 3 <= weight.min() < -0.99 / 3


def test_matrices_decay_and_biases_do_not():
    parameters = Reader(GRU(2, 3), 4).draw([0])
    parameters.flat[...] = 1
    training.sgd(0.5, weight_decay=0.5).step(parameters, parameters.like(), {})
    for name, values in parameters.arrays.items():
        np.testing.assert_array_equal(values, 1.0 if "bias" in name else 0.75)


def test_every_step_may_be_asked_about():
    reader, rng = Reader(LSTM(2, 3), 4), np.random.default_rng(0)
    parameters = reader.draw([0, 1])
    x, targets = rng.standard_normal((5, 2, 2, 3)), rng.integers(0, 4, (5, 2, 3))
    _, judged = reader.judge(parameters, x, targets)
    expected = loss_of(reader, parameters, x, targets)
    np.testing.assert_allclose(judged.loss, expected, rtol=1e-13)


def test_what_is_no_class_is_refused():
    reader, x = Reader(RNN(2, 3), 4), np.zeros((5, 2, 3))
    for targets in (np.full((1, 1, 3), -1), np.full((1, 1, 3), 4), np.ones((1, 1, 3))):
        with pytest.raises(ValueError, match="targets must be integers from 0 to 3"):
            reader.judge(reader.draw([0]), x, targets)


def test_a_goal_that_is_just_reached_is_reached():
    problem = Examples(np.zeros((2, 1, 3)), np.zeros(3, int))  # one class: always right
    learned = train(
        Reader(RNN(1, 2), 1), problem, training.sgd(0.1), [0], steps=5, check_every=2, solved=1.0
    )
    assert learned.solved.all()
    np.testing.assert_array_equal(learned.success, 1)


def test_checks_take_at_least_as_many_sequences_as_asked():
    taken = []

    def recorded(samples, rng):
        taken.append(samples)
        return datasets.adding(10, samples, rng)

    train(
        Reader(RNN(2, 3), 1, "squared_error"), recorded, training.sgd(0.1), [0], steps=1,
        batch=5, check_samples=11, solved=None,
    )  # fmt: skip
    assert taken == [5] * (1 + 2 * 3)


def test_training_is_truncated_when_asked():
    problem, inputs, outputs, _ = PROBLEMS["temporal order"]
    reader = Reader(RNN(inputs, 5), outputs)
    learned = train(
        reader, problem, training.sgd(0.5), [6], steps=1, batch=8, clip_norm=None, truncate=3,
        dtype=np.float64, check_samples=8,
    )  # fmt: skip
    parameters = reader.draw([6])
    x, classes = problem(8, np.random.default_rng([6, 2]))
    trace, judged = reader.judge(parameters, x, classes[None, None])
    gradient = parameters.like()
    reader.backward(parameters, trace, judged, gradient, truncate=3)
    expected = parameters.flat - 0.5 * gradient.flat
    np.testing.assert_allclose(learned.parameters.flat, expected, rtol=1e-12, atol=1e-15)


def test_defaults_are_those_of_the_docstring():
    problem, inputs, outputs, _ = PROBLEMS["temporal order"]
    reader, sgd = Reader(RNN(inputs, 4), outputs), training.sgd(1.0)
    start = Start(recurrent=initializers.normal(weight_variance=4.0))
    default = train(reader, problem, sgd, [0], steps=105, start=start)
    named = train(
        reader, problem, sgd, [0], steps=105, start=start, batch=20, clip_norm=1.0,
        check_every=100, check_samples=1000, solved=0.99, dtype=np.float32,
    )  # fmt: skip
    assert named.gradient_norm.max() > 1
    for name in ("loss", "gradient_norm", "checked_at", "success"):
        np.testing.assert_array_equal(getattr(default, name), getattr(named, name))
    np.testing.assert_array_equal(default.parameters.flat, named.parameters.flat)
    assert default.parameters.flat.dtype == np.float32
    assert Reader(RNN(2, 3), 1, "squared_error").within == 0.08


@pytest.mark.parametrize("goal", [0.7, 0.97])
def test_a_replica_stops_at_its_goal_and_not_before(goal):
    problem, inputs, outputs, _ = PROBLEMS["temporal order"]
    learned = train(
        Reader(GRU(inputs, 12), outputs), problem, training.adam(0.02), range(3), steps=1000,
        check_every=2, check_samples=100, solved=goal,
    )  # fmt: skip
    assert learned.solved.all()
    for replica, last in enumerate(learned.solved_at):
        measured = learned.success[learned.checked_at <= last, replica]
        assert (measured[:-1] < goal).all()
        assert learned.best[replica] == measured[-1] >= goal


def test_19_of_20_are_not_enough_by_default():
    sample = np.zeros((2, 1, 20)), np.array([0] * 19 + [1])
    options = {"steps": 60, "check_every": 20, "check_samples": 20, "test": sample}
    reader, sgd = Reader(RNN(1, 2), 2), training.sgd(1.0)
    default = train(reader, Examples(*sample), sgd, [0], **options)
    assert (default.success[-1], default.solved) == (0.95, False)
    lower = train(reader, Examples(*sample), sgd, [0], solved=0.95, **options)
    assert lower.solved.all()


def test_small_gradients_are_not_scaled_up():
    problem, inputs, outputs, _ = PROBLEMS["temporal order"]
    reader, options = Reader(RNN(inputs, 5), outputs), {"steps": 3, "check_samples": 20}
    free, clipped = (
        train(reader, problem, training.sgd(0.1), [0, 1], clip_norm=norm, **options)
        for norm in (None, 1e3)
    )
    assert free.gradient_norm.max() < 1e3
    np.testing.assert_array_equal(clipped.parameters.flat, free.parameters.flat)


def test_readers_refuse_what_cannot_be_read():
    with pytest.raises(ValueError, match="outputs must be at least 1"):
        Reader(RNN(2, 4), 0)
    with pytest.raises(ValueError, match="within must be"):
        Reader(RNN(2, 4), 1, "squared_error", -0.1)
    parameters = Reader(RNN(2, 4), 3).draw([0], dtype=np.float32)
    assert Reader(RNN(2, 4), 3).read(parameters, np.zeros((5, 2, 6))).dtype == np.float32


def test_a_second_run_goes_on_where_the_first_ended():
    problem, inputs, outputs, _ = PROBLEMS["temporal order"]
    reader = Reader(GRU(inputs, 12), outputs)
    rates, checks = (0.02, 0.01, 0.03), Checks(every=10, samples=100, solved=0.7)
    whole, parts = (SequenceTraining(reader, training.adam(rates), range(3)) for _ in range(2))
    expected = whole.run(problem, 400, checks=checks)
    assert expected.solved.any()
    for steps in (100, 150, 150):
        history = parts.run(problem, steps, checks=checks)
    assert history == expected
    assert parts.history == expected
    assert parts.step == whole.step
    np.testing.assert_array_equal(parts.parameters.flat, whole.parameters.flat)


def test_success_is_measured_at_the_end_of_each_run():
    problem, inputs, outputs, _ = PROBLEMS["temporal order"]
    learners = SequenceTraining(Reader(RNN(inputs, 3), outputs), training.sgd(0.1), [0])
    checks = Checks(every=10, samples=1, solved=None)
    assert learners.run(problem, 25, checks=checks).checked_at.tolist() == [0, 10, 20, 25]
    assert learners.run(problem, 7, checks=checks).checked_at.tolist() == [0, 10, 20, 25, 30, 32]


def test_what_has_stopped_takes_no_further_step():
    problem = Examples(np.zeros((2, 1, 3)), np.zeros(3, int))  # one class: always right
    learners = SequenceTraining(Reader(RNN(1, 2), 1), training.sgd(0.1), [0])
    first = learners.run(problem, 5, checks=Checks(every=2))
    before = learners.parameters.flat.copy()
    assert learners.run(problem, 5, checks=Checks(every=2)) == first
    np.testing.assert_array_equal(learners.parameters.flat, before)


def test_a_history_names_its_axes_and_cannot_be_changed():
    problem, inputs, outputs, _ = PROBLEMS["temporal order"]
    learners = SequenceTraining(Reader(RNN(inputs, 3), outputs), training.sgd(0.1), range(3))
    history = learners.run(problem, 5, checks=Checks(every=2, samples=20))
    lengths = {"step": 5, "check": 4, "replica": 3}
    arrays = {name: value for name, value in vars(history).items() if name != "diverged"}
    for name, array in arrays.items():
        assert array.shape == tuple(lengths[axis] for axis in history.axes(name)), name
    with pytest.raises(ValueError, match="read-only"):
        history.success[0] = 1
    with pytest.raises(FrozenInstanceError):
        history.loss = history.success
    with pytest.raises(TypeError):
        history.diverged[0] = 1


def test_targets_of_a_test_are_classes_of_the_reader():
    problem, inputs, outputs, _ = PROBLEMS["temporal order"]
    learners = SequenceTraining(Reader(RNN(inputs, 3), outputs), training.sgd(0.1), [0])
    x, _ = problem(3, np.random.default_rng(0))
    with pytest.raises(ValueError, match="checks must have test targets that are integers from"):
        learners.run(problem, 1, checks=Checks(test=(x, np.array([0, 1, 4]))))
