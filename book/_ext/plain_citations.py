"""Citations in words, for notebooks that are read where nothing knows the bibliography.

JupyterLab and others show the key of a citation. A notebook that is downloaded says, as the pages
of the book do, who wrote the work and when, and links to it.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pybtex.database import parse_file

CITATION = re.compile(r"\{cite(:t)?\}`([^`]+)`")


def works_of(file: Path) -> Mapping[str, Any]:
    """Return the works of a BibTeX file by their keys; none where there is no file."""
    works: Mapping[str, Any] = parse_file(str(file)).entries if file.is_file() else {}
    return works


def names_of(work: Any) -> str:
    """Return the last names of who wrote a work, as the pages cite them."""
    people = work.persons.get("author") or work.persons.get("editor") or []
    names = [" ".join(map(str, one.rich_prelast_names + one.rich_last_names)) for one in people]
    if len(names) > 2:
        return f"{names[0]} *et al.*"
    return " and ".join(names)


def address_of(work: Any) -> str:
    """Return where a work is, or nothing."""
    doi = work.fields.get("doi", "")
    return f"https://doi.org/{doi}" if doi else work.fields.get("url", "")


def linked(words: str, work: Any) -> str:
    """Return words as a link to a work."""
    address = address_of(work)
    return f"[{words}]({address})" if address else words


def in_words(text: str, works: Mapping[str, Any]) -> str:
    """Return Markdown with its citations in words; one of an unknown work stays as it is.

    Parameters
    ----------
    text : str
        With ``{cite}`` and ``{cite:t}``.
    works : mapping
        The works by their keys.
    """

    def one(found: re.Match[str]) -> str:
        keys = [key.strip() for key in found[2].split(",")]
        if not all(key in works for key in keys):
            return found[0]
        cited = [works[key] for key in keys]
        if found[1]:
            parts = [f"{names_of(work)} ({linked(work.fields['year'], work)})" for work in cited]
            return ", ".join(parts)
        parts = [linked(f"{names_of(work)}, {work.fields['year']}", work) for work in cited]
        return f"({', '.join(parts)})"

    return CITATION.sub(one, text)
