"""Reduce a difference to zero with SymPy, case by case where a piecewise function has kinks."""

from collections.abc import Callable, Iterator

import sympy as sp

from lib.symbolic.points import Domain, domain_of, kinks, ordered_symbols


def reduces_to_zero(difference: sp.Expr, domain: Domain) -> bool:
    """Tell whether SymPy reduces an expression to zero in every case of the domain."""
    difference = difference.replace(_is_one_sided_limit, _from_one_side).doit()
    for case in cases(difference, domain):
        if not any(attempt(case) == 0 for attempt in _attempts()):
            return False
    return True


def _attempts() -> Iterator[Callable[[sp.Expr], sp.Expr]]:
    yield sp.expand
    yield sp.simplify
    yield lambda e: sp.simplify(e.rewrite(sp.exp))
    yield lambda e: sp.factor(sp.together(sp.powsimp(sp.expand(e.rewrite(sp.exp)))))
    yield lambda e: sp.simplify(sp.expand_log(sp.factor(e)))
    yield lambda e: sp.simplify(sp.expand_log(sp.simplify(e)))
    yield lambda e: sp.simplify(sp.piecewise_fold(e))
    yield lambda e: sp.simplify(sp.expand_func(e))
    yield lambda e: sp.simplify(_without_lambert_exponents(e))


def _without_lambert_exponents(expression: sp.Expr) -> sp.Expr:
    """Use what defines Lambert's function: the exponential of W(a) is a / W(a)."""

    def of_lambert(node: sp.Basic) -> bool:
        return isinstance(node, sp.exp) and node.args[0].as_coeff_Mul()[1].func is sp.LambertW

    def as_power(node: sp.exp) -> sp.Expr:
        power, lambert = node.args[0].as_coeff_Mul()
        return (lambert.args[0] / lambert) ** power

    return sp.expand(expression, power_exp=True).replace(of_lambert, as_power)


def _is_one_sided_limit(node: sp.Basic) -> bool:
    return (
        isinstance(node, sp.Limit)
        and str(node.args[3]) in ("+", "-")
        and bool(node.args[2].is_finite)
    )


def _from_one_side(node: sp.Limit) -> sp.Basic:
    """Approach by a positive distance, which decides the cases of a piecewise function."""
    inner, variable, target, direction = node.args
    distance = sp.Dummy("h", positive=True)
    place = target + distance if str(direction) == "+" else target - distance
    return sp.limit(inner.subs(variable, place).doit(), distance, 0, "+")


def cases(expression: sp.Expr, domain: Domain) -> Iterator[sp.Expr]:
    """Rewrite every symbol as a free positive or real one, once for each side of each kink."""
    symbols = ordered_symbols(
        {s for s in expression.free_symbols if isinstance(s, sp.Symbol)}, domain
    )
    pending = [expression]
    for symbol in symbols:
        pending = [
            case
            for partial in pending
            for piece in _pieces(domain_of(symbol, domain), kinks([partial], symbol))
            for case in [_rename(partial, symbol, piece)]
        ]
    for case in pending:
        yield case.doit()


def _pieces(allowed: sp.Set, edges: set[sp.Expr]) -> list[sp.Set]:
    pieces = list(allowed.args) if isinstance(allowed, sp.Union) else [allowed]
    if isinstance(allowed, sp.FiniteSet):
        return [sp.FiniteSet(member) for member in allowed]
    for edge in (e for e in edges if e.is_number):
        sides = [sp.Interval.open(-sp.oo, edge), sp.FiniteSet(edge), sp.Interval.open(edge, sp.oo)]
        pieces = [p.intersect(s) for p in pieces for s in sides]
    return [piece for piece in pieces if piece is not sp.S.EmptySet]


def _rename(expression: sp.Expr, symbol: sp.Symbol, piece: sp.Set) -> sp.Expr:
    if isinstance(piece, sp.FiniteSet):
        return expression.subs(symbol, next(iter(piece)))
    if piece in (sp.S.Naturals, sp.S.Naturals0, sp.S.Integers):
        return expression
    low, high = piece.inf, piece.sup
    if low == -sp.oo and high == sp.oo:
        new = sp.Dummy(symbol.name, real=True)
        return expression.subs(symbol, new)
    closed = (low.is_finite and not piece.left_open) or (high.is_finite and not piece.right_open)
    new = (
        sp.Dummy(symbol.name, nonnegative=True) if closed else sp.Dummy(symbol.name, positive=True)
    )
    if low == -sp.oo:
        return expression.subs(symbol, high - new)
    if high == sp.oo:
        return expression.subs(symbol, low + new)
    return expression.subs(symbol, low + (high - low) * new / (1 + new))
