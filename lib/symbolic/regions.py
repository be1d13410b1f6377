"""A domain as a list of cases, in each of which every symbol is free: real, positive or integer."""

from collections.abc import Iterator, Mapping
from itertools import pairwise, product

import sympy as sp

Domain = Mapping[sp.Symbol, sp.Set]
Case = tuple[tuple[sp.Symbol, sp.Expr], ...]

INTEGER_SETS = (sp.S.Naturals, sp.S.Naturals0, sp.S.Integers)


def domain_of(symbol: sp.Symbol, domain: Domain) -> sp.Set:
    """Set that a symbol may take its value from: the one declared, else the one it assumes."""
    assumed = _assumed(symbol)
    if symbol not in domain:
        return assumed
    declared = domain[symbol]
    if assumed in (sp.S.Reals, sp.S.Integers) or declared.free_symbols:
        return declared
    if assumed in INTEGER_SETS:
        low = sp.Integer(1) if assumed == sp.S.Naturals else sp.S.Zero
        return declared.intersect(sp.Interval(low, sp.oo))
    return declared.intersect(assumed)


def is_whole(symbol: sp.Symbol, domain: Domain) -> bool:
    """Tell whether a symbol takes integer values only."""
    allowed = domain.get(symbol)
    return bool(symbol.is_integer) or allowed in INTEGER_SETS or isinstance(allowed, sp.Range)


def _assumed(symbol: sp.Symbol) -> sp.Set:
    whole = symbol.is_integer
    if symbol.is_positive:
        return sp.S.Naturals if whole else sp.Interval.open(0, sp.oo)
    if symbol.is_nonnegative:
        return sp.S.Naturals0 if whole else sp.Interval(0, sp.oo)
    if symbol.is_negative:
        return sp.Interval.open(-sp.oo, 0)
    if symbol.is_nonpositive:
        return sp.Interval(-sp.oo, 0)
    if symbol.is_zero:
        return sp.FiniteSet(0)
    if symbol.is_nonzero and not whole:
        return sp.Union(sp.Interval.open(-sp.oo, 0), sp.Interval.open(0, sp.oo))
    if symbol.is_nonzero:
        return sp.Union(sp.Interval(-sp.oo, -1), sp.Interval(1, sp.oo))
    return sp.S.Integers if whole else sp.S.Reals


def ordered_symbols(symbols: set[sp.Symbol], domain: Domain) -> list[sp.Symbol]:
    """Sort symbols so that one whose domain is bounded by another comes after it."""
    wanted: list[sp.Symbol] = []

    def visit(symbol: sp.Symbol, above: tuple[sp.Symbol, ...]) -> None:
        if symbol in above:
            raise ValueError(f"the domains of {', '.join(map(str, above))} depend on each other")
        for bound in sorted(domain_of(symbol, domain).free_symbols, key=str):
            if bound != symbol:
                visit(bound, (*above, symbol))
        if symbol not in wanted:
            wanted.append(symbol)

    for symbol in sorted(symbols, key=str):
        visit(symbol, ())
    return wanted


def edges_of(expression: sp.Basic) -> set[sp.Expr]:
    """Return the expressions at whose zeros a piecewise formula may change or jump."""
    edges: set[sp.Expr] = set()
    for node in sp.preorder_traversal(expression):
        if isinstance(node, sp.core.relational.Relational):
            edges.add(node.lhs - node.rhs)
        elif isinstance(node, sp.Abs | sp.sign | sp.Heaviside):
            edges.add(node.args[0])
        elif isinstance(node, sp.Max | sp.Min):
            edges.update(a - b for a in node.args for b in node.args if str(a) < str(b))
    return {edge for edge in edges if edge.free_symbols}


def kinks(expressions: list[sp.Basic], symbol: sp.Symbol) -> set[sp.Expr]:
    """Values of a symbol at which a piecewise expression may change its formula."""
    found: set[sp.Expr] = set()
    for edge in {e for expression in expressions for e in edges_of(expression)}:
        if symbol in edge.free_symbols and edge.is_polynomial(symbol):
            found.update(root for root in sp.solve(edge, symbol) if root.is_real is not False)
    return found


