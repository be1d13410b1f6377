"""Plain notation: text such as ``"sigma(x)*(1 - sigma(x))"``, read once, checked and displayed.

The text is parsed by `ast`, never evaluated as Python. Every node of the tree gives two things: the
SymPy object that is checked, and the LaTeX that is displayed, in the author's order and grouping.
"""

import ast
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sympy as sp
from sympy.core.function import UndefinedFunction

from lib.symbolic.printing import bracket, is_tall, latex_of_name, name_of, piecewise
from lib.symbolic.widths import width

# How strongly the outermost sign of a formula binds; a weaker one inside a stronger needs brackets.
RELATION, SUM, NEGATIVE, OPERATOR, PRODUCT, QUOTIENT, POWER, CALL, ATOM = range(9)

CLOSED, OPEN_TO_FACTORS, OPEN_TO_TERMS = range(3)  # d/dx f(x), and a sum over f(x), have no end

DISPLAY, NESTED, SCRIPT = "display", "nested", "script"  # where a fraction stands

_LONG_EXPONENT = 9  # em; what is longer is set after "exp" instead of as a power of e

CONSTANTS: dict[str, tuple[sp.Basic, str]] = {
    "oo": (sp.oo, r"\infty"),
    "pi": (sp.pi, r"\pi"),
    "E": (sp.E, "e"),
}
FUNCTIONS: dict[str, tuple[Callable[..., sp.Basic], str]] = {
    "log": (sp.log, r"\ln"),
    "ln": (sp.log, r"\ln"),
    "sin": (sp.sin, r"\sin"),
    "cos": (sp.cos, r"\cos"),
    "tan": (sp.tan, r"\tan"),
    "asin": (sp.asin, r"\arcsin"),
    "acos": (sp.acos, r"\arccos"),
    "atan": (sp.atan, r"\arctan"),
    "sinh": (sp.sinh, r"\sinh"),
    "cosh": (sp.cosh, r"\cosh"),
    "tanh": (sp.tanh, r"\tanh"),
    "asinh": (sp.asinh, r"\operatorname{arsinh}"),
    "acosh": (sp.acosh, r"\operatorname{arcosh}"),
    "atanh": (sp.atanh, r"\operatorname{artanh}"),
    "Max": (sp.Max, r"\max"),
    "Min": (sp.Min, r"\min"),
    "sign": (sp.sign, r"\operatorname{sign}"),
    "erf": (sp.erf, r"\operatorname{erf}"),
    "erfc": (sp.erfc, r"\operatorname{erfc}"),
    "Heaviside": (sp.Heaviside, r"\theta"),
    "LambertW": (sp.LambertW, "W"),
}
_POWERED_NAMES = {r"\sin", r"\cos", r"\tan", r"\sinh", r"\cosh", r"\tanh"}
_RELATIONS: dict[type, tuple[Callable[..., sp.Basic], str]] = {
    ast.Lt: (sp.Lt, "<"),
    ast.LtE: (sp.Le, r"\le"),
    ast.Gt: (sp.Gt, ">"),
    ast.GtE: (sp.Ge, r"\ge"),
    ast.Eq: (sp.Eq, "="),
    ast.NotEq: (sp.Ne, r"\ne"),
}
_WITH_OWN_VARIABLES = {"Piecewise", "Integral", "Limit", "Sum", "Product", "Subs"}
SPECIAL = ("exp", "sqrt", "Abs", "factorial", "Piecewise", "Derivative", "Integral", "Limit", "Sum",
           "Product", "Subs", "transpose")  # fmt: skip


class NotationError(ValueError):
    """A text that is no formula, or that names what is not known."""


@dataclass(frozen=True)
class Form:
    """A formula: the SymPy object that is checked, and the LaTeX that is displayed.

    Attributes
    ----------
    expression : sympy.Basic
        What the formula is, for the prover.
    latex : str
        How it is displayed.
    text : str
        How it was written.
    parts : tuple of sympy.Basic
        Everything that was written and has to be defined, before anything cancels.
    """

    expression: sp.Basic
    latex: str
    text: str
    parts: tuple[sp.Basic, ...] = ()

    def __str__(self) -> str:
        """Return the formula as it was written."""
        return self.text


