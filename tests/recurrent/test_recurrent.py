"""Recurrent cells against complex steps, central differences and sums written out by hand."""

import mpmath
import numpy as np
import pytest
from any_numbers import any_number
from hypothesis import given, settings
from hypothesis import strategies as st

from lib import activations, recurrent

CELLS = {
    "rnn": recurrent.RNN(3, 4),
    "sigmoid rnn": recurrent.RNN(3, 4, activations.sigmoid()),
    "lstm": recurrent.LSTM(3, 4),
    "lstm 1997": recurrent.LSTM(3, 4, forget=False),
    "gru": recurrent.GRU(3, 4),
    "lru": recurrent.LRU(3, 4),
    "selective": recurrent.Selective(3, 4),
    "two lru": recurrent.TwoLayers(3, 4, recurrent.LRU, activations.tanh()),
    "two selective": recurrent.TwoLayers(3, 4, recurrent.Selective, activations.tanh()),
    "two lru, sigmoid": recurrent.TwoLayers(3, 4, recurrent.LRU, activations.sigmoid()),
}
LINEAR = [name for name in CELLS if "lru" in name or "selective" in name]


def drawn(cell, replicas=2, steps=6, batch=3, seed=0):
    rng = np.random.default_rng(seed)
    weights = {k: 0.7 * rng.standard_normal((replicas, *s)) for k, s in cell.shapes.items()}
    return (
        weights, rng.standard_normal((steps, replicas, cell.inputs, batch)),
        rng.standard_normal((replicas, cell.state, batch)),
        rng.standard_normal((steps, replicas, cell.state, batch)),
    )  # fmt: skip


def loss(cell, weights, x, state, direction):
    return np.sum(cell.forward(weights, x, state).states[1:] * direction)


def derivative(cell, weights, x, state, direction, name, index):
    """Complex step where the cell takes complex numbers, central difference elsewhere."""
    everything = {**weights, "x": x, "state": state}

    def at(step):
        moved = {k: v.astype(np.result_type(step, v)) for k, v in everything.items()}
        moved[name][index] += step
        own = {k: moved[k] for k in weights}
        return loss(cell, own, moved["x"], moved["state"], direction)

    if getattr(cell, "activation", activations.tanh()) == activations.tanh():
        return at(1e-30j).imag / 1e-30
    return (at(1e-5) - at(-1e-5)) / 2e-5


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("name", CELLS)
def test_backpropagation_through_time(name, seed):
    cell = CELLS[name]
    weights, x, state, direction = drawn(cell, seed=seed)
    gradients = cell.backward(cell.forward(weights, x, state), direction)
    found = {**gradients.weights, "x": gradients.inputs, "state": gradients.states[0]}
    rng = np.random.default_rng(seed)
    exact = "sigmoid" not in name
    for part, values in found.items():
        shape = {**weights, "x": x, "state": state}[part].shape
        assert values.shape == shape
        for _ in range(6):
            index = tuple(rng.integers(0, n) for n in shape)
            expected = derivative(cell, weights, x, state, direction, part, index)
            assert values[index] == pytest.approx(expected, rel=1e-9 if exact else 1e-7, abs=1e-9)


@pytest.mark.parametrize("name", CELLS)
def test_replicas_are_separate(name):
    cell = CELLS[name]
    weights, x, state, direction = drawn(cell)
    together = cell.backward(cell.forward(weights, x, state), direction)
    for r in range(2):
        at = slice(r, r + 1)
        own = {k: v[at] for k, v in weights.items()}
        alone = cell.backward(cell.forward(own, x[:, at], state[at]), direction[:, at])
        for part, values in alone.weights.items():
            np.testing.assert_allclose(values, together.weights[part][at], rtol=1e-12)
            assert values.tobytes() == together.weights[part][at].tobytes()


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("name", CELLS)
def test_a_room_holds_the_arrays_and_changes_no_bit(name, kind):
    cell = CELLS[name]
    room, used = {}, set()
    for seed in range(3):
        drawn_now = drawn(cell, seed=seed)
        weights = {k: v.astype(kind) for k, v in drawn_now[0].items()}
        x, state, direction = (array.astype(kind) for array in drawn_now[1:])
        trace = cell.forward(weights, x, state)
        fresh = cell.backward(trace, direction)
        again = cell.backward(cell.forward(weights, x, state, room=room), direction, room=room)
        for part, values in fresh.weights.items():
            assert values.dtype == kind
            assert values.tobytes() == again.weights[part].tobytes()
        assert fresh.states.tobytes() == again.states.tobytes()
        assert fresh.inputs.tobytes() == again.inputs.tobytes()
        used |= {id(array) for array in room.values()}
    assert len(used) == len(room)  # nothing was made anew
    shorter = cell.forward(weights, x[:2], room=room)
    np.testing.assert_array_equal(shorter.hidden, cell.forward(weights, x[:2]).hidden)


