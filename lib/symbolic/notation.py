"""Plain notation: text such as ``"sigma(x)*(1 - sigma(x))"``, read once, checked and displayed.

The text is parsed by `ast`, never evaluated as Python. Every node of the tree gives two things: the
SymPy object that is checked, and the LaTeX that is displayed, in the author's order and grouping.
"""

import ast
from collections.abc import Iterable, Mapping
from typing import Any

import sympy as sp

from lib.symbolic.parts import CONSTANTS, DISPLAY, FUNCTIONS, SPECIAL, Form, NotationError
from lib.symbolic.printing import name_of
from lib.symbolic.special import Reader

__all__ = [
    "CONSTANTS",
    "FUNCTIONS",
    "SPECIAL",
    "Form",
    "NotationError",
    "named",
    "read",
    "split_relation",
]


def named(names: Mapping[str, Any] | Iterable[Any] | None) -> dict[str, Any]:
    """Return names and what they stand for, from a mapping or from the things themselves."""
    if names is None:
        return {}
    if isinstance(names, Mapping):
        for name, known in names.items():
            name_of(known)
            if not isinstance(name, str) or not name.isidentifier():
                raise TypeError(f"names must be Python identifiers; got {name!r}")
        return dict(names)
    if isinstance(names, str):
        raise TypeError(f"names are symbols and functions, not text; got {names!r}")
    return {name_of(known): known for known in names}


def read(text: str, names: Mapping[str, Any], shown: Mapping[str, Any] | None = None) -> Form:
    r"""Read a formula in plain notation.

    Numbers, names, ``+ - * / **`` and brackets mean what they mean in Python; numbers are whole,
    and quotients of them exact. ``a/b*c`` is a fraction times ``c``, ``a*c/b`` one fraction. The
    functions are ``exp``, ``log``, ``sqrt``, ``Abs``, ``Max``, ``tanh`` and the like; besides there
    are ``Derivative(f(x), x)``, ``Integral(f(x), (x, a, b))``, ``Sum(f(k), (k, 1, n))`` and
    ``Product`` likewise, ``Limit(f(x), x, 0, '+')`` (from both sides without a direction),
    ``Piecewise((x, x > 0), (0, True))``, ``A.T``, and ``phi_prime(h)`` for the derivative of a
    function ``phi`` at a place.

    Parameters
    ----------
    text : str
        A formula.
    names : mapping of str to SymPy symbols and functions
        What the names in the text stand for, besides SymPy's functions.
    shown : mapping of str to (SymPy expression, LaTeX), optional
        Names that are displayed as a symbol and stand for a whole expression.

    Returns
    -------
    Form

    Raises
    ------
    NotationError
        If the text is no formula of this notation, or a name in it is not known.

    Examples
    --------
    >>> x = sp.Symbol("x", real=True)
    >>> sigma = sp.Function("sigma")
    >>> form = read("sigma(x)*(1 - sigma(x))", {"x": x, "sigma": sigma})
    >>> print(form.latex)
    \sigma(x)\,(1 - \sigma(x))
    >>> form.expression
    (1 - sigma(x))*sigma(x)
    >>> print(read("-1/(1 + x)**2", {"x": x}).latex)
    -\frac{1}{(1 + x)^{2}}
    """
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError) as failure:
        hint = "; lambda is a word of Python, name it lam" if "lambda" in text else ""
        raise NotationError(f"not a formula: {text!r}{hint}") from failure
    reader = Reader(text, names, shown or {})
    part = reader.part(tree)
    if not isinstance(part.value, sp.Basic | sp.MatrixBase):
        raise NotationError(f"not a formula: {text!r}")
    if part.value.has(sp.nan, sp.zoo):
        raise NotationError(f"{text!r} divides by zero")
    return Form(part.value, part.shown(DISPLAY), text.strip(), tuple(reader.parts))


def split_relation(text: str) -> tuple[str, str, str]:
    """Split a statement such as ``"a <= b"`` into its sides and its relation."""
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError) as failure:
        raise NotationError(f"not a statement: {text!r}") from failure
    if not isinstance(tree, ast.Compare) or len(tree.ops) != 1:
        raise NotationError(f"a statement has one relation, as in 'a <= b'; got {text!r}")
    signs: dict[type, str] = {
        ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "="
    }  # fmt: skip
    if type(tree.ops[0]) not in signs:
        raise NotationError(f"the relations are < <= > >= and ==; got {text!r}")
    left, right = (
        ast.get_source_segment(text.strip(), n) for n in (tree.left, tree.comparators[0])
    )
    return str(left), signs[type(tree.ops[0])], str(right)
