"""Chains against finite differences, the complex step, mean-field theory and exact laws."""

import tracemalloc
from dataclasses import fields, replace

import numpy as np
import pytest
import sympy as sp
from scipy import special

from lib import activations, chain, initializers
from lib.chain import _engine

SMALL = {"depth": 4, "width": 5, "batch": 4, "replicas": 2, "bias_variance": 0.1, "seed": 3}


def parted(description, settings):
    """Settings of a description, of what to measure, and of a simulation, told by their names."""
    names = ({f.name for f in fields(kind)} for kind in (description, chain.Measure))
    parts = [{k: settings[k] for k in settings if k in known} for known in names]
    rest = {k: v for k, v in settings.items() if not any(k in part for part in parts)}
    return *parts, rest


def simulated(activation, **settings):
    network, measure, rest = parted(chain.MLP, settings)
    return chain.simulate(
        chain.MLP(activation, **network), measure=chain.Measure(**measure), **rest
    )


def swept(names, **settings):
    grid, measure, rest = parted(chain.Grid, settings)
    return chain.sweep(chain.Grid(names, **grid), measure=chain.Measure(**measure), **rest)


def complex_step_function(phi):
    """The activation on complex numbers; pieces are chosen by the real part."""
    modules = [{"erf": special.erf}, "numpy"]
    if not isinstance(phi.expression, sp.Piecewise):
        return sp.lambdify(phi.symbol, phi.expression, modules)
    pieces = [
        (sp.lambdify(phi.symbol, e, modules), sp.lambdify(phi.symbol, c, modules))
        for e, c in phi.expression.args
    ]

    def function(z):
        result, left = np.empty_like(z), np.ones(z.shape, bool)
        for expression, condition in pieces:
            here = left & np.broadcast_to(condition(z.real), z.shape)
            result[here] = np.broadcast_to(expression(z), z.shape)[here]
            left &= ~here
        return result

    return function


def layer(phi, h, weights, bias, normalization, residual, first):
    """One layer, written down again: samples in columns."""
    affine = weights @ (h if first else phi(h)) + bias[..., None]
    if normalization is not None:
        axis = -1 if normalization == "batch" else -2
        centered = affine - affine.mean(axis, keepdims=True)
        affine = centered / np.sqrt((centered**2).mean(axis, keepdims=True) + 1e-5)
    return affine if residual is None or first else h + residual * affine


def tail(phi, h, start, kept, replica, normalization, residual):
    """The last pre-activation from that of layer `start` (the input for -1)."""
    for i in range(start + 1, len(kept.weights)):
        weights, bias = kept.weights[i][replica], kept.biases[i][replica]
        h = layer(phi, h, weights, bias, normalization, residual, i == 0)
    return h


def perturbed(array, step):
    """A stack: one copy an entry, with `step` added to that entry."""
    basis = np.eye(array.size).reshape(array.size, *array.shape)
    return array + step * basis


def close(actual, expected):
    return np.abs(actual - expected).max() <= 1e-7 * np.abs(expected).max()


@pytest.mark.parametrize("normalization", [None, "batch", "layer"])
@pytest.mark.parametrize("residual", [None, 0.7])
@pytest.mark.parametrize("name", activations.names())
def test_backward_is_the_derivative_of_forward(name, normalization, residual):
    real = activations.get(name)
    complex_phi = complex_step_function(real)
    direction = np.random.default_rng(5).standard_normal((5, 4))
    run = simulated(
        real,
        **SMALL,
        normalization=normalization,
        residual=residual,
        weight_variance=1.5,
        output_gradient=direction,
        arrays=True,
    )
    kept, replica, epsilon, h = run.arrays, 1, 1e-30, 1e-5

    def loss(phi, signal, start):
        last = tail(phi, signal, start, kept, replica, normalization, residual)
        return (direction * last).sum(axis=(-1, -2))

    signals = [kept.x, *kept.pre_activations]
    gradients = [kept.input_gradient, *kept.gradients]
    for start, (signal, gradient) in enumerate(zip(signals, gradients, strict=True), start=-1):
        point = signal[replica]
        step = loss(complex_phi, perturbed(point, 1j * epsilon), start).imag / epsilon
        assert close(gradient[replica].ravel(), step)
        plus, minus = (loss(real, perturbed(point, s), start) for s in (h, -h))
        central = (plus - minus) / (2 * h)
        assert np.abs(gradient[replica].ravel() - central).max() <= 1e-7 * np.abs(central).max()


