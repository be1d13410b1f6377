"""SVG as the pages need it: small, in the page's ink, with ids of its own; and axes as text."""

import os
import re
import subprocess
import sys

import pytest
from matplotlib.figure import Figure

from lib.figures import underflow
from lib.figures.render import ID_MARK, Stage
from lib.figures.style import COLORS, DARK_COLORS, log_axis, panels, power_of_ten, superscript


@panels(2)
def pair(axes, *, top=1.0):
    """Two panels."""
    for ax in axes:
        ax.plot([0, 1], [0, top], "o-")
        ax.set_title("plain & <simple>")
    return "two"


def silent(ax):
    """No caption."""


def test_every_panel_is_a_picture_in_the_ink_of_the_page():
    frame = Stage(pair).frame({})
    assert len(frame.pictures) == 2
    for picture in frame.pictures:
        assert picture.startswith("<svg ")
        assert picture.endswith("</svg>")
        assert "currentColor" in picture
        assert "#010203" not in picture
        assert "plain &amp; &lt;simple&gt;" in picture
        assert not re.search(r"\d\.\d\d", re.sub(r"style=\"[^\"]*\"", "", picture))


def test_ids_are_marked_and_differ_between_panels():
    ids = [set(re.findall(r' id="([^"]+)"', p)) for p in Stage(pair).frame({}).pictures]
    assert all(name.startswith(ID_MARK) for names in ids for name in names)
    assert ids[0]
    assert not ids[0] & ids[1]
    for picture in Stage(pair).frame({}).pictures:
        used = set(re.findall(r"(?:href=\"#|url\(#)([^\")]+)", picture))
        assert used <= set(re.findall(r' id="([^"]+)"', picture))


def test_drawing_again_leaves_no_trace_of_the_frame_before():
    stage = Stage(pair)
    first = stage.frame({"top": 1.0})
    stage.frame({"top": 7.0})
    assert stage.frame({"top": 1.0}) == first


def quoted(ax):
    """Quotation marks."""
    ax.set_title('The "dead" zone')
    return "quoted"


def test_text_keeps_its_quotation_marks():
    assert '>The "dead" zone</text>' in Stage(quoted).frame({}).pictures[0]


def labelled(ax, *, top=1.0):
    """An axis whose numbers get wider."""
    ax.set(ylim=(0, top), ylabel="Height")
    return "labelled"


def test_label_stays_where_it_is_when_the_numbers_get_wider():
    stage = Stage(labelled)
    places = {
        re.search(r"<text [^>]*>Height</text>", stage.frame({"top": top}).pictures[0]).group()
        for top in (1.0, 10_000.0)
    }
    assert len(places) == 1


def test_draw_function_without_a_caption_is_refused():
    with pytest.raises(TypeError, match="returns its caption; got None"):
        Stage(silent).frame({})


@pytest.mark.parametrize("count", [0, 1, 4])
def test_other_numbers_of_panels_are_refused(count):
    with pytest.raises(ValueError, match=f"count must be 2 or 3; got {count}"):
        panels(count)


def luminance(color: str) -> float:
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("color", COLORS)
@pytest.mark.parametrize("ground", ["#ffffff", "#121212"])
def test_colors_stand_out_from_both_grounds(color, ground):
    low, high = sorted((luminance(color), luminance(ground)))
    assert (high + 0.05) / (low + 0.05) >= 3


@pytest.mark.parametrize("color", DARK_COLORS)
def test_inks_of_a_dark_page_stand_out_from_it(color):
    assert (luminance(color) + 0.05) / (luminance("#121212") + 0.05) >= 6


def test_a_picture_names_its_inks_so_that_a_page_can_change_them():
    def inked(ax):
        """Every color, and a band."""
        for color in COLORS:
            ax.plot([0, 1], [0, 1], color=color)
        ax.fill_between([0, 1], [0, 0], [1, 1], color=COLORS[1], alpha=0.22)
        ax.text(0, 0, "on a color", color="white")
        return "inked"

    picture = Stage(inked).frame({}).pictures[0]
    for number, color in enumerate(COLORS, start=1):
        assert f"stroke: var(--ink-{number},{color})" in picture
        assert color not in picture.replace(f",{color})", "")
    assert "fill-opacity: var(--band,0.22)" in picture
    assert "fill: var(--paper,#ffffff)" in picture
    assert "stroke-opacity: 0.15" in picture


def test_powers_of_ten_are_plain_text():
    assert superscript(-31) == "⁻³¹"
    assert [power_of_ten(p) for p in (-31.3, 0.0, -3.0, 6.5)] == [
        "5.0·10⁻³²", "1", "1.0·10⁻³", "3.2·10⁶",
    ]  # fmt: skip
    assert power_of_ten(-3.00001) == "1.0·10⁻³"
    assert power_of_ten(float("-inf")) == "0"


def test_logarithmic_axes_have_plain_labels():
    ax = Figure().add_subplot()
    ax.plot([1, 2], [1e-9, 1e3])
    log_axis(ax.yaxis)
    assert ax.get_yscale() == "log"
    assert ax.get_xscale() == "linear"
    labels = [ax.yaxis.get_major_formatter()(v) for v in (1e-9, 0.01, 1, 1000)]
    assert labels == ["10⁻⁹", "0.01", "1", "1000"]


HOSTILE = {
    "lines.marker": "o", "axes.grid.axis": "x", "axes.xmargin": 0.4, "svg.fonttype": "path",
    "axes.formatter.useoffset": False, "xtick.direction": "in", "legend.loc": "center",
    "text.hinting": "none", "axes.prop_cycle": "cycler('color', ['r'])", "text.usetex": True,
    "path.sketch": "1, 100, 2", "axes.formatter.limits": "-1, 1", "ytick.right": True,
}  # fmt: skip


def test_settings_of_the_user_change_no_picture(tmp_path):
    (tmp_path / "matplotlibrc").write_text(
        "".join(f"{name}: {value}\n" for name, value in HOSTILE.items())
    )
    script = (
        "import matplotlib as mpl\nassert mpl.rcParams['lines.marker'] == 'o'\n"
        "from lib.figures import underflow\nfrom lib.figures.render import Stage\n"
        "print(Stage(underflow.where_products_end).frame({}).pictures[0], end='')"
    )
    drawn = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True,
        env=os.environ | {"MATPLOTLIBRC": str(tmp_path / "matplotlibrc"), "PYTHONUTF8": "1"},
    )  # fmt: skip
    assert drawn.stdout == Stage(underflow.where_products_end).frame({}).pictures[0]
