"""What the figures of the chapter on recurrent networks say, against independent values."""

import re
from itertools import pairwise

import mpmath
import numpy as np
import pytest
from captions import caption

from lib.figures import drawing, recurrent
from lib.figures.render import Stage
from lib.figures.style import power_of_ten
from lib.simulations import rnn_lstm as simulated


@pytest.mark.parametrize("radius", [0.5, 1.0, 1.4])
def test_linear_networks_follow_the_powers_of_the_radius(radius):
    profile = simulated.gradient_through_time(radius, 0.5, True)
    # Per step, once the largest eigenvalue has taken over.
    per_step = (profile[:, 100] - profile[:, 50]) / 50
    assert np.median(per_step) == pytest.approx(np.log10(radius), abs=0.012)


def test_radius_only_tilts_a_linear_network():
    one, half = (simulated.gradient_through_time(r, 0.5, True) for r in (1.0, 0.5))
    np.testing.assert_allclose(half - one, np.arange(101) * np.log10(0.5) + 0 * one, atol=1e-9)


def test_gradient_through_time_is_the_derivative():
    """Repeat one network with a complex step, which differentiates without any derivative."""
    radius, scale = 1.2, 0.5
    rng = np.random.default_rng(0)
    shape = (simulated.NETWORKS, simulated.UNITS, simulated.UNITS)
    weights = rng.normal(size=shape)[0]
    total = simulated.SETTLING + simulated.STEPS
    weights *= radius / np.abs(np.linalg.eigvals(weights)).max()
    inputs = rng.normal(size=(total, simulated.NETWORKS, simulated.UNITS, 1))[:, 0, :, 0] * scale
    state = rng.normal(size=(simulated.NETWORKS, simulated.UNITS, 1))[0, :, 0]
    delta = rng.normal(size=(simulated.NETWORKS, simulated.UNITS, 1))[0, :, 0]
    steps = 20
    for drive in inputs[:-steps]:
        state = np.tanh(weights @ state + drive)
    moved = state + 1e-30j * np.eye(simulated.UNITS)
    for drive in inputs[-steps:]:
        moved = np.tanh(moved @ weights.T + drive)
    gradient = (moved.imag / 1e-30) @ (delta / np.linalg.norm(delta))
    measured = simulated.gradient_through_time(radius, scale, False)[0, steps]
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
    direct, total = simulated.cell_gradients(1.0, 0.0)
    np.testing.assert_allclose(direct, total, atol=1e-12)
    told = caption(recurrent.direct_and_total, forget_bias=1.0, weight_scale=0.0)
    shares = re.findall(r"([\d.]+·10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+|\d\.\d+)", told)
    assert shares[0] == shares[1]


@pytest.mark.parametrize(("bias", "scale"), [(1.0, 1.0), (3.0, 2.0)])
def test_cell_gradients_against_a_complex_step(bias, scale):
    cells, steps = simulated.CELLS, 12
    rng = np.random.default_rng(0)
    shape = (simulated.CELL_NETWORKS, 4, cells, cells)
    weights = rng.normal(size=shape)[0] * scale / np.sqrt(cells)

    def step(hidden, cell, drive):
        summed = np.einsum("gij,j...->gi...", weights, hidden)
        summed = summed + drive.reshape(4, cells, *[1] * (hidden.ndim - 1))
        summed[0] += bias
        forget, enter, leave = 1 / (1 + np.exp(-summed[:3]))
        cell = forget * cell + enter * np.tanh(summed[3])
        return leave * np.tanh(cell), cell, forget, leave

    hidden = cell = np.zeros(cells)
    for _ in range(simulated.SETTLING + 1):
        drive = rng.normal(size=(simulated.CELL_NETWORKS, 4, cells, 1))[0, :, :, 0]
        hidden, cell, _, leave = step(hidden, cell, drive)
    moved = cell[:, None] + 1e-30j * np.eye(cells)
    shown, product = leave[:, None] * np.tanh(moved), np.ones(cells)
    for _ in range(steps):
        drive = rng.normal(size=(simulated.CELL_NETWORKS, 4, cells, 1))[0, :, :, 0]
        shown, moved, forget, _ = step(shown, moved, drive)
        product = product * forget.real[:, 0]
    total = np.log10(np.sum((moved.imag / 1e-30) ** 2) / cells) / 2
    direct = np.log10(np.mean(product**2)) / 2
    measured = simulated.cell_gradients(bias, scale)
    assert measured[0][0, steps] == pytest.approx(direct, abs=1e-9)
    assert measured[1][0, steps] == pytest.approx(total, abs=1e-9)


