"""The doctor: what it finds and repairs on paper is found and repaired in networks that are run."""

import numpy as np
import pytest

from lib import chain, doctor, initializers
from lib.diagnose import Layers, findings
from lib.theory import Description, forecast


def run(network, dtype="float64", kind="layer"):
    """Measure what the doctor predicts, in networks that are drawn and run."""
    rng = np.random.default_rng(1)
    loss = network.last_gradient * network.loss_scale
    found = chain.simulate(
        network.mlp,
        batch=64,
        replicas=3,
        dtype=dtype,
        input_correlation=0.0,
        output_gradient=loss * rng.standard_normal((network.width, 64)),
        measure=chain.Measure(arrays=True),
    )
    lost = []
    for h, gradient in zip(found.arrays.pre_activations, found.arrays.gradients, strict=True):
        alive = network.phi.derivative(h) != 0
        lost.append(np.mean(gradient[alive] == 0))
    weights = np.median(found.weight_gradient_norm, axis=0)
    return Layers(
        names=[str(layer + 1) for layer in range(network.depth)],
        kinds=[kind] * network.depth, functions=[network.phi.name] * network.depth,
        precision=network.precision, gradient=np.median(found.gradient_norm, axis=0),
        weight_gradient=weights,
        weight=np.ones(network.depth), signal=found.pre_activation_rms.mean(axis=0),
        likeness=np.clip(found.correlation.mean(axis=0), -1, 1),
        float16=np.array(lost) if dtype == "float16" else np.full(network.depth, np.nan),
    )  # fmt: skip


def causes(layers):
    return {f.cause for f in findings(layers) if f.severity != "note"}


SMALL = initializers.normal(weight_variance=0.3)
SICK = {
    "the default of PyTorch": (
        {"depth": 30, "activation": "relu", "initializer": "pytorch_linear"},
        ("draw He's weights",),
    ),
    "sigmoids": (
        {"depth": 20, "activation": "sigmoid", "initializer": "xavier"},
        ("use ReLU with He's weights",),
    ),
    "too small for tanh": (
        {"depth": 40, "activation": "tanh", "initializer": SMALL},
        ("draw Xavier's weights",),
    ),
    "full branches": (
        {"depth": 40, "activation": "relu", "initializer": "he", "residual": 1.0},
        ("scale the branches by 1/√L",),
    ),
    "batch normalization": (
        {"depth": 50, "activation": "relu", "initializer": "he", "normalization": "batch"},
        ("use tanh with Xavier's weights",),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SICK)
def test_what_is_found_and_repaired_on_paper_is_so_in_networks_that_are_run(name):
    settings, changes = SICK[name]
    network = Description(width=200, **settings)
    found, mended = doctor.examine(network), doctor.repair(network)
    assert mended.changes == changes
    # On paper, too, a residual network is judged as a stream of sums and as layers.
    kinds = ("layer",) if network.residual is None else ("layer", "residual")
    assert found.findings[0].cause in causes(run(network, kind=kinds[-1]))
    for kind in kinds:
        assert causes(run(mended.examination.forecast.description, kind=kind)) == set()


def test_half_precision_is_repaired_by_a_scaled_loss():
    network = Description(
        depth=12, width=150, activation="tanh", initializer="xavier", precision="float16",
        last_gradient=1e-7,
    )  # fmt: skip
    assert (
        causes(run(network, "float16"))
        == {"underflow"}
        == {f.cause for f in doctor.examine(network).findings}
    )
    mended = doctor.repair(network)
    assert mended.changes == ("scale the loss by 2^8",)
    assert causes(run(mended.examination.forecast.description, "float16")) == set()


def test_two_changes_where_one_is_not_enough():
    network = Description(
        depth=30, width=100, activation="relu", initializer="pytorch_linear", precision="float16",
        last_gradient=1e-7,
    )  # fmt: skip
    mended = doctor.repair(network)
    assert mended.changes == ("scale the loss by 2^8", "draw He's weights")
    assert mended.examination.healthy
    assert mended.tried > len(list(doctor._changes(network)))


def test_the_cheapest_of_several_repairs_is_named():
    """Normalization and residual connections repair this network too; weights cost less."""
    network = Description(depth=30, width=100, activation="relu", initializer="pytorch_linear")
    after = {words: doctor.examine(changed).healthy for words, changed in doctor._changes(network)}
    assert after["add layer normalization"]
    assert after["add residual connections with branches scaled by 1/√L"]
    assert doctor.repair(network).changes == ("draw He's weights",)


def test_a_healthy_network_is_left_alone():
    network = Description(depth=50, width=100, activation="tanh", initializer="xavier")
    assert doctor.examine(network).words == "no cause found"
    assert doctor.repair(network) is None


def test_what_overflows_is_not_healthy():
    network = Description(
        depth=3, width=100, activation="relu", initializer="he", precision="float16",
        loss_scale=2.0**28,
    )  # fmt: skip
    examined = doctor.examine(network)
    assert not examined.healthy
    assert "are infinite in float16" in examined.words


def test_a_rectifier_that_is_off_for_half_of_its_inputs_is_not_saturated():
    settings = {"depth": 3, "width": 9, "initializer": "he"}
    of_relu = doctor.table(forecast(Description(activation="relu", **settings)))
    of_tanh = doctor.table(forecast(Description(activation="tanh", **settings)))
    assert np.isnan(of_relu.saturated).all()
    assert (of_tanh.saturated < 0.2).all()


def test_it_stays_away_from_what_it_must_not_do():
    with pytest.raises(TypeError, match="network must be made by"):
        doctor.repair("relu")


def test_a_forecast_is_judged_by_the_same_rules():
    for cause, settings in {
        "no cause found": {"activation": "relu", "initializer": "he"},
        "vanishing gradient": {"activation": "sigmoid", "initializer": "xavier"},
        "alike inputs": {"activation": "relu", "initializer": "pytorch_linear"},
        "residual branches": {"activation": "relu", "initializer": "he", "residual": 1.0},
        "underflow": {"activation": "tanh", "initializer": "xavier", "precision": "float16",
                      "last_gradient": 1e-8},
    }.items():  # fmt: skip
        network = Description(depth=30, width=100, **settings)
        told = doctor.examine(network).words
        assert cause in told, (settings, told)