def cases(expressions: list[sp.Basic], domain: Domain, *, cut: bool = True) -> Iterator[Case]:
    """Yield substitutions that together cover the domain, one for each side of each kink.

    After `in_case`, every symbol is a free one that is real, positive, or a nonnegative integer,
    and ends that belong to the domain are cases of their own.
    """
    symbols = {s for e in expressions for s in e.free_symbols if isinstance(s, sp.Symbol)}
    order = ordered_symbols(symbols, domain)[::-1]  # first those that are bounded by others
    choices = []
    for symbol in order:
        cuts = kinks(expressions, symbol) if cut else set()
        choices.append([(symbol, piece) for piece in pieces(symbol, domain, cuts)])
    yield from product(*choices)


def in_case(expression: sp.Basic, case: Case) -> sp.Basic:
    """Put the free symbols of a case in the place of those of the domain."""
    for symbol, piece in case:
        expression = expression.subs(symbol, piece)
    return expression


def pieces(symbol: sp.Symbol, domain: Domain, cuts: set[sp.Expr]) -> list[sp.Expr]:
    """Cover the domain of one symbol by expressions in free ones."""
    allowed = domain_of(symbol, domain)
    if isinstance(allowed, sp.FiniteSet):
        return list(allowed)
    if is_whole(symbol, domain):
        return _whole_pieces(symbol, allowed)
    found: list[sp.Expr] = []
    for part in allowed.args if isinstance(allowed, sp.Union) else (allowed,):
        if isinstance(part, sp.FiniteSet):
            found += list(part)
        elif isinstance(part, sp.Interval) or part == sp.S.Reals:
            found += _interval_pieces(symbol, part, cuts)
        else:
            raise TypeError(
                f"the domain {allowed} of {symbol} is neither made of intervals nor of integers"
            )
    if not found:
        raise ValueError(f"the domain of {symbol} is empty")
    return found


def _interval_pieces(symbol: sp.Symbol, part: sp.Set, cuts: set[sp.Expr]) -> list[sp.Expr]:
    low, high = part.inf, part.sup
    ends = [low, *sorted((c for c in cuts if _inside(c, low, high)), key=sp.N), high]
    points = [e for e in ends[1:-1]]
    if low.is_finite is not False and not part.left_open:
        points.append(low)
    if high.is_finite is not False and not part.right_open:
        points.append(high)
    return points + [_open(symbol, a, b) for a, b in pairwise(ends)]


def _inside(value: sp.Expr, low: sp.Expr, high: sp.Expr) -> bool:
    if not value.is_number or low.free_symbols or high.free_symbols:
        return False
    return bool(low < value) and bool(value < high)


def _open(symbol: sp.Symbol, low: sp.Expr, high: sp.Expr) -> sp.Expr:
    if low == -sp.oo and high == sp.oo:
        return sp.Dummy(symbol.name, real=True)
    new = sp.Dummy(symbol.name, positive=True)
    if low == -sp.oo:
        return high - new
    if high == sp.oo:
        return low + new
    return low + (high - low) * new / (1 + new)


def _whole_pieces(symbol: sp.Symbol, allowed: sp.Set) -> list[sp.Expr]:
    if symbol.is_even or symbol.is_odd or symbol.is_prime:
        known = {k: v for k, v in symbol.assumptions0.items() if v is not None}
        return [sp.Dummy(symbol.name, **known)]
    found: list[sp.Expr] = []
    for part in allowed.args if isinstance(allowed, sp.Union) else (allowed,):
        low, high = part.inf, part.sup
        if low == -sp.oo and high == sp.oo:
            found.append(sp.Dummy(symbol.name, integer=True))
        elif low == -sp.oo:
            found.append(high - sp.Dummy(symbol.name, integer=True, nonnegative=True))
        elif low.is_Integer and high.is_Integer and high - low <= 12:
            found += [sp.Integer(k) for k in range(int(low), int(high) + 1)]
        elif low == 1:
            found.append(sp.Dummy(symbol.name, integer=True, positive=True))
        else:
            least = sp.ceiling(low) if low.is_number else low
            found.append(least + sp.Dummy(symbol.name, integer=True, nonnegative=True))
    return found
