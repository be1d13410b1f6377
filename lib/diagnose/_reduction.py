"""Numbers that stand for a whole tensor, from all of its entries or from a part of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.diagnose._tensors import load_torch, norm_of

COUNTED = 2**14  # entries of a tensor, from which shares are estimated, to half a percent
ENTRIES, EXAMPLES = 2**16, 32  # entries and inputs, from which likeness and spread are


def sample(tensor: Any) -> Any:
    """Return a part of the entries, all if they are few."""
    flat = tensor.detach().reshape(-1)
    return flat[:: -(-flat.numel() // COUNTED)] if flat.numel() > COUNTED else flat


def summary(tensor: Any, batch_axis: int) -> tuple[float, float, float]:
    """Root mean square, spread over the inputs, and cosine between two of them."""
    torch = load_torch()
    x = tensor.detach()
    if not x.numel():
        return np.nan, np.nan, np.nan
    signal = norm_of(x) / float(x.numel()) ** 0.5
    if batch_axis == 1 and x.dim() >= 3:
        x = x.transpose(0, 1)
    count = x.shape[0] if x.dim() >= 2 else 0
    if count < 2 or not np.isfinite(signal) or signal == 0:
        return signal, np.nan, np.nan
    count = min(count, EXAMPLES)
    x = x[:count].reshape(count, -1)
    x = x[:, :: max(1, x.numel() // ENTRIES)]
    x = x.float() if x.dtype in (torch.float16, torch.bfloat16) else x
    x = x / signal  # so that no square leaves the range
    spread = signal * norm_of(x - x.mean(0)) / float(x.numel()) ** 0.5
    norms = torch.linalg.vector_norm(x, dim=1, keepdim=True)
    if not bool((norms > 0).all()):
        return signal, spread, np.nan
    unit = x / norms
    apart = float(torch.linalg.vector_norm(unit - unit.mean(0))) ** 2 / (count - 1)
    return signal, spread, 1 - min(apart, 2.0)
