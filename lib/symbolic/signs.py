"""Rules that prove an expression positive, nonnegative or nonzero on a whole domain."""

from collections.abc import Iterator
from functools import lru_cache

import sympy as sp
from sympy.core.function import AppliedUndef

from lib.symbolic import normal
from lib.symbolic.enclosures import certainly_positive, positive_between
from lib.symbolic.regions import Domain, cases, in_case
from lib.symbolic.trust import Trust

POSITIVE, NONNEGATIVE, NONZERO = ">", ">=", "!="

_DEPTH = 3
_LARGE = 150  # operations; beyond that the rules that differentiate are not tried
_JUMPING = (sp.sign, sp.Heaviside, sp.floor, sp.ceiling, sp.Piecewise)
_OPAQUE = (sp.Limit, sp.Sum, sp.Product, sp.Integral, sp.Derivative, sp.Subs)

# Functions that are replaced by any number of their range, which proves more than is asked.
_RANGES: dict[type, sp.Set] = {
    sp.sin: sp.Interval(-1, 1),
    sp.cos: sp.Interval(-1, 1),
    sp.tanh: sp.Interval.open(-1, 1),
    sp.erf: sp.Interval.open(-1, 1),
    sp.erfc: sp.Interval.open(0, 2),
    sp.atan: sp.Interval.open(-sp.pi / 2, sp.pi / 2),
    sp.sign: sp.Interval(-1, 1),
}


def sign(expression: sp.Expr, kind: str, domain: Domain) -> Trust:
    """Prove ``expression > 0``, ``>= 0`` or ``!= 0`` everywhere on the domain.

    Returns
    -------
    Trust
        `Trust.NONE` if no rule decides.
    """
    return _sign(expression, kind, frozenset(domain.items()))


@lru_cache(maxsize=4096)
def _sign(expression: sp.Expr, kind: str, domain: frozenset[tuple[sp.Symbol, sp.Set]]) -> Trust:
    regions = dict(domain)
    expression = normal.differentiated(expression)
    if expression.is_number or not (_symbols(expression) & set(regions)):
        quick = _assumed(expression, kind)
        if quick:
            return quick
    worst = Trust.PROVED
    for case in cases([expression], regions):
        worst = min(worst, _in_free_symbols(sp.sympify(in_case(expression, case)), kind, _DEPTH))
        if not worst:
            return _by_bounds(expression, kind, regions)
    return worst


def _by_bounds(expression: sp.Expr, kind: str, domain: dict[sp.Symbol, sp.Set]) -> Trust:
    """Enclose the values on an interval, or forget its upper or its lower end."""
    symbols = _symbols(expression)
    if len(symbols) == 1:
        symbol = next(iter(symbols))
        allowed = domain.get(symbol)
        if isinstance(allowed, sp.Interval) and not symbol.is_integer:
            ends = allowed.inf, allowed.sup
            turns = (1, -1) if kind == NONZERO else (1,)
            if all(e.is_number and e.is_finite for e in ends) and any(
                positive_between(turn * expression, symbol, *ends) for turn in turns
            ):
                return Trust.PROVED
    finite = [
        s
        for s, a in domain.items()
        if isinstance(a, sp.Interval)
        and s in _symbols(expression)
        and a.inf.is_finite is not False
        and a.sup.is_finite is not False
    ]
    for symbol in finite[:2]:
        allowed = domain[symbol]
        for wider in (
            sp.Interval(allowed.inf, sp.oo, left_open=allowed.left_open),
            sp.Interval(-sp.oo, allowed.sup, right_open=allowed.right_open),
        ):
            found = _sign(expression, kind, frozenset({**domain, symbol: wider}.items()))
            if found:
                return found
    return Trust.NONE


def _symbols(expression: sp.Basic) -> set[sp.Symbol]:
    return {s for s in expression.free_symbols if isinstance(s, sp.Symbol)}


def _assumed(form: sp.Expr, kind: str) -> Trust:
    if form.is_extended_real is False or form.is_finite is False:
        return Trust.NONE
    answer = {
        POSITIVE: form.is_positive,
        NONNEGATIVE: form.is_nonnegative,
        NONZERO: form.is_zero is False or form.is_nonzero,
    }[kind]
    return Trust.PROVED if answer is True else Trust.NONE


