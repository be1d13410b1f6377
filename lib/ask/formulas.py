"""Formulas that a reader types: read without ever being run, compared at points, proved.

The page's script, book/_static/ask.js, reads and compares in the same way.
"""

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import sympy as sp

from lib.symbolic import Derivation, DerivationError
from lib.symbolic.notation import NotationError, read

EQUAL, UNSURE = 1e-9, 1e-6  # relative differences: below the first equal, above the second not
POINTS = 12


def _sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


FUNCTIONS: dict[str, Callable[[float], float]] = {
    "exp": math.exp, "ln": math.log, "log": math.log, "sqrt": math.sqrt, "abs": abs,
    "sin": math.sin, "cos": math.cos, "tan": math.tan, "sinh": math.sinh, "cosh": math.cosh,
    "tanh": math.tanh, "sigma": _sigmoid, "sigmoid": _sigmoid,
}  # fmt: skip
SEVERAL = {"max": max, "min": min}  # of two values or more
COMPARED: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
CONSTANTS = {"pi": math.pi, "e": math.e}
_IN_NOTATION = {"abs": "Abs", "e": "E", "ln": "log", "max": "Max", "min": "Min"}
_LATEX = {"pi": r"\pi", "<=": r"\le", ">=": r"\ge", "log": r"\ln", "sigmoid": r"\sigma"}
SUM, PRODUCT, POWER, ATOM = range(4)  # what binds more tightly needs no brackets


@dataclass(frozen=True)
class Node:
    """A node of a formula: a number, a name, a call, a negation, or two sides with a sign."""

    kind: str
    text: str = ""
    parts: tuple["Node", ...] = ()

    def value(self, names: Mapping[str, float]) -> float:
        """Compute with these values of the names; what is undefined gives NaN."""
        try:
            return self._value(names)
        except (ValueError, ZeroDivisionError, OverflowError):
            return math.nan

    def _value(self, names: Mapping[str, float]) -> float:
        if self.kind == "call" and self.text == "if":
            condition, one, two = self.parts
            sides = [part._value(names) for part in condition.parts]
            if not all(map(math.isfinite, sides)):
                return math.nan
            case = one if COMPARED[condition.kind](*sides) else two
            return case._value(names)
        values = [part._value(names) for part in self.parts]
        if self.kind == "number":
            return float(self.text)
        if self.kind == "name":
            return names[self.text] if self.text in names else CONSTANTS[self.text]
        if self.kind == "call" and self.text in SEVERAL:
            return SEVERAL[self.text](values) if all(map(math.isfinite, values)) else math.nan
        if self.kind == "call":
            return FUNCTIONS[self.text](values[0])
        if self.kind == "negative":
            return -values[0]
        left, right = values
        if self.kind == "/":
            return left / right
        if self.kind == "^":
            power = left**right
            return power if isinstance(power, float) else math.nan  # not real
        return {"+": left + right, "-": left - right, "*": left * right}[self.kind]

    def notation(self, names: Mapping[str, str] | Sequence[str] = ()) -> str:
        """Write the formula in the plain notation of `lib.symbolic`.

        Parameters
        ----------
        names : mapping of str to str, or sequence of str
            Names of the formula, and what is written for them.
        """
        parts = [part.notation(names) for part in self.parts]
        if self.kind == "number":
            exact = Fraction(self.text)
            whole = exact.denominator == 1
            return str(exact) if whole else f"({exact.numerator}/{exact.denominator})"
        if self.kind == "name" and self.text in names:
            return f"({names[self.text]})" if isinstance(names, Mapping) else self.text
        if self.kind == "name":
            return _IN_NOTATION.get(self.text, self.text)
        if self.kind == "call":
            if self.text in ("sigma", "sigmoid"):
                return f"(1/(1 + exp(-({parts[0]}))))"
            if self.text == "if":
                return f"Piecewise(({parts[1]}, {parts[0]}), ({parts[2]}, True))"
            return f"{_IN_NOTATION.get(self.text, self.text)}({', '.join(parts)})"
        if self.kind in COMPARED:
            return f"{parts[0]} {self.kind} {parts[1]}"
        if self.kind == "negative":
            return f"(-{parts[0]})"
        return f"({parts[0]} {'**' if self.kind == '^' else self.kind} {parts[1]})"

    def latex(self, shown: Mapping[str, str]) -> str:
        r"""Write the formula as it is displayed while it is typed.

        Parameters
        ----------
        shown : mapping of str to str
            Names, and how they are displayed.

        Examples
        --------
        >>> from lib.ask.parser import parse
        >>> print(parse("2s(1-s)/-x^2", ["s", "x"]).latex({"s": "s"}))
        \frac{2\,s\,\left(1 - s\right)}{-x^{2}}
        """
        return self._latex(shown)[0]

    def _latex(self, shown: Mapping[str, str]) -> tuple[str, int]:
        parts = [part._latex(shown) for part in self.parts]
        inner = [text for text, _ in parts]
        if self.kind == "number":
            digits, _, exponent = self.text.lower().partition("e")
            if exponent:
                return rf"{digits} \cdot 10^{{{int(exponent)}}}", PRODUCT
            return digits, ATOM
        if self.kind == "name":
            return shown.get(self.text) or _LATEX.get(self.text, self.text), ATOM
        if self.kind == "call":
            return self._called(inner)
        if self.kind in COMPARED:
            return f"{inner[0]} {_LATEX.get(self.kind, self.kind)} {inner[1]}", SUM
        if self.kind == "negative":
            return f"-{_within(parts[0], PRODUCT)}", SUM
        if self.kind == "^":
            return f"{_within(parts[0], ATOM)}^{{{inner[1]}}}", POWER
        if self.kind == "/":
            return rf"\frac{{{inner[0]}}}{{{inner[1]}}}", PRODUCT
        if self.kind == "*":
            one, two = (_within(part, PRODUCT) for part in parts)
            return rf"{one} \cdot {two}" if two[0].isdigit() else rf"{one}\,{two}", PRODUCT
        second = _within(parts[1], PRODUCT if self.kind == "-" else SUM)
        if self.parts[1].kind == "negative":
            second = _within(parts[1], PRODUCT)
        return f"{inner[0]} {self.kind} {second}", SUM

    def _called(self, inner: Sequence[str]) -> tuple[str, int]:
        if self.text == "exp":
            return f"e^{{{inner[0]}}}", POWER
        if self.text == "sqrt":
            return rf"\sqrt{{{inner[0]}}}", ATOM
        if self.text == "abs":
            return rf"\left|{inner[0]}\right|", ATOM
        if self.text == "if":
            rows = rf"{inner[1]} & {inner[0]} \\ {inner[2]} & \text{{otherwise}}"
            return rf"\begin{{cases}} {rows} \end{{cases}}", SUM
        name = _LATEX.get(self.text, f"\\{self.text}")
        return rf"{name}\left({', '.join(inner)}\right)", POWER

    def shape(self) -> str:
        """Write what two formulas share that differ in the order of sums and products alone.

        >>> from lib.ask.parser import parse
        >>> parse("s(1 - s)", ["s"]).shape() == parse("(-s + 1)*s", ["s"]).shape()
        True
        """
        if self.kind in ("+", "-", "negative"):
            return f"({' '.join(sorted(self._terms(1)))})"
        if self.kind in ("*", "/"):
            return f"[{' '.join(sorted(self._factors(1)))}]"
        if self.kind == "number":
            return repr(float(self.text))
        if self.kind == "^" and self.parts[0] == Node("name", "e"):
            return Node("call", "exp", self.parts[1:]).shape()
        text = {"log": "ln", "sigmoid": "sigma"}.get(self.text, self.text)
        return f"{self.kind}:{text}({','.join(part.shape() for part in self.parts)})"

    def _terms(self, sign: int) -> list[str]:
        if self.kind == "negative":
            return self.parts[0]._terms(-sign)
        if self.kind in ("+", "-"):
            one, two = self.parts
            return one._terms(sign) + two._terms(sign if self.kind == "+" else -sign)
        return [f"{'+' if sign > 0 else '-'}{self.shape()}"]

    def _factors(self, power: int) -> list[str]:
        if self.kind in ("*", "/"):
            one, two = self.parts
            return one._factors(power) + two._factors(power if self.kind == "*" else -power)
        if self.kind == "number" and float(self.text) == 1:
            return []
        return [f"{'*' if power > 0 else '/'}{self.shape()}"]


