"""What the figures of the sigmoid chapter say, against values computed by other means."""

import re

import mpmath
import numpy as np
import pytest
from matplotlib.figure import Figure

from lib import datasets, experiments
from lib.figures import sigmoid
from lib.figures.render import Stage
from lib.simulations import sigmoid as simulated


def numbers(caption: str) -> list[float]:
    return [float(n.replace("−", "-")) for n in re.findall(r"[+−]?\d+\.\d+", caption)]


@pytest.mark.parametrize("probability", [0.02, 0.5, 0.9])
def test_three_scales_agree(probability):
    caption = Stage(sigmoid.three_scales).frame({"probability": probability}).caption
    told = numbers(caption)
    odds = mpmath.mpf(probability) / (1 - mpmath.mpf(probability))
    assert told[:2] == pytest.approx([probability, float(odds)], abs=0.005)
    if probability == 0.5:
        assert "logit of 0." in caption
    else:
        assert told[2:] == pytest.approx([mpmath.log(odds), -mpmath.log(odds)], abs=0.005)


@pytest.mark.parametrize(("weight", "bias"), [(0.0, 0.0), (-0.25, -1.25), (0.1, 1.5)])
def test_loss_is_the_mean_negative_log_likelihood(weight, bias):
    product = mpmath.mpf(1)
    for temperature, damaged in zip(*datasets.o_rings(), strict=True):
        chance = 1 / (1 + mpmath.exp(-(bias + weight * (temperature - 70))))
        product *= chance if damaged else 1 - chance
    expected = float(-mpmath.log(product) / 23)
    caption = Stage(sigmoid.logistic_fit).frame({"weight": weight, "bias": bias}).caption
    loss, guess, share, cold = numbers(caption)
    assert cold == pytest.approx(float(1 / (1 + mpmath.exp(39 * weight - bias))), abs=5e-4)
    assert loss == pytest.approx(expected, abs=5e-4)
    assert share == pytest.approx(7 / 23, abs=5e-3)
    assert ("better than" in caption) == (expected < guess)
    assert ("worse than" in caption) == (expected > guess)


@pytest.mark.parametrize("x", [-8.0, -0.5, 0.0, 3.0])
def test_tangent_has_the_slope_of_the_sigmoid(x):
    told = numbers(Stage(sigmoid.tangent).frame({"x": x}).caption)
    function = lambda s: 1 / (1 + mpmath.exp(-s))  # noqa: E731  # one expression, used twice
    height, slope = function(x), mpmath.diff(function, x)
    assert told[-3:] == pytest.approx([height, slope, 400 * slope], abs=0.051)
    assert told[-3:-1] == pytest.approx([height, slope], abs=5e-5)


def drawn(draw, panels=1, **parameters):
    """Caption and axes of a draw function."""
    figure = Figure()
    axes = [figure.add_subplot() for _ in range(panels)]
    return draw(axes[0] if panels == 1 else tuple(axes), **parameters), axes


def test_the_slope_is_drawn_only_as_far_as_the_tangent_has_been():
    for x, seen in ((0.0, 1), (-3.0, 121), (8.0, 321)):
        _, (ax,) = drawn(sigmoid.tangent, x=x)
        across, slope = ax.get_lines()[1].get_data()
        assert len(across) == seen
        assert np.abs(across).max() == pytest.approx(abs(x))
        for at, height in zip(across[::40], slope[::40], strict=True):
            assert height == pytest.approx(float(1 / (2 * mpmath.cosh(at / 2)) ** 2))


@pytest.mark.parametrize("alarms", [0, 1, 3])
def test_evidence_adds_what_counting_gives(alarms):
    # Of seven damaged launches six were cold, of the 16 others eight; an alarm multiplies by 4.
    caption, (ax,) = drawn(sigmoid.evidence, alarms=alarms)
    before, cold, after, probability = numbers(caption)
    odds = mpmath.mpf(6) / 8
    assert before == pytest.approx(float(mpmath.log(mpmath.mpf(7) / 16)), abs=0.005)
    assert cold == pytest.approx(float(mpmath.log(odds)), abs=0.005)
    odds *= 4**alarms
    assert after == pytest.approx(float(mpmath.log(odds)), abs=0.005)
    assert probability == pytest.approx(float(odds / (1 + odds)), abs=0.005)
    arrows = [text.get_text() for text in ax.texts if "alarm" in text.get_text()]
    assert arrows == ["+1.39\nalarm"] * alarms
    # Ticks of the two scales stand at the same places.
    ticks = {t.get_text(): t.get_position()[0] for t in ax.texts}
    for log_odds, percent in (("−1", "27%"), ("0", "50%"), ("4", "98%")):
        assert ticks[log_odds] == ticks[percent]
    dots = [line.get_xdata()[0] for line in ax.get_lines() if line.get_marker() == "o"]
    assert dots[-1] == pytest.approx(ticks["0"] + after * (ticks["1"] - ticks["0"]), abs=0.5)


