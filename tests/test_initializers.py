"""Initializers against published variances, limits and exact properties."""

import math

import numpy as np
import pytest

from lib import initializers

DENSE = [
    (initializers.normal(weight_variance=2.5), 2.5 / 300),
    (initializers.uniform(weight_variance=2.5), 2.5 / 300),
    (initializers.lecun(), 1 / 300),
    (initializers.lecun(distribution="uniform"), 1 / 300),
    (initializers.xavier(), 2 / 500),
    (initializers.xavier(gain=5 / 3, distribution="normal"), 25 / 9 * 2 / 500),
    (initializers.he(), 2 / 300),
    (initializers.he(slope=0.25, distribution="uniform"), 1.88235294117647 / 300),
    (initializers.he(mode="fan_out"), 2 / 200),
    (initializers.pytorch_linear(), 1 / 900),
]


@pytest.mark.parametrize(("initializer", "variance"), DENSE, ids=lambda value: str(value))
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_drawn_weights_have_the_stated_law(initializer, variance, dtype):
    weights = initializer.weights(7, (5, 200, 300), dtype=dtype)
    n = weights.size
    assert weights.dtype == dtype
    assert initializer.variance(300, 200) == pytest.approx(variance, rel=1e-12)
    assert initializer.weight_variance(300, 200) == pytest.approx(300 * variance, rel=1e-12)
    assert abs(weights.mean(dtype=float)) < 4 * math.sqrt(variance / n)
    kurtosis = 1.8 if initializer.distribution == "uniform" else 3.0
    sampled = (weights.astype(float) ** 2).mean()
    assert sampled == pytest.approx(variance, rel=4 * math.sqrt((kurtosis - 1) / n))
    fourth = (weights.astype(float) ** 4).mean() / variance**2
    assert fourth == pytest.approx(kurtosis, rel=0.05)
    if initializer.distribution == "uniform":
        limit = initializer.limit(300, 200)
        assert limit * 0.999 < np.abs(weights).max() <= limit * (1 + 1e-6)


def test_published_limits_at_width_100():
    assert initializers.xavier().limit(100, 100) == pytest.approx(0.173205080756888, rel=1e-14)
    assert math.sqrt(initializers.he().variance(100, 100)) == pytest.approx(0.14142135623731)
    he = initializers.he(distribution="uniform")
    assert he.limit(100, 100) == pytest.approx(0.244948974278318, rel=1e-14)
    assert initializers.pytorch_linear().limit(100, 7) == pytest.approx(0.1, rel=1e-14)
    assert initializers.he(slope=0.01).weight_variance(100, 3) == pytest.approx(1.99980001999800)
    assert initializers.he(slope=0.1).weight_variance(64, 64) == pytest.approx(1.98019801980198)


@pytest.mark.parametrize("shape", [(6, 6), (3, 8, 5), (3, 5, 8), (2, 1, 4)])
def test_orthogonal_matrices(shape):
    weights = initializers.orthogonal(gain=1.5).weights(1, shape)
    values = np.linalg.svd(weights, compute_uv=False)
    np.testing.assert_allclose(values, 1.5, rtol=1e-13)
    variance = initializers.orthogonal(gain=1.5).variance(shape[-1], shape[-2])
    assert (weights**2).mean() == pytest.approx(variance)


def test_orthogonal_matrices_are_uniformly_distributed():
    # Haar measure: E (tr Q)^2 = 1 and E tr Q = 0; plain QR without the signs fails the first.
    traces = np.trace(initializers.orthogonal().weights(2, (20_000, 3, 3)), axis1=1, axis2=2)
    assert traces.mean() == pytest.approx(0, abs=4 / math.sqrt(20_000))
    assert (traces**2).mean() == pytest.approx(1, abs=0.05)


def test_identity():
    np.testing.assert_array_equal(initializers.identity().weights(0, (2, 3, 3)), [np.eye(3)] * 2)
    weights = initializers.identity(gain=2.0).weights(0, (4, 6))
    assert (weights**2).mean() == pytest.approx(initializers.identity(gain=2.0).variance(6, 4))


