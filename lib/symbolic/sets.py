"""A solution set or a range, given unevaluated, is the set that is claimed."""

from collections.abc import Iterator

import mpmath
import sympy as sp
from sympy.core.relational import Relational

from lib.symbolic.agreement import agreement_of, holds
from lib.symbolic.definedness import prove_defined
from lib.symbolic.evaluation import Inexact, evaluate
from lib.symbolic.evident_signs import NONNEGATIVE, NONZERO, POSITIVE
from lib.symbolic.periods import families, prove_repeating
from lib.symbolic.points import admissible_points
from lib.symbolic.reduction import carried_out, vanishes
from lib.symbolic.regions import Domain, domain_of, edges_of, is_whole
from lib.symbolic.signs import sign
from lib.symbolic.trust import NotProved, Trust

_JUMPING = (sp.sign, sp.Heaviside, sp.floor, sp.ceiling, sp.Piecewise)
_KINDS = {">": (1, POSITIVE), ">=": (1, NONNEGATIVE), "<": (-1, POSITIVE), "<=": (-1, NONNEGATIVE)}
_CONTRARY = {">": "<=", ">=": "<", "<": ">=", "<=": ">"}


def prove_set_equality(left: sp.Set, right: sp.Set, domain: Domain) -> Trust:
    """Prove that a solution set or a range, given unevaluated, is the set on the right."""
    if not isinstance(right, sp.Set):
        raise NotProved(f"{right} is no set")
    if isinstance(left, sp.ConditionSet):
        return _prove_solutions(left, right, domain)
    if isinstance(left, sp.ImageSet):
        return _prove_range(left, right)
    if left == right and not left.has(sp.ConditionSet, sp.ImageSet):
        return Trust.PROVED
    raise NotProved("a set is proved from a condition or as the range of a function only")


def _prove_solutions(left: sp.ConditionSet, claimed: sp.Set, domain: Domain) -> Trust:
    unknown, condition, base = left.sym, left.condition, left.base_set
    if not isinstance(unknown, sp.Symbol) or not isinstance(condition, Relational):
        raise NotProved("a solution set is that of one equation or inequality in one symbol")
    if is_whole(unknown, {unknown: base}):
        raise NotProved("solution sets among integers are not covered")
    inside = {**domain, unknown: base}
    trust = min(prove_defined(side, inside) for side in (condition.lhs, condition.rhs))
    repeating = families(claimed)
    if repeating is not None:
        return min(trust, prove_repeating(condition, unknown, base, repeating))
    if not condition.free_symbols - {unknown}:
        _check_members(condition, unknown, base, claimed)
    found = _proved_set(condition, unknown, base, claimed, domain)
    if found:
        return min(found, trust)
    raise NotProved("no rule proves that these are the solutions, and all of them")


def _proved_set(
    condition: Relational, unknown: sp.Symbol, base: sp.Set, claimed: sp.Set, domain: Domain
) -> Trust:
    """Prove the condition on the set that is claimed, and the contrary on the rest of the base."""
    try:
        outside = sp.Complement(base, claimed)
    except (TypeError, ValueError, NotImplementedError):
        return Trust.NONE
    if not isinstance(claimed, sp.FiniteSet | sp.Interval | sp.Union | type(sp.S.EmptySet)) and (
        claimed != sp.S.Reals
    ):
        return Trust.NONE
    if sp.Complement(claimed, base) != sp.S.EmptySet:
        raise NotProved(f"{claimed} is not a part of {base}")
    gap = condition.lhs - condition.rhs
    relation = condition.rel_op
    return min(
        _holds_on(gap, relation, unknown, claimed, domain),
        _fails_on(gap, relation, unknown, outside, domain),
    )


def _parts(allowed: sp.Set) -> Iterator[sp.Set]:
    for part in allowed.args if isinstance(allowed, sp.Union) else (allowed,):
        if part != sp.S.EmptySet:
            yield part


