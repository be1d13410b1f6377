"""Figures of the chapter on the hyperbolic tangent: book/hyperbolic-tangent.md."""

from functools import lru_cache
from statistics import NormalDist

import numpy as np
from matplotlib.axes import Axes

from lib import activations, chain, experiments
from lib.figures.bands import band
from lib.figures.drawing import BACKWARD, FORWARD, blank, canvas, edge, number, unit, write
from lib.figures.style import COLORS, INK, log_axis, panels, power_of_ten
from lib.theory import mean_field

ACROSS = np.linspace(-6, 6, 481)
# Of the standard normal distribution, which is symmetric.
_LOWER = np.array([NormalDist().inv_cdf((k + 0.5) / 20_000) for k in range(10_000)])
QUANTILES = np.concatenate([_LOWER, -_LOWER[::-1]])
SPREADS = np.linspace(0.05, 5, 100)
SATURATED = 0.05
DEPTHS = (2, 5, 10, 20, 50, 100)
WIDTH, REPLICAS, EXAMPLES = 100, 16, 2000
TRAINED = ("sigmoid", "sigmoid twin", "tanh")

# The worked layer of two units and one, and where a picture of it puts them.
LAYER_WEIGHTS, LAYER_BIAS, SECOND_UNIT = (0.8, 0.3), 0.1, -1.0
TWIN_SIZE = (340, 250)

# The valley: best weights, weights at the start, steps drawn, and when a run has arrived.
BEST, MOST_STEPS, ARRIVED = np.array([2.0, 0.0]), 10_000, 0.01
DRAWN_STEPS, LEVELS = 250, 2.0 ** np.arange(-4, 7)

PLATEAU_SCALES = np.linspace(0.75, 2.0, 51)
PLATEAU_MEASURED = (0.75, 1.0, 1.25, 1.5, 1.75, 2.0)


@panels(2)
def stretched_sigmoid(
    axes: tuple[Axes, Axes],
    *,
    input_scale: float = 1.0,
    output_scale: float = 1.0,
    shift: float = 0.0,
) -> str:
    """The sigmoid, scaled and shifted, laid over tanh; on the right the slopes of both."""
    sigmoid, tanh = activations.sigmoid(), activations.tanh()
    left, right = axes
    stretched = output_scale * sigmoid(input_scale * ACROSS) + shift
    slope = output_scale * input_scale * sigmoid.derivative(input_scale * ACROSS)
    for ax, of_tanh, of_sigmoid in (
        (left, tanh(ACROSS), stretched),
        (right, tanh.derivative(ACROSS), slope),
    ):
        ax.plot(ACROSS, of_tanh, color=COLORS[0], linewidth=5, alpha=0.45, label="tanh")
        ax.plot(ACROSS, of_sigmoid, color=COLORS[1], label="sigmoid, changed")
    left.set(xlabel="Input x", ylabel="Output", xlim=(-6, 6), ylim=(-1.8, 4.6))
    left.legend(loc="upper left")
    right.set(xlabel="Input x", ylabel="Slope", xlim=(-6, 6), ylim=(-0.04, 2))
    right.set_yticks([0, 0.25, 1, 2], ["0", "1/4", "1", "2"])
    apart = float(np.abs(stretched - tanh(ACROSS)).max())
    formula = f"{_factor(output_scale)}σ({_factor(input_scale)}x){_summand(shift)}"
    if apart < 1e-12:
        return f"{formula} and tanh(x) are the same function, with slope 1 at 0."
    return (
        f"{formula} and tanh(x) are up to {apart:.3f} apart on this stretch. "
        f"Slopes at 0: {number(float(slope.max()))} and 1."
    )


