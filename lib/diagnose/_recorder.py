"""Hooks that measure what passes the layers of a PyTorch model, and keep nothing of it."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import numpy as np

from lib.diagnose._attention import LEAST_PLACES, note_fused, note_module, note_sure
from lib.diagnose._functions import DEAD_OUTSIDE, SATURATED_OUTSIDE, plain_name
from lib.diagnose._kinds import cell_of, find_layers, kind_of
from lib.diagnose._reduction import EXAMPLES, sample, summary
from lib.diagnose._row import Row
from lib.diagnose._tensors import first_tensor, load_torch, norm_of

MOST_STEPS = 512  # of a recurrent layer that is run step by step
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


class Recorder:
    """Collects rows while a model runs forward and backward."""

    def __init__(self, model: Any, batch_axis: int) -> None:
        self.torch = load_torch()
        self.model, self.batch_axis = model, batch_axis
        self.rows: dict[Any, Row] = {}
        self.latest: Row | None = None
        self.current = ""  # module that runs, for messages
        self.overflow: Row | None = None
        self.busy = False
        self.scale = 1.0
        self.tags: dict[int, tuple[Any, Row]] = {}
        self.used: dict[int, Any] = {}
        self.dtypes: set[Any] = set()
        self.leaves, self.loose = find_layers(model)
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
        stack.enter_context(watch(self))

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
            kind, axis = kind_of(self.torch, module)
            label = name or type(module).__name__
            row = Row(label, kind, axis, list(self.leaves[module]), module)
            self.rows[name] = row
            if kind == "recurrent":
                row.functions.append(cell_of(module))
        replaced = None
        if row.kind == "recurrent":
            replaced = self.unrolled(row, module, args, kwargs)
            output = output if replaced is None else replaced
        found = first_tensor(output)
        if found is not None:
            self.measure(row, found, gradient=replaced is None)
        if row.kind == "attention" and found is not None:
            note_module(row, module, args, kwargs)
        if row.kind == "recurrent" and found is not None and "tanh" in row.functions:
            flat = sample(found.detach()).abs() > 0.9747  # slope 1 - a^2 below 0.05
            row.note("saturated", float(flat.float().mean()))
        return replaced

    def measure(self, row: Row, tensor: Any, *, gradient: bool = True) -> None:
        """Note size, spread and likeness of an output, and wait for its gradient."""
        self.latest = row
        self.tag(tensor, row)
        self.dtypes.add(tensor.dtype)
        signal, spread, likeness = summary(tensor, self.batch_axis)
        row.note("signal", signal)
        if not np.isfinite(signal) and self.overflow is None:
            self.overflow = row
        for name, value in (("spread", spread), ("likeness", likeness)):
            if np.isfinite(value):
                row.note(name, value)
        call, row.calls = row.calls, row.calls + 1
        if gradient and tensor.requires_grad:
            tensor.register_hook(self._delta(row, call, row.deltas))

    def _delta(self, row: Row, call: int, into: dict[int, float]) -> Callable[[Any], None]:
        def hook(gradient: Any) -> None:
            norm = norm_of(gradient) / self.scale
            into[call] = float(np.hypot(into.get(call, 0.0), norm))
            part = sample(gradient).abs().float()
            zeros = int(part.numel() - self.torch.count_nonzero(part))
            found = [part.numel() - zeros]
            for power in (-25, -134):  # half the smallest subnormal number is rounded to 0
                below = part <= 2.0**power * self.scale
                found.append(int(self.torch.count_nonzero(below)) - zeros)
            row.counts += found

        return hook

    # -- functions between the layers -------------------------------------------------------

    def tag(self, tensor: Any, row: Row) -> None:
        self.tags[id(tensor)] = (weakref.ref(tensor), row)

    def row_of(self, tensor: Any) -> Row | None:
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
                note_sure(row, x.detach()[:EXAMPLES])
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
            part = sample(x)
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
                row.note("activation", norm_of(result) / max(result.numel(), 1) ** 0.5)
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
        row = self.rows.setdefault(key, Row(f"+ {name}", "residual", self.latest.axis))
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
                row = self.rows[label] = Row(label, "linear", -1, [(label, parameter)])
            self.measure(row, result)
        elif len(tensors) == 1:
            self.derived[id(result)] = (weakref.ref(result), label)

    def unrolled(self, row: Row, module: Any, args: Any, kwargs: Any) -> Any:
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


def watch(recorder: Recorder) -> Any:
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
                    note_fused(recorder.latest, args, kwargs)
            elif name in ("chunk", "split", "unbind") and args:
                row = recorder.row_of(args[0]) if isinstance(args[0], torch.Tensor) else None
                for part in result if row is not None else ():
                    recorder.tag(part, row)  # type: ignore[arg-type]  # it is no None here
            return result

    return Seen()
