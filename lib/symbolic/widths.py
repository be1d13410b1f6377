"""How wide a formula will be once it is set: an estimate, from which derivations are laid out."""

import re

_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|[^\s]")
_SPACED = {*"+-=<>", r"\le", r"\ge", r"\cdot", r"\mid", r"\wedge", r"\to", r"\in"}
_UNSEEN = {
    r"\left", r"\right", r"\displaystyle", r"\text", r"\mathsf", r"\mathrm", r"\limits",
    r"\,", r"\;", r"\!", r"\ ",
}  # fmt: skip
_WORD = re.compile(r"\\(log|exp|sin|cos|tanh|cosh|sinh|max|min|lim|ln|operatorname)\b")
_GLYPH, _BRACKET, _SIGN, _COLUMN, _SMALL = 0.55, 0.42, 1.3, 1.0, 0.75


def width(latex: str) -> float:
    r"""Estimate the width of a displayed formula, in em, from its LaTeX.

    Parameters
    ----------
    latex : str
        As SymPy writes it.

    Returns
    -------
    float

    Examples
    --------
    >>> round(width("a + b"), 2)
    2.4
    >>> width(r"\frac{a}{b + c}") < width(r"\frac{1}{2} (a + b + c)")
    True
    """
    total, _ = _row(_TOKEN.findall(latex), 0)
    return total


def _row(tokens: list[str], at: int) -> tuple[float, int]:
    """Width of what stands side by side up to a closing brace, and where that is."""
    widest = total = 0.0
    while at < len(tokens) and tokens[at] != "}":
        token, at = tokens[at], at + 1
        if token in (r"\begin", r"\end"):
            _, at = _group(tokens, at)
            if at < len(tokens) and token == r"\begin" and tokens[at] == "{":
                _, at = _group(tokens, at)  # the columns of an array
        elif token == r"\\":
            widest, total = max(widest, total), 0.0
        elif token in (r"\frac", r"\tfrac"):
            above, at = _group(tokens, at)
            below, at = _group(tokens, at)
            total += max(above, below) + 0.2
        elif token in "^_":
            inside, at = _group(tokens, at)
            total += _SMALL * inside
        elif token == "{":
            inside, at = _group(tokens, at - 1)
            total += inside
        elif token in _UNSEEN:
            pass
        elif token in _SPACED:
            total += _SIGN
        elif token == "&":
            total += _COLUMN
        elif token in "()[]|":
            total += _BRACKET
        elif _WORD.fullmatch(token):
            total += 0 if token == r"\operatorname" else _GLYPH * (len(token) - 1)
        else:
            total += _GLYPH
    return max(widest, total), at


def _group(tokens: list[str], at: int) -> tuple[float, int]:
    """Width of one argument, in braces or a single token, and what comes after it."""
    if tokens[at] != "{":
        return _row(tokens[at : at + 1], 0)[0], at + 1
    inside, end = _row(tokens, at + 1)
    return inside, end + 1
