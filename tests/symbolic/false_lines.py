"""Lines that are false, by kind: each is a function that writes one, and must be refused."""

from collections.abc import Callable

import sympy as sp
from sympy import Rational as R

from lib.symbolic import Derivation

x, y, a, b, w, s_free = sp.symbols("x y a b w s", real=True)
p, q, r, t, chi, s = sp.symbols("p q r t chi s", positive=True)
n, k = sp.symbols("n k", integer=True, positive=True)
m = sp.Symbol("m", integer=True)
h, sg, c = sp.symbols("h sg c", real=True)
f = sp.Function("f")
N = sp.Symbol("N", integer=True, positive=True)
A, B = sp.MatrixSymbol("A", N, N), sp.MatrixSymbol("B", N, N)
of = Derivation.of
exp, log, sin, cos, tan = sp.exp, sp.log, sp.sin, sp.cos, sp.tan
sinh, cosh, tanh, sqrt, Abs = sp.sinh, sp.cosh, sp.tanh, sp.sqrt, sp.Abs
Interval, Reals = sp.Interval, sp.S.Reals
D, Max, Min, Piecewise = sp.Derivative, sp.Max, sp.Min, sp.Piecewise
zero, one = sp.Integer(0), sp.Integer(1)


def claim(left, right, domain=None):
    return of(x, domain=domain).claim(sp.Eq(left, right, evaluate=False), "")


def solutions(condition, claimed, base=Reals):
    return claim(sp.ConditionSet(x, condition, base), claimed)


def range_of(expression, claimed, base=Reals):
    return claim(sp.ImageSet(sp.Lambda(x, expression), base), claimed)


turn = sp.Symbol("k", integer=True)
inner = sp.Symbol("u", real=True)


def repeated(member, counted=sp.S.Integers):
    return sp.ImageSet(sp.Lambda(turn, member), counted)


def intervals(first, period):
    return sp.ImageSet(sp.Lambda((turn, inner), inner + turn * period), sp.S.Integers, first)


def step(left, right, new_left, new_right, domain=None):
    return Derivation(left, right, "given", domain=domain).step(new_left, new_right, "")


FALSE: dict[str, list[Callable[[], object]]] = {}

FALSE["relation forgotten along a chain"] = [
    lambda: of(x).compare("<=", x + 1, "").equals("1 + x", "").step(zero, one, ""),
    lambda: of(x).compare("<", exp(x), "").equals("exp(x/2)**2", "").step(x, exp(x), ""),
    lambda: of(1 + s**2 * chi).compare(">=", one, "").equals("2/2", "").step(s**2 * chi, zero, ""),
    lambda: (
        of(sg * (1 - sg))
        .compare("<=", R(1, 4), "")
        .equals("2/8", "")
        .step(sg * (1 - sg), R(1, 4), "")
    ),
    lambda: of(log(1 + p)).compare("<=", p, "").equals("2*p/2", "").step(p - log(1 + p), zero, ""),
    lambda: (
        Derivation(y, x**2, "")
        .compare("<=", x**2 + 1, "")
        .equals("1 + x**2", "")
        .step(y, 1 + x**2, "")
    ),
    lambda: (
        of(x)
        .compare("<=", x + 5, "")
        .compare(">=", x + 3, "")
        .step(x - 1, x + 2, "", relation=">=")
    ),
    lambda: of(x).compare("<", x + 1, "").equals("1 + x", "").step(x - 1, x, "subtract 1"),
    # further ones
    lambda: of(x).compare("<", x + 1, "").compare(">", x, ""),
    lambda: of(x).compare("<=", Abs(x), "").step(x, Abs(x), "", relation="<"),
    lambda: of(tanh(x)).compare("<", one, "").equals("3/3", "").step(tanh(x), one, ""),
    lambda: of(p).compare("<=", p + q, "").equals("q + p", "").step(zero, q, ""),
    lambda: of(exp(x)).compare(">", zero, "").equals("0*2", "").step(exp(x), zero, ""),
    lambda: of(x**2).compare(">=", zero, "").compare("<=", p, ""),
]

