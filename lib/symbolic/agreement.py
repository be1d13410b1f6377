"""Fifty-digit evaluation of both sides of a statement, at random and at special points."""

from collections.abc import Mapping

import mpmath
import sympy as sp

from lib.symbolic.points import DIGITS, Domain, admissible_points, concrete_functions, evaluate

AGREEMENT = mpmath.mpf(10) ** -25


class NotProved(Exception):
    """A statement was refuted, or SymPy found no proof of it; the message says which and where."""


def compare_at_points(left: sp.Basic, right: sp.Basic, domain: Domain, relation: str) -> None:
    """Raise `NotProved` at the first admissible point where the statement fails."""
    functions = concrete_functions([left, right])
    left, right = with_functions(left, functions), with_functions(right, functions)
    for point, generic in admissible_points([left, right], domain):
        values = [evaluate(side, point) for side in (left, right)]
        where = shown(point)
        if values[0] is None and values[1] is None:
            if generic:
                raise NotProved(f"both sides are undefined or not real at {where}")
            continue
        for name, value in zip(("left", "right"), values, strict=True):
            if value is None:
                raise NotProved(f"the {name} side is undefined or not real at {where}")
        if not holds(values[0], values[1], relation):
            against = " against ".join(mpmath.nstr(value, 12) for value in values)
            raise NotProved(f"at {where} the two sides are {against}")


def holds(left: mpmath.mpf, right: mpmath.mpf, relation: str) -> bool:
    """Tell whether ``left relation right``, equality up to rounding."""
    with mpmath.workdps(DIGITS):
        slack = AGREEMENT * max(abs(left), abs(right), mpmath.mpf(10) ** -25)
        if relation == "=":
            return bool(abs(left - right) <= slack)
        if relation in (">", ">="):
            left, right = right, left
        return bool(left < right if relation in ("<", ">") else left <= right + slack)


def near(left: mpmath.mpf, right: mpmath.mpf) -> bool:
    """Tell whether two values agree to the precision of a root found numerically."""
    with mpmath.workdps(DIGITS):
        slack = mpmath.mpf(10) ** -20 * (1 + max(abs(left), abs(right)))
        return bool(abs(left - right) <= slack)


def shown(point: Mapping[sp.Symbol, sp.Expr], unknown: sp.Symbol | None = None) -> str:
    """Write a point in few digits, without the symbol that is solved for."""
    listed = [f"{s} = {sp.N(v, 6)}" for s, v in point.items() if s != unknown]
    return ", ".join(listed[:5] + ["..."] * (len(listed) > 5)) or "every point"


def with_functions(expression: sp.Basic, functions: dict[type, sp.Lambda]) -> sp.Basic:
    """Put concrete functions in the place of undefined ones."""
    for function, chosen in functions.items():
        expression = expression.replace(function, chosen)
    return expression
