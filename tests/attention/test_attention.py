"""A transformer block against its definition, the complex step, invariances, and PyTorch."""

import itertools

import numpy as np
import pytest
from scipy import special

from lib import activations, attention
from lib.attention import Block, Scaling, Transformer

RNG = np.random.default_rng(0)
REPLICAS, WIDTH, BATCH, TOKENS = 2, 6, 2, 4
X = RNG.standard_normal((REPLICAS, WIDTH, BATCH, TOKENS)) + 0.3
DIRECTION = RNG.standard_normal(X.shape)

# On complex numbers; where a function has a kink, by the real part.
FUNCTIONS = {
    "relu": lambda h: np.where(h.real > 0, h, 0),
    "tanh": np.tanh,
    "silu": lambda h: h / (1 + np.exp(-h)),
    "gelu": lambda h: h * (1 + special.erf(h / np.sqrt(2))) / 2,
    "sigmoid": lambda h: 1 / (1 + np.exp(-h)),
}


def stack(blocks, *, tokens=3, heads=2, causal=False, **settings):
    """Blocks of few units."""
    block = Block(WIDTH, heads=heads, activation="relu", causal=causal)
    return Transformer(blocks, block, tokens=tokens, **settings)


def definition(block, w, x, scales=None):
    """A block of one replica and one sequence (width, tokens), written down again."""
    n, T = x.shape
    scales = (block.branch_scale, block.branch_scale) if scales is None else scales

    def linear(name, x):
        return w[name] @ x + (w[f"{name} bias"][:, None] if block.affine else 0)

    def norm(half, x):
        if block.normalization == "layer":
            x = x - x.sum(axis=0) / n
        y = x / np.sqrt((x * x).sum(axis=0) / n + block.epsilon)
        if block.affine:
            y = w[f"norm {half} gain"][:, None] * y
            if block.normalization == "layer":
                y = y + w[f"norm {half} shift"][:, None]
        return y

    def attend(x):
        q, k, v = (linear(name, x) for name in ("query", "key", "value"))
        d, out = n // block.heads, []
        for head in range(block.heads):
            rows = slice(head * d, (head + 1) * d)
            mixed = np.zeros((d, T), complex)
            for t in range(T):
                seen = range(t + 1) if block.causal else range(T)
                e = np.array([np.exp(q[rows, t] @ k[rows, s] * block.score_scale) for s in seen])
                mixed[:, t] = sum(p * v[rows, s] for p, s in zip(e / e.sum(), seen, strict=True))
            out.append(mixed)
        return linear("output", np.concatenate(out))

    def feed(x):
        phi = FUNCTIONS[block.activation.name]
        if block.gated:
            return linear("down", phi(linear("gate", x)) * linear("up", x))
        return linear("down", phi(linear("up", x)))

    for half, branch in ((1, attend), (2, feed)):
        given = norm(half, x) if block.placement == "pre" else x
        x = (block.skip_scale * x if block.residual else 0) + scales[half - 1] * branch(given)
        if block.placement == "post":
            x = norm(half, x)
    return x


def weights_of(block):
    weights = block.draw(1, REPLICAS, gain=1.3)
    rng = np.random.default_rng(2)
    return {
        name: w + (0.3 * rng.standard_normal(w.shape) if w.ndim == 2 else 0)
        for name, w in weights.items()
    }


def one(weights, replica):
    return {name: w[replica].astype(complex) for name, w in weights.items()}


PLAIN = [
    {"placement": placement, "normalization": kind, "residual": residual, "causal": causal}
    for placement, kind in (
        ("pre", "layer"), ("pre", "rms"), ("post", "layer"), ("post", "rms"), (None, "layer"),
    )
    for residual, causal in itertools.product((True, False), (True, False))
]  # fmt: skip
OPTIONS = [
    *PLAIN,
    {"activation": "relu", "heads": 2, "affine": True, "skip_scale": 1.7, "branch_scale": 0.4},
    {"activation": "silu", "gated": True, "normalization": "rms", "heads": 3, "affine": True},
    {"activation": "tanh", "heads": 6, "placement": "post", "affine": True, "causal": True},
    {"activation": "sigmoid", "gated": True, "placement": None, "affine": True, "hidden": 5},
    {"score_scale": 2.0, "epsilon": 0.5, "affine": True},
    {"branch_scale": 0.0, "placement": "pre"},
]


