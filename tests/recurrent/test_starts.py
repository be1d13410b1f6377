"""Initial weights, against eigenvalues, singular values and the distributions of their papers."""

import math

import numpy as np
import pytest

from lib import initializers
from lib.recurrent import GRU, LRU, LSTM, RNN, Selective, Start, TwoLayers

CELLS = {
    "rnn": RNN(3, 16),
    "lstm": LSTM(3, 16),
    "1997": LSTM(3, 16, forget=False),
    "gru": GRU(3, 16),
}


def blocks(cell, weights):
    matrix = weights["recurrent"]
    return matrix.reshape(len(matrix), cell.gates, cell.units, cell.units)


@pytest.mark.parametrize("name", CELLS)
def test_default_is_pytorchs(name):
    cell = CELLS[name]
    weights = Start().draw(cell, range(300))
    assert {k: v.shape for k, v in weights.items()} == {
        k: (300, *shape) for k, shape in cell.shapes.items()
    }
    most = 1 / math.sqrt(cell.units)
    for part in ("recurrent", "input"):
        values = weights[part].ravel()
        assert 0.999 * most < np.abs(values).max() <= most
        assert values.mean() == pytest.approx(0, abs=4 * most / math.sqrt(3 * values.size))
        assert values.var() == pytest.approx(most**2 / 3, rel=0.02)
        assert np.mean(values**4) == pytest.approx(most**4 / 5, rel=0.04)
    if "recurrent_bias" in weights:
        for part in ("bias", "recurrent_bias"):
            assert 0.99 * most < np.abs(weights[part]).max() <= most
            assert weights[part].var() == pytest.approx(most**2 / 3, rel=0.05)
    else:  # the sum of two
        assert most < np.abs(weights["bias"]).max() <= 2 * most
        assert weights["bias"].var() == pytest.approx(2 * most**2 / 3, rel=0.05)


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize(
    "start",
    [
        Start(), Start(recurrent=initializers.orthogonal()), Start(singular_value=0.9),
        Start(recurrent=initializers.normal(), inputs=initializers.xavier(), spectral_radius=0.95),
    ],
)  # fmt: skip
def test_a_replica_depends_on_its_seed_alone(name, start):
    cell = CELLS[name]
    together = start.draw(cell, [3, 1, 4])
    for position, seed in enumerate([3, 1, 4]):
        for part, values in start.draw(cell, [seed]).items():
            assert values.tobytes() == together[part][position].tobytes()
    others = start.draw(cell, [5])
    assert all(not np.array_equal(values[0], together[k][0]) for k, values in others.items())


@pytest.mark.parametrize("name", CELLS)
def test_orthogonal_blocks_keep_every_length(name):
    cell = CELLS[name]
    start = Start(recurrent=initializers.orthogonal(gain=1.5), biases="zero")
    weights = start.draw(cell, range(4))
    for block in blocks(cell, weights).reshape(-1, 16, 16):
        np.testing.assert_allclose(block @ block.T, 2.25 * np.eye(16), atol=1e-12)
    assert not weights["bias"].any()
    many = blocks(cell, weights)
    if cell.gates > 1:
        assert not np.allclose(many[:, 0], many[:, 1])


def test_identity_and_glorot():
    cell = CELLS["lstm"]
    weights = Start(recurrent=initializers.identity(), inputs=initializers.xavier()).draw(cell, [0])
    np.testing.assert_array_equal(
        blocks(cell, weights)[0], np.broadcast_to(np.eye(16), (4, 16, 16))
    )
    many = Start(inputs=initializers.xavier()).draw(cell, range(200))["input"]
    limit = math.sqrt(6 / (3 + 16))  # of one block: the fans are 3 and 16, not 3 and 64
    assert 0.999 * limit < np.abs(many).max() <= limit


@pytest.mark.parametrize("name", CELLS)
def test_given_sizes(name):
    cell = CELLS[name]
    by_radius = Start(recurrent=initializers.normal(), spectral_radius=0.95).draw(cell, range(3))
    radii = np.abs(np.linalg.eigvals(blocks(cell, by_radius))).max(axis=-1)
    np.testing.assert_allclose(radii, 0.95, rtol=1e-12)
    by_value = Start(singular_value=1.25).draw(cell, range(3))
    values = np.linalg.svd(blocks(cell, by_value), compute_uv=False)
    np.testing.assert_allclose(values[..., 0], 1.25, rtol=1e-12)
    unscaled = Start().draw(cell, range(3))
    ratio = blocks(cell, by_value) / blocks(cell, unscaled)
    np.testing.assert_allclose(ratio, ratio[..., :1, :1] * np.ones((16, 16)), rtol=1e-12)
    for part in set(unscaled) - {"recurrent"}:
        np.testing.assert_array_equal(by_value[part], unscaled[part])