@pytest.mark.parametrize("threshold", [0.3, 3.0, 30.0])
def test_descent_follows_the_clipped_gradient(threshold):
    path = simulated.descent(threshold)
    for before, after in pairwise(path[:6]):
        step = 1e-6
        loss = [((before + side) ** 20 - 0.5) ** 2 / 2 for side in (-step, step)]
        slope = (loss[1] - loss[0]) / (2 * step)
        clipped = np.clip(slope, -threshold, threshold)
        assert (before - after) / 0.01 == pytest.approx(clipped, rel=1e-5, abs=1e-7)


def test_without_clipping_the_first_step_leaves_the_picture():
    gradient = 20 * 1.12**19 * (1.12**20 - 0.5)
    told = caption(recurrent.cliff, threshold=1e4)
    assert "Threshold 10000, not reached" in told
    assert f"to −{abs(1.12 - 0.01 * gradient):.2f}, far up" in told
    assert "the loss is" in caption(recurrent.cliff, threshold=1.0)


def test_diagram_names_its_parts():
    stage = Stage(recurrent.lstm_unrolled)
    told = stage.frame({}).caption
    (ax,) = stage.figures[0].axes
    words = [text.get_text() for text in ax.texts]
    for part in ("c₀", "c₁", "c₂", "h₀", "h₁", "h₂", "x₁", "x₂"):
        assert words.count(part) == 1
    for step in "₁₂":
        assert all(words.count(gate + step) == 1 for gate in "figo")
    assert (words.count("tanh"), words.count("×"), words.count("+")) == (2, 6, 2)
    assert "direct path: × f₁ × f₂" in words
    assert "two multiplications, with f₁ and f₂, and two additions" in told


@pytest.mark.parametrize(("weight", "linear"), [(0.9, True), (2.5, False)])
def test_unrolled_unit_against_differences(weight, linear):
    def last(first):
        for read in simulated.READ:
            first = weight * first + read
            first = first if linear else np.tanh(first)
        return first

    start, step = simulated.FIRST_STATE, 1e-6
    states, factors = simulated.unit_through_time(weight, linear)
    assert states[-1] == pytest.approx(last(start), abs=1e-12)
    slope = (last(start + step) - last(start - step)) / (2 * step)
    assert np.prod(factors) == pytest.approx(slope, rel=1e-6)
    told = caption(recurrent.unrolled, weight=weight, linear=linear)
    assert told.endswith(f"{drawing.number(slope)}.")


def test_all_pairs_against_networks_by_hand():
    told = caption(recurrent.all_pairs, weight_scale=1.5, gate_bias=1.0)
    maps = simulated.pair_maps(1.5, 1.0)
    rng, n = np.random.default_rng(0), simulated.MAP_UNITS
    shapes = [(4, n, n), (4, n, n), (4, n)]
    read, weights, _ = (rng.standard_normal(shape) / np.sqrt(n) for shape in shapes)
    x = 0.5 * rng.standard_normal((simulated.MAP_STEPS, n, 1))[..., 0]
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
    maps = simulated.pair_maps(0.0, 5.0)
    assert maps["RNN"][-1, 0] == -np.inf
    # The gates still see the inputs, of standard deviation 1/2, and stay near sigma(5)^16.
    assert maps["LSTM"][-1, 0] == pytest.approx(16 * np.log10(1 / (1 + np.exp(-5))), abs=0.02)
    assert np.isnan(maps["GRU"][0, 5])
    assert (simulated.pair_maps(1.0, 5.0)["GRU"] >= simulated.pair_maps(1.0, -1.0)["GRU"] - 1e-9)[
        -1, 0
    ]