def _holds_on(
    gap: sp.Expr, relation: str, unknown: sp.Symbol, allowed: sp.Set, domain: Domain
) -> Trust:
    worst = Trust.PROVED
    for part in _parts(allowed):
        if isinstance(part, sp.FiniteSet):
            for member in part:
                worst = min(worst, _at_member(gap.subs(unknown, member), relation, domain))
        elif relation == "==":
            worst = min(worst, vanishes(gap, {**domain, unknown: part}))
        elif relation in _KINDS and isinstance(part, sp.Interval | type(sp.S.Reals)):
            way, kind = _KINDS[relation]
            worst = min(worst, sign(way * gap, kind, {**domain, unknown: part}))
        else:
            return Trust.NONE
    return worst


def _at_member(value: sp.Expr, relation: str, domain: Domain) -> Trust:
    if relation == "==":
        return vanishes(value, domain)
    if relation not in _KINDS:
        return Trust.NONE
    way, kind = _KINDS[relation]
    if kind == NONNEGATIVE and vanishes(value, domain):
        return vanishes(value, domain)
    return sign(way * value, kind, domain)


def _fails_on(
    gap: sp.Expr, relation: str, unknown: sp.Symbol, allowed: sp.Set, domain: Domain
) -> Trust:
    if relation in _CONTRARY:
        return _holds_on(gap, _CONTRARY[relation], unknown, allowed, domain)
    if relation != "==":
        return Trust.NONE
    worst = Trust.PROVED
    for part in _parts(allowed):
        members = list(part) if isinstance(part, sp.FiniteSet) else None
        if members is not None:
            found = min(sign(gap.subs(unknown, m), NONZERO, domain) for m in members)
        elif isinstance(part, sp.Interval | type(sp.S.Reals)):
            found = sign(gap, NONZERO, {**domain, unknown: part})
        else:
            return Trust.NONE
        worst = min(worst, found)
    return worst


def solution_set(
    condition: Relational, unknown: sp.Symbol, base: sp.Set
) -> tuple[sp.Set, Trust] | None:
    """Solve a condition with SymPy, then prove that its answer is right; None if it is not."""
    for found in _answers(condition, unknown, base):
        trust = _proved_set(condition, unknown, base, found, {})
        if trust:
            return found, trust
    return None


def _answers(condition: Relational, unknown: sp.Symbol, base: sp.Set) -> Iterator[sp.Set]:
    try:
        yield sp.solveset(sp.Rel(condition.lhs, condition.rhs, condition.rel_op), unknown, base)
    except (NotImplementedError, ValueError, TypeError):
        pass
    if condition.rel_op == "==":
        try:
            roots = sp.solve(condition.lhs - condition.rhs, unknown)
        except (NotImplementedError, ValueError, TypeError):
            return
        yield sp.FiniteSet(*(r for r in roots if base.contains(r) == sp.true))


def _check_members(
    condition: Relational, unknown: sp.Symbol, base: sp.Set, claimed: sp.Set
) -> None:
    """Put numbers inside and outside of the claimed set into the condition."""
    relation = "=" if condition.rel_op == "==" else condition.rel_op
    sides = [condition.lhs, condition.rhs]
    for place in _places(sides, unknown, base, claimed):
        if base.contains(place) != sp.true:
            continue
        inside = claimed.contains(place)
        if inside not in (sp.true, sp.false):
            continue
        try:
            values = [evaluate(side, {unknown: place}) for side in sides]
        except Inexact:
            continue
        where = f"{unknown} = {sp.N(place, 12)}"
        if None in values:
            raise NotProved(f"the condition is undefined or not real at {where}", where)
        if holds(values[0], values[1], relation, agreement_of(*sides)) != (inside == sp.true):
            truth = "does not solve it" if inside == sp.true else "solves it"
            raise NotProved(f"{where} {truth}: " + " against ".join(
                mpmath.nstr(value, 12) for value in values), where)  # fmt: skip


def _places(
    sides: list[sp.Basic], unknown: sp.Symbol, base: sp.Set, claimed: sp.Set
) -> Iterator[sp.Expr]:
    for point, _ in admissible_points(sides, {unknown: base}):
        if unknown in point:
            yield point[unknown]
    tiny = sp.Rational(1, 10**6)
    for end in sorted(claimed.boundary if claimed.boundary.is_FiniteSet else [], key=str):
        yield from (end, end - tiny, end + tiny)
    period = next((sp.periodicity(s, unknown) for s in sides if s.has(unknown)), None)
    reach = 3 * period if period and period.is_number else sp.Integer(12)
    for k in range(-30, 31):
        yield sp.nsimplify(sp.N(reach * (k + sp.Rational(37, 100)) / 30, 20), rational=True)


