"""The scalar chain against exact rational and 60-digit arithmetic."""

from fractions import Fraction

import mpmath as mp
import numpy as np
import pytest

from lib import activations, scalar_chain


def as_fraction(chain, index):
    return Fraction(float(chain.mantissas[index])) * Fraction(2) ** int(chain.exponents[index])


def test_products_are_those_of_rational_arithmetic():
    rng = np.random.default_rng(0)
    slopes, weights = rng.uniform(-0.3, 1.1, 2000), rng.normal(size=2000) * 3
    chain = scalar_chain.scalar(slope=slopes, weight=weights)
    exact = Fraction(1)
    for i, (slope, weight) in enumerate(zip(slopes, weights, strict=True)):
        exact *= Fraction(slope) * Fraction(weight)
        if i % 100 in (0, 55) or i > 1990:
            error = abs(as_fraction(chain, i) / exact - 1)
            assert error < Fraction(1, 10**15)
            assert (chain.mantissas[i] > 0) == (exact > 0)


def test_a_product_that_rounds_up_to_one():
    chain = scalar_chain.scalar(slope=1 / 3, weight=3.0, depth=1)  # 1 - 2**-54 before rounding
    assert as_fraction(chain, 0) == 1


def test_a_quarter_to_the_depth_is_exact():
    chain = scalar_chain.scalar(slope=0.25, depth=5000)
    assert as_fraction(chain, 4999) == Fraction(1, 4**5000)
    assert scalar_chain.scalar(slope=0.25, depth=50).log10_product == pytest.approx(
        -30.1029995664, abs=1e-10
    )


@pytest.mark.parametrize("slope", [0.25, 0.1, 0.9999, 1.01, -0.7])
def test_a_million_layers(slope):
    chain = scalar_chain.scalar(slope=slope, depth=10**6)
    with mp.workdps(60):
        logarithm = 10**6 * mp.log10(abs(mp.mpf(slope)))
        whole = int(mp.floor(logarithm))
        leading = float(mp.mpf(10) ** (logarithm - whole))
        assert chain.log10_product == pytest.approx(float(logarithm), rel=1e-14)
    mantissa, exponent = chain.scientific
    assert exponent == whole
    assert mantissa == pytest.approx(leading, rel=1e-9)


def test_scientific_has_the_sign_of_the_product():
    assert scalar_chain.scalar(slope=-0.5, depth=3).scientific == (-1.25, -1)
    assert scalar_chain.scalar(slope=[1.0, 0.0, 3.0]).scientific == (0.0, 0)
    mantissa, exponent = scalar_chain.scalar(slope=1e-3, depth=1000).scientific
    assert (exponent, mantissa) in [(-3000, pytest.approx(1)), (-3001, pytest.approx(10))]


def test_factors_smaller_than_any_double_count():
    chain = scalar_chain.scalar(slope=[1e-300, 5e-324], weight=[1e-300, 1e-300])
    assert chain.log10_products == pytest.approx([-600, -600 + np.log10(5e-324) - 300])
    assert chain.float64.first_zero == 1


# Powers of two, where rounding is exact: 4**-n and the ranges of IEEE 754 give the depths.
@pytest.mark.parametrize(
    ("dtype", "least_normal", "least_subnormal"),
    [("float16", -14, -24), ("float32", -126, -149), ("float64", -1022, -1074)],
)
def test_depths_of_underflow(dtype, least_normal, least_subnormal):
    chain = scalar_chain.scalar(slope=0.25, depth=600)
    product = getattr(chain, dtype)
    assert product.dtype == product.values.dtype == dtype
    first_subnormal = next(n for n in range(1, 600) if -2 * n < least_normal)
    first_zero = next(n for n in range(1, 600) if -2 * n < least_subnormal)
    # 4**-n halfway to the smallest subnormal rounds to even, which is zero
    assert product.first_subnormal == first_subnormal
    assert product.first_zero == first_zero
    assert product.first_infinite is None
    assert product.value == 0
    assert product.values[first_zero - 2] == 2.0 ** (-2 * (first_zero - 1))


def test_explosion():
    chain = scalar_chain.scalar(slope=1.0, weight=4.0, depth=600)
    assert chain.float16.first_infinite == 8
    assert chain.float32.first_infinite == 64
    assert chain.float64.first_infinite == 512
    assert chain.float64.first_zero is None
    assert chain.log10_product == pytest.approx(600 * np.log10(4))


