"""One pass of a PyTorch model forward and backward, after which all is as it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import numpy as np

from lib._checks import shown
from lib.diagnose._recorder import Recorder
from lib.diagnose._tensors import first_tensor, predictions, shape_of

SCALES = (2.0**15, 2.0**11, 2.0**7, 2.0**3, 1.0)  # of a loss in float16, the largest that fits


@contextmanager
def restored(torch: Any, model: Any) -> Iterator[None]:
    """Put back what a pass changes: buffers, and the state of the random generators."""
    buffers = [
        (module, name, buffer, None if buffer is None else buffer.detach().clone())
        for module in model.modules()
        for name, buffer in module._buffers.items()
    ]
    modes = [(module, module.training) for module in model.modules()]
    devices = list(range(torch.cuda.device_count())) if torch.cuda.is_initialized() else []
    with torch.random.fork_rng(devices=devices):
        try:
            yield
        finally:
            with torch.no_grad():
                for module, name, buffer, copy in buffers:
                    module._buffers[name] = buffer
                    if buffer is not None:
                        buffer.copy_(copy)
            for module, training in modes:
                module.training = training


def _forward(torch: Any, recorder: Recorder, args: Any, kwargs: Any) -> Any:
    """Run the model, and name the layer in which it fails if it does."""
    with ExitStack() as stack:
        recorder.attach(stack)
        shapes = [shape_of(x) for x in (*args, *kwargs.values()) if isinstance(x, torch.Tensor)]
        try:
            return recorder.model(*args, **kwargs)
        except Exception as error:
            where = f" in layer {recorder.current!r}" if recorder.current else ""
            raise ValueError(
                f"inputs must fit the model; with the shapes {shapes} it fails{where}: {error}"
            ) from error


def _backward(
    torch: Any, recorder: Recorder, value: Any, parameters: list[Any], caught: dict[int, Any]
) -> tuple[Any, float]:
    """Return the gradients of the scaled loss, and its scale: the largest at which they fit."""
    half = torch.float16 in recorder.dtypes
    for scale in SCALES if half else (1.0,):
        recorder.scale = scale
        caught.clear()
        for row in recorder.rows.values():
            row.deltas.clear()
            row.steps.clear()
            row.counts[:] = 0
        try:
            found = torch.autograd.grad(
                value, parameters, grad_outputs=torch.full_like(value, scale),
                allow_unused=True, retain_graph=half and scale > 1,
            )  # fmt: skip
        except RuntimeError as error:
            raise ValueError(
                f"loss must be differentiable; going backward fails: {error}"
            ) from error
        fits = all(bool(torch.isfinite(g).all()) for g in found if g is not None and half)
        if fits:
            break
    return found, scale


def run(
    torch: Any, recorder: Recorder, args: Any, kwargs: Any, loss: Callable[[Any], Any],
    samples: int,
) -> tuple[float, tuple[Any, Any, bool] | None, dict[str, Any] | None]:  # fmt: skip
    """Run forward and backward; return loss, outputs with their gradient, and gradients.

    With the outputs stands whether they are all that the model returns.
    """
    result = _forward(torch, recorder, args, kwargs)
    output = first_tensor(result)
    if output is None:
        raise TypeError(f"model must return a tensor of real numbers; got {shown(result)}")
    if recorder.overflow is not None:
        return np.nan, None, None
    caught: dict[int, Any] = {}
    outputs = predictions(result, samples)
    for k, tensor in enumerate(outputs):
        tensor.register_hook(lambda g, k=k: caught.__setitem__(k, g.detach()))
    value = _loss_of(torch, loss, result, output)
    named = {name: p for name, p in recorder.model.named_parameters() if p.requires_grad}
    found, scale = _backward(torch, recorder, value, list(named.values()), caught)
    if any(g is None for g in found):
        _no_checkpoint(value)
    if all(g is None for g in found):
        raise ValueError(
            "loss must depend on the model's parameters; no gradient reached any of them"
        )
    gradients = {name: g for name, g in zip(named, found, strict=True) if g is not None}
    judged = None
    if caught:
        first = min(caught)
        judged = (outputs[first].detach(), caught[first] / scale, outputs[first] is result)
    return float(value.detach()), judged, gradients


def _no_checkpoint(value: Any) -> None:
    """Refuse what hides gradients from everything but ``backward()``."""
    seen, waiting = set(), [value.grad_fn]
    while waiting:
        node = waiting.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        if "CheckpointFunction" in type(node).__name__:
            raise ValueError(
                "model must use checkpoints with use_reentrant=False; reentrant ones hide their "
                "gradients"
            )
        waiting += [following for following, _ in node.next_functions]


def _loss_of(torch: Any, loss: Callable[[Any], Any], result: Any, output: Any) -> Any:
    try:
        value = loss(result)
    except Exception as error:
        raise ValueError(
            f"loss must take what the model returns, of shape {shape_of(output)}; it fails: {error}"
        ) from error
    if not isinstance(value, torch.Tensor):
        raise TypeError(f"loss must return a tensor; got {shown(value)}")
    if value.numel() != 1:
        raise ValueError(
            f"loss must return a scalar; got the shape {shape_of(value)}: take its mean"
        )
    if not value.is_floating_point():
        raise TypeError(f"loss must return a real number; got {value.dtype}")
    if not bool(torch.isfinite(value.detach())):
        raise ValueError(
            f"loss must be finite; got {float(value.detach())}, and all outputs are finite"
        )
    if not value.requires_grad:
        raise ValueError(
            "loss must depend on the model's parameters; no gradient reached any of them, because "
            "the outputs or the loss are detached from the model"
        )
    return value
