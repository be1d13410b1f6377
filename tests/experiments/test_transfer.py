"""The rules that scale learning rates: what one step of Adam does to a unit, and stored losses."""

import numpy as np
import pytest

from lib import datasets, experiments, training
from lib.experiments import sweep, transfer


def change(network, factors):
    """Mean absolute change of the last hidden pre-activations by one step of Adam."""
    data = datasets.digits()
    learner = training.Training(network, training.adam(1e-5, factors=factors), [0, 1, 2])
    x = np.repeat(data.train_images[:64].T[None], 3, axis=0)
    before = learner.network.forward(learner.parameters, x).inputs[-1].copy()
    learner.run(data.train_images[:64], data.train_labels[:64], 1, record_every=5)
    return np.abs(learner.network.forward(learner.parameters, x).inputs[-1] - before).mean()


def test_both_rules_are_the_same_at_the_smallest_width():
    one, other = (transfer.by_width(32, rule) for rule in transfer.WIDTH_RULES)
    assert one[1] == other[1] == {"weight 2": 1, "weight 3": 1, "weight 4": 1}
    np.testing.assert_array_equal(one[0].draw([0]).flat, other[0].draw([0]).flat)


def test_output_weights_of_maximal_update_start_smaller():
    standard, maximal = (transfer.by_width(512, rule)[0] for rule in transfer.WIDTH_RULES)
    for network, variance in ((standard, 1 / 512), (maximal, 32 / 512**2)):
        weights = network.draw([0, 1, 2]).arrays["weight 4"]
        assert weights.var() == pytest.approx(variance, rel=0.05)


@pytest.mark.parametrize(("rule", "growth"), [("standard", 8.0), ("maximal update", 1.0)])
def test_what_one_step_does_to_a_unit_by_width(rule, growth):
    narrow, wide = (change(*transfer.by_width(width, rule)) for width in (64, 512))
    assert wide / narrow == pytest.approx(growth, rel=0.4)


def test_what_one_step_does_by_depth():
    shallow, deep = (
        change(*transfer.by_depth(branches, "scaled branches and rates")) for branches in (4, 32)
    )
    assert deep / shallow == pytest.approx(1, rel=0.4)
    shallow, deep = (
        change(*transfer.by_depth(branches, "scaled branches")) for branches in (4, 32)
    )
    assert deep / shallow == pytest.approx(8**0.5, rel=0.4)


def test_no_best_rate_lies_at_the_edge():
    found = experiments.load("transfer")
    for kind in ("width", "depth"):
        best = transfer.best(found[f"loss by {kind}"])
        assert best.min() > 0
        assert best.max() < len(found["rates"]) - 1


def test_one_point_afresh():
    network, factors = transfer.by_width(64, "maximal update")
    trained = sweep.train(
        network, [0], rates=[2.0**-8], epochs=transfer.EPOCHS, record_every=transfer.EPOCHS,
        optimizer=lambda rate: training.adam(rate, factors=factors),
    )  # fmt: skip
    found = experiments.load("transfer")
    at = experiments.with_rate(found, 2.0**-8)
    stored = found["loss by width"][1, list(found["widths"]).index(64), at, 0]
    assert trained.array("train_loss")[-1, 0] == pytest.approx(stored, rel=0.1)
