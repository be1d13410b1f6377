"""Proofs by SymPy, each crossed with fifty-digit evaluation at random admissible points."""

from collections.abc import Callable, Iterator
from itertools import islice

import mpmath
import sympy as sp
from sympy.calculus.util import function_range, minimum

from lib.symbolic.points import (
    DIGITS,
    Domain,
    admissible_points,
    concrete_functions,
    domain_of,
    evaluate,
    kinks,
    ordered_symbols,
)

AGREEMENT = mpmath.mpf(10) ** -25


class NotProved(Exception):
    """A statement was refuted, or SymPy found no proof of it; the message says which and where."""


def prove_identity(left: sp.Basic, right: sp.Basic, domain: Domain) -> None:
    """Prove that two expressions are equal everywhere on the domain, or raise `NotProved`."""
    if getattr(left, "is_Matrix", False) or getattr(right, "is_Matrix", False):
        return _prove_matrices_equal(left, right, domain)
    _compare_at_points(left, right, domain, "=")
    if not _reduces_to_zero(left - right, domain):
        raise NotProved("SymPy does not reduce the difference of the two sides to zero")


def prove_inequality(left: sp.Expr, right: sp.Expr, relation: str, domain: Domain) -> None:
    """Prove ``left relation right`` for one of ``<  <=  >  >=`` everywhere on the domain."""
    _compare_at_points(left, right, domain, relation)
    small, large = (left, right) if relation in ("<", "<=") else (right, left)
    if not _is_at_most(small, large, domain, strict=relation in ("<", ">")):
        raise NotProved("SymPy finds no proof of the inequality")


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


# --- identities -------------------------------------------------------------------------------


def _compare_at_points(left: sp.Basic, right: sp.Basic, domain: Domain, relation: str) -> None:
    functions = concrete_functions([left, right])
    left, right = _with_functions(left, functions), _with_functions(right, functions)
    for point, generic in admissible_points([left, right], domain):
        values = [evaluate(side, point) for side in (left, right)]
        where = _shown(point)
        if values[0] is None and values[1] is None:
            if generic:
                raise NotProved(f"both sides are undefined or not real at {where}")
            continue
        for name, value in zip(("left", "right"), values, strict=True):
            if value is None:
                raise NotProved(f"the {name} side is undefined or not real at {where}")
        if not _holds(values[0], values[1], relation):
            shown = " against ".join(mpmath.nstr(value, 12) for value in values)
            raise NotProved(f"at {where} the two sides are {shown}")


@mpmath.workdps(DIGITS)
def _holds(left: mpmath.mpf, right: mpmath.mpf, relation: str) -> bool:
    slack = AGREEMENT * max(abs(left), abs(right), mpmath.mpf(10) ** -25)
    if relation == "=":
        return bool(abs(left - right) <= slack)
    if relation in (">", ">="):
        left, right = right, left
    return bool(left < right if relation in ("<", ">") else left <= right + slack)


def _with_functions(expression: sp.Basic, functions: dict[type, sp.Lambda]) -> sp.Basic:
    for function, chosen in functions.items():
        expression = expression.replace(function, chosen)
    return expression


def _attempts(difference: sp.Expr) -> Iterator[Callable[[sp.Expr], sp.Expr]]:
    yield sp.expand
    yield sp.simplify
    yield lambda e: sp.simplify(e.rewrite(sp.exp))
    yield lambda e: sp.factor(sp.together(sp.powsimp(sp.expand(e.rewrite(sp.exp)))))
    yield lambda e: sp.simplify(sp.expand_log(sp.factor(e)))
    yield lambda e: sp.simplify(sp.expand_log(sp.simplify(e)))
    yield lambda e: sp.simplify(sp.piecewise_fold(e))
    yield lambda e: sp.simplify(sp.expand_func(e))


def _reduces_to_zero(difference: sp.Expr, domain: Domain) -> bool:
    difference = difference.replace(_is_one_sided_limit, _from_one_side).doit()
    for case in _cases(difference, domain):
        if not any(attempt(case) == 0 for attempt in _attempts(case)):
            return False
    return True


def _is_one_sided_limit(node: sp.Basic) -> bool:
    return isinstance(node, sp.Limit) and str(node.args[3]) in "+-" and bool(node.args[2].is_finite)


def _from_one_side(node: sp.Limit) -> sp.Basic:
    """Approach by a positive distance, which decides the cases of a piecewise function."""
    inner, variable, target, direction = node.args
    distance = sp.Dummy("h", positive=True)
    place = target + distance if str(direction) == "+" else target - distance
    return sp.limit(inner.subs(variable, place).doit(), distance, 0, "+")


