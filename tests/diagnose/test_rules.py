"""The rules on tables written by hand: each cause is named, and nothing else is."""

import numpy as np
import pytest

from lib import diagnose
from lib.diagnose import Layers, findings, verdict


def table(depth=6, **columns):
    """A healthy network of that many layers, with what is to be different in it."""
    healthy = {
        "names": [f"net.{k}" for k in range(depth)],
        "functions": ["relu"] * (depth - 1) + [""],
        "gradient": np.linspace(0.5, 1.0, depth),
        "weight_gradient": np.full(depth, 0.1),
        "weight": np.full(depth, 5.0),
        "update": np.full(depth, 1e-3),
        "signal": np.linspace(1.0, 1.3, depth),
        "spread": np.full(depth, 0.9),
        "dead": np.full(depth, 0.02),
        "saturated": np.full(depth, 0.3),
        "likeness": np.linspace(0.1, 0.8, depth),
        "float16": np.full(depth, 0.01),
        "bfloat16": np.zeros(depth),
        "trainable": np.ones(depth),
        "reached": np.ones(depth),
        "unit_difference": np.ones(depth),
        "samples": 32,
        "loss_weight": 1.0,
        "input_signal": 1.0,
        "input_likeness": 0.0,
    }
    return Layers(**healthy | columns)


def falling(factor, depth=6):
    return factor ** np.arange(depth - 1, -1, -1.0)


def changed(start, where, value):
    start = np.array(start, float)
    start[where] = value
    return start


ONES = np.ones(6)
SICK = {
    "vanishing gradient": [
        {"gradient": falling(0.01), "weight_gradient": falling(0.01)},
        {"gradient": falling(1e-60), "weight_gradient": falling(1e-60)},  # 0 in float32
        {"gradient": changed(falling(1e-3), slice(3), 0), "weight_gradient": falling(1e-3)},
        {"first_step": changed(ONES, slice(None), 1e-12), "functions": ["tanh"] * 6},
        {"gradient": falling(0.01), "weight_gradient": np.full(6, np.nan)},
    ],
    "exploding gradient": [
        {"gradient": falling(10), "weight_gradient": falling(10)},
        {"gradient": changed(ONES, slice(2), np.inf)},
        {"first_step": changed(ONES, 2, 1e5), "functions": ["lstm"] * 6, "steps": 40},
    ],
    "dead units": [
        {"dead": changed(ONES * 0.1, 2, 0.9)},
        {"dead": changed(ONES * 0.1, 2, 0.6)},
        {
            "dead": changed(ONES * 0.1, 3, 1.0),
            "gradient": np.array([0, 0, 0, 0, 1, 1.0]),
            "weight_gradient": np.array([0, 0, 0, 0, 1, 1.0]),
            "likeness": np.array([0.1, 0.2, 0.3, 0.3, 1, 1]),
        },
        {"dead": changed(ONES * 0.1, 5, 1.0), "gradient": np.zeros(6)},
    ],
    "saturated units": [{"saturated": changed(ONES * 0.1, 1, 0.7)}],
    "wrong scale": [
        {"signal": 50.0 ** np.arange(6)},
        {"signal": 0.1 ** np.arange(6)},
        {"signal": changed(ONES, slice(4, 6), np.inf)},
        {"input_signal": 150.0, "signal": np.full(6, 150.0)},
        {"input_signal": 1e-4, "signal": np.full(6, 1e-4)},
    ],
    "alike inputs": [
        {"likeness": np.array([0.5, 0.9, 0.99, 0.999, 0.99999, 0.99999])},
        {"likeness": np.full(6, 0.99999), "input_likeness": 0.99999},
    ],
    "underflow": [
        {"float16": changed(ONES * 0, 0, 0.6), "precision": "float16"},
        {"bfloat16": changed(ONES * 0, 0, 0.3), "precision": "bfloat16"},
    ],
    "frozen layer": [
        {"trainable": changed(ONES, 2, 0)},
        {"reached": changed(ONES, slice(3), 0), "gradient": changed(ONES, slice(3), np.nan),
         "weight_gradient": changed(ONES, slice(3), np.nan)},
    ],
    "identical units": [{"unit_difference": changed(ONES, 1, 1e-8)}],
    "loss reduction": [{"loss_weight": 32.0}, {"loss_weight": 4.0, "samples": 4}],
    "large updates": [{"update": changed(ONES * 1e-3, 2, 2.0)}],
    "small updates": [{"update": ONES * 1e-9}, {"update": ONES * 0}],
    "residual branches": [
        {"kinds": ["residual"] * 5 + ["linear"], "signal": 4.0 ** np.arange(6)},
        {"kinds": ["residual"] * 5 + ["linear"], "gradient": falling(4.0)},
    ],
    "post-norm": [{"kinds": ["post-norm"] * 5 + ["linear"], "gradient": falling(0.5)}],
}  # fmt: skip


