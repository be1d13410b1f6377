"""Numbers on the drawings of backpropagation, against finite differences in fifty digits."""

import html
import json
import re

import matplotlib as mpl
import mpmath
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, Rectangle

from lib.explore.controls import make_controls
from lib.explore.page import StaticExplorer
from lib.figures import backpropagation as figures
from lib.figures import learning
from lib.figures.render import Stage
from lib.figures.style import RC
from lib.simulations import backpropagation as simulated

mpmath.mp.dps = 50


def drawn(draw, **parameters):
    """Caption, and all texts of a drawing, with ASCII signs."""
    ax = Figure().add_axes((0, 0, 1, 1))
    told = draw(ax, **parameters)
    return told, [text.get_text().replace("−", "-") for text in ax.texts], ax


def loss(weights, x=0.5, y=1.0):
    a = mpmath.mpf(x)
    for w in weights:
        a = 1 / (1 + mpmath.exp(-w * a))
    return (a - y) ** 2 / 2


def slope_of(f, at):
    """A central difference with a step of 10^-20, in fifty digits."""
    step = mpmath.mpf(10) ** -20
    return (f(at + step) - f(at - step)) / (2 * step)


@pytest.mark.parametrize("weight", [1, 2, 3])
def test_derivatives_on_the_edges_are_those_of_a_wiggle(weight):
    def moved(value):
        weights = [mpmath.mpf(w) for w in simulated.WEIGHTS]
        weights[weight - 1] = value
        return loss(weights)

    expected = float(slope_of(moved, mpmath.mpf(simulated.WEIGHTS[weight - 1])))
    _, texts, _ = drawn(figures.three_units)
    name = "∂ℒ/∂w" + "₁₂₃"[weight - 1]
    (told,) = (text.split("\n")[1] for text in texts if text.startswith(name))
    assert float(told) == pytest.approx(expected, rel=5e-3)
    for change in (-0.01, 0.01):
        caption, _, _ = drawn(figures.wiggle, weight=weight, change=change)
        per_unit = re.search(r": ([+−][\d.]+) per unit", caption)[1].replace("−", "-")
        assert float(per_unit) == pytest.approx(expected, rel=0.06)


def test_without_a_change_the_drawing_is_the_forward_pass():
    caption, texts, ax = drawn(figures.wiggle, weight=2, change=0.0)
    assert float(loss(simulated.WEIGHTS)) == pytest.approx(
        float(re.search(r"loss is ([\d.]+)\.", caption)[1]), abs=6e-6
    )
    a = mpmath.mpf(simulated.INPUT)
    for k, w in enumerate(simulated.WEIGHTS):
        h, a = w * a, 1 / (1 + mpmath.exp(-w * a))
        (told,) = (t for t in texts if t.startswith("h" + "₁₂₃"[k]))
        values = [float(v) for v in re.findall(r"= (-?[\d.]+)", told)]
        assert values == pytest.approx([float(h), float(a)], rel=5e-3)
    assert not [p for p in ax.patches if isinstance(p, Rectangle)]


def test_error_signals_are_derivatives_with_respect_to_pre_activations():
    # Add a constant to one pre-activation: the loss changes by delta times the constant.
    def shifted(layer, shift):
        a = mpmath.mpf(simulated.INPUT)
        for k, w in enumerate(simulated.WEIGHTS, start=1):
            a = 1 / (1 + mpmath.exp(-(w * a + (shift if k == layer else 0))))
        return (a - 1) ** 2 / 2

    _, texts, _ = drawn(figures.three_units)
    for layer in (1, 2, 3):
        expected = float(slope_of(lambda s, layer=layer: shifted(layer, s), mpmath.mpf(0)))
        (told,) = (t.split("\n")[1] for t in texts if t.startswith("δ" + "₁₂₃"[layer - 1]))
        assert float(told) == pytest.approx(expected, rel=5e-3)


@pytest.mark.parametrize("step", range(10))
def test_each_step_shows_one_thing_more_and_computes_what_it_says(step):
    caption, texts, _ = drawn(figures.three_units, step=step)
    if step:
        _, before, _ = drawn(figures.three_units, step=step - 1)
        assert len(texts) > len(before)
    for left, right, result in re.findall(
        r"= (−?[\d.]+) × (−?[\d.]+) = (−?[\d.]+)(?=[.,])", caption
    ):
        one, two, told = (float(v.rstrip(".").replace("−", "-")) for v in (left, right, result))
        assert one * two == pytest.approx(told, rel=0.01)


