"""What theory predicts for deep random chains, to be laid over what :mod:`lib.chain` measures.

`mean_field` predicts signal and gradient in the limit of wide layers, `finite_width` what a finite
width changes, `batch_norm` the growth of the gradient under batch normalization, and `isometry`
the singular values of the Jacobian; `residual` and `transformer` follow signal and gradient
through networks with skip connections, and `linear_recurrence` one eigenvalue through time;
`gaussian` computes the expectations behind them. `forecast`
puts them together: from the `Description` of a network to what each of its layers will see.
"""

from lib.theory import (
    batch_norm,
    finite_width,
    gaussian,
    isometry,
    linear_recurrence,
    mean_field,
    residual,
    transformer,
)
from lib.theory.forecasts import PRECISIONS, Description, Forecast, forecast

__all__ = [
    "PRECISIONS",
    "Description",
    "Forecast",
    "batch_norm",
    "finite_width",
    "forecast",
    "gaussian",
    "isometry",
    "linear_recurrence",
    "mean_field",
    "residual",
    "transformer",
]
