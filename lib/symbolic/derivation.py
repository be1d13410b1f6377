"""Derivations whose every step is proved at the moment it is written down."""

from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import replace
from typing import Any, ClassVar

import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.core.relational import Relational

from lib.symbolic.chains import carried
from lib.symbolic.layout import Line
from lib.symbolic.lines import DerivationError, Given, Lines, parts_of, side_of
from lib.symbolic.notation import named, split_relation
from lib.symbolic.proofs import DEFINITION, Proofs
from lib.symbolic.trust import NotProved, Trust

__all__ = ["Derivation", "DerivationError"]


class Derivation(Lines):
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
    lib.symbolic.lines.DerivationError: step 2, "forget the one", is not proved:
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
    lib.symbolic.lines.DerivationError: the form '3*x' is not proved to be 3*x**2:
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
        self._standing = {}
        self._proofs = Proofs(self.domain, self.seconds)
        self.lines = []
        kind = "premise" if left is not None else "start"
        self._begin(self._line(left, relation, right, reason, kind, form))

    def _begin(self, line: Line) -> None:
        right, parts = line.right.expression, parts_of(line)
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
        after = (side_of(line.left), relation, line.right.expression)
        return self._prove(line, lambda: self._proofs.equivalence(before, after, parts_of(line)))

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
        after = (side_of(line.left), relation, line.right.expression)
        return self._prove(line, lambda: self._proofs.implication(before, after, parts_of(line)))

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
        sides = side_of(line.left), relation, line.right.expression
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