@pytest.mark.parametrize(
    ("initializer", "variance", "kurtosis"),
    [
        (initializers.normal(bias_variance=0.3), 0.3, 3.0),
        (initializers.uniform(bias_variance=0.3), 0.3, 1.8),
        (initializers.orthogonal(bias_variance=0.3), 0.3, 3.0),
        (initializers.pytorch_linear(), 1 / 300, 1.8),
        (initializers.pytorch_linear(bias_variance=0.3), 0.3, 1.8),
    ],
)
def test_biases(initializer, variance, kurtosis):
    biases = initializer.biases(3, (100, 1000), fan_in=100)
    assert (biases**2).mean() == pytest.approx(variance, rel=0.02)
    assert (biases**4).mean() == pytest.approx(kurtosis * variance**2, rel=0.05)


@pytest.mark.parametrize("name", initializers.names())
def test_no_bias_unless_asked_for(name):
    biases = initializers.get(name, bias_variance=0.0).biases(3, (4, 5), fan_in=9)
    np.testing.assert_array_equal(biases, np.zeros((4, 5)))


@pytest.mark.parametrize("name", initializers.names())
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_a_stack_is_its_parts_one_after_the_other(name, dtype):
    initializer = initializers.get(name)
    rng = np.random.default_rng(4)
    parts = [initializer.weights(rng, (3, 5), dtype=dtype) for _ in range(4)]
    stack = initializer.weights(4, (4, 3, 5), dtype=dtype)
    assert stack.dtype == dtype
    np.testing.assert_array_equal(stack, parts)


def test_equality_hash_and_representation():
    assert initializers.he(slope=0.1) == initializers.get("he", slope=0.1)
    assert hash(initializers.he()) == hash(initializers.get("he"))
    assert initializers.he(slope=0.1) != initializers.he()
    assert initializers.xavier() != initializers.xavier(distribution="normal")
    for name in initializers.names():
        made = initializers.get(name)
        assert eval(repr(made), vars(initializers)) == made
    with pytest.raises(TypeError):
        initializers.he().parameters["slope"] = 1.0


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: initializers.get("kaiming"), ValueError, "name must be one of normal"),
        (lambda: initializers.get("he", gain=2.0), TypeError, "gain"),
        (lambda: initializers.normal(weight_variance=-1.0), ValueError, "weight_variance"),
        (lambda: initializers.normal(weight_variance=math.nan), ValueError, "weight_variance"),
        (lambda: initializers.uniform(weight_variance="1"), TypeError, "weight_variance"),
        (lambda: initializers.normal(weight_variance=True), TypeError, "weight_variance"),
        (lambda: initializers.lecun(bias_variance=-0.1), ValueError, "bias_variance"),
        (lambda: initializers.lecun(distribution="cauchy"), ValueError, "distribution"),
        (lambda: initializers.xavier(gain=-1), ValueError, "gain"),
        (lambda: initializers.he(mode="fan_avg"), ValueError, "mode"),
        (lambda: initializers.he(slope=math.inf), ValueError, "slope"),
        (lambda: initializers.orthogonal(gain=None), TypeError, "gain"),
        (lambda: initializers.pytorch_linear(bias_variance=-1), ValueError, "bias_variance"),
        (lambda: initializers.he().limit(3, 3), ValueError, "distribution"),
        (lambda: initializers.he().variance(0, 3), ValueError, "fan_in"),
        (lambda: initializers.he().variance(3, 2.0), TypeError, "fan_out"),
        (lambda: initializers.he().weights(0, (3,)), ValueError, "shape"),
        (lambda: initializers.he().weights(0, (0, 3)), ValueError, "fan_out"),
        (lambda: initializers.he().weights("0", (3, 3)), TypeError, "rng"),
        (lambda: initializers.he().weights(0.5, (3, 3)), TypeError, "rng"),
        (lambda: initializers.he().weights(-1, (3, 3)), ValueError, "rng"),
        (lambda: initializers.he().weights(True, (3, 3)), TypeError, "rng"),
        (lambda: initializers.he().biases(0, (3,), fan_in=0), ValueError, "fan_in"),
    ],
)
def test_bad_input_raises(call, error, message):
    with pytest.raises(error, match=message):
        call()