@pytest.mark.parametrize(
    ("cause", "columns"), [(cause, columns) for cause, many in SICK.items() for columns in many]
)
def test_each_cause_is_named_and_nothing_else(cause, columns):
    found = findings(table(**columns))
    assert [finding.cause for finding in found] == [cause]
    assert verdict(found).startswith(f"{cause}: ")
    [finding] = found
    assert finding.remedy in finding.sentence
    assert "layer " in finding.sentence
    assert any(symbol.isdigit() for symbol in finding.sentence)


def test_every_cause_has_a_table():
    assert set(SICK) == set(diagnose.CAUSES)


HEALTHY = [
    {},
    {"gradient": changed(ONES, 2, 0), "weight_gradient": changed(ONES, 2, 0)},  # a zero branch
    {"gradient": changed(ONES, 2, 1e-6), "weight_gradient": changed(ONES, 2, 1e-6)},
    {"gradient": changed(ONES, -1, 1e4)},  # wide positions before a pooled head
    {"likeness": np.array([0.5, 0.99999, 0.5, 0.6, 0.7, 0.8])},  # normalized afterwards
    {"signal": np.array([1, 1e-4, 1, 1, 1, 1])},
    {"signal": np.array([1, 1e4, 1, 1, 1, 1])},
    {"signal": np.array([1, 1, 1, 1, 1, 500])},  # a regression on large numbers
    {"dead": np.full(6, 0.52), "likeness": np.full(6, 0.97)},
    {"dead": np.full(6, 0.6), "samples": 4},
    {"saturated": changed(ONES * 0.1, 5, 1.0)},  # a sure output
    {"dead": changed(ONES * 0.1, 5, 0.9)},
    {"kinds": ["residual"] * 5 + ["linear"], "signal": np.sqrt(np.arange(1.0, 7))},
    {"kinds": ["post-norm"] * 5 + ["linear"]},
    {"first_step": np.full(6, 1e-3), "functions": ["tanh"] * 6},
    {"loss_weight": 2.0},
    {"samples": 1, "loss_weight": 1.0},
    {"unit_difference": changed(ONES, 5, 0.0)},
    {"update": np.full(6, 0.05)},
]


@pytest.mark.parametrize("columns", HEALTHY)
def test_no_alarm_on_what_is_healthy(columns):
    found = findings(table(**columns))
    assert found == ()
    assert verdict(found) == "no cause found"


def test_notes_do_not_count():
    for noted, columns in {
        "": {"float16": np.full(6, 0.9)},
        "vanishing gradient": {"first_step": np.full(6, 1e-12), "functions": ["lstm"] * 6},
        "frozen layer": {
            "kinds": ["linear"] * 5 + ["parameter"], "reached": changed(ONES, 5, 0)},
        "dead units": {"dead": np.full(6, 0.6), "likeness": np.full(6, 0.97)},
        "post-norm": {"kinds": ["post-norm"] * 24 + ["linear"], **wide(25)},
    }.items():  # fmt: skip
        found = findings(table(**columns) if noted != "post-norm" else Layers(**columns))
        assert {finding.severity for finding in found} == {"note"}
        told = f"no cause found, but one note: {noted}" if noted else "no cause found"
        assert verdict(found) == told


def wide(depth):
    return {"names": [f"net.{k}" for k in range(depth)], "gradient": np.ones(depth)}


@pytest.mark.parametrize(
    ("blocks", "severity"),
    [(2, None), (8, None), (11, None), (12, "note"), (17, "note"), (18, "moderate"),
     (23, "moderate"), (24, "severe"), (40, "severe")],
)  # fmt: skip
def test_post_norm_is_as_severe_as_it_has_blocks(blocks, severity):
    for sums in (2 * blocks, 2 * blocks - 1):  # the last may feed no sum
        found = findings(Layers(kinds=["post-norm"] * sums + ["linear"], **wide(sums + 1)))
        assert [finding.severity for finding in found] == [severity] * (severity is not None)
        for finding in found:
            assert f"passes {sums} normalizations: normalize" in finding.sentence
            assert "gets" not in finding.sentence  # an even gradient is no evidence


def test_the_learning_rate_is_divided_by_what_leads_to_the_usual_update():
    for size, factor in {0.52: "1000", 15.0: "10^4", 156.0: "10^5", 0.31: "100"}.items():
        [found] = findings(table(update=changed(ONES * 1e-3, 2, size)))
        assert "where about 0.001 is usual: " in found.sentence
        assert f"divide the learning rate by about {factor}, and" in found.sentence
    [found] = findings(table(update=ONES * 3e-8))
    assert found.remedy.endswith("by a factor of up to 10^5")


