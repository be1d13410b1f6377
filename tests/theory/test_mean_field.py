"""Mean-field theory against quadrature at high precision, closed forms and simulation."""

import mpmath
import numpy as np
import pytest
import sympy as sp

from lib import activations, chain
from lib.theory import gaussian, mean_field

# E phi^2, E phi'^2, E phi'^4 for a standard normal input; computed elsewhere to 14 digits.
MOMENTS = {
    "sigmoid": (0.29337903585809, 0.044836241350194, 0.0022856512866789),
    "tanh": (0.39429449039784, 0.46440290244827, 0.34150920731666),
    "lecun_tanh": (0.75043027630506, 0.80398911332035, 0.81725075232254),
    "relu": (0.5, 0.5, 0.5),
    "elu": (0.64494541749292, 0.66810200122317, 0.59441064130197),
    "selu": (1, 1.0715749924558, 1.5113529023875),
    "softplus": (0.9212459088593, 0.29337903585809, 0.13159431306638),
    "silu": (0.35577551981735, 0.37948235163283, 0.28658057687961),
    "gelu": (0.4252214825703, 0.45585086564929, 0.43395583885634),
    "mish": (0.45234219237588, 0.47908375837397, 0.42173638174667),
    "hard_sigmoid": (0.27763909105651, 0.027702783442687, 0.00076952176229687),
    "hard_swish": (0.33156737513791, 0.35853151717861, 0.2584636368015),
    "relu6": (0.49999999807527, 0.49999999901341, 0.49999999901341),
}


@pytest.mark.parametrize("name", MOMENTS)
def test_moments(name):
    phi = activations.get(name)
    breaks = gaussian.kinks(phi)
    found = [
        float(gaussian.expectation(f, 1.0, breaks=breaks))
        for f in (
            lambda h: phi(h) ** 2,
            lambda h: phi.derivative(h) ** 2,
            lambda h: phi.derivative(h) ** 4,
        )
    ]
    assert found == pytest.approx(MOMENTS[name], rel=5e-13)


@pytest.mark.parametrize("q", [1e-6, 0.3, 45.0, 1e4])
@pytest.mark.parametrize("name", ["tanh", "gelu", "hard_swish"])
def test_expectation_against_high_precision(name, q):
    phi = activations.get(name)
    function = sp.lambdify(phi.symbol, phi.expression, "mpmath")
    scale = mpmath.sqrt(q)
    kinks = [mpmath.mpf(k) / scale for k in gaussian.kinks(phi)]
    points = sorted(
        {*kinks, mpmath.mpf(0), *(s * mpmath.mpf(2) ** k for s in (-1, 1) for k in range(-12, 5))}
    )
    points = [p for p in points if abs(p) <= 16]
    expected = mpmath.quad(lambda z: function(scale * z) ** 2 * mpmath.npdf(z), [-20, *points, 20])
    found = gaussian.expectation(lambda h: phi(h) ** 2, q, breaks=gaussian.kinks(phi))
    assert float(found) == pytest.approx(float(expected), rel=1e-12)


@pytest.mark.parametrize("bad", [-1.0, np.nan, np.inf])
def test_variance_must_be_a_variance(bad):
    with pytest.raises(ValueError, match="variance must be finite and at least 0"):
        gaussian.expectation(np.tanh, bad)


# Weights, biases, q*, chi_1; computed elsewhere.
FIXED = [
    ("tanh", 0.5, 0.05, 0.0875798651867940, 0.431987381820932),
    ("tanh", 1.5, 0.05, 0.418037200533478, 0.938636268198851),
    ("tanh", 2.25, 0.0, 0.793354042606778, 1.139323224985486),
    ("tanh", 4.0, 0.05, 2.195493928034488, 1.342402414445192),
    ("sigmoid", 1.0, 0.0, 0.264686875181893, 0.0557207067697018),
    ("sigmoid", 16.0, 0.0, 5.855403564410189, 0.398879006543736),
    ("sigmoid", 100.0, 0.0, 44.20744182528244, 0.985806055481979),
]


@pytest.mark.parametrize(("name", "weights", "biases", "q_star", "chi_1"), FIXED)
def test_fixed_points(name, weights, biases, q_star, chi_1):
    at = mean_field.fixed_point(
        activations.get(name), weight_variance=weights, bias_variance=biases
    )
    assert (at.q_star, at.chi_1) == pytest.approx((q_star, chi_1), rel=1e-10)
    assert at.depth_scale == pytest.approx(1 / abs(np.log(chi_1)), rel=1e-8)


