"""One expression is at most, or less than, another everywhere on the domain."""

from collections.abc import Iterator

import sympy as sp

from lib.symbolic.agreement import compare_at_points
from lib.symbolic.definedness import prove_defined
from lib.symbolic.evident_signs import NONNEGATIVE, POSITIVE
from lib.symbolic.normal import has_nodes
from lib.symbolic.reduction import carried_out
from lib.symbolic.regions import Domain
from lib.symbolic.signs import sign
from lib.symbolic.trust import NotProved, Trust


def prove_inequality(
    left: sp.Expr, right: sp.Expr, relation: str, domain: Domain, *, at_points: bool = False
) -> Trust:
    """Prove ``left relation right`` for one of ``<  <=  >  >=`` everywhere on the domain."""
    for side in (left, right):
        if not isinstance(side, sp.Expr) or getattr(side, "is_Matrix", False):
            raise NotProved(f"{side} cannot be compared: only numbers are less or greater")
        if side in (sp.oo, -sp.oo):
            raise NotProved("infinity is no number to compare with")
    seen = compare_at_points(left, right, domain, relation)
    trust = min(prove_defined(side, domain) for side in (left, right))
    small, large = (left, right) if relation in ("<", "<=") else (right, left)
    found = at_most(small, large, domain, strict=relation in ("<", ">"))
    if found:
        return min(trust, found)
    if at_points and seen:
        return Trust.POINTS
    raise NotProved("no rule proves the inequality")


def at_most(small: sp.Expr, large: sp.Expr, domain: Domain, *, strict: bool) -> Trust:
    """Prove ``small <= large``, or ``<`` if strict, where both are defined."""
    kind = POSITIVE if strict else NONNEGATIVE
    found = _paired(small, large, domain, strict=strict) or sign(large - small, kind, domain)
    if found:
        return found
    if has_nodes(small) or has_nodes(large):
        computed = carried_out(small), carried_out(large)
        if computed != (small, large):
            return min(Trust.SYMPY, at_most(*computed, domain, strict=strict))
    for one, other in _both_transformed(small, large, domain):
        found = sign(other - one, kind, domain)
        if found:
            return found
    return Trust.NONE


def _both_transformed(
    small: sp.Expr, large: sp.Expr, domain: Domain
) -> Iterator[tuple[sp.Expr, sp.Expr]]:
    """Increasing functions of both sides: logarithms of positive, squares of nonnegative ones."""
    if (large - small).has(sp.exp, sp.cosh) or any(
        p.exp.free_symbols for s in (small, large) for p in s.atoms(sp.Pow)
    ):
        logs = [sp.expand_log(sp.log(side), force=False) for side in (small, large)]
        if all(sign(side, POSITIVE, domain) for side in (small, large)):
            yield (
                _expanded_log(small, logs[0], domain),
                _expanded_log(large, logs[1], domain),
            )
    if all(sign(side, NONNEGATIVE, domain) for side in (small, large)):
        yield sp.expand(small**2), sp.expand(large**2)


def _expanded_log(side: sp.Expr, log: sp.Expr, domain: Domain) -> sp.Expr:
    if isinstance(side, sp.Pow) and side.base != sp.E and sign(side.base, POSITIVE, domain):
        return side.exp * sp.log(side.base)
    if isinstance(side, sp.exp):
        return side.args[0]
    return log


def _paired(small: sp.Expr, large: sp.Expr, domain: Domain, *, strict: bool) -> Trust:
    """Nonnegative bases under one positive power, or nonnegative factors paired in order."""
    if isinstance(small, sp.Pow) and isinstance(large, sp.Pow) and small.exp == large.exp:
        return min(
            at_most(small.base, large.base, domain, strict=strict),
            sign(small.exp, POSITIVE, domain),
            sign(small.base, NONNEGATIVE, domain),
        )
    if isinstance(small, sp.Product) and isinstance(large, sp.Product) and not strict:
        if small.limits != large.limits or len(small.limits) != 1:
            return Trust.NONE
        inside = {**domain, **_range_of(small)}
        return min(
            at_most(small.function, large.function, inside, strict=False),
            sign(small.function, NONNEGATIVE, inside),
        )
    if isinstance(small, sp.Mul) and isinstance(large, sp.Mul) and not strict:
        common = set(small.args) & set(large.args)
        if common:
            shared = sp.Mul(*common)
            return min(
                sign(shared, NONNEGATIVE, domain),
                at_most(small / shared, large / shared, domain, strict=False),
            )
    return Trust.NONE


def _range_of(node: sp.Product) -> dict[sp.Symbol, sp.Set]:
    variable, low, high = node.limits[0]
    return {variable: sp.Range(low, sp.oo) if low.is_Integer else sp.Interval(low, high)}
