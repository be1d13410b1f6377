"""The whole book as an EPUB, made of the built site: ``make epub``.

It has the chapters in their order, without what needs a browser. The same site gives the same
bytes. ``chapters.py`` says what becomes of a page, ``formulas.py`` what becomes of a formula.
"""

import datetime
import re
import subprocess
import sys
import uuid
from html import escape
from pathlib import Path
from xml.etree import ElementTree

sys.path.insert(0, str(Path(__file__).parent))
from archives import write_archive
from chapters import Chapter, Page
from contents import ROOT, about_book, command_line, pages_of, read_yaml

STATIC = ROOT / "book/_static"
# This page keeps what a reader has done, in the browser.
NEEDS_A_BROWSER = ("book/progress",)
FILES = {
    "book.css": Path(__file__).parent / "epub.css",
    "letters.woff2": STATIC / "temml/letters.woff2",
}
KINDS = {
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".xhtml": "application/xhtml+xml",
}
CONTAINER = """<?xml version="1.0" encoding="utf-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles>
<rootfile full-path="book/book.opf" media-type="application/oebps-package+xml"/>
</rootfiles>
</container>
"""
PAGE = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"
lang="{language}" xml:lang="{language}">
<head><title>{title}</title><link rel="stylesheet" type="text/css" href="book.css"/></head>
<body>
{body}
</body>
</html>
"""
COVER = """<svg xmlns="http://www.w3.org/2000/svg" width="600" height="800" viewBox="0 0 600 800"
color="#1a1a1a">
<rect width="600" height="800" fill="#fff"/>
<g text-anchor="middle" font-family="Georgia, 'DejaVu Serif', serif" fill="#1a1a1a">
<text x="300" y="150" font-size="48" font-weight="bold">{title}</text>
<text x="300" y="205" font-size="22">{subtitle}</text>
<text x="300" y="735" font-size="20">{author}</text></g>
<svg x="20" y="330" width="560" height="{height}" viewBox="{box}" font-family="sans-serif">
{drawn}</svg></svg>
"""
COLOPHON = """<section id="about-this-edition"><h1>About This Edition</h1>
<p>This is <em>{title}</em> as an e-book. {edition}, by {author}.</p>
<p>In the online edition figures move, questions are marked and code runs. Here each figure stands
still: at the end of its story if it has one, and otherwise where it begins. Its setting is named
below it. {where}</p>
<p>Questions and exercises are numbered. A link below each leads to its hint, answer or solution at
the end of the chapter, and the title there leads back. Code that only prepares or draws is left
out. So is the code of the derivations, which were checked when the book was built.</p>
<p>Text and figures are under the <a href="https://creativecommons.org/licenses/by/4.0/">Creative
Commons Attribution 4.0</a> license, and the code is under the MIT License. The formulas are set
with letters of Latin Modern Math, under the GUST Font License.</p></section>
"""
ACCESS = {
    "accessMode": ("textual", "visual"),
    "accessModeSufficient": ("textual,visual",),
    "accessibilityFeature": (
        "alternativeText",
        "displayTransformability",
        "MathML",
        "readingOrder",
        "structuralNavigation",
        "tableOfContents",
    ),
    "accessibilityHazard": ("none",),
    "accessibilitySummary": (
        "Formulas are MathML with their TeX as alternative text. Each figure has a name and a "
        "caption that says what it shows. Headings are nested, and all text reflows.",
    ),
}


def changed(year: str) -> str:
    """Return when the book was last changed, as git knows it, or the year of its copyright."""
    command = ["git", "-C", str(ROOT), "log", "-1", "--format=%ct"]
    try:
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
        then = datetime.datetime.fromtimestamp(int(said), datetime.UTC)
    except (OSError, subprocess.CalledProcessError, ValueError):
        return f"{year}-01-01T00:00:00Z"
    return then.strftime("%Y-%m-%dT%H:%M:%SZ")


def page_of(title: str, body: str, language: str = "en") -> str:
    """Return a page of the e-book."""
    return PAGE.format(title=escape(title), body=body, language=language)


def contents_of(chapters: list[Chapter]) -> str:
    """Return the table of contents, in two levels, and the places that readers jump to."""
    lines = ['<li><a href="about.xhtml">About This Edition</a></li>']
    for chapter in chapters:
        below = "".join(
            f'<li><a href="{chapter.file}#{place}">{escape(title)}</a></li>\n'
            for place, title in chapter.sections
        )
        below = f"\n<ol>\n{below}</ol>" if below else ""
        lines.append(f'<li><a href="{chapter.file}">{escape(chapter.title)}</a>{below}</li>')
    listed = "\n".join(lines)
    first = chapters[0].file
    return f"""<nav epub:type="toc" id="toc" role="doc-toc"><h1>Contents</h1>
