"""Signs that need no further rule: known by assumption, by digits, or by counting roots."""

from collections.abc import Iterator

import sympy as sp
from sympy.core.function import AppliedUndef

from lib.symbolic import normal
from lib.symbolic.enclosures import certainly_positive
from lib.symbolic.trust import Trust

POSITIVE, NONNEGATIVE, NONZERO = ">", ">=", "!="
OPAQUE = (sp.Limit, sp.Sum, sp.Product, sp.Integral, sp.Derivative, sp.Subs)


def symbols_of(expression: sp.Basic) -> set[sp.Symbol]:
    """Return the free symbols, without families of them."""
    return {s for s in expression.free_symbols if isinstance(s, sp.Symbol)}


def assumed(form: sp.Expr, kind: str) -> Trust:
    """Take the sign that follows from the assumptions about the symbols."""
    if form.is_extended_real is False or form.is_finite is False:
        return Trust.NONE
    answer = {
        POSITIVE: form.is_positive,
        NONNEGATIVE: form.is_nonnegative,
        NONZERO: form.is_zero is False or form.is_nonzero,
    }[kind]
    return Trust.PROVED if answer is True else Trust.NONE


_TRIALS = ((0.3, 1), (2.7, 2), (0.011, 1), (31.0, 5), (1.13, 3), (9.1, 4))


def plausible(expression: sp.Expr, kind: str) -> bool:
    """Look at a few points whether a proof is worth trying; this never proves anything."""
    symbols = sorted(symbols_of(expression), key=str)
    if expression.has(*OPAQUE) or expression.atoms(AppliedUndef) or len(symbols) > 6:
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


def sign_of_constant(number: sp.Expr, kind: str) -> Trust:
    """Decide the sign of a number by its digits."""
    if not number.is_number or number.has(sp.nan, sp.zoo, sp.oo):
        return Trust.NONE
    if kind == NONNEGATIVE and normal.is_zero(number):
        return Trust.PROVED
    if certainly_positive(number, None) or (kind == NONZERO and certainly_positive(-number, None)):
        return Trust.PROVED
    if kind == NONNEGATIVE and sp.simplify(number) == 0:
        return Trust.SYMPY
    return Trust.NONE


def rational_forms(expression: sp.Expr) -> Iterator[sp.Expr]:
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


def sign_of_polynomial(form: sp.Expr, kind: str) -> Trust:
    """Count the real roots of a polynomial in one symbol, by Sturm's theorem."""
    symbols = symbols_of(form)
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


def sign_by_enclosure(expression: sp.Expr, kind: str, depth: int) -> Trust:
    """Enclose the values of a function of one symbol, interval by interval."""
    symbols = symbols_of(expression)
    if len(symbols) != 1 or kind == NONZERO or expression.has(*OPAQUE):
        return Trust.NONE
    symbol = next(iter(symbols))
    if symbol.is_integer:
        return Trust.NONE
    return Trust.PROVED if certainly_positive(expression, symbol) else Trust.NONE
