"""Points at which a page compares a reader's line with the missing one."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import mpmath
import sympy as sp
from sympy.core.function import AppliedUndef

from lib.symbolic import Derivation
from lib.symbolic.layout import Line
from lib.symbolic.regions import Domain, domain_of, is_whole, ordered_symbols

POINTS = 24
DIGITS = 30
REACH = 30  # integers are taken from so many
_HIDDEN = (AppliedUndef, sp.Derivative, sp.Integral, sp.Subs, sp.Limit, sp.Sum, sp.Product)


def in_names(
    proof: Derivation, missing: Line, known: Mapping[str, sp.Basic]
) -> tuple[sp.Expr, dict[str, tuple[sp.Symbol, sp.Expr]]]:
    """Write the missing side in the names, and say what each name is computed from.

    A name whose value needs a function that is not known is a variable of its own.
    """
    own: dict[str, tuple[sp.Symbol, sp.Expr]] = {}
    swapped: dict[sp.Basic, sp.Symbol] = {}
    for name, expression in known.items():
        value = proof.unfolded(expression)
        symbol = sp.Dummy(name, real=True)
        if value.has(*_HIDDEN):
            value = sp.Symbol(name, real=True)
        own[name] = (symbol, value)
        swapped[expression] = symbol
    target = proof.unfolded(missing.right.expression.xreplace(swapped)).xreplace(swapped)
    if target.has(sp.Derivative, sp.Subs):
        target = target.doit()
    rest = target.free_symbols - {symbol for symbol, _ in own.values()}
    if rest or target.has(*_HIDDEN):
        left = ", ".join(sorted(map(str, rest))) or str(target)
        raise ValueError(f"names must hold all of the missing line; {left} is left")
    return target, own


def points_and_values(
    proof: Derivation, target: sp.Expr, own: Mapping[str, tuple[sp.Symbol, sp.Expr]]
) -> tuple[list[tuple[float, ...]], list[float]]:
    """Compute the names and the missing side at points of the domain."""
    symbols = [symbol for symbol, _ in own.values()]
    made_of = {s for _, value in own.values() for s in value.free_symbols}
    ordered = ordered_symbols(made_of, proof.domain)
    named = sp.lambdify(ordered, [value for _, value in own.values()], "mpmath")
    wanted = sp.lambdify(symbols, target, "mpmath")
    points: list[tuple[float, ...]] = []
    values: list[float] = []
    for place, must in _places(ordered, proof.domain):
        with mpmath.workdps(DIGITS):
            try:
                at = tuple(float(value) for value in named(*place))
                value = float(mpmath.mpf(wanted(*map(mpmath.mpf, at))))
            except (ZeroDivisionError, ValueError, TypeError, OverflowError):
                value = math.nan
        if math.isfinite(value):
            points.append(at)
            values.append(value)
        elif must:
            raise ValueError(f"line must have a value on the whole domain; it has none at {place}")
    return points, values


def _places(ordered: Sequence[sp.Symbol], domain: Domain) -> list[tuple[tuple[Any, ...], bool]]:
    """Choose points: many irrational ones, then some with one symbol at 0, at 1 or at an end."""
    roots = [math.sqrt(sp.prime(i + 1)) for i in range(len(ordered))]

    def point(k: int, fixed: Mapping[sp.Symbol, float]) -> dict[sp.Symbol, float]:
        there: dict[sp.Symbol, float] = {}
        for symbol, root in zip(ordered, roots, strict=True):
            exact = {s: sp.Float(v, 17) for s, v in there.items()}
            allowed = domain_of(symbol, domain).xreplace(exact)
            share = (k + 1) * root % 1
            there[symbol] = fixed.get(symbol, _member(symbol, allowed, share, k))
        return there

    found = [(tuple(point(k, {}).values()), True) for k in range(POINTS if ordered else 1)]
    for k, symbol in enumerate(ordered):
        allowed = domain_of(symbol, domain)
        ends = {sp.S.Zero, sp.S.One, allowed.inf, allowed.sup}
        for special in sorted(ends, key=sp.default_sort_key):
            if special.free_symbols or not special.is_finite:
                continue
            if allowed.contains(special) in (True, sp.true):
                found.append((tuple(point(k, {symbol: float(special)}).values()), False))
    return found


def _member(symbol: sp.Symbol, allowed: sp.Set, share: float, k: int) -> float:
    """Take the member of a set that a share between 0 and 1 stands for."""
    if isinstance(allowed, sp.Union):
        parts = sorted(allowed.args, key=sp.default_sort_key)
        return _member(symbol, parts[k % len(parts)], share, k)
    if isinstance(allowed, sp.FiniteSet):
        return float(sorted(allowed, key=sp.default_sort_key)[k % len(allowed)])
    low, high = allowed.inf, allowed.sup
    if is_whole(symbol, {symbol: allowed}):
        first = int(sp.ceiling(low)) if low.is_finite else -REACH // 2
        last = min(int(sp.floor(high)), first + REACH) if high.is_finite else first + REACH
        return float(first + math.floor(share * (last - first + 1)))
    if low.is_finite and high.is_finite:  # closer to the ends than in the middle
        return float(low) + float(high - low) * (1 - math.cos(math.pi * share)) / 2
    away = -1.5 * math.log(1 - share)
    if low.is_finite:
        return float(low) + away
    if high.is_finite:
        return float(high) - away
    return 1.25 * math.log(share / (1 - share))
