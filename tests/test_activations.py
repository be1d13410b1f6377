"""Activations against their SymPy expressions at high precision, and against published numbers."""

import copy
import dataclasses
import itertools
import pickle
from fractions import Fraction
from functools import cache

import mpmath
import numpy as np
import pytest
import sympy as sp
from any_numbers import any_number
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from lib import activations
from lib.activations import get

CASES = [
    get("linear"),
    get("sigmoid"),
    get("tanh"),
    get("lecun_tanh"),
    get("softplus"),
    get("hard_sigmoid"),
    get("relu6"),
    get("hard_swish"),
    *(get("relu", at_zero=value) for value in (0, 0.5, 1)),
    *(get("leaky_relu", alpha=value) for value in (0, 0.01, 0.1, 1)),
    *(get("prelu", alpha=value) for value in (-0.5, 0, 0.25, 1.5)),
    *(get("rrelu", convention=value) for value in ("paper", "pytorch")),
    *(get("elu", alpha=value) for value in (0.5, 1, 2)),
    get("selu"),
    *(get("silu", beta=value) for value in (0, 0.5, 1, 3.7)),
    *(get("gelu", approximate=value) for value in ("none", "tanh")),
    get("mish"),
]
every_case = pytest.mark.parametrize("phi", CASES, ids=repr)
KINKS = {"hard_sigmoid": (-3, 3), "hard_swish": (-3, 3), "relu6": (0, 6)} | dict.fromkeys(
    ("relu", "leaky_relu", "prelu", "rrelu", "elu", "selu"), (0,)
)
# Enough digits to see 1 - tanh(x)**2 = 5e-324; at 50 digits it would be zero.
REFERENCE_DIGITS = 400


# --- accuracy ---------------------------------------------------------------------------------


def logistic_argument(phi, x):
    """v and |x| v' of a gate sigmoid(v): what rounding v costs, and what multiplies exp(-v)."""
    if phi.name == "silu":
        v = phi.parameters["beta"] * abs(x)
        return v, v
    if phi.name == "gelu" and phi.parameters["approximate"] == "tanh":
        a = np.minimum(abs(x), 1e3)
        c = np.sqrt(8 / np.pi)
        return c * (a + 0.044715 * a**3), c * (a + 3 * 0.044715 * a**3)
    return 0.0, abs(x)


def ulps(phi, x, derivative):
    """The error bounds that the documentation of lib.activations states."""
    v, _ = logistic_argument(phi, x)
    if repr(phi) == "gelu(approximate='tanh')":
        return 8 + 4 * v * (x < 0)
    if phi.name == "silu":
        return (8 if derivative else 6) + (0 if phi.parameters["beta"] in (0, 1) else 2 * v)
    if phi.name == "lecun_tanh" and derivative:
        return 6 + 2 * abs(x)
    return {
        "linear": (0, 0),
        "relu": (0, 0),
        "relu6": (0, 0),
        "sigmoid": (4, 6),
        "tanh": (4, 6),
        "gelu": (8, 8),
        "mish": (6, 12),
    }.get(phi.name, (4, 4))[derivative]


def zero_of_slope(phi):
    """Where the slope changes sign, and the bound on its error is absolute."""
    if phi.name == "silu" and phi.parameters["beta"]:
        return -1.2784645 / phi.parameters["beta"]
    return {"gelu": -0.752, "mish": -1.1924312}.get(phi.name)


@cache
def reference(phi, derivative):
    formula = phi.slope if derivative else phi.expression
    return cache(sp.lambdify(phi.symbol, formula, "mpmath"))


def grid(dtype):
    """Zero, kinks and neighbors, the tiny, the moderate, the large and the largest."""
    info = np.finfo(dtype)
    kinks = np.array([-6, -3, 0, 3, 6], dtype)
    near = [np.nextafter(kinks, dtype(side)) for side in (-np.inf, np.inf)]
    positive = np.array([1e-300, 1e-30, 1e-8, 1e-3, 1, 1e4, info.tiny, 6e4, info.max / 2])
    saturating = np.array([20, 37.5, 88, 95.3, 103, 300, 354.9, 371.1, 551, 707.7, 740, 745, 800])
    moderate = np.linspace(-12.3, 12.3, 124)
    steep = np.array([-22.3, -21.9, -20.5, -38.4, -37.7, -36.1, -30.3, -14.2, -13.1])
    anywhere = np.random.default_rng(0).uniform(-39, 39, 100)
    rest = np.concatenate([positive, -positive, saturating, -saturating, moderate, steep, anywhere])
    return np.unique(np.concatenate([kinks, *near, rest[np.abs(rest) <= info.max].astype(dtype)]))


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("derivative", [False, True], ids=["function", "derivative"])
@every_case
def test_agrees_with_the_expression_at_high_precision(phi, derivative, dtype):
    x = grid(dtype)
    computed = phi.derivative(x) if derivative else phi(x)
    assert computed.dtype == dtype
    exact = reference(phi, derivative)
    info = np.finfo(dtype)
    root = zero_of_slope(phi) if derivative else None
    with mpmath.workdps(REFERENCE_DIGITS):
        for point, value in zip(x.tolist(), computed.tolist(), strict=True):
            truth = exact(mpmath.mpf(point))
            if abs(truth) > float(info.max):
                assert value == np.copysign(np.inf, float(mpmath.sign(truth)))
                continue
            near_root = root is not None and abs(point - root) < 0.3
            size = max(abs(float(truth)), 0.25) if near_root else abs(float(truth))
            if dtype == np.float16:
                bound = float(np.spacing(dtype(size)))
            else:
                bound = ulps(phi, point, derivative) * float(np.spacing(dtype(size)))
                lost = float(info.smallest_subnormal) * max(4, logistic_argument(phi, point)[1])
                bound += lost if abs(truth) < 1e3 * float(info.tiny) else 0
            assert abs(value - truth) <= bound, (point, value, mpmath.nstr(truth, 20))


