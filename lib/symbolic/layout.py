"""How a derivation is displayed: in HTML, in LaTeX, and in plain text."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import ceil
from pathlib import Path

import sympy as sp

from lib._kernel import STATIC
from lib.symbolic.notation import Form
from lib.symbolic.printing import latex_of
from lib.symbolic.widths import width

RELATIONS = {"=": "=", "<": "<", "<=": r"\le", ">": ">", ">=": r"\ge"}

STYLE = Path(__file__).parent / "static" / "derivation.css"

# Widths of a column, in em, from which on sides are aligned, or reasons stand beside them. The
# style sheet has a rule for each; of what is wider the lines are broken.
ALIGNED = range(12, 49, 3)
BESIDE = range(21, 55, 3)
_REASON, _GAPS = 11, 2  # em
_SCALE = 1.28  # formulas are set larger than the text around them


@dataclass(frozen=True)
class Line:
    """One displayed line: ``left relation right``, and the reason for it in words."""

    left: Form | None
    relation: str
    right: Form
    reason: str
    kind: str
    trust: str = ""  # how it was established: proved, sympy, points, definition or assumption
    follows: bool = False  # from the line before, and nothing is said about the way back
    alone: bool = False  # a claim, which does not go from the line before


@dataclass(frozen=True)
class Row:
    """What one row shows: a formula or a definition, and words."""

    left: str
    right: str
    reason: str
    mark: str = ""  # what a line is that is not proved: "Let", "Definition" or "Assumption"
    trust: str = ""  # how the line was established
    gap: bool = False  # the right side is left to the reader


def printed(expression: sp.Basic) -> Form:
    """Display a SymPy object as SymPy orders it."""
    return Form(expression, latex_of(expression), str(expression))


def rows(lines: Sequence[Line], gap: Line | None = None) -> list[Row]:
    """Left side, relation and right side, and reason of each displayed line.

    After a definition the left side is repeated, so that what follows is not read as part of it.
    The right side of one line may be a gap.
    """
    found = []
    subject: Form | None = None  # what equals the right side above, or is compared with it
    stands = True  # whether the subject stands above, with nothing but its chain in between
    for line in lines:
        relation = f"{RELATIONS[line.relation]} {line.right.latex}"
        if line.kind == "start":
            subject, stands = line.right, False
        elif line.kind == "let":
            name = "" if line.left is None else line.left.latex
            found.append(Row(name, relation, line.reason, "Let"))
            stands = False
        else:
            if line.left is not None:
                subject, stands = line.left, False
            left = "" if stands or subject is None else subject.latex
            if line.follows:
                left = rf"\Rightarrow\; {left}"
            mark = {"definition": "Definition", "assumption": "Assumption"}.get(line.trust, "")
            found.append(Row(left, relation, line.reason, mark, line.trust, line is gap))
            stands = True
            if line.relation != "=":
                subject = line.right  # what is equal to it is not equal to the left side
    if all(row.mark == "Let" for row in found):
        found.append(Row(lines[0].right.latex, "", lines[0].reason))
    return found


def as_html(lines: Sequence[Line], proved: int, holds: str, gap: Line | None = None) -> str:
    """Set the lines as one block, a reason beside each, and below where they hold.

    Parameters
    ----------
    lines : sequence of Line
    proved : int
        How many of them were proved.
    holds : str
        For which values of the symbols, in words.
    gap : Line, optional
        The line whose right side is hidden behind a mark.
    """
    shown = rows(lines, gap)
    parts = [_definition(row) if row.mark == "Let" else _step(row) for row in shown]
    if holds:
        parts.append(f'<div class="derivation-holds"><span>{_words(holds)}</span></div>')
    # While the book is built, the page brings the style.
    style = "" if os.environ.get(STATIC) == "1" else f"<style>{STYLE.read_text('utf-8')}</style>\n"
    return (
        f'{style}<div class="derivation" data-proved="{proved}">\n'
        f'<div class="derivation-rows{_fit(shown)}">\n' + "\n".join(parts) + "\n</div>\n</div>"
    )


def _fit(shown: Sequence[Row]) -> str:
    """Classes that say how wide a column must be for the sides, and for reasons beside them."""
    steps = [row for row in shown if row.mark != "Let"]
    sides = [max(width(row.left) for row in steps), max(width(row.right) for row in steps)]
    needed = _GAPS + _SCALE * sum(sides)
    classes = ""
    for name, em, widths in (("aligned", needed, ALIGNED), ("beside", needed + _REASON, BESIDE)):
        enough = max(widths[0], 3 * ceil(em / 3))
        if enough in widths:
            classes += f" derivation-{name}-{enough}"
    return classes


def _step(row: Row) -> str:
    mark = f'<span class="derivation-mark">{row.mark}:</span> ' if row.mark else ""
    right = _math(row.right)
    if row.gap:
        relation = row.right.partition(" ")[0]
        right = (
            f'<span class="derivation-gap">{_math(relation)} <span class="derivation-blank" '
            f'role="img" aria-label="missing">?</span></span>'
            f'<span class="derivation-filled">{right}</span>'
        )
    return (
        f'<div class="derivation-step" data-trust="{row.trust}">'
        f'<div class="derivation-left">{_math(row.left)}</div>'
        f'<div class="derivation-right">{right}</div>'
        f'<div class="derivation-reason">{mark}{_words(row.reason)}{_trust(row)}</div></div>'
    )


# How a line was established: the sign that is seen, and what it means.
TRUST = {
    "proved": ("\u2713", "proved by rules or by a normal form"),
    "sympy": ("\u2713 SymPy", "proved by SymPy, whose simplifier is trusted"),
    "points": ("\u2248", "not proved: both sides agree at many points"),
}


def _trust(row: Row) -> str:
    if row.trust not in TRUST:
        return ""
    seen, meaning = TRUST[row.trust]
    return (
        f'&nbsp;<span class="derivation-trust" role="img" aria-label="{meaning}" '
        f'title="{meaning}">{seen}</span>'
    )


def _definition(row: Row) -> str:
    return (
        f'<div class="derivation-let"><span class="derivation-mark">{row.mark}</span> '
        f'<span class="derivation-named">{_math(f"{row.left} {row.right}")}</span> '
        f'<span class="derivation-reason">{_words(row.reason)}</span></div>'
    )


def as_latex(lines: Sequence[Line], holds: str) -> str:
    """Set the lines as one aligned formula."""
    body = []
    for row in rows(lines):
        if row.mark == "Let":
            body.append(rf"& \text{{let }} {row.left} {row.right} && {_text(row.reason)}")
        else:
            reason = f"{row.mark}: {row.reason}" if row.mark else row.reason
            body.append(f"{row.left} & {row.right} && {_text(reason)}")
    if holds:
        body.append(f"& {_text(holds)}")
    joined = " \\\\\n".join(body)
    return f"$$\\begin{{aligned}}\n{joined}\n\\end{{aligned}}$$"


def as_text(lines: Sequence[Line]) -> str:
    """Set one line per step, as it was written."""
    shown = []
    for line in lines:
        words = f"    ({line.reason})" if line.reason else ""
        if line.kind == "start":
            shown.append(f"{line.right}{words}")
            continue
        left = " " if line.left is None else str(line.left)
        let = "let " if line.kind == "let" else "=> " if line.follows else ""
        shown.append(f"{let}{left} {line.relation} {line.right}{words}")
    return "\n".join(shown)


def _math(latex: str) -> str:
    return rf"\(\displaystyle {escape(latex)}\)" if latex else ""


def _words(text: str) -> str:
    return re.sub(r"\$([^$]+)\$", r"\\(\1\\)", escape(text))


_SPECIAL = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
_SPECIAL |= {sign: f"\\{sign}" for sign in "%&#_{}"}


def _text(words: str) -> str:
    """Words in a formula: what TeX would read as a command is escaped, except in mathematics."""
    pieces = re.split(r"(\$[^$]+\$)", words)
    escaped = (
        piece if piece.startswith("$") and len(piece) > 1 else
        "".join(_SPECIAL.get(sign, sign) for sign in piece)
        for piece in pieces
    )  # fmt: skip
    return rf"\text{{{''.join(escaped)}}}"
