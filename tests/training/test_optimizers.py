"""Every rule against a bowl whose path has a closed form, or against PyTorch."""

import numpy as np
import pytest

from lib import training
from lib.models.parameters import Parameters

RULES = {
    "sgd": (lambda: training.sgd(0.1, weight_decay=0.3), "SGD", {}),
    "momentum": (
        lambda: training.momentum(0.1, momentum=0.8, weight_decay=0.3), "SGD", {"momentum": 0.8}
    ),
    "nesterov": (
        lambda: training.nesterov(0.1, momentum=0.8, weight_decay=0.3), "SGD",
        {"momentum": 0.8, "nesterov": True},
    ),
    "adam": (
        lambda: training.adam(0.1, decays=(0.7, 0.95), epsilon=1e-3, weight_decay=0.3), "Adam",
        {"betas": (0.7, 0.95), "eps": 1e-3},
    ),
}  # fmt: skip


def bowl(replicas=2):
    parameters = Parameters(
        {"weight": (2, 2), "bias": (2,)}, replicas, decayed=frozenset({"weight"})
    )
    parameters.flat[...] = np.random.default_rng(0).standard_normal(parameters.flat.shape)
    return parameters


def descend(optimizer, parameters, steps):
    """Down a bowl with curvatures 1 to 6."""
    memory, gradient = optimizer.start(parameters), parameters.like()
    for _ in range(steps):
        gradient.flat[...] = parameters.flat * np.arange(1, 7)
        optimizer.step(parameters, gradient, memory)
    return parameters


def by_hand(name, start, steps, decay=0.3, rate=0.1):
    """The published recursions, one number at a time."""
    path = []
    for index, theta in enumerate(start):
        v = m = s = 0.0
        for t in range(1, steps + 1):
            g = theta * (index + 1) + (decay * theta if index < 4 else 0)
            if name == "adam":
                m, s = 0.7 * m + 0.3 * g, 0.95 * s + 0.05 * g**2
                theta -= rate * (m / (1 - 0.7**t)) / ((s / (1 - 0.95**t)) ** 0.5 + 1e-3)
            elif name == "sgd":
                theta -= rate * g
            else:
                v = 0.8 * v + g
                theta -= rate * (g + 0.8 * v if name == "nesterov" else v)
        path.append(theta)
    return path


@pytest.mark.parametrize("name", RULES)
def test_the_published_recursions(name):
    start = bowl()
    found = descend(RULES[name][0](), bowl(), 7)
    for replica in range(2):
        expected = by_hand(name, start.flat[replica], 7)
        np.testing.assert_allclose(found.flat[replica], expected, rtol=1e-12)


@pytest.mark.parametrize("name", RULES)
def test_pytorch_takes_the_same_path(name):
    torch = pytest.importorskip("torch")
    ours = descend(RULES[name][0](), bowl(), 7)
    theta = torch.from_numpy(bowl().flat.copy())
    weights, biases = theta[:, :4].requires_grad_(), theta[:, 4:].clone().requires_grad_()
    weights = weights.detach().clone().requires_grad_()
    _, kind, options = RULES[name]
    groups = [{"params": [weights], "weight_decay": 0.3}, {"params": [biases]}]
    peer = getattr(torch.optim, kind)(groups, lr=0.1, **options)
    for _ in range(7):
        weights.grad = weights.detach() * torch.arange(1, 5)
        biases.grad = biases.detach() * torch.arange(5, 7)
        peer.step()
    theirs = np.concatenate([weights.detach().numpy(), biases.detach().numpy()], axis=1)
    np.testing.assert_allclose(ours.flat, theirs, rtol=1e-9)


@pytest.mark.parametrize(
    "make", [training.sgd, training.momentum, training.nesterov, training.adam]
)
def test_each_replica_may_have_a_rate_of_its_own(make):
    both = descend(make([0.01, 0.05]), bowl(), 5)
    for replica, rate in enumerate((0.01, 0.05)):
        np.testing.assert_array_equal(
            both.flat[replica], descend(make(rate), bowl(), 5).flat[replica]
        )
    with pytest.raises(ValueError, match="rate must be one number or one for each of 2 replicas"):
        make([0.1, 0.2, 0.3]).rates(bowl())


