"""Fifty-digit evaluation of both sides of a statement, at random and at special points."""

from collections.abc import Mapping

import mpmath
import sympy as sp

from lib.symbolic.evaluation import DIGITS, Inexact, evaluate
from lib.symbolic.points import admissible_points, concrete_functions
from lib.symbolic.regions import Domain
from lib.symbolic.trust import NotProved

AGREEMENT = mpmath.mpf(10) ** -40
_FEWEST = 3  # points at which a statement must have been looked at, where nothing else is


def compare_at_points(left: sp.Basic, right: sp.Basic, domain: Domain, relation: str) -> bool:
    """Raise `NotProved` at the first admissible point where the statement fails.

    Returns
    -------
    bool
        Whether the values could be found at enough points to be evidence.
    """
    compared = 0
    functions = concrete_functions([left, right])
    left, right = with_functions(left, functions), with_functions(right, functions)
    precision = agreement_of(left, right)
    points = list(admissible_points([left, right], domain))
    for point, _ in points:
        try:
            values = [evaluate(side, point) for side in (left, right)]
        except Inexact:
            continue
        where = shown(point)
        for name, value in zip(("left", "right"), values, strict=True):
            if value is None:
                raise NotProved(f"the {name} side is undefined or not real at {where}", where)
        if not holds(values[0], values[1], relation, precision) and not (
            relation in ("<", ">") and _barely(left, right, relation, point)
        ):
            against = " against ".join(mpmath.nstr(value, 12) for value in values)
            raise NotProved(f"at {where} the two sides are {against}", f"{where}: {against}")
        compared += 1
    return compared >= min(_FEWEST, len(points))


def _barely(
    left: sp.Expr, right: sp.Expr, relation: str, point: Mapping[sp.Symbol, sp.Expr]
) -> bool:
    """Tell whether a side is less by so little that it shows in the difference only."""
    try:
        gap = evaluate(right - left if relation == "<" else left - right, point)
    except Inexact:
        return True  # not known: the rules have to decide
    return gap is not None and bool(gap > 0)


def agreement_of(*expressions: sp.Basic) -> mpmath.mpf:
    """Return how close two values must be: numerical limits and integrals are less exact."""
    ten = mpmath.mpf(10)
    if any(e.has(sp.Limit) for e in expressions):
        return ten**-4
    if any(len(i.limits) > 1 for e in expressions for i in e.atoms(sp.Integral)):
        return ten**-8
    if any(sp.oo in s.limits[-1] for e in expressions for s in e.atoms(sp.Sum, sp.Product)):
        return ten**-8
    if any(e.has(sp.Integral) for e in expressions):
        return ten**-11
    return ten**-25 if any(e.has(sp.Derivative, sp.Subs) for e in expressions) else AGREEMENT


def holds(
    left: mpmath.mpf, right: mpmath.mpf, relation: str, precision: mpmath.mpf = AGREEMENT
) -> bool:
    """Tell whether ``left relation right``, equality up to rounding."""
    with mpmath.workdps(DIGITS):
        ten = mpmath.mpf(10)
        least = ten**-25 if precision <= ten**-25 else 1
        slack = precision * max(abs(left), abs(right), least)
        if relation == "=":
            return bool(abs(left - right) <= slack)
        if relation in (">", ">="):
            left, right = right, left
        if relation in ("<", ">") and precision <= ten**-25:
            return bool(left < right)
        return bool(left <= right + slack)


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
