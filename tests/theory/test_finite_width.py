"""Finite width, batch normalization and singular values against values from elsewhere."""

import numpy as np
import pytest

from lib import activations, chain
from lib.theory import batch_norm, finite_width, isometry

LAYERS = {
    4: (-0.7165726574988079, 2.926362477931524),
    8: (-0.3987772698667566, 1.246989127766659),
    64: (-0.04010859883574569, 0.08299735055644759),
    256: (-0.009828659363802926, 0.01981870890979853),
}


@pytest.mark.parametrize("width", LAYERS)
def test_relu_layer(width):
    found = finite_width.relu_layer(width)
    assert (found.mean, found.variance) == pytest.approx(LAYERS[width], rel=1e-11)


def test_linear_layer():
    found = finite_width.linear_layer(64)
    assert found.mean == pytest.approx(-0.0157063722647393, rel=1e-11)
    assert found.variance == pytest.approx(0.03174336652030209, rel=1e-11)


@pytest.mark.parametrize(
    ("alpha", "constant"), [(0.01, 4.99880024), (0.1, 4.88236447407), (0.25, 4.33564013841), (1, 2)]
)
def test_leading_order(alpha, constant):
    found = finite_width.leading_order([10, 40], alpha=alpha)
    assert found.variance == pytest.approx(constant * 0.125, rel=1e-8)
    assert found.mean == -found.variance / 2


def test_exact_layers_predict_a_simulation():
    run = chain.simulate(
        chain.MLP("relu", depth=31, width=16, weight_variance=2.0), batch=1, replicas=3000
    )
    alive = run.gradient_norm[:, 0] > 0
    squares = 2 * np.log(run.gradient_norm[alive, 0] / run.gradient_norm[alive, -1])
    layer = finite_width.relu_layer(16)
    error = np.sqrt(30 * layer.variance / 3000)
    assert squares.mean() == pytest.approx(30 * layer.mean, abs=4 * error)
    assert squares.var() == pytest.approx(30 * layer.variance, rel=0.12)


# Width, hidden layers: exact for one input, lower bound for one-dimensional inputs.
DEAD = {
    (1, 6): (0.984375, 0.96875),
    (2, 5): (0.7626953125, 0.5996627807617),
    (3, 9): (0.699342198670, 0.513388702153),
    (10, 49): (0.046747009173, 0.0021941),
}


@pytest.mark.parametrize("case", DEAD)
def test_born_dead(case):
    width, hidden = case
    upper, lower = DEAD[case]
    assert finite_width.silenced([width] * hidden) == pytest.approx(upper, rel=1e-9)
    assert finite_width.born_dead_at_least(width, hidden) == pytest.approx(lower, rel=2e-5)


@pytest.mark.parametrize("width", [1, 2, 3, 5])
def test_two_hidden_layers_are_exact(width):
    exact = 4.0**-width * (3 - 2.0 ** (1 - width))
    assert finite_width.born_dead_at_least(width, 2) == pytest.approx(exact, rel=1e-12)


GROWTH = {
    "relu": 1.46694220692, "tanh": 1.17780723230, "sigmoid": 1.03359239004,
    "elu": 1.07901345548, "gelu": 1.31884497087, "mish": 1.21425925529,
    "hard_swish": 1.17961520149, "linear": 1.0,
}  # fmt: skip


@pytest.mark.parametrize("name", GROWTH)
def test_growth_under_batch_normalization(name):
    assert batch_norm.growth(activations.get(name)) == pytest.approx(GROWTH[name], rel=1e-10)


@pytest.mark.parametrize(
    ("batch", "rate"),
    [(8, 1.7881899766587), (32, 1.5219528305519), (512, 1.4700692072846)],
)
def test_growth_for_finite_batches(batch, rate):
    assert batch_norm.relu_growth(batch) == pytest.approx(rate, rel=1e-11)


def test_growth_needs_a_batch():
    with pytest.raises(ValueError, match="batch must be"):
        batch_norm.relu_growth(3)


@pytest.mark.parametrize(
    ("width", "depth", "moment"),
    [(100, 10, 11.601201804531), (200, 10, 11.287584456792), (400, 20, 21.550413934351)],
)
def test_second_moment_of_linear(width, depth, moment):
    assert isometry.second_moment_of_linear(width, depth) == pytest.approx(moment, rel=1e-11)


def test_largest_singular_value_of_linear():
    assert isometry.largest_of_linear(10) == pytest.approx(28.5311670611, rel=1e-11)


@pytest.mark.parametrize(
    ("q", "per_layer"), [(0.01, 7.27323740498e-4), (0.1, 0.039709122523847), (1, 0.58347994136746)]
)
def test_orthogonal_tanh_is_nearly_isometric_for_small_signals(q, per_layer):
    found = isometry.spread(activations.tanh(), depth=7, q=q, initializer="orthogonal")
    assert found == pytest.approx(7 * per_layer, rel=1e-9)


def test_spread_against_singular_values():
    run = chain.simulate(
        chain.MLP("relu", depth=6, width=300, weight_variance=2.0, initializer="orthogonal"),
        batch=1,
        replicas=6,
        measure=chain.Measure(jacobian=True),
    )
    # The Jacobian ends with the last weights, so that one layer of slopes less is crossed.
    squares = np.linalg.svd(run.jacobian, compute_uv=False) ** 2
    squares /= squares.mean(axis=1, keepdims=True)
    expected = isometry.spread(activations.relu(), depth=5, initializer="orthogonal")
    assert squares.var(axis=1).mean() == pytest.approx(expected, rel=0.1)


def test_unknown_initializer_is_refused():
    with pytest.raises(ValueError, match="initializer must be 'normal' or 'orthogonal'"):
        isometry.spread(activations.relu(), depth=3, initializer="he")