@pytest.mark.parametrize("options", OPTIONS)
def test_forward_is_the_definition(options):
    block = Block(WIDTH, **options)
    weights = weights_of(block)
    trace = block.forward(weights, X)
    for replica, sequence in itertools.product(range(REPLICAS), range(BATCH)):
        expected = definition(block, one(weights, replica), X[replica, :, sequence].astype(complex))
        np.testing.assert_allclose(
            trace.output[replica, :, sequence], expected.real, rtol=1e-11, atol=1e-12
        )
    np.testing.assert_allclose(trace.attention.sum(axis=-1), 1, rtol=1e-13)


def worst(actual, expected):
    return np.abs(actual - expected).max() / max(np.abs(expected).max(), 1e-30)


def by_complex_step(block, weights, replica, name, at):
    """Derivative of the loss with respect to one entry of a weight."""
    stepped = one(weights, replica)
    stepped[name][at] += 1e-30j
    outputs = [definition(block, stepped, X[replica, :, b].astype(complex)) for b in range(BATCH)]
    return sum(
        (DIRECTION[replica, :, b] * out.imag).sum() for b, out in enumerate(outputs)
    ) / 1e-30  # fmt: skip


@pytest.mark.parametrize("options", OPTIONS)
def test_backward_is_the_derivative(options):
    block = Block(WIDTH, **options)
    weights = weights_of(block)
    gradients = block.backward(block.forward(weights, X), DIRECTION)
    replica = 1
    expected = np.zeros_like(X[replica])
    for at in np.ndindex(WIDTH, BATCH, TOKENS):
        stepped = X[replica, :, at[1]].astype(complex)
        stepped[at[0], at[2]] += 1e-30j
        out = definition(block, one(weights, replica), stepped)
        expected[at] = (DIRECTION[replica, :, at[1]] * out.imag).sum() / 1e-30
    assert worst(gradients.x[replica], expected) < 1e-11
    rng = np.random.default_rng(3)
    for name, w in weights.items():
        if name == "key bias":
            continue
        entries = [tuple(rng.integers(0, n) for n in w[replica].shape) for _ in range(3)]
        found = np.array([gradients.weights[name][(replica, *at)] for at in entries])
        steps = [by_complex_step(block, weights, replica, name, at) for at in entries]
        scale = np.abs(gradients.weights[name][replica]).max()
        assert np.abs(found - steps).max() <= 1e-11 * scale, name
        assert scale > 0 or block.branch_scale == 0, name
    for half in (0, 1):
        scales = np.full(2, block.branch_scale, complex)
        scales[half] += 1e-30j
        total = sum(
            (
                DIRECTION[replica, :, b]
                * definition(block, one(weights, replica), X[replica, :, b], scales).imag
            ).sum()
            for b in range(BATCH)
        )
        assert gradients.branch_scales[replica, half] == pytest.approx(total / 1e-30, rel=1e-10)


@pytest.mark.parametrize("causal", [True, False])
def test_a_bias_of_the_keys_changes_nothing(causal):
    # It adds the same number to all scores of a query, so that its gradient is 0.
    block = Block(WIDTH, heads=2, affine=True, causal=causal)
    weights = weights_of(block)
    gradients = block.backward(block.forward(weights, X), DIRECTION).weights
    assert np.abs(gradients["key bias"]).max() < 1e-14 * np.abs(gradients["query bias"]).max()
    moved = weights | {"key bias": weights["key bias"] + 3}
    np.testing.assert_allclose(
        block.forward(moved, X).output, block.forward(weights, X).output, rtol=1e-11
    )