@pytest.mark.parametrize("normalization", [None, "batch", "layer"])
@pytest.mark.parametrize("residual", [None, 0.7])
def test_parameter_gradients_are_derivatives(normalization, residual):
    phi = complex_step_function(activations.tanh())
    direction = np.random.default_rng(5).standard_normal((5, 4))
    options = {"normalization": normalization, "residual": residual, "output_gradient": direction}
    run = simulated("tanh", **SMALL, **options, arrays=True)
    kept, epsilon = run.arrays, 1e-30
    for i in range(4):
        below = (kept.x if i == 0 else kept.pre_activations[i - 1])[0]
        for weights, bias, gradient in (
            (perturbed(kept.weights[i][0], 1j * epsilon), kept.biases[i][0], kept.weight_gradients),
            (kept.weights[i][0], perturbed(kept.biases[i][0], 1j * epsilon), kept.bias_gradients),
        ):
            h = layer(phi, below.astype(complex), weights, bias, normalization, residual, i == 0)
            last = tail(phi, h, i, kept, 0, normalization, residual)
            step = (direction * last).sum(axis=(-1, -2)).imag / epsilon
            gradient = gradient[i][0].ravel()
            scale = np.abs(kept.weight_gradients[i][0]).max()
            assert np.abs(gradient - step).max() <= 1e-7 * scale


@pytest.mark.parametrize("batch", [1, 2, 5, 12])
def test_statistics_are_those_of_the_arrays(batch):
    run = chain.simulate(
        chain.MLP("relu", depth=3, width=[6, 5, 7], input_width=4, bias_variance=0.2),
        batch=batch,
        replicas=3,
        measure=chain.Measure(arrays=True, histogram_edges=[-1.0, 0.0, 0.5, 3.0]),
    )
    kept = run.arrays
    for r in range(3):
        for i in range(3):
            h, a, g = kept.pre_activations[i][r], kept.activations[i][r], kept.gradients[i][r]
            assert run.pre_activation_mean[r, i] == pytest.approx(h.mean())
            assert run.pre_activation_rms[r, i] == pytest.approx(np.sqrt((h**2).mean()))
            assert run.activation_mean[r, i] == pytest.approx(a.mean())
            assert run.activation_rms[r, i] == pytest.approx(np.sqrt((a**2).mean()))
            assert run.dead_fraction[r, i] == pytest.approx((h <= 0).all(axis=1).mean())
            assert run.saturated_fraction[r, i] == pytest.approx((h <= 0).mean())
            assert run.gradient_norm[r, i] == pytest.approx(np.linalg.norm(g))
            assert run.gradient_rms[r, i] == pytest.approx(np.sqrt((g**2).mean()))
            assert run.log10_gradient_norm[r, i] == pytest.approx(np.log10(np.linalg.norm(g)))
            weight = np.linalg.norm(kept.weight_gradients[i][r])
            assert run.weight_gradient_norm[r, i] == pytest.approx(weight)
            for name, values in (("pre_activation", h), ("activation", a)):
                counts = np.histogram(values, run.histogram_edges)[0]
                shares = getattr(run, f"{name}_histogram")[r, i]
                np.testing.assert_allclose(shares, counts / values.size)
            if batch >= 2:
                pairs = range(0, batch - 1, 2)
                norms = np.linalg.norm(h, axis=0)
                cosines = [h[:, p] @ h[:, p + 1] / (norms[p] * norms[p + 1]) for p in pairs]
                assert run.correlation[r, i] == pytest.approx(np.mean(cosines))
            else:
                assert np.isnan(run.correlation[r, i])


# Mean-field predictions and their simulations at width 500 with tolerances; 40-digit quadrature.
@pytest.mark.parametrize(
    ("name", "weight_variance", "depth", "expected", "tolerance"),
    [
        ("sigmoid", 1, 10, -5.69258004417, 0.03),
        ("sigmoid", 1, 50, -30.7722477153, 0.15),
        ("tanh", 1, 50, -0.917388041791, 0.15),
        ("tanh", 2.25, 50, 1.22938278712, 0.25),
        ("tanh", 1 / 3, 50, -11.8165981159, 0.15),
        ("elu", 1, 50, -1.22742053292, 0.2),
        ("selu", 1, 50, 0.735552961169, 0.25),
    ],
)
def test_gradient_ratio_follows_mean_field_theory(
    name, weight_variance, depth, expected, tolerance
):
    run = chain.simulate(
        chain.MLP(name, depth=depth, width=300, weight_variance=weight_variance),
        batch=2,
        replicas=8,
    )
    assert np.log10(np.mean(run.gradient_ratio**2)) / 2 == pytest.approx(expected, abs=tolerance)


