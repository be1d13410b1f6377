"""From what was collected of a PyTorch model to the numbers of a report."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from lib.diagnose._loss import per_prediction
from lib.diagnose._predicted import predicted
from lib.diagnose._recorder import Recorder
from lib.diagnose._reduction import summary
from lib.diagnose._report import Report
from lib.diagnose._row import Row, over_time
from lib.diagnose._table import Layers
from lib.diagnose._tensors import norm_of

JUDGED = 2**18  # outputs from which the weight of one in the loss is told


def _unit_difference(torch: Any, row: Row, pairs: list[tuple[Any, Any]]) -> float:
    """Compare the units of a layer, in their weights and in their gradients."""
    found = []
    transposed = type(row.module).__name__.startswith("ConvTranspose")
    gates = {"lstm": 4, "gru": 3}.get(row.functions[0] if row.functions else "", 1)
    gates = 3 if row.kind == "attention" else gates
    for weight, gradient in pairs:
        if weight.dim() < 2 or gradient is None or gradient.is_sparse:
            continue
        for tensor in (weight.detach(), gradient):
            tensor = tensor.float()
            tensor = tensor.transpose(0, 1) if transposed else tensor
            groups = gates if tensor.shape[0] % gates == 0 else 1
            units = tensor.reshape(groups, tensor.shape[0] // groups, -1)
            if units.shape[1] < 2:
                continue
            norm = norm_of(units)
            found.append(norm_of(units - units.mean(1, keepdim=True)) / norm if norm else 0.0)
    return max(found) if found else np.nan


def make_report(
    recorder: Recorder, batch: Any, value: float, output: tuple[Any, Any, bool] | None,
    gradients: dict[str, Any], updates: dict[str, float], precision: str | None,
    loss: Callable[[Any], Any],
) -> Report:  # fmt: skip
    torch = recorder.torch
    named = dict(recorder.model.named_parameters())
    names = {id(p): name for name, p in named.items()}
    rows = list(recorder.rows.values())
    shown_ones = {id(p) for row in rows for _, p in row.parameters}
    for name, p in named.items():
        if id(p) not in shown_ones:
            rows.append(Row(name, "parameter", -1, [(name, p)]))
            shown_ones.add(id(p))
    passed = recorder.overflow is None
    columns: dict[str, list[float]] = {}
    variances = []
    for row in rows:
        numbers = _numbers(torch, row, names, gradients, updates, recorder.scale, passed)
        for name, number in numbers.items():
            columns.setdefault(name, []).append(number)
        variances.append(_variances(torch, row))
    input_signal, _, input_likeness = (
        summary(batch, recorder.batch_axis) if batch.is_floating_point() else (np.nan,) * 3
    )
    used = precision
    if used is None:
        kinds = [str(dtype).removeprefix("torch.") for dtype in recorder.dtypes]
        order = ("float16", "bfloat16", "float32", "float64")
        used = next((kind for kind in order if kind in kinds), "float32")
    samples = count_samples(batch, recorder)
    layers = Layers(
        names=[row.name for row in rows],
        kinds=["post-norm" if row.post_norm else row.kind for row in rows],
        functions=["+".join(row.functions) for row in rows],
        steps=max((max(over_time(row), default=-1) + 1 for row in rows), default=0),
        samples=samples, precision=used,
        loss_weight=_loss_weight(torch, output, value, loss) * samples,
        input_signal=input_signal, input_likeness=input_likeness,
        **columns,  # type: ignore[arg-type]  # columns are arrays
    )  # fmt: skip
    theory = predicted(layers, *zip(*variances, strict=True)) if variances else None
    return Report(layers, theory, value)


def count_samples(batch: Any, recorder: Recorder) -> int:
    return int(batch.shape[recorder.batch_axis]) if batch.dim() else 1


def _variances(torch: Any, row: Row) -> tuple[float, float]:
    """Fan-in times the mean square of the weights, and mean square of the biases."""
    module = row.module
    if not isinstance(module, torch.nn.Linear) or hasattr(module, "parametrizations"):
        return np.nan, np.nan
    weight = norm_of(module.weight) ** 2 / max(module.weight.shape[0], 1)
    bias = 0.0 if module.bias is None else norm_of(module.bias) ** 2 / module.bias.numel()
    return weight, bias


def _first_step(row: Row) -> float:
    """Gradient of the first time step relative to that of the last one that gets any."""
    by_step = over_time(row)
    if len(by_step) < 2:
        return np.nan
    last = max((k for k, norm in by_step.items() if norm > 0), default=-1)
    if last > 0 and by_step[last] > 0:
        return by_step.get(min(by_step), np.nan) / by_step[last]
    return np.nan


def _numbers(
    torch: Any, row: Row, names: dict[int, str], gradients: dict[str, Any],
    updates: dict[str, float], scale: float, passed: bool,
) -> dict[str, float]:  # fmt: skip
    parameters = [p for _, p in row.parameters]
    matrices = [p for p in parameters if p.dim() > 1] or parameters
    found = [(p, gradients.get(names.get(id(p), ""))) for p in matrices]
    known = [g for _, g in found if g is not None]
    weight = float(np.hypot.reduce([norm_of(p) for p in matrices])) if matrices else np.nan
    steps = [updates[names[id(p)]] for p in matrices if names.get(id(p)) in updates]
    size = sum(p.numel() for p in parameters)
    free = [p for p in parameters if p.requires_grad]
    reached = sum(p.numel() for p in free if names.get(id(p)) in gradients)
    total = sum(p.numel() for p in free)
    deltas = row.steps or row.deltas
    nonzero = row.counts[0]
    dead = np.nan if row.dead is None else float(row.dead.float().mean())
    gradient = float(np.hypot.reduce(list(deltas.values()))) if deltas else np.nan
    gradient_of_weights = (
        float(np.hypot.reduce([norm_of(g) for g in known])) / scale if known else np.nan
    )
    return {
        "gradient": np.inf if np.isnan(gradient) and deltas else gradient,
        "weight_gradient": gradient_of_weights,
        "weight": weight,
        "update": float(np.hypot.reduce(steps)) / weight if steps and weight > 0 else np.nan,
        "signal": np.inf if np.isnan(row.rms("signal")) and row.calls else row.rms("signal"),
        "spread": row.rms("spread"),
        "activation": row.rms("activation"),
        "dead": dead,
        "saturated": row.mean("saturated"),
        "likeness": float(np.clip(row.mean("likeness"), -1, 1)),
        "float16": row.counts[1] / nonzero if nonzero else np.nan,
        "bfloat16": row.counts[2] / nonzero if nonzero else np.nan,
        "trainable": total / size if size else np.nan,
        "reached": reached / total if total and passed else np.nan,
        "unit_difference": _unit_difference(torch, row, found),
        "first_step": _first_step(row),
    }


def _loss_weight(
    torch: Any, output: tuple[Any, Any, bool] | None, value: float, loss: Callable[[Any], Any]
) -> float:
    """How often the loss counts an input, 1 if it is a sum; NaN if no output has a batch axis."""
    if output is None:
        return np.nan
    y, gradient, alone = output
    if y.numel() > JUDGED:  # of many outputs, some inputs tell the weight as well
        part = max(1, JUDGED * y.shape[0] // y.numel())
        y, gradient = y[:part], gradient[:part]

    def again(other: np.ndarray) -> float:
        with torch.no_grad():
            try:
                return float(loss(torch.as_tensor(other, dtype=y.dtype, device=y.device)))
            except Exception:  # a loss of something else than this tensor is not known
                return np.nan

    outputs, gradients = (tensor.double().cpu().numpy() for tensor in (y, gradient))
    return per_prediction(outputs, gradients, value, again if alone else None)