@pytest.mark.parametrize("derivative", [False, True], ids=["function", "derivative"])
@every_case
def test_single_precision_keeps_its_bound_at_very_many_points(phi, derivative):
    x = np.random.default_rng(2).uniform(-30, 30, 200_000).astype(np.float32)
    method = phi.derivative if derivative else phi
    truth = method(x.astype(np.float64))
    size = np.maximum(np.abs(truth), np.finfo(np.float32).tiny)
    root = zero_of_slope(phi) if derivative else None
    if root is not None:
        size[np.abs(x - root) < 0.3] = 0.25
    _, lost = logistic_argument(phi, x.astype(np.float64))
    bound = ulps(phi, x, derivative) * np.spacing(size.astype(np.float32)).astype(np.float64)
    bound += (size < 1e-35) * np.maximum(4, lost) * float(np.finfo(np.float32).smallest_subnormal)
    assert (np.abs(method(x) - truth) <= bound).all()


@pytest.mark.parametrize("derivative", [False, True], ids=["function", "derivative"])
@every_case
def test_long_double_is_no_worse_than_double(phi, derivative):
    x = np.linspace(-12.3, 12.3, 60, dtype=np.longdouble)
    computed = phi.derivative(x) if derivative else phi(x)
    assert computed.dtype == np.longdouble
    with mpmath.workdps(REFERENCE_DIGITS):
        for point, value in zip(x, computed, strict=True):
            truth = reference(phi, derivative)(mpmath.mpf(str(point)))
            size = max(abs(float(truth)), 0.25) if derivative else abs(float(truth))
            error = abs(mpmath.mpf(str(value)) - truth)
            assert error <= (ulps(phi, float(point), derivative) + 1) * np.spacing(size)


def test_long_double_has_its_own_precision_where_no_constant_is_rounded():
    x = np.linspace(-9, 9, 37, dtype=np.longdouble)
    if np.finfo(np.longdouble).eps == np.finfo(np.float64).eps:
        pytest.skip("long double is double on this platform")
    for name in ("sigmoid", "tanh", "softplus", "silu", "mish"):
        with mpmath.workdps(60):
            truth = [reference(get(name), False)(mpmath.mpf(str(point))) for point in x]
            error = [abs(mpmath.mpf(str(v)) - t) for v, t in zip(get(name)(x), truth, strict=True)]
            assert all(e <= 1e-18 * max(abs(t), 1e-30) for e, t in zip(error, truth, strict=True))


# --- derivatives ------------------------------------------------------------------------------


def smooth_points(phi):
    points = np.linspace(-5.97, 6.53, 42)
    return [p for p in points.tolist() if all(abs(p - k) > 1e-2 for k in KINKS.get(phi.name, ()))]


@every_case
def test_slope_is_the_derivative_of_the_expression(phi):
    with mpmath.workdps(50):
        for point in smooth_points(phi):
            difference = mpmath.diff(reference(phi, False), mpmath.mpf(point))
            assert abs(reference(phi, True)(mpmath.mpf(point)) - difference) < 1e-40


@every_case
def test_derivative_is_the_central_difference_of_the_function(phi):
    x = np.array(smooth_points(phi))
    h = 1e-5
    difference = (phi(x + h) - phi(x - h)) / ((x + h) - (x - h))
    np.testing.assert_allclose(phi.derivative(x), difference, rtol=1e-8, atol=1e-9)


STATED = [
    *((get("relu", at_zero=value), 0, value) for value in (0, 0.5, 1)),
    (get("relu6"), 0, 0),
    (get("relu6"), 6, 0),
    (get("leaky_relu", alpha=0.1), 0, Fraction(1, 10)),
    (get("prelu", alpha=-0.5), 0, -0.5),
    (get("rrelu"), 0, Fraction(2, 11)),
    (get("elu", alpha=2), 0, 2),
    (get("selu"), 0, 1.758099340847376860),
    (get("hard_sigmoid"), -3, 0),
    (get("hard_sigmoid"), 3, 0),
    (get("hard_swish"), -3, 0),
    (get("hard_swish"), 3, 1),
]


