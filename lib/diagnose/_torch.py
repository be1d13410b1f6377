"""Measurements of a PyTorch model by hooks: what passes is reduced at once, and nothing is kept.

PyTorch is imported only by a call of `diagnose`; without it the rest of the package works.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lib._checks import choice, function, real, shown
from lib.diagnose._functions import DEAD_OUTSIDE, SATURATED_OUTSIDE, plain_name
from lib.diagnose._loss import per_prediction
from lib.diagnose._predicted import predicted
from lib.diagnose._report import Report
from lib.diagnose._table import PRECISIONS, Layers

COUNTED = 2**14  # entries of a tensor, from which shares are estimated, to half a percent
ENTRIES, EXAMPLES = 2**16, 32  # entries and inputs, from which likeness and spread are
JUDGED = 2**18  # outputs from which the weight of one in the loss is told
CALLED_OVER_TIME = 4  # calls of a layer in one pass
CANDIDATES = 4  # tensors that a model returns, of which the first in the loss is judged
MOST_STEPS = 512  # of a recurrent layer that is run step by step
SURE = 0.987  # an attention weight p with p(1 - p) below a twentieth of its largest value
LEAST_PLACES = 4  # to attend to
SCALES = (2.0**15, 2.0**11, 2.0**7, 2.0**3, 1.0)  # of a loss in float16, the largest that fits
ADDS = frozenset({"add", "add_", "__add__", "__iadd__", "__radd__"})
# What hands on the same units in another form.
PASSES = frozenset({
    "dropout", "view", "reshape", "flatten", "contiguous", "transpose", "permute", "unsqueeze",
    "squeeze", "chunk", "__getitem__", "add_bias",
})  # fmt: skip
PRODUCTS = frozenset({
    "linear", "matmul", "__matmul__", "__rmatmul__", "mm", "bmm", "addmm", "einsum", "conv1d",
    "conv2d", "conv3d", "tensordot",
})  # fmt: skip


@dataclass
class _Row:
    """What is collected of one layer."""

    name: str
    kind: str
    axis: int = -1  # of the units
    parameters: list[Any] = field(default_factory=list)
    module: Any = None
    functions: list[str] = field(default_factory=list)
    calls: int = 0
    sums: dict[str, list[float]] = field(default_factory=dict)
    dead: Any = None  # by unit, of all calls so far
    deltas: dict[int, float] = field(default_factory=dict)
    steps: dict[int, float] = field(default_factory=dict)
    counts: np.ndarray = field(default_factory=lambda: np.zeros(3))
    post_norm: bool = False

    def note(self, name: str, value: float) -> None:
        self.sums.setdefault(name, []).append(value)

    def mean(self, name: str) -> float:
        values = self.sums.get(name, [])
        return float(np.mean(values)) if values else np.nan

    def rms(self, name: str) -> float:
        values = np.array(self.sums.get(name, []))
        if not values.size:
            return np.nan
        peak = float(np.max(values))
        if not 0 < peak < np.inf:
            return peak
        return float(peak * np.sqrt(np.mean((values / peak) ** 2)))


def _torch() -> Any:
    try:
        import torch
    except ImportError:
        raise ImportError(
            "diagnose needs PyTorch, which is not installed: pip install torch; "
            "lib.diagnose.diagnose_arrays takes arrays of any framework"
        ) from None
    return torch


def _norm(tensor: Any) -> float:
    """Norm of a tensor of any size of numbers, infinite if it is not finite."""
    torch = _torch()
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


def _tensors(value: Any) -> Iterator[Any]:
    """Find the tensors in a structure of tuples, lists, mappings and dataclasses, in order."""
    torch = _torch()
    if isinstance(value, torch.Tensor):
        yield value
        return
    if isinstance(value, Mapping):
        value = list(value.values())
    elif not isinstance(value, (tuple, list)):
        value = list(vars(value).values()) if hasattr(value, "__dict__") else []
    for part in value:
        yield from _tensors(part)


def _first_tensor(value: Any, *, floating: bool = True) -> Any:
    """Find the first tensor in a structure, of real numbers if `floating`."""
    found = (x for x in _tensors(value) if x.is_floating_point() or not floating)
    return next(found, None)


def _predictions(result: Any, samples: int) -> list[Any]:
    """Find what a model returns for every input of the batch, and not a loss of its own."""
    return [
        x
        for x in _tensors(result)
        if x.is_floating_point()
        and x.requires_grad
        and x.numel() > 1
        and any(length and length % samples == 0 for length in x.shape[:2])
    ][:CANDIDATES]


class _Recorder:
    """Collects rows while a model runs forward and backward."""

    def __init__(self, model: Any, batch_axis: int) -> None:
        self.torch = _torch()
        self.model, self.batch_axis = model, batch_axis
        self.rows: dict[Any, _Row] = {}
        self.latest: _Row | None = None
        self.current = ""  # module that runs, for messages
        self.overflow: _Row | None = None
        self.busy = False
        self.scale = 1.0
        self.tags: dict[int, tuple[Any, _Row]] = {}
        self.used: dict[int, Any] = {}
        self.dtypes: set[Any] = set()
        self.leaves, self.loose = _leaves(model)
        self.derived: dict[int, tuple[Any, str]] = {}
        self.known: dict[Any, tuple[str, str]] = {}

    # -- hooks ------------------------------------------------------------------------------

    def attach(self, stack: ExitStack) -> None:
        """Register all hooks; the stack removes them."""
        names = {id(module): name for name, module in self.model.named_modules()}
        for module in self.model.modules():
            name = names[id(module)]
            if "parametrizations" in name.split("."):
                continue
            if module in self.leaves:
                handle = module.register_forward_pre_hook(self._before(name))
                stack.callback(handle.remove)
                handle = module.register_forward_hook(self._after(name), with_kwargs=True)
                stack.callback(handle.remove)
        stack.enter_context(_mode(self))

    def _before(self, name: str) -> Callable[..., None]:
        def hook(_module: Any, _inputs: Any) -> None:
            self.current = name

        return hook

    def _after(self, name: str) -> Callable[..., Any]:
        def hook(module: Any, args: Any, kwargs: Any, output: Any) -> Any:
            if self.busy:
                return None
            self.busy = True
            try:
                return self.layer(name, module, args, kwargs, output)
            finally:
                self.busy = False

        return hook

    def layer(self, name: str, module: Any, args: Any, kwargs: Any, output: Any) -> Any:
        """Measure the output of a layer; of a recurrent one, put one in its place with steps."""
        row = self.rows.get(name)
        if row is None:
            kind, axis = _kind(self.torch, module)
            label = name or type(module).__name__
            row = _Row(label, kind, axis, list(self.leaves[module]), module)
            self.rows[name] = row
            if kind == "recurrent":
                row.functions.append(_cell(module))
        replaced = None
        if row.kind == "recurrent":
            replaced = self.unrolled(row, module, args, kwargs)
            output = output if replaced is None else replaced
        found = _first_tensor(output)
        if found is not None:
            self.measure(row, found, gradient=replaced is None)
        if row.kind == "attention" and found is not None:
            self.attention(row, module, args, kwargs)
        if row.kind == "recurrent" and found is not None and "tanh" in row.functions:
            flat = self.sample(found.detach()).abs() > 0.9747  # slope 1 - a^2 below 0.05
            row.note("saturated", float(flat.float().mean()))
        return replaced

    def measure(self, row: _Row, tensor: Any, *, gradient: bool = True) -> None:
        """Note size, spread and likeness of an output, and wait for its gradient."""
        self.latest = row
        self.tag(tensor, row)
        self.dtypes.add(tensor.dtype)
        signal, spread, likeness = self.summary(tensor)
        row.note("signal", signal)
        if not np.isfinite(signal) and self.overflow is None:
            self.overflow = row
        for name, value in (("spread", spread), ("likeness", likeness)):
            if np.isfinite(value):
                row.note(name, value)
        call, row.calls = row.calls, row.calls + 1
        if gradient and tensor.requires_grad:
            tensor.register_hook(self._delta(row, call, row.deltas))

    def _delta(self, row: _Row, call: int, into: dict[int, float]) -> Callable[[Any], None]:
        def hook(gradient: Any) -> None:
            norm = _norm(gradient) / self.scale
            into[call] = float(np.hypot(into.get(call, 0.0), norm))
            sample = self.sample(gradient).abs().float()
            zeros = int(sample.numel() - self.torch.count_nonzero(sample))
            found = [sample.numel() - zeros]
            for power in (-25, -134):  # half the smallest subnormal number is rounded to 0
                below = sample <= 2.0**power * self.scale
                found.append(int(self.torch.count_nonzero(below)) - zeros)
            row.counts += found

        return hook

    # -- reductions -------------------------------------------------------------------------

    def sample(self, tensor: Any) -> Any:
        """Return a part of the entries, all if they are few."""
        flat = tensor.detach().reshape(-1)
        return flat[:: -(-flat.numel() // COUNTED)] if flat.numel() > COUNTED else flat

    def summary(self, tensor: Any) -> tuple[float, float, float]:
        """Root mean square, spread over the inputs, and cosine between two of them."""
        torch = self.torch
        x = tensor.detach()
        if not x.numel():
            return np.nan, np.nan, np.nan
        signal = _norm(x) / float(x.numel()) ** 0.5
        if self.batch_axis == 1 and x.dim() >= 3:
            x = x.transpose(0, 1)
        count = x.shape[0] if x.dim() >= 2 else 0
        if count < 2 or not np.isfinite(signal) or signal == 0:
            return signal, np.nan, np.nan
        count = min(count, EXAMPLES)
        x = x[:count].reshape(count, -1)
        x = x[:, :: max(1, x.numel() // ENTRIES)]
        x = x.float() if x.dtype in (torch.float16, torch.bfloat16) else x
        x = x / signal  # so that no square leaves the range
        spread = signal * _norm(x - x.mean(0)) / float(x.numel()) ** 0.5
        norms = torch.linalg.vector_norm(x, dim=1, keepdim=True)
        if not bool((norms > 0).all()):
            return signal, spread, np.nan
        unit = x / norms
        apart = float(torch.linalg.vector_norm(unit - unit.mean(0))) ** 2 / (count - 1)
        return signal, spread, 1 - min(apart, 2.0)

    # -- functions between the layers -------------------------------------------------------

    def tag(self, tensor: Any, row: _Row) -> None:
        self.tags[id(tensor)] = (weakref.ref(tensor), row)

    def row_of(self, tensor: Any) -> _Row | None:
        reference, row = self.tags.get(id(tensor), (None, None))
        return row if reference is not None and reference() is tensor else None

    def was_used(self, tensor: Any) -> bool:
        reference = self.used.get(id(tensor))
        return reference is not None and reference() is tensor

    def before(self, name: str, args: Any, kwargs: Any) -> None:
        """Measure the argument of an activation function."""
        x = args[0] if args else kwargs.get("input")
        if not isinstance(x, self.torch.Tensor) or not x.is_floating_point() or not x.numel():
            return
        row = self.row_of(x) or self.latest
        if row is None:
            return
        if name == "softmax":
            if x.dim() >= 3 and x.shape[-1] >= LEAST_PLACES and kwargs.get("dim", -1) in (-1, None):
                self.sure(row, x.detach()[:EXAMPLES])
            return
        if name not in row.functions:
            row.functions.append(name)
        x = x.detach()
        if name in DEAD_OUTSIDE:
            low, high = DEAD_OUTSIDE[name]
            axis = row.axis if row.axis < x.dim() and x.dim() > 2 else -1
            others = [d for d in range(x.dim()) if d != axis % x.dim()]
            if others:
                dead = self.torch.amax(x, others) <= low
                if np.isfinite(high):
                    dead |= self.torch.amin(x, others) >= high
                same = row.dead is not None and row.dead.shape == dead.shape
                row.dead = row.dead & dead if same else dead
        if name in SATURATED_OUTSIDE:
            low, high = SATURATED_OUTSIDE[name]
            part = self.sample(x)
            flat = part < low
            if np.isfinite(high):
                flat = flat | (part > high)
            row.note("saturated", float(flat.float().mean()))

    def after(self, name: str, active: str, args: Any, result: Any) -> None:
        """Note what an operation between layers has to do with them."""
        tensors = [x for x in args[:3] if isinstance(x, self.torch.Tensor)]
        if active and active != "softmax":
            row = self.row_of(tensors[0]) if tensors else None
            row = row or self.latest
            if row is not None:
                row.note("activation", _norm(result) / max(result.numel(), 1) ** 0.5)
        if name in PASSES and tensors:
            row = self.row_of(tensors[0])
            if row is not None:
                self.tag(result, row)
        self.parameters(name, tensors, args, result)
        if name in ADDS and len(tensors) == 2:
            self.sum(tensors[0], tensors[1], result)
        for x in tensors:
            if x.requires_grad:
                self.used[id(x)] = weakref.ref(x)

    def sum(self, one: Any, two: Any, result: Any) -> None:
        """Recognize a residual sum: what is added to a branch has also gone into the branch."""
        if one.shape != two.shape or one.dim() < 2 or one.grad_fn is None or two.grad_fn is None:
            return
        skip = next((x for x in (one, two) if self.was_used(x)), None)
        if skip is None or self.latest is None:
            return
        normed = self.row_of(skip)
        if normed is not None and normed.kind == "normalization":
            normed.post_norm = True
        name = self.latest.name if self.latest.kind != "residual" else self.latest.name[2:]
        key = ("sum", name)
        row = self.rows.setdefault(key, _Row(f"+ {name}", "residual", self.latest.axis))
        self.busy = True
        try:
            self.measure(row, result)
        finally:
            self.busy = False

    def parameters(self, name: str, tensors: list[Any], args: Any, result: Any) -> None:
        """Make a row of a product with a parameter that belongs to no layer."""
        if not self.loose:
            return
        if name == "einsum":
            tensors = [x for x in args if isinstance(x, self.torch.Tensor)]
        label = None
        for x in tensors:
            if id(x) in self.loose:
                label = self.loose[id(x)][0]
            elif id(x) in self.derived and self.derived[id(x)][0]() is x:
                label = self.derived[id(x)][1]
        if label is None:
            return
        if name in PRODUCTS and len(tensors) > 1:
            parameter = next(p for n, p in self.loose.values() if n == label)
            row = self.rows.get(label)
            if row is None:
                row = self.rows[label] = _Row(label, "linear", -1, [(label, parameter)])
            self.measure(row, result)
        elif len(tensors) == 1:
            self.derived[id(result)] = (weakref.ref(result), label)

    def sure(self, row: _Row, scores: Any) -> None:
        """Note the share of attention that looks at one place only."""
        if "softmax" not in row.functions:
            row.functions.append("softmax")
        largest = self.torch.softmax(scores.float(), -1).amax(-1)
        row.note("saturated", float((largest > SURE).float().mean()))

    def scaled_dot_product(self, args: Any, kwargs: Any) -> None:
        """Note the same of torch's fused attention."""
        q, k = args[0].detach()[:2].float(), args[1].detach()[:2].float()
        if self.latest is None or k.shape[-2] < LEAST_PLACES or q.shape[1] != k.shape[1]:
            return
        scores = q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5 * 1.0
        if kwargs.get("scale") is not None:
            scores = scores * q.shape[-1] ** 0.5 * float(kwargs["scale"])
        if kwargs.get("is_causal"):
            ones = self.torch.ones_like(scores, dtype=self.torch.bool).triu(1)
            scores = scores.masked_fill(ones, -np.inf)
        self.sure(self.latest, scores)

    def attention(self, row: _Row, module: Any, args: Any, kwargs: Any) -> None:
        """Note the same of torch.nn.MultiheadAttention, without masks."""
        query = args[0] if args else kwargs.get("query")
        key = args[1] if len(args) > 1 else kwargs.get("key")
        masked = kwargs.get("attn_mask") is not None or kwargs.get("key_padding_mask") is not None
        whole = getattr(module, "_qkv_same_embed_dim", False) and query is not None
        if not whole or masked or query.dim() != 3 or query.is_nested:
            return
        with self.torch.no_grad():
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
            self.sure(row, parts[0] @ parts[1].transpose(-1, -2) * (width // heads) ** -0.5)

    def unrolled(self, row: _Row, module: Any, args: Any, kwargs: Any) -> Any:
        """Run a recurrent layer again step by step, so that each state gets its gradient."""
        torch = self.torch
        x = args[0] if args else kwargs.get("input")
        state = args[1] if len(args) > 1 else kwargs.get("hx")
        plain = type(module) in (torch.nn.RNN, torch.nn.LSTM, torch.nn.GRU)
        if not plain or not isinstance(x, torch.Tensor) or x.dim() != 3 or module.bidirectional:
            return None
        drops = module.dropout > 0 and module.training and module.num_layers > 1
        time = 1 if module.batch_first else 0
        if drops or module.proj_size or not 2 < x.shape[time] <= MOST_STEPS:
            return None
        outputs = []
        for step in range(x.shape[time]):
            _, state = module.forward(x.narrow(time, step, 1), state)
            parts = state if isinstance(state, tuple) else (state,)
            for part in parts:
                if part.requires_grad:
                    part.register_hook(self._delta(row, step, row.steps))
            outputs.append(parts[0][-1])
        return torch.stack(outputs, time), state


def _mode(recorder: _Recorder) -> Any:
    """Make what sees every function that the model calls, whether by a module or not."""
    torch = recorder.torch
    base: Any = torch.overrides.TorchFunctionMode
    transposes = {torch.Tensor.T.__get__, torch.Tensor.mT.__get__}

    class Seen(base):  # type: ignore[misc]  # PyTorch is not typed here
        def __torch_function__(
            self, called: Any, types: Any, args: Any = (), kwargs: Any = None
        ) -> Any:
            kwargs = kwargs or {}
            if recorder.busy:
                return called(*args, **kwargs)
            known = recorder.known.get(called)
            if known is None:
                name = getattr(called, "__name__", "")
                known = recorder.known[called] = (name, plain_name(name))
            name, active = known
            if name == "__get__" and called not in transposes:
                return called(*args, **kwargs)
            if active:
                with torch.no_grad():
                    recorder.before(active, args, kwargs)
            result = called(*args, **kwargs)
            if isinstance(result, torch.Tensor) and result.is_floating_point():
                if result.requires_grad:
                    recorder.after(name, active, args, result)
                if name == "scaled_dot_product_attention":
                    recorder.scaled_dot_product(args, kwargs)
            elif name in ("chunk", "split", "unbind") and args:
                row = recorder.row_of(args[0]) if isinstance(args[0], torch.Tensor) else None
                for part in result if row is not None else ():
                    recorder.tag(part, row)  # type: ignore[arg-type]  # it is no None here
            return result

    return Seen()


def _leaves(model: Any) -> tuple[dict[Any, list[Any]], dict[int, tuple[str, Any]]]:
    """Find the layers with their parameters, and the parameters outside of layers."""
    torch = _torch()
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
            if any(id(p) not in taken for _, p in own) or not taken:
                pass
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


def _kind(torch: Any, module: Any) -> tuple[str, int]:
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


def _cell(module: Any) -> str:
    name = type(module).__name__.lower()
    for known in ("lstm", "gru"):
        if known in name:
            return known
    return str(getattr(module, "nonlinearity", "tanh"))


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
    torch = _torch()
    _check_model(torch, model)
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
    args, kwargs, batch = _check_inputs(torch, inputs)
    axis = 0
    for module in model.modules():
        if getattr(module, "batch_first", None) is False and batch.dim() >= 2:
            axis = 1
    recorder = _Recorder(model, axis)
    with _restored(torch, model), torch.enable_grad():
        samples = _samples(batch, recorder)
        value, output, found = _run(torch, recorder, args, kwargs, loss, samples)
        gradients = found if found is not None else {}
        updates = _updates(torch, model, gradients, learning_rate, optimizer)
        return _report(recorder, batch, value, output, gradients, updates, precision, loss)


def _check_model(torch: Any, model: Any) -> None:
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


def _check_inputs(torch: Any, inputs: Any) -> tuple[tuple[Any, ...], dict[str, Any], Any]:
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
    batch = _first_tensor(list(args) + list(kwargs.values()), floating=False)
    if batch is None:
        raise TypeError(f"inputs must hold a tensor; got {shown(inputs)}")
    for value in (*args, *kwargs.values()):
        if not isinstance(value, torch.Tensor):
            continue
        if not value.numel():
            raise ValueError(f"inputs must not be empty; got a tensor of shape {_shape(value)}")
        if value.is_floating_point() and bool(torch.isnan(value).any()):
            raise ValueError("inputs must hold no NaN")
    if batch.is_floating_point() and not bool(torch.isfinite(batch).all()):
        raise ValueError("inputs must be finite; they hold infinity")
    return args, kwargs, batch


def _shape(tensor: Any) -> tuple[int, ...]:
    return tuple(int(length) for length in tensor.shape)


@contextmanager
def _restored(torch: Any, model: Any) -> Iterator[None]:
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


def _run(
    torch: Any, recorder: _Recorder, args: Any, kwargs: Any, loss: Callable[[Any], Any],
    samples: int,
) -> tuple[float, tuple[Any, Any, bool] | None, dict[str, Any] | None]:  # fmt: skip
    """Run forward and backward; return loss, outputs with their gradient, and gradients.

    With the outputs stands whether they are all that the model returns.
    """
    model = recorder.model
    with ExitStack() as stack:
        recorder.attach(stack)
        shapes = [_shape(x) for x in (*args, *kwargs.values()) if isinstance(x, torch.Tensor)]
        try:
            result = model(*args, **kwargs)
        except Exception as error:
            where = f" in layer {recorder.current!r}" if recorder.current else ""
            raise ValueError(
                f"inputs must fit the model; with the shapes {shapes} it fails{where}: {error}"
            ) from error
    output = _first_tensor(result)
    if output is None:
        raise TypeError(f"model must return a tensor of real numbers; got {shown(result)}")
    if recorder.overflow is not None:
        return np.nan, None, None
    caught: dict[int, Any] = {}
    outputs = _predictions(result, samples)
    for k, tensor in enumerate(outputs):
        tensor.register_hook(lambda g, k=k: caught.__setitem__(k, g.detach()))
    value = _loss_of(torch, loss, result, output)
    named = {name: p for name, p in model.named_parameters() if p.requires_grad}
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
                value, list(named.values()), grad_outputs=torch.full_like(value, scale),
                allow_unused=True, retain_graph=half and scale > 1,
            )  # fmt: skip
        except RuntimeError as error:
            raise ValueError(
                f"loss must be differentiable; going backward fails: {error}"
            ) from error
        fits = all(bool(torch.isfinite(g).all()) for g in found if g is not None and half)
        if fits:
            break
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
            f"loss must take what the model returns, of shape {_shape(output)}; it fails: {error}"
        ) from error
    if not isinstance(value, torch.Tensor):
        raise TypeError(f"loss must return a tensor; got {shown(value)}")
    if value.numel() != 1:
        raise ValueError(f"loss must return a scalar; got the shape {_shape(value)}: take its mean")
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


