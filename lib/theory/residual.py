r"""Signal and gradient of wide networks with residual connections.

With :math:`h_{l+1} = h_l + s\,(W\phi(h_l) + b)` and independent weights of mean 0, variances and
mean squared gradients of the two paths add up.
"""

import numpy as np

from lib._checks import instance, integer, real
from lib.activations import Activation
from lib.theory.mean_field import chi, variance_map


def variances(
    phi: Activation,
    *,
    depth: int,
    weight_variance: float,
    branch_scale: float = 1.0,
    input_variance: float = 1.0,
) -> np.ndarray:
    r"""Variance of the pre-activations of every layer.

    Parameters
    ----------
    phi : Activation
    depth : int
        Number of layers, at least 1. The first has no residual connection.
    weight_variance : float
        :math:`\sigma_w^2`, at least 0.
    branch_scale : float
        :math:`s`, at least 0. Default 1.
    input_variance : float
        Mean square of the entries of the input. Default 1.

    Returns
    -------
    ndarray of float64, shape (depth,)

    Examples
    --------
    >>> from lib import activations
    >>> variances(activations.relu(), depth=3, weight_variance=2.0)
    array([2., 4., 8.])
    """
    depth, scale = (
        integer("depth", depth, 1),
        real("branch_scale", branch_scale, least=0, most=1e154),
    )
    instance("phi", phi, Activation, "made by lib.activations")
    weight_variance = real("weight_variance", weight_variance, least=0)
    q = np.empty(depth)
    q[0] = weight_variance * real("input_variance", input_variance, least=0)
    for layer in range(1, depth):
        branch = variance_map(phi, q[layer - 1], weight_variance=weight_variance)
        q[layer] = q[layer - 1] + scale**2 * branch
    return q


def log10_gradient(
    phi: Activation,
    *,
    depth: int,
    weight_variance: float,
    branch_scale: float = 1.0,
    input_variance: float = 1.0,
) -> np.ndarray:
    r"""Predicted size of the gradient at every layer, relative to the last one.

    Parameters are those of `variances`.

    Returns
    -------
    ndarray of float64, shape (depth,)
        Decimal logarithm of the root mean square of :math:`|\delta_l| / |\delta_L|`, where each
        layer contributes the factor :math:`1 + s^2 \chi(q)` to the mean square.

    References
    ----------
    The sum of the two paths: He, Zhang, Ren & Sun, "Deep Residual Learning for Image Recognition",
    CVPR 2016; the factor: Schoenholz et al., "Deep Information Propagation", ICLR 2017, applied
    to the branch.

    Examples
    --------
    >>> from lib import activations
    >>> log10_gradient(activations.relu(), depth=3, weight_variance=2.0).round(6)
    array([0.30103 , 0.150515, 0.      ])
    """
    q = variances(
        phi, depth=depth, weight_variance=weight_variance, branch_scale=branch_scale,
        input_variance=input_variance,
    )  # fmt: skip
    branch = float(branch_scale) ** 2 * chi(phi, q[:-1], weight_variance=weight_variance)
    steps = np.log10(1 + branch) / 2
    return np.concatenate([np.cumsum(steps[::-1])[::-1], [0.0]])
