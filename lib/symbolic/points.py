"""Admissible points of an expression, and what the expression is worth there to fifty digits."""

from collections.abc import Iterator, Mapping
from random import Random

import mpmath
import sympy as sp
from sympy.core.function import AppliedUndef

DIGITS = 50
SAMPLES = 10

Domain = Mapping[sp.Symbol, sp.Set]


def domain_of(symbol: sp.Symbol, domain: Domain) -> sp.Set:
    """Set that a symbol may take its value from: the one declared, else the one it assumes."""
    if symbol in domain:
        return domain[symbol]
    if symbol.is_integer:
        return sp.S.Naturals if symbol.is_positive else sp.S.Integers
    if symbol.is_positive:
        return sp.Interval.open(0, sp.oo)
    if symbol.is_nonnegative:
        return sp.Interval(0, sp.oo)
    if symbol.is_negative:
        return sp.Interval.open(-sp.oo, 0)
    return sp.S.Reals


def ordered_symbols(symbols: set[sp.Symbol], domain: Domain) -> list[sp.Symbol]:
    """Sort symbols so that one whose domain is bounded by another comes after it."""
    wanted: list[sp.Symbol] = []

    def visit(symbol: sp.Symbol) -> None:
        for bound in sorted(domain_of(symbol, domain).free_symbols, key=str):
            if bound != symbol:
                visit(bound)
        if symbol not in wanted:
            wanted.append(symbol)

    for symbol in sorted(symbols, key=str):
        visit(symbol)
    return wanted


def random_member(allowed: sp.Set, rng: Random) -> sp.Rational:
    """Draw a rational number from an interval, a union of intervals or a set of integers."""
    if isinstance(allowed, sp.FiniteSet):
        return rng.choice(list(allowed))
    if isinstance(allowed, sp.Union):
        return random_member(rng.choice(list(allowed.args)), rng)
    if allowed == sp.S.Naturals:
        return sp.Integer(rng.randint(1, 5))
    if allowed in (sp.S.Naturals0, sp.S.Integers):
        return sp.Integer(rng.randint(0 if allowed == sp.S.Naturals0 else -5, 5))
    if not isinstance(allowed, sp.Interval) and allowed != sp.S.Reals:
        raise TypeError(f"cannot draw from the domain {allowed}; allowed: intervals and integers")
    low, high = allowed.inf, allowed.sup
    share = sp.Rational(rng.randint(1, 9999), 10000)
    if low.is_finite and high.is_finite:
        return low + (high - low) * share
    spread = 6 * share / (1 - share / 2)
    if low.is_finite:
        return low + spread
    if high.is_finite:
        return high - spread
    return spread if rng.random() < 0.5 else -spread


def kinks(expressions: list[sp.Basic], symbol: sp.Symbol) -> set[sp.Expr]:
    """Values of a symbol at which a piecewise expression may change its formula."""
    edges: set[sp.Expr] = set()
    for expression in expressions:
        for node in sp.preorder_traversal(expression):
            if isinstance(node, sp.core.relational.Relational):
                edges.add(node.lhs - node.rhs)
            elif isinstance(node, sp.Abs | sp.sign | sp.Heaviside):
                edges.add(node.args[0])
            elif isinstance(node, sp.Max | sp.Min):
                edges.update(a - b for a in node.args for b in node.args if a != b)
    found: set[sp.Expr] = set()
    for edge in edges:
        if symbol in edge.free_symbols and edge.is_polynomial(symbol):
            found.update(root for root in sp.solve(edge, symbol) if root.is_real is not False)
    return found


def admissible_points(
    expressions: list[sp.Basic], domain: Domain, seed: int = 0
) -> Iterator[tuple[dict[sp.Symbol, sp.Expr], bool]]:
    """Yield random points, marked True, then points with one symbol at a kink, an end or at 0."""
    rng = Random(seed)
    free = {s for e in expressions for s in e.free_symbols if isinstance(s, sp.Symbol)}
    symbols = ordered_symbols(free, domain)

    def draw(fixed: Mapping[sp.Symbol, sp.Expr]) -> dict[sp.Symbol, sp.Expr]:
        point: dict[sp.Symbol, sp.Expr] = {}
        for symbol in symbols:
            allowed = domain_of(symbol, domain).xreplace(point)
            point[symbol] = fixed[symbol] if symbol in fixed else random_member(allowed, rng)
        return point

    for _ in range(SAMPLES if symbols else 1):
        yield draw({}), True
    for symbol in symbols:
        for special in {sp.Integer(0), *kinks(expressions, symbol), *_ends(symbol, domain)}:
            point = draw({})
            point[symbol] = special.xreplace(point)
            if all(_contains(domain_of(s, domain).xreplace(point), point[s]) for s in symbols):
                yield point, False


def _ends(symbol: sp.Symbol, domain: Domain) -> set[sp.Expr]:
    allowed = domain_of(symbol, domain)
    return {end for end in (allowed.inf, allowed.sup) if end.is_finite is not False}


