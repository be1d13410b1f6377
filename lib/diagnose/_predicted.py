"""What mean-field theory says of a measured network, where it covers the architecture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lib import activations
from lib.diagnose._table import Layers
from lib.theory import mean_field

LARGEST, LEAST = 1e150, 1e-150  # of a variance that is followed


def predicted(
    layers: Layers, weight_variances: Sequence[float], bias_variances: Sequence[float]
) -> Layers | None:
    r"""Predict signal and gradient of a plain chain of dense layers with random weights.

    Parameters
    ----------
    layers : Layers
        What was measured; its kinds and functions are read, and the size of the input.
    weight_variances, bias_variances : sequence of float
        Of each row, :math:`\sigma_w^2` (fan-in times the mean square of the weights) and
        :math:`\sigma_b^2`.

    Returns
    -------
    Layers or None
        None if the network is no such chain.
    """
    plain = all(kind in ("linear", "layer") for kind in layers.kinds) and len(layers) > 1
    known = set(activations.names())
    inside = layers.functions[:-1]
    variances = np.array([weight_variances, bias_variances], float)
    if not plain or not all(name in known for name in inside) or not np.isfinite(variances).all():
        return None
    if not layers.input_signal > 0:
        return None
    count = len(layers)
    q, factor = np.empty(count), np.ones(count)
    q[0] = variances[0, 0] * layers.input_signal**2 + variances[1, 0]
    for row in range(1, count):
        phi = activations.get(inside[row - 1])
        at = float(np.clip(q[row - 1], LEAST, LARGEST))
        weight, bias = (float(v) for v in variances[:, row])
        if weight > LARGEST:
            return None
        mapped = mean_field.variance_map(phi, at, weight_variance=weight, bias_variance=bias)
        q[row] = min(float(mapped), LARGEST)
        factor[row - 1] = float(mean_field.chi(phi, at, weight_variance=weight))
    with np.errstate(divide="ignore"):
        steps = np.log10(factor) / 2
    log10 = np.maximum(np.cumsum(steps[::-1])[::-1], -300.0)
    return Layers(
        names=layers.names, kinds=layers.kinds, functions=layers.functions,
        gradient=10.0**log10, signal=np.sqrt(q), samples=layers.samples,
        input_signal=layers.input_signal,
    )  # fmt: skip