def two_slopes(ax: Axes, *, x: float = 0.0) -> str:
    """The slopes of the sigmoid and of tanh against the input, with their crossing."""
    slopes = {name: activations.get(name).derivative for name in ("tanh", "sigmoid")}
    across = np.linspace(0, 6, 241)
    here = {name: float(slope(np.float64(x))) for name, slope in slopes.items()}
    for color, (name, slope) in zip(COLORS, slopes.items(), strict=False):
        ax.plot(across, slope(across), color=color)
        ax.plot([x], [here[name]], "o", color=color, markersize=8)
    ax.text(3.9, 3e-4, "tanh", color=COLORS[0], ha="right")
    ax.text(4.2, 0.03, "sigmoid", color=COLORS[1])
    crossing = 2 * np.arccosh((1 + np.sqrt(3)) / 2)
    ax.axvline(crossing, color=INK, linestyle="--", linewidth=1)
    ax.set(xlabel="Input x", ylabel="Slope", xlim=(0, 6))
    log_axis(ax.yaxis)
    ax.set_ylim(1e-5, 2)
    ratio = here["tanh"] / here["sigmoid"]
    return (
        f"At x = {x:g} tanh has slope {here['tanh']:.2g} and the sigmoid {here['sigmoid']:.2g}: "
        f"a ratio of {ratio:.2g}. They cross at {crossing:.3f}."
    )


@panels(2)
@canvas(*TWIN_SIZE)
def twin(
    axes: tuple[Axes, Axes],
    *,
    first_unit: float = 0.5,
    weight: float = 0.8,
    derivatives: bool = False,
) -> str:
    """A layer of two tanh units on the left and its sigmoid twin on the right, with all values."""
    weights, units = np.array([weight, LAYER_WEIGHTS[1]]), np.array([first_unit, SECOND_UNIT])
    told = []
    for ax, name, scale in zip(axes, ("tanh", "sigmoid"), (1, 2), strict=True):
        phi = activations.get(name)
        h, w = scale * units, scale**2 * weights
        bias = LAYER_BIAS if scale == 1 else 2 * LAYER_BIAS - 2 * float(weights.sum())
        ahead, back = float(w @ phi(h)) + bias, w * phi.derivative(h) / scale
        title = "tanh" if scale == 1 else "its twin: sigmoids"
        name = "h" if scale == 1 else r"\tilde{h}"
        errors = [*map(float, back), 1 / scale] if derivatives else None
        _layer(ax, title, name, h, phi(h), w, bias, ahead, errors)
        told.append((ahead, back[0]))
    (one, back), (two, twin_back) = told
    forward = f"Next pre-activation: {number(one)} on the left, {number(two)} on the right."
    if not derivatives:
        return forward
    return (
        f"{forward} Derivative with respect to that of the upper unit: {number(back)} and "
        f"{number(twin_back)}."
    )


def _layer(
    ax: Axes,
    title: str,
    name: str,
    pre_activation: np.ndarray,
    activation: np.ndarray,
    weights: np.ndarray,
    bias: float,
    ahead: float,
    errors: list[float] | None,
) -> None:
    """Draw two units that feed a third, forward values above and derivatives below them."""
    blank(ax, *TWIN_SIZE)
    write(ax, (170, 236), title, fontweight="bold")
    target = (272.0, 118.0)
    below = [None] * 3 if errors is None else [number(error) for error in errors]
    for row, y in enumerate((176.0, 60.0)):
        at = (84.0, y)
        edge(
            ax, at, target, number(float(weights[row])), label_color=INK,
            side=11 if row == 0 else -11, along=0.5,
        )  # fmt: skip
        unit(
            ax, at, number(float(pre_activation[row]), 2),
            above=f"a = {number(float(activation[row]))}", below=below[row],
            fontsize=11,
        )  # fmt: skip
        write(ax, (58, y), f"${name}_{row + 1}$", ha="right", color=FORWARD)
    unit(
        ax, target, number(ahead, 2), above=f"${name}$ = {number(ahead)}", below=below[2],
        fontsize=11,
    )  # fmt: skip
    write(ax, (272, 62), f"bias {number(bias)}", fontsize=11)
    if errors is not None:
        write(ax, (272, 40), "below: derivatives", fontsize=11, color=BACKWARD)


