"""What is asked of PyTorch's tensors; PyTorch is imported only when it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

CANDIDATES = 4  # tensors that a model returns, of which the first in the loss is judged


def load_torch() -> Any:
    try:
        import torch
    except ImportError:
        raise ImportError(
            "diagnose needs PyTorch, which is not installed: pip install torch; "
            "lib.diagnose.diagnose_arrays takes arrays of any framework"
        ) from None
    return torch


def norm_of(tensor: Any) -> float:
    """Norm of a tensor of any size of numbers, infinite if it is not finite."""
    torch = load_torch()
    tensor = tensor.detach()
    if tensor.is_sparse:
        tensor = tensor.coalesce().values()
    if tensor.dtype in (torch.float16, torch.bfloat16):
        tensor = tensor.float()
    if not tensor.numel():
        return 0.0
    norm = float(torch.linalg.vector_norm(tensor))
    if 1e-12 < norm < 1e15 or tensor.dtype == torch.float64:
        return norm
    peak = float(tensor.abs().amax())
    if not np.isfinite(peak):
        return np.inf
    return peak * float(torch.linalg.vector_norm(tensor / peak)) if peak > 0 else 0.0


def tensors_in(value: Any) -> Iterator[Any]:
    """Find the tensors in a structure of tuples, lists, mappings and dataclasses, in order."""
    torch = load_torch()
    if isinstance(value, torch.Tensor):
        yield value
        return
    if isinstance(value, Mapping):
        value = list(value.values())
    elif not isinstance(value, (tuple, list)):
        value = list(vars(value).values()) if hasattr(value, "__dict__") else []
    for part in value:
        yield from tensors_in(part)


def first_tensor(value: Any, *, floating: bool = True) -> Any:
    """Find the first tensor in a structure, of real numbers if `floating`."""
    found = (x for x in tensors_in(value) if x.is_floating_point() or not floating)
    return next(found, None)


def predictions(result: Any, samples: int) -> list[Any]:
    """Find what a model returns for every input of the batch, and not a loss of its own."""
    return [
        x
        for x in tensors_in(result)
        if x.is_floating_point()
        and x.requires_grad
        and x.numel() > 1
        and any(length and length % samples == 0 for length in x.shape[:2])
    ][:CANDIDATES]


def shape_of(tensor: Any) -> tuple[int, ...]:
    return tuple(int(length) for length in tensor.shape)
