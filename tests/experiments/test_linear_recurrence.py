"""Linear recurrences that learn: how a rate is chosen, and what was shipped."""

import numpy as np
import pytest

from lib import experiments
from lib.experiments import linear_recurrence as experiment


def test_the_rate_that_most_seeds_solve_with_counts_then_right_answers_then_steps_then_size():
    rates, inf, nan = experiment.RATES, np.inf, np.nan
    solved_at = np.array([
        [nan, nan], [inf, inf], [500.0, inf], [900.0, 800.0], [400.0, 700.0], [400.0, 700.0],
        [inf, inf], [nan, nan],
    ])  # fmt: skip
    success = np.where(np.isnan(solved_at), nan, 0.5)
    assert experiment.best_rate(success, solved_at) == rates[4]
    assert experiment.beyond(success, solved_at) == []
    solved_at[4:6, 1] = inf
    assert experiment.best_rate(success, solved_at) == rates[3]
    solved_at[3:6] = inf
    solved_at[1, 1] = 900.0
    assert experiment.best_rate(success, solved_at) == rates[2]
    success[1, 0] = 0.6
    assert experiment.best_rate(success, solved_at) == rates[1]
    assert experiment.beyond(success, solved_at) == [0]
    solved_at[1:7] = inf
    assert experiment.beyond(success, solved_at) == []  # nobody solves it


def test_rates_are_tried_until_the_best_is_not_at_the_edge(monkeypatch):
    asked = []

    def train(kind, problem, length, rate, seeds):
        asked.append((rate, seeds))
        steps = np.array([1000 / (1 + r) for r in rate])  # the larger, the better
        return type("Trained", (), {"success": np.ones((1, len(rate))), "solved_at": steps})

    monkeypatch.setattr(experiment, "train", train)
    _, solved_at = experiment.tune("LRU (chrono)", "order", 50)
    assert [len(rate) for rate, _ in asked] == [10, 2]
    first, more = asked
    assert len(set(zip(*first, strict=True))) == 10
    assert set(first[1]).isdisjoint(experiment.SEEDS)
    assert more == ((1.0, 1.0), experiment.TUNING)
    np.testing.assert_allclose(solved_at[2:, 0], 1000 / (1 + np.array(experiment.RATES[2:])))
    assert np.isnan(solved_at[:2]).all()


def test_shipped_results_are_those_of_the_code():
    shipped = experiments.load("linear_recurrence")
    kind = "selective (chrono)"
    row = list(shipped["kinds"]).index(kind)
    rate = float(shipped["rate order"][row, 0, 0])
    (known,) = (known for known in experiment.RATES if np.isclose(known, rate))
    length = int(shipped["lengths order"][0])
    trained = experiment.train(kind, "order", length, known, [0, 1])
    expected = shipped["solved_at order"][row, 0, :2]
    # Another machine may round otherwise; what has been solved is solved there, too.
    np.testing.assert_allclose(trained.solved_at, expected, atol=experiment.EVERY)
    assert np.isfinite(expected).all()


def test_a_rate_that_solves_is_not_at_the_edge_of_the_grid():
    shipped = experiments.load("linear_recurrence")
    for problem in experiment.LENGTHS:
        solved = np.isfinite(shipped[f"solved_at {problem}"]).any(axis=2)
        rate, least, most = (
            shipped[f"{name} {problem}"][solved] for name in ("rate", "least_rate", "most_rate")
        )
        assert (least < rate).all()
        assert (rate < most).all()


def test_numbers_of_parameters():
    # A state of 24 numbers: one-hot letters, read-out of four classes with bias; counted by hand.
    shipped = experiments.load("linear_recurrence")
    numbers = dict(zip(shipped["kinds"], shipped["numbers order"], strict=True))
    read = 4 * 24 + 4
    assert numbers["LRU (chrono)"] == 24 * 6 + 24 + 12 + 12 + read
    assert numbers["selective (chrono)"] == 48 * 6 + 48 + read
    assert numbers["LSTM (chrono)"] == 96 * (6 + 24 + 1) + read
    block = 24 * 6 + 24 + 24 * 6 + 24 + 24 * 24 + 24 * 24 + 24 + 4 * 12
    assert numbers["two LRU (chrono)"] == block + read


@pytest.mark.parametrize("problem", ["order", "adding"])
def test_the_reader_fits_the_problem(problem):
    reader = experiment.reader("two LRU (chrono)", problem)
    assert reader.outputs == (4 if problem == "order" else 1)
    assert reader.cell.inputs == (6 if problem == "order" else 2)


def test_a_rate_is_settled_only_where_no_seed_has_solved_the_problem():
    results = experiments.load("linear_recurrence")
    kinds = list(experiment.KINDS)
    chosen = experiments.choices("linear_recurrence")
    for choice in chosen:
        problem, network = choice.of.split(", ", 1)
        kind, length = network.rsplit(", ", 1)
        column = experiment.LENGTHS[problem].index(int(length.removeprefix("length ")))
        solved = np.isfinite(results[f"solved_at {problem}"][kinds.index(kind), column]).any()
        assert bool(choice.settled) != solved
    assert len({bool(choice.settled) for choice in chosen}) == 2
