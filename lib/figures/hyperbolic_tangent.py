"""Figures of the chapter on the hyperbolic tangent: book/hyperbolic-tangent.md."""

from functools import lru_cache

import numpy as np
from matplotlib.axes import Axes
from scipy.special import ndtri

from lib import activations, chain, experiments
from lib.figures.bands import band
from lib.figures.style import COLORS, INK, log_axis, panels, power_of_ten

ACROSS = np.linspace(-6, 6, 481)
QUANTILES = ndtri((np.arange(20_000) + 0.5) / 20_000)
SPREADS = np.linspace(0.05, 5, 100)
SATURATED = 0.05
DEPTHS = (2, 5, 10, 20, 50, 100)
WIDTH, REPLICAS, EXAMPLES = 100, 16, 2000
TRAINED = ("sigmoid", "tanh", "lecun_tanh", "sigmoid twin")


def stretched_sigmoid(
    ax: Axes, *, input_scale: float = 1.0, output_scale: float = 1.0, shift: float = 0.0
) -> str:
    """The sigmoid, stretched along both axes and shifted, laid over the hyperbolic tangent."""
    sigmoid, tanh = activations.sigmoid(), activations.tanh()
    stretched = output_scale * sigmoid(input_scale * ACROSS) + shift
    ax.plot(ACROSS, tanh(ACROSS), color=COLORS[0], linewidth=5, alpha=0.45, label="tanh")
    ax.plot(ACROSS, stretched, color=COLORS[1], label="stretched sigmoid")
    ax.set(xlabel="Input x", ylabel="Output", xlim=(-6, 6), ylim=(-1.8, 3))
    ax.legend(loc="upper left")
    apart = float(np.abs(stretched - tanh(ACROSS)).max())
    formula = f"{_factor(output_scale)}σ({_factor(input_scale)}x){_summand(shift)}"
    if apart < 1e-12:
        return f"{formula} and tanh(x) are the same function."
    return f"{formula} and tanh(x) are up to {apart:.3f} apart on this stretch."


def two_slopes(ax: Axes, *, x: float = 0.0) -> str:
    """The slopes of the sigmoid and of tanh against the input, with their crossing."""
    slopes = {name: activations.get(name).derivative for name in ("tanh", "sigmoid")}
    across = np.linspace(0, 6, 241)
    here = {name: float(slope(np.float64(x))) for name, slope in slopes.items()}
    for color, (name, slope) in zip(COLORS, slopes.items(), strict=False):
        ax.plot(across, slope(across), color=color, label=activations.get(name).label)
        ax.plot([x], [here[name]], "o", color=color, markersize=8)
    crossing = 2 * np.arccosh((1 + np.sqrt(3)) / 2)
    ax.axvline(crossing, color=INK, linestyle="--", linewidth=1)
    ax.set(xlabel="Input x", ylabel="Slope", xlim=(0, 6))
    log_axis(ax.yaxis)
    ax.set_ylim(1e-5, 2)
    ax.legend(loc="lower left")
    ratio = here["tanh"] / here["sigmoid"]
    return (
        f"At x = {x:g} tanh has slope {here['tanh']:.2g} and the sigmoid {here['sigmoid']:.2g}: "
        f"a ratio of {ratio:.2g}. They cross at {crossing:.3f}."
    )


@panels(2)
def scaled_tanh(axes: tuple[Axes, Axes], *, stretch: float = 2 / 3) -> str:
    """A tanh scaled to pass through (1, 1) on the left, and its curvature on the right."""
    across = np.linspace(-3, 3, 481)
    amplitude = 1 / np.tanh(stretch)
    inner = np.tanh(stretch * across)
    curvature = 2 * amplitude * stretch**2 * np.abs(inner) * (1 - inner**2)
    peak = float(np.arctanh(1 / np.sqrt(3)) / stretch)
    left, right = axes
    left.plot(across, across, color=COLORS[5], linewidth=1, linestyle="--")
    left.plot(across, amplitude * inner, color=COLORS[0])
    left.plot([-1, 1], [-1, 1], "o", color=INK, markersize=6)
    left.set(xlabel="Input x", ylabel="Output", xlim=(-3, 3), ylim=(-3, 3))
    right.plot(across, curvature, color=COLORS[1])
    for side in (-1, 1):
        right.axvline(side, color=INK, linestyle="--", linewidth=1)
    highest = 4 * amplitude * stretch**2 / (3 * np.sqrt(3))
    right.plot([-peak, peak], [highest, highest], "o", color=COLORS[1], markersize=7)
    right.set(xlabel="Input x", ylabel="Curvature", xlim=(-3, 3), ylim=(0, 2.3))
    return (
        f"{amplitude:.4f} tanh({stretch:.3g}x): slope {amplitude * stretch:.3f} at 0, "
        f"curvature largest at x = ±{peak:.3f}."
    )


