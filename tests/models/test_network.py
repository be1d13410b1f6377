"""Gradients of whole networks against central differences, for every option."""

import numpy as np
import pytest

from lib import activations, initializers, models, training

OPTIONS = {
    "sigmoid": {"activation": activations.sigmoid()},
    "tanh, one hidden layer": {"activation": activations.tanh(), "sizes": (5, 4, 3)},
    "no hidden layer": {"activation": activations.tanh(), "sizes": (5, 3)},
    "relu with biases": {
        "activation": activations.relu(), "initializer": initializers.he(bias_variance=0.1)
    },
    "leaky": {"activation": activations.leaky_relu(alpha=0.2)},
    "elu": {"activation": activations.elu()},
    "gelu": {"activation": activations.gelu()},
    "prelu per layer": {"activation": activations.prelu()},
    "prelu per unit": {"activation": activations.prelu(alpha=-0.3), "slope_per": "unit"},
    "rrelu in training": {"activation": activations.rrelu()},
    "batch norm": {"activation": activations.tanh(), "batch_norm": True},
    "prelu, batch norm": {"activation": activations.prelu(), "batch_norm": True},
    "residual": {"activation": activations.tanh(), "sizes": (5, 6, 6, 6, 3), "residual": 0.7},
    "residual, prelu, batch norm": {
        "activation": activations.prelu(), "batch_norm": True, "sizes": (5, 6, 6, 6, 3),
        "residual": -0.4,
    },
}  # fmt: skip
LABELS = {
    "cross_entropy": lambda rng: rng.integers(0, 3, (2, 6)),
    "logistic": lambda rng: rng.integers(0, 2, (2, 6)),
    "squared_error": lambda rng: rng.standard_normal((2, 6)),
}


def setting(name, loss="cross_entropy"):
    options = {"sizes": (5, 7, 4, 6, 3), **OPTIONS[name]}
    if loss != "cross_entropy":
        options["sizes"] = (*options["sizes"][:-1], 1)
    network = models.Network(**options)
    parameters = network.draw([0, 1])
    rng = np.random.default_rng(7)
    parameters.flat += 0.1 * rng.standard_normal(parameters.flat.shape)  # no two gains alike
    return network, parameters, rng.standard_normal((2, 5, 6)), LABELS[loss](rng)


def judged(network, parameters, x, labels, loss):
    rngs = [np.random.default_rng([5, r]) for r in range(2)]
    trace = network.forward(parameters, x, rngs=rngs)
    return trace, getattr(models, loss)(trace.outputs[-1], labels)


def moved_losses(network, parameters, x, labels, loss, index, step):
    was = parameters.flat[:, index].copy()
    found = []
    for sign in (1, -1):
        parameters.flat[:, index] = was + sign * step
        found.append(judged(network, parameters, x, labels, loss)[1].loss)
    parameters.flat[:, index] = was
    return (found[0] - found[1]) / (2 * step)


@pytest.mark.parametrize("loss", LABELS)
@pytest.mark.parametrize("name", OPTIONS)
def test_every_parameter_against_central_differences(name, loss):
    network, parameters, x, labels = setting(name, loss)
    trace, verdict = judged(network, parameters, x, labels, loss)
    gradient = parameters.like()
    gradient.flat[...] = np.nan  # whatever is not written stays wrong
    network.backward(parameters, trace, verdict.gradient, gradient)
    expected = np.stack(
        [
            moved_losses(network, parameters, x, labels, loss, index, 1e-6)
            for index in range(parameters.flat.shape[1])
        ],
        axis=1,
    )
    scale = np.abs(expected).max()
    np.testing.assert_allclose(gradient.flat, expected, rtol=1e-6, atol=2e-9 * max(scale, 1))


def test_deltas_are_gradients_by_the_pre_activations():
    # A change of a bias of one unit moves its pre-activation on every sample alike.
    network, parameters, x, labels = setting("elu")
    trace, verdict = judged(network, parameters, x, labels, "cross_entropy")
    gradient = parameters.like()
    network.backward(parameters, trace, verdict.gradient, gradient)
    for layer, delta in enumerate(trace.deltas, start=1):
        np.testing.assert_allclose(delta.sum(axis=2), gradient.arrays[f"bias {layer}"], rtol=1e-12)


def test_evaluation_uses_running_statistics_and_the_fixed_slope():
    network = models.Network((5, 7, 3), activations.rrelu(), batch_norm=True)
    parameters = network.draw([0])
    rng = np.random.default_rng(0)
    running = {"mean 1": rng.standard_normal((1, 7)), "variance 1": rng.random((1, 7)) + 0.5}
    x = rng.standard_normal((1, 5, 4))
    found = network.forward(parameters, x, running=running).outputs[-1]
    arrays = {name: array[0] for name, array in parameters.arrays.items()}
    h = arrays["weight 1"] @ x[0] - running["mean 1"].T
    h /= np.sqrt(running["variance 1"].T + 1e-5)
    a = np.where(h > 0, h, h * 2 / 11)
    np.testing.assert_allclose(found[0], arrays["weight 2"] @ a, rtol=1e-12)


