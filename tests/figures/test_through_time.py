"""What the figures of recurrent cells that have trained draw and say, against stored results."""

import re

import numpy as np
import pytest
from matplotlib.figure import Figure

from lib import experiments
from lib.experiments import lags
from lib.figures import through_time
from lib.figures.style import power_of_ten

RESULTS = experiments.load("through_time")
KINDS = [str(kind) for kind in RESULTS["kinds"]]
LENGTHS = RESULTS["lengths"].tolist()


def drawn(draw, panels=1, **parameters):
    """Axes and caption."""
    figure = Figure()
    axes = tuple(figure.add_subplot() for _ in range(panels))
    return axes, draw(axes[0] if panels == 1 else axes, **parameters)


def share(row, column):
    """Of the seeds, by counting."""
    steps = RESULTS["solved_at"][row, column].tolist()
    return sum(step < float("inf") for step in steps) / len(steps)


def circles(ax):
    """Places of all circles, and places and relative sizes of the full ones."""
    empty, full = ax.collections
    (size,) = empty.get_sizes()
    return empty.get_offsets(), full.get_offsets(), full.get_sizes() / size


def test_a_circle_is_full_as_far_as_seeds_solve():
    (ax,), told = drawn(through_time.solved_by_length)
    places, same, sizes = circles(ax)
    np.testing.assert_array_equal(places, same)
    expected = {
        (column, row): share(row, column)
        for row in range(len(KINDS))
        for column in range(len(LENGTHS))
        if not np.isnan(RESULTS["solved_at"][row, column]).any()
    }
    found = {(int(x), int(y)): size for (x, y), size in zip(places, sizes, strict=True)}
    assert found == pytest.approx(expected)
    names, partly = ax.texts[: len(KINDS)], ax.texts[len(KINDS) :]
    assert [text.get_text() for text in names] == KINDS
    assert [text.get_position()[1] for text in names] == list(range(len(KINDS)))
    beside = {tuple(np.round(text.get_position()).astype(int)): text.get_text() for text in partly}
    numbers = {at: f"{5 * s:.0f}" for at, s in expected.items() if 0 < s < 1}
    also = ("also_kinds", "also_lengths", "also_solved_at")
    for kind, length, steps in zip(*(RESULTS[name].tolist() for name in also), strict=True):
        if any(step < float("inf") for step in steps):
            at = LENGTHS.index(length), KINDS.index(kind)
            numbers[at] = f"{sum(step < float('inf') for step in steps)}*"
            assert f"{kind} {length}" in told.partition("With a star")[2]
    assert beside == numbers
    for kind, end in lags.failure(RESULTS).items():
        named, sep, never = told.partition("None up to")
        assert sep
        assert f"{kind} {end:.0f}" in named if np.isfinite(end) else kind in never


@pytest.mark.parametrize("length", [10, 50, 200, 400])
def test_reach_by_kind(length):
    (ax,), told = drawn(through_time.reach_by_kind, length=length)
    empty, full, crosses = ax.collections
    np.testing.assert_array_equal(empty.get_offsets(), full.get_offsets())
    column = LENGTHS.index(length)
    reach = [np.sort(RESULTS["reach"][row, column, 0])[2] for row in range(len(KINDS))]
    tried = [row for row in range(len(KINDS)) if not np.isnan(RESULTS["solved_at"][row, column, 0])]
    others = sorted(set(range(len(KINDS))) - set(tried))
    for marks, rows in ((empty, tried), (crosses, others)):
        places = np.array(marks.get_offsets(), float).reshape(-1, 2)
        np.testing.assert_array_equal(places[:, 1], rows)
        shown = np.maximum([reach[row] for row in rows], -30)
        np.testing.assert_allclose(np.log10(places[:, 0]), shown, rtol=1e-6)
        low, high = ax.get_xlim()
        assert ((places[:, 0] > low) & (places[:, 0] < high)).all()
    strokes = [line for line in ax.get_lines() if line.get_marker() == "|"]
    for row, line in enumerate(strokes):
        each = np.maximum(RESULTS["reach"][row, column, 0], -30)
        np.testing.assert_allclose(np.log10(line.get_xdata()), each, rtol=1e-6)
        assert set(np.round(line.get_ydata())) == {row}
    assert len(strokes) == len(KINDS)
    words = [text.get_text() for text in ax.texts]
    below = [f"← {power_of_ten(value)}" for value in reach if value < -30]
    assert sorted(below) == sorted(word for word in words if word.startswith("←"))
    shares = {row: share(row, column) for row in tried}
    np.testing.assert_allclose(full.get_sizes() / empty.get_sizes(), list(shares.values()))
    solved = [row for row in tried if shares[row] >= 0.5]
    assert f"At length {length}, {len(solved)} of {len(tried)} kinds solve it (three" in told
    least = min(solved, key=lambda row: reach[row])
    assert f"{KINDS[least]}, with {power_of_ten(reach[least])} before training, does." in told
    failed = set(tried) - set(solved)
    assert ("does not" in told) == bool(failed)
    if failed:
        most = max(failed, key=lambda row: reach[row])
        with_it = f"{KINDS[most]}, with {power_of_ten(reach[most])} before training, does not."
        assert with_it in told
    assert told.endswith(f"Not tried (crosses): {len(others)}.") == bool(others)


