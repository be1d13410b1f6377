"""One equation, or inequality, follows from another; nothing is said about the way back."""

from collections.abc import Iterator

import sympy as sp

from lib.symbolic.agreement import agreement_of, holds, shown
from lib.symbolic.definedness import prove_defined
from lib.symbolic.equations import ratios
from lib.symbolic.evaluation import Inexact, evaluate
from lib.symbolic.evident_signs import NONNEGATIVE, POSITIVE
from lib.symbolic.normal import differentiated
from lib.symbolic.points import admissible_points
from lib.symbolic.reduction import vanishes
from lib.symbolic.regions import Domain
from lib.symbolic.roots import Line, refute_implication
from lib.symbolic.signs import sign
from lib.symbolic.trust import NotProved, Trust

_WAY = {"<": 1, "<=": 1, ">": -1, ">=": -1}


def prove_implication(before: Line, after: Line, domain: Domain) -> Trust:
    """Prove that every solution of one line solves the other, where both are defined throughout.

    Raises
    ------
    NotProved
        With a solution of the first that does not solve the second, if one was found.
    """
    for side in (before[0], before[2], after[0], after[2]):
        if not isinstance(side, sp.Expr) or getattr(side, "is_Matrix", False):
            raise NotProved("what follows is an equation of numbers")
        if side in (sp.oo, -sp.oo):
            raise NotProved("infinity is no number to compute with")
    if (before[1] == "=") != (after[1] == "="):
        raise NotProved("an equation follows from an equation, an inequality from an inequality")
    if before[1] == "=":
        refute_implication(before, after, domain)
    else:
        _same_truth(before, after, domain)
    trust = min(prove_defined(side, domain) for line in (before, after) for side in line[::2])
    found = (_equation if before[1] == "=" else _inequality)(before, after, domain)
    if not found:
        raise NotProved("no rule proves that this line follows from the one before it")
    return min(trust, found)


def _equation(before: Line, after: Line, domain: Domain) -> Trust:
    """See a multiple of the difference before, or one formula in which both sides are put."""
    first, second = before[0] - before[2], after[0] - after[2]
    for ratio in ratios(first, second):
        if ratio.has(sp.nan, sp.zoo, sp.oo):
            continue
        found = vanishes(ratio * first - second, domain)
        if found and _is_defined(ratio, domain):
            return found
    sides = [differentiated(side) for side in after[::2]]
    if any(side.has(sp.Derivative, sp.Subs) for side in sides):
        return Trust.NONE  # nothing may be put in before the derivative is taken
    for difference in _put_in(before, sides[0] - sides[1]):
        found = vanishes(difference, domain)
        if found:
            return found
    slot = sp.Dummy(real=True)
    return vanishes(sides[0].subs(before[0], slot) - sides[1].subs(before[2], slot), domain)


def _put_in(before: Line, second: sp.Expr) -> Iterator[sp.Expr]:
    """Put one side in the place of the other, where that is a symbol."""
    for symbol, value in (before[::2], before[::-2]):
        if isinstance(symbol, sp.Symbol) and not value.has(symbol):
            yield second.subs(symbol, value)


def _is_defined(expression: sp.Expr, domain: Domain) -> bool:
    try:
        return bool(prove_defined(expression, domain))
    except NotProved:
        return False


def _inequality(before: Line, after: Line, domain: Domain) -> Trust:
    """See a gap that is at least as wide as before, or a multiple of it that is not negative."""
    first = _WAY[before[1]] * (before[2] - before[0])
    second = _WAY[after[1]] * (after[2] - after[0])
    strict, was_strict = "=" not in after[1], "=" not in before[1]
    found = sign(second - first, POSITIVE if strict and not was_strict else NONNEGATIVE, domain)
    if found:
        return found
    for ratio in ratios(first, second):
        if ratio.has(sp.nan, sp.zoo, sp.oo) or (strict and not was_strict):
            continue
        same = vanishes(ratio * first - second, domain)
        found = min(same, sign(ratio, POSITIVE if strict else NONNEGATIVE, domain))
        if found and _is_defined(ratio, domain):
            return found
    return Trust.NONE


def _same_truth(before: Line, after: Line, domain: Domain) -> None:
    sides = [before[0], before[2], after[0], after[2]]
    for point, _ in admissible_points(list(sides), domain, seed=1):
        try:
            values = [evaluate(side, point) for side in sides]
        except Inexact:
            continue
        if values[0] is None or values[1] is None:
            continue
        if not holds(values[0], values[1], before[1], agreement_of(*sides[:2])):
            continue
        if values[2] is None or values[3] is None:
            raise NotProved(f"a side is undefined or not real at {shown(point)}", shown(point))
        if not holds(values[2], values[3], after[1], agreement_of(*sides[2:])):
            where = shown(point)
            raise NotProved(f"the line before holds at {where}, and this one does not", where)
