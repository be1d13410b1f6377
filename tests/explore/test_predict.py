"""An explorer that asks before it shows: what is refused, and what the page is told."""

import json

import pytest
from bs4 import BeautifulSoup

from lib import ask
from lib.explore import explore


def dot(ax, *, place=0, kind="a"):
    """A dot at a place."""
    ax.plot([place], [0], "o")
    return f"The dot {kind} is at {place}."


WHERE = ask.choice("Where?", right="at 5", because="It rolls.", wrong={"at 0": "It moves."})


@pytest.fixture(autouse=True)
def page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VANISHING_GRADIENTS_STATIC", "1")


def test_a_page_is_told_where_the_figure_opens() -> None:
    made = explore(dot, place=(0, 5), kind=["a", "b"], predict=WHERE, opens={"kind": "b"})
    box = BeautifulSoup(made._repr_html_(), "html.parser").select_one(".prediction")
    assert json.loads(box["data-opens"]) == {"kind": 1}
    figure = box.select_one(".prediction-figure > figure.explorer")
    assert box.select_one(".question")["data-before"] == figure["id"]
    assert figure.select_one("figcaption").get_text() == "The dot a is at 0."


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ({"predict": "Where?"}, TypeError, "predict must be a question"),
        ({"opens": {"place": 5}}, ValueError, "opens needs a question"),
        ({"predict": WHERE, "opens": {"speed": 5}}, ValueError, "opens names 'speed'"),
        ({"predict": WHERE, "opens": {"place": 9}}, ValueError, "opens of place must be one of"),
    ],
)
def test_what_cannot_open_is_refused(given, error, words) -> None:
    with pytest.raises(error, match=words):
        explore(dot, place=(0, 5), **given)
