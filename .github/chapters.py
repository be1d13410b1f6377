"""Chapters of the e-book, made of pages of the built site: what a reader can read and not press.

Figures stand still where their story ends, folded plumbing is left out, and answers are moved to
the end of the chapter, with links there and back. Pictures and formulas are XML already: they wait
outside of the tree that is changed, and no parser touches them.
"""

import json
import posixpath
import re
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlencode

from answers import as_text, move_answers, move_symbols, new
from bs4 import BeautifulSoup, Comment, Tag
from formulas import pieces_of

SCRIPT = re.compile(r"<script\b[^>]*>(.*?)</script>", re.DOTALL)
PICTURE = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
FORMULA = re.compile(r"<math\b.*?</math>", re.DOTALL)
KEPT = re.compile(r'<i class="kept" id="kept-(\d+)"></i>')
VARIABLE = re.compile(r"var\(--[\w-]+,\s*([^()]*)\)")
BOX = re.compile(r'<svg\b[^>]*?viewBox="0 0 ([\d.]+) ([\d.]+)"')
UNSEEN = (
    "details.hide, .headerlink, .toctree-wrapper, .chapter-done, .question-buttons, "
    ".question-feedback, .question-typed, .question-scale, .explorer-buttons, .task-state, "
    ".derivation-filled, button, [hidden]:not(form)"
)
TABLE = 36  # letters side by side on a telephone


@dataclass
class Chapter:
    """A page as the e-book has it.

    Parameters
    ----------
    page, title, body : str
        The name of the page, its title, and what stands in ``<body>``, in XHTML.
    sections : list of tuple of str
        Identifier and title of its sections.
    """

    page: str
    title: str
    body: str
    sections: list[tuple[str, str]]

    @property
    def file(self) -> str:
        """The name of its file."""
        return file_of(self.page)


def file_of(page: str) -> str:
    """Return the file of a page in the e-book.

    >>> file_of("book/api/chains")
    'api-chains.xhtml'
    """
    return page.removeprefix("book/").replace("/", "-") + ".xhtml"


class Page:
    """A page of the site while it becomes a chapter.

    Parameters
    ----------
    site : Path
        Folder of the built site.
    page : str
        Name of the page, such as ``book/relu``.
    pages : list of str
        All pages of the e-book.
    address : str
        Where the site is published, with a slash at the end, or nothing.
    """

    def __init__(self, site: Path, page: str, pages: list[str], address: str) -> None:
        self.page, self.pages, self.address = page, pages, address
        self.kept: list[list[str]] = []
        self.data: list[str] = []
        html = (site / f"{page}.html").read_text(encoding="utf-8")
        html = html[html.index("<article") : html.index("</article>")] + "</article>"
        html = SCRIPT.sub(self.keep_data, html)
        html = PICTURE.sub(lambda found: self.keep([picture(found[0])]), html)
        html = FORMULA.sub(lambda found: self.keep(pieces_of(found[0])), html)
        self.article: Tag = BeautifulSoup(html, "html.parser").article

    def keep_data(self, found: re.Match[str]) -> str:
        """Put a script aside, and leave its number."""
        self.data.append(found[1])
        return f'<data value="{len(self.data) - 1}"></data>'

    def keep(self, pieces: list[str]) -> str:
        """Put XML aside, and leave its number."""
        self.kept.append(pieces)
        return f'<i class="kept" id="kept-{len(self.kept) - 1}"></i>'

    def data_of(self, figure: Tag) -> dict[str, Any] | None:
        """Return what a figure knows of its story, if it moves."""
        data = figure.find("data")
        if data is None:
            return None
        found: dict[str, Any] = json.loads(self.data[int(data["value"])])
        return found

    def chapter(self) -> Chapter:
        """Change everything, and return the chapter."""
        article = self.article
        for figure in article.select("figure.explorer"):
            self.still(figure)
        for one in article.select(".task-waits"):
            one.find_parent(class_="cell").decompose()  # it has only said that a task is not solved
        for one in article.select(
            "details.hide:has(.cell_output)"
        ):  # a result folded with its code
            one.select_one(".cell_input").decompose()
            one.summary.string = one.summary.p.get_text()
            one["class"] = ["aside"]
        for one in article.select(f"data, {UNSEEN}"):
            one.decompose()
        for comment in article.find_all(string=lambda text: isinstance(text, Comment)):
            comment.extract()
        for cell in reversed(article.select(".cell, .cell_output")):
            if not cell.get_text(strip=True) and not cell.select(".kept, img, table"):
                cell.decompose()
        for change in (as_text, move_symbols, move_answers, unfold, plain_code):
            change(article)
        self.link(article)
        self.wrap(article)
        self.label_cells(article)
        article.name = "section"
        article.attrs = {"epub:type": "chapter", "role": "doc-chapter"}
        sections = [
            (part["id"], self.text_of(part.h2))
            for part in article.select("section[id]")
            if part.find("h2", recursive=False)
        ]
        return Chapter(self.page, self.text_of(article.h1), self.written(article), sections)

    def text_of(self, heading: Tag) -> str:
        """Return a heading on one line, formulas and all."""
        return " ".join(unescape(re.sub(r"<[^>]*>", "", self.written(heading))).split())

    def still(self, figure: Tag) -> None:
        """Let a figure stand still: at the end of its story, if it has one, else at its start."""
        data, form = self.data_of(figure), figure.find("form")
        if form is None:
            return
        labels = [" ".join(one.find(string=True).split()) for one in form.find_all("label")]
        settings, place = shown(form), figure["id"]
        if data:
            played = form.select_one("[data-play]")
            at = ending(data, played["data-play"] if played else "")
            if "end" in data:
                drawn, figure.figcaption.string = data["end"]
                drawn = "".join(self.keep([picture(one)]) for one in PICTURE.findall(drawn))
                holder = figure.select_one(".explorer-picture")
                holder.clear()
                holder.append(BeautifulSoup(drawn, "html.parser"))
            settings = [
                control["texts"][i] for control, i in zip(data["controls"], at, strict=True)
            ]
            moved = [
                (f"{place}.{control['name']}", control["keys"][i])
                for control, i in zip(data["controls"], at, strict=True)
                if i != control["start"]
            ]
            place = f"~{urlencode(moved)}" if moved else place
        form.decompose()
        for name in ("aria-live", "data-longest"):
            figure.figcaption.attrs.pop(name, None)
        words = ", ".join(f"{a} {b}".strip() for a, b in zip(labels, settings, strict=True))
        note = new("span", f"Set to: {words}.", class_="setting")
        if self.address:
            note.append(" ")
            note.append(new("a", "Move it online.", href=f"{self.address}{self.page}.html#{place}"))
        figure.figcaption.append(note)

    def link(self, article: Tag) -> None:
        """Let links lead to the chapters, or to the site if it has an address, or nowhere."""
        folder = posixpath.dirname(self.page)
        for link in article.select("a[href]"):
            href = link["href"]
            if re.match(r"[a-z]+:", href):
                continue
            path, _, hash_ = href.partition("#")
            target = posixpath.normpath(posixpath.join(folder, path)) if path else ""
            page = target.removesuffix(".html")
            if hash_.startswith("~"):  # a figure that is set in some way
                hash_ = re.split(r"[.=]", unquote(hash_[1:]))[0]
            if not path or page in self.pages:
                file = file_of(page) if path else ""
                link["href"] = file + (f"#{unquote(hash_)}" if hash_ else "")
            elif self.address and not target.startswith(".."):
                link["href"] = f"{self.address}{target}" + (f"#{hash_}" if hash_ else "")
            else:
                link.unwrap()

    def wrap(self, article: Tag) -> None:
        """Let formulas in several pieces wrap, though not before a full stop."""
        for place in article.select(".unbroken > .math:first-child > .kept"):
            pieces = self.kept[int(place["id"].removeprefix("kept-"))]
            if len(pieces) > 1:
                first = BeautifulSoup(self.keep(pieces[:-1]), "html.parser")
                place.find_parent(class_="unbroken").insert_before(first, "\u200b")
                pieces[:] = pieces[-1:]

    def label_cells(self, article: Tag) -> None:
        """Write its head into each cell of a wide table, whose rows narrow screens stack."""
        for table in article.find_all("table"):
            rows = [row.find_all(["td", "th"], recursive=False) for row in table.find_all("tr")]
            texts = [[self.text_of(cell) for cell in row] for row in rows]
            words = [
                re.split(r"[ \u200b]", " ".join(column)) for column in zip(*texts, strict=False)
            ]
            if not table.thead or sum(2 + max(map(len, column)) for column in words) < TABLE:
                continue
            table["class"] = [*table.get("class", []), "stacks"]
            for row in rows[1:]:
                for head, cell in zip(texts[0], row, strict=False):
                    cell["data-head"] = head

    def written(self, part: Tag) -> str:
        """Return a part of the page in XHTML, with what was put aside."""
        text = part.decode(formatter="minimal")
        return KEPT.sub(lambda found: "\u200b".join(self.kept[int(found[1])]), text)


