"""Figures of the chapter on the hyperbolic tangent: book/hyperbolic-tangent.md."""

from lib.figures.hyperbolic_tangent._depth import (
    cobweb,
    depth_and_scale,
    level_scales,
    measured_gradient,
    predicted_gradient,
    signal_sizes,
    trained_at_depth,
)
from lib.figures.hyperbolic_tangent._shape import (
    ACROSS,
    EXAMPLES,
    QUANTILES,
    REPLICAS,
    WIDTH,
    saturation,
    saturation_at,
    scaled_tanh,
    stretched_sigmoid,
    two_slopes,
)
from lib.figures.hyperbolic_tangent._twin import twin
from lib.figures.hyperbolic_tangent._valley import descent, learning_times, second_moments, valley

__all__ = [
    "ACROSS", "EXAMPLES", "QUANTILES", "REPLICAS", "WIDTH", "cobweb", "depth_and_scale",
    "descent", "learning_times", "level_scales", "measured_gradient", "predicted_gradient",
    "saturation", "saturation_at", "scaled_tanh", "second_moments", "signal_sizes",
    "stretched_sigmoid", "trained_at_depth", "twin", "two_slopes", "valley",
]  # fmt: skip
