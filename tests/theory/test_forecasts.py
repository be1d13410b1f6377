"""Forecasts against the closed forms they contain, and against networks that are run."""

from dataclasses import replace

import numpy as np
import pytest

from lib import activations, chain, initializers
from lib.theory import Description, batch_norm, forecast, mean_field, residual

WIDE = {"depth": 24, "width": 200}
DRAWN = initializers.normal(weight_variance=2.25, bias_variance=0.1)


def test_a_plain_network_is_that_of_mean_field_theory():
    phi = activations.gelu()
    settings = {"depth": 24, "weight_variance": 2.25, "bias_variance": 0.1}
    found = forecast(Description(activation="gelu", initializer=DRAWN, **WIDE))
    np.testing.assert_allclose(found.q, mean_field.variances(phi, **settings), rtol=1e-12)
    np.testing.assert_allclose(
        found.log10_gradient, mean_field.log10_gradient(phi, **settings), atol=1e-12
    )


@pytest.mark.parametrize("name", ["hard_swish", "leaky_relu", "relu", "rrelu", "sigmoid"])
def test_likeness_is_that_of_the_correlation_map(name):
    phi = activations.get(name)
    network = Description(activation=phi, initializer=DRAWN, input_correlation=-0.4, **WIDE)
    found = forecast(network)
    c, settings = (2.25 * -0.4 + 0.1) / 2.35, {"weight_variance": 2.25, "bias_variance": 0.1}
    for layer in range(1, 24):
        # The map is that of two inputs of one length, as all inputs of a description are.
        q = float(found.q[layer - 1])
        c = mean_field.correlation_map(phi, c, q=q, **settings)
        assert found.correlation[layer] == pytest.approx(c, abs=1e-8)


def test_a_residual_network_may_be_told_by_yes_and_no():
    made = {"activation": "tanh", "initializer": "lecun", **WIDE}
    assert Description(residual=True, **made).residual == 1.0
    assert Description(residual=False, **made).residual is None


@pytest.mark.parametrize("scale", [0.3, 1.0])
def test_a_residual_network_is_that_of_its_theory(scale):
    network = Description(activation="tanh", initializer="lecun", residual=scale, **WIDE)
    settings = {"depth": 24, "weight_variance": 1.0, "branch_scale": scale}
    found = forecast(network)
    np.testing.assert_allclose(found.q, residual.variances(activations.tanh(), **settings))
    np.testing.assert_allclose(
        found.log10_gradient,
        residual.log10_gradient(activations.tanh(), **settings), atol=1e-12,
    )  # fmt: skip


@pytest.mark.parametrize("name", ["relu", "tanh"])
def test_batch_normalization_grows_as_its_theory_says(name):
    network = Description(
        activation=name, initializer="he", normalization="batch", epsilon=0.0, **WIDE
    )
    rate = np.log10(batch_norm.growth(activations.get(name))) / 2
    np.testing.assert_allclose(
        forecast(network).log10_gradient, rate * np.arange(23, -1, -1), atol=1e-10
    )


NETWORKS = {
    "plain": {"activation": "sigmoid", "initializer": "xavier"},
    "the default of PyTorch": {"activation": "relu", "initializer": "pytorch_linear"},
    "orthogonal": {
        "activation": "relu", "initializer": initializers.orthogonal(gain=np.sqrt(2)),
    },
    "chaotic, with biases": {"activation": "tanh", "initializer": DRAWN},
    "residual": {"activation": "gelu", "initializer": "he", "residual": 1.0},
    "residual, with biases": {"activation": "tanh", "initializer": DRAWN, "residual": 0.2},
    "layer": {"activation": "sigmoid", "initializer": DRAWN, "normalization": "layer"},
    "batch": {"activation": "relu", "initializer": "he", "normalization": "batch"},
    "layer, residual": {
        "activation": "elu", "initializer": "lecun", "normalization": "layer", "residual": 1.0,
    },
    "batch, residual": {
        "activation": "relu", "initializer": DRAWN, "normalization": "batch", "residual": 0.5,
    },
}  # fmt: skip