FALSE["division by what may be zero"] = [
    lambda: step(a**2 * x, a**2 * y, x, y),
    lambda: step(x, y, a**2 * x, a**2 * y),
    lambda: step(Abs(a) * x, Abs(a) * y, x, y),
    lambda: step(a * x + b, zero, x, -b / a),
    lambda: step(a**2 * x, b, x, b / a**2),
    lambda: step((a - 20) * x, a - 20, x, one),
    lambda: step((1 - a) ** 2 * x, (1 - a) ** 2 * (1 + a), x, 1 + a),
    lambda: step(a**2 * exp(x), a**2, x, zero),
    lambda: step(s_free**2 * q, s_free**2 * p, q, p),
    lambda: step(f(x) ** 2 * y, f(x) ** 2 * x, y, x),
    lambda: step(x / a**2, y / a**2, x, y),
    lambda: step(1 / x, 1 / y, x, y),
    # further ones
    lambda: step(sin(a) * x, sin(a) * y, x, y),
    lambda: step((exp(a) - 1) * x, (exp(a) - 1) * y, x, y),
    lambda: step(tanh(w) * x, tanh(w), x, one),
    lambda: step(Max(0, w) * x, Max(0, w) * y, x, y),
    lambda: step((p - q) * x, (p - q) * y, x, y),
    lambda: step(x, y, x * (p - 3), y * (p - 3)),
    lambda: step(x**3, x, x**2, one),
    lambda: step(w * x, w * y, x, y),
    lambda: step((n - 7) * x, (n - 7) * y, x, y),
    lambda: step(x, one, x * (x - 31), x - 31),
    lambda: step(log(p) * x, log(p) * y, x, y),
]

FALSE["undefined points"] = [
    lambda: step((x**2 - 400) / (x - 20), sp.Integer(40), x, sp.Integer(20)),
    lambda: step(x - 20, zero, (x - 20) * exp(1 / (x - 20)), zero),
    lambda: of((x**2 - 1) / (x - 1)).equals(x + 1, ""),
    lambda: of((exp(2 * x) - 4) / (exp(x) - 2)).equals(exp(x) + 2, ""),
    lambda: of(sin(2 * x - 2) / sin(x - 1)).equals(2 * cos(x - 1), ""),
    lambda: of((x**2 - x) / (x - 1), domain={x: Interval(0, 2)}).equals(x, ""),
    lambda: of(sp.Sum(1 / ((k - 8) * (k - 7)), (k, 1, n))).equals(n / (7 * (7 - n)), ""),
    # further ones
    lambda: of("(x**2 - x)/x", names=[x]).equals(x - 1, ""),
    lambda: of("x/x", names=[x]).equals(one, ""),
    lambda: of("log(x) - log(x)", names=[x]).equals(zero, ""),
    lambda: of("exp(log(p - 5))", names=[p]).equals(p - 5, ""),
    lambda: of(sp.tan(x) * cos(x)).equals(sin(x), ""),
    lambda: of("sqrt(x)**2", names=[x]).equals(x, ""),
    lambda: of((1 - x**2) / (1 - Abs(x))).equals(1 + Abs(x), ""),
    lambda: of(sp.sinh(2 * x) / sinh(x)).equals(2 * cosh(x), ""),
    lambda: of("tanh(x)/tanh(x)", names=[x]).equals(one, ""),
    lambda: of(sp.factorial(m + 1) / sp.factorial(m)).equals(m + 1, ""),
    lambda: of("(x**2 - 1)/(x - 1)", names=[x]).equals("x + 1", ""),
    lambda: Derivation("y", "x/x", "given", names=[x, y]),
]

