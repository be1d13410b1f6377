"""Make the finished pages light: one style sheet, scripts that wait, letters that come early.

The tools bring some twenty style sheets, most of whose rules fit nothing in the book, and a font
with thousands of icons. When all pages are written, their style sheets become one, which keeps the
rules whose classes stand on a page or in a script, and carries the icons that are left. Scripts run
when a page has been read, and its fonts are fetched while it is. Two builds write the same bytes.
"""

import base64
import hashlib
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import tinycss2
from finished_pages import is_finished, pages_in
from fontTools import subset
from fontTools.ttLib import TTFont
from sphinx.application import Sphinx

from lib._files import replacing

SHEET = "whole.css"
FIRST = "only.js"  # it decides before anything is drawn
LINK = re.compile(r'[ \t]*<link\b[^>]*?rel="stylesheet"[^>]*>\n?')
ADDRESS = re.compile(r'\b(?:href|src)="([^"?]*)[^"]*"')
CLASSES = re.compile(r"""class=\\?["']([^"'\\]*)""")
PROGRAM = re.compile(r"<script\b(?![^>]*\bjson\b)[^>]*>(.*?)</script>", re.DOTALL)
WHOLE_SCRIPT = re.compile(r"<script\b.*?</script>", re.DOTALL)
SCRIPT = re.compile(r"<script\b(?![^>]*\bdefer\b)([^>]*\ssrc=[^>]*)>")
# It names the page for a choice between versions, which the book does not have.
PAGE_NAME = re.compile(r"[ \t]*<script>DOCUMENTATION_OPTIONS\.pagename = '[^']*';</script>\n?")
UNSEEN = re.compile(r'<script type="application/json" id="live-unseen">.*?</script>\n?', re.DOTALL)
# Folders of scripts that give no element a class.
WITHOUT_CLASSES = ("vendor", "mathjax", "temml", "locales", "frames")
# The theme measures every block of code, and all of them again after each change of a page: more
# work than all other scripts do together. book.js keeps to the blocks that have changed.
THEME = "scripts/pydata-sphinx-theme.js"
MEASURING = re.compile(
    r',"complete"===document\.readyState\?(\w+)\(\):\w+\.addEventListener\("load",\1\)'
)
# Classes that a script puts together from parts.
BUILT = ("bs-", "tooltip")
FACE = re.compile(r"@font-face\s*\{[^}]*?font-family:\s*([^;}]+)[^}]*\}")
# What is set in another font than the text, or is not drawn at first.
PLACES = re.compile(r"<(/?)(details|table|figure|form|summary|button|svg|math|article|em|i|p)\b")
FONTS = {
    "sans": "fonts/source-sans-3-latin-wght-normal.woff2",
    "serif": "fonts/source-serif-4-latin-wght-normal.woff2",
    "italic": "fonts/source-serif-4-latin-wght-italic.woff2",
}


def without_query(address: str) -> str:
    """Return an address as that of a file."""
    return address.partition("?")[0]


def rebased(text: str, folder: str) -> str:
    """Return style rules of a folder below ``_static`` as they read in ``_static`` itself.

    Examples
    --------
    >>> rebased("a { src: url('./b.woff2') } i { src: url(data:x) }", "temml")
    'a { src: url("temml/b.woff2") } i { src: url(data:x) }'
    """

    def one(found: re.Match[str]) -> str:
        address = found[2]
        if address.startswith(("data:", "#", "http:", "https:")):
            return found[0]
        parts: list[str] = []
        for part in [*folder.split("/"), *address.split("/")]:
            if part == "..":
                parts.pop()
            elif part not in ("", "."):
                parts.append(part)
        return f'url("{"/".join(parts)}")'

    return re.sub(r"""url\((["']?)([^"')]+)\1\)""", one, text)