@pytest.mark.parametrize("name", NETWORKS)
def test_networks_that_are_run(name):
    network = Description(**NETWORKS[name], input_correlation=0.3, **WIDE)
    run = chain.simulate(
        network.mlp,
        batch=96,
        replicas=6,
        input_correlation=0.3,
        measure=chain.Measure(rescale=True),
    )
    found = forecast(network)
    settled = {  # within 25% of a factor, or 5% of its logarithm
        "log10_gradient": run.log10_gradient_norm,
        "log10_weight_gradient": run.log10_weight_gradient_norm,
    }
    for quantity, logarithms in settled.items():
        measured = np.log10(np.mean(10 ** (2 * (logarithms - logarithms[:, -1:])), axis=0)) / 2
        predicted = getattr(found, quantity)
        np.testing.assert_allclose(predicted, measured, atol=0.1, rtol=0.05, err_msg=quantity)
    signal = np.log10(np.mean(run.pre_activation_rms**2, axis=0)) / 2
    np.testing.assert_allclose(np.log10(found.q) / 2, signal, atol=0.1, rtol=0.05)
    np.testing.assert_allclose(found.correlation, run.correlation.mean(axis=0), atol=0.1)
    np.testing.assert_allclose(found.saturated, run.saturated_fraction.mean(axis=0), atol=0.03)


@pytest.mark.parametrize("name", ["relu", "tanh"])
def test_what_half_precision_loses(name):
    """Gradients of half precision, counted where the slope of the unit is not 0."""
    network = Description(
        depth=12, width=100, activation=name, initializer=initializers.normal(weight_variance=0.2),
        precision="float16", last_gradient=1e-5,
    )  # fmt: skip
    arrays = chain.simulate(
        network.mlp,
        batch=8,
        replicas=6,
        dtype="float16",
        output_gradient=1e-5 * np.random.default_rng(0).standard_normal((100, 8)),
        measure=chain.Measure(arrays=True),
    ).arrays
    lost = []
    for h, gradient in zip(arrays.pre_activations, arrays.gradients, strict=True):
        alive = network.phi.derivative(h) != 0
        lost.append(np.mean(gradient[alive] == 0))
    assert lost[0] > 0.5 > lost[-1]  # the test sees both ends
    np.testing.assert_allclose(forecast(network).underflow, lost, atol=0.06)
    scaled = forecast(replace(network, loss_scale=2.0**12))
    assert scaled.underflow.max() < 0.2
    assert scaled.overflow.max() == 0


def test_what_overflows():
    exploding = Description(
        depth=12, width=50, activation="relu", initializer=initializers.normal(weight_variance=200),
        precision="float16", last_gradient=1e-20,
    )  # fmt: skip
    run = chain.simulate(
        exploding.mlp,
        replicas=20,
        measure=chain.Measure(arrays=True),
    )
    beyond = [np.mean(np.abs(h) > 65_504) for h in run.arrays.pre_activations]
    # What is typical in a network of finite width is less than its mean square.
    np.testing.assert_allclose(forecast(exploding).overflow[:6], beyond[:6], atol=0.06)
    assert forecast(exploding).overflow[-1] > 0.9
    assert forecast(replace(exploding, precision="bfloat16")).overflow.max() == 0


def test_far_ends():
    """A signal and a gradient beyond double precision are infinite and 0, and nothing is NaN."""
    for variance in (1e-8, 1e8):
        start = initializers.normal(weight_variance=variance)
        found = forecast(Description(depth=120, width=9, activation="relu", initializer=start))
        for values in (found.log10_gradient, found.correlation, found.q, found.underflow):
            assert not np.isnan(values).any()
        assert found.log10_gradient[0] == pytest.approx(119 * np.log10(variance / 2) / 2, rel=1e-6)
    constant = initializers.normal(weight_variance=0, bias_variance=1.0)
    found = forecast(Description(depth=3, width=9, activation="tanh", initializer=constant))
    assert found.log10_gradient.tolist() == [-np.inf, -np.inf, 0]
    assert found.correlation[-1] == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"initializer": "identity"}, "initializer .* does not cover identity"),
        ({"normalization": "group"}, "normalization must be"),
        ({"activation": "maxout"}, "activation must be one of"),
        ({"precision": "int8"}, "precision must be one of"),
        ({"normalization": "layer", "width": 1}, "width must be at least 2"),
        (
            {"normalization": "batch", "initializer": initializers.normal(weight_variance=0)},
            "initializer must have a variance",
        ),
        ({"residual": -1.0}, "residual"),
        ({"depth": 0}, "depth"),
        ({"loss_scale": 0.0}, "loss_scale"),
    ],
)
def test_what_is_not_covered_is_named(change, words):
    with pytest.raises(ValueError, match=words):
        Description(**{"depth": 3, "width": 9, "activation": "relu", "initializer": "he"} | change)


def test_the_network_that_is_described_can_be_simulated():
    settings = {"depth": 3, "width": 5, "normalization": "layer", "residual": 0.5, "epsilon": 0.1}
    described = Description(activation="tanh", initializer="he", **settings)
    assert described.mlp == chain.MLP("tanh", initializer=initializers.he(), **settings)