FALSE["kinks and jumps"] = [
    lambda: of(D(Abs(exp(x) - 2), x)).equals(exp(x) * sp.sign(exp(x) - 2), ""),
    lambda: of(D(Max(0, sinh(x) - 1), x)).equals(cosh(x) * sp.Heaviside(sinh(x) - 1), ""),
    lambda: of(D(Abs(tanh(x) - R(1, 2)), x)).equals(
        (1 - tanh(x) ** 2) * sp.sign(tanh(x) - R(1, 2)), ""
    ),
    lambda: of(D(Piecewise((7, exp(x) > 2), (3, True)), x)).equals(zero, ""),
    lambda: of(Piecewise((x, exp(x) > 2), (x, exp(x) < 2))).equals(x, ""),
    # further ones
    lambda: of(D(Abs(sin(x)), x)).equals(cos(x) * sp.sign(sin(x)), ""),
    lambda: of(D(Max(exp(x), 3), x)).equals(exp(x) * sp.Heaviside(exp(x) - 3), ""),
    lambda: of(D(sqrt((exp(x) - 2) ** 2), x)).equals(exp(x) * sp.sign(exp(x) - 2), ""),
    lambda: of(D(Abs(x) ** 3, x)).equals(3 * x**2, ""),
    lambda: of(D(Piecewise((x, x > 1), (0, True)), x), domain={x: Interval(0, 2)}).equals(
        Piecewise((1, x > 1), (0, True)), ""
    ),
    lambda: of(sp.sign(cosh(x) - 1)).equals(one, ""),
    lambda: of(sp.Heaviside(exp(x) - 1)).equals(Piecewise((1, x > 0), (0, True)), ""),
    lambda: of(D(sp.floor(x), x)).equals(zero, ""),
    lambda: of(D(x ** R(1, 3), x), domain={x: Interval(0, 1)}).equals(x ** R(-2, 3) / 3, ""),
    lambda: of(Max(exp(x), 2)).equals(Piecewise((exp(x), x > 1), (2, True)), ""),
]

FALSE["solution sets and ranges"] = [
    lambda: solutions(sin(x) > R(1, 2), Interval.open(sp.pi / 6, 5 * sp.pi / 6)),
    lambda: solutions(sin(x) >= 0, Interval(0, sp.pi)),
    lambda: solutions(
        cos(x) > 0,
        sp.Union(Interval.Ropen(0, sp.pi / 2), Interval.open(3 * sp.pi / 2, 2 * sp.pi)),
    ),
    lambda: solutions(tan(x) > 0, Interval.open(0, sp.pi / 2)),
    lambda: range_of((x - 1) ** 2, Interval.open(0, sp.oo)),
    lambda: range_of((x - 1) ** 2, Interval.Lopen(0, 4), Interval(-1, 3)),
    lambda: solutions(sp.Eq((exp(2 * x) - 1) / (exp(x) - 1), 2, evaluate=False), sp.FiniteSet(0)),
    lambda: range_of(exp(-1 / (x - 1) ** 2), Interval.open(0, 1)),
    lambda: solutions(sp.Eq(exp(3 * x) - 3 * exp(x) + 1, 0), sp.S.EmptySet),
    # further ones
    lambda: solutions(sin(x / 40) > R(1, 2), Interval.open(20 * sp.pi / 3, 100 * sp.pi / 3)),
    lambda: solutions(sp.Eq(x**2, 400), sp.FiniteSet(20)),
    lambda: solutions(sp.Eq(x * exp(x), -R(1, 10)), sp.FiniteSet(sp.LambertW(-R(1, 10)))),
    lambda: solutions(x**2 <= 4, Interval.open(-2, 2)),
    lambda: solutions(x**2 < 4, Interval(-2, 2)),
    lambda: solutions(exp(x) < 3, Interval.open(-sp.oo, 1)),
    lambda: solutions(sp.Eq(sin(x), 0), sp.FiniteSet(0)),
    lambda: solutions(sp.Eq(cosh(x), 1000), sp.FiniteSet(sp.acosh(1000))),
    lambda: range_of(tanh(x), Interval(-1, 1)),
    lambda: range_of(x**2, Interval(0, 4), Interval.open(-2, 2)),
    lambda: range_of(1 / (1 + x**2), Interval.open(0, 1)),
    lambda: range_of(cosh(x), Interval(0, sp.oo)),
    lambda: range_of(sp.sign(x), Interval(-1, 1)),
    lambda: solutions(sp.Eq((x - 30) * (x + 30) * x, 0), sp.FiniteSet(0)),
]