@lru_cache(maxsize=16384)
def _in_free_symbols(expression: sp.Expr, kind: str, depth: int) -> Trust:
    """Prove a sign where every symbol is a free one that is real, positive or an integer."""
    found = _assumed(expression, kind)
    if found or expression.is_number or expression.has(sp.nan, sp.zoo, sp.oo):
        return found or _constant(expression, kind)
    if not _plausible(expression, kind) or normal.is_too_high(expression):
        return Trust.NONE
    for form in _rational_forms(expression):
        found = _assumed(form, kind) or _of_product(form, kind, depth) or _polynomial(form, kind)
        if found:
            return found
    for rule in (_without_abs, _bounded, _enclosed, _quadratic, _monotone, _split):
        if depth <= 0 and rule not in (_without_abs, _bounded):
            break
        found = rule(expression, kind, depth)
        if found:
            return found
    if kind == NONZERO and depth > 0:
        for turned in (expression, -expression):
            found = _in_free_symbols(turned, POSITIVE, depth - 1)
            if found:
                return found
    return _simplified(expression, kind, depth)


_TRIALS = ((0.3, 1), (2.7, 2), (0.011, 1), (31.0, 5), (1.13, 3), (9.1, 4))


def _plausible(expression: sp.Expr, kind: str) -> bool:
    """Look at a few points whether a proof is worth trying; this never proves anything."""
    symbols = sorted(_symbols(expression), key=str)
    if expression.has(*_OPAQUE) or expression.atoms(AppliedUndef) or len(symbols) > 6:
        return True
    if normal.height(expression) > 2:
        return True
    seen = set()
    for trial in range(len(_TRIALS)):
        point = {}
        for index, symbol in enumerate(symbols):
            value, whole = _TRIALS[(trial + 2 * index) % len(_TRIALS)]
            number = sp.Integer(whole) if symbol.is_integer else sp.Float(value, 20)
            turn = symbol.is_nonnegative is None and (trial + index) % 2
            point[symbol] = -number if turn else number
        value = expression.xreplace(point).evalf(15, maxn=60)
        if not value.is_Float and not value.is_Rational:
            continue
        if abs(value) < 1e-12:
            continue
        seen.add(bool(value > 0))
        if kind != NONZERO and False in seen:
            return False
    return len(seen) < 2 or kind != NONZERO


def _constant(number: sp.Expr, kind: str) -> Trust:
    if not number.is_number or number.has(sp.nan, sp.zoo, sp.oo):
        return Trust.NONE
    if kind == NONNEGATIVE and normal.is_zero(number):
        return Trust.PROVED
    if certainly_positive(number, None) or (kind == NONZERO and certainly_positive(-number, None)):
        return Trust.PROVED
    if kind == NONNEGATIVE and sp.simplify(number) == 0:
        return Trust.SYMPY
    return Trust.NONE


def _rational_forms(expression: sp.Expr) -> Iterator[sp.Expr]:
    """Yield the same expression multiplied out, over one denominator, and factored."""
    rational = expression
    if expression.has(*normal.HYPERBOLIC):
        rational = expression.replace(
            lambda node: isinstance(node, normal.HYPERBOLIC), lambda node: node.rewrite(sp.exp)
        )
    yield sp.expand(rational)
    above, below = sp.fraction(sp.together(rational))
    yield sp.expand(above) / sp.expand(below)
    yield sp.factor(above) / sp.factor(below)
    roots = _roots_as_symbols(rational)
    if roots is not None:
        yield sp.factor(roots)
    if rational.has(sp.log):
        yield sp.expand_log(rational, factor=True)
        merged = sp.logcombine(sp.expand_log(rational))
        yield merged
        if isinstance(merged, sp.log):  # a logarithm has the sign of its argument minus 1
            yield merged.args[0] - 1


def _roots_as_symbols(expression: sp.Expr) -> sp.Expr | None:
    """Write positive symbols as squares, where their roots occur."""
    rooted = {
        s for p in expression.atoms(sp.Pow) if p.exp.is_Rational and p.exp.q == 2
        for s in p.base.free_symbols if s.is_positive and not s.is_integer
    }  # fmt: skip
    if not rooted:
        return None
    return expression.subs({s: sp.Dummy(s.name, positive=True) ** 2 for s in rooted})


