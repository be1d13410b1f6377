"""What the figures of the chapter on ReLU say, against theory and against values from elsewhere."""

import re
from itertools import product

import matplotlib.pyplot as plt
import mpmath
import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import FancyArrowPatch
from scipy import stats

from lib.figures import relu
from lib.figures.drawing import BACKWARD, FORWARD
from lib.figures.render import Stage
from lib.figures.style import RC
from lib.simulations import relu as simulated

SUPERSCRIPT = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


def powers(caption: str) -> list[float]:
    """Read the numbers between "is" and the end, as decimal logarithms."""
    found = re.findall(r"(\d[\d.]*)(?:·10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))?", caption.split(" is ")[1])
    return [
        np.log10(float(m.rstrip("."))) + (int(e.translate(SUPERSCRIPT)) if e else 0)
        for m, e in found
    ]


def test_without_a_bias_half_is_silent_whatever_the_scale():
    silent, dead, likeness = simulated.census(0.0, 1.4142)
    np.testing.assert_allclose(silent, 0.5, atol=0.06)
    for scale in (0.5, 3.0):
        np.testing.assert_array_equal(simulated.census(0.0, scale)[:2], (silent, dead))
        np.testing.assert_allclose(simulated.census(0.0, scale)[2], likeness, rtol=1e-12)
    assert np.all(np.diff(dead[[0, 4, 9]]) > 0)


def test_without_a_bias_inputs_become_alike_as_the_arc_cosine_kernel_says():
    likeness = simulated.census(0.0, 2.0)[2]
    cosine, expected = 0.0, []
    for _ in range(simulated.HIDDEN):
        expected.append(cosine)
        # Cho and Saul 2009, equation 6, for two inputs of equal length.
        angle = np.arccos(cosine)
        cosine = (np.sin(angle) + (np.pi - angle) * cosine) / np.pi
    np.testing.assert_allclose(likeness, expected, atol=0.03)


@pytest.mark.parametrize(("bias", "scale"), [(0.5, 1.4142), (-0.5, 2.0), (1.0, 0.5)])
def test_a_bias_makes_inputs_alike_as_rectified_normal_variables_say(bias, scale):
    likeness = simulated.census(bias, scale)[2]
    mean = scale * stats.norm.pdf(bias / scale) + bias * stats.norm.cdf(bias / scale)
    square = (scale**2 + bias**2) * stats.norm.cdf(bias / scale) + (
        bias * scale * stats.norm.pdf(bias / scale)
    )
    assert likeness[0] == pytest.approx(bias**2 / (scale**2 + bias**2), abs=0.02)
    # Two examples are independent in layer 1, where all units have the same distribution.
    second = (scale**2 * mean**2 + bias**2) / (scale**2 * square + bias**2)
    assert likeness[1] == pytest.approx(second, abs=0.03)


def test_a_positive_bias_makes_inputs_more_alike_and_does_not_keep_units_alive():
    _, dead, likeness = simulated.census(0.0, 1.4142)
    _, dead_with, likeness_with = simulated.census(0.5, 1.4142)
    assert likeness_with[-1] > likeness[-1] + 0.03
    assert dead_with[-1] > dead[-1] + 0.03
    silent, dead, likeness = simulated.census(0.5, 0.5)
    assert max(silent[-1], dead[-1]) < 0.1
    assert likeness[-1] > 0.99


def test_first_layer_has_the_normal_share_of_silent_outputs():
    for bias, scale in ((-0.75, 1.0), (0.5, 2.0), (-1.0, 0.5)):
        silent, dead, _ = simulated.census(bias, scale)
        # Given the weights a pre-activation is normal; their lengths spread around the scale.
        expected = stats.norm.cdf(-bias / scale)
        assert silent[0] == pytest.approx(expected, abs=0.02)
        assert dead[0] <= silent[0]


