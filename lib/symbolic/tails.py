"""What integrands do far out, and integrals that together integrate a derivative."""

import sympy as sp

from lib.symbolic import normal
from lib.symbolic.regions import edges_of
from lib.symbolic.trust import Trust

_BOUNDED = (sp.tanh, sp.sin, sp.cos, sp.atan, sp.erf, sp.erfc, sp.sign, sp.Heaviside)


def tends_to_zero(tail: sp.Expr, far: sp.Symbol) -> bool:
    """Tell whether every term tends to 0 for large values, even without its bounded factors.

    Examples
    --------
    >>> R = sp.Symbol("R", positive=True)
    >>> tends_to_zero(R**2 * sp.tanh(R) * sp.exp(-R), R), tends_to_zero(sp.tanh(R), R)
    (True, False)
    """
    return any(_terms_tend_to_zero(form, far) for form in (tail, sp.expand(tail)))


def _terms_tend_to_zero(tail: sp.Expr, far: sp.Symbol) -> bool:
    for term in sp.Add.make_args(tail):
        rest = sp.Mul(*(f for f in sp.Mul.make_args(term) if not _is_bounded(f)))
        if rest.has(*_BOUNDED):
            return False
        try:
            if sp.limit(rest, far, sp.oo) != 0:
                return False
        except (NotImplementedError, ValueError, TypeError, RecursionError):
            return False
    return True


def _is_bounded(factor: sp.Expr) -> bool:
    if isinstance(factor, _BOUNDED):
        return bool(factor.args[0].is_real)
    if not isinstance(factor, sp.Pow):
        return False
    if factor.exp.is_Integer and factor.exp > 0:
        return _is_bounded(factor.base)
    terms = sp.Add.make_args(factor.base)  # at least the number among them
    return bool(
        factor.exp.is_negative
        and factor.exp.is_number
        and all(term.is_nonnegative for term in terms)
        and any(term.is_number and term.is_positive for term in terms)
    )


def vanish_by_parts(difference: sp.Expr) -> Trust:
    """Prove that integrals over all real numbers add up to 0, by parts.

    Their integrands are together the derivative of a product that is defined everywhere and tends
    to 0 on both sides. The product is looked for among the integrands: each has a factor such as
    exp(-z^2/2), whose integral with -z is known. E z f(z) = E f'(z) is the example.
    """
    slot = sp.Dummy("z", real=True)
    integrands = []
    for term in sp.Add.make_args(sp.expand(difference, deep=False)):
        coefficient, node = term.as_independent(sp.Integral)
        if not isinstance(node, sp.Integral) or len(node.limits) != 1 or coefficient.free_symbols:
            return Trust.NONE
        variable, *ends = node.limits[0]
        if tuple(ends) != (-sp.oo, sp.oo):
            return Trust.NONE
        inner = coefficient * node.function.subs(variable, slot)
        if not inner.has(slot) or inner.has(sp.Integral, sp.Sum, sp.Limit) or edges_of(inner):
            return Trust.NONE
        integrands.append(normal.differentiated(inner))
    whole = sp.Add(*integrands)
    for product in _products(integrands, slot):
        if normal.is_zero(sp.diff(product, slot) - whole) and _is_smooth_and_fades(product, slot):
            return Trust.SYMPY
    return Trust.NONE


def _products(integrands: list[sp.Expr], slot: sp.Symbol) -> list[sp.Expr]:
    found = []
    for integrand in integrands:
        for power in sorted({e.args[0] for e in integrand.atoms(sp.exp)}, key=sp.default_sort_key):
            slope = sp.diff(power, slot)
            if slope.is_polynomial(slot) and slope.has(slot):
                found += [integrand / slope, sp.expand(sp.expand(integrand) / slope)]
    return found


def _is_smooth_and_fades(product: sp.Expr, slot: sp.Symbol) -> bool:
    for node in product.atoms(sp.Pow, sp.log, sp.Function):
        covered = isinstance(node, sp.exp | sp.tanh | sp.sin | sp.cos | sp.atan | sp.erf)
        positive = isinstance(node, sp.Pow) and (
            (node.exp.is_Integer and node.exp > 0)
            or not node.has(slot)
            or (node.base.is_positive and not node.exp.has(slot))
        )
        if not covered and not positive:
            return False
    far = sp.Dummy("R", positive=True)
    return all(tends_to_zero(product.subs(slot, way * far), far) for way in (1, -1))
