"""How a derivation is displayed: in HTML, in LaTeX, and in plain text."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import sympy as sp

from lib.symbolic.notation import Form
from lib.symbolic.widths import width

RELATIONS = {"=": "=", "<": "<", "<=": r"\le", ">": ">", ">=": r"\ge"}

ROOM = 24  # em, for both sides in one line with the reason


def _stacked(block: str) -> str:
    """Rules for a derivation without room: a side wraps, a reason has a line of its own."""
    return f"""{block}{{display:block}}
{block}>div{{display:flex;flex-wrap:wrap;gap:.1rem .5rem;align-items:center}}
{block} .derivation-right{{max-width:100%}}
{block} .derivation-left:empty{{display:block;width:1.5rem}}
{block} .derivation-reason{{flex-basis:100%;padding:0 0 .7rem}}"""


STYLE = f"""<style>
.derivation{{display:grid;grid-template-columns:max-content minmax(0,max-content) minmax(12rem,1fr);
gap:.65rem .5rem;align-items:center;margin:1rem 0;overflow-x:auto;overflow-y:hidden}}
.derivation>div{{display:contents}}
.derivation-left{{text-align:right}}
.derivation-right{{overflow-x:auto;overflow-y:hidden;padding:.15rem 0}}
.derivation-reason{{padding-left:1.5rem;font-size:.9em;font-style:italic}}
{_stacked(".derivation-wide")}
@media(max-width:56rem){{
{_stacked(".derivation")}}}
</style>"""


@dataclass(frozen=True)
class Line:
    """One displayed line: ``left relation right``, and the reason for it in words."""

    left: Form | None
    relation: str
    right: Form
    reason: str
    kind: str


def printed(expression: sp.Basic) -> Form:
    """Display a SymPy object as SymPy orders it."""
    return Form(expression, str(sp.latex(expression, ln_notation=True)), str(expression))


def as_html(lines: Sequence[Line], proved: int) -> str:
    """Set the lines as one block, a reason beside each."""
    given = _rows(lines)
    sides = [max(width(row[side]) for row in given) for side in (0, 1)]
    wide = " derivation-wide" if sum(sides) > ROOM else ""
    rows = "\n".join(
        f'<div class="derivation-step">'
        f'<div class="derivation-left">{_math(left)}</div>'
        f'<div class="derivation-right">{_math(right)}</div>'
        f'<div class="derivation-reason">{_words(reason)}</div></div>'
        for left, right, reason in given
    )
    return (
        f'{STYLE}\n<div class="derivation{wide} tex2jax_process mathjax_process" '
        f'data-proved="{proved}">\n{rows}\n</div>'
    )


def as_latex(lines: Sequence[Line]) -> str:
    """Set the lines as one aligned formula."""
    body = " \\\\\n".join(
        f"{left} & {right} && \\text{{{reason}}}" for left, right, reason in _rows(lines)
    )
    return f"$$\\begin{{aligned}}\n{body}\n\\end{{aligned}}$$"


def as_text(lines: Sequence[Line]) -> str:
    """Set one line per step, as it was written."""
    return "\n".join(
        f"{'' if line.left is None else line.left} {line.relation} {line.right}    ({line.reason})"
        for line in lines
    )


def _rows(lines: Sequence[Line]) -> list[tuple[str, str, str]]:
    """Left side, relation and right side, and reason of each displayed line.

    The left side is repeated after a definition, so that what follows is not read as part of it.
    """
    rows = []
    subject: Form | None = None  # what equals or exceeds the right side to come
    shown = True  # whether the left side stands above, without a definition in between
    for line in lines:
        if line.kind == "start":
            subject, shown = line.right, False
            continue
        left = line.left
        if line.kind == "let":
            shown = False
        else:
            if left is not None:
                subject = left
            elif not shown:
                left = subject
            shown = True
            if line.relation != "=":
                subject = line.right  # an equation may follow, which holds for this side only
        latex = "" if left is None else left.latex
        rows.append((latex, f"{RELATIONS[line.relation]} {line.right.latex}", line.reason))
    return rows or [(lines[0].right.latex, "", lines[0].reason)]


def _math(latex: str) -> str:
    return rf"\(\displaystyle {escape(latex)}\)" if latex else ""


def _words(reason: str) -> str:
    return re.sub(r"\$([^$]+)\$", r"\\(\1\\)", escape(reason))