def test_running_statistics_move_toward_those_of_the_batch():
    network = models.Network((5, 7, 3), activations.relu(), batch_norm=True)
    parameters = network.draw([0])
    running = network.running(parameters)
    x = np.random.default_rng(0).standard_normal((1, 5, 4))
    network.forward(parameters, x, running=running, update=0.1)
    h = parameters.arrays["weight 1"] @ x
    np.testing.assert_allclose(running["mean 1"], 0.1 * h.mean(axis=2), rtol=1e-12)
    np.testing.assert_allclose(running["variance 1"], 0.9 + 0.1 * h.var(axis=2, ddof=1), rtol=1e-12)


def test_a_replica_depends_on_its_own_seed_alone():
    network = models.Network((5, 7, 3), activations.prelu(), initializers.pytorch_linear())
    together, alone = network.draw([3, 8]), network.draw([8])
    np.testing.assert_array_equal(together.flat[1], alone.flat[0])
    assert not np.array_equal(together.flat[0], together.flat[1])


def test_the_output_layer_may_have_an_initializer_of_its_own():
    network = models.Network(
        (50, 60, 70), activations.relu(), initializers.he(),
        output_initializer=initializers.normal(weight_variance=0.0),
    )  # fmt: skip
    arrays = network.draw([0]).arrays
    assert (arrays["weight 2"] == 0).all()
    assert arrays["weight 1"].std() == pytest.approx(0.2, rel=0.05)


def test_one_step_is_that_of_pytorch():
    torch = pytest.importorskip("torch")
    for batch_norm in (False, True):
        network = models.Network((5, 7, 6, 3), activations.prelu(), batch_norm=batch_norm)
        parameters = network.draw([0])
        rng = np.random.default_rng(1)
        x, labels = rng.standard_normal((1, 5, 16)), rng.integers(0, 3, (1, 16))
        optimizer = training.nesterov(0.1, weight_decay=0.01)
        layers, decayed, other, names = [], [], [], []
        for layer in (1, 2, 3):
            hidden = layer < 3
            below, units = network.sizes[layer - 1 : layer + 1]
            bias = not (hidden and batch_norm)
            linear = torch.nn.Linear(below, units, bias=bias, dtype=torch.float64)
            parts = {f"weight {layer}": linear.weight}
            layers.append(linear)
            if hidden and batch_norm:
                layers.append(torch.nn.BatchNorm1d(linear.out_features, dtype=torch.float64))
                parts |= {f"gain {layer}": layers[-1].weight, f"shift {layer}": layers[-1].bias}
            else:
                parts[f"bias {layer}"] = linear.bias
            if hidden:
                layers.append(torch.nn.PReLU(dtype=torch.float64))
                parts[f"slope {layer}"] = layers[-1].weight
            with torch.no_grad():
                for name, tensor in parts.items():
                    tensor.copy_(torch.from_numpy(parameters.arrays[name][0]))
                    (decayed if name.startswith("weight") else other).append(tensor)
                    names.append((name, tensor))
        model = torch.nn.Sequential(*layers)
        peer = torch.optim.SGD(
            [{"params": decayed, "weight_decay": 0.01}, {"params": other}],
            lr=0.1, momentum=0.9, nesterov=True,
        )  # fmt: skip
        memory, gradient = optimizer.start(parameters), parameters.like()
        running = network.running(parameters)
        for _ in range(3):
            peer.zero_grad()
            outputs = model(torch.from_numpy(x[0].T.copy()))
            torch.nn.functional.cross_entropy(outputs, torch.from_numpy(labels[0])).backward()
            peer.step()
            trace = network.forward(parameters, x, running=running, update=0.1)
            verdict = models.cross_entropy(trace.outputs[-1], labels)
            network.backward(parameters, trace, verdict.gradient, gradient)
            optimizer.step(parameters, gradient, memory)
        for name, tensor in names:
            np.testing.assert_allclose(
                parameters.arrays[name][0], tensor.detach().numpy(), rtol=1e-9, atol=1e-12
            )


