"""The domain of a proof in words: for which values of its symbols the lines hold."""

from collections.abc import Iterable

import sympy as sp

from lib.symbolic.printing import latex_of, latex_of_name
from lib.symbolic.regions import Domain, domain_of

FEW = 4  # so many symbols are listed by name


def conditions(symbols: Iterable[sp.Symbol], domain: Domain) -> str:
    r"""Say for which values of the symbols a statement was proved.

    Symbols that take all real values are mentioned only if no symbol is restricted.

    Parameters
    ----------
    symbols : iterable of sympy.Symbol
        The symbols of the statement.
    domain : mapping of sympy.Symbol to sympy.Set
        Values that they may take; a symbol that is not named takes those that it assumes.

    Returns
    -------
    str
        Words with mathematics between dollar signs; empty without symbols.

    Examples
    --------
    >>> P, x = sp.symbols("P x", real=True)
    >>> q = sp.Symbol("q", positive=True)
    >>> print(conditions([P, x], {P: sp.Interval.open(0, 1)}))
    for $0 < P < 1$
    >>> print(conditions([x, q], {x: sp.Complement(sp.S.Reals, {0})}))
    for $q > 0$ and $x \ne 0$
    >>> print(conditions([x], {}))
    for all real $x$
    """
    by_values: dict[str, list[str]] = {}
    free = []
    for symbol in sorted(symbols, key=str):
        allowed = domain_of(symbol, domain)
        if allowed == sp.S.Reals:
            free.append(latex_of_name(symbol.name))
        else:
            by_values.setdefault(_pattern(allowed), []).append(latex_of_name(symbol.name))
    if by_values:
        return "for " + _listed(
            [f"${pattern.replace('@', ', '.join(names))}$" for pattern, names in by_values.items()]
        )
    if not free:
        return ""
    names = [f"${name}$" for name in free]
    return f"for all real {_listed(names)}" if len(free) <= FEW else "for all real values"


def _listed(items: list[str]) -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"


def _pattern(allowed: sp.Set) -> str:
    """LaTeX of "belongs to the set", with the sign @ in the place of what belongs."""
    if allowed == sp.S.Naturals:
        return r"@ \in \{1, 2, 3, \ldots\}"
    if allowed == sp.S.Naturals0:
        return r"@ \in \{0, 1, 2, \ldots\}"
    if isinstance(allowed, sp.Interval):
        low, high = latex_of(allowed.start), latex_of(allowed.end)
        above = "<" if allowed.left_open else r"\le"
        below = "<" if allowed.right_open else r"\le"
        if allowed.end == sp.oo:
            return f"@ > {low}" if allowed.left_open else rf"@ \ge {low}"
        if allowed.start == -sp.oo:
            return f"@ {below} {high}"
        return f"{low} {above} @ {below} {high}"
    if isinstance(allowed, sp.FiniteSet):
        (first, *rest) = allowed.args
        return rf"@ \in {latex_of(allowed)}" if rest else f"@ = {latex_of(first)}"
    outside = sp.Complement(sp.S.Reals, allowed).doit() if not allowed.free_symbols else None
    if isinstance(outside, sp.FiniteSet):
        return rf"@ \ne {', '.join(latex_of(point) for point in outside)}"
    return rf"@ \in {latex_of(allowed)}"


def free_symbols(expressions: Iterable[sp.Basic]) -> set[sp.Symbol]:
    """Symbols with a value: neither bound, nor the size of a matrix, nor the name of a family."""
    found: set[sp.Symbol] = set()
    for expression in expressions:
        families = {family.label for family in expression.atoms(sp.IndexedBase)}
        found |= {
            s
            for s in expression.free_symbols
            if isinstance(s, sp.Symbol) and not isinstance(s, sp.Dummy) and s not in families
        }
    return found
