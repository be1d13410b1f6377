"""What the passes through a block give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from lib._values import ByValue
from lib.attention._settings import Arrays, BlockSettings


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

    block: BlockSettings
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