def _cases(expression: sp.Expr, domain: Domain) -> Iterator[sp.Expr]:
    """Rewrite every symbol as a free positive or real one, once for each side of each kink."""
    symbols = ordered_symbols(
        {s for s in expression.free_symbols if isinstance(s, sp.Symbol)}, domain
    )
    pending = [expression]
    for symbol in symbols:
        pending = [
            case
            for partial in pending
            for piece in _pieces(domain_of(symbol, domain), kinks([partial], symbol))
            for case in [_rename(partial, symbol, piece)]
        ]
    for case in pending:
        yield case.doit()


def _pieces(allowed: sp.Set, edges: set[sp.Expr]) -> list[sp.Set]:
    pieces = list(allowed.args) if isinstance(allowed, sp.Union) else [allowed]
    if isinstance(allowed, sp.FiniteSet):
        return [sp.FiniteSet(member) for member in allowed]
    for edge in (e for e in edges if e.is_number):
        sides = [sp.Interval.open(-sp.oo, edge), sp.FiniteSet(edge), sp.Interval.open(edge, sp.oo)]
        pieces = [p.intersect(s) for p in pieces for s in sides]
    return [piece for piece in pieces if piece is not sp.S.EmptySet]


def _rename(expression: sp.Expr, symbol: sp.Symbol, piece: sp.Set) -> sp.Expr:
    if isinstance(piece, sp.FiniteSet):
        return expression.subs(symbol, next(iter(piece)))
    if piece in (sp.S.Naturals, sp.S.Naturals0, sp.S.Integers):
        return expression
    low, high = piece.inf, piece.sup
    if low == -sp.oo and high == sp.oo:
        new = sp.Dummy(symbol.name, real=True)
        return expression.subs(symbol, new)
    closed = (low.is_finite and not piece.left_open) or (high.is_finite and not piece.right_open)
    new = (
        sp.Dummy(symbol.name, nonnegative=True) if closed else sp.Dummy(symbol.name, positive=True)
    )
    if low == -sp.oo:
        return expression.subs(symbol, high - new)
    if high == sp.oo:
        return expression.subs(symbol, low + new)
    return expression.subs(symbol, low + (high - low) * new / (1 + new))


# --- matrices ---------------------------------------------------------------------------------


def _prove_matrices_equal(left: sp.Basic, right: sp.Basic, domain: Domain) -> None:
    """Entry by entry, with free symbols as entries, at two sets of sizes for symbolic shapes."""
    for sizes in ((2, 3, 4), (3, 1, 2)):
        left_case, right_case = (_explicit(side, sizes) for side in (left, right))
        if left_case.shape != right_case.shape:
            raise NotProved(f"the shapes differ: {left_case.shape} against {right_case.shape}")
        for entry_left, entry_right in zip(left_case, right_case, strict=True):
            prove_identity(entry_left, entry_right, domain)


def _explicit(side: sp.Basic, sizes: tuple[int, ...]) -> sp.ImmutableMatrix:
    lengths = sorted(
        {s for m in side.atoms(sp.MatrixSymbol) for d in m.shape for s in d.free_symbols}, key=str
    )
    chosen = {symbol: sp.Integer(sizes[i % len(sizes)]) for i, symbol in enumerate(lengths)}
    side = side.subs(chosen)
    entries = {
        symbol: sp.ImmutableMatrix(
            *symbol.shape, lambda i, j, m=symbol: sp.Symbol(f"{m.name}_{i}_{j}", real=True)
        )
        for symbol in side.atoms(sp.MatrixSymbol)
    }
    filled = side.subs(entries).doit()
    return sp.ImmutableMatrix(filled.as_explicit() if hasattr(filled, "as_explicit") else filled)


# --- inequalities -----------------------------------------------------------------------------


def _is_at_most(small: sp.Expr, large: sp.Expr, domain: Domain, *, strict: bool) -> bool:
    gap = (large - small).doit()
    if all(_has_sign(case, strict=strict) for case in _cases(gap, domain)):
        return True
    if _factors_at_most(small, large, domain, strict=strict):
        return True
    symbols = gap.free_symbols
    if len(symbols) == 1:
        symbol = next(iter(symbols))
        try:
            least = minimum(sp.simplify(gap), symbol, domain_of(symbol, domain))
        except (NotImplementedError, ValueError):
            return False
        return bool(least > 0 if strict else least >= 0)
    return False


def _has_sign(gap: sp.Expr, *, strict: bool) -> bool:
    forms = (sp.simplify(gap), sp.factor(sp.simplify(gap.rewrite(sp.exp))), sp.factor(gap))
    expanded = sp.together(sp.expand(gap))
    forms += (sp.expand(sp.numer(expanded)) / sp.expand(sp.denom(expanded)),)
    return any((form.is_positive if strict else form.is_nonnegative) is True for form in forms)


