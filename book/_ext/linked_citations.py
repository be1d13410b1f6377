"""Citations are links of Markdown to the work itself, so that they read the same everywhere.

``[Cox (1958)](https://doi.org/10.1111/j.2517-6161.1958.tb00292.x)`` is text with a link in
JupyterLab, on GitHub and in a notebook that is downloaded. On the pages of the book it leads to the
list of references, as a citation does. The address is that of the bibliography, and so are names
and year: a build warns of other words, and of a work that the bibliography does not have.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pybtex.plugin
from docutils import nodes
from pybtex.database import parse_file
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.nodes import make_refnode
from sphinxcontrib.bibtex.citation_target import CitationTarget
from sphinxcontrib.bibtex.roles import CitationRef

WRITTEN = re.compile(r"\[([^\[\]]+)\]\((https?://[^\s()]+)\)")
ALIKE = re.compile(r"[^\d\[\]]+(?:, \d{4}| \(\d{4}\))")  # the words of a citation
PAPERS = ("https://doi.org/", "https://arxiv.org/")
log = logging.getLogger(__name__)


@cache
def works_of(file: Path) -> Mapping[str, Any]:
    """Return the works of a BibTeX file by their keys."""
    works: Mapping[str, Any] = parse_file(str(file)).entries
    return works


def address_of(work: Any) -> str:
    """Return where a work is, or nothing."""
    doi = work.fields.get("doi", "")
    return f"https://doi.org/{doi}" if doi else work.fields.get("url", "")


def names_of(work: Any) -> str:
    """Return the last names of who wrote a work, in Markdown."""
    people = work.persons.get("author") or work.persons.get("editor") or []
    names = [" ".join(map(str, one.rich_prelast_names + one.rich_last_names)) for one in people]
    if len(names) > 2 or "others" in names:
        return f"{names[0]} *et al.*"
    return " and ".join(names)


def forms_of(work: Any) -> tuple[str, str]:
    """Return the words that cite a work: in a sentence, and in parentheses."""
    names, year = names_of(work), work.fields["year"]
    return f"{names} ({year})", f"{names}, {year}"


def problem_of(words: str, address: str, works: Mapping[str, Any]) -> str:
    """Return what is wrong with a link if it is a citation, or nothing.

    Parameters
    ----------
    words : str
        Of the link, in Markdown.
    address : str
        Where it leads.
    works : mapping
        The works of the bibliography by their addresses.
    """
    words = " ".join(words.split())
    if address in works:
        forms = forms_of(works[address])
        said = " or ".join(f'"{form}"' for form in forms)
        return "" if words in forms else f'"{words}" does not name {address}: write {said}'
    if ALIKE.fullmatch(words) or address.startswith(PAPERS):
        return f'the bibliography has no work at {address}, to which "{words}" leads'
    return ""


def citations_in(text: str, works: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the words and the key of each citation of Markdown.

    Parameters
    ----------
    text : str
        In which the citations stand.
    works : mapping
        The works of the bibliography by their addresses.
    """
    for words, address in WRITTEN.findall(text):
        if address in works:
            yield " ".join(words.split()), works[address].key


def by_address(works: Mapping[str, Any]) -> dict[str, Any]:
    """Return works by their addresses instead of their keys."""
    return {address_of(work): work for work in works.values()}


def words_of(link: nodes.Element) -> str:
    """Return the words of a link, in Markdown."""
    parts = (
        f"*{part.astext()}*" if isinstance(part, nodes.emphasis) else part.astext()
        for part in link.children
    )
    return "".join(parts)


class FindCitations(SphinxTransform):
    """Tell the bibliography of the links to its works, and check their words."""

    default_priority = 400  # before quotes and dashes are set

    def apply(self, **options: Any) -> None:
        """Look at all links of a page that is written in Markdown."""
        if not self.env.doc2path(self.env.docname).endswith(".md"):
            return
        domain: Any = self.env.get_domain("cite")
        works = by_address(domain.bibdata.data.entries)
        for link in list(self.document.findall(nodes.reference)):
            address, words = link.get("refuri", ""), words_of(link)
            if words == address:
                continue  # of a docstring
            if problem := problem_of(words, address, works):
                log.warning(problem, location=link, type="cite", subtype="words")
            elif address in works:
                link["cites"] = key = works[address].key
                mark = nodes.inline("", "", classes=["bibtex-citation"])
                link.replace_self(mark)
                mark += link
                self.document.note_explicit_target(mark, mark)
                target = CitationTarget(key, "", "")
                line = link.line or 0
                cited = CitationRef(mark["ids"][0], self.env.docname, line, [target])
                domain.citation_refs.append(cited)


class LeadToReferences(SphinxPostTransform):
    """Let each citation lead to its work in the list of references."""

    default_priority = 7  # when the list is there

    def run(self, **options: Any) -> None:
        """Look at all citations of a page; one that no page lists keeps its own address."""
        domain: Any = self.env.get_domain("cite")
        listed = {citation.key: citation for citation in domain.citations}
        plain = pybtex.plugin.find_plugin("pybtex.backends", "plaintext")()
        here = self.env.docname
        for link in list(self.document.findall(nodes.reference)):
            citation = listed.get(link.get("cites"))
            if citation is None:
                continue
            title = citation.tooltip_entry.text.render(plain).replace("\\url ", "")
            there, place = citation.bibliography_key.docname, citation.citation_id
            words = nodes.inline("", "", *link.children)
            made = make_refnode(self.app.builder, here, there, place, words, title)
            made.replace(words, words.children)
            link.replace_self(made)


def setup(app: Sphinx) -> dict[str, Any]:
    """Add the transforms."""
    app.setup_extension("sphinxcontrib.bibtex")
    app.add_transform(FindCitations)
    app.add_post_transform(LeadToReferences)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
