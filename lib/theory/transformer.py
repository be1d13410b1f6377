r"""Signal, likeness of tokens and gradient in wide random transformers.

Each half of a block adds a branch to the residual stream, and all weights are independent, so that
mean squares add up, as in :mod:`lib.theory.residual`. Tokens are exchangeable (there is no mask),
and so two numbers describe a stream: the mean square of an entry, and the mean product of the same
entry of two different tokens. Their ratio is the likeness :math:`c` of tokens. The same holds for
gradients. With shares :math:`p_{ts}` that sum to 1 over :math:`s`, and
:math:`P_2 = \mathbb{E}\sum_s p_{ts}^2`, attention turns tokens of mean square 1 into values of mean
square :math:`P_2 + (1 - P_2)\,c`. Scores are normal in the limit of wide heads. What is needed of
the shares is averaged over fixed random draws; the rest are integrals.

The sources are Xiong et al., "On Layer Normalization in the Transformer Architecture", ICML 2020;
Noci et al., "Signal Propagation in Transformers", NeurIPS 2022, for the two numbers per stream;
Dong, Cordonnier & Loukas, "Attention is Not All You Need", ICML 2021, for the loss of rank.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lib._checks import instance, real
from lib._values import ByValue, frozen
from lib.activations._base import as_activation
from lib.attention import Block, Transformer
from lib.attention._settings import gains_of
from lib.initializers import xavier
from lib.theory._series import at, products
from lib.theory._shares import share_moments

__all__ = ["Prediction", "at", "predict", "products", "share_moments"]


@dataclass(frozen=True, eq=False)
class Prediction(ByValue):
    r"""What theory expects of transformers; arrays begin before the first block.

    Attributes
    ----------
    stream : ndarray, shape (blocks + 1,)
        Mean square of an entry of the residual stream.
    likeness : ndarray, shape (blocks + 1,)
        Expected cosine of two different tokens.
    log10_gradient : ndarray, shape (blocks + 1,)
        Decimal logarithm of the root mean square of the gradient with respect to the stream,
        relative to the stream after the last block.
    gradient_likeness : ndarray, shape (blocks + 1,)
        Expected cosine of the gradients of two different tokens.
    branches : ndarray, shape (blocks, 2)
        Mean square of what attention and feed-forward network give, before it is scaled.
    log10_down_gradient, log10_query_gradient : ndarray, shape (blocks,)
        Decimal logarithm of the norm of the gradient with respect to the last matrix of each
        feed-forward network, and with respect to the matrix of all queries, where the gradient
        with respect to the output has norm 1.
    """

    stream: np.ndarray
    likeness: np.ndarray
    log10_gradient: np.ndarray
    gradient_likeness: np.ndarray
    branches: np.ndarray
    log10_down_gradient: np.ndarray
    log10_query_gradient: np.ndarray


@dataclass(frozen=True)
class _Variances:
    """Fan-in times variance of the weights of each matrix."""

    query: float
    key: float
    value: float  # of values and the output of attention together
    up: float
    gate: float
    down: float


def predict(
    network: Transformer, *, input_likeness: float = 0.0, output_likeness: float = 0.0
) -> Prediction:
    r"""Follow signal and gradient through transformers of one kind.

    Parameters
    ----------
    network : Transformer
        Of at least two tokens, without a mask, and with scores in units of
        :math:`1/\sqrt{d}`. Which normalization it has does not matter in wide networks.
    input_likeness : float
        Cosine of two tokens at the input, whose entries have mean square 1; from 0 to 1. Default 0.
    output_likeness : float
        Cosine of the gradients of two tokens at the output, from 0 to 1. Default 0.

    Returns
    -------
    Prediction

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.

    Notes
    -----
    Used in: ``book/attention.md``.

    Examples
    --------
    >>> from lib.attention import Block, Transformer
    >>> from lib.theory import transformer
    >>> after = transformer.predict(Transformer(24, Block(512, placement="post")))
    >>> bool(after.likeness[-1] > 0.99), bool(after.log10_gradient[12] < -0.5)
    (True, True)
    """
    network = _covered(network)
    block, tokens = network.scaled_block, network.tokens
    variances = _variances(network)
    likeness = real("input_likeness", input_likeness, least=0, most=1)
    with np.errstate(all="ignore"):
        halves, streams, branches = _forward(block, variances, network.blocks, tokens, likeness)
        gradients, weights = _backward(
            block, halves, tokens, real("output_likeness", output_likeness, least=0, most=1)
        )
        if network.normalizes_last:
            weights = weights / streams[-1, 0]
        size = gradients[:, 0]
        return frozen(
            Prediction(
                stream=streams[:, 0].copy(),
                likeness=streams[:, 1] / streams[:, 0],
                log10_gradient=np.log10(size / size[-1]) / 2,
                gradient_likeness=gradients[:, 1] / size,
                branches=branches,
                log10_down_gradient=np.log10(weights[:, 0]) / 2,
                log10_query_gradient=np.log10(weights[:, 1]) / 2,
            )
        )


def _covered(network: Transformer) -> Transformer:
    """Check whether the theory covers a network."""
    network = instance("network", network, Transformer, "a lib.attention.Transformer")
    block = network.block
    if network.tokens < 2:
        raise ValueError(f"network must have at least two tokens; got {network.tokens}")
    if block.causal:
        raise ValueError(f"network must be without a mask, and so not causal; got {block!r}")
    if block.score_scale != (block.width // block.heads) ** -0.5:
        raise ValueError(f"network must have the default score_scale; got {block.score_scale}")
    real("score_gain of the network", network.score_gain, least=0, most=1e6)
    return network


def _variances(network: Transformer) -> _Variances:
    initializer, scales = network.initializer, network.scales
    start = xavier(distribution="normal") if initializer is None else initializer
    gains = gains_of(network.block, scales.gain, scales.output_gain, network.score_gain)
    found = {
        name: gains[name] ** 2 * start.weight_variance(fan_in, fan_out)
        for name, (fan_out, fan_in) in network.block.matrices.items()
    }
    return _Variances(
        query=found["query"],
        key=found["key"],
        value=found["value"] * found["output"],
        up=found["up"],
        gate=found.get("gate", 0.0),
        down=found["down"],
    )


class _Half:
    """One half of a block: what it makes of a stream, and of a gradient on the way back."""

    def __init__(self, block: Block, variances: _Variances, tokens: int, stream: np.ndarray):
        self.block, self.variances, self.tokens, self.before = block, variances, tokens, stream
        pre = block.placement == "pre"
        self.given = stream / stream[0] if pre else stream
        self.branch = self.forward()
        skip = block.skip_scale**2 if block.residual else 0.0
        total = skip * stream + block.branch_scale**2 * self.branch
        self.divisor = total[0] if block.placement == "post" else 1.0
        self.after = total / self.divisor

    def forward(self) -> np.ndarray:
        """Mean square and mean product of what the branch gives."""
        raise NotImplementedError

    def back(self, gradient: np.ndarray) -> np.ndarray:
        """Find the same of the gradient that the branch gives back."""
        raise NotImplementedError

    def both_ways_back(self, gradient: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Gradient before the half, and the one that enters its branch."""
        block = self.block
        gradient = gradient / self.divisor
        entering = block.branch_scale**2 * gradient
        branch = self.back(entering) / (self.before[0] if block.placement == "pre" else 1.0)
        skip = block.skip_scale**2 if block.residual else 0.0
        return skip * gradient + branch, entering


