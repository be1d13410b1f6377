"""What the figures of the chapter on signal propagation say, against sums over a fine grid."""

import re

import numpy as np
import pytest

from lib import activations
from lib.figures import propagation
from lib.figures.render import Stage
from lib.figures.style import power_of_ten
from lib.simulations import signal_propagation as simulated
from lib.theory import mean_field

Z = np.linspace(-12, 12, 48_001)
DENSITY = np.exp(-(Z**2) / 2) / np.sqrt(2 * np.pi) * (Z[1] - Z[0])


def numbers(caption: str) -> list[float]:
    return [float(n.replace("−", "-")) for n in re.findall(r"[+−]?\d+\.\d+", caption)]


def by_grid(name: str, weight_variance: float, depth: int) -> float:
    phi, q, total = activations.get(name), weight_variance, 0.0
    for _ in range(depth - 1):
        h = np.sqrt(q) * Z
        total += np.log10(weight_variance * np.sum(DENSITY * phi.derivative(h) ** 2)) / 2
        q = weight_variance * np.sum(DENSITY * phi(h) ** 2)
    return float(total)


@pytest.mark.parametrize(
    ("name", "scale"), [("sigmoid", 1.0), ("tanh", 2.0), ("elu", 1.4142), ("gelu", 0.7)]
)
def test_prediction_and_simulation(name, scale):
    parameters = {"activation": name, "weight_scale": scale, "width": 128}
    told = Stage(propagation.layer_by_layer).frame(parameters).caption
    predicted = by_grid(name, scale**2, 30)
    assert f"predicted {power_of_ten(predicted)}," in told
    _, gradient = simulated.simulated(name, scale, 128)
    measured = gradient[:, 0].mean()
    assert f"simulated {power_of_ten(measured)}," in told
    assert measured == pytest.approx(predicted, abs=0.35)
    error = int(re.search(r"(\d+)% (more|less)", told).group(1)) / 100
    sign = 1 if "more" in told else -1
    assert np.log10(1 + sign * error) == pytest.approx(measured - predicted, abs=0.012)


@pytest.mark.parametrize(("name", "value"), [("activation", "mish"), ("weight_scale", 3.0)])
def test_what_is_not_simulated_is_refused(name, value):
    with pytest.raises(ValueError, match=f"{name} must be one of"):
        propagation.layer_by_layer((None, None), **{name: value})


# Weights, q*, chi_1 with biases of variance 0.05, or 0 for the sigmoid; computed elsewhere.
@pytest.mark.parametrize(
    ("name", "weights", "biases", "q_star", "chi_1"),
    [
        ("tanh", 0.5, 0.05, 0.0875798651867940, 0.431987381820932),
        ("tanh", 2.25, 0.05, 0.889424917282491, 1.092337929486261),
        ("sigmoid", 16.0, 0.0, 5.855403564410189, 0.398879006543736),
        ("sigmoid", 100.0, 0.0, 44.20744182528244, 0.985806055481979),
    ],
)
def test_phase_of_a_network(name, weights, biases, q_star, chi_1):
    share = weights / simulated.UNITS[name]
    parameters = {"activation": name, "weights": share, "bias_variance": biases}
    told = Stage(propagation.phases).frame(parameters).caption
    settled, factor, scale = numbers(told)[-3:]
    assert settled == pytest.approx(q_star, abs=5.1e-4)
    assert factor == pytest.approx(chi_1, abs=5.1e-4)
    assert scale == pytest.approx(1 / abs(np.log(chi_1)), abs=0.051)
    assert ("shrinks" in told) == (chi_1 < 1)


def test_border_between_the_phases():
    # Without biases: the sigmoid at 103.0076, ReLU at 2, tanh and ELU at 1.
    weights, biases = simulated.border("sigmoid")
    assert biases[0] < 0.01
    assert weights[0] == pytest.approx(103.007553855519, rel=1e-4)
    np.testing.assert_array_equal(simulated.border("relu")[0], 2)
    for name in ("tanh", "elu"):
        weights, biases = simulated.border(name)
        assert weights[0] == pytest.approx(1, abs=2e-3)
        # No straight chord where the line starts, and no step on it.
        assert np.abs(np.diff(weights)).max() < 0.02
    # On the critical line: sigma_b^2 = 0.150964629378553 belongs to sigma_w^2 = 2.15330264890279.
    at = np.interp(0.150964629378553, *simulated.border("tanh")[::-1])
    assert at == pytest.approx(2.15330264890279, abs=1e-4)


@pytest.mark.parametrize("name", simulated.UNITS)
def test_networks_on_either_side_of_the_border_lose_and_gain(name):
    weights, biases = simulated.border(name)
    assert (np.diff(biases) > 0).all()
    bias = np.array([0.01, 0.03, 0.1, 0.2, 0.4])
    line = np.interp(bias, biases, weights)
    phi = activations.get(name)
    _, left = mean_field.phase_diagram(phi, 0.97 * line, bias, steps=1500)
    _, right = mean_field.phase_diagram(phi, 1.03 * line, bias, steps=1500)
    assert (left < 1).all()
    assert (right > 1).all()


def test_a_network_at_the_edge_keeps_its_gradient():
    parameters = {"activation": "relu", "weights": 1.0, "bias_variance": 0.0}
    assert "it is kept" in Stage(propagation.phases).frame(parameters).caption
    with pytest.raises(ValueError, match="activation must be one of"):
        propagation.phases(None, activation="mish")
