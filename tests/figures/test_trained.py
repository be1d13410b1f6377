"""What the figures of trained networks draw and say, against the stored results."""

import re

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure

from lib import activations, experiments
from lib.experiments import grand_table as table
from lib.experiments import relu_family as family
from lib.figures import (
    elu,
    grand_table,
    hyperbolic_tangent,
    relu,
    relu_family,
    sigmoid,
)
from lib.figures.bands import band
from lib.figures.render import SETTINGS, Stage
from lib.simulations import sigmoid as simulated


def drawn(draw, panels=1, **parameters):
    """Caption, and of each panel the heights of its lines by label."""
    figure = Figure()
    axes = [figure.add_subplot() for _ in range(panels)]
    told = draw(axes[0] if panels == 1 else tuple(axes), **parameters)
    lines = [
        {str(line.get_label()): np.asarray(line.get_ydata(), float) for line in ax.get_lines()}
        for ax in axes
    ]
    return told, lines


def test_a_band_holds_all_seeds_and_its_line_is_their_median():
    ax = Figure().add_subplot()
    values = np.array([[3.0, 1.0, 2.0], [5.0, 9.0, 4.0]])
    band(ax, np.array([0, 1]), values, label="three")
    np.testing.assert_array_equal(ax.get_lines()[0].get_ydata(), [2, 5])
    heights = ax.collections[0].get_paths()[0].vertices[:, 1]
    assert set(heights) == {1.0, 3.0, 4.0, 9.0}


def test_without_a_curve_the_border_is_straight():
    # A plane over the grid is a plane over any multiple of it.
    grid = np.stack(np.meshgrid(simulated.PLANE, simulated.PLANE), axis=-1).reshape(-1, 2)
    design = np.column_stack([np.ones(len(grid)), grid])
    for points in ("moons", "circles", "spirals"):
        logits = simulated.trained_plane(points, "linear")[0].ravel()
        plane = design @ np.linalg.lstsq(design, logits, rcond=None)[0]
        np.testing.assert_allclose(logits, plane, atol=1e-4 * np.abs(logits).max())
        curved, right = simulated.trained_plane(points, "tanh")
        plane = design @ np.linalg.lstsq(design, curved.ravel(), rcond=None)[0]
        assert np.abs(curved.ravel() - plane).max() > 1
        assert right > 0.95


@pytest.mark.parametrize("hidden", [1, 20])
def test_sigmoid_networks(hidden):
    told, (lines,) = drawn(sigmoid.deep_networks_learn, hidden=hidden)
    right = 100 * experiments.load("saturation")[f"train_accuracy sigmoid {hidden}"]
    ends = sorted({f"{share:.0f}" for share in (right[-1].min(), right[-1].max())}, key=int)
    assert f"{' to '.join(ends)} percent" in told
    by_rate = 100 * experiments.load("saturation")[f"train_accuracy_by_rate sigmoid {hidden}"]
    assert by_rate.shape == (5, 5)
    assert "the best of five" in told
    assert any(np.array_equal(right[-1], of_one_rate) for of_one_rate in by_rate)
    np.testing.assert_allclose(next(iter(lines.values())), np.median(right, axis=1), rtol=1e-5)


def test_saturating_networks_at_depth():
    told, (lines,) = drawn(hyperbolic_tangent.trained_at_depth, hidden=10)
    results = experiments.load("saturation")
    for kind, label in (("tanh", "tanh"), ("sigmoid twin", "Sigmoid twin")):
        np.testing.assert_allclose(
            lines[label], np.median(results[f"train_loss {kind} 10"], axis=1), rtol=1e-5
        )
        assert f"{label} {np.median(results[f'test_accuracy {kind} 10'][-1]):.0%} (rate" in told


