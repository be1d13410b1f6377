"""The HTML of an explorer: native controls with names, a picture with a description."""

import json

import numpy as np
from bs4 import BeautifulSoup

from lib.explore import explore
from lib.explore.page import StaticExplorer
from lib.figures import backpropagation


def bars(ax, *, height=1, color="red", shown=True):
    """A bar <of some height>."""
    ax.bar([0], [height if shown else 0])
    return f"The {color} bar is {height} high & </script> harmless."


def soup(**arguments):
    made = explore(bars, **arguments)
    assert isinstance(made, StaticExplorer)
    return BeautifulSoup(made._repr_html_(), "html.parser").figure


def test_controls_are_native_and_labelled():
    figure = soup(
        height=(1, 3), color=["red", "blue"], shown=True,
        labels={"height": "Height"}, units={"height": "m"}, start={"height": 2},
    )  # fmt: skip
    slider = figure.select_one("input[type=range]")
    assert figure.find("label", attrs={"for": slider["id"]}).text == "Height"
    assert slider["aria-valuetext"] == figure.output.text == "2 m"
    assert (slider["min"], slider["max"], slider["value"]) == ("0", "2", "1")
    assert [option.text for option in figure.select("option")] == ["red", "blue"]
    assert figure.select_one("input[type=checkbox]").has_attr("checked")
    assert figure.form.has_attr("hidden")  # until the script is there to answer


def test_picture_is_described_and_caption_announced():
    figure = soup(height=(1, 3))
    assert figure.svg["role"] == "img"
    assert figure.svg["aria-label"] == "A bar <of some height>."
    assert figure.svg["aria-describedby"] == figure.figcaption["id"]
    assert figure.figcaption["aria-live"] == "polite"
    assert figure.figcaption.text == "The red bar is 1 high & </script> harmless."


def test_data_cannot_end_its_script():
    figure = soup(height=(1, 3))
    data = json.loads(figure.script.string)
    assert len(data["frames"]) == 3
    assert "The red bar is 3 high & </script> harmless." in data["values"]


def test_figure_without_controls_is_still():
    figure = soup()
    assert figure.svg is not None
    assert figure.form is None
    assert figure.script is None


def test_nothing_takes_a_color_of_its_own_as_ink():
    assert "currentColor" in str(soup().svg)
    assert "#010203" not in str(soup().svg)


def test_option_that_is_no_plain_value_is_known_by_its_name():
    def curve(ax, *, function=np.sin, scale=None):
        """A curve."""
        return f"{function(0.0) * scale.sum():.1f}"

    made = explore(curve, function={"Sine": np.sin, "Cosine": np.cos}, fixed={"scale": np.ones(3)})
    data = json.loads(BeautifulSoup(made._repr_html_(), "html.parser").script.string)
    assert data["controls"][0]["keys"] == ["Sine", "Cosine"]
    assert {"0.0", "3.0"} <= set(data["values"])


def test_no_parameter_takes_the_id_of_another_part():
    def tone(ax, *, caption=1, pitch=1):
        """A tone."""
        return f"{caption} {pitch}"

    figure = BeautifulSoup(
        explore(tone, caption=(1, 2), pitch=(1, 2))._repr_html_(), "html.parser"
    ).figure
    ids = [figure["id"], *(element["id"] for element in figure.select("[id]"))]
    assert len(ids) == len(set(ids))


def test_an_address_names_the_page_of_a_figure_and_not_the_part_of_its_package():
    assert backpropagation.layer.__module__ == "lib.figures.backpropagation._layer"
    figure = explore(backpropagation.layer, mark=list(backpropagation.MARKS[:2]))
    found = BeautifulSoup(figure._repr_html_(), "html.parser").figure["id"]
    assert found.startswith("backpropagation-layer")


def test_values_of_the_options_are_in_the_page_where_they_are_plain():
    def wave(ax, *, kind="a", scale=1.0, shape=None):
        """A wave."""
        return f"{kind} {scale}"

    kinds = {"Small": 0.5, "Large": 0.5, "Curve": np.sin, "Nothing": float("nan")}
    made = explore(wave, kind=["a", "b"], scale=kinds)
    data = json.loads(BeautifulSoup(made._repr_html_(), "html.parser").script.string)
    assert data["controls"][0]["values"] == ["a", "b"]
    assert data["controls"][1]["values"] == [0.5, 0.5, None, None]
    assert data["controls"][1]["keys"] == list(kinds)