@lru_cache(maxsize=512)
def saturation_at(activation: str, spread: float) -> tuple[float, float]:
    """Share of saturated units, and their mean squared slope, for normal pre-activations.

    Parameters
    ----------
    activation : str
        Name of the activation, as `lib.activations.get` takes it.
    spread : float
        Standard deviation of the pre-activations; their mean is 0.

    Returns
    -------
    share, mean_square : float
        Share of slopes below 5% of the largest one; mean squared slope, in units of the largest
        one squared.
    """
    phi = activations.get(activation)
    slope = phi.derivative(spread * QUANTILES) / float(phi.sup_slope)
    return float((slope < SATURATED).mean()), float((slope**2).mean())


@panels(2)
def saturation(axes: tuple[Axes, Axes], *, activation: str = "tanh", spread: float = 1.0) -> str:
    """Outputs of units with normal inputs, and the share of saturated ones against the spread."""
    phi = activations.get(activation)
    left, right = axes
    low, high = float(phi.range.inf), float(phi.range.sup)
    output = phi(spread * QUANTILES)
    weights = np.full(output.size, 1 / output.size)
    left.hist(output, bins=21, range=(low, high), weights=weights, color=COLORS[0], alpha=0.6)
    left.set(xlabel="Output", ylabel="Share of units", xlim=(low, high), ylim=(0, 0.5))
    left.set_xticks(np.linspace(low, high, 5))
    curves = np.array([saturation_at(activation, s) for s in SPREADS])
    share, mean_square = saturation_at(activation, spread)
    for column, (here, label) in enumerate(((share, "saturated"), (mean_square, "squared slope"))):
        right.plot(SPREADS, curves[:, column], color=COLORS[1 + column], label=label)
        right.plot([spread], [here], "o", color=COLORS[1 + column], markersize=7)
    right.set(xlabel="Spread of the inputs", ylabel="Share", xlim=(0, 5), ylim=(0, 1.02))
    right.legend(loc="upper right")
    return (
        f"{phi.label}, spread {spread:g}: {share:.1%} of the units are saturated, and the mean "
        f"squared slope is {mean_square:.3f} of its largest value."
    )


@lru_cache(maxsize=256)
def second_moments(activation: str, width: int) -> np.ndarray:
    """Eigenvalues of the second-moment matrix of a layer's outputs.

    Parameters
    ----------
    activation : str
        Name of the activation.
    width : int
        Number of units; their pre-activations are independent and standard normal.

    Returns
    -------
    ndarray of float64, shape (width,)
        Eigenvalues of the mean of ``a a^T`` over examples, largest first.
    """
    rng = np.random.default_rng(0)
    outputs = activations.get(activation)(rng.normal(size=(width, EXAMPLES)))
    return np.asarray(np.linalg.eigvalsh(outputs @ outputs.T / EXAMPLES)[::-1])


def learning_times(ax: Axes, *, width: int = 50) -> str:
    """Eigenvalues that set the speed of learning, for sigmoid and for tanh outputs."""
    spread = {}
    for color, name, marker in zip(COLORS, ("tanh", "sigmoid"), "os", strict=False):
        eigenvalues = second_moments(name, width)
        rank = np.arange(1, width + 1)
        label = activations.get(name).label
        ax.plot(rank, eigenvalues, marker, color=color, markersize=4, label=label)
        ax.plot([1], eigenvalues[:1], marker, color=color, markersize=8)
        spread[label] = eigenvalues[0] / np.median(eigenvalues)
    ax.set(xlabel="Rank", ylabel="Eigenvalue", xlim=(-2, 202))
    log_axis(ax.yaxis)
    ax.set_ylim(0.01, 100)
    ax.legend(loc="upper right")
    return (
        f"With {width} units the largest eigenvalue is {spread['tanh']:.2f} times the middle one "
        f"for tanh, and {spread['Sigmoid']:,.0f} times for the sigmoid."
    )


