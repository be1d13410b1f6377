"""Everything that a line mentions exists, as a real number, everywhere on the domain."""

from collections.abc import Iterator

import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.core.relational import Relational

from lib.symbolic.evident_signs import NONNEGATIVE, NONZERO, POSITIVE
from lib.symbolic.needs import Need, needs_of_function, takes_integers
from lib.symbolic.regions import Domain, domain_of, edges_of, is_whole
from lib.symbolic.signs import sign
from lib.symbolic.smoothness import rough_points, smooth_bends
from lib.symbolic.tails import tends_to_zero
from lib.symbolic.trust import NotProved, Trust

_WORDS = {POSITIVE: "positive", NONNEGATIVE: "nonnegative", NONZERO: "different from 0"}


def prove_defined(expression: sp.Basic, domain: Domain) -> Trust:
    """Prove that an expression is defined and real everywhere on the domain, or say where not."""
    worst = Trust.PROVED
    if expression.has(sp.nan, sp.zoo):
        raise NotProved(f"{expression} is no number: something is divided by zero")
    for need in needs(expression, domain):
        found = sign(need.expression, need.kind, {**domain, **need.bound})
        if not found:
            raise NotProved(
                f"{need.part} needs {need.expression} to be {_WORDS[need.kind]}, which is not "
                f"proved everywhere on the domain; declare a domain without the exceptions"
            )
        worst = min(worst, found)
    return worst


def needs(node: sp.Basic, domain: Domain) -> Iterator[Need]:
    """Yield what must hold for a formula to be defined."""
    if isinstance(node, sp.Piecewise):
        yield from _piecewise(node, domain)
    elif isinstance(node, sp.Derivative):
        yield from _derivative(node, domain)
    elif isinstance(node, sp.Integral):
        yield from _integral(node, domain)
    elif isinstance(node, sp.Sum | sp.Product):
        yield from _sum(node, domain)
    elif isinstance(node, sp.Limit):
        yield from _limit(node, domain)
    elif isinstance(node, sp.Subs):
        yield from _substitution(node, domain)
    elif isinstance(node, sp.Lambda | sp.Set):
        return
    else:
        yield from needs_of_function(node, domain)
        for argument in node.args:
            yield from needs(argument, domain)


def _piecewise(node: sp.Piecewise, domain: Domain) -> Iterator[Need]:
    left_over: sp.Basic = sp.true
    for value, condition in node.args:
        for part in sp.preorder_traversal(condition):
            if isinstance(part, Relational):
                yield from needs(part.lhs - part.rhs, domain)
        here = _restricted(domain, sp.And(left_over, condition))
        if here is not None:
            for need in needs(value, here):
                regions = {s: a for s, a in here.items() if domain.get(s) != a}
                yield Need(need.kind, need.expression, need.part, {**regions, **need.bound})
        left_over = sp.And(left_over, sp.Not(condition))
    rest = sp.simplify(left_over)
    if rest == sp.false or _restricted(domain, rest) is None or _excluded(rest, domain):
        return
    raise NotProved(f"{node} has no value where {rest}, which the domain does not exclude")


def _excluded(condition: sp.Basic, domain: Domain) -> bool:
    """Tell whether a condition that may come as an equation holds nowhere on the domain."""
    parts = condition.args if isinstance(condition, sp.And) else (condition,)
    for part in parts:
        if isinstance(part, sp.Eq) and sign(part.lhs - part.rhs, NONZERO, domain):
            return True
        if isinstance(part, sp.Gt | sp.Ge | sp.Lt | sp.Le):
            gap = part.rhs - part.lhs if isinstance(part, sp.Gt | sp.Ge) else part.lhs - part.rhs
            strict = isinstance(part, sp.Ge | sp.Le)
            if sign(gap, POSITIVE if strict else NONNEGATIVE, domain):
                return True
    return False


