"""Networks in PyTorch: the cause is named, the healthy are left in peace, nothing is changed."""

import copy
import warnings

import numpy as np
import pytest

from lib.diagnose import diagnose, diagnose_arrays

torch = pytest.importorskip("torch")
nn, F = torch.nn, torch.nn.functional


@pytest.fixture(autouse=True)
def _one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    yield
    torch.set_num_threads(threads)


def classify(classes=10, batch=32, **options):
    labels = torch.randint(0, classes, (batch,))
    return lambda outputs: F.cross_entropy(outputs, labels, **options)


def dense(depth, function=nn.ReLU, *, width=32, norm=None, bias=True, start=None):
    layers = []
    for _ in range(depth - 1):
        layers += [nn.Linear(width, width, bias=bias), norm(width) if norm else None, function()]
    model = nn.Sequential(*filter(None, layers), nn.Linear(width, 10, bias=bias))
    for layer in model if start else ():
        if isinstance(layer, nn.Linear):
            start(layer)
    return model


def he(layer):
    nn.init.kaiming_normal_(layer.weight)
    nn.init.zeros_(layer.bias)


def xavier(layer):
    nn.init.xavier_normal_(layer.weight)
    nn.init.zeros_(layer.bias)


def scaled(factor):
    def start(layer):
        layer.weight.data *= factor

    return start


def constant(layer):
    nn.init.constant_(layer.weight, 0.1)
    nn.init.zeros_(layer.bias)


def linear(model, number):
    return [layer for layer in model if isinstance(layer, nn.Linear)][number]


class Residual(nn.Module):
    def __init__(self, width=32, *, normed=True, scale=1.0):
        super().__init__()
        self.norm = nn.LayerNorm(width) if normed else nn.Identity()
        self.one, self.two, self.scale = nn.Linear(width, width), nn.Linear(width, width), scale

    def forward(self, x):
        return x + self.scale * self.two(F.relu(self.one(self.norm(x))))


class Block(nn.Module):
    def __init__(self, channels, out, stride=1):
        super().__init__()
        self.one = nn.Conv2d(channels, out, 3, stride, 1, bias=False)
        self.norm_one, self.norm_two = nn.BatchNorm2d(out), nn.BatchNorm2d(out)
        self.two = nn.Conv2d(out, out, 3, 1, 1, bias=False)
        self.skip = nn.Conv2d(channels, out, 1, stride) if stride > 1 else nn.Identity()

    def forward(self, x):
        y = self.norm_two(self.two(F.relu(self.norm_one(self.one(x)), inplace=True)))
        y += self.skip(x)
        return F.relu(y, inplace=True)


def resnet(blocks=4):
    body = [Block(8 if k <= blocks // 2 else 16, 8 if k < blocks // 2 else 16,
                  2 if k == blocks // 2 else 1) for k in range(blocks)]  # fmt: skip
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, 1, 1), nn.BatchNorm2d(8), nn.ReLU(), *body,
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 10),
    )  # fmt: skip


class Transformer(nn.Module):
    def __init__(self, blocks, *, pre_norm, width=16, function="relu"):
        super().__init__()
        self.embed = nn.Embedding(30, width)
        self.place = nn.Parameter(0.02 * torch.randn(1, 8, width))
        self.blocks = nn.ModuleList(
            nn.TransformerEncoderLayer(
                width, 2, 4 * width, 0.1, function, batch_first=True, norm_first=pre_norm
            )
            for _ in range(blocks)
        )
        self.norm = nn.LayerNorm(width) if pre_norm else nn.Identity()
        self.head = nn.Linear(width, 10)

    def forward(self, words):
        x = self.embed(words) + self.place
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x).mean(1))


class Reader(nn.Module):
    def __init__(self, cell, *, words=None, **options):
        super().__init__()
        self.embed = nn.Embedding(words, 6) if words else nn.Identity()
        self.cell = cell(6, 16, batch_first=True, **options)
        self.head = nn.Linear(16, 10)

    def forward(self, x):
        return self.head(self.cell(self.embed(x))[0][:, -1])


