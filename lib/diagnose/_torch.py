"""Measurements of a PyTorch model by hooks: what passes is reduced at once, and nothing is kept.

PyTorch is imported only by a call of `diagnose`; without it the rest of the package works.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lib._checks import choice, function, real, shown
from lib.diagnose._accepted import check_inputs, check_model
from lib.diagnose._measured import count_samples, make_report
from lib.diagnose._pass import restored, run
from lib.diagnose._recorder import Recorder
from lib.diagnose._report import Report
from lib.diagnose._table import PRECISIONS
from lib.diagnose._tensors import load_torch
from lib.diagnose._update import updates_of


def diagnose(
    model: Any,
    inputs: Any,
    loss: Callable[[Any], Any],
    *,
    learning_rate: float | None = None,
    optimizer: Any = None,
    precision: Any = None,
) -> Report:
    r"""Measure every layer of a PyTorch model on one batch, and name what keeps it from training.

    The model runs forward and backward once, in the mode in which it is. Parameters, their
    ``.grad``, buffers (running statistics), the mode, and the state of the random generators are
    afterwards what they were, and no hook stays behind, also if an error occurs. What passes a
    layer is reduced at once; nothing of it is kept.

    Parameters
    ----------
    model : torch.nn.Module
        Of any kind. Layers are found whether they are modules or products with a parameter, and
        activation functions and residual sums whether they are modules or calls.
    inputs : tensor, or tuple, list or dict
        One batch: the only argument of the model, its arguments, or its named arguments. The
        inputs stand on the first axis, or on the second if the model's recurrent or attention
        layers have ``batch_first=False``. At least 16 inputs tell most.
    loss : callable
        From what the model returns to a scalar tensor, for instance
        ``lambda outputs: torch.nn.functional.cross_entropy(outputs, labels)``.
    learning_rate : float, optional
        Of plain SGD, for the size of updates.
    optimizer : torch.optim.Optimizer, optional
        In its place, and of parameters of the model: one step is taken, measured, and taken back,
        also in the optimizer's state.
    precision : {"float16", "bfloat16", "float32", "float64"}, optional
        In which the network is to be trained, to judge what underflows; a ``torch.dtype`` is
        accepted as well. Default: that in which it computes. Under ``torch.autocast`` that is the
        precision of the layers' outputs.

    Returns
    -------
    Report
        With ``verdict``, ``findings``, ``layers`` (the table of numbers), ``table()`` and
        ``figure()``; ``print(report)`` shows verdict, findings and table.

    Raises
    ------
    ImportError
        If PyTorch is not installed.
    TypeError, ValueError
        If the model has no parameters or none that requires a gradient, if the model or the loss
        cannot take the batch, if the batch is empty or holds NaN, if the loss is not a finite
        scalar or does not depend on the parameters.

    Notes
    -----
    The causes are those of `CAUSES`: frozen layer, identical units, dead units, wrong scale,
    saturated units, post-norm, residual branches, vanishing gradient, exploding gradient, alike
    inputs, underflow, loss reduction, large updates, and small updates.

    What a table cannot show is not found: wrong labels, data without information, a task that is
    too hard, a softmax before a cross-entropy that has one of its own, layers with no activation
    function between them, or a bug in the evaluation. A layer that was
    frozen on purpose is named as well. The reduction of a loss is judged for cross-entropy,
    squared, absolute and Huber's error, at the first output with a batch axis that is in the loss;
    if the model returns its loss alone, it is not judged.

    Gradients are exact. Spread and likeness are taken from the first 32 inputs, and shares of
    numbers in large tensors from 16,384 of them. A recurrent layer in one direction is run once
    more, step by step, so that the gradient of each state is seen; in two directions, with packed
    sequences or with dropout between its layers only its weights are judged. Gates inside fused
    cells, and attention under a mask, are not looked at. Checkpoints must not be reentrant.

    The same without this package, in plain PyTorch, is on the page "My network does not train".

    Examples
    --------
    Fifty layers with ReLU as PyTorch starts them::

        import torch
        from torch import nn
        from lib.diagnose import diagnose

        layers = [m for _ in range(50) for m in (nn.Linear(64, 64), nn.ReLU())]
        model = nn.Sequential(*layers, nn.Linear(64, 10))
        x, labels = torch.randn(32, 64), torch.randint(0, 10, (32,))
        report = diagnose(model, x, lambda out: nn.functional.cross_entropy(out, labels))
        print(report.verdict)

    prints ``vanishing gradient: layer 1 ("0") gets 10^-19 of the last layer's gradient: draw the
    weights with variance 2/fan-in (He's initializer), or add residual connections around the
    layers (also: alike inputs)``.
    """
    torch = load_torch()
    check_model(torch, model)
    function("loss", loss, " of what the model returns")
    if learning_rate is not None:
        if optimizer is not None:
            raise ValueError("optimizer and learning_rate cannot both be given")
        learning_rate = real("learning_rate", learning_rate, least=0)
    if optimizer is not None and not isinstance(optimizer, torch.optim.Optimizer):
        raise TypeError(f"optimizer must be a torch.optim.Optimizer; got {shown(optimizer)}")
    if optimizer is not None:
        own = {id(p) for p in model.parameters()}
        held = [p for group in optimizer.param_groups for p in group["params"]]
        if not any(id(p) in own for p in held):
            raise ValueError(
                "optimizer must hold parameters of the model; it holds those of something else "
                f"({len(held)} tensors): make it anew with model.parameters()"
            )
    if isinstance(precision, torch.dtype):
        precision = str(precision).removeprefix("torch.")
    if precision is not None:
        choice("precision", precision, PRECISIONS)
    model = getattr(model, "_orig_mod", model)  # what torch.compile wraps
    args, kwargs, batch = check_inputs(torch, inputs)
    axis = 0
    for module in model.modules():
        if getattr(module, "batch_first", None) is False and batch.dim() >= 2:
            axis = 1
    recorder = Recorder(model, axis)
    with restored(torch, model), torch.enable_grad():
        samples = count_samples(batch, recorder)
        value, output, found = run(torch, recorder, args, kwargs, loss, samples)
        gradients = found if found is not None else {}
        updates = updates_of(torch, model, gradients, learning_rate, optimizer)
        return make_report(recorder, batch, value, output, gradients, updates, precision, loss)
