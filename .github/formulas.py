"""Formulas of an e-book: those too wide for a telephone are cut into pieces that wrap.

A screen can be moved sideways and a page of an e-book cannot. So a wide formula is cut before its
relations, then before what it adds up, and a piece that is still too wide is set smaller on narrow
screens (``epub.css``).
"""

import re
from collections.abc import Callable
from copy import deepcopy
from itertools import pairwise
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

MATHML = "http://www.w3.org/1998/Math/MathML"
MOST = 15.0  # em; what a line of a telephone holds
STEP = 3  # between the widths that the style sheet knows
RELATIONS = frozenset("=<>≤≥≈≠→∝∼≡⇒⟹↦∈≪≫")
SUMS = frozenset("+−±∓")
PRODUCTS = frozenset("⋅·×⊙∘")
SCRIPT = 0.7
ROWS = ("mrow", "mstyle")
TABLES = ("mtable", "mtr", "mtd")


def width(node: Element) -> float:
    """Estimate the width of a part of a formula, in em of its font.

    Examples
    --------
    >>> width(ElementTree.fromstring("<mfrac><mn>1</mn><mn>100</mn></mfrac>"))
    1.74
    """
    parts = [width(child) for child in node]
    match node.tag:
        case "mspace":
            said = re.fullmatch(r"(-?[\d.]+)em", node.get("width", ""))
            return float(said[1]) if said else 0.0
        case "mo":
            return of_operator(node.text or "")
        case "mi" | "mn" | "mtext":
            return 0.52 * len(node.text or "") + 0.05
        case "mfrac":
            return round(max(parts) + 0.13, 3)
        case "msub" | "msup":
            return parts[0] + SCRIPT * parts[1]
        case "msubsup":
            return parts[0] + SCRIPT * max(parts[1:])
        case "munder" | "mover" | "munderover":
            return max(parts[0], *(SCRIPT * part for part in parts[1:]))
        case "msqrt":
            return sum(parts) + 0.9
        case "mtable":
            rows = [[width(cell) for cell in row] for row in node]
            most = max(map(len, rows))
            columns = (max(row[i] for row in rows if i < len(row)) for i in range(most))
            return sum(columns) + 0.8 * most
    return sum(parts)


def of_operator(text: str) -> float:
    """Return the width of an operator with the space around it."""
    if text in RELATIONS:
        return 1.35
    if text in SUMS or text in PRODUCTS:
        return 1.2
    return 0.45 if text.strip("⁡\u2062") else 0.0


def before(signs: frozenset[str]) -> Callable[[list[Element], int], bool]:
    """Say that one may cut before some signs, where they stand between two things."""

    def may(items: list[Element], i: int) -> bool:
        one, last = items[i], items[i - 1]
        return one.tag == "mo" and (one.text or "") in signs and last.tag != "mo"

    return may


def after_space(items: list[Element], i: int) -> bool:
    """Say that one may cut after a wide space."""
    return items[i - 1].tag == "mspace" and width(items[i - 1]) >= 1


def after_comma(items: list[Element], i: int) -> bool:
    """Say that one may cut after a comma."""
    return items[i - 1].tag == "mo" and items[i - 1].get("separator") == "true"


def cut(items: list[Element]) -> list[list[Element]]:
    """Cut a row into pieces, no finer than is needed."""
    lines = [items]
    for may in (
        after_space,
        before(RELATIONS),
        before(SUMS),
        after_comma,
        before(PRODUCTS),
        before_word,
    ):
        finer: list[list[Element]] = []
        for line in lines:
            if sum(map(width, line)) <= MOST:
                finer.append(line)
                continue
            begins = [0, *(i for i in range(1, len(line)) if may(line, i)), len(line)]
            finer += [line[a:b] for a, b in pairwise(begins)]
        lines = finer
    return lines


def worded(items: list[Element]) -> list[Element]:
    """Return a row with each word of a longer text as a text of its own."""
    made: list[Element] = []
    for one in items:
        if one.tag != "mtext" or width(one) <= MOST / 2:
            made.append(one)
            continue
        for word in re.findall(r"\s*\S+\s*?(?=\s|$)|\s+$", one.text or ""):
            made.append(Element("mtext", dict(one.attrib)))
            made[-1].text = word.replace(" ", "\u00a0")
    return made


