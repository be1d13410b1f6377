"""What the figures of the chapter on the hyperbolic tangent say, against independent numbers."""

import re
from itertools import pairwise, product

import matplotlib as mpl
import numpy as np
import pytest
from captions import caption
from mpmath import cosh, findroot, mp
from scipy.integrate import quad
from scipy.special import erfc

from lib.figures import hyperbolic_tangent as figures
from lib.figures.drawing import BACKWARD
from lib.figures.render import Stage
from lib.figures.style import RC
from lib.simulations import hyperbolic_tangent as simulated

# Mean-field predictions for 50 layers, log10 of the ratio of gradients (computed with mpmath).
FIFTY_LAYERS = {1.0: -0.917388041791, 2.25: 1.22938278712, 1 / 3: -11.8165981159}


def numbers(text: str) -> list[float]:
    return [float(n.replace(",", "")) for n in re.findall(r"\d[\d,]*(?:\.\d+)?", text)]


def on_paper(draw, **parameters):
    """Draw on axes of the size that the book uses; return the caption and the axes."""
    stage = Stage(draw)
    with mpl.rc_context(RC):
        axes = [stage._clean_axes(figure) for figure in stage.figures]
        told = draw(axes[0] if stage.count == 1 else tuple(axes), **parameters)
        for figure in stage.figures:
            figure.draw_without_rendering()
    return told, axes


def signed(text: str) -> list[float]:
    return [float(n.replace("−", "-")) for n in re.findall(r"−?\d+(?:\.\d+)?", text)]


def gaussian_mean(f, q: float) -> float:
    """Mean of f(h) for normal h of variance q, by adaptive quadrature."""

    def density(z):
        return f(np.sqrt(q) * z) * np.exp(-z * z / 2) / np.sqrt(2 * np.pi)

    return quad(density, -12, 12, epsabs=1e-13, limit=200)[0]


@pytest.mark.parametrize("first_unit", [-2.0, 0.5])
@pytest.mark.parametrize("weight", [0.4, 1.2])
def test_twin_doubles_values_and_halves_derivatives(first_unit, weight):
    def ahead(upper):  # of the tanh layer
        return weight * np.tanh(upper) + 0.3 * np.tanh(-1) + 0.1

    slope = (ahead(first_unit + 1e-20j)).imag / 1e-20
    told, (left, right) = on_paper(
        figures.twin, first_unit=first_unit, weight=weight, derivatives=True
    )
    value, twin_value, derivative, twin_derivative = signed(told)
    assert value == pytest.approx(ahead(first_unit), rel=5e-3)
    assert twin_value == pytest.approx(2 * ahead(first_unit), rel=5e-3)
    assert derivative == pytest.approx(slope, rel=5e-3)
    assert twin_derivative == pytest.approx(slope / 2, rel=5e-3)
    written = [{text.get_text() for text in ax.texts} for ax in (left, right)]
    assert {f"{weight:g}", "0.3", "bias 0.1"} <= written[0]
    bias = 0.2 - 2 * (weight + 0.3)
    assert {f"{4 * weight:g}", "1.2", f"bias −{-bias:g}"} <= written[1]
    # What the reader is to predict stands nowhere at first.
    told, axes = on_paper(figures.twin, first_unit=first_unit, weight=weight)
    assert len(signed(told)) == 2
    assert not any(text.get_color() == BACKWARD for ax in axes for text in ax.texts)


@pytest.mark.parametrize(("mean", "rate"), [(2.0, 0.05), (2.0, 0.2), (1.0, 0.5), (0.5, 1.0)])
def test_valley_is_walked_as_by_gradient_descent_on_four_examples(mean, rate):
    inputs = np.array([[1, 1], [1, -1], [-1, 1], [-1, -1]]) + mean
    targets = inputs @ [2, 0]

    def loss(w):
        return np.mean((inputs @ w - targets) ** 2) / 2

    w, steps, corners = np.zeros(2), 0, [np.zeros(2)]
    while np.hypot(*(w - [2, 0])) > 0.02:
        w = w - rate * np.array([loss(w + 1e-20j * e).imag / 1e-20 for e in np.eye(2)])
        corners.append(w)
        steps += 1
    told, (_, right) = on_paper(figures.valley, mean=mean, rate=rate)
    assert f"and in {steps} step" in told
    rings, path, dots = (line.get_xydata() for line in right.lines[:3])
    np.testing.assert_allclose(path, corners, atol=1e-12)  # every step is drawn
    np.testing.assert_allclose(dots[::3], path, atol=1e-12)
    # Along each ring the four examples have the same loss, and it doubles from ring to ring.
    levels = [[loss(w) for w in ring[:-1]] for ring in rings.reshape(11, 74, 2)]
    for level, around in enumerate(levels):
        np.testing.assert_allclose(around, 2.0 ** (level - 4), rtol=1e-12)


