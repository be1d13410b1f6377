r"""Transformers in NumPy: one block, forward and exactly backward, and random stacks of blocks.

A sequence is a matrix with a column for each token, so that arrays have the axes
``(replicas, width, batch, tokens)``; weights carry the axis of replicas first. A block adds to
this **residual stream** what two branches give: attention, in which the tokens exchange values,
and a feed-forward network, which each token passes by itself. :class:`Block` has the settings,
:meth:`Block.forward` and :meth:`Block.backward` the two passes. A :class:`Transformer` is a stack
of blocks; :func:`simulate` draws it and measures signal, likeness of tokens and gradient by block.

float16 is how stream, branches and gradients are stored: all arithmetic is in float32.

Used in: ``book/attention.md``.
"""

from lib.attention._block import Block
from lib.attention._network import Scaling, Transformer, scaling
from lib.attention._results import BlockGradients, BlockTrace
from lib.attention._run import TransformerRun
from lib.attention._softmax import entropy, softmax
from lib.attention._stack import simulate

__all__ = [
    "Block", "BlockGradients", "BlockTrace", "Scaling", "Transformer", "TransformerRun", "entropy",
    "scaling", "simulate", "softmax",
]  # fmt: skip
