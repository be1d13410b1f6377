"""Rules that prove an expression positive, nonnegative or nonzero on a whole domain."""

from functools import lru_cache

import sympy as sp

from lib.symbolic import normal
from lib.symbolic.enclosures import positive_between
from lib.symbolic.evident_signs import (
    NONNEGATIVE,
    NONZERO,
    OPAQUE,
    POSITIVE,
    assumed,
    plausible,
    rational_forms,
    sign_by_enclosure,
    sign_of_constant,
    sign_of_polynomial,
    symbols_of,
)
from lib.symbolic.regions import Domain, cases, in_case
from lib.symbolic.trust import Trust

_DEPTH = 3
_LARGE = 150  # operations; beyond that the rules that differentiate are not tried
_JUMPING = (sp.sign, sp.Heaviside, sp.floor, sp.ceiling, sp.Piecewise)

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
    if expression.is_number or not (symbols_of(expression) & set(regions)):
        quick = assumed(expression, kind)
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
    symbols = symbols_of(expression)
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
        and s in symbols_of(expression)
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


@lru_cache(maxsize=16384)
def _in_free_symbols(expression: sp.Expr, kind: str, depth: int) -> Trust:
    """Prove a sign where every symbol is a free one that is real, positive or an integer."""
    found = assumed(expression, kind)
    if found or expression.is_number or expression.has(sp.nan, sp.zoo, sp.oo):
        return found or sign_of_constant(expression, kind)
    if not plausible(expression, kind) or normal.is_too_high(expression):
        return Trust.NONE
    for form in rational_forms(expression):
        found = (
            assumed(form, kind) or _of_product(form, kind, depth) or sign_of_polynomial(form, kind)
        )
        if found:
            return found
    for rule in (_without_abs, _bounded, sign_by_enclosure, _quadratic, _monotone, _split):
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
    return assumed(base, wanted) or (
        _in_free_symbols(base, wanted, depth - 1)
        if depth > 0 and not isinstance(base, sp.Mul)
        else Trust.NONE
    )


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


def _quadratic(expression: sp.Expr, kind: str, depth: int) -> Trust:
    """Complete the square: a t^2 + b t + c >= 0 if a >= 0 and 4 a c >= b^2."""
    for symbol in sorted(symbols_of(expression), key=str):
        if not expression.is_polynomial(symbol) or sp.degree(expression, symbol) != 2:
            continue
        a, b, c = sp.Poly(expression, symbol).all_coeffs()
        if kind == NONZERO or symbols_of(a):
            continue
        gap = sp.expand(4 * a * c - b**2)
        return min(
            _in_free_symbols(a, NONNEGATIVE, depth - 1), _in_free_symbols(gap, kind, depth - 1)
        )
    return Trust.NONE


def _monotone(expression: sp.Expr, kind: str, depth: int) -> Trust:
    """Right at one end, and from there on it moves in the right direction."""
    if kind == NONZERO or sp.count_ops(expression) > _LARGE or expression.has(*_JUMPING, *OPAQUE):
        return Trust.NONE
    for symbol in sorted(symbols_of(expression), key=str):
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
    if len(symbols_of(expression)) > 1:
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
    loose = [s for s in symbols_of(expression) if not s.is_nonnegative and not s.is_integer]
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
