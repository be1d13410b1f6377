"""LaTeX of SymPy objects and of names, as the book sets them."""

import re
from typing import Any

import sympy as sp
from sympy.printing.latex import LatexPrinter

_TALL = re.compile(r"\\(d?frac|int|sum|prod|begin|lim)")
_WORDS = re.compile(r"_\{([A-Za-z]{2,})\}")
_INDICES = set("ijkl")


def bracket(latex: str) -> str:
    """Put brackets around a formula, as tall as it is."""
    return rf"\left({latex}\right)" if _TALL.search(latex) else f"({latex})"


def is_tall(latex: str) -> bool:
    """Tell whether a formula is taller than a line of text."""
    return bool(_TALL.search(latex))


def latex_of_name(name: str) -> str:
    r"""LaTeX of the name of a symbol or function.

    Examples
    --------
    >>> print(latex_of_name("h_1"), latex_of_name("sigma_w"), latex_of_name("n_in"))
    h_{1} \sigma_{w} n_{\text{in}}
    >>> print(latex_of_name(r"\phi'"))
    \phi'
    """
    latex = name if "\\" in name or "'" in name else str(sp.latex(sp.Symbol(name)))
    return _WORDS.sub(_roman, latex)


def _roman(subscript: re.Match[str]) -> str:
    """Set a word below the line upright; indices such as ``ij`` stay as they are."""
    word = subscript[1]
    return subscript[0] if set(word) <= _INDICES else rf"_{{\text{{{word}}}}}"


def latex_of(expression: sp.Basic) -> str:
    r"""LaTeX of a SymPy object, with the order of terms in which it was built where SymPy kept it.

    Examples
    --------
    >>> u, l = sp.symbols("u l", real=True)
    >>> print(latex_of(1 / (u - l)))
    \frac{1}{u - l}
    >>> print(latex_of(sp.Add(1, -u**2, u, evaluate=False)))
    1 - u^{2} + u
    """
    return str(_Printer({"ln_notation": True}).doprint(expression)).replace(r"\limits", "")


class _Printer(LatexPrinter):  # type: ignore[misc]  # SymPy publishes no types
    """SymPy's printer, with brackets as tall as what they hold and no leading minus."""

    def _print_Add(self, expr: sp.Add, order: str | None = None) -> str:
        kept = expr.args != expr.func(*expr.args).args
        terms = list(expr.args) if kept else list(self._as_ordered_terms(expr, order=order))
        if not kept and terms[0].could_extract_minus_sign():
            first = next((t for t in terms if not t.could_extract_minus_sign()), terms[0])
            terms.remove(first)
            terms.insert(0, first)
        shown = ""
        for term in terms:
            latex = self._print(term)
            negative = latex.startswith("-")
            if shown:
                shown += " - " if negative else " + "
                latex = latex[1:].lstrip() if negative else latex
            shown += latex
        return shown

    def _print_Symbol(self, expr: sp.Symbol, style: str = "plain") -> str:
        return latex_of_name(expr.name)

    def _print_Function(self, expr: sp.Function, exp: str | None = None) -> str:
        if not isinstance(expr, sp.core.function.AppliedUndef):
            return str(super()._print_Function(expr, exp))
        inside = ", ".join(str(self._print(argument)) for argument in expr.args)
        called = latex_of_name(expr.func.__name__) + bracket(inside)
        return called if exp is None else f"{called}^{{{exp}}}"

    def _print_ConditionSet(self, expr: sp.ConditionSet) -> str:
        symbol, condition = self._print(expr.sym), self._print(expr.condition)
        where = symbol
        if expr.base_set == sp.Interval.open(0, sp.oo):
            where = f"{symbol} > 0"
        elif expr.base_set not in (sp.S.Reals, sp.S.UniversalSet):
            where = rf"{symbol} \in {self._print(expr.base_set)}"
        return rf"\{{{where} \mid {condition}\}}"

    def _print_ImageSet(self, expr: sp.ImageSet) -> str:
        pairs = zip(expr.lamda.variables, expr.base_sets, strict=True)
        values = ", ".join(rf"{self._print(name)} \in {self._print(part)}" for name, part in pairs)
        return rf"\left\{{{self._print(expr.lamda.expr)} \mid {values}\right\}}"

    def _print_FiniteSet(self, expr: sp.FiniteSet) -> str:
        return rf"\{{{', '.join(str(self._print(member)) for member in expr)}\}}"

    def _print_Piecewise(self, expr: sp.Piecewise) -> str:
        return piecewise(
            [
                (self._print(value), None if condition == sp.true else self._print(condition))
                for value, condition in expr.args
            ]
        )


def piecewise(rows: list[tuple[str, str | None]]) -> str:
    """Set the cases of a function, each with its condition; the last one may have none."""
    lines = [
        f"{value} & " + (r"\text{otherwise}" if when is None else rf"\text{{for }} {when}")
        for value, when in rows
    ]
    return r"\begin{cases} " + r" \\ ".join(lines) + r" \end{cases}"


def name_of(known: Any) -> str:
    """Name by which a symbol, a function, a matrix or an indexed family is written."""
    if isinstance(known, sp.core.function.UndefinedFunction):
        return str(known.__name__)
    if isinstance(known, sp.Symbol | sp.MatrixSymbol | sp.IndexedBase):
        return str(known.label if isinstance(known, sp.IndexedBase) else known.name)
    raise TypeError(
        f"names are symbols, functions, matrix symbols or indexed families; got {known!r}"
    )
