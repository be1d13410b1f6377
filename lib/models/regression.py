"""Logistic regression: maximum likelihood by Newton's method and by gradient descent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lib._checks import boolean, finite, integer, real
from lib._numbers import DivergenceError, exponents, quiet
from lib._values import ByValue
from lib.activations import sigmoid
from lib.models.losses import logistic

HALVINGS = 60
EXACT = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}

__all__ = ["LogisticFit", "gradient_descent", "newton"]


@dataclass(frozen=True, eq=False)
class LogisticFit(ByValue):
    """A fit and the way to it.

    Attributes
    ----------
    path : ndarray, shape (steps + 1, features + 1)
        Coefficients at the start and after each step, the constant first.
    losses : ndarray, shape (steps + 1,)
        Mean negative log-likelihood at each of them.
    standard_errors : ndarray, shape (features + 1,)
        Of the last coefficients: roots of the diagonal of the inverse information matrix.
    """

    path: np.ndarray
    losses: np.ndarray
    standard_errors: np.ndarray

    @property
    def coefficients(self) -> np.ndarray:
        """Last coefficients, the constant first: each a change of the log odds."""
        return np.asarray(self.path[-1])


def newton(
    features: ArrayLike, labels: ArrayLike, *, tolerance: float = 1e-12, max_steps: int = 50
) -> LogisticFit:
    """Fit by Newton's method, here also called iteratively reweighted least squares.

    Parameters
    ----------
    features : array_like of float, shape (samples, features) or (samples,)
        Without a column for the constant.
    labels : array_like, shape (samples,)
        0 or 1.
    tolerance : float
        Stop when no component of the gradient of the mean loss, taken per standard deviation of
        its feature, is larger. Default 1e-12.
    max_steps : int
        Largest number of steps, at least 1; a step is halved while the loss grows. Default 50.

    Returns
    -------
    LogisticFit

    Raises
    ------
    ValueError
        If shapes do not fit, labels are not 0 or 1, or there is no maximum: a plane separates the
        labels, which may touch it from both sides, or the features are linearly dependent.

    References
    ----------
    Albert & Anderson, "On the existence of maximum likelihood estimates in logistic regression
    models", Biometrika 71, 1984.

    Examples
    --------
    >>> newton([0, 1, 2, 3], [0, 1, 0, 1]).coefficients.round(6)
    array([-1.362276,  0.908184])
    """
    tolerance = real("tolerance", tolerance, least=0)
    max_steps = integer("max_steps", max_steps, 1)
    design, y, center, scale = _standardized(features, labels)
    w = np.zeros(design.shape[1])
    path, losses = [w], []
    for _ in range(max_steps + 1):
        loss, gradient, curvature, right = _derivatives(design, y, w)
        losses.append(loss)
        if right.all() or np.linalg.cond(curvature) > 1e12:
            break
        if np.abs(gradient).max() <= tolerance:
            if _separated(design, y):
                break
            raw = _unscaled(np.array(path), center, scale)
            return LogisticFit(raw, np.array(losses), _errors(curvature, y, center, scale))
        w = _downhill(design, y, w, np.linalg.solve(curvature, gradient), loss)
        path.append(w)
    if np.linalg.matrix_rank(design) < design.shape[1]:
        reason = "the features are linearly dependent"
    elif right.all() or _separated(design, y):
        reason = "a plane separates the labels, and the likelihood grows without bound"
    else:
        reason = "the steps are too few"
    raise ValueError(f"labels must have a maximum of the likelihood: {reason}")


def _downhill(
    design: np.ndarray, y: np.ndarray, w: np.ndarray, step: np.ndarray, loss: float
) -> np.ndarray:
    """Take the step, halved until the loss no longer grows (by more than rounding)."""
    for _ in range(HALVINGS):
        if _derivatives(design, y, w - step)[0] <= loss * (1 + 1e-12):
            break
        step = step / 2
    return np.asarray(w - step)


def _separated(design: np.ndarray, y: np.ndarray) -> bool:
    """Whether a plane has all ones on one side and all zeros on the other, or on the plane itself.

    Then the likelihood has no maximum. A linear program looks for the plane with the largest sum
    of distances from it, each at least 0, up to 1e-10 of the spread of a feature.
    """
    if design.shape[1] == 2:  # one feature: its values for the two labels do not overlap
        ones, zeros = design[y == 1, 1], design[y != 1, 1]
        if not (ones.size and zeros.size):
            return True
        return bool(max(ones.min() - zeros.max(), zeros.min() - ones.max()) >= -1e-10)
    from scipy import optimize

    signed = design * np.where(y == 1, 1.0, -1.0)[:, None]
    bounds = [(-1, 1)] * design.shape[1]
    found = optimize.linprog(
        -signed.sum(axis=0), -signed, np.zeros(len(y)), bounds=bounds, options=EXACT
    )
    spread = np.linalg.svd(design, compute_uv=False)[-1]  # the sum for any plane is at least this
    return bool(-found.fun > spread / 2)


def gradient_descent(
    features: ArrayLike, labels: ArrayLike, *, rate: float, steps: int, standardize: bool = True
) -> LogisticFit:
    """Fit by gradient descent on the mean loss, from coefficients of 0.

    Parameters
    ----------
    features, labels
        As for `newton`.
    rate : float
        Learning rate, positive.
    steps : int
        At least 1.
    standardize : bool
        Descend in features of mean 0 and variance 1, where all directions are alike, and convert
        the coefficients back. Default True.

    Returns
    -------
    LogisticFit

    Raises
    ------
    ValueError
        If shapes do not fit, labels are not 0 or 1, or a number is out of range.
    DivergenceError
        If a step leaves the range of numbers.

    Examples
    --------
    >>> gradient_descent([0, 1, 2, 3], [0, 1, 0, 1], rate=1.0, steps=200).coefficients.round(6)
    array([-1.362276,  0.908184])
    """
    if real("rate", rate, least=0) == 0:
        raise ValueError(f"rate must be positive; got {rate!r}")
    design, y, center, scale = _standardized(features, labels, boolean("standardize", standardize))
    path = np.zeros((integer("steps", steps, 1) + 1, design.shape[1]))
    losses = np.empty(len(path))
    for step, w in enumerate(path):
        with quiet():
            losses[step], gradient, curvature, _ = _derivatives(design, y, w)
            if step < steps:
                path[step + 1] = w - rate * gradient
        if not np.isfinite(losses[step]):
            raise DivergenceError(f"step {step}: the loss is no longer finite")
    raw = _unscaled(path, center, scale)
    return LogisticFit(raw, losses, _errors(curvature, y, center, scale))


def _standardized(
    features: ArrayLike, labels: ArrayLike, standardize: bool = True
) -> tuple[np.ndarray, ...]:
    x, y = finite("features", features).astype(np.float64), finite("labels", labels)
    x = x[:, None] if x.ndim == 1 else x
    if x.ndim != 2 or not x.size or y.shape != x.shape[:1]:
        raise ValueError(f"features must have one row for each label; got {x.shape}, {y.shape}")
    if not np.isin(y, (0, 1)).all():
        raise ValueError("labels must be 0 or 1")
    if not standardize:
        center, scale = np.zeros(x.shape[1]), np.ones(x.shape[1])
        return np.column_stack([np.ones(len(x)), x]), y, center, scale
    if (x == x[0]).all(axis=0).any():
        raise ValueError("features must not be constant")
    with quiet():
        # In powers of two near the largest number: the squares are then in range.
        exponent = exponents(x.T)
        near = np.ldexp(x, -exponent)
        center, scale = near.mean(axis=0), near.std(axis=0)
        design = np.column_stack([np.ones(len(x)), (near - center) / scale])
        return design, y, np.ldexp(center, exponent), np.ldexp(scale, exponent)


def _derivatives(
    design: np.ndarray, y: np.ndarray, w: np.ndarray
) -> tuple[float, np.ndarray, np.ndarray, np.ndarray]:
    """Mean loss, gradient, second derivatives, and which samples are right."""
    z = design @ w
    judged = logistic(z[None, None], y[None])
    probability = sigmoid()(z)
    weights = probability * (1 - probability) / len(y)
    curvature = design.T @ (design * weights[:, None])
    return float(judged.loss[0]), design.T @ judged.gradient[0, 0], curvature, judged.right[0]


def _unscaled(path: np.ndarray, center: np.ndarray, scale: np.ndarray) -> np.ndarray:
    weights = path[:, 1:] / scale
    return np.column_stack([path[:, 0] - weights @ center, weights])


def _errors(
    curvature: np.ndarray, y: np.ndarray, center: np.ndarray, scale: np.ndarray
) -> np.ndarray:
    """Find the standard errors of the coefficients of the features as they were given."""
    covariance = np.linalg.pinv(curvature * len(y))
    constant = np.concatenate([[1.0], -center / scale])
    variances = np.diag(covariance).copy()
    variances[0] = constant @ covariance @ constant
    return np.asarray(np.sqrt(variances) / np.concatenate([[1.0], scale]))
