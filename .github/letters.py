"""Make the font with the letters of the book's formulas anew, and name them in the style sheet.

    make book && pip install fonttools brotli && python .github/letters.py

It is a part of ``latinmodernmath.woff2``, with all sizes of what stretches and all letters for
scripts, and a third of its weight: a page fetches the whole font only for a sign that is not in it.
"""

import re
from html import unescape
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "book/_static/temml"
STYLE = ROOT / "book/_static/mathematics.css"
# The italic letters stand apart in Unicode, with gaps where older signs were there before.
ITALIC = {
    **{chr(65 + i): 0x1D434 + i for i in range(26)},
    **{chr(97 + i): 0x1D44E + i for i in range(26)},
    **{chr(0x391 + i): 0x1D6E2 + i for i in range(25)},
    **{chr(0x3B1 + i): 0x1D6FC + i for i in range(25)},
    **dict(zip("∇∂ϵϑϰϕϱϖıȷ", [0x1D6FB, *range(0x1D715, 0x1D71C), 0x1D6A4, 0x1D6A5], strict=True)),
    "h": 0x210E,
}


def signs_of(page: str) -> set[int]:
    """Return what the formulas of a page are set with.

    A letter alone is set in italics. Browsers look for it upright, too, before they do that.
    """
    found: set[int] = set()
    for formula in re.findall(r"<math.*?</math>", page, re.DOTALL):
        for about, text in re.findall(r"<mi([^>]*)>([^<]*)</mi>", formula):
            name = unescape(text)
            found |= set(map(ord, name))
            if len(name) == 1 and "mathvariant" not in about:
                found.add(ITALIC.get(name, ord(name)))
        others = re.sub(r"<mi[^>]*>[^<]*</mi>|<[^>]*>", "", formula)
        found |= set(map(ord, unescape(others)))
    return found


def ranges(signs: set[int]) -> str:
    """Write code points as CSS does.

    >>> ranges({65, 66, 67, 100})
    'U+41-43, U+64'
    """
    spans: list[list[int]] = []
    for sign in sorted(signs):
        if spans and sign == spans[-1][1] + 1:
            spans[-1][1] = sign
        else:
            spans.append([sign, sign])
    return ", ".join(f"U+{a:X}" if a == b else f"U+{a:X}-{b:X}" for a, b in spans)


def main() -> None:
    """Write the font, and its letters into the style sheet."""
    pages = [
        path.read_text(encoding="utf-8") for path in (ROOT / "_build/html/book").rglob("*.html")
    ]
    wanted = {*range(0x20, 0x7F), 0x221A}  # a root has its sign without naming it
    wanted |= {ITALIC[letter] for letter in ITALIC if letter.isascii()}
    wanted = wanted.union(*map(signs_of, pages))
    font = TTFont(FOLDER / "latinmodernmath.woff2", recalcTimestamp=False)
    wanted &= set(font.getBestCmap())
    options = subset.Options(
        flavor="woff2",
        hinting=False,
        desubroutinize=True,
        name_IDs=[0, 5, 13, 14],
        layout_features=["ssty", "dtls", "kern", "mark", "mkmk", "ccmp"],
    )
    cut = subset.Subsetter(options)
    cut.populate(unicodes=wanted)
    cut.subset(font)
    font.flavor = "woff2"
    font.save(FOLDER / "letters.woff2")
    style = STYLE.read_text(encoding="utf-8")
    style = re.sub(r"unicode-range: [^;]*;", f"unicode-range: {ranges(wanted)};", style)
    STYLE.write_text(style, encoding="utf-8")
    size = (FOLDER / "letters.woff2").stat().st_size
    print(f"{len(wanted)} signs, {size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
