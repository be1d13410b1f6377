"""What stands around a page: for search engines, for cards, for who cites, corrects or gets lost.

Everything that needs an address is left out where none is configured: ``html: baseurl`` in
``_config.yml`` for the site, ``repository: url`` for its source. Dates come from git, and are left
out without it. Nothing is fetched, and two builds of a commit write the same bytes.
"""

import datetime
import json
import re
import subprocess
import tomllib
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from docutils import nodes
from finished_pages import is_finished
from section_search import text_of
from sphinx.application import Sphinx

LICENSE = "https://creativecommons.org/licenses/by/4.0/"
VIEWPORT = re.compile(r'<meta name="viewport"[^>]*>\n?')


def version_of(root: Path) -> str:
    """Return the version of the package, which is that of the book, or nothing."""
    file = root / "pyproject.toml"
    if not file.is_file():
        return ""
    settings = tomllib.loads(file.read_text(encoding="utf-8"))
    return str(settings.get("project", {}).get("version", ""))


def dates_of(root: Path) -> dict[str, datetime.date]:
    """Return the day on which each file was last changed in git; nothing where git cannot tell."""

    def ask(*words: str) -> str:
        command = ["git", "-C", str(root), *words]
        try:
            return subprocess.run(command, capture_output=True, text=True, check=True).stdout
        except (OSError, subprocess.CalledProcessError):
            return ""

    # In a shallow copy every file seems to be as old as its first commit.
    if ask("rev-parse", "--is-shallow-repository").strip() != "false":
        return {}
    found: dict[str, datetime.date] = {}
    day = datetime.date.min
    for line in ask("log", "--relative", "--format=%x00%cs", "--name-only", "--", ".").splitlines():
        if line.startswith("\0"):
            day = datetime.date.fromisoformat(line[1:])
        elif line:
            found.setdefault(line, day)
    return found


def spoken(day: datetime.date) -> str:
    """Write a date in words.

    Examples
    --------
    >>> spoken(datetime.date(2026, 3, 5))
    'March 5, 2026'
    """
    return f"{day:%B} {day.day}, {day.year}"


def shortened(text: str, limit: int = 200) -> str:
    """Cut a text after a sentence, or else after a word.

    Examples
    --------
    >>> shortened("One. Two is longer.", 10), shortened("One two three", 9)
    ('One.', 'One two …')
    """
    if len(text) <= limit:
        return text
    end = max(text.rfind(mark, 0, limit) for mark in (". ", "? "))
    return text[: end + 1] if end > 0 else text[: text.rfind(" ", 0, limit)] + " …"


def description_of(document: nodes.document) -> str:
    """Return how a page begins."""
    for paragraph in document.findall(nodes.paragraph):
        if isinstance(paragraph.parent, nodes.section) and (text := text_of(paragraph)):
            return shortened(text)
    return ""


def links_to_source(repository: str, branch: str, page: str, title: str) -> dict[str, str]:
    """Return where a page can be edited, and where a problem is reported, if the host is known."""
    host, file = urlsplit(repository).netloc, quote(f"{page}.md")
    if host == "github.com":
        report = urlencode({"title": f"{title}: "}, quote_via=quote)
        return {
            "Report a problem": f"{repository}/issues/new?{report}",
            "Edit this page": f"{repository}/edit/{branch}/{file}",
        }
    if "gitlab" in host:
        report = urlencode({"issue[title]": f"{title}: "}, quote_via=quote)
        return {
            "Report a problem": f"{repository}/-/issues/new?{report}",
            "Edit this page": f"{repository}/-/edit/{branch}/{file}",
        }
    return {}


def citation_of(app: Sphinx, page: str, title: str, address: str) -> dict[str, str]:
    """Return how a page is cited, as a sentence and for BibTeX."""
    config = app.config
    year, version = config.copyright, version_of(Path(app.srcdir))
    edition = f", version {version}" if version else ""
    where = f" {address}" if address else ""
    whole = page == config.root_doc
    part = "" if whole else f"“{title}.” In "
    key = "vanishinggradients" + ("" if whole else f":{page.rpartition('/')[2]}")
    fields = {
        "author": f"{{{config.author}}}",
        "title": title if not whole else config.html_title,
        "booktitle": "" if whole else config.html_title,
        "year": str(year),
        "note": f"Version {version}" if version else "",
        "url": address,
    }
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
    kind = "book" if whole else "incollection"
    return {
        "words": f"{config.author} ({year}). {part}{config.html_title}{edition}.{where}",
        "bibtex": f"@{kind}{{{key},\n{lines}}}",
    }


def linked_data(
    app: Sphinx, page: str, title: str, description: str, address: str, day: str
) -> str:
    """Return what a page is, in the words of schema.org."""
    config = app.config
    book: dict[str, Any] = {"@type": "Book", "name": config.html_title}
    if config.html_baseurl:
        book["url"] = base_of(app)
    data = {
        "@context": "https://schema.org",
        "@type": "Book" if page == config.root_doc else ["Chapter", "LearningResource"],
        "name": title,
        "description": description,
        "inLanguage": config.language,
        "author": {"@type": "Organization", "name": config.author},
        "license": LICENSE,
        "isAccessibleForFree": True,
        "version": version_of(Path(app.srcdir)),
        "copyrightYear": config.copyright,
        "dateModified": day,
        "url": address,
        "isPartOf": None if page == config.root_doc else book,
    }
    text = json.dumps({name: value for name, value in data.items() if value}, ensure_ascii=False)
    return text.replace("</", r"<\/")


def base_of(app: Sphinx) -> str:
    """Return the address of the site with a slash at its end, or nothing."""
    base = app.config.html_baseurl
    return f"{base.rstrip('/')}/" if base else ""


