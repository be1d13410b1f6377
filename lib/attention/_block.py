"""One transformer block: its settings, random weights, and both passes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from lib._checks import finite, floating, generator, integer, real, shown
from lib._numbers import quiet, working
from lib.attention._backward import run_back
from lib.attention._forward import run
from lib.attention._results import BlockGradients, BlockTrace
from lib.attention._settings import UNITS, Arrays, BlockSettings, gains_of
from lib.initializers import Initializer, xavier


@dataclass(frozen=True)
class Block(BlockSettings):
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
        gains = gains_of(
            self,
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
        return run(self, self._fitting(weights, len(x), working(x.dtype)), x)

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
        return run_back(self, trace, array.astype(trace.x.dtype, copy=False))
