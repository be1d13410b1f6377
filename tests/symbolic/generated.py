"""Random lines: true by construction, and mutated; mpmath says which mutations are false."""

from collections.abc import Callable
from dataclasses import dataclass

import mpmath
import sympy as sp
from hypothesis import strategies as st

from lib.symbolic.normal import height

x, y = sp.symbols("x y", real=True)
p, q = sp.symbols("p q", positive=True)
n = sp.Symbol("n", integer=True, positive=True)
SYMBOLS = (x, y, p, q, n)

numbers = st.sampled_from(
    [sp.Integer(1), sp.Integer(2), sp.Integer(-1), sp.Integer(3), sp.Rational(1, 2),
     sp.Rational(-2, 3), sp.Rational(5, 4)]
)  # fmt: skip
leaves = st.sampled_from([x, y, p, q, x, p]) | numbers


def _wrapped(inner: st.SearchStrategy) -> st.SearchStrategy:
    smooth = [
        sp.exp, sp.tanh, sp.sinh, sp.cosh, sp.sin, sp.cos, lambda e: e**2, lambda e: e**3,
        lambda e: 1 / (1 + sp.exp(-e)), lambda e: 1 / (1 + e**2), lambda e: sp.sqrt(1 + e**2),
        lambda e: sp.log(1 + e**2), lambda e: sp.log(1 + sp.exp(e)), sp.atan,
    ]  # fmt: skip
    bent = [sp.Abs, lambda e: sp.Max(0, e), lambda e: sp.Piecewise((e, e > 0), (e / 4, True))]
    one = st.builds(lambda f, e: f(e), st.sampled_from(smooth + bent), inner)
    two = st.builds(lambda f, a, b: f(a, b), st.sampled_from([sp.Add, sp.Mul]), inner, inner)
    return one | two | two


expressions = st.recursive(leaves, _wrapped, max_leaves=4).filter(
    lambda e: (
        e.free_symbols
        and sp.count_ops(e) < 30
        and height(e) <= 3  # what stands above has more digits than a computer holds
        and not e.has(sp.nan, sp.zoo, sp.oo)
    )
)


def _absorbed(e: sp.Expr) -> sp.Expr:
    return e.replace(
        lambda node: isinstance(node, sp.Max) and len(node.args) == 2,
        lambda node: (node.args[0] + node.args[1] + sp.Abs(node.args[0] - node.args[1])) / 2,
    )


REWRITINGS: list[Callable[[sp.Expr], sp.Expr]] = [
    sp.expand,
    lambda e: sp.factor(e),
    sp.together,
    lambda e: (
        sp.expand_trig(e)
        if e.has(sp.sin, sp.cos)
        else e.rewrite((sp.sinh, sp.cosh, sp.tanh), sp.exp)
    ),
    lambda e: sp.expand(e * (sp.sin(x) ** 2 + sp.cos(x) ** 2)),
    lambda e: sp.expand(e * (sp.cosh(y) ** 2 - sp.sinh(y) ** 2)),
    lambda e: e + sp.log(p) + sp.log(q) - sp.log(p * q, evaluate=False),
    _absorbed,
    lambda e: e + sp.Abs(x) - sp.Max(x, -x),
    lambda e: (e * (1 + sp.exp(x)) - e * sp.exp(x)).expand(),
    lambda e: sp.expand((e + p) ** 2) - e**2 - 2 * e * p + e - p**2,
    lambda e: e + sp.tanh(x) - 1 + 2 / (sp.exp(2 * x) + 1),
]


@dataclass(frozen=True)
class Pair:
    """A left side, a right side equal to it, and a right side that may be false."""

    left: sp.Expr
    right: sp.Expr
    wrong: sp.Expr
    mutation: str


def _nodes(e: sp.Expr) -> list[sp.Expr]:
    return [
        node for node in sp.preorder_traversal(e)
        if isinstance(node, sp.Expr) and not node.is_Relational
    ]  # fmt: skip


def mutate(e: sp.Expr, kind: str, pick: int) -> sp.Expr:
    """Change the sign, a factor, an exponent, an argument or a term somewhere in a formula."""
    nodes = _nodes(e)
    if kind == "dropped term":
        nodes = [node for node in nodes if isinstance(node, sp.Add)] or nodes
    elif kind == "exponent":
        nodes = [node for node in nodes if isinstance(node, sp.Pow)] or nodes
    node = nodes[pick % len(nodes)]
    changed = {
        "sign": lambda: -node,
        "factor": lambda: 2 * node,
        "small factor": lambda: node * (1 + sp.Rational(1, 10**9)),
        "exponent": lambda: node.base ** (node.exp + 1) if isinstance(node, sp.Pow) else node**2,
        "dropped term": lambda: (
            node - node.args[pick % len(node.args)] if isinstance(node, sp.Add) else sp.S.Zero
        ),
        "shift": lambda: node + sp.Rational(1, 10**30),
        "absolute value": lambda: sp.Abs(node),
        "other symbol": lambda: node.xreplace({x: y, p: q}),
    }[kind]()
    return e.xreplace({node: changed})


KINDS = ("sign", "factor", "small factor", "exponent", "dropped term", "shift", "absolute value",
         "other symbol")  # fmt: skip


@st.composite
def pairs(draw: st.DrawFn) -> Pair:
    """Draw a pair of equal expressions, and a mutation of the right one."""
    left = draw(expressions)
    right = draw(st.sampled_from(REWRITINGS))(left)
    kind = draw(st.sampled_from(KINDS))
    wrong = mutate(right, kind, draw(st.integers(0, 40)))
    return Pair(left, right, wrong, kind)


def differs(
    left: sp.Expr, right: sp.Expr, allowed: Callable[[sp.Symbol, mpmath.mpf], bool] | None = None
) -> bool | None:
    """Compare two expressions by mpmath alone; None if their values cannot be told apart or found.

    Sixty points; the first ones are small numbers of either sign, where kinks and cases show.
    """
    symbols = sorted(left.free_symbols | right.free_symbols, key=str)
    with mpmath.workdps(80):
        functions = [sp.lambdify(symbols, side, "mpmath") for side in (left, right)]
        state = mpmath.mpf("0.2871")
        seen = False
        for trial in range(60):
            values = []
            for symbol in symbols:
                state = (state * 997 + mpmath.mpf("0.123")) % 1
                value = 4 * state if trial % 2 else 8 * state**3
                if symbol.is_integer:
                    value = mpmath.mpf(int(value) + 1)
                elif not symbol.is_positive and int(state * 1000) % 2:
                    value = -value
                values.append(value + (0 if symbol.is_integer else mpmath.mpf(10) ** -9))
            try:
                one, other = (mpmath.mpmathify(f(*values)) for f in functions)
            except (ZeroDivisionError, ValueError, OverflowError, TypeError):
                continue
            if not mpmath.isfinite(one) or not mpmath.isfinite(other):
                continue
            seen = True
            if abs(one - other) > mpmath.mpf(10) ** -60 * (1 + abs(one)):
                return True
    return False if seen else None
