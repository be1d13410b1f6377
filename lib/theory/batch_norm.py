"""How fast the gradient grows in a deep chain with batch normalization, at initialization."""

import numpy as np

from lib._checks import instance, integer
from lib.activations import Activation
from lib.theory.gaussian import expectation, kinks


def growth(phi: Activation) -> float:
    r"""Factor of the squared norm of the gradient per layer, for wide layers and large batches.

    Parameters
    ----------
    phi : Activation

    Returns
    -------
    float
        :math:`\mathbb{E}\,\phi'(z)^2 / \operatorname{Var} \phi(z)` for standard normal :math:`z`:
        at least 1, and 1 for linear units only.

    References
    ----------
    Yang, Pennington, Rao, Sohl-Dickstein & Schoenholz, "A Mean Field Theory of Batch
    Normalization", ICLR 2019.

    Examples
    --------
    >>> from lib import activations
    >>> round(growth(activations.relu()), 10), round(np.pi / (np.pi - 1), 10)
    (1.4669422069, 1.4669422069)
    """
    instance("phi", phi, Activation, "made by lib.activations")
    breaks = kinks(phi)
    slope = expectation(lambda h: phi.derivative_kernel(h) ** 2, 1.0, breaks=breaks)
    mean = expectation(phi.kernel, 1.0, breaks=breaks)
    mean_square = expectation(lambda h: phi.kernel(h) ** 2, 1.0, breaks=breaks)
    return float(slope / (mean_square - mean**2))


def relu_growth(batch: int) -> float:
    r"""Factor of the squared norm of the gradient per layer of ReLU units, for a finite batch.

    Parameters
    ----------
    batch : int
        Examples in a batch, at least 4.

    Returns
    -------
    float
        It falls to :math:`\pi / (\pi - 1)` as the batch grows.

    References
    ----------
    Yang et al. 2019, theorem 8.

    Examples
    --------
    >>> round(relu_growth(128), 10)
    1.4796812723
    """
    others = integer("batch", batch, 4) - 1
    c = -1 / others
    turned = np.pi - np.arccos(c)
    kernel, its_slope = (np.sqrt(1 - c**2) + turned * c) / np.pi, turned / np.pi
    rate = (its_slope + others) / ((others - 2) * (1 - kernel)) - 1 / (others - 2)
    return float(rate)