def _within(part: tuple[str, int], least: int) -> str:
    """Put a part into brackets where it binds less tightly than it has to."""
    text, level = part
    return text if level >= least else rf"\left({text}\right)"


def points_of(variables: Mapping[str, tuple[float, float]]) -> list[dict[str, float]]:
    """Points inside the intervals of the variables, the same in every build."""
    rng = np.random.default_rng(17)
    drawn = rng.uniform(0.04, 0.96, size=(POINTS, len(variables))).round(4)
    return [
        {
            name: round(low + (high - low) * float(share), 6)
            for (name, (low, high)), share in zip(variables.items(), row, strict=True)
        }
        for row in drawn
    ]


def differs(one: float, other: float) -> float:
    """Relative difference from a value, absolute from 0; infinite where one is undefined."""
    if not (math.isfinite(one) and math.isfinite(other)):
        return math.inf
    if other == 0:
        return abs(one)
    largest = max(abs(one), abs(other))
    return abs(one - other) / largest if largest > 1e-300 else 0.0


def proved(
    right: sp.Expr, typed: str, variables: Mapping[str, tuple[float, float]]
) -> tuple[bool | None, str]:
    """Ask `lib.symbolic` whether two formulas are equal on the whole domain.

    Returns
    -------
    bool or None
        None where it neither proves nor refutes.
    str
        Where they differ, if they do.
    """
    symbols = {name: sp.Symbol(name, real=True) for name in variables}
    domain = {
        symbols[name]: sp.Interval.open(sp.Rational(str(low)), sp.Rational(str(high)))
        for name, (low, high) in variables.items()
    }
    try:
        if read(typed, symbols).expression == right:
            return True, ""
        Derivation.of(right, names=symbols, domain=domain).equals(typed, "the reader's formula")
    except DerivationError as error:
        return (False if error.counterexample else None), error.counterexample or ""
    except NotationError:
        return None, ""
    return True, ""