@pytest.mark.parametrize(("hidden", "rate"), [(4, 0.001), (4, 0.3), (10, 0.1)])
def test_learning_speed(hidden, rate):
    told, panels = drawn(relu.learning_speed, 2, rate=rate)
    lines = panels[(4, 10).index(hidden)]
    told = told.split(": ")[1].split("; ")[(4, 10).index(hidden)]
    assert f"with {hidden} layers" in told
    results = experiments.load("rectifier_speed")
    column = list(results["rates"].round(6)).index(np.float32(rate))
    steps = (results["epochs"] * 22).round().astype(int)
    for kind, label in (("tanh", "tanh"), ("relu", "ReLU")):
        error = results[f"error {kind} {hidden}"][:, column]
        np.testing.assert_allclose(lines[label], 100 * np.median(error[1:], axis=1), rtol=1e-5)
        # Seed by seed, the first record that is low enough; between far records it is earlier.
        wrong = (1437 * error).round()
        low = [np.flatnonzero(4 * own <= own[0]) for own in wrong.T]
        reached = [steps[found[0]] if found.size else np.inf for found in low]
        needed = results[f"steps {kind} {hidden}"][column]
        assert all(needed <= reached)
        assert all(one == other for one, other in zip(needed, reached, strict=True) if one <= 66)
        middle = np.median(needed)
        assert f"{label} {middle:g}" in told if np.isfinite(middle) else f"{label} not in" in told


def test_thirty_layers():
    told, (lines, start) = drawn(relu.thirty_layers, 2, epoch=60)
    results = experiments.load("thirty_layers")
    for kind, label in (("he", "He"), ("xavier normalized", "Xavier + norm")):
        middle = np.median(results[f"train_loss {kind}"], axis=1)
        np.testing.assert_allclose(lines[label], middle, rtol=1e-5)
        assert f"{label} {middle[-1]:.2g}" in told
    # Half of the square is lost in each of 29 layers, and normalization multiplies it.
    assert np.log2(start["Xavier"][0]) == pytest.approx(-14.5, abs=0.5)
    for label in ("He + norm", "Xavier + norm"):
        assert np.log(start[label][0]) == pytest.approx(14.5 * np.log(np.pi / (np.pi - 1)), abs=0.3)
    told, (lines, _) = drawn(relu.thirty_layers, 2, epoch=8)
    assert len(lines["He"]) == 3
    assert "after 8 epochs" in told


@pytest.mark.parametrize(("way", "rate", "epoch"), [("he", 0.1, 10), ("low normalized", 1.0, 30)])
def test_census(way, rate, epoch):
    told, (dead, positive) = drawn(relu.dying_by_layer, 2, way=way, rate=rate, epoch=epoch)
    results = experiments.load("dying")
    record, column = (
        int(np.flatnonzero(np.isclose(results[name], value))[0])
        for name, value in (("epochs", epoch), ("rates", rate))
    )
    for lines, kind in ((dead, "dead"), (positive, "positive")):
        share = 100 * results[f"{kind} {way}"][record, :, column]
        np.testing.assert_allclose(next(iter(lines.values())), np.median(share, axis=1), rtol=1e-5)
    mean = np.mean([results[f"dead {way}"][record, n, column] for n in range(8)])
    assert f"{100 * mean:.1f}% of all units are dead" in told
    right = np.sort(100 * results[f"train_accuracy {way}"][record, column])
    assert f"{right[0]:.0f}% to {right[9]:.0f}% in 10 networks" in told
    assert f"median {right[4:6].mean():.0f}%" in told


def test_leaky_units_are_not_called_dead():
    told, (silent, _) = drawn(relu.dying_by_layer, 2, way="leaky", rate=1.0, epoch=30)
    assert next(iter(silent.values())).max() > 0
    assert "dead" not in told


def test_features_of_machines():
    told, (lines,) = drawn(relu.machine_features)
    right = 100 * experiments.load("machines")["accuracy binary"]
    np.testing.assert_allclose(lines["Binary"], np.median(right, axis=1), rtol=1e-5)
    assert f"Binary {np.median(right[0]):.1f}%" in told


