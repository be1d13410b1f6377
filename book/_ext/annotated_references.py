"""Say below each work of the bibliography why one would read it, and where the book cites it."""

from collections.abc import Iterable
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform


class Annotations(SphinxPostTransform):
    """Add the field ``annotation`` of a work, and links to the pages that cite it."""

    default_priority = 6  # right after the works themselves are put in

    def run(self, **options: Any) -> None:
        """Add a paragraph to each work that this page lists."""
        domain: Any = self.env.get_domain("cite")
        by_id = {
            citation.citation_id: citation
            for citation in domain.citations
            if citation.bibliography_key.docname == self.env.docname
        }
        if not by_id:
            return
        places = order_of_pages(self.env)
        citing: dict[str, set[str]] = {}
        for reference in domain.citation_refs:
            for target in reference.targets:
                if reference.docname != self.env.docname:
                    citing.setdefault(target.key, set()).add(reference.docname)
        for node in list(self.document.findall(nodes.citation)):
            citation = next((by_id[name] for name in node["ids"] if name in by_id), None)
            if citation is None:
                continue
            reason = citation.entry.fields.get("annotation", "")
            paragraph = nodes.paragraph("", "", nodes.Text(reason), classes=["annotation"])
            pages = sorted(citing.get(citation.key, ()), key=lambda page: places.get(page, 10**6))
            for index, page in enumerate(pages):
                uri = self.app.builder.get_relative_uri(self.env.docname, page)
                title = self.env.titles[page].astext()
                link = nodes.reference("", "", nodes.Text(title), internal=True, refuri=uri)
                paragraph += [nodes.Text(", " if index else " Cited in "), link]
            paragraph += nodes.Text("." if pages else "")
            node += paragraph


def order_of_pages(env: BuildEnvironment) -> dict[str, int]:
    """List the number of each page, as the table of contents has it."""
    order: list[str] = []

    def walk(page: str) -> None:
        order.append(page)
        for child in env.toctree_includes.get(page, []):
            walk(child)

    walk(env.config.root_doc)
    return {page: number for number, page in enumerate(order)}


def write_again(app: Sphinx, env: BuildEnvironment) -> Iterable[str]:
    """Have the bibliography written whenever another page may cite anew."""
    domain: Any = env.get_domain("cite")
    return sorted({key.docname for key in domain.bibliographies})


def setup(app: Sphinx) -> dict[str, Any]:
    """Add the transform."""
    app.setup_extension("sphinxcontrib.bibtex")
    app.add_post_transform(Annotations)
    app.connect("env-updated", write_again)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
