"""A normal form: what it reduces to zero is zero wherever it is defined."""

import sympy as sp
from sympy.core.function import AppliedUndef

HYPERBOLIC = (sp.sinh, sp.cosh, sp.tanh, sp.coth, sp.sech, sp.csch)
_BOUND = "_bound_"
_GROWING = (sp.exp, sp.sinh, sp.cosh, sp.gamma, sp.factorial, sp.sin, sp.cos, sp.tan)
_HIGHEST = 10**7  # degree of a polynomial in an exponential
NODES = (sp.Integral, sp.Sum, sp.Product, sp.Limit)


def height(expression: sp.Basic) -> int:
    """Count how many exponentials, powers or waves stand inside each other at most.

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> height(sp.exp(sp.exp(x)) + x**3)
    2
    """
    inside = max((height(argument) for argument in expression.args), default=0)
    grows = isinstance(expression, _GROWING) or (
        isinstance(expression, sp.Pow) and not expression.exp.is_number
    )
    return inside + grows


def is_too_high(expression: sp.Basic) -> bool:
    """Tell whether exponentials would become powers of a degree that no computer can hold.

    The exponential of x (1 + 10^-30) is the power of degree 10^30 + 1 of one of x / 10^30.
    """
    coefficients = [
        term.as_coeff_Mul()[0]
        for node in expression.atoms(sp.exp, sp.Pow, *HYPERBOLIC)
        for power in [node.exp if isinstance(node, sp.exp | sp.Pow) else node.args[0]]
        for term in sp.Add.make_args(power)
    ]
    fractions = [c for c in coefficients if c.is_Rational]
    whole = sp.ilcm(1, 1, *(c.q for c in fractions))
    return any(abs(c) * whole > _HIGHEST for c in fractions)


def is_zero(difference: sp.Expr) -> bool:
    """Tell whether the normal form of an expression is zero.

    Derivatives are taken by the rules of differentiation, hyperbolic functions are rewritten by
    exponentials, logarithms of products of positive factors as sums, and then everything is put
    over one denominator, whose numerator is expanded as a polynomial in whatever is left.
    """
    expression = differentiated(difference)
    if is_too_high(expression):
        return False
    for form in _forms(expression):
        if form == 0 or _numerator(form) == 0:
            return True
    return expression.has(sp.log, sp.asinh, sp.acosh, sp.atanh) and _is_log_of_one(expression)


def _is_log_of_one(expression: sp.Expr) -> bool:
    """Tell whether the exponential of a real number is one: its logarithms become a product."""
    whole = sp.expand(expression.rewrite((sp.asinh, sp.acosh, sp.atanh), sp.log), log=False)
    product, rest = sp.S.One, sp.S.Zero
    scale = sp.ilcm(1, 1, *(t.as_coeff_Mul()[0].q for t in sp.Add.make_args(whole)
                         if t.as_coeff_Mul()[0].is_Rational))  # fmt: skip
    for term in sp.Add.make_args(whole):
        coefficient, body = (scale * term).as_coeff_Mul()
        if isinstance(body, sp.log) and coefficient.is_Integer:
            if abs(coefficient) > 12:
                return False
            product *= body.args[0] ** coefficient
        else:
            rest += scale * term
    if product == 1:
        return False
    return bool(_numerator(product * sp.exp(rest) - 1) == 0)


def differentiated(expression: sp.Expr) -> sp.Expr:
    """Carry out derivatives and substitutions, and leave integrals, sums and limits alone."""

    def carried_out(node: sp.Basic) -> sp.Basic:
        return node.doit(integrals=False, sums=False, limits=False, products=False)

    if not expression.has(sp.Derivative, sp.Subs):
        return expression
    return sp.sympify(carried_out(expression))


def _forms(expression: sp.Expr) -> list[sp.Expr]:
    forms = [expression]
    if expression.has(*HYPERBOLIC):
        forms.append(_as_exponentials(expression))
    if expression.has(sp.sin, sp.cos, sp.tan):
        forms.append(sp.expand_trig(expression).rewrite(sp.tan, sp.sin).subs(_squares(expression)))
    if expression.has(sp.log):
        forms.append(sp.expand_log(forms[-1].xreplace(_factored_logs(forms[-1])), factor=True))
    if expression.has(sp.Piecewise):
        forms.append(sp.piecewise_fold(expression))
    if expression.has(sp.Max, sp.Min, sp.sign):
        forms.append(expression.rewrite(sp.Abs))
    if expression.has(*NODES):
        forms.append(_canonical_bound(expression))
    return forms


def _as_exponentials(expression: sp.Expr) -> sp.Expr:
    return expression.replace(
        lambda node: isinstance(node, HYPERBOLIC), lambda node: node.rewrite(sp.exp)
    )


def _squares(expression: sp.Expr) -> dict[sp.Expr, sp.Expr]:
    return {
        node**2: 1 - sp.cos(node.args[0]) ** 2 for node in sp.expand_trig(expression).atoms(sp.sin)
    }


def _factored_logs(expression: sp.Expr) -> dict[sp.Expr, sp.Expr]:
    return {node: sp.log(sp.factor(sp.together(node.args[0]))) for node in expression.atoms(sp.log)}


def _canonical_bound(expression: sp.Expr) -> sp.Expr:
    """Give the bound variables of integrals and sums names that depend on their place only."""

    def renamed(node: sp.Basic) -> sp.Basic:
        taken = sum(s.name.startswith(_BOUND) for s in node.atoms(sp.Symbol))  # further inside
        for index, variable in enumerate(node.bound_symbols):
            slot = sp.Symbol(f"{_BOUND}{taken + index}", **_kind(variable))
            node = node.func(*(argument.xreplace({variable: slot}) for argument in node.args))
        return node

    return expression.replace(lambda n: isinstance(n, sp.Integral | sp.Sum | sp.Product), renamed)


def _kind(variable: sp.Symbol) -> dict[str, bool]:
    return {k: v for k, v in variable.assumptions0.items() if v is not None}


def _numerator(expression: sp.Expr) -> sp.Expr:
    if expression.has(sp.Piecewise) and sp.count_ops(expression) > 200:
        return expression
    return sp.expand(sp.numer(sp.together(sp.expand(expression, power_exp=True, mul=False))))


def has_nodes(expression: sp.Basic) -> bool:
    """Tell whether limits, integrals, sums or products are left."""
    return bool(expression.has(*NODES))


def has_undefined(expression: sp.Basic) -> bool:
    """Tell whether functions without a definition are left."""
    return bool(expression.atoms(AppliedUndef))
