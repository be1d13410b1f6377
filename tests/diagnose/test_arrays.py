"""Networks written in NumPy: what `diagnose_arrays` measures, and what it says of them."""

import sys

import numpy as np
import pytest

from lib.diagnose import diagnose, diagnose_arrays
from lib.diagnose._loss import per_prediction

RNG = np.random.default_rng(0)
FUNCTIONS = {
    "relu": (lambda h: np.maximum(h, 0), lambda h: (h > 0).astype(float)),
    "tanh": (np.tanh, lambda h: 1 - np.tanh(h) ** 2),
    "sigmoid": (lambda h: 1 / (1 + np.exp(-h)), lambda h: np.exp(-h) / (1 + np.exp(-h)) ** 2),
}


def network(depth, function, scale, *, width=64, batch=32, bias=0.0, alike=False):
    """Forward and backward of a dense network with a mean cross-entropy, in plain NumPy."""
    rng = np.random.default_rng(3)
    phi, slope = FUNCTIONS[function]
    x = a = rng.standard_normal((batch, width))
    layers = []
    for number in range(depth):
        w = rng.normal(0, scale / np.sqrt(width), (10 if number == depth - 1 else width, width))
        w = np.full_like(w, scale / width) if alike else w
        b = np.full(len(w), bias if number == 2 else 0.0)
        h = a @ w.T + b
        layers.append({"weight": w, "bias": b, "pre_activation": h, "received": a})
        a = phi(h)
    labels = rng.integers(0, 10, batch)
    p = np.exp(h - h.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    top = h.max(axis=1)
    chosen = h[np.arange(batch), labels]
    loss = np.mean(np.log(np.sum(np.exp(h - top[:, None]), axis=1)) + top - chosen)
    delta = (p - np.eye(10)[labels]) / batch
    for number in range(depth - 1, -1, -1):
        layer = layers[number]
        layer |= {"gradient": delta, "weight_gradient": delta.T @ layer.pop("received")}
        layer["function"] = function if number < depth - 1 else ""
        if number:
            delta = (delta @ layer["weight"]) * slope(layers[number - 1]["pre_activation"])
    return layers, x, loss


@pytest.mark.parametrize(
    ("cause", "settings"),
    [
        ("no cause found", (4, "relu", np.sqrt(2))),
        ("no cause found", (20, "relu", np.sqrt(2))),
        ("no cause found", (10, "tanh", 1.0)),
        ("no cause found", (3, "sigmoid", 1.0)),
        ("vanishing gradient", (12, "sigmoid", 1.0)),
        ("saturated units", (5, "tanh", 10.0)),
        ("saturated units", (4, "sigmoid", 30.0)),
        ("wrong scale", (8, "relu", 8.0)),
        ("wrong scale", (20, "relu", 0.5)),
    ],
)
def test_networks_in_numpy(cause, settings):
    layers, x, loss = network(*settings)
    report = diagnose_arrays(layers, inputs=x, loss=loss)
    assert report.verdict.startswith(cause)
    assert report.layers.loss_weight == pytest.approx(1)


def test_a_dead_layer_and_identical_units():
    layers, x, loss = network(5, "relu", np.sqrt(2), bias=-100.0)
    assert diagnose_arrays(layers, inputs=x, loss=loss).verdict.startswith(
        "dead units: every unit of layer 3 is dead"
    )
    layers, x, loss = network(4, "tanh", 1.0, alike=True)
    assert diagnose_arrays(layers, inputs=x, loss=loss).verdict.startswith("identical units")


def test_the_numbers_are_those_of_plain_formulas():
    layers, x, _ = network(4, "relu", 1.0)
    table = diagnose_arrays(layers, inputs=x, learning_rate=0.5).layers
    for row, layer in enumerate(layers):
        h, delta = layer["pre_activation"], layer["gradient"]
        cosines = (h @ h.T) / np.outer(*[np.linalg.norm(h, axis=1)] * 2)
        pairs = cosines[~np.eye(len(h), dtype=bool)]
        expected = {
            "gradient": np.linalg.norm(delta),
            "weight_gradient": np.linalg.norm(layer["weight_gradient"]),
            "weight": np.linalg.norm(layer["weight"]),
            "update": np.linalg.norm(0.5 * layer["weight_gradient"])
            / np.linalg.norm(layer["weight"]),
            "signal": np.sqrt(np.mean(h**2)),
            "spread": np.sqrt(np.mean(np.var(h, axis=0))),
            "likeness": np.mean(pairs),
            "dead": np.mean(np.all(h <= 0, axis=0)) if row < 3 else np.nan,
            "float16": np.mean(np.abs(delta[delta != 0]).astype(np.float16) == 0),
        }  # fmt: skip
        for name, value in expected.items():
            assert getattr(table, name)[row] == pytest.approx(value, rel=1e-9, nan_ok=True), name
    assert table.input_signal == pytest.approx(np.sqrt(np.mean(x**2)))


def test_theory_stands_beside_the_measured():
    layers, x, loss = network(12, "relu", 1.2, width=400)
    report = diagnose_arrays(layers, inputs=x, loss=loss)
    measured = report.layers.gradient / report.layers.gradient[-1]
    assert np.allclose(np.log10(report.predicted.gradient), np.log10(measured), atol=0.15)
    ratio = report.predicted.signal / report.layers.signal
    assert np.all((0.75 < ratio) & (ratio < 1.33))
    assert "theory" in report.table()
    assert diagnose_arrays([{"activation": x}]).predicted is None


def test_the_report_prints_and_draws():
    layers, x, loss = network(80, "sigmoid", 1.0)
    report = diagnose_arrays(layers, inputs=x, loss=loss)
    text = str(report)
    assert text.startswith("Verdict: vanishing gradient: layer 1 gets 10^-")
    assert "... 20 layers ..." in text
    assert len(report.table(rows=10).splitlines()) == 12
    figure = report.figure()
    assert len(figure.axes) == 3
    assert figure.get_suptitle().replace("\n", " ") == report.verdict
    small, x, loss = network(2, "relu", 1.0)
    drawn = diagnose_arrays(small, inputs=x, loss=loss).figure()
    drawn.canvas.draw()
    for ax in drawn.axes:
        low, high = ax.get_ylim()
        assert sum(low <= tick <= high for tick in ax.get_yticks()) >= 2
        assert all(tick == round(tick) for tick in ax.get_xticks())
    widths = [line.get_linewidth() for line in drawn.axes[2].lines]
    assert widths == sorted(widths, reverse=True)  # a line under another one is seen beside it
    assert len(set(widths)) == len(widths)
    bare = diagnose_arrays([{"weight": np.eye(3), "weight_gradient": np.eye(3)}])
    assert len(bare.figure().axes) == 3


def softmax(y):
    p = np.exp(y - y.max(axis=-1, keepdims=True))
    return p / p.sum(axis=-1, keepdims=True)


@pytest.mark.parametrize("weight", [1.0, 1 / 24, 7.0])
def test_the_weight_of_a_prediction_is_found(weight):
    y = RNG.standard_normal((24, 5))
    hot = np.eye(5)[RNG.integers(0, 5, 24)]
    assert per_prediction(y, weight * (softmax(y) - hot), 3.0) == pytest.approx(weight)
    logs = np.log(softmax(y))
    assert per_prediction(logs, -weight * hot, 3.0) == pytest.approx(weight)
    z, t = RNG.standard_normal((24, 1)), RNG.integers(0, 2, (24, 1))
    p = 1 / (1 + np.exp(-z))
    assert per_prediction(z, weight * (p - t), 3.0) == pytest.approx(weight)
    assert per_prediction(p, weight * (p - t) / (p * (1 - p)), 3.0) == pytest.approx(weight)
    assert per_prediction(z, weight * np.sign(z - t), 3.0) == pytest.approx(weight)

    far = weight * np.clip(3 * z - t, -1, 1)  # Huber's error
    assert per_prediction(3 * z, far, 3.0) == pytest.approx(weight)

    def squared(outputs):
        return float(weight * np.sum((outputs - t) ** 2))

    assert per_prediction(z, 2 * weight * (z - t), squared(z), squared) == pytest.approx(weight)


def test_the_weight_of_an_unknown_loss_is_not_guessed():
    y = RNG.standard_normal((24, 5))
    assert np.isnan(per_prediction(y, y**3, 1.0, lambda outputs: float(np.sum(outputs**4) / 4)))
    assert np.isnan(per_prediction(y, 2 * y, 1.0))
    assert np.isnan(per_prediction(y, np.zeros_like(y), 1.0))


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ([], "layers must have at least one layer"),
        ({"weight": [[1.0]]}, "layers must be a list or tuple of mappings"),
        ([{"weights": [[1.0]]}], "layers\\[0\\] must have no other keys than name, kind"),
        ([{"gradient": [[np.nan]]}], "layers\\[0\\]\\['gradient'\\] must hold no NaN"),
        ([{"gradient": np.zeros((0, 3))}], "must not be empty"),
        ([{"gradient": np.ones((2, 3)), "pre_activation": np.ones((2, 4))}],
         "must have the shape of pre_activation"),
    ],
)  # fmt: skip
def test_what_are_no_arrays_is_refused(layers, message):
    with pytest.raises((TypeError, ValueError), match=message):
        diagnose_arrays(layers)


def test_without_pytorch_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(ImportError, match="pip install torch"):
        diagnose(None, None, None)