@pytest.mark.parametrize("mark", figures.MARKS)
def test_row_forward_and_column_backward(mark):
    kind, place = mark.split()
    caption, texts, ax = drawn(figures.layer, mark=mark)
    W, a, delta = figures.LAYER, figures.HEARD, figures.ERROR
    all_of_them = W @ a if kind == "forward" else W.T @ delta
    told = float(re.search(r"= (−?[\d.]+),", caption)[1].replace("−", "-"))
    assert told == pytest.approx(all_of_them[int(place) - 1], abs=1e-9)
    strong = [p for p in ax.patches if isinstance(p, FancyArrowPatch) and p.get_linewidth() > 2]
    assert len(strong) == (3 if kind == "forward" else 2)
    (marked,) = (p for p in ax.patches if isinstance(p, Rectangle))
    assert marked.get_alpha() == 0.2
    numbers = [float(t) for t in texts if re.fullmatch(r"-?[\d.]+", t)]
    assert sum(numbers) == pytest.approx(  # on the marked edges, in the matrix, twice the values
        (W[int(place) - 1] if kind == "forward" else W[:, int(place) - 1]).sum()
        + W.sum()
        + 2 * (a.sum() if kind == "forward" else delta.sum())
    )


def test_other_marks_are_refused():
    with pytest.raises(ValueError, match="mark must be one of forward 1"):
        drawn(figures.layer, mark="sideways 1")


def both_examples(first, last):
    return sum((last / (1 + mpmath.exp(-first * x)) - y) ** 2 / 2 for x, y in simulated.EXAMPLES)


def test_gradients_of_two_layers_against_a_difference():
    first, last = mpmath.mpf(simulated.FIRST), mpmath.mpf(simulated.LAST)
    found = simulated.two_layer_gradients(simulated.FIRST, simulated.LAST)
    assert found[0] == pytest.approx(float(both_examples(first, last)))
    assert found[1] == pytest.approx(float(slope_of(lambda w: both_examples(w, last), first)))
    assert found[2] == pytest.approx(float(slope_of(lambda w: both_examples(first, w), last)))
    _, texts, _ = drawn(figures.one_rate, rate=1.0)
    numbers = [float(t) for t in texts if re.fullmatch(r"-?\d*\.\d+", t)]
    assert numbers == pytest.approx([found[1], found[2]], rel=5e-3)


@pytest.mark.parametrize("rate", [0.5, 1.9, 2.5, 100.0])
def test_one_learning_rate_for_two_layers(rate):
    caption, _, _ = drawn(figures.one_rate, rate=rate)
    first, last = mpmath.mpf(simulated.FIRST), mpmath.mpf(simulated.LAST)
    for _ in range(20):
        steps = (
            slope_of(lambda w, last=last: both_examples(w, last), first),
            slope_of(lambda w, first=first: both_examples(first, w), last),
        )
        first, last = first - rate * steps[0], last - rate * steps[1]
    # The derivative with respect to the last weight is a(1)^2 + a(-1)^2, about 1: 2 is the limit.
    assert ("farther out" in caption) == (rate > 2.03)
    if rate > 2.03:
        assert abs(last) > 10
    else:
        told = re.search(r"still at (−[\d.]+)\.", caption)[1].replace("−", "-")
        assert float(told) == pytest.approx(float(first), abs=2e-3)


def test_bars_are_the_norms_of_the_history():
    norms = [[1e-3, 0.1], [1e-12, 0.5]]
    given = {"histories": {"2 layers": (norms, [0.1, 0.75])}, "epochs": [0, 100]}
    ax = Figure().add_subplot()
    caption = learning.bars_by_layer(ax, network="2 layers", epoch=0, **given)
    assert [p.get_y() + p.get_height() for p in ax.patches] == pytest.approx([1e-3, 0.1])
    assert "gradient of layer 1 is 0.01 times that of layer 2, and 10%" in caption
    ax = Figure().add_subplot()
    caption = learning.bars_by_layer(ax, network="2 layers", epoch=100, **given)
    assert ax.patches[0].get_height() == pytest.approx(0)  # below the axis, but with its number
    assert "1·10⁻¹²" in [text.get_text() for text in ax.texts]
    assert "2.0·10⁻¹²" in caption
    assert "75%" in caption
    page = StaticExplorer(  # the page keeps what it takes to draw a frame again
        learning.bars_by_layer,
        make_controls(
            learning.bars_by_layer, {"network": ["2 layers"], "epoch": [0, 100]},
            start={}, labels={}, units={}, fixed=given,
        ),
        given,
        None,
    )._repr_html_()  # fmt: skip
    fixed = json.loads(html.unescape(re.search(r'data-fixed="([^"]*)"', page)[1]))
    again = Stage(learning.bars_by_layer).frame(fixed | {"network": "2 layers", "epoch": 100})
    assert again.caption == caption


def test_drawings_have_no_axes_and_fit_their_canvas():
    for draw in (figures.three_units, figures.wiggle, figures.layer):
        (picture,) = Stage(draw).frame({}).pictures
        width, height = draw.canvas
        assert f'viewBox="0 0 {width} {height}"' in picture
        figure = Figure(figsize=(width / 72, height / 72), dpi=72)
        renderer = FigureCanvasAgg(figure).get_renderer()
        with mpl.rc_context(RC):
            ax = figure.add_axes((0, 0, 1, 1))
            draw(ax)
        for text in ax.texts:
            box = text.get_window_extent(renderer)
            assert box.x0 > -6, text
            assert box.x1 < width + 6, text
            assert box.y0 > -6, text
            assert box.y1 < height + 6, text
