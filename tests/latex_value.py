"""What a displayed formula is worth, read from its LaTeX alone, without the code that wrote it.

It is read as people do: a fraction bar and a root reach as far as they are drawn, factors stand
side by side, a slash divides by the one factor that follows it.
"""

import re
from collections.abc import Mapping

import mpmath

_TOKEN = re.compile(r"\\left\||\\right\||\\[A-Za-z]+|\\[,|]|\d+|[A-Za-z]|[^\s]")
_FUNCTIONS = {
    r"\sin": mpmath.sin, r"\cos": mpmath.cos, r"\tanh": mpmath.tanh, r"\cosh": mpmath.cosh,
    r"\ln": mpmath.log, r"\exp": mpmath.exp, r"\max": max, r"\min": min,
    r"\sigma": lambda x: 1 / (1 + mpmath.exp(-x)),
}  # fmt: skip


def value(latex: str, symbols: Mapping[str, mpmath.mpf]) -> mpmath.mpf:
    """Evaluate a formula whose symbols, such as ``h_{1}``, have the given values."""
    tokens = [token for token in _TOKEN.findall(latex) if token not in (r"\,", r"\left", r"\right")]
    reader = _Reader(tokens, symbols)
    result = reader.sum()
    assert not reader.rest(), f"{reader.rest()} is left of {latex}"
    return result


class _Reader:
    def __init__(self, tokens: list[str], symbols: Mapping[str, mpmath.mpf]) -> None:
        self.tokens, self.symbols, self.at = tokens, symbols, 0

    def rest(self) -> list[str]:
        return self.tokens[self.at :]

    def next(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, expected: str | None = None) -> str:
        token = self.next()
        assert token, "the formula ends too early"
        assert expected is None or token == expected, (expected, self.rest())
        self.at += 1
        return token

    def sum(self) -> mpmath.mpf:
        negative = self.next() == "-"
        if negative:
            self.take()
        total = -self.product() if negative else self.product()
        while self.next() in ("+", "-"):
            total = total + self.product() if self.take() == "+" else total - self.product()
        return total

    def product(self) -> mpmath.mpf:
        total, before = self.factor()
        while True:
            if self.next() == "/":
                self.take()
                divisor, _ = self.factor()
                assert self.next() in ("", "+", "-", ")", "}", ",", r"\rvert", r"\right|"), (
                    f"what does the slash before {self.rest()} divide by?"
                )
                return total / divisor
            if self.next() == r"\cdot":
                self.take()
                before = ""
            elif self.next() in ("", "+", "-", ")", "}", ",", r"\rvert", r"\right|"):
                return total
            factor, kind = self.factor()
            assert not (kind == "number" and before), "a number after a factor needs a dot"
            total, before = total * factor, kind

    def factor(self) -> tuple[mpmath.mpf, str]:
        base, kind = self.base()
        if self.next() == "^":
            self.take()
            base = mpmath.power(base, self.group())
            assert self.next() != "^", "a power of a power needs brackets"
        return base, kind

    def group(self) -> mpmath.mpf:
        self.take("{")
        inside = self.sum()
        self.take("}")
        return inside

    def inside(self, close: str) -> list[mpmath.mpf]:
        found = [self.sum()]
        while self.next() == ",":
            self.take()
            found.append(self.sum())
        self.take(close)
        return found

    def base(self) -> tuple[mpmath.mpf, str]:
        token = self.take()
        if token.isdigit():
            return mpmath.mpf(token), "number"
        if token in (r"\frac", r"\tfrac"):
            return self.group() / self.group(), "fraction"
        if token == r"\sqrt":
            return mpmath.sqrt(self.group()), "root"
        if token == "(":
            (only,) = self.inside(")")
            return only, "brackets"
        if token in (r"\lvert", r"\left|"):
            (only,) = self.inside(r"\rvert" if token == r"\lvert" else r"\right|")
            return abs(only), "brackets"
        if token in _FUNCTIONS:
            power = mpmath.mpf(1)
            if self.next() == "^":
                self.take()
                power = self.group()
            self.take("(")
            return mpmath.power(_FUNCTIONS[token](*self.inside(")")), power), "call"
        if token == "e":
            return mpmath.e, "symbol"
        if token == r"\pi":
            return +mpmath.pi, "symbol"
        if self.next() == "_":
            self.take()
            self.take("{")
            token += f"_{{{self.take()}}}"
            self.take("}")
        return self.symbols[token], "symbol"
