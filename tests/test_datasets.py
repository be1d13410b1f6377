import hashlib
import re
from importlib.resources import files

import numpy as np
import pytest
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


def test_digits_are_the_published_ones():
    data = datasets.digits()
    assert data.train_images.shape == (1437, 64)
    assert data.test_images.shape == (360, 64)
    labels = np.concatenate([data.train_labels, data.test_labels])
    # Frequencies from the description of the source (optdigits.names, testing part).
    np.testing.assert_array_equal(
        np.bincount(labels), [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    )


def test_digits_are_centered_and_scaled_by_the_training_part():
    data = datasets.digits()
    np.testing.assert_allclose(data.train_images.mean(axis=0), 0, atol=1e-12)
    assert data.train_images.var() == pytest.approx(1, rel=1e-12)
    few = datasets.digits(100)
    np.testing.assert_array_equal(few.train_labels, data.train_labels[:100])
    np.testing.assert_allclose(few.train_images.mean(axis=0), 0, atol=1e-12)
    # The same pixels: differences between images keep their proportions.
    ratio = (few.test_images[1] - few.test_images[0])[2:] / np.where(
        data.test_images[1] == data.test_images[0],
        np.nan,
        data.test_images[1] - data.test_images[0],
    )[2:]
    np.testing.assert_allclose(ratio[np.isfinite(ratio)], np.nanmean(ratio), rtol=1e-9)


@pytest.mark.parametrize("training", [9, 1438])
def test_digits_say_how_many_there_are(training):
    with pytest.raises(ValueError, match="training must be"):
        datasets.digits(training)


@pytest.mark.parametrize("name", ["digits.npz", "tumors.csv"])
def test_shipped_files_are_those_that_the_sources_describe(name):
    folder = files("lib.datasets")
    described = (folder / "SOURCES.txt").read_text().split(name)[1]
    checksum = re.search(r"SHA-256\s+([0-9a-f]{64})", described)[1]
    assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == checksum
    assert "CC BY 4.0" in described


def test_tumors_have_the_published_numbers():
    measurements, malignant, names = datasets.tumors()
    # From the description of the source: 357 benign, 212 malignant; ranges of the means.
    assert (malignant.sum(), len(malignant)) == (212, 569)
    published = {
        "radius": (6.981, 28.11), "texture": (9.71, 39.28), "smoothness": (0.053, 0.163),
        "symmetry": (0.106, 0.304),
    }  # fmt: skip
    assert names == tuple(published)
    for column, (low, high) in zip(measurements.T, published.values(), strict=True):
        assert column.min() == pytest.approx(low, abs=5e-4 if low < 1 else 5e-3)
        assert column.max() == pytest.approx(high, abs=5e-4 if high < 1 else 5e-3)


SHAPES = {"spirals": datasets.spirals, "circles": datasets.circles, "moons": datasets.moons}


@pytest.mark.parametrize("name", SHAPES)
def test_points_in_the_plane(name):
    points, labels = SHAPES[name](101, rng=3)
    again, _ = SHAPES[name](101, rng=3)
    other, _ = SHAPES[name](101, rng=4)
    np.testing.assert_array_equal(points, again)
    assert not np.array_equal(points, other)
    assert points.shape == (101, 2)
    np.testing.assert_array_equal(np.bincount(labels), [51, 50])
    exact, _ = SHAPES[name](101, rng=3, noise=0.0)
    noisy, _ = SHAPES[name](101, rng=3, noise=1.0)
    np.testing.assert_allclose(noisy - exact, 20 * (points - exact), rtol=1e-9)
    assert (noisy - exact).std() == pytest.approx(1, abs=0.15)
    with pytest.raises(ValueError, match="samples must be"):
        SHAPES[name](1)
    with pytest.raises(ValueError, match="noise must be"):
        SHAPES[name](10, noise=-1.0)


def test_the_curves_are_what_they_are_called():
    points, labels = datasets.circles(100, ratio=0.3, noise=0.0)
    np.testing.assert_allclose(np.hypot(*points.T), np.where(labels, 0.3, 1.0))
    points, labels = datasets.moons(100, noise=0.0)
    centers = np.where(labels[:, None] == 1, [1.0, 0.5], 0.0)
    np.testing.assert_allclose(np.hypot(*(points - centers).T), 1)
    assert (((points - centers)[:, 1] >= 0) == (labels == 0)).all()
    points, labels = datasets.spirals(100, turns=1.5, noise=0.0)
    radius = np.hypot(*points.T)
    angle = np.angle(points[:, 0] + 1j * points[:, 1]) - np.pi * labels
    turned = np.exp(1j * (angle - 3 * np.pi * radius))
    np.testing.assert_allclose(turned, 1, atol=1e-9)


def test_the_curves_are_drawn_all_along():
    points, labels = datasets.circles(4000, noise=0.0)
    for label in (0, 1):
        x, y = points[labels == label].T
        quarters = np.bincount((np.arctan2(y, x) // (np.pi / 2)).astype(int) + 2, minlength=4)
        np.testing.assert_allclose(quarters / 2000, 1 / 4, atol=0.04)
    points, labels = datasets.moons(4000, noise=0.0)
    for label, center in ((0, 0.0), (1, 1.0)):
        x = points[labels == label, 0] - center
        assert (x.min(), x.max()) == pytest.approx((-1, 1), abs=1e-3)
        assert np.mean(x > 0) == pytest.approx(0.5, abs=0.05)


def test_spirals_turn_once_by_default():
    np.testing.assert_array_equal(datasets.spirals(50)[0], datasets.spirals(50, turns=1.0)[0])
    for name, value in (("turns", -0.5), ("noise", -0.1)):
        with pytest.raises(ValueError, match=f"{name} must be"):
            datasets.spirals(10, **{name: value})
    with pytest.raises(ValueError, match="ratio must be"):
        datasets.circles(10, ratio=1.5)


@pytest.mark.parametrize("name", SHAPES)
def test_both_coordinates_have_noise_of_their_own(name):
    exact, noisy = (SHAPES[name](4000, noise=noise)[0] for noise in (0.0, 1.0))
    np.testing.assert_allclose(np.cov((noisy - exact).T), np.eye(2), atol=0.08)


def test_labels_belong_to_their_digits():
    data = datasets.digits()
    means = [data.train_images[data.train_labels == digit].mean(axis=0) for digit in range(10)]
    for images, labels in (
        (data.train_images, data.train_labels), (data.test_images, data.test_labels),
    ):  # fmt: skip
        distances = ((images[:, None] - np.array(means)) ** 2).sum(axis=2)
        assert np.mean(distances.argmin(axis=1) == labels) > 0.8


def test_launches_are_in_the_order_of_the_flights():
    temperature, damaged = datasets.o_rings()
    published = "66 70 69 68 67 72 73 70 57 63 70 78 67 53 67 75 70 81 76 79 75 76 58"
    np.testing.assert_array_equal(temperature, np.array(published.split(), float))
    np.testing.assert_array_equal(np.flatnonzero(damaged), [1, 8, 9, 10, 13, 20, 22])