def test_pytorch_default_loses_the_gradient_of_relu():
    run = chain.simulate(
        chain.MLP("relu", depth=50, width=300, initializer="pytorch_linear", bias_variance=0.0),
        batch=2,
        replicas=8,
    )
    assert np.median(run.log10_gradient_ratio) == pytest.approx(-19.0647, abs=0.3)


@pytest.mark.parametrize(
    ("width", "mean", "variance"), [(32, -4.1270, 8.8749), (64, -2.0054, 4.1499)]
)
def test_relu_signal_is_log_normal_at_finite_width(width, mean, variance):
    count = 1500 if width == 32 else 600
    # Exact law of the squared norm after 50 layers from independent chi-squared factors.
    run = chain.simulate(
        chain.MLP("relu", depth=51, width=width, initializer="he"),
        batch=1,
        replicas=count,
        dtype="float32",
    )
    squares = np.log(run.activation_rms[:, -1] ** 2 / run.activation_rms[:, 0] ** 2)
    error = np.sqrt(variance / count)
    assert squares.mean() == pytest.approx(mean, abs=4 * error)
    assert squares.var() == pytest.approx(variance, rel=4 * np.sqrt(2 / count))
    gradients = 2 * np.log(run.gradient_ratio)
    assert gradients.mean() == pytest.approx(mean, abs=4.5 * error)
    assert gradients.var() == pytest.approx(variance, rel=5 * np.sqrt(2 / count))


@pytest.mark.parametrize(
    ("width", "hidden", "probability"),
    [(1, 6, 0.984375), (2, 5, 0.7626953125), (4, 10, 0.475539524951), (5, 20, 0.470050715317)],
)
def test_probability_that_a_layer_is_dead_on_one_input(width, hidden, probability):
    replicas = 4000
    run = chain.simulate(
        chain.MLP("relu", depth=hidden, width=width, initializer="he"), batch=1, replicas=replicas
    )
    died = (run.dead_fraction == 1).any(axis=1).mean()
    error = np.sqrt(probability * (1 - probability) / replicas)
    assert died == pytest.approx(probability, abs=4 * error)


@pytest.mark.parametrize(("batch", "rate"), [(8, 1.7881899766587), (32, 1.5219528305519)])
def test_batch_normalization_makes_gradients_explode(batch, rate):
    run = chain.simulate(
        chain.MLP("relu", depth=16, width=600, normalization="batch", epsilon=1e-9),
        batch=batch,
        replicas=6,
    )
    squares = (run.gradient_rms**2).mean(axis=0)
    assert (squares[2] / squares[14]) ** (1 / 12) == pytest.approx(rate, rel=0.012)


def second_moment(width, depth):
    """Exact mean of (1/N) tr (J J^T)^2 for Gaussian J, a product of `depth` matrices."""
    a = b = 1.0
    for _ in range(depth):
        a, b = (1 + 1 / width) * a + b, b + 2 * a / width**2
    return a


def test_second_moment_of_the_jacobian():
    assert second_moment(100, 10) == pytest.approx(11.601201804531, rel=1e-12)
    run = chain.simulate(
        chain.MLP("linear", depth=10, width=50),
        batch=1,
        replicas=400,
        measure=chain.Measure(jacobian=True),
    )
    second = (run.singular_values**4).mean(axis=1)
    error = second.std() / np.sqrt(400)
    assert error < 0.4
    assert second.mean() == pytest.approx(second_moment(50, 10), abs=4 * error)


def test_orthogonal_linear_chain_is_an_isometry():
    options = {"depth": 30, "width": 20, "batch": 2, "replicas": 3, "jacobian": True}
    run = simulated("linear", initializer="orthogonal", **options)
    np.testing.assert_allclose(run.singular_values, 1, rtol=1e-12)
    np.testing.assert_allclose(run.gradient_ratio, 1, rtol=1e-12)


