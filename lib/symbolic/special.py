"""Special forms of plain notation: roots, cases, derivatives, integrals, sums and limits."""

import ast
from collections.abc import Callable

import sympy as sp

from lib.symbolic.operators import Operators
from lib.symbolic.parts import (
    ATOM,
    CALL,
    NESTED,
    OPEN_TO_FACTORS,
    OPEN_TO_TERMS,
    OPERATOR,
    POWER,
    PRODUCT,
    QUOTIENT,
    SCRIPT,
    SUM,
    Part,
)
from lib.symbolic.printing import bracket, is_tall, piecewise
from lib.symbolic.widths import width

_LONG_EXPONENT = 9  # em; what is longer is set after "exp" instead of as a power of e


class Reader(Operators):
    """Reads every formula of the notation: operators, and forms with a layout of their own."""

    def _of_exp(self, node: ast.Call) -> Part:
        (inner,) = self._arguments(node, 1)

        def powered() -> bool:
            raised = inner.shown(SCRIPT)
            return not is_tall(raised) and width(raised) <= _LONG_EXPONENT

        def shown(place: str) -> str:
            if powered():
                return f"e^{{{inner.shown(SCRIPT)}}}"
            return rf"\exp{bracket(inner.shown(place))}"

        return Part(sp.exp(inner.value), shown, POWER if powered() else CALL)

    def _of_sqrt(self, node: ast.Call) -> Part:
        (inner,) = self._arguments(node, 1)
        return Part(
            sp.sqrt(inner.value),
            lambda place: rf"\sqrt{{{inner.shown(place)}}}",
            CALL,
        )

    def _of_abs(self, node: ast.Call) -> Part:
        (inner,) = self._arguments(node, 1)

        def shown(place: str) -> str:
            latex = inner.shown(place)
            return rf"\left|{latex}\right|" if is_tall(latex) else rf"\lvert {latex} \rvert"

        return Part(sp.Abs(inner.value), shown, CALL)

    def _of_factorial(self, node: ast.Call) -> Part:
        (inner,) = self._arguments(node, 1)
        return Part(sp.factorial(inner.value), lambda place: f"{inner.at(place, CALL)}!", CALL)

    def _of_transpose(self, node: ast.Call) -> Part:
        return self._transpose(*self._arguments(node, 1))

    def _of_piecewise(self, node: ast.Call) -> Part:
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
        return Part(value, shown, OPERATOR, ends=OPEN_TO_TERMS)

    def _of_derivative(self, node: ast.Call) -> Part:
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
            return Part(value, shown, ATOM)
        return Part(value, shown, OPERATOR, ends=OPEN_TO_FACTORS)

    def _variable(self, node: ast.AST) -> Part:
        variable = self.part(node)
        if not isinstance(variable.value, sp.Symbol):
            raise self.refuse(node, "must be a symbol")
        return variable

    def _limits(self, node: ast.Call) -> list[tuple[Part, Part, Part]]:
        found = []
        for argument in node.args[1:]:
            if not isinstance(argument, ast.Tuple) or len(argument.elts) != 3:
                raise self.refuse(node, "takes ranges such as (z, -oo, oo)")
            symbol, low, high = argument.elts
            found.append((self._variable(symbol), self.part(low), self.part(high)))
        if not found:
            raise self.refuse(node, "takes an expression and ranges such as (z, -oo, oo)")
        return found

    def _of_integral(self, node: ast.Call) -> Part:
        inner, limits = self.part(node.args[0]), self._limits(node)

        def shown(place: str) -> str:
            signs = "".join(
                rf"\int_{{{low.shown(SCRIPT)}}}^{{{high.shown(SCRIPT)}}} "
                for _, low, high in reversed(limits)
            )
            ends = "".join(rf"\,d{symbol.shown(SCRIPT)}" for symbol, _, _ in limits)
            return f"{signs}{inner.at(place, SUM)}{ends}"

        value = sp.Integral(inner.value, *(tuple(p.value for p in limit) for limit in limits))
        return Part(value, shown, QUOTIENT)

    def _of_sum(self, node: ast.Call) -> Part:
        return self._series(node, sp.Sum, r"\sum")

    def _of_product(self, node: ast.Call) -> Part:
        return self._series(node, sp.Product, r"\prod")

    def _series(self, node: ast.Call, make: Callable[..., sp.Basic], sign: str) -> Part:
        inner, limits = self.part(node.args[0]), self._limits(node)

        def shown(place: str) -> str:
            signs = "".join(
                rf"{sign}_{{{index.shown(SCRIPT)} = {low.shown(SCRIPT)}}}^{{{high.shown(SCRIPT)}}} "
                for index, low, high in reversed(limits)
            )
            return f"{signs}{inner.at(place, SUM)}"

        value = make(inner.value, *(tuple(p.value for p in limit) for limit in limits))
        return Part(value, shown, OPERATOR, ends=OPEN_TO_TERMS)

    def _of_limit(self, node: ast.Call) -> Part:
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
        return Part(value, shown, OPERATOR, ends=OPEN_TO_TERMS)

    def _of_subs(self, node: ast.Call) -> Part:
        inner, symbol, place_part = self._arguments(node, 3)

        def shown(place: str) -> str:
            at = f"{symbol.shown(SCRIPT)} = {place_part.shown(SCRIPT)}"
            return rf"\left. {inner.shown(place)} \right|_{{{at}}}"

        return Part(sp.Subs(inner.value, symbol.value, place_part.value), shown, CALL)