@pytest.mark.parametrize(("phi", "kink", "stated"), STATED)
@pytest.mark.parametrize("zero", [0.0, -0.0])
def test_slope_at_a_kink_is_the_stated_one(phi, kink, stated, zero):
    point = kink or zero
    assert phi.derivative(point) == pytest.approx(float(stated), rel=1e-15)
    assert float(phi.slope.subs(phi.symbol, kink)) == pytest.approx(float(stated), rel=1e-15)


def test_prelu_derivative_with_respect_to_alpha():
    x = np.array([-np.inf, -3.5, -1e-300, -0.0, 0.0, 2.5, np.inf, np.nan])
    phi = activations.prelu(alpha=0.25)
    np.testing.assert_array_equal(
        phi.derivative_alpha(x), [-np.inf, -3.5, -1e-300, 0, 0, 0, 0, np.nan]
    )
    finite = x[1:6]
    difference = activations.prelu(alpha=0.75)(finite) - activations.prelu(alpha=-0.25)(finite)
    np.testing.assert_array_equal(phi.derivative_alpha(finite), difference)
    form, symbol, parameters = activations.symbolic_form("prelu")
    slope = sp.lambdify(symbol, form.diff(parameters["alpha"]))
    np.testing.assert_array_equal(phi.derivative_alpha(finite), [slope(p) for p in finite])
    assert phi.derivative_alpha(np.float32(-2)).dtype == np.float32


# --- range and steepest slope -----------------------------------------------------------------

INF = sp.oo
RANGES = {
    "linear()": sp.Interval(-INF, INF),
    "sigmoid()": sp.Interval.open(0, 1),
    "tanh()": sp.Interval.open(-1, 1),
    "softplus()": sp.Interval.open(0, INF),
    "hard_sigmoid()": sp.Interval(0, 1),
    "relu6()": sp.Interval(0, 6),
    "hard_swish()": sp.Interval(sp.Rational(-3, 8), INF),
    "relu(at_zero=0.0)": sp.Interval(0, INF),
    "leaky_relu(alpha=0.0)": sp.Interval(0, INF),
    "leaky_relu(alpha=0.01)": sp.Interval(-INF, INF),
    "prelu(alpha=-0.5)": sp.Interval(0, INF),
    "prelu(alpha=1.5)": sp.Interval(-INF, INF),
    "elu(alpha=2.0)": sp.Interval.open(-2, INF),
    "silu(beta=0.0)": sp.Interval(-INF, INF),
}
MINIMA = {  # value, place
    "silu(beta=1.0)": (-0.278464542761073795, -1.278464542761073795),
    "gelu(approximate='none')": (-0.169971207479903662, -0.751791524693564457),
    "gelu(approximate='tanh')": (-0.170040750571254051, -0.752461422071016258),
    "mish()": (-0.308843413017250407, -1.192431214515495212),
}
STEEPEST = {  # supremum of the slope, where
    "sigmoid()": (0.25, 0),
    "tanh()": (1, 0),
    "lecun_tanh()": (1.143933333333333, 0),
    "silu(beta=1.0)": (1.099839320128866917, 2.399357280515467668),
    "silu(beta=0.5)": (1.099839320128866917, 4.798714561030935336),
    "gelu(approximate='none')": (1.128904145185154786, 1.414213562373095049),
    "gelu(approximate='tanh')": (1.128993068658771766, 1.418504008790828356),
    "mish()": (1.088498161251727861, 1.490571179485428459),
    "selu()": (1.758099340847376860, 0),
    "elu(alpha=2.0)": (2, 0),
}
NOT_ATTAINED = {"softplus()": 1, "hard_swish()": 1.5}
STEEP_SETS = {
    "linear()": sp.Interval(-INF, INF),
    "relu(at_zero=0.5)": sp.Interval.open(0, INF),
    "relu(at_zero=1.0)": sp.Interval(0, INF),
    "relu6()": sp.Interval.open(0, 6),
    "hard_sigmoid()": sp.Interval.open(-3, 3),
    "leaky_relu(alpha=0.1)": sp.Interval.open(0, INF),
    "leaky_relu(alpha=1.0)": sp.Interval(-INF, INF),
    "prelu(alpha=1.5)": sp.Interval(-INF, 0),
    "elu(alpha=0.5)": sp.Interval.open(0, INF),
    "elu(alpha=1.0)": sp.Interval(0, INF),
}


def case(text):
    return next(phi for phi in CASES if repr(phi) == text)


@pytest.mark.parametrize("text", RANGES)
def test_range_has_the_right_ends(text):
    assert case(text).range == RANGES[text]


@every_case
def test_range_holds_the_values_and_is_filled_by_them(phi):
    x = np.concatenate([np.linspace(-40, 40, 80_001), [-1e6, 1e6]])
    low, high = float(phi.range.inf), float(phi.range.sup)
    values = phi(x)
    assert values.min() >= low - 1e-15 * abs(low)
    assert values.max() <= high
    assert values.min() == pytest.approx(low, abs=1e-6) if np.isfinite(low) else values.min() < -1e3
    assert (
        values.max() == pytest.approx(high, abs=1e-6) if np.isfinite(high) else values.max() > 1e3
    )


