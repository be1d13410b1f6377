"""Figures of the chapter on leaky ReLU: book/leaky-relu.md."""

from functools import lru_cache

import numpy as np
from matplotlib.axes import Axes

from lib import activations, chain, datasets, initializers, models, training
from lib.figures.style import COLORS, INK, label_sides, log_axis, panels, power_of_ten, tall

ACROSS = np.linspace(-4, 4, 401)
DEPTH, WIDTH, REPLICAS = 50, 200, 8
MEASURED = (0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5)
NARROW_DEPTH, EXAMPLES, NETWORKS = 20, 64, 40
WEIGHTS = ("xavier", "he", "matched")


@tall(267, title=False)
def as_a_maximum(ax: Axes, *, alpha: float = 0.5) -> str:
    """Leaky ReLU and the larger of x and alpha x, laid over each other."""
    leaky = activations.prelu(alpha=alpha)(ACROSS)
    larger = np.maximum(ACROSS, alpha * ACROSS)
    (wide,) = ax.plot(ACROSS, leaky, color=COLORS[0], linewidth=6, alpha=0.45, label="leaky(x)")
    (thin,) = ax.plot(ACROSS, larger, color=COLORS[1], label="max(x, αx)")
    ax.set(xlabel="Input x", ylabel="Output", xlim=(-4, 4), ylim=(-8, 8))
    label_sides(ax, *((thin, wide) if alpha > 1 else (wide, thin)), at=2.2)
    gap = float(np.abs(leaky - larger)[-1] / ACROSS[-1])
    if gap == 0:
        return f"With α = {alpha:g}, leaky(x) and max(x, αx) are the same function."
    return f"With α = {alpha:g} they are {gap:g}·|x| apart: max(x, αx) bends the other way."


def predicted_factor(alpha: float, weight_variance: float) -> float:
    """Root mean square factor by which one layer changes the norm of a gradient, without biases.

    Parameters
    ----------
    alpha : float
        Slope for negative pre-activations.
    weight_variance : float
        sigma_w squared: variance of a weight times its fan-in.

    References
    ----------
    He, Zhang, Ren & Sun, "Delving Deep into Rectifiers", ICCV 2015, section 2.2.

    Examples
    --------
    >>> predicted_factor(0.0, 2.0), predicted_factor(1.0, 1.0)
    (1.0, 1.0)
    """
    return float(np.sqrt(weight_variance * (1 + alpha**2) / 2))


@lru_cache(maxsize=256)
def unit_profile(alpha: float) -> np.ndarray:
    """Measure log10 of the gradient norm by layer in leaky chains with sigma_w = 1 and no biases.

    Parameters
    ----------
    alpha : float
        Slope for negative pre-activations, any number.

    Returns
    -------
    ndarray of float64, shape (replicas, depth)
        Column l - 1 holds log10 of ``|dL/dh_l| / |dL/dh_L|``.
    """
    run = chain.simulate(
        chain.MLP(activations.prelu(alpha=alpha), depth=DEPTH, width=WIDTH, weight_variance=1.0),
        batch=1,
        replicas=REPLICAS,
        seed=0,
    )
    return np.asarray(run.log10_gradient_norm - run.log10_gradient_norm[:, -1:])


def gradient_profile(alpha: float, weight_variance: float) -> np.ndarray:
    """Rescale `unit_profile` to other weights: exact, since no unit changes its side.

    Parameters
    ----------
    alpha, weight_variance : float
        As for `predicted_factor`.

    Returns
    -------
    ndarray of float64, shape (replicas, depth)
    """
    layers_above = DEPTH - np.arange(1, DEPTH + 1)
    return np.asarray(unit_profile(alpha) + layers_above * np.log10(weight_variance) / 2)


def measured_factor(alpha: float, weight_variance: float) -> float:
    """Typical factor per layer: the median over networks, to the power of one over the layers."""
    passed = np.median(gradient_profile(alpha, weight_variance)[:, 0])
    return float(10 ** (passed / (DEPTH - 1)))