_A, _B = sp.symbols("A B", commutative=False)
_W1, _W2 = sp.symbols("W_1 W_2", commutative=False)
_z, _i = sp.Symbol("z", complex=True), sp.Symbol("z", imaginary=True)
_x_positive, _any = sp.Symbol("x", positive=True), sp.Symbol("x")

FALSE["sets that repeat"] = [
    lambda: solutions(sp.Eq(sin(x), 0), repeated(2 * turn * sp.pi)),
    lambda: solutions(sp.Eq(cos(x), 1), repeated(turn * sp.pi)),
    lambda: solutions(sp.Eq(sin(x), R(1, 2)), repeated(sp.pi / 6 + 2 * turn * sp.pi)),
    lambda: solutions(sp.Eq(sin(x), 0), repeated(turn * sp.pi / 2)),
    lambda: solutions(sp.Eq(sin(x), 0), repeated(turn * sp.pi + R(1, 10**25))),
    lambda: solutions(sp.Eq(sin(x), 0), repeated(turn * (sp.pi + R(1, 10**25)))),
    lambda: solutions(sp.Eq(sin(x), 0), repeated(turn * sp.pi, sp.S.Naturals0)),
    lambda: solutions(sp.Eq(sin(x), 0), repeated(turn**2 * sp.pi)),
    lambda: solutions(sp.Eq(sin(x) + sin(sqrt(2) * x), 0), repeated(turn * sp.pi)),
    lambda: solutions(sp.Eq(x * sin(x), 0), repeated(turn * sp.pi)),
    lambda: solutions(sp.Eq(sin(x) * (sin(x) - R(1, 10**6)), 0), repeated(turn * sp.pi)),
    lambda: solutions(sp.Eq(sin(x) ** 2 + cos(x) ** 2, 1), repeated(turn * sp.pi)),
    lambda: solutions(sp.Eq(sin(x), 0), sp.Union(repeated(turn * sp.pi), sp.FiniteSet(1))),
    lambda: solutions(sin(x) > R(1, 2), intervals(Interval(sp.pi / 6, 5 * sp.pi / 6), 2 * sp.pi)),
    lambda: solutions(
        sin(x) > R(1, 2), intervals(Interval.open(sp.pi / 6, 5 * sp.pi / 6), 4 * sp.pi)
    ),
    lambda: solutions(sin(x) > R(1, 2), intervals(Interval.open(sp.pi / 6, 5 * sp.pi / 6), sp.pi)),
    lambda: solutions(sin(x) >= 0, intervals(Interval(0, 3 * sp.pi), 2 * sp.pi)),
    lambda: solutions(sin(x) >= 0, intervals(Interval.open(0, sp.pi), 2 * sp.pi)),
    lambda: solutions(cos(x) > 0, intervals(Interval.open(0, sp.pi / 2), sp.pi)),
    lambda: solutions(sin(x) ** 2 > 0, intervals(Interval.open(0, 2 * sp.pi), 2 * sp.pi)),
]

FALSE["what does not follow"] = [
    lambda: Derivation(x**2, y**2, "").implies(x, y, ""),
    lambda: Derivation(a * x, a * y, "").implies(x, y, ""),
    lambda: Derivation(x, y, "").implies(x**2, 2 * y**2, ""),
    lambda: Derivation(x, y, "").implies(1 / x, 1 / y, ""),
    lambda: Derivation(cos(x), cos(y), "").implies(x, y, ""),
    lambda: Derivation(x, y, "").implies(x, y, "", relation="<="),
    lambda: Derivation(x, y, "").implies(D(x**2, x), D(y**2, x), ""),
    lambda: Derivation(x, y**2, "").implies(sqrt(x), y, ""),
    lambda: Derivation(x, y, "").implies(x**2, y**2, "").step(x, y, ""),
    lambda: Derivation(x * (x - 30), zero, "").implies(x, zero, ""),
    lambda: Derivation(x, y, "", relation="<").implies(a * x, a * y, "", relation="<"),
    lambda: Derivation(x, y, "", relation="<").implies(a**2 * x, a**2 * y, "", relation="<"),
    lambda: Derivation(x, y, "", relation="<=").implies(x, y, "", relation="<"),
    lambda: Derivation(x, y, "", relation="<").implies(x**2, y**2, "", relation="<"),
    lambda: Derivation(p, q, "", relation="<").implies(q, p, "", relation="<"),
]

