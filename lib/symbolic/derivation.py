"""Derivations whose every step is proved at the moment it is written down."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape

import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.core.relational import Relational

from lib.symbolic.agreement import NotProved
from lib.symbolic.equations import prove_equivalence
from lib.symbolic.identities import prove_identity
from lib.symbolic.inequalities import prove_inequality
from lib.symbolic.sets import prove_set_equality
from lib.symbolic.widths import width

RELATIONS = {"=": "=", "<": "<", "<=": r"\le", ">": ">", ">=": r"\ge"}

ROOM = 24  # em, for both sides in one line with the reason


def _stacked(block: str) -> str:
    """Rules for a derivation without room: a side wraps, a reason has a line of its own."""
    return f"""{block}{{display:block}}
{block}>div{{display:flex;flex-wrap:wrap;gap:.1rem .5rem;align-items:center}}
{block} .derivation-right{{max-width:100%}}
{block} .derivation-left:empty{{display:block;width:1.5rem}}
{block} .derivation-reason{{flex-basis:100%;padding:0 0 .7rem}}"""


STYLE = f"""<style>
.derivation{{display:grid;grid-template-columns:max-content minmax(0,max-content) minmax(12rem,1fr);
gap:.65rem .5rem;align-items:center;margin:1rem 0;overflow-x:auto;overflow-y:hidden}}
.derivation>div{{display:contents}}
.derivation-left{{text-align:right}}
.derivation-right{{overflow-x:auto;overflow-y:hidden;padding:.15rem 0}}
.derivation-reason{{padding-left:1.5rem;font-size:.9em;font-style:italic}}
{_stacked(".derivation-wide")}
@media(max-width:56rem){{
{_stacked(".derivation")}}}
</style>"""


class DerivationError(ValueError):
    """A step of a derivation is false, or could not be proved."""


@dataclass(frozen=True)
class Line:
    """One displayed line: ``left relation right``, and the reason for it in words."""

    left: sp.Basic | None
    relation: str
    right: sp.Basic
    reason: str
    kind: str


class Derivation:
    r"""A list of proved steps, displayed as one aligned block with a reason per line.

    The first line is a premise: a definition or a hypothesis. Every further line is proved when it
    is added. SymPy must prove it, by reducing a difference to zero or by finding equal solutions,
    and fifty-digit evaluation at random admissible points, at the ends of the domain and at the
    kinks of the functions must agree with it; otherwise `DerivationError` is raised.

    Parameters
    ----------
    left, right : sympy.Basic
        The two sides of the first equation. To start from an expression use `Derivation.of`.
    reason : str
        The reason in words; text between dollar signs is set as mathematics.
    domain : mapping of sympy.Symbol to sympy.Set, optional
        Values that symbols may take: intervals, unions of them, sets of integers. A symbol that is
        not named takes all real values that its assumptions allow.

    Raises
    ------
    DerivationError
        From every method that adds a line, if the line is not proved.
    TypeError
        If a side is no SymPy object, or the reason no string.

    Examples
    --------
    >>> x = sp.Symbol("x", real=True)
    >>> square = Derivation.of((x + 1) ** 2).equals(x**2 + 2 * x + 1, "expand")
    >>> square.right
    x**2 + 2*x + 1
    >>> square.equals(x**2 + 2 * x, "forget the one")
    Traceback (most recent call last):
        ...
    lib.symbolic.derivation.DerivationError: step 2, "forget the one", is not proved:
        x**2 + 2*x + 1 = x**2 + 2*x
    ...

    Notes
    -----
    Used in: every chapter that derives a formula.
    """

    def __init__(
        self,
        left: sp.Basic | None,
        right: sp.Basic,
        reason: str,
        *,
        domain: Mapping[sp.Symbol, sp.Set] | None = None,
    ) -> None:
        self.domain = dict(domain or {})
        for symbol, allowed in self.domain.items():
            if not isinstance(symbol, sp.Symbol) or not isinstance(allowed, sp.Set):
                raise TypeError(
                    f"domain maps SymPy symbols to SymPy sets; got {symbol!r}: {allowed!r}"
                )
        self.definitions: list[tuple[sp.Basic, sp.Basic]] = []
        kind = "premise" if left is not None else "start"
        self.lines: list[Line] = [self._line(left, "=", right, reason, kind)]

    @classmethod
    def of(
        cls,
        expression: sp.Basic,
        reason: str = "",
        *,
        domain: Mapping[sp.Symbol, sp.Set] | None = None,
    ) -> "Derivation":
        """Start from an expression, to be rewritten by `equals` and `compare`."""
        return cls(None, expression, reason, domain=domain)

    @property
    def left(self) -> sp.Basic:
        """Left side of the last line; of a chain, the expression that it started from."""
        for line in reversed(self.lines):
            if line.kind == "start":
                return line.right
            if line.left is not None and line.kind != "let":
                return line.left
        raise AssertionError("a derivation always has a first line")

    @property
    def right(self) -> sp.Basic:
        """Right side of the last line that is not a definition."""
        return next(line.right for line in reversed(self.lines) if line.kind != "let")

    def __len__(self) -> int:
        """Count the lines that were proved: premises and definitions are not."""
        return sum(line.kind == "proved" for line in self.lines)

    def let(self, target: sp.Basic, expression: sp.Basic, reason: str) -> "Derivation":
        """Define a new symbol, or a function such as ``z(x)``, for the lines to come.

        Raises
        ------
        DerivationError
            If the target is defined already, or its definition mentions itself.
        """
        line = self._line(target, "=", expression, reason, "let")
        applied = isinstance(target, AppliedUndef) and all(a.is_Symbol for a in target.args)
        if not (applied or isinstance(target, sp.Symbol)):
            raise TypeError(f"target must be a symbol or a function of symbols; got {target!r}")
        known = {str(t.func if isinstance(t, AppliedUndef) else t) for t, _ in self.definitions}
        name = target.func if applied else target
        if str(name) in known:
            raise self._error(line, f"{name} is defined already")
        if expression.has(name):
            raise self._error(line, f"the definition of {name} mentions {name}")
        self.definitions.append((target, expression))
        self.lines.append(line)
        return self

    def equals(self, expression: sp.Basic, reason: str) -> "Derivation":
        """Continue the last line with ``= expression``, proved equal to its right side."""
        return self._prove(
            self._line(None, "=", expression, reason, "proved"),
            lambda: prove_identity(self._plain(self.right), self._plain(expression), self.domain),
        )

    def compare(self, relation: str, expression: sp.Expr, reason: str) -> "Derivation":
        """Continue the last line with an inequality such as ``<= expression``."""
        return self._prove(
            self._line(None, relation, expression, reason, "proved"),
            lambda: prove_inequality(
                self._plain(self.right), self._plain(expression), relation, self.domain
            ),
        )

    def step(
        self, left: sp.Basic, right: sp.Basic, reason: str, *, relation: str = "="
    ) -> "Derivation":
        """Go from the last equation (or inequality) to one with the same solutions."""
        before = next(line for line in reversed(self.lines) if line.kind != "let")
        line = self._line(left, relation, right, reason, "proved")
        first = (self._plain(self.left), before.relation, self._plain(before.right))
        after = (self._plain(left), relation, self._plain(right))
        return self._prove(line, lambda: prove_equivalence(first, after, self.domain))

    def claim(self, statement: sp.Basic, reason: str) -> "Derivation":
        """Add a statement that holds by itself: an identity, an inequality or a set.

        Sets are given unevaluated on the left: a `sympy.ConditionSet` for the solutions of an
        equation, a `sympy.ImageSet` for the range of a function.
        """
        if not isinstance(statement, Relational):
            raise TypeError(
                f"statement must be an unevaluated equation or inequality; got {statement!r}"
            )
        left, right, relation = statement.lhs, statement.rhs, statement.rel_op
        line = self._line(left, "=" if relation == "==" else relation, right, reason, "proved")
        return self._prove(line, lambda: self._prove_claim(left, line.relation, right))

    def _prove_claim(self, left: sp.Basic, relation: str, right: sp.Basic) -> None:
        left, right = self._plain(left), self._plain(right)
        if isinstance(left, sp.Set):
            prove_set_equality(left, right, self.domain)
        elif relation == "=":
            prove_identity(left, right, self.domain)
        else:
            prove_inequality(left, right, relation, self.domain)

    def _line(
        self, left: sp.Basic | None, relation: str, right: sp.Basic, reason: str, kind: str
    ) -> Line:
        for name, side in (("left", left), ("right", right)):
            if not (side is None and name == "left") and not isinstance(
                side, sp.Basic | sp.MatrixBase
            ):
                raise TypeError(f"{name} must be a SymPy object; got {side!r}")
        if not isinstance(reason, str):
            raise TypeError(f"reason must be a string; got {reason!r}")
        if relation not in RELATIONS:
            raise ValueError(f"relation must be one of {', '.join(RELATIONS)}; got {relation!r}")
        return Line(left, relation, right, reason, kind)

    def _prove(self, line: Line, proof: Callable[[], None]) -> "Derivation":
        try:
            proof()
        except NotProved as failure:
            raise self._error(line, str(failure)) from None
        self.lines.append(line)
        return self

    def _error(self, line: Line, why: str) -> DerivationError:
        number = sum(known.kind != "premise" for known in self.lines[1:]) + 1
        left = self.right if line.left is None else line.left
        return DerivationError(
            f'step {number}, "{line.reason}", is not proved:\n'
            f"    {left} {line.relation} {line.right}\n{why}"
        )

    def _plain(self, expression: sp.Basic) -> sp.Basic:
        for target, definition in reversed(self.definitions):
            if isinstance(target, AppliedUndef):
                expression = expression.replace(target.func, sp.Lambda(target.args, definition))
            else:
                expression = expression.subs(target, definition)
        return expression

    def _rows(self) -> list[tuple[str, str, str]]:
        rows = []
        waiting = None  # the expression that a chain starts from, until its first line is shown
        for line in self.lines:
            if line.kind == "start":
                waiting = line.right
                continue
            left = line.left
            if left is None and line.kind == "proved":
                left, waiting = waiting, None
            shown = "" if left is None else sp.latex(left)
            rows.append((shown, f"{RELATIONS[line.relation]} {sp.latex(line.right)}", line.reason))
        return rows or [(sp.latex(self.right), "", self.lines[0].reason)]

    def _repr_latex_(self) -> str:
        body = " \\\\\n".join(
            f"{left} & {right} && \\text{{{reason}}}" for left, right, reason in self._rows()
        )
        return f"$$\\begin{{aligned}}\n{body}\n\\end{{aligned}}$$"

    def _repr_html_(self) -> str:
        given = self._rows()
        sides = [max(width(row[side]) for row in given) for side in (0, 1)]
        wide = " derivation-wide" if sum(sides) > ROOM else ""
        rows = "\n".join(
            f'<div class="derivation-step">'
            f'<div class="derivation-left">{_math(left)}</div>'
            f'<div class="derivation-right">{_math(right)}</div>'
            f'<div class="derivation-reason">{_words(reason)}</div></div>'
            for left, right, reason in given
        )
        return (
            f'{STYLE}\n<div class="derivation{wide} tex2jax_process mathjax_process" '
            f'data-proved="{len(self)}">\n{rows}\n</div>'
        )

    def __repr__(self) -> str:
        """Return one line per step, in plain text."""
        return "\n".join(
            f"{'' if line.left is None else line.left} {line.relation} {line.right}"
            f"    ({line.reason})"
            for line in self.lines
        )


def _math(latex: str) -> str:
    return rf"\(\displaystyle {escape(latex)}\)" if latex else ""


def _words(reason: str) -> str:
    return re.sub(r"\$([^$]+)\$", r"\\(\1\\)", escape(reason))
