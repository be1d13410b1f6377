"""What every activation is made of: the object, its registry, and the care taken with dtypes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, TypeVar

import numpy as np
import sympy as sp
from numpy.typing import ArrayLike

from lib._checks import as_float, choice, instance, real_numbers, shown
from lib._values import ReadOnly

Kernel = Callable[[np.ndarray], np.ndarray]
JointKernel = Callable[[np.ndarray, np.ndarray, np.ndarray], None]
Factory = TypeVar("Factory", bound=Callable[..., "Activation"])

SYMBOL = sp.Symbol("x", real=True)
ALPHA = sp.Symbol("alpha", real=True)
BETA = sp.Symbol("beta", real=True)

POSITIVE = sp.Interval.open(0, sp.oo)
NON_NEGATIVE = sp.Interval(0, sp.oo)
REALS = sp.Interval(-sp.oo, sp.oo)

_FACTORIES: dict[str, Callable[..., Activation]] = {}
_FORMS: dict[str, tuple[sp.Expr, dict[str, sp.Symbol]]] = {}


@dataclass(frozen=True, repr=False)
class Activation:
    r"""An elementwise activation function :math:`\phi`, for computing and for algebra.

    Made by the factory functions of :mod:`lib.activations`; two are equal when their name and
    parameters are.

    Attributes
    ----------
    name, label : str
        The factory's name, and the name for plots and menus.
    parameters : Mapping
        The factory's arguments by name (read-only); numbers are floats.
    expression, slope : sympy.Expr
        :math:`\phi(x)` and :math:`\phi'(x)` in ``symbol``, with exact parameters. At a kink the
        slope has the value that ``derivative`` returns there.
    range : sympy.Interval
        The values taken on the real line, each end open or closed.
    sup_slope : sympy.Expr
        The supremum of :math:`\phi'` on the real line, exact or to 50 digits.
    sup_slope_at : sympy.Set
        Where ``slope`` equals ``sup_slope``; the empty set if it is only approached.
    kernel, derivative_kernel : callable
        The NumPy functions behind ``phi(x)`` and ``phi.derivative(x)``, without the dtype care.
    joint_kernel : callable, optional
        What `write` does where the two share work.
    symbol : sympy.Symbol
        The real variable ``x``, the same for all activations.

    Examples
    --------
    >>> from lib import activations
    >>> phi = activations.leaky_relu(alpha=0.01)
    >>> phi
    leaky_relu(alpha=0.01)
    >>> phi([-2.0, 3.0])
    array([-0.02,  3.  ])
    >>> phi.slope
    Piecewise((1, x > 0), (1/100, True))
    """

    name: str
    label: str = field(compare=False)
    parameters: Mapping[str, Any]
    expression: sp.Expr = field(compare=False)
    slope: sp.Expr = field(compare=False)
    range: sp.Set = field(compare=False)
    sup_slope: sp.Expr = field(compare=False)
    sup_slope_at: sp.Set = field(compare=False)
    kernel: Kernel = field(compare=False)
    derivative_kernel: Kernel = field(compare=False)
    symbol: sp.Symbol = field(default=SYMBOL, compare=False)
    joint_kernel: JointKernel | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "parameters", ReadOnly(self.parameters))

    def write(self, x: np.ndarray, value: np.ndarray, slope: np.ndarray) -> None:
        r"""Write :math:`\phi(x)` and :math:`\phi'(x)` into given arrays, sharing work.

        Parameters
        ----------
        x, value, slope : ndarray of float32 or float64
            Of one shape and dtype; the latter two are overwritten.
        """
        if self.joint_kernel is not None:
            self.joint_kernel(x, value, slope)
        else:
            value[...] = self.kernel(x)
            slope[...] = self.derivative_kernel(x)

    def __call__(self, x: ArrayLike) -> Any:
        r""":math:`\phi(x)`, elementwise.

        Parameters
        ----------
        x : array_like, any shape
            Pre-activations, real. A floating dtype is kept; integers and booleans become float64.

        Returns
        -------
        ndarray or NumPy scalar
            A new array of the shape of `x`; a scalar for a scalar.

        Raises
        ------
        TypeError
            If `x` is not an array of real numbers.
        """
        return evaluate(self.kernel, x)

    def derivative(self, x: ArrayLike) -> Any:
        r""":math:`\phi'(x)`, elementwise; at a kink the value stated by the factory.

        Arguments, result and errors are those of calling the activation.
        """
        return evaluate(self.derivative_kernel, x)

    def __hash__(self) -> int:
        return hash((self.name, tuple(self.parameters.items())))

    def __repr__(self) -> str:
        arguments = ", ".join(f"{name}={value!r}" for name, value in self.parameters.items())
        return f"{self.name}({arguments})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (self.name, dict(self.parameters))


def _rebuild(name: str, parameters: dict[str, Any]) -> Activation:
    return get(name, **parameters)


def register(form: sp.Expr, **symbols: sp.Symbol) -> Callable[[Factory], Factory]:
    """Enter a factory into the registry, with its generic form and the form's parameters."""

    def decorate(factory: Factory) -> Factory:
        _FACTORIES[factory.__name__] = factory
        _FORMS[factory.__name__] = (form, symbols)
        return factory

    return decorate