def test_truncated_backpropagation_forgets_what_came_before():
    cell = CELLS["rnn"]
    weights, x, state, direction = drawn(cell)
    trace = cell.forward(weights, x, state)
    cut = cell.backward(trace, direction, truncate=2)
    total = {k: 0.0 for k in weights}
    for start in (0, 2, 4):  # each piece for itself, from the state that the whole run had
        piece = cell.forward(weights, x[start : start + 2], trace.states[start])
        for k, v in cell.backward(piece, direction[start : start + 2]).weights.items():
            total[k] = total[k] + v
    for k in weights:
        np.testing.assert_allclose(cut.weights[k], total[k], rtol=1e-11)


@pytest.mark.parametrize("name", CELLS)
def test_jacobians_and_map(name):
    cell = CELLS[name]
    weights, x, state, _ = drawn(cell, steps=5)
    trace = cell.forward(weights, x, state)
    found = recurrent.jacobian(trace, 5, 2, sample=1)
    expected = np.empty_like(found)
    for j in range(cell.state):
        moved = [trace.states[2].copy() for _ in range(2)]
        for side, sign in zip(moved, (-1, 1), strict=True):
            side[:, j, 1] += sign * 1e-6
        ends = [cell.forward(weights, x[2:], side).states[-1][:, :, 1] for side in moved]
        expected[:, :, j] = (ends[1] - ends[0]) / 2e-6
    np.testing.assert_allclose(found, expected, atol=2e-9)
    norms = recurrent.gradient_map(trace, sample=1)
    size = np.linalg.norm(found, axis=(1, 2)) / np.sqrt(cell.state)
    np.testing.assert_allclose(10 ** norms[:, 5, 2], size, rtol=1e-12)
    assert np.isnan(norms[:, 2, 5]).all()
    np.testing.assert_array_equal(norms[:, 3, 3], 0)


def test_map_of_a_linear_network_does_not_underflow():
    cell = recurrent.RNN(1, 2, activations.linear())
    weights = {
        "input": np.zeros((1, 2, 1)),
        "recurrent": 1e-3 * np.eye(2)[None],
        "bias": np.zeros((1, 2)),
    }
    norms = recurrent.gradient_map(cell.forward(weights, np.zeros((200, 1, 1))))
    assert norms[0, 200, 0] == pytest.approx(-600, abs=1e-9)


def test_cut_gradients_leave_the_product_of_forget_gates():
    cell = recurrent.LSTM(3, 4, cut=True)
    weights, x, state, _ = drawn(cell, steps=8)
    trace = cell.forward(weights, x, state)
    block = recurrent.jacobian(trace, 8, 0)[:, 4:, 4:]
    product = np.prod(trace.kept["forget_gate"][..., 0], axis=0)
    np.testing.assert_array_equal(block, product[:, :, None] * np.eye(4))
    constant = recurrent.LSTM(3, 4, forget=False, cut=True)
    weights, x, state, _ = drawn(constant, steps=8)
    block = recurrent.jacobian(constant.forward(weights, x, state), 8, 0)[:, 4:, 4:]
    np.testing.assert_array_equal(block, np.broadcast_to(np.eye(4), block.shape))