def describe(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Add to a page what machines read of it, and what its foot needs."""
    # The theme names the viewport itself.
    context["metatags"] = VIEWPORT.sub("", context.get("metatags") or "")
    if doctree is None:
        return
    title = app.env.titles[pagename].astext()
    description = description_of(doctree)
    base = base_of(app)
    address = f"{base}{pagename}.html" if base else ""
    day = dates(app).get(f"{pagename}.md")
    tags = {
        "og:type": "book" if pagename == app.config.root_doc else "article",
        "og:site_name": app.config.html_title,
        "og:title": title,
        "og:description": description,
        "og:url": address,
        "og:image": f"{base}_static/cards/{pagename}.png" if base else "",
        "og:image:alt": f"{app.config.html_title}: {title}" if base else "",
    }
    written = [f'<meta name="description" content="{escape(description)}">'] if description else []
    written += [
        f'<meta property="{name}" content="{escape(text)}">' for name, text in tags.items() if text
    ]
    written.append(
        f'<meta name="twitter:card" content="{"summary_large_image" if base else "summary"}">'
    )
    data = linked_data(app, pagename, title, description, address, day.isoformat() if day else "")
    written.append(f'<script type="application/ld+json">{data}</script>')
    context["metatags"] += "\n".join(written) + "\n"
    theme = app.config.html_theme_options
    repository, branch = theme.get("repository_url", ""), theme.get("repository_branch") or "HEAD"
    context["about_page"] = {
        "version": version_of(Path(app.srcdir)),
        "changed": spoken(day) if day else "",
        "citation": citation_of(app, pagename, title, address),
        "links": links_to_source(repository.rstrip("/"), branch, pagename, title),
        "kind": "this book" if pagename == app.config.root_doc else "this page",
    }


def dates(app: Sphinx) -> dict[str, datetime.date]:
    """Return the dates of the files, asked for once a build."""
    kept: dict[str, datetime.date] | None = getattr(app, "dates_of_files", None)
    if kept is None:
        kept = dates_of(Path(app.srcdir))
        app.dates_of_files = kept  # type: ignore[attr-defined]
    return kept


def pages_of(app: Sphinx) -> list[str]:
    """Return the pages of the book in the order in which they are read."""
    order: list[str] = []

    def visit(page: str) -> None:
        if page not in order:
            order.append(page)
            for below in app.env.toctree_includes.get(page, ()):
                visit(below)

    visit(app.config.root_doc)
    return order


def collect(app: Sphinx) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Write the page for a wrong address."""
    titles = [(page, app.env.titles[page].astext()) for page in pages_of(app)]
    base = urlsplit(base_of(app)).path
    yield "404", {"every_page": titles, "base_path": base}, "lost.html"


def write_entrance(app: Sphinx) -> None:
    """Write the page at the root of the site, which leads to the first page of the book."""
    base, first, title = base_of(app), f"{app.config.root_doc}.html", escape(app.config.html_title)
    canonical = f'<link rel="canonical" href="{base}{first}">\n' if base else ""
    (Path(app.outdir) / "index.html").write_text(
        f'<!DOCTYPE html>\n<html lang="en">\n<meta charset="utf-8">\n<title>{title}</title>\n'
        f'<meta http-equiv="refresh" content="0; url={first}">\n{canonical}'
        f'<p>The book begins <a href="{first}">here</a>.</p>\n',
        encoding="utf-8",
    )


def write_around(app: Sphinx, exception: Exception | None) -> None:
    """Write what belongs to the site as a whole: entrance, map of the site, pictures of cards."""
    if not is_finished(app, exception):
        return
    if app.config.root_doc != "index":
        write_entrance(app)
    if not (base := base_of(app)):
        return
    entries = []
    for page in pages_of(app):
        day = dates(app).get(f"{page}.md")
        last = f"<lastmod>{day.isoformat()}</lastmod>" if day else ""
        entries.append(f"  <url><loc>{escape(base + page)}.html</loc>{last}</url>\n")
    (Path(app.outdir) / "sitemap.xml").write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
        f"{''.join(entries)}</urlset>\n",
        encoding="utf-8",
    )
    for page in pages_of(app):
        number = app.env.toc_secnumbers.get(page, {}).get("")
        before = f"{number[0]}. " if number else ""
        title = before + app.env.titles[page].astext()
        draw_card(Path(app.outdir) / f"_static/cards/{page}.png", title, app.config.html_title)


def draw_card(file: Path, title: str, book: str) -> None:
    """Draw the picture that a link to a page brings along: its title, and a signal that fades."""
    import textwrap

    from matplotlib.figure import Figure

    figure = Figure(figsize=(12, 6.3), dpi=100, facecolor="#0d1b2a")
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, 1200), ylim=(0, 630))
    axes.axis("off")
    lines = textwrap.wrap(title, 26)[:4]
    axes.text(
        80, 540, "\n".join(lines), color="white", fontsize=46 if len(lines) < 4 else 38,
        weight="bold", va="top", linespacing=1.15, parse_math=False,
    )  # fmt: skip
    axes.text(80, 70, book, color="#9fb3c8", fontsize=24, va="center", parse_math=False)
    for layer in range(16):
        left = 0.8**layer
        axes.plot(
            1120 - 44 * layer, 150, "o", color="#ffb000", alpha=0.15 + 0.85 * left,
            markersize=3 + 34 * left, markeredgewidth=0,
        )  # fmt: skip
    file.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(file, metadata={"Software": None})


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect to the events of Sphinx."""
    app.connect("html-page-context", describe)
    app.connect("html-collect-pages", collect)
    app.connect("build-finished", write_around, priority=400)  # before a bare entrance is written
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
