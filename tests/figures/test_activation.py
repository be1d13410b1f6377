"""The figure of function and slope marks the largest slope of every activation."""

import re

import numpy as np
import pytest

from lib import activations
from lib.figures import activation
from lib.figures.render import Stage


@pytest.mark.parametrize("name", activations.names())
def test_largest_slope_is_the_one_found_by_search(name):
    caption = Stage(activation.function_and_slope).frame({"activation": name}).caption
    phi = activations.get(name)
    x = np.linspace(-30, 30, 600_001)
    central = (phi(x[2:]) - phi(x[:-2])) / (x[2:] - x[:-2])
    told = float(caption.split(": ")[1].split(",")[0])
    assert told == pytest.approx(central.max(), abs=2e-3)
    on_a_grid = phi.derivative(np.linspace(-6, 6, 10_000))
    largest = float(phi.sup_slope)
    place = re.search(r": [\d.]+, (.*)\. At x = −1", caption)[1]
    if (on_a_grid > largest - 1e-9).mean() > 0.1:
        assert place == "reached on a whole interval"
    elif name in ("softplus", "hard_swish"):  # by the definitions: not even at the kink
        assert place == "approached, never reached"
    else:
        assert phi.derivative(float(place.removeprefix("at x = "))) > largest - 1e-5


def test_parameters_reach_the_activation():
    parameters = {"activation": "elu", "alpha": 2.0}
    caption = Stage(activation.function_and_slope).frame(parameters).caption
    assert caption.startswith("Largest slope of ELU: 2,")


@pytest.mark.parametrize("name", ["sigmoid", "elu", "gelu"])
def test_slope_at_minus_one_is_that_of_the_formula(name):
    caption = Stage(activation.function_and_slope).frame({"activation": name}).caption
    phi = activations.get(name)
    expected = float(phi.slope.subs(phi.symbol, -1))
    told = float(caption.split("it is ")[1].rstrip(".").replace("−", "-"))
    assert told == pytest.approx(expected, abs=6e-5)
