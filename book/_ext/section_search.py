"""The search of the book: by section, with the text of each section in one file of the site.

The page of search has a script of its own (``section-search.js``), which reads that file. It needs
no server and no network, and works in a copy of the site on a disk as well.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docutils import nodes
from finished_pages import is_finished
from sphinx import addnodes
from sphinx.application import Sphinx

SKIPPED = (
    nodes.section, addnodes.desc, nodes.literal_block, nodes.comment, nodes.raw, nodes.image,
    addnodes.toctree, nodes.title,
)  # fmt: skip
GREEK = dict(
    zip(
        "alpha beta gamma delta epsilon varepsilon eta theta kappa lambda mu nu pi rho sigma tau "
        "phi varphi chi psi omega Delta Sigma Phi Pi".split(),
        "αβγδεεηθκλμνπρστφφχψωΔΣΦΠ",
        strict=True,
    )
)
SIGNS = GREEK | {
    "cdot": "·", "times": "×", "le": "≤", "leq": "≤", "ge": "≥", "geq": "≥", "approx": "≈",
    "infty": "∞", "sum": "Σ", "prod": "Π", "partial": "∂", "sqrt": "√", "odot": "⊙", "to": "→",
    "neq": "≠", "in": "∈", "dots": "…", "ldots": "…", "cdots": "…", "quad": " ", "mid": "|",
    "lVert": "‖", "rVert": "‖", "Vert": "‖", "lvert": "|", "rvert": "|",
}  # fmt: skip
DRESS = re.compile(r"\\(?:left|right|mathrm|mathcal|mathsf|operatorname|text|big|Big|displaystyle)")


def in_words(formula: str) -> str:
    r"""Write a formula in TeX as plain text, well enough to be read in a line of a result.

    Examples
    --------
    >>> in_words(r"\sigma_w^2 \approx 2")
    'σ_w^2 ≈ 2'
    """
    text = DRESS.sub("", formula)
    text = re.sub(r"\\d?frac\{([^{}]*)\}\{([^{}]*)\}", r"\1/\2", text)
    text = re.sub(r"\\([A-Za-z]+)", lambda found: SIGNS.get(found[1], found[1]), text)
    text = re.sub(r"\\[,;:!]|[{}]", "", text)
    return re.sub(r"\s+", " ", re.sub(r"[\\&]", " ", text)).strip()


def is_cell(node: nodes.Node) -> bool:
    """Tell whether a node is a cell with code."""
    return isinstance(node, nodes.Element) and node.get("nb_element") == "cell_code"


def words_of(node: nodes.Node) -> Iterator[str]:
    """Yield the text of a node without what has an entry of its own, code and pictures."""
    if isinstance(node, SKIPPED) or is_cell(node):
        return
    if isinstance(node, nodes.math | nodes.math_block):
        yield in_words(node.astext())
    elif isinstance(node, nodes.Text):
        yield node.astext()
    else:
        for child in node.children:
            yield from words_of(child)
        if not isinstance(node, nodes.Inline):
            yield " "


def text_of(node: nodes.Element) -> str:
    """Return the text of what stands in a node."""
    text = "".join("".join(words_of(child)) for child in node.children)
    return re.sub(r"\s+", " ", text).strip()


def terms_of(node: nodes.Element) -> list[str]:
    """Return what is defined in a node: there it stands in bold."""
    found = []
    for child in node.children:
        if isinstance(child, SKIPPED) or is_cell(child) or not isinstance(child, nodes.Element):
            continue
        found += [strong.astext() for strong in child.findall(nodes.strong)]
        found += [term.astext() for term in child.findall(nodes.term)]
    return found


def entries_of(
    document: nodes.document, numbers: dict[str, tuple[int, ...]]
) -> list[dict[str, Any]]:
    """Return an entry for each section of a page, each name of the library and each source.

    Parameters
    ----------
    document : nodes.document
        The page, with all references resolved.
    numbers : dict of str to tuple of int
        The numbers of its sections by anchor; "" is the page.
    """
    entries = []
    top = True
    for node in document.findall(nodes.Element):
        if isinstance(node, nodes.section):
            anchor = "" if top else str(node["ids"][0])
            number = numbers.get(f"#{node['ids'][0]}" if not top else "", ())
            title = ".".join(map(str, number)) + (". " if number else "")
            heading = node.next_node(nodes.title)
            title += heading.astext() if heading is not None else ""
            top = False
        elif isinstance(node, addnodes.desc):
            signature = node.next_node(addnodes.desc_signature)
            if signature is None or not signature["ids"]:
                continue
            anchor = title = str(signature["ids"][0])
            node = node.children[-1]
        elif isinstance(node, nodes.citation):
            anchor = str(node["ids"][0])
            title = ""
        else:
            continue
        entry = {"anchor": anchor, "title": title, "text": text_of(node), "terms": terms_of(node)}
        entries.append(entry)
    return entries


def folder(app: Sphinx) -> Path:
    """Return where the entries of each page wait until all pages are written."""
    return Path(app.outdir).parent / ".sections"


def leave_out_the_index(app: Sphinx) -> None:
    """Let Sphinx write no index of words and no page for it."""
    if app.builder.format == "html":
        app.builder.search = False  # type: ignore[attr-defined]  # of the builders of HTML


def keep_entries(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Keep the entries of a page that is written; give the page of search its scripts."""
    if pagename == "search":
        app.add_js_file("section-search.js")
        app.add_js_file("sections.js")
    if doctree is None:
        return
    numbers = app.env.toc_secnumbers.get(pagename, {})
    file = folder(app) / f"{pagename}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    page = {
        "page": pagename,
        "title": app.env.titles[pagename].astext(),
        "sections": entries_of(doctree, numbers),
    }
    file.write_text(json.dumps(page, ensure_ascii=False), encoding="utf-8")


def page_of_search(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Write the page of search."""
    yield "search", {}, "search.html"


def write_entries(app: Sphinx, exception: Exception | None) -> None:
    """Write the entries of all pages into one script."""
    if not is_finished(app, exception):
        return
    files = [folder(app) / f"{name}.json" for name in sorted(app.env.found_docs)]
    pages = [json.loads(file.read_text(encoding="utf-8")) for file in files if file.is_file()]
    data = json.dumps(pages, ensure_ascii=False, separators=(",", ":"))
    target = Path(app.outdir) / "_static" / "sections.js"
    target.write_text(f"window.bookSections = {data};\n", encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect to the events of Sphinx."""
    app.connect("builder-inited", leave_out_the_index)
    app.connect("html-page-context", keep_entries)
    app.connect("html-collect-pages", page_of_search)
    app.connect("build-finished", write_entries)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
