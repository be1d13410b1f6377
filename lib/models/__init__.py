"""What learns, in NumPy: networks and readers, their parameters, and the losses they are judged by.

A `Network` is a fully connected one, and a `Reader` a recurrent cell with a layer that reads it.
Both draw the `Parameters` of several replicas at once, each from its seed, and find gradients by
backpropagation; `lib.training` trains them. Two models come with the rules of their own by which
they learn: the restricted Boltzmann machine of `boltzmann` and the logistic regression of
`regression`.
"""

from lib.models.losses import cross_entropy, logistic, squared_error
from lib.models.network import Network, Pass
from lib.models.parameters import Parameters
from lib.models.readers import Reader
from lib.models.twins import Twin, as_sigmoids

__all__ = [
    "Network", "Parameters", "Pass", "Reader", "Twin", "as_sigmoids", "cross_entropy", "logistic",
    "squared_error",
]  # fmt: skip
