"""What a chapter takes, a mark when it is done, and a page that shows how far one has come.

How long a chapter takes is counted when it is read. The rest is done in the browser, by the script
that marks the questions: nothing of it leaves the reader's machine.
"""

import json
import re
from dataclasses import dataclass
from html import escape
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective
from tips import objectives

# The rule by which the time is computed, which the page of progress states.
WORDS_A_MINUTE = 120
MINUTES = {"formula": 0.5, "question": 1.0, "figure": 1.0}
ROUNDED = 5

PROGRESS = "book/progress"
PLACE = "progress-place"
QUESTION = re.compile(r'<div class="question[ "][^>]*id="([\w-]+)"([^>]*)>')
FIGURE = re.compile(r'<figure class="explorer')
LINE = re.compile(r'class="derivation-(?:step|let)')


@dataclass(frozen=True)
class Measured:
    """What is in a chapter.

    Attributes
    ----------
    words : int
        Of the text, without code, exercises and their solutions.
    formulas, figures : int
        Formulas on lines of their own, lines of derivations included; and figures.
    questions : int
        Questions and predictions.
    asked : tuple of str
        Names of the questions that are not predictions.
    """

    words: int
    formulas: int
    figures: int
    questions: int
    asked: tuple[str, ...]

    @property
    def minutes(self) -> int:
        """Time for the chapter, rounded.

        Examples
        --------
        >>> Measured(words=3600, formulas=20, figures=5, questions=12, asked=()).minutes
        55
        """
        time = self.words / WORDS_A_MINUTE + self.formulas * MINUTES["formula"]
        time += self.figures * MINUTES["figure"] + self.questions * MINUTES["question"]
        return max(ROUNDED, ROUNDED * int(time / ROUNDED + 0.5))


def words_of(node: nodes.Node) -> int:
    """Count the words of a node that are read in passing."""
    if isinstance(node, nodes.Text):
        return len(node.astext().split())
    unread = (nodes.literal_block, nodes.raw, nodes.Invisible, nodes.math_block)
    if isinstance(node, nodes.reference) and "cites" in node:
        return 1
    if not isinstance(node, nodes.Element) or isinstance(node, unread):
        return 0
    if node.get("nb_element") == "cell_code" or {"exercise", "dropdown"} & set(node["classes"]):
        return 0
    return sum(words_of(child) for child in node.children)


def measured(document: nodes.document) -> Measured:
    """Count what is in a page."""
    html = "\n".join(node.astext() for node in document.findall(nodes.raw))
    asked = QUESTION.findall(html)
    return Measured(
        words=words_of(document),
        formulas=len(list(document.findall(nodes.math_block))) + len(LINE.findall(html)),
        figures=len(FIGURE.findall(html)) + len(list(document.findall(nodes.image))),
        questions=len(asked),
        asked=tuple(name for name, more in asked if "data-before" not in more),
    )


def box_of(document: nodes.document) -> nodes.admonition | None:
    """Return the box that says what a chapter is for."""
    return next((one for one in document.findall(nodes.admonition) if objectives(one)), None)


def chapters(env: BuildEnvironment) -> dict[str, Measured]:
    """Return what is kept of the chapters, by their names."""
    settings: Any = env
    if not hasattr(settings, "measured_chapters"):
        settings.measured_chapters = {}
    found: dict[str, Measured] = settings.measured_chapters
    return found


def measure(app: Sphinx, document: nodes.document) -> None:
    """Count a chapter when it has been read."""
    if box_of(document) is not None:
        chapters(app.env)[app.env.docname] = measured(document)


def forget(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """Forget a chapter that will be read again."""
    chapters(env).pop(docname, None)


def merge(app: Sphinx, env: BuildEnvironment, docnames: list[str], other: Any) -> None:
    """Take over the chapters that another process has read."""
    chapters(env).update({k: v for k, v in chapters(other).items() if k in docnames})


class Progress(SphinxDirective):
    """``{progress}``: the table that shows how far one has come."""

    def run(self) -> list[nodes.Node]:
        """Keep a place for the table: how many questions there are is known only later."""
        return [nodes.container(classes=[PLACE])]


def renew(app: Sphinx, env: BuildEnvironment) -> list[str]:
    """Let the page of progress be written again, whatever has changed."""
    return [name for name in (PROGRESS,) if name in env.found_docs]


def complete(app: Sphinx, document: nodes.document, docname: str) -> None:
    """Say how long a chapter takes, let it be marked as done, and write the table."""
    known = chapters(app.env)
    places = [one for one in document.findall(nodes.container) if PLACE in one["classes"]]
    for place in places:
        place.replace_self(nodes.raw("", table_of(app, docname), format="html"))
    if docname not in known:
        return
    box = box_of(document)
    assert box is not None
    last = box.children[-1]
    if not isinstance(last, nodes.paragraph):
        last = nodes.paragraph()
        box += last
    time = f" It takes about {known[docname].minutes} minutes, without the exercises."
    last += nodes.inline("", time, classes=["chapter-time"])
    section = next(document.findall(nodes.section))
    section += nodes.raw("", DONE, format="html")


DONE = (
    '<div class="chapter-done" hidden><label><input type="checkbox" id="chapter-done"> '
    "I am done with this chapter</label></div>"
)


def table_of(app: Sphinx, docname: str) -> str:
    """Write the table of all chapters, which the script of the page fills in."""
    order = [name for name in toc_of(app.env) if name in chapters(app.env)]
    rows = []
    for name in order:
        chapter = chapters(app.env)[name]
        address = app.builder.get_relative_uri(docname, name)
        title = escape(app.env.titles[name].astext())
        asked = escape(json.dumps(chapter.asked, separators=(",", ":")))
        rows.append(
            f'<tr data-asked="{asked}"><th scope="row"><a href="{address}">{title}</a></th>'
            f"<td>{chapter.minutes} min</td><td>{len(chapter.asked)}</td><td></td></tr>"
        )
    head = "".join(
        f'<th scope="col">{word}</th>' for word in ("Chapter", "Time", "Questions", "Done")
    )
    return (
        f'<div class="progress-table"><table class="table"><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table>"
        '<p class="progress-sum" role="status"></p></div>'
    )


def toc_of(env: BuildEnvironment) -> list[str]:
    """Return the names of all pages in the order of the table of contents."""
    ordered, waiting = [], [str(env.config.root_doc)]
    while waiting:
        name = waiting.pop(0)
        ordered.append(name)
        waiting = [*env.toctree_includes.get(name, []), *waiting]
    return ordered


def setup(app: Sphinx) -> dict[str, Any]:
    """Add the directive, and connect to the events of Sphinx."""
    app.add_directive("progress", Progress)
    app.connect("doctree-read", measure)
    app.connect("env-purge-doc", forget)
    app.connect("env-merge-info", merge)
    app.connect("env-updated", renew)
    app.connect("doctree-resolved", complete)
    app.add_css_file("study-aids.css")
    app.add_js_file("only.js", priority=100)  # before anything is drawn
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