def test_forget_bias_sets_the_gate_and_nothing_else():
    for name in ("lstm", "gru"):
        cell = CELLS[name]
        plain, biased = (Start(forget_bias=b).draw(cell, [0, 1]) for b in (None, 2.5))
        total = biased["bias"] + biased.get("recurrent_bias", 0)
        np.testing.assert_array_equal(total[:, 16:32], 2.5)
        for part in cell.shapes:
            rest = np.arange(len(plain[part][0]))
            if "bias" in part:
                rest = np.delete(rest, slice(16, 32))
            np.testing.assert_array_equal(plain[part][:, rest], biased[part][:, rest])
    # What it is for: gates near sigma(2.5), which an input of 0 leaves there.
    cell = CELLS["lstm"]
    weights = Start(forget_bias=2.5, biases="zero").draw(cell, [0])
    trace = cell.forward(weights, np.zeros((5, 3, 1)))
    np.testing.assert_allclose(trace.kept["forget_gate"], 1 / (1 + math.exp(-2.5)), rtol=1e-12)


def test_chrono_gates_cover_the_times_up_to_the_longest():
    lstm, gru = CELLS["lstm"], CELLS["gru"]
    weights = Start(longest=100).draw(lstm, range(2000))
    forget, enter = weights["bias"][:, 16:32], weights["bias"][:, :16]
    np.testing.assert_array_equal(enter, -forget)
    times = np.exp(forget)
    assert 1 <= times.min() < 1.01
    assert 98.9 < times.max() <= 99
    assert times.mean() == pytest.approx(50, abs=0.5)
    assert times.var() == pytest.approx(98**2 / 12, rel=0.02)
    gate = 1 / (1 + np.exp(-forget))
    np.testing.assert_allclose(1 / (1 - gate), 1 + times, rtol=1e-9)
    # The mean share that is left after 100 steps, computed elsewhere: 0.149647550931373.
    assert np.mean(gate**100) == pytest.approx(0.149647550931373, abs=4 * 0.13 / math.sqrt(32_000))
    updates = Start(longest=100).draw(gru, [0, 1])
    both = updates["bias"] + updates["recurrent_bias"]
    kept = np.exp(both[:, 16:32])
    assert ((kept >= 1) & (kept <= 99)).all()
    plain = Start().draw(gru, [0, 1])
    np.testing.assert_array_equal(updates["bias"][:, :16], plain["bias"][:, :16])


def test_single_precision_is_rounded_from_double():
    one, other = (Start().draw(CELLS["gru"], [7], dtype=kind) for kind in (np.float32, np.float64))
    for part, values in one.items():
        assert values.dtype == np.float32
        np.testing.assert_array_equal(values, other[part].astype(np.float32))


def test_bad_input_is_named():
    with pytest.raises(TypeError, match=r"recurrent must be made by .*; got"):
        Start(recurrent="identity")
    with pytest.raises(ValueError, match="biases must be 'uniform' or 'zero'"):
        Start(biases="one")
    with pytest.raises(ValueError, match="spectral_radius and singular_value cannot both"):
        Start(spectral_radius=1.0, singular_value=1.0)
    with pytest.raises(ValueError, match="forget_bias and longest cannot both"):
        Start(forget_bias=1.0, longest=10)
    with pytest.raises(ValueError, match="longest must be at least 3"):
        Start(longest=2)
    with pytest.raises(ValueError, match="spectral_radius must be finite, from 0"):
        Start(spectral_radius=-0.5)
    with pytest.raises(ValueError, match="singular_value must be finite, from 0"):
        Start(singular_value=math.nan)
    for name in ("rnn", "1997"):
        for start in (Start(forget_bias=1.0), Start(longest=10)):
            with pytest.raises(ValueError, match="need a gate that keeps"):
                start.draw(CELLS[name], [0])
    with pytest.raises(ValueError, match="seeds must name at least one replica"):
        Start().draw(CELLS["rnn"], [])
    with pytest.raises(ValueError, match="seeds must be at least 0"):
        Start().draw(CELLS["rnn"], [-1])
    nothing = Start(recurrent=initializers.identity(gain=0.0), spectral_radius=1.0)
    with pytest.raises(ValueError, match="recurrent must draw matrices that can be scaled"):
        nothing.draw(CELLS["rnn"], [0])