def test_a_mask_lets_nothing_through_from_later_tokens():
    block = Block(WIDTH, heads=2, causal=True)
    weights = weights_of(block)
    changed = X.copy()
    changed[..., 2:] += 1
    before, after = (block.forward(weights, x).output for x in (X, changed))
    np.testing.assert_array_equal(before[..., :2], after[..., :2])
    gradient = np.zeros_like(X)
    gradient[..., 1] = 1
    back = block.backward(block.forward(weights, X), gradient).x
    assert not back[..., 2:].any()
    assert back[..., :2].all()


def test_order_of_tokens_does_not_matter_without_a_mask():
    block = Block(WIDTH, heads=2)
    weights = weights_of(block)
    order = [2, 0, 3, 1]
    np.testing.assert_allclose(
        block.forward(weights, X[..., order]).output,
        block.forward(weights, X).output[..., order],
        rtol=1e-12,
    )


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
@pytest.mark.parametrize("placement", ["pre", "post"])
def test_precision_is_kept(dtype, placement):
    block = Block(WIDTH, heads=2, placement=placement, affine=True)
    weights = {name: w.astype(dtype) for name, w in weights_of(block).items()}
    trace = block.forward(weights, X.astype(dtype))
    gradients = block.backward(trace, DIRECTION.astype(dtype))
    exact = {name: w.astype(np.float64) for name, w in weights.items()}
    wide = block.forward(exact, X.astype(dtype).astype(np.float64))
    expected = block.backward(wide, DIRECTION.astype(dtype).astype(np.float64))
    rounding = 40 * np.finfo(dtype).eps
    assert trace.output.dtype == gradients.x.dtype == gradients.weights["up"].dtype == dtype
    assert worst(trace.output.astype(np.float64), wide.output) < rounding
    assert worst(gradients.x.astype(np.float64), expected.x) < rounding
    for name, gradient in gradients.weights.items():
        if name == "key bias":
            continue
        assert worst(gradient.astype(np.float64), expected.weights[name]) < rounding, name


def test_scores_beyond_all_exponentials():
    block = Block(WIDTH, score_scale=1e6)
    trace = block.forward(weights_of(block), X)
    gradients = block.backward(trace, DIRECTION)
    assert np.isfinite(gradients.x).all()
    assert trace.attention.max() == 1


# --- stacks ---


def test_a_stack_is_its_blocks_one_after_the_other():
    run = attention.simulate(
        stack(3, tokens=TOKENS, final_norm=True),
        batch=BATCH,
        replicas=2,
        x=X,
        output_gradient=DIRECTION,
        keep=True,
    )
    block, replica = run.network.scaled_block, 1
    x = X[replica].astype(complex)
    for trace in run.traces:
        w = one(dict(trace.weights), replica)
        x = np.stack([definition(block, w, x[:, b]) for b in range(BATCH)], axis=1)
    final = x.real - x.real.mean(axis=0)
    final /= np.sqrt((final**2).mean(axis=0) + block.epsilon)
    np.testing.assert_allclose(run.output[replica], final, rtol=1e-11, atol=1e-13)
    assert run.stream_rms[replica, -1] == pytest.approx(np.sqrt(np.mean(x.real**2)))

    def loss(x):
        for trace in run.traces:
            w = one(dict(trace.weights), replica)
            x = np.stack([definition(block, w, x[:, b]) for b in range(BATCH)], axis=1)
        x = x - x.mean(axis=0)
        x = x / np.sqrt((x * x).mean(axis=0) + block.epsilon)
        return (DIRECTION[replica] * x).sum().imag / 1e-30

    expected = np.zeros_like(X[replica])
    for at in np.ndindex(*expected.shape):
        stepped = X[replica].astype(complex)
        stepped[at] += 1e-30j
        expected[at] = loss(stepped)
    assert worst(run.gradients[0].x[replica], expected) < 1e-11
    norm = np.log10(np.linalg.norm(expected))
    assert run.log10_gradient_norm[replica, 0] == pytest.approx(norm, abs=1e-11)
    up = run.gradients[2].weights["up"][replica]
    assert run.log10_weight_gradient_norm["up"][replica, 2] == pytest.approx(
        np.log10(np.linalg.norm(up))
    )