def _contains(allowed: sp.Set, value: sp.Expr) -> bool:
    return bool(allowed.contains(value) == sp.true)


def concrete_functions(expressions: list[sp.Basic], seed: int = 0) -> dict[type, sp.Lambda]:
    """Choose a smooth function for every undefined one, so that it can be evaluated."""
    rng = Random(seed)
    chosen: dict[type, sp.Lambda] = {}
    applied = {f for e in expressions for f in e.atoms(AppliedUndef)}
    for function in sorted(applied, key=str):
        if function.func not in chosen:
            slots = [sp.Dummy(real=True) for _ in function.args]
            weights = [sp.Rational(rng.randint(2, 30), 17) for _ in slots]
            mix = sp.Add(*(w * s for w, s in zip(weights, slots, strict=True)))
            chosen[function.func] = sp.Lambda(tuple(slots), mix / 3 + sp.sin(mix) / 2 + 2)
    return chosen


def evaluate(expression: sp.Basic, point: Mapping[sp.Symbol, sp.Expr]) -> mpmath.mpf | None:
    """Value of an expression at a point, or None where it is undefined or not real.

    Derivatives are difference quotients from both sides and limits are values close by, so that
    this does not rest on the symbolic rules that it is there to check.
    """
    with mpmath.workdps(DIGITS + 20):
        try:
            value = sp.N(_numeric(expression, dict(point)), DIGITS)
        except (ZeroDivisionError, ValueError, TypeError, OverflowError):
            return None
        if not isinstance(value, sp.Number) or not value.is_finite:
            return None
        return mpmath.mpf(value._to_mpmath(mpmath.mp.prec))


def _numeric(expression: sp.Basic, point: dict[sp.Symbol, sp.Expr]) -> sp.Basic:
    if isinstance(expression, sp.Derivative) and len(expression.variable_count) == 1:
        return _difference_quotient(expression, point)
    if isinstance(expression, sp.Limit):
        return _close_by(expression, point)
    if isinstance(expression, sp.Integral) and len(expression.limits) == 1:
        return _quadrature(expression, point)
    if isinstance(expression, sp.Sum | sp.Product):
        return _numeric(expression.xreplace(point).doit(), point)
    if isinstance(expression, sp.Subs | sp.Derivative):
        return _numeric(expression.doit(), point)
    if isinstance(expression, sp.Piecewise):
        return expression.xreplace(point).doit()
    if expression.args:
        return expression.func(*(_numeric(argument, point) for argument in expression.args))
    return point.get(expression, expression)


def _difference_quotient(node: sp.Derivative, point: dict[sp.Symbol, sp.Expr]) -> sp.Expr:
    variable, order = node.variable_count[0]
    rest = {symbol: value for symbol, value in point.items() if symbol != variable}
    inner = node.expr.doit().xreplace(rest)
    at = sp.N(point[variable], DIGITS + 20)._to_mpmath(mpmath.mp.prec)
    function = sp.lambdify(variable, inner, "mpmath")
    sides = [mpmath.diff(function, at, int(order), direction=side) for side in (-1, 1)]
    if abs(sides[0] - sides[1]) > mpmath.mpf(10) ** -20 * (1 + abs(sides[0])):
        raise ValueError("the slopes from the left and from the right differ")
    return sp.Float(mpmath.diff(function, at, int(order)), DIGITS)


def _quadrature(node: sp.Integral, point: dict[sp.Symbol, sp.Expr]) -> sp.Expr:
    variable, low, high = node.limits[0]
    rest = {symbol: value for symbol, value in point.items() if symbol != variable}
    inner = node.function.doit().xreplace(rest)
    ends = [sp.sympify(end).xreplace(rest) for end in (low, high)]
    breaks = sorted(k for k in kinks([inner], variable) | {sp.Integer(0)} if k.is_number)
    places = [ends[0], *(b for b in breaks if (ends[0] < b) == (b < ends[1]) == sp.true), ends[1]]
    function = sp.lambdify(variable, inner, "mpmath")
    with mpmath.workdps(30):
        value = mpmath.quad(function, [sp.N(place, 35)._to_mpmath(120) for place in places])
    return sp.Float(value, 30)


def _close_by(node: sp.Limit, point: dict[sp.Symbol, sp.Expr]) -> sp.Expr:
    inner, variable, target, direction = node.args
    target = target.xreplace(point)
    tiny = sp.Rational(1, 10**30)
    if target in (sp.oo, -sp.oo):
        places = [sp.Float((1 if target == sp.oo else -1) / tiny, DIGITS + 20)]
    else:
        steps = {"+": [tiny], "-": [-tiny], "+-": [tiny, -tiny]}[str(direction)]
        places = [target + step for step in steps]
    values = [sp.N(_numeric(inner, point | {variable: place}), DIGITS) for place in places]
    if max(values) - min(values) > sp.Rational(1, 10**12):
        raise ValueError("the limits from the left and from the right differ")
    return values[0]