FALSE["symbols"] = [
    lambda: of(_A * _B).equals(_B * _A, ""),
    lambda: of(_W1 * _W2 - _W2 * _W1).equals(zero, ""),
    lambda: of(Abs(_z) ** 2).equals(_z**2, ""),
    lambda: of(sp.conjugate(_z)).equals(_z, ""),
    lambda: of(Abs(_i) ** 2).equals(_i**2, ""),
    lambda: of(Abs(x)).compare(">=", Abs(x) - _x_positive, ""),
    lambda: of(a).let(_x_positive, x + 1, ""),
    # further ones
    lambda: of(x).equals(2 * x - _any, ""),
    lambda: of(sp.Function("sin")(x)).equals(sp.Function("sin")(x), ""),
    lambda: of(sp.Symbol("pi", real=True)).equals(sp.Symbol("pi", real=True), ""),
    lambda: of(sp.Symbol("alpha", real=True)).compare(
        ">=", sp.Symbol("alpha", real=True) - sp.Symbol(r"\alpha", positive=True), ""
    ),
    lambda: of(sp.I * x).equals(sp.I * x, ""),
    lambda: of(sp.re(_z)).equals(_z, ""),
    lambda: of(sp.DiracDelta(x)).equals(zero, ""),
    lambda: of(f(x) + sp.Function("f", real=True)(x)).equals(2 * f(x), ""),
    lambda: of(sp.Symbol("u", infinite=True, extended_real=True)).equals(x, ""),
]

FALSE["definitions"] = [
    lambda: of(a).let(a, b + 1, "").let(b, a + 1, ""),
    lambda: Derivation(y, sp.Integer(7), "").let(y, sp.Integer(5), ""),
    lambda: of(sqrt(p**2)).let(p, sp.Integer(-3), ""),
    # further ones
    lambda: of(x).let(y, 1 / x, ""),
    lambda: of(x).let(n, x + R(1, 2), ""),
    lambda: of(x).let(n, R(1, 2), ""),
    lambda: of(x, domain={a: Interval(0, 1)}).let(a, sp.Integer(2), ""),
    lambda: of(x).let(p, x**2, ""),
    lambda: of(x + a).equals("a + x", "").let(a, one, "").let(a, zero, ""),
    lambda: Derivation(x + y, zero, "").let(y, one, ""),
    lambda: of(x).let(f(x), f(x) + 1, ""),
    lambda: of(x).let(y, w + 1, "").let(w, y - 1, ""),
    lambda: of(log(p)).let(q, log(p), ""),
]

FALSE["matrices"] = [
    lambda: of(N**2 * A).equals((5 * N - 6) * A, ""),
    # further ones
    lambda: of(A * B).equals(B * A, ""),
    lambda: of((A * B).T).equals(A.T * B.T, ""),
    lambda: of((A + B) * (A - B)).equals(A * A - B * B, ""),
    lambda: of((N - 2) * (N - 3) * (N - 4) * (N - 1) * A).equals(sp.ZeroMatrix(N, N), ""),
    lambda: of(sp.Trace(A * B)).equals(sp.Trace(A) * sp.Trace(B), ""),
    lambda: of(sp.Trace(A * B * A.T)).equals(sp.Trace(A * A * B), ""),
    lambda: of(sp.Trace(sp.Identity(N))).equals(one, ""),
    lambda: of(A.T * A).equals(A * A.T, ""),
    lambda: of(A + A.T).equals(2 * A, ""),
    lambda: of(sp.HadamardProduct(A, B) * A).equals(sp.HadamardProduct(A * A, B), ""),
]

