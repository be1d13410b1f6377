"""What every picture keeps: legends off the data, round circles, axes that stay, signs."""

import inspect
import pkgutil
import re
from importlib import import_module
from itertools import combinations

import numpy as np
import pytest
from legends import covered
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

import lib.figures
from lib.figures import (
    activation,
    elu,
    folklore,
    hyperbolic_tangent,
    isometry,
    leaky_relu,
    prelu,
    relu,
    residual,
    rrelu,
    underflow,
)
from lib.figures.render import Stage
from lib.figures.style import count, label_ends, label_sides, legend_above
from lib.simulations import residual as simulated


def draw_functions():
    for module in pkgutil.iter_modules(lib.figures.__path__):
        if module.name in {"render", "style", "bands", "drawing"}:
            continue
        found = vars(import_module(f"lib.figures.{module.name}"))
        for name, function in found.items():
            ours = f"{getattr(function, '__module__', '')}.".startswith(
                f"lib.figures.{module.name}."
            )
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


# What goes beyond the picture on purpose: a loss that explodes, one that comes to 0.
BEYOND = {"loss_shapes", "cliff", "compared"}


def marks_outside(ax):
    """Count the marks at points that do not lie in the picture."""
    found = 0
    for line in ax.lines:
        if line.get_marker() not in ("None", "", None) and line.get_transform() == ax.transData:
            points = line.get_xydata()
            points = ax.transData.transform(points[np.isfinite(points).all(axis=1)])
            found += sum(not ax.bbox.padded(1).contains(*point) for point in points)
    return found


@pytest.mark.rotates(3)
@pytest.mark.parametrize("draw", list(draw_functions()))
def test_legends_lie_on_no_data_and_captions_are_clean(draw):
    axes, caption = drawn(draw)
    assert sum(map(marks_outside, axes)) == 0 or draw.__name__ in BEYOND
    for ax in axes:
        assert covered(ax) == []
        assert ax.has_data() or ax.texts or ax.patches
    assert not re.search(r"(?<!\w)-\d|\d-\d|10\^|\de[+-]\d", caption), caption
    assert not re.search(r"(?<![\d.,])1 (layers|steps|units|matrices|epochs|networks)\b", caption)


def test_a_mark_outside_of_the_picture_is_seen():
    ax = Figure().add_subplot()
    ax.plot([0, 1, 2, np.nan], [0, 1, 2, 3], "o")
    ax.plot([0, 9], [0, 9])
    ax.set(xlim=(-1, 3), ylim=(-1, 3))
    assert marks_outside(ax) == 0
    ax.set_xlim(0.5, 3)
    assert marks_outside(ax) == 1


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
        (residual.path_lengths, ({"scale": s} for s in simulated.SCALES)),
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


def names_of(figure):
    """Where the names on lines stand: by text, in pixels of the figure."""
    figure.draw_without_rendering()
    return {text.get_text(): text.get_window_extent() for text in figure.axes[0].texts}


def apart(boxes):
    """Tell that no two names lie on each other, but for the room above and below letters."""
    shrunk = [Bbox.from_extents(b.x0, b.y0 + 2, b.x1, b.y1 - 2) for b in boxes]
    return not any(a.overlaps(b) for a, b in combinations(shrunk, 2))


LABELED = [
    (leaky_relu.as_a_maximum, [{"alpha": a} for a in (-0.5, 0.0, 0.5, 1.0, 1.5, 2.0)]),
    (leaky_relu.factor_per_layer, [{"weight_variance": v} for v in (0.5, 2.0, 3.0)]),
    (leaky_relu.gradient_by_layer, [{"alpha": a} for a in (0.0, 0.5, 1.0)]),
    (prelu.after_learning, [{"alpha": a} for a in (0.0, 0.25, 1.0)]),
    (prelu.shared_or_not, [{"step": s} for s in (0, 3, 50)]),
    (rrelu.training_and_evaluation, [{"convention": c} for c in ("paper", "pytorch")]),
    (rrelu.gradient_in_training, [{"weight_variance": v} for v in (1.0, 1.92, 2.5)]),
    (elu.bias_shift, [{"weight_variance": v} for v in (0.5, 2.0)]),
    (elu.deactivation, [{"center": c} for c in (-3.0, 0.0, 3.0)]),
    (elu.means_while_training, [{"epoch": e} for e in (0, 10)]),
    (elu.noisy_digits, [{}]),
    (relu.machine_features, [{}]),
    (folklore.rules_of_thumb, [{"activation": a} for a in ("relu", "sigmoid")]),
    (relu.thirty_layers, [{"epoch": e} for e in (0, 60)]),
    (hyperbolic_tangent.stretched_sigmoid, [{}, {"output_scale": 2.0, "input_scale": 2.0}]),
]


@pytest.mark.parametrize(
    ("draw", "settings"), [pytest.param(*one, id=one[0].__name__) for one in LABELED]
)
def test_names_on_lines_stand_in_the_picture_and_not_on_each_other(draw, settings):
    stage = Stage(draw)
    for chosen in settings:
        stage.frame(chosen)
        figure, *_ = stage.figures
        boxes = names_of(figure)
        assert len(boxes) > 1
        assert figure.axes[0].get_legend() is None
        assert apart(boxes.values()), chosen
        for name, box in boxes.items():
            inside = figure.bbox.contains(box.x0, box.y0), figure.bbox.contains(box.x1, box.y1)
            assert inside == (True, True), (name, chosen)


@pytest.mark.parametrize("left", [False, True])
@pytest.mark.parametrize("ends", [(1, 1, 1, 1, 1), (5, 4.9, 4.8, 0, 0.1), (0, 2, 4, 6, 8)])
def test_names_at_ends_keep_the_order_of_the_lines(ends, left):
    figure = Figure(figsize=(4, 3))
    ax = figure.add_subplot()
    for index, end in enumerate(ends):
        ax.plot([0, 10], [end, 3] if left else [3, end], label=f"line {index}")
    ax.set(xlim=(0, 10), ylim=(0, 8))
    label_ends(ax, left=left)
    boxes = names_of(figure)
    assert list(boxes) == [f"line {index}" for index in range(5)]
    assert apart(boxes.values())
    heights = [box.y0 for box in boxes.values()]
    for (one, low), (two, high) in combinations(zip(ends, heights, strict=True), 2):
        assert one == two or (one < two) == (low < high)
    assert (ax.get_xticks().min(), ax.get_xticks().max()) == (0, 10)
    beside = ax.transData.transform([(0 if left else 10, 0)])[0, 0]
    assert all(b.x1 < beside if left else b.x0 > beside for b in boxes.values())
    assert all(ax.bbox.y0 - 3 < b.y0 and b.y1 < ax.bbox.y1 + 3 for b in boxes.values())


@pytest.mark.parametrize("rises", [True, False])
def test_of_two_names_the_upper_stands_where_the_line_leaves_room(rises):
    figure = Figure(figsize=(4, 3))
    ax = figure.add_subplot()
    y = np.linspace(0, 10, 11) if rises else np.linspace(10, 0, 11)
    (one,) = ax.plot(range(11), y, label="upper")
    (two,) = ax.plot(range(11), y, label="lower")
    label_sides(ax, one, two)
    boxes = names_of(figure)
    assert boxes["upper"].y0 > boxes["lower"].y1
    assert (boxes["upper"].x1 < boxes["lower"].x0) == rises
