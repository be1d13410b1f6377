"""The ledger against numbers computed elsewhere, and its verdicts against plain arithmetic."""

from dataclasses import replace
from pathlib import Path

import linked_citations
import mpmath
import numpy as np
import pytest
from scipy import stats

from lib import ledger

ROOT = Path(__file__).parents[1]


def entry(part: str) -> ledger.Entry:
    (found,) = [row for row in ledger.entries() if part in row.quantity]
    return found


def mean(function) -> float:
    return float(
        mpmath.quad(lambda z: function(z) * mpmath.npdf(z), [-12, 0, 12])  # kinks lie at 0
    )


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("logistic unit", 4),
        ("tanh(2x/3) at x = 1", 0.999997255922479),
        ("second derivative", 0.987718422693613),
        ("weight variance times fan-in", 2),
        ("mean slope while training", 0.196165850602),
        ("alpha of SELU", 1.6732632423543772848),
        ("lambda of SELU", 1.0507009873554804934),
        ("ReLU after batch normalization", 1.46694220692426),
        ("variance of the weights, GELU", 1.98305825744),
        ("variance of the biases, GELU", 0.172922390756),
        ("variance of the weights, Swish", 1.98800467827),
        ("variance of the biases, Swish", 0.555143170722),
        ("2^50", 1.125899906842624),
    ],
)
def test_computed_elsewhere(part, value):
    assert entry(part).ours == pytest.approx(value, rel=2e-11)


def test_tanh_after_normalization():
    published = entry("tanh after batch normalization")
    assert published.ours == pytest.approx(mean(lambda z: mpmath.tanh(z) ** 2) ** 0.5, rel=1e-9)


def test_tanh_with_a_gain():
    z = np.linspace(-12, 12, 24_001)
    density = stats.norm.pdf(z) * (z[1] - z[0])
    q = 1.0
    for _ in range(200):
        q = 25 / 9 * np.sum(density * np.tanh(np.sqrt(q) * z) ** 2)
    assert entry("gain of 5/3").ours == pytest.approx((q * 9 / 25) ** 0.5, rel=1e-9)
    q = 1.0
    for _ in range(16):
        q = np.sum(density * np.tanh(np.sqrt(q) * z) ** 2)
    assert entry("Xavier").ours == pytest.approx(q, rel=1e-9)


def test_overflow_of_products():
    rng = np.random.default_rng(0)
    matrix, x = rng.standard_normal((512, 512)).astype("f4"), np.ones(512, "f4")
    with np.errstate(all="ignore"):
        product = 0
        while np.isfinite(x := matrix @ x).all():
            product += 1
    row = entry("float32 overflows")
    assert abs(product - row.ours) <= 1


def test_random_entries_by_hand():
    rng = np.random.default_rng(1)
    rates = []
    for _ in range(300):
        a, slopes, weights = rng.standard_normal(30), [], []
        a *= 30**0.5 / np.linalg.norm(a)
        for _ in range(4):
            weights.append(rng.standard_normal((30, 30)) / 30**0.5)
            a = 1 / (1 + np.exp(-(weights[-1] @ a + rng.standard_normal(30))))
            slopes.append(a * (1 - a))
        delta = rng.standard_normal(30)
        start = np.linalg.norm(delta)
        for layer in (2, 1, 0):
            delta = slopes[layer] * (weights[layer + 1].T @ delta)
        rates.append((np.linalg.norm(delta) / start) ** (1 / 3))
    assert entry("30 sigmoid units").ours == pytest.approx(np.median(rates), rel=0.02)


def test_a_dying_signal_leaves_half_of_the_units():
    # Inputs have become alike, and the sign of bias plus signal is that of a symmetric variable.
    assert entry("dead units").ours == pytest.approx(50, abs=5)


def test_verdict_follows_from_the_numbers():
    row = entry("2^50")
    assert (row.agrees, row.verdict) == (False, "differs")
    assert replace(row, published=row.ours + row.tolerance / 2).verdict == "agrees"
    assert replace(row, published=row.ours - row.tolerance * 1.01).verdict == "differs"
    assert replace(row, ours=float("nan")).verdict == "differs"
    differing = [row.quantity for row in ledger.entries() if not row.agrees]
    assert len(differing) == 3, differing


@pytest.mark.parametrize(
    ("printed", "value", "tolerance"),
    [("1", 1, 0.5), ("0.25", 0.25, 0.005), ("28", 28, 0.5), ("1/5.5", 1 / 5.5, 1e-9),
     ("0.63 to 0.65", 0.64, 0.015), ("1.98305826", 1.98305826, 5e-9)],
)  # fmt: skip
def test_tolerance_follows_from_what_is_printed(printed, value, tolerance):
    assert ledger.reading(printed) == pytest.approx((value, tolerance), rel=1e-12)


@pytest.mark.parametrize("printed", ["", "about 1", "1/0", "1 to 2 to 3", "1 to x"])
def test_what_is_no_number_is_refused(printed):
    with pytest.raises(ValueError, match="printed must be"):
        ledger.reading(printed)


def test_every_tolerance_is_that_of_the_printed_number():
    for row in ledger.entries():
        random = "networks" in row.remark and "ours from" in row.remark
        if "π" in row.printed:
            assert row.tolerance == ledger.EXACT
        elif not random:
            assert (row.published, row.tolerance) == ledger.reading(row.printed)


def test_every_source_is_in_the_bibliography_and_on_the_page():
    works = linked_citations.works_of(ROOT / "book/references.bib")
    page = (ROOT / "book/ledger.md").read_text()
    at = linked_citations.by_address(works)
    cited = {key for _, key in linked_citations.citations_in(page, at)}
    for row in ledger.entries():
        assert row.source in works
        assert row.source in cited
