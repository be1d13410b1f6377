"""Words and numbers of questions: text with mathematics as HTML, and numbers as they are read."""

import math
import re
from collections.abc import Sequence
from html import escape
from numbers import Real
from typing import Any

from lib._checks import shown
from lib.figures.style import power_of_ten

_MARKED = re.compile(r"(\$[^$]+\$|`[^`]+`|\*[^*\s][^*]*\*)")
# What stays on the line of a formula, as in the text of the chapters.
_MARKS = re.compile(r"[,.;:?!)\]’”%-]+")
NAMED = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def rich(text: str) -> str:
    r"""Write text as HTML: ``$...$`` is mathematics, ```...``` code, ``*...*`` emphasis.

    A formula and the marks right after it stand in a box that does not break.

    >>> rich("*Twice* `x` < $x^2$")
    '<em>Twice</em> <code>x</code> &lt; <span class="math notranslate nohighlight">\\(x^2\\)</span>'
    >>> rich("$x$, no")
    '<span class="unbroken"><span class="math notranslate nohighlight">\\(x\\)</span>,</span> no'
    """
    parts = _MARKED.split(text)
    written = ""
    for i, part in enumerate(parts):
        if i % 2 == 0:
            written += escape(part, False)
        elif part[0] == "$" and (marks := _MARKS.match(parts[i + 1])):
            parts[i + 1] = parts[i + 1][marks.end() :]
            written += f'<span class="unbroken">{_piece(part)}{marks.group()}</span>'
        else:
            written += _piece(part)
    return written


def folded_hints(hints: Sequence[str], kind: str) -> str:
    """Write hints, folded, which the page's script gives one by one.

    >>> folded_hints(["Halve $x$."], "question-hint").partition("<p>")[0]
    '<details class="question-hint"><summary>Hint</summary>'
    """
    count = len(hints)
    return "".join(
        f'<details class="{kind}"><summary>Hint{f" {i} of {count}" if count > 1 else ""}'
        f"</summary><p>{rich(hint)}</p></details>"
        for i, hint in enumerate(hints, start=1)
    )


def _piece(part: str) -> str:
    inner = escape(part[1:-1], False)
    if part[0] == "$":
        return rf'<span class="math notranslate nohighlight">\({inner}\)</span>'
    tag = "code" if part[0] == "`" else "em"
    return f"<{tag}>{inner}</{tag}>"


def plain(text: str) -> str:
    """Write text without its marks, for a widget that shows text alone."""
    parts = _MARKED.split(text)
    words = "".join(part[1:-1] if i % 2 else part for i, part in enumerate(parts))
    for command, letter in (("\\sigma", "σ"), ("\\delta", "δ"), ("\\eta", "η"), ("\\alpha", "α"),
                            ("\\phi", "φ"), ("\\cdot", "·"), ("\\ln", "ln"), ("\\partial", "∂"),
                            ("\\,", " "), ("\\", "")):  # fmt: skip
        words = words.replace(command, letter)
    return words


def sentence(name: str, value: Any) -> str:
    """Return a text that is not empty."""
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a text; got {shown(value)}")
    if not value.strip():
        raise ValueError(f"{name} must not be empty; got {shown(value)}")
    return " ".join(value.split())


def ended(text: str) -> str:
    """Write a text with a mark at its end."""
    return text if text.endswith((".", "?", "!")) else f"{text}."


def number(value: float, show: str | None = None) -> str:
    """Write a number, by a format of Python's or in as many digits as it takes.

    >>> number(0.25), number(-3e-13), number(1e-12), number(49), number(0.0664, ".2f")
    ('0.25', '−3.0·10⁻¹³', '10⁻¹²', '49', '0.07')
    """
    if show is not None:
        return format(value, show).replace("-", "−")
    if value == 0 or 1e-3 <= abs(value) < 1e5:
        return f"{value:.4g}".replace("-", "−") if value % 1 else f"{value:.0f}".replace("-", "−")
    text = power_of_ten(math.log10(abs(value)))
    text = text.removeprefix("1.0·") if text.startswith("1.0·10") else text
    return ("−" if value < 0 else "") + text


def count_of(value: int) -> str:
    """Write a small count in letters."""
    return NAMED[value] if value < len(NAMED) else str(value)


def is_number(value: Any) -> bool:
    """Tell whether a value is a real number, and no bool."""
    return isinstance(value, Real) and not isinstance(value, bool)


def format_of(show: Any) -> str | None:
    """Return a format for numbers, or None."""
    if show is None:
        return None
    if not isinstance(show, str):
        raise TypeError(f"show must be a format of numbers such as '.2f'; got {shown(show)}")
    try:
        format(1.5, show)
    except ValueError:
        raise ValueError(
            f"show must be a format of numbers such as '.2f'; got {shown(show)}"
        ) from None
    return show
