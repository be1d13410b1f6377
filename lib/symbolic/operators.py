"""Names, signs, relations and calls of a formula in plain notation, read from its syntax tree."""

import ast
import re
from collections.abc import Callable, Mapping
from typing import Any

import sympy as sp
from sympy.core.function import UndefinedFunction

from lib.symbolic.parts import (
    ATOM,
    CALL,
    CONSTANTS,
    DISPLAY,
    FUNCTIONS,
    NEGATIVE,
    NESTED,
    OPEN_TO_TERMS,
    OPERATOR,
    POWER,
    POWERED_NAMES,
    PRODUCT,
    QUOTIENT,
    RELATION,
    RELATIONS,
    SCRIPT,
    SPECIAL,
    SUM,
    WITH_OWN_VARIABLES,
    NotationError,
    Part,
)
from lib.symbolic.printing import bracket, latex_of_name, name_of


def _fixed(latex: str) -> Callable[[str], str]:
    return lambda place: latex


class Operators:
    """Walks a syntax tree from the leaves up."""

    def __init__(self, text: str, names: Mapping[str, Any], shown: Mapping[str, Any]) -> None:
        self.text, self.names, self.shown = text, names, shown
        self.parts: list[sp.Basic] = []

    def refuse(self, node: ast.AST, why: str) -> NotationError:
        """Make the error that names a piece of the text."""
        piece = ast.get_source_segment(self.text.strip(), node) or self.text
        return NotationError(f"{piece!r} in {self.text!r}: {why}")

    def part(self, node: ast.AST) -> Part:
        """Read a node by the method of its name."""
        read_node = getattr(self, f"_{type(node).__name__.lower()}", None)
        if read_node is None:
            raise self.refuse(node, f"{type(node).__name__} is not part of the notation")
        before = len(self.parts)
        part: Part = read_node(node)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in WITH_OWN_VARIABLES:
            del self.parts[before:]  # they hold for some values of a variable of its own only
        elif isinstance(node, ast.BinOp | ast.Call) and isinstance(part.value, sp.Expr):
            self.parts.append(part.value)
        return part

    def _constant(self, node: ast.Constant) -> Part:
        if type(node.value) is not int:
            raise self.refuse(node, "numbers are whole, and quotients of them exact, as in 1/4")
        return Part(sp.Integer(node.value), _fixed(str(node.value)), ATOM, number=True)

    def _name(self, node: ast.Name) -> Part:
        if node.id in self.shown:
            value, latex = self.shown[node.id]
            return Part(value, _fixed(latex), ATOM)
        if node.id in self.names:
            known = self.names[node.id]
            if isinstance(known, UndefinedFunction):
                raise self.refuse(node, f"{node.id} is a function and needs its argument")
            return Part(known, _fixed(latex_of_name(name_of(known))), ATOM)
        if node.id in CONSTANTS:
            value, latex = CONSTANTS[node.id]
            return Part(value, _fixed(latex), ATOM)
        raise self.refuse(node, f"the name {node.id} is not known; known are {self._known()}")

    def _known(self) -> str:
        given = ", ".join(sorted({*self.names, *self.shown})) or "no names"
        return f"{given} (and {', '.join([*FUNCTIONS, *SPECIAL, *CONSTANTS])})"

    def _unaryop(self, node: ast.UnaryOp) -> Part:
        if not isinstance(node.op, ast.USub):
            raise self.refuse(node, "the only sign before a term is the minus")
        inner = self.part(node.operand)
        return Part(
            -inner.value,
            lambda place: f"-{inner.at(place, NEGATIVE)}",
            NEGATIVE,
            ends=inner.ends,
            slash=inner.slash,
        )

    def _binop(self, node: ast.BinOp) -> Part:
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

    def _sum(self, left: Part, right: Part, plus: bool) -> Part:
        def shown(place: str) -> str:
            ends = left.ends == OPEN_TO_TERMS
            first = bracket(left.shown(place)) if ends else left.at(place, RELATION)
            return f"{first} {'+' if plus else '-'} {right.at(place, NEGATIVE)}"

        value = left.value + right.value if plus else left.value - right.value
        return Part(value, shown, SUM, ends=right.ends)

    def _product(self, left: Part, right: Part) -> Part:
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

        return Part(
            left.value * right.value,
            shown,
            NEGATIVE if left.level == NEGATIVE else PRODUCT,
            number=left.number,
            ends=right.ends,
        )

    def _quotient(self, left: Part, right: Part) -> Part:
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
        return Part(left.value / right.value, shown, level, number=bool(numeric), slash=slash)

    def _power(self, base: Part, exponent: Part) -> Part:
        def shown(place: str) -> str:
            raised = exponent.shown(SCRIPT)
            whole = base.shown(place)
            if base.call in POWERED_NAMES and exponent.value.is_Integer and exponent.value > 0:
                return f"{base.call}^{{{raised}}}{whole[len(base.call) :]}"
            plain = base.level >= CALL and not re.search(r"['^]", whole.split("(")[0])
            if base.call in {latex for _, latex in FUNCTIONS.values()} - {r"\max", r"\min"}:
                plain = False
            return f"{whole if plain else bracket(whole)}^{{{raised}}}"

        if exponent.value.is_negative:
            self.parts.append(sp.Pow(base.value, -1, evaluate=False))
        return Part(base.value**exponent.value, shown, POWER, number=base.number)

    def _compare(self, node: ast.Compare) -> Part:
        sides = [self.part(side) for side in (node.left, *node.comparators)]
        signs = []
        for sign in node.ops:
            if type(sign) not in RELATIONS:
                raise self.refuse(node, "the relations are < <= > >= == and !=")
            signs.append(RELATIONS[type(sign)])
        values = [
            make(a.value, b.value, evaluate=False)
            for (make, _), a, b in zip(signs, sides, sides[1:], strict=False)
        ]

        def shown(place: str) -> str:
            rest = zip(signs, sides[1:], strict=True)
            return sides[0].shown(place) + "".join(
                f" {latex} {side.shown(place)}" for (_, latex), side in rest
            )

        return Part(values[0] if len(values) == 1 else sp.And(*values), shown, RELATION)

    def _boolop(self, node: ast.BoolOp) -> Part:
        parts = [self.part(value) for value in node.values]
        both = isinstance(node.op, ast.And)
        word = r"\text{ and }" if both else r"\text{ or }"
        value = (sp.And if both else sp.Or)(*(part.value for part in parts))
        return Part(value, lambda place: word.join(p.shown(place) for p in parts), RELATION)

    def _subscript(self, node: ast.Subscript) -> Part:
        family = self.part(node.value)
        if not isinstance(family.value, sp.IndexedBase):
            raise self.refuse(node, "only an indexed family (sympy.IndexedBase) has an index")
        indices = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        parts = [self.part(index) for index in indices]

        def shown(place: str) -> str:
            return f"{family.shown(place)}_{{{', '.join(p.shown(SCRIPT) for p in parts)}}}"

        return Part(family.value[tuple(p.value for p in parts)], shown, ATOM)

    def _attribute(self, node: ast.Attribute) -> Part:
        if node.attr != "T":
            raise self.refuse(node, "the only attribute is .T, the transpose")
        return self._transpose(self.part(node.value))

    def _transpose(self, matrix: Part) -> Part:
        def shown(place: str) -> str:
            return rf"{matrix.at(place, POWER)}^{{\mathsf T}}"

        return Part(sp.transpose(matrix.value), shown, POWER)

    def _call(self, node: ast.Call) -> Part:
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
            part: Part = special(node)
            return part
        if name in FUNCTIONS:
            function, latex = FUNCTIONS[name]
            return self._applied(function, latex, node)
        raise self.refuse(node, f"the name {name} is not known; known are {self._known()}")

    def _applied(self, function: Callable[..., sp.Basic], latex: str, node: ast.Call) -> Part:
        parts = [self.part(argument) for argument in node.args]

        def shown(place: str) -> str:
            return latex + bracket(", ".join(part.shown(place) for part in parts))

        try:
            value = function(*(part.value for part in parts))
        except (TypeError, ValueError) as failure:
            raise self.refuse(node, str(failure)) from failure
        return Part(value, shown, CALL, call=latex)

    def _slope_of(self, stem: str, node: ast.Call) -> Part:
        """``phi_prime(h)``: the derivative of a function, at a place."""
        known = self.names.get(stem)
        if known is not None and not isinstance(known, UndefinedFunction):
            raise self.refuse(node, f"{stem} is no function")
        function, latex = (known, latex_of_name(name_of(known))) if known else FUNCTIONS[stem]
        (place_part,) = self._arguments(node, 1)
        slot = sp.Dummy("u", real=True)
        slope = sp.Subs(sp.Derivative(function(slot), slot), slot, place_part.value)
        return Part(
            slope,
            lambda place: f"{latex}'{bracket(place_part.shown(place))}",
            CALL,
            call=latex + "'",
        )

    def _arguments(self, node: ast.Call, count: int) -> list[Part]:
        if len(node.args) != count:
            raise self.refuse(node, f"takes {count} argument{'s' * (count > 1)}")
        return [self.part(argument) for argument in node.args]


def _gap(first: str, second: str) -> str:
    r"""Space between two factors: a thin one after a bracket, else what LaTeX gives."""
    if first.endswith((")", r"\right)", r"\rvert", "!")) or second.startswith(r"\int"):
        return r"\,"
    return r"\," if second.startswith((r"\left(", "(")) and len(first) > 3 else " "