class Looped(nn.Module):
    """A recurrent network written by hand."""

    def __init__(self, scale, small=1.0):
        super().__init__()
        self.inputs, self.state = nn.Linear(6, 16), nn.Linear(16, 16, bias=False)
        nn.init.orthogonal_(self.state.weight)
        self.state.weight.data *= scale
        self.inputs.weight.data *= small
        self.inputs.bias.data *= 0
        self.head = nn.Linear(16, 10)

    def forward(self, x):
        h = x.new_zeros(x.shape[0], 16)
        for step in range(x.shape[1]):
            h = torch.tanh(self.inputs(x[:, step]) + self.state(h))
        return self.head(h)


class Bare(nn.Module):
    """No layers, only parameters and functions."""

    def __init__(self, depth, scale):
        super().__init__()
        self.weights = nn.ParameterList(
            nn.Parameter(torch.randn(32, 32) * scale / 32**0.5) for _ in range(depth)
        )

    def forward(self, x):
        for w in self.weights[:-1]:
            x = torch.sigmoid(x @ w.T)
        return F.linear(x, self.weights[-1])


class Cut(nn.Module):
    def __init__(self):
        super().__init__()
        self.front, self.back = nn.Linear(32, 32), nn.Linear(32, 10)

    def forward(self, x):
        return self.back(torch.relu(self.front(x)).detach())


def x(batch=32, width=32):
    return torch.randn(batch, width)


def words(batch=16, length=8):
    return torch.randint(0, 30, (batch, length))


def dead(number, share=1.0, depth=5):
    model = dense(depth, start=he)
    bias = linear(model, number).bias
    bias.data[: int(share * len(bias))] = -60.0
    return model


def frozen(model, number):
    linear(model, number).requires_grad_(False)
    return model


def exploding(cell):
    nn.init.eye_(cell.cell.weight_hh_l0)
    cell.cell.weight_hh_l0.data *= 1.4
    return cell


SICK = {
    "ReLU at PyTorch's start, 50 layers": ("vanishing gradient", lambda: (
        dense(50), x(), classify())),
    "ReLU at PyTorch's start, 20 layers": ("vanishing gradient", lambda: (
        dense(20, width=64), x(width=64), classify())),
    "sigmoids": ("vanishing gradient", lambda: (dense(10, nn.Sigmoid), x(), classify())),
    "sigmoids without layers": ("vanishing gradient", lambda: (Bare(12, 1.0), x(), classify(32))),
    "plain recurrent network": ("vanishing gradient", lambda: (
        Reader(nn.RNN), torch.randn(32, 60, 6), classify())),
    "dead layer": ("dead units", lambda: (dead(2), x(), classify())),
    "dead first layer": ("dead units", lambda: (dead(0), x(), classify())),
    "dead units": ("dead units", lambda: (dead(1, 0.8), x(), classify())),
    "saturated sigmoids": ("saturated units", lambda: (
        dense(5, nn.Sigmoid, start=scaled(40)), x(), classify())),
    "saturated tanh": ("saturated units", lambda: (
        dense(4, nn.Tanh, start=scaled(20)), x(), classify())),
    "no normalization, growing": ("wrong scale", lambda: (
        dense(10, start=scaled(8)), x(), classify())),
    "no normalization, shrinking": ("wrong scale", lambda: (
        dense(12, bias=False, start=scaled(0.3)), x(), classify())),
    "no normalization, overflow": ("wrong scale", lambda: (
        dense(40, start=scaled(40)), x(), classify())),
    "pixels from 0 to 255": ("wrong scale", lambda: (
        dense(3), torch.randint(0, 256, (32, 32)).float(), classify())),
    "post-norm, 24 blocks": ("post-norm", lambda: (
        Transformer(24, pre_norm=False), words(), classify(batch=16))),
    "residual branches": ("residual branches", lambda: (
        nn.Sequential(*[Residual(normed=False, scale=8.0) for _ in range(16)], nn.Linear(32, 10)),
        x(), classify())),
    "half precision": ("underflow", lambda: (
        dense(6, nn.Tanh, start=xavier).half(), x(256).half(),
        (lambda loss: lambda out: 1e-3 * loss(out.float()))(classify(batch=256)))),
    "exploding recurrent network": ("exploding gradient", lambda: (
        exploding(Reader(nn.RNN, nonlinearity="relu")), torch.randn(32, 40, 6), classify())),
    "exploding by hand": ("exploding gradient", lambda: (
        Looped(1.4, 1e-6), torch.randn(32, 30, 6), classify())),
    "frozen layer": ("frozen layer", lambda: (frozen(dense(5), 2), x(), classify())),
    "frozen first layer": ("frozen layer", lambda: (frozen(dense(5), 0), x(), classify())),
    "detached layer": ("frozen layer", lambda: (Cut(), x(), classify())),
    "sum of cross-entropies": ("loss reduction", lambda: (
        dense(4), x(), classify(reduction="sum"))),
    "sum of squares": ("loss reduction", lambda: (
        dense(4), x(), (lambda t: lambda out: ((out - t) ** 2).sum())(torch.randn(32, 10)))),
    "identical units": ("identical units", lambda: (
        dense(4, start=constant), x(), classify())),
    "all weights zero": ("identical units", lambda: (
        dense(4, start=scaled(0)), x(), classify())),
}  # fmt: skip