def test_signals_that_die_or_explode():
    dead = mean_field.fixed_point(activations.relu(), weight_variance=1.0)
    assert dead.q_star == 0
    wild = mean_field.fixed_point(activations.relu(), weight_variance=3.0)
    assert wild.q_star == np.inf
    assert wild.chi_1 == pytest.approx(1.5)


def test_a_variance_that_does_not_settle_is_told():
    with pytest.raises(RuntimeError, match="has not settled after 2000 layers"):
        mean_field.fixed_point(activations.tanh(), weight_variance=1.0)


TANH_LINE = [(0.1, 1.1775690961646, 8.32280424686e-4), (1, 2.15330264890279, 0.150964629378553)]


@pytest.mark.parametrize(("q", "weights", "biases"), TANH_LINE)
def test_critical_line_of_tanh(q, weights, biases):
    found = mean_field.critical_line(activations.tanh(), q)
    assert [float(f) for f in found] == pytest.approx([weights, biases], rel=1e-9)


def test_critical_sigmoid_without_biases():
    weights, biases = mean_field.critical_line(activations.sigmoid(), 45.6242777973797)
    assert float(weights) == pytest.approx(103.007553855519, rel=1e-11)
    assert float(biases) == pytest.approx(0, abs=1e-9)


def test_correlation_map_of_relu_is_the_arc_cosine_kernel():
    c = 0.0
    for expected in (1 / np.pi, 0.493731090200):
        c = mean_field.correlation_map(activations.relu(), c, q=2.3, weight_variance=2.0)
        assert c == pytest.approx(expected, rel=1e-10)
    for fixed in (1.0, -1.0):
        c = mean_field.correlation_map(activations.relu(), fixed, q=1.0, weight_variance=2.0)
        assert c == pytest.approx((1 + fixed) / 2, abs=1e-12)


def test_slope_of_the_correlation_map_at_one_is_chi():
    q, weights = 0.793354042606778, 2.25
    near = 1 - 1e-6
    after = mean_field.correlation_map(activations.tanh(), near, q=q, weight_variance=weights)
    assert (1 - after) / 1e-6 == pytest.approx(1.139323224985486, rel=1e-5)


# Decimal logarithm of the gradient at layer 1 of 50, relative to layer 50; computed elsewhere.
DEPTH_50 = [
    ("sigmoid", 1.0, -30.7722477153),
    ("sigmoid", 1 / 3, -41.6426864099),
    ("tanh", 1.0, -0.917388041791),
    ("tanh", 2.25, 1.22938278712),
    ("tanh", 1 / 3, -11.8165981159),
    ("relu", 2.0, 0.0),
    ("relu", 1.0, -7.37523489377),
    ("relu", 1 / 3, -19.0647056344),
    ("selu", 1.0, 0.735552961169),
    ("elu", 1.0, -1.22742053292),
    ("elu", 2.0, 1.14059276896),
]


@pytest.mark.parametrize(("name", "weights", "expected"), DEPTH_50)
def test_gradient_after_fifty_layers(name, weights, expected):
    found = mean_field.log10_gradient(activations.get(name), depth=50, weight_variance=weights)
    assert found.shape == (50,)
    assert found[0] == pytest.approx(expected, abs=2e-9)
    assert found[-1] == 0


@pytest.mark.parametrize(
    ("name", "weights", "biases"),
    [("sigmoid", 1.0, 0.0), ("tanh", 2.25, 0.05), ("gelu", 2.5, 0.1), ("leaky_relu", 1.5, 0.0)],
)
def test_layer_by_layer_against_simulation(name, weights, biases):
    phi = activations.get(name)
    run = chain.simulate(
        chain.MLP(phi, depth=15, width=500, weight_variance=weights, bias_variance=biases),
        batch=1,
        replicas=24,
        seed=3,
    )
    q = mean_field.variances(phi, depth=15, weight_variance=weights, bias_variance=biases)
    simulated = run.pre_activation_rms**2
    error = simulated.std(axis=0, ddof=1) / np.sqrt(run.replicas)
    assert np.all(np.abs(simulated.mean(axis=0) - q) <= 4 * error + 0.01 * q)
    measured = run.log10_gradient_norm - run.log10_gradient_norm[:, -1:]
    predicted = mean_field.log10_gradient(
        phi, depth=15, weight_variance=weights, bias_variance=biases
    )
    error = measured.std(axis=0, ddof=1) / np.sqrt(run.replicas)
    assert np.all(np.abs(measured.mean(axis=0) - predicted) <= 4 * error + 0.02)
    assert error.max() < 0.04