@pytest.mark.parametrize("text", MINIMA)
def test_minimum_is_the_published_one(text):
    phi = case(text)
    value, place = MINIMA[text]
    assert float(phi.range.start) == pytest.approx(value, rel=1e-15)
    assert phi(place) == pytest.approx(value, rel=1e-15)
    with mpmath.workdps(60):
        root = mpmath.findroot(reference(phi, True), place)
        assert abs(reference(phi, False)(root) - mpmath.mpf(phi.range.start.evalf(60))) < 1e-47


@pytest.mark.parametrize("text", STEEPEST)
def test_steepest_slope_is_the_published_one(text):
    phi = case(text)
    value, place = STEEPEST[text]
    (at,) = phi.sup_slope_at.args
    assert float(phi.sup_slope) == pytest.approx(value, rel=1e-15)
    assert float(at) == pytest.approx(place, rel=1e-15)
    if place and phi.name not in KINKS:
        curvature = sp.lambdify(phi.symbol, phi.slope.diff(phi.symbol), "mpmath")
        with mpmath.workdps(60):
            root = mpmath.findroot(curvature, place)
            assert abs(root - mpmath.mpf(at.evalf(60))) < 1e-47
            assert abs(reference(phi, True)(root) - mpmath.mpf(phi.sup_slope.evalf(60))) < 1e-47


@pytest.mark.parametrize("text", NOT_ATTAINED)
def test_supremum_of_slope_that_is_only_approached(text):
    assert float(case(text).sup_slope) == NOT_ATTAINED[text]
    assert case(text).sup_slope_at == sp.S.EmptySet


@pytest.mark.parametrize("text", STEEP_SETS)
def test_steepest_slope_on_an_interval(text):
    assert case(text).sup_slope_at == STEEP_SETS[text]


@every_case
def test_supremum_of_slope_bounds_it_and_is_reached_exactly_there(phi):
    x = np.concatenate([np.linspace(-30, 30, 60_001), [-1e-9, 1e-9, np.nextafter(3, 0)]])
    slopes = phi.derivative(x)
    supremum = float(phi.sup_slope)
    assert slopes.max() <= supremum * (1 + 1e-15)
    assert slopes.max() == pytest.approx(supremum, rel=1e-6)
    for point in (-7.0, -2.0, 0.0, 2.0, 7.0):
        attained = phi.derivative(point) >= supremum * (1 - 1e-15)
        assert attained == bool(phi.sup_slope_at.contains(sp.Rational(point)))


# --- published constants and Gaussian moments -------------------------------------------------


def test_selu_constants():
    assert abs(activations.SELU_ALPHA - sp.Float("1.6732632423543772848170429916717", 32)) < 1e-31
    assert abs(activations.SELU_SCALE - sp.Float("1.0507009873554804934193349852946", 32)) < 1e-31


def test_lecun_tanh_is_made_for_targets_of_plus_and_minus_one():
    phi = activations.lecun_tanh()
    np.testing.assert_allclose(
        phi([1.0, -1.0]), [0.999997255922479, -0.999997255922479], rtol=1e-15
    )
    curvature = sp.lambdify(phi.symbol, phi.slope.diff(phi.symbol))
    bend = np.abs(curvature(np.linspace(0, 3, 300_001)))
    assert np.argmax(bend) * 1e-5 == pytest.approx(0.987718422693613, abs=1e-5)
    assert bend.max() == pytest.approx(0.587066860386654, rel=1e-9)


def test_gelu_forms_differ_by_the_published_maximum():
    x = np.array([-2.69894138638, 2.69894138638])
    exact, approximate = activations.gelu(), activations.gelu(approximate="tanh")
    np.testing.assert_allclose(np.abs(exact(x) - approximate(x)), 4.73235520687e-4, rtol=1e-11)
    x = np.linspace(-9, 9, 200_001)
    assert np.abs(exact(x) - approximate(x)).max() <= 4.73235520688e-4


def test_tanh_is_an_affine_sigmoid():
    x = np.linspace(-20, 20, 401)
    expected = 2 * activations.sigmoid()(2 * x) - 1
    np.testing.assert_allclose(activations.tanh()(x), expected, rtol=0, atol=5e-16)


