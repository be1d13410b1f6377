"""What the figures of the PReLU chapter say, against finite differences and closed forms."""

import re

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from lib.figures import prelu as figures
from lib.figures.render import Stage
from lib.simulations import prelu as simulated


def caption(draw, **parameters) -> str:
    return Stage(draw).frame(parameters).caption.replace("−", "-")


def loss(alpha: float) -> float:
    x, targets, (W1, W2, W3) = simulated.small_network()
    inner = W2 @ (np.maximum(W1 @ x, 0) + alpha * np.minimum(W1 @ x, 0))
    outer = W3 @ (np.maximum(inner, 0) + alpha * np.minimum(inner, 0))
    return float(((outer - targets) ** 2).mean() / 2)


@pytest.mark.parametrize("alpha", [-1.5, -0.3, 0.0, 0.25, 0.9, 1.7])
def test_loss_and_gradient_agree_with_plain_numpy_and_finite_differences(alpha):
    value, gradient = simulated.loss_and_gradient(alpha)
    step = 1e-6
    assert value == pytest.approx(loss(alpha), rel=1e-12)
    assert gradient == pytest.approx(
        (loss(alpha + step) - loss(alpha - step)) / (2 * step), rel=1e-5
    )


def test_targets_come_from_the_two_slopes_of_the_teacher():
    x, targets, (W1, W2, W3) = simulated.small_network()
    inner = W2 @ np.where(W1 @ x > 0, W1 @ x, 0.9 * (W1 @ x))
    noise = targets - W3 @ np.where(inner > 0, inner, 0.1 * inner)
    assert noise.std() == pytest.approx(0.1, rel=0.25)


@pytest.mark.parametrize(
    ("first_slope", "valley"), [(0.25, (0.0, 1.0)), (1.5, (0.0, 1.0)), (-1.0, (-2.0, -0.8))]
)
def test_descent_ends_in_the_valley_of_its_start(first_slope, valley):
    best = minimize_scalar(loss, bounds=valley, method="bounded", options={"xatol": 1e-8}).x
    assert simulated.descent(first_slope, 0.5)[-1] == pytest.approx(best, abs=2e-3)


def test_large_learning_rate_overshoots_for_ever():
    alpha = 0.25
    for _ in range(1000):
        alpha -= 1.6 * simulated.loss_and_gradient(alpha)[1]
    following = alpha - 1.6 * simulated.loss_and_gradient(alpha)[1]
    assert abs(following - alpha) > 0.5
    assert np.abs(np.diff(simulated.descent(0.25, 1.6)))[-3:].min() > 0.5


def test_caption_announces_the_next_step():
    told = [
        [float(n) for n in re.findall(r"[-+]?\d+\.\d+", text)]
        for text in (
            caption(figures.learning_the_slope, step=step, rate=0.5, first_slope=0.25)
            for step in (2, 3)
        )
    ]
    (alpha, value, gradient, move), (following, *_) = told
    assert alpha + move == pytest.approx(following, abs=2e-3)
    assert move == pytest.approx(-0.5 * gradient, abs=1e-4)
    assert value == pytest.approx(loss(alpha), abs=5e-4)


def test_slopes_per_channel_go_to_least_squares():
    h, targets = simulated.channels()
    negative = [row < 0 for row in h]
    fitted = [
        np.linalg.lstsq(h[c, side][:, None], targets[c, side], rcond=None)[0][0]
        for c, side in enumerate(negative)
    ]
    per_channel, shared = simulated.learned_slopes(200, 0.0)
    assert np.allclose(per_channel, fitted, atol=1e-10)
    pooled = np.concatenate([h[c, side] for c, side in enumerate(negative)])
    goal = np.concatenate([targets[c, side] for c, side in enumerate(negative)])
    assert shared == pytest.approx((pooled @ goal) / (pooled @ pooled), abs=1e-10)
    assert np.allclose(per_channel, simulated.TRUE_SLOPES, atol=0.05)


def test_weight_decay_shrinks_by_curvature_over_curvature_plus_decay():
    h, _ = simulated.channels()
    curvature = np.where(h < 0, h**2, 0).mean(axis=1)
    free, _ = simulated.learned_slopes(300, 0.0)
    decayed, _ = simulated.learned_slopes(300, 0.5)
    assert np.allclose(decayed, free * curvature / (curvature + 0.5), atol=1e-10)


def test_learning_starts_at_one_quarter():
    per_channel, shared = simulated.learned_slopes(0, 0.0)
    assert np.array_equal(per_channel, np.full(simulated.CHANNELS, 0.25))
    assert shared == 0.25
    told = caption(figures.shared_or_not, step=0, weight_decay=0.0)
    assert "the shared slope is 0.250" in told
    assert "off by at most 0.750" in told


@pytest.mark.parametrize(("alpha", "factor"), [(0.25, "1.000"), (0.5, "1.085"), (-0.5, "1.085")])
def test_factor_after_learning_depends_on_the_squares_of_both_slopes(alpha, factor):
    # sqrt((1 + 0.25) / (1 + 0.0625)) = 1.0847
    told = caption(figures.after_learning, alpha=alpha, designed_for=0.25)
    assert f"factor per layer {factor} predicted" in told


def test_weights_drawn_for_relu_have_variance_two():
    told = caption(figures.after_learning, alpha=1.0, designed_for=0.0)
    assert "σ_w² = 2.000: factor per layer 1.414 predicted" in told
