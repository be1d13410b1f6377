"""What the figures of the chapter on recurrent networks say, against independent values."""

import re

import matplotlib.pyplot as plt
import mpmath
import numpy as np
import pytest

from lib.figures import recurrent
from lib.figures.render import Stage
from lib.figures.style import power_of_ten

SUPERSCRIPT = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


def caption(draw, **parameters) -> str:
    return Stage(draw).frame(parameters).caption


@pytest.mark.parametrize("radius", [0.5, 1.0, 1.4])
def test_linear_networks_follow_the_powers_of_the_radius(radius):
    profile = recurrent.gradient_through_time(radius, 0.5, True)
    # Per step, once the largest eigenvalue has taken over.
    per_step = (profile[:, 100] - profile[:, 50]) / 50
    assert np.median(per_step) == pytest.approx(np.log10(radius), abs=0.012)


def test_radius_only_tilts_a_linear_network():
    one, half = (recurrent.gradient_through_time(r, 0.5, True) for r in (1.0, 0.5))
    np.testing.assert_allclose(half - one, np.arange(101) * np.log10(0.5) + 0 * one, atol=1e-9)


def test_gradient_through_time_is_the_derivative():
    """Repeat one network with a complex step, which differentiates without any derivative."""
    radius, scale = 1.2, 0.5
    rng = np.random.default_rng(0)
    shape = (recurrent.NETWORKS, recurrent.UNITS, recurrent.UNITS)
    weights = rng.normal(size=shape)[0]
    total = recurrent.SETTLING + recurrent.STEPS
    weights *= radius / np.abs(np.linalg.eigvals(weights)).max()
    inputs = rng.normal(size=(total, recurrent.NETWORKS, recurrent.UNITS, 1))[:, 0, :, 0] * scale
    state = rng.normal(size=(recurrent.NETWORKS, recurrent.UNITS, 1))[0, :, 0]
    delta = rng.normal(size=(recurrent.NETWORKS, recurrent.UNITS, 1))[0, :, 0]
    steps = 20
    for drive in inputs[:-steps]:
        state = np.tanh(weights @ state + drive)
    moved = state + 1e-30j * np.eye(recurrent.UNITS)
    for drive in inputs[-steps:]:
        moved = np.tanh(moved @ weights.T + drive)
    gradient = (moved.imag / 1e-30) @ (delta / np.linalg.norm(delta))
    measured = recurrent.gradient_through_time(radius, scale, False)[0, steps]
    assert measured == pytest.approx(np.log10(np.linalg.norm(gradient)), abs=1e-9)


@pytest.mark.parametrize(("bias", "steps"), [(1.0, 2.21267779680087), (0.0, 1.0)])
def test_half_life_of_a_gate(bias, steps):
    told = caption(recurrent.memory_span, forget_bias=bias)
    half = mpmath.findroot(lambda k: (1 / (1 + mpmath.exp(-bias))) ** k - mpmath.mpf(1) / 2, steps)
    assert float(half) == pytest.approx(steps, rel=1e-4)
    assert f"after {float(half):.1f} steps" in told
    assert f"to {float(1 / (1 + mpmath.exp(-bias))):.4f}." in told


def test_memory_after_a_hundred_steps():
    told = caption(recurrent.memory_span, forget_bias=1.0)
    assert "2.5·10⁻¹⁴ of it after 100" in told  # sigma(1)^100 = 2.48437855572e-14


def test_with_deaf_gates_the_line_is_the_only_path():
    direct, total = recurrent.cell_gradients(1.0, 0.0)
    np.testing.assert_allclose(direct, total, atol=1e-12)
    told = caption(recurrent.direct_and_total, forget_bias=1.0, weight_scale=0.0)
    shares = re.findall(r"([\d.]+·10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+|\d\.\d+)", told)
    assert shares[0] == shares[1]


@pytest.mark.parametrize(("bias", "scale"), [(1.0, 1.0), (3.0, 2.0)])
def test_cell_gradients_against_a_complex_step(bias, scale):
    cells, steps = recurrent.CELLS, 12
    rng = np.random.default_rng(0)
    shape = (recurrent.CELL_NETWORKS, 4, cells, cells)
    weights = rng.normal(size=shape)[0] * scale / np.sqrt(cells)

    def step(hidden, cell, drive):
        summed = np.einsum("gij,j...->gi...", weights, hidden)
        summed = summed + drive.reshape(4, cells, *[1] * (hidden.ndim - 1))
        summed[0] += bias
        forget, enter, leave = 1 / (1 + np.exp(-summed[:3]))
        cell = forget * cell + enter * np.tanh(summed[3])
        return leave * np.tanh(cell), cell, forget, leave

    hidden = cell = np.zeros(cells)
    for _ in range(recurrent.SETTLING + 1):
        drive = rng.normal(size=(recurrent.CELL_NETWORKS, 4, cells, 1))[0, :, :, 0]
        hidden, cell, _, leave = step(hidden, cell, drive)
    moved = cell[:, None] + 1e-30j * np.eye(cells)
    shown, product = leave[:, None] * np.tanh(moved), np.ones(cells)
    for _ in range(steps):
        drive = rng.normal(size=(recurrent.CELL_NETWORKS, 4, cells, 1))[0, :, :, 0]
        shown, moved, forget, _ = step(shown, moved, drive)
        product = product * forget.real[:, 0]
    total = np.log10(np.sum((moved.imag / 1e-30) ** 2) / cells) / 2
    direct = np.log10(np.mean(product**2)) / 2
    measured = recurrent.cell_gradients(bias, scale)
    assert measured[0][0, steps] == pytest.approx(direct, abs=1e-9)
    assert measured[1][0, steps] == pytest.approx(total, abs=1e-9)