def test_forget_bias_of_one():
    # sigma(1)^100, computed elsewhere; no recurrent weights and no input.
    cell = recurrent.LSTM(1, 2)
    weights = {k: np.zeros((1, *s)) for k, s in cell.shapes.items()}
    weights["bias"][0, 2:4] = 1.0
    trace = cell.forward(weights, np.zeros((100, 1, 1)), np.ones((1, 4, 1)))
    block = recurrent.jacobian(trace, 100, 0)[0, 2:, 2:]
    assert block[0, 0] == pytest.approx(2.48437855572e-14, rel=1e-11, abs=0)
    assert trace.cell_states[-1, 0, 0, 0] == pytest.approx(2.48437855572e-14, rel=1e-11, abs=0)


def test_a_small_spectral_radius_can_explode():
    # Spectral radius 0.5; at this input the Jacobian has the eigenvalue 1.4 at a fixed point.
    cell = recurrent.RNN(2, 2)
    matrix = np.array([[1.5, -1.5], [1.0, -1.0]])
    weights = {"input": np.eye(2)[None], "recurrent": matrix[None], "bias": np.zeros((1, 2))}
    start = np.tanh([0.0, np.arctanh(np.sqrt(0.9))])[None, :, None]
    x = np.tile(np.array([1.42302495, 2.76712976])[:, None], (3, 1, 1))
    trace = cell.forward(weights, x, start)
    jacobian = recurrent.one_step_jacobians(trace)[0, 0]
    assert np.abs(np.linalg.eigvals(matrix)).max() == pytest.approx(0.5)
    assert np.abs(np.linalg.eigvals(jacobian)).max() == pytest.approx(1.4, abs=1e-6)


def test_against_another_framework():
    torch = pytest.importorskip("torch")
    for name, blocks in (("RNN", 1), ("LSTM", 4), ("GRU", 3)):
        cell = getattr(recurrent, name)(3, 4)
        weights, x, _, _ = drawn(cell, replicas=1)
        peer = getattr(torch.nn, name)(3, 4).double()
        zeros = np.zeros(blocks * 4)
        for ours, theirs in (
            ("input", "weight_ih_l0"), ("recurrent", "weight_hh_l0"), ("bias", "bias_ih_l0"),
            ("recurrent_bias", "bias_hh_l0"),
        ):  # fmt: skip
            value = weights[ours][0] if ours in weights else zeros
            getattr(peer, theirs).data = torch.from_numpy(value.copy())
        told, _ = peer(torch.from_numpy(np.moveaxis(x[:, 0], 2, 1).copy()))
        trace = cell.forward(weights, x)
        np.testing.assert_allclose(
            np.moveaxis(trace.hidden[:, 0], 2, 1), told.detach().numpy(), atol=1e-12
        )
        told.sum().backward()
        gradients = cell.backward(trace, np.ones_like(trace.hidden))
        np.testing.assert_allclose(
            gradients.weights["recurrent"][0], peer.weight_hh_l0.grad.numpy(), atol=1e-11
        )


def test_clipping_is_by_replica_and_keeps_the_direction():
    gradients = {"a": np.array([[3.0, 0.0], [0.3, 0.0]]), "b": np.array([[4.0], [0.4]])}
    clipped = recurrent.clip_by_norm(gradients, 1.0)
    np.testing.assert_allclose(clipped["a"], [[0.6, 0.0], [0.3, 0.0]])
    np.testing.assert_allclose(clipped["b"], [[0.8], [0.4]])
    with pytest.raises(ValueError, match="threshold must be positive"):
        recurrent.clip_by_norm(gradients, 0.0)


