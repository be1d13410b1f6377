"""Random transformers at the start: book/attention.md."""

from functools import lru_cache

import numpy as np

from lib import attention
from lib.theory import transformer

WIDTH, TOKENS, REPLICAS = 96, 16, 8
DRAWS = 400  # of scores


@lru_cache(maxsize=64)
def scores(entries: int, tokens: int) -> np.ndarray:
    """Products of random queries and keys with entries of variance 1, shape (draws, tokens)."""
    rng = np.random.default_rng(entries)
    query = rng.standard_normal((DRAWS, entries, 1))
    return np.asarray((query * rng.standard_normal((DRAWS, entries, tokens))).sum(axis=1))


def shares(entries: int, tokens: int, scaled: bool) -> tuple[np.ndarray, float]:
    """Shares of attention that a token gives to others.

    Parameters
    ----------
    entries : int
        Of a query and of a key, each of variance 1.
    tokens : int
    scaled : bool
        Divide the scores by the root of `entries`.

    Returns
    -------
    p : ndarray, shape (draws, tokens)
        The largest first.
    entropy : float
        Mean over the draws, as a share of the largest possible.
    """
    found = scores(entries, tokens) / (np.sqrt(entries) if scaled else 1.0)
    p = np.sort(attention.softmax(found), axis=1)[:, ::-1]
    return p, float(attention.entropy(p).mean() / np.log(tokens))


def network(
    blocks: int, placement: str | None, scaling: str, residual: bool
) -> attention.Transformer:
    """Describe a network of the page, with ReLU in its feed-forward layers."""
    block = attention.Block(
        WIDTH, heads=4, activation="relu", placement=placement, residual=residual
    )
    return attention.Transformer(blocks, block, tokens=TOKENS, scaling=scaling)


@lru_cache(maxsize=64)
def measured(
    blocks: int, placement: str | None, scaling: str, residual: bool = True
) -> attention.TransformerRun:
    """Simulate what `predicted` predicts, several times."""
    drawn = network(blocks, placement, scaling, residual)
    return attention.simulate(drawn, replicas=REPLICAS, dtype="float32")


@lru_cache(maxsize=64)
def predicted(
    blocks: int, placement: str | None, scaling: str, residual: bool = True
) -> transformer.Prediction:
    """Predict likeness and gradients of `network` by block."""
    return transformer.predict(network(blocks, placement, scaling, residual))


def log10_mean_square(log10_norms: np.ndarray) -> np.ndarray:
    """Logarithm of the root mean square over replicas, the first axis, of norms given by theirs."""
    peak = log10_norms.max(axis=0)
    with np.errstate(under="ignore"):
        squares = np.mean(10.0 ** (2 * (log10_norms - peak)), axis=0)
    return np.asarray(peak + np.log10(squares) / 2)


def likeness_after(likeness: float, *, tokens: int = TOKENS) -> float:
    """Likeness of tokens after a layer of attention alone, with scores of variance 1.

    Examples
    --------
    >>> likeness_after(1.0), likeness_after(0.0) > 0.3
    (1.0, True)
    """
    moments = transformer.share_moments(tokens, 1.0 - likeness, likeness)
    size, product = (float(m + (1 - m) * likeness) for m in (moments[0], moments[3]))
    return product / size