<ol>
{listed}
</ol></nav>
<nav epub:type="landmarks" id="landmarks" hidden="hidden"><h2>Landmarks</h2><ol>
<li><a epub:type="cover" href="cover.xhtml">Cover</a></li>
<li><a epub:type="toc" href="nav.xhtml">Contents</a></li>
<li><a epub:type="bodymatter" href="{first}">Begin reading</a></li>
</ol></nav>"""


def cover_of(first: Chapter, book: dict[str, str]) -> str:
    """Return the cover: the title over the picture of the first page."""
    picture = re.search(r'<svg\b[^>]*viewBox="([^"]*)"[^>]*>(.*?)</svg>', first.body, re.DOTALL)
    box, drawn = picture.groups() if picture else ("0 0 1 1", "")
    wide, high = map(float, box.split()[2:])
    return COVER.format(
        title=escape(book["title"]),
        subtitle=escape(book["edition"]),
        author=escape(book["author"]),
        box=box,
        drawn=drawn,
        height=round(560 * high / wide),
    )


def about_of(book: dict[str, str]) -> str:
    """Return the page that says what differs from the site."""
    site = book["site"]
    where = (
        f'The link below a figure opens it <a href="{site}">online</a>.'
        if site
        else f'The book is made from <a href="{book["repository"]}">its repository</a>.'
    )
    said = {key: escape(text) for key, text in book.items()}
    return COLOPHON.format(**said, where=where)


def package_of(
    chapters: list[Chapter], files: dict[str, bytes], book: dict[str, str], date: str
) -> str:
    """Return the description of the package: what it is, its files, and their order."""
    licenses = " and ".join(read_yaml("CITATION.cff")["license"])
    name = uuid.uuid5(uuid.NAMESPACE_URL, book["repository"])
    about = [
        f'<dc:identifier id="book-id">urn:uuid:{name}</dc:identifier>',
        f"<dc:title>{escape(book['title'])}</dc:title>",
        f"<dc:creator>{escape(book['author'])}</dc:creator>",
        f"<dc:language>{book['language']}</dc:language>",
        f"<dc:date>{date[:10]}</dc:date>",
        f"<dc:description>{escape(book['abstract'])}</dc:description>",
        f"<dc:rights>{escape(licenses)}</dc:rights>",
        f"<dc:source>{escape(book['site'] or book['repository'])}</dc:source>",
        f'<meta property="dcterms:modified">{date}</meta>',
    ]
    about += [
        f'<meta property="schema:{name}">{escape(value)}</meta>'
        for name, values in ACCESS.items()
        for value in values
    ]
    order = ["cover.xhtml", "about.xhtml", "nav.xhtml", *(one.file for one in chapters)]
    spine = "\n".join(f'<itemref idref="{id_of(name)}"/>' for name in order)
    return "\n".join(
        [
            '<?xml version="1.0" encoding="utf-8"?>',
            '<package xmlns="http://www.idpf.org/2007/opf" version="3.0" '
            f'unique-identifier="book-id" xml:lang="{book["language"]}">',
            '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">',
            *about,
            "</metadata>\n<manifest>",
            *items_of(files),
            f"</manifest>\n<spine>\n{spine}\n</spine>\n</package>\n",
        ]
    )


def items_of(files: dict[str, bytes]) -> list[str]:
    """Return the entries of files in the package."""
    items = []
    for name, content in files.items():
        marks = {
            "nav": name == "nav.xhtml",
            "cover-image": name == "cover.svg",
            "mathml": name.endswith(".xhtml") and b"<math" in content,
            "svg": name.endswith(".xhtml") and b"<svg" in content,
        }
        properties = " ".join(mark for mark, there in marks.items() if there)
        properties = f' properties="{properties}"' if properties else ""
        kind = KINDS[Path(name).suffix]
        items.append(f'<item id="{id_of(name)}" href="{name}" media-type="{kind}"{properties}/>')
    return items


def id_of(name: str) -> str:
    """Return the identifier of a file in the package."""
    return f"file-{name.replace('.', '-')}"


def dead_links(chapters: list[Chapter]) -> list[str]:
    """Return the links between chapters that lead nowhere."""
    places = {one.file for one in chapters}
    for one in chapters:
        places |= {f"{one.file}#{place}" for place in re.findall(r'\bid="([^"]*)"', one.body)}
    return sorted(
        {
            f"{one.file}: {href}"
            for one in chapters
            for href in re.findall(r'<a\b[^>]*?\bhref="([^":]*)"', one.body)
            if (one.file + href if href.startswith("#") else href) not in places
        }
    )


def files_of(chapters: list[Chapter], book: dict[str, str], date: str) -> dict[str, bytes]:
    """Return all files of the e-book but the first, by name.

    Raises
    ------
    ValueError
        If a link leads nowhere or a page is no XML.
    """
    if dead := dead_links(chapters):
        raise ValueError(f"links that lead nowhere: {dead[:10]}")
    cover = cover_of(chapters[0], book)
    picture = f'<img src="cover.svg" alt="{escape(book["title"])}"/>'
    picture = f'<section epub:type="cover" class="cover">{picture}</section>'
    bodies = {
        "cover.xhtml": (book["title"], picture),
        "about.xhtml": ("About This Edition", about_of(book)),
        "nav.xhtml": ("Contents", contents_of(chapters)),
        **{one.file: (one.title, one.body) for one in chapters},
    }
    files = {name: page_of(*said, book["language"]).encode() for name, said in bodies.items()}
    files["cover.svg"] = cover.encode()
    for name, content in files.items():
        try:
            ElementTree.fromstring(content)
        except ElementTree.ParseError as error:
            raise ValueError(f"{name}: {error}") from None
    files |= {name: path.read_bytes() for name, path in FILES.items()}
    package = package_of(chapters, files, book, date).encode()
    described = {"META-INF/container.xml": CONTAINER.encode(), "book/book.opf": package}
    return described | {f"book/{name}": content for name, content in files.items()}


def write_book(target: Path, files: dict[str, bytes]) -> None:
    """Write the archive: its kind first and as it is."""
    kind = {"mimetype": b"application/epub+zip"}
    write_archive(target, (kind | files).items(), stored=("mimetype",))


def make(site: Path, pages: list[str], date: str = "") -> tuple[list[Chapter], dict[str, bytes]]:
    """Return the chapters of an e-book of some pages, and its files."""
    citation = read_yaml("CITATION.cff")
    book = about_book()
    first = (site / f"{pages[0]}.html").read_text(encoding="utf-8")
    language = re.search(r'<html[^>]*\blang="([^"]*)"', first)
    book |= {
        "abstract": citation["abstract"],
        "language": language[1] if language else "en",
    }
    chapters = [Page(site, page, pages, book["site"]).chapter() for page in pages]
    date = date or changed(read_yaml("_config.yml")["copyright"])
    return chapters, files_of(chapters, book, date)


def main() -> None:
    """Read the command line, and write the book."""
    said = command_line(__doc__, "epub")
    listed = [page for page in pages_of(read_yaml("_toc.yml")) if page not in NEEDS_A_BROWSER]
    chapters, files = make(said.site, said.pages or listed)
    write_book(said.output, files)
    size = said.output.stat().st_size / 1e6
    print(f"{said.output}: {len(chapters)} chapters, {size:.1f} MB")


if __name__ == "__main__":
    main()