class _Attention(_Half):
    def forward(self) -> np.ndarray:
        size, product = self.given
        self.likeness = float(np.clip(product / size, 0.0, 1.0)) if size > 0 else 0.0
        scores = self.variances.query * self.variances.key * size**2 * (1 - self.likeness)
        self.moments = share_moments(self.tokens, round(scores, 9), round(self.likeness, 9))
        p2, x2 = self.moments[0], self.moments[3]
        kept = np.array([p2, x2])
        return np.asarray(self.variances.value * size * (kept + (1 - kept) * self.likeness))

    def back(self, gradient: np.ndarray) -> np.ndarray:
        g, r = gradient
        others, c = self.tokens - 1, self.likeness
        p2, p3, p22, x2, x21, x22 = self.moments
        own, shared = p2 - 2 * p3 + p22, x2 - 2 * x21 + x22
        # By the values: a value receives what all that look at it send back.
        value = p2 * g + others * x2 * r
        by_value = np.array([value, (g + others * r - value) / others])
        # By the scores, whose gradient needs values that differ.
        v = self.variances
        differing = v.key * v.value * self.given[0] ** 2 * (1 - c)
        self.queries = differing * (1 - c) * np.array([own * g, shared * r])
        key = differing * v.query * (own * g + others * c * shared * r)
        by_key = np.array([key, -key / others])
        return np.asarray(v.value * by_value + v.query * self.queries + by_key)


class _Feed(_Half):
    def forward(self) -> np.ndarray:
        size, product = self.given
        c = float(np.clip(product / size, 0.0, 1.0)) if size > 0 else 0.0
        phi, v = as_activation("activation", self.block.activation), self.variances
        gated = self.block.gated
        received = round(float((v.gate if gated else v.up) * size), 12)
        values, slopes = products(phi, received), products(phi, received, slopes=True)
        self.values, self.slopes = (np.array([at(f, 1.0), at(f, c)]) for f in (values, slopes))
        self.linear = v.up * size * np.array([1.0, c])
        self.hidden = self.values * self.linear if gated else self.values
        return np.asarray(v.down * self.hidden)

    def back(self, gradient: np.ndarray) -> np.ndarray:
        v = self.variances
        if self.block.gated:
            return np.asarray(
                v.down * (v.up * self.values + v.gate * self.slopes * self.linear) * gradient
            )
        return np.asarray(v.down * v.up * self.slopes * gradient)


def _forward(
    block: Block, variances: _Variances, blocks: int, tokens: int, likeness: float
) -> tuple[list[tuple[_Attention, _Feed]], np.ndarray, np.ndarray]:
    stream, halves = np.array([1.0, likeness]), []
    streams = [stream]
    for _ in range(blocks):
        first = _Attention(block, variances, tokens, stream)
        second = _Feed(block, variances, tokens, first.after)
        halves.append((first, second))
        stream = second.after
        streams.append(stream)
    branches = [[half.branch[0] for half in pair] for pair in halves]
    return halves, np.array(streams), np.array(branches)


def _backward(
    block: Block, halves: list[tuple[_Attention, _Feed]], tokens: int, likeness: float
) -> tuple[np.ndarray, np.ndarray]:
    gradient = np.array([1.0, likeness])
    gradients: list[np.ndarray] = [gradient]
    weights: list[list[float]] = []
    pairs = np.array([1.0, tokens - 1.0])  # of a token with itself, and with the others
    for first, second in reversed(halves):
        gradient, entering = second.both_ways_back(gradient)
        down = (block.hidden or 0) * float(pairs @ (entering * second.hidden))
        gradient, _ = first.both_ways_back(gradient)
        query = block.width * float(pairs @ (first.queries * first.given))
        weights.insert(0, [down, query])
        gradients.insert(0, gradient)
    return np.array(gradients), np.array(weights)
