"""What a derivation may take for granted, and what it has to prove, line by line."""

from collections.abc import Callable, Iterable, Mapping, Sequence

import sympy as sp
from sympy.core.function import AppliedUndef

from lib.symbolic.budget import limited
from lib.symbolic.definedness import prove_defined
from lib.symbolic.equations import prove_equivalence
from lib.symbolic.evident_signs import NONNEGATIVE, NONZERO, POSITIVE
from lib.symbolic.identities import prove_identity
from lib.symbolic.implications import prove_implication
from lib.symbolic.inequalities import prove_inequality
from lib.symbolic.language import admit
from lib.symbolic.matrices import is_matrix
from lib.symbolic.regions import domain_of, is_whole, pieces
from lib.symbolic.sets import prove_set_equality
from lib.symbolic.signs import sign
from lib.symbolic.trust import NotProved, Trust

DEFINITION, ASSUMPTION = "definition", "assumption"

Statement = tuple[sp.Basic, str, sp.Basic]


class Proofs:
    """The domain, the names and the definitions of one derivation, and the proofs on them.

    Parameters
    ----------
    domain : mapping of sympy.Symbol to sympy.Set
    seconds : float
        Processor time that one line may take.
    """

    def __init__(self, domain: Mapping[sp.Symbol, sp.Set], seconds: float) -> None:
        self.domain = dict(domain)
        self.seconds = seconds
        self.names: dict[str, sp.Basic] = {}
        self.definitions: list[tuple[sp.Basic, sp.Basic]] = []
        self._domain_checked = False

    def __eq__(self, other: object) -> bool:
        """Tell whether two hold the same domain, names and definitions."""
        return isinstance(other, Proofs) and self.__dict__ == other.__dict__

    def plain(self, expression: sp.Basic) -> sp.Basic:
        """Put definitions in the place of what they define."""
        for target, definition in reversed(self.definitions):
            if isinstance(target, AppliedUndef):
                expression = expression.replace(target.func, sp.Lambda(target.args, definition))
            else:
                expression = expression.subs(target, definition)
        return expression

    def run(self, sides: Iterable[sp.Basic], proof: Callable[[], Trust]) -> Trust:
        """Admit the sides and prove a line, within the time; only `NotProved` comes out."""
        with limited(self.seconds):
            try:
                self._check_domain()
                admit(sides, self.names)
                found = proof()
            except NotProved:
                raise
            except RecursionError:
                raise NotProved("SymPy does not come to an end with this line") from None
            except Exception as failure:
                said = f"{type(failure).__name__}: {failure}".splitlines()[0][:200]
                raise NotProved(f"SymPy cannot work with this line ({said})") from failure
        if not found:
            raise NotProved("no rule proves it")
        return found

    def _check_domain(self) -> None:
        if self._domain_checked:
            return
        admit(self.domain, self.names)
        for symbol, allowed in self.domain.items():
            if allowed == sp.S.EmptySet or domain_of(symbol, self.domain) == sp.S.EmptySet:
                raise NotProved(f"the domain of {symbol} is empty")
            pieces(symbol, self.domain, set())
        self._domain_checked = True

    def statement(
        self, statement: Statement, parts: Sequence[sp.Basic], *, at_points: bool = False
    ) -> Trust:
        """Prove an identity, an inequality or a set."""
        left, relation, right = statement
        left, right = self.plain(left), self.plain(right)
        if isinstance(left, sp.Set) or isinstance(right, sp.Set):
            if relation != "=" or not isinstance(left, sp.Set):
                raise NotProved("a set can only be equal to a set")
            return prove_set_equality(left, right, self.domain)
        if relation == "=":
            found = prove_identity(left, right, self.domain, at_points=at_points)
        else:
            found = prove_inequality(left, right, relation, self.domain, at_points=at_points)
        return min(found, self.defined_parts(parts))

    def defined_parts(self, parts: Sequence[sp.Basic]) -> Trust:
        """Prove that each part of a formula, as it was written, is defined."""
        worst = Trust.PROVED
        for part in parts:
            form = self.plain(part)
            if isinstance(form, sp.Expr) and not is_matrix(form) and form not in (sp.oo, -sp.oo):
                worst = min(worst, prove_defined(form, self.domain))
        return worst

    def equivalence(self, before: Statement, after: Statement, parts: Sequence[sp.Basic]) -> Trust:
        """Prove that two equations or inequalities have the same solutions."""
        lines = [(self.plain(a), relation, self.plain(b)) for a, relation, b in (before, after)]
        found = prove_equivalence(lines[0], lines[1], self.domain)
        return min(found, self.defined_parts(parts))

    def implication(self, before: Statement, after: Statement, parts: Sequence[sp.Basic]) -> Trust:
        """Prove that an equation or inequality follows from another."""
        lines = [(self.plain(a), relation, self.plain(b)) for a, relation, b in (before, after)]
        found = prove_implication(lines[0], lines[1], self.domain)
        return min(found, self.defined_parts(parts))

    def premise(
        self, statement: Statement, reason: str, parts: Sequence[sp.Basic]
    ) -> tuple[Trust, str]:
        """Tell whether a first line is a definition, a theorem or an assumption."""
        left, relation, right = statement
        for side in (left, right):
            if not is_matrix(side) and not isinstance(side, sp.Set):
                prove_defined(side, self.domain)
        self.defined_parts(parts)
        if relation == "=" and _is_new(left, right) and self._fits(left, right):
            return Trust.PROVED, DEFINITION
        try:
            found = self.statement(statement, ())
            return found, found.name.lower()
        except NotProved as failure:
            if "definition" in reason.lower():
                raise NotProved(
                    f"it is called a definition, but {left} has a meaning already, and {failure}"
                ) from None
            if not left.free_symbols | right.free_symbols:
                raise
        return Trust.PROVED, ASSUMPTION

    def define(
        self,
        target: sp.Basic,
        definition: sp.Basic,
        used: Iterable[sp.Basic],
        *,
        as_symbol: bool = True,
    ) -> Trust:
        """Check that a definition defines something new that its symbol can stand for.

        What stands as a symbol has a value everywhere; a function is looked at where it is used.
        """
        name = target.func if isinstance(target, AppliedUndef) else target
        said = list(used)
        for known, meaning in self.definitions:
            if meaning.has(name):
                raise NotProved(f"{name} is used already, in the definition of {known}")
        if any(e.has(name) for e in said) and not self._renames(target, definition, said):
            raise NotProved(f"{name} is used already, in a line before its definition")
        if isinstance(target, sp.Symbol) or as_symbol:
            plain = self.plain(definition)
            if not is_matrix(plain):
                prove_defined(plain, self.domain)
            if not self._fits(target, plain):
                raise NotProved(f"{definition} does not have the properties that {target} has")
        return Trust.PROVED

    def _renames(self, target: sp.Basic, definition: sp.Basic, said: Sequence[sp.Basic]) -> bool:
        """Tell whether a definition takes every real value through a symbol that is new.

        Then it says nothing about a target that was used before: it only writes it differently.
        """
        known = {s for e in (*said, *(d for _, d in self.definitions)) for s in e.free_symbols}
        for symbol in definition.free_symbols - known - set(self.domain):
            free = symbol.is_real and symbol.is_positive is None and symbol.is_negative is None
            if not free or symbol.is_integer is not None or symbol.is_zero is not None:
                continue
            if definition.is_polynomial(symbol) and sp.degree(definition, symbol) == 1:
                slope = sp.Poly(definition, symbol).LC()
                if slope.is_number and slope.is_nonzero and isinstance(target, sp.Symbol):
                    return True
        return False

    def _fits(self, target: sp.Basic, definition: sp.Basic) -> bool:
        """Tell whether a value has what its symbol is assumed to have, and lies in its domain."""
        if isinstance(target, AppliedUndef) or not isinstance(target, sp.Symbol):
            return True
        known = {k for k, v in target.assumptions0.items() if v}
        wanted = {
            "positive": (POSITIVE, 1), "negative": (POSITIVE, -1),
            "nonnegative": (NONNEGATIVE, 1), "nonpositive": (NONNEGATIVE, -1),
            "nonzero": (NONZERO, 1),
        }  # fmt: skip
        for key, (kind, way) in wanted.items():
            if key in known and not sign(way * definition, kind, self.domain):
                return False
        for key in ("integer", "even", "odd", "prime", "rational", "irrational"):
            if key in known and not (getattr(definition, f"is_{key}") or (
                key == "integer" and _whole(definition, self.domain)
            )):  # fmt: skip
                return False
        if target in self.domain:
            return _inside(definition, self.domain[target], self.domain)
        return True


