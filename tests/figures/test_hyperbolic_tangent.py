"""What the figures of the chapter on the hyperbolic tangent say, against independent numbers."""

import re

import numpy as np
import pytest
from mpmath import cosh, findroot, mp
from scipy.special import erfc

from lib.figures import hyperbolic_tangent as figures
from lib.figures.render import Stage

# Mean-field predictions for 50 layers, log10 of the ratio of gradients (computed with mpmath).
FIFTY_LAYERS = {1.0: -0.917388041791, 2.25: 1.22938278712, 1 / 3: -11.8165981159}


def caption(draw, **parameters) -> str:
    return Stage(draw).frame(parameters).caption


def numbers(text: str) -> list[float]:
    return [float(n.replace(",", "")) for n in re.findall(r"\d[\d,]*(?:\.\d+)?", text)]


def test_only_one_stretch_gives_tanh():
    same = {"input_scale": 2.0, "output_scale": 2.0, "shift": -1.0}
    assert caption(figures.stretched_sigmoid, **same).startswith("2σ(2x) − 1 and tanh(x) are the")
    # Without the shift the two curves are 1 apart everywhere.
    told = caption(figures.stretched_sigmoid, **same | {"shift": 0.0})
    assert told == "2σ(2x) and tanh(x) are up to 1.000 apart on this stretch."


def test_slopes_cross_where_half_the_cosh_equals_that_of_half():
    crossing = findroot(lambda x: cosh(x) - 2 * cosh(x / 2), 1.6)
    told = numbers(caption(figures.two_slopes, x=3.0))
    assert told[-1] == pytest.approx(float(crossing), abs=6e-4)
    ratio = 4 * float(mp.cosh(1.5)) ** 2 / float(mp.cosh(3)) ** 2
    assert told[3] == pytest.approx(ratio, rel=0.05)


@pytest.mark.parametrize("stretch", [0.5, 2 / 3, 1.5])
def test_curvature_peaks_where_told(stretch):
    amplitude, _, slope, _, peak = numbers(caption(figures.scaled_tanh, stretch=stretch))
    grid = np.linspace(1e-3, 4, 40_001)
    values = np.tanh(stretch * grid) / np.tanh(stretch)
    curvature = np.abs(np.gradient(np.gradient(values, grid), grid))
    assert peak == pytest.approx(grid[10:-10][curvature[10:-10].argmax()], abs=2e-3)
    assert amplitude == pytest.approx(1 / np.tanh(stretch), abs=1e-4)
    assert slope == pytest.approx(values[0] / grid[0], abs=1e-3)


@pytest.mark.parametrize(("name", "half"), [("tanh", 1.0), ("sigmoid", 2.0)])
@pytest.mark.parametrize("spread", [0.5, 1.0, 3.0])
def test_saturated_share_is_that_of_the_normal_tails(name, half, spread):
    # Both slopes are 1 / cosh(x / half)**2 in units of the largest one.
    edge = half * np.arccosh(1 / np.sqrt(0.05))
    share, _ = figures.saturation_at(name, spread)
    assert share == pytest.approx(erfc(edge / spread / np.sqrt(2)), abs=1e-4)


def test_mean_squared_slope_is_the_gaussian_moment():
    assert figures.saturation_at("tanh", 1.0)[1] == pytest.approx(0.46440290244827, abs=1e-4)
    assert figures.saturation_at("sigmoid", 1.0)[1] == pytest.approx(
        16 * 0.044836241350194, abs=1e-4
    )


def test_one_eigenvalue_of_the_sigmoid_layer_grows_with_its_width():
    mean, variance = 0.5, 0.29337903585809 - 0.25
    for width in (50, 200):
        largest = figures.second_moments("sigmoid", width)[0]
        assert largest == pytest.approx(variance + width * mean**2, rel=0.02)
        # The rest, and all of tanh, stay within the Marchenko-Pastur band of 2000 examples.
        edge = (1 + np.sqrt(width / figures.EXAMPLES)) ** 2
        assert figures.second_moments("sigmoid", width)[1] < 1.05 * variance * edge
        assert figures.second_moments("tanh", width)[0] < 1.05 * 0.39429449039784 * edge


@pytest.mark.parametrize("weight_variance", FIFTY_LAYERS)
def test_prediction_for_fifty_layers(weight_variance):
    predicted = figures.predicted_gradient(weight_variance, 100)[49]
    assert predicted == pytest.approx(FIFTY_LAYERS[weight_variance], abs=1e-8)


def test_only_the_critical_scale_follows_the_power_law():
    decay = {v: figures.predicted_gradient(v, 400) for v in (0.81, 1.0, 2.25)}
    doubled = {v: logs[399] - logs[199] for v, logs in decay.items()}
    assert doubled[1.0] == pytest.approx(-np.log10(2) / 2, abs=0.01)
    assert doubled[0.81] == pytest.approx(200 * np.log10(0.9), rel=1e-3)
    # At 2.25 the squared gradient grows by a factor e every 7.66668775519 layers (mpmath).
    assert doubled[2.25] == pytest.approx(100 / 7.66668775519 / np.log(10), rel=1e-6)


def test_measured_gradient_agrees_with_the_prediction():
    for weight_variance in (0.81, 1.0, 2.25):
        measured = figures.measured_gradient(weight_variance, 20)
        predicted = figures.predicted_gradient(weight_variance, 20)[19]
        assert measured == pytest.approx(predicted, abs=0.15)
