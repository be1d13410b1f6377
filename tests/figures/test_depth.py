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