def test_valley_too_steep_for_the_rate_is_never_left():
    # Along (1, 1) an error is multiplied by 1 - 9 rate each time if the mean is 2.
    told, axes = on_paper(figures.valley, mean=2.0, rate=0.23)
    assert told.endswith("never if their mean is 2.")
    assert all(ax.get_aspect() == 1 for ax in axes)
    assert caption(figures.valley, mean=2.0, rate=0.22).count("never") == 0
    assert "1% in 1 step if" in caption(figures.valley, mean=2.0, rate=1.0)


@pytest.mark.parametrize("weight_scale", [0.7, 1.0, 1.4])
def test_cobweb_climbs_between_the_map_and_the_diagonal(weight_scale):
    def after(q):
        return weight_scale**2 * gaussian_mean(lambda h: np.tanh(h) ** 2, q)

    told, (left, right) = on_paper(figures.cobweb, weight_scale=weight_scale, layers=4)
    sizes = [1.0]
    for _ in range(5):
        sizes.append(after(sizes[-1]))
    stairs = left.lines[2].get_xydata()
    expected = [(sizes[0], 0)]
    for one, two in pairwise(sizes[:5]):
        expected += [(one, two), (two, two)]
    np.testing.assert_allclose(stairs, expected, rtol=1e-9)
    np.testing.assert_allclose(right.lines[0].get_ydata(), sizes[:5], rtol=1e-9)
    assert numbers(told)[2] == pytest.approx(sizes[4], rel=5e-3)
    assert numbers(told)[3] == pytest.approx(sizes[5] / sizes[4], rel=5e-3)


def exact_change(scale: float, depth: int) -> float:
    """Log10 of the gradient of the first layer over that of the last, by quadrature."""
    q, change = scale**2, 0.0
    for _ in range(depth - 1):
        change += np.log10(scale**2 * gaussian_mean(lambda h: np.cosh(h) ** -4.0, q)) / 2
        q = scale**2 * gaussian_mean(lambda h: np.tanh(h) ** 2, q)
    return change


def test_plateau_ends_where_told():
    lowest, highest = simulated.level_scales(20)
    assert -1 < exact_change(lowest, 20) < exact_change(highest, 20) < 1
    assert exact_change(lowest - 0.01, 20) < -1
    assert exact_change(highest + 0.01, 20) > 1
    told, (left, right) = on_paper(figures.depth_and_scale, weight_scale=0.9, depth=20)
    assert numbers(told)[4:6] == [lowest, highest]
    scales, change = right.lines[0].get_data()
    assert np.log10(change[10]) == pytest.approx(exact_change(scales[10], 20), abs=1e-6)
    depths, change = left.lines[1].get_data()
    assert np.log10(change[depths == 20][0]) == pytest.approx(exact_change(0.9, 20), abs=1e-6)
    here = 10 ** exact_change(0.9, 20)
    assert numbers(told)[3] == pytest.approx(here, rel=0.05)
    np.testing.assert_allclose(left.lines[-1].get_xydata(), [[20, here]], rtol=1e-6)
    np.testing.assert_allclose(right.lines[-1].get_xydata(), [[0.9, here]], rtol=1e-6)
    # Where the plateau is wider than the axis, the caption says no more than the axis shows.
    told, (_, right) = on_paper(figures.depth_and_scale, weight_scale=1.0, depth=5)
    lowest, highest = simulated.level_scales(5)
    assert lowest < right.get_xlim()[0] < right.get_xlim()[1] < highest
    assert "from below 0.75 to beyond 2 change" in told