@pytest.mark.parametrize("name", SICK)
def test_the_cause_is_named(name):
    cause, build = SICK[name]
    report = diagnose(*build())
    assert report.verdict.startswith(f"{cause}: ")
    first = report.findings[0]
    assert first.remedy in report.verdict
    assert "layer " in report.verdict
    assert set(first.layers) <= set(report.layers.names)


HEALTHY = {
    "residual network": lambda: (resnet(), torch.randn(16, 3, 8, 8), classify(batch=16)),
    "deeper residual network": lambda: (resnet(12), torch.randn(16, 3, 8, 8), classify(batch=16)),
    "small transformer": lambda: (
        Transformer(3, pre_norm=True), words(), classify(batch=16)),
    "transformer with GELU": lambda: (
        Transformer(8, pre_norm=True, function="gelu"), words(), classify(batch=16)),
    "post-norm, 2 blocks": lambda: (
        Transformer(2, pre_norm=False), words(), classify(batch=16)),
    "pre-norm, 20 branches": lambda: (
        nn.Sequential(*[Residual() for _ in range(20)], nn.LayerNorm(32), nn.Linear(32, 10)),
        x(), classify()),
    "small network": lambda: (dense(3), x(), classify()),
    "tanh, Xavier": lambda: (dense(8, nn.Tanh, start=xavier), x(), classify()),
    "ReLU, He": lambda: (dense(15, start=he, width=64), x(width=64), classify()),
    "batch normalization": lambda: (dense(8, norm=nn.BatchNorm1d), x(), classify()),
    "layer normalization, GELU": lambda: (
        dense(8, nn.GELU, norm=nn.LayerNorm), x(), classify()),
    "convolutions": lambda: (
        nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(8, 16, 3),
                      nn.ReLU(), nn.Flatten(), nn.Linear(144, 10)),
        torch.rand(32, 1, 12, 12), classify()),
    "LSTM": lambda: (Reader(nn.LSTM), torch.randn(32, 30, 6), classify()),
    "GRU with an embedding": lambda: (Reader(nn.GRU, words=30), words(32), classify()),
    "two directions": lambda: (
        nn.Sequential(Reader(nn.LSTM, num_layers=2, dropout=0.1)), torch.randn(32, 20, 6),
        classify()),
    "regression": lambda: (
        dense(3), x(), (lambda t: lambda out: F.mse_loss(out, t))(torch.randn(32, 10))),
    "one logit": lambda: (
        nn.Sequential(dense(3), nn.Linear(10, 1)), x(),
        (lambda t: lambda out: F.binary_cross_entropy_with_logits(out[:, 0], t))(
            torch.randint(0, 2, (32,)).float())),
    "by hand": lambda: (Looped(1.0), torch.randn(32, 15, 6), classify()),
    "bfloat16": lambda: (
        dense(3).bfloat16(), x().bfloat16(), (lambda loss: lambda out: loss(out.float()))(
            classify())),
    "float16": lambda: (
        dense(3).half(), x().half(), (lambda loss: lambda out: loss(out.float()))(classify())),
}  # fmt: skip