@pytest.mark.parametrize(
    "make", [training.sgd, training.momentum, training.nesterov, training.adam]
)
def test_an_array_may_have_a_rate_of_its_own(make):
    own = descend(make(0.02, factors={"bias": [0.5, 3]}), bowl(), 5)
    for replica, factor in enumerate((0.5, 3)):
        for part, rate in ((slice(0, 4), 0.02), (slice(4, 6), 0.02 * factor)):
            expected = descend(make(rate), bowl(), 5).flat[replica, part]
            np.testing.assert_allclose(own.flat[replica, part], expected, rtol=1e-13)
    with pytest.raises(ValueError, match=r"factors must name some of \['weight', 'bias'\]"):
        make(0.1, factors={"gain": 2}).rates(bowl())
    with pytest.raises(ValueError, match="factors\\['bias'\\] must be one number or one for each"):
        make(0.1, factors={"bias": [1, 2, 3]}).rates(bowl())
    with pytest.raises(TypeError, match="factors must be a mapping"):
        make(0.1, factors=[2.0])


def test_clipping_keeps_the_direction():
    gradient = bowl()
    gradient.flat[0] *= 100
    gradient.flat[1] *= 1e-3
    before = gradient.flat.copy()
    norms = training.clip(gradient, 0.5)
    np.testing.assert_allclose(norms, np.linalg.norm(before, axis=1), rtol=1e-12)
    np.testing.assert_allclose(gradient.flat[0], before[0] * 0.5 / norms[0], rtol=1e-12)
    np.testing.assert_array_equal(gradient.flat[1], before[1])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: training.sgd(0.0), "rate must be positive"),
        (lambda: training.sgd([0.1, -0.1]), "rate must be positive"),
        (lambda: training.sgd(0.1, weight_decay=-1), "weight_decay must be"),
        (lambda: training.momentum(0.1, momentum=1.0), "momentum must be from 0"),
        (lambda: training.adam(decays=(0.9, 1.0)), "decays must be from 0"),
        (lambda: training.adam(epsilon=0), "epsilon must be positive"),
        (lambda: training.adam(factors={"bias": 0.0}), r"factors\['bias'\] must be positive"),
        (lambda: training.clip(bowl(), 0), "threshold must be positive"),
    ],
)
def test_what_is_not_allowed_is_said(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_default_numbers_are_those_of_the_docstrings():
    for make in (training.momentum, training.nesterov):
        assert make(0.1) == make(0.1, momentum=0.9, weight_decay=0.0)
    expected = training.adam(0.001, decays=(0.9, 0.999), epsilon=1e-8, weight_decay=0.0)
    assert training.adam() == expected


@pytest.mark.parametrize("make", [training.momentum, training.nesterov])
def test_no_momentum_is_plain_gradient_descent(make):
    expected = descend(training.sgd(0.1), bowl(), 5)
    np.testing.assert_array_equal(descend(make(0.1, momentum=0.0), bowl(), 5).flat, expected.flat)


def test_copies_of_parameters_keep_shapes_and_what_decays():
    parameters = Parameters(
        {"weight": (2, 3), "bias": (2,)}, 2, np.float32, decayed=frozenset({"weight"})
    )
    parameters.flat[...] = np.arange(16).reshape(2, 8)
    zeros, exact = parameters.like(), parameters.astype(np.float64)
    np.testing.assert_array_equal(zeros.flat, np.zeros((2, 8)))
    np.testing.assert_array_equal(exact.flat, parameters.flat)
    for copy, dtype in ((parameters, np.float32), (zeros, np.float32), (exact, np.float64)):
        assert copy.flat.dtype == copy.decayed.dtype == dtype
        assert copy.arrays["weight"].shape == (2, 2, 3)
        np.testing.assert_array_equal(copy.decayed, [1, 1, 1, 1, 1, 1, 0, 0])


def test_no_rates_tables_of_rates_and_negative_numbers_are_refused():
    for rate in ([], [[0.1, 0.2]]):
        with pytest.raises(ValueError, match="rate must be positive, one number or one for each"):
            training.sgd(rate)
    with pytest.raises(ValueError, match="epsilon must be"):
        training.adam(epsilon=-1e-8)


def test_clipping_survives_squares_beyond_single_precision():
    gradient = Parameters({"weight": (2,)}, 1, np.float32)
    gradient.flat[:] = 3e25, 4e25
    np.testing.assert_allclose(training.clip(gradient, 1.0), [5e25], rtol=1e-6)
    np.testing.assert_allclose(gradient.flat, [[0.6, 0.8]], rtol=1e-6)


DTYPES = (np.float16, np.float32, np.float64)


@pytest.mark.parametrize("dtype", DTYPES)
def test_adam_steps_by_its_rate_whatever_the_size_of_the_gradient(dtype):
    limits = np.finfo(dtype)
    sizes = [0.0, 1e-4, 1.0, float(limits.max) / 2, float(limits.max)]
    parameters = Parameters({"w": (len(sizes),)}, 1, dtype)
    optimizer = training.adam(2.0**-4, epsilon=1e-8)
    memory, gradient = optimizer.start(parameters), parameters.like()
    with np.errstate(all="raise"):
        for step in range(1, 4):
            gradient.flat[...] = np.array(sizes, dtype) * [1, -1, 1, -1, 1]
            optimizer.step(parameters, gradient, memory)
            wanted = step * 2.0**-4 * np.array([0, 1, -1, 1, -1])
            np.testing.assert_allclose(parameters.flat[0], wanted, rtol=2e-3)


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_small_epsilon_is_not_zero(dtype):
    parameters = Parameters({"w": (2,)}, 1, dtype)
    optimizer = training.adam(0.5, epsilon=1e-300)
    memory, gradient = optimizer.start(parameters), parameters.like()
    gradient.flat[0, 1] = 1e-3
    with np.errstate(all="raise"):
        optimizer.step(parameters, gradient, memory)
    np.testing.assert_allclose(parameters.flat, [[0, -0.5]], rtol=1e-3)


def test_adam_passes_on_what_is_not_finite():
    parameters = Parameters({"w": (3,)}, 1, np.float32)
    optimizer = training.adam(0.5)
    memory, gradient = optimizer.start(parameters), parameters.like()
    gradient.flat[...] = np.inf, np.nan, 1e30
    optimizer.step(parameters, gradient, memory)
    assert list(np.isfinite(parameters.flat[0])) == [False, False, True]
    assert parameters.flat[0, 2] == pytest.approx(-0.5)


@pytest.mark.parametrize("rule", ["sgd", "momentum", "nesterov"])
def test_a_rate_below_the_range_of_float16_still_counts(rule):
    parameters = Parameters({"w": (1,)}, 1, np.float16, frozenset({"w"}))
    parameters.flat[...] = 1
    optimizer = getattr(training, rule)(1e-8, weight_decay=1e-9)
    memory, gradient = optimizer.start(parameters), parameters.like()
    gradient.flat[...] = 6e4
    optimizer.step(parameters, gradient, memory)
    assert 0.998 < parameters.flat[0, 0] < 1


@pytest.mark.parametrize("dtype", DTYPES)
def test_clipping_finds_any_norm(dtype):
    limits = np.finfo(dtype)
    largest, least = 2.0 ** (limits.maxexp - 3), float(limits.tiny)
    gradient = Parameters({"w": (2,), "b": (1,)}, 4, dtype)
    gradient.flat[...] = np.outer([largest, 1, least, 0], [3, 0, 4])
    with np.errstate(all="raise"):
        norms = training.clip(gradient, 1.0)
    np.testing.assert_allclose(norms, [5 * largest, 5, 5 * least, 0], rtol=1e-6)
    wanted = np.outer([1, 1, 5 * least, 0], [0.6, 0, 0.8])
    np.testing.assert_allclose(gradient.flat.astype(float), wanted, rtol=2 * limits.eps)
    gradient.flat[...] = [[np.inf, 1, 1], [np.nan, 1, 1], [3, 0, 4], [0, 0, 0.5]]
    np.testing.assert_allclose(training.clip(gradient, 1.0), [np.inf, np.nan, 5, 0.5])
    wanted = [[np.nan] * 3, [np.nan] * 3, [0.6, 0, 0.8], [0, 0, 0.5]]
    np.testing.assert_allclose(gradient.flat, wanted, rtol=2 * limits.eps)