MOMENTS = [  # mean, mean square; mean square and mean fourth power of the slope
    ("sigmoid()", 0.5, 0.29337903585809, 0.044836241350194, 0.0022856512866789),
    ("tanh()", 0, 0.39429449039784, 0.46440290244827, 0.34150920731666),
    ("lecun_tanh()", 0, 0.75043027630506, 0.80398911332035, 0.81725075232254),
    ("relu(at_zero=0.0)", 0.39894228040143, 0.5, 0.5, 0.5),
    ("leaky_relu(alpha=0.01)", 0.39495285759742, 0.50005, 0.50005, 0.500000005),
    ("leaky_relu(alpha=0.1)", 0.35904805236129, 0.505, 0.505, 0.50005),
    ("prelu(alpha=0.25)", 0.29920671030107, 0.53125, 0.53125, 0.501953125),
    ("elu(alpha=1.0)", 0.16052057226656, 0.64494541749292, 0.66810200122317, 0.59441064130197),
    ("selu()", 0, 1, 1.0715749924558, 1.5113529023875),
    ("softplus()", 0.80605918334744, 0.9212459088593, 0.29337903585809, 0.13159431306638),
    ("silu(beta=1.0)", 0.20662096414191, 0.35577551981735, 0.37948235163283, 0.28658057687961),
    (
        "gelu(approximate='none')",
        *(0.28209479177388, 0.4252214825703, 0.45585086564929, 0.43395583885634),
    ),
    (
        "gelu(approximate='tanh')",
        *(0.28203858807879, 0.4251937110331, 0.45581784596295, 0.4339013381253),
    ),
    ("mish()", 0.24040388837479, 0.45234219237588, 0.47908375837397, 0.42173638174667),
    ("hard_sigmoid()", 0.5, 0.27763909105651, 0.027702783442687, 0.00076952176229687),
    ("hard_swish()", 0.16621670065612, 0.33156737513791, 0.35853151717861, 0.2584636368015),
    ("relu6()", 0.39894228024508, 0.49999999807527, 0.49999999901341, 0.49999999901341),
]


@pytest.mark.parametrize(("text", *"abcd"), MOMENTS, ids=[row[0] for row in MOMENTS])
def test_gaussian_moments(text, a, b, c, d):
    phi = case(text)
    nodes, weights = np.polynomial.legendre.leggauss(60)
    moments = np.zeros(4)
    edges = np.arange(-12, 13, 1.5)  # every kink is an edge
    for left, right in itertools.pairwise(edges):
        z = (left + right) / 2 + (right - left) / 2 * nodes
        density = np.exp(-z * z / 2) / np.sqrt(2 * np.pi) * weights * (right - left) / 2
        value, slope = phi(z), phi.derivative(z)
        moments += [density @ g for g in (value, value**2, slope**2, slope**4)]
    np.testing.assert_allclose(moments, [a, b, c, d], rtol=1e-13, atol=1e-13)


# --- randomized ReLU --------------------------------------------------------------------------

RRELU = [
    (get("rrelu"), Fraction(2, 11), np.log(8 / 3) / 5, 1 / 24),
    (get("rrelu", convention="pytorch"), Fraction(11, 48), 11 / 48, 0.0561342592592593),
    (get("rrelu", lower=2, upper=4), Fraction(1, 3), np.log(2) / 2, 1 / 8),
    (get("rrelu", lower=0, upper=0.5, convention="pytorch"), Fraction(1, 4), 0.25, 1 / 12),
]


@pytest.mark.parametrize(("phi", "evaluation", "mean", "mean_square"), RRELU)
def test_rrelu_slopes(phi, evaluation, mean, mean_square):
    assert phi(-1.0) == -float(evaluation)
    assert phi.slope.subs(phi.symbol, -1) == sp.Rational(evaluation)
    assert float(phi.mean_slope) == pytest.approx(mean, rel=1e-15)
    assert float(phi.mean_square_slope) == pytest.approx(mean_square, rel=1e-14)
    slopes = phi.sample(7, (400, 500))
    assert slopes.shape == (400, 500)
    error = slopes.std() / np.sqrt(slopes.size)
    assert abs(slopes.mean() - mean) < 4 * error
    square_error = (slopes**2).std() / np.sqrt(slopes.size)
    assert abs((slopes**2).mean() - mean_square) < 4 * square_error
    bounds = sorted(
        1 / phi.parameters[end] if phi.parameters["convention"] == "paper" else phi.parameters[end]
        for end in ("lower", "upper")
    )
    assert (
        bounds[0] <= slopes.min() < bounds[0] + 1e-3 < bounds[1] - 1e-3 < slopes.max() <= bounds[1]
    )


def test_rrelu_conventions_differ_in_distribution():
    paper, uniform = RRELU[0][0].sample(3, 100_000), RRELU[1][0].sample(3, 100_000)
    assert (paper < 11 / 48).mean() == pytest.approx(8 / 11, abs=0.006)
    assert (uniform < 11 / 48).mean() == pytest.approx(1 / 2, abs=0.006)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_rrelu_training_pass(dtype):
    phi = activations.rrelu()
    x = np.random.default_rng(1).normal(size=(50, 40)).astype(dtype)
    output, slopes = phi.train(x, 5)
    assert output.dtype == slopes.dtype == dtype
    np.testing.assert_array_equal(output, slopes * x)
    np.testing.assert_array_equal(slopes[x > 0], 1)
    drawn = phi.sample(np.random.default_rng(5), x.shape).astype(dtype)
    np.testing.assert_array_equal(slopes[x <= 0], drawn[x <= 0])
    assert np.unique(slopes[x <= 0]).size > 100
    np.testing.assert_array_equal(phi.train(x, 5)[0], output)
    assert (phi.train(x, 6)[0] != output).any()