def names() -> tuple[str, ...]:
    """Names of all activations.

    Examples
    --------
    >>> from lib import activations
    >>> activations.names()[:4]
    ('linear', 'sigmoid', 'tanh', 'lecun_tanh')
    """
    return tuple(_FACTORIES)


def get(name: str, **parameters: Any) -> Activation:
    """Make an activation by its name.

    Parameters
    ----------
    name : str
        One of `names`.
    **parameters
        Passed on to the factory of that name.

    Raises
    ------
    ValueError
        If there is no activation of that name, or a parameter's value is not allowed.
    TypeError
        If the activation has no parameter of that name.

    Examples
    --------
    >>> from lib import activations
    >>> activations.get("elu", alpha=2)
    elu(alpha=2.0)
    """
    return _known(name, _FACTORIES)(**parameters)


def as_activation(name: str, value: Activation | str) -> Activation:
    """Return an activation, made by its name or as it is; `name` is that of the argument."""
    if isinstance(value, str):
        return get(choice(name, value, _FACTORIES))
    return instance(name, value, Activation, "a name or an Activation")


def symbolic_form(name: str) -> tuple[sp.Expr, sp.Symbol, dict[str, sp.Symbol]]:
    r"""Expression of an activation, with its parameters left as symbols.

    Parameters
    ----------
    name : str
        One of `names`.

    Returns
    -------
    expression : sympy.Expr
        :math:`\phi(x)`; for ``"gelu"`` the exact form, for ``"rrelu"`` a given slope
        :math:`\alpha`.
    x : sympy.Symbol
        Its variable.
    parameters : dict of str to sympy.Symbol
        Its parameters by name, empty if it has none.

    Examples
    --------
    >>> from lib import activations
    >>> expression, x, parameters = activations.symbolic_form("elu")
    >>> expression.diff(x)
    Piecewise((1, x > 0), (alpha*exp(x), True))
    """
    expression, parameters = _known(name, _FORMS)
    return expression, SYMBOL, dict(parameters)


Entry = TypeVar("Entry")


def _known(name: str, registry: Mapping[str, Entry]) -> Entry:
    return registry[choice("name", name, registry)]


def as_floating(x: ArrayLike) -> np.ndarray:
    """`x` as an array of floats: floating dtypes kept, integers and booleans to float64."""
    return real_numbers("x", x, booleans=True)


def evaluate(kernel: Kernel, x: ArrayLike) -> Any:
    """Apply a kernel to `x`, float16 by way of float32, and return the dtype and shape of `x`.

    Underflow to zero and overflow to infinity are silent: both are the correctly rounded value
    of a result that the dtype cannot hold.
    """
    array = as_floating(x)
    working = np.result_type(array.dtype, np.float32)
    with np.errstate(over="ignore", under="ignore"):
        result = kernel(np.atleast_1d(array).astype(working, copy=False))
        return result.astype(_dtype_of(x, array), copy=False).reshape(array.shape)[()]


def _dtype_of(x: ArrayLike, array: np.ndarray) -> np.dtype[Any]:
    """Return the dtype of what was given, its byte order included, if it is a floating one."""
    given = getattr(x, "dtype", array.dtype)
    return given if given.kind == "f" else array.dtype


def decay(x: np.ndarray) -> np.ndarray:
    """``exp(-|x|)``: never overflows, and is tiny where an activation saturates."""
    result: np.ndarray = np.abs(x)
    np.negative(result, out=result)
    np.exp(result, out=result)
    return result


def weighted(x: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """``x * weight`` with limit 0 where `x` is minus infinity and the weight has vanished."""
    result: np.ndarray = np.maximum(x, np.finfo(x.dtype).min)
    result *= weight
    return result


def with_nan(x: np.ndarray, result: np.ndarray) -> np.ndarray:
    """Let the NaNs of `x` through into a result chosen by comparisons, which hide them."""
    missing = np.isnan(x)
    if missing.any():
        np.copyto(result, x, where=missing)
    return result


def positive(x: np.ndarray) -> np.ndarray:
    """1 where `x` is positive, 0 elsewhere, NaN for NaN, in the dtype of `x`."""
    return with_nan(x, (x > 0).astype(x.dtype))


def number(name: str, value: object, allowed: str, accept: Callable[[float], bool]) -> float:
    """Check a parameter: finite, and one that `accept` takes; `allowed` says so in words."""
    result = as_float(name, value)
    if not (np.isfinite(result) and accept(result)):
        raise ValueError(f"{name} must be {allowed}; got {shown(value)}")
    return result


def exact(value: float) -> sp.Rational:
    """Find the rational a float stands for: a simple fraction, else its shortest decimal.

    Examples
    --------
    >>> exact(0.01), exact(1 / 3), exact(0.12345678)
    (1/100, 1/3, 6172839/50000000)
    """
    simple = Fraction(value).limit_denominator(1000)
    if float(simple) == value:
        return sp.Rational(simple.numerator, simple.denominator)
    return sp.Rational(repr(value))
