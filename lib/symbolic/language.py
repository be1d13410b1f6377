"""What may stand in a line: exact real numbers and matrices, with names that differ in print."""

from collections.abc import Iterable, MutableMapping

import sympy as sp
from sympy.calculus.accumulationbounds import AccumulationBounds
from sympy.core.function import AppliedUndef, UndefinedFunction
from sympy.core.relational import Relational
from sympy.logic.boolalg import BooleanAtom, BooleanFunction

from lib.symbolic.normal import height
from lib.symbolic.trust import NotProved

_HIGHEST = 4  # exponentials, powers or waves inside each other

_TRIGONOMETRIC = (sp.sin, sp.cos, sp.tan, sp.cot, sp.sec, sp.csc)
_INVERSE = (sp.asin, sp.acos, sp.atan, sp.acot)
_HYPERBOLIC = (sp.sinh, sp.cosh, sp.tanh, sp.coth, sp.sech, sp.csch)
_INVERSE_HYPERBOLIC = (sp.asinh, sp.acosh, sp.atanh, sp.acoth)
_SPECIAL = (sp.erf, sp.erfc, sp.gamma, sp.loggamma, sp.factorial, sp.binomial, sp.LambertW)
_BENT = (sp.Abs, sp.sign, sp.Heaviside, sp.Max, sp.Min, sp.floor, sp.ceiling)
FUNCTIONS = (
    sp.exp, sp.log, *_TRIGONOMETRIC, *_INVERSE, *_HYPERBOLIC, *_INVERSE_HYPERBOLIC,
    *_SPECIAL, *_BENT,
)  # fmt: skip
_STRUCTURE = (
    sp.Add, sp.Mul, sp.Pow, sp.Piecewise, sp.functions.elementary.piecewise.ExprCondPair,
    sp.Derivative, sp.Integral, sp.Sum, sp.Product, sp.Limit, sp.Subs, sp.Lambda, sp.Tuple,
    sp.Symbol, sp.Number, sp.NumberSymbol, sp.Set, Relational, BooleanAtom, BooleanFunction,
    AppliedUndef, sp.core.symbol.Str, sp.Trace,
)  # fmt: skip
_MATRICES = (
    sp.MatrixBase, sp.MatrixSymbol, sp.MatAdd, sp.MatMul, sp.Transpose, sp.Identity, sp.ZeroMatrix,
    sp.OneMatrix, sp.HadamardProduct, sp.MatPow, sp.matrices.expressions.matexpr.MatrixElement,
    sp.matrices.expressions.diagonal.DiagMatrix, sp.DiagonalMatrix,
)  # fmt: skip
_PRINTED_AS_KNOWN = {"pi", r"\pi", "E", "oo", "I", r"\infty"}


def admit(expressions: Iterable[sp.Basic], names: MutableMapping[str, sp.Basic]) -> None:
    """Raise `NotProved` if an expression holds something that the rules do not cover.

    Parameters
    ----------
    expressions : iterable of sympy.Basic
    names : mapping of str to sympy.Basic
        What each printed name stands for so far; new names are added.
    """
    for expression in expressions:
        unseen = _unseen(expression)
        for node in sp.preorder_traversal(expression):
            _admit_node(node)
            if node not in unseen:
                _admit_name(node, names)
        _admit_infinity(expression)
        if height(expression) > _HIGHEST:
            raise NotProved("a tower of so many exponentials is not covered by the rules")


def _unseen(expression: sp.Basic) -> set[sp.Basic]:
    """Return nameless variables of substitutions, which are not displayed."""
    return {
        variable
        for node in expression.atoms(sp.Subs)
        for variable in node.variables
        if isinstance(variable, sp.Dummy)
    }


def _admit_node(node: object) -> None:
    if not isinstance(node, sp.Basic | sp.MatrixBase):
        return
    if isinstance(node, sp.Float):
        raise NotProved(
            f"{node} is a rounded number; write an exact one, such as sp.Rational(1, 3)"
        )
    if node in (sp.nan, sp.zoo) or isinstance(node, AccumulationBounds):
        raise NotProved(f"{node} is no number")
    if node == sp.I:
        raise NotProved("the imaginary unit: these steps are for real numbers only")
    if isinstance(node, sp.Symbol) and not isinstance(node, sp.Dummy):
        if node.is_commutative is False:
            raise NotProved(f"{node} does not commute: use sp.MatrixSymbol for a matrix")
        if node.is_real is False or (node.is_complex and node.is_real is None):
            raise NotProved(f"{node} is not declared real: these steps are for real numbers only")
        if node.is_finite is False:
            raise NotProved(f"{node} is declared infinite")
    if isinstance(node, AppliedUndef) and node.func.is_commutative is False:
        raise NotProved(f"{node} does not commute")
    if isinstance(node, sp.Function) and not isinstance(node, AppliedUndef | sp.Piecewise):
        if not isinstance(node, FUNCTIONS):
            raise NotProved(f"the function {node.func.__name__} is not covered by the rules")
        if isinstance(node, sp.LambertW) and len(node.args) > 1 and node.args[1] not in (0, -1):
            raise NotProved(f"{node} is not real")
    elif isinstance(node, sp.MatrixExpr) and not isinstance(node, _MATRICES):
        raise NotProved(f"matrices of the kind {node.func.__name__} are not covered by the rules")
    elif not isinstance(node, (*_STRUCTURE, *_MATRICES, *FUNCTIONS)) and node not in (
        sp.oo, -sp.oo, sp.E, sp.S.true, sp.S.false,
    ):  # fmt: skip
        raise NotProved(f"{node.func.__name__} is not covered by the rules")


def _admit_name(node: object, names: MutableMapping[str, sp.Basic]) -> None:
    if isinstance(node, sp.MatrixSymbol):
        key, meaning = sp.latex(node), node
    elif isinstance(node, sp.Symbol):
        key, meaning = sp.latex(node), node
    elif isinstance(node, AppliedUndef):
        key, meaning = f"{node.func.__name__}( )", node.func
        if isinstance(getattr(sp, node.func.__name__, None), sp.FunctionClass) and not isinstance(
            getattr(sp, node.func.__name__), UndefinedFunction
        ):
            raise NotProved(f"a function called {node.func.__name__} would print like SymPy's own")
    else:
        return
    if isinstance(node, sp.Symbol) and node.name in _PRINTED_AS_KNOWN:
        raise NotProved(f"a symbol called {node.name} would print like the number")
    known = names.setdefault(key, meaning)
    if known != meaning:
        raise NotProved(f"two different things print as {key.removesuffix('( )')}; rename one")


def _admit_infinity(expression: sp.Basic) -> None:
    """Infinity is a bound, an end of a set, or a whole side; it is no number to compute with."""
    if expression in (sp.oo, -sp.oo):
        return
    for node in sp.preorder_traversal(expression):
        if isinstance(node, sp.Add | sp.Mul | sp.Pow | sp.Function | Relational) and (
            sp.oo in node.args or -sp.oo in node.args
        ):
            raise NotProved(f"infinity is no number to compute with, in {node}")
