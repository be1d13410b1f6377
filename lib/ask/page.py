"""A question as HTML: a form that the page's script marks, complete without it.

The script is book/_static/ask.js. Without it, and on paper, the question stands with its options,
and hints and answer are folded below it.
"""

import json
from collections.abc import Mapping
from html import escape

from lib.ask.gaps import Gap
from lib.ask.options import Option
from lib.ask.questions import Choice, Formula, Number, Question, Scale
from lib.ask.words import ended, folded_hints, plain, rich
from lib.symbolic.printing import latex_of_name

ROW = 80  # characters that stand side by side in the text's column


def html_of(question: Question, *, before: str = "") -> str:
    """Write a question.

    Parameters
    ----------
    before : str
        Name of the element that waits for the answer, if this is a prediction.
    """
    name = question.name
    role = f' data-before="{before}"' if before else ""
    word = "Predict" if before else "Question"
    data = json.dumps(question.data(), ensure_ascii=False, separators=(",", ":"))
    data = data.replace("</", "<\\/")
    hints = folded_hints(question.hints, "question-hint")
    return (
        f'<div class="question{_brief(question)}" id="{name}"{role}>'
        f'<form autocomplete="off" novalidate><fieldset><legend><span class="question-word">{word}'
        f"</span> {rich(question.prompt)}</legend>{_proof(question)}{_input(question)}"
        '<div class="question-buttons" hidden><button type="submit">'
        f"{'Answer' if before else 'Check'}</button></div>{hints}{_answer(question)}"
        '</fieldset></form><p class="question-feedback" role="status" tabindex="-1"></p>'
        f'<script type="application/json">{data}</script></div>'
    )


def prediction(question: Question, figure: str, name: str, settings: Mapping[str, int]) -> str:
    """Write a question and the figure that waits for its answer.

    Parameters
    ----------
    figure, name : str
        The figure as HTML, and its name.
    settings : mapping of str to int
        Controls of the figure, and the place of the value that answers.
    """
    opens = escape(json.dumps(dict(settings)))
    return (
        f'<div class="prediction" data-opens="{opens}">{html_of(question, before=name)}'
        f'<div class="prediction-figure">{figure}</div></div>'
    )


def _brief(question: Question) -> str:
    """Name the questions whose options have room side by side."""
    if not isinstance(question, Choice):
        return ""
    room = sum(len(option.shown) + 5 for option in question.options)
    return " question-brief" if room <= ROW else ""


def _spoken(text: str) -> str:
    """Name an option for those who hear it, if formulas stand in it."""
    return f' aria-label="{escape(text.replace("$", ""))}"' if "$" in text else ""


def _input(question: Question) -> str:
    name = question.name
    if isinstance(question, Choice):
        kind = "radio" if question.kind == "choice" else "checkbox"
        return "".join(
            f'<div class="question-option"><input type="{kind}" name="{name}" id="{name}-{i}" '
            f'value="{i}"{_spoken(option.shown)}>'
            f'<label for="{name}-{i}">{rich(option.shown)}</label></div>'
            for i, option in enumerate(question.options)
        )
    if isinstance(question, Scale):
        room, first = max(map(len, question.shown)), escape(question.shown[question.start])
        return (
            f'<div class="question-scale"><label for="{name}-0">Your answer</label>'
            f'<input type="range" id="{name}-0" min="0" max="{len(question.values) - 1}" step="1" '
            f'value="{question.start}" aria-valuetext="{first}">'
            f'<output for="{name}-0" style="min-width: {room}ch">{first}'
            "</output></div>"
        )
    unit, example, typed = "", "", ""
    if isinstance(question, Number) and question.unit:
        unit = f'<span class="question-unit">{rich(question.unit)}</span>'
    if isinstance(question, Formula):
        example = f' <span class="question-in">{rich(f"(in {_names(question)})")}</span>'
        typed = '<div class="question-typed" hidden></div>'
    word = "Your line" if isinstance(question, Gap) else "Your answer"
    return (
        f'<div class="question-line"><label for="{name}-0">{word}{example}</label>'
        f'<input type="text" id="{name}-0" spellcheck="false" autocapitalize="off" '
        f'maxlength="200">{unit}{typed}</div>'
    )


def _names(question: Formula) -> str:
    """List what an answer may hold, and what it stands for if that is not its name."""
    if not isinstance(question, Gap):
        return ", ".join(plain(name) for name, _ in question.variables)
    listed = []
    for name, meaning in question.meant:
        form = question.proof.read(meaning).latex
        known = form == latex_of_name(name)
        listed.append(f"`{name}`" if known else f"`{name}` for ${form}$")
    return ", ".join(listed) or "numbers alone"


def _proof(question: Question) -> str:
    """Write the proof that has the gap."""
    if not isinstance(question, Gap):
        return ""
    return f'<div class="question-proof">{question.html()}</div>'


def _answer(question: Question) -> str:
    others = [_other(i, option) for i, option in enumerate(question.options)]
    if not isinstance(question, Choice):
        others = [_other(i, option) for i, option in enumerate(question.wrong)]
    listed = f'<ul class="question-others">{"".join(others)}</ul>' if question.wrong else ""
    word, typed = "Answer", ""
    if isinstance(question, Gap):
        word = "Show the line"
        typed = f"<p>It can be typed as <code>{escape(question.typed)}</code>.</p>"
    return (
        f'<details class="question-answer"><summary>{word}</summary>'
        f"<p>{_stopped(f'<strong>{rich(question.answer)}</strong>', question.answer)} "
        f'<span class="question-because">{rich(question.because)}</span></p>{typed}{listed}'
        "</details>"
    )


def _other(number: int, option: Option) -> str:
    hidden = ' class="question-right"' if option.right else ""
    shown = _stopped(f'<span class="question-shown">{rich(option.shown)}</span>', option.shown)
    said = f'<span class="question-said">{rich(option.said)}</span>'
    return f'<li data-option="{number}"{hidden}>{shown} {said}</li>'


def _stopped(html: str, text: str) -> str:
    """End a sentence; a formula keeps the period on its line."""
    html += ended(text).removeprefix(text)
    alone = text.count("$") == 2 and text[0] == text[-1] == "$"
    return f'<span class="unbroken">{html}</span>' if alone else html
