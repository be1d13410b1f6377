"""Two equations, or two inequalities, have the same solutions on the domain."""

from collections.abc import Callable
from itertools import islice
from typing import Any

import mpmath
import sympy as sp
from sympy.functions.elementary.trigonometric import TrigonometricFunction

from lib.symbolic.agreement import NotProved, holds, near, shown, with_functions
from lib.symbolic.points import (
    Domain,
    admissible_points,
    concrete_functions,
    domain_of,
    evaluate,
)
from lib.symbolic.reduction import cases, reduces_to_zero

Line = tuple[sp.Expr, str, sp.Expr]


def prove_equivalence(
    before: tuple[sp.Expr, str, sp.Expr], after: tuple[sp.Expr, str, sp.Expr], domain: Domain
) -> None:
    """Prove that two equations, or two inequalities, have the same solutions on the domain."""
    if "=" in (before[1], after[1]) and before[1] != after[1]:
        raise NotProved("an equation and an inequality do not have the same solutions")
    _same_solutions_at_points(before, after, domain)
    first, second = before[0] - before[2], after[0] - after[2]
    if before[1] == "=":
        if _sides_agree(before, after, domain) or _is_nonzero(_ratio(first, second), domain):
            return
    elif _solution_set_agrees(before, after, domain):
        return
    for unknown in sorted(first.free_symbols & second.free_symbols, key=str):
        if before[1] == "=" and _same_roots(first, second, unknown, domain):
            return
    raise NotProved("SymPy does not find the same solutions for this line and the one before it")


def _sides_agree(before: Line, after: Line, domain: Domain) -> bool:
    pairs = (before[0] - after[0], before[2] - after[2])
    return all(reduces_to_zero(pair, domain) for pair in pairs)


def _ratio(first: sp.Expr, second: sp.Expr) -> sp.Expr:
    return sp.factor(sp.simplify(second / first)) if first != 0 else sp.S.Zero


def _is_nonzero(ratio: sp.Expr, domain: Domain) -> bool:
    """Neither 0 nor infinite anywhere, so that it neither adds nor drops a solution."""
    parts = [
        part for case in cases(ratio, domain) for part in sp.fraction(sp.factor(sp.simplify(case)))
    ]
    return all(part.is_zero is False and part.is_infinite is not True for part in parts)


def _same_roots(first: sp.Expr, second: sp.Expr, unknown: sp.Symbol, domain: Domain) -> bool:
    # Of a periodic function, SymPy's `solve` returns the roots of one period only.
    if any(f.has(unknown) for r in (first, second) for f in r.atoms(TrigonometricFunction)):
        return False
    sets = []
    for residual in (first, second):
        try:
            roots = sp.solve(residual, unknown, dict=False)
        except NotImplementedError:
            return False
        if any(root.has(sp.LambertW) for root in roots):  # the other branch is left out
            return False
        sets.append([r for r in roots if r.is_real is not False])
    if not sets[0] or len(sets[0]) != len(sets[1]):
        return False
    rest = sets[1]
    for root in sets[0]:
        twin = next((r for r in rest if reduces_to_zero(root - r, domain)), None)
        if twin is None:
            return False
        rest = [r for r in rest if r is not twin]
    return True


def _solution_set_agrees(before: Line, after: Line, domain: Domain) -> bool:
    symbols = {
        s for line in (before, after) for side in (line[0], line[2]) for s in side.free_symbols
    }
    if len(symbols) != 1:
        return False
    unknown = symbols.pop()
    base = domain_of(unknown, domain)
    found = [
        sp.solveset(sp.Rel(line[0], line[2], line[1]), unknown, base) for line in (before, after)
    ]
    return bool(found[0] == found[1])


def _same_solutions_at_points(before: Line, after: Line, domain: Domain) -> None:
    """Find roots of each line by scanning one symbol, and put them into the other line."""
    sides = [side for line in (before, after) for side in (line[0], line[2])]
    functions = concrete_functions(sides)
    lines = [tuple(with_functions(s, functions) for s in (a[0], a[2])) for a in (before, after)]
    shared = (lines[0][0] - lines[0][1]).free_symbols | (lines[1][0] - lines[1][1]).free_symbols
    if before[1] != "=":
        return _same_truth_at_points(before, after, domain)
    for unknown in sorted(shared, key=str):
        for point, _ in islice(admissible_points(list(sides), domain, seed=1), 3):
            for this, other, name in ((0, 1, "before"), (1, 0, "after")):
                for root in _scan(lines[this], unknown, point, domain):
                    values = [evaluate(side, point | {unknown: root}) for side in lines[other]]
                    if None in values or not near(*values):
                        other_name = "after" if name == "before" else "before"
                        raise NotProved(
                            f"{unknown} = {sp.N(root, 12)} solves the line {name} the step but not "
                            f"the one {other_name} it, at {shown(point, unknown)}"
                        )


def _same_truth_at_points(before: Line, after: Line, domain: Domain) -> None:
    sides = [before[0], before[2], after[0], after[2]]
    for point, _ in admissible_points(sides, domain, seed=1):
        values = [evaluate(side, point) for side in sides]
        if None in values:
            raise NotProved(f"a side is undefined or not real at {shown(point)}")
        truths = {holds(values[0], values[1], before[1]), holds(values[2], values[3], after[1])}
        if len(truths) > 1:
            raise NotProved(f"only one of the two lines holds at {shown(point)}")


def _scan(
    sides: tuple[sp.Basic, ...], unknown: sp.Symbol, point: dict[sp.Symbol, sp.Expr], domain: Domain
) -> list[sp.Float]:
    """Roots of left - right in one symbol: sign changes on a grid, refined to fifty digits."""
    rest = {s: v for s, v in point.items() if s != unknown}
    residual = (sides[0] - sides[1]).doit().xreplace(rest)
    function = sp.lambdify(unknown, residual, "mpmath")
    allowed = domain_of(unknown, domain).xreplace(rest)
    low, high = (float(max(allowed.inf, -12)), float(min(allowed.sup, 12)))
    grid = [mpmath.mpf(low) + (high - low) * (i + mpmath.mpf("0.37")) / 97 for i in range(97)]
    values = [_real_or_none(function, x) for x in grid]
    roots = []
    for (a, fa), (b, fb) in zip(
        zip(grid, values, strict=True), list(zip(grid, values, strict=True))[1:], strict=False
    ):
        if fa is None or fb is None or fa * fb > 0:
            continue
        with mpmath.workdps(60):
            try:
                root = mpmath.findroot(function, (a, b), solver="anderson", tol=1e-90, verify=False)
            except (ValueError, ZeroDivisionError):
                continue
            if abs(function(root)) < mpmath.mpf(10) ** -30:
                roots.append(sp.Float(root, 55))
    return roots


def _real_or_none(function: Callable[..., Any], x: mpmath.mpf) -> mpmath.mpf | None:
    try:
        value = function(x)
    except (ZeroDivisionError, ValueError, TypeError):
        return None
    return value if isinstance(value, mpmath.mpf) and mpmath.isfinite(value) else None