@pytest.mark.parametrize("normalization", [None, "layer"])
@pytest.mark.parametrize("residual", [None, 0.5])
def test_jacobian_is_the_derivative_by_the_input(normalization, residual):
    options = {"normalization": normalization, "residual": residual}
    run = simulated("tanh", **SMALL, **options, input_width=3, jacobian=True, arrays=True)
    phi = complex_step_function(activations.tanh())
    x = perturbed(run.arrays.x[1, :, :1], 1e-30j)
    last = tail(phi, x, -1, run.arrays, 1, normalization, residual)
    assert close(run.jacobian[1], last[..., 0].imag.T / 1e-30)
    expected = np.linalg.svd(run.jacobian[1])[1]
    np.testing.assert_allclose(run.singular_values[1], expected)


def test_correlation_follows_the_arc_cosine_map():
    run = chain.simulate(
        chain.MLP("relu", depth=11, width=400, initializer="he"),
        batch=20,
        input_correlation=0.0,
        replicas=10,
    )
    average = run.correlation.mean(axis=0)
    # Layer 1 keeps the cosine 0; the map is [sqrt(1 - c^2) + (pi - arccos c) c] / pi.
    assert average[0] == pytest.approx(0, abs=0.02)
    assert average[1] == pytest.approx(1 / np.pi, abs=0.02)
    assert average[5] == pytest.approx(0.735946350628, abs=0.02)
    assert average[10] == pytest.approx(0.871535516022, abs=0.02)


@pytest.mark.parametrize("correlation", [-1.0, -0.3, 0.0, 0.9, 1.0])
def test_inputs_have_the_stated_correlation_and_rms(correlation):
    options = {**SMALL, "input_width": 40, "input_correlation": correlation}
    x = simulated("tanh", **options, arrays=True).arrays.x
    cosines = np.mean(x[..., 0::2] * x[..., 1::2], axis=1)
    np.testing.assert_allclose(cosines, correlation, atol=1e-12)
    np.testing.assert_allclose(np.mean(x**2, axis=1), 1)


FIELDS = ["pre_activation_rms", "activation_mean", "dead_fraction", "correlation"]


@pytest.mark.parametrize("normalization", [None, "batch", "layer"])
@pytest.mark.parametrize("residual", [None, 0.5])
@pytest.mark.parametrize("initializer", ["normal", "uniform", "orthogonal"])
def test_sweep_is_simulate_at_every_point(normalization, residual, initializer):
    names, variances, depths = ["relu", "tanh", "gelu"], [0.5, 2.0], [3, 7, 1]
    options = {
        "width": 6,
        "batch": 4,
        "replicas": 3,
        "seed": 11,
        "normalization": normalization,
        "residual": residual,
        "bias_variance": 0.1,
        "initializer": initializer,
        "histogram_edges": [-1, 0, 1],
    }
    grid = swept(names, weight_variances=variances, depths=depths, **options)
    assert grid.gradient_norm.shape == (3, 2, 3, 3, 7)
    for i, name in enumerate(names):
        for j, variance in enumerate(variances):
            for k, depth in enumerate(depths):
                run = simulated(name, depth=depth, weight_variance=variance, **options)
                for field in ("gradient_rms", "weight_gradient_norm", "log10_gradient_norm"):
                    values = getattr(grid, field)[i, j, k]
                    np.testing.assert_allclose(
                        values[:, :depth], getattr(run, field), rtol=1e-9, atol=1e-15
                    )  # the logarithm of 1 is 0 up to rounding
                    assert np.isnan(values[:, depth:]).all()
                for field in [*FIELDS, "pre_activation_histogram"]:
                    values = getattr(grid, field)[i, j][:, :depth]
                    np.testing.assert_allclose(values, getattr(run, field), rtol=1e-9, atol=1e-12)
                np.testing.assert_allclose(grid.gradient_ratio[i, j, k], run.gradient_ratio)


