import numpy as np
from scipy.optimize import minimize

from lib import datasets


def test_logistic_fit_of_the_o_rings_is_the_published_one():
    # Dalal, Fowlkes and Hoadley (1989), section 4: logit p = 15.043 - 0.2322 t for any damage.
    temperature, damaged = datasets.o_rings()

    def loss(weights):
        logit = weights[0] + weights[1] * (temperature - 70)
        return np.logaddexp(0, logit).sum() - damaged @ logit

    bias, slope = minimize(loss, [0.0, 0.0], tol=1e-12).x
    assert abs(slope - -0.2322) < 5e-5
    assert abs(bias - 70 * slope - 15.0429) < 5e-4


def test_each_launch_has_a_plausible_temperature_and_a_label():
    temperature, damaged = datasets.o_rings()
    assert temperature.shape == damaged.shape == (23,)
    assert (temperature.min(), temperature.max()) == (53, 81)
    assert set(damaged) == {0.0, 1.0}
    assert damaged.sum() == 7
