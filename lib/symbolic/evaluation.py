"""What an expression is at a point, to fifty digits."""

from collections.abc import Mapping
from typing import Any

import mpmath
import sympy as sp
from sympy.core.evalf import PrecisionExhausted

from lib.symbolic.normal import height
from lib.symbolic.regions import (
    kinks,
)

DIGITS = 50
_MOST_TERMS = 400  # of a sum that is added up term by term
_MORE_DIGITS = (DIGITS + 30, 200, 800)  # asked for where digits cancel
_LARGEST = 4000  # bits before the point of what a function is evaluated at
_LARGEST_HERE = 90  # and of what the functions below are: they lose as many bits of their own
_SENSITIVE = (sp.sinh, sp.cosh, sp.sin, sp.cos, sp.tan, sp.cot, sp.sec, sp.csc, sp.sech, sp.csch,
              sp.gamma, sp.loggamma, sp.factorial, sp.binomial)  # fmt: skip


class Inexact(Exception):
    """A value could not be computed: nothing is known about it."""


def evaluate(expression: sp.Basic, point: Mapping[sp.Symbol, sp.Expr]) -> mpmath.mpf | None:
    """Value of an expression at a point, or None where it is undefined or not real.

    Derivatives are difference quotients from both sides, limits are values close by, sums are added
    up and integrals are quadratures, so that this does not rest on the symbolic rules that it is
    there to check.
    """
    with mpmath.workdps(DIGITS + 20):
        try:
            value = _to_all_digits(sp.sympify(_numeric(expression, dict(point))))
        except (ZeroDivisionError, ValueError, TypeError, OverflowError, AttributeError):
            return None
        if not isinstance(value, sp.Number) or not value.is_finite:
            return None
        return mpmath.mpf(value._to_mpmath(mpmath.mp.prec))


def _to_all_digits(value: sp.Expr) -> sp.Expr:
    """Round a number to fifty digits that are right, however many cancel on the way."""
    for digits in _MORE_DIGITS:
        try:
            return value.evalf(digits, maxn=2 * digits, strict=True).evalf(DIGITS)
        except PrecisionExhausted:
            continue
    rough = value.evalf(_MORE_DIGITS[-1], maxn=2 * _MORE_DIGITS[-1])
    _, _, exponent, bits = rough._mpf_ if rough.is_Float else (0, 0, 0, 0)
    if exponent + bits < -600:
        return sp.S.Zero
    raise Inexact


def _small_enough(node: sp.Basic, arguments: list[sp.Basic]) -> None:
    """Leave out towers of powers: the sine of exp(exp(300)) would need all its digits."""
    if not isinstance(node, sp.Function | sp.Pow):
        return
    largest = _LARGEST_HERE if isinstance(node, _SENSITIVE) else _LARGEST
    for argument in arguments[1:] if isinstance(node, sp.Pow) else arguments:
        if argument.is_comparable:
            _, mantissa, exponent, bits = mpmath.mpf(sp.N(argument, 5)._to_mpmath(30))._mpf_
            if mantissa and exponent + bits > largest:
                raise Inexact


def _low(expression: sp.Basic) -> sp.Basic:
    """Return a formula that can be evaluated everywhere in the numbers of a computer."""
    if height(expression) > 2:
        raise Inexact
    return expression


def _numeric(expression: sp.Basic, point: dict[sp.Symbol, sp.Expr]) -> sp.Basic:
    if isinstance(expression, sp.Derivative) and len(expression.variable_count) == 1:
        return _difference_quotient(expression, point)
    if isinstance(expression, sp.Limit):
        return _close_by(expression, point)
    if isinstance(expression, sp.Integral):
        return _quadrature(expression, point)
    if isinstance(expression, sp.Sum | sp.Product):
        return _added_up(expression, point)
    if isinstance(expression, sp.Subs | sp.Derivative):
        return _numeric(expression.doit(), point)
    if isinstance(expression, sp.Piecewise):
        return _piece(expression, point)
    if expression.args:
        arguments = [_numeric(argument, point) for argument in expression.args]
        _small_enough(expression, arguments)
        return expression.func(*arguments)
    return point.get(expression, expression)


def _piece(expression: sp.Piecewise, point: dict[sp.Symbol, sp.Expr]) -> sp.Basic:
    for value, condition in expression.args:
        if _numeric(condition, point) == sp.true:
            return _numeric(value, point)
    return sp.nan


def _difference_quotient(node: sp.Derivative, point: dict[sp.Symbol, sp.Expr]) -> sp.Expr:
    variable, order = node.variable_count[0]
    rest = {symbol: value for symbol, value in point.items() if symbol != variable}
    inner = _low(node.expr.doit().xreplace(rest))
    at = sp.N(point[variable], DIGITS + 20)._to_mpmath(mpmath.mp.prec)
    function = sp.lambdify(variable, inner, "mpmath")
    sides = [mpmath.diff(function, at, int(order), direction=side) for side in (-1, 1)]
    if abs(sides[0] - sides[1]) > mpmath.mpf(10) ** -20 * (1 + abs(sides[0])):
        raise ValueError("the slopes from the left and from the right differ")
    return sp.Float(mpmath.diff(function, at, int(order)), DIGITS)


