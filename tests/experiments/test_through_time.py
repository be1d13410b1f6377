"""Trainings through time: what is measured, what is chosen, what was shipped, what it says."""

from types import SimpleNamespace

import numpy as np
import pytest
from pretended import instead_of_training

from lib import datasets, experiments
from lib.experiments import lags, through_time


@pytest.mark.parametrize("kind", through_time.KINDS)
def test_reach_is_the_ratio_of_two_derivatives(kind, monkeypatch):
    monkeypatch.setattr(through_time, "UNITS", 6)
    length, seeds = 10, [0, 1]
    reader, start = through_time.reader_of(kind, length)
    assert (reader.cell.units, reader.outputs) == (6, 4)
    parameters = reader.draw(seeds, start=start)
    x, classes = datasets.temporal_order(length, 100, rng=0)
    every = np.arange(100)
    letter = [min(t for t in range(length) if x[t, :2, k].any()) for k in every]

    def losses(moved):
        said = reader.read(parameters, moved)[-1]
        return np.log(np.exp(said).sum(axis=1)) - said[:, classes, every]

    squares = {}
    for name, step in (("letter", letter), ("last", [length - 1] * 100)):
        total = 0.0
        for component in range(6):
            sides = []
            for move in (-1e-5, 1e-5):
                moved = x.copy()
                moved[step, component, every] += move
                sides.append(losses(moved))
            total = total + (((sides[1] - sides[0]) / 2e-5) ** 2).sum(axis=1)
        squares[name] = total
    expected = np.log10(squares["letter"] / squares["last"]) / 2
    found = through_time.reach(reader, length, parameters)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def trained(solved_at, loss=1.0, checks=3):
    """Something that looks like the result of a training."""
    solved_at = np.array(solved_at, float)
    steps = (checks - 1) * through_time.EVERY
    return SimpleNamespace(
        solved_at=solved_at, solved=np.isfinite(solved_at), checked_at=np.arange(checks),
        success=np.arange(checks * solved_at.size).reshape(checks, -1) / 100,
        loss=np.full((steps, solved_at.size), loss),
        watched=-np.arange(checks * solved_at.size).reshape(checks, -1).astype(float),
    )  # fmt: skip


def answers(monkeypatch, told):
    """Answer for the training with each rate, and list which were asked for."""
    asked = []

    def train(reader, problem, optimizer, seeds, **options):
        asked.append((optimizer.rate, options))
        return told[optimizer.rate]

    instead_of_training(monkeypatch, through_time, train)
    return asked


def test_rates_are_tried_until_one_is_good_for_all_seeds(monkeypatch):
    monkeypatch.setattr(through_time, "WIDEN", 0)
    none, half, both = [np.inf, np.inf], [np.inf, 300], [100, 200]
    for found, tried, best in (
        ([half, both, none], 2, 1), ([half, none, none], 3, 0), ([none, half, half], 3, 1),
        ([none, none, both], 3, 2), ([both, both, both], 1, 0), ([none, none, none], 3, 0),
    ):  # fmt: skip
        told = dict(zip(through_time.RATES, map(trained, found), strict=True))
        asked = answers(monkeypatch, told)
        (rate, least, most), result = through_time.on_order("GRU", 20, [0, 1])
        assert (least, most) == (min(through_time.RATES[:tried]), max(through_time.RATES[:tried]))
        assert [one for one, _ in asked] == list(through_time.RATES[:tried])
        assert rate == through_time.RATES[best]
        assert result is told[rate]
        assert asked[0][1]["steps"] == through_time.STEPS


def test_digits_are_read_with_the_rate_that_fits_them_best(monkeypatch):
    monkeypatch.setattr(through_time, "WIDEN", 0)
    least, one, other = through_time.DIGIT_RATES
    for losses, best in (
        ((0.3, 0.2, 0.1), other), ((0.9, 0.2, 0.3), one), ((0.4, 0.2, np.nan), one),
    ):  # fmt: skip
        told = {
            rate: trained([np.inf] * 2, loss)
            for rate, loss in zip((least, one, other), losses, strict=True)
        }
        for rate, result in told.items():
            result.success = result.success + rate
        asked = answers(monkeypatch, told)
        rates, accuracy = through_time.on_digits("LSTM (chrono)", [0, 1])
        assert len(asked) == 3
        assert rates == (best, least, other)
        np.testing.assert_array_equal(accuracy, told[best].success[-1])
        assert asked[0][1]["start"].longest == 64
        assert asked[0][1]["checks"].test[0].shape == (64, 1, 360)


