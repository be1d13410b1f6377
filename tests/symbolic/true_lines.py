"""Lines that are true, by kind: each is a function that writes one, and must go through."""

from collections.abc import Callable

import sympy as sp
from false_lines import (
    A,
    Abs,
    B,
    D,
    Interval,
    Max,
    Min,
    Piecewise,
    R,
    Reals,
    a,
    b,
    claim,
    cos,
    cosh,
    exp,
    f,
    intervals,
    k,
    log,
    n,
    of,
    one,
    p,
    q,
    r,
    range_of,
    repeated,
    sin,
    sinh,
    solutions,
    sqrt,
    step,
    t,
    tan,
    tanh,
    turn,
    w,
    x,
    y,
    zero,
)  # fmt: skip

from lib.symbolic import Derivation

nonzero = sp.Symbol("c", real=True, nonzero=True)
m0 = sp.Symbol("m", integer=True, nonnegative=True)
whole = sp.Symbol("j", integer=True)
z = sp.Symbol("z", real=True)
density = exp(-(z**2) / 2) / sqrt(2 * sp.pi)
binomial = sp.Sum(sp.binomial(n, k) * p**k, (k, 0, n))


def expectation(expression):
    return sp.Integral(expression * density, (z, -sp.oo, sp.oo))


TRUE: dict[str, list[Callable[[], object]]] = {}