@lru_cache(maxsize=64)
def predicted_gradient(weight_variance: float, depth: int) -> np.ndarray:
    """Gradient of layer 1 over that of layer L in wide tanh chains without biases, in theory.

    Parameters
    ----------
    weight_variance : float
        sigma_w squared: variance of a weight times its fan-in.
    depth : int
        Largest number of layers.

    Returns
    -------
    ndarray of float64, shape (depth,)
        Entry L - 1 is log10 of the ratio of root mean squares in a chain of L layers whose inputs
        have mean square 1.

    References
    ----------
    Schoenholz, Gilmer, Ganguli & Sohl-Dickstein, "Deep Information Propagation", ICLR 2017.
    """
    node, share = np.polynomial.hermite_e.hermegauss(250)
    share = share / share.sum()
    phi = activations.tanh()
    logs, q = [0.0], weight_variance
    for _ in range(depth - 1):
        h = np.sqrt(q) * node
        logs.append(logs[-1] + np.log10(weight_variance * (share @ phi.derivative(h) ** 2)) / 2)
        q = weight_variance * (share @ phi(h) ** 2)
    return np.array(logs)


@lru_cache(maxsize=64)
def measured_gradient(weight_variance: float, depth: int) -> float:
    """Log10 of the same ratio, as the root mean square over random tanh networks."""
    run = chain.simulate(
        "tanh", depth=depth, width=WIDTH, batch=1, weight_variance=weight_variance,
        replicas=REPLICAS, seed=0,
    )  # fmt: skip
    ratio = run.gradient_norm[:, 0] / run.gradient_norm[:, -1]
    return float(np.log10((ratio**2).mean()) / 2)


def decay_with_depth(ax: Axes, *, weight_scale: float = 1.0) -> str:
    """Gradient left at the first layer of a tanh chain against its depth, both axes logarithmic."""
    variance = weight_scale**2
    depth = np.arange(2, DEPTHS[-1] + 1)
    theory = predicted_gradient(variance, DEPTHS[-1])
    measured = np.array([measured_gradient(variance, layers) for layers in DEPTHS])
    law = -0.5 * np.log10(depth / 2) + theory[1]
    ax.plot(depth, 10**law, "--", color=COLORS[5], linewidth=1.2, label="power law")
    ax.plot(depth, 10 ** theory[1:], color=COLORS[0], label="predicted")
    ax.plot(DEPTHS, 10**measured, "o", color=COLORS[1], markersize=7, label="measured")
    ax.set(xlabel="Depth (layers)", ylabel="Gradient at layer 1, relative", xlim=(1.8, 110))
    log_axis(ax.xaxis)
    log_axis(ax.yaxis)
    ax.set_xticks([2, 5, 10, 20, 50, 100], ["2", "5", "10", "20", "50", "100"])
    ax.set_ylim(1e-8, 1e3)
    ax.legend(loc="lower left")
    further = power_of_ten(theory[99] - theory[49])
    return (
        f"σ_w = {weight_scale:g}: at depth 50 a share of {power_of_ten(theory[49])} arrives "
        f"(measured {power_of_ten(measured[4])}). Fifty more layers multiply it by {further}."
    )


def _factor(value: float) -> str:
    return "" if value == 1 else f"{value:g}"


def _summand(value: float) -> str:
    return "" if value == 0 else f" {'−' if value < 0 else '+'} {abs(value):g}"


def trained_at_depth(ax: Axes, *, hidden: int = 5) -> str:
    """Training loss of sigmoid, tanh, scaled tanh and twin networks, epoch by epoch."""
    results = experiments.load("saturation")
    told = []
    for index, kind in enumerate(TRAINED):
        label = "Sigmoid twin" if kind == "sigmoid twin" else activations.get(kind).label
        band(
            ax, results["epochs"], results[f"train_loss {kind} {hidden}"], index=index, label=label
        )
        right = np.median(results[f"test_accuracy {kind} {hidden}"][-1])
        told.append(f"{label} {right:.0%} (rate {float(results[f'rate {kind} {hidden}']):g})")
    ax.set(xlabel="Epoch", ylabel="Training loss", xlim=(0, results["epochs"][-1]))
    log_axis(ax.yaxis)
    ax.set_ylim(1e-5, 30)
    ax.legend(loc="lower left")
    return f"Hidden layers: {hidden}. Test digits right at the end: {', '.join(told)}."
