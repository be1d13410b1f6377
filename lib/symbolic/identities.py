"""Two expressions, or two matrices, are equal everywhere on the domain."""

import sympy as sp

from lib.symbolic import matrices, normal
from lib.symbolic.agreement import compare_at_points
from lib.symbolic.definedness import prove_defined
from lib.symbolic.evaluation import grows_close_by
from lib.symbolic.reduction import carried_out, vanishes
from lib.symbolic.regions import Domain
from lib.symbolic.trust import NotProved, Trust


def prove_identity(
    left: sp.Basic, right: sp.Basic, domain: Domain, *, at_points: bool = False
) -> Trust:
    """Prove that two expressions are defined and equal everywhere on the domain.

    Parameters
    ----------
    left, right : sympy.Basic
    domain : mapping of sympy.Symbol to sympy.Set
    at_points : bool
        Be content with agreement at points, where SymPy finds no proof.

    Returns
    -------
    Trust

    Raises
    ------
    NotProved
        With a counterexample, if there is one.
    """
    if getattr(left, "is_Matrix", False) or getattr(right, "is_Matrix", False):
        return _prove_matrices_equal(left, right, domain, at_points=at_points)
    if matrices.is_matrix(left - right):
        return _prove_traces_equal(left, right, domain, at_points=at_points)
    if left in (sp.oo, -sp.oo) or right in (sp.oo, -sp.oo):
        return _prove_infinite(left, right)
    seen = compare_at_points(left, right, domain, "=")
    trust = min(prove_defined(side, domain) for side in (left, right))
    found = vanishes(left - right, domain)
    if found:
        if any(_has_unproved_node(side) for side in (left, right)):
            found = min(found, Trust.SYMPY)
        return min(trust, found)
    if at_points and seen:
        return Trust.POINTS
    raise NotProved("the difference of the two sides is not reduced to zero")


def _has_unproved_node(side: sp.Basic) -> bool:
    """Limits must exist and be finite, which SymPy says."""
    for node in side.atoms(sp.Limit):
        value = carried_out(node)
        if value.has(sp.oo, sp.nan, sp.zoo, sp.Limit, sp.AccumBounds) and not value.free_symbols:
            raise NotProved(f"{node} is no finite number")
    return bool(side.has(sp.Limit)) or any(
        sp.oo in limit or -sp.oo in limit
        for node in side.atoms(sp.Integral, sp.Sum, sp.Product)
        for limit in node.limits
    )


def _prove_infinite(left: sp.Basic, right: sp.Basic) -> Trust:
    """Prove that both sides are the same infinity, which a limit may be."""
    for side in (left, right):
        if side not in (sp.oo, -sp.oo) and not isinstance(side, sp.Limit):
            raise NotProved(f"{side} is a number or undefined; only a limit may be infinite")
        if isinstance(side, sp.Limit) and not grows_close_by(side):
            raise NotProved(f"{side} is not seen to grow through real numbers")
    values = [side if side in (sp.oo, -sp.oo) else carried_out(side) for side in (left, right)]
    if values[0] != values[1]:
        raise NotProved(f"the two sides are {values[0]} and {values[1]}")
    return Trust.PROVED if left == right else Trust.SYMPY


def _prove_matrices_equal(
    left: sp.Basic, right: sp.Basic, domain: Domain, *, at_points: bool
) -> Trust:
    for side in (left, right):
        if not getattr(side, "is_Matrix", False):
            raise NotProved(f"{side} is no matrix, but the other side is")
    numbers = matrices.differences(left, right)
    if numbers is not None:
        found = [vanishes(number, domain) for number in numbers]
        if all(found):
            trust = min(found, default=Trust.PROVED)
            return min([trust, *(prove_defined(n, domain) for n in numbers)])
    return _by_entries(left, right, domain, at_points=at_points)


def _prove_traces_equal(
    left: sp.Basic, right: sp.Basic, domain: Domain, *, at_points: bool
) -> Trust:
    spelled = matrices.traces_as_symbols(left - right)
    if not spelled.has(sp.MatrixSymbol) and vanishes(spelled, domain):
        return min(vanishes(spelled, domain), prove_defined(spelled, domain))
    return _by_entries(left, right, domain, at_points=at_points)


def _by_entries(left: sp.Basic, right: sp.Basic, domain: Domain, *, at_points: bool) -> Trust:
    """Entry by entry: a proof for known sizes, else a search for a counterexample."""
    known = matrices.has_known_size(left, right)
    trust = Trust.PROVED
    for sizes in matrices.sizes_tried()[: 1 if known else None]:
        cases = [matrices.explicit(side, sizes) for side in (left, right)]
        if cases[0].shape != cases[1].shape:
            raise NotProved(f"the shapes differ: {cases[0].shape} against {cases[1].shape}")
        for one, other in zip(*cases, strict=True):
            trust = min(trust, prove_identity(one, other, domain))
    if known:
        return trust
    if at_points:
        return Trust.POINTS
    raise NotProved("no rule decides it for matrices of every size")


__all__ = ["normal", "prove_identity"]