@pytest.mark.parametrize(
    ("draw", "parameters"),
    [
        *(
            (figures.stretched_sigmoid, {"input_scale": i, "output_scale": o, "shift": s})
            for i in (1.0, 3.0)
            for o in (1.0, 2.5)
            for s in (-1.5, 0.5)
        ),
        *(
            (figures.saturation, {"activation": name, "spread": spread})
            for name in ("tanh", "sigmoid")
            for spread in (0.25, 5.0)
        ),
    ],
)
def test_no_name_lies_on_data(draw, parameters):
    _, axes = on_paper(draw, **parameters)
    for ax in axes:
        for name, line in product(ax.texts, ax.lines):
            points = ax.transData.transform(line.get_xydata())
            assert not any(name.get_window_extent().contains(*point) for point in points)


def test_only_one_stretch_gives_tanh():
    same = {"input_scale": 2.0, "output_scale": 2.0, "shift": -1.0}
    assert caption(figures.stretched_sigmoid, **same).startswith(
        "2σ(2x) − 1 and tanh(x) are the same"
    )
    # Without the shift the two curves are 1 apart everywhere.
    told = caption(figures.stretched_sigmoid, **same | {"shift": 0.0})
    assert told.startswith("2σ(2x) and tanh(x) are up to 1.000 apart on this stretch.")


def test_stretching_multiplies_the_slope():
    told, (left, right) = on_paper(
        figures.stretched_sigmoid, input_scale=3.0, output_scale=2.5, shift=0.5
    )
    assert told.endswith("Slopes at 0: 1.88 and 1.")
    for index in (0, 1):
        x, y = left.lines[index].get_data()
        slope = right.lines[index].get_ydata()
        np.testing.assert_allclose(np.gradient(y, x)[2:-2], slope[2:-2], atol=5e-3)


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
    share, _ = simulated.saturation_at(name, spread)
    assert share == pytest.approx(erfc(edge / spread / np.sqrt(2)), abs=1e-4)


def test_mean_squared_slope_is_the_gaussian_moment():
    assert simulated.saturation_at("tanh", 1.0)[1] == pytest.approx(0.46440290244827, abs=1e-4)
    assert simulated.saturation_at("sigmoid", 1.0)[1] == pytest.approx(
        16 * 0.044836241350194, abs=1e-4
    )


def test_one_eigenvalue_of_the_sigmoid_layer_grows_with_its_width():
    mean, variance = 0.5, 0.29337903585809 - 0.25
    for width in (50, 200):
        largest = simulated.second_moments("sigmoid", width)[0]
        assert largest == pytest.approx(variance + width * mean**2, rel=0.02)
        # The rest, and all of tanh, stay within the Marchenko-Pastur band of 2000 examples.
        edge = (1 + np.sqrt(width / simulated.EXAMPLES)) ** 2
        assert simulated.second_moments("sigmoid", width)[1] < 1.05 * variance * edge
        assert simulated.second_moments("tanh", width)[0] < 1.05 * 0.39429449039784 * edge


@pytest.mark.parametrize("weight_variance", FIFTY_LAYERS)
def test_prediction_for_fifty_layers(weight_variance):
    predicted = simulated.predicted_gradient(weight_variance, 100)[49]
    assert predicted == pytest.approx(FIFTY_LAYERS[weight_variance], abs=1e-8)


def test_only_the_critical_scale_follows_the_power_law():
    decay = {v: simulated.predicted_gradient(v, 400) for v in (0.81, 1.0, 2.25)}
    doubled = {v: logs[399] - logs[199] for v, logs in decay.items()}
    assert doubled[1.0] == pytest.approx(-np.log10(2) / 2, abs=0.01)
    assert doubled[0.81] == pytest.approx(200 * np.log10(0.9), rel=1e-3)
    # At 2.25 the squared gradient grows by a factor e every 7.66668775519 layers (mpmath).
    assert doubled[2.25] == pytest.approx(100 / 7.66668775519 / np.log(10), rel=1e-6)


def test_measured_gradient_agrees_with_the_prediction():
    for weight_variance in (0.81, 1.0, 2.25):
        measured = simulated.measured_gradient(weight_variance, 20)
        predicted = simulated.predicted_gradient(weight_variance, 20)[19]
        assert measured == pytest.approx(predicted, abs=0.15)