def test_rrelu_training_pass_on_scalars_infinities_and_nan():
    output, slopes = activations.rrelu().train(-2.0, 0)
    assert isinstance(output, np.float64)
    assert isinstance(slopes, np.float64)
    with np.errstate(all="raise"):
        output, slopes = activations.rrelu().train([np.inf, -np.inf, np.nan], 0)
    np.testing.assert_array_equal(output, [np.inf, -np.inf, np.nan])
    assert slopes[0] == 1
    assert np.isnan(slopes[2])


# --- dtypes, shapes, extreme input ------------------------------------------------------------

FLOATS = (np.float16, np.float32, np.float64, np.longdouble)


@st.composite
def float_arrays(draw):
    dtype = np.dtype(draw(st.sampled_from(FLOATS[:3])))
    finite = st.floats(allow_nan=False, allow_infinity=False, width=8 * dtype.itemsize)
    elements = st.one_of(st.sampled_from([-3.0, -0.0, 0.0, 3.0, 6.0, 1e4, -1e4]), finite)
    shape = draw(hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4))
    array = draw(hnp.arrays(dtype, shape, elements=elements))
    if draw(st.booleans()):
        array = array.astype(np.longdouble)
    view = draw(st.sampled_from([lambda a: a, lambda a: a.T, lambda a: a[..., ::-2], np.copy]))
    return view(array) if array.ndim else array


@every_case
@settings(max_examples=40, deadline=None)
@given(x=float_arrays())
def test_any_finite_array_of_any_shape(phi, x):
    before = x.copy()
    for method in (phi, phi.derivative):
        with np.errstate(all="raise"):
            result = method(x)
        assert result.dtype == x.dtype
        assert result.shape == x.shape
        assert not np.isnan(result).any()
        assert isinstance(result, np.ndarray) == bool(x.ndim)
        assert not np.shares_memory(result, x)
        one_by_one = np.array([method(value) for value in x.ravel()], x.dtype).reshape(x.shape)
        tolerance = 1e-2 if x.dtype == np.float16 else 1e-5 if x.dtype == np.float32 else 1e-13
        np.testing.assert_allclose(result, one_by_one, rtol=tolerance, atol=1e-30)
    np.testing.assert_array_equal(x, before)


LIMITS = {  # phi(-inf), phi(inf), slope at -inf, slope at inf
    "linear()": (-np.inf, np.inf, 1, 1),
    "sigmoid()": (0, 1, 0, 0),
    "tanh()": (-1, 1, 0, 0),
    "lecun_tanh()": (-1.7159, 1.7159, 0, 0),
    "softplus()": (0, np.inf, 0, 1),
    "hard_sigmoid()": (0, 1, 0, 0),
    "relu6()": (0, 6, 0, 0),
    "hard_swish()": (0, np.inf, 0, 1),
    "relu(at_zero=0.5)": (0, np.inf, 0, 1),
    "leaky_relu(alpha=0.0)": (0, np.inf, 0, 1),
    "leaky_relu(alpha=0.1)": (-np.inf, np.inf, 0.1, 1),
    "prelu(alpha=-0.5)": (np.inf, np.inf, -0.5, 1),
    "prelu(alpha=0.0)": (0, np.inf, 0, 1),
    "rrelu(lower=3.0, upper=8.0, convention='paper')": (-np.inf, np.inf, 2 / 11, 1),
    "elu(alpha=2.0)": (-2, np.inf, 0, 1),
    "selu()": (-1.758099340847376860, np.inf, 0, 1.0507009873554805),
    "silu(beta=0.0)": (-np.inf, np.inf, 0.5, 0.5),
    "silu(beta=1.0)": (0, np.inf, 0, 1),
    "silu(beta=3.7)": (0, np.inf, 0, 1),
    "gelu(approximate='none')": (0, np.inf, 0, 1),
    "gelu(approximate='tanh')": (0, np.inf, 0, 1),
    "mish()": (0, np.inf, 0, 1),
}


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("text", LIMITS)
def test_infinity_gives_the_limit_and_nan_gives_nan(text, dtype):
    phi = case(text)
    x = np.array([-np.inf, np.inf, np.nan], dtype)
    expected = np.array(LIMITS[text])
    tolerance = max(float(np.finfo(dtype).eps), 2.3e-16)
    with np.errstate(all="raise"):
        value, slope = phi(x), phi.derivative(x)
    np.testing.assert_allclose(value, [*expected[:2], np.nan], rtol=tolerance)
    np.testing.assert_allclose(slope, [*expected[2:], np.nan], rtol=tolerance)


@every_case
def test_nan_among_numbers_stays_where_it_is(phi):
    x = np.array([-1.0, np.nan, 0.5])
    for method in (phi, phi.derivative):
        np.testing.assert_array_equal(np.isnan(method(x)), [False, True, False])


def test_extreme_parameters_give_no_nan():
    x = np.array([-np.inf, -1.7e308, -1.0, -1e-300, 0.0, 1e-300, 1.0, 1.7e308, np.inf])
    for beta in (5e-324, 1e-310, 1e-5, 1e5, 1e300):
        phi = activations.silu(beta=beta)
        with np.errstate(all="raise"):
            assert not np.isnan(phi(x)).any()
            assert not np.isnan(phi.derivative(x)).any()


