"""A wrong step of any kind is refused, by name and with both sides; a right one is not."""

import re

import pytest
import sympy as sp

from lib.symbolic import Derivation, DerivationError

x, a, w, P, logit = sp.symbols("x alpha w P logit", real=True)
u, v, t = sp.symbols("u v t", positive=True)
between = {P: sp.Interval.open(0, 1)}
away_from_0 = {x: sp.Union(sp.Interval.open(-sp.oo, 0), sp.Interval.open(0, sp.oo))}
leaky = sp.Piecewise((x, x > 0), (a * x, True))
f, g = sp.Function("f"), sp.Function("g")
n, m, k = sp.symbols("n m k", integer=True, positive=True)
A, B = sp.MatrixSymbol("A", n, n), sp.MatrixSymbol("B", n, n)
W_1, b_1 = sp.MatrixSymbol("W_1", m, n), sp.MatrixSymbol("b_1", m, 1)
W_2, b_2 = sp.MatrixSymbol("W_2", k, m), sp.MatrixSymbol("b_2", k, 1)
X = sp.MatrixSymbol("x", n, 1)
sigmoid = 1 / (1 + sp.exp(-x))
slope = sigmoid * (1 - sigmoid)
quarter = sp.Rational(1, 4)


def range_of(expression, symbol, allowed, claimed):
    return sp.Eq(sp.ImageSet(sp.Lambda(symbol, expression), allowed), claimed, evaluate=False)


def solutions_of(condition, claimed):
    return sp.Eq(sp.ConditionSet(x, condition, sp.S.Reals), claimed, evaluate=False)


