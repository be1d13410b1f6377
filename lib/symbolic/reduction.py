"""Reduce a difference to zero, case by case where a formula has kinks or jumps."""

from collections.abc import Callable, Iterator
from itertools import product

import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.core.relational import Relational

from lib.symbolic import normal
from lib.symbolic.evident_signs import NONNEGATIVE
from lib.symbolic.regions import Domain, cases, edges_of, in_case
from lib.symbolic.signs import sign
from lib.symbolic.tails import vanish_by_parts
from lib.symbolic.trust import Trust

_BENT = (sp.Abs, sp.sign, sp.Heaviside, sp.Max, sp.Min, sp.Piecewise)
_MOST_EDGES = 4
_ARCS = (sp.atan, sp.asin, sp.acos, sp.acot, sp.asinh, sp.acosh, sp.atanh, sp.log)


def vanishes(difference: sp.Expr, domain: Domain) -> Trust:
    """Prove that an expression is zero at every point of the domain where it is defined.

    Returns
    -------
    Trust
        `Trust.PROVED` if a normal form decides, `Trust.SYMPY` if SymPy's simplifier does, or its
        integrals, sums and limits were needed, and `Trust.NONE` if it stays open.
    """
    plain = normal.differentiated(difference)
    if plain == 0 or normal.is_zero(plain):
        return Trust.PROVED
    if plain.has(sp.Integral) and (found := vanish_by_parts(plain)):
        return found
    best = Trust.PROVED
    plain = _unwound(plain, domain)
    plain = sp.sympify(plain.replace(_is_binomial_sum, _binomial_theorem))
    if normal.has_nodes(plain):
        plain, best = carried_out(plain), Trust.SYMPY
    if best == Trust.SYMPY and normal.has_nodes(plain):
        plain = _folded(plain)
    for case in cases([plain], domain):
        here = sp.sympify(in_case(plain, case))
        best = min(best, _vanishes_in_case(here))
        if not best:
            break
    return best


_INVERSES = {
    (sp.acos, sp.cos): (sp.S.Zero, sp.pi),
    (sp.asin, sp.sin): (-sp.pi / 2, sp.pi / 2),
    (sp.atan, sp.tan): (-sp.pi / 2, sp.pi / 2),
    (sp.acosh, sp.cosh): (sp.S.Zero, None),
}


def _unwound(expression: sp.Expr, domain: Domain) -> sp.Expr:
    """Undo a function by its inverse, where the argument is on the branch of the inverse."""

    def undone(node: sp.Basic) -> sp.Basic:
        inner = node.args[0]
        ends = _INVERSES.get((node.func, inner.func))
        if ends is None:
            return node
        argument = inner.args[0]
        within = sign(argument - ends[0], NONNEGATIVE, domain) and (
            ends[1] is None or sign(ends[1] - argument, NONNEGATIVE, domain)
        )
        return argument if within else node

    kinds = (sp.acos, sp.asin, sp.atan, sp.acosh)
    return sp.sympify(expression.replace(lambda n: isinstance(n, kinds), undone))


def _is_binomial_sum(node: sp.Basic) -> bool:
    return (
        isinstance(node, sp.Sum)
        and len(node.limits) == 1
        and len(node.limits[0]) == 3
        and node.function.has(sp.binomial(node.limits[0][2], node.limits[0][0]))
        and node.limits[0][1] == 0
    )


def _binomial_theorem(node: sp.Sum) -> sp.Basic:
    """Sum binomial(n, k) c r^k from 0 to n is c (1 + r)^n."""
    variable, _, last = node.limits[0]
    term = node.function / sp.binomial(last, variable)
    ratio = sp.powsimp(sp.simplify(term.subs(variable, variable + 1) / term))
    if ratio.has(variable):
        return node
    return term.subs(variable, 0) * (1 + ratio) ** last


def carried_out(expression: sp.Expr) -> sp.Expr:
    """Let SymPy compute limits, integrals, sums and products."""
    expression = rebound(expression)
    return sp.sympify(expression.replace(_is_one_sided_limit, _from_one_side).doit())


def rebound(expression: sp.Expr) -> sp.Expr:
    """Let bound variables know no more than that they are real, or whole, or beyond 0."""

    def renamed(node: sp.Basic) -> sp.Basic:
        for limit in node.limits:
            variable, low = limit[0], (limit[1] if len(limit) == 3 else None)
            whole = {"integer": True} if isinstance(node, sp.Sum | sp.Product) else {}
            known = {"real": True, **whole}
            if low is not None and low.is_nonnegative:
                positive = low.is_positive or not whole
                known = {**whole, ("positive" if positive else "nonnegative"): True}
            if all(variable.assumptions0.get(k) == v for k, v in known.items()) and set(
                known
            ) >= _beyond(variable):
                continue
            slot = sp.Dummy(variable.name, **known)
            node = node.func(*(argument.xreplace({variable: slot}) for argument in node.args))
        return node

    return sp.sympify(
        expression.replace(lambda n: isinstance(n, sp.Integral | sp.Sum | sp.Product), renamed)
    )


def _beyond(variable: sp.Symbol) -> set[str]:
    keys = ("real", "integer", "positive", "negative", "nonnegative", "nonpositive")
    return {k for k in keys if getattr(variable, f"is_{k}")} - {"real"}


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


