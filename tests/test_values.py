"""Copies, equality by value, and arrays that callers cannot change."""

import copy
import multiprocessing
import pickle
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pytest

from lib import activations, datasets, experiments, initializers, models, recurrent, training
from lib._values import ByValue, ReadOnly, cached, frozen, same

COPIES = (copy.copy, copy.deepcopy, lambda thing: pickle.loads(pickle.dumps(thing)))


def training_of(dtype=np.float32):
    network = models.Network((64, 8, 10), activations.prelu(), batch_norm=True)
    return training.Training(network, training.adam(0.01), seeds=[3, 4], dtype=dtype)


def taught(learners, epochs=2):
    data = datasets.digits(100)
    learners.run(data.train_images, data.train_labels, epochs, batch=20)
    return learners


@pytest.mark.parametrize("copied", COPIES)
def test_a_copy_of_parameters_is_one_memory_of_its_own(copied):
    original = training_of().parameters
    twin = copied(original)
    assert twin == original
    assert set(twin.arrays) == set(original.arrays)
    for name, array in twin.arrays.items():
        assert np.shares_memory(array, twin.flat), name
        assert not np.shares_memory(array, original.flat), name
    twin.flat += 1
    assert twin != original
    np.testing.assert_array_equal(twin.arrays["weight 1"], original.arrays["weight 1"] + 1)
    np.testing.assert_array_equal(twin.decayed, original.decayed)


@pytest.mark.parametrize("copied", COPIES[1:])
def test_a_copied_training_learns_as_the_original_does(copied):
    half = taught(training_of())
    twin = copied(half)
    assert twin == half
    taught(twin)
    assert twin != half
    taught(half)
    assert twin == half
    assert len(half.history.train_loss) == 5
    start = training_of()
    assert not np.array_equal(half.parameters.flat, start.parameters.flat)


ALL_INITIALIZERS = [initializers.get(name) for name in initializers.names()] + [
    initializers.he(slope=0.1, mode="fan_out"), initializers.pytorch_linear(bias_variance=0.5),
    initializers.xavier(gain=2, distribution="normal"),
]  # fmt: skip


@pytest.mark.parametrize("copied", COPIES)
def test_things_made_of_initializers_can_be_copied(copied):
    for initializer in ALL_INITIALIZERS:
        things = (
            initializer, recurrent.Start(recurrent=initializer),
            models.Network((2, 3), activations.tanh(), initializer),
        )  # fmt: skip
        for thing in things:
            twin = copied(thing)
            assert twin == thing
            assert repr(twin) == repr(thing)
            assert hash(twin) == hash(thing)
        twin = copied(initializer)
        assert twin.variance(10, 20) == initializer.variance(10, 20)
        assert twin.bias_rule(10) == initializer.bias_rule(10)
        shape = (3, 4)
        np.testing.assert_array_equal(twin.weights(0, shape), initializer.weights(0, shape))


def test_results_and_their_makers_travel_to_a_worker_process():
    data = datasets.digits(10)
    things = [*ALL_INITIALIZERS, taught(training_of()), experiments.load("bias_shift"), data]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        for thing, back in zip(things, pool.map(copy.copy, things), strict=True):
            assert type(back) is type(thing)
            assert back == thing


def test_cached_results_cannot_be_changed_by_a_caller():
    for call in (datasets.digits, lambda: datasets.digits(20)):
        for name, array in vars(call()).items():
            before = array.copy()
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 9
            np.testing.assert_array_equal(vars(call())[name], before)
    results = experiments.load("bias_shift")
    for key in results:
        with pytest.raises(ValueError, match="read-only"):
            results[key][...] = 0
    with pytest.raises(TypeError):
        results["new"] = 1
    with pytest.raises(ValueError, match="read-only"):
        pickle.loads(pickle.dumps(results))[next(iter(results))][...] = 0


def test_caches_freeze_whatever_they_hold():
    calls = []

    @cached()
    def parts(n):
        """Say what it is."""
        calls.append(n)
        return {"a": [np.zeros(n)], "b": (np.ones(n), datasets.digits(10))}

    for array in (parts(2)["a"][0], parts(2)["b"][0]):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 5
    assert calls == [2]
    assert parts.__doc__ == "Say what it is."


def test_values_are_compared_by_value():
    nan = float("nan")
    for one, other in (
        (np.array([1.0, nan]), np.array([1.0, nan])), ({"a": np.zeros(2)}, {"a": np.zeros(2)}),
        ([np.ones(1), (nan,)], [np.ones(1), (nan,)]), (ReadOnly({"x": 1}), {"x": 1}),
        (np.random.default_rng(1), np.random.default_rng(1)),
    ):  # fmt: skip
        assert same(one, other)
    for one, other in (
        (np.array([1.0, 2.0]), np.array([1.0, nan])), (np.zeros(2), np.zeros(2, np.float32)),
        (np.zeros(2), np.zeros((2, 1))), ({"a": 1}, {"b": 1}), ([1], [1, 2]), ((1,), [1]),
        (np.random.default_rng(1), np.random.default_rng(2)), (np.zeros(2), [0.0, 0.0]),
    ):  # fmt: skip
        assert not same(one, other)
    judged = [models.squared_error(np.ones((1, 1, 2)), np.full((1, 2), y)) for y in (0, 0, 1)]
    assert judged[0] == judged[1] != judged[2]
    assert judged[0] != "judged"
    with pytest.raises(TypeError, match="unhashable"):
        hash(judged[0])


def test_a_read_only_mapping_is_a_mapping():
    numbers = frozen(ReadOnly({"b": 1, "a": 2}))
    assert (list(numbers), len(numbers), numbers["a"]) == (["b", "a"], 2, 2)
    assert numbers == {"a": 2, "b": 1}
    assert numbers != {"a": 2}
    assert numbers != 3
    assert repr(numbers) == "ReadOnly({'b': 1, 'a': 2})"
    assert hash(numbers) == hash(ReadOnly({"a": 2, "b": 1}))


def test_equality_needs_the_same_type():
    class One(ByValue):
        pass

    class Two(One):
        pass

    assert One() == One()
    assert One() != Two()
