"""What the figures of the sigmoid chapter say, against values computed by other means."""

import re

import mpmath
import pytest

from lib import datasets
from lib.figures import sigmoid
from lib.figures.render import Stage


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
    loss, guess, share = numbers(caption)
    assert loss == pytest.approx(expected, abs=5e-4)
    assert share == pytest.approx(7 / 23, abs=5e-3)
    assert ("better than" in caption and "no better" not in caption) == (expected < guess)


@pytest.mark.parametrize("x", [-8.0, -0.5, 0.0, 3.0])
def test_tangent_has_the_slope_of_the_sigmoid(x):
    told = numbers(Stage(sigmoid.tangent).frame({"x": x}).caption)
    function = lambda s: 1 / (1 + mpmath.exp(-s))  # noqa: E731  # one expression, used twice
    height, slope = function(x), mpmath.diff(function, x)
    assert told[-3:] == pytest.approx([height, slope, 400 * slope], abs=0.051)
    assert told[-3:-1] == pytest.approx([height, slope], abs=5e-5)
