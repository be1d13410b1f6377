"""Where activation functions are flat, as intervals of their argument."""

from __future__ import annotations

import math

INF = math.inf

# A function is saturated outside of (low, high): its slope there is below a twentieth of the
# largest. Of the rectifiers, which are flat for half of all arguments by design, only the share of
# dead units is judged.
SATURATED_OUTSIDE = {
    "sigmoid": (-4.357, 4.357),
    "tanh": (-2.178, 2.178),
    "hardtanh": (-1.0, 1.0),
    "hardsigmoid": (-3.0, 3.0),
    "softsign": (-3.472, 3.472),
    "elu": (-2.996, INF),
    "selu": (-2.996, INF),
    "softplus": (-2.944, INF),
}
# A unit is dead if its argument is outside on one side for all inputs: the slope is 0 there, or
# below a thousandth of the largest and vanishing.
DEAD_OUTSIDE = {
    "relu": (0.0, INF),
    "relu6": (0.0, 6.0),
    "hardswish": (-3.0, INF),
    "gelu": (-4.0, INF),
    "silu": (-10.0, INF),
    "mish": (-10.0, INF),
    "elu": (-7.0, INF),
    "selu": (-7.0, INF),
    "softplus": (-7.0, INF),
}
KNOWN = frozenset({*SATURATED_OUTSIDE, *DEAD_OUTSIDE, "leaky_relu", "prelu", "softmax", "celu"})

# Names of functions in frameworks that differ from ours.
ALIASES = {
    "relu_": "relu", "tanh_": "tanh", "sigmoid_": "sigmoid", "elu_": "elu", "selu_": "selu",
    "leaky_relu_": "leaky_relu", "hardtanh_": "hardtanh", "swish": "silu", "expit": "sigmoid",
    "logsigmoid": "softplus", "prelu_": "prelu",
}  # fmt: skip


def plain_name(name: str) -> str:
    """Name a function as in the tables above, ``""`` if it is in none.

    >>> plain_name("relu_"), plain_name("swish"), plain_name("cumsum")
    ('relu', 'silu', '')
    """
    name = ALIASES.get(name, name)
    return name if name in KNOWN else ""
