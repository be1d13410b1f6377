"""What the figures of the RReLU chapter say, against closed forms and plain sampling."""

import re

import numpy as np
import pytest
from scipy import stats

from lib.figures import rrelu
from lib.figures.render import Stage
from lib.simulations import rrelu as simulated


def numbers(caption: str) -> list[float]:
    return [float(n) for n in re.findall(r"\d+\.\d+(?:e[-+]\d+)?", caption)]


@pytest.mark.parametrize(
    ("convention", "mean", "evaluation"),
    [("paper", np.log(8 / 3) / 5, 2 / 11), ("pytorch", 11 / 48, 11 / 48)],
)
def test_slopes_are_told_with_their_mean_and_the_one_of_evaluation(convention, mean, evaluation):
    caption = Stage(rrelu.sampled_slopes).frame({"convention": convention, "draws": 3000}).caption
    drawn, expected, used = numbers(caption)
    assert expected == pytest.approx(mean, abs=5e-5)
    assert used == pytest.approx(evaluation, abs=5e-5)
    assert abs(drawn - mean) < 4 * 0.06 / np.sqrt(3000)


def test_drawn_slopes_follow_the_density_that_is_drawn():
    # Paper: P(alpha <= t) = (8 - 1/t)/5, the integral of 1/(5 t^2).
    slopes = rrelu.activations.rrelu().sample(0, 4000)
    assert stats.kstest(slopes, lambda t: (8 - 1 / np.asarray(t)) / 5).pvalue > 0.01


@pytest.mark.parametrize(("convention", "ratio"), [("paper", 0.1961659 * 5.5), ("pytorch", 1.0)])
def test_training_overshoots_evaluation_only_in_the_paper(convention, ratio):
    caption = Stage(rrelu.training_and_evaluation).frame({"convention": convention}).caption
    assert numbers(caption)[0] == pytest.approx(ratio, abs=0.06)


@pytest.mark.parametrize(("convention", "critical"), [("paper", 1.92), ("pytorch", 1.89369863)])
def test_gradient_is_kept_at_the_critical_variance(convention, critical):
    parameters = {"convention": convention, "weight_variance": critical}
    caption = Stage(rrelu.gradient_in_training).frame(parameters).caption
    assert numbers(caption)[0] == pytest.approx(1, abs=5e-5)


def test_simulated_gradient_has_the_predicted_mean():
    for variance in (0.96, 1.92):
        lost = simulated.training_profile("paper", variance, 11)[:, 0]
        error = lost.std() / np.sqrt(len(lost))
        assert lost.mean() == pytest.approx((variance / 1.92) ** 10, abs=4 * error)


@pytest.mark.parametrize("convention", ["paper", "pytorch"])
def test_told_mean_is_near_the_prediction_and_the_median_below(convention):
    stage = Stage(rrelu.gradient_in_training)
    caption = stage.frame({"convention": convention, "weight_variance": 2.0}).caption
    told = r"it makes (\S+); .* networks is (\S+), give or take (\S+) .* median (\S+)\.$"
    predicted, mean, error, middle = map(float, re.search(told, caption).groups())
    assert mean == pytest.approx(predicted, abs=4 * error)
    assert middle < mean
