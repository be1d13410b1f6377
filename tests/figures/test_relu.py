"""What the figures of the chapter on ReLU say, against theory and against values from elsewhere."""

import re

import matplotlib.pyplot as plt
import mpmath
import numpy as np
import pytest
from scipy import stats

from lib.figures import relu
from lib.figures.render import Stage

SUPERSCRIPT = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


def powers(caption: str) -> list[float]:
    """Read the numbers between "is" and the end, as decimal logarithms."""
    found = re.findall(r"(\d[\d.]*)(?:·10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))?", caption.split(" is ")[1])
    return [
        np.log10(float(m.rstrip("."))) + (int(e.translate(SUPERSCRIPT)) if e else 0)
        for m, e in found
    ]


def test_without_a_bias_half_is_silent_whatever_the_scale():
    silent, dead = relu.census(0.0, 1.4142)
    np.testing.assert_allclose(silent, 0.5, atol=0.06)
    for scale in (0.5, 3.0):
        np.testing.assert_array_equal(relu.census(0.0, scale), (silent, dead))
    assert np.all(np.diff(dead[[0, 4, 9]]) > 0)


def test_first_layer_has_the_normal_share_of_silent_outputs():
    for bias, scale in ((-0.75, 1.0), (0.5, 2.0), (-1.0, 0.5)):
        silent, dead = relu.census(bias, scale)
        # Given the weights a pre-activation is normal; their lengths spread around the scale.
        expected = stats.norm.cdf(-bias / scale)
        assert silent[0] == pytest.approx(expected, abs=0.02)
        assert dead[0] <= silent[0]


@pytest.mark.parametrize(("bias", "scale"), [(-1.0, 0.5), (1.0, 0.5), (0.0, 2.0)])
def test_census_is_what_the_caption_says(bias, scale):
    caption = Stage(relu.silent_and_dead).frame({"bias": bias, "weight_scale": scale}).caption
    told = [int(n) / 100 for n in re.findall(r"(\d+)%", caption)]
    assert told == pytest.approx([share[-1] for share in relu.census(bias, scale)], abs=0.006)


@pytest.mark.parametrize("depth", [10, 50])
def test_wide_networks_follow_the_predicted_tilt(depth):
    caption = Stage(relu.initialized).frame({"depth": depth, "width": 256}).caption
    he, xavier, small = powers(caption.replace(f"of {depth}", "").replace("20 networks is", "is"))
    # From three variances: He's keeps the mean square, the others lose 1/2 and 5/6 of it a layer.
    typical = -(depth - 1) * 5 / 256 / 2 / 2 / np.log(10)
    assert he == pytest.approx(typical, abs=0.35)
    assert xavier - he == pytest.approx((depth - 1) * float(mpmath.log10(0.5)) / 2, abs=0.05)
    assert small - he == pytest.approx(
        (depth - 1) * float(mpmath.log10(mpmath.mpf(1) / 6)) / 2, abs=0.05
    )


def mean_of_log(width: int) -> float:
    """Exact mean of the logarithm of the squared factor of one layer that is not dead."""
    k = np.arange(1, width + 1)
    share = stats.binom.pmf(k, width, 0.5) / (1 - 0.5**width)
    digamma = [float(mpmath.digamma(mpmath.mpf(int(i)) / 2)) for i in k]
    return float(share @ digamma) + np.log(4 / width)


def test_narrow_networks_stay_below():
    assert mean_of_log(32) == pytest.approx(-0.08254020809622679, rel=1e-12)
    wide, narrow = (np.median(relu.unit_profile(width)[:, 0]) for width in (256, 16))
    expected = 49 * (mean_of_log(16) + np.log(0.5)) / 2 / np.log(10)
    assert narrow == pytest.approx(expected, abs=1.0)
    assert narrow < wide - 1


def test_predicted_lines_are_powers_of_half_the_variance():
    figure, ax = plt.subplots()
    relu.initialized(ax, depth=30, width=64)
    for line, variance in zip(ax.lines[1::2], (2.0, 1.0, 1 / 3), strict=True):
        np.testing.assert_allclose(line.get_ydata()[0], (variance / 2) ** 14.5, rtol=1e-12)
    plt.close(figure)


def test_batch_normalization_makes_the_gradient_grow_as_theory_says():
    growth = relu.normalized_profile("batch")
    per_layer = 10 ** (2 * np.median(growth[:, 0]) / (relu.DEEPEST - 1))
    # The rate for a batch of 128 is 1.4797, the limit for large batches pi / (pi - 1) = 1.4669.
    assert per_layer == pytest.approx(1.4797, rel=0.015)
    one = Stage(relu.batch_normalized).frame({"weight_scale": 0.5, "depth": 50}).caption
    other = Stage(relu.batch_normalized).frame({"weight_scale": 2.0, "depth": 50}).caption
    without = [powers(c)[0] for c in (one, other)]
    with_it = [powers(c)[1] for c in (one, other)]
    assert with_it[0] == with_it[1] == pytest.approx(49 * np.log10(1.4797) / 2, abs=0.15)
    assert without[1] - without[0] == pytest.approx(49 * np.log10(4.0), abs=0.05)


@pytest.mark.parametrize("copies", [1, 4, 10])
def test_sum_of_sigmoids_is_near_softplus(copies):
    caption = Stage(relu.stepped_sigmoids).frame({"copies": copies}).caption
    told = float(re.search(r"within ([\d.]+) of", caption).group(1))
    across = [mpmath.mpf(i) / 20 for i in range(-80, 81)]
    gap = max(
        abs(
            sum(1 / (1 + mpmath.exp(mpmath.mpf(2 * k + 1) / 2 - x)) for k in range(copies))
            - mpmath.log(1 + mpmath.exp(x))
        )
        for x in across
    )
    assert told == pytest.approx(float(gap), rel=0.06)
