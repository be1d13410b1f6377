"""Two expressions, or two matrices, are equal everywhere on the domain."""

import sympy as sp

from lib.symbolic.agreement import NotProved, compare_at_points
from lib.symbolic.points import Domain
from lib.symbolic.reduction import reduces_to_zero


def prove_identity(left: sp.Basic, right: sp.Basic, domain: Domain) -> None:
    """Prove that two expressions are equal everywhere on the domain, or raise `NotProved`."""
    if getattr(left, "is_Matrix", False) or getattr(right, "is_Matrix", False):
        return _prove_matrices_equal(left, right, domain)
    compare_at_points(left, right, domain, "=")
    if not reduces_to_zero(left - right, domain):
        raise NotProved("SymPy does not reduce the difference of the two sides to zero")


def _prove_matrices_equal(left: sp.Basic, right: sp.Basic, domain: Domain) -> None:
    """Entry by entry, with free symbols as entries, at two sets of sizes for symbolic shapes."""
    for sizes in ((2, 3, 4), (3, 1, 2)):
        left_case, right_case = (_explicit(side, sizes) for side in (left, right))
        if left_case.shape != right_case.shape:
            raise NotProved(f"the shapes differ: {left_case.shape} against {right_case.shape}")
        for entry_left, entry_right in zip(left_case, right_case, strict=True):
            prove_identity(entry_left, entry_right, domain)


def _explicit(side: sp.Basic, sizes: tuple[int, ...]) -> sp.ImmutableMatrix:
    lengths = sorted(
        {s for m in side.atoms(sp.MatrixSymbol) for d in m.shape for s in d.free_symbols}, key=str
    )
    chosen = {symbol: sp.Integer(sizes[i % len(sizes)]) for i, symbol in enumerate(lengths)}
    side = side.subs(chosen)
    entries = {
        symbol: sp.ImmutableMatrix(
            *symbol.shape, lambda i, j, m=symbol: sp.Symbol(f"{m.name}_{i}_{j}", real=True)
        )
        for symbol in side.atoms(sp.MatrixSymbol)
    }
    filled = side.subs(entries).doit()
    return sp.ImmutableMatrix(filled.as_explicit() if hasattr(filled, "as_explicit") else filled)