@pytest.mark.parametrize(("bias", "scale"), [(-1.0, 0.5), (1.0, 0.5), (0.0, 2.0)])
def test_census_is_what_the_caption_says(bias, scale):
    caption = Stage(relu.silent_and_dead).frame({"bias": bias, "weight_scale": scale}).caption
    told = [int(n) / 100 for n in re.findall(r"(\d+)%", caption)]
    told.append(float(re.search(r"cosine of (-?\d\.\d+)", caption)[1]))
    assert told == pytest.approx([share[-1] for share in simulated.census(bias, scale)], abs=0.006)


@pytest.mark.parametrize("rate", [0.9, 2.1])
def test_a_unit_learns_or_dies_in_one_step(rate):
    unit = simulated.one_unit(rate, steps=3)
    points, targets = unit.points, unit.targets

    def loss(parameters):
        out = np.maximum(points @ parameters[:2] + parameters[2], 0)
        return np.mean((out - targets) ** 2) / 2

    for step in range(3):
        here = np.array([*unit.weights[step], unit.biases[step]])
        assert unit.loss(step) == pytest.approx(loss(here))
        shifts = 1e-6 * np.eye(3)
        gradient = [(loss(here + s) - loss(here - s)) / 2e-6 for s in shifts]
        after = np.array([*unit.weights[step + 1], unit.biases[step + 1]])
        np.testing.assert_allclose(after, here - rate * np.array(gradient), atol=1e-7)
    caption = Stage(relu.dying).frame({"rate": rate, "step": 3}).caption
    on = sum(unit.pre_activations(3) > 0)
    assert (on == 0) == (rate == 2.1)
    assert ("exactly 0" in caption) == (on == 0)
    assert f"on {on or 'none'} of 40 points" in caption


def drawn_texts(draw):
    figure = plt.figure()
    draw(figure.add_axes((0, 0, 1, 1)))
    found = [(t.get_text(), t.get_color(), t.get_position()) for t in figure.axes[0].texts]
    plt.close(figure)
    return found


def test_half_of_the_squares_is_drawn_to_be_kept():
    caption = Stage(relu.half_is_kept).frame({}).caption
    assert re.findall(r"\d+", caption) == ["20", "10", "10", "5"]
    texts = drawn_texts(relu.half_is_kept)
    forward = [
        float(t.replace("−", "-")) for t, c, _ in texts if c == FORWARD and "squares" not in t
    ]
    backward = [
        float(t.replace("−", "-")) for t, c, _ in texts if c == BACKWARD and "squares" not in t
    ]
    h, a = forward[0::2], forward[1::2]
    passed, arriving = backward[0::2], backward[1::2]
    # By a finite difference of the loss sum(arriving * relu(h)).
    for value, into, slope, out in zip(h, a, arriving, passed, strict=True):
        assert into == max(value, 0.0)
        change = (max(value + 1e-6, 0) - max(value - 1e-6, 0)) / 2e-6
        assert out == pytest.approx(slope * change)
    squares = [float(t.rsplit(" ", 1)[1]) for t, _, _ in texts if "squares" in t]
    assert squares == [float(np.square(v).sum()) for v in (h, passed, a, arriving)]


def test_as_many_terms_are_drawn_as_are_told():
    figure = plt.figure()
    ax = figure.add_axes((0, 0, 1, 1))
    relu.fans(ax)
    colors = [to_hex(p.get_edgecolor()) for p in ax.patches if isinstance(p, FancyArrowPatch)]
    told = {t.get_color(): int(t.get_text()[0]) for t in ax.texts if "terms" in t.get_text()}
    assert told == {FORWARD: colors.count(FORWARD), BACKWARD: colors.count(BACKWARD)}
    assert told == {FORWARD: 2, BACKWARD: 4}
    plt.close(figure)