def _updates(
    torch: Any, model: Any, gradients: dict[str, Any], rate: float | None, optimizer: Any
) -> dict[str, float]:
    """Norm of one step, by parameter."""
    if not gradients:
        return {}
    if rate is not None:
        return {name: rate * _norm(gradient) for name, gradient in gradients.items()}
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
                found[names[id(p)]] = _norm(p.detach() - old)
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


def _unit_difference(torch: Any, row: _Row, pairs: list[tuple[Any, Any]]) -> float:
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
            norm = _norm(units)
            found.append(_norm(units - units.mean(1, keepdim=True)) / norm if norm else 0.0)
    return max(found) if found else np.nan


def _report(
    recorder: _Recorder, batch: Any, value: float, output: tuple[Any, Any, bool] | None,
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
            rows.append(_Row(name, "parameter", -1, [(name, p)]))
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
        recorder.summary(batch) if batch.is_floating_point() else (np.nan,) * 3
    )
    used = precision
    if used is None:
        kinds = [str(dtype).removeprefix("torch.") for dtype in recorder.dtypes]
        order = ("float16", "bfloat16", "float32", "float64")
        used = next((kind for kind in order if kind in kinds), "float32")
    samples = _samples(batch, recorder)
    layers = Layers(
        names=[row.name for row in rows],
        kinds=["post-norm" if row.post_norm else row.kind for row in rows],
        functions=["+".join(row.functions) for row in rows],
        steps=max((max(_by_step(row), default=-1) + 1 for row in rows), default=0),
        samples=samples, precision=used,
        loss_weight=_loss_weight(torch, output, value, loss) * samples,
        input_signal=input_signal, input_likeness=input_likeness,
        **columns,  # type: ignore[arg-type]  # columns are arrays
    )  # fmt: skip
    theory = predicted(layers, *zip(*variances, strict=True)) if variances else None
    return Report(layers, theory, value)


