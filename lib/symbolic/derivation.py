"""Derivations whose every step is proved at the moment it is written down."""

from collections.abc import Callable, Iterable, Mapping
from copy import copy
from dataclasses import replace
from typing import Any, ClassVar, TypeAlias

import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.core.relational import Relational

from lib.symbolic.chains import carried
from lib.symbolic.conditions import conditions, free_symbols
from lib.symbolic.layout import RELATIONS, Line, as_html, as_latex, as_text, printed
from lib.symbolic.notation import Form, named, read, split_relation
from lib.symbolic.printing import latex_of_name, name_of
from lib.symbolic.proofs import DEFINITION, Proofs, Statement
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


class Derivation:
    r"""A list of proved steps, displayed as one aligned block with a reason per line.

    The first line is a premise: a definition or an assumption. Every further line is proved when it
    is added, and carries how: by a chain of rules or a normal form, or by SymPy's simplifier. On
    top of that, fifty-digit evaluation at random admissible points, at the ends of the domain and
    at the kinks of the functions must agree with it; otherwise `DerivationError` is raised. All
    sides must be defined on the whole domain.

    An expression is text in plain notation, such as ``"sigma(x)*(1 - sigma(x))"``, or a SymPy
    object. Text is displayed as it was written, with its order, grouping and fractions, and the
    very same tree is what is proved. SymPy objects are displayed in the order that SymPy gives
    them. See `lib.symbolic.notation.read` for what text may hold.

    Parameters
    ----------
    left, right : sympy.Basic or str
        The two sides of the first line. To start from an expression use `Derivation.of`.
    reason : str
        The reason in words; text between dollar signs is set as mathematics.
    relation : str
        Between the two sides: one of ``=  <  <=  >  >=``.
    domain : mapping of sympy.Symbol to sympy.Set, optional
        Values that symbols may take: intervals, unions of them, sets of integers. A symbol that is
        not named takes all real values that its assumptions allow. Below the lines is displayed
        for which values they hold.
    names : iterable or mapping, optional
        Symbols and functions that text may name, besides those of the domain and SymPy's own
        functions. A mapping gives names of its own: ``{"n_in": sp.Symbol(r"n_\text{in}")}``.
    form : str, optional
        How a right side that is a SymPy object, such as a derivative that SymPy computed, is
        displayed. It is proved to be the same.

    Attributes
    ----------
    seconds : float
        Processor time that a step may take, for all derivations: 20 seconds. Where Python has no
        such timer (in threads, on Windows, in a browser) there is no limit.

    Raises
    ------
    DerivationError
        From every method that adds a line, if the line is not proved.
    TypeError
        If a side is no SymPy object, or the reason no string.

    Examples
    --------
    >>> x = sp.Symbol("x", real=True)
    >>> square = Derivation.of("(x + 1)**2", names=[x])
    >>> square = square.equals("x*x + 2*x + 1", "expand")
    >>> square.right
    x**2 + 2*x + 1
    >>> square.equals("x**2 + 2*x", "forget the one")
    Traceback (most recent call last):
        ...
    lib.symbolic.derivation.DerivationError: step 2, "forget the one", is not proved:
        x*x + 2*x + 1 = x**2 + 2*x
    ...

    A name for a part makes the lines shorter. What it depends on is not forgotten:

    >>> slope = Derivation.of("Derivative(1/(1 + exp(-x)), x)", names=[x])
    >>> slope = slope.let("D", "1 + exp(-x)", "the denominator")
    >>> slope = slope.equals("-1/D**2*Derivative(D, x)", "the chain rule")
    >>> slope.equals("1/D*((D - 1)/D)", "since D' is 1 - D")
    Derivative(1/(1 + exp(-x)), x)
    let D = 1 + exp(-x)    (the denominator)
      = -1/D**2*Derivative(D, x)    (the chain rule)
      = 1/D*((D - 1)/D)    (since D' is 1 - D)

    A result of SymPy is displayed in the author's form, once that is proved to be the same:

    >>> cube = Derivation.of("Derivative(x**3, x)", names=[x])
    >>> cube = cube.equals(sp.diff(x**3, x), "differentiate", form="3*(x*x)")
    >>> cube.equals(sp.diff(x**3, x), "once more", form="3*x")
    Traceback (most recent call last):
        ...
    lib.symbolic.derivation.DerivationError: the form '3*x' is not proved to be 3*x**2:
    ...

    Notes
    -----
    Used in: every chapter that derives a formula.
    """

    seconds: ClassVar[float] = 20.0

    def __init__(
        self,
        left: Given | None,
        right: Given,
        reason: str,
        *,
        relation: str = "=",
        domain: Mapping[sp.Symbol, sp.Set] | None = None,
        names: Mapping[str, Any] | Iterable[Any] | None = None,
        form: str | None = None,
    ) -> None:
        self.domain = dict(domain or {})
        for symbol, allowed in self.domain.items():
            if not isinstance(symbol, sp.Symbol) or not isinstance(allowed, sp.Set):
                raise TypeError(
                    f"domain maps SymPy symbols to SymPy sets; got {symbol!r}: {allowed!r}"
                )
        self.names = named(list(self.domain)) | named(names)
        self._standing: dict[str, tuple[sp.Basic, str]] = {}  # symbols that a `let` introduced
        self._proofs = Proofs(self.domain, self.seconds)
        self.lines: list[Line] = []
        kind = "premise" if left is not None else "start"
        self._begin(self._line(left, relation, right, reason, kind, form))

    def _begin(self, line: Line) -> None:
        right, parts = line.right.expression, _parts(line)
        if line.left is None:
            self._checked(line, lambda: Trust.PROVED)
            self.lines.append(line)
            return
        statement, found = (line.left.expression, line.relation, right), [""]

        def proof() -> Trust:
            trust, found[0] = self._proofs.premise(statement, line.reason, parts)
            return trust

        self._checked(line, proof)
        self.lines.append(replace(line, trust=found[0]))

    @property
    def definitions(self) -> list[tuple[sp.Basic, sp.Basic]]:
        """What was defined, and as what."""
        return self._proofs.definitions

    @classmethod
    def of(
        cls,
        expression: Given,
        reason: str = "",
        *,
        domain: Mapping[sp.Symbol, sp.Set] | None = None,
        names: Mapping[str, Any] | Iterable[Any] | None = None,
        form: str | None = None,
    ) -> "Derivation":
        """Start from an expression, to be rewritten by `equals` and `compare`."""
        return cls(None, expression, reason, domain=domain, names=names, form=form)

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
        if not isinstance(other, Derivation):
            return NotImplemented
        return self.__dict__ == other.__dict__

    def __len__(self) -> int:
        """Count the lines that were proved: premises and definitions are not."""
        return sum(line.kind == "proved" for line in self.lines)

    def let(
        self, target: Given, expression: Given, reason: str, *, form: str | None = None
    ) -> "Derivation":
        """Define a new symbol, or a function such as ``z(x)``, for the lines to come.

        A symbol given as text, such as ``"D"``, stands for its definition in the lines to come: its
        derivative is that of the definition.

        Raises
        ------
        DerivationError
            If the target is defined already, or its definition mentions itself.
        """
        right = self._form("expression", expression, form)
        left = self._target(target, right.expression)
        line = self._line(left, "=", right, reason, "let")
        target, definition = left.expression, right.expression
        applied = isinstance(target, AppliedUndef) and all(a.is_Symbol for a in target.args)
        if not (applied or isinstance(target, sp.Symbol)):
            raise TypeError(f"target must be a symbol or a function of symbols; got {target!r}")
        known = {str(t.func if isinstance(t, AppliedUndef) else t) for t, _ in self.definitions}
        name = target.func if applied else target
        if str(name) in known:
            raise self._error(line, f"{name} is defined already")
        if definition.has(name) or str(name) in {str(s) for s in definition.free_symbols}:
            raise self._error(line, f"the definition of {name} mentions {name}")
        stands = left.text.isidentifier()
        self._checked(
            line,
            lambda: self._proofs.define(target, definition, self._asserted(left), as_symbol=stands),
        )
        self.definitions.append((target, definition))
        if left.text.isidentifier():
            self._standing[left.text] = (target, left.latex)
            symbol = self.names.get(left.text, target)
            if symbol != target:  # the chain may have started from it
                self._checked(line, lambda: self._proofs.define(symbol, definition, []))
                self.definitions.append((symbol, definition))
        self.lines.append(replace(line, trust=DEFINITION))
        return self

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

    def equals(
        self, expression: Given, reason: str, *, form: str | None = None, at_points: bool = False
    ) -> "Derivation":
        """Continue the last line with ``= expression``, proved equal to its right side.

        Parameters
        ----------
        expression : sympy.Basic or str
        reason : str
        form : str, optional
            How the expression is displayed, in plain notation.
        at_points : bool
            Be content with agreement at many points where no proof is found. The line says so.
        """
        line = self._line(None, "=", expression, reason, "proved", form)
        return self._prove_statement(line, (self.right, "=", line.right.expression), at_points)

    def compare(
        self,
        relation: str,
        expression: Given,
        reason: str,
        *,
        form: str | None = None,
        at_points: bool = False,
    ) -> "Derivation":
        """Continue the last line with an inequality such as ``<= expression``."""
        line = self._line(None, relation, expression, reason, "proved", form)
        try:
            carried([*self._relations(), relation])
        except NotProved as failure:
            raise self._error(line, str(failure)) from None
        return self._prove_statement(line, (self.right, relation, line.right.expression), at_points)

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

    def step(
        self,
        left: Given,
        right: Given,
        reason: str,
        *,
        relation: str = "=",
        form: str | None = None,
    ) -> "Derivation":
        """Go from the last equation (or inequality) to one with the same solutions.

        After a chain such as a = b < c it goes from a < c: from the weakest relation so far.
        """
        line = self._line(left, relation, right, reason, "proved", form)
        before = (self.left, carried(self._relations()), self.right)
        after = (_side(line.left), relation, line.right.expression)
        return self._prove(line, lambda: self._proofs.equivalence(before, after, _parts(line)))

    def implies(
        self,
        left: Given,
        right: Given,
        reason: str,
        *,
        relation: str = "=",
        form: str | None = None,
    ) -> "Derivation":
        """Go from the last equation (or inequality) to one that follows from it.

        It may have more solutions, as after squaring both sides. The line is displayed with an
        arrow that points one way, and nothing is claimed about the way back.

        Examples
        --------
        >>> x, y = sp.symbols("x y", real=True)
        >>> Derivation(x, y, "given").implies(x**2, y**2, "square both sides")
        x = y    (given)
        => x**2 = y**2    (square both sides)
        """
        line = replace(self._line(left, relation, right, reason, "proved", form), follows=True)
        before = (self.left, carried(self._relations()), self.right)
        after = (_side(line.left), relation, line.right.expression)
        return self._prove(line, lambda: self._proofs.implication(before, after, _parts(line)))

    def claim(self, statement: Given, reason: str, *, at_points: bool = False) -> "Derivation":
        """Add a statement that holds by itself: an identity, an inequality or a set.

        As text it is a relation such as ``"sigma(x) <= 1/4"`` or ``"tanh(0) == 0"``. Sets are given
        as SymPy objects, unevaluated on the left: a `sympy.ConditionSet` for the solutions of an
        equation, a `sympy.ImageSet` for the range of a function. Solutions that repeat are on the
        right a `sympy.ImageSet` over the integers, or a union of such.
        """
        left: Given
        right: Given
        if isinstance(statement, str):
            left, relation, right = split_relation(statement)
        elif isinstance(statement, Relational):
            left, right = statement.lhs, statement.rhs
            relation = "=" if statement.rel_op == "==" else statement.rel_op
        else:
            raise TypeError(
                f"statement must be an unevaluated equation or inequality; got {statement!r}"
            )
        line = self._line(left, relation, right, reason, "proved")
        sides = _side(line.left), relation, line.right.expression
        return self._prove_statement(replace(line, alone=True), sides, at_points)

    def before(self, line: int) -> "Derivation":
        """Return the derivation as it was before a line, to try another in its place.

        Parameters
        ----------
        line : int
            Place of the line in `lines`, counted from 0.

        Examples
        --------
        >>> x = sp.Symbol("x", real=True)
        >>> square = Derivation.of("(x + 1)**2", names=[x]).equals("x**2 + 2*x + 1", "expand")
        >>> square.before(1).equals("x*(x + 2) + 1", "another way")
        (x + 1)**2
          = x*(x + 2) + 1    (another way)
        """
        if not isinstance(line, int) or isinstance(line, bool):
            raise TypeError(f"line must be the place of a line; got {line!r}")
        if not 1 <= line <= len(self.lines):
            raise ValueError(f"line must be from 1 to {len(self.lines)}; got {line}")
        earlier = copy(self)
        earlier.lines = self.lines[:line]
        earlier.names, earlier._standing = dict(self.names), dict(self._standing)
        earlier._proofs = copy(self._proofs)
        earlier._proofs.names = dict(self._proofs.names)
        earlier._proofs.definitions = list(self._proofs.definitions)
        return earlier

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

    def _prove_statement(self, line: Line, statement: Statement, at_points: bool) -> "Derivation":
        parts = _parts(line)
        if line.left is None:
            parts += next(known.right.parts for known in self.lines[::-1] if known.kind != "let")
        return self._prove(
            line, lambda: self._proofs.statement(statement, parts, at_points=at_points)
        )

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

    def _prove(self, line: Line, proof: Callable[[], Trust]) -> "Derivation":
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


def _side(form: Form | None) -> sp.Basic:
    if form is None:
        raise AssertionError("this line has a left side")
    return form.expression


def _parts(line: Line) -> list[sp.Basic]:
    return [part for side in (line.left, line.right) if side for part in side.parts]