@pytest.mark.parametrize("name", CELLS)
def test_zero_biases_are_all_zero(name):
    weights = Start(biases="zero").draw(CELLS[name], [0, 1])
    for part, values in weights.items():
        assert values.any() == ("bias" not in part)


@pytest.mark.parametrize("name", CELLS)
def test_recurrent_weights_are_drawn_otherwise_and_nothing_else(name):
    start = Start(recurrent=initializers.orthogonal())
    plain, other = Start().draw(CELLS[name], [0]), start.draw(CELLS[name], [0])
    for part in plain:
        assert np.array_equal(plain[part], other[part]) == (part != "recurrent")


@pytest.mark.parametrize("name", ["lstm", "gru"])
def test_a_forget_bias_of_zero_is_set(name):
    weights = Start(forget_bias=0.0).draw(CELLS[name], [0])
    assert not weights["bias"][:, 16:32].any()
    assert not weights.get("recurrent_bias", np.zeros((1, 48)))[:, 16:32].any()


def moduli(weights, ending=""):
    return np.exp(-np.exp(weights[f"nu{ending}"]))


def test_eigenvalues_are_spread_evenly_over_a_ring():
    weights = Start(ring=(0.6, 0.9), phase=1.5).draw(LRU(2, 16), range(500))
    r, theta = moduli(weights).ravel(), weights["theta"].ravel()
    assert 0.6 <= r.min() < 0.602
    assert 0.899 < r.max() <= 0.9
    share = (r**2 - 0.36) / (0.81 - 0.36)  # of the area within
    for values, most in ((share, 1.0), (theta, 1.5)):
        counts, _ = np.histogram(values, np.linspace(0, most, 11))
        np.testing.assert_allclose(counts, 400, atol=5 * math.sqrt(400))
    disk = Start().draw(LRU(2, 16), range(500))
    assert np.mean(moduli(disk) ** 2) == pytest.approx(0.5, abs=0.02)
    assert disk["theta"].max() == pytest.approx(2 * math.pi, abs=0.01)


@pytest.mark.parametrize("kind", [LRU, Selective])
def test_chrono_of_linear_recurrences(kind):
    # U / (1 + U) with U even from 1 to 99, in both layers.
    weights = Start(longest=100).draw(TwoLayers(2, 16, kind), range(300))
    for ending in ("", " above"):
        if kind is LRU:
            keep = moduli(weights, ending).ravel()
        else:
            keep = 1 / (1 + np.exp(-weights[f"bias{ending}"][:, :16])).ravel()
        times = keep / (1 - keep)
        assert 1 <= times.min() < 1.2
        assert 98.5 < times.max() <= 99 + 1e-9
        assert times.mean() == pytest.approx(50, abs=2)
    if kind is Selective:  # nothing else is set
        assert np.abs(weights["bias"][:, 16:]).max() <= 2 / math.sqrt(16)


def test_starts_refuse_what_a_cell_does_not_have():
    for start in (Start(ring=(0.5, 0.9)), Start(phase=0.1)):
        with pytest.raises(ValueError, match="ring and phase need complex eigenvalues"):
            start.draw(Selective(1, 2), [0])
    for start in (Start(spectral_radius=1.0), Start(recurrent=initializers.orthogonal())):
        with pytest.raises(ValueError, match="has no recurrent matrix"):
            start.draw(LRU(1, 2), [0])
    with pytest.raises(ValueError, match="need a gate that keeps"):
        Start(forget_bias=1.0).draw(LRU(1, 2), [0])
    with pytest.raises(ValueError, match="ring must be a smaller and a larger radius"):
        Start(ring=(0.9, 0.5))
    with pytest.raises(ValueError, match="ring and longest cannot both be given"):
        Start(ring=(0.5, 0.9), longest=10)
    with pytest.raises(TypeError, match="ring must be a pair of numbers"):
        Start(ring=0.9)
    with pytest.raises(ValueError, match="phase must be finite, from 0"):
        Start(phase=-1.0)


def test_biases_of_both_layers_can_be_zero():
    weights = Start(biases="zero").draw(TwoLayers(2, 4), [0])
    assert not weights["bias"].any()
    assert not weights["bias above"].any()
