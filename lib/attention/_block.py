"""One transformer block: its settings, its forward pass, and the exact way back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from lib._checks import boolean, choice, finite, floating, generator, integer, real, shown
from lib._numbers import quiet, working
from lib._values import ByValue, ReadOnly
from lib.activations import Activation
from lib.activations._base import as_activation
from lib.attention._softmax import shares, shares_back
from lib.initializers import Initializer, xavier
from lib.normalization import pull_back, standardize

Arrays = dict[str, np.ndarray]
PLACEMENTS = ("pre", "post", None)
UNITS = 1  # the axis of units: arrays are (replicas, units, batch, tokens)


@dataclass(frozen=True, eq=False)
class BlockTrace(ByValue):
    """A forward pass through a block.

    Attributes
    ----------
    block : Block
    weights : mapping of str to ndarray
        In the precision of the arithmetic.
    x, output : ndarray, shape (replicas, width, batch, tokens)
        The residual stream before and after the block.
    middle : ndarray, shape (replicas, width, batch, tokens)
        The stream between attention and feed-forward network.
    attention : ndarray, shape (replicas, heads, batch, tokens, tokens)
        Shares: the last axis counts the tokens that are looked at, and adds up to 1.
    branches : tuple of two ndarrays, shape (replicas, width, batch, tokens)
        What attention and feed-forward network gave, before it was scaled and added.
    inner : dict of str to ndarray
        What the way back needs besides.
    """

    block: Block
    weights: Mapping[str, np.ndarray]
    x: np.ndarray
    middle: np.ndarray
    output: np.ndarray
    attention: np.ndarray
    branches: tuple[np.ndarray, np.ndarray]
    inner: Arrays


@dataclass(frozen=True, eq=False)
class BlockGradients(ByValue):
    """What the way back through a block returns.

    Attributes
    ----------
    x : ndarray, shape (replicas, width, batch, tokens)
        With respect to the input of the block.
    middle : ndarray, shape (replicas, width, batch, tokens)
        With respect to the stream between attention and feed-forward network.
    weights : mapping of str to ndarray
        Of the shapes of the weights, summed over batch and tokens.
    branch_scales : ndarray, shape (replicas, 2)
        With respect to the scale of the attention branch and of the feed-forward branch.
    """

    x: np.ndarray
    middle: np.ndarray
    weights: Mapping[str, np.ndarray]
    branch_scales: np.ndarray


@dataclass(frozen=True)
class Block:
    r"""A transformer block: attention over tokens, then a feed-forward network for each token.

    With a branch :math:`B` (attention or feed-forward network), a normalization :math:`N`, skip
    scale :math:`\alpha` and branch scale :math:`s`, each half of the block computes

    .. math:: \text{pre: } \alpha x + s B(N(x)), \quad \text{post: } N(\alpha x + s B(x)), \quad
       \text{without: } \alpha x + s B(x).

    Parameters
    ----------
    width : int
        Entries of a token, at least 2.
    heads : int
        Number of heads, a divisor of the width. Default 1.
    hidden : int, optional
        Units of the feed-forward network. Default four times the width.
    activation : Activation or str
        Of the feed-forward network. Default GELU.
    gated : bool
        Multiply the activations by a second linear map of the input, as SwiGLU does with
        ``activation="silu"``. Default False.
    placement : {"pre", "post", None}
        Where the normalization stands; None for none. Default before the branch.
    normalization : {"layer", "rms"}
        Default layer normalization.
    epsilon : float
        Added to the variance, at least 0. Default 1e-5.
    residual : bool
        Whether there is a skip connection. Without one :math:`\alpha` is 0. Default True.
    skip_scale, branch_scale : float
        :math:`\alpha` and :math:`s`, at least 0. Default 1.
    causal : bool
        Whether a token sees only itself and those before it. Default False.
    score_scale : float, optional
        Factor of the scores before the softmax, at least 0. Default
        :math:`1/\sqrt{d}`, with :math:`d` the entries of a head.
    affine : bool
        Whether matrices have biases and normalizations a gain and a shift. Default False.

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described.

    References
    ----------
    Vaswani et al., "Attention Is All You Need", NIPS 2017; Xiong et al., "On Layer Normalization
    in the Transformer Architecture", ICML 2020; Shazeer, "GLU Variants Improve Transformer",
    arXiv:2002.05202, 2020; Wang et al., "DeepNet: Scaling Transformers to 1,000 Layers",
    arXiv:2203.00555, 2022, for the skip scale.

    Notes
    -----
    Used in: ``book/attention.md``.

    Examples
    --------
    >>> from lib import attention
    >>> block = attention.Block(8, heads=2, activation="silu", gated=True)
    >>> weights = block.draw(0, replicas=3)
    >>> trace = block.forward(weights, np.ones((3, 8, 1, 5)))
    >>> gradients = block.backward(trace, np.ones((3, 8, 1, 5)))
    >>> gradients.x.shape, gradients.weights["gate"].shape
    ((3, 8, 1, 5), (3, 32, 8))
    """

    width: int
    heads: int = 1
    hidden: int | None = None
    activation: Activation | str = "gelu"
    gated: bool = False
    placement: str | None = "pre"
    normalization: str = "layer"
    epsilon: float = 1e-5
    residual: bool = True
    skip_scale: float = 1.0
    branch_scale: float = 1.0
    causal: bool = False
    score_scale: float | None = None
    affine: bool = False

    def __post_init__(self) -> None:
        """Check the settings and fill in what follows from others."""
        width, heads = integer("width", self.width, 2), integer("heads", self.heads, 1)
        if width % heads:
            raise ValueError(f"heads must divide the width, {width}; got {heads}")
        hidden = 4 * width if self.hidden is None else integer("hidden", self.hidden, 1)
        score = self.score_scale
        scores = (width // heads) ** -0.5 if score is None else real("score_scale", score, least=0)
        checked = {
            "width": width,
            "heads": heads,
            "hidden": hidden,
            "activation": as_activation("activation", self.activation),
            "gated": boolean("gated", self.gated),
            "placement": choice("placement", self.placement, PLACEMENTS),
            "normalization": choice("normalization", self.normalization, ("layer", "rms")),
            "epsilon": real("epsilon", self.epsilon, least=0),
            "residual": boolean("residual", self.residual),
            "skip_scale": real("skip_scale", self.skip_scale, least=0),
            "branch_scale": real("branch_scale", self.branch_scale, least=0),
            "causal": boolean("causal", self.causal),
            "score_scale": scores,
            "affine": boolean("affine", self.affine),
        }
        for name, value in checked.items():
            object.__setattr__(self, name, value)

    @property
    def matrices(self) -> dict[str, tuple[int, int]]:
        """Shapes of the weight matrices, ``(fan_out, fan_in)``."""
        hidden = self.hidden or 4 * self.width
        square = (self.width, self.width)
        found = dict.fromkeys(("query", "key", "value", "output"), square)
        found["up"] = (hidden, self.width)
        if self.gated:
            found["gate"] = (hidden, self.width)
        return found | {"down": (self.width, hidden)}

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shapes of all weights, without the axis of replicas."""
        found: dict[str, tuple[int, ...]] = dict(self.matrices)
        if self.affine:
            found |= {f"{name} bias": shape[:1] for name, shape in self.matrices.items()}
            if self.placement is not None:
                kinds = ("gain", "shift") if self.normalization == "layer" else ("gain",)
                for half in (1, 2):
                    found |= {f"norm {half} {kind}": (self.width,) for kind in kinds}
        return found

    def draw(
        self,
        rng: np.random.Generator | int,
        replicas: int = 1,
        *,
        initializer: Initializer | None = None,
        gain: float = 1.0,
        output_gain: float = 1.0,
        score_gain: float = 1.0,
        dtype: DTypeLike = np.float64,
    ) -> Arrays:
        """Draw weights; biases and shifts begin at 0, gains at 1.

        Parameters
        ----------
        rng : numpy.random.Generator or int
            Source of randomness, or a seed.
        replicas : int
            Number of independent blocks. Default 1.
        initializer : Initializer, optional
            Of all matrices. Default Xavier's, from a normal distribution.
        gain : float
            Factor of all matrices but those of queries and keys (DeepNorm's beta). Default 1.
        output_gain : float
            Factor of the last matrix of each branch. Default 1.
        score_gain : float
            Factor of queries and keys together, and so of the scores. Default 1.
        dtype : float dtype
            Default float64.

        Returns
        -------
        dict of str to ndarray, shape (replicas, ...)
        """
        rng, replicas = generator("rng", rng), integer("replicas", replicas, 1)
        dtype = floating("dtype", dtype)
        if dtype.kind != "f":
            raise TypeError(f"dtype must be of real numbers; got {dtype}")
        start = xavier(distribution="normal") if initializer is None else initializer
        if not isinstance(start, Initializer):
            raise TypeError(f"initializer must be made by lib.initializers; got {shown(start)}")
        gains = self.gains(
            real("gain", gain, least=0),
            real("output_gain", output_gain, least=0),
            real("score_gain", score_gain, least=0),
        )
        found = {
            name: np.full((replicas, *shape), float(name.endswith("gain")), dtype)
            for name, shape in self.shapes.items()
        }
        with quiet():
            for replica in range(replicas):  # so that it does not depend on the others
                for name, shape in self.matrices.items():
                    found[name][replica] = gains[name] * start.weights(rng, shape, dtype=dtype)
        return found

    def gains(self, gain: float, output_gain: float, score_gain: float) -> dict[str, float]:
        """Factor of each matrix, from the factors of all, of the last, and of the scores."""
        found = dict.fromkeys(self.matrices, gain)
        for name in ("output", "down"):
            found[name] *= output_gain
        return found | dict.fromkeys(("query", "key"), score_gain**0.5)

    def forward(self, weights: Mapping[str, ArrayLike], x: ArrayLike) -> BlockTrace:
        """Compute the block.

        Parameters
        ----------
        weights : mapping of str to array_like, shapes (replicas, ...)
            By the names of `shapes`.
        x : array_like, shape (replicas, width, batch, tokens)
            Its floating dtype is kept; float16 is how stream, branches and gradients are stored.

        Returns
        -------
        BlockTrace
        """
        x = finite("x", x)
        if x.ndim != 4 or x.shape[UNITS] != self.width or not x.size:
            raise ValueError(
                f"x must have shape (replicas, {self.width}, batch, tokens); got {x.shape}"
            )
        return self.run(self._fitting(weights, len(x), working(x.dtype)), x)

    def _fitting(
        self, weights: Mapping[str, ArrayLike], replicas: int, dtype: np.dtype[Any]
    ) -> Arrays:
        if not isinstance(weights, Mapping):
            raise TypeError(f"weights must be a mapping of names to arrays; got {shown(weights)}")
        if set(weights) != set(self.shapes):
            names = ", ".join(self.shapes)
            raise ValueError(f"weights must be named {names}; got {', '.join(map(str, weights))}")
        found = {}
        for name, shape in self.shapes.items():
            array = finite(f"weights[{name!r}]", weights[name])
            if array.shape != (replicas, *shape):
                raise ValueError(
                    f"weights[{name!r}] must have shape {(replicas, *shape)}, the first for the "
                    f"replicas of x; got {array.shape}"
                )
            found[name] = array.astype(dtype, copy=False)
        return found

    @quiet()
    def run(self, weights: Arrays, x: np.ndarray) -> BlockTrace:
        """`forward` of arguments that need no check."""
        inner: Arrays = {}
        middle, first = self._half(1, weights, x, inner)
        output, second = self._half(2, weights, middle, inner)
        attention = inner.pop("shares")
        return BlockTrace(
            self, ReadOnly(weights), x, middle, output, attention, (first, second), inner
        )

    def _half(
        self, half: int, weights: Arrays, x: np.ndarray, inner: Arrays
    ) -> tuple[np.ndarray, np.ndarray]:
        """One half of the block: the stream after it, and what its branch gave."""
        wide = x.astype(working(x.dtype), copy=False)
        given = self._norm(half, weights, wide, inner) if self.placement == "pre" else wide
        branch = (self._attend if half == 1 else self._feed)(weights, given, inner)
        branch = branch.astype(x.dtype, copy=False)
        total = self.branch_scale * branch.astype(wide.dtype, copy=False)
        if self.residual:
            total += self.skip_scale * wide
        if self.placement == "post":
            total = self._norm(half, weights, total, inner)
        return total.astype(x.dtype, copy=False), branch

    def _norm(self, half: int, weights: Arrays, x: np.ndarray, inner: Arrays) -> np.ndarray:
        """Normalize each token over its units."""
        normal, inverse = standardize(
            x, UNITS, self.epsilon, centered=self.normalization == "layer"
        )
        inner[f"normal {half}"], inner[f"inverse {half}"] = normal, inverse
        if not self.affine:
            return normal
        result: np.ndarray = normal * column(weights[f"norm {half} gain"])
        if self.normalization == "layer":
            result += column(weights[f"norm {half} shift"])
        return result

    def _attend(self, weights: Arrays, x: np.ndarray, inner: Arrays) -> np.ndarray:
        """Let each token take a mean of values, weighted by how queries fit keys."""
        query, key, value = (
            self._split(self._linear(weights, name, x)) for name in ("query", "key", "value")
        )
        scores = self.score_scale * (query.swapaxes(-1, -2) @ key)
        if self.causal:
            later = np.triu(np.ones(scores.shape[-2:], bool), 1)
            scores = np.where(later, -np.inf, scores).astype(scores.dtype, copy=False)
        p = shares(scores)
        mixed = self._join(value @ p.swapaxes(-1, -2))
        inner.update(given=x, query=query, key=key, value=value, shares=p, mixed=mixed)
        return self._linear(weights, "output", mixed)

    def _feed(self, weights: Arrays, x: np.ndarray, inner: Arrays) -> np.ndarray:
        """Let each token pass two layers by itself."""
        phi = as_activation("activation", self.activation)
        h = self._linear(weights, "gate" if self.gated else "up", x)
        activation, slope = np.empty_like(h), np.empty_like(h)
        phi.write(h, activation, slope)
        inner.update(fed=x, slope=slope)
        if self.gated:
            linear = self._linear(weights, "up", x)
            inner.update(activation=activation, linear=linear)
            activation = activation * linear
        inner["hidden"] = activation
        return self._linear(weights, "down", activation)

    def _linear(self, weights: Arrays, name: str, x: np.ndarray) -> np.ndarray:
        """Multiply each token by a matrix, and add a bias if there is one."""
        result = (weights[name] @ flat(x)).reshape(len(x), -1, *x.shape[2:])
        if self.affine:
            result += column(weights[f"{name} bias"])
        return np.asarray(result)

    def _split(self, x: np.ndarray) -> np.ndarray:
        """Give each head its units: (replicas, heads, batch, units, tokens)."""
        replicas, _, batch, tokens = x.shape
        return x.reshape(replicas, self.heads, -1, batch, tokens).swapaxes(2, 3)

    def _join(self, x: np.ndarray) -> np.ndarray:
        """Put the units of all heads below each other again."""
        replicas, _, batch, _, tokens = x.shape
        return x.swapaxes(2, 3).reshape(replicas, self.width, batch, tokens)

    def backward(self, trace: BlockTrace, gradient: ArrayLike) -> BlockGradients:
        """Go back through the block.

        Parameters
        ----------
        trace : BlockTrace
            From `forward` of this block.
        gradient : array_like, shape (replicas, width, batch, tokens)
            With respect to the output.

        Returns
        -------
        BlockGradients
        """
        if not isinstance(trace, BlockTrace) or trace.block != self:
            raise TypeError(f"trace must be from forward of this block; got {shown(trace)}")
        array = finite("gradient", gradient)
        if array.shape != trace.x.shape:
            raise ValueError(
                f"gradient must have the shape of the output, {trace.x.shape}; got {array.shape}"
            )
        return self.run_back(trace, array.astype(trace.x.dtype, copy=False))

    @quiet()
    def run_back(self, trace: BlockTrace, gradient: np.ndarray) -> BlockGradients:
        """`backward` of arguments that need no check."""
        found: Arrays = {}
        middle, second = self._half_back(2, trace, gradient, found)
        x, first = self._half_back(1, trace, middle, found)
        dtype = trace.x.dtype
        weights = {name: found[name].astype(dtype, copy=False) for name in self.shapes}
        return BlockGradients(
            x, middle, ReadOnly(weights), np.stack([first, second], axis=-1).astype(dtype)
        )

    def _half_back(
        self, half: int, trace: BlockTrace, gradient: np.ndarray, found: Arrays
    ) -> tuple[np.ndarray, np.ndarray]:
        """Go back through one half; returns the gradients of its input and of its branch scale."""
        delta = gradient.astype(working(gradient.dtype), copy=False)
        if self.placement == "post":
            delta = self._norm_back(half, trace, delta, found)
        by_scale = np.einsum("rnbt,rnbt->r", delta, trace.branches[half - 1].astype(delta.dtype))
        back = self._attend_back if half == 1 else self._feed_back
        branch = back(trace, self.branch_scale * delta, found)
        if self.placement == "pre":
            branch = self._norm_back(half, trace, branch, found)
        if self.residual:
            branch = branch + self.skip_scale * delta
        return branch.astype(gradient.dtype, copy=False), by_scale

    def _norm_back(
        self, half: int, trace: BlockTrace, delta: np.ndarray, found: Arrays
    ) -> np.ndarray:
        normal, inverse = trace.inner[f"normal {half}"], trace.inner[f"inverse {half}"]
        layer = self.normalization == "layer"
        if self.affine:
            found[f"norm {half} gain"] = (delta * normal).sum(axis=(2, 3))
            if layer:
                found[f"norm {half} shift"] = delta.sum(axis=(2, 3))
            delta = delta * column(trace.weights[f"norm {half} gain"])
        return np.asarray(pull_back(delta, normal, inverse, UNITS, centered=layer))

    def _attend_back(self, trace: BlockTrace, delta: np.ndarray, found: Arrays) -> np.ndarray:
        inner, p = trace.inner, trace.attention
        mixed = self._split(self._linear_back(trace, "output", delta, inner["mixed"], found))
        by_score = shares_back(p, mixed.swapaxes(-1, -2) @ inner["value"])
        by_score *= self.score_scale
        # A token that may not be seen has the share 0, and so the gradient 0.
        parts = {
            "query": inner["key"] @ by_score.swapaxes(-1, -2),
            "key": inner["query"] @ by_score,
            "value": mixed @ p,
        }
        joined = {name: self._join(part) for name, part in parts.items()}
        given = inner["given"]
        ways = [self._linear_back(trace, *part, given, found) for part in joined.items()]
        return np.asarray(ways[0] + ways[1] + ways[2])

    def _feed_back(self, trace: BlockTrace, delta: np.ndarray, found: Arrays) -> np.ndarray:
        inner, given = trace.inner, trace.inner["fed"]
        hidden = self._linear_back(trace, "down", delta, inner["hidden"], found)
        if not self.gated:
            return self._linear_back(trace, "up", hidden * inner["slope"], given, found)
        by_gate = hidden * inner["linear"] * inner["slope"]
        one = self._linear_back(trace, "gate", by_gate, given, found)
        two = self._linear_back(trace, "up", hidden * inner["activation"], given, found)
        return np.asarray(one + two)

    def _linear_back(
        self, trace: BlockTrace, name: str, delta: np.ndarray, given: np.ndarray, found: Arrays
    ) -> np.ndarray:
        """Go back through a matrix, and note its gradient."""
        found[name] = flat(delta) @ flat(given).swapaxes(-1, -2)
        if self.affine:
            found[f"{name} bias"] = delta.sum(axis=(2, 3))
        back = trace.weights[name].swapaxes(-1, -2) @ flat(delta)
        return np.asarray(back.reshape(len(delta), -1, *delta.shape[2:]))


def column(vector: np.ndarray) -> np.ndarray:
    """Give (replicas, units) the axes of batch and tokens."""
    return vector[:, :, None, None]


def flat(x: np.ndarray) -> np.ndarray:
    """Put all tokens of all sequences side by side: (replicas, units, columns)."""
    return np.asarray(x.reshape(*x.shape[:2], -1))
