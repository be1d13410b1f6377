"""Comparisons against SciPy's own tests, a whole table at a time, and rates that were chosen."""

from importlib import import_module

import numpy as np
import pytest
from scipy import stats

from lib import experiments
from lib.experiments import choosing, sweep
from lib.experiments.choosing import Choice

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("paired", [True, False])
@pytest.mark.parametrize("confidence", [0.8, 0.95])
@pytest.mark.parametrize("shift", [0.0, 0.5, -2.0])
def test_means_are_compared_by_student_or_by_welch(shift, confidence, paired):
    one = RNG.standard_normal(12)
    other = one + shift + 0.3 * RNG.standard_normal(12)
    found = experiments.compare({"a": (one, other)}, paired=paired, confidence=confidence)["a"]
    expected = (
        stats.ttest_rel(one, other) if paired else stats.ttest_ind(one, other, equal_var=False)
    )
    interval = expected.confidence_interval(confidence)
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high), rel=1e-9)
    assert found.p_value == found.adjusted == pytest.approx(expected.pvalue, rel=1e-9)
    assert found.difference == pytest.approx(np.mean(one) - np.mean(other), rel=1e-12)
    assert abs(found.sign) == (expected.pvalue < 1 - confidence)


def test_orders_are_compared_by_ranks_and_what_is_cut_off_comes_last():
    one, other = [100.0, 300.0, np.inf, np.inf, 900.0], [1.0, 2.0, 3.0, 4.0, np.inf]
    found = experiments.compare({"a": (one, other)}, paired=False, ordinal=True)["a"]
    # All ways to share out the ten results: U is at most as small in these.
    wins = np.sign(np.subtract.outer(np.minimum(one, 1e9), np.minimum(other, 1e9)))
    assert found.difference == pytest.approx(wins.mean())
    exact = stats.mannwhitneyu(
        one, other, method=stats.PermutationMethod(n_resamples=np.inf)
    )  # fmt: skip
    assert found.p_value == pytest.approx(exact.pvalue)
    assert np.isnan(found.low)
    assert np.isnan(found.high)
    assert str(found) == f"{found.difference:+.3g}"
    paired = experiments.compare({"a": (one, other)}, paired=True, ordinal=True)["a"]
    assert paired.difference == pytest.approx(np.mean([1, 1, 1, 1, -1]))
    same = experiments.compare({"a": (one, one)}, paired=True, ordinal=True)["a"]
    assert (same.difference, same.p_value, same.sign) == (0, 1, 0)


def test_five_pairs_can_never_be_significant_by_signed_ranks():
    rows = {"a": (np.arange(5.0) + 10, np.arange(5.0) / 2)}
    assert experiments.compare(rows, paired=True, ordinal=True)["a"].p_value == 1 / 16


def test_a_table_is_corrected_as_a_whole():
    # Holm by hand: p-values in order times 4, 3, 2, 1, and never less than one before.
    rows = {f"{n}": (RNG.standard_normal(8) + shift, RNG.standard_normal(8))
            for n, shift in enumerate((2.0, 0.3, 1.2, 1.2))}  # fmt: skip
    table = experiments.compare(rows, paired=False)
    plain = np.array([table[name].p_value for name in rows])
    order = np.argsort(plain)
    by_hand = np.empty(4)
    by_hand[order] = np.minimum(1, np.maximum.accumulate(plain[order] * [4, 3, 2, 1]))
    np.testing.assert_allclose([table[name].adjusted for name in rows], by_hand)
    for name, one in rows.items():
        alone = experiments.compare({name: one}, paired=False)[name]
        assert (alone.low, alone.high, alone.p_value) == (
            table[name].low, table[name].high, table[name].p_value,
        )  # fmt: skip
        assert alone.adjusted <= table[name].adjusted


def test_what_alone_would_count_need_not_count_in_a_table():
    noise = np.array([0.5, -0.4, 0.1, 0.3, -0.2, 0.4])
    row = (noise + 0.45, np.zeros(6))
    alone = experiments.compare({"a": row}, paired=True)["a"]
    many = experiments.compare({str(n): row for n in range(7)}, paired=True)["0"]
    assert alone.sign == 1
    assert many.sign == 0
    assert alone.p_value == many.p_value


