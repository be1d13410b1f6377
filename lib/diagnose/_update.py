"""The size of one training step of a PyTorch model, taken and taken back."""

from __future__ import annotations

from typing import Any

from lib.diagnose._tensors import norm_of


def updates_of(
    torch: Any, model: Any, gradients: dict[str, Any], rate: float | None, optimizer: Any
) -> dict[str, float]:
    """Norm of one step, by parameter."""
    if not gradients:
        return {}
    if rate is not None:
        return {name: rate * norm_of(gradient) for name, gradient in gradients.items()}
    if optimizer is None:
        return {}
    named = dict(model.named_parameters())
    stepped = [p for group in optimizer.param_groups for p in group["params"]]
    before = [(p, p.detach().clone(), p.grad) for p in {id(p): p for p in stepped}.values()]
    names = {id(p): name for name, p in named.items()}
    import copy

    states = {p: copy.deepcopy(state) for p, state in optimizer.state.items()}
    groups = [
        {key: copy.deepcopy(v) for key, v in group.items() if key != "params"}
        for group in optimizer.param_groups
    ]
    found: dict[str, float] = {}
    try:
        for p, _, _ in before:
            p.grad = gradients.get(names.get(id(p), ""))
        # The class's own step: schedulers wrap and count that of the instance.
        type(optimizer).step(optimizer)
        for p, old, _ in before:
            if id(p) in names:
                found[names[id(p)]] = norm_of(p.detach() - old)
    except Exception as error:
        raise ValueError(f"optimizer must take a step without arguments: {error}") from error
    finally:
        with torch.no_grad():
            for p, old, gradient in before:
                p.copy_(old)
                p.grad = gradient
        optimizer.state.clear()
        optimizer.state.update(states)
        for group, kept in zip(optimizer.param_groups, groups, strict=True):
            group.update(kept)
    return found
