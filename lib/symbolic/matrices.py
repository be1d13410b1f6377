"""Equal matrices: a normal form for sums of products of symbolic size, entries for known sizes."""

from collections import defaultdict
from itertools import product

import sympy as sp
from sympy.matrices.expressions.matexpr import MatrixElement

from lib.symbolic.regions import Domain
from lib.symbolic.trust import NotProved, Trust

Word = tuple[sp.Basic, ...]
_SIZES = ((2, 3, 4), (3, 1, 2), (1, 4, 3), (4, 2, 5))


def is_matrix(side: sp.Basic) -> bool:
    """Tell whether a side is a matrix, or a trace or an entry of one."""
    return bool(
        getattr(side, "is_Matrix", False) or side.has(sp.Trace, MatrixElement, sp.MatrixSymbol)
    )


def words(side: sp.Basic) -> dict[Word, sp.Expr]:
    """Write a matrix as a sum of products of named matrices, each with a number in front."""
    total: dict[Word, sp.Expr] = defaultdict(lambda: sp.S.Zero)
    if isinstance(side, sp.MatAdd):
        for part in side.args:
            _add(total, words(part), sp.S.One)
    elif isinstance(side, sp.MatMul):
        factors = [words(a) if getattr(a, "is_Matrix", False) else {(): a} for a in side.args]
        for choice in product(*(f.items() for f in factors)):
            word = tuple(atom for w, _ in choice for atom in w)
            total[word] += sp.Mul(*(c for _, c in choice))
    elif isinstance(side, sp.Transpose):
        for word, coefficient in words(side.arg).items():
            total[tuple(_turned(atom) for atom in reversed(word))] += coefficient
    elif isinstance(side, sp.MatPow) and side.exp.is_Integer and side.exp > 0:
        return words(sp.MatMul(*[side.base] * int(side.exp)))
    elif isinstance(side, sp.Identity):
        total[()] += 1
    elif isinstance(side, sp.ZeroMatrix):
        pass
    elif isinstance(side, sp.HadamardProduct):
        parts = [words(a) for a in side.args]
        for choice in product(*(p.items() for p in parts)):
            atoms = sorted((sp.MatMul(*w) for w, _ in choice), key=sp.default_sort_key)
            total[(sp.HadamardProduct(*atoms),)] += sp.Mul(*(c for _, c in choice))
    else:
        total[(side,)] += 1
    return total


def _add(total: dict[Word, sp.Expr], more: dict[Word, sp.Expr], factor: sp.Expr) -> None:
    for word, coefficient in more.items():
        total[word] += factor * coefficient


def _turned(atom: sp.Basic) -> sp.Basic:
    if isinstance(atom, sp.Transpose):
        return atom.arg
    return atom if isinstance(atom, sp.OneMatrix) and atom.shape == (1, 1) else sp.Transpose(atom)


def traces_as_symbols(side: sp.Expr) -> sp.Expr:
    """Expand traces, and write those of cyclic or transposed products in the same way."""

    def spelled(node: sp.Trace) -> sp.Expr:
        return sp.Add(*(c * _trace_of(word, node) for word, c in words(node.arg).items()))

    return sp.sympify(side.replace(lambda n: isinstance(n, sp.Trace), spelled))


def _trace_of(word: Word, node: sp.Trace) -> sp.Expr:
    if not word:
        return node.arg.shape[0]
    turned = tuple(_turned(atom) for atom in reversed(word))
    rotations = [w[i:] + w[:i] for w in (word, turned) for i in range(len(w))]
    least = min(rotations, key=lambda w: [sp.default_sort_key(atom) for atom in w])
    return sp.Symbol(f"tr {least}", real=True)


def differences(left: sp.Basic, right: sp.Basic) -> list[sp.Expr] | None:
    """Return the numbers that must be zero for two sums of products to be equal.

    None if a part is of a kind that the normal form does not know.
    """
    if left.shape != right.shape:
        raise NotProved(f"the shapes differ: {left.shape} against {right.shape}")
    total: dict[Word, sp.Expr] = defaultdict(lambda: sp.S.Zero)
    _add(total, words(left), sp.S.One)
    _add(total, words(right), -sp.S.One)
    if any(not _known(atom) for word in total for atom in word):
        return None
    return list(total.values())


def _known(atom: sp.Basic) -> bool:
    if isinstance(atom, sp.Transpose):
        atom = atom.arg
    if isinstance(atom, sp.HadamardProduct):
        return all(_known(a) for arg in atom.args for a in sp.MatMul.make_args(arg))
    return isinstance(atom, sp.MatrixSymbol | sp.OneMatrix)


def has_known_size(*sides: sp.Basic) -> bool:
    """Tell whether every matrix has a number of rows and columns."""
    return not any(
        d.free_symbols
        for side in sides
        for m in side.atoms(sp.MatrixSymbol, sp.OneMatrix, sp.Identity, sp.ZeroMatrix)
        for d in m.shape
    )


def explicit(side: sp.Basic, sizes: tuple[int, ...] = _SIZES[0]) -> sp.ImmutableMatrix:
    """Write a matrix by its entries, with numbers for symbolic sizes."""
    lengths = sorted(
        {
            s
            for m in side.atoms(sp.MatrixSymbol, sp.OneMatrix, sp.Identity, sp.ZeroMatrix)
            for d in m.shape
            for s in d.free_symbols
        },
        key=str,
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
    if not getattr(filled, "is_Matrix", False):
        return sp.ImmutableMatrix([[filled]])
    return sp.ImmutableMatrix(filled.as_explicit() if hasattr(filled, "as_explicit") else filled)


def sizes_tried() -> tuple[tuple[int, ...], ...]:
    """Return the sizes at which a false equation of matrices is looked for."""
    return _SIZES


__all__ = [
    "Domain", "Trust", "differences", "explicit", "has_known_size", "is_matrix", "sizes_tried",
    "traces_as_symbols", "words",
]  # fmt: skip