def _of_product(form: sp.Expr, kind: str, depth: int) -> Trust:
    if not isinstance(form, sp.Mul | sp.Pow | sp.exp) or depth < 0:
        return Trust.NONE
    worst, negative = Trust.PROVED, False
    for factor in sp.Mul.make_args(form):
        base, power = factor.as_base_exp() if isinstance(factor, sp.Pow) else (factor, sp.S.One)
        even = power.is_even is True
        wanted = NONZERO if kind == NONZERO or (even and kind == POSITIVE) else kind
        if power.is_negative or (power.is_integer is not True):
            wanted = {NONNEGATIVE: POSITIVE}.get(wanted, wanted)
            if even:
                wanted = NONZERO
        if even and wanted == NONNEGATIVE:
            continue
        found = _factor(base, wanted, depth)
        if not found and wanted in (POSITIVE, NONNEGATIVE) and power.is_integer:
            found = _factor(-base, wanted, depth)
            if not power.is_odd:
                found = Trust.NONE
            negative ^= True
        if not found:
            return Trust.NONE
        worst = min(worst, found)
    return Trust.NONE if negative else worst


def _factor(base: sp.Expr, wanted: str, depth: int) -> Trust:
    return _assumed(base, wanted) or (
        _in_free_symbols(base, wanted, depth - 1)
        if depth > 0 and not isinstance(base, sp.Mul)
        else Trust.NONE
    )


def _polynomial(form: sp.Expr, kind: str) -> Trust:
    """Count the real roots of a polynomial in one symbol, by Sturm's theorem."""
    symbols = _symbols(form)
    if len(symbols) != 1:
        return Trust.NONE
    symbol = next(iter(symbols))
    if not form.is_polynomial(symbol) or symbol.is_integer:
        return Trust.NONE
    polynomial = sp.Poly(form, symbol)
    if not polynomial.domain.is_ZZ and not polynomial.domain.is_QQ:
        return Trust.NONE
    low = 0 if symbol.is_nonnegative else None
    roots = polynomial.count_roots(low, None)
    if symbol.is_positive and polynomial.eval(0) == 0:
        roots -= 1
    if roots:
        return Trust.NONE
    if kind != NONZERO and not polynomial.eval(1) > 0:
        return Trust.NONE
    return Trust.PROVED


def _without_abs(expression: sp.Expr, kind: str, depth: int) -> Trust:
    """Use -|a| = min(-a, a), max(a, b) >= a, and both signs of what stands in |a| elsewhere."""
    for node in sorted(expression.atoms(sp.Abs, sp.Max, sp.Min), key=sp.count_ops):
        if isinstance(node, sp.Abs):
            choices = [node.args[0], -node.args[0]]
        else:
            choices = list(node.args)
        slot = sp.Dummy(real=True)
        form = sp.expand(expression.xreplace({node: slot}))
        slope = form.coeff(slot, 1)
        if not (form - slope * slot).has(slot) and slope.is_number:
            concave = (slope.is_negative is True) == isinstance(node, sp.Abs | sp.Max)
            found = [_in_free_symbols(form.xreplace({slot: c}), kind, depth) for c in choices]
            if kind != NONZERO and concave:
                return min(found)
            if kind != NONZERO and max(found):
                return max(found)
        if all(choice.is_real for choice in choices) and kind != NONZERO:
            found = [_in_free_symbols(expression.xreplace({node: c}), kind, depth) for c in choices]
            return min(found)
    return Trust.NONE


def _bounded(expression: sp.Expr, kind: str, depth: int) -> Trust:
    """Let bounded functions take any value of their range."""
    nodes = [n for n in expression.atoms(*_RANGES) if not n.is_number]
    if not nodes or len(nodes) > 2:
        return Trust.NONE
    slots = {node: sp.Dummy(real=True) for node in nodes}
    wider = expression.xreplace(slots)
    domain = {slot: _RANGES[node.func] for node, slot in slots.items()}
    worst = Trust.PROVED
    for case in cases([wider], domain, cut=False):
        substituted = wider
        for symbol, piece in case:
            if symbol in domain:
                substituted = substituted.subs(symbol, piece)
        worst = min(worst, _in_free_symbols(substituted, kind, min(depth, 1) - 1))
        if not worst:
            return worst
    return worst


def _enclosed(expression: sp.Expr, kind: str, depth: int) -> Trust:
    """Enclose the values of a function of one symbol, interval by interval."""
    symbols = _symbols(expression)
    if len(symbols) != 1 or kind == NONZERO or expression.has(*_OPAQUE):
        return Trust.NONE
    symbol = next(iter(symbols))
    if symbol.is_integer:
        return Trust.NONE
    return Trust.PROVED if certainly_positive(expression, symbol) else Trust.NONE


