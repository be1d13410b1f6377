"""Words, works and places explain themselves where they are used.

The first use of a word of the glossary becomes a link to its entry. Each page then carries what
its links lead to: the entry of a word, the source of a citation, title and first sentence of a
section. The script of the page shows it, with nothing to fetch.
"""

import json
import re
from collections.abc import Iterable, Iterator
from copy import copy
from functools import cache
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup
from bs4.element import NavigableString, Tag
from docutils import nodes
from finished_pages import is_finished
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

GLOSSARY = "book/glossary"
FIRST = "book/activation-functions"  # its words are explained once a page, others once a section
SHARED = {GLOSSARY, "book/notation"}  # every page takes from these
UNMARKED = {GLOSSARY, "book/notation", "book/references", "book/progress"}
# Words that mean something else where another page uses them.
AT_HOME = {"candidate", "cell", "key", "query", "lifetime", "token", "weight decay"}

SYMBOLS = "symbols-of-page"  # class of the list of symbols
# Where no word is marked. Raw HTML is no text of the tree anyway.
BARE: tuple[type[nodes.Node], ...] = (
    nodes.title, nodes.literal, nodes.literal_block, nodes.reference, nodes.math, nodes.math_block,
    nodes.raw, nodes.term, nodes.thead, nodes.Invisible, nodes.rubric, nodes.caption,
)  # fmt: skip
DATA = re.compile(r'<script type="application/json" id="tips">.*?</script>\n?', re.DOTALL)
SCRIPT = re.compile(r"<script\b.*?</script>", re.DOTALL)
SPACE = re.compile(r"[ \t\n]+")  # within formulas others count
SENTENCE = re.compile(r"(?<=[.!?:])\s+(?=[A-Z])")


def pattern_of(names: Iterable[str]) -> re.Pattern[str]:
    """Compile what finds names and their plurals, the longest first.

    Examples
    --------
    >>> found = pattern_of(["unit", "dead unit", "ReLU"])
    >>> found.findall("Dead units of a unitary ReLU, pre-units, relu")
    ['Dead units', 'ReLU']
    """
    written = []
    for name in sorted(names, key=lambda name: (-len(name), name)):
        escaped = re.escape(name).replace(r"\ ", r"\s+").replace("'", "['’]")
        if name[0].islower():
            escaped = f"[{name[0]}{name[0].upper()}]{escaped[1:]}"
        written.append(f"{escaped}(?:es|s)?")
    return re.compile(rf"(?<![\w-])(?:{'|'.join(written)})(?![\w-])")


def named(text: str, names: dict[str, Any]) -> str:
    """Return the name that was found as `text`."""
    plain = " ".join(text.replace("’", "'").split())
    for ending in ("", "s", "es"):
        one = plain.removesuffix(ending)
        for form in (one, one[0].lower() + one[1:]):
            if form in names and plain in (one, one + ending):
                return form
    raise KeyError(text)


def texts(document: nodes.Element) -> Iterator[tuple[nodes.Text, int]]:
    """Yield the text of a page in which words may be marked, with the number of its section."""
    number = 0

    def walk(node: nodes.Node, depth: int) -> Iterator[tuple[nodes.Text, int]]:
        nonlocal number
        if isinstance(node, nodes.Text):
            yield node, number
            return
        if isinstance(node, BARE) or objectives(node) or lists_symbols(node):
            return
        if isinstance(node, nodes.section):
            depth += 1
            if depth == 2:
                number += 1
        linked = False  # by raw HTML, whose tags are siblings of the text between them
        for child in list(node.children):
            if isinstance(child, nodes.raw):
                tag = child.astext()
                linked = (linked or tag.startswith("<a ")) and "</a>" not in tag
            elif not linked:
                yield from walk(child, depth)

    yield from walk(document, 0)


def objectives(node: nodes.Node) -> bool:
    """Tell whether a node is the box that says what a chapter is for."""
    return (
        isinstance(node, nodes.admonition)
        and "tip" in node["classes"]
        and node.children[0].astext() == "In this chapter"
    )


def lists_symbols(node: nodes.Node) -> bool:
    """Tell whether a node is the list of symbols of a page."""
    return isinstance(node, nodes.definition_list) and SYMBOLS in node["classes"]