def descent(mean: float, rate: float, steps: int = MOST_STEPS) -> np.ndarray:
    """Weights of a linear unit with two inputs that gradient descent passes through.

    The inputs are independent, with that mean and variance 1, and the targets are those of the
    weights (2, 0), so that the loss is half of the mean of ``((w - best) @ x)**2``.

    Parameters
    ----------
    mean : float
        Of both inputs.
    rate : float
        Learning rate.
    steps : int

    Returns
    -------
    ndarray of float64, shape (steps or fewer + 1, 2)
        From weights of zero on, until 1% of the way is left or the weights are beyond 1000.
    """
    moments = np.eye(2) + mean**2
    path = [np.zeros(2)]
    while len(path) <= steps:
        away = path[-1] - BEST
        if np.linalg.norm(away) <= ARRIVED * np.linalg.norm(BEST) or np.abs(away).max() > 1000:
            break
        path.append(path[-1] - rate * moments @ away)
    return np.array(path)


def _ellipses(mean: float) -> np.ndarray:
    """Curves of equal loss around the best weights, one after the other, with gaps."""
    angle = np.append(np.linspace(0, 2 * np.pi, 73), np.nan)
    across, along = np.cos(angle) / np.sqrt(1 + 2 * mean**2), np.sin(angle)
    ring = np.array([across - along, across + along]) / np.sqrt(2)
    return np.concatenate([BEST[:, None] + np.sqrt(2 * loss) * ring for loss in LEVELS], axis=1)


def _dots(ax: Axes, points: np.ndarray, color: str) -> None:
    """Mark points by the round caps of one line: on the page, markers weigh far more."""
    points = np.asarray(points, dtype=float)
    pieces = np.full((len(points), 3, 2), np.nan)
    pieces[:, 0], pieces[:, 1] = points, points * (1 + 1e-6)
    ax.plot(*pieces.reshape(-1, 2).T, color=color, linewidth=4.5, solid_capstyle="round", zorder=3)


@panels(2)
def valley(axes: tuple[Axes, Axes], *, mean: float = 2.0, rate: float = 0.05) -> str:
    """Contours of a loss and the path of gradient descent, for centered inputs and for others."""
    told = []
    for ax, offset in zip(axes, (0.0, mean), strict=True):
        ax.plot(*_ellipses(offset), color=COLORS[5], linewidth=0.8)
        path = descent(offset, rate)
        shown = np.clip(path[: DRAWN_STEPS + 1], -100, 100)
        ax.plot(*shown.T, color=COLORS[0], linewidth=1.2)
        _dots(ax, shown, COLORS[0])
        ax.plot(*BEST, "*", color=COLORS[1], markersize=12, zorder=4)
        ax.set(xlabel="Weight w₁", ylabel="Weight w₂", xlim=(-1.2, 4.4), ylim=(-2.1, 2.1))
        ax.set_aspect("equal", adjustable="box")
        ax.set_title(f"Inputs with mean {offset:g}")
        arrived = np.linalg.norm(path[-1] - BEST) <= ARRIVED * np.linalg.norm(BEST)
        plural = "" if len(path) == 2 else "s"
        told.append(f"in {len(path) - 1} step{plural}" if arrived else "never")
    return (
        f"Rate {rate:g}: the distance to the best weights falls to 1% {told[0]} if the inputs are "
        f"centered, and {told[1]} if their mean is {mean:g}."
    )


@lru_cache(maxsize=64)
def signal_sizes(weight_scale: float, layers: int) -> np.ndarray:
    """Mean square of the pre-activations of wide tanh layers without biases, from 1 on.

    Parameters
    ----------
    weight_scale : float
        sigma_w, the standard deviation of a weight times the square root of its fan-in.
    layers : int
        Number of layers after the first.

    Returns
    -------
    ndarray of float64, shape (layers + 1,)
        Starting with 1 at the first layer.
    """
    sizes, phi = [1.0], activations.tanh()
    for _ in range(layers):
        sizes.append(
            float(mean_field.variance_map(phi, sizes[-1], weight_variance=weight_scale**2))
        )
    return np.array(sizes)