def weight_variance_for(weights: str, alpha: float) -> float:
    """Return sigma_w squared of Xavier's, He's (for ReLU) or the matching initialization.

    Raises
    ------
    ValueError
        If `weights` is none of "xavier", "he" and "matched".

    Examples
    --------
    >>> weight_variance_for("matched", 1.0)
    1.0
    """
    if weights not in WEIGHTS:
        raise ValueError(f"weights must be one of {', '.join(WEIGHTS)}; got {weights!r}")
    return {"xavier": 1.0, "he": 2.0, "matched": 2 / (1 + alpha**2)}[weights]


@tall(267, title=False)
def gradient_by_layer(ax: Axes, *, alpha: float = 0.1, weights: str = "he") -> str:
    """Size of the gradient at each layer of a leaky chain, measured and predicted."""
    return draw_gradient(ax, alpha, weight_variance_for(weights, alpha))


def draw_gradient(ax: Axes, alpha: float, weight_variance: float) -> str:
    """Draw the gradient by layer for one negative slope and one variance of the weights.

    Parameters
    ----------
    ax : Axes
    alpha, weight_variance : float
        As for `predicted_factor`.

    Returns
    -------
    str
        The caption, with both factors per layer.
    """
    layer = np.arange(1, DEPTH + 1)
    profile = gradient_profile(alpha, weight_variance)
    middle = np.median(profile, axis=0)
    factor = predicted_factor(alpha, weight_variance)
    ax.fill_between(
        layer, 10.0 ** profile.min(axis=0), 10.0 ** profile.max(axis=0),
        color=COLORS[0], alpha=0.25, linewidth=0,
    )  # fmt: skip
    (measured,) = ax.plot(layer, 10.0**middle, color=COLORS[0], label="measured")
    (predicted,) = ax.plot(
        layer, factor ** (DEPTH - layer), "--", color=COLORS[1], label="predicted"
    )
    ax.set(xlabel="Layer (the loss is on the right)", ylabel="Gradient, relative", xlim=(0, DEPTH))
    log_axis(ax.yaxis)
    ax.set_ylim(1e-9, 1e9)
    label_sides(ax, measured, predicted)
    return (
        f"α = {alpha:g}, σ_w² = {weight_variance:.3f}: factor per layer {factor:.3f} predicted, "
        f"{measured_factor(alpha, weight_variance):.3f} measured. "
        f"The gradient at layer 1 is {power_of_ten(middle[0])} times that at layer {DEPTH}."
    )


@tall(267, title=False)
def factor_per_layer(ax: Axes, *, weight_variance: float = 2.0) -> str:
    """Factor per layer against the negative slope: the formula, and random networks."""
    alphas = np.linspace(-0.1, 1.6, 171)
    measured = [measured_factor(alpha, weight_variance) for alpha in MEASURED]
    predicted = [predicted_factor(alpha, weight_variance) for alpha in alphas]
    (line,) = ax.plot(alphas, predicted, color=COLORS[0], label="predicted")
    (dots,) = ax.plot(MEASURED, measured, "o", color=COLORS[1], markersize=7, label="measured")
    ax.axhline(1, color=INK, linestyle="--", linewidth=1)
    ax.set(xlabel="Negative slope α", ylabel="Factor per layer", xlim=(-0.1, 1.6), ylim=(0, 3.2))
    label_sides(ax, line, dots, at=1.0)
    formula = np.array([predicted_factor(alpha, weight_variance) for alpha in MEASURED])
    apart = np.abs(measured / formula - 1).max()
    verdict = "every α makes the gradient grow"
    if weight_variance <= 2:
        verdict = f"α = {np.sqrt(2 / weight_variance - 1):.3g} keeps the gradient"
    return f"σ_w² = {weight_variance:g}: {verdict}. Networks within {apart:.1%} of the formula."