@pytest.mark.parametrize("size", ["all", "few"])
@pytest.mark.parametrize("chapter", relu_family.CHAPTERS)
def test_relu_family(chapter, size):
    told, (fits, wrongs) = drawn(relu_family.compared, 2, chapter=chapter, size=size)
    results = experiments.load("relu_family")
    rows = relu_family.table(chapter).splitlines()[2:]
    for kind, row in zip(relu_family.CHAPTERS[chapter], rows, strict=True):
        at = list(family.KINDS).index(kind)
        judged = np.nan_to_num(results[f"choose loss {size}"][at], nan=np.inf).mean(axis=1)
        wrong = 100 - 100 * results[f"test right {size}"][at, judged.argmin()]
        losses = results[f"train loss {size}"][at]
        label = relu_family.LABELS[kind]
        np.testing.assert_allclose(fits[label], np.log10(losses).mean(axis=1), rtol=1e-5)
        assert any(np.array_equal(y, np.log10(losses).ravel(), equal_nan=True)
                   for y in fits.values())  # fmt: skip
        # One dot for each network, and a line at their mean.
        assert any(len(y) == 20 and np.allclose(y, wrong, rtol=1e-5) for y in wrongs.values())
        rate = results["rates"][judged.argmin()]
        assert f"{label} {wrong.mean():.1f}% (rate {rate:.2g})" in told
        cells = row.strip("| ").split(" | ")[1:]
        fit = np.log10(losses[judged.argmin()]).mean()
        assert cells[3 * (size == "few") :][:3] == [
            f"{rate:.2g}", f"{fit:.2f}".replace("-", "−"), f"{wrong.mean():.1f}"
        ]  # fmt: skip


def dots(draw, panels, **parameters):
    """Caption, and of each panel the places of the dots, with the middle of each interval."""
    axes = [Figure().add_subplot() for _ in range(panels)]
    told = draw(tuple(axes), **parameters)
    lines = [[np.asarray(line.get_xdata(), float) for line in ax.get_lines()] for ax in axes]
    return told, lines


@pytest.mark.parametrize(
    ("chapter", "size"),
    [("prelu", "few"), ("elu", "all"), ("rrelu", "rates"), ("rrelu", "all")],
)
def test_differences_of_all_seeds(chapter, size):
    results = experiments.load("relu_family")
    told, panels = dots(relu_family.judged, 2, chapter=chapter, size=size)
    row = list(family.KINDS).index
    for name, scale, lines in zip(("test right", "test loss"), (-100, 1), panels, strict=True):
        for number, (one, other) in enumerate(relu_family.JUDGED[chapter]):
            if size == "rates":
                apart = (results[f"{name} few"][row(one), :4]
                         - results[f"{name} few"][row(other), :4]).mean(axis=0)  # fmt: skip
            else:
                apart = family.at_best(results, name, one, size) - family.at_best(
                    results, name, other, size
                )
            seeds, interval, middle = lines[1 + 3 * number : 4 + 3 * number]
            np.testing.assert_allclose(seeds, scale * apart, atol=1e-4)
            assert middle[0] == pytest.approx(seeds.mean())
            # Student's interval with 19 degrees of freedom.
            half = 2.093024 * seeds.std(ddof=1) / np.sqrt(20)
            np.testing.assert_allclose(interval, middle[0] + half * np.array([-1, 1]), rtol=1e-4)
            assert f"{middle[0]:+.2f}".replace("-", "−") in told
    assert ("1150" if size == "all" else "200") in told


def test_slopes_of_the_lines_of_all_seeds():
    results = experiments.load("relu_family")
    told, panels = dots(relu_family.by_slope, 3)
    alphas = np.array(family.ALPHAS)
    kinds = list(family.KINDS)[:6]
    wrong = [100 - 100 * family.at_best(results, "test right", kind, "few") for kind in kinds]
    centered = alphas - alphas.mean()
    slopes = centered @ np.array(wrong) / (centered @ centered) / 10
    np.testing.assert_allclose(panels[0][4], slopes, atol=1e-4)
    assert f"{slopes.mean():+.2f}".replace("-", "−") in told
    assert [len(line) for line in panels[2]] == [20] * 6


def test_what_noise_costs_each_seed():
    results = experiments.load("bias_shift")
    told, (costs, strongest) = dots(elu.lost_to_noise, 2)
    slow = list(results["rates"]).index(np.float32(0.1))
    right = {kind: 100 * results[f"noisy {kind}"][:, slow] for kind in ("relu", "elu")}
    lost = {kind: share[0] - share[1:].mean(axis=0) for kind, share in right.items()}
    np.testing.assert_allclose(costs[4], lost["elu"] - lost["relu"], atol=1e-4)
    apart = right["elu"][-1] - right["relu"][-1]
    np.testing.assert_allclose(strongest[1], apart, atol=1e-4)
    assert f"{apart.mean():+.2f}".replace("-", "−") in told