def read_sheet(static: Path, name: str) -> str:
    """Return the rules of a style sheet and of those that it imports."""
    folder = name.rpartition("/")[0]
    text = (static / name).read_text(encoding="utf-8").removeprefix("\ufeff")
    text = re.sub(r'@charset\s+"[^"]*";', "", text)
    imports = re.findall(r'@import\s+"([^"]+)";', text)
    text = rebased(re.sub(r'@import\s+"[^"]+";', "", text), folder)
    before = [
        read_sheet(static, rebased(f"url({one})", folder)[5:-2] if folder else one)
        for one in imports
    ]
    return "".join([*before, text])


def classes_in(tokens: Iterable[Any]) -> Iterator[str]:
    """Yield the classes that an element must have for one selector to fit."""
    dot = False
    for token in tokens:
        if dot and token.type == "ident":
            yield token.value
        dot = token.type == "literal" and token.value == "."


def selectors_of(prelude: list[Any]) -> Iterator[list[Any]]:
    """Split what stands before the braces of a rule at its commas."""
    one: list[Any] = []
    for token in prelude:
        if token.type == "literal" and token.value == ",":
            yield one
            one = []
        else:
            one.append(token)
    yield one


def used_rules(text: str, used: set[str]) -> str:
    """Return style rules without those that fit nothing.

    Parameters
    ----------
    text : str
        A style sheet, or what stands in the braces of ``@media``.
    used : set of str
        The classes that elements have or may get.

    Examples
    --------
    >>> used_rules("a.x, .y b { color: red } @media print { .z { color: red } }", {"y"})
    '.y b{color: red}'
    """
    kept = []
    for rule in tinycss2.parse_stylesheet(text, skip_comments=True, skip_whitespace=True):
        if rule.type == "qualified-rule":
            fitting = [
                tinycss2.serialize(one).strip()
                for one in selectors_of(rule.prelude)
                if all(name in used or name.startswith(BUILT) for name in classes_in(one))
            ]
            if fitting:
                kept.append(f"{','.join(fitting)}{{{tinycss2.serialize(rule.content).strip()}}}")
        elif rule.type == "at-rule" and rule.lower_at_keyword in ("media", "supports", "layer"):
            if rule.content is None:
                kept.append(tinycss2.serialize([rule]))
                continue
            inside = used_rules(tinycss2.serialize(rule.content), used)
            if inside:
                before = tinycss2.serialize(rule.prelude).strip()
                kept.append(f"@{rule.lower_at_keyword} {before}{{{inside}}}")
        else:
            kept.append(tinycss2.serialize([rule]))
    return "\n".join(kept)


def with_icons(rules: str, static: Path) -> str:
    """Put the icons that rules name into them, in the place of the fonts with all icons."""
    signs = {ord(sign) for sign in re.findall(r'content:\s*"(.)', rules)}
    others = FACE.sub("", rules)

    def one(found: re.Match[str]) -> str:
        file = re.search(r'url\("([^"]+\.ttf)"\)', found[0])
        if not file or "fontawesome" not in file[1]:
            return found[0]
        family = re.sub(r"[\\\"']", "", found[1])
        data = icons(static / file[1], signs) if family in others else b""
        if not data:
            return ""
        source = f'src:url("data:font/woff;base64,{base64.b64encode(data).decode()}")'
        return re.sub(r"src:[^;}]*", lambda _: source, found[0])

    return FACE.sub(one, rules)


def icons(file: Path, signs: set[int]) -> bytes:
    """Return the part of a font that draws some signs, or nothing if it draws none of them."""
    font = TTFont(file, recalcTimestamp=False)
    wanted = signs & set(font.getBestCmap())
    if not wanted:
        return b""
    options = subset.Options(layout_features=[], hinting=False, name_IDs=[0, 13, 14], flavor="woff")
    cut = subset.Subsetter(options)
    cut.populate(unicodes=wanted)
    cut.subset(font)
    font.flavor = "woff"
    made = io.BytesIO()
    font.save(made)
    return made.getvalue()


def classes_of(pages: Iterable[str], scripts: Iterable[str]) -> set[str]:
    """Return the classes on some pages, and every word of their scripts, which may be one."""
    found: set[str] = set()
    for page in pages:
        for names in CLASSES.findall(page):
            found.update(names.split())
        for program in PROGRAM.findall(page):
            found.update(re.findall(r"[\w-]+", program))
    for script in scripts:
        found.update(re.findall(r"[\w-]+", script))
    return found