def _restricted(domain: Domain, condition: sp.Basic) -> dict[sp.Symbol, sp.Set] | None:
    """Narrow the domain of single symbols by a condition; None if nothing is left of it."""
    narrowed = dict(domain)
    for part in condition.args if isinstance(condition, sp.And) else (condition,):
        if part == sp.false:
            return None
        free = part.free_symbols if isinstance(part, Relational) else set()
        if len(free) != 1:
            continue
        symbol = next(iter(free))
        allowed = domain_of(symbol, narrowed)
        if is_whole(symbol, narrowed) or allowed.free_symbols or not _linear(part, symbol):
            continue
        meets = allowed.intersect(part.as_set())
        if meets is sp.S.EmptySet:
            return None
        narrowed[symbol] = meets
    return narrowed


def _linear(part: Relational, symbol: sp.Symbol) -> bool:
    gap = part.lhs - part.rhs
    return bool(gap.is_polynomial(symbol) and sp.degree(gap, symbol) == 1)


def _derivative(node: sp.Derivative, domain: Domain) -> Iterator[Need]:
    inner = node.expr
    yield from needs(inner, domain)
    for variable, order in node.variable_count:
        if not isinstance(variable, sp.Symbol):
            raise NotProved(f"{node} differentiates with respect to something that is no symbol")
        if is_whole(variable, domain):
            raise NotProved(f"{variable} takes integer values only, so {node} has no meaning")
        smooth_at = smooth_bends(inner, variable, order, domain)
        for edge in edges_of(inner):
            if variable in edge.free_symbols and edge not in smooth_at:
                yield Need(NONZERO, edge, node)
        yield from rough_points(inner, variable, node, domain)


def _with_own_names(node: sp.Basic, **known: bool) -> sp.Basic:
    """Give bound variables fresh names, about which nothing is assumed but their range."""
    for limit in node.limits:
        slot = sp.Dummy(limit[0].name, **known)
        node = node.func(*(argument.xreplace({limit[0]: slot}) for argument in node.args))
    return node


def _integral(node: sp.Integral, domain: Domain) -> Iterator[Need]:
    node = _with_own_names(node, real=True)
    inner: sp.Basic = node.function
    bound: dict[sp.Symbol, sp.Set] = {}
    for limit in reversed(node.limits):
        if len(limit) != 3:
            raise NotProved(f"{node} is no definite integral")
        variable, low, high = limit
        yield from (Need(n.kind, n.expression, n.part, {**bound, **n.bound})
                    for end in (low, high) if end not in (sp.oo, -sp.oo)
                    for n in needs(end, {**domain, **bound}))  # fmt: skip
        bound[variable] = _between(low, high, {**domain, **bound})
    inside = {**domain, **bound}
    for need in needs(inner, inside):
        yield Need(need.kind, need.expression, need.part, {**bound, **need.bound})
    _prove_convergent(node, inside)


def _between(low: sp.Expr, high: sp.Expr, domain: Domain) -> sp.Set:
    if high != sp.oo and low != -sp.oo and not sign(high - low, NONNEGATIVE, domain):
        if sign(low - high, NONNEGATIVE, domain):
            low, high = high, low
        else:
            return sp.S.Reals
    return sp.Interval(low, high, left_open=True, right_open=True)


def _prove_convergent(node: sp.Integral, domain: Domain) -> None:
    """Finite ends where the integrand stays bounded, or ends at which it decays fast enough."""
    for variable, low, high in node.limits:
        for end, other in ((low, high), (high, low)):
            if end in (sp.oo, -sp.oo):
                if not _decays(node, variable, end):
                    raise NotProved(f"{node} is not proved to converge at {end}")
            elif not _bounded_near(node.function, variable, end, other, domain):
                raise NotProved(f"{node} is not proved to converge at {end}")


def _bounded_near(
    inner: sp.Expr, variable: sp.Symbol, end: sp.Expr, other: sp.Expr, domain: Domain
) -> bool:
    at_end = {**domain, variable: sp.FiniteSet(end)}
    try:
        for need in needs(inner, at_end):
            if not sign(need.expression, need.kind, {**at_end, **need.bound}):
                raise NotProved("")
        return True
    except NotProved:
        pass
    if inner.free_symbols - {variable}:
        return False
    value = sp.integrate(inner, (variable, *sorted((end, other), key=lambda e: e != end)))
    return bool(value.is_finite)