@panels(2)
def cobweb(axes: tuple[Axes, Axes], *, weight_scale: float = 0.7, layers: int = 0) -> str:
    """How a tanh layer maps the size of the signal: steps to the diagonal, and layer by layer."""
    left, right = axes
    q = np.linspace(0, 1.2, 121)
    after = mean_field.variance_map(activations.tanh(), q, weight_variance=weight_scale**2)
    sizes = signal_sizes(weight_scale, 50)[: layers + 1]
    left.plot(q, q, "--", color=INK, linewidth=1)
    left.plot(q, after, color=COLORS[0])
    stairs = np.repeat(sizes, 2)
    left.plot(stairs[:-1], np.append(0, stairs[2:]), color=COLORS[1], linewidth=1.4)
    left.plot([sizes[-1]], [0], "o", color=COLORS[1], markersize=6, clip_on=False)
    left.text(0.93, 1.07, "same size", ha="right", fontsize=11)
    left.set(xlabel="q of this layer", ylabel="q of the next", xlim=(0, 1.2), ylim=(0, 1.2))
    left.set_xticks([0, 0.5, 1])
    left.set_yticks([0, 0.5, 1])
    left.set_aspect("equal", adjustable="box")
    layer = 1 + np.arange(sizes.size)
    right.plot(layer, sizes, color=COLORS[1], linewidth=1)
    _dots(right, np.column_stack([layer, sizes]), COLORS[1])
    right.set(xlabel="Layer", ylabel="q", xlim=(0, 52))
    log_axis(right.yaxis)
    right.set_ylim(1e-6, 3)
    right.set_yticks([1e-6, 1e-4, 1e-2, 1])
    here = sizes[-1]
    factor = float(signal_sizes(weight_scale, layers + 1)[-1] / here)
    return (
        f"σ_w = {weight_scale:g}: in layer {layers + 1} the mean square is q = {number(here)}; "
        f"the next layer multiplies it by {number(factor)}."
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
        ax.plot(rank, eigenvalues, marker, color=color, markersize=4)
        ax.plot([1], eigenvalues[:1], marker, color=color, markersize=8)
        ax.text(width + 6, eigenvalues[-1], name, color=color, va="center")
        spread[name] = eigenvalues[0] / np.median(eigenvalues)
    ax.set(xlabel="Rank", ylabel="Eigenvalue", xlim=(-2, 262))
    log_axis(ax.yaxis)
    ax.set_ylim(0.01, 100)
    return (
        f"With {width} units the largest eigenvalue is {spread['tanh']:.2f} times the middle one "
        f"for tanh, and {spread['sigmoid']:,.0f} times for the sigmoid."
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
    return _changes(np.array([weight_variance]), depth)[:, 0]


def _changes(weight_variances: np.ndarray, depth: int) -> np.ndarray:
    """Predict for many weight variances at once; shape (depth, variances)."""
    node, share = np.polynomial.hermite_e.hermegauss(250)
    share = share / share.sum()
    phi = activations.tanh()
    logs, q = [np.zeros(weight_variances.size)], weight_variances
    for _ in range(depth - 1):
        h = np.sqrt(q)[:, None] * node
        chi_1 = weight_variances * (phi.derivative(h) ** 2 @ share)
        logs.append(logs[-1] + np.log10(chi_1) / 2)
        q = weight_variances * (phi(h) ** 2 @ share)
    return np.array(logs)


@lru_cache(maxsize=256)
def measured_gradient(weight_variance: float, depth: int) -> float:
    """Log10 of the same ratio, as the root mean square over random tanh networks."""
    run = chain.simulate(
        chain.MLP("tanh", depth=depth, width=WIDTH, weight_variance=weight_variance),
        batch=1,
        replicas=REPLICAS,
        seed=0,
    )
    ratio = run.gradient_norm[:, 0] / run.gradient_norm[:, -1]
    return float(np.log10((ratio**2).mean()) / 2)


@lru_cache(maxsize=16)
def level_scales(depth: int, within: float = 10.0) -> tuple[float, float]:
    """Weight scales at which a wide tanh chain changes the gradient by less than a factor.

    Parameters
    ----------
    depth : int
        Number of layers.
    within : float, default 10
        The factor, for growth and for decay.

    Returns
    -------
    lowest, highest : float
        In steps of 0.01, from 0.3 to 3.
    """
    scales = np.arange(30, 301) / 100
    change = _changes(scales**2, depth)[-1]
    inside = scales[np.abs(change) < np.log10(within)]
    return float(inside[0]), float(inside[-1])


@panels(2)
def depth_and_scale(axes: tuple[Axes, Axes], *, weight_scale: float = 1.5, depth: int = 5) -> str:
    """Gradient left at the first layer of tanh chains: against depth, and against weight scale."""
    left, right = axes
    depths, variance = np.arange(2, DEPTHS[-1] + 1), weight_scale**2
    theory = predicted_gradient(variance, DEPTHS[-1])
    law = -0.5 * np.log10(depths / 2) + theory[1]
    left.plot(depths, 10**law, "--", color=INK, linewidth=1)
    left.plot(depths, 10 ** theory[1:], color=COLORS[0])
    measured = [measured_gradient(variance, layers) for layers in DEPTHS]
    left.plot(DEPTHS, 10.0 ** np.array(measured), "o", color=COLORS[1], markersize=6)
    left.text(2.1, 3e-13, "dashed: 1/√L", fontsize=11)
    ratio = "Gradient: layer 1 / last layer"
    left.set(xlabel="Layers L", ylabel=ratio, xlim=(1.8, 120))
    log_axis(left.xaxis)
    left.set_xticks([2, 5, 10, 20, 50, 100], ["2", "5", "10", "20", "50", "100"])
    by_scale = _changes(PLATEAU_SCALES**2, depth)[-1]
    right.axhspan(0.1, 10, color=COLORS[2], alpha=0.15, linewidth=0)
    right.plot(PLATEAU_SCALES, 10.0**by_scale, color=COLORS[0])
    measured = [measured_gradient(scale**2, depth) for scale in PLATEAU_MEASURED]
    right.plot(PLATEAU_MEASURED, 10.0 ** np.array(measured), "o", color=COLORS[1], markersize=6)
    right.set(xlabel="Weight scale $σ_w$", ylabel=ratio, xlim=(0.72, 2.03))
    right.text(2, 3e-13, "green: within a factor of 10", ha="right", fontsize=11)
    left.set_title(f"$σ_w$ = {weight_scale:g}")
    right.set_title(f"{depth} layers")
    for ax, here in ((left, depth), (right, weight_scale)):
        share = 10 ** theory[depth - 1]
        ax.plot([here], [share], "o", color=INK, markersize=12, fillstyle="none")
        log_axis(ax.yaxis)
        ax.set_ylim(1e-13, 1e7)
        ax.set_yticks([1e-12, 1e-8, 1e-4, 1, 1e4])
    lowest, highest = level_scales(depth)
    first, last = PLATEAU_SCALES[[0, -1]]
    lower = f"{lowest:.2f}" if lowest >= first else f"below {first:g}"
    upper = f"{highest:.2f}" if highest <= last else f"beyond {last:g}"
    return (
        f"{depth} layers, σ_w = {weight_scale:g}: layer 1 has {power_of_ten(theory[depth - 1])} of "
        f"the last layer's gradient. Scales from {lower} to {upper} change it by less than a "
        f"factor of 10."
    )


def _factor(value: float) -> str:
    return "" if value == 1 else f"{value:g}"


def _summand(value: float) -> str:
    return "" if value == 0 else f" {'−' if value < 0 else '+'} {abs(value):g}"


def trained_at_depth(ax: Axes, *, hidden: int = 5) -> str:
    """Training loss of sigmoid networks, of tanh networks and of their twins, epoch by epoch."""
    results = experiments.load("saturation")
    told = []
    for index, kind in enumerate(TRAINED):
        label = "Sigmoid twin" if kind == "sigmoid twin" else activations.get(kind).label
        loss = results[f"train_loss {kind} {hidden}"]
        band(ax, results["epochs"], loss, index=index, label=label)
        short = "twin" if kind == "sigmoid twin" else kind
        ax.text(results["epochs"][-1] + 1.5, np.median(loss[-1]), short, color=COLORS[index],
                va="center")  # fmt: skip
        right = np.median(results[f"test_accuracy {kind} {hidden}"][-1])
        told.append(f"{label} {right:.0%} (rate {float(results[f'rate {kind} {hidden}']):g})")
    ax.set(xlabel="Epoch", ylabel="Training loss", xlim=(0, 1.27 * results["epochs"][-1]))
    ax.set_xticks([0, 20, 40, 60])
    log_axis(ax.yaxis)
    ax.set_ylim(1e-5, 10)
    return f"Hidden layers: {hidden}. Test digits right at the end: {', '.join(told)}."
