"""The common experiment of the ReLU family: its digits, and one network of it afresh."""

import numpy as np
import pytest

from lib import experiments
from lib.experiments import relu_family, starts
from lib.training import Training, sgd


def test_every_seed_has_digits_of_its_own():
    images, labels = starts.parts()["train"]
    places = []
    for seed in (0, 1):
        found, named = relu_family.sample(seed)
        at = np.abs(found[:, None] - images).max(axis=2).argmin(axis=1)
        np.testing.assert_array_equal(images[at], found)
        np.testing.assert_array_equal(labels[at], named)
        assert len(set(at)) == 200
        places.append(set(at))
    assert len(places[0] & places[1]) < 70


def test_kinds_of_one_seed_start_alike():
    # The same normal numbers, each times the standard deviation of its kind.
    drawn = {
        kind: relu_family.network(kind).draw([3]).arrays["weight 4"] for kind in relu_family.KINDS
    }
    for kind, alpha in zip(relu_family.KINDS, relu_family.ALPHAS, strict=False):
        scale = np.sqrt(1 / (1 + alpha**2))
        np.testing.assert_allclose(drawn[kind], scale * drawn["relu"], rtol=1e-12)
    np.testing.assert_array_equal(drawn["prelu"], drawn["leaky 0.25"])
    np.testing.assert_array_equal(drawn["rrelu"], drawn["leaky 2/11"])


@pytest.mark.parametrize("kind", ["leaky 0.1", "elu"])
def test_one_network_afresh(kind):
    stored, seed, place = experiments.load("relu_family"), 2, 1
    learner = Training(relu_family.network(kind), sgd(relu_family.RATES[place]), [seed])
    images, labels = relu_family.sample(seed)
    history = learner.run(images, labels, 40, batch=20, record_every=40)
    row = list(relu_family.KINDS).index(kind)
    # Another machine rounds otherwise.
    assert history.train_loss[-1][0] == pytest.approx(
        stored["train loss few"][row, place, seed], rel=0.3
    )


def test_the_best_rate_is_that_of_the_digits_that_choose():
    stored = experiments.load("relu_family")
    for row, kind in enumerate(relu_family.KINDS):
        for size in relu_family.SIZES:
            losses = stored[f"choose loss {size}"][row].astype(float)
            means = [np.inf if np.isnan(of).any() else of.mean() for of in losses]
            assert relu_family.best(stored, kind, size) == int(np.argmin(means))
            assert 0 < int(np.argmin(means)) < len(means) - 1


def test_means_over_the_rates_at_which_nothing_diverges():
    stored = experiments.load("relu_family")
    lost = np.isnan(stored["test loss few"]).sum(axis=(0, 2))
    assert (lost[:4] == 0).all()
    assert (lost[4:] > 0).all()
    row = list(relu_family.KINDS).index("rrelu")
    found = relu_family.over_rates(stored, "test right", "rrelu")
    np.testing.assert_allclose(found, sum(stored["test right few"][row, at] for at in range(4)) / 4)