# Each: the kind of mistake, the start with its domain, the wrong and the right result.
IDENTITIES = [
    ("sign", sp.Derivative(sp.cos(x), x), {}, sp.sin(x), -sp.sin(x)),
    ("factor", sp.Derivative(sigmoid, x), {}, 2 * slope, slope),
    ("exponent", sp.Derivative(1 / x, x), away_from_0, -1 / x, -1 / x**2),
    ("positive only: root", sp.sqrt(x**2), {}, x, sp.sign(x) * x),
    ("positive only: log", sp.log(x**2), away_from_0, 2 * sp.log(x), 2 * sp.log(sp.Abs(x))),
    ("positive only: abs", sp.Abs(x) * x, {}, x**2, sp.sign(x) * x**2),
    ("dropped case", sp.Derivative(leaky, x), away_from_0, sp.Piecewise((1, x > 0)),
     sp.Piecewise((1, x > 0), (a, True))),
    ("kink", sp.Derivative(leaky, x), {}, sp.Piecewise((1, x > 0), (a, True)), None),
    ("swapped cases", sp.Max(x, 0), {}, sp.Piecewise((0, x > 0), (x, True)),
     sp.Piecewise((x, x > 0), (0, True))),
    ("domain of the log", sp.log(P / (1 - P)), {}, sp.log(P) - sp.log(1 - P), None),
    ("two-sided limit", sp.Limit(sp.Max(x, 0) / x, x, 0, "+-"), {}, sp.Integer(1), None),
    ("two-sided limit from one side", sp.Limit(sp.Max(x, 0) / x, x, 0, "+-"), {}, sp.Integer(0),
     None),
    ("wrong limit", sp.Limit(sp.Max(x, 0) / x, x, 0, "-"), {}, sp.Integer(1), sp.Integer(0)),
    ("limit at infinity", sp.Limit(sp.tanh(x), x, -sp.oo), {}, sp.Integer(1), sp.Integer(-1)),
    ("integral", sp.Integral(x**2, (x, 0, u)), {}, u**3, u**3 / 3),
    ("inner derivative", sp.Derivative(f(g(x)), x), {},
     sp.Subs(sp.Derivative(f(t), t), t, g(x)),
     sp.Subs(sp.Derivative(f(t), t), t, g(x)) * sp.Derivative(g(x), x)),
    ("where to differentiate", sp.Derivative(f(g(x)), x), {},
     sp.Subs(sp.Derivative(f(t), t), t, x) * sp.Derivative(g(x), x),
     sp.Subs(sp.Derivative(f(t), t), t, g(x)) * sp.Derivative(g(x), x)),
    ("Lambert's function", (x + x**2).subs(x, sp.LambertW(2)) * sp.exp(sp.LambertW(2)), {},
     2 + sp.LambertW(2), 2 + 2 * sp.LambertW(2)),
    ("numerically close", x, {}, x + sp.Rational(1, 10**40), None),
    ("order of a product", A * B * X, {}, B * A * X, None),
    ("transpose", sp.Transpose(A * B), {}, A.T * B.T, B.T * A.T),
    ("forgotten bias", W_2 * (W_1 * X + b_1) + b_2, {}, (W_2 * W_1) * X + b_2,
     (W_2 * W_1) * X + (W_2 * b_1 + b_2)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("start", "domain", "wrong", "right"),
    [case[1:] for case in IDENTITIES],
    ids=[case[0] for case in IDENTITIES],
)
def test_wrong_identity_is_refused_and_right_one_proved(start, domain, wrong, right):
    with pytest.raises(DerivationError, match='step 1, "wrong", is not proved') as refusal:
        Derivation.of(start, domain=domain).equals(wrong, "wrong")
    assert str(wrong) in str(refusal.value)
    if right is not None:
        assert len(Derivation.of(start, domain=domain).equals(right, "right")) == 1


EQUATIONS = [
    ("dropped root", (x**2, 4), {}, (x, 2)),
    ("divided by zero", (x**2, x), {}, (x, 1)),
    ("added root", (x, 2), {}, (x**2, 4)),
    ("lost far root", ((x - 1) * (x - 4000), 0), {}, (x, 1)),
    ("lost double root", (x * (x - 3) ** 2, 0), {}, (x, 0)),
    ("sign", (P / (1 - P), sp.exp(logit)), between, (P, sp.exp(logit) * (1 + P))),
    ("inverse", (sp.log(P / (1 - P)), logit), between, (P / (1 - P), sp.exp(-logit))),
    ("no solution left", (x**2, 4), {}, (x**2, -4)),
    ("divided by a parameter", (w * x, w), {}, (x, 1)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "domain", "after"),
    [case[1:] for case in EQUATIONS],
    ids=[case[0] for case in EQUATIONS],
)
def test_equation_with_other_solutions_is_refused(before, domain, after):
    given = Derivation(*map(sp.sympify, before), "given", domain=domain)
    with pytest.raises(DerivationError, match='step 1, "wrong", is not proved'):
        given.step(*map(sp.sympify, after), "wrong")


def test_equations_with_the_same_solutions_are_accepted():
    steps = Derivation(sp.log(P / (1 - P)), logit, "given", domain=between)
    steps.step(P / (1 - P), sp.exp(logit), "exponential")
    steps.step(P, sp.exp(logit) * (1 - P), "multiply")
    steps.step(P, 1 / (1 + sp.exp(-logit)), "solve")
    assert len(steps) == 3
    scaled = Derivation(3 * u, 6 * v, "given").step(u, 2 * v, "divide by 3")
    assert len(scaled) == 1


INEQUALITIES = [
    ("direction", slope, ">=", quarter),
    ("strict where attained", slope, "<", quarter),
    ("too small a bound", slope, "<=", sp.Rational(24, 100)),
    ("true on the right half only", x, "<=", x**2 + x**3),
    ("false far out", x**2, "<=", sp.Integer(10000)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("left", "relation", "right"),
    [case[1:] for case in INEQUALITIES],
    ids=[case[0] for case in INEQUALITIES],
)
def test_wrong_inequality_is_refused(left, relation, right):
    with pytest.raises(DerivationError):
        Derivation.of(left).compare(relation, right, "wrong")


def test_right_inequality_is_proved():
    assert len(Derivation.of(slope).compare("<=", quarter, "maximum")) == 1
    assert len(Derivation.of(slope).compare(">", sp.Integer(0), "positive")) == 1


CLAIMS = [
    ("closed range", range_of(sigmoid, x, sp.S.Reals, sp.Interval(0, 1))),
    ("range too small", range_of(sigmoid, x, sp.S.Reals, sp.Interval.open(0, sp.Rational(1, 2)))),
    ("range too large", range_of(sigmoid, x, sp.S.Reals, sp.Interval.open(-1, 1))),
    ("missing solution", solutions_of(sp.Eq(x**2, 1), sp.FiniteSet(1))),
    ("added solution", solutions_of(sp.Eq(slope, quarter), sp.FiniteSet(0, 1))),
    ("wrong border", solutions_of(sp.Abs(x) / 4 < 1, sp.Interval.open(-3, 3))),
    ("closed border", solutions_of(sp.Abs(x) / 4 < 1, sp.Interval(-4, 4))),
]  # fmt: skip


@pytest.mark.parametrize(
    "statement", [case[1] for case in CLAIMS], ids=[case[0] for case in CLAIMS]
)
def test_wrong_set_is_refused(statement):
    with pytest.raises(DerivationError):
        Derivation.of(x).claim(statement, "wrong")


def test_a_set_of_a_kind_that_no_rule_knows_is_refused_as_such():
    twice = sp.Union(sp.Interval.open(0, sp.oo), sp.S.Naturals, evaluate=False)
    with pytest.raises(DerivationError, match="no rule proves that these are the solutions"):
        Derivation.of(x).claim(solutions_of(x > 0, twice), "right, but not proved")


def test_right_sets_are_proved():
    steps = Derivation.of(x)
    steps.claim(range_of(sigmoid, x, sp.S.Reals, sp.Interval.open(0, 1)), "range")
    steps.claim(solutions_of(sp.Eq(slope, quarter), sp.FiniteSet(0)), "maximum")
    steps.claim(solutions_of(sp.Abs(x) / 4 < 1, sp.Interval.open(-4, 4)), "border")
    assert len(steps) == 3


def test_definitions_are_used_and_cannot_be_circular_or_changed():
    z = sp.Function("z")
    steps = Derivation.of(1 / (1 + sp.exp(-x))).let(z(x), 1 + sp.exp(-x), "name it")
    assert len(steps.equals(1 / z(x), "put it in")) == 1
    with pytest.raises(DerivationError, match="defined already"):
        steps.let(z(x), x, "again")
    with pytest.raises(DerivationError, match="mentions"):
        steps.let(w, w + 1, "circular")


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: Derivation(x, 1, "number"), "right must be a SymPy object or text; got 1"),
        (lambda: Derivation.of([x]), "right must be a SymPy object or text"),
        (lambda: Derivation.of(x).equals(x, None), "reason must be a string"),
        (lambda: Derivation.of(x, domain={"x": sp.S.Reals}), "domain maps"),
        (lambda: Derivation.of(x).claim(sp.true, "trivial"), "statement must be"),
    ],
)
def test_input_that_is_not_mathematics_is_refused(call, words):
    with pytest.raises(TypeError, match=re.escape(words)):
        call()


