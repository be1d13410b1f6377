"""What the figures on normalization say, against numbers computed elsewhere and by hand."""

import re

import numpy as np
import pytest
from captions import NUMBER, caption, value

from lib.figures import normalization
from lib.figures.render import Stage
from lib.simulations import normalization as simulated

# Squared factor per layer: batches of 32 for ReLU, large ones for tanh; E phi'^2 / E phi^2.
RATES = {
    ("batch", "relu"): 1.5219528305519,
    ("batch", "tanh"): 1.17780723230,
    ("batch", "sigmoid"): 1.03359239004,
    ("layer", "relu"): 1.0,
    ("layer", "tanh"): 0.46440290244827 / 0.39429449039784,
    ("layer", "sigmoid"): 0.044836241350194 / 0.29337903585809,
}


@pytest.mark.parametrize(("kind", "name"), RATES)
def test_rates(kind, name):
    told = caption(normalization.by_layer, normalization=kind, activation=name, weight_scale=1.0)
    measured, predicted = (
        np.log10(value(n))
        for n in re.search(f"measured {NUMBER}, predicted {NUMBER}", told).groups()
    )
    assert predicted == pytest.approx(29 * np.log10(RATES[kind, name]) / 2, abs=0.03)
    assert measured == pytest.approx(predicted, abs=0.3)


@pytest.mark.parametrize("kind", ["batch", "layer"])
def test_the_scale_of_weights_drops_out(kind):
    small, large = (simulated.profile("tanh", kind, scale) for scale in (0.3, 3.0))
    np.testing.assert_allclose(small, large, atol=1e-6)
    plain = [simulated.profile("tanh", "none", scale)[:, 0].mean() for scale in (0.3, 3.0)]
    assert plain[1] - plain[0] > 15


@pytest.mark.parametrize(
    "settings",
    [{"weight_scale": 0.8}, {"weight_scale": 1.5}, {"normalization": "batch"},
     {"normalization": "layer"}],
)  # fmt: skip
def test_what_is_predicted_lies_on_what_was_measured(settings):
    stage = Stage(normalization.by_layer)
    stage.frame(settings)
    lines = {
        line.get_label(): np.log10(line.get_ydata()) for line in stage.figures[0].axes[0].lines
    }
    np.testing.assert_allclose(lines["predicted"], lines["measured"], atol=0.4)


def test_normalization_is_named():
    with pytest.raises(ValueError, match="normalization must be"):
        simulated.profile("tanh", "group", 1.0)


@pytest.mark.parametrize(
    ("batch", "rate"), [(8, 1.7881899766587), (16, 1.5899504167652), (64, 1.4930629378036)]
)
def test_batch_size(batch, rate):
    told = caption(normalization.batch_size, batch=batch)
    predicted, measured = (float(n) for n in re.findall(r"\d\.\d{3}", told))
    assert predicted == pytest.approx(rate, abs=5.1e-4)
    assert measured == pytest.approx(rate, rel=0.03)
    grown = value(re.search(f"grows {NUMBER} times", told)[1])
    assert np.log10(grown) == pytest.approx(25 * np.log10(rate), abs=0.03)


def test_standardization():
    x = -4 + 0.5 * np.random.default_rng(3).standard_normal(24)
    told = caption(normalization.standardization, mean=-4.0, spread=0.5)
    assert f"mean −{abs(x.mean()):.2f}, standard deviation {x.std():.2f}" in told
    assert told.endswith("After: 0.00 and 1.00.")