def test_bad_input_is_named():
    cell = CELLS["lstm"]
    weights, x, state, direction = drawn(cell)
    with pytest.raises(ValueError, match=r"x must have shape \(steps, 2, 3, batch\)"):
        cell.forward(weights, x[:, :, :2])
    with pytest.raises(ValueError, match="x must be finite"):
        cell.forward(weights, np.full_like(x, np.nan))
    with pytest.raises(ValueError, match="state must have shape"):
        cell.forward(weights, x, state[:, :4])
    with pytest.raises(ValueError, match="state must be finite"):
        cell.forward(weights, x, state * np.nan)
    with pytest.raises(ValueError, match=r"weights\['bias'\] must have shape"):
        cell.forward({**weights, "bias": np.zeros((2, 3))}, x)
    with pytest.raises(ValueError, match="weights must be"):
        cell.forward({"bias": np.zeros((2, 3))}, x)
    trace = cell.forward(weights, x)
    with pytest.raises(ValueError, match="gradient must have shape"):
        cell.backward(trace, direction[:2])
    with pytest.raises(ValueError, match="truncate"):
        cell.backward(trace, direction, truncate=0)
    with pytest.raises(ValueError, match=f"sample must be less than {x.shape[-1]}; got 99"):
        recurrent.one_step_jacobians(trace, sample=99)
    with pytest.raises(ValueError, match="earlier and later"):
        recurrent.jacobian(trace, 1, 3)
    with pytest.raises(ValueError, match="block must be 'state'"):
        recurrent.gradient_map(CELLS["rnn"].forward(*drawn(CELLS["rnn"])[:2]), block="cell")
    with pytest.raises(ValueError, match="units"):
        recurrent.RNN(1, 0)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


@pytest.mark.parametrize("name", [name for name in CELLS if name not in LINEAR])
def test_a_step_is_that_of_the_equations(name):
    cell = CELLS[name]
    weights, x, state, _ = drawn(cell, replicas=1, steps=1)
    found = cell.forward(weights, x, state).states[1, 0]
    own = {part: value[0] for part, value in weights.items()}
    h, c = state[0, :4], state[0, 4:]
    by_input = own["input"] @ x[0, 0] + own["bias"][:, None]
    by_state = own["recurrent"] @ h
    if name == "gru":
        by_state += own["recurrent_bias"][:, None]
        reset, update = (sigmoid((by_input + by_state)[k : k + 4]) for k in (0, 4))
        candidate = np.tanh(by_input[8:] + reset * by_state[8:])
        expected = (1 - update) * candidate + update * h
    elif "lstm" in name:
        blocks = np.split(by_input + by_state, cell.gates)
        forget = sigmoid(blocks[1]) if cell.forget else 1
        c = forget * c + sigmoid(blocks[0]) * np.tanh(blocks[-2])
        expected = np.concatenate([sigmoid(blocks[-1]) * np.tanh(c), c])
    else:
        expected = (sigmoid if "sigmoid" in name else np.tanh)(by_input + by_state)
    np.testing.assert_allclose(found, expected, rtol=1e-13)


@pytest.mark.parametrize("name", CELLS)
def test_nothing_of_an_earlier_pass_stays_in_a_room(name):
    cell, room = CELLS[name], {}
    weights, x, state, direction = drawn(cell)
    cell.backward(cell.forward(weights, x, state, room=room), direction, room=room)
    fresh, reused = cell.forward(weights, x), cell.forward(weights, x, room=room)
    np.testing.assert_array_equal(reused.states, fresh.states)
    expected = cell.backward(fresh, direction[:, :, :4])
    found = cell.backward(reused, direction[:, :, :4], room=room)
    np.testing.assert_array_equal(found.states, expected.states)
    for part, values in expected.weights.items():
        np.testing.assert_array_equal(found.weights[part], values)


def test_map_of_cell_states_is_of_their_block_alone():
    cell = CELLS["lstm"]
    weights, x, state, _ = drawn(cell, steps=5)
    trace = cell.forward(weights, x, state)
    norms = recurrent.gradient_map(trace, block="cell")
    blocks = recurrent.jacobian(trace, 5, 2)[:, 4:, 4:]
    np.testing.assert_allclose(norms[:, 5, 2], np.log10(np.linalg.norm(blocks, axis=(1, 2)) / 2))


