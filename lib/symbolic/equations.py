"""Two equations, or two inequalities, have the same solutions on the domain."""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice, pairwise
from typing import Any

import mpmath
import sympy as sp

from lib.symbolic.agreement import agreement_of, holds, near, shown, with_functions
from lib.symbolic.definedness import prove_defined
from lib.symbolic.normal import height
from lib.symbolic.points import Inexact, admissible_points, concrete_functions, evaluate
from lib.symbolic.reduction import vanishes
from lib.symbolic.regions import Domain, domain_of, is_whole
from lib.symbolic.sets import solution_set
from lib.symbolic.signs import NONNEGATIVE, NONZERO, POSITIVE, sign
from lib.symbolic.trust import NotProved, Trust

Line = tuple[sp.Expr, str, sp.Expr]

_OPPOSITE = {"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def prove_equivalence(before: Line, after: Line, domain: Domain) -> Trust:
    """Prove that two equations, or two inequalities, have the same solutions on the domain."""
    if "=" in (before[1], after[1]) and before[1] != after[1]:
        raise NotProved(
            f"the relation so far is {before[1]} and that of the step is {after[1]}: an equation "
            f"and an inequality do not have the same solutions"
        )
    for line in (before, after):
        for side in (line[0], line[2]):
            if not isinstance(side, sp.Expr) or getattr(side, "is_Matrix", False):
                raise NotProved("a step goes between equations of numbers")
            if side in (sp.oo, -sp.oo):
                raise NotProved("infinity is no number to compute with")
    _refute(before, after, domain)
    trust = min(prove_defined(side, domain) for line in (before, after) for side in line[::2])
    return min(trust, _equivalent(before, after, domain))


def _equivalent(before: Line, after: Line, domain: Domain) -> Trust:
    found = _same_sides(before, after, domain)
    if found:
        return found
    for one in _variants(before, domain):
        found = _same_up_to_a_factor(one, after, domain)
        if found:
            return found
    for other in _variants(after, domain):
        found = _same_up_to_a_factor(before, other, domain)
        if found:
            return found
    found = _same_single_solution(before, after, domain) or _same_sets(before, after, domain)
    if found:
        return found
    raise NotProved(
        "no rule proves that this line has the same solutions as the one before it: what is "
        "multiplied, divided or left out must be different from 0 on the whole domain"
    )


def _same_up_to_a_factor(one: Line, other: Line, domain: Domain) -> Trust:
    """Both sides agree, or the differences differ by a factor that is nowhere 0 (or positive)."""
    relation = one[1]
    sides = _same_sides(one, other, domain)
    if sides:
        return sides
    first, second = one[0] - one[2], other[0] - other[2]
    if first == 0 or second == 0:
        return min(vanishes(first, domain), vanishes(second, domain))
    for ratio in ratios(first, second):
        if ratio.has(sp.nan, sp.zoo, sp.oo):
            continue
        above, below = sp.fraction(sp.together(ratio))
        uncancelled = [sp.count_ops(sp.numer(sp.together(e))) for e in (second, first)]
        if sp.count_ops(above) >= uncancelled[0] and sp.count_ops(below) >= uncancelled[1]:
            continue
        checked = vanishes(ratio * first - second, domain)
        if not checked:
            continue
        if relation == "=":
            found = min(sign(above, NONZERO, domain), sign(below, NONZERO, domain))
        else:
            turned = {relation: 1, _OPPOSITE[relation]: -1}.get(other[1])
            if turned is None:
                continue
            found = sign(turned * ratio, POSITIVE, domain)
        if found and prove_defined(above, domain) and prove_defined(below**-1, domain):
            return min(found, checked)
    return Trust.NONE


def _same_sides(one: Line, other: Line, domain: Domain) -> Trust:
    if one[1] != other[1]:
        return Trust.NONE
    return vanishes(one[0] - other[0], domain) and min(
        vanishes(one[0] - other[0], domain), vanishes(one[2] - other[2], domain)
    )


def ratios(first: sp.Expr, second: sp.Expr) -> Iterator[sp.Expr]:
    """Yield ways to write the quotient of the second expression by the first."""
    yield sp.factor(sp.cancel(sp.together(second / first)))
    for unknown in sorted(first.free_symbols & second.free_symbols, key=str):
        for upper, lower, invert in ((first, second, True), (second, first, False)):
            numerators = [sp.fraction(sp.together(e)) for e in (upper, lower)]
            if not all(n.is_polynomial(unknown) for n, _ in numerators):
                continue
            if sp.degree(numerators[1][0], unknown) != 1:
                continue
            quotient, rest = sp.div(
                sp.Poly(numerators[0][0], unknown, extension=True)
                if not (numerators[0][0].free_symbols | numerators[1][0].free_symbols) - {unknown}
                else sp.Poly(numerators[0][0], unknown),
                sp.Poly(numerators[1][0], unknown),
            )
            if sp.simplify(rest.as_expr()) == 0:
                ratio = quotient.as_expr() * numerators[1][1] / numerators[0][1]
                yield 1 / ratio if invert else ratio
    yield sp.factor(sp.simplify(second / first))


def _variants(line: Line, domain: Domain) -> Iterator[Line]:
    """Yield the line, and the line after one increasing or decreasing function of both sides."""
    left, relation, right = line
    yield line
    turned = _OPPOSITE[relation]
    if relation == "=":
        yield right, relation, left
    if any(side.has(sp.log) for side in (left, right)):
        yield sp.exp(left), relation, sp.exp(right)
    positive = all(sign(side, POSITIVE, domain) for side in (left, right))
    if positive:
        yield sp.log(left), relation, sp.log(right)
        yield _log_expanded(left, domain), relation, _log_expanded(right, domain)
        yield 1 / left, turned, 1 / right
    elif relation == "=" and all(sign(side, NONZERO, domain) for side in (left, right)):
        yield 1 / left, turned, 1 / right
    if positive or all(sign(side, NONNEGATIVE, domain) for side in (left, right)):
        yield sp.sqrt(left), relation, sp.sqrt(right)
        yield left**2, relation, right**2
    for inverse, domains in _inverses(left, right, domain):
        if domains:
            yield inverse(left), relation, inverse(right)


def _log_expanded(side: sp.Expr, domain: Domain) -> sp.Expr:
    if isinstance(side, sp.Pow) and sign(side.base, POSITIVE, domain):
        return side.exp * sp.log(side.base)
    return sp.expand_log(sp.log(side), factor=True)


def _inverses(
    left: sp.Expr, right: sp.Expr, domain: Domain
) -> Iterator[tuple[Callable[[sp.Expr], sp.Expr], bool]]:
    """Yield increasing functions that undo the outermost function of a side."""
    outer = {side.func for side in (left, right)}
    both = (left, right)
    if sp.sinh in outer:
        yield sp.asinh, True
    if sp.asinh in outer:
        yield sp.sinh, True
    if sp.atanh in outer:
        yield sp.tanh, True
    if sp.tanh in outer and all(
        sign(1 - s, POSITIVE, domain) and sign(1 + s, POSITIVE, domain) for s in both
    ):
        yield sp.atanh, True
    powers = {
        int(side.exp) for side in both
        if isinstance(side, sp.Pow) and side.exp.is_Integer and side.exp > 1
    }  # fmt: skip
    for power in sorted(powers):
        if power % 2:
            yield partial(_odd_root, power=power), True


def _odd_root(side: sp.Expr, power: int) -> sp.Expr:
    if isinstance(side, sp.Pow) and side.exp == power:
        return side.base
    return sp.sign(side) * sp.Abs(side) ** sp.Rational(1, power)


def _same_single_solution(before: Line, after: Line, domain: Domain) -> Trust:
    """Both lines can hold for one value of a symbol at most, and one of them names it."""
    if before[1] != "=":
        return Trust.NONE
    for named, other in ((after, before), (before, after)):
        unknown, value = named[0], named[2]
        if not isinstance(unknown, sp.Symbol) or unknown in value.free_symbols:
            continue
        if is_whole(unknown, domain) or not _is_member(value, unknown, domain):
            continue
        gap = other[0] - other[2]
        at_value = vanishes(gap.subs(unknown, value), domain)
        if not at_value or not isinstance(domain_of(unknown, domain), sp.Interval | type(sp.Reals)):
            continue
        slope = sp.diff(gap, unknown)
        found = sign(slope, POSITIVE, domain) or sign(-slope, POSITIVE, domain)
        if found:
            return min(found, at_value)
    return Trust.NONE


def _is_member(value: sp.Expr, unknown: sp.Symbol, domain: Domain) -> bool:
    allowed = domain_of(unknown, domain)
    if allowed == sp.S.Reals:
        return True
    if not isinstance(allowed, sp.Interval):
        return False
    above, below = value - allowed.inf, allowed.sup - value
    return all(
        end.is_finite is False or bool(sign(gap, POSITIVE if is_open else NONNEGATIVE, domain))
        for end, gap, is_open in (
            (allowed.inf, above, allowed.left_open), (allowed.sup, below, allowed.right_open)
        )
    )  # fmt: skip


def _same_sets(before: Line, after: Line, domain: Domain) -> Trust:
    """Of one symbol without parameters, both solution sets are found, checked and compared."""
    symbols = {s for line in (before, after) for side in line[::2] for s in side.free_symbols}
    if len(symbols) != 1:
        return Trust.NONE
    unknown = symbols.pop()
    base = domain_of(unknown, domain)
    found = [
        solution_set(sp.Rel(line[0], line[2], "==" if line[1] == "=" else line[1], evaluate=False),
                     unknown, base)
        for line in (before, after)
    ]  # fmt: skip
    first, second = found
    if first is None or second is None or first[0] != second[0]:
        return Trust.NONE
    return min(first[1], second[1])


def _refute(before: Line, after: Line, domain: Domain) -> None:
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
