"""What every picture keeps: legends off the data, round circles, axes that stay, signs."""

import inspect
import pkgutil
import re
from importlib import import_module

import numpy as np
import pytest
from legends import covered

import lib.figures
from lib.figures import activation, isometry, residual, underflow
from lib.figures.render import Stage
from lib.figures.style import count, legend_above


def draw_functions():
    for module in pkgutil.iter_modules(lib.figures.__path__):
        if module.name in {"render", "style", "bands", "drawing"}:
            continue
        found = vars(import_module(f"lib.figures.{module.name}"))
        for name, function in found.items():
            ours = getattr(function, "__module__", "") == f"lib.figures.{module.name}"
            if ours and inspect.isfunction(function) and not name.startswith("_"):
                first, *others = inspect.signature(function).parameters.values()
                # Every other parameter has a value to start with.
                if first.name in ("ax", "axes") and all(
                    p.default is not p.empty or p.kind is p.VAR_KEYWORD for p in others
                ):
                    yield pytest.param(function, id=f"{module.name}.{name}")


def drawn(draw, **parameters):
    stage = Stage(draw)
    caption = stage.frame(parameters).caption
    return [figure.axes[0] for figure in stage.figures], caption


@pytest.mark.parametrize("draw", list(draw_functions()))
def test_legends_lie_on_no_data_and_captions_are_clean(draw):
    axes, caption = drawn(draw)
    for ax in axes:
        assert covered(ax) == []
        assert ax.has_data() or ax.texts or ax.patches
    assert not re.search(r"(?<!\w)-\d|\d-\d|10\^|\de[+-]\d", caption), caption
    assert not re.search(r"(?<![\d.,])1 (layers|steps|units|matrices|epochs|networks)\b", caption)


def test_the_test_of_legends_sees_a_covered_line():
    def bad(ax):
        """A line under a legend."""
        ax.plot([0, 1], [1, 1], label="line")
        ax.set(xlim=(0, 1), ylim=(0, 1.05))
        ax.legend(loc="upper left")
        return "bad"

    def good(ax):
        """The same line."""
        bad(ax)
        legend_above(ax)
        return "good"

    assert covered(drawn(bad)[0][0])
    assert not covered(drawn(good)[0][0])


def test_a_hyphen_before_a_number_becomes_a_minus():
    def numbers(ax, *, told=""):
        """Numbers."""
        return told

    for given, shown in {
        "from -5.5 to -.3": "from −5.5 to −.3", "n-1, 2019-2020, x)-3": "n-1, 2019-2020, x)-3",
        "half-open, 3 -1": "half-open, 3 −1",
    }.items():  # fmt: skip
        assert drawn(numbers, told=given)[1] == shown


def test_counts_have_their_singular():
    assert count(1, "layer") == "1 layer"
    assert "After 1 matrix " in drawn(isometry.circle, depth=1)[1]


def test_a_circle_is_round():
    (ax,), _ = drawn(isometry.circle, depth=20)
    ax.figure.draw_without_rendering()
    circle = ax.transData.transform(ax.lines[0].get_xydata())
    assert np.ptp(circle[:, 0]) == pytest.approx(np.ptp(circle[:, 1]), rel=1e-3)
    for depth in range(21):
        (ax,), _ = drawn(isometry.circle, depth=depth)
        image = ax.lines[1].get_xydata()
        assert (np.abs(image) < [ax.get_xlim()[1], ax.get_ylim()[1]]).all()


@pytest.mark.parametrize("name", ["leaky_relu", "prelu"])
def test_axes_stay_while_the_slope_changes(name):
    limits = set()
    for alpha in (0.0, 0.25, 1.0):
        axes, _ = drawn(activation.function_and_slope, activation=name, alpha=alpha)
        limits.add(tuple((*ax.get_xlim(), *ax.get_ylim()) for ax in axes))
    assert len(limits) == 1


def test_histograms_fill_their_axes_and_are_not_cut_off():
    for draw, settings in (
        (isometry.spectrum, ({}, {"initializer": "orthogonal"}, {"activation": "relu"})),
        (underflow.loss_scaling, ({"exponent": e} for e in (0, 20, 40))),
        (residual.path_lengths, ({"scale": s} for s in residual.SCALES)),
    ):
        for parameters in settings:
            (ax,), _ = drawn(draw, **parameters)
            boxes = [p.get_path().vertices[:, 1] for p in ax.patches]
            boxes += [path.vertices[:, 1] for c in ax.collections for path in c.get_paths()]
            highest = max(float(np.nanmax(heights)) for heights in boxes)
            assert 0.6 * ax.get_ylim()[1] < highest <= ax.get_ylim()[1]


def test_what_never_ends_is_said_and_not_marked():
    (ax,), told = drawn(underflow.where_products_end, slope=0.9)
    assert told.count("never") == 4
    assert sorted(t.get_text() for t in ax.texts) == [
        "float16 never", "float32 never", "float64 never"
    ]  # fmt: skip
    (ax,), _ = drawn(underflow.where_products_end, slope=0.25)
    assert not ax.texts