@pytest.mark.parametrize("depth", [10, 50])
def test_wide_and_narrow_networks_are_tilted_alike(depth):
    caption = Stage(relu.initialized).frame({"depth": depth}).caption
    told = powers(re.sub(r"at width \d+", "", caption).replace("variances:", "variances is"))
    assert len(told) == 6
    # From three variances: He's keeps the mean square, the others lose 1/2 and 5/6 of it a layer.
    for he, xavier, small in (told[:3], told[3:]):
        assert xavier - he == pytest.approx((depth - 1) * float(mpmath.log10(0.5)) / 2, abs=0.05)
        assert small - he == pytest.approx(
            (depth - 1) * float(mpmath.log10(mpmath.mpf(1) / 6)) / 2, abs=0.05
        )
    typical = -(depth - 1) * 5 / 256 / 2 / 2 / np.log(10)
    assert told[0] == pytest.approx(typical, abs=0.35)
    assert told[3] < told[0] - 0.1


def mean_of_log(width: int) -> float:
    """Exact mean of the logarithm of the squared factor of one layer that is not dead."""
    k = np.arange(1, width + 1)
    share = stats.binom.pmf(k, width, 0.5) / (1 - 0.5**width)
    digamma = [float(mpmath.digamma(mpmath.mpf(int(i)) / 2)) for i in k]
    return float(share @ digamma) + np.log(4 / width)


def test_narrow_networks_stay_below():
    assert mean_of_log(32) == pytest.approx(-0.08254020809622679, rel=1e-12)
    wide, narrow = (np.median(simulated.unit_profile(width)[:, 0]) for width in (256, 16))
    expected = 49 * (mean_of_log(16) + np.log(0.5)) / 2 / np.log(10)
    assert narrow == pytest.approx(expected, abs=1.0)
    assert narrow < wide - 1


def test_predicted_lines_are_powers_of_half_the_variance():
    figure, axes = plt.subplots(1, 2)
    relu.initialized(tuple(axes), depth=30)
    for ax in axes:
        for line, variance in zip(ax.lines[1::2], (2.0, 1.0, 1 / 3), strict=True):
            np.testing.assert_allclose(line.get_ydata()[0], (variance / 2) ** 14.5, rtol=1e-12)
    plt.close(figure)


def test_nothing_is_told_of_batch_normalization_until_it_is_switched_on():
    figure, axes = plt.subplots(1, 2)
    caption = relu.batch_normalized(tuple(axes), weight_scale=1.0, depth=20)
    assert not axes[1].lines
    assert "with it" not in caption
    assert "with it" in relu.batch_normalized(tuple(axes), depth=20, normalized=True)
    np.testing.assert_allclose(
        axes[1].lines[-1].get_ydata()[0], (np.pi / (np.pi - 1)) ** 9.5, rtol=1e-12
    )
    plt.close(figure)


@pytest.mark.parametrize("depth", [5, 30, 50])
def test_no_name_lies_on_a_line(depth):
    figure, axes = plt.subplots(1, 2, figsize=(680 / 72, 270 / 72), dpi=72)
    with plt.rc_context(RC):
        relu.initialized(tuple(axes), depth=depth)
    figure.draw_without_rendering()
    for ax in axes:
        assert [name.get_text() for name in ax.texts] == list(simulated.INITIALIZATIONS)
        for name, line in product(ax.texts, ax.lines):
            box = name.get_window_extent()
            assert box.x0 > ax.bbox.x0
            points = ax.transData.transform(line.get_xydata())
            assert not any(box.contains(*point) for point in points)
    plt.close(figure)


def test_batch_normalization_makes_the_gradient_grow_as_theory_says():
    growth = simulated.normalized_profile("batch")
    per_layer = 10 ** (2 * np.median(growth[:, 0]) / (simulated.DEEPEST - 1))
    # The rate for a batch of 128 is 1.4797, the limit for large batches pi / (pi - 1) = 1.4669.
    assert per_layer == pytest.approx(1.4797, rel=0.015)
    one, other = (
        Stage(relu.batch_normalized)
        .frame({"weight_scale": scale, "depth": 50, "normalized": True})
        .caption
        for scale in (0.5, 2.0)
    )
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
