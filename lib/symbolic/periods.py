"""Solution sets that repeat: one period is settled completely, and the period is proved."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import sympy as sp
from sympy.core.relational import Relational

from lib.symbolic.enclosures import positive_between
from lib.symbolic.reduction import vanishes
from lib.symbolic.trust import NotProved, Trust

_ORDERS = (1, 2, 3)  # of a zero
_TRUE_AT = {"==": (0,), "!=": (-1, 1), ">": (1,), ">=": (0, 1), "<": (-1,), "<=": (-1, 0)}


@dataclass(frozen=True)
class Family:
    """The numbers, or the intervals, that lie ``k * period`` beyond a first one, for all k."""

    first: sp.Set
    period: sp.Expr


def families(claimed: sp.Set) -> list[Family] | None:
    """Read a set such as ``{k pi : k integer}``, or a union of such; None if it is not one.

    Intervals are images of two variables, an integer and a member of the first interval:
    ``ImageSet(Lambda((k, u), u + 2*k*pi), Integers, Interval.open(0, pi))``.
    """
    parts = claimed.args if isinstance(claimed, sp.Union) else (claimed,)
    found = [_family(part) for part in parts]
    return None if any(family is None for family in found) else [f for f in found if f]


def _family(part: sp.Set) -> Family | None:
    if not isinstance(part, sp.ImageSet) or part.base_sets[0] != sp.S.Integers:
        return None
    signature = part.lamda.variables
    if len(signature) != len(part.base_sets) or len(signature) > 2:
        return None
    value = sp.expand(part.lamda.expr)
    turn, rest = value.coeff(signature[0]), value.coeff(signature[0], 0)
    if not turn.is_number or not turn.is_real or turn.is_zero is not False:
        return None
    if len(signature) == 1:
        exact = rest.is_number and rest.is_real and value == sp.expand(rest + turn * signature[0])
        return Family(sp.FiniteSet(rest), sp.Abs(turn)) if exact else None
    inner, start = signature[1], part.base_sets[1]
    if sp.expand(value - inner - turn * signature[0]) != 0 or not isinstance(start, sp.Interval):
        return None
    known = all(end.is_number and end.is_finite for end in (start.inf, start.sup))
    return Family(start, sp.Abs(turn)) if known else None


def prove_repeating(
    condition: Relational, unknown: sp.Symbol, base: sp.Set, found: list[Family]
) -> Trust:
    """Prove that a condition holds on the families and nowhere else."""
    if base != sp.S.Reals or condition.free_symbols != {unknown}:
        raise NotProved("a set that repeats is proved on all real numbers, without parameters")
    gap = condition.lhs - condition.rhs
    period = _common([sp.periodicity(gap, unknown), *(f.period for f in found)])
    if period is None:
        raise NotProved("the periods have no common multiple")
    trust = vanishes(sp.expand(gap.subs(unknown, unknown + period), trig=True) -
                     sp.expand(gap, trig=True), {})  # fmt: skip
    if not trust:
        raise NotProved(f"{period} is not proved to be a period")
    copies = [copy for family in found for copy in _copies(family, period)]
    ends = {_reduced(end, period) for copy in copies for end in copy.boundary}
    zeros = sorted(ends, key=lambda end: sp.N(end, 30))
    around = _check_zeros(gap, unknown, zeros, period)
    allowed = _TRUE_AT[condition.rel_op]
    for zero in zeros:
        inside = _is_inside(zero, copies, period)
        if inside != (0 in allowed):
            raise NotProved(f"{unknown} = {zero} is on the wrong side", f"{unknown} = {zero}")
    for low, high in pairwise([*zeros, zeros[0] + period]):
        way = _sign_between(gap, unknown, low + around, high - around)
        middle = (low + high) / 2
        inside = _is_inside(middle, copies, period)
        if inside != (way in allowed):
            where = f"{unknown} = {sp.N(middle, 8)}"
            raise NotProved(f"{where} {'does not solve' if inside else 'solves'} it", where)
    return trust


def _common(periods: list[sp.Expr | None]) -> sp.Expr | None:
    """Return the least common multiple of numbers whose ratios are rational."""
    known = [p for p in periods if p is not None and p != 0]
    ratios = [sp.simplify(p / known[0]) for p in known]
    if not known or not all(ratio.is_Rational for ratio in ratios):
        return None
    whole = sp.ilcm(1, 1, *(r.q for r in ratios))
    return known[0] * sp.Rational(sp.ilcm(1, 1, *(int(r * whole) for r in ratios)), whole)


def _copies(family: Family, period: sp.Expr) -> Iterator[sp.Set]:
    """Yield the members of a family that begin in one period."""
    start, count = family.first.inf, sp.simplify(period / family.period)
    if not count.is_Integer:
        raise NotProved(f"{period} is no multiple of {family.period}")
    for k in range(int(count)):
        shift = _reduced(start + k * family.period, period) - start
        if isinstance(family.first, sp.FiniteSet):
            yield sp.FiniteSet(start + shift)
        else:
            first = family.first
            yield sp.Interval(start + shift, first.sup + shift, first.left_open, first.right_open)


def _is_inside(number: sp.Expr, copies: list[sp.Set], period: sp.Expr) -> bool:
    answers = [copy.contains(sp.simplify(number + turn)) for copy in copies
               for turn in (-period, 0, period)]  # fmt: skip
    if not all(answer in (sp.true, sp.false) for answer in answers):
        raise NotProved(f"it is not decided whether {number} belongs to the set")
    return sp.true in answers


def _reduced(number: sp.Expr, period: sp.Expr) -> sp.Expr:
    return sp.simplify(number - period * sp.floor(number / period))


def _check_zeros(
    gap: sp.Expr, unknown: sp.Symbol, zeros: list[sp.Expr], period: sp.Expr
) -> sp.Expr:
    """Prove that each is a zero, and the only one as near as the distance that is returned.

    Where a function and its slopes up to an order vanish, and the slope of that order keeps its
    sign around, Taylor's theorem leaves no other zero there.
    """
    if not zeros:
        raise NotProved("no number of one period is named")
    widths = [high - low for low, high in pairwise([*zeros, zeros[0] + period])]
    around = sp.Rational(sp.floor(1000 * min(sp.N(w, 20) for w in widths) / 8)) / 1000
    if not around > 0:
        raise NotProved("the numbers of one period are too close to each other")
    for zero in zeros:
        if not vanishes(gap.subs(unknown, zero), {}):
            raise NotProved(f"both sides are not proved equal at {zero}", f"{unknown} = {zero}")
        if not any(_is_only_zero(gap, unknown, zero, around, order) for order in _ORDERS):
            raise NotProved(f"it is not proved that nothing near {zero} is missing")
    return around


def _is_only_zero(
    gap: sp.Expr, unknown: sp.Symbol, zero: sp.Expr, around: sp.Expr, order: int
) -> bool:
    lower = [sp.diff(gap, unknown, k).subs(unknown, zero) for k in range(1, order)]
    if not all(vanishes(slope, {}) for slope in lower):
        return False
    slope = sp.diff(gap, unknown, order)
    ends = zero - around, zero + around
    return any(positive_between(way * slope, unknown, *ends) for way in (1, -1))


def _sign_between(gap: sp.Expr, unknown: sp.Symbol, low: sp.Expr, high: sp.Expr) -> int:
    for way in (1, -1):
        if positive_between(way * gap, unknown, low, high):
            return way
    raise NotProved(f"it is not proved that nothing between {low} and {high} is missing")
