"""What a formula in plain notation consists of: its words, its parts, and how they bind."""

import ast
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sympy as sp

from lib.symbolic.printing import bracket

# How strongly the outermost sign of a formula binds; a weaker one inside a stronger needs brackets.
RELATION, SUM, NEGATIVE, OPERATOR, PRODUCT, QUOTIENT, POWER, CALL, ATOM = range(9)

CLOSED, OPEN_TO_FACTORS, OPEN_TO_TERMS = range(3)  # d/dx f(x), and a sum over f(x), have no end

DISPLAY, NESTED, SCRIPT = "display", "nested", "script"  # where a fraction stands

CONSTANTS: dict[str, tuple[sp.Basic, str]] = {
    "oo": (sp.oo, r"\infty"),
    "pi": (sp.pi, r"\pi"),
    "E": (sp.E, "e"),
}
FUNCTIONS: dict[str, tuple[Callable[..., sp.Basic], str]] = {
    "log": (sp.log, r"\ln"),
    "ln": (sp.log, r"\ln"),
    "sin": (sp.sin, r"\sin"),
    "cos": (sp.cos, r"\cos"),
    "tan": (sp.tan, r"\tan"),
    "asin": (sp.asin, r"\arcsin"),
    "acos": (sp.acos, r"\arccos"),
    "atan": (sp.atan, r"\arctan"),
    "sinh": (sp.sinh, r"\sinh"),
    "cosh": (sp.cosh, r"\cosh"),
    "tanh": (sp.tanh, r"\tanh"),
    "asinh": (sp.asinh, r"\operatorname{arsinh}"),
    "acosh": (sp.acosh, r"\operatorname{arcosh}"),
    "atanh": (sp.atanh, r"\operatorname{artanh}"),
    "Max": (sp.Max, r"\max"),
    "Min": (sp.Min, r"\min"),
    "sign": (sp.sign, r"\operatorname{sign}"),
    "erf": (sp.erf, r"\operatorname{erf}"),
    "erfc": (sp.erfc, r"\operatorname{erfc}"),
    "Heaviside": (sp.Heaviside, r"\theta"),
    "LambertW": (sp.LambertW, "W"),
}
POWERED_NAMES = {r"\sin", r"\cos", r"\tan", r"\sinh", r"\cosh", r"\tanh"}
RELATIONS: dict[type, tuple[Callable[..., sp.Basic], str]] = {
    ast.Lt: (sp.Lt, "<"),
    ast.LtE: (sp.Le, r"\le"),
    ast.Gt: (sp.Gt, ">"),
    ast.GtE: (sp.Ge, r"\ge"),
    ast.Eq: (sp.Eq, "="),
    ast.NotEq: (sp.Ne, r"\ne"),
}
WITH_OWN_VARIABLES = {"Piecewise", "Integral", "Limit", "Sum", "Product", "Subs"}
SPECIAL = ("exp", "sqrt", "Abs", "factorial", "Piecewise", "Derivative", "Integral", "Limit", "Sum",
           "Product", "Subs", "transpose")  # fmt: skip


class NotationError(ValueError):
    """A text that is no formula, or that names what is not known."""


@dataclass(frozen=True)
class Form:
    """A formula: the SymPy object that is checked, and the LaTeX that is displayed.

    Attributes
    ----------
    expression : sympy.Basic
        What the formula is, for the prover.
    latex : str
        How it is displayed.
    text : str
        How it was written.
    parts : tuple of sympy.Basic
        Everything that was written and has to be defined, before anything cancels.
    """

    expression: sp.Basic
    latex: str
    text: str
    parts: tuple[sp.Basic, ...] = ()

    def __str__(self) -> str:
        """Return the formula as it was written."""
        return self.text


@dataclass(frozen=True)
class Part:
    """A node of the tree: its value, its LaTeX by the place where it stands, and how it binds."""

    value: Any
    shown: Callable[[str], str]
    level: int
    number: bool = False  # begins with a digit, so that a product needs a dot before it
    ends: int = CLOSED  # what would seem to belong to it if it followed
    call: str = ""  # the name of the function, if this is a call
    slash: Callable[[str], bool] = lambda place: False  # whether it ends in a quotient with a slash

    def at(self, place: str, above: int) -> str:
        """LaTeX in brackets, unless it binds more strongly than ``above``."""
        latex = self.shown(place)
        return latex if self.level > above else bracket(latex)

    def factor(self, place: str, above: int) -> str:
        """LaTeX beside another factor: a quotient with a slash needs brackets there."""
        return bracket(self.shown(place)) if self.slash(place) else self.at(place, above)
