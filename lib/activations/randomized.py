"""Randomized leaky ReLU: a random slope in training, a fixed one in evaluation."""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import ArrayLike

from lib import _checks as check
from lib.activations._base import ALPHA, Activation, as_floating, exact, number, register
from lib.activations.rectifiers import LEAKY_FORM, two_slopes

_DEFAULT_BOUNDS = {"paper": (3.0, 8.0), "pytorch": (1 / 8, 1 / 3)}


class RandomizedReLU(Activation):
    """RReLU. Called and differentiated in evaluation mode; `train` draws slopes."""

    @property
    def _bounds(self) -> tuple[sp.Rational, sp.Rational]:
        return exact(self.parameters["lower"]), exact(self.parameters["upper"])

    @property
    def _divides(self) -> bool:
        return bool(self.parameters["convention"] == "paper")

    @property
    def mean_slope(self) -> sp.Expr:
        r"""Mean of the random slope in training, exact.

        Examples
        --------
        >>> rrelu().mean_slope, rrelu(convention="pytorch").mean_slope
        (log(8/3)/5, 11/48)
        """
        lower, upper = self._bounds
        if self._divides:
            return sp.log(upper / lower) / (upper - lower)
        return (lower + upper) / 2

    @property
    def mean_square_slope(self) -> sp.Expr:
        r"""Mean of the squared random slope in training, exact.

        Examples
        --------
        >>> rrelu().mean_square_slope
        1/24
        """
        lower, upper = self._bounds
        if self._divides:
            return 1 / (lower * upper)
        return (lower**2 + lower * upper + upper**2) / 3

    def sample(self, rng: np.random.Generator | int, shape: int | tuple[int, ...]) -> np.ndarray:
        """Draw slopes for negative pre-activations.

        Parameters
        ----------
        rng : numpy.random.Generator or int
            Source of randomness, or a seed.
        shape : int or tuple of int
            Shape of the result.

        Returns
        -------
        ndarray of float64
            Independent slopes.

        Examples
        --------
        >>> slopes = rrelu().sample(0, 1000)
        >>> bool((slopes > 1 / 8).all() and (slopes <= 1 / 3).all())
        True
        """
        lengths = check.shape("shape", (shape,) if isinstance(shape, (int, np.integer)) else shape)
        draws = check.generator("rng", rng).uniform(
            self.parameters["lower"], self.parameters["upper"], size=lengths
        )
        return 1 / draws if self._divides else draws

    def train(self, x: ArrayLike, rng: np.random.Generator | int) -> tuple[Any, Any]:
        """One pass in training mode.

        Parameters
        ----------
        x : array_like, any shape
            Pre-activations, as for calling the activation.
        rng : numpy.random.Generator or int
            Source of randomness, or a seed. One slope is drawn per element, whatever its sign.

        Returns
        -------
        output, slopes : ndarray or NumPy scalar
            Of shape and dtype of `x`. A slope is 1 where ``x > 0`` and the drawn one elsewhere:
            the derivative of the output, which a backward pass multiplies with.

        Examples
        --------
        >>> output, slopes = rrelu().train([-1.0, 2.0], 0)
        >>> bool((output == slopes * [-1.0, 2.0]).all()), float(slopes[1])
        (True, 1.0)
        """
        array = as_floating(x)
        slopes = np.where(array > 0, 1.0, self.sample(rng, array.shape)).astype(array.dtype)
        with np.errstate(under="ignore"):
            return (array * slopes)[()], np.where(np.isnan(array), array, slopes)[()]


@register(LEAKY_FORM, alpha=ALPHA)
def rrelu(
    *, lower: float | None = None, upper: float | None = None, convention: str = "paper"
) -> RandomizedReLU:
    r"""RReLU: :math:`x` for :math:`x > 0`, else :math:`\alpha x` with a random slope in training.

    Parameters
    ----------
    lower, upper : float, optional
        Bounds of the uniform distribution, ``lower < upper``. Defaults 3 and 8 for the paper's
        convention, where at least 1; 1/8 and 1/3 for PyTorch's, where from 0 to 1.
    convention : {"paper", "pytorch"}
        ``"paper"``: :math:`\alpha = 1/a` with a uniform divisor :math:`a`; in evaluation the
        slope is the inverse of the mean divisor, 2/11 by default, which is *not* the mean slope
        :math:`\ln(8/3)/5 = 0.196`. ``"pytorch"``: :math:`\alpha` itself is uniform, and the
        slope in evaluation is its mean, 11/48 by default.

    Raises
    ------
    TypeError, ValueError
        If `convention` is neither, or the bounds are not such numbers.

    Notes
    -----
    Attributes describe evaluation; the slope at 0 is that of the negative side.
    Used in: ``book/rrelu.md``.

    References
    ----------
    Xu, Wang, Chen & Li, "Empirical Evaluation of Rectified Activations in Convolutional
    Network", arXiv:1505.00853, 2015.

    Examples
    --------
    >>> rrelu()(-5.5), rrelu(convention="pytorch").slope
    (np.float64(-1.0), Piecewise((1, x > 0), (11/48, True)))
    """
    check.choice("convention", convention, _DEFAULT_BOUNDS)
    divides = convention == "paper"
    default_lower, default_upper = _DEFAULT_BOUNDS[convention]
    lower = number(
        "lower",
        default_lower if lower is None else lower,
        "a divisor of at least 1" if divides else "a slope from 0 to 1",
        lambda value: value >= 1 if divides else 0 <= value <= 1,
    )
    upper = number(
        "upper",
        default_upper if upper is None else upper,
        f"greater than lower = {lower}" + ("" if divides else " and at most 1"),
        lambda value: value > lower and (divides or value <= 1),
    )
    mean = (exact(lower) + exact(upper)) / 2
    parameters = {"lower": lower, "upper": upper, "convention": convention}
    return RandomizedReLU(**two_slopes("rrelu", "RReLU", 1 / mean if divides else mean, parameters))