def test_float_products_are_rounded_step_by_step():
    slopes = np.random.default_rng(1).uniform(0.5, 1.2, 30)
    chain = scalar_chain.scalar(slope=slopes, weight=1.1)
    value = np.float16(1)
    for slope, seen in zip(slopes, chain.float16.values, strict=True):
        value = value * (np.float16(slope) * np.float16(1.1))
        assert seen == value


def test_zero_stays_zero():
    chain = scalar_chain.scalar(slope=[0.5, 0.0, 0.5])
    np.testing.assert_array_equal(chain.mantissas, [0.5, 0, 0])
    np.testing.assert_array_equal(chain.log10_products[1:], [-np.inf, -np.inf])
    assert chain.float16.first_zero == 2


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("sigmoid", {}),
        ("sigmoid", {"weight": -9.0, "x": 0.3}),  # ends in a cycle of two
        ("tanh", {"weight": 2.5, "bias": -0.2, "x": 1.0}),
        ("softplus", {"weight": -3.9, "bias": 2.0, "x": 0.1}),
    ],
)
def test_chain_of_an_activation(name, options):
    depth = 300
    chain = scalar_chain.of_activation(name, depth=depth, **options)
    weight, bias, x = options.get("weight", 1.0), options.get("bias", 0.0), options.get("x", 0.0)
    phi = activations.get(name)
    h, expected = weight * x + bias, []
    for _ in range(depth):
        expected.append(phi.derivative(h))
        h = weight * phi(h) + bias
    np.testing.assert_allclose(chain.slopes, expected, rtol=1e-12)
    np.testing.assert_array_equal(chain.weights, weight)


def test_sigmoid_chain_at_its_fixed_point():
    with mp.workdps(40):
        h = mp.findroot(lambda h: 1 / (1 + mp.exp(-h)) - h, 0.66)
        slope = float(mp.log10(h * (1 - h)))
    chain = scalar_chain.of_activation("sigmoid", depth=10**6)
    logarithms = chain.log10_products
    assert (logarithms[-1] - logarithms[999]) / (10**6 - 1000) == pytest.approx(slope, rel=1e-13)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: scalar_chain.scalar(slope=0.25), ValueError, "depth must be given"),
        (lambda: scalar_chain.scalar(slope=0.25, depth=0), ValueError, "depth"),
        (lambda: scalar_chain.scalar(slope=0.25, depth=-3), ValueError, "depth"),
        (lambda: scalar_chain.scalar(slope=0.25, depth=5.0), TypeError, "depth"),
        (lambda: scalar_chain.scalar(slope=[0.1, 0.2], depth=3), ValueError, "depth"),
        (lambda: scalar_chain.scalar(slope=[0.1, 0.2], weight=[1.0]), ValueError, "depth"),
        (lambda: scalar_chain.scalar(slope=[]), ValueError, "depth"),
        (lambda: scalar_chain.scalar(slope=[[0.1]]), ValueError, "slope"),
        (lambda: scalar_chain.scalar(slope=np.nan, depth=2), ValueError, "slope must be finite"),
        (lambda: scalar_chain.scalar(slope=1, weight=np.inf, depth=2), ValueError, "weight"),
        (lambda: scalar_chain.scalar(slope="0.25", depth=2), TypeError, "slope"),
        (
            lambda: scalar_chain.of_activation("sigmo", depth=2),
            ValueError,
            "activation must be one",
        ),
        (lambda: scalar_chain.of_activation(np.tanh, depth=2), TypeError, "activation"),
        (lambda: scalar_chain.of_activation("tanh", depth=0), ValueError, "depth"),
        (lambda: scalar_chain.of_activation("tanh", depth=2, x=np.nan), ValueError, "x must be"),
        (lambda: scalar_chain.of_activation("tanh", depth=2, weight="1"), TypeError, "weight"),
        (
            lambda: scalar_chain.of_activation("relu", depth=900, weight=9.0, x=1.0),
            ValueError,
            "weight must keep pre-activations finite",
        ),
    ],
)
def test_bad_input_raises(call, error, message):
    with pytest.raises(error, match=message):
        call()
