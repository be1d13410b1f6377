"""What a function needs to have a derivative: no bend, no vertical slope."""

from collections.abc import Iterator

import sympy as sp

from lib.symbolic import normal
from lib.symbolic.evident_signs import POSITIVE
from lib.symbolic.needs import Need
from lib.symbolic.regions import Domain, domain_of, edges_of
from lib.symbolic.trust import NotProved


def rough_points(
    inner: sp.Expr, variable: sp.Symbol, node: sp.Basic, domain: Domain
) -> Iterator[Need]:
    """Yield what must not vanish because a function has no slope there."""
    for part in sp.preorder_traversal(inner):
        if variable not in part.free_symbols:
            continue
        if isinstance(part, sp.floor | sp.ceiling | sp.factorial | sp.binomial):
            raise NotProved(f"{part} is not covered inside a derivative")
        if isinstance(part, sp.Pow) and not part.exp.is_integer:
            if isinstance(part.exp, sp.Rational) and part.exp > 1 and node.derivative_count == 1:
                continue
            yield Need(POSITIVE, part.base, node)
        elif isinstance(part, sp.asin | sp.acos):
            yield Need(POSITIVE, 1 - part.args[0] ** 2, node)
        elif isinstance(part, sp.acosh):
            yield Need(POSITIVE, part.args[0] - 1, node)


def smooth_bends(inner: sp.Expr, variable: sp.Symbol, order: int, domain: Domain) -> set[sp.Expr]:
    """Return the edges at whose roots both pieces have the same value and the same slopes."""
    smooth: set[sp.Expr] = set()
    for edge in edges_of(inner):
        if edge.free_symbols != {variable} or not edge.is_polynomial(variable):
            continue
        step = sp.Dummy("h", positive=True)
        agree = True
        for root in sp.real_roots(sp.Poly(edge, variable)) if _rational(edge, variable) else [None]:
            if root is None:
                agree = False
                break
            if domain_of(variable, domain).contains(root) == sp.false:
                continue
            sides = [inner.doit().subs(variable, root + way * step) for way in (1, -1)]
            for k in range(int(order) + 1):
                slopes = [
                    sp.diff(sp.piecewise_fold(side), step, k).subs(step, 0) * way**k
                    for side, way in zip(sides, (1, -1), strict=True)
                ]
                value = inner.doit().subs(variable, root)
                agree &= normal.is_zero(slopes[0] - slopes[1])
                agree &= k > 0 or normal.is_zero(slopes[0] - value)
        if agree:
            smooth.add(edge)
    return smooth


def _rational(edge: sp.Expr, variable: sp.Symbol) -> bool:
    domain = sp.Poly(edge, variable).domain
    return bool(domain.is_ZZ or domain.is_QQ)