def _whole(definition: sp.Expr, domain: Mapping[sp.Symbol, sp.Set]) -> bool:
    whole = {s: sp.Dummy(integer=True) for s in definition.free_symbols if is_whole(s, domain)}
    return definition.xreplace(whole).is_integer is True


def _inside(value: sp.Expr, allowed: sp.Set, domain: Mapping[sp.Symbol, sp.Set]) -> bool:
    if allowed.contains(value) == sp.true or allowed == sp.S.Reals:
        return True
    if not isinstance(allowed, sp.Interval):
        return False
    for end, gap, is_open in (
        (allowed.inf, value - allowed.inf, allowed.left_open),
        (allowed.sup, allowed.sup - value, allowed.right_open),
    ):
        kind = POSITIVE if is_open else NONNEGATIVE
        if end.is_finite is not False and not sign(gap, kind, domain):
            return False
    return True


def _is_new(left: sp.Basic, right: sp.Basic) -> bool:
    """Tell whether an equation may define its left side."""
    if isinstance(left, AppliedUndef):
        arguments = set(left.args)
        return (
            all(a.is_Symbol for a in arguments)
            and len(arguments) == len(left.args)
            and not right.has(left.func)
        )
    return isinstance(left, sp.Symbol | sp.MatrixSymbol) and not right.has(left)
