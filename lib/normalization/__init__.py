r"""Batch, layer and root-mean-square normalization: forward, and the exact backward pass.

The first two subtract a mean and divide by a standard deviation,
:math:`y = g\,(x - \mu)/\sqrt{v + \epsilon} + s`. They differ in what the mean :math:`\mu` and the
(biased) variance :math:`v` are taken over: batch normalization takes them per unit over the batch,
layer normalization per sample over the units. The third leaves out the mean, so that :math:`v` is
the mean square. The backward pass goes through :math:`\mu` and :math:`v` as well, so that it is
the derivative of what the forward pass computes.

Results are right to rounding over the whole range of the dtype: sums that leave it are taken again
with powers of two taken out. What is constant becomes 0, for any epsilon, 0 included. float16 is
how arrays are stored: inputs and results; all arithmetic is in float32.
"""

from lib.normalization._normalized import Normalized, batch_norm, layer_norm, rms_norm
from lib.normalization._standardize import pull_back as pull_back
from lib.normalization._standardize import standardize as standardize
from lib.normalization._standardize import standardize_backward

__all__ = ["Normalized", "batch_norm", "layer_norm", "rms_norm", "standardize_backward"]