def picture(svg: str) -> str:
    """Return a picture in its light inks, with a size of its own.

    Examples
    --------
    >>> picture('<svg viewBox="0 0 4 3"><path style="fill: var(--ink-1,#0072b2)"/></svg>')
    '<svg width="4" height="3" viewBox="0 0 4 3"><path style="fill: #0072b2"/></svg>'
    """
    svg = VARIABLE.sub(r"\1", svg).replace("&nbsp;", "\u00a0")
    size = BOX.match(svg)
    if size is None:
        raise ValueError(f"a picture without a size: {svg[:80]}")
    return f'<svg width="{size[1]}" height="{size[2]}"{svg.removeprefix("<svg")}'


def shown(form: Tag) -> list[str]:
    """Return what the controls of a figure show."""
    found = []
    for control in form.select(".explorer-control"):
        field = control.find(["select", "input"])
        if field.name == "select":
            found.append((field.find("option", selected=True) or field.option).get_text())
        elif field["type"] == "checkbox":
            found.append("on" if field.has_attr("checked") else "off")
        else:
            found.append(field["aria-valuetext"])
    return found


def ending(data: dict[str, Any], played: str) -> list[int]:
    """Return the places of the controls of a figure in the picture that stands still.

    Examples
    --------
    >>> ending({"controls": [{"name": "step", "start": 0, "texts": "abc"}], "end": []}, "step")
    [2]
    """
    return [
        len(one["texts"]) - 1 if "end" in data and one["name"] == played else one["start"]
        for one in data["controls"]
    ]


def unfold(article: Tag) -> None:
    """Open what is folded; its summary becomes a title."""
    for details in article.find_all("details"):
        summary = details.find("summary", recursive=False)
        summary.name, summary.attrs = "p", {"class": "label"}
        details.name = "div"
        details.attrs.pop("open", None)


def plain_code(article: Tag) -> None:
    """Leave of the colors of code what can be read on paper: keywords and comments."""
    for code in article.find_all("pre"):
        code.attrs = {}
        for span in code.find_all("span"):
            kind = (span.get("class") or [""])[0]
            if kind in ("k", "kn", "ow", "kc", "c1"):
                span.attrs = {"class": "comment" if kind == "c1" else "keyword"}
            else:
                span.unwrap()
        code.smooth()