def _folded(expression: sp.Expr) -> sp.Expr:
    """Integrate over one half of a symmetric interval, where odd parts cancel."""

    def halved(node: sp.Integral) -> sp.Basic:
        if len(node.limits) != 1 or len(node.limits[0]) != 3:
            return node
        variable, low, high = node.limits[0]
        if low + high != 0 and (low, high) != (-sp.oo, sp.oo):
            return node
        half = sp.Dummy(variable.name, positive=True)
        both = node.function.subs(variable, half) + node.function.subs(variable, -half)
        return sp.Integral(sp.simplify(both.rewrite(sp.exp)), (half, 0, high)).doit()

    return sp.sympify(expression.replace(lambda n: isinstance(n, sp.Integral), halved))


def _vanishes_in_case(expression: sp.Expr) -> Trust:
    expression = sp.sympify(expression.doit()) if expression.has(*_BENT) else expression
    found = _reduced(expression) or _is_constant(expression)
    if found or not expression.has(*_BENT):
        return found
    worst = Trust.PROVED
    for choice in _choices(expression):
        worst = min(worst, _reduced(choice))
        if not worst:
            return worst
    return worst


def _is_constant(expression: sp.Expr) -> Trust:
    """Zero at one point, and of slope zero between 0 and infinity or on the whole line."""
    symbols = [s for s in expression.free_symbols if not s.is_integer]
    if expression.has(*_BENT) or len(symbols) != 1 or not expression.has(*_ARCS):
        return Trust.NONE
    symbol = symbols[0]
    slope = sp.diff(expression, symbol)
    if slope.has(sp.Derivative) or not (found := _reduced(slope)):
        return Trust.NONE
    return min(found, _reduced(expression.subs(symbol, 1)))


def _reduced(expression: sp.Expr) -> Trust:
    if expression == 0 or normal.is_zero(expression):
        return Trust.PROVED
    if normal.is_too_high(expression):
        return Trust.NONE
    if normal.has_nodes(expression):
        expression = sp.sympify(expression.doit())
    for attempt in _attempts():
        if attempt(expression) == 0:
            return Trust.SYMPY
    return Trust.NONE


def _choices(expression: sp.Expr) -> Iterator[sp.Expr]:
    """Yield the formula that holds for each choice of the signs of its edges."""
    edges: list[sp.Expr] = []
    for edge in sorted({_primitive(e) for e in edges_of(expression)}, key=sp.default_sort_key):
        if not any(normal.is_zero(edge - e) or normal.is_zero(edge + e) for e in edges):
            edges.append(edge)
    if not edges or len(edges) > _MOST_EDGES:
        yield expression
        return
    for signs in product((1, -1, 0), repeat=len(edges)):
        chosen = dict(zip(edges, signs, strict=True))
        if any(_impossible(edge, way) for edge, way in chosen.items()):
            continue
        formula = resolved(expression, chosen)
        for edge, way in chosen.items():
            if way == 0:
                formula = _where_zero(formula, edge)
        yield formula


def _primitive(edge: sp.Expr) -> sp.Expr:
    """Leave out a positive number in front, which does not change where and how the sign does."""
    return sp.expand(edge).as_content_primitive()[1]


def _impossible(edge: sp.Expr, way: int) -> bool:
    known = {1: edge.is_nonpositive, -1: edge.is_nonnegative, 0: edge.is_nonzero}[way]
    return known is True


def _where_zero(formula: sp.Expr, edge: sp.Expr) -> sp.Expr:
    for symbol in sorted(edge.free_symbols, key=str):
        if edge.is_polynomial(symbol) and sp.degree(edge, symbol) == 1:
            slope = sp.Poly(edge, symbol).LC()
            if slope.is_number:
                return sp.sympify(formula.subs(symbol, sp.solve(edge, symbol)[0]))
    for part in sorted(edge.atoms(sp.Function, sp.exp), key=sp.default_sort_key):
        slope = sp.expand(edge).coeff(part)
        rest = sp.expand(edge - slope * part)
        if slope.is_number and slope.is_nonzero and not rest.has(part):
            return sp.sympify(formula.subs(part, -rest / slope))
    return formula


def resolved(expression: sp.Expr, signs: dict[sp.Expr, int]) -> sp.Expr:
    """Write a piecewise formula as it reads where its edges have the given signs."""

    def way(value: sp.Expr) -> int | None:
        value = _primitive(value)
        for edge, chosen in signs.items():
            if normal.is_zero(value - edge):
                return chosen
            if normal.is_zero(value + edge):
                return -chosen
        return None

    def bent(node: sp.Basic) -> sp.Basic:
        if isinstance(node, Relational):
            found = way(node.lhs - node.rhs)
            return node if found is None else sp.sympify(node.func(found, 0))
        if isinstance(node, sp.Max | sp.Min):
            return _extreme(node, way)
        found = way(node.args[0])
        if found is None:
            return node
        if isinstance(node, sp.Abs):
            return found * node.args[0]
        if isinstance(node, sp.sign):
            return sp.Integer(found)
        return sp.Rational(1 + found, 2)

    kinds = (Relational, sp.Max, sp.Min, sp.Abs, sp.sign, sp.Heaviside)
    return sp.sympify(expression.replace(lambda n: isinstance(n, kinds), bent).doit())


def _extreme(node: sp.Basic, way: Callable[[sp.Expr], int | None]) -> sp.Basic:
    best = node.args[0]
    for other in node.args[1:]:
        found = way(other - best)
        if found is None:
            return node
        if (found > 0) == isinstance(node, sp.Max):
            best = other
    return best


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


def has_unknown_functions(expression: sp.Basic) -> bool:
    """Tell whether functions without a definition are left."""
    return bool(expression.atoms(AppliedUndef))