@pytest.mark.parametrize("initializer", ["normal", "uniform", "orthogonal", "pytorch_linear"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_blocks_and_number_of_replicas_change_nothing(initializer, dtype, monkeypatch):
    options = {**SMALL, "initializer": initializer, "dtype": dtype, "jacobian": True}
    few = simulated("elu", **{**options, "replicas": 3})
    monkeypatch.setattr(_engine, "bytes_per_replica", lambda setup: 10)
    blocks = simulated("elu", **{**options, "replicas": 7}, memory_limit=20)
    for field in ("gradient_norm", "pre_activation_rms", "weight_gradient_norm", "jacobian"):
        np.testing.assert_array_equal(getattr(few, field), getattr(blocks, field)[:3])
    assert blocks.gradient_norm.shape[0] == len(np.unique(blocks.gradient_norm[:, 0])) == 7


def test_seeds_differ_and_a_generator_is_a_seed():
    first, again, other = (
        simulated("tanh", **{**SMALL, "seed": seed}).gradient_norm
        for seed in (np.random.default_rng(1), np.random.default_rng(1), 1)
    )
    np.testing.assert_array_equal(first, again)
    assert (first[:, 0] != other[:, 0]).all()


def test_output_gradient_can_be_any_loss():
    by_function = simulated("tanh", **SMALL, output_gradient=lambda h: h / 4, arrays=True)
    last = by_function.arrays.pre_activations[-1]
    by_array = simulated("tanh", **SMALL, output_gradient=last / 4)
    np.testing.assert_allclose(by_function.gradient_norm, by_array.gradient_norm)
    direction = simulated("tanh", **SMALL, arrays=True)
    np.testing.assert_allclose(direction.gradient_norm[:, -1], 1)


def test_given_inputs_are_used():
    x = np.random.default_rng(0).standard_normal((5, 4))
    run = simulated("tanh", **SMALL, x=x, arrays=True)
    np.testing.assert_array_equal(run.arrays.x, [x, x])
    stacked = simulated("tanh", **SMALL, x=np.stack([-x, x]), memory_limit=1, arrays=True)
    np.testing.assert_array_equal(stacked.arrays.x, [-x, x])
    np.testing.assert_array_equal(run.gradient_norm[1], stacked.gradient_norm[1])


def test_histogram_bins_are_closed_as_in_numpy():
    x = np.array([[-2.0, -1.0, -0.5, 0.0, 0.25, 1.0, 1.5, 2.0]])
    edges = [-1.0, 0.0, 1.0]
    run = chain.simulate(
        chain.MLP("linear", depth=1, width=1, initializer="identity"),
        batch=8,
        x=x,
        replicas=2,
        measure=chain.Measure(histogram_edges=edges),
    )
    expected = np.histogram(x, edges)[0] / 8
    np.testing.assert_array_equal(run.activation_histogram[:, 0], [expected, expected])


@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_rescaling_removes_underflow_and_nothing_else(dtype):
    depth = {"float16": 60, "float32": 400}[dtype]
    options = {**SMALL, "depth": depth, "width": 30, "weight_variance": 16, "dtype": dtype}
    seen = simulated("sigmoid", **options)
    rescaled = simulated("sigmoid", **options, rescale=True)
    normal = rescaled.gradient_norm > 1e3 * float(np.finfo(dtype).smallest_normal)
    assert normal.all(axis=0).sum() >= 5
    for field in ("gradient_norm", "weight_gradient_norm"):
        expected, actual = getattr(rescaled, field)[normal], getattr(seen, field)[normal]
        np.testing.assert_allclose(actual, expected, rtol=1e-2)
    assert (seen.gradient_norm[:, 0] == 0).all()
    assert np.isneginf(seen.log10_gradient_norm[:, 0]).all()
    # one decade in about five layers, as far as the chain goes
    assert (np.diff(rescaled.log10_gradient_norm[:, ::20], axis=1) > 2).all()


def test_float16_holds_what_float16_can():
    kept = simulated("tanh", **SMALL, dtype="float16", arrays=True).arrays
    for arrays in (kept.weights, kept.pre_activations, kept.activations, kept.gradients):
        for array in arrays:
            np.testing.assert_array_equal(array, array.astype(np.float16))


def test_float32_run_is_float64_run_of_the_same_weights():
    options = {**SMALL, "depth": 3}
    run = simulated("tanh", **options, dtype="float32", arrays=True)
    assert run.arrays.weights[0].dtype == run.arrays.gradients[0].dtype == np.float32
    h = run.arrays.x.astype(float)
    for i, (w, b) in enumerate(zip(run.arrays.weights, run.arrays.biases, strict=True)):
        h = layer(np.tanh, h, w.astype(float), b.astype(float), None, None, i == 0)
    np.testing.assert_allclose(run.arrays.pre_activations[-1], h, rtol=1e-4, atol=1e-5)


def test_logarithm_of_a_gradient_that_underflows():
    # Mean-field slope per layer at the fixed point: 0.62699169177879 decades (40-digit quadrature).
    options = {"depth": 1000, "width": 64, "batch": 1, "replicas": 2}
    run = simulated("sigmoid", **options, rescale=True)
    assert (run.gradient_norm[:, 0] == 0).all()
    slope = (run.log10_gradient_norm[:, 900] - run.log10_gradient_norm[:, 100]) / 800
    np.testing.assert_allclose(slope, 0.62699169177879, rtol=0.03)


def test_norms_do_not_underflow_before_their_entries():
    tiny = np.full((5, 4), 1e-170)
    run = simulated("linear", **SMALL, output_gradient=tiny)
    unit = simulated("linear", **SMALL, output_gradient=tiny * 1e170)
    np.testing.assert_allclose(run.gradient_norm * 1e170, unit.gradient_norm, rtol=1e-12)
    np.testing.assert_allclose(
        run.weight_gradient_norm * 1e170, unit.weight_gradient_norm, rtol=1e-12
    )


def test_depth_ten_thousand():
    run = chain.simulate(
        chain.MLP("relu", depth=10_000, width=64, initializer="he"), batch=16, replicas=1
    )
    assert run.gradient_rms.shape == (1, 10_000)


def test_memory_is_what_is_stated():
    tracemalloc.start()
    chain.simulate(chain.MLP("relu", depth=500, width=64, initializer="he"), batch=16, replicas=1)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 0.6e9 / 20


def test_explosion_is_infinite_and_silent():
    run = chain.simulate(
        chain.MLP("relu", depth=400, width=20, weight_variance=1e4), replicas=2, batch=2
    )
    assert np.isinf(run.pre_activation_rms[:, -1]).all() or np.isnan(run.activation_rms).any()


def test_progress_bar_is_shown_on_request_only(capsys):
    simulated("tanh", **SMALL)
    assert capsys.readouterr().err == ""


OK = {"depth": 3, "width": 4}


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"depth": -1}, ValueError, "depth must be at least 1; got -1"),
        ({"depth": 0}, ValueError, "depth"),
        ({"depth": 2.0}, TypeError, "depth must be an integer"),
        ({"width": 0}, ValueError, "width must be at least 1; got 0"),
        ({"width": [4, 4]}, ValueError, "width must be one integer or 3"),
        ({"width": [4, 0, 4]}, ValueError, "width"),
        ({"width": "4"}, TypeError, "width"),
        ({"width": 2.5}, TypeError, "width"),
        ({"batch": 0}, ValueError, "batch"),
        ({"replicas": 0}, ValueError, "replicas"),
        ({"replicas": True}, TypeError, "replicas"),
        ({"weight_variance": -1.0}, ValueError, "weight_variance"),
        ({"weight_variance": float("nan")}, ValueError, "weight_variance"),
        ({"weight_variance": "2"}, TypeError, "weight_variance"),
        ({"weight_variance": 1.0, "initializer": "he"}, ValueError, "weight_variance must be left"),
        ({"weight_variance": 1.0, "initializer": initializers.he()}, ValueError, "weight_variance"),
        ({"bias_variance": -0.1}, ValueError, "bias_variance"),
        ({"initializer": "best"}, ValueError, "initializer must be one of normal"),
        ({"initializer": 3}, TypeError, "initializer"),
        ({"normalization": "group"}, ValueError, "normalization"),
        ({"normalization": "batch", "batch": 1}, ValueError, "batch must be at least 2"),
        ({"normalization": "layer", "width": 1}, ValueError, "width must be at least 2"),
        ({"normalization": "batch", "jacobian": True}, ValueError, "jacobian"),
        ({"epsilon": -1e-5}, ValueError, "epsilon"),
        ({"residual": "yes"}, TypeError, "residual"),
        ({"residual": float("inf")}, ValueError, "residual"),
        ({"residual": 1.0, "width": [4, 5, 4]}, ValueError, "width must be the same"),
        ({"seed": "0"}, TypeError, "seed"),
        ({"seed": 0.0}, TypeError, "seed"),
        ({"seed": -1}, ValueError, "seed"),
        ({"seed": None}, TypeError, "seed"),
        ({"dtype": "int64"}, ValueError, "dtype"),
        ({"dtype": "longdouble"}, ValueError, "dtype"),
        ({"x": np.full((4, 16), np.nan)}, ValueError, "x must be finite"),
        ({"x": np.zeros((4, 3))}, ValueError, "x must have shape"),
        ({"x": np.zeros((4, 16), complex)}, TypeError, "x must hold real"),
        ({"x": np.zeros((4, 16)), "input_correlation": 0.0}, ValueError, "input_correlation"),
        ({"input_width": 0}, ValueError, "input_width"),
        ({"input_correlation": 1.5}, ValueError, "input_correlation"),
        ({"input_correlation": 0.5, "batch": 3}, ValueError, "even batch"),
        ({"output_gradient": np.full((4, 16), np.inf)}, ValueError, "output_gradient"),
        ({"output_gradient": np.zeros((3, 16))}, ValueError, "output_gradient must have shape"),
        ({"output_gradient": lambda h: h[0]}, ValueError, "output_gradient must return shape"),
        ({"saturation_threshold": -0.1}, ValueError, "saturation_threshold"),
        ({"histogram_edges": [1.0]}, ValueError, "histogram_edges"),
        ({"histogram_edges": [1.0, 0.0]}, ValueError, "histogram_edges"),
        ({"memory_limit": 0}, ValueError, "memory_limit"),
        ({"arrays": True, "rescale": True}, ValueError, "arrays must be False with rescale"),
    ],
)
def test_bad_input_raises(changes, error, message):
    with pytest.raises(error, match=message):
        simulated("tanh", **{**OK, **changes})


