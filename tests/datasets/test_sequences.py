"""The problems with a long lag, solved by plain loops that read them step by step."""

import numpy as np
import pytest

from lib import datasets


@pytest.mark.parametrize("length", [10, 19, 50, 123])
def test_adding_is_the_sum_of_what_is_marked(length):
    inputs, targets = datasets.adding(length, 400, rng=1)
    assert inputs.shape == (length, 2, 400)
    assert targets.shape == (400,)
    places = set()
    for sample in range(400):
        numbers, markers = inputs[:, 0, sample], inputs[:, 1, sample]
        first, second = (step for step in range(length) if markers[step] == 1.0)
        assert sorted(set(markers)) == [0.0, 1.0]
        assert numbers[first] + numbers[second] == targets[sample]
        assert 0 <= first < length // 10 <= second < length // 2
        places |= {first, second}
    assert places == set(range(length // 2))  # every step that may be marked is, at times


def test_adding_has_the_moments_that_its_docstring_states():
    inputs, targets = datasets.adding(20, 100_000, rng=0)
    assert np.mean((targets - 1) ** 2) == pytest.approx(1 / 6, rel=0.02)
    assert inputs[:, 0].mean() == pytest.approx(0.5, abs=2e-3)
    assert inputs[:, 0].var() == pytest.approx(1 / 12, rel=5e-3)


@pytest.mark.parametrize("length", [10, 37, 100])
def test_temporal_order_is_told_by_the_two_letters(length):
    inputs, classes = datasets.temporal_order(length, 500, rng=2)
    assert inputs.shape == (length, 6, 500)
    assert set(np.unique(inputs)) == {0.0, 1.0}
    np.testing.assert_array_equal(inputs.sum(axis=1), 1)
    starts, ends = [1 * length // 10, 5 * length // 10], [2 * length // 10, 6 * length // 10]
    for sample, name in enumerate(classes):
        letters = [datasets.sequences.LETTERS[k] for k in inputs[:, :, sample].argmax(axis=1)]
        at = [step for step, letter in enumerate(letters) if letter in "XY"]
        assert len(at) == 2
        assert all(starts[k] <= at[k] < ends[k] for k in range(2))
        assert letters[at[0]] + letters[at[1]] == datasets.sequences.ORDERS[name]
    counts = np.bincount(classes, minlength=4)
    assert counts.min() > 90
    others = inputs[:, 2:].sum(axis=(0, 2))
    np.testing.assert_allclose(others / others.sum(), 1 / 4, atol=0.03)


@pytest.mark.parametrize(("length", "items", "symbols"), [(11, 5, 8), (40, 3, 2), (3, 1, 4)])
def test_copying_asks_for_the_list_in_its_order(length, items, symbols):
    inputs, classes = datasets.copying(length, 200, rng=3, items=items, symbols=symbols)
    assert inputs.shape == (length, symbols + 2, 200)
    assert classes.shape == (items, 200)
    np.testing.assert_array_equal(inputs.sum(axis=1), 1)
    read = inputs.argmax(axis=1)
    for step in range(length):
        if step < items:  # to be said length - items steps later
            np.testing.assert_array_equal(read[step], classes[step + (length - items) - length])
        else:
            told = symbols + 1 if step == length - items - 1 else symbols
            np.testing.assert_array_equal(read[step], told)
    assert set(np.unique(classes)) == set(range(symbols))


def test_pixels_come_in_reading_order():
    images = np.arange(3 * 64).reshape(3, 64)
    by_row, by_pixel = datasets.pixel_rows(images), datasets.pixel_rows(images, pixels=1)
    assert by_row.shape == (8, 8, 3)
    assert by_pixel.shape == (64, 1, 3)
    for sample in range(3):
        for pixel in range(64):
            expected = 64 * sample + pixel
            assert by_row[pixel // 8, pixel % 8, sample] == expected
            assert by_pixel[pixel, 0, sample] == expected


def test_a_seed_repeats_and_a_generator_goes_on():
    for draw in (datasets.adding, datasets.temporal_order, datasets.copying):
        one, again, other = draw(20, 5, 1), draw(20, 5, 1), draw(20, 5, 2)
        assert all(np.array_equal(a, b) for a, b in zip(one, again, strict=True))
        assert not np.array_equal(one[0], other[0])
        rng = np.random.default_rng(1)
        assert np.array_equal(draw(20, 5, rng)[0], one[0])
        assert not np.array_equal(draw(20, 5, rng)[0], one[0])


@pytest.mark.parametrize("draw", [datasets.adding, datasets.temporal_order, datasets.copying])
def test_bad_input_is_named(draw):
    least = 11 if draw is datasets.copying else 10
    with pytest.raises(ValueError, match=f"length must be at least {least}; got 9"):
        draw(9, 5, 0)
    with pytest.raises(TypeError, match="length must be an integer"):
        draw(20.0, 5, 0)
    with pytest.raises(ValueError, match="samples must be at least 1"):
        draw(20, 0, 0)
    with pytest.raises(TypeError, match="rng must be"):
        draw(20, 5, None)


def test_bad_lists_and_images_are_named():
    with pytest.raises(ValueError, match="items must be at least 1"):
        datasets.copying(20, 5, 0, items=0)
    with pytest.raises(ValueError, match="symbols must be at least 2"):
        datasets.copying(20, 5, 0, symbols=1)
    with pytest.raises(ValueError, match=r"images must have shape \(samples, pixels\)"):
        datasets.pixel_rows(np.zeros((2, 8, 8)))
    with pytest.raises(ValueError, match="pixels must divide 64; got 7"):
        datasets.pixel_rows(np.zeros((2, 64)), pixels=7)
    with pytest.raises(ValueError, match="images must be finite"):
        datasets.pixel_rows(np.full((2, 64), np.nan))