def test_what_no_seed_solves_ends_a_row(monkeypatch):
    monkeypatch.setattr(through_time, "LENGTHS", (10, 20, 30, 50))
    kinds = {kind: through_time.KINDS[kind] for kind in ("RNN", "GRU")}
    monkeypatch.setattr(through_time, "KINDS", kinds)
    read = (0.01, 0.003, 0.03), np.array([0.5, 0.7])
    monkeypatch.setattr(through_time, "on_digits", lambda kind, seeds: read)
    solved = {
        "RNN": {10: [100, 200], 20: [np.inf, np.inf]},
        "GRU": {10: [100, 100], 20: [np.inf, 100], 30: [200, 100], 50: [np.inf, np.inf]},
    }
    later = {("GRU", 50): np.array([300, np.inf]), ("RNN", 20): np.array([np.inf, np.inf])}
    monkeypatch.setattr(through_time, "ALSO", tuple(later))
    monkeypatch.setattr(through_time, "with_larger", lambda kind, length, _: later[kind, length])
    asked = []

    def on_order(kind, length, seeds):
        asked.append((kind, length))
        return (0.003, 0.001, 0.01), trained(solved[kind][length])

    monkeypatch.setattr(through_time, "on_order", on_order)
    results = through_time.run([0, 1])
    assert asked == [(kind, length) for kind in kinds for length in solved[kind]]
    inf, nan = np.inf, np.nan
    np.testing.assert_array_equal(
        results["solved_at"],
        [
            [[100, 200], [inf, inf], [nan, nan], [nan, nan]],
            [[100, 100], [inf, 100], [200, 100], [inf, inf]],
        ],
    )
    assert np.isnan(results["rate"][0, 2:]).all()
    assert (results["rate"][1] == 0.003).all()
    np.testing.assert_array_equal(results["success"][0, 0, :3, 1], [0.01, 0.03, 0.05])
    assert np.isnan(results["success"][0, 0, 3:]).all()
    np.testing.assert_array_equal(results["reach"][1, 1, :3, 1], [-1, -3, -5])
    assert np.isfinite(results["reach"][:, :, 0]).all()
    assert np.isnan(results["reach"][0, 2:, 1:]).all()
    np.testing.assert_array_equal(results["digit_accuracy"], [[0.5, 0.7]] * 2)
    np.testing.assert_array_equal(results["also_solved_at"], list(later.values()))
    assert list(zip(results["also_kinds"], results["also_lengths"], strict=True)) == list(later)


def test_the_larger_rate_is_asked_for(monkeypatch):
    told = {through_time.LARGER: trained([300, np.inf])}
    asked = answers(monkeypatch, told)
    found = through_time.with_larger("GRU (chrono)", 30, [0, 1])
    np.testing.assert_array_equal(found, [300, np.inf])
    ((rate, options),) = asked
    assert rate == through_time.LARGER > max(through_time.RATES)
    assert (options["steps"], options["start"].longest) == (through_time.STEPS, 30)
    shipped = experiments.load("through_time")
    at = zip(shipped["also_kinds"].tolist(), shipped["also_lengths"].tolist(), strict=True)
    assert tuple(at) == through_time.ALSO


def test_shipped_results_are_those_of_the_code():
    shipped = experiments.load("through_time")
    assert list(shipped["kinds"]) == list(through_time.KINDS)
    assert tuple(shipped["lengths"]) == through_time.LENGTHS
    for row, kind in enumerate(through_time.KINDS):
        for column in (0, 5, 9):
            length = through_time.LENGTHS[column]
            reader, start = through_time.reader_of(kind, length)
            found = through_time.reach(reader, length, reader.draw([0, 1], start=start))
            np.testing.assert_allclose(shipped["reach"][row, column, 0, :2], found, rtol=1e-4)
    for kind, column in (("RNN (orthogonal)", 1), ("GRU (chrono)", 1)):
        (rate, *_), fresh = through_time.on_order(kind, through_time.LENGTHS[column], [0, 1])
        row = list(through_time.KINDS).index(kind)
        assert shipped["rate"][row, column, 0] == pytest.approx(rate)
        # Another machine may round otherwise, which moves an end by a check or two.
        ends = shipped["solved_at"][row, column, :2]
        np.testing.assert_allclose(fresh.solved_at, ends, atol=2 * through_time.EVERY)
        np.testing.assert_allclose(fresh.success[0], shipped["success"][row, column, 0, :2])
        early = shipped["reach"][row, column, 1, :2]
        np.testing.assert_allclose(fresh.watched[1], early, atol=0.1)


def test_lags_against_plain_loops():
    shipped = experiments.load("through_time")
    ends, reached = lags.failure(shipped), lags.longest(shipped)
    seeds = shipped["solved_at"].shape[2]
    for row, kind in enumerate(through_time.KINDS):
        first = np.inf
        for column in reversed(range(len(through_time.LENGTHS))):
            solved = [bool(np.isfinite(t)) for t in shipped["solved_at"][row, column]]
            if sum(solved) * 2 < seeds:
                first = through_time.LENGTHS[column]
        assert ends[kind] == first
        for seed in range(seeds):
            so_far = 0.0
            for column, length in enumerate(through_time.LENGTHS):
                if not np.isfinite(shipped["solved_at"][row, column, seed]):
                    break
                so_far = length
            assert reached[kind][seed] == so_far
