"""What the figures on linear recurrences draw and say, against powers and the stored results."""

import re

import numpy as np
import pytest

from lib import experiments
from lib.figures import linear_recurrence
from lib.figures.render import Stage


def drawn(draw, **parameters):
    stage = Stage(draw)
    caption = stage.frame(parameters).caption
    return [figure.axes[0] for figure in stage.figures], caption


@pytest.mark.parametrize(("modulus", "half"), [(0.5, 1.0), (0.99, 68.97), (0.999, 692.8)])
def test_one_eigenvalue(modulus, half):
    axes, told = drawn(linear_recurrence.one_eigenvalue, modulus=modulus, turn=0.1)
    response = axes[0].lines[1].get_ydata()
    turned = (modulus * np.exp(0.2j * np.pi)) ** np.arange(101)
    np.testing.assert_allclose(response, turned.real, atol=1e-12)
    back = axes[1].lines[0]
    expected = np.maximum(modulus ** np.asarray(back.get_xdata()), 1e-9)
    np.testing.assert_allclose(back.get_ydata(), expected)
    assert float(re.search(r"left after ([\d.,]+) steps", told)[1]) == pytest.approx(half, rel=0.01)


def test_a_modulus_of_one_loses_nothing():
    _, told = drawn(linear_recurrence.one_eigenvalue, modulus=1.0)
    assert "multiplied by 1, over 1,000 by 1: nothing is ever lost" in told


@pytest.mark.parametrize("start", ["disk", "ring", "chrono"])
def test_eigenvalues_before_training_lie_inside_the_circle(start):
    (ax,), told = drawn(linear_recurrence.before_training, drawn=start)
    x, y = ax.lines[1].get_data()
    modulus = np.hypot(x, y)
    assert modulus.max() < 1
    half = -np.log(2) / np.log(modulus)
    assert f"more than {np.median(half):.1f} steps" in told
    assert f"{np.mean(half > 50):.0%}" in told
    if start == "ring":
        assert modulus.min() >= 0.9
        assert np.arctan2(y, x).max() <= np.pi / 10


def test_sensitivity_with_and_without_the_factor():
    (ax,), told = drawn(linear_recurrence.sensitivity, normalized=True)
    lines = {line.get_label(): np.asarray(line.get_ydata()) for line in ax.lines}
    assert lines["ν"][-1] == pytest.approx(0.5, abs=1e-3)
    assert lines["the modulus"][-1] == pytest.approx(5000, rel=0.01)
    assert "500 with respect to the modulus, 706 with respect to the angle, 0.5 with" in told
    (ax,), _ = drawn(linear_recurrence.sensitivity, normalized=False)
    plain = {line.get_label(): np.asarray(line.get_ydata()) for line in ax.lines}
    assert plain["ν"][-1] > 40
    assert plain["the modulus"][-1] == pytest.approx(5e5, rel=0.01)


@pytest.mark.parametrize("task", ["order 50", "order 100", "adding 25", "adding 50"])
def test_trained_seeds_stand_where_they_solved(task):
    results = experiments.load("linear_recurrence")
    problem, length = task.split()
    column = list(results[f"lengths {problem}"]).index(int(length))
    solved_at = results[f"solved_at {problem}"][:, column]
    (ax,), told = drawn(linear_recurrence.trained, task=task)
    shown = [line.get_xdata() for line in ax.lines if line.get_marker() == "o"]
    assert len(shown) == len(results["kinds"])
    for places, steps in zip(shown, solved_at, strict=True):
        solved = np.isfinite(steps)
        np.testing.assert_allclose(np.asarray(places)[solved], steps[solved])
        assert (np.asarray(places)[~solved] > results["steps"]).all()
    for kind, steps in zip(results["kinds"], solved_at, strict=True):
        count = np.isfinite(steps).sum()
        whole = re.search(r"all five seeds: (.*?)\.", told)[1]
        names = re.split(r", (?![^(]*\))", whole)
        assert (str(kind) in names) == (count == len(steps))