def test_likeness_entropy_and_branches_by_hand():
    run = attention.simulate(stack(2), batch=2, replicas=2, keep=True, seed=5)
    stream = run.traces[1].x[1]
    cosines = [
        a @ b / np.linalg.norm(a) / np.linalg.norm(b)
        for sequence in (0, 1)
        for a, b in itertools.combinations(stream[:, sequence].T, 2)
    ]
    assert run.likeness[1, 1] == pytest.approx(np.mean(cosines))
    p = run.traces[1].attention[1]
    assert run.entropy[1, 1] == pytest.approx(np.mean(-(p * np.log(p)).sum(-1)) / np.log(3))
    branch = run.traces[1].branches[1][1]
    assert run.branch_rms[1, 1, 1] == pytest.approx(np.sqrt(np.mean(branch**2)))
    masked = attention.simulate(stack(1, causal=True), replicas=1, keep=True)
    p = masked.traces[0].attention[0, :, 0]
    rows = [-(p[:, t, : t + 1] * np.log(p[:, t, : t + 1])).sum(-1) / np.log(t + 1) for t in (1, 2)]
    assert masked.entropy[0, 0] == pytest.approx(np.mean(rows))


def test_the_first_replicas_are_the_same_whatever_their_number_and_memory():
    few, many, slow = (
        attention.simulate(stack(2), replicas=count, memory_limit=limit)
        for count, limit in ((2, 2**30), (5, 2**30), (5, 1))
    )
    np.testing.assert_allclose(few.output, many.output[:2], rtol=1e-13)
    np.testing.assert_allclose(many.output, slow.output, rtol=1e-13)
    np.testing.assert_allclose(many.log10_gradient_norm, slow.log10_gradient_norm, rtol=1e-12)
    kept = [
        attention.simulate(stack(1), replicas=3, memory_limit=limit, keep=True)
        for limit in (2**30, 1)
    ]
    np.testing.assert_allclose(kept[0].traces[0].attention, kept[1].traces[0].attention)
    np.testing.assert_allclose(kept[0].gradients[0].x, kept[1].gradients[0].x)


def test_scalings():
    assert attention.scaling("gpt2", 8).output_gain == 0.25
    assert attention.scaling("1/sqrt(2N)", 8).branch == 0.25
    deep = attention.scaling("deepnorm", 2)
    assert (deep.skip, deep.gain) == (pytest.approx(2**0.5), pytest.approx(0.5))
    start = attention.simulate(stack(4, scaling="rezero", final_norm=False), replicas=1)
    np.testing.assert_allclose(start.log10_gradient_ratio, 0, atol=1e-13)
    # The first weights of GPT-2 give what the other places the factor in every pass.
    one, two = (
        attention.simulate(stack(4, tokens=16, scaling=name), replicas=1).output
        for name in ("gpt2", "1/sqrt(2N)")
    )
    np.testing.assert_allclose(one, two, rtol=1e-10)
    drawn = Block(WIDTH).draw(0, gain=3.0, output_gain=2.0, score_gain=25.0)
    plain = Block(WIDTH).draw(0)
    ratios = {name: float((drawn[name] / plain[name]).mean()) for name in plain}
    assert ratios == pytest.approx(
        {"query": 5, "key": 5, "value": 3, "output": 6, "up": 3, "down": 6}
    )


