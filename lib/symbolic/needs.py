"""What a single function needs to be defined, as a real number."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import sympy as sp

from lib.symbolic.evident_signs import NONNEGATIVE, NONZERO, POSITIVE
from lib.symbolic.regions import Domain, is_whole
from lib.symbolic.signs import sign
from lib.symbolic.trust import NotProved


@dataclass(frozen=True)
class Need:
    """Something that must hold for a part of a formula to exist."""

    kind: str
    expression: sp.Expr
    part: sp.Basic
    bound: Mapping[sp.Symbol, sp.Set] = field(default_factory=dict)


def needs_of_function(node: sp.Basic, domain: Domain) -> Iterator[Need]:
    """Yield what a function needs of its own arguments, whatever these need in turn."""
    if isinstance(node, sp.Pow):
        yield from _power(node, domain)
    elif isinstance(node, sp.log):
        yield Need(POSITIVE, node.args[0], node)
    elif isinstance(node, sp.tan | sp.sec):
        yield Need(NONZERO, sp.cos(node.args[0]), node)
    elif isinstance(node, sp.cot | sp.csc):
        yield Need(NONZERO, sp.sin(node.args[0]), node)
    elif isinstance(node, sp.coth | sp.csch | sp.acot):
        yield Need(NONZERO, node.args[0], node)
    elif isinstance(node, sp.asin | sp.acos):
        yield Need(NONNEGATIVE, 1 - node.args[0], node)
        yield Need(NONNEGATIVE, 1 + node.args[0], node)
    elif isinstance(node, sp.acosh):
        yield Need(NONNEGATIVE, node.args[0] - 1, node)
    elif isinstance(node, sp.atanh):
        yield Need(POSITIVE, 1 - node.args[0], node)
        yield Need(POSITIVE, 1 + node.args[0], node)
    elif isinstance(node, sp.acoth):
        yield Need(POSITIVE, node.args[0] ** 2 - 1, node)
    elif isinstance(node, sp.gamma | sp.loggamma):
        yield Need(POSITIVE, node.args[0], node)
    elif isinstance(node, sp.factorial):
        yield Need(NONNEGATIVE, node.args[0], node)
    elif isinstance(node, sp.binomial):
        if not takes_integers(node.args[1], domain):
            raise NotProved(f"{node} is covered for an integer below only")
        yield Need(NONNEGATIVE, node.args[1], node)
    elif isinstance(node, sp.LambertW):
        yield Need(NONNEGATIVE, node.args[0] + sp.exp(-1), node)
        if len(node.args) > 1 and node.args[1] == -1:
            yield Need(POSITIVE, -node.args[0], node)


def _power(node: sp.Pow, domain: Domain) -> Iterator[Need]:
    base, power = node.base, node.exp
    if isinstance(power, sp.Integer):
        if power < 0:
            yield Need(NONZERO, base, node)
    elif isinstance(power, sp.Rational):
        yield Need(NONNEGATIVE if power > 0 else POSITIVE, base, node)
    elif base == sp.E:
        return
    elif takes_integers(power, domain):
        if not sign(power, NONNEGATIVE, domain):
            yield Need(NONZERO, base, node)
    elif sign(power, POSITIVE, domain):
        yield Need(NONNEGATIVE, base, node)
    else:
        yield Need(POSITIVE, base, node)


def takes_integers(expression: sp.Expr, domain: Domain) -> bool:
    """Tell whether an expression is an integer everywhere on the domain."""
    whole = {s: sp.Dummy(integer=True) for s in expression.free_symbols if is_whole(s, domain)}
    return expression.xreplace(whole).is_integer is True