@dataclass(frozen=True)
class _Part:
    """A node of the tree: its value, its LaTeX by the place where it stands, and how it binds."""

    value: Any
    shown: Callable[[str], str]
    level: int
    number: bool = False  # begins with a digit, so that a product needs a dot before it
    ends: int = CLOSED  # what would seem to belong to it if it followed
    call: str = ""  # the name of the function, if this is a call
    slash: Callable[[str], bool] = lambda place: False  # whether it ends in a quotient with a slash

    def at(self, place: str, above: int) -> str:
        """LaTeX in brackets, unless it binds more strongly than ``above``."""
        latex = self.shown(place)
        return latex if self.level > above else bracket(latex)

    def factor(self, place: str, above: int) -> str:
        """LaTeX beside another factor: a quotient with a slash needs brackets there."""
        return bracket(self.shown(place)) if self.slash(place) else self.at(place, above)


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
    reader = _Reader(text, names, shown or {})
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


def _fixed(latex: str) -> Callable[[str], str]:
    return lambda place: latex


class _Reader:
    """Walks a syntax tree from the leaves up."""

    def __init__(self, text: str, names: Mapping[str, Any], shown: Mapping[str, Any]) -> None:
        self.text, self.names, self.shown = text, names, shown
        self.parts: list[sp.Basic] = []

    def refuse(self, node: ast.AST, why: str) -> NotationError:
        piece = ast.get_source_segment(self.text.strip(), node) or self.text
        return NotationError(f"{piece!r} in {self.text!r}: {why}")

    def part(self, node: ast.AST) -> _Part:
        read_node = getattr(self, f"_{type(node).__name__.lower()}", None)
        if read_node is None:
            raise self.refuse(node, f"{type(node).__name__} is not part of the notation")
        before = len(self.parts)
        part: _Part = read_node(node)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in _WITH_OWN_VARIABLES:
            del self.parts[before:]  # they hold for some values of a variable of its own only
        elif isinstance(node, ast.BinOp | ast.Call) and isinstance(part.value, sp.Expr):
            self.parts.append(part.value)
        return part

    def _constant(self, node: ast.Constant) -> _Part:
        if type(node.value) is not int:
            raise self.refuse(node, "numbers are whole, and quotients of them exact, as in 1/4")
        return _Part(sp.Integer(node.value), _fixed(str(node.value)), ATOM, number=True)

    def _name(self, node: ast.Name) -> _Part:
        if node.id in self.shown:
            value, latex = self.shown[node.id]
            return _Part(value, _fixed(latex), ATOM)
        if node.id in self.names:
            known = self.names[node.id]
            if isinstance(known, UndefinedFunction):
                raise self.refuse(node, f"{node.id} is a function and needs its argument")
            return _Part(known, _fixed(latex_of_name(name_of(known))), ATOM)
        if node.id in CONSTANTS:
            value, latex = CONSTANTS[node.id]
            return _Part(value, _fixed(latex), ATOM)
        raise self.refuse(node, f"the name {node.id} is not known; known are {self._known()}")

    def _known(self) -> str:
        given = ", ".join(sorted({*self.names, *self.shown})) or "no names"
        return f"{given} (and {', '.join([*FUNCTIONS, *SPECIAL, *CONSTANTS])})"

    def _unaryop(self, node: ast.UnaryOp) -> _Part:
        if not isinstance(node.op, ast.USub):
            raise self.refuse(node, "the only sign before a term is the minus")
        inner = self.part(node.operand)
        return _Part(
            -inner.value,
            lambda place: f"-{inner.at(place, NEGATIVE)}",
            NEGATIVE,
            ends=inner.ends,
            slash=inner.slash,
        )

    def _binop(self, node: ast.BinOp) -> _Part:
        if isinstance(node.op, ast.BitXor):
            raise self.refuse(node, "a power is written with **")
        left, right = self.part(node.left), self.part(node.right)
        if isinstance(node.op, ast.Add | ast.Sub):
            return self._sum(left, right, isinstance(node.op, ast.Add))
        if isinstance(node.op, ast.Mult | ast.MatMult):
            return self._product(left, right)
        if isinstance(node.op, ast.Div):
            return self._quotient(left, right)
        if isinstance(node.op, ast.Pow):
            return self._power(left, right)
        raise self.refuse(node, "the operations are + - * / and **")

    def _sum(self, left: _Part, right: _Part, plus: bool) -> _Part:
        def shown(place: str) -> str:
            ends = left.ends == OPEN_TO_TERMS
            first = bracket(left.shown(place)) if ends else left.at(place, RELATION)
            return f"{first} {'+' if plus else '-'} {right.at(place, NEGATIVE)}"

        value = left.value + right.value if plus else left.value - right.value
        return _Part(value, shown, SUM, ends=right.ends)

    def _product(self, left: _Part, right: _Part) -> _Part:
        def shown(place: str) -> str:
            leading = SUM if left.level == NEGATIVE else OPERATOR
            first = bracket(left.shown(place)) if left.ends else left.factor(place, leading)
            if first.startswith(r"\int"):
                first = bracket(first)
            # A product on the right was grouped by its author: only there can it be one.
            second = right.factor(place, PRODUCT if right.level != OPERATOR else SUM)
            if re.match(r"[0-9]|\\t?frac\{[0-9]", second) and (
                right.number or re.search(r"[0-9}]$", first)
            ):
                return rf"{first} \cdot {second}"
            return f"{first}{_gap(first, second)}{second}"

        return _Part(
            left.value * right.value,
            shown,
            NEGATIVE if left.level == NEGATIVE else PRODUCT,
            number=left.number,
            ends=right.ends,
        )

    def _quotient(self, left: _Part, right: _Part) -> _Part:
        numeric = left.value.is_Integer and right.value.is_Integer

        def shown(place: str) -> str:
            above = left.shown(NESTED if place == DISPLAY else place)
            sign = "-" if left.level == NEGATIVE and above.startswith("-") else ""
            above = above[len(sign) :]
            if slash(place):
                grouped = left.level <= SUM or left.ends or left.slash(place)
                top = bracket(above) if grouped else above
                return f"{sign}{top}/{right.factor(place, QUOTIENT)}"
            if place == NESTED:
                return rf"{sign}\tfrac{{{above}}}{{{right.shown(place)}}}"
            return rf"{sign}\frac{{{above}}}{{{right.shown(NESTED)}}}"

        def slash(place: str) -> bool:
            return place == SCRIPT or (place == NESTED and not numeric)

        level = NEGATIVE if left.level == NEGATIVE else QUOTIENT
        self.parts.append(sp.Pow(right.value, -1, evaluate=False))
        return _Part(left.value / right.value, shown, level, number=bool(numeric), slash=slash)

    def _power(self, base: _Part, exponent: _Part) -> _Part:
        def shown(place: str) -> str:
            raised = exponent.shown(SCRIPT)
            whole = base.shown(place)
            if base.call in _POWERED_NAMES and exponent.value.is_Integer and exponent.value > 0:
                return f"{base.call}^{{{raised}}}{whole[len(base.call) :]}"
            plain = base.level >= CALL and not re.search(r"['^]", whole.split("(")[0])
            if base.call in {latex for _, latex in FUNCTIONS.values()} - {r"\max", r"\min"}:
                plain = False
            return f"{whole if plain else bracket(whole)}^{{{raised}}}"

        if exponent.value.is_negative:
            self.parts.append(sp.Pow(base.value, -1, evaluate=False))
        return _Part(base.value**exponent.value, shown, POWER, number=base.number)

    def _compare(self, node: ast.Compare) -> _Part:
        sides = [self.part(side) for side in (node.left, *node.comparators)]
        signs = []
        for sign in node.ops:
            if type(sign) not in _RELATIONS:
                raise self.refuse(node, "the relations are < <= > >= == and !=")
            signs.append(_RELATIONS[type(sign)])
        values = [
            make(a.value, b.value, evaluate=False)
            for (make, _), a, b in zip(signs, sides, sides[1:], strict=False)
        ]

        def shown(place: str) -> str:
            rest = zip(signs, sides[1:], strict=True)
            return sides[0].shown(place) + "".join(
                f" {latex} {side.shown(place)}" for (_, latex), side in rest
            )

        return _Part(values[0] if len(values) == 1 else sp.And(*values), shown, RELATION)

    def _boolop(self, node: ast.BoolOp) -> _Part:
        parts = [self.part(value) for value in node.values]
        both = isinstance(node.op, ast.And)
        word = r"\text{ and }" if both else r"\text{ or }"
        value = (sp.And if both else sp.Or)(*(part.value for part in parts))
        return _Part(value, lambda place: word.join(p.shown(place) for p in parts), RELATION)

    def _subscript(self, node: ast.Subscript) -> _Part:
        family = self.part(node.value)
        if not isinstance(family.value, sp.IndexedBase):
            raise self.refuse(node, "only an indexed family (sympy.IndexedBase) has an index")
        indices = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        parts = [self.part(index) for index in indices]

        def shown(place: str) -> str:
            return f"{family.shown(place)}_{{{', '.join(p.shown(SCRIPT) for p in parts)}}}"

        return _Part(family.value[tuple(p.value for p in parts)], shown, ATOM)

    def _attribute(self, node: ast.Attribute) -> _Part:
        if node.attr != "T":
            raise self.refuse(node, "the only attribute is .T, the transpose")
        return self._transpose(self.part(node.value))

    def _transpose(self, matrix: _Part) -> _Part:
        def shown(place: str) -> str:
            return rf"{matrix.at(place, POWER)}^{{\mathsf T}}"

        return _Part(sp.transpose(matrix.value), shown, POWER)

    def _call(self, node: ast.Call) -> _Part:
        if not isinstance(node.func, ast.Name) or node.keywords:
            raise self.refuse(node, "a function is called by its name, without keywords")
        name = node.func.id
        if name in self.names:
            known = self.names[name]
            if not isinstance(known, UndefinedFunction):
                raise self.refuse(node, f"{name} is no function; write the product with *")
            return self._applied(known, latex_of_name(name_of(known)), node)
        stem = name.removesuffix("_prime")
        if stem != name and (stem in self.names or stem in FUNCTIONS):
            return self._slope_of(stem, node)
        special = getattr(self, f"_of_{name.lower()}", None) if name in SPECIAL else None
        if special is not None:
            part: _Part = special(node)
            return part
        if name in FUNCTIONS:
            function, latex = FUNCTIONS[name]
            return self._applied(function, latex, node)
        raise self.refuse(node, f"the name {name} is not known; known are {self._known()}")

    def _applied(self, function: Callable[..., sp.Basic], latex: str, node: ast.Call) -> _Part:
        parts = [self.part(argument) for argument in node.args]

        def shown(place: str) -> str:
            return latex + bracket(", ".join(part.shown(place) for part in parts))

        try:
            value = function(*(part.value for part in parts))
        except (TypeError, ValueError) as failure:
            raise self.refuse(node, str(failure)) from failure
        return _Part(value, shown, CALL, call=latex)

    def _slope_of(self, stem: str, node: ast.Call) -> _Part:
        """``phi_prime(h)``: the derivative of a function, at a place."""
        known = self.names.get(stem)
        if known is not None and not isinstance(known, UndefinedFunction):
            raise self.refuse(node, f"{stem} is no function")
        function, latex = (known, latex_of_name(name_of(known))) if known else FUNCTIONS[stem]
        (place_part,) = self._arguments(node, 1)
        slot = sp.Dummy("u", real=True)
        slope = sp.Subs(sp.Derivative(function(slot), slot), slot, place_part.value)
        return _Part(
            slope,
            lambda place: f"{latex}'{bracket(place_part.shown(place))}",
            CALL,
            call=latex + "'",
        )

    def _arguments(self, node: ast.Call, count: int) -> list[_Part]:
        if len(node.args) != count:
            raise self.refuse(node, f"takes {count} argument{'s' * (count > 1)}")
        return [self.part(argument) for argument in node.args]

    def _of_exp(self, node: ast.Call) -> _Part:
        (inner,) = self._arguments(node, 1)

        def powered() -> bool:
            raised = inner.shown(SCRIPT)
            return not is_tall(raised) and width(raised) <= _LONG_EXPONENT

        def shown(place: str) -> str:
            if powered():
                return f"e^{{{inner.shown(SCRIPT)}}}"
            return rf"\exp{bracket(inner.shown(place))}"

        return _Part(sp.exp(inner.value), shown, POWER if powered() else CALL)

    def _of_sqrt(self, node: ast.Call) -> _Part:
        (inner,) = self._arguments(node, 1)
        return _Part(
            sp.sqrt(inner.value),
            lambda place: rf"\sqrt{{{inner.shown(place)}}}",
            CALL,
        )

    def _of_abs(self, node: ast.Call) -> _Part:
        (inner,) = self._arguments(node, 1)

        def shown(place: str) -> str:
            latex = inner.shown(place)
            return rf"\left|{latex}\right|" if is_tall(latex) else rf"\lvert {latex} \rvert"

        return _Part(sp.Abs(inner.value), shown, CALL)

    def _of_factorial(self, node: ast.Call) -> _Part:
        (inner,) = self._arguments(node, 1)
        return _Part(sp.factorial(inner.value), lambda place: f"{inner.at(place, CALL)}!", CALL)

    def _of_transpose(self, node: ast.Call) -> _Part:
        return self._transpose(*self._arguments(node, 1))

    def _of_piecewise(self, node: ast.Call) -> _Part:
        rows = []
        for argument in node.args:
            if not isinstance(argument, ast.Tuple) or len(argument.elts) != 2:
                raise self.refuse(node, "Piecewise takes pairs (value, condition)")
            value, condition = argument.elts
            otherwise = isinstance(condition, ast.Constant) and condition.value is True
            rows.append((self.part(value), None if otherwise else self.part(condition)))

        def shown(place: str) -> str:
            return piecewise(
                [
                    (value.shown(NESTED), None if when is None else when.shown(NESTED))
                    for value, when in rows
                ]
            )

        value = sp.Piecewise(*((v.value, True if c is None else c.value) for v, c in rows))
        return _Part(value, shown, OPERATOR, ends=OPEN_TO_TERMS)

    def _of_derivative(self, node: ast.Call) -> _Part:
        if len(node.args) < 2:
            raise self.refuse(node, "takes an expression and the variable")
        inner = self.part(node.args[0])
        steps = []
        for argument in node.args[1:]:
            pair = argument.elts if isinstance(argument, ast.Tuple) else [argument]
            count = self.part(pair[1]).value if len(pair) == 2 else sp.Integer(1)
            steps.append((self._variable(pair[0]), count))
        total = sum(count for _, count in steps)
        value = sp.Derivative(inner.value, *((v.value, c) for v, c in steps))
        partial = len(inner.value.free_symbols | {v.value for v, _ in steps}) > 1
        d = r"\partial" if partial else "d"

        def shown(place: str) -> str:
            power = f"^{{{total}}}" if total != 1 else ""
            below = r"\,".join(
                f"{d} {v.shown(SCRIPT)}" + (f"^{{{c}}}" if c != 1 else "") for v, c in steps
            )
            if inner.level == ATOM:
                return rf"\frac{{{d}{power} {inner.shown(NESTED)}}}{{{below}}}"
            body = inner.at(place, PRODUCT)
            return rf"\frac{{{d}{power}}}{{{below}}} {body}"

        if inner.level == ATOM:
            return _Part(value, shown, ATOM)
        return _Part(value, shown, OPERATOR, ends=OPEN_TO_FACTORS)

    def _variable(self, node: ast.AST) -> _Part:
        variable = self.part(node)
        if not isinstance(variable.value, sp.Symbol):
            raise self.refuse(node, "must be a symbol")
        return variable

    def _limits(self, node: ast.Call) -> list[tuple[_Part, _Part, _Part]]:
        found = []
        for argument in node.args[1:]:
            if not isinstance(argument, ast.Tuple) or len(argument.elts) != 3:
                raise self.refuse(node, "takes ranges such as (z, -oo, oo)")
            symbol, low, high = argument.elts
            found.append((self._variable(symbol), self.part(low), self.part(high)))
        if not found:
            raise self.refuse(node, "takes an expression and ranges such as (z, -oo, oo)")
        return found

    def _of_integral(self, node: ast.Call) -> _Part:
        inner, limits = self.part(node.args[0]), self._limits(node)

        def shown(place: str) -> str:
            signs = "".join(
                rf"\int_{{{low.shown(SCRIPT)}}}^{{{high.shown(SCRIPT)}}} "
                for _, low, high in reversed(limits)
            )
            ends = "".join(rf"\,d{symbol.shown(SCRIPT)}" for symbol, _, _ in limits)
            return f"{signs}{inner.at(place, SUM)}{ends}"

        value = sp.Integral(inner.value, *(tuple(p.value for p in limit) for limit in limits))
        return _Part(value, shown, QUOTIENT)

    def _of_sum(self, node: ast.Call) -> _Part:
        return self._series(node, sp.Sum, r"\sum")

    def _of_product(self, node: ast.Call) -> _Part:
        return self._series(node, sp.Product, r"\prod")

    def _series(self, node: ast.Call, make: Callable[..., sp.Basic], sign: str) -> _Part:
        inner, limits = self.part(node.args[0]), self._limits(node)

        def shown(place: str) -> str:
            signs = "".join(
                rf"{sign}_{{{index.shown(SCRIPT)} = {low.shown(SCRIPT)}}}^{{{high.shown(SCRIPT)}}} "
                for index, low, high in reversed(limits)
            )
            return f"{signs}{inner.at(place, SUM)}"

        value = make(inner.value, *(tuple(p.value for p in limit) for limit in limits))
        return _Part(value, shown, OPERATOR, ends=OPEN_TO_TERMS)

    def _of_limit(self, node: ast.Call) -> _Part:
        if len(node.args) not in (3, 4):
            raise self.refuse(node, "takes an expression, a symbol, a place, perhaps a direction")
        inner, symbol = self.part(node.args[0]), self._variable(node.args[1])
        target, direction = self.part(node.args[2]), "+-"
        if len(node.args) == 4:
            given = node.args[3]
            if not isinstance(given, ast.Constant) or given.value not in ("+", "-", "+-"):
                raise self.refuse(given, "a direction is '+', '-' or '+-'")
            direction = str(given.value)
        if target.value in (sp.oo, -sp.oo):
            direction = "-" if target.value == sp.oo else "+"
        side = {"+": "^{+}", "-": "^{-}", "+-": ""}[direction]
        side = "" if target.value in (sp.oo, -sp.oo) else side

        def shown(place: str) -> str:
            at = rf"{symbol.shown(SCRIPT)} \to {target.shown(SCRIPT)}{side}"
            return rf"\lim_{{{at}}} {inner.at(place, SUM)}"

        value = sp.Limit(inner.value, symbol.value, target.value, direction)
        return _Part(value, shown, OPERATOR, ends=OPEN_TO_TERMS)

    def _of_subs(self, node: ast.Call) -> _Part:
        inner, symbol, place_part = self._arguments(node, 3)

        def shown(place: str) -> str:
            at = f"{symbol.shown(SCRIPT)} = {place_part.shown(SCRIPT)}"
            return rf"\left. {inner.shown(place)} \right|_{{{at}}}"

        return _Part(sp.Subs(inner.value, symbol.value, place_part.value), shown, CALL)


def _gap(first: str, second: str) -> str:
    r"""Space between two factors: a thin one after a bracket, else what LaTeX gives."""
    if first.endswith((")", r"\right)", r"\rvert", "!")) or second.startswith(r"\int"):
        return r"\,"
    return r"\," if second.startswith((r"\left(", "(")) and len(first) > 3 else " "
