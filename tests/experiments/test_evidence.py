"""Confidence intervals against SciPy's paired t-test, and verdicts that cannot contradict them."""

import numpy as np
import pytest
from scipy import stats

from lib import experiments

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("confidence", [0.8, 0.95])
@pytest.mark.parametrize("shift", [0.0, 0.5, -2.0])
def test_intervals_are_those_of_the_paired_t_test(shift, confidence):
    one = RNG.standard_normal(12)
    other = one + shift + 0.3 * RNG.standard_normal(12)
    found = experiments.compare(one, other, confidence=confidence)
    expected = stats.ttest_rel(one, other)
    interval = expected.confidence_interval(confidence)
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high), rel=1e-9)
    assert found.p_value == pytest.approx(expected.pvalue, rel=1e-9)
    assert found.difference == pytest.approx(np.mean(one - other), rel=1e-12)
    assert found.significant == (found.p_value < 1 - confidence)


def test_verdicts_follow_the_interval():
    base = np.arange(5.0)
    noise = np.array([0.1, -0.1, 0.05, -0.05, 0.0])
    words = {"more": "more", "less": "less", "neither": "neither"}
    assert experiments.compare(base + 1 + noise, base).verdict(**words) == "more"
    assert experiments.compare(base - 1 + noise, base).verdict(**words) == "less"
    assert experiments.compare(base + noise, base).verdict(**words) == "neither"


def test_equal_results_are_no_difference():
    same = experiments.compare([1.0, 2.0], [1.0, 2.0])
    assert (same.low, same.high, same.p_value, same.significant) == (0, 0, 1, False)
    apart = experiments.compare([2.0, 3.0], [1.0, 2.0])
    assert (apart.low, apart.high, apart.p_value, apart.significant) == (1, 1, 0, True)


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        ([1.0], [2.0], "first and second must have one number"),
        ([1.0, 2.0], [1.0, 2.0, 3.0], "first and second must have one number"),
        ([1.0, np.nan], [1.0, 2.0], "first must be finite"),
    ],
)
def test_what_is_not_allowed_is_said(first, second, message):
    with pytest.raises(ValueError, match=message):
        experiments.compare(first, second)


def test_a_comparison_says_what_it_was_made_of():
    for other in ([0.0, 1.0, 3.0], [0.0, 1.0, 2.0]):
        found = experiments.compare([1.0, 2.0, 3.0], other, confidence=0.8)
        assert (found.seeds, found.confidence) == (3, 0.8)
    default = experiments.compare([1.0, 2.0, 3.0], [0.0, 1.0, 3.0])
    assert default == experiments.compare([1.0, 2.0, 3.0], [0.0, 1.0, 3.0], confidence=0.95)


def test_tables_and_impossible_confidences_are_refused():
    with pytest.raises(ValueError, match="first and second must have one number"):
        experiments.compare(np.ones((3, 2)), np.zeros((3, 2)))
    with pytest.raises(ValueError, match="confidence must be"):
        experiments.compare([1.0, 2.0], [1.0, 3.0], confidence=1.5)


def test_small_differences_have_verdicts_too():
    found = experiments.compare([0.011, 0.012, 0.013], [0.001, 0.002, 0.0029])
    assert found.verdict("more", "less", "neither") == "more"