@pytest.mark.parametrize("name", HEALTHY)
def test_no_alarm_on_healthy_networks(name):
    report = diagnose(*HEALTHY[name]())
    assert report.verdict == "no cause found", str(report)


@pytest.mark.parametrize("name", ["small network", "tanh, Xavier", "LSTM", "regression"])
def test_no_alarm_after_some_training(name):
    model, inputs, loss = HEALTHY[name]()
    optimizer = torch.optim.Adam(model.parameters(), 1e-3)
    for _ in range(50):
        optimizer.zero_grad()
        loss(model(inputs)).backward()
        optimizer.step()
    report = diagnose(model, inputs, loss, optimizer=optimizer)
    assert report.verdict == "no cause found", str(report)


def test_the_learning_rate_is_judged():
    model, inputs, loss = HEALTHY["small network"]()
    assert diagnose(model, inputs, loss, learning_rate=0.1).verdict == "no cause found"
    assert diagnose(model, inputs, loss, learning_rate=1e-9).verdict.startswith("small updates")
    assert diagnose(model, inputs, loss, learning_rate=1e3).verdict.startswith("large updates")
    adam = torch.optim.Adam(model.parameters(), 1.0)
    assert diagnose(model, inputs, loss, optimizer=adam).verdict.startswith("large updates")


def close(one, other):
    return one == pytest.approx(other, rel=1e-6)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_numbers_are_those_of_autograd(dtype):
    model = dense(6, nn.Tanh, start=xavier).to(dtype)
    inputs, loss = x().to(dtype), classify()
    table = diagnose(model, inputs, loss, learning_rate=0.5).layers
    exact = copy.deepcopy(model).double()
    a, outputs = inputs.double(), []
    for layer in exact:
        a = layer(a)
        if isinstance(layer, nn.Linear):
            a.retain_grad()
            outputs.append(a)
    loss(a).backward()
    limit = 1e-6 if dtype == torch.float32 else 1e-12
    for row, (layer, h) in enumerate(
        zip([m for m in exact if isinstance(m, nn.Linear)], outputs, strict=True)
    ):
        g, w = layer.weight.grad, layer.weight.detach()
        values = h.detach()
        cosines = F.cosine_similarity(values[:, None], values[None], dim=-1)
        expected = {
            "gradient": h.grad.norm(),
            "weight_gradient": g.norm(),
            "weight": w.norm(),
            "update": 0.5 * g.norm() / w.norm(),
            "signal": values.square().mean().sqrt(),
            "spread": values.var(0, unbiased=False).mean().sqrt(),
            "likeness": (cosines.sum() - 32) / (32 * 31),
        }
        for name, value in expected.items():
            found = getattr(table, name)[row]
            assert found == pytest.approx(float(value), rel=limit, abs=limit), name
    saturated = [(values.abs() > 2.178).double().mean() for values in outputs[:-1]]
    assert np.allclose(table.saturated[:-1], [float(s) for s in saturated])


def test_it_says_the_same_of_arrays():
    model, inputs, loss = SICK["ReLU at PyTorch's start, 20 layers"][1]()
    report = diagnose(model, inputs, loss)
    a, layers, outputs = inputs, [], []
    for layer in model:
        a = layer(a)
        if isinstance(layer, nn.Linear):
            a.retain_grad()
            outputs.append((layer, a))
    value = loss(a)
    value.backward()
    for number, (layer, h) in enumerate(outputs):
        layers.append({
            "name": report.layers.names[number], "kind": "linear",
            "function": "relu" if number < 19 else "", "weight": layer.weight.detach(),
            "weight_gradient": layer.weight.grad, "bias": layer.bias.detach(),
            "pre_activation": h.detach(), "gradient": h.grad,
        })  # fmt: skip
    other = diagnose_arrays(layers, inputs=inputs, loss=value.item())
    # Likeness, spread and what would underflow are estimated from part of the entries.
    for name in ("gradient", "weight_gradient", "weight", "signal", "dead", "float16"):
        one, two = (getattr(r.layers, name) for r in (report, other))
        assert np.allclose(one, two, rtol=1e-5, equal_nan=True), name
    assert other.layers.loss_weight == pytest.approx(report.layers.loss_weight)
    assert np.allclose(other.predicted.gradient, report.predicted.gradient, rtol=1e-5)
    assert other.verdict == report.verdict


