"""Theory of transformers: closed forms, integrals, recursions by hand, and simulation."""

import numpy as np
import pytest
from scipy import integrate, stats

from lib import activations, attention, initializers
from lib.attention import Block, Transformer
from lib.theory import mean_field, transformer


def test_shares_of_two_tokens_are_a_logistic_integral():
    # With two scores p = sigma(s - s'), where s - s' is normal of twice the variance.
    for variance in (0.1, 1.0, 4.0):

        def moment(power, variance=variance):
            def f(z):
                p = 1 / (1 + np.exp(-np.sqrt(2 * variance) * z))
                return (p**power + (1 - p) ** power) * stats.norm.pdf(z)

            return integrate.quad(f, -9, 9)[0]

        found = transformer.share_moments(2, variance, 0.3)
        assert found[:2] == pytest.approx([moment(2), moment(3)], rel=0.01)


def test_two_queries_with_the_same_scores_share_alike():
    p2, p3, p22, x2, x21, x22 = transformer.share_moments(5, 1.0, 1.0)
    assert (p2, p3, p22) == pytest.approx((x2, x21, x22))
    independent = transformer.share_moments(5, 1.0, 0.0)
    assert independent[3] == pytest.approx(1 / 5, rel=0.01)


@pytest.mark.parametrize("c", [0.0, 0.3, 0.9, 1.0])
def test_series_of_relu_are_arc_cosine_kernels(c):
    relu, angle = activations.relu(), np.arccos(c)
    values = transformer.at(transformer.products(relu, 2.0), c)
    expected = 2 * (np.sin(angle) + (np.pi - angle) * c) / (2 * np.pi)
    assert values == pytest.approx(expected, rel=1e-5)
    slopes = transformer.at(transformer.products(relu, 2.0, slopes=True), c)
    assert slopes == pytest.approx((np.pi - angle) / (2 * np.pi), rel=2e-3)


@pytest.mark.parametrize("name", ["gelu", "tanh", "silu", "hard_swish"])
def test_series_agree_with_the_correlation_map(name):
    phi, q = activations.get(name), 1.7
    series = transformer.products(phi, q)
    mapped = mean_field.correlation_map(phi, 0.6, q=q, weight_variance=1.0)
    assert transformer.at(series, 0.6) / series.sum() == pytest.approx(mapped, rel=1e-8)


def by_hand(blocks, placement, tokens):
    """Equal shares and ReLU with weights of variance 1 / fan_in, by closed forms."""
    q, p, states = 1.0, 0.0, []
    for _ in range(blocks):
        for half in ("attention", "feed"):
            scale = q if placement == "pre" else 1.0
            size, c = q / scale, p / q
            if half == "attention":
                kept = 1 / tokens + (1 - 1 / tokens) * c
                branch = size * np.array([kept, kept])
                slopes = None
            else:
                angle = np.arccos(min(c, 1.0))
                both = (np.sin(angle) + (np.pi - angle) * c) / (2 * np.pi)
                branch = size * np.array([0.5, both])
                slopes = np.array([0.5, (np.pi - angle) / (2 * np.pi)])
            total = np.array([q, p]) + branch
            divisor = total[0] if placement == "post" else 1.0
            states.append((scale, divisor, slopes))
            q, p = total / divisor
    g, r = 1.0, 0.0
    for scale, divisor, slopes in reversed(states):
        g, r = g / divisor, r / divisor
        if slopes is None:
            value = g / tokens + (1 - 1 / tokens) * r
            back = np.array([value, value])
        else:
            back = slopes * [g, r]
        g, r = np.array([g, r]) + back / scale
    return q, p / q, np.log10(g) / 2, r / g


@pytest.mark.parametrize("placement", ["pre", "post"])
def test_a_recursion_by_hand(placement):
    block = Block(512, activation="relu", placement=placement)
    found = transformer.predict(
        Transformer(5, block, tokens=7, score_gain=0.0, initializer=initializers.lecun())
    )
    q, c, gradient, likeness = by_hand(5, placement, 7)
    assert found.stream[-1] == pytest.approx(q, rel=1e-5)
    assert found.likeness[-1] == pytest.approx(c, rel=1e-4)
    assert found.log10_gradient[0] == pytest.approx(gradient, abs=2e-4)
    assert found.gradient_likeness[0] == pytest.approx(likeness, abs=2e-3)


@pytest.mark.parametrize(
    "options",
    [
        {"placement": "post"},
        {"placement": "pre"},
        {"placement": "pre", "scaling": "gpt2", "activation": "gelu"},
        {"placement": "post", "scaling": "deepnorm"},
        {"placement": "pre", "activation": "silu", "gated": True},
        {"placement": "pre", "residual": False},
    ],
)
def test_against_simulation(options):
    settings = {"activation": "relu", **options}
    scaling = settings.pop("scaling", "none")
    network = Transformer(8, Block(128, heads=4, **settings), tokens=12, scaling=scaling)
    run = attention.simulate(network, replicas=10)
    theory = transformer.predict(network)
    squares = np.log10(np.mean(10 ** (2 * run.log10_gradient_ratio), axis=0)) / 2
    without_skip = options.get("residual") is False
    # Narrow networks: sums over 128 units scatter, and more so where all goes through branches.
    np.testing.assert_allclose(squares, theory.log10_gradient, atol=0.25 if without_skip else 0.05)
    np.testing.assert_allclose(run.likeness.mean(axis=0), theory.likeness, atol=0.06)
    if not without_skip:
        np.testing.assert_allclose((run.stream_rms**2).mean(axis=0), theory.stream, rtol=0.1)
        # What the queries get is the product of differences of tokens, which scatter most.
        for name, off in (("down", 0.12), ("query", 0.2)):
            norms = run.log10_weight_gradient_norm[name]
            measured = np.log10(np.mean(10 ** (2 * norms), axis=0)) / 2
            predicted = getattr(theory, f"log10_{name}_gradient")
            np.testing.assert_allclose(measured, predicted, atol=off)


def test_what_the_chapter_says():
    def wide(blocks, **settings):
        return Transformer(blocks, Block(512, activation="relu", **settings))

    post, pre = (transformer.predict(wide(24, placement=p)) for p in ("post", "pre"))
    # Gradient of the last block: independent of the depth, or like one over its root.
    for placement, factor in (("post", 1.0), ("pre", 0.5)):
        ends = [
            transformer.predict(wide(n, placement=placement)).log10_down_gradient[-1]
            for n in (24, 96)
        ]
        assert 10 ** (ends[1] - ends[0]) == pytest.approx(factor, rel=0.1)
    assert post.log10_query_gradient[-1] < -4 < pre.log10_query_gradient[-1]
    alike = transformer.predict(wide(30, residual=False)).likeness
    assert 1 - alike[10] < 1e-6


@pytest.mark.parametrize(
    ("network", "message"),
    [
        (Transformer(2, Block(4), tokens=1), "network must have at least two tokens"),
        (Transformer(2, Block(4, causal=True)), "network must be without a mask"),
        (Transformer(2, Block(4, score_scale=1.0)), "network must have the default score_scale"),
        (Transformer(2, Block(4), score_gain=1e7), "score_gain of the network must be finite"),
    ],
)
def test_what_the_theory_does_not_cover_is_refused(network, message):
    with pytest.raises(ValueError, match=message):
        transformer.predict(network)