def sheets_of(page: str) -> list[str]:
    """Return the style sheets of a page, as files in ``_static``."""
    found = (ADDRESS.search(link) for link in LINK.findall(page))
    return [one[1].partition("_static/")[2] for one in found if one]


def shared_sheets(pages: Iterable[str], static: Path) -> list[str]:
    """Return the style sheets of more than one page, in the order of the page that has most."""
    lists = sorted(map(sheets_of, pages), key=len, reverse=True)
    if any(SHEET in one for one in lists):  # written by an earlier build
        head = (static / SHEET).read_text(encoding="utf-8").partition("*/")[0]
        lists = [2 * [*head.removeprefix("/*").split()], *lists]
    count = Counter(name for one in lists for name in one)
    return [name for name in count if count[name] > 1 and name != SHEET]


def fonts_of(page: str) -> list[str]:
    """Return the fonts of the words that a page shows at once."""
    inside = dict.fromkeys(("details", "table", "figure", "form", "summary", "svg", "button"), 0)
    found, article = {"sans"}, False
    for end, name in PLACES.findall(WHOLE_SCRIPT.sub("", page)):
        if name in inside:
            inside[name] += -1 if end else 1
        elif name == "article":
            article = not end
        elif not end and article and not any(inside.values()):
            found |= {"em": {"italic"}, "i": set(), "p": {"serif"}}.get(name, set())
    return [file for name, file in FONTS.items() if name in found]


def lightened(page: str, root: str, version: str, shared: list[str]) -> str:
    """Return a page with one shared style sheet, which waits neither for scripts nor for fonts."""
    sheet = f'<link rel="stylesheet" href="{root}_static/{SHEET}?v={version}">\n'
    first = True

    def one(found: re.Match[str]) -> str:
        nonlocal first
        before, first = (sheet if first else ""), False
        (name,) = sheets_of(found[0])
        return before + ("" if name in (SHEET, *shared) else found[0])

    page = LINK.sub(one, page)
    page = SCRIPT.sub(
        lambda found: found[0] if FIRST in found[1] else f"<script defer{found[1]}>", page
    )
    unseen = UNSEEN.search(page)
    if unseen and unseen.start() < page.index("</head>"):
        page = UNSEEN.sub("", page, count=1).replace("</body>", f"{unseen[0].strip()}\n</body>", 1)
    links = "".join(
        '<link rel="preload" as="font" type="font/woff2" crossorigin '
        f'href="{root}_static/{file}">\n'
        for file in fonts_of(page)
    )
    return page if links in page else page.replace(sheet, sheet + links, 1)


def lighten(app: Sphinx, exception: Exception | None) -> None:
    """Write the style sheet, and the pages anew."""
    if not is_finished(app, exception):
        return
    folder = Path(app.outdir)
    static = folder / "_static"
    pages = {
        page: PAGE_NAME.sub("", page.html) for page in pages_in(folder) if sheets_of(page.html)
    }
    theme = (static / THEME).read_text(encoding="utf-8")
    with replacing(static / THEME) as opened:
        opened.write(MEASURING.sub("", theme).encode())
    sheets = shared_sheets(pages.values(), static)
    scripts = [
        path.read_text(encoding="utf-8")
        for path in sorted(static.rglob("*.js"))
        if path.relative_to(static).parts[0] not in WITHOUT_CLASSES
        and path.name != "sections.js"  # the words of the book
    ]
    used = classes_of(pages.values(), scripts)
    rules = "\n".join(used_rules(read_sheet(static, name), used) for name in sheets)
    text = f"/* {' '.join(sheets)} */\n{with_icons(rules, static)}\n"
    version = hashlib.sha256(text.encode()).hexdigest()[:8]
    with replacing(static / SHEET) as opened:
        opened.write(text.encode())
    for page, html in pages.items():
        page.rewrite(lightened(html, page.root, version, sheets))


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect to the end of the build: after the formulas, before what a page may run is named."""
    app.connect("build-finished", lighten, priority=600)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
