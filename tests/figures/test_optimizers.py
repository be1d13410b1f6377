"""What the figures on optimizers say, against closed forms and the stored losses."""

import re

import numpy as np
import pytest
from captions import NUMBER, SUPERSCRIPTS, caption, value

from lib import experiments
from lib.figures import optimizers


def told(**parameters):
    found = re.search(
        f"by {NUMBER} of its size under gradient descent, by {NUMBER} under Adam, by {NUMBER}",
        caption(optimizers.first_step, **parameters),
    )
    return [value(number) for number in found.groups()]


def test_a_factor_of_the_gradient_acts_like_one_of_epsilon():
    plain, adam, sign = told(hidden=3, scale=-4, epsilon=-8)
    whole, same, _ = told(hidden=3, scale=0, epsilon=-4)
    assert plain == pytest.approx(1e-4 * whole, rel=0.06)
    assert adam == pytest.approx(same, rel=0.06)
    assert adam < sign


def test_a_tiny_epsilon_gives_the_sign():
    _, adam, sign = told(hidden=10, scale=0, epsilon=-16)
    assert adam == pytest.approx(sign, rel=0.02)


def test_the_largest_steps_after_a_jump():
    t, sizes = np.arange(1, 61), []
    for second in (0.999, 0.99, 0.95):
        old, rest = 0.9**t, second**t
        steps = (old + (1 - old) * 100) / np.sqrt(rest + (1 - rest) * 100**2)
        sizes.append(f"{steps.max():.1f}")
    assert f"largest steps are {', '.join(sizes)} learning" in caption(optimizers.spike)


@pytest.mark.parametrize(
    ("draw", "kind", "size"),
    [(optimizers.by_width, "width", 128), (optimizers.by_depth, "depth", 8)],
)
def test_the_best_rates_are_those_stored(draw, kind, size):
    found = experiments.load("transfer")
    at = list(found[f"{kind}s"]).index(size)
    powers = re.findall("2(⁻[⁰¹²³⁴⁵⁶⁷⁸⁹]+)", caption(draw, **{kind: size}))
    lowest = found[f"loss by {kind}"][:, at].mean(axis=-1).argmin(axis=-1)
    assert [2.0 ** int(power.translate(SUPERSCRIPTS)) for power in powers] == pytest.approx(
        found["rates"][lowest]
    )
