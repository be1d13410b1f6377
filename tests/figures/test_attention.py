"""What the figures on attention say, against networks and integrals of their own."""

import re

import numpy as np
import pytest
from captions import caption

from lib import attention as transformers
from lib.figures import attention
from lib.figures.render import Stage
from lib.simulations import attention as simulated


@pytest.mark.parametrize("scaled", [False, True])
@pytest.mark.parametrize("entries", [1, 64])
def test_saturation(entries, scaled):
    rng = np.random.default_rng(17)
    queries, keys = rng.standard_normal((3000, entries)), rng.standard_normal((3000, 16, entries))
    scores = np.einsum("de,dte->dt", queries, keys) / (entries**0.5 if scaled else 1)
    p = np.exp(scores - scores.max(axis=1)[:, None])
    p /= p.sum(axis=1)[:, None]
    most, entropy, slopes = re.search(
        r"gets (\d+)%.*entropy (\d+)%.*add up to ([\d.]+)\.",
        caption(attention.saturation, entries=entries, scaled=scaled),
    ).groups()
    assert float(most) / 100 == pytest.approx(p.max(axis=1).mean(), abs=0.03)
    logs = np.log(np.maximum(p, 1e-300))
    assert float(entropy) / 100 == pytest.approx(-(p * logs).sum(1).mean() / np.log(16), abs=0.03)
    assert float(slopes) == pytest.approx((p * (1 - p)).sum(axis=1).mean(), rel=0.1)


def test_by_block_tells_what_networks_do():
    told = caption(attention.by_block, placement="pre", scaling="none", blocks=6)
    block = transformers.Block(96, heads=4, activation="relu")
    run = transformers.simulate(transformers.Transformer(6, block), replicas=6, seed=9)
    likeness, feed, queries = (
        float(n)
        for n in re.search(r"end ([\d.]+);.*forward ([\d.]+), queries ([\d.]+)\.", told).groups()
    )
    assert likeness == pytest.approx(run.likeness[:, -1].mean(), abs=0.03)
    for name, ratio in (("down", feed), ("query", queries)):
        norms = 10 ** (2 * run.log10_weight_gradient_norm[name])
        ends = np.sqrt(norms.mean(axis=0))
        assert ratio == pytest.approx(ends[0] / ends[-1], rel=0.15)


@pytest.mark.parametrize("placement", ["pre", "post"])
def test_what_is_predicted_lies_on_what_was_measured(placement):
    stage = Stage(attention.by_block)
    stage.frame({"placement": placement, "scaling": "none", "blocks": 6})
    pairs = [axes.lines[i : i + 2] for f in stage.figures for axes in f.axes
             for i in range(0, len(axes.lines), 2)]  # fmt: skip
    assert len(pairs) == 4
    for line, marks in pairs:
        assert (line.get_marker(), marks.get_marker()) == ("None", "o")
        np.testing.assert_array_equal(line.get_xdata(), marks.get_xdata())
        predicted, measured = line.get_ydata(), marks.get_ydata()
        np.testing.assert_allclose(measured, predicted, rtol=0.4, atol=0.02)


def test_post_norm_loses_the_gradient_of_the_last_queries():
    told = caption(attention.by_block, placement="post", scaling="none", blocks=24)
    assert re.search(r"queries \d\.\d·10[⁵⁶⁷]\.$", told)
    assert "likeness at the end 1;" in told


def test_map_of_likeness_by_hand():
    rng = np.random.default_rng(3)
    c, T, n = 0.5, 16, 4000
    after = []
    for _ in range(20):
        x = np.sqrt(1 - c) * rng.standard_normal((n, T)) + np.sqrt(c) * rng.standard_normal((n, 1))
        # Scores of random queries and keys: normal, with the products of tokens as covariances.
        root = np.linalg.cholesky(x.T @ x / n)
        scores = root @ rng.standard_normal((T, T)) @ root.T
        p = np.exp(scores)
        p /= p.sum(axis=1)[:, None]
        mixed = x @ p.T
        products = mixed.T @ mixed / n
        off = ~np.eye(T, dtype=bool)
        after.append([products[off].mean(), np.diag(products).mean()])
    product, size = np.mean(after, axis=0)
    assert simulated.likeness_after(c) == pytest.approx(product / size, abs=0.02)


def test_collapse_is_fastest_without_a_skip_connection():
    post, pre = re.search(r"is ([\d.]+)·10⁻³ with post-norm and ([\d.]+)", caption(
        attention.collapse
    )).groups()  # fmt: skip
    assert 1 < float(post) < 3
    assert 0.1 < float(pre) < 0.4
    block = transformers.Block(96, heads=4, activation="relu", residual=False)
    alone = transformers.simulate(transformers.Transformer(3, block), replicas=2, seed=4)
    assert 1 - alone.likeness[:, -1].mean() < 1e-5