def test_the_unit_carries_the_weights_of_highest_likelihood():
    def slope_of_likelihood(constant, weight):
        error = [
            (1 / (1 + mpmath.exp(-constant - weight * t)) - y, t)
            for t, y in zip(*datasets.o_rings(), strict=True)
        ]
        return [sum(e for e, _ in error), sum(e * t for e, t in error)]

    constant, weight = mpmath.findroot(slope_of_likelihood, (15, -0.23))
    assert simulated.fitted() == pytest.approx((float(constant), float(weight)), rel=1e-8)
    for temperature in (31.0, 70.0):
        caption, (ax,) = drawn(sigmoid.logistic_unit, temperature=temperature)
        h = constant + weight * temperature
        told = numbers(caption)
        assert told == pytest.approx([float(h), float(1 / (1 + mpmath.exp(-h)))], abs=0.005)
        texts = {text.get_text() for text in ax.texts}
        assert {"w₀ = 15.04", "w₁ = −0.232", "Σ", "σ", f"{temperature:g}"} <= texts


@pytest.mark.parametrize("h", [-4.0, 0.0, 8.0])
def test_slopes_of_two_losses_by_differences(h):
    step = mpmath.mpf("1e-9")

    def chance(x):
        return 1 / (1 + mpmath.exp(-x))

    losses = [lambda x: -mpmath.log(1 - chance(x)), lambda x: chance(x) ** 2 / 2]
    with mpmath.workdps(40):
        slopes = [float((f(h + step) - f(h - step)) / (2 * step)) for f in losses]
    caption, axes = drawn(sigmoid.two_losses, 2, h=h)
    assert numbers(caption)[-2:] == pytest.approx(slopes, abs=5e-5)
    for ax, values in ((axes[0], [float(f(h)) for f in losses]), (axes[1], slopes)):
        curves = [line for line in ax.get_lines() if len(line.get_xdata()) > 1]
        assert [line.get_xdata()[-1] for line in curves] == [h, h]  # nothing beyond is shown
        assert [line.get_ydata()[-1] for line in curves] == pytest.approx(values, rel=1e-6)


def test_composed_sigmoids_flatten_by_a_quarter_at_most():
    widths = []
    for layers in (1, 2, 5, 8):
        caption, (left, right) = drawn(sigmoid.composed, 2, layers=layers)
        low, high = mpmath.mpf(-8), mpmath.mpf(8)
        for _ in range(layers):
            low, high = (1 / (1 + mpmath.exp(-x)) for x in (low, high))
        assert numbers(caption)[:2] == pytest.approx([float(low), float(high)], abs=5e-6)
        assert caption.endswith(f"1 part in {2 ** (2 * layers):,}.")
        assert len(left.get_lines()) == layers
        assert left.get_lines()[-1].get_ydata()[-1] == pytest.approx(float(high))
        heights = [bar.get_height() for bar in right.patches]
        assert heights == [2.0 ** (-2 * k) for k in range(layers + 1)]
        widths.append(float(high - low))
    assert widths[1] / widths[0] <= 0.25
    assert widths[3] / widths[2] <= 0.25**3


@pytest.mark.parametrize("hidden", [3, 5, 10])
def test_three_and_ten_layers_stand_beside_the_chosen_depth(hidden):
    _, (ax,) = drawn(sigmoid.deep_networks_learn, hidden=hidden)
    results = experiments.load("saturation")
    curves = [line.get_ydata() for line in ax.get_lines() if len(line.get_xdata()) > 2]
    shown = [hidden, *[known for known in (3, 10) if known != hidden]]
    assert len(curves) == len(shown)
    for curve, layers in zip(curves, shown, strict=True):
        runs = results[f"train_accuracy sigmoid {layers}"]
        assert curve == pytest.approx(100 * np.sort(runs, axis=1)[:, 2])  # the third of five


def test_waiting_shows_no_depth_that_was_not_asked_for():
    waits = experiments.load("waiting")["wait"]
    for hidden in (3, 6):
        caption, (ax,) = drawn(sigmoid.waiting_time, hidden=hidden)
        row = waits[hidden - 3]
        assert f"after {row.min():.0f} to {row.max():.0f} epochs" in caption
        dots = [line for line in ax.get_lines() if line.get_marker() == "o"]
        assert [set(line.get_xdata()) for line in dots] == [{d} for d in range(3, hidden + 1)]
        np.testing.assert_array_equal(dots[-1].get_ydata(), row)


def test_circles_are_round_and_every_set_fills_its_plane():
    caption, axes = drawn(sigmoid.border, 3, activation="tanh")
    for ax, points in zip(axes, ("moons", "circles", "spirals"), strict=True):
        assert ax.get_aspect() == 1
        assert ax.get_title() == points.capitalize()
        places = np.concatenate([line.get_xydata() for line in ax.get_lines()])
        assert 0.6 < np.abs(places).max() / ax.get_xlim()[1] < 1
        # The colored side of the border is that of the class, wherever the network is right.
        logits, right = simulated.trained_plane(points, "tanh")
        assert f"{right:.0%}" in caption
        scale = simulated.EXTENT[points]
        own, labels = getattr(datasets, points)(simulated.POINTS, rng=1)
        column, row = (np.rint((own / scale + 1) * 33).astype(int)).T
        assert np.mean((logits[row, column] > 0) == labels) > 0.95