@pytest.mark.parametrize("weight", [4.0, 4.39, 4.4, 5.0])
def test_slope_of_the_cliff(weight):
    def loss(w):
        state = mpmath.mpf(1) / 2
        for _ in range(50):
            state = 1 / (1 + mpmath.exp(-(w * state + mpmath.mpf(-22) / 10)))
        return (state - mpmath.mpf(7) / 10) ** 2

    with mpmath.workdps(40):
        expected_loss, expected = float(loss(mpmath.mpf(weight))), float(mpmath.diff(loss, weight))
    (found,), (slope,) = recurrent.loss_of_weight(np.array([weight]), recurrent.CLIFF_BIAS)
    assert found == pytest.approx(expected_loss, rel=1e-7)
    assert slope == pytest.approx(expected, rel=1e-5)
    told = caption(recurrent.cliff, weight=weight, clip=5.0)
    told = told.replace("−", "-")
    numbers = [float(n) for n in re.findall(r"-?\d+\.?\d*(?:e[-+]\d+)?(?=[;, .])", told)]
    clipped = np.sign(expected) * min(abs(expected), 5.0)
    assert numbers[0] == pytest.approx(expected, rel=6e-3)
    assert ("not clipped" in told) == (abs(expected) <= 5)
    assert numbers[1] == pytest.approx(-0.05 * clipped, rel=6e-3)
    # The way there, step by step with derivatives of the other arithmetic.
    with mpmath.workdps(40):
        w = mpmath.mpf(weight)
        for _ in range(3):
            slope = mpmath.diff(loss, w)
            w -= mpmath.mpf(5) / 100 * max(-5, min(5, slope))
    assert recurrent.cliff_descent(weight, 5.0)[3] == pytest.approx(float(w), rel=1e-6)
    assert recurrent.cliff_descent(weight, 5.0).shape == (61,)


def test_diagram_names_its_parts():
    figure, ax = plt.subplots()
    told = recurrent.lstm_cell(ax)
    words = [text.get_text() for text in ax.texts]
    for part, symbol in (
        ("forget", "f_t"), ("input", "i_t"), ("candidate", "g_t"), ("output", "o_t"),
        ("cell after,", "c_t"), ("cell before,", "c_{t-1}"), ("hidden state,", "h_t"),
    ):  # fmt: skip
        assert f"{part} ${symbol}$" in words
    assert words.count("tanh") == 2
    assert words.count("σ") == 3
    assert words.count("×") == 3
    assert words.count("+") == 1
    assert "one multiplication, by the forget gate, and one addition" in told
    plt.close(figure)


def test_all_pairs_against_networks_by_hand():
    told = caption(recurrent.all_pairs, weight_scale=1.5, gate_bias=1.0)
    maps = recurrent.pair_maps(1.5, 1.0)
    rng, n = np.random.default_rng(0), recurrent.MAP_UNITS
    shapes = [(4, n, n), (4, n, n), (4, n)]
    read, weights, _ = (rng.standard_normal(shape) / np.sqrt(n) for shape in shapes)
    x = 0.5 * rng.standard_normal((recurrent.MAP_STEPS, n, 1))[..., 0]
    norms = []
    for W, U in zip(1.5 * weights, read, strict=True):
        h, J = np.zeros(n), np.eye(n)
        for drive in x:
            h = np.tanh(W @ h + U @ drive)
            J = (1 - h**2)[:, None] * W @ J
        norms.append(np.log10(np.linalg.norm(J) / np.sqrt(n)))
    assert maps["RNN"][-1, 0] == pytest.approx(np.mean(norms), abs=1e-9)
    assert power_of_ten(float(np.mean(norms))) in told


def test_gates_that_do_not_listen_keep_what_their_bias_says():
    maps = recurrent.pair_maps(0.0, 5.0)
    assert maps["RNN"][-1, 0] == -np.inf
    # The gates still see the inputs, of standard deviation 1/2, and stay near sigma(5)^16.
    assert maps["LSTM"][-1, 0] == pytest.approx(16 * np.log10(1 / (1 + np.exp(-5))), abs=0.02)
    assert np.isnan(maps["GRU"][0, 5])
    assert (recurrent.pair_maps(1.0, 5.0)["GRU"] >= recurrent.pair_maps(1.0, -1.0)["GRU"] - 1e-9)[
        -1, 0
    ]