def test_loss_of_all_seeds_by_epoch():
    told, (lines,) = drawn(elu.loss_by_epoch)
    results = experiments.load("bias_shift")
    losses = np.log10(results["train_loss relu"])
    ends = np.nan_to_num(losses[-1], nan=np.inf).mean(axis=1)
    np.testing.assert_allclose(lines["ReLU"], losses[:, ends.argmin()].mean(axis=1), rtol=1e-5)
    assert f"ReLU {results['rates'][ends.argmin()]:.1f}" in told


def test_slopes_that_prelu_learns():
    told, (lines,) = drawn(relu_family.slopes_by_layer, epoch=20)
    results = experiments.load("relu_family")
    at = list(family.KINDS).index("prelu")
    judged = np.nan_to_num(results["choose loss all"][at], nan=np.inf).mean(axis=1)
    middle = np.median(results["slopes"][-1, :, judged.argmin()], axis=1)
    np.testing.assert_allclose(next(iter(lines.values())), middle, rtol=1e-5)
    assert f"{middle[0]:.2f} in layer 1" in told
    start = drawn(relu_family.slopes_by_layer, epoch=0)[0]
    assert "0.25 in layer 1 and 0.25 in layer 8" in start


def test_epochs_and_losses_of_all_seeds_by_rate():
    told, (speeds, ends) = drawn(elu.loss_by_rate, 2)
    results = experiments.load("bias_shift")
    for lines, values in (
        (speeds, results["speed relu"]), (ends, np.log10(results["train_loss relu"][-1]))
    ):  # fmt: skip
        means = np.where(np.isfinite(values), values, np.nan).mean(axis=1)
        found = [line for line in lines.values() if len(line) == len(means)]
        assert any(np.allclose(line, means, rtol=1e-5, equal_nan=True) for line in found)
    assert f"ReLU {results['speed relu'].mean(axis=1).min():.1f}, ELU, He 1.8" in told


def test_wrong_by_function():
    results = experiments.load("grand_table")
    told, _ = drawn(grand_table.wrong_by_function, hidden=50, way="both")
    wrong = 100 - 100 * results["test right"][:, 2, 3]
    middle = np.median(wrong, axis=1)
    names = [activations.get(kind).label for kind in table.KINDS]
    assert f"{middle.min():.0f}% wrong for {names[middle.argmin()]}" in told
    assert f"{middle.max():.0f}% for {names[middle.argmax()]}" in told
    figure = Figure().add_subplot()
    grand_table.wrong_by_function(figure, hidden=50, way="both")
    dots, centers = (figure.get_lines()[first::2] for first in (0, 1))
    for of_function, dot, center in zip(wrong, dots, centers, strict=True):
        np.testing.assert_allclose(dot.get_xdata(), of_function, rtol=1e-5)
        np.testing.assert_allclose(center.get_xdata(), np.median(of_function), rtol=1e-5)


def test_bias_shift_and_noise():
    results = experiments.load("bias_shift")
    slow, fast = (list(results["rates"]).index(np.float32(rate)) for rate in (0.1, 0.3))
    told, (lines,) = drawn(elu.means_while_training, epoch=5)
    shift = results["shift elu"][5, :, slow]
    np.testing.assert_allclose(lines["ELU"], np.median(shift, axis=1), rtol=1e-5)
    told_shift = float(re.search(r" ELU (\d\.\d+)", told)[1])
    assert told_shift == pytest.approx(np.median(shift), abs=0.005)
    told, (lines,) = drawn(elu.noisy_digits)
    right = 100 * results["noisy relu"]
    np.testing.assert_allclose(lines["ReLU"], np.median(right[:, slow], axis=1), rtol=1e-5)
    np.testing.assert_allclose(
        lines["ReLU, rate 0.3"], np.median(right[:, fast], axis=1), rtol=1e-5
    )
    assert f"ELU, He {100 * np.median(results['noisy elu'][2, slow]):.0f}%" in told
    assert f"ReLU, rate 0.3 {np.median(right[2, fast]):.0f}%" in told


def test_names_of_functions_fit_beside_the_axes():
    stage = Stage(grand_table.wrong_by_function)
    stage.frame({"hidden": 50, "way": "plain"})
    (figure,) = stage.figures
    with mpl.rc_context(SETTINGS):
        figure.draw_without_rendering()
        for name in figure.axes[0].get_yticklabels():
            assert name.get_window_extent().x0 > 0
