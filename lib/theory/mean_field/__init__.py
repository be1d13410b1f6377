r"""Signal and gradient of wide random networks: the mean-field theory of deep chains.

In a wide layer a pre-activation is normal with mean 0 and variance :math:`q`. A layer maps

.. math:: q \mapsto \sigma_w^2\,\mathbb{E}\,\phi(\sqrt q z)^2 + \sigma_b^2, \qquad
          \chi(q) = \sigma_w^2\,\mathbb{E}\,\phi'(\sqrt q z)^2,

with :math:`z` standard normal; going backward, the mean squared gradient is multiplied by
:math:`\chi`. The conventions are those of :mod:`lib.chain`.

References
----------
Poole, Lahiri, Raghu, Sohl-Dickstein & Ganguli, "Exponential expressivity in deep neural networks
through transient chaos", NIPS 2016; Schoenholz, Gilmer, Ganguli & Sohl-Dickstein, "Deep
Information Propagation", ICLR 2017.
"""

from lib.theory.mean_field._correlation import (
    correlation_fixed_point,
    correlation_map,
    mean_product,
)
from lib.theory.mean_field._phases import critical_line, phase_diagram
from lib.theory.mean_field._variance import VANISHED as VANISHED
from lib.theory.mean_field._variance import (
    FixedPoint,
    chi,
    fixed_point,
    log10_gradient,
    variance_map,
    variances,
)

__all__ = [
    "FixedPoint", "chi", "correlation_fixed_point", "correlation_map", "critical_line",
    "fixed_point", "log10_gradient", "mean_product", "phase_diagram", "variance_map", "variances",
]  # fmt: skip