def _factors_at_most(small: sp.Expr, large: sp.Expr, domain: Domain, *, strict: bool) -> bool:
    """Nonnegative bases under one positive power, or nonnegative factors paired in order."""
    if isinstance(small, sp.Pow) and isinstance(large, sp.Pow) and small.exp == large.exp:
        ordered = _is_at_most(small.base, large.base, domain, strict=strict)
        return (
            ordered
            and small.exp.is_positive is True
            and _is_at_most(sp.S.Zero, small.base, domain, strict=False)
        )
    if isinstance(small, sp.Product) and isinstance(large, sp.Product) and not strict:
        return small.limits == large.limits and (
            _is_at_most(small.function, large.function, domain, strict=False)
            and _is_at_most(sp.S.Zero, small.function, domain, strict=False)
        )
    if isinstance(small, sp.Mul) and isinstance(large, sp.Mul) and not strict:
        common = set(small.args) & set(large.args)
        if common and all(_is_at_most(sp.S.Zero, c, domain, strict=False) for c in common):
            shared = sp.Mul(*common)
            return _is_at_most(small / shared, large / shared, domain, strict=False)
    return False


# --- equations --------------------------------------------------------------------------------

Line = tuple[sp.Expr, str, sp.Expr]


def _sides_agree(before: Line, after: Line, domain: Domain) -> bool:
    pairs = (before[0] - after[0], before[2] - after[2])
    return all(_reduces_to_zero(pair, domain) for pair in pairs)


def _ratio(first: sp.Expr, second: sp.Expr) -> sp.Expr:
    return sp.factor(sp.simplify(second / first)) if first != 0 else sp.S.Zero


def _is_nonzero(ratio: sp.Expr, domain: Domain) -> bool:
    """Neither 0 nor infinite anywhere, so that it neither adds nor drops a solution."""
    parts = [
        part for case in _cases(ratio, domain) for part in sp.fraction(sp.factor(sp.simplify(case)))
    ]
    return all(part.is_zero is False and part.is_infinite is not True for part in parts)


def _same_roots(first: sp.Expr, second: sp.Expr, unknown: sp.Symbol, domain: Domain) -> bool:
    sets = []
    for residual in (first, second):
        try:
            roots = sp.solve(residual, unknown, dict=False)
        except NotImplementedError:
            return False
        sets.append([r for r in roots if r.is_real is not False])
    if not sets[0] or len(sets[0]) != len(sets[1]):
        return False
    rest = sets[1]
    for root in sets[0]:
        twin = next((r for r in rest if _reduces_to_zero(root - r, domain)), None)
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
    lines = [tuple(_with_functions(s, functions) for s in (a[0], a[2])) for a in (before, after)]
    shared = (lines[0][0] - lines[0][1]).free_symbols | (lines[1][0] - lines[1][1]).free_symbols
    if before[1] != "=":
        return _same_truth_at_points(before, after, domain)
    for unknown in sorted(shared, key=str):
        for point, _ in islice(admissible_points(list(sides), domain, seed=1), 3):
            for this, other, name in ((0, 1, "before"), (1, 0, "after")):
                for root in _scan(lines[this], unknown, point, domain):
                    values = [evaluate(side, point | {unknown: root}) for side in lines[other]]
                    if None in values or not _near(values):
                        other_name = "after" if name == "before" else "before"
                        raise NotProved(
                            f"{unknown} = {sp.N(root, 12)} solves the line {name} the step but not "
                            f"the one {other_name} it, at {_shown(point, unknown)}"
                        )


@mpmath.workdps(DIGITS)
def _near(values: list) -> bool:
    left, right = values
    return bool(abs(left - right) <= mpmath.mpf(10) ** -20 * (1 + max(abs(left), abs(right))))


def _shown(point: dict, unknown: sp.Symbol | None = None) -> str:
    shown = (f"{s} = {sp.N(v, 6)}" for s, v in point.items() if s != unknown)
    listed = list(shown)
    return ", ".join(listed[:5] + ["..."] * (len(listed) > 5)) or "every point"


def _same_truth_at_points(before: Line, after: Line, domain: Domain) -> None:
    sides = [before[0], before[2], after[0], after[2]]
    for point, _ in admissible_points(sides, domain, seed=1):
        values = [evaluate(side, point) for side in sides]
        if None in values:
            raise NotProved(f"a side is undefined or not real at {_shown(point)}")
        truths = {_holds(values[0], values[1], before[1]), _holds(values[2], values[3], after[1])}
        if len(truths) > 1:
            raise NotProved(f"only one of the two lines holds at {_shown(point)}")


def _scan(
    sides: tuple, unknown: sp.Symbol, point: dict[sp.Symbol, sp.Expr], domain: Domain
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


def _real_or_none(function: Callable, x: mpmath.mpf) -> mpmath.mpf | None:
    try:
        value = function(x)
    except (ZeroDivisionError, ValueError, TypeError):
        return None
    return value if isinstance(value, mpmath.mpf) and mpmath.isfinite(value) else None


# --- sets -------------------------------------------------------------------------------------


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
            twin = next((r for r in rest if _reduces_to_zero(member - r, domain)), None)
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
