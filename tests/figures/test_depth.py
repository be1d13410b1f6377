"""The shared figure of the gradient by layer, against what theory predicts for random chains."""

import re

import numpy as np
import pytest

from lib.figures import depth
from lib.figures.render import Stage


def test_relu_loses_half_of_the_square_per_layer_at_unit_variance():
    # sigma_w^2 = 1: factor 1/2 on the mean square; the median lies below the mean (width 64).
    profile = np.median(depth.gradient_profile("relu", 30, 1.0), axis=0)
    assert profile[0] == pytest.approx(29 * np.log10(0.5) / 2, abs=0.8)
    assert np.diff(profile) == pytest.approx(np.full(29, np.log10(2) / 2), abs=0.25)


def test_sigmoid_loses_what_mean_field_predicts():
    # Mean field, sigma_w^2 = 1: chi_1 = 0.0557207 per layer, on the square.
    profile = np.median(depth.gradient_profile("sigmoid", 50, 1.0), axis=0)
    assert profile[0] / 49 == pytest.approx(np.log10(0.0557207) / 2, abs=0.01)


def test_last_layer_is_the_unit_and_caption_tells_the_first():
    profile = depth.gradient_profile("sigmoid", 10, 1.0)
    assert (profile[:, -1] == 0).all()
    frame = Stage(depth.gradient_by_layer).frame({"activation": "sigmoid", "depth": 10})
    mantissa, exponent = re.search(r"([\d.]+)·10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)", frame.caption).groups()
    power = int(exponent.translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")))
    told = np.log10(float(mantissa)) + power
    assert told == pytest.approx(np.median(profile[:, 0]), abs=0.03)


@pytest.mark.parametrize(("name", "scale", "depth_"), [("sigmoid", 1.0, 50), ("tanh", 1.5, 50)])
def test_theory_beside_the_measurement(name, scale, depth_):
    # Depth 50: computed elsewhere with sigma_w^2 = 1 and 2.25.
    expected = {"sigmoid": -30.7722477153, "tanh": 1.22938278712}[name]
    assert depth.predicted_profile(name, scale)[0] == pytest.approx(expected, abs=1e-9)
    caption = (
        Stage(depth.gradient_by_layer)
        .frame({"activation": name, "depth": depth_, "weight_scale": scale})
        .caption
    )
    measured = np.median(depth.gradient_profile(name, depth_, scale)[:, 0])
    factor = 10 ** abs(measured - expected)
    told = re.search(r"([\d.]+)(%| times) off", caption)
    value = float(told[1]) / 100 + 1 if told[2] == "%" else float(told[1])
    assert value == pytest.approx(factor, abs=0.051)


def test_a_shallow_prediction_is_a_part_of_the_deep_one():
    lines = Stage(depth.gradient_by_layer).frame(
        {"activation": "tanh", "depth": 10, "weight_scale": 1.5}
    )
    z = np.linspace(-12, 12, 24_001)
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi) * (z[1] - z[0])
    q, total = 2.25, 0.0
    for _ in range(9):
        h = np.sqrt(q) * z
        total += np.log10(2.25 * np.sum(density / np.cosh(h) ** 4)) / 2
        q = 2.25 * np.sum(density * np.tanh(h) ** 2)
    told = float(re.search(r"theory says ([\d.]+)", lines.caption)[1])
    assert told == pytest.approx(10**total, abs=0.051)