def test_a_gradient_through_time_is_that_of_autograd():
    model, inputs, loss = HEALTHY["LSTM"]()
    row = diagnose(model, inputs, loss).layers
    # The state after the first step as a variable of its own, and the fused layer from there.
    _, state = model.cell(inputs[:, :1])
    state = [part.detach().requires_grad_() for part in state]
    outputs = model.cell(inputs[:, 1:], tuple(state))[0][:, -1]
    outputs.retain_grad()
    loss(model.head(outputs)).backward()
    first = torch.stack([part.grad for part in state]).norm()
    assert row.first_step[0] == pytest.approx(float(first / outputs.grad.norm()), rel=1e-4)
    assert row.steps == 30


def test_sums_and_post_norms_are_recognized():
    kinds = diagnose(*HEALTHY["small transformer"]()).layers.kinds
    assert kinds.count("residual") == 6
    assert "post-norm" not in kinds
    model = Transformer(5, pre_norm=False)
    kinds = diagnose(model, words(), classify(batch=16)).layers.kinds
    assert kinds.count("residual") == 10
    assert kinds.count("post-norm") == 9  # no sum follows the last
    assert diagnose(*HEALTHY["residual network"]()).layers.kinds.count("residual") >= 3
    assert "residual" not in diagnose(*HEALTHY["by hand"]()).layers.kinds


def state_of(model):
    kept = [p.grad for p in model.parameters()]
    return (
        {name: value.clone() for name, value in model.state_dict().items()},
        [None if g is None else (id(g), g.clone()) for g in kept],
        [module.training for module in model.modules()],
        torch.get_rng_state(),
        [len(m._forward_hooks) + len(m._forward_pre_hooks) for m in model.modules()],
    )


def equal(one, other):
    if isinstance(one, torch.Tensor):
        return torch.equal(one, other)
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(equal(one[k], other[k]) for k in one)
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(equal, one, other))
    return one == other


def fails(outputs):
    raise RuntimeError("a bug in the loss")


@pytest.mark.parametrize("way", ["success", "error in the loss", "error in the model"])
@pytest.mark.parametrize("mode", [True, False])
def test_nothing_is_changed(way, mode):
    model, inputs, loss = HEALTHY["residual network"]()
    model.insert(3, nn.Dropout(0.3))
    loss(model(inputs)).backward()
    model[-1].weight.grad = None
    model.train(mode)
    optimizer = torch.optim.SGD(model.parameters(), 0.1, momentum=0.9)
    optimizer.step()
    kept = inputs.clone()
    before = state_of(model), copy.deepcopy(optimizer.state_dict())
    if way == "success":
        diagnose(model, inputs, loss, optimizer=optimizer)
    else:
        given = (inputs, fails) if way == "error in the loss" else (inputs[:, :2], loss)
        with pytest.raises(ValueError, match="must"):
            diagnose(model, *given, optimizer=optimizer)
    assert equal(before[0], state_of(model))
    assert equal(before[1], optimizer.state_dict())
    assert torch.equal(kept, inputs)
    assert inputs.grad is None


def test_checkpoints_are_seen_through_or_refused():
    from torch.utils.checkpoint import checkpoint

    class Saved(nn.Module):
        def __init__(self):
            super().__init__()
            self.front, self.back = dense(3, width=10), nn.Linear(10, 10)

        def forward(self, x):
            return self.back(checkpoint(self.front, x, use_reentrant=self.reentrant))

    model, inputs, loss = Saved(), x(width=10).requires_grad_(), classify()
    model.reentrant = False
    found = diagnose(model, inputs, loss)
    loss(model.back(model.front(inputs))).backward()
    names = [f"front.{k}" for k in (0, 2, 4)] + ["back"]
    expected = [model.get_submodule(name).weight.grad.norm() for name in names]
    assert found.layers.names == tuple(names)
    assert np.allclose(found.layers.weight_gradient, [float(g) for g in expected], rtol=1e-6)
    assert found.verdict == "no cause found"
    model.reentrant = True
    with pytest.raises(ValueError, match="checkpoints with use_reentrant=False"):
        diagnose(model, inputs, loss)