FALSE["tiny errors and floats"] = [
    lambda: Derivation(x, R(1, 3), "").step(x, sp.Float("0.3333333333333333333333", 22), ""),
    lambda: of(R(1, 3)).equals(sp.Float(R(1, 3), 26), ""),
    # further ones
    lambda: of(x).equals(x + R(1, 10**40), ""),
    lambda: of(sp.pi).equals(sp.Rational(sp.N(sp.pi, 60)), ""),
    lambda: of(exp(x)).equals(exp(x + R(1, 10**60)), ""),
    lambda: of(p).compare("<=", p - R(1, 10**70), ""),
    lambda: of(sqrt(2)).equals(sp.Rational(sp.N(sqrt(2), 80)), ""),
    lambda: of(0.5 * x).equals(x / 2, ""),
    lambda: Derivation(x, one, "").step(x, one + R(1, 10**50), ""),
    lambda: of(exp(sp.pi * sqrt(163))).equals(sp.Integer(262537412640768744), ""),
    lambda: of(tanh(2 * p)).equals(tanh((2 + R(1, 10**30)) * p), ""),
    lambda: of(tanh(2 * p)).equals(tanh((2 + R(1, 10**60)) * p), ""),
    lambda: of(cosh(exp(exp(x)))).equals(sinh(exp(exp(x))), ""),
    lambda: of(exp(exp(exp(exp(exp(x)))))).equals(2 * exp(exp(exp(exp(exp(x))))), ""),
]

_k_positive = sp.Symbol("k", positive=True)

FALSE["bound variables"] = [
    lambda: of(sp.Product(_k_positive, (_k_positive, m - 6, m + 6))).compare(
        "<=", sp.Product(2 * _k_positive, (_k_positive, m - 6, m + 6)), ""
    ),
    # further ones
    lambda: of(sp.Sum(_k_positive, (_k_positive, -3, 3))).compare(">", zero, ""),
    lambda: of(sp.Integral(p, (p, -1, 1))).compare(">", zero, ""),
    lambda: of(sp.Integral(p**3, (p, -2, 0))).equals(sp.Integer(4), ""),
    lambda: of(sp.Sum(k, (k, 1, n - 3))).equals((n - 3) * (n - 2) / 2, ""),
    lambda: of(sp.Product(1 - 1 / k, (k, 1, n))).equals(1 / n, ""),
    lambda: of(sp.Sum(k, (k, 1, n))).equals(n**2 / 2, ""),
    lambda: of(sp.Sum(1 / k, (k, 0, n))).equals(sp.harmonic(n), ""),
    lambda: of(sp.Integral(x * sp.Integral(exp(x * y), (y, 0, 1)), (x, 0, 1))).equals(
        sp.Integral(x * sp.Integral(exp(y**2), (y, 0, 1)), (x, 0, 1)), ""
    ),
]

FALSE["what diverges"] = [
    lambda: claim(sp.Integral(1 / t, (t, 0, 1)), sp.Integral(1 / q, (q, 0, 1))),
    # further ones
    lambda: claim(sp.Integral(1 / y, (y, -1, 1)), zero),
    lambda: claim(sp.Integral(y, (y, -sp.oo, sp.oo)), zero),
    lambda: claim(sp.Sum((-1) ** k, (k, 1, sp.oo)), R(-1, 2)),
    lambda: claim(sp.Sum(1 / k, (k, 1, sp.oo)), sp.Sum(1 / n, (n, 1, sp.oo))),
    lambda: claim(sp.Limit(sin(x), x, sp.oo), zero),
    lambda: claim(sp.Limit(1 / x, x, 0, "+-"), sp.oo),
    lambda: claim(sp.Integral(exp(x), (x, 0, sp.oo)), sp.Integral(exp(y), (y, 0, sp.oo))),
    lambda: claim(sp.Limit(Abs(x) / x, x, 0, "+-"), one),
    lambda: claim(sp.Limit(log(x), x, 0, "-"), -sp.oo),  # there it is not real
    lambda: claim(sp.Limit(1 / x, x, 0, "-"), sp.oo),
    lambda: claim(sp.Limit(sqrt(x), x, 0, "-"), zero),
    lambda: claim(sp.Limit(x * sin(x), x, sp.oo), sp.oo),
    lambda: claim(sp.Limit(x, x, sp.oo) - sp.Limit(x, x, sp.oo), zero),
    lambda: claim(sp.Integral(1 / (y - R(1, 2)), (y, 0, 1)), zero),
    lambda: claim(sp.Integral(1 / (exp(y) - 2), (y, 0, 1)), zero),
    lambda: claim(sp.Integral((x - y) / (x + y) ** 3, (x, 0, 1), (y, 0, 1)), R(1, 2)),
]