def _decays(node: sp.Integral, variable: sp.Symbol, end: sp.Expr) -> bool:
    """Prove that the integrand is o(1/z^2), so that its tail converges absolutely."""
    inner = node.function.doit()
    if inner.atoms(AppliedUndef):
        return False
    far = sp.Dummy("R", positive=True)
    tail = sp.piecewise_fold(inner).subs(variable, far if end == sp.oo else -far)
    tail = tail.replace(lambda n: isinstance(n, sp.Max | sp.Min | sp.Abs), lambda n: n.doit())
    generic = {s: sp.Dummy(s.name, positive=True) for s in tail.free_symbols
               if s != far and s.is_positive}  # fmt: skip
    if tends_to_zero(tail * far**2, far):
        return True
    try:
        fast = sp.limit((tail * far**2).xreplace(generic), far, sp.oo)
    except (NotImplementedError, ValueError, TypeError, RecursionError):
        fast = None
    if fast == 0:
        return True
    if len(node.limits) > 1 or inner.free_symbols - {variable}:
        return False
    value = node.doit()
    return bool(value.is_finite and value.is_real and not value.has(sp.Integral))


def _sum(node: sp.Expr, domain: Domain) -> Iterator[Need]:
    bound: dict[sp.Symbol, sp.Set] = {}
    node = _with_own_names(node, integer=True)
    for limit in reversed(node.limits):
        if len(limit) != 3:
            raise NotProved(f"{node} has no limits")
        variable, low, high = limit
        here = {**domain, **bound}
        for end in (low, high):
            if end not in (sp.oo, -sp.oo) and not takes_integers(end, here):
                raise NotProved(f"{end} is not known to be an integer, in {node}")
        if high != sp.oo and low != -sp.oo and not sign(high - low + 1, NONNEGATIVE, here):
            raise NotProved(f"{high} may be less than {low} - 1, in {node}")
        bound[variable] = sp.Range(low, high + 1) if _countable(low, high) else _steps(low, high)
    inside = {**domain, **bound}
    for need in needs(node.function, inside):
        yield Need(need.kind, need.expression, need.part, {**bound, **need.bound})
    if any(sp.oo in limit[1:] or -sp.oo in limit[1:] for limit in node.limits):
        _prove_summable(node)


def _countable(low: sp.Expr, high: sp.Expr) -> bool:
    return bool(low.is_Integer and high.is_Integer)


def _steps(low: sp.Expr, high: sp.Expr) -> sp.Set:
    if low.is_Integer and high == sp.oo:
        return sp.Range(low, sp.oo)
    return sp.Interval(low, high)


def _prove_summable(node: sp.Expr) -> None:
    if isinstance(node, sp.Sum) and node.is_convergent() == sp.true:
        return
    value = node.doit()
    if not (value.is_finite and not value.has(type(node))):
        raise NotProved(f"{node} is not proved to converge")


def _limit(node: sp.Limit, domain: Domain) -> Iterator[Need]:
    inner, variable, target, _ = node.args
    if target not in (sp.oo, -sp.oo):
        yield from needs(target, domain)
    if not isinstance(variable, sp.Symbol):
        raise NotProved(f"{node} has no variable")
    del inner  # it need not be defined away from the target


def _substitution(node: sp.Subs, domain: Domain) -> Iterator[Need]:
    places = dict(zip(node.variables, node.point, strict=True))
    for place in node.point:
        yield from needs(place, domain)
    bound = {v: sp.S.Reals for v in node.variables}
    for need in needs(node.expr, {**domain, **bound}):
        yield Need(need.kind, need.expression.xreplace(places), need.part,
                   {s: a for s, a in need.bound.items() if s not in places})  # fmt: skip
