"""Sigmoid networks that start as the function that a tanh network computes."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import DTypeLike

from lib._checks import instance
from lib.models.network import Network
from lib.models.parameters import Parameters

__all__ = ["Twin", "as_sigmoids"]


def as_sigmoids(tanh: Parameters) -> Parameters:
    r"""Translate a network of tanh units into one of sigmoids that computes the same outputs.

    With :math:`g = 2h` for the pre-activations and :math:`\tanh(h) = 2\sigma(g) - 1`, a layer
    :math:`h' = W\tanh(h) + b` becomes :math:`g' = 4W\sigma(g) + 2b - 2W\mathbf{1}`. The inputs of
    the first layer and the outputs of the last are not translated.

    Parameters
    ----------
    tanh : Parameters
        Of a network without batch normalization.

    Returns
    -------
    sigmoid : Parameters
        With the same names and shapes.

    Raises
    ------
    TypeError, ValueError
        If they are no parameters, or those of a network with batch normalization.

    Examples
    --------
    >>> from lib import activations
    >>> tanh = Network((2, 3, 1), activations.tanh())
    >>> sigmoid = Network((2, 3, 1), activations.sigmoid())
    >>> drawn, x = tanh.draw([0]), np.ones((1, 2, 1))
    >>> one = tanh.forward(drawn, x).outputs[-1]
    >>> other = sigmoid.forward(as_sigmoids(drawn), x).outputs[-1]
    >>> np.allclose(one, other, rtol=1e-12)
    True
    """
    names = instance("tanh", tanh, Parameters).arrays
    if not names or not all(name.startswith(("weight ", "bias ")) for name in names):
        raise ValueError(f"tanh must hold weights and biases only; got {', '.join(names)}")
    sigmoid = tanh.like()
    last = sum(name.startswith("weight") for name in tanh.arrays)
    for layer in range(1, last + 1):
        weight, bias = tanh.arrays[f"weight {layer}"], tanh.arrays[f"bias {layer}"]
        unit = 1 if layer == last else 2
        if layer == 1:
            sigmoid.arrays["weight 1"][...] = unit * weight
            sigmoid.arrays["bias 1"][...] = unit * bias
        else:
            sigmoid.arrays[f"weight {layer}"][...] = unit * 2 * weight
            sigmoid.arrays[f"bias {layer}"][...] = unit * (bias - weight.sum(axis=2))
    return sigmoid


class Twin(Network):
    """A sigmoid network that starts from the translated weights of a tanh network."""

    def draw(self, seeds: Sequence[int], *, dtype: DTypeLike = np.float64) -> Parameters:
        """Draw the weights of the tanh network, and translate them."""
        return as_sigmoids(super().draw(seeds)).astype(dtype)
