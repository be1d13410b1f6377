"""The shared figure of the gradient by layer, against what theory predicts for random chains."""

import re

import numpy as np
import pytest
from captions import log10
from matplotlib.figure import Figure
from matplotlib.patches import Polygon

from lib import activations, chain
from lib.figures import depth
from lib.figures.render import Stage
from lib.simulations import depth as simulated


def test_relu_loses_half_of_the_square_per_layer_at_unit_variance():
    # sigma_w^2 = 1: factor 1/2 on the mean square; the median lies below the mean (width 64).
    profile = np.median(simulated.gradient_profile("relu", 30, 1.0), axis=0)
    assert profile[0] == pytest.approx(29 * np.log10(0.5) / 2, abs=0.8)
    assert np.diff(profile) == pytest.approx(np.full(29, np.log10(2) / 2), abs=0.25)


def test_sigmoid_loses_what_mean_field_predicts():
    # Mean field, sigma_w^2 = 1: chi_1 = 0.0557207 per layer, on the square.
    profile = np.median(simulated.gradient_profile("sigmoid", 50, 1.0), axis=0)
    assert profile[0] / 49 == pytest.approx(np.log10(0.0557207) / 2, abs=0.01)


def test_last_layer_is_the_unit_and_caption_tells_the_first():
    profile = simulated.gradient_profile("sigmoid", 10, 1.0)
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
    assert simulated.predicted_profile(name, scale)[0] == pytest.approx(expected, abs=1e-9)
    caption = told(activation=name, depth=depth_, weight_scale=scale)
    measured = np.median(simulated.gradient_profile(name, depth_, scale)[:, 0])
    factors = re.search(r"a factor of ([\d.]+) per layer .* says ([\d.]+)\.", caption)
    for factor, total in zip(factors.groups(), (measured, expected), strict=True):
        assert float(factor) == pytest.approx(10 ** (total / 49), abs=0.0051)


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
    factor = float(re.search(r"theory for wide layers says ([\d.]+)\.", lines.caption)[1])
    assert factor == pytest.approx(10 ** (total / 9), abs=0.0051)


def told(**parameters):
    return Stage(depth.gradient_by_layer).frame(parameters).caption


@pytest.mark.parametrize(
    ("parameters", "marker"),
    [
        ({"activation": "sigmoid"}, "o"),
        ({"activation": "sigmoid", "depth": 50, "lowest": -10}, "v"),
        ({"activation": "relu", "depth": 50, "weight_scale": 10.0}, "^"),
    ],
)
def test_the_end_is_marked_with_its_number_also_beyond_the_axes(parameters, marker):
    ax = Figure().add_subplot()
    caption = depth.gradient_by_layer(ax, **parameters)
    (end,) = (line for line in ax.lines if line.get_marker() == marker)
    low, high = ax.get_ylim()
    assert low < end.get_ydata()[0] < high
    number, *names = (text.get_text() for text in ax.texts)
    assert f"receives {number} times" in caption
    assert names in (["measured", "theory"], [])
    assert any(np.all(np.asarray(line.get_ydata()) == 1) for line in ax.lines)


FACES = [("sigmoid", 1.0), ("tanh", 1.0), ("relu", np.sqrt(2))]


@pytest.mark.parametrize("depth_", [2, 5, 20, 30])
@pytest.mark.parametrize(("name", "scale"), FACES)
def test_the_band_of_the_first_page_is_as_wide_as_the_signal_is_strong(name, scale, depth_):
    ax = Figure().add_axes((0, 0, 1, 1))
    caption = depth.error_signal(ax, activation=name, depth=depth_)
    run = chain.simulate(
        chain.MLP(name, depth=depth_, width=64, weight_variance=scale**2),
        batch=1,
        replicas=8,
        seed=0,
    )
    sizes = np.log10(run.gradient_norm)
    share = 10 ** np.median(sizes - sizes[:, -1:], axis=0)
    empty, full = (line for line in ax.lines if line.get_marker() == "o")
    places = np.sort(np.concatenate([empty.get_xdata(), full.get_xdata()]))
    assert len(places) == depth_
    assert len(empty.get_xdata()) == (share < 0.01).sum()
    assert (np.asarray(empty.get_xdata()) < np.min(full.get_xdata())).all()
    (band,) = (patch for patch in ax.patches if isinstance(patch, Polygon))
    x, y = band.get_xy().T
    for place, expected in zip(places, share, strict=True):
        at = y[np.isclose(x, place)]
        width = at.max() - at.min() if len(at) else 0.0
        assert width == pytest.approx(60 * expected, abs=0.61 if not len(at) else 1e-6)
    words = [text.get_text() for text in ax.texts]
    assert f"Layer 1 of {depth_} receives" in words
    arrives = words[words.index("of the error signal") - 1]
    assert log10(arrives) == pytest.approx(np.log10(share[0]), abs=0.03)
    factor = float(re.search(r"by about ([\d.]+):", caption)[1])
    assert factor == pytest.approx(share[0] ** (1 / (depth_ - 1)), abs=0.0051)
    starved = int((share < 0.01).sum())
    assert (f"Layers 1 to {starved} receive less" in caption) == (starved > 1)
    assert ("Layer 1 receives less" in caption) == (starved == 1)
    assert ("Every layer receives more" in caption) == (starved == 0)


def test_powers_on_the_first_page_stand_below_the_last_layer_that_gets_so_little():
    ax = Figure().add_axes((0, 0, 1, 1))
    depth.error_signal(ax, activation="sigmoid", depth=20)
    told = np.median(simulated.gradient_profile("sigmoid", 20, 1.0), axis=0)
    places = np.linspace(24, 358, 20)
    marks = {text.get_text(): text.get_position()[0] for text in ax.texts}
    for mark, exponent in (("10⁻³", -3), ("10⁻⁶", -6), ("10⁻⁹", -9)):
        layer = int(np.argmin(abs(places - marks[mark])))
        assert told[layer] <= exponent < told[layer + 1]


@pytest.mark.parametrize(
    ("name", "words", "most"),
    [("sigmoid", "at most 1/4", 0.25), ("tanh", "are 1 at 0", 1), ("relu", "the others 1", 1)],
)
def test_the_first_page_says_how_large_a_slope_is(name, words, most):
    assert words in Stage(depth.error_signal).frame({"activation": name}).caption
    slopes = activations.get(name).derivative(np.linspace(-4, 4, 8001))
    assert slopes.max() == pytest.approx(most)