@pytest.mark.parametrize("placement", ["pre", "post"])
@pytest.mark.parametrize("activation", ["relu", "gelu"])
def test_against_pytorch(placement, activation):
    torch = pytest.importorskip("torch")
    width, heads, tokens = 16, 4, 5
    torch.manual_seed(0)
    layer = torch.nn.TransformerEncoderLayer(
        width, heads, 32, dropout=0.0, activation=activation, norm_first=placement == "pre",
        dtype=torch.float64,
    )  # fmt: skip
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
    block = Block(width, heads=heads, hidden=32, activation=activation, placement=placement,
                  affine=True)  # fmt: skip

    def named(get):
        inner = layer.self_attn
        rows = [get(inner.in_proj_weight)[k * width : (k + 1) * width] for k in range(3)]
        biases = [get(inner.in_proj_bias)[k * width : (k + 1) * width] for k in range(3)]
        parts = ("query", "key", "value")
        found = dict(zip(parts, rows, strict=True))
        found |= {f"{name} bias": b for name, b in zip(parts, biases, strict=True)}
        for name, module in (("output", inner.out_proj), ("up", layer.linear1),
                             ("down", layer.linear2)):  # fmt: skip
            found |= {name: get(module.weight), f"{name} bias": get(module.bias)}
        for half, norm in ((1, layer.norm1), (2, layer.norm2)):
            found |= {f"norm {half} gain": get(norm.weight), f"norm {half} shift": get(norm.bias)}
        return {name: array.numpy()[None] for name, array in found.items()}

    rng = np.random.default_rng(0)
    x, direction = rng.standard_normal((2, 1, width, 3, tokens))
    given = torch.tensor(x[0].transpose(2, 1, 0), requires_grad=True)
    out = layer(given)
    out.backward(torch.tensor(direction[0].transpose(2, 1, 0)))
    trace = block.forward(named(lambda p: p.detach()), x)
    gradients = block.backward(trace, direction)
    assert worst(trace.output[0], out.detach().numpy().transpose(2, 1, 0)) < 1e-12
    assert worst(gradients.x[0], given.grad.numpy().transpose(2, 1, 0)) < 1e-12
    for name, expected in named(lambda p: p.grad).items():
        if name == "key bias":
            continue
        assert worst(gradients.weights[name], expected) < 1e-11, name


# --- softmax, and bad input ---


def test_softmax_and_entropy():
    x = RNG.standard_normal((3, 4))
    np.testing.assert_allclose(attention.softmax(x), np.exp(x) / np.exp(x).sum(-1)[:, None])
    np.testing.assert_allclose(attention.softmax(x, axis=0).sum(0), 1)
    np.testing.assert_array_equal(attention.softmax([0.0, 1e300]), [0, 1])
    assert attention.softmax(np.zeros(2, np.float16)).dtype == np.float16
    assert attention.entropy([1.0, 0.0]) == 0
    assert attention.entropy(attention.softmax(x))[0] == pytest.approx(
        -np.sum(attention.softmax(x)[0] * np.log(attention.softmax(x)[0]))
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Block(1), "width must be at least 2"),
        (lambda: Block(6, heads=4), "heads must divide the width"),
        (lambda: Block(6, placement="before"), "placement must be 'pre', 'post' or None"),
        (lambda: Block(6, normalization="batch"), "normalization must be"),
        (lambda: Block(6).forward({}, X), "weights must be named query"),
        (lambda: Block(6).forward(Block(6).draw(0), X), "for the replicas of x"),
        (lambda: Block(4).forward(Block(4).draw(0), X), "x must have shape"),
        (lambda: stack(2, scaling="half"), "scaling must be one of"),
        (lambda: stack(0), "blocks must be at least 1"),
        (lambda: Transformer(2, Block(6, branch_scale=0.5)), "block must have a skip_scale and"),
        (lambda: attention.simulate(stack(2), dtype="int8"), "dtype must be float16"),
        (lambda: attention.simulate(stack(2), input_likeness=2), "input_likeness must be"),
        (lambda: attention.softmax([np.nan]), "x must hold a finite number"),
        (lambda: attention.entropy([2.0]), "p must be from 0 to 1"),
        (lambda: Scaling(skip=-1.0), "skip must be finite, from 0"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_trace_of_another_block_is_refused():
    block, other = Block(WIDTH), Block(WIDTH, heads=2)
    trace = block.forward(weights_of(block), X)
    with pytest.raises(TypeError, match="trace must be from forward of this block"):
        other.backward(trace, DIRECTION)
    with pytest.raises(ValueError, match="gradient must have the shape"):
        block.backward(trace, DIRECTION[:1])
    assert activations.get("gelu") == block.activation
