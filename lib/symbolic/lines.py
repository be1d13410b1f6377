"""Lines of a derivation: what they say, how one more is proved, and how they are displayed."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Self, TypeAlias

import sympy as sp
from sympy.core.function import AppliedUndef

from lib.symbolic.conditions import conditions, free_symbols
from lib.symbolic.layout import RELATIONS, Line, as_html, as_latex, as_text, printed
from lib.symbolic.notation import Form, read
from lib.symbolic.printing import latex_of_name, name_of
from lib.symbolic.proofs import Proofs, Statement
from lib.symbolic.trust import NotProved, Trust

Given: TypeAlias = sp.Basic | str  # an expression: a SymPy object, or text in plain notation


class DerivationError(ValueError):
    """A step of a derivation is false, or could not be proved.

    Attributes
    ----------
    counterexample : str or None
        A point at which the line fails, with the values of both sides, where one was found.
    """

    counterexample: str | None = None


class Lines:
    """Proved lines in the names of their symbols; `Derivation` adds to them."""

    domain: dict[sp.Symbol, sp.Set]
    names: dict[str, Any]
    lines: list[Line]
    _standing: dict[str, tuple[sp.Basic, str]]  # symbols that a `let` introduced
    _proofs: Proofs

    @property
    def definitions(self) -> list[tuple[sp.Basic, sp.Basic]]:
        """What was defined, and as what."""
        return self._proofs.definitions

    @property
    def left(self) -> sp.Basic:
        """Left side of the last line; of a chain, the expression that it started from."""
        for line in reversed(self.lines):
            if line.kind == "start":
                return line.right.expression
            if line.left is not None and line.kind != "let":
                return line.left.expression
        raise AssertionError("a derivation always has a first line")

    @property
    def right(self) -> sp.Basic:
        """Right side of the last line that is not a definition."""
        return next(line.right.expression for line in reversed(self.lines) if line.kind != "let")

    def __eq__(self, other: object) -> bool:
        """Tell whether two derivations have the same lines on the same domain."""
        if not isinstance(other, Lines):
            return NotImplemented
        return self.__dict__ == other.__dict__

    def __len__(self) -> int:
        """Count the lines that were proved: premises and definitions are not."""
        return sum(line.kind == "proved" for line in self.lines)

    def read(self, text: str) -> Form:
        r"""Read an expression in the names of the derivation.

        Parameters
        ----------
        text : str
            The expression in plain notation.

        Returns
        -------
        Form
            The SymPy object, and how it is displayed.

        Examples
        --------
        >>> from lib.symbolic import Derivation
        >>> x = sp.Symbol("x", real=True)
        >>> line = Derivation.of("1/(1 + x**2)", names=[x]).let("D", "1 + x**2", "name it")
        >>> line.read("1/D").latex, line.unfolded(line.read("2*D").expression)
        ('\\frac{1}{D}', 2*x**2 + 2)
        """
        if not isinstance(text, str):
            raise TypeError(f"text must be a formula in plain notation; got {text!r}")
        return self._form("text", text, None)

    def unfolded(self, expression: sp.Basic) -> sp.Basic:
        """Put definitions in the place of what they define.

        Parameters
        ----------
        expression : sympy.Basic
        """
        if not isinstance(expression, sp.Basic):
            raise TypeError(f"expression must be a SymPy object; got {expression!r}")
        return self._proofs.plain(expression)

    def html(self, *, gap: int | None = None) -> str:
        """Write the lines as HTML.

        Parameters
        ----------
        gap : int, optional
            Place in `lines` of a line whose right side is hidden.

        Examples
        --------
        >>> from lib.symbolic import Derivation
        >>> x = sp.Symbol("x", real=True)
        >>> "derivation-blank" in Derivation.of("x + x", names=[x]).equals("2*x", "add").html(gap=1)
        True
        """
        if gap is not None and (not isinstance(gap, int) or isinstance(gap, bool)):
            raise TypeError(f"gap must be the place of a line; got {gap!r}")
        if gap is not None and not 1 <= gap < len(self.lines):
            raise ValueError(f"gap must be from 1 to {len(self.lines) - 1}; got {gap}")
        hidden = None if gap is None else self.lines[gap]
        return as_html(self.lines, len(self), self._holds(), hidden)

    def _relations(self) -> list[str]:
        """Relations of the chain so far, from the expression that it started from."""
        relations: list[str] = []
        for line in reversed(self.lines):
            if line.kind == "let":
                continue
            if line.kind == "start":
                break
            relations.append(line.relation)
            if line.left is not None:
                break
        return relations[::-1]

    def _asserted(self, target: Form) -> list[sp.Basic]:
        """All that was said before, except what a chain starts from: that asserts nothing."""
        said = [line for line in self.lines if line.kind in ("premise", "proved")]
        sides = [side.expression for line in said for side in (line.left, line.right) if side]
        shown = {sp.latex(s): s for side in sides for s in side.atoms(sp.Symbol, sp.MatrixSymbol)}
        if target.latex in shown and shown[target.latex] != target.expression:
            raise NotProved(f"{target.text} is used already, in a line before its definition")
        return sides

    def _target(self, target: Given, definition: sp.Basic) -> Form:
        """Read what is defined; text may name a symbol that is not known yet."""
        if not isinstance(target, str) or not target.isidentifier() or target in self._standing:
            return self._form("target", target, None)
        symbol = self.names.get(target, sp.Symbol(target, real=True))
        if not isinstance(symbol, sp.Symbol):
            return self._form("target", target, None)
        depends = sorted(definition.free_symbols, key=str)
        value = sp.Function(symbol.name, real=True)(*depends) if depends else symbol
        return Form(value, latex_of_name(symbol.name), target)

    def _form(self, name: str, given: object, form: str | None) -> Form:
        """Read text; of a SymPy object, display the form that is proved to be the same."""
        if isinstance(given, Form):
            return given
        if isinstance(given, str):
            return read(given, self.names, self._standing)
        if not isinstance(given, sp.Basic | sp.MatrixBase):
            raise TypeError(f"{name} must be a SymPy object or text; got {given!r}")
        for known in given.atoms(sp.Symbol, sp.MatrixSymbol) | {
            applied.func for applied in given.atoms(AppliedUndef)
        }:
            if not isinstance(known, sp.Dummy):
                self.names.setdefault(name_of(known), known)
        if form is None:
            return printed(given)
        read_form = read(form, self.names, self._standing)
        sides = (given, "=", read_form.expression)
        try:
            self._proofs.run(sides[::2], lambda: self._proofs.statement(sides, read_form.parts))
        except NotProved as failure:
            raise DerivationError(
                f"the form {form!r} is not proved to be {given}:\n{failure}"
            ) from None
        return Form(given, read_form.latex, read_form.text, read_form.parts)

    def _line(
        self,
        left: object,
        relation: str,
        right: object,
        reason: str,
        kind: str,
        form: str | None = None,
    ) -> Line:
        shown = None if left is None else self._form("left", left, None)
        other = self._form("right", right, form)
        if not isinstance(reason, str):
            raise TypeError(f"reason must be a string; got {reason!r}")
        if relation not in RELATIONS:
            raise ValueError(f"relation must be one of {', '.join(RELATIONS)}; got {relation!r}")
        return Line(shown, relation, other, reason, kind)

    def _prove_statement(self, line: Line, statement: Statement, at_points: bool) -> Self:
        parts = parts_of(line)
        if line.left is None:
            parts += next(known.right.parts for known in self.lines[::-1] if known.kind != "let")
        return self._prove(
            line, lambda: self._proofs.statement(statement, parts, at_points=at_points)
        )

    def _prove(self, line: Line, proof: Callable[[], Trust]) -> Self:
        self._refuse_repetition(line)
        self.lines.append(replace(line, trust=self._checked(line, proof).name.lower()))
        return self

    def _refuse_repetition(self, line: Line) -> None:
        """Refuse a line that displays the same twice, or the line before it once more."""
        before = self.lines[-1]
        known = next(known for known in reversed(self.lines) if known.kind != "let").right
        left = known if line.left is None else line.left
        if left.latex == line.right.latex:
            raise self._error(line, "it says nothing: both sides are displayed alike", "is empty")
        if line.left and (line.left, line.relation, line.right) == (
            before.left, before.relation, before.right
        ):  # fmt: skip
            raise self._error(line, "it says nothing: the line before it says the same", "is empty")

    def _checked(self, line: Line, proof: Callable[[], Trust]) -> Trust:
        """Prove a line in time, or raise the one error that names it."""
        try:
            return self._proofs.run(
                [side.expression for side in (line.left, line.right) if side], proof
            )
        except NotProved as failure:
            error = self._error(line, str(failure))
            error.counterexample = failure.counterexample
            raise error from failure.__cause__

    def _error(self, line: Line, why: str, what: str = "is not proved") -> DerivationError:
        number = sum(known.kind != "premise" for known in self.lines[1:]) + 1
        left: object = line.left
        if line.left is None:
            known = [known.right for known in self.lines if known.kind != "let"]
            left = known[-1] if known else ""
        return DerivationError(
            f'step {number}, "{line.reason}", {what}:\n'
            f"    {left} {line.relation} {line.right}\n{why}"
        )

    def _holds(self) -> str:
        """Say for which values of the symbols the lines hold."""
        said = [line for line in self.lines if line.kind != "let"]
        sides = [side.expression for line in said for side in (line.left, line.right) if side]
        symbols = free_symbols(self._proofs.plain(side) for side in sides)
        return conditions(symbols, self.domain)

    def _repr_latex_(self) -> str:
        return as_latex(self.lines, self._holds())

    def _repr_html_(self) -> str:
        return self.html()

    def __repr__(self) -> str:
        """Return one line per step, in plain text."""
        return as_text(self.lines)


def side_of(form: Form | None) -> sp.Basic:
    """Return the expression of a side that is there."""
    if form is None:
        raise AssertionError("this line has a left side")
    return form.expression


def parts_of(line: Line) -> list[sp.Basic]:
    """Return everything that a line mentions and that has to be defined."""
    return [part for side in (line.left, line.right) if side for part in side.parts]