def test_unknown_relation_is_refused():
    with pytest.raises(ValueError, match="relation must be one of"):
        Derivation.of(x).compare("!=", w, "unequal")


def test_every_line_and_reason_is_displayed():
    steps = Derivation.of((x + 1) ** 2).equals(x**2 + 2 * x + 1, "expand the square")
    for shown in (steps._repr_html_(), steps._repr_latex_(), repr(steps)):
        assert "expand the square" in shown
        assert "2 x" in shown or "2*x" in shown


def test_slopes_of_a_kink_are_found_from_either_side():
    kink = sp.Piecewise((x, x > 0), (u * (sp.exp(x) - 1), True)) / x
    assert len(Derivation.of(sp.Limit(kink, x, 0, "-")).equals(u, "left")) == 1
    assert len(Derivation.of(sp.Limit(kink, x, 0, "+")).equals(sp.Integer(1), "right")) == 1
    with pytest.raises(DerivationError):
        Derivation.of(sp.Limit(kink, x, 0, "-")).equals(sp.Integer(1), "the other side")


def test_chain_shows_what_it_starts_from_also_after_a_definition():
    z = sp.Function("z")
    steps = Derivation.of(sp.Derivative(1 / (1 + sp.exp(-x)), x)).let(z(x), 1 + sp.exp(-x), "z")
    steps.equals(sp.Derivative(1 / z(x), x), "put it in")
    assert sp.latex(sp.Derivative(1 / (1 + sp.exp(-x)), x)) in steps._repr_latex_()


def test_roots_beyond_one_period_are_not_forgotten():
    given = Derivation(sp.sin(x / 100), sp.Integer(0), "given")
    with pytest.raises(DerivationError):
        given.step(x * (x - 100 * sp.pi), sp.Integer(0), "two of its roots")