def _quadratic(expression: sp.Expr, kind: str, depth: int) -> Trust:
    """Complete the square: a t^2 + b t + c >= 0 if a >= 0 and 4 a c >= b^2."""
    for symbol in sorted(_symbols(expression), key=str):
        if not expression.is_polynomial(symbol) or sp.degree(expression, symbol) != 2:
            continue
        a, b, c = sp.Poly(expression, symbol).all_coeffs()
        if kind == NONZERO or _symbols(a):
            continue
        gap = sp.expand(4 * a * c - b**2)
        return min(
            _in_free_symbols(a, NONNEGATIVE, depth - 1), _in_free_symbols(gap, kind, depth - 1)
        )
    return Trust.NONE


def _monotone(expression: sp.Expr, kind: str, depth: int) -> Trust:
    """Right at one end, and from there on it moves in the right direction."""
    if kind == NONZERO or sp.count_ops(expression) > _LARGE or expression.has(*_JUMPING, *_OPAQUE):
        return Trust.NONE
    for symbol in sorted(_symbols(expression), key=str):
        if symbol.is_integer and symbol.is_nonnegative:
            found = _induction(expression, symbol, kind, depth)
        elif symbol.is_positive and not symbol.is_integer:
            found = _from_an_end(expression, symbol, kind, depth)
        else:
            continue
        if found:
            return found
    return Trust.NONE


def _induction(expression: sp.Expr, symbol: sp.Symbol, kind: str, depth: int) -> Trust:
    first = expression.subs(symbol, 1 if symbol.is_positive else 0)
    change = sp.expand(expression.subs(symbol, symbol + 1) - expression)
    base = _in_free_symbols(first, kind, depth - 1)
    return base and min(base, _in_free_symbols(change, NONNEGATIVE, depth - 1))


def _from_an_end(expression: sp.Expr, symbol: sp.Symbol, kind: str, depth: int) -> Trust:
    if expression.has(sp.Abs, sp.Max, sp.Min):
        return Trust.NONE
    slope = sp.diff(expression, symbol)
    if not slope.has(symbol) and slope.is_number:
        slope = sp.sympify(slope)
    for end, direction in ((sp.S.Zero, 1), (sp.oo, -1)):
        start, trust = _at_end(expression, symbol, end)
        if start is None:
            continue
        at_least = _in_free_symbols(start, NONNEGATIVE, depth - 1)
        if not at_least:
            continue
        strictly = kind == POSITIVE and not _in_free_symbols(start, POSITIVE, depth - 1)
        moved = _in_free_symbols(
            direction * slope, POSITIVE if strictly else NONNEGATIVE, depth - 1
        )
        if moved:
            return min(trust, at_least, moved)
    return Trust.NONE


def _at_end(expression: sp.Expr, symbol: sp.Symbol, end: sp.Expr) -> tuple[sp.Expr | None, Trust]:
    if end == 0:
        value = expression.subs(symbol, 0)
        if value.is_finite or (value.is_finite is None and not value.has(sp.nan, sp.zoo, sp.oo)):
            return value, Trust.PROVED
    if len(_symbols(expression)) > 1:
        return None, Trust.NONE
    try:
        value = sp.limit(expression, symbol, end, "+" if end == 0 else "-")
    except (NotImplementedError, ValueError, TypeError, RecursionError):
        return None, Trust.NONE
    if value == sp.oo:
        return sp.S.One, Trust.SYMPY
    return (value, Trust.SYMPY) if value.is_finite and value.is_real else (None, Trust.NONE)


def _split(expression: sp.Expr, kind: str, depth: int) -> Trust:
    """Look at the positive and the negative half of a real symbol, and at 0, by themselves."""
    loose = [s for s in _symbols(expression) if not s.is_nonnegative and not s.is_integer]
    if not loose or len(loose) > 2 or sp.count_ops(expression) > _LARGE:
        return Trust.NONE
    symbol = min(loose, key=str)
    new = sp.Dummy(symbol.name, positive=True)
    worst = Trust.PROVED
    for half in (sp.S.Zero, new, -new):
        worst = min(worst, _in_free_symbols(expression.subs(symbol, half), kind, depth - 1))
        if not worst:
            break
    return worst


def _simplified(expression: sp.Expr, kind: str, depth: int) -> Trust:
    if depth < _DEPTH or sp.count_ops(expression) > 2 * _LARGE:
        return Trust.NONE
    form = sp.simplify(expression)
    if form == expression:
        return Trust.NONE
    found = _in_free_symbols(form, kind, depth - 1)
    return found and (found if normal.is_zero(form - expression) else min(found, Trust.SYMPY))
