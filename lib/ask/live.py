"""A question in a running kernel: widgets with the flow of the page."""

from collections.abc import Callable
from typing import Any

import ipywidgets as widgets

from lib.ask.gaps import Gap
from lib.ask.parser import Unreadable, parse
from lib.ask.questions import Choice, Formula, Question, Scale, Verdict
from lib.ask.words import ended, plain, rich

WIDE = {"width": "auto", "max_width": "48rem"}


class LiveQuestion:
    """A question, its input, its buttons, and what is said to the answer.

    Attributes
    ----------
    widget : ipywidgets.VBox
        The prompt, the input, a row of buttons, the hints, and the feedback.
    input : list of ipywidgets widget
        One for each option of several, otherwise one.
    """

    def __init__(self, question: Question, opens: Callable[[], None] | None = None) -> None:
        self.question, self.opens, self.given = question, opens, 0
        word = "Predict" if opens else "Question"
        self.prompt = widgets.HTMLMath(f"<p><b>{word}.</b> {rich(question.prompt)}</p>")
        self.input = _inputs(question)
        self.check = widgets.Button(description="Answer" if opens else "Check")
        self.hint = widgets.Button(description="Hint")
        shows = "the line" if isinstance(question, Gap) else "the answer"
        self.show = widgets.Button(description="Show me" if opens else f"Show {shows}")
        self.proof, self.typed = widgets.HTMLMath(), widgets.HTMLMath()
        self.hints, self.feedback = widgets.HTMLMath(), widgets.HTMLMath()
        buttons = [self.check, *([self.hint] if question.hints else []), self.show]
        self.buttons = widgets.HBox(buttons)
        proof = [self.proof] if isinstance(question, Gap) else []
        typed = [self.typed] if isinstance(question, Formula) else []
        self.widget = widgets.VBox(
            [self.prompt, *proof, *self.input, *typed, self.buttons, self.hints, self.feedback]
        )
        self.fill(False)
        self.check.on_click(lambda _: self.judge())
        self.hint.on_click(lambda _: self.give_hint())
        self.show.on_click(lambda _: self.tell())
        for one in self.input:
            if isinstance(question, Formula):
                one.observe(lambda _: self.follow(), names="value")
                one.on_msg(lambda _, said, __: self.submitted(said))
            elif isinstance(one, widgets.Text):
                one.observe(lambda _: self.judge(), names="value")

    def answer(self) -> Any:
        """Return what the reader has given, or None where nothing is."""
        if isinstance(self.question, Scale):
            return self.input[0].index
        if not isinstance(self.question, Choice):
            return self.input[0].value
        if self.question.kind == "choice":
            return self.input[0].index
        return {i for i, one in enumerate(self.input) if one.value}

    def judge(self) -> None:
        """Judge the answer, and say what there is to say."""
        given = self.answer()
        if given is None:
            self.say(Verdict(None, "Choose an answer first."))
            return
        verdict = self.question.judge(given)
        if self.opens and verdict.right is not None:
            if verdict.right is False and not isinstance(self.question, Scale):
                answer = f"It is: {ended(self.question.answer)} {self.question.because}"
                verdict = Verdict(False, f"{verdict.text} {answer}")
            self.open()
        if verdict.right:
            self.fill(True)
        self.say(verdict)

    def submitted(self, said: Any) -> None:
        """Judge a formula when Enter is pressed."""
        if said.get("event") == "submit":
            self.judge()

    def follow(self) -> None:
        """Display a formula as it is read while it is typed."""
        assert isinstance(self.question, Formula)
        shown = self.question.displayed
        try:
            latex = parse(self.answer(), list(shown)).latex(shown)
        except Unreadable:
            latex = ""
        self.typed.value = rich(f"${latex}$") if latex else ""

    def fill(self, filled: bool) -> None:
        """Put the line into the proof, or leave its gap."""
        if isinstance(self.question, Gap):
            self.proof.value = self.question.html(filled=filled)

    def give_hint(self) -> None:
        """Give one hint more."""
        self.given = min(self.given + 1, len(self.question.hints))
        lines = [f"<li>{rich(hint)}</li>" for hint in self.question.hints[: self.given]]
        self.hints.value = f"<ol>{''.join(lines)}</ol>"
        self.hint.disabled = self.given == len(self.question.hints)

    def tell(self) -> None:
        """Tell the answer, or open what waits for it."""
        question = self.question
        self.fill(True)
        self.say(Verdict(None, f"Answer: {ended(question.answer)} {question.because}"))
        if self.opens:
            self.open()

    def open(self) -> None:
        """Open what waits for the answer; there is one."""
        assert self.opens is not None
        self.buttons.layout.display = "none"
        for one in self.input:
            one.disabled = True
        self.opens()

    def say(self, verdict: Verdict) -> None:
        """Show a verdict in the words of the page."""
        start = {True: "✓ Right. ", False: "✗ Not quite. ", None: ""}[verdict.right]
        self.feedback.value = f'<p role="status">{start}{rich(verdict.text)}</p>'


def _inputs(question: Question) -> list[Any]:
    if isinstance(question, Scale):
        options = [(text, i) for i, text in enumerate(question.shown)]
        return [
            widgets.SelectionSlider(options=options, index=question.start,
                                    description="Your answer",
                                    style={"description_width": "initial"}, layout=WIDE)
        ]  # fmt: skip
    if not isinstance(question, Choice):
        unit = plain(getattr(question, "unit", ""))
        typed = isinstance(question, Formula)
        if isinstance(question, Formula):
            unit = f"in {', '.join(name for name, _ in question.variables)}"
        word = "Your line" if isinstance(question, Gap) else "Your answer"
        return [widgets.Text(description=word, placeholder=unit, continuous_update=typed,
                             style={"description_width": "initial"})]  # fmt: skip
    texts = [plain(option.shown) for option in question.options]
    if question.kind == "choice":
        return [widgets.RadioButtons(options=texts, index=None, layout=WIDE)]
    return [widgets.Checkbox(False, description=t, indent=False, layout=WIDE) for t in texts]