TRUE["limits"] = [
    lambda: claim(sp.Limit(1 / x, x, sp.oo), zero),
    lambda: claim(sp.Limit(log(x) / x, x, sp.oo), zero),
    lambda: claim(sp.Limit((cos(x) - 1) / x, x, 0), zero),
    lambda: claim(sp.Limit(1 / (2 * n), n, sp.oo), zero),
    lambda: claim(sp.Limit(exp(x), x, sp.oo), sp.oo),
    lambda: claim(sp.Limit((1 + 1 / x) ** x, x, sp.oo), sp.E),
    lambda: claim(sp.Limit(sin(x) / x, x, 0), one),
    lambda: claim(sp.Limit(x * log(x), x, 0), zero),
    lambda: claim(sp.Limit(tanh(x), x, sp.oo), one),
    lambda: claim(sp.Limit(x**2 * exp(-x), x, sp.oo), zero),
]
TRUE["integrals"] = [
    lambda: claim(sp.Integral(sin(t) / t, (t, 0, sp.oo)), sp.pi / 2),
    lambda: claim(sp.Integral(Abs(sin(t)), (t, 0, 2 * sp.pi)), sp.Integer(4)),
    lambda: claim(sp.Integral(1, (x, 0, 1), (y, 0, 1)), one),
    lambda: claim(sp.Integral(x * y, (x, 0, y), (y, 0, 1)), R(1, 8)),
    lambda: claim(expectation(1 / (1 + exp(-z))), R(1, 2)),
    lambda: claim(expectation(z**2), one),
    lambda: claim(expectation(z**4), sp.Integer(3)),
    lambda: claim(expectation(tanh(z)), zero),
    lambda: claim(expectation(Max(0, z) ** 2), R(1, 2)),
    lambda: claim(expectation(Abs(z)), sqrt(2 / sp.pi)),
    lambda: claim(expectation(exp(z)), exp(R(1, 2))),
]
TRUE["identities"] = [
    lambda: of(log(exp(x) + exp(y))).equals(x + log(1 + exp(y - x)), ""),
    lambda: of(sp.atan(p) + sp.atan(1 / p)).equals(sp.pi / 2, ""),
    lambda: of(sp.acos(cos(x)), domain={x: Interval(0, sp.pi)}).equals(x, ""),
    lambda: of(sp.atanh(x), domain={x: Interval.open(-1, 1)}).equals(
        log((1 + x) / (1 - x)) / 2, ""
    ),
    lambda: of(Max(x, y)).equals((x + y + Abs(x - y)) / 2, ""),
    lambda: of(Min(x, y)).equals((x + y - Abs(x - y)) / 2, ""),
    lambda: of(binomial).equals((1 + p) ** n, ""),
    lambda: of(sp.factorial(m0 + 1)).equals((m0 + 1) * sp.factorial(m0), ""),
    lambda: of(sp.Sum(k, (k, 1, n))).equals(n * (n + 1) / 2, ""),
    lambda: of(D(x * Abs(x), x)).equals(2 * Abs(x), ""),
    lambda: of(D(Max(0, x) ** 2, x)).equals(2 * Max(0, x), ""),
    lambda: of(Piecewise((x, x > 0), (0, True))).equals((x + Abs(x)) / 2, ""),
    lambda: of(sinh(2 * x)).equals(2 * sinh(x) * cosh(x), ""),
    lambda: of(sin(x + y)).equals(sin(x) * cos(y) + cos(x) * sin(y), ""),
    lambda: of("p/p", names=[p]).equals(one, ""),
    lambda: of(D(f(x) * x, x)).equals(x * D(f(x), x) + f(x), ""),
    lambda: of(log(p) + log(q)).equals(log(p * q), ""),
]
TRUE["inequalities"] = [
    lambda: of(sqrt(p * r)).compare("<=", (p + r) / 2, ""),
    lambda: of(Abs(x + y)).compare("<=", Abs(x) + Abs(y), ""),
    lambda: of((1 + p) ** n).compare(">=", 1 + n * p, ""),
    lambda: of((1 + p / n) ** n).compare("<=", exp(p), ""),
    lambda: of(cosh(x)).compare("<=", exp(x**2 / 2), ""),
    lambda: of(n).compare("<", 2**n, ""),
    lambda: of(Abs(sin(x))).compare("<=", one, ""),
    lambda: of(x**2, domain={x: Interval(0, r)}).compare("<=", r**2, ""),
    lambda: of(sin(p)).compare("<=", p, ""),
    lambda: of(log(1 + p)).compare("<=", p, ""),
    lambda: of(1 + x).compare("<=", exp(x), ""),
    lambda: of(2 * x * y).compare("<=", x**2 + y**2, ""),
    lambda: of(tanh(p)).compare("<", p, ""),
    lambda: of(x * (1 - x), domain={x: Interval(0, 1)}).compare("<=", R(1, 4), ""),
    lambda: of(Abs(x * y)).compare("<=", (x**2 + y**2) / 2, ""),
    lambda: of(2**whole, domain={whole: sp.S.Naturals0}).compare(">=", one, ""),
    lambda: of(2**m0).compare(">=", one, ""),
    lambda: of(Abs(nonzero)).compare(">", zero, ""),
    lambda: of(cos(x) * log(1 + x**2), domain={x: Interval(-1, 1)}).compare(
        ">=", sp.Integer(-100), ""
    ),
]
TRUE["steps"] = [
    lambda: step(nonzero * x, nonzero * y, x, y),
    lambda: step(x**3, y**3, x, y),
    lambda: step(sinh(x), sinh(y), x, y),
    lambda: step(exp(x), exp(y), x, y),
    lambda: step(tanh(x), tanh(y), x, y),
    lambda: step(log(p), log(q), p, q),
    lambda: step(p**2, q**2, p, q),
    lambda: step(1 / p, 1 / q, p, q),
    lambda: step(x + a, y + a, x, y),
    lambda: step(2 * x - 6, zero, x, sp.Integer(3)),
    lambda: of(p).compare("<", p + r, "").step(p - r, p, "", relation="<"),
    lambda: of(x).compare("<=", x + 1, "").equals("1 + x", "").step(x - 1, x, "", relation="<="),
    lambda: of(x).compare("<", exp(x), "").step(-x, -exp(x), "", relation=">"),
    lambda: step(p * x + b, zero, x, -b / p),
    lambda: step(x**5, w, x, sp.sign(w) * Abs(w) ** R(1, 5)),
]
TRUE["matrices"] = [
    lambda: of(sp.Trace(A * B)).equals(sp.Trace(B * A), ""),
    lambda: of((A * (A + B)).T).equals(A.T * A.T + B.T * A.T, ""),
    lambda: of((A + B) * (A + B)).equals(A * A + A * B + B * A + B * B, ""),
    lambda: of(sp.Trace(A.T * B)).equals(sp.Trace(B.T * A), ""),
    lambda: of(sp.Trace(A + B)).equals(sp.Trace(A) + sp.Trace(B), ""),
    lambda: of(sp.Trace(A * B * A)).equals(sp.Trace(A * A * B), ""),
]
TRUE["sets"] = [
    lambda: range_of(x**2, Interval(0, sp.oo)),
    lambda: range_of((x - 1) ** 2, Interval(0, 4), Interval(-1, 3)),
    lambda: range_of(tanh(x), Interval.open(-1, 1)),
    lambda: range_of(cosh(x), Interval(1, sp.oo)),
    lambda: range_of(1 / (1 + x**2), Interval.Lopen(0, 1)),
    lambda: solutions(x**2 <= 4, Interval(-2, 2)),
    lambda: solutions(exp(x) < 3, Interval.open(-sp.oo, log(3))),
    lambda: solutions(sp.Eq(x**2, 4), sp.FiniteSet(-2, 2)),
    lambda: solutions(sp.Eq(exp(x), 1), sp.FiniteSet(0)),
]

