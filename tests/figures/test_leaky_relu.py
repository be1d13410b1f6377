"""What the figures of the leaky ReLU chapter say, against closed forms and plain NumPy."""

import re

import numpy as np
import pytest
from captions import caption
from matplotlib.figure import Figure

from lib import activations, chain, datasets, initializers, models
from lib.figures import leaky_relu as figures
from lib.simulations import leaky_relu as simulated


def drawn(draw, **parameters) -> dict[str, np.ndarray]:
    """Heights of the labelled lines that a draw function leaves on its axes."""
    ax = Figure().add_subplot()
    draw(ax, **parameters)
    return {str(line.get_label()): np.asarray(line.get_ydata()) for line in ax.get_lines()}


@pytest.mark.parametrize("alpha", [0.0, 0.5, 1.0, 1.25, 2.0])
def test_short_form_is_off_by_what_alpha_exceeds_one(alpha):
    told = caption(figures.as_a_maximum, alpha=alpha)
    if alpha <= 1:
        assert "same function" in told
    else:
        assert f"they are {alpha - 1:g}·|x| apart" in told


def test_the_two_forms_bend_in_opposite_directions_beyond_one():
    lines = drawn(figures.as_a_maximum, alpha=2.0)
    x = figures.ACROSS
    assert np.allclose(lines["leaky(x)"], np.where(x > 0, x, 2 * x))
    assert np.allclose(lines["max(x, αx)"], np.where(x > 0, 2 * x, x))


# E phi'^2 of a standard normal input by alpha, computed with mpmath.
MEAN_SQUARE_SLOPES = {0.0: 0.5, 0.01: 0.50005, 0.1: 0.505, 0.25: 0.53125}


@pytest.mark.parametrize("alpha", MEAN_SQUARE_SLOPES)
def test_predicted_factor_is_the_root_of_the_gaussian_moment(alpha):
    for variance in (1.0, 2.0, 3.0):
        factor = simulated.predicted_factor(alpha, variance)
        assert factor**2 == pytest.approx(variance * MEAN_SQUARE_SLOPES[alpha], rel=1e-12)


@pytest.mark.parametrize(
    ("alpha", "critical"), [(0.0, 2), (0.01, 1.99980001999800), (0.25, 1.88235294117647)]
)
def test_matched_weights_are_critical(alpha, critical):
    assert simulated.weight_variance_for("matched", alpha) == pytest.approx(critical, rel=1e-12)
    told = caption(figures.gradient_by_layer, alpha=alpha, weights="matched")
    assert "factor per layer 1.000 predicted" in told


def test_unknown_weights_are_refused():
    with pytest.raises(ValueError, match="weights must be one of xavier, he, matched; got 'lecun'"):
        simulated.weight_variance_for("lecun", 0.1)


@pytest.mark.parametrize("alpha", [0.25, 1.5])
def test_rescaled_profile_is_the_simulated_one(alpha):
    run = chain.simulate(
        chain.MLP(
            activations.prelu(alpha=alpha),
            depth=simulated.DEPTH,
            width=simulated.WIDTH,
            weight_variance=2.6,
        ),
        batch=1,
        replicas=simulated.REPLICAS,
        seed=0,
    )
    direct = np.log10(run.gradient_norm / run.gradient_norm[:, -1:])
    assert np.allclose(simulated.gradient_profile(alpha, 2.6), direct, atol=1e-9)


@pytest.mark.parametrize("alpha", [0.0, 0.25, 0.5, 1.0, 1.5])
def test_networks_lose_what_the_formula_says(alpha):
    # ln of the squared norm has mean L ln(chi_1) - beta/2 and variance beta, beta = (L-1) V / n.
    spread = 6 * (1 + alpha**4) / (1 + alpha**2) ** 2 - 1
    beta = (simulated.DEPTH - 1) * spread / simulated.WIDTH
    passed = simulated.gradient_profile(alpha, 2.0)[:, 0] * 2 * np.log(10)
    expected = (simulated.DEPTH - 1) * np.log(1 + alpha**2) - beta / 2
    assert passed.mean() == pytest.approx(expected, abs=3 * np.sqrt(beta / simulated.REPLICAS))