def before_word(items: list[Element], i: int) -> bool:
    """Say that one may cut between two words."""
    return items[i].tag == items[i - 1].tag == "mtext"


def rows_of(place: Element) -> list[list[Element]]:
    """Return the lines that a formula has already: several, if it is an aligned one."""
    if place.tag not in TABLES:
        return [list(place)]
    rows = place if place.tag == "mtable" else [place]
    return [[one for cell in row for one in cell] for row in rows]


def wrapped(math: Element, items: list[Element], rows: list[Element]) -> Element:
    """Return a formula of some items within copies of the rows that they stood in."""
    made = place = Element("math", dict(math.attrib))
    for row in rows:
        inner = Element(row.tag, dict(row.attrib))
        place.append(inner)
        place = inner
    place.extend(deepcopy(items))
    if items[0].tag == "mo" and items[0].get("form") is None:
        place[0].set("form", "infix")  # at the beginning of a row a minus would be a sign
    return made


def with_styles(math: Element) -> None:
    """Give the sizes of scripts to elements of their own, where alone EPUB allows them."""
    for parent in list(math.iter()):
        for place, child in enumerate(parent):
            if child.tag != "mstyle" and "scriptlevel" in child.attrib:
                style = Element("mstyle", {"scriptlevel": child.attrib.pop("scriptlevel")})
                style.append(child)
                parent[place] = style


def pieces_of(source: str) -> list[str]:
    """Return a formula of the built site as an e-book has it: in one piece, or in several.

    The first keeps the whole formula in TeX, for readers that display no MathML.

    Examples
    --------
    >>> pieces_of('<math data-tex="x"><mi>x</mi></math>')
    ['<math xmlns="http://www.w3.org/1998/Math/MathML" alttext="x"><mi>x</mi></math>']
    """
    math = ElementTree.fromstring(source)
    tex = re.sub(r"^\\displaystyle\s+", "", math.attrib.pop("data-tex", ""))
    math.attrib.pop("style", None)
    with_styles(math)
    lines, rows = lines_of(math)
    if len(lines) > 1 and math.attrib.pop("display", ""):
        math.attrib.pop("class", None)
        rows.insert(0, Element("mstyle", {"displaystyle": "true", "scriptlevel": "0"}))
    made = []
    for number, (line, begins) in enumerate(lines):
        one = wrapped(math, line, rows) if len(lines) > 1 else math
        classes = [one.get("class", ""), fit(width(one)), "rest" if number else ""]
        about = {"xmlns": MATHML, "alttext": "" if number else " ".join(tex.split())}
        one.attrib = about | one.attrib | {"class": " ".join(filter(None, classes))}
        if not one.get("class"):
            del one.attrib["class"]
        before = "<br/>" if number and begins else ""
        made.append(before + ElementTree.tostring(one, encoding="unicode"))
    return made


def fit(wide: float) -> str:
    """Return the class that makes a formula of a width fit into a line."""
    return f"fit-{min(STEP * -int(-wide // STEP), 36)}" if wide > MOST else ""


def lines_of(math: Element) -> tuple[list[tuple[list[Element], bool]], list[Element]]:
    """Cut a formula if it is wide.

    Returns
    -------
    lines : list
        The parts of each piece, and whether it has to begin a line.
    rows : list of Element
        What each piece stands in.
    """
    rows: list[Element] = []
    place, wide = math, width(math) > MOST
    while len(place) == 1 and place[0].tag in (*ROWS, *(TABLES if wide else ())):
        place = place[0]
        if place.tag in ROWS:
            rows.append(place)
    # An aligned formula that is only a little too wide stays aligned, and is set smaller.
    if not wide or (place.tag == "mtable" and width(place) <= 1.5 * MOST):
        return [(list(place), True)], rows
    given = [cut(worded(row)) for row in rows_of(place)]
    return [(line, not i) for lines in given for i, line in enumerate(lines)], rows