TRUE["sets that repeat"] = [
    lambda: solutions(sp.Eq(sin(x), 0), repeated(turn * sp.pi)),
    lambda: solutions(sp.Eq(cos(x), 1), repeated(2 * turn * sp.pi)),
    lambda: solutions(
        sp.Eq(sin(x), R(1, 2)),
        sp.Union(
            repeated(sp.pi / 6 + 2 * turn * sp.pi), repeated(5 * sp.pi / 6 + 2 * turn * sp.pi)
        ),
    ),
    lambda: solutions(
        sp.Eq(sin(3 * x) * cos(x), 0),
        sp.Union(repeated(turn * sp.pi / 3), repeated(sp.pi / 2 + turn * sp.pi)),
    ),
    lambda: solutions(sp.Eq(1 + sin(x), 0), repeated(-sp.pi / 2 + 2 * turn * sp.pi)),
    lambda: solutions(sp.Eq(exp(sin(x)), 1), repeated(turn * sp.pi)),
    lambda: solutions(sp.Eq(sin(2 * sp.pi * x), 0), repeated(turn / 2)),
    lambda: solutions(
        sin(x) > R(1, 2), intervals(Interval.open(sp.pi / 6, 5 * sp.pi / 6), 2 * sp.pi)
    ),
    lambda: solutions(sin(x) >= 0, intervals(Interval(0, sp.pi), 2 * sp.pi)),
    lambda: solutions(cos(x) > 0, intervals(Interval.open(-sp.pi / 2, sp.pi / 2), 2 * sp.pi)),
    lambda: solutions(
        sin(x) ** 2 < R(1, 4), intervals(Interval.open(-sp.pi / 6, sp.pi / 6), sp.pi)
    ),
]
TRUE["what follows"] = [
    lambda: Derivation(x, y, "").implies(x**2, y**2, ""),
    lambda: Derivation(x, y, "").implies(a * x, a * y, ""),
    lambda: Derivation(x, y, "").implies(cos(x), cos(y), ""),
    lambda: Derivation(x + a, y, "").implies(exp(x + a) * sin(x + a), exp(y) * sin(y), ""),
    lambda: Derivation(sqrt(p), q, "").implies(p, q**2, ""),
    lambda: Derivation(x, sp.Integer(2), "").implies(x**2, sp.Integer(4), ""),
    lambda: Derivation(p, q, "", relation="<").implies(p, q, "", relation="<="),
    lambda: Derivation(x, y, "", relation="<").implies(x, y + 1, "", relation="<"),
    lambda: Derivation(x, y, "", relation="<=").implies(x, y + 1, "", relation="<"),
    lambda: Derivation(x, y, "", relation="<").implies(a**2 * x, a**2 * y, "", relation="<="),
]
TRUE["integrals by parts"] = [
    lambda: claim(expectation(z * tanh(z)), expectation(1 - tanh(z) ** 2)),
    lambda: claim(expectation(z * tanh(z)), expectation(D(tanh(z), z))),
    lambda: claim(expectation(z * (z**3 - z)), expectation(3 * z**2 - 1)),
    lambda: claim(expectation(z * sin(z)), expectation(cos(z))),
    lambda: claim(expectation(z / (1 + exp(-z))), expectation(exp(-z) / (1 + exp(-z)) ** 2)),
    lambda: claim(expectation(z * tanh(2 * z)), 2 * expectation(1 - tanh(2 * z) ** 2)),
    lambda: claim(expectation(z * sp.atan(z)), expectation(1 / (1 + z**2))),
    lambda: claim(expectation(z * sp.erf(z)), expectation(2 / sqrt(sp.pi) * exp(-(z**2)))),
]
TRUE["absolute values as maxima"] = [
    lambda: of(Abs(exp(x) - 2)).equals(Max(exp(x) - 2, 2 - exp(x)), ""),
    lambda: of(Max(exp(x), 2)).equals((exp(x) + 2 + Abs(exp(x) - 2)) / 2, ""),
    lambda: of(Min(exp(x), 3)).equals((exp(x) + 3 - Abs(exp(x) - 3)) / 2, ""),
    lambda: of(Abs(log(p))).equals(Max(log(p), -log(p)), ""),
    lambda: of(Abs(tanh(x))).equals(Max(tanh(x), -tanh(x)), ""),
    lambda: of(Max(0, x**3 - 1)).equals((x**3 - 1 + Abs(x**3 - 1)) / 2, ""),
    lambda: of(Max(0, exp(x) - 1) - Max(0, 1 - exp(x))).equals(exp(x) - 1, ""),
]
TRUE["large and small values"] = [
    lambda: of(tanh(x)).compare("<", one, ""),
    lambda: of(1 / (1 + exp(-p))).compare("<", one, ""),
    lambda: of(p).equals(p * cosh(y) ** 2 - p * sinh(y) ** 2, ""),
    lambda: of(sin(sin(x))).equals(sin(sin(x)) * (cosh(y) ** 2 - sinh(y) ** 2), ""),
    lambda: of(cosh(exp(x)) ** 2).equals((1 + cosh(2 * exp(x))) / 2, ""),
    lambda: of(sin(exp(exp(p)))).equals(2 * sin(exp(exp(p)) / 2) * cos(exp(exp(p)) / 2), ""),
    lambda: of(cosh(10 * x) - sinh(10 * x)).equals(exp(-10 * x), ""),
    lambda: of((cosh(x) + sinh(x)) ** 5).equals(cosh(5 * x) + sinh(5 * x), ""),
]

# True, and refused: where the least value is taken, the slope is zero by two different factors.
OPEN: list[Callable[[], object]] = [
    lambda: range_of(x / (1 + exp(-x)), Interval(-sp.LambertW(exp(-1)), sp.oo)),
    # SymPy does not decide which side is larger where sinh(x) is 1 but for rounding.
    lambda: of(Max(0, sinh(x) - 1)).equals((sinh(x) - 1 + Abs(sinh(x) - 1)) / 2, ""),
]

__all__ = ["OPEN", "TRUE", "Reals", "tan"]
