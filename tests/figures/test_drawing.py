"""Drawings of networks: where circles, edges, labels, matrices and bars end up."""

import re

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch, Rectangle

from lib.figures import drawing
from lib.figures.render import Stage


@drawing.canvas(200, 100)
def pair(ax, *, bend=0.0):
    """Two units and an edge."""
    drawing.blank(ax, 200, 100)
    drawing.unit(ax, (50, 50), "x", above="1.0", below="0.2")
    drawing.unit(ax, (150, 50), "a₁")
    drawing.edge(ax, (50, 50), (150, 50), "w₁", bend=bend)
    return "pair"


def paper():
    ax = Figure(figsize=(2, 2)).add_axes((0, 0, 1, 1))
    drawing.blank(ax, 200, 200)
    return ax


def test_a_drawing_fills_its_picture_and_its_circles_are_round():
    (picture,) = Stage(pair).frame({}).pictures
    assert 'viewBox="0 0 200 100"' in picture
    ax = Figure(figsize=(4, 2)).add_axes((0, 0, 1, 1))
    pair(ax)
    ax.figure.draw_without_rendering()
    circle = next(p for p in ax.patches if isinstance(p, Circle))
    box = circle.get_window_extent()
    assert box.width == pytest.approx(box.height)
    # 200 pixels of the drawing on 400 dots: the radius is doubled.
    assert box.width == pytest.approx(2 * 2 * drawing.RADIUS * ax.figure.dpi / 100, rel=0.02)


def test_an_edge_ends_at_the_borders_and_bends_to_its_left():
    for bend in (0.0, 12.0, -12.0):
        ax = paper()
        drawing.edge(ax, (20, 60), (180, 60), bend=bend, gap=(10, 30), arrow=False)
        (arrow,) = (p for p in ax.patches if isinstance(p, FancyArrowPatch))
        path = ax.transData.inverted().transform(
            arrow.get_transform().transform_path(arrow.get_path()).vertices
        )
        assert path[0] == pytest.approx([30, 60], abs=0.5)
        assert path[-1] == pytest.approx([150, 60], abs=0.5)
        # A quadratic curve passes half-way between its chord and its control point.
        middle = path[1] if bend else path.mean(axis=0)
        assert (middle[1] - 60) / 2 == pytest.approx(bend, abs=0.5)


def test_a_label_stands_on_the_left_of_its_edge():
    ax = paper()
    drawing.edge(ax, (20, 20), (180, 20), "above")
    drawing.edge(ax, (180, 120), (20, 120), "below")
    drawing.edge(ax, (100, 150), (100, 20), "right")
    above, below, right = (text.get_position() for text in ax.texts)
    assert above[1] > 20
    assert below[1] < 120
    assert right[0] > 100


def test_a_matrix_marks_its_rows_and_columns():
    ax = paper()
    size = drawing.matrix(
        ax, (10, 100), [["1", "2", "3"], ["4", "5", "6"]], cell=(20, 30), rows=[1], columns=[0]
    )
    assert size == (60, 60)
    places = {text.get_text(): text.get_position() for text in ax.texts}
    assert places["1"] == (20, 85)
    assert places["6"] == (60, 55)
    row, column = (p.get_bbox().bounds for p in ax.patches if isinstance(p, Rectangle))
    assert row == pytest.approx((10, 40, 60, 30))
    assert column == pytest.approx((10, 40, 20, 60))


def test_a_bar_is_as_long_as_its_value_and_never_absent():
    ax = paper()
    drawing.bar(ax, (50, 10), 40.0, width=8)
    drawing.bar(ax, (50, 90), 1e-9, width=8, level=True, label="0")
    upright, lying = (p.get_bbox().bounds for p in ax.patches)
    assert upright == pytest.approx((46, 10, 8, 40))
    assert lying == pytest.approx((50, 86, 1, 8))
    assert ax.texts[0].get_position()[0] > 51


def test_a_filled_unit_keeps_its_border():
    ax = paper()
    drawing.unit(ax, (50, 50), fill=0.3, color="#0072b2")
    assert [patch.get_alpha() for patch in ax.patches] == [0.3, None]


@pytest.mark.parametrize("size", [(0, 100), (100, -1)])
def test_a_picture_without_an_area_is_refused(size):
    with pytest.raises(ValueError, match=re.escape(f"got {size[0]} and {size[1]}")):
        drawing.canvas(*size)


def test_numbers_are_written_with_a_true_minus():
    assert drawing.number(-0.12345) == "−0.123"
    assert drawing.subscript(10) == "₁₀"
    assert np.isclose(float(drawing.number(2 / 3)), 0.667)