def test_the_precision_of_autocast_is_seen():
    model, inputs, loss = HEALTHY["small network"]()
    with torch.autocast("cpu", torch.bfloat16):
        report = diagnose(model, inputs, loss)
    assert report.layers.precision == "bfloat16"
    assert report.verdict == "no cause found"


def test_an_overflow_is_told_and_not_raised():
    report = diagnose(*SICK["no normalization, overflow"][1]())
    assert np.isinf(report.layers.signal[-1])
    assert np.isnan(report.layers.gradient).all()
    assert "no longer a finite number" in report.verdict


def test_it_keeps_no_activation():
    model, inputs, loss = HEALTHY["small network"]()
    seen = []
    handle = model[0].register_forward_hook(
        lambda _m, _i, out: seen.append(__import__("weakref").ref(out))
    )
    report = diagnose(model, inputs, loss)
    handle.remove()
    import gc

    gc.collect()
    assert seen[0]() is None
    assert report.layers.names == ("0", "2", "4")


def nothing(outputs):
    return torch.tensor(1.0)


def poisoned():
    model = dense(3)
    model[2].weight.data[0, 0] = np.nan
    return model


def traced():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return torch.jit.trace(dense(3), x())


BAD = {
    "no module": (lambda: ("net", x(), classify()), "model must be a torch.nn.Module"),
    "no parameters": (lambda: (nn.ReLU(), x(), torch.mean), "model must have parameters"),
    "all frozen": (
        lambda: (dense(3).requires_grad_(False), x(), classify()), "requires_grad is False"),
    "NaN parameter": (
        lambda: (poisoned(), x(), classify()), "finite parameters; 2.weight holds NaN"),
    "lazy": (lambda: (nn.LazyLinear(3), x(), torch.mean), "must be run once before"),
    "NaN input": (lambda: (dense(3), x() * np.nan, classify()), "inputs must hold no NaN"),
    "one NaN": (
        lambda: (dense(3), torch.cat([x(31), x(1) * np.nan]), classify()),
        "inputs must hold no NaN",
    ),
    "infinite input": (lambda: (dense(3), x() + np.inf, classify()), "inputs must be finite"),
    "compiled": (
        lambda: (traced(), x(), classify()), "got a ScriptModule"),
    "empty": (lambda: (dense(3), torch.zeros(0, 32), classify()), "inputs must not be empty"),
    "array": (lambda: (dense(3), np.ones((4, 32)), classify()), "inputs must be a tensor"),
    "no tensor": (lambda: (dense(3), (), classify()), "inputs must hold a tensor"),
    "wrong width": (
        lambda: (dense(3), x(width=31), classify()),
        r"must fit the model; with the shapes \[\(32, 31\)\] it fails in layer '0'"),
    "loss of another batch": (lambda: (dense(3), x(8), classify()), r"shape \(8, 10\); it fails"),
    "loss no function": (lambda: (dense(3), x(), 1.0), "loss must be a function"),
    "loss no scalar": (
        lambda: (dense(3), x(), classify(reduction="none")),
        r"loss must return a scalar; got the shape \(32,\): take its mean"),
    "loss no tensor": (lambda: (dense(3), x(), lambda out: 1.0), "loss must return a tensor"),
    "loss NaN": (lambda: (dense(3), x(), lambda out: out.mean() * np.nan), "loss must be finite"),
    "loss of nothing": (lambda: (dense(3), x(), nothing), "no gradient reached"),
    "loss detached": (
        lambda: (dense(3), x(), lambda out: out.detach().mean()), "no gradient reached"),
    "loss of something else": (
        lambda: (dense(3), x(), lambda out: nn.Linear(2, 1)(torch.ones(2)).sum()),
        "no gradient reached"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_input_says_what_is_wrong(name):
    build, message = BAD[name]
    with pytest.raises((TypeError, ValueError), match=message):
        diagnose(*build())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"learning_rate": -1.0}, "learning_rate must be"),
        ({"learning_rate": "fast"}, "learning_rate must be"),
        ({"optimizer": "adam"}, "optimizer must be a torch.optim.Optimizer"),
        ({"precision": "float8"}, "precision must be one of"),
        ({"precision": torch.int8}, "precision must be one of"),
        ({"optimizer": torch.optim.SGD(nn.Linear(2, 2).parameters(), 0.1)},
         "optimizer must hold parameters of the model; it holds those of something else"),
    ],
)  # fmt: skip
def test_bad_options_are_named(options, message):
    with pytest.raises((TypeError, ValueError), match=message):
        diagnose(dense(3), x(), classify(), **options)


