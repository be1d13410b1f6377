"""What a built page asks: its questions, predictions, missing lines and tasks, as Markdown."""

import re
from dataclasses import dataclass, field

from bs4 import BeautifulSoup, Tag

# A page is several megabytes of figures; these are its questions.
ASKING = re.compile(
    r'<div class="(?:question|task)[ "].*?'
    r'(?:</script></div>|<p class="task-state" role="status"></p></div>)',
    re.DOTALL,
)
LINE = "Your answer: ____________________"
GAP = (
    "Write the line into the cell of the proof, in the place of the comment, and run that cell: "
    "it checks the proof."
)


@dataclass
class Asked:
    """A question, a prediction, a missing line or a task, as Markdown.

    Attributes
    ----------
    kind : str
        As the page names it: Question, Predict, ...; Task.
    text : str
    choices : list of str
        Answers to choose from.
    line : str
        Where the answer is written, if there is nothing to choose.
    hints : list of str
    answer : str
        The right answer and why.
    others : list of str
        Wrong answers, each with its mistake.
    calls : list of str
        Visible tests of a task.
    """

    kind: str
    text: str
    choices: list[str] = field(default_factory=list)
    line: str = ""
    hints: list[str] = field(default_factory=list)
    answer: str = ""
    others: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)

    def question(self, number: int) -> str:
        """Write what students get."""
        parts = [f"**{self.kind} {number}.** {self.text}"]
        if self.choices:
            parts.append("\n".join(f"- ☐ {choice}" for choice in self.choices))
        if self.line:
            parts.append(self.line)
        parts += [
            f"<details><summary>Hint</summary>\n\n{hint}\n\n</details>" for hint in self.hints
        ]
        return "\n\n".join(parts)

    def key(self, number: int) -> str:
        """Write what teachers get."""
        wrong = "\n".join(f"- {other}" for other in self.others)
        parts = [f"**{self.kind} {number}: answer.** {self.answer}", wrong]
        return "\n\n".join(part for part in parts if part)


def markdown(element: Tag) -> str:
    r"""Write an element as Markdown.

    >>> html = '<p><em>Twice</em> <code>x</code> is <math data-tex="2x">2x</math>.</p>'
    >>> markdown(BeautifulSoup(html, "html.parser").p)
    '*Twice* `x` is $2x$.'
    """
    copied = BeautifulSoup(str(element), "html.parser")
    for one in copied.select(".question-word, script"):
        one.decompose()
    for one in copied.select("math"):
        one.replace_with(f"${one['data-tex']}$")
    for tag, mark in (("code", "`"), ("em", "*"), ("strong", "**")):
        for one in copied.select(tag):
            one.replace_with(f"{mark}{one.get_text()}{mark}")
    return " ".join(copied.get_text().split())


def asked_by(html: str) -> list[Asked]:
    """Return what a built page asks, in its order."""
    found = []
    for text in ASKING.findall(html):
        element = BeautifulSoup(text, "html.parser").div
        assert element is not None
        found.append(_task(element) if "task" in element["class"] else _question(element))
    return found


def _question(element: Tag) -> Asked:
    legend, answer = element.select_one("legend"), element.select_one(".question-answer > p")
    assert legend is not None
    assert answer is not None
    word = legend.select_one(".question-word")
    shown = [markdown(label) for label in element.select(".question-option label")]
    line = ""
    scale = element.select_one(".question-scale")
    if scale is not None:
        ends = re.findall(r'"shown": ?\[(.*?)\]', str(element.select_one("script")))
        values = re.findall(r'"((?:[^"\\]|\\.)*)"', ends[0]) if ends else []
        line = f"{LINE} (from {values[0]} to {values[-1]})" if values else LINE
    elif '"kind":"gap"' in str(element.select_one("script")):
        line = GAP
    elif not shown:
        unit = element.select_one(".question-unit")
        line = LINE if unit is None else f"{LINE} {markdown(unit)}"
    return Asked(
        kind=word.get_text(strip=True) if word is not None else "Question",
        text=markdown(legend), choices=shown, line=line,
        hints=[markdown(hint) for hint in element.select(".question-hint p")],
        answer=markdown(answer),
        others=[markdown(li) for li in element.select(".question-others li:not(.question-right)")],
    )  # fmt: skip


def _task(element: Tag) -> Asked:
    statement, solution = element.select_one(".task-statement"), element.select_one("pre")
    assert statement is not None
    assert solution is not None
    rows = [[markdown(td) for td in tr.select("td")] for tr in element.select(".task-examples tr")]
    rows = [row for row in rows if row]
    heads = [markdown(th) for th in element.select(".task-examples th")]
    table = "\n".join(f"| {' | '.join(row)} |" for row in [heads, ["---"] * len(heads), *rows])
    return Asked(
        kind="Task", text=markdown(statement) + (f"\n\n{table}" if rows else ""),
        hints=[markdown(hint) for hint in element.select(".task-hint p")],
        answer=f"\n\n```python\n{solution.get_text().rstrip()}\n```",
        others=[markdown(li) for li in element.select(".task-solution li")],
        calls=[row[0].strip("`") for row in rows],
    )  # fmt: skip
