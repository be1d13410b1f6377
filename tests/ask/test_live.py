"""In a kernel a question is made of widgets, with the flow of the page."""

import nbformat
import pytest
from nbclient import NotebookClient

from lib import ask
from lib.ask.live import LiveQuestion
from lib.explore import predict
from lib.explore.controls import make_controls
from lib.explore.live import LiveExplorer


def letters() -> LiveQuestion:
    return LiveQuestion(
        ask.choice("Which of *a* and $b$ is second?", right="$b$", because="It follows $a$.",
                   wrong={"a": "It is first."}, hints=("Count.", "Count again."))
    )  # fmt: skip


def test_each_click_says_what_the_page_says() -> None:
    live = letters()
    live.check.click()
    assert "Choose an answer first." in live.feedback.value
    options = list(live.input[0].options)
    assert sorted(options) == ["a", "b"]
    live.input[0].index = options.index("a")
    live.check.click()
    assert "✗ Not quite. It is first." in live.feedback.value
    live.input[0].index = options.index("b")
    live.check.click()
    assert "✓ Right. It follows" in live.feedback.value


def test_hints_come_one_by_one() -> None:
    live = letters()
    live.hint.click()
    assert ("Count." in live.hints.value, "again" in live.hints.value) == (True, False)
    live.hint.click()
    assert "Count again." in live.hints.value
    assert live.hint.disabled
    live.show.click()
    assert "Answer: " in live.feedback.value


def test_several_numbers_and_formulas_are_judged() -> None:
    several = LiveQuestion(
        ask.choices("Which?", right={"x": "So."}, wrong={"y": "No."}, because="So.")
    )
    for box in several.input:
        box.value = box.description == "x"
    several.check.click()
    assert "✓ Right." in several.feedback.value
    number = LiveQuestion(ask.number("?", right=2.0, absolute=0, because="Two."))
    for text, said in (("3", "Too large"), ("two", "is no number"), ("4/2", "✓ Right. Two.")):
        number.input[0].value = text
        number.check.click()
        assert said in number.feedback.value
    form = LiveQuestion(ask.formula("?", right="x**2", variables={"x": (0, 3)}, because="So."))
    form.input[0].value = "x·x"
    form.check.click()
    assert "proved" in form.feedback.value


def dot(ax, *, place=0):
    """A dot at a place."""
    ax.plot([place], [0], "o")
    return f"The dot is at {place}."


@pytest.mark.parametrize("passes", [True, False])
def test_a_figure_waits_and_opens_at_the_setting_that_answers(passes: bool) -> None:
    controls = make_controls(dot, {"place": (0, 5)}, start={}, labels={}, units={}, fixed={})
    explorer = LiveExplorer(dot, controls, {})
    question = ask.scale("Where?", right=5, between=(0, 10), step=1, because="It rolled.")
    asked: list[LiveQuestion] = []
    original = predict.LiveQuestion
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(predict, "LiveQuestion", lambda *a: asked.append(original(*a)) or asked[-1])
        box = predict.waiting(question, explorer.widget, lambda: explorer.move({"place": 5}))
    (live,) = asked
    assert box.children == (live.widget, explorer.widget)
    assert explorer.widget.layout.display == "none"
    live.input[0].index = 2
    (live.show if passes else live.check).click()
    assert explorer.widget.layout.display == ""  # a kernel in a page cannot send None
    assert "The dot is at 5." in explorer.caption.value
    told = "Answer: 5. It rolled." if passes else "You said 2; it is 5: 3 too small. It rolled."
    assert told in live.feedback.value
    assert live.buttons.layout.display == "none"


CELLS = (
    """
from lib import ask
from lib.explore import explore
ask.number("What is 1 + 1?", right=2, absolute=0, because="Count.")
""",
    """
def dot(ax, *, place=0):
    "A dot at a place."
    ax.plot([place], [0], "o")
    return f"The dot is at {place}."
where = ask.choice("Where?", right="at 5", because="It rolls.", wrong={"at 0": "It moves."})
box = explore(dot, place=(0, 5), predict=where, opens={"place": 5})
question, figure = box.children
assert figure.layout.display == "none"
question.children[-3].children[-1].click()
assert figure.layout.display == "" and "The dot is at 5." in figure.children[2].value
box
""",
    """
still = explore(dot, predict=where)
assert still.children[1].layout.display == "none" and "<svg" in still.children[1].value
""",
)


def test_a_kernel_shows_widgets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VANISHING_GRADIENTS_STATIC", raising=False)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in CELLS])
    NotebookClient(notebook, timeout=1200, kernel_name="python3").execute()
    for cell in notebook.cells[:2]:
        assert "application/vnd.jupyter.widget-view+json" in cell.outputs[-1].data