def test_a_residual_layer_adds_to_the_one_before():
    network = models.Network((5, 6, 6, 6, 3), activations.tanh(), residual=0.7)
    arrays = network.draw([0]).arrays
    x = np.random.default_rng(3).standard_normal((1, 5, 4))
    h = arrays["weight 1"][0] @ x[0]
    for layer in (2, 3):
        h = h + 0.7 * arrays[f"weight {layer}"][0] @ np.tanh(h)
    expected = arrays["weight 4"][0] @ np.tanh(h)
    found = network.forward(network.draw([0]), x).outputs[-1][0]
    np.testing.assert_allclose(found, expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sizes": (5,)}, "sizes must have at least two numbers"),
        ({"sizes": (5, 0, 3)}, "sizes must be at least 1"),
        ({"slope_per": "network"}, "slope_per must be 'layer' or 'unit'"),
        ({"epsilon": -1.0}, "epsilon must be"),
        ({"residual": np.nan}, "residual must be"),
        ({"residual": 1.0, "sizes": (5, 4, 6, 3)}, "sizes must be the same for all hidden layers"),
    ],
)
def test_what_is_not_allowed_is_said(change, message):
    with pytest.raises(ValueError, match=message):
        models.Network(**{"sizes": (5, 3), "activation": activations.relu(), **change})
    with pytest.raises(TypeError, match="activation must be an Activation"):
        models.Network((5, 3), "relu")
    for name in ("initializer", "output_initializer"):
        with pytest.raises(TypeError, match=f"{name} must be made by lib.initializers; got 'he'"):
            models.Network((5, 3), activations.relu(), **{name: "he"})
    with pytest.raises(TypeError, match="dtype must be of floating numbers; got int64"):
        models.Network((5, 3), activations.relu()).draw([0], dtype=np.int64)


def test_biases_are_drawn_for_the_fan_in_of_their_layer():
    network = models.Network((400, 9, 2), activations.relu(), initializers.pytorch_linear())
    arrays = network.draw(range(50)).arrays
    for layer, fan_in in ((1, 400), (2, 9)):
        largest = np.abs(arrays[f"bias {layer}"]).max()
        assert 0.95 < largest * np.sqrt(fan_in) <= 1


def test_slopes_start_at_the_value_that_the_activation_has():
    network = models.Network((3, 4, 5, 2), activations.prelu(alpha=0.125))
    arrays = network.draw([0, 1]).arrays
    for layer in (1, 2):
        np.testing.assert_array_equal(arrays[f"slope {layer}"], np.full((2, 1), 0.125))


def test_the_slope_at_zero_is_that_of_the_activation():
    for activation, least, most in (
        (activations.prelu(), 0.25, 0.25), (activations.rrelu(), 1 / 8, 1 / 3),
    ):  # fmt: skip
        network = models.Network((3, 4, 2), activation)
        trace = network.forward(
            network.draw([0]), np.zeros((1, 3, 50)), rngs=[np.random.default_rng(0)]
        )
        assert least <= trace.slopes[0].min() <= trace.slopes[0].max() <= most


def test_epsilon_of_batch_normalization_is_that_of_the_network():
    network = models.Network((2, 3, 1), activations.linear(), batch_norm=True, epsilon=0.5)
    parameters = network.draw([0])
    x = np.random.default_rng(0).standard_normal((1, 2, 5))
    h = parameters.arrays["weight 1"] @ x
    mean, variance = h.mean(axis=2, keepdims=True), h.var(axis=2, keepdims=True)
    found = network.forward(parameters, x).inputs[0]
    np.testing.assert_allclose(found, (h - mean) / np.sqrt(variance + 0.5), rtol=1e-12)
    found = network.forward(parameters, x, running=network.running(parameters)).inputs[0]
    np.testing.assert_allclose(found, h / np.sqrt(1.5), rtol=1e-12)


def test_weights_decay_and_nothing_else():
    network = models.Network((3, 4, 4, 2), activations.prelu(), batch_norm=True)
    parameters = network.zeros(2)
    parameters.flat[...] = 1
    training.sgd(0.5, weight_decay=0.5).step(parameters, parameters.like(), {})
    for name, array in parameters.arrays.items():
        np.testing.assert_array_equal(array, 0.75 if name.startswith("weight") else 1.0)


def test_defaults_are_xaviers_weights_and_no_normalization():
    default = models.Network((5, 7, 3), activations.relu())
    named = models.Network(
        (5, 7, 3), activations.relu(), initializers.xavier(), batch_norm=False, epsilon=1e-5
    )
    np.testing.assert_array_equal(default.draw([0]).flat, named.draw([0]).flat)
    assert set(default.shapes) == {"weight 1", "bias 1", "weight 2", "bias 2"}


def test_parameters_are_of_the_precision_that_was_asked_for():
    network = models.Network((5, 7, 3), activations.relu())
    single, double = (network.draw([0], dtype=kind).flat for kind in (np.float32, np.float64))
    assert (single.dtype, double.dtype) == (np.float32, np.float64)
    np.testing.assert_array_equal(single, double.astype(np.float32))


def test_running_statistics_of_replicas_are_separate():
    network = models.Network((5, 7, 3), activations.relu(), batch_norm=True)
    parameters, x = network.draw([0, 1]), np.random.default_rng(0).standard_normal((2, 5, 4))
    running = network.running(parameters)
    network.forward(parameters, x, running=running, update=0.1)
    h = parameters.arrays["weight 1"] @ x
    np.testing.assert_allclose(running["mean 1"], 0.1 * h.mean(axis=2), rtol=1e-12)
    np.testing.assert_allclose(running["variance 1"], 0.9 + 0.1 * h.var(axis=2, ddof=1), rtol=1e-12)
