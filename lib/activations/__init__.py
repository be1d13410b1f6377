"""Activation functions: each one NumPy function, NumPy derivative and SymPy expression.

Every function of this package named after an activation returns an :class:`Activation`::

    phi = activations.leaky_relu(alpha=0.1)
    phi(x), phi.derivative(x)             # NumPy, elementwise
    phi.expression, phi.slope             # SymPy, the same function and derivative
    phi.range, phi.sup_slope, phi.sup_slope_at

.. rubric:: Numbers in, numbers out

A floating dtype is kept; integers and booleans become float64; a scalar gives a NumPy scalar.
No finite input gives a NaN or a warning. A result too small for the dtype is 0 (or subnormal)
and one too large for it infinite. NaN gives NaN, and an infinite input the limit.

.. rubric:: Accuracy

Error bounds in units in the last place of the exact result, for float32 and float64:

================================  ================  ================
activation                        function          derivative
================================  ================  ================
linear, relu, relu6               0                 0
sigmoid, tanh                     4                 6
lecun_tanh                        4                 6 + 2 abs(x)
silu, beta = 0 or 1               6                 8
silu, any beta                    6 + 2 abs(v)      8 + 2 abs(v)
gelu                              8                 8
gelu, tanh form                   8 + 4 abs(v)      8 + 4 abs(v)
mish                              6                 12
all others                        4                 4
================================  ================  ================

Here ``v`` is the argument of the gate's sigmoid: ``beta * x`` for SiLU, and for GELU's tanh form
``2 sqrt(2/pi) (x + 0.044715 x**3)``, which counts for negative `x` only. Rounding it costs
accuracy in proportion. Two limits hold besides. Near the zero of the slope that SiLU, GELU and
Mish have, the bound is on the absolute error, in units in the last place of 1/4. And where an
exponential is subnormal, accuracy is lost gradually, down to an absolute error of a few smallest
subnormal numbers times what the exponential is multiplied with, such as ``x``.

In float16 one rounding is added to float32. In long double, GELU's exact form rests on a
double-precision error function, and parameters and constants are double-precision numbers: results
are as accurate as double precision there, and to long double's own precision elsewhere.
"""

# names() lists the activations in the order of these imports, hence:
# isort: off
from lib.activations._base import Activation, get, names, symbolic_form
from lib.activations.sigmoidal import lecun_tanh, linear, sigmoid, softplus, tanh
from lib.activations.clipped import hard_sigmoid, hard_swish, relu6
from lib.activations.rectifiers import (
    SELU_ALPHA,
    SELU_SCALE,
    ParametricReLU,
    elu,
    leaky_relu,
    prelu,
    relu,
    selu,
)
from lib.activations.randomized import RandomizedReLU, rrelu
from lib.activations.gated import gelu, mish, silu
# isort: on

__all__ = [
    "SELU_ALPHA",
    "SELU_SCALE",
    "Activation",
    "ParametricReLU",
    "RandomizedReLU",
    "elu",
    "gelu",
    "get",
    "hard_sigmoid",
    "hard_swish",
    "leaky_relu",
    "lecun_tanh",
    "linear",
    "mish",
    "names",
    "prelu",
    "relu",
    "relu6",
    "rrelu",
    "selu",
    "sigmoid",
    "silu",
    "softplus",
    "symbolic_form",
    "tanh",
]