def test_line_of_the_prediction_ends_at_one_and_grows_by_the_factor():
    lines = drawn(figures.gradient_by_layer, alpha=1.0, weights="he")
    predicted = lines["predicted"]
    assert predicted[-1] == 1
    assert np.allclose(predicted[:-1] / predicted[1:], np.sqrt(2))
    assert np.all(np.abs(np.log10(lines["measured"] / predicted)) < 1)


@pytest.mark.parametrize(("variance", "alpha"), [(1.0, "1"), (1.6, "0.5"), (2.0, "0")])
def test_slope_that_keeps_the_gradient_is_named(variance, alpha):
    told = caption(figures.factor_per_layer, weight_variance=variance)
    assert f"α = {alpha} keeps the gradient" in told
    assert float(re.search(r"([\d.]+)% of the formula", told)[1]) < 1.5


def test_beyond_he_no_slope_keeps_the_gradient():
    assert "every α makes the gradient grow" in caption(
        figures.factor_per_layer, weight_variance=2.2
    )


def test_silence_begins_after_the_first_layer():
    # 64 random inputs in 4 dimensions practically never lie on one side of a plane (Wendel).
    share, _ = simulated.silent_units(0.01, 4)
    assert share[0] == 0
    assert share[-1] > 0.25


def test_silent_relus_are_the_dead_ones_and_cut_networks_off():
    share, passed = simulated.silent_units(0.0, 4)
    run = chain.simulate(
        chain.MLP("relu", depth=simulated.NARROW_DEPTH, width=4, weight_variance=2.0),
        batch=simulated.EXAMPLES,
        replicas=simulated.NETWORKS,
        seed=0,
    )
    assert np.allclose(share, run.dead_fraction.mean(axis=0))
    # The gradient starts on the last pre-activation, below that layer's own slope.
    cut = (run.dead_fraction[:, :-1] == 1).any(axis=1)
    assert 0 < cut.sum() < simulated.NETWORKS
    assert np.array_equal(np.isneginf(passed), cut)
    told = caption(figures.silent_and_heard, alpha=0.0, width=4)
    assert f"in {simulated.NETWORKS - cut.sum()} of {simulated.NETWORKS} networks" in told


@pytest.mark.parametrize("alpha", [0.001, 0.01, 0.5])
def test_every_leaky_network_is_heard(alpha):
    _, passed = simulated.silent_units(alpha, 4)
    assert np.isfinite(passed).all()


def test_share_of_silent_units_in_the_caption_is_the_mean_over_layers():
    share, passed = simulated.silent_units(0.1, 6)
    told = caption(figures.silent_and_heard, alpha=0.1, width=6)
    assert f"{round(100 * share.mean())}% of the units" in told
    assert float(re.search(r"it is ([\d.]+) times", told)[1]) == pytest.approx(
        10 ** np.median(passed), rel=0.05
    )


def test_a_silent_layer_recovers_by_its_leak_alone():
    # One step of gradient descent by hand, on the layer that starts out silent.
    data, alpha = datasets.digits(400), 0.1
    network = models.Network((64, 32, 10), activations.leaky_relu(alpha=alpha),
                               initializers.he(slope=alpha))  # fmt: skip
    arrays = {name: array[0] for name, array in network.draw([0]).arrays.items()}
    h = data.train_images @ arrays["weight 1"].T - 6
    assert (h <= 0).all(axis=0).mean() == simulated.layer_that_recovers(alpha)[0][0, 0]
    z = np.where(h > 0, h, alpha * h) @ arrays["weight 2"].T
    right, labels = (z.argmax(axis=1) == data.train_labels), data.train_labels
    assert right.mean() == pytest.approx(simulated.layer_that_recovers(alpha)[1][0, 0])
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    error = (p - np.eye(10)[labels]) @ arrays["weight 2"]
    for leak in (0.0, alpha):
        pushed = np.any(error * np.where(h > 0, 1, leak) != 0, axis=0)
        assert pushed.all() if leak else not pushed[(h <= 0).all(axis=0)].any()
    told = figures.recovery((Figure().add_subplot(), Figure().add_subplot()), alpha=0.0)
    assert "99% of the units are silent at the start and 99% after 40 epochs" in told
