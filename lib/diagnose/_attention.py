"""Attention that looks at one place only, in the forms in which PyTorch computes it."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.diagnose._row import Row
from lib.diagnose._tensors import load_torch

SURE = 0.987  # an attention weight p with p(1 - p) below a twentieth of its largest value
LEAST_PLACES = 4  # to attend to


def note_sure(row: Row, scores: Any) -> None:
    """Note the share of attention that looks at one place only."""
    if "softmax" not in row.functions:
        row.functions.append("softmax")
    largest = load_torch().softmax(scores.float(), -1).amax(-1)
    row.note("saturated", float((largest > SURE).float().mean()))


def note_fused(row: Row | None, args: Any, kwargs: Any) -> None:
    """Note the same of torch's fused attention."""
    q, k = args[0].detach()[:2].float(), args[1].detach()[:2].float()
    if row is None or k.shape[-2] < LEAST_PLACES or q.shape[1] != k.shape[1]:
        return
    scores = q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5 * 1.0
    if kwargs.get("scale") is not None:
        scores = scores * q.shape[-1] ** 0.5 * float(kwargs["scale"])
    if kwargs.get("is_causal"):
        torch = load_torch()
        ones = torch.ones_like(scores, dtype=torch.bool).triu(1)
        scores = scores.masked_fill(ones, -np.inf)
    note_sure(row, scores)


def note_module(row: Row, module: Any, args: Any, kwargs: Any) -> None:
    """Note the same of torch.nn.MultiheadAttention, without masks."""
    query = args[0] if args else kwargs.get("query")
    key = args[1] if len(args) > 1 else kwargs.get("key")
    masked = kwargs.get("attn_mask") is not None or kwargs.get("key_padding_mask") is not None
    whole = getattr(module, "_qkv_same_embed_dim", False) and query is not None
    if not whole or masked or query.dim() != 3 or query.is_nested:
        return
    with load_torch().no_grad():
        query, key = query.detach(), key.detach()
        if not module.batch_first:
            query, key = query.transpose(0, 1), key.transpose(0, 1)
        if key.shape[1] < LEAST_PLACES:
            return
        width, heads = module.embed_dim, module.num_heads
        weight, bias = module.in_proj_weight, module.in_proj_bias
        parts = []
        for k, x in enumerate((query[:2], key[:2])):
            rows = slice(k * width, (k + 1) * width)
            y = x @ weight[rows].t()
            y = y if bias is None else y + bias[rows]
            parts.append(y.unflatten(-1, (heads, -1)).transpose(1, 2).float())
        note_sure(row, parts[0] @ parts[1].transpose(-1, -2) * (width // heads) ** -0.5)
