"""Roots and truths of a line at many points: what would refute that two lines say the same."""

from collections.abc import Callable
from itertools import islice, pairwise
from typing import Any

import mpmath
import sympy as sp

from lib.symbolic.agreement import agreement_of, holds, near, shown, with_functions
from lib.symbolic.evaluation import Inexact, evaluate
from lib.symbolic.normal import height
from lib.symbolic.points import admissible_points, concrete_functions
from lib.symbolic.regions import Domain, domain_of, is_whole
from lib.symbolic.trust import NotProved

Line = tuple[sp.Expr, str, sp.Expr]


def refute_equivalence(before: Line, after: Line, domain: Domain) -> None:
    """Find roots of each line by scanning one symbol, and put them into the other line."""
    if before[1] != "=":
        return _same_truth_at_points(before, after, domain)
    _compare_all_roots(before, after, domain, ((0, 1, "before"), (1, 0, "after")))


def refute_implication(before: Line, after: Line, domain: Domain) -> None:
    """Find roots of the first line by scanning one symbol, and put them into the second."""
    _compare_all_roots(before, after, domain, ((0, 1, "before"),))


def _compare_all_roots(
    before: Line, after: Line, domain: Domain, ways: tuple[tuple[int, int, str], ...]
) -> None:
    sides = [side for line in (before, after) for side in (line[0], line[2])]
    functions = concrete_functions(sides)
    lines = [tuple(with_functions(s, functions) for s in (a[0], a[2])) for a in (before, after)]
    shared = {
        s for line in lines for side in line for s in side.free_symbols if isinstance(s, sp.Symbol)
    }
    for unknown in sorted(shared, key=str):
        if is_whole(unknown, domain):
            continue
        for point in _starts(list(sides), unknown, domain):
            _compare_roots(lines, unknown, point, domain, ways)


def _starts(
    sides: list[sp.Basic], unknown: sp.Symbol, domain: Domain
) -> list[dict[sp.Symbol, sp.Expr]]:
    """Return three random points, and those at which a parameter is special."""
    points = admissible_points(sides, domain, seed=1)
    generic: list[dict[sp.Symbol, sp.Expr]] = []
    special: list[dict[sp.Symbol, sp.Expr]] = []
    for point, is_random in points:
        (generic if is_random else special).append(point)
    return [*islice(generic, 3), *special[:6]] or [{}]


def _compare_roots(
    lines: list[tuple[sp.Basic, ...]],
    unknown: sp.Symbol,
    point: dict[sp.Symbol, sp.Expr],
    domain: Domain,
    ways: tuple[tuple[int, int, str], ...],
) -> None:
    for this, other, name in ways:
        for root in _scan(lines[this], unknown, point, domain):
            try:
                own = [evaluate(side, point | {unknown: root}) for side in lines[this]]
                values = [evaluate(side, point | {unknown: root}) for side in lines[other]]
            except Inexact:
                continue
            if None in own or not near(*own):
                continue
            if None in values or not near(*values):
                other_name = "after" if name == "before" else "before"
                where = shown(point, unknown)
                raise NotProved(
                    f"{unknown} = {sp.N(root, 12)} solves the line {name} the step but not "
                    f"the one {other_name} it, at {where}",
                    f"{unknown} = {sp.N(root, 12)} at {where}",
                )


def _same_truth_at_points(before: Line, after: Line, domain: Domain) -> None:
    sides = [before[0], before[2], after[0], after[2]]
    for point, _ in admissible_points(sides, domain, seed=1):
        try:
            values = [evaluate(side, point) for side in sides]
        except Inexact:
            continue
        if None in values:
            raise NotProved(f"a side is undefined or not real at {shown(point)}", shown(point))
        truths = {
            holds(values[0], values[1], before[1], agreement_of(*sides[:2])),
            holds(values[2], values[3], after[1], agreement_of(*sides[2:])),
        }
        if len(truths) > 1:
            raise NotProved(f"only one of the two lines holds at {shown(point)}", shown(point))


def _scan(
    sides: tuple[sp.Basic, ...], unknown: sp.Symbol, point: dict[sp.Symbol, sp.Expr], domain: Domain
) -> list[sp.Expr]:
    """Roots of left - right in one symbol: sign changes on a grid, refined to fifty digits."""
    rest = {s: v for s, v in point.items() if s != unknown}
    residual = (sides[0] - sides[1]).doit().xreplace(rest)
    if height(residual) > 2:
        return []
    if residual == 0:
        return [point[unknown]] if unknown in point else []
    allowed = domain_of(unknown, domain).xreplace(rest)
    function = sp.lambdify(unknown, residual, "mpmath")
    low, high = (float(max(allowed.inf, -12)), float(min(allowed.sup, 12)))
    grid = [mpmath.mpf(low) + (high - low) * (i + mpmath.mpf("0.37")) / 97 for i in range(97)]
    values = [_real_or_none(function, x) for x in grid]
    roots: list[sp.Expr] = []
    pairs = list(zip(grid, values, strict=True))
    for (a, fa), (b, fb) in pairwise(pairs):
        if fa is None or fb is None or fa * fb > 0:
            continue
        with mpmath.workdps(60):
            try:
                root = mpmath.findroot(function, (a, b), solver="anderson", tol=1e-90, verify=False)
            except (ValueError, ZeroDivisionError):
                continue
            if abs(function(root)) < mpmath.mpf(10) ** -30 and not _left_out(root, allowed):
                roots.append(sp.Float(root, 55))
    return roots


def _left_out(root: mpmath.mpf, allowed: sp.Set) -> bool:
    """Tell whether a number found numerically is an end that does not belong to the domain."""
    ends = allowed.boundary
    return isinstance(ends, sp.FiniteSet) and any(
        abs(sp.N(end, 50) - sp.Float(root, 50)) < 1e-20 and allowed.contains(end) == sp.false
        for end in ends
    )


def _real_or_none(function: Callable[..., Any], x: mpmath.mpf) -> mpmath.mpf | None:
    try:
        value = function(x)
    except (ZeroDivisionError, ValueError, TypeError, OverflowError):
        return None
    return value if isinstance(value, mpmath.mpf) and mpmath.isfinite(value) else None