@pytest.mark.parametrize(
    ("activation", "error"), [("tanhh", ValueError), (np.tanh, TypeError), (None, TypeError)]
)
def test_bad_activation_raises(activation, error):
    with pytest.raises(error, match=r"activation|name"):
        simulated(activation, **OK)


@pytest.mark.parametrize(
    ("names", "changes", "error", "message"),
    [
        ("tanh", {}, TypeError, "activations must be a sequence"),
        ([], {}, ValueError, "activations must not be empty"),
        (["tanh"], {"depths": []}, ValueError, "depths"),
        (["tanh"], {"depths": [0]}, ValueError, "depths"),
        (["tanh"], {"depths": [2, 2]}, ValueError, "depths must be different"),
        (["tanh"], {"depths": 2}, TypeError, "depths"),
        (["tanh"], {"weight_variances": [-1]}, ValueError, "weight_variances"),
        (["tanh"], {"weight_variances": [1, np.nan]}, ValueError, "weight_variances"),
        (["tanh"], {"initializer": "he"}, ValueError, "initializer"),
        (["tanh"], {"width": [3, 3]}, TypeError, "width"),
        (["tanh"], {"seed": 1.5}, TypeError, "seed"),
    ],
)
def test_bad_grid_raises(names, changes, error, message):
    with pytest.raises(error, match=message):
        swept(names, **{"depths": [2], "width": 3, **changes})


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: chain.simulate("tanh"), r"network must be such as MLP.*got 'tanh'"),
        (lambda: chain.simulate(chain.Grid(["tanh"], depths=[2], width=3)), "network must be"),
        (lambda: chain.sweep(chain.MLP("tanh", **OK)), "grid must be such as Grid"),
        (lambda: chain.simulate(chain.MLP("tanh", **OK), measure="jacobian"), "measure must be"),
        (lambda: swept(["tanh"], depths=[2], width=3, jacobian=True), "measure must be without"),
        (lambda: swept(["tanh"], depths=[2], width=3, arrays=True), "measure must be without"),
    ],
)
def test_what_is_no_description_is_refused(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()


def test_descriptions_of_the_same_network_are_equal():
    network = chain.MLP("relu", depth=3, width=[4, 4, 4], residual=True)
    assert network == chain.MLP(activations.relu(), depth=3, width=(4, 4, 4), residual=1.0)
    assert hash(network) == hash(replace(network, depth=np.int64(3)))
    assert replace(network, depth=2, width=4).sizes == (4, 4, 4)
    assert chain.simulate(network, replicas=1).network == network
    grid = chain.Grid(["relu"], depths=[2, 5], width=4, weight_variances=np.array([1.0, 2.0]))
    assert grid == chain.Grid(("relu",), depths=(2, 5), width=4, weight_variances=[1, 2])
    assert chain.sweep(grid, replicas=1).grid == grid


def test_edges_of_a_measure_cannot_be_changed():
    given = np.array([0.0, 1.0])
    measure = chain.Measure(histogram_edges=given)
    given[0] = 0.5
    assert measure == chain.Measure(histogram_edges=[0, 1])
    with pytest.raises(ValueError, match="read-only"):
        measure.histogram_edges[0] = 0.5
