"""Enclosures of the values of a function, by interval arithmetic with outward rounding."""

from collections.abc import Callable
from typing import Any

import mpmath
import sympy as sp

iv = mpmath.iv

_BOXES = 400  # how many intervals are looked at before it is given up
_FAR = 40


class _NoEnclosure(Exception):
    pass


def certainly_positive(expression: sp.Expr, symbol: sp.Symbol | None) -> bool:
    """Tell whether enclosures prove that an expression is positive for all values of a symbol.

    Parameters
    ----------
    expression : sympy.Expr
    symbol : sympy.Symbol or None
        The only free symbol: a positive or a real one; None for a number.
    """
    before = iv.prec
    iv.prec = 120
    try:
        if symbol is None:
            return bool(_enclose(expression, None, None).a > 0)
        boxes = [iv.mpf([0, _FAR]), iv.mpf([_FAR, mpmath.inf])]
        if not symbol.is_nonnegative:
            boxes += [iv.mpf([-_FAR, 0]), iv.mpf([-mpmath.inf, -_FAR])]
        return _all_positive(expression, symbol, boxes)
    except (_NoEnclosure, ZeroDivisionError, ValueError, TypeError, OverflowError):
        return False
    finally:
        iv.prec = before


def positive_between(expression: sp.Expr, symbol: sp.Symbol, low: sp.Expr, high: sp.Expr) -> bool:
    """Tell whether enclosures prove that an expression is positive from one number to another."""
    before = iv.prec
    iv.prec = 120
    try:
        ends = _enclose(low, None, None), _enclose(high, None, None)
        return _all_positive(expression, symbol, [iv.mpf([ends[0].a, ends[1].b])])
    except (_NoEnclosure, ZeroDivisionError, ValueError, TypeError, OverflowError):
        return False
    finally:
        iv.prec = before


def _all_positive(expression: sp.Expr, symbol: sp.Symbol, boxes: list[Any]) -> bool:
    looked_at = 0
    while boxes:
        looked_at += 1
        box = boxes.pop()
        if looked_at > _BOXES:
            return False
        try:
            low = _enclose(expression, symbol, box).a
            if low > 0:
                continue
        except (ZeroDivisionError, ValueError, _NoEnclosure):
            pass
        if not (mpmath.isfinite(box.a.a) and mpmath.isfinite(box.b.a)):
            return False
        if box.delta.a < mpmath.mpf(2) ** -12:
            return False
        boxes += [iv.mpf([box.a, box.mid]), iv.mpf([box.mid, box.b])]
    return True


def _tanh(x: Any) -> Any:
    return 1 - 2 / (iv.exp(2 * x) + 1)


_FUNCTIONS: dict[type, Callable[[Any], Any]] = {
    sp.exp: iv.exp,
    sp.log: iv.log,
    sp.sin: iv.sin,
    sp.cos: iv.cos,
    sp.tanh: _tanh,
    sp.sinh: lambda x: (iv.exp(x) - iv.exp(-x)) / 2,
    sp.cosh: lambda x: (iv.exp(x) + iv.exp(-x)) / 2,
    sp.Abs: abs,
}


def _enclose(node: sp.Basic, symbol: sp.Symbol | None, box: Any) -> Any:
    if node == symbol:
        return box
    if isinstance(node, sp.Rational):
        return iv.mpf(int(node.p)) / int(node.q)
    if node == sp.pi:
        return iv.pi
    if node == sp.E:
        return iv.exp(iv.mpf(1))
    if isinstance(node, sp.Add):
        total = iv.mpf(0)
        for argument in node.args:
            total += _enclose(argument, symbol, box)
        return total
    if isinstance(node, sp.Mul):
        total = iv.mpf(1)
        for argument in node.args:
            total *= _enclose(argument, symbol, box)
        return total
    if isinstance(node, sp.Pow):
        return _power(node, symbol, box)
    if isinstance(node, sp.Max | sp.Min):
        return _extreme(node, symbol, box)
    if node.func in _FUNCTIONS and len(node.args) == 1:
        inner = _enclose(node.args[0], symbol, box)
        if isinstance(node, sp.log) and not inner.a > 0:
            raise _NoEnclosure
        if not _is_moderate(inner):
            raise _NoEnclosure
        return _FUNCTIONS[node.func](inner)
    raise _NoEnclosure


def _is_moderate(inner: Any) -> bool:
    """Tell whether the ends have few digits before the point, or are infinite."""
    ends = [end._mpf_ for end in (mpmath.mpf(inner.a.a), mpmath.mpf(inner.b.b))]
    return all(not mantissa or exponent + bits < 4000 for _, mantissa, exponent, bits in ends)


def _power(node: sp.Pow, symbol: sp.Symbol | None, box: Any) -> Any:
    base = _enclose(node.base, symbol, box)
    if isinstance(node.exp, sp.Integer):
        power = base ** abs(int(node.exp))
        return power if node.exp > 0 else 1 / power
    if base.a < 0:
        raise _NoEnclosure
    if node.exp == sp.Rational(1, 2):
        return iv.sqrt(base)
    if not base.a > 0:
        raise _NoEnclosure
    return iv.exp(_enclose(node.exp, symbol, box) * iv.log(base))


def _extreme(node: sp.Expr, symbol: sp.Symbol | None, box: Any) -> Any:
    parts = [_enclose(argument, symbol, box) for argument in node.args]
    choose = max if isinstance(node, sp.Max) else min
    return iv.mpf([choose(p.a.a for p in parts), choose(p.b.b for p in parts)])