def _samples(batch: Any, recorder: _Recorder) -> int:
    return int(batch.shape[recorder.batch_axis]) if batch.dim() else 1


def _variances(torch: Any, row: _Row) -> tuple[float, float]:
    """Fan-in times the mean square of the weights, and mean square of the biases."""
    module = row.module
    if not isinstance(module, torch.nn.Linear) or hasattr(module, "parametrizations"):
        return np.nan, np.nan
    weight = _norm(module.weight) ** 2 / max(module.weight.shape[0], 1)
    bias = 0.0 if module.bias is None else _norm(module.bias) ** 2 / module.bias.numel()
    return weight, bias


def _by_step(row: _Row) -> dict[int, float]:
    """Gradient by time step, of a recurrent layer or of one that is called for every step."""
    return row.steps or (row.deltas if len(row.deltas) >= CALLED_OVER_TIME else {})


def _numbers(
    torch: Any, row: _Row, names: dict[int, str], gradients: dict[str, Any],
    updates: dict[str, float], scale: float, passed: bool,
) -> dict[str, float]:  # fmt: skip
    parameters = [p for _, p in row.parameters]
    matrices = [p for p in parameters if p.dim() > 1] or parameters
    found = [(p, gradients.get(names.get(id(p), ""))) for p in matrices]
    known = [g for _, g in found if g is not None]
    weight = float(np.hypot.reduce([_norm(p) for p in matrices])) if matrices else np.nan
    steps = [updates[names[id(p)]] for p in matrices if names.get(id(p)) in updates]
    size = sum(p.numel() for p in parameters)
    free = [p for p in parameters if p.requires_grad]
    reached = sum(p.numel() for p in free if names.get(id(p)) in gradients)
    total = sum(p.numel() for p in free)
    deltas, first = row.deltas, np.nan
    by_step = _by_step(row)
    if row.steps:
        deltas = row.steps
    if len(by_step) >= 2:
        last = max((k for k, norm in by_step.items() if norm > 0), default=-1)
        begin = by_step.get(min(by_step), np.nan)
        if last > 0 and by_step[last] > 0:
            first = begin / by_step[last]
    nonzero = row.counts[0]
    dead = np.nan if row.dead is None else float(row.dead.float().mean())
    gradient = float(np.hypot.reduce(list(deltas.values()))) if deltas else np.nan
    gradient_of_weights = (
        float(np.hypot.reduce([_norm(g) for g in known])) / scale if known else np.nan
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
        "first_step": first,
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
