"""Figures of the chapter on the hyperbolic tangent: book/hyperbolic-tangent.md."""

from lib.figures.hyperbolic_tangent._depth import cobweb, depth_and_scale, trained_at_depth
from lib.figures.hyperbolic_tangent._shape import (
    ACROSS,
    saturation,
    scaled_tanh,
    stretched_sigmoid,
    two_slopes,
)
from lib.figures.hyperbolic_tangent._twin import twin
from lib.figures.hyperbolic_tangent._valley import learning_times, valley

__all__ = [
    "ACROSS", "cobweb", "depth_and_scale", "learning_times", "saturation", "scaled_tanh",
    "stretched_sigmoid", "trained_at_depth", "twin", "two_slopes", "valley",
]  # fmt: skip
