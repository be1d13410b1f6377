"""What the figures of the ELU chapter say, against closed forms."""

import re

import numpy as np
import pytest
from scipy.stats import norm

from lib.figures import elu
from lib.figures.render import Stage
from lib.simulations import elu as simulated


def numbers(caption: str) -> list[float]:
    return [float(n) for n in re.findall(r"(?<=[ −])\d+(?:\.\d+)?", caption.rstrip("."))]


def test_slope_is_told_to_jump_unless_alpha_is_one():
    stage = Stage(elu.scale_of_the_negative_side)
    assert "continuous" in stage.frame({"alpha": 1.0}).caption
    assert numbers(stage.frame({"alpha": 1.5}).caption)[:3] == [1.5, 1.5, 1]


def test_mean_over_rms_is_that_of_a_gaussian_with_the_layers_spread():
    # At sigma_w^2 = 2 ReLU keeps q; its mean over rms is (1/sqrt(2 pi)) / sqrt(1/2) for any q.
    relu = simulated.mean_profile("relu", 2.0)
    assert relu[1:].mean() == pytest.approx(np.sqrt(1 / np.pi), abs=0.03)
    # ELU at q = 1 (first layer: unit inputs, sigma_w^2 = 1): closed forms for mean and mean square.
    mean = 1 / np.sqrt(2 * np.pi) + np.sqrt(np.e) * norm.cdf(-1) - 0.5
    square = 1 + np.exp(2) * norm.cdf(-2) - 2 * np.sqrt(np.e) * norm.cdf(-1)
    first = simulated.mean_profile("elu", 1.0)[0]
    assert first == pytest.approx(mean / np.sqrt(square), abs=0.03)


def test_spreads_are_differences_of_outputs():
    caption = Stage(elu.deactivation).frame({"center": -3.0, "spread": 1.0}).caption
    told = [float(n) for n in re.findall(r"\d+\.\d{3}", caption)]
    assert told == pytest.approx([0, 0.5, np.exp(-2) - np.exp(-4)], abs=6e-4)
