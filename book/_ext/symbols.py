"""Each page with a derivation lists its symbols, with the words of the page of notation."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from tips import SYMBOLS, objectives

NOTATION = "book/notation"
# Where time takes the place of depth, the symbols of that section come first.
RECURRENT = {"book/rnn-lstm", "book/long-lags", "book/linear-recurrence"}
OF_TIME = "Recurrent networks"
OF_A_PAGE = "Letters of a single page"

SYMBOL = re.compile(
    r"(?P<accent>\\(?:tilde|hat|bar)\s*\{?)?"
    r"(?P<base>\\(?:mathcal|mathbb|mathsf|mathbf|operatorname|text|mathrm)\s*(?:\{[^{}]*\}|\w)"
    r"|\\[A-Za-z]+|[A-Za-z])\}?"
    r"(?P<star>\^\{?(?:\*|\\star)\}?)?"
    r"(?:_(?P<index>\{(?:[^{}]|\{[^{}]*\})*\}|\\[A-Za-z]+(?:\{[^{}]*\})?|\w))?"
    r"(?P<late>\^\{?(?:\*|\\star)\}?)?"
)
# Layers, units, time steps and powers of a symbol are one symbol.
COUNTED = re.compile(r"(?:\d+|[lijktLT])(?:[-+].*)?")
FORMULA = re.compile(r"\\\((.*?)\\\)|\\\[(.*?)\\\]", re.DOTALL)


def symbols_of(formula: str) -> list[str]:
    r"""Return the symbols of a formula in TeX, each in one form for all of its indices.

    Examples
    --------
    >>> symbols_of(r"h_{l-1} = \tilde h_2 + \sigma_w\, q^*")
    ['h_#', 'tilde h_#', 'sigma_w', 'q*']
    """
    found = []
    for one in SYMBOL.finditer(formula):
        base = re.sub(r"[\\{}\s]", " ", one["base"]).split()
        accent = re.sub(r"[\\{\s]", "", one["accent"] or "")
        name = " ".join([*([accent] if accent else []), *base])
        if one["star"] or one["late"]:
            name += "*"
        if one["index"]:
            index = re.sub(r"\\text|\\mathrm|[\\{}\s]", "", one["index"])
            name += "_#" if COUNTED.fullmatch(index) else f"_{index}"
        found.append(name)
    return found


def used_in(document: nodes.Element) -> set[str]:
    """Return the symbols in the formulas and derivations of a page."""
    formulas = [
        node.astext() for node in document.findall(nodes.Element)
        if isinstance(node, nodes.math | nodes.math_block)
    ]  # fmt: skip
    for node in document.findall(nodes.raw):
        if 'class="derivation' in node.astext():
            formulas += [one or other for one, other in FORMULA.findall(node.astext())]
    return {symbol for formula in formulas for symbol in symbols_of(formula)}


def tables(notation: nodes.document) -> Iterator[tuple[str, nodes.row]]:
    """Yield the rows of the page of notation with the titles of their sections."""
    for section in notation.findall(nodes.section):
        title = section.children[0].astext()
        for body in section.findall(nodes.tbody):
            if body.parent.parent.parent is section:
                yield from ((title, row) for row in body.findall(nodes.row))


Row = tuple[list[nodes.Node], list[nodes.Node]]


def letters_of(row: nodes.row) -> list[tuple[set[str], Row]]:
    """Return the letters that a page introduces for itself, with their meanings."""
    found: list[tuple[list[nodes.Node], list[nodes.Node]]] = [([], [])]
    for child in row.children[1].children[0].children:
        symbols, meaning = found[-1]
        if isinstance(child, nodes.math) and not meaning:
            symbols.append(child.deepcopy())
            continue
        if not isinstance(child, nodes.Text):
            meaning.append(child.deepcopy())
            continue
        for number, part in enumerate(child.astext().split("; ")):
            if number:
                found.append(([], []))
            symbols, meaning = found[-1]
            part = part.removeprefix(": ")
            if part.strip() == "," and not meaning:
                symbols.append(nodes.Text(", "))
            elif part.strip():
                meaning.append(nodes.Text(part))
    return [(forms(symbols), (symbols, meaning)) for symbols, meaning in found if symbols]


def forms(symbols: list[nodes.Node]) -> set[str]:
    """Return what symbols are looked for by; a formula is known by what it begins with."""
    texts = [one.astext() for one in symbols if isinstance(one, nodes.math)]
    return {symbols_of(text)[0] for text in texts if "partial" not in text.partition("=")[0]}


def explained(notation: nodes.document, docname: str, used: set[str]) -> list[Row]:
    """Return symbols and meanings for what a page uses: first its own, then those of the book."""
    own: list[tuple[set[str], Row]] = []
    of_time: list[tuple[set[str], Row]] = []
    book: list[tuple[set[str], Row]] = []
    for title, row in tables(notation):
        if title == OF_A_PAGE:
            links = list(row.children[0].findall(addnodes.pending_xref))
            if links and Path(str(links[0]["reftarget"])).stem == Path(docname).stem:
                own += letters_of(row)
        else:
            symbols = [
                child.deepcopy() for child in row.children[0].children[0].children
                if "partial" not in child.astext().partition("=")[0]
            ]  # fmt: skip
            meaning = [child.deepcopy() for child in row.children[-1].children[0].children]
            into = of_time if title == OF_TIME else book
            into.append((forms(symbols), (symbols, meaning)))
    found: list[Row] = []
    taken: set[str] = set()
    for known in (own, of_time if docname in RECURRENT else [], book):
        taken_before = set(taken)
        for looked_for, row in known:
            if looked_for & used - taken_before:
                found.append(row)
                taken |= looked_for
    return found


class SymbolsOfPage(SphinxPostTransform):
    """Put a closed list of symbols below the box that says what a chapter is for."""

    default_priority = 300  # before marks join the formula before them
    formats = ("html",)

    def run(self, **options: Any) -> None:
        """Insert the list."""
        box = next(filter(objectives, self.document.findall(nodes.admonition)), None)
        html = (node.astext() for node in self.document.findall(nodes.raw))
        known = NOTATION in self.env.found_docs
        if box is None or not known or not any('class="derivation' in one for one in html):
            return
        notation = self.env.get_doctree(NOTATION)
        rows = explained(notation, self.env.docname, used_in(self.document))
        if not rows:
            return
        listed = nodes.definition_list(classes=[SYMBOLS])
        for symbols, meaning in rows:
            item = nodes.definition_list_item()
            item += [
                nodes.term("", "", *symbols),
                nodes.definition("", nodes.paragraph("", "", *meaning)),
            ]
            listed += item
        start = '<details class="aside symbols-aside"><summary>Symbols on this page</summary>'
        place = box.parent.index(box) + 1
        box.parent[place:place] = [
            nodes.raw("", start, format="html"), listed, nodes.raw("", "</details>", format="html")
        ]  # fmt: skip


def setup(app: Sphinx) -> dict[str, Any]:
    """Add the transform."""
    app.add_post_transform(SymbolsOfPage)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