@pytest.mark.parametrize(
    ("kind", "length"), [("GRU", 100), ("LSTM of 1997", 200), ("RNN", 10), ("RNN", 50)]
)
def test_while_training(kind, length):
    axes, told = drawn(through_time.while_training, 2, kind=kind, length=length)
    row, column = KINDS.index(kind), LENGTHS.index(length)
    solved_at = RESULTS["solved_at"][row, column]
    for ax, values in (
        (axes[0], 100 * RESULTS["success"][row, column]),
        (axes[1], 10.0 ** RESULTS["reach"][row, column].astype(float)),
    ):
        curves = [line for line in ax.get_lines() if len(line.get_xdata()) == len(values)]
        assert len(curves) == 5
        for line, expected in zip(curves, values.T, strict=True):
            np.testing.assert_allclose(line.get_ydata(), expected, rtol=1e-6)
        dots = [line for line in ax.get_lines() if line.get_marker() == "o"]
        ends = [step for step in solved_at if step < np.inf]
        assert [line.get_xdata()[0] for line in dots] == ends
        expected = [
            values[int(step) // 100, seed] for seed, step in enumerate(solved_at) if step < np.inf
        ]
        np.testing.assert_allclose([line.get_ydata()[0] for line in dots], expected, rtol=1e-6)
    assert f"{kind}, length {length}: {np.isfinite(solved_at).sum()} of 5 seeds solve it" in told
    if ends:
        low, high = re.search(r"after (\d+)(?: to (\d+))? steps", told).groups()
        assert (int(low), int(high or low)) == (min(ends), max(ends))
    else:
        assert "after" not in told
    reach = RESULTS["reach"][row, column].astype(float)
    start = power_of_ten(np.median(reach[0]))
    assert f"The gradient at the first letter, {start} of that at the last" in told
    end = np.median([[v for v in seed if not np.isnan(v)][-1] for seed in reach.T])
    assert told.endswith(f"is {power_of_ten(end)} of it at the end.")


def test_what_was_not_tried_is_told_so():
    axes, told = drawn(through_time.while_training, 2, kind="RNN", length=400)
    assert told == "RNN was not tried at length 400: no seed had solved a shorter one."
    for ax in axes:
        drawn_beyond_start = [
            np.isfinite(line.get_ydata()[1:]).any()
            for line in ax.get_lines()
            if len(line.get_xdata()) == len(RESULTS["steps"])
        ]
        assert drawn_beyond_start == [False] * 5


def test_digits_by_pixel():
    (ax,), told = drawn(through_time.digits_by_pixel)
    right = 100 * RESULTS["digit_accuracy"]
    points = [line for line in ax.get_lines() if line.get_marker() == "o"]
    for row, (line, values) in enumerate(zip(points, right, strict=True)):
        np.testing.assert_array_equal(line.get_xdata(), values)
        assert set(line.get_ydata()) == {row}
    averages = [sum(values) / len(values) for values in right.tolist()]
    best, worst = averages.index(max(averages)), averages.index(min(averages))
    assert f"Best: {KINDS[best]}, {averages[best]:.0f} percent" in told
    assert f"Worst: {KINDS[worst]}, {averages[worst]:.0f} percent" in told


@pytest.mark.parametrize("problem", ["adding", "copying"])
@pytest.mark.parametrize("length", [20, 80])
def test_adding_and_copying(problem, length):
    results = experiments.load("adding_and_copying")
    (ax,), told = drawn(through_time.adding_and_copying, problem=problem, length=length)
    column = results["lengths"].tolist().index(length)
    right = 100 * results[f"success {problem}"][:, column].astype(float)
    points = [line for line in ax.get_lines() if line.get_marker() == "o"]
    for row, (line, values) in enumerate(zip(points, right, strict=True)):
        np.testing.assert_array_equal(line.get_xdata(), values)
        assert set(line.get_ydata()) == {row}
    assert [text.get_text() for text in ax.texts] == results["kinds"].tolist()
    averages = [sum(values) / len(values) for values in right.tolist()]
    best = results["kinds"][averages.index(max(averages))]
    assert told.startswith(f"Best: {best}, {max(averages):.0f} percent on average over 5 seeds.")
    # To guess, by drawing: always 1, or a letter as it comes.
    rng = np.random.default_rng(0)
    if problem == "adding":
        lucky = np.abs(rng.random((2, 400_000)).sum(axis=0) - 1) < 0.08
    else:
        lucky = rng.integers(8, size=400_000) == rng.integers(8, size=400_000)
    guess = next(line for line in ax.get_lines() if line.get_linestyle() == "--").get_xdata()[0]
    assert guess == pytest.approx(100 * lucky.mean(), abs=0.2)
    assert told.endswith(f"Guessing: {guess:.1f} percent.")


@pytest.mark.parametrize("order", ["XY", "YX"])
def test_gates_over_time(order):
    rng = np.random.default_rng(0)
    words = {"XY": "aXbYc", "YX": "Yabca"}
    forget, written, cell = ({key: rng.random(5) for key in words} for _ in range(3))
    others = {key: rng.random((4, 5)) for key in words}
    (left, right), told = drawn(
        through_time.gates_over_time, 2, words=words, forget=forget, written=written, cell=cell,
        others=others, order=order,
    )  # fmt: skip
    np.testing.assert_array_equal(left.get_lines()[4].get_ydata(), forget[order])
    for line, gate in zip(left.get_lines()[:4], others[order], strict=True):
        np.testing.assert_array_equal(line.get_ydata(), gate)
    np.testing.assert_array_equal(right.get_lines()[0].get_ydata(), cell[order])
    assert [bar.get_height() for bar in right.patches] == written[order].tolist()
    for ax in (left, right):
        assert "".join(label.get_text() for label in ax.get_xticklabels()) == words[order]
    places = [at for at, letter in enumerate(words[order]) if letter in "XY"]
    there = sum(written[order][places]) / len(places)
    elsewhere = (written[order].sum() - sum(written[order][places])) / (5 - len(places))
    assert f"count {there:.2f} is written" in told
    assert f"and {elsewhere:.2f} at the others. The forget gate" in told


def test_shuffled_labels():
    results = experiments.load("shuffled_orders")
    axes, told = drawn(through_time.shuffled_labels, 2)
    for ax, values in ((axes[0], results["update gate"]), (axes[1], 10.0 ** results["reach"])):
        labels = [line.get_label() for line in ax.get_lines()][::5]
        assert labels == ["true labels", "shuffled labels"]
        for row in range(2):
            for seed in range(5):
                line = ax.get_lines()[5 * row + seed]
                np.testing.assert_allclose(line.get_ydata(), values[row, :, seed], rtol=1e-5)
    low, *_, high = (np.sort(results["update gate"][1, at])[2] for at in (0, -1))
    assert f"from {low:.2f} to {high:.2f} (medians of 5 networks)" in told
    right = np.sort(results["success"][1, -1])[2]
    assert f"{100 * right:.0f} percent are right" in told