@pytest.mark.parametrize("dtype", [np.bool_, np.int8, np.uint8, np.int32, np.int64, np.uint64])
def test_integers_and_booleans_become_float64(dtype):
    x = np.array([0, 1, 1], dtype)
    result = activations.gelu()(x)
    assert result.dtype == np.float64
    np.testing.assert_array_equal(result, activations.gelu()(x.astype(np.float64)))
    assert isinstance(activations.relu()(3), np.float64)


def test_byte_order_is_kept():
    x = np.array([-1.0, 2.0], dtype=">f4")
    assert activations.elu()(x).dtype == x.dtype


@pytest.mark.parametrize("x", [1j, "1", None, [object()], 2**100, np.array(["a"])])
@every_case
def test_input_that_is_not_real_is_refused(phi, x):
    with pytest.raises(TypeError, match="x must hold real numbers"):
        phi(x)
    with pytest.raises(TypeError, match="x must hold real numbers"):
        phi.derivative(x)


# --- the object, the registry, invalid parameters ---------------------------------------------


def test_names_are_those_of_the_factories():
    assert set(activations.names()) == {phi.name for phi in CASES}
    for name in activations.names():
        phi = getattr(activations, name)()
        assert phi.name == name
        assert phi == get(name)
    labels = {get(name).label for name in activations.names()}
    assert len(labels) == len(activations.names()) >= 17


@every_case
def test_an_activation_is_a_frozen_value(phi):
    with pytest.raises(dataclasses.FrozenInstanceError):
        phi.name = "other"
    with pytest.raises(TypeError):
        phi.parameters["alpha"] = 1
    twins = [get(phi.name, **phi.parameters), pickle.loads(pickle.dumps(phi)), copy.deepcopy(phi)]
    for twin in twins:
        assert twin == phi
        assert type(twin) is type(phi)
        assert hash(twin) == hash(phi)
        assert twin.expression == phi.expression
    assert sum(phi == other for other in CASES) == 1


def test_parameters_enter_the_expression_exactly():
    assert activations.leaky_relu().slope.subs(sp.Symbol("x", real=True), -1) == sp.Rational(1, 100)
    third = activations.prelu(alpha=1 / 3)
    assert third == activations.prelu(alpha=Fraction(1, 3))
    assert third.slope.subs(third.symbol, -1) == sp.Rational(1, 3)
    assert activations.elu(alpha=0.12345).range.start == -sp.Rational(12345, 100000)


@every_case
def test_symbolic_form_becomes_the_expression(phi):
    form, symbol, parameters = activations.symbolic_form(phi.name)
    assert symbol == phi.symbol
    assert form.free_symbols == {symbol, *parameters.values()}
    if phi == get("gelu", approximate="tanh"):
        return
    values = dict(phi.parameters)
    if phi.name == "rrelu":
        values = {"alpha": phi.slope.subs(symbol, -1)}
    if phi.name == "selu":
        values = {"alpha": activations.SELU_ALPHA, "scale": activations.SELU_SCALE}
    numeric = form.subs({parameters[name]: values[name] for name in parameters})
    for point in (-2, 0, 3):
        assert float(numeric.subs(symbol, point)) == pytest.approx(float(phi(point)), rel=1e-14)


INVALID = [
    ("relu", {"at_zero": 0.3}, ValueError, "at_zero"),
    ("relu", {"at_zero": np.nan}, ValueError, "at_zero"),
    ("relu", {"at_zero": "0"}, TypeError, "at_zero"),
    ("relu", {"at_zero": True}, TypeError, "at_zero"),
    ("leaky_relu", {"alpha": -0.01}, ValueError, "alpha"),
    ("leaky_relu", {"alpha": 1.01}, ValueError, "alpha"),
    ("leaky_relu", {"alpha": np.nan}, ValueError, "alpha"),
    ("leaky_relu", {"alpha": None}, TypeError, "alpha"),
    ("leaky_relu", {"slope": 0.1}, TypeError, "slope"),
    ("prelu", {"alpha": np.inf}, ValueError, "alpha"),
    ("prelu", {"alpha": np.nan}, ValueError, "alpha"),
    ("prelu", {"alpha": 1j}, TypeError, "alpha"),
    ("elu", {"alpha": 0}, ValueError, "alpha"),
    ("elu", {"alpha": -1}, ValueError, "alpha"),
    ("elu", {"alpha": np.inf}, ValueError, "alpha"),
    ("silu", {"beta": -1}, ValueError, "beta"),
    ("silu", {"beta": np.nan}, ValueError, "beta"),
    ("silu", {"beta": np.array([1.0, 2.0])}, TypeError, "beta"),
    ("gelu", {"approximate": "sigmoid"}, ValueError, "approximate"),
    ("gelu", {"approximate": True}, TypeError, "approximate"),
    ("rrelu", {"convention": "keras"}, ValueError, "convention"),
    ("rrelu", {"lower": 8, "upper": 3}, ValueError, "upper"),
    ("rrelu", {"lower": 3, "upper": 3}, ValueError, "upper"),
    ("rrelu", {"lower": 1 / 8, "upper": 1 / 3}, ValueError, "lower"),
    ("rrelu", {"upper": np.inf}, ValueError, "upper"),
    ("rrelu", {"lower": -0.1, "convention": "pytorch"}, ValueError, "lower"),
    ("rrelu", {"upper": 1.1, "convention": "pytorch"}, ValueError, "upper"),
    ("rrelu", {"lower": 0.5, "convention": "pytorch"}, ValueError, "upper"),
    ("sigmoid", {"alpha": 1}, TypeError, "alpha"),
]


