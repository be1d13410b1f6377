"""The settings of a transformer block, and the shapes of its weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lib._checks import boolean, choice, integer, real
from lib.activations import Activation
from lib.activations._base import as_activation

Arrays = dict[str, np.ndarray]
PLACEMENTS = ("pre", "post", None)
UNITS = 1  # the axis of units: arrays are (replicas, units, batch, tokens)


@dataclass(frozen=True)
class BlockSettings:
    """What `Block` describes, without the passes through it."""

    width: int
    heads: int = 1
    hidden: int | None = None
    activation: Activation | str = "gelu"
    gated: bool = False
    placement: str | None = "pre"
    normalization: str = "layer"
    epsilon: float = 1e-5
    residual: bool = True
    skip_scale: float = 1.0
    branch_scale: float = 1.0
    causal: bool = False
    score_scale: float | None = None
    affine: bool = False

    def __post_init__(self) -> None:
        """Check the settings and fill in what follows from others."""
        width, heads = integer("width", self.width, 2), integer("heads", self.heads, 1)
        if width % heads:
            raise ValueError(f"heads must divide the width, {width}; got {heads}")
        hidden = 4 * width if self.hidden is None else integer("hidden", self.hidden, 1)
        score = self.score_scale
        scores = (width // heads) ** -0.5 if score is None else real("score_scale", score, least=0)
        checked = {
            "width": width,
            "heads": heads,
            "hidden": hidden,
            "activation": as_activation("activation", self.activation),
            "gated": boolean("gated", self.gated),
            "placement": choice("placement", self.placement, PLACEMENTS),
            "normalization": choice("normalization", self.normalization, ("layer", "rms")),
            "epsilon": real("epsilon", self.epsilon, least=0),
            "residual": boolean("residual", self.residual),
            "skip_scale": real("skip_scale", self.skip_scale, least=0),
            "branch_scale": real("branch_scale", self.branch_scale, least=0),
            "causal": boolean("causal", self.causal),
            "score_scale": scores,
            "affine": boolean("affine", self.affine),
        }
        for name, value in checked.items():
            object.__setattr__(self, name, value)

    @property
    def matrices(self) -> dict[str, tuple[int, int]]:
        """Shapes of the weight matrices, ``(fan_out, fan_in)``."""
        hidden = self.hidden or 4 * self.width
        square = (self.width, self.width)
        found = dict.fromkeys(("query", "key", "value", "output"), square)
        found["up"] = (hidden, self.width)
        if self.gated:
            found["gate"] = (hidden, self.width)
        return found | {"down": (self.width, hidden)}

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shapes of all weights, without the axis of replicas."""
        found: dict[str, tuple[int, ...]] = dict(self.matrices)
        if self.affine:
            found |= {f"{name} bias": shape[:1] for name, shape in self.matrices.items()}
            if self.placement is not None:
                kinds = ("gain", "shift") if self.normalization == "layer" else ("gain",)
                for half in (1, 2):
                    found |= {f"norm {half} {kind}": (self.width,) for kind in kinds}
        return found


def gains_of(
    block: BlockSettings, gain: float, output_gain: float, score_gain: float
) -> dict[str, float]:
    """Factor of each matrix, from the factors of all, of the last, and of the scores."""
    found = dict.fromkeys(block.matrices, gain)
    for name in ("output", "down"):
        found[name] *= output_gain
    return found | dict.fromkeys(("query", "key"), score_gain**0.5)
