"""Admissible points of an expression: random ones, and those where it may behave differently."""

from collections.abc import Iterator, Mapping
from random import Random

import sympy as sp
from sympy.core.function import AppliedUndef

from lib.symbolic.regions import (
    Domain,
    domain_of,
    edges_of,
    is_whole,
    kinks,
    ordered_symbols,
)

SAMPLES = 10


def random_member(symbol: sp.Symbol, allowed: sp.Set, rng: Random) -> sp.Expr:
    """Draw a value that a symbol may take: a rational number, or an integer."""
    if isinstance(allowed, sp.FiniteSet):
        return rng.choice(sorted(allowed, key=sp.default_sort_key))
    if isinstance(allowed, sp.Union):
        return random_member(symbol, rng.choice(list(allowed.args)), rng)
    low, high = allowed.inf, allowed.sup
    if is_whole(symbol, {symbol: allowed}):
        return _random_integer(symbol, low, high, rng)
    if not isinstance(allowed, sp.Interval) and allowed != sp.S.Reals:
        raise TypeError(f"cannot draw from the domain {allowed}; allowed: intervals and integers")
    share = sp.Rational(rng.randint(1, 9999), 10000)
    if low.is_finite and high.is_finite:
        return low + (high - low) * share
    spread = 6 * share / (1 - share / 2) if rng.random() < 0.8 else 300 * share**3
    if low.is_finite:
        return low + spread
    if high.is_finite:
        return high - spread
    return spread if rng.random() < 0.5 else -spread


def _random_integer(symbol: sp.Symbol, low: sp.Expr, high: sp.Expr, rng: Random) -> sp.Integer:
    reach = 6 if rng.random() < 0.7 else 30
    least = sp.ceiling(low) if low.is_finite else None
    most = sp.floor(high) if high.is_finite else None
    if least is None:
        least = -sp.Integer(reach) if most is None else most - reach
    if most is None:
        most = least + (2 * reach if low == -sp.oo else reach)
    candidates = [sp.Integer(k) for k in range(int(least), int(most) + 1)]
    fitting = [c for c in candidates if _fits(symbol, c)]
    if not fitting:
        raise ValueError(f"no integer between {low} and {high} fits what is assumed of {symbol}")
    return rng.choice(fitting)


def _fits(symbol: sp.Symbol, value: sp.Expr) -> bool:
    """Tell whether a value has every property that a symbol is assumed to have."""
    known = symbol.assumptions0
    return all(
        getattr(value, f"is_{name}", None) == truth
        for name, truth in known.items()
        if truth is not None and getattr(value, f"is_{name}", None) is not None
    )


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
            point[symbol] = (
                fixed[symbol] if symbol in fixed else random_member(symbol, allowed, rng)
            )
        return point

    for _ in range(SAMPLES if symbols else 1):
        yield draw({}), True
    for symbol in symbols:
        bends = kinks(expressions, symbol) | _other_bends(expressions, symbol, symbols)
        special = {sp.Integer(0), sp.Integer(1), *bends, *_ends(symbol, domain)}
        for value in sorted(special, key=sp.default_sort_key):
            point = draw({})
            point[symbol] = value.xreplace(point)
            if all(
                _contains(domain_of(s, domain).xreplace(point), point[s]) and _fits(s, point[s])
                for s in symbols
            ):
                yield point, False


def _other_bends(
    expressions: list[sp.Basic], symbol: sp.Symbol, symbols: list[sp.Symbol]
) -> set[sp.Expr]:
    """Solve for the kinks that are not polynomial, as far as SymPy knows them."""
    found: set[sp.Expr] = set()
    for edge in {e for expression in expressions for e in edges_of(expression)}:
        if edge.free_symbols == {symbol} and not edge.is_polynomial(symbol):
            try:
                roots = sp.solve(edge, symbol)
            except (NotImplementedError, ValueError, TypeError):
                continue
            found.update(r for r in roots if r.is_real and r.is_number)
    return found


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