def test_a_trend_is_one_line_for_each_seed():
    dose = np.array([0.0, 0.1, 0.3, 0.5])
    slopes = np.array([1.0, 2.0, 1.5, 1.2, 0.9])
    noise = 0.05 * np.random.default_rng(0).standard_normal((4, 5))
    outcome = dose[:, None] * slopes + 7 + noise
    fitted = [np.polyfit(dose, one, 1)[0] for one in outcome.T]
    found = experiments.trend(dose, {"a": outcome, "none": noise})
    expected = stats.ttest_1samp(fitted, 0)
    assert found["a"].difference == pytest.approx(np.mean(fitted))
    assert found["a"].p_value == pytest.approx(expected.pvalue)
    assert found["a"].low == pytest.approx(expected.confidence_interval(0.95).low)
    assert found["a"].adjusted == pytest.approx(2 * expected.pvalue)
    assert (found["a"].sign, found["none"].sign) == (1, 0)


def test_equal_results_are_no_difference_and_no_spread_is_no_evidence():
    same = experiments.compare({"a": ([1.0, 2.0], [1.0, 2.0])}, paired=True)["a"]
    assert (same.low, same.high, same.p_value, same.sign) == (0, 0, 1, 0)
    with pytest.raises(ValueError, match="must have differences that vary; all are 1, so"):
        experiments.compare({"a": ([2.0, 3.0], [1.0, 2.0])}, paired=True)
    with pytest.raises(ValueError, match="must have differences that vary"):
        experiments.compare({"a": ([2.0, 2.0], [1.0, 1.0])}, paired=False)


@pytest.mark.parametrize(
    ("rows", "options", "message"),
    [
        ({}, {}, "pairs must hold at least one row"),
        ({"a": [1.0]}, {}, r"pairs\['a'\] must be a pair"),
        ({"a": ([1.0], [2.0])}, {}, r"pairs\['a'\] must have one number for each of at least 2"),
        ({"a": ([1.0, 2.0], [1.0, 2.0, 3.0])}, {}, "must have the same seeds if they are paired"),
        ({"a": (np.ones((3, 2)), np.ones((3, 2)))}, {}, "must have one number for each"),
        ({"a": ([1.0, np.nan], [1.0, 2.0])}, {}, r"pairs\['a'\]\[0\] must be finite"),
        ({"a": ([1.0, np.inf], [1.0, 2.0])}, {}, r"pairs\['a'\]\[0\] must be finite"),
        ({"a": ([1.0, np.nan], [1.0, 2.0])}, {"ordinal": True}, "must not hold NaN"),
        ({"a": ([1.0, 2.0], [1.0, 3.0])}, {"confidence": 1.5}, "confidence must be"),
    ],
)
def test_what_is_not_allowed_is_said(rows, options, message):
    with pytest.raises(ValueError, match=message):
        experiments.compare(rows, paired=True, **options)


def test_it_must_be_said_whether_results_are_paired():
    with pytest.raises(TypeError, match="paired"):
        experiments.compare({"a": ([1.0, 2.0], [1.0, 3.0])})
    with pytest.raises(TypeError, match="pairs must be a mapping from names"):
        experiments.compare([1.0, 2.0], paired=True)


@pytest.mark.parametrize(
    ("dose", "outcome", "message"),
    [
        ([0.0, 1.0], np.ones((2, 3)), "dose must have at least 3 different values"),
        ([0.0, 1.0, 1.0], np.ones((3, 3)), "dose must have at least 3 different values"),
        ([0.0, 1.0, 2.0], np.ones((2, 3)), r"must have shape \(3, seeds\)"),
        ([0.0, 1.0, 2.0], np.ones((3, 1)), r"must have shape \(3, seeds\)"),
    ],
)
def test_trends_need_doses_and_seeds(dose, outcome, message):
    with pytest.raises(ValueError, match=message):
        experiments.trend(dose, {"a": outcome})