def test_several_arguments_and_outputs():
    class Two(nn.Module):
        def __init__(self):
            super().__init__()
            self.one, self.two = nn.Linear(4, 8), nn.Linear(8, 10)

        def forward(self, first, second):
            out = self.two(torch.relu(self.one(first + second)))
            return {"logits": out, "again": out}

    loss = classify(batch=16)
    pair = torch.randn(16, 4), torch.randn(16, 4)
    by_place = diagnose(Two(), pair, lambda out: loss(out["logits"]))
    named = dict(zip(("first", "second"), pair, strict=True))
    assert by_place.verdict == "no cause found"
    assert diagnose(Two(), named, lambda out: loss(out["logits"])).verdict == "no cause found"
    assert by_place.layers.samples == 16


class OwnLoss(nn.Module):
    """A model that computes its own loss, and returns it in front, behind, or alone."""

    def __init__(self, order, reduction):
        super().__init__()
        self.line, self.order, self.reduction = nn.Linear(5, 3), order, reduction

    def forward(self, inputs, labels):
        logits = self.line(inputs)
        value = F.cross_entropy(logits, labels, reduction=self.reduction)
        return {
            "mapping": {"loss": value, "logits": logits},
            "front": (value, logits),
            "behind": (logits, value),
            "alone": value,
        }[self.order]


@pytest.mark.parametrize("order", ["mapping", "front", "behind", "alone"])
@pytest.mark.parametrize("reduction", ["mean", "sum"])
def test_the_reduction_is_told_from_outputs_and_not_from_a_loss_among_them(order, reduction):
    given = torch.randn(32, 5), torch.randint(0, 3, (32,))
    where = {"mapping": "loss", "front": 0, "behind": 1}.get(order, ...)
    report = diagnose(OwnLoss(order, reduction), given, lambda out: out[where])
    weight = report.layers.loss_weight
    if order == "alone":
        assert np.isnan(weight)
        assert report.verdict == "no cause found"
    else:
        assert weight == pytest.approx({"mean": 1, "sum": 32}[reduction], rel=1e-4)
        assert report.verdict.startswith("loss reduction") == (reduction == "sum")


def test_a_model_that_returns_a_scalar_is_not_accused_of_its_reduction():
    class Mean(nn.Module):
        def __init__(self):
            super().__init__()
            self.line = nn.Linear(5, 3)

        def forward(self, inputs):
            return self.line(inputs).mean()

    report = diagnose(Mean(), torch.randn(32, 5), lambda out: out)
    assert report.verdict == "no cause found"


def test_a_type_of_torch_names_the_precision():
    model, inputs, loss = HEALTHY["small network"]()
    named = diagnose(model, inputs, loss, precision="float16")
    assert diagnose(model, inputs, loss, precision=torch.float16) == named


def test_own_recurrence_is_told_with_its_steps():
    report = diagnose(Looped(0.3), torch.randn(32, 60, 6), classify())
    assert report.layers.steps == 60
    assert '"inputs") and layer 2 ("state") gets' in report.verdict
    assert "over 60 steps" in report.verdict
