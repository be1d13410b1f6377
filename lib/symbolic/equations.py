"""Two equations, or two inequalities, have the same solutions on the domain."""

from collections.abc import Callable, Iterator
from functools import partial

import sympy as sp

from lib.symbolic.definedness import prove_defined
from lib.symbolic.evident_signs import NONNEGATIVE, NONZERO, POSITIVE
from lib.symbolic.reduction import vanishes
from lib.symbolic.regions import Domain, domain_of, is_whole
from lib.symbolic.roots import Line, refute_equivalence
from lib.symbolic.sets import solution_set
from lib.symbolic.signs import sign
from lib.symbolic.trust import NotProved, Trust

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
    refute_equivalence(before, after, domain)
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