def test_an_output_cut_off_by_its_function_is_named():
    columns = {"dead": changed(ONES * 0.1, 5, 0.9)}
    assert findings(table(**columns)) == ()
    [found] = findings(table(**columns, functions=["relu"] * 6))
    assert (found.cause, found.layers) == ("dead units", ("net.5",))
    assert found.remedy == "leave the output layer without a function (it has relu)"


def test_weights_of_zero_are_one_cause():
    columns = {"weight": np.zeros(6), "dead": np.ones(6), "update": []}
    [found] = findings(table(**columns, unit_difference=np.zeros(6)))
    assert found.cause == "identical units"
    [found] = findings(table(**columns, unit_difference=[]))
    assert (found.cause, found.remedy) == ("dead units", "draw the weights at random")


def test_the_inputs_alike_in_a_dead_layer_are_a_consequence():
    dead, alike = changed(ONES * 0.1, 3, 1.0), changed(ONES * 0.5, slice(3, 6), 1 - 1e-6)
    [found] = findings(table(dead=dead, likeness=alike))
    assert found.cause == "dead units"
    assert "alike inputs" in [f.cause for f in findings(table(likeness=alike))]


def test_what_is_no_sum_is_not_called_one():
    for weight, told in {
        32.0: ", as if the loss were summed",
        16.0: ", as if",
        100.0: ": div",
    }.items():
        [found] = findings(table(loss_weight=weight))
        assert f"a mean over the batch of 32{told}" in found.sentence
    assert found.remedy == "divide the loss by 100"


def test_products_whose_sum_is_a_state_are_named_together():
    first = changed(np.full(6, np.nan), [1, 2], 1e-12)
    [found] = findings(table(first_step=first, steps=60))
    assert 'the first step of layer 2 ("net.1") and layer 3 ("net.2") gets' in found.sentence
    assert "over 60 steps" in found.sentence
    assert found.remedy.endswith("of scale 1")


def test_layers_are_quoted_in_sentences():
    layers = Layers(names=["1", "7", "+ 1.b"], kinds=["linear", "linear", "residual"])
    assert layers.call(0) == "layer 1"
    assert layers.call(1) == 'layer 2 ("7")'
    assert layers.call(2) == 'layer 3 (the sum behind "1.b")'


def test_underflow_in_a_type_that_is_not_used_is_told_in_short():
    [found] = findings(table(float16=changed(ONES * 0, 1, 0.9)))
    assert found.sentence == (
        'in float16, 90% of the gradient of layer 2 ("net.1") would be 0: scale the loss if you '
        "change to it"
    )
    assert verdict([found]) == "no cause found"


def test_all_causes_are_in_the_help():
    told = " ".join(diagnose.diagnose.__doc__.split())
    assert all(cause in told for cause in diagnose.CAUSES)


def test_the_unknown_is_not_judged():
    assert findings(Layers(names=["1"])) == ()
    assert findings(Layers(names=["1", "2"], kinds=["embedding", "residual"])) == ()


def test_the_sentence_names_layer_number_and_remedy():
    [found] = findings(Layers(names=["a", "b", "c"], gradient=[1.0e-7, 1e-3, 1.0]))
    assert found.layers == ("a",)
    assert found.number == 1e-7
    assert found.severity == "severe"
    assert found.sentence.startswith('layer 1 ("a") gets 10^-7 of the last layer\'s gradient: draw')


def test_the_severe_come_first():
    columns = {"gradient": falling(1e-4), "weight_gradient": falling(1e-4)}
    found = findings(table(**columns, update=[], trainable=changed(ONES, 2, 0)))
    assert [finding.cause for finding in found] == ["vanishing gradient", "frozen layer"]
    assert verdict(found).endswith("(also: frozen layer)")


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"names": []}, "names must have at least one layer"),
        ({"names": "abc"}, "names must be a sequence of str"),
        ({"names": ["a"], "gradient": [1.0, 2.0]}, r"gradient must have one number per layer"),
        ({"names": ["a"], "gradient": [-1.0]}, "gradient must be at least 0 or NaN"),
        ({"names": ["a"], "dead": [1.5]}, "dead must be from 0 to 1 or NaN"),
        ({"names": ["a"], "kinds": ["dense"]}, "kinds must be one of"),
        ({"names": ["a"], "kinds": ["linear"] * 2}, "kinds must have one entry per layer"),
        ({"names": ["a"], "precision": "float8"}, "precision must be one of"),
        ({"names": ["a"], "loss_weight": [1.0]}, "loss_weight must be a number"),
    ],
)
def test_what_is_no_table_is_refused(columns, message):
    with pytest.raises((TypeError, ValueError), match=message):
        Layers(**columns)
