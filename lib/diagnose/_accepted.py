"""What `diagnose` accepts: errors that say which argument is wrong, and how."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lib._checks import shown
from lib.diagnose._tensors import first_tensor, shape_of


def check_model(torch: Any, model: Any) -> None:
    if not isinstance(model, torch.nn.Module):
        raise TypeError(f"model must be a torch.nn.Module; got {shown(model)}")
    if any(isinstance(module, torch.jit.ScriptModule) for module in model.modules()):
        raise TypeError(
            "model must be a torch.nn.Module that runs in Python, so that its layers can be seen; "
            "got a ScriptModule: give the module that it was made from"
        )
    if torch.is_inference_mode_enabled():
        raise ValueError("model cannot be diagnosed inside torch.inference_mode()")
    parameters = dict(model.named_parameters())
    if not parameters:
        raise ValueError("model must have parameters; it has none")
    lazy = torch.nn.parameter.UninitializedParameter
    if waiting := [name for name, p in parameters.items() if isinstance(p, lazy)]:
        raise ValueError(f"model must be run once before, so that {waiting[0]} gets its shape")
    if not any(p.requires_grad for p in parameters.values()):
        raise ValueError(
            "model must have a parameter that requires a gradient; requires_grad is False for all"
        )
    for name, p in parameters.items():
        if not bool(torch.isfinite(p.detach()).all()):
            raise ValueError(f"model must have finite parameters; {name} holds NaN or infinity")


def check_inputs(torch: Any, inputs: Any) -> tuple[tuple[Any, ...], dict[str, Any], Any]:
    """Copy the batch, and return arguments, named arguments, and the first tensor."""

    def copied(value: Any) -> Any:
        if isinstance(value, torch.Tensor):
            return value if value.requires_grad else value.detach().clone()
        return value

    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    if isinstance(inputs, torch.Tensor):
        args, kwargs = (copied(inputs),), {}
    elif isinstance(inputs, (tuple, list)):
        args, kwargs = tuple(copied(value) for value in inputs), {}
    elif isinstance(inputs, Mapping):
        args, kwargs = (), {name: copied(value) for name, value in inputs.items()}
    else:
        raise TypeError(
            f"inputs must be a tensor, or a tuple or dict of arguments; got {shown(inputs)}"
        )
    batch = first_tensor(list(args) + list(kwargs.values()), floating=False)
    if batch is None:
        raise TypeError(f"inputs must hold a tensor; got {shown(inputs)}")
    for value in (*args, *kwargs.values()):
        if not isinstance(value, torch.Tensor):
            continue
        if not value.numel():
            raise ValueError(f"inputs must not be empty; got a tensor of shape {shape_of(value)}")
        if value.is_floating_point() and bool(torch.isnan(value).any()):
            raise ValueError("inputs must hold no NaN")
    if batch.is_floating_point() and not bool(torch.isfinite(batch).all()):
        raise ValueError("inputs must be finite; they hold infinity")
    return args, kwargs, batch
