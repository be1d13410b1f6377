"""The derivations of all pages: how their lines were established, and an oracle of their own.

Only the cells that derive something are run, and what they need. The displayed identities are then
evaluated by mpmath alone at random points of their displayed domain, from their source form.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from random import Random

import mpmath
import pytest
import sympy as sp
from derivations import derivations_of, pages
from sympy.core.function import AppliedUndef
from the_book import article_of, source_of

from lib.symbolic import Derivation
from lib.symbolic.regions import domain_of, is_whole, ordered_symbols

POINTS = 30
LEVELS = ("proved", "sympy", "points", "definition", "assumption")


@cache
def derived(page: str) -> list[Derivation]:
    return [steps for _, steps in derivations_of(page)]


def book() -> list[tuple[str, Derivation]]:
    return [(page, steps) for page in pages() for steps in derived(page)]


@pytest.mark.exhaustive
def test_every_line_says_how_it_was_established(capsys):
    levels = Counter(
        line.trust for _, steps in book() for line in steps.lines if line.kind != "start"
    )
    with capsys.disabled():
        shown = ", ".join(f"{levels[level]} {level}" for level in LEVELS)
        print(f"\n{sum(levels.values())} lines in {len(book())} derivations: {shown}")
    assert set(levels) <= set(LEVELS)
    assert levels["proved"] > 100


@pytest.mark.parametrize("page", pages())
def test_the_book_has_no_line_that_was_checked_at_points_only(page, site):
    # If one is needed, the prose beside it must say so, and this test name it.
    marked = article_of(page).select(".derivation-step[data-trust]")
    assert {step["data-trust"] for step in marked} <= {*LEVELS, ""} - {"points"}
    assert bool(marked) == bool(article_of(page).select(".derivation"))


def statements(steps: Derivation) -> Iterator[tuple[sp.Basic, str, sp.Basic]]:
    """Yield what is displayed as true for all values: chains and claims, not hypotheses."""
    before, universal = None, True
    for line in steps.lines:
        right = line.right.expression
        if line.kind == "start":
            before = right
        elif line.kind == "premise":
            before, universal = right, line.trust in ("proved", "sympy")
            if universal:
                yield line.left.expression, line.relation, right
        elif line.kind == "proved":
            left = before if line.left is None else line.left.expression
            if line.left is None or universal or not _conditional(steps, line):
                yield left, line.relation, right
            before = right


def _conditional(steps: Derivation, line) -> bool:
    """A line with a left side after an assumption is an equation with solutions."""
    return steps.lines[0].trust in ("assumption", "definition")


@cache
def stand_in(name: str, arity: int):
    """A smooth function for one that has no definition."""
    seed = sum(map(ord, name))
    return lambda *places: sum(mpmath.sin(mpmath.mpf(seed % 7 + 1) / 3 * v) + v / 2 for v in places)


@cache
def numeric(function, arity: int):
    """Return what mpmath computes for a function of SymPy."""
    slots = sp.symbols(f"a:{arity}")
    return sp.lambdify(slots, function(*slots, evaluate=False), "mpmath")


class Oracle:
    """Values of formulas by mpmath: difference quotients, quadratures, sums term by term."""

    def __init__(self, definitions):
        self.definitions = {
            (t.func if isinstance(t, AppliedUndef) else t): (t, d) for t, d in definitions
        }

    def value(self, node, at):
        if isinstance(node, sp.Derivative):
            assert len(node.variable_count) == 1
            variable, order = node.variable_count[0]
            here = at[variable]
            return mpmath.diff(
                lambda v: self.value(node.expr, {**at, variable: v}), here, int(order)
            )
        if isinstance(node, sp.Subs):
            places = [self.value(place, at) for place in node.point]
            return self.value(node.expr, {**at, **dict(zip(node.variables, places, strict=True))})
        if isinstance(node, sp.Integral):
            return self._integral(node, at)
        if isinstance(node, sp.Sum | sp.Product):
            variable, low, high = node.limits[0]
            ends = [int(mpmath.nint(self.value(e, at))) for e in (low, high)]
            terms = [self.value(node.function, {**at, variable: mpmath.mpf(k)})
                     for k in range(ends[0], ends[1] + 1)]  # fmt: skip
            return mpmath.fsum(terms) if isinstance(node, sp.Sum) else mpmath.fprod(terms)
        if isinstance(node, sp.Limit):
            return self._limit(node, at)
        if isinstance(node, sp.Piecewise):
            for branch, condition in node.args:
                if condition == sp.true or self._truth(condition, at):
                    return self.value(branch, at)
            raise ValueError(node)
        if isinstance(node, AppliedUndef):
            places = [self.value(a, at) for a in node.args]
            if node.func in self.definitions:
                target, definition = self.definitions[node.func]
                return self.value(definition, {**at, **dict(zip(target.args, places, strict=True))})
            return stand_in(node.func.__name__, len(places))(*places)
        if node in self.definitions and node not in at:
            return self.value(self.definitions[node][1], at)
        if node in at:
            return at[node]
        if not node.args:
            return mpmath.mpf(sp.N(node, 40)._to_mpmath(140))
        return numeric(node.func, len(node.args))(*(self.value(a, at) for a in node.args))

    def _truth(self, condition, at):
        if isinstance(condition, sp.And):
            return all(self._truth(part, at) for part in condition.args)
        left, right = self.value(condition.lhs, at), self.value(condition.rhs, at)
        return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[
            condition.rel_op
        ]

    def _integral(self, node, at):
        variable, low, high = node.limits[0]
        ends = [mpmath.inf if e == sp.oo else -mpmath.inf if e == -sp.oo else self.value(e, at)
                for e in (low, high)]  # fmt: skip
        places = [ends[0], mpmath.mpf(0), ends[1]] if ends[0] < 0 < ends[1] else ends
        # A difference quotient around an integral needs all digits, a Gaussian tail does not.
        with mpmath.workdps(15 if mpmath.inf in ends or -mpmath.inf in ends else mpmath.mp.dps):
            return mpmath.quad(
                lambda v: self.value(node.function, {**at, variable: v}), places, maxdegree=5
            )

    def _limit(self, node, at):
        inner, variable, target, direction = node.args
        tiny = mpmath.mpf(10) ** -10
        if target in (sp.oo, -sp.oo):
            place = (1 if target == sp.oo else -1) * mpmath.mpf(20_000)
        else:
            place = self.value(target, at) + (-tiny if str(direction) == "-" else tiny)
        return self.value(inner, {**at, variable: place})


def _points(symbols, domain, rng):
    for _ in range(POINTS):
        at = {}
        for symbol in ordered_symbols(symbols, domain):
            allowed = domain_of(symbol, domain)
            part = rng.choice(allowed.args) if isinstance(allowed, sp.Union) else allowed
            low, high = (e.xreplace({s: sp.Float(v, 30) for s, v in at.items()})
                         for e in (part.inf, part.sup))  # fmt: skip
            low = min(-3, high - 3) if low == -sp.oo else low
            high = max(3, low + 3) if high == sp.oo else high
            if is_whole(symbol, domain):
                at[symbol] = mpmath.mpf(rng.randint(int(low), int(low) + 6))
            else:
                share = mpmath.mpf(rng.randint(1, 999)) / 1000
                ends = [
                    mpmath.mpf(sp.N(e, 30)._to_mpmath(110)) for e in map(sp.sympify, (low, high))
                ]
                at[symbol] = ends[0] + (ends[1] - ends[0]) * share
        yield at


def _comparable(side) -> bool:
    return (
        isinstance(side, sp.Expr)
        and not getattr(side, "is_Matrix", False)
        and not side.has(sp.MatrixSymbol)
    )


def evaluate_alone(steps: Derivation, rng: Random) -> int:
    """Evaluate what a derivation displays as true; return how many statements were looked at."""
    oracle = Oracle(steps.definitions)
    known = set(oracle.definitions)
    looked_at = 0
    for left, relation, right in statements(steps):
        if not _comparable(left) or not _comparable(right):
            continue
        looked_at += 1
        free = left.free_symbols | right.free_symbols
        free |= {s for _, definition in steps.definitions for s in definition.free_symbols}
        free -= {s for s in free if s in known}
        rough = (left - right).has(sp.Integral, sp.Limit, sp.Derivative, sp.Subs)
        heavy = (left - right).has(sp.Integral)
        for at in list(_points(free, steps.domain, rng))[: 4 if heavy else POINTS]:
            with mpmath.workdps(30):
                one, other = oracle.value(left, at), oracle.value(right, at)
                slack = mpmath.mpf(10) ** (-5 if rough else -20) * (1 + abs(one) + abs(other))
                held = {
                    "=": abs(one - other) <= slack, "<": one < other + slack,
                    "<=": one <= other + slack, ">": one > other - slack,
                    ">=": one >= other - slack,
                }[relation]  # fmt: skip
            assert held, f"{left} {relation} {right} at {at}: {one} against {other}"
    return looked_at


@pytest.mark.rotates(9)
@pytest.mark.parametrize("page", [page for page in pages() if "Derivation" in source_of(page)])
def test_displayed_identities_hold_for_an_evaluation_of_their_own(page):
    rng = Random(page)
    for steps in derived(page):
        assert not [str(steps) for line in steps.lines if line.trust == "points"]
        evaluate_alone(steps, rng)


@pytest.mark.parametrize("index", range(1, 4))
def test_the_evaluation_of_its_own_sees_any_line_that_is_false(index):
    x = sp.Symbol("x", real=True)
    steps = Derivation.of("Derivative(tanh(x), x)", names=[x])
    steps.equals("1 - tanh(x)**2", "the rule").equals("1/cosh(x)**2", "rewrite")
    steps.compare("<=", "1", "the denominator is at least 1")
    assert evaluate_alone(steps, Random(0)) == 3
    line = steps.lines[index]
    wrong = -line.right.expression if index < 3 else sp.Rational(9, 10)
    steps.lines[index] = replace(line, right=replace(line.right, expression=wrong))
    with pytest.raises(AssertionError, match="against"):
        evaluate_alone(steps, Random(0))
