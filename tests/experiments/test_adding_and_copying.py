"""Adding and copying: what is trained, which rate counts, and what was shipped."""

from types import SimpleNamespace

import numpy as np
import pytest
from pretended import instead_of_training

from lib import experiments
from lib.experiments import adding_and_copying


def test_the_better_rate_counts_by_the_last_answers_of_each_replica(monkeypatch):
    nan = np.nan
    told = {
        0.003: SimpleNamespace(success=np.array([[0.1, 0.9], [0.4, 0.2], [0.6, 0.3]])),
        0.01: SimpleNamespace(success=np.array([[0.1, 0.1], [1.0, 0.2], [nan, 0.1]])),
    }
    asked = []

    def train(reader, problem, optimizer, seeds, **options):
        asked.append((reader, problem, options))
        return told[optimizer.rate]

    instead_of_training(monkeypatch, adding_and_copying, train)
    monkeypatch.setattr(adding_and_copying, "WIDEN", 0)
    rates, trained = adding_and_copying.best_of("copying", "LSTM (chrono)", 40, [0, 1])
    assert rates == (0.01, 0.003, 0.01)
    np.testing.assert_array_equal(adding_and_copying.last(trained), [1.0, 0.1])
    assert len(asked) == 2
    reader, problem, options = asked[0]
    inputs, wanted = problem(7, 0)
    assert inputs.shape == (40, reader.cell.inputs, 7)
    assert wanted.shape == (3, 7)
    assert 0 <= wanted.min() < wanted.max() < reader.outputs == 8
    assert options["start"].longest == 40
    told[0.01].success[1, 0] = 0.7
    assert adding_and_copying.best_of("copying", "GRU", 40, [0, 1])[0][0] == 0.003


def test_sums_are_asked_for_in_the_adding_problem(monkeypatch):
    def train(reader, problem, optimizer, seeds, **options):
        inputs, wanted = problem(5, 0)
        assert (reader.loss, reader.outputs) == ("squared_error", 1)
        np.testing.assert_allclose((inputs[:, 0] * inputs[:, 1]).sum(axis=0), wanted)
        return SimpleNamespace(success=np.zeros((1, 2)))

    instead_of_training(monkeypatch, adding_and_copying, train)
    adding_and_copying.best_of("adding", "RNN", 20, [0, 1])


@pytest.mark.parametrize(
    ("right", "tried"),
    [
        ({0.003: 0.3, 0.01: 0.4, 0.033: 0.5, 0.11: 0.6, 0.36: 0.2}, (0.11, 0.003, 0.36)),
        ({0.00027: 0.3, 0.0009: 0.5, 0.003: 0.4, 0.01: 0.2}, (0.0009, 0.00027, 0.01)),
        ({0.003: 0.3, 0.01: 0.4, 0.033: 0.3}, (0.01, 0.003, 0.033)),
        ({0.003: 0.3, 0.01: 0.4, 0.033: 0.995}, (0.033, 0.003, 0.033)),  # all is right
        ({0.003: 0.3, 0.01: 0.99}, (0.01, 0.003, 0.01)),
        ({0.003: 0.12, 0.01: 0.14}, (0.01, 0.003, 0.01)),  # guesses
    ],
)
def test_rates_beyond_a_best_one_at_the_edge_are_tried(monkeypatch, right, tried):
    waiting = dict(right)

    def train(reader, problem, optimizer, seeds, **options):
        # Each rate once, and none but these.
        return SimpleNamespace(success=np.full((1, 2), waiting.pop(optimizer.rate)))

    instead_of_training(monkeypatch, adding_and_copying, train)
    rates, trained = adding_and_copying.best_of("copying", "GRU", 40, [0, 1])
    assert rates == tried
    assert not waiting
    assert (adding_and_copying.last(trained) == right[tried[0]]).all()


@pytest.mark.rotates(2)
@pytest.mark.parametrize(("problem", "kind"), [("adding", "GRU"), ("copying", "LSTM of 1997")])
def test_shipped_results_are_those_of_the_code(problem, kind, monkeypatch):
    shipped = experiments.load("adding_and_copying")
    row = list(shipped["kinds"]).index(kind)
    rate = shipped[f"rate {problem}"][row, 0]
    (known,) = (known for known in adding_and_copying.RATES if np.isclose(known, rate))
    monkeypatch.setattr(adding_and_copying, "RATES", (known,))
    _, trained = adding_and_copying.best_of(problem, kind, 20, [0, 1])
    expected = shipped[f"success {problem}"][row, 0, :2]
    # Another machine may round otherwise; what has been solved is solved there, too.
    np.testing.assert_allclose(adding_and_copying.last(trained), expected, atol=0.05)
    assert (expected > 0.95).all()
