"""Formulas as a reader types them, read by rules of our own and never run."""

import re
from collections.abc import Sequence

from lib.ask.formulas import COMPARED, CONSTANTS, FUNCTIONS, SEVERAL, Node

LONGEST = 200  # characters
DEEPEST = 40  # brackets and signs in one another

_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)|(?P<name>[^\W\d][\w']*)"
    r"|(?P<sign>\*\*|<=|>=|[-+*/^(),<>]))"
)
_SPELLED = str.maketrans({
    "−": "-", "–": "-", "·": "*", "⋅": "*", "×": "*", "÷": "/", "[": "(", "]": ")", "{": "(",
    "}": ")", "π": " pi ", "σ": " sigma", "α": " alpha", "γ": " gamma", "λ": " lambda",
    "μ": " mu", "φ": " phi", "≤": "<=", "≥": ">=",
} | {sub: f"_{i}" for i, sub in enumerate("₀₁₂₃₄₅₆₇₈₉")})  # fmt: skip
_SUPERSCRIPTS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


class Unreadable(ValueError):
    """A text that is no formula; says in words for the reader why."""


def parse(text: str, names: Sequence[str] = ()) -> Node:
    """Read a formula as a reader types it: ``2s(1 - s)``, ``e^-x``, ``1/4``, ``10⁻³``.

    Raises
    ------
    Unreadable
        With what cannot be read.

    Examples
    --------
    >>> parse("2s(1 - s)", ["s"]).value({"s": 0.25})
    0.375
    """
    return _Reader(text, names).whole()


class _Reader:
    def __init__(self, text: str, names: Sequence[str]) -> None:
        self.names, self.place, self.depth = list(names), 0, 0
        if len(text) > LONGEST:
            raise Unreadable(f"This is too long: at most {LONGEST} characters can be read.")
        text = re.sub("[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+", lambda m: "^(" + m[0].translate(_SUPERSCRIPTS) + ")", text)
        self.tokens = self.split(text.translate(_SPELLED).strip())

    def split(self, text: str) -> list[tuple[str, str]]:
        found, place = [], 0
        while place < len(text):
            token = _TOKEN.match(text, place)
            if token is None:
                raise Unreadable(f"“{text[place:].strip()[0]}” cannot be read here.")
            kind = token.lastgroup or ""
            content = token[kind]
            found.append((kind, "^" if content == "**" else content))
            place = token.end()
        if not found:
            raise Unreadable("Type an answer first.")
        return found

    def next(self) -> str:
        return self.tokens[self.place][1] if self.place < len(self.tokens) else ""

    def whole(self) -> Node:
        node = self.sum()
        if self.place < len(self.tokens):
            raise Unreadable(f"“{self.next()}” is not expected where it stands.")
        return node

    def sum(self) -> Node:
        node = self.product()
        while (sign := self.next()) in ("+", "-"):
            self.place += 1
            node = Node(sign, parts=(node, self.product()))
        return node

    def product(self) -> Node:
        node = self.signed()
        while True:
            sign = self.next()
            if sign in ("*", "/"):
                self.place += 1
                node = Node(sign, parts=(node, self.signed()))
            elif sign == "(" or (sign and self.tokens[self.place][0] != "sign"):
                node = Node("*", parts=(node, self.power()))  # as in 2x and s(1 - s)
            else:
                return node

    def signed(self) -> Node:
        sign = self.next()
        if sign not in ("+", "-"):
            return self.power()
        self.place += 1
        self.deeper()
        node = self.signed()
        self.depth -= 1
        return Node("negative", parts=(node,)) if sign == "-" else node

    def power(self) -> Node:
        base = self.atom()
        if self.next() != "^":
            return base
        self.place += 1
        self.deeper()
        node = Node("^", parts=(base, self.signed()))
        self.depth -= 1
        return node

    def atom(self) -> Node:
        if self.place == len(self.tokens):
            raise Unreadable("Something is missing at the end.")
        kind, text = self.tokens[self.place]
        self.place += 1
        if kind == "number":
            return Node("number", text)
        if kind == "name":
            return self.named(text)
        if text == "(":
            self.deeper()
            node = self.sum()
            self.depth -= 1
            self.close()
            return node
        raise Unreadable(f"“{text}” is not expected where it stands.")

    def named(self, text: str) -> Node:
        known = [name for name in self.names if text in (name, name.replace("_", ""))]
        if known:
            return Node("name", known[0])
        if text.lower() in (*FUNCTIONS, *SEVERAL, *CONSTANTS, "if"):
            text = text.lower()
        if text in (*FUNCTIONS, *SEVERAL, "if"):
            if self.next() != "(":
                raise Unreadable(f"“{text}” needs brackets after it.")
            self.place += 1
            self.deeper()
            inner = self.arguments(text)
            self.depth -= 1
            self.close()
            return Node("call", text, inner)
        if text in CONSTANTS:
            return Node("name", text)
        if not self.names:
            raise Unreadable(f"“{text}” is no number.")
        raise Unreadable(f"“{text}” is not known here. The formula is in {', '.join(self.names)}.")

    def arguments(self, text: str) -> tuple[Node, ...]:
        """Read what stands in the brackets of a function."""
        inner = [self.condition() if text == "if" else self.sum()]
        while text not in FUNCTIONS and self.next() == ",":
            self.place += 1
            inner.append(self.sum())
        if text == "if" and len(inner) != 3:
            raise Unreadable("Two cases are written as if(x > 0, first value, second value).")
        if text in SEVERAL and len(inner) < 2:
            raise Unreadable(f"“{text}” needs two values with a comma between them.")
        return tuple(inner)

    def condition(self) -> Node:
        one, sign = self.sum(), self.next()
        if sign not in COMPARED:
            raise Unreadable("Two cases are written as if(x > 0, first value, second value).")
        self.place += 1
        return Node(sign, parts=(one, self.sum()))

    def close(self) -> None:
        if self.next() != ")":
            raise Unreadable("A bracket is not closed.")
        self.place += 1

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > DEEPEST:
            raise Unreadable("This is nested too deeply.")