def test_no_derivative_is_a_logarithm_of_minus_infinity():
    cell = recurrent.RNN(1, 2)
    weights = {k: np.zeros((1, *s)) for k, s in cell.shapes.items()}
    norms = recurrent.gradient_map(cell.forward(weights, np.zeros((3, 1, 1))))[0]
    np.testing.assert_array_equal(norms[np.tril_indices(4, -1)], -np.inf)
    np.testing.assert_array_equal(np.diag(norms), 0)


def test_a_state_by_itself_has_the_identity():
    cell = CELLS["gru"]
    weights, x, state, _ = drawn(cell, steps=3)
    trace = cell.forward(weights, x, state)
    for step in (0, 3):
        found = recurrent.jacobian(trace, step, step)
        np.testing.assert_array_equal(found, np.broadcast_to(np.eye(4), (2, 4, 4)))
    with pytest.raises(ValueError, match="in order and at most 3; got 0 and 4"):
        recurrent.jacobian(trace, 4, 0)
    with pytest.raises(ValueError, match="sample must be less than 3; got 3"):
        recurrent.jacobian(trace, 1, 0, sample=3)


def test_clipping_keeps_zeros_and_single_precision():
    clipped = recurrent.clip_by_norm({"a": np.array([[0, 0], [3, 4]], np.float32)}, 1.0)
    np.testing.assert_allclose(clipped["a"], [[0, 0], [0.6, 0.8]], rtol=1e-6)
    assert clipped["a"].dtype == np.float32


def test_a_room_may_change_its_precision():
    cell, room = CELLS["lstm"], {}
    weights, x, state, _ = drawn(cell)
    for kind in (np.float32, np.float64):
        own = {k: v.astype(kind) for k, v in weights.items()}
        trace = cell.forward(own, x.astype(kind), state.astype(kind), room=room)
        fresh = cell.forward(own, x.astype(kind), state.astype(kind))
        assert trace.states.dtype == kind
        np.testing.assert_array_equal(trace.states, fresh.states)
    single = {k: v.astype(np.float32) for k, v in weights.items()}
    assert cell.forward(single, x).states.dtype == np.float64


def test_hidden_and_cell_states_are_those_after_each_step():
    cell = CELLS["lstm"]
    weights, x, state, _ = drawn(cell)
    trace = cell.forward(weights, x, state)
    np.testing.assert_array_equal(trace.hidden, trace.states[1:, :, :4])
    np.testing.assert_array_equal(trace.cell_states, trace.states[1:, :, 4:])
    output = trace.kept["output_gate"]
    np.testing.assert_allclose(trace.hidden, output * np.tanh(trace.cell_states), rtol=1e-13)


def test_complex_numbers_have_the_slopes_of_real_ones():
    cell = CELLS["rnn"]
    weights, x, state, _ = drawn(cell)
    real, complicated = (cell.forward(weights, x * one, state) for one in (1.0, 1 + 0j))
    np.testing.assert_allclose(complicated.kept["slope"], real.kept["slope"], atol=1e-14)


def test_inputs_without_steps_or_of_other_replicas_are_refused():
    cell = CELLS["gru"]
    weights, x, _, _ = drawn(cell)
    for wrong in (x[:0], x[:, :1]):
        with pytest.raises(ValueError, match=r"x must have shape \(steps, 2, 3, batch\)"):
            cell.forward(weights, wrong)


def test_a_state_of_other_replicas_is_refused():
    cell = CELLS["gru"]
    weights, x, state, _ = drawn(cell)
    with pytest.raises(ValueError, match="state must have shape"):
        cell.forward(weights, x, state[:1])


def test_clipping_is_done_in_double_precision_and_spares_zeros():
    large = {"a": np.array([[3e25, 4e25], [0, 0]], np.float32)}
    clipped = recurrent.clip_by_norm(large, 5.0)
    np.testing.assert_allclose(clipped["a"], [[3, 4], [0, 0]], rtol=1e-6)
    assert clipped["a"].dtype == np.float32


