"""The code that book/not-training.md shows and does not run: what it prints is what it says."""

import re

import numpy as np
import pytest
from the_book import ROOT

from lib.diagnose import Layers, diagnose, findings
from lib.figures import not_training

torch = pytest.importorskip("torch")
nn = torch.nn

PAGE = (ROOT / "book/not-training.md").read_text("utf-8")
SHOWN = re.findall(r"^```python\n(.*?)^```", PAGE, re.M | re.S)
PRINTED = re.search(r"^```text\n(.*?)^```", PAGE, re.M | re.S)[1]


def block(words):
    """Find the one block of code with these words."""
    (found,) = [code for code in SHOWN if words in code]
    return found


DIAGNOSED, RECIPE = block("print(report.verdict)"), block("def look(")


def look(model, inputs, loss=lambda outputs: outputs.square().mean()):
    space = {}
    exec(RECIPE, space)
    space["look"](model, inputs, loss)


def test_the_page_shows_what_the_diagnosis_prints(capsys):
    exec(DIAGNOSED, {})
    assert capsys.readouterr().out.split() == PRINTED.split()


def test_the_recipe_prints_the_numbers_of_the_library(capsys):
    space = {}
    exec(DIAGNOSED, space)
    exec(RECIPE, space)
    capsys.readouterr()
    report = space["report"]
    space["look"](space["model"], space["x"], space["loss"])
    lines = capsys.readouterr().out.splitlines()
    gradients = [float(line.split("gradient")[1].split()[0]) for line in lines]
    expected = report.layers.gradient / report.layers.gradient[-1]
    np.testing.assert_allclose(gradients, expected, rtol=0.06)
    assert len(lines) == 31


class Detached(nn.Module):
    """Two layers, the first of which is cut off."""

    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(3, 4), nn.Linear(4, 2)

    def forward(self, x):
        return self.second(self.first(x).detach())


def frozen(layer):
    model = nn.Sequential(nn.Linear(3, 3), nn.ReLU(), nn.Linear(3, 3), nn.ReLU(), nn.Linear(3, 2))
    model[layer].requires_grad_(False)
    return model


@pytest.mark.parametrize(
    ("model", "rows", "row", "words"),
    [
        (lambda: frozen(0), 5, 0, ["gradient  0.0e+00", "gradient/weight none"]),
        (lambda: frozen(2), 5, 1, ["gradient/weight none"]),
        (Detached, 5, 0, ["gradient  0.0e+00", "gradient/weight none"]),
        (lambda: frozen(0).requires_grad_(False), 5, 2, ["gradient      nan"]),
        (lambda: frozen(0), 1, 0, ["likeness   nan"]),
        (lambda: nn.TransformerEncoderLayer(3, 1, 5, batch_first=True), 4, -1,
         ["not looked at:", "self_attn.in_proj_weight"]),
    ],
    ids=["first frozen", "middle frozen", "detached", "all frozen", "batch of 1", "attention"],
)  # fmt: skip
def test_the_recipe_survives_sick_networks(model, rows, row, words, capsys):
    shape = (rows, 2, 3) if rows == 4 else (rows, 3)
    look(model(), torch.randn(shape))
    lines = capsys.readouterr().out.splitlines()
    assert all(word in lines[row] for word in words), lines


def test_the_recipe_leaves_gradients_and_random_state():
    model = nn.Sequential(nn.Linear(3, 3), nn.Dropout(), nn.Linear(3, 2))
    x = torch.randn(4, 3)
    model(x).sum().backward()
    before, state = [p.grad.clone() for p in model.parameters()], torch.get_rng_state()
    look(model, x)
    assert all(torch.equal(p.grad, g) for p, g in zip(model.parameters(), before, strict=True))
    assert torch.equal(torch.get_rng_state(), state)


def test_the_step_is_that_of_plain_gradient_descent(capsys):
    model = nn.Linear(3, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    inputs = torch.ones(1, 3)
    model(inputs).sum().backward()
    expected = 0.1 * (model.weight.grad.norm() / model.weight.norm()).item()
    space = {"torch": torch}
    exec(block("def step_by_layer("), space)
    space["step_by_layer"](model, optimizer, inputs, torch.sum)
    name, size = capsys.readouterr().out.split()
    assert name == "weight"
    assert float(size) == pytest.approx(expected, rel=0.05)


def test_the_shares_and_the_missing_parameters():
    model = nn.Sequential(nn.Linear(3, 2), nn.Linear(2, 2))
    space = {"a": torch.tensor([[0.0, 1.0], [0.0, 0.0]]), "model": model}
    space["optimizer"] = torch.optim.SGD(model[1].parameters(), lr=0.1)
    exec(block("dead = "), space)
    assert (space["dead"], space["saturated"]) == (0.5, 0.25)
    exec(block("param_groups"), space)
    assert space["missing"] == ["0.weight", "0.bias"]


@pytest.mark.parametrize(
    ("column", "healthy", "suspect", "sick"),
    [
        ("gradient", (2e-3, 900), (5e-4, 2e3), (5e-7, 2e6)),
        ("signal", (2e-3, 90), (5e-4, 200), (5e-7, 2e4)),
        ("likeness", (0.9998,), (0.99995,), ()),
        ("dead", (0.49,), (0.6,), (0.91,)),
        ("saturated", (0.49,), (0.6,), (0.81,)),
        ("update", (2e-6, 0.29), (5e-7, 0.4), (5e-9, 1.1)),
    ],
)
def test_the_limits_of_the_page_are_those_of_the_rules(column, healthy, suspect, sick):
    assert "1,000" in not_training.LIMITS
    for severity, values in (("none", healthy), ("moderate", suspect), ("severe", sick)):
        for value in values:
            columns = {"weight": np.ones(4), "weight_gradient": np.ones(4)}
            if column == "gradient":
                columns["gradient"] = np.array([value, value, 1.0, 1.0])
                columns["weight_gradient"] = columns["gradient"]
            elif column == "signal":
                columns["signal"] = np.array([1.0, 1.0, value, value])
            else:
                columns[column] = np.full(4, value)
            found = findings(Layers(names=list("1234"), samples=64, **columns))
            worst = found[0].severity if found else "none"
            assert worst == severity, (column, value, found)


def test_the_start_draws_the_variance_of_he_and_the_default_a_sixth():
    layer = nn.Linear(400, 400)
    default = layer.weight.var().item()
    space = {"nn": nn}
    exec(block("def start("), space)
    space["start"](layer)
    assert layer.weight.var().item() == pytest.approx(2 / 400, rel=0.05)
    assert default == pytest.approx(2 / 400 / 6, rel=0.05)
    assert not layer.bias.any()


def test_the_deep_network_of_the_page_is_healthy():
    torch.manual_seed(0)
    space = {"nn": nn, "torch": torch}
    exec(block("def start("), space)
    exec(block("class Branch("), space)
    x, labels = torch.randn(64, 64), torch.randint(0, 10, (64,))
    report = diagnose(space["model"], x, lambda h: nn.functional.cross_entropy(h, labels))
    assert not [f for f in report.findings if f.severity != "note"]


def test_the_forget_gates_start_open():
    lstm = nn.LSTM(2, 3, num_layers=2, bidirectional=True)
    space = {"nn": nn}
    exec(block("def open_forget_gates("), space)
    space["open_forget_gates"](lstm)
    for end in ("l0", "l0_reverse", "l1", "l1_reverse"):
        both = getattr(lstm, f"bias_ih_{end}") + getattr(lstm, f"bias_hh_{end}")
        assert both.tolist() == [0.0] * 3 + [1.0] * 3 + [0.0] * 6