def _added_up(node: sp.Expr, point: dict[sp.Symbol, sp.Expr]) -> sp.Expr:
    """Add or multiply term by term; what has no last term is left to mpmath."""
    variable, low, high = node.limits[-1]
    inner = node.func(node.function, *node.limits[:-1]) if len(node.limits) > 1 else node.function
    ends = [sp.sympify(end).xreplace(point) for end in (low, high)]
    adds = isinstance(node, sp.Sum)
    if sp.oo in ends or -sp.oo in ends:
        rest = {s: v for s, v in point.items() if s != variable}
        function = sp.lambdify(variable, _low(inner.xreplace(rest)), "mpmath")
        places = [
            mpmath.inf if e == sp.oo else -mpmath.inf if e == -sp.oo else int(e) for e in ends
        ]
        with mpmath.workdps(30):
            value = (mpmath.nsum if adds else mpmath.nprod)(function, places)
        return sp.Float(value, 25)
    if not all(end.is_integer for end in ends) or ends[1] - ends[0] > _MOST_TERMS:
        raise ValueError("a sum with ends that are no integers, or with too many terms")
    terms = [
        _numeric(inner, {**point, variable: sp.Integer(k)})
        for k in range(int(ends[0]), int(ends[1]) + 1)
    ]
    return sp.Add(*terms) if adds else sp.Mul(*terms)


def _quadrature(node: sp.Integral, point: dict[sp.Symbol, sp.Expr]) -> sp.Expr:
    variables = {limit[0] for limit in node.limits}
    rest = {symbol: value for symbol, value in point.items() if symbol not in variables}
    inner = _low(node.function.doit().xreplace(rest))
    digits = 30 if len(node.limits) == 1 else 18
    with mpmath.workdps(digits):
        value = _nested(inner, [tuple(limit.xreplace(rest)) for limit in node.limits], digits)
    return sp.Float(value, digits)


def _nested(inner: sp.Expr, limits: list[Any], digits: int) -> mpmath.mpf:
    """Integrate over the last variable of the list, the inner ones inside."""
    variable, low, high = limits[-1]
    precision = 4 * digits
    breaks = sorted((k for k in kinks([inner], variable) if k.is_number), key=sp.N)
    if {low, high} & {sp.oo, -sp.oo} or (low < 0) == (0 < high):
        breaks = sorted({*breaks, sp.Integer(0)}, key=sp.N)
    between = [b for b in breaks if (low < b) == (b < high) == sp.true]
    if (low > high) == sp.true:
        between.reverse()
    places = [sp.N(p, digits + 5)._to_mpmath(precision) for p in (low, *between, high)]
    if len(limits) == 1:
        function = sp.lambdify(variable, inner, "mpmath")
    else:
        symbolic = [tuple(limit) for limit in limits[:-1]]

        def function(value: mpmath.mpf) -> mpmath.mpf:
            fixed = {variable: sp.Float(value, digits)}
            return _nested(
                inner.xreplace(fixed),
                [tuple(sp.sympify(part).xreplace(fixed) for part in limit) for limit in symbolic],
                digits,
            )

    value, error = mpmath.quad(function, places, error=True, maxdegree=6 if len(limits) == 1 else 4)
    if error > mpmath.mpf(10) ** -12 * (1 + abs(value)):
        raise Inexact
    return value


def _close_by(node: sp.Limit, point: dict[sp.Symbol, sp.Expr]) -> sp.Expr:
    """Look at the function at smaller and smaller distances, and extrapolate where it settles."""
    inner, variable, target, direction = node.args
    target = target.xreplace(point)
    ways = {"+": (1,), "-": (-1,), "+-": (1, -1)}[str(direction)]
    values = [_settled(inner, variable, target, way, point) for way in ways]
    if max(values) - min(values) > sp.Rational(1, 10**8):
        raise ValueError("the limits from the left and from the right differ")
    return values[0]


def grows_close_by(node: sp.Limit) -> bool:
    """Tell whether a function without parameters is real, and larger and larger, near a place."""
    inner, variable, target, direction = node.args
    ways = {"+": (1,), "-": (-1,), "+-": (1, -1)}[str(direction)]
    infinite = target in (sp.oo, -sp.oo)
    for way in ways:
        seen: list[sp.Expr] = []
        for exponent in (3, 6, 12):
            tiny = sp.Rational(1, 10**exponent)
            place = (
                (1 / tiny if target == sp.oo else -1 / tiny) if infinite else target + way * tiny
            )
            try:
                with mpmath.workdps(DIGITS):
                    value = sp.N(_numeric(inner, {variable: sp.Float(place, DIGITS)}), 20)
            except Inexact:
                continue
            if not value.is_comparable or not value.is_real:
                return False
            seen.append(abs(value))
        if seen != sorted(seen) or len(seen) < 2:
            return False
    return True


def _settled(
    inner: sp.Expr, variable: sp.Symbol, target: sp.Expr, way: int, point: dict[sp.Symbol, sp.Expr]
) -> sp.Expr:
    seen = []
    for exponent in (6, 12, 24):
        tiny = sp.Rational(1, 10**exponent)
        if target in (sp.oo, -sp.oo):
            place = 1 / tiny if target == sp.oo else -1 / tiny
        else:
            place = target + way * tiny
        near_by = sp.Float(place, DIGITS + 40)  # exact, its powers could have 10^24 digits
        value = sp.N(_numeric(inner, point | {variable: near_by}), DIGITS)
        if not value.is_real:
            raise ValueError(f"{inner} is not real at {place}")
        seen.append(value)
    if abs(seen[2] - seen[1]) > sp.Rational(1, 10**6) * (1 + abs(seen[2])):
        raise Inexact
    return sp.Float(seen[2], DIGITS)
