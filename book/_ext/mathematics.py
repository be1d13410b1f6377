"""Set the formulas of the finished pages, so that the browser has nothing to set.

Sphinx, the outputs of cells and the questions leave formulas in TeX on the pages. When all pages
are written, each formula becomes MathML, which browsers display and screen readers read without a
script. Temml does it, in a JavaScript engine. The same Temml sets what is typed or computed in the
page (``book/_static/mathematics.js``). A formula that TeX would refuse fails the build.
"""

import json
import re
from functools import cache
from html import escape, unescape
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import quickjs
from finished_pages import is_finished, pages_in
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.ext.mathjax import html_visit_displaymath, html_visit_math

TEMML = Path(__file__).parents[1] / "_static" / "temml" / "temml.min.js"
FONT = "temml/letters.woff2"  # of the style sheet mathematics.css
SET = """function set(tex, display) {
  try {
    const options = { displayMode: display, throwOnError: true };
    return JSON.stringify([temml.renderToString(tex, options), ""]);
  } catch (error) {
    return JSON.stringify(["", error.message]);
  }
}"""

# What is no text of the page.
OTHER = re.compile(
    r"(<!--.*?-->|<(pre|code|script|style|svg|textarea|title)\b.*?</\2>|<[^>]*>)", re.DOTALL
)
FORMULA = re.compile(r"\\\((.*?)\\\)|\\\[(.*?)\\\]", re.DOTALL)
# What has a script over, under or beside its first part.
SCRIPTED = ("msub", "msup", "msubsup", "munder", "mover", "munderover")
GROUPS = ("math", "mrow", "mstyle")


@cache
def engine() -> Any:
    """Return Temml in an engine that is started once: a function of TeX."""
    started = quickjs.Context()
    started.eval(TEMML.read_text(encoding="utf-8"))
    started.eval(SET)
    return started.get("set")


@cache
def mathml(tex: str, display: bool = False) -> str:
    r"""Return a formula in TeX as MathML.

    Raises
    ------
    ValueError
        If it is not TeX.

    Examples
    --------
    >>> mathml(r"x_1 =")
    '<math><mrow><msub><mi>x</mi><mn>1</mn></msub><mo rspace="0em">=</mo></mrow></math>'
    >>> mathml(r"\frac{1}{2")
    Traceback (most recent call last):
    ...
    ValueError: Unexpected end ...
    """
    made, wrong = json.loads(engine()(tex, display))
    if wrong:
        raise ValueError(" ".join(wrong.split()))
    return spaced(made)


def spaced(made: str) -> str:
    """Return MathML with the space around operators that TeX leaves: none in scripts and at ends.

    Examples
    --------
    >>> spaced("<math><mo>=</mo><mn>1</mn></math>")
    '<math><mo lspace="0em">=</mo><mn>1</mn></math>'
    """
    math = ElementTree.fromstring(made)
    for side, place in (("lspace", 0), ("rspace", -1)):
        end = math
        while end.tag in GROUPS and len(end):
            end = end[place]
        if end.tag == "mo":
            end.attrib.setdefault(side, "0em")
    for scripted in math.iter():
        scripts = list(scripted)[1:] if scripted.tag in SCRIPTED else []
        for script in scripts:
            for operator in script.iter("mo"):
                if operator is not script:  # else an accent, a star or a prime
                    operator.attrib.setdefault("lspace", "0em")
                    operator.attrib.setdefault("rspace", "0em")
    return ElementTree.tostring(math, encoding="unicode", short_empty_elements=False)


def typeset(html: str) -> str:
    r"""Return a page with its formulas set; each keeps its TeX in ``data-tex``.

    Raises
    ------
    ValueError
        If one is not TeX; it is quoted.

    Examples
    --------
    >>> typeset(r"<p>\(x\)</p><pre>\(x\)</pre>")
    '<p><math data-tex="x"><mi>x</mi></math></p><pre>\\(x\\)</pre>'
    """

    def one(found: re.Match[str]) -> str:
        tex = unescape(found[1] or found[2] or "").strip()
        try:
            made = mathml(tex, found[1] is None)
        except ValueError as error:
            raise ValueError(f"{tex!r}: {error}") from None
        return made.replace("<math", f'<math data-tex="{escape(tex)}"', 1)

    pieces = OTHER.split(html)  # the text, what is none, the name of its element, the text, ...
    pieces[::3] = [FORMULA.sub(one, text) for text in pieces[::3]]
    del pieces[2::3]
    return "".join(piece or "" for piece in pieces)


def fetch_font_early(html: str, root: str) -> str:
    """Let a page with formulas fetch their font while it is read: what comes later moves lines."""
    address = f"{root}_static/{FONT}"
    link = f'<link rel="preload" as="font" type="font/woff2" crossorigin href="{address}">'
    if "<math" not in html or link in html:
        return html
    return html.replace("</head>", f"{link}\n</head>", 1)


def set_pages(app: Sphinx, exception: Exception | None) -> None:
    """Set the formulas of all pages that are not yet set."""
    if not is_finished(app, exception):
        return
    wrong = []
    for page in pages_in(Path(app.outdir)):
        if not FORMULA.search(page.html):
            continue
        try:
            page.rewrite(fetch_font_early(typeset(page.html), page.root))
        except ValueError as error:
            wrong.append(f"{page.place.as_posix()}: {error}")
    if wrong:
        raise ExtensionError("formulas that cannot be set:\n" + "\n".join(wrong))


def setup(app: Sphinx) -> dict[str, Any]:
    """Add the writer of formulas and connect to the end of the build."""
    app.add_html_math_renderer("temml", (html_visit_math, None), (html_visit_displaymath, None))
    app.connect("build-finished", set_pages, priority=100)  # before others read the pages
    app.add_css_file("temml/Temml-Latin-Modern.css")
    app.add_css_file("mathematics.css")
    app.add_js_file("mathematics.js")
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
