"""One expression is at most, or less than, another everywhere on the domain."""

import sympy as sp
from sympy.calculus.util import minimum

from lib.symbolic.agreement import NotProved, compare_at_points
from lib.symbolic.points import Domain, domain_of
from lib.symbolic.reduction import cases


def prove_inequality(left: sp.Expr, right: sp.Expr, relation: str, domain: Domain) -> None:
    """Prove ``left relation right`` for one of ``<  <=  >  >=`` everywhere on the domain."""
    compare_at_points(left, right, domain, relation)
    small, large = (left, right) if relation in ("<", "<=") else (right, left)
    if not is_at_most(small, large, domain, strict=relation in ("<", ">")):
        raise NotProved("SymPy finds no proof of the inequality")


def is_at_most(small: sp.Expr, large: sp.Expr, domain: Domain, *, strict: bool) -> bool:
    """Tell whether SymPy proves ``small <= large``, or ``<`` if strict."""
    gap = (large - small).doit()
    if all(_has_sign(case, strict=strict) for case in cases(gap, domain)):
        return True
    if _factors_at_most(small, large, domain, strict=strict):
        return True
    symbols = gap.free_symbols
    if len(symbols) == 1:
        symbol = next(iter(symbols))
        try:
            least = minimum(sp.simplify(gap), symbol, domain_of(symbol, domain))
        except (NotImplementedError, ValueError):
            return False
        return bool(least > 0 if strict else least >= 0)
    return False


def _has_sign(gap: sp.Expr, *, strict: bool) -> bool:
    expanded = sp.together(sp.expand(gap))
    forms = (
        sp.simplify(gap),
        sp.factor(sp.simplify(gap.rewrite(sp.exp))),
        sp.factor(gap),
        sp.expand(sp.numer(expanded)) / sp.expand(sp.denom(expanded)),
    )
    return any((form.is_positive if strict else form.is_nonnegative) is True for form in forms)


def _factors_at_most(small: sp.Expr, large: sp.Expr, domain: Domain, *, strict: bool) -> bool:
    """Nonnegative bases under one positive power, or nonnegative factors paired in order."""
    if isinstance(small, sp.Pow) and isinstance(large, sp.Pow) and small.exp == large.exp:
        ordered = is_at_most(small.base, large.base, domain, strict=strict)
        return (
            ordered
            and small.exp.is_positive is True
            and is_at_most(sp.S.Zero, small.base, domain, strict=False)
        )
    if isinstance(small, sp.Product) and isinstance(large, sp.Product) and not strict:
        return small.limits == large.limits and (
            is_at_most(small.function, large.function, domain, strict=False)
            and is_at_most(sp.S.Zero, small.function, domain, strict=False)
        )
    if isinstance(small, sp.Mul) and isinstance(large, sp.Mul) and not strict:
        common = set(small.args) & set(large.args)
        if common and all(is_at_most(sp.S.Zero, c, domain, strict=False) for c in common):
            shared = sp.Mul(*common)
            return is_at_most(small / shared, large / shared, domain, strict=False)
    return False
