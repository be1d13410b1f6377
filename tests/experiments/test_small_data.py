"""The digits that networks of the small sample see."""

import numpy as np

from lib import datasets
from lib.experiments import small_data


def test_every_seed_has_digits_of_its_own():
    data, places = datasets.digits(), []
    for seed in (0, 1):
        drawn = small_data.sample(seed)
        np.testing.assert_allclose(drawn.train_images.mean(axis=0), 0, atol=1e-12)
        np.testing.assert_allclose(drawn.train_images.var(), 1)
        # Pixels are shifted, and scaled by one factor: undo both with the test digits.
        spreads = [np.ptp(one.test_images, axis=0).max() for one in (data, drawn)]
        scale = spreads[0] / spreads[1]
        shift = data.test_images[0] - scale * drawn.test_images[0]
        np.testing.assert_allclose(scale * drawn.test_images + shift, data.test_images, atol=1e-9)
        found = scale * drawn.train_images + shift
        distances = np.abs(found[:, None] - data.train_images).max(axis=2)
        nearest = distances.argmin(axis=1)
        assert distances.min(axis=1).max() < 1e-9
        assert len(set(nearest)) == 200
        np.testing.assert_array_equal(drawn.train_labels, data.train_labels[nearest])
        np.testing.assert_array_equal(drawn.test_labels, data.test_labels)
        places.append(set(nearest))
    assert len(places[0] & places[1]) < 60