# Weights, biases, slope of the variance map at its fixed point; computed elsewhere.
@pytest.mark.parametrize(
    ("name", "weights", "biases", "chi_q"),
    [
        ("tanh", 0.5, 0.05, 0.3711218758),
        ("tanh", 1.76, 0.05, 0.5183149523),
        ("tanh", 2.25, 0.05, 0.455863623),
        ("tanh", 2.25, 0.0, 0.5046777602),
        ("sigmoid", 1 / 3, 0.0, 0.01920703712),
        ("sigmoid", 1.0, 0.0, 0.0495055579),
    ],
)
def test_how_fast_the_variance_settles(name, weights, biases, chi_q):
    at = mean_field.fixed_point(
        activations.get(name), weight_variance=weights, bias_variance=biases
    )
    assert at.chi_q == pytest.approx(chi_q, abs=2e-10)
    assert at.variance_scale == pytest.approx(-1 / np.log(chi_q), rel=1e-8)


def test_a_dying_signal_settles_as_the_gradient_does():
    at = mean_field.fixed_point(activations.tanh(), weight_variance=0.5)
    assert (at.q_star, at.chi_q) == (0, at.chi_1)


def test_phase_diagram_is_many_fixed_points():
    phi, weights, biases = activations.tanh(), [0.5, 2.25, 4.0], [[0.05], [0.0]]
    q, chi_1 = mean_field.phase_diagram(phi, weights, biases)
    assert q.shape == (2, 3)
    expected = [0.0875798651867940, 0.889424917282491, 2.195493928034488]
    np.testing.assert_allclose(q[0], expected, rtol=1e-11)
    np.testing.assert_allclose(chi_1[0, 1:], [1.092337929486261, 1.342402414445192], rtol=1e-11)
    assert chi_1[1, 1] == pytest.approx(1.139323224985486, rel=1e-11)
    q, chi_1 = mean_field.phase_diagram(activations.relu(), [1.0, 3.0], 0.1)
    np.testing.assert_allclose(q, [0.2, np.inf], rtol=1e-12)
    np.testing.assert_allclose(chi_1, [0.5, 1.5], rtol=1e-12)
    with pytest.raises(ValueError, match="bias_variance"):
        mean_field.phase_diagram(phi, 1.0, -0.1)


def test_correlation_fixed_point_by_sampling():
    phi, weights, biases = activations.tanh(), 4.0, 0.05
    c = mean_field.correlation_fixed_point(phi, weight_variance=weights, bias_variance=biases)
    q = 2.195493928034488
    z, y = np.random.default_rng(0).standard_normal((2, 4_000_000))
    products = np.tanh(np.sqrt(q) * z) * np.tanh(np.sqrt(q) * (c * z + np.sqrt(1 - c**2) * y))
    assert (weights * products.mean() + biases) / q == pytest.approx(c, abs=2e-3)
    assert 0 < c < 0.9


def test_without_biases_unlike_inputs_become_unrelated():
    # An odd function: from a positive correlation below 1, the map leads to 0.
    c = mean_field.correlation_fixed_point(activations.tanh(), weight_variance=2.25)
    assert c == pytest.approx(0, abs=1e-9)
    with pytest.raises(ValueError, match="settle at a positive value"):
        mean_field.correlation_fixed_point(activations.tanh(), weight_variance=0.5)


def test_a_vanished_signal_of_relu_keeps_half_of_the_slopes():
    relu = activations.relu()
    at = mean_field.fixed_point(relu, weight_variance=0.5)
    assert (at.q_star, at.chi_1) == (0, pytest.approx(0.25, rel=1e-12))
    q, chi_1 = mean_field.phase_diagram(relu, [0.5, 1.0])
    np.testing.assert_allclose(q, 0, atol=1e-29)
    np.testing.assert_allclose(chi_1, [0.25, 0.5], rtol=1e-12)