@lru_cache(maxsize=256)
def silent_units(alpha: float, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Measure units that stay negative for a whole batch, and the gradient at layer 1.

    Parameters
    ----------
    alpha : float
        Slope for negative pre-activations.
    width : int
        Units of each layer; the weights have the variance that matches `alpha`.

    Returns
    -------
    share : ndarray of float64, shape (depth,)
        Share of units with a pre-activation of at most 0 for every input, mean over networks.
    passed : ndarray of float64, shape (networks,)
        log10 of the gradient norm at layer 1 over that at the last; minus infinity for none.
    """
    run = chain.simulate(
        chain.MLP(
            activations.prelu(alpha=alpha),
            depth=NARROW_DEPTH,
            width=width,
            weight_variance=weight_variance_for("matched", alpha),
        ),
        batch=EXAMPLES,
        replicas=NETWORKS,
        seed=0,
        measure=chain.Measure(arrays=True),
    )
    assert run.arrays is not None  # asked for by keep
    share = [(h <= 0).all(axis=-1).mean() for h in run.arrays.pre_activations]
    return np.array(share), np.asarray(run.log10_gradient_ratio)


@panels(2)
def silent_and_heard(axes: tuple[Axes, Axes], *, alpha: float = 0.01, width: int = 6) -> str:
    """Share of silent units by layer, and the gradient that reaches layer 1 of each network."""
    share, passed = silent_units(alpha, width)
    arrived = np.isfinite(passed)
    left, right = axes
    left.plot(np.arange(1, NARROW_DEPTH + 1), share, color=COLORS[0])
    left.set(xlabel="Layer", ylabel="Share of silent units", xlim=(0, NARROW_DEPTH), ylim=(0, 1))
    shown = 10.0 ** np.sort(np.where(arrived, passed, -16))
    right.plot(np.arange(1, NETWORKS + 1), shown, "o", color=COLORS[1], markersize=4)
    right.axhline(1e-16, color=INK, linestyle="--", linewidth=1)
    right.text(NETWORKS, 2e-16, "none at all", ha="right", va="bottom")
    right.set(xlabel="Networks in order", ylabel="Gradient, relative", xlim=(0, NETWORKS + 1))
    log_axis(right.yaxis)
    right.set_ylim(1e-17, 1e2)
    return (
        f"α = {alpha:g}, width {width}: {share.mean():.0%} of the units are silent. A gradient "
        f"reaches layer 1 in {arrived.sum()} of {NETWORKS} networks; in the middle one of these "
        f"it is {power_of_ten(float(np.median(passed[arrived])))} times that at the last layer."
    )


@lru_cache(maxsize=16)
def layer_that_recovers(alpha: float) -> tuple[np.ndarray, np.ndarray]:
    """Train ten layers of 32 units on 400 digits from biases of -6, with which they are silent.

    Parameters
    ----------
    alpha : float
        Slope for negative pre-activations.

    Returns
    -------
    silent, right : ndarray, shape (epochs + 1, networks)
        Share of units that are positive on no digit, and of digits that are classified rightly,
        in 40 epochs of gradient descent at a rate of 0.2.
    """
    phi = activations.leaky_relu(alpha=alpha) if alpha else activations.relu()
    network = models.Network((64, 32, 10), phi, initializers.he(slope=alpha))
    learners = training.Training(network, training.sgd(0.2), range(10))
    learners.parameters.arrays["bias 1"][...] = -6
    data = datasets.digits(400)
    history = learners.run(data.train_images, data.train_labels, 40, batch=50)
    return history.silent[:, 0], history.train_accuracy


@panels(2)
def recovery(axes: tuple[Axes, Axes], *, alpha: float = 0.0) -> str:
    """Silent units and digits right of ten networks whose layer starts out silent."""
    silent, right = layer_that_recovers(alpha)
    for ax, values, color, name in zip(
        axes, (silent, right), COLORS, ("Silent units, %", "Digits right, %"), strict=False
    ):
        ax.plot(np.arange(len(values)), 100 * values, color=color, linewidth=1, alpha=0.8)
        ax.set(xlabel="Epoch", ylabel=name, xlim=(0, len(values) - 1), ylim=(0, 103))
    return (
        f"α = {alpha:g}: {silent[0].mean():.0%} of the units are silent at the start and "
        f"{silent[-1].mean():.0%} after 40 epochs; then {right[-1].mean():.0%} of the digits are "
        "right, on average."
    )
