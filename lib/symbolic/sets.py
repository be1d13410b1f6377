"""A solution set or a range, given unevaluated, is the set that is claimed."""

import mpmath
import sympy as sp
from sympy.calculus.util import function_range

from lib.symbolic.agreement import NotProved
from lib.symbolic.points import Domain, admissible_points, evaluate
from lib.symbolic.reduction import reduces_to_zero


def prove_set_equality(left: sp.Set, right: sp.Set, domain: Domain) -> None:
    """Prove that a solution set or a range, given unevaluated, is the set on the right."""
    if isinstance(left, sp.ConditionSet):
        found = solutions(left.condition, left.sym, left.base_set)
    elif isinstance(left, sp.ImageSet):
        found = _range(left)
        _compare_range(left, right)
    else:
        found = left
    if _sets_equal(found, right, domain):
        return
    raise NotProved(f"the set on the left is {found}")


def solutions(condition: sp.Basic, unknown: sp.Symbol, base: sp.Set) -> sp.Set:
    """Solve an equation or inequality for a real unknown, by substitution where exp hides it."""
    if not isinstance(condition, sp.Eq):
        return sp.solveset(condition, unknown, base)
    residual = sp.simplify((condition.lhs - condition.rhs).doit().rewrite(sp.exp))
    numerator = sp.factor(sp.numer(sp.together(residual)))
    hidden = sp.Dummy("u", positive=True)
    polynomial = sp.powsimp(sp.expand(numerator)).replace(
        lambda node: isinstance(node, sp.exp) and (node.args[0] / unknown).is_integer,
        lambda node: hidden ** (node.args[0] / unknown),
    )
    polynomial = sp.numer(sp.together(polynomial))
    if polynomial.free_symbols == {hidden} and polynomial.is_polynomial(hidden):
        roots = sp.roots(sp.Poly(polynomial, hidden))
        if sum(roots.values()) == sp.degree(polynomial, hidden):
            return sp.FiniteSet(*(sp.log(r) for r in roots if r.is_positive)).intersect(base)
    return sp.solveset(condition.lhs - condition.rhs, unknown, base)


def _range(image: sp.ImageSet) -> sp.Set:
    symbol = sp.Dummy("x", real=True)
    expression = image.lamda(symbol)
    return function_range(expression.rewrite(sp.exp), symbol, image.base_sets[0])


def _compare_range(image: sp.ImageSet, claimed: sp.Set) -> None:
    symbol = sp.Dummy("x", real=True)
    expression = image.lamda(symbol)
    for point, _ in admissible_points([expression], {symbol: image.base_sets[0]}):
        value = evaluate(expression, point)
        if value is None:
            raise NotProved(f"the function is undefined or not real at {point[symbol]}")
        if claimed.contains(sp.Float(value, 30)) == sp.false:
            raise NotProved(f"it takes the value {mpmath.nstr(value, 12)} at {point[symbol]}")


def _sets_equal(found: sp.Set, claimed: sp.Set, domain: Domain) -> bool:
    if found == claimed:
        return True
    if isinstance(found, sp.FiniteSet) and isinstance(claimed, sp.FiniteSet):
        rest = list(claimed)
        for member in found:
            twin = next((r for r in rest if reduces_to_zero(member - r, domain)), None)
            if twin is None:
                return False
            rest.remove(twin)
        return not rest
    if isinstance(found, sp.Interval) and isinstance(claimed, sp.Interval):
        same_ends = (found.left_open, found.right_open) == (claimed.left_open, claimed.right_open)
        return same_ends and all(
            a == b or sp.simplify(a - b) == 0
            for a, b in ((found.inf, claimed.inf), (found.sup, claimed.sup))
        )
    return False