def _prove_range(image: sp.ImageSet, claimed: sp.Set) -> Trust:
    if len(image.base_sets) != 1 or len(image.lamda.variables) != 1:
        raise NotProved("a range is that of a function of one variable")
    base = image.base_sets[0]
    symbol = sp.Dummy("x", real=True)
    expression = image.lamda(symbol)
    _refute_range(expression, symbol, base, claimed)
    domain = {symbol: base}
    trust = prove_defined(expression, domain)
    if expression.has(*_JUMPING) or not isinstance(base, sp.Interval | type(sp.S.Reals)):
        raise NotProved("a range is proved for a continuous function on an interval only")
    if not isinstance(claimed, sp.Interval | type(sp.S.Reals)):
        raise NotProved("the range of a continuous function on an interval is an interval")
    for end, way, is_open in (
        (claimed.inf, 1, getattr(claimed, "left_open", True)),
        (claimed.sup, -1, getattr(claimed, "right_open", True)),
    ):
        trust = min(trust, _prove_end(expression, symbol, base, end, way, bool(is_open)))
    return trust


def _prove_end(
    expression: sp.Expr, symbol: sp.Symbol, base: sp.Set, end: sp.Expr, way: int, is_open: bool
) -> Trust:
    """Nothing lies beyond the end, and the end is taken, or approached without being taken."""
    bound = Trust.PROVED
    if end.is_finite:
        kind = POSITIVE if is_open else NONNEGATIVE
        bound = sign(way * (expression - end), kind, {symbol: base})
        if not bound:
            raise NotProved(f"it is not proved that all values are on one side of {end}")
        if not is_open:
            for place in _extremes(expression, symbol, base, end):
                found = vanishes(expression.subs(symbol, place) - end, {})
                if found:
                    return min(bound, found)
            raise NotProved(f"it is not proved that {end} is taken")
    for edge, direction in ((base.inf, "+"), (base.sup, "-")):
        limit = carried_out(sp.Limit(expression, symbol, edge, direction))
        if limit == end or (end.is_finite and limit.is_finite and vanishes(limit - end, {})):
            return min(bound, Trust.SYMPY)
    raise NotProved(f"it is not proved that values come close to {end}")


def _extremes(
    expression: sp.Expr, symbol: sp.Symbol, base: sp.Set, end: sp.Expr
) -> Iterator[sp.Expr]:
    """Yield places where the end may be taken: ends, kinks, zeros of the slope and of the gap."""
    candidates: list[sp.Expr] = [e for e in (base.inf, base.sup, sp.S.Zero) if e.is_finite]
    for equation in (*edges_of(expression), expression - end, sp.diff(expression, symbol)):
        try:
            candidates += sp.solve(equation, symbol)
        except (NotImplementedError, ValueError, TypeError):
            continue
    for place in candidates:
        if base.contains(place) == sp.true:
            yield place


def _refute_range(expression: sp.Expr, symbol: sp.Symbol, base: sp.Set, claimed: sp.Set) -> None:
    for point, _ in admissible_points([expression], {symbol: base}):
        if symbol not in point:
            continue
        value = evaluate(expression, point)
        if value is None:
            raise NotProved(f"the function is undefined or not real at {point[symbol]}")
        if claimed.contains(sp.Float(value, 30)) == sp.false and not _at_an_end(value, claimed):
            shown = f"the value {mpmath.nstr(value, 12)} at {point[symbol]}"
            raise NotProved(f"it takes {shown}", shown)


def _at_an_end(value: mpmath.mpf, claimed: sp.Set) -> bool:
    return any(
        abs(sp.N(end - sp.Float(value, 30), 30)) < 1e-20
        for end in (claimed.inf, claimed.sup)
        if end.is_finite
    )


__all__ = ["domain_of", "prove_set_equality", "solution_set"]