FALSE["premises"] = [
    lambda: Derivation(tanh(h), (exp(h) - 1) / (exp(h) + 1), "definition of tanh"),
    # further ones
    lambda: Derivation(sinh(h), exp(h) - exp(-h), "by definition"),
    lambda: Derivation(one, sp.Integer(2), "given"),
    lambda: Derivation(sp.pi, R(22, 7), "given"),
    lambda: Derivation(1 / x, y, "given"),
    lambda: Derivation(log(x), y, "given"),
    lambda: Derivation(cosh(h), (exp(h) + exp(-h)) / 3, "the definition"),
]

FALSE["branches, signs and cases"] = [
    lambda: of(sqrt(x**2)).equals(x, ""),
    lambda: of(log(p * q)).equals(log(p) * log(q), ""),
    lambda: of(sp.atan(tan(x)), domain={x: Interval(0, 1)}).equals(x + sp.pi, ""),
    lambda: of(Abs(x + y)).equals(Abs(x) + Abs(y), ""),
    lambda: of(Max(x, y)).equals((x + y - Abs(x - y)) / 2, ""),
    lambda: of(x).compare("<=", x**2, ""),
    lambda: of(sin(x)).compare("<", one, ""),
    lambda: of(p).compare("<", sin(p), ""),
    lambda: of((1 + p) ** n).compare("<=", 1 + n * p, ""),
    lambda: of(x**2).compare("<=", r**2, ""),
    lambda: of(q - x, domain={x: Interval(0, q)}).compare(">", zero, ""),
    lambda: of(1 - x**2, domain={x: Interval(-1, 1)}).compare(">", zero, ""),
    lambda: of(2**n).compare(">", n**2, ""),
    lambda: of(n**2).compare("<", sp.Integer(10) ** 5, ""),
    lambda: Derivation(x**2, y**2, "").step(x, y, ""),
    lambda: Derivation(x, y, "").step(x**2, y**2, ""),
    lambda: Derivation(cosh(x), cosh(y), "").step(x, y, ""),
    lambda: Derivation(sin(x), sin(y), "").step(x, y, ""),
    lambda: Derivation(x**4, y**4, "").step(x, y, ""),
    lambda: of(sp.floor(p)).compare("<", p, ""),
    lambda: of(sp.floor(2 * x)).equals(2 * sp.floor(x), ""),
    lambda: of(Piecewise((0, sp.Eq(x, 20)), (1, True))).equals(one, ""),
    lambda: of(Max(0, (x - 17) * (R(171, 10) - x))).equals(zero, ""),
    lambda: of(Max(x, y, a)).equals(Max(x, y) + Max(y, a) - y, ""),
    lambda: of(sp.factorial(n)).compare(">=", 2**n, ""),
    lambda: of(sp.gamma(p + 1)).equals(sp.gamma(p), ""),
    lambda: of((x**4) ** R(1, 4)).equals(x, ""),
    lambda: of(sp.atan(x) + sp.atan(y)).equals(sp.atan((x + y) / (1 - x * y)), ""),
    lambda: of(n**2 - 81 * n).compare(">=", -sp.Integer(1639), ""),
]