@pytest.mark.parametrize("name", experiments.names())
def test_no_chosen_rate_lies_at_the_edge_of_those_that_were_tried(name):
    results, module = experiments.load(name), import_module(f"lib.experiments.{name}")
    compares = any({"rate", "rates", "digit_rate"} & set(key.split()) for key in results)
    assert hasattr(module, "choices") or not compares, "choices(results) must say what was chosen"
    chosen = experiments.choices(name)
    assert [choice for choice in chosen if choice.open] == []
    for choice in chosen:
        assert choice.least * (1 - 1e-5) <= choice.rate <= choice.most * (1 + 1e-5), choice


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("through_time", lambda of: {"digit_most_rate": of["digit_rate"]}),
        ("machines", lambda of: {"rate binary": np.float32(0.5)}),
        ("grand_table", lambda of: {"least rate": of["rates"]}),
        ("adding_and_copying", lambda of: {"most_rate copying": of["rate copying"]}),
        ("linear_recurrence", lambda of: {"most_rate order": of["rate order"]}),
        ("relu_family", lambda of: {"choose loss all": of["choose loss all"][:, ::-1].cumsum(1)}),
    ],
)
def test_a_stored_rate_at_the_edge_would_be_found(name, changed):
    stored = experiments.load(name)
    falsified = {**stored, **changed(stored)}
    found = import_module(f"lib.experiments.{name}").choices(falsified)
    assert any(choice.open for choice in found)


@pytest.mark.parametrize(
    ("choice", "is_open"),
    [
        (Choice("a", 0.1, 0.01, 0.3), False), (Choice("a", 0.3, 0.01, 0.3), True),
        (Choice("a", 0.01, 0.01, 0.3), True), (Choice("a", 0.1, 0.1, 0.1), True),
        (Choice("a", float(np.float32(0.3)), 0.01, 0.3), True),
        (Choice("a", 0.3, 0.01, 0.3, choosing.NOTHING_LEARNED), False),
    ],
)  # fmt: skip
def test_a_rate_at_the_edge_leaves_open_what_lies_beyond(choice, is_open):
    assert choice.open is is_open


def test_the_lowest_mean_is_chosen_and_what_diverges_is_worst():
    losses = np.array([[3.0, 3.0], [1.0, np.nan], [2.0, 2.0], [9.0, 9.0]])
    found = choosing.lowest("a", [1, 2, 3, 4], losses)
    assert (found.rate, found.least, found.most, found.settled) == (3, 1, 4, "")
    assert choosing.lowest("a", [1, 2, 3, 4], losses, unlearned=1.5).settled
    assert choosing.lowest("a", [1, 2, 3, 4], np.full((4, 2), np.nan)).settled
    with pytest.raises(ValueError, match="must have a loss for each of 3 rates; got 4"):
        choosing.lowest("a", [1, 2, 3], losses)


def test_a_grid_goes_on_in_its_own_ratio():
    assert sweep.beyond(0.3, [0.03, 0.1, 0.3]) == pytest.approx(1.0)
    assert sweep.beyond(1e-3, [1e-3, 3e-3, 1e-2]) == pytest.approx(3e-4, rel=0.12)
    assert sweep.beyond(4.0, [1.0, 2.0, 4.0]) == 8
    assert sweep.beyond(1.0, [1.0, 2.0, 4.0]) == 0.5
    assert sweep.beyond(2.0, [1.0, 2.0, 4.0]) is None
    assert sweep.beyond(4.0, [1.0, 4.0]) == 16


def test_a_best_rate_at_the_edge_makes_training_try_one_more():
    from lib import activations
    from lib.models import Network

    network, seeds = Network((64, 8, 10), activations.tanh()), [3, 4]
    narrow = sweep.train(network, seeds, rates=[1e-3, 1e-2], epochs=2)
    assert narrow.rate == 1e-2
    assert narrow.tried == (1e-3, 1e-2)
    wide = sweep.train(network, seeds, rates=[1e-2, 1e-1], epochs=2, widen=6)
    assert wide.tried[0] < wide.rate < wide.tried[-1]
    assert wide.learned
    alone = sweep.train(network, seeds, rates=[wide.rate], epochs=2)
    np.testing.assert_array_equal(wide.array("train_loss"), alone.array("train_loss"))
    hopeless = sweep.train(network, seeds, rates=[1e-9, 1e-8], epochs=1, widen=6)
    assert hopeless.tried == (1e-9, 1e-8)
    assert not hopeless.learned