def entries(env: BuildEnvironment) -> dict[str, tuple[str, str]]:
    """Return the words of the glossary: the anchor of each, and the page that introduces it."""
    if GLOSSARY not in env.found_docs:
        return {}
    found = {}
    for item in env.get_doctree(GLOSSARY).findall(nodes.definition_list_item):
        links = [one for one in item.findall(addnodes.pending_xref) if one["refdomain"] == "doc"]
        home = str(links[-1]["reftarget"]) if links else ""
        for term in item.findall(nodes.term):
            found[term.astext().replace("’", "'")] = (term["ids"][0], home)
    return found


_KEPT: dict[int, dict[str, tuple[str, str]]] = {}


def words(env: BuildEnvironment) -> dict[str, tuple[str, str]]:
    """Return the words of the glossary, read once a build."""
    return _KEPT.setdefault(id(env), entries(env))


def outdated(
    app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]
) -> set[str]:
    """Let all pages be made again where what they take from has changed."""
    return set(env.found_docs) if SHARED & (added | changed | removed) else set()


def mark(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Make links of the first uses of words, and lead the glossary to where they are introduced."""
    known = words(app.env)
    if docname == GLOSSARY:
        lead_home(app, doctree)
    if docname in UNMARKED or docname.startswith("book/api") or not known:
        return
    names = {
        name: entry for name, entry in known.items() if name not in AT_HOME or entry[1] == docname
    }
    base = app.builder.get_relative_uri(docname, GLOSSARY)
    mark_words(doctree, docname, names, base)


def mark_words(
    document: nodes.Element, docname: str, names: dict[str, tuple[str, str]], base: str
) -> None:
    """Mark the first use of each word: once a page, or once a section if it is from elsewhere."""
    pattern, marked = pattern_of(names), set()
    for text, section in list(texts(document)):
        parts: list[nodes.Node] = []
        end = 0
        written = text.astext()
        for found in pattern.finditer(written):
            anchor, home = names[named(found.group(), names)]
            place = (anchor, 0 if home in (docname, FIRST) else section)
            if place in marked:
                continue
            marked.add(place)
            link = nodes.reference(
                "", found.group(), refuri=f"{base}#{anchor}", internal=True, classes=["word"]
            )
            parts += [nodes.Text(written[end : found.start()]), link]
            end = found.end()
        if parts:
            parts.append(nodes.Text(written[end:]))
            text.parent.replace(text, [part for part in parts if part.astext()])


def lead_home(app: Sphinx, glossary: nodes.document) -> None:
    """Let the link of an entry lead to the section that introduces its word."""
    for item in glossary.findall(nodes.definition_list_item):
        links = [one for one in item.findall(nodes.reference) if ".html" in one.get("refuri", "")]
        home = f"book/{Path(links[-1]['refuri']).stem}" if links else ""
        if home not in app.env.found_docs:
            continue
        names = [term.astext() for term in item.findall(nodes.term)]
        place = introduced(app.env.get_doctree(home), names)
        if place and "#" not in links[-1]["refuri"]:
            links[-1]["refuri"] += f"#{place}"


def introduced(document: nodes.document, names: list[str]) -> str | None:
    """Return the id of the section that introduces a word: in bold, or by its first use."""
    pattern = pattern_of(names)
    first = None
    for text, _ in texts(document):
        if pattern.search(text.astext()):
            if isinstance(text.parent, nodes.strong):
                return section_of(text)
            first = first or section_of(text)
    return first


def section_of(node: nodes.Node) -> str | None:
    """Return the id of the section around a node."""
    while node is not None and not isinstance(node, nodes.section):
        node = node.parent
    return str(node["ids"][0]) if node is not None else None


# ---- What links lead to, taken from the pages as they were written.


def reader(folder: Path) -> Any:
    """Return what reads the article of a page of `folder`, each once."""

    @cache
    def article(name: str) -> BeautifulSoup | None:
        path = folder / name
        if not path.is_file():
            return None
        html = SCRIPT.sub("", path.read_text(encoding="utf-8"))
        _, opened, rest = html.partition("<article")
        return BeautifulSoup(opened + rest.partition("</article>")[0], "html.parser")

    return article


def classes(part: Tag) -> list[str]:
    """Return the classes of an element."""
    return [str(one) for one in part.get_attribute_list("class")]


def told(target: Tag) -> str:
    """Return what a preview says of the target of a link."""
    if target.name == "dt":
        explained = target.find_next_sibling("dd")
        return inner(explained, "See") if explained else ""
    if "citation" in classes(target):
        source = (part for part in target.find_all("p") if "annotation" not in classes(part))
        return "".join(inner(part) for part in source)
    if "admonition" in classes(target):
        parts = target.find_all("p", limit=2)
        return f"<strong>{inner(parts[0])}</strong> {first_sentence(parts[-1])}"
    if "math" in classes(target):
        return inner(target)
    if target.name == "figure":
        caption = target.find("figcaption")
        return inner(caption) if caption else ""
    section = target if target.name == "section" else target.find_parent("section")
    title = section.find(re.compile("^h[1-6]$")) if section else None
    if title is None:
        return ""
    assert section is not None
    paragraph = next((one for one in section.find_all("p") if plain(one)), None)
    sentence = first_sentence(paragraph) if paragraph else ""
    return f"<strong>{inner(title)}</strong> {sentence}".strip()


def plain(paragraph: Tag) -> bool:
    """Tell whether a paragraph is of the text, and not of a box, a question or a table."""
    around = [one for one in paragraph.parents if one.name != "section"]
    boxes = {"admonition", "question", "cell", "derivation"}
    return bool(paragraph.get_text(strip=True)) and not any(
        one.name in ("table", "details", "figure", "li", "form") or boxes & set(classes(one))
        for one in around
    )


def inner(part: Tag, until: str = "") -> str:
    """Return what stands in an element, without links, anchors and ids, up to a word."""
    copied = copy(part)
    for one in copied.select(".headerlink, .section-number, script"):
        one.decompose()
    if until:
        cut_from(copied, until)
    for one in copied.find_all(True):
        if one.name == "math" or one.find_parent("math"):
            continue
        one.attrs = {"class": "math"} if "math" in classes(one) else {}
        if one.name in ("a", "p", "span") and not one.attrs:
            one.unwrap()
    return SPACE.sub(" ", copied.decode_contents()).strip()


def cut_from(part: Tag, word: str) -> None:
    """Remove what follows from the last text that ends with a word on."""
    strings = [s for s in part.find_all(string=True) if s.rstrip().endswith(word)]
    if strings:
        last = strings[-1]
        for after in list(last.find_all_next()):
            if part in after.parents:
                after.extract()
        for rest in list(last.next_siblings):
            rest.extract()
        last.replace_with(NavigableString(last.rstrip().removesuffix(word).rstrip()))


def first_sentence(paragraph: Tag) -> str:
    """Return the first sentence of a paragraph, as HTML."""
    copied = copy(paragraph)
    for child in list(copied.children):
        if isinstance(child, NavigableString) and (end := SENTENCE.search(child)):
            for after in list(child.next_siblings):
                after.extract()
            child.replace_with(NavigableString(child[: end.start()]))
            break
    return inner(copied)


def previews(page: str, article: Any) -> dict[str, str]:
    """Return what the links of a page lead to, by their addresses."""
    found: dict[str, str] = {}
    here = article(page)
    for link in here.select("a[href]:not(.headerlink)"):
        href = link["href"]
        file, _, fragment = href.partition("#")
        there = article(file or page) if "/" not in file else None
        if href in found or there is None:
            continue
        target = there.find(id=fragment) if fragment else there.find("section")
        html = told(target) if target else ""
        if html:
            found[href] = html
    return found


def store(app: Sphinx, exception: Exception | None) -> None:
    """Write into each page what its links lead to."""
    if not is_finished(app, exception):
        return
    folder = Path(app.outdir) / "book"
    article = reader(folder)
    for path in sorted(folder.glob("*.html")):
        html = DATA.sub("", path.read_text(encoding="utf-8"))
        if article(path.name) is None or article(path.name).find("section") is None:
            continue
        found = previews(path.name, article)
        data = json.dumps(found, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        data = data.replace("</", "<\\/")
        script = f'<script type="application/json" id="tips">{data}</script>\n'
        before, end, after = html.rpartition("</article>")
        path.write_text(before + (script if found else "") + end + after, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect to the events of Sphinx, and add script and style."""
    app.connect("env-get-outdated", outdated)
    app.connect("doctree-resolved", mark)
    app.connect("build-finished", store)
    app.add_css_file("tips.css")
    app.add_js_file("tips.js")
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