@pytest.mark.parametrize(("name", "parameters", "error", "match"), INVALID)
def test_invalid_parameters_are_refused(name, parameters, error, match):
    with pytest.raises(error, match=match):
        get(name, **parameters)


@pytest.mark.parametrize("function", [activations.get, activations.symbolic_form])
def test_unknown_name_is_refused_with_the_known_ones(function):
    with pytest.raises(ValueError, match=r"linear, sigmoid, .*mish; got 'swish'"):
        function("swish")


def test_parameters_are_keyword_only():
    for name in ("relu", "leaky_relu", "prelu", "elu", "silu", "gelu", "rrelu"):
        with pytest.raises(TypeError, match="positional"):
            getattr(activations, name)(1)


@pytest.mark.parametrize("rng", [None, 1.5, True, np.random.RandomState(0)])
def test_randomness_needs_a_generator_or_a_seed(rng):
    with pytest.raises(TypeError, match="rng must be"):
        activations.rrelu().sample(rng, 3)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", activations.names())
def test_written_jointly_as_separately(name, dtype):
    phi = activations.get(name)
    for points in (
        np.linspace(-3, 3, 61), np.linspace(-40, 40, 81), [np.nan, 0.0, 1.0], [-np.inf, np.inf], [],
    ):  # fmt: skip
        x = np.array(points, dtype)
        value, slope = np.empty_like(x), np.empty_like(x)
        with np.errstate(all="ignore"):
            phi.write(x, value, slope)
            expected = phi.kernel(x), phi.derivative_kernel(x)
        room = 40 * np.finfo(dtype).eps
        np.testing.assert_allclose(value, expected[0], rtol=room, atol=room)
        np.testing.assert_allclose(
            slope, expected[1], rtol=2e-3 if dtype == "float32" else 2e-7, atol=0
        )


# Parameters may lie outside the range of float32 and float16, in which the functions compute.
EXTREME = st.sampled_from([1e-320, 1e-50, 1e-9, 1e5, 1e39, 1e300]) | any_number(np.float64)
EXACT = {
    "prelu": (lambda x, a: x if x > 0 else a * x, lambda x, a: mpmath.mpf(1) if x > 0 else a),
    "elu": (
        lambda x, a: x if x > 0 else a * mpmath.expm1(x),
        lambda x, a: mpmath.mpf(1) if x > 0 else a * mpmath.exp(x),
    ),
}  # fmt: skip


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("name", EXACT)
@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_parameters_beyond_the_range_of_the_dtype(name, dtype, data):
    alpha, x = data.draw(EXTREME), data.draw(any_number(dtype))
    alpha = alpha if name == "prelu" else abs(alpha) or 1.0
    phi, limits = activations.get(name, alpha=alpha), np.finfo(dtype)
    with np.errstate(all="raise"):
        found = phi(dtype(x)), phi.derivative(dtype(x))
    with mpmath.workdps(60):
        for value, exact in zip(found, EXACT[name], strict=True):
            wanted = exact(mpmath.mpf(x), mpmath.mpf(alpha))
            if np.isinf(value):
                assert abs(wanted) > float(limits.max) * (1 - 8 * float(limits.eps))
            else:
                allowed = 8 * float(limits.eps) * abs(wanted) + 8 * limits.smallest_subnormal
                assert abs(mpmath.mpf(float(value)) - wanted) <= allowed


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
def test_no_parameter_makes_a_finite_input_no_number(dtype):
    limits = np.finfo(dtype)
    sizes = np.array([0, limits.smallest_subnormal, limits.tiny, 1e-3, 1, 30, limits.max], dtype)
    x = np.concatenate([sizes, -sizes])
    for size in (5e-324, 1e-50, 1e-3, 1.0, 1e39, 1.7e308):
        for phi in (
            activations.prelu(alpha=size), activations.prelu(alpha=-size),
            activations.elu(alpha=size), activations.silu(beta=size),
            activations.rrelu(lower=max(size, 1.0), upper=max(size, 1.0) * 1.05),
        ):  # fmt: skip
            with np.errstate(all="raise"):
                assert not np.isnan([phi(x), phi.derivative(x)]).any(), phi


def test_numbers_beyond_all_floats_are_named():
    for factory, name in ((activations.prelu, "alpha"), (activations.silu, "beta")):
        for value in (10**400, -(10**5000), Fraction(10**400, 3)):
            with pytest.raises(ValueError, match=f"{name} must be finite"):
                factory(**{name: value})
