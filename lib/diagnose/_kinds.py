"""Which modules of a PyTorch model are layers, and of which kind."""

from __future__ import annotations

from typing import Any

from lib.diagnose._tensors import load_torch


def find_layers(model: Any) -> tuple[dict[Any, list[Any]], dict[int, tuple[str, Any]]]:
    """Find the layers with their parameters, and the parameters outside of layers."""
    torch = load_torch()
    norms = _norms(torch)
    leaves: dict[Any, list[Any]] = {}
    taken: set[int] = set()
    for name, module in model.named_modules():
        if "parametrizations" in name.split("."):
            continue
        own = list(module.named_parameters(recurse=False))
        whole = isinstance(module, torch.nn.MultiheadAttention)
        whole = whole or hasattr(module, "parametrizations")
        inner = any(True for child in module.children() for _ in child.parameters())
        holder = isinstance(module, (torch.nn.ParameterList, torch.nn.ParameterDict))
        if whole:
            own = list(module.named_parameters())
        elif isinstance(module, torch.nn.PReLU) or holder or (inner and own):
            continue
        if own and (
            whole
            or any(p.dim() > 1 for _, p in own)
            or isinstance(module, norms)
            or "norm" in type(module).__name__.lower()
        ):
            leaves[module] = own
            taken |= {id(p) for _, p in own}
        elif not own and isinstance(module, norms):
            leaves[module] = []
    loose = {
        id(p): (name, p) for name, p in model.named_parameters() if id(p) not in taken
    }  # fmt: skip
    return leaves, loose


def _norms(torch: Any) -> tuple[Any, ...]:
    nn = torch.nn
    kinds = [nn.modules.batchnorm._NormBase, nn.LayerNorm, nn.GroupNorm]
    return (*kinds, nn.RMSNorm) if hasattr(nn, "RMSNorm") else tuple(kinds)


def kind_of(torch: Any, module: Any) -> tuple[str, int]:
    """Kind of a layer, and the axis of its units."""
    nn = torch.nn
    if isinstance(module, _norms(torch)) or "norm" in type(module).__name__.lower():
        last = isinstance(module, nn.LayerNorm) or not isinstance(module, _norms(torch)[:3])
        return "normalization", -1 if last else 1
    for kind, classes, axis in (
        ("convolution", nn.modules.conv._ConvNd, 1),
        ("recurrent", (nn.RNNBase, nn.RNNCellBase), -1),
        ("attention", nn.MultiheadAttention, -1),
        ("embedding", (nn.Embedding, nn.EmbeddingBag), -1),
        ("linear", nn.Linear, -1),
    ):
        if isinstance(module, classes):
            return kind, axis
    return "layer", -1


def cell_of(module: Any) -> str:
    name = type(module).__name__.lower()
    for known in ("lstm", "gru"):
        if known in name:
            return known
    return str(getattr(module, "nonlinearity", "tanh"))
