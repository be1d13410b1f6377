r"""Random weights and biases of a fully connected layer, and the variances they are meant to have.

A layer computes :math:`h = W x + b` with :math:`W` of shape ``(fan_out, fan_in)``. What decides
whether signals and gradients keep their size is the variance of an entry of :math:`W`, here called
``variance``, or, free of the width, :math:`\sigma_w^2 = \text{fan\_in} \cdot \operatorname{Var}
W_{ij}`, here called ``weight_variance``. Every function of this module named after an initializer
returns an :class:`Initializer`::

    he = initializers.he(slope=0.01)
    he.variance(fan_in=100, fan_out=100)
    he.weights(rng, (100, 100))             # or (replicas, fan_out, fan_in): a stack at once
"""

from lib.initializers._initializer import Initializer, get, names
from lib.initializers._laws import (
    he,
    identity,
    lecun,
    normal,
    orthogonal,
    pytorch_linear,
    uniform,
    xavier,
)

__all__ = [
    "Initializer",
    "get",
    "he",
    "identity",
    "lecun",
    "names",
    "normal",
    "orthogonal",
    "pytorch_linear",
    "uniform",
    "xavier",
]