def test_clipping_is_right_over_the_whole_range_and_for_integers():
    for pair, threshold in (
        ([3, 4], 1.0), ([3e200, 4e200], 1.0), ([3e-200, 4e-200], 1e-300), ([3e307, 4e307], 5e-300),
        (np.array([3e4, 4e4], np.float16), 2**-10), (np.array([3e38, 0], np.float32), 1e-3),
    ):  # fmt: skip
        clipped = recurrent.clip_by_norm({"w": [pair]}, threshold)["w"]
        exact = np.array(pair, np.float64)
        wanted = exact / np.abs(exact).max()
        wanted *= threshold / np.hypot(*wanted)
        kind = np.asarray(pair).dtype
        assert clipped.dtype == (kind if kind.kind == "f" else np.float64)
        np.testing.assert_allclose(clipped, [wanted], rtol=4 * np.finfo(clipped.dtype).eps)


def test_gradients_that_cannot_be_clipped_are_named():
    for bad in ([[np.inf, 1.0]], [[np.nan, 1.0]]):
        with pytest.raises(ValueError, match=r"gradients\['w'\] must be finite"):
            recurrent.clip_by_norm({"w": bad}, 1.0)
    for bad in ({}, {"w": 1.0}, {"w": [[1.0]], "b": [[1.0], [2.0]]}):
        with pytest.raises(ValueError, match="gradients must be arrays whose first axis counts"):
            recurrent.clip_by_norm(bad, 1.0)
    with pytest.raises(TypeError, match=r"gradients\['w'\] must hold real numbers; got <U1"):
        recurrent.clip_by_norm({"w": ["a"]}, 1.0)
    given = np.array([[3.0, 4.0]])
    recurrent.clip_by_norm({"w": given}, 1.0)
    np.testing.assert_array_equal(given, [[3, 4]])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_gate_that_is_nearly_closed_still_lets_something_through(dtype):
    biases = [-8.0, -10.0, -18.0, -38.0, -40.0, -80.0] + [-300.0, -600.0] * (dtype == np.float64)
    for bias in biases:
        expected = bias / np.log(10) - np.log1p(np.exp(bias)) / np.log(10)
        for cell, rows, block in (
            (recurrent.LSTM(1, 1), slice(1, 2), "cell"), (recurrent.GRU(1, 1), slice(1, 2), "state")
        ):  # fmt: skip
            weights = {name: np.zeros((1, *s), dtype) for name, s in cell.shapes.items()}
            weights["bias"][:, rows] = bias
            with np.errstate(all="raise"):
                trace = cell.forward(weights, np.zeros((3, 1, 1), dtype))
                found = recurrent.gradient_map(trace, block=block)
            wanted = expected * np.array([1, 2, 3])
            digits = np.sqrt(np.finfo(dtype).eps)
            np.testing.assert_allclose(found[0, 1:, 0], wanted, rtol=digits)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_gates_keep_half_of_their_digits(dtype, data):
    x = data.draw(any_number(dtype) | st.integers(-8000, 800).map(lambda n: float(dtype(n / 10))))
    limits = np.finfo(dtype)
    for cell, names in (
        (recurrent.LSTM(1, 1), ("input_gate", "forget_gate", "output_gate")),
        (recurrent.LSTM(1, 1, forget=False), ("input_gate", "output_gate")),
        (recurrent.GRU(1, 1), ("reset_gate", "update_gate")),
    ):  # fmt: skip
        weights = {name: np.zeros((2, *shape), dtype) for name, shape in cell.shapes.items()}
        weights["bias"][0] = x
        with np.errstate(all="raise"):
            kept = cell.forward(weights, np.zeros((1, 1, 1), dtype)).kept
        with mpmath.workdps(60):
            # The weights are halved first, which rounds only what is subnormal.
            exact = 1 / (1 + mpmath.exp(-mpmath.mpf(x)))
            for name in names:
                assert kept[name][0, 1, 0, 0] == 0.5
                found = mpmath.mpf(float(kept[name][0, 0, 0, 0]))
                allowed = 2 * float(np.sqrt(limits.eps)) * exact
                assert abs(found - exact) <= allowed + 4 * float(limits.smallest_subnormal)
