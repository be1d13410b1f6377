"""Figures of the chapter on ELU: book/elu.md."""

import numpy as np
from matplotlib.axes import Axes

from lib import activations, experiments
from lib.figures.bands import band
from lib.figures.seeds import by_rate, differences
from lib.figures.style import COLORS, INK, label_ends, legend_above, panels, tall
from lib.simulations.elu import DEPTH, mean_profile

ACROSS = np.linspace(-4, 4, 401)
# Where each function is named on its line, and whether below it.
NAMED = {"relu": (-5.8, False), "prelu": (-5.8, True), "elu": (-2.2, True)}


@panels(2)
def scale_of_the_negative_side(axes: tuple[Axes, Axes], *, alpha: float = 1.0) -> str:
    """ELU and its slope for one scale of the negative side, with the jump of the slope at 0."""
    phi = activations.elu(alpha=alpha)
    left, right = axes
    left.plot(ACROSS, phi(ACROSS), color=COLORS[0])
    left.axhline(-alpha, color=INK, linestyle="--", linewidth=1)
    left.set(xlabel="Input x", ylabel="Output", xlim=(-4, 4), ylim=(-2.4, 4))
    negative, positive = ACROSS[ACROSS <= 0], ACROSS[ACROSS > 0]
    right.plot(negative, alpha * np.exp(negative), color=COLORS[1])
    right.plot(positive, np.ones_like(positive), color=COLORS[1])
    right.plot([0, 0], [alpha, 1], "o", color=INK, markersize=5)
    right.set(xlabel="Input x", ylabel="Slope", xlim=(-4, 4), ylim=(-0.1, 2.3))
    if alpha == 1:
        return "With α = 1 the slope is continuous: 1 from the left, 1 from the right."
    return (
        f"With α = {alpha:g} the slope jumps from {alpha:g} to 1 at 0, "
        f"and the output saturates at −{alpha:g}."
    )


@tall(267, title=False)
def bias_shift(ax: Axes, *, weight_variance: float = 2.0) -> str:
    """Mean activation by layer, in units of its root mean square, for ReLU, leaky ReLU and ELU."""
    layer = np.arange(1, DEPTH + 1)
    last = {}
    for index, name in enumerate(("relu", "leaky_relu", "elu")):
        profile = mean_profile(name, weight_variance)
        label = activations.get(name).label
        ax.plot(layer, profile, color=COLORS[index], label=label)
        last[label] = profile.mean()
    ax.axhline(0, color=INK, linewidth=0.8)
    ax.set(xlabel="Layer", ylabel="Mean of the layer / rms", xlim=(0, DEPTH), ylim=(-0.15, 1))
    label_ends(ax)
    told = ", ".join(f"{label} {value:.2f}" for label, value in last.items())
    return f"Mean activation over its root mean square, averaged over the layers: {told}."


@tall(267, title=False)
def deactivation(ax: Axes, *, center: float = -3.0, spread: float = 1.0) -> str:
    """How a spread of inputs around one value comes out of ELU, leaky ReLU and ReLU."""
    noise = center + spread * np.linspace(-1, 1, 41)
    spans = {}
    for index, name in enumerate(("relu", "prelu", "elu")):
        phi = activations.get(name)
        output = phi(noise)
        ax.plot(ACROSS * 1.5, phi(ACROSS * 1.5), color=COLORS[index], linewidth=1.2)
        label = "Leaky (0.25)" if name == "prelu" else phi.label
        ax.plot(noise, output, color=COLORS[index], linewidth=5, label=label)
        x, below = NAMED[name]
        ax.annotate(
            label, (x, float(phi(np.float64(x)))), xytext=(0, -5 if below else 4),
            textcoords="offset points", color=COLORS[index], va="top" if below else "bottom",
        )  # fmt: skip
        spans[label] = float(output.max() - output.min())
    ax.set(xlabel="Input x", ylabel="Output", xlim=(-6, 6), ylim=(-2, 4))
    told = ", ".join(f"{span:.3f} from {label}" for label, span in spans.items())
    return f"Inputs spread over {2 * spread:g} leave with a spread of {told}."


@tall(267, title=False)
def means_while_training(ax: Axes, *, epoch: int = 10) -> str:
    """Bias shift by layer in networks of ReLU, leaky ReLU and ELU that train with one rate."""
    results = experiments.load("bias_shift")
    kinds = {"relu": "ReLU", "leaky_relu": "Leaky ReLU", "elu": "ELU"}
    layer = np.arange(1, results["shift relu"].shape[1] + 1)
    told = []
    for index, (kind, label) in enumerate(kinds.items()):
        shift = results[f"shift {kind}"][epoch, :, experiments.with_rate(results, 0.1)]
        band(ax, layer, shift, index=index, label=label)
        told.append(f"{label} {np.median(shift):.2f}")
    ax.set(xlabel="Layer", ylabel="Means of units / rms", xlim=(1, layer[-1]), ylim=(0, 1.05))
    label_ends(ax)
    return f"After {epoch} epochs, median over layers and networks: {', '.join(told)}."


@tall(267, title=False)
def noisy_digits(ax: Axes) -> str:
    """Test digits classified rightly by trained networks when noise is added to every pixel."""
    results = experiments.load("bias_shift")
    lines = (
        ("ReLU", "relu", 0.1), ("Leaky ReLU", "leaky_relu", 0.1), ("ELU, He", "elu", 0.1),
        ("ELU, 1.5/n", "elu critical", 0.1), ("ReLU, rate 0.3", "relu", 0.3),
    )  # fmt: skip
    told = []
    for index, (label, kind, rate) in enumerate(lines):
        right = 100 * results[f"noisy {kind}"][:, experiments.with_rate(results, rate)]
        band(ax, results["noise"], right, index=index, label=label)
        told.append(f"{label} {np.median(right[2]):.0f}%")
    ax.set(xlabel="Standard deviation of the noise", ylabel="Test digits right, %", xlim=(0, 2))
    ax.set_ylim(0, 100)
    label_ends(ax, room=0.33)
    return f"Right at a noise of {results['noise'][2]:g}, medians: {', '.join(told)}."


@panels(2, height=250)
def lost_to_noise(axes: tuple[Axes, Axes]) -> str:
    """What noise costs, and who is right at the strongest one: differences of each seed."""
    results = experiments.load("bias_shift")

    def right(kind: str, rate: float) -> np.ndarray:
        return np.asarray(100 * results[f"noisy {kind}"][:, experiments.with_rate(results, rate)])

    def cost(kind: str, rate: float) -> np.ndarray:
        share = right(kind, rate)
        return np.asarray((share[0] - share[1:]).mean(axis=0))

    costs = {
        "Leaky − ReLU": (cost("leaky_relu", 0.1), cost("relu", 0.1)),
        "ELU, He − ReLU": (cost("elu", 0.1), cost("relu", 0.1)),
        "ELU, 1.5/n − ReLU": (cost("elu critical", 0.1), cost("relu", 0.1)),
        "ELU, 1.5/n − ReLU, both at 0.3": (cost("elu critical", 0.3), cost("relu", 0.3)),
        "ReLU at 0.3 − ReLU at 0.1": (cost("relu", 0.3), cost("relu", 0.1)),
    }
    strongest = {"ELU, He − ReLU": (right("elu", 0.1)[-1], right("relu", 0.1)[-1])}
    told = []
    for ax, pairs, words in zip(
        axes, (costs, strongest), ("Lost to noise", "Right at the strongest noise"), strict=True
    ):
        found = experiments.compare(pairs, paired=True)
        rows = {label: one - other for label, (one, other) in pairs.items()}
        told.append(f"{words.lower()}: {differences(ax, rows, found)}")
        ax.set(xlabel=f"{words}, difference")
    return f"Each dot is one of ten seeds. Means from top to bottom, in points, {'; '.join(told)}."


@tall(285)
def loss_by_epoch(ax: Axes) -> str:
    """Training loss of each seed, each kind at the rate with which it ends lowest."""
    results = experiments.load("bias_shift")
    names = {"relu": "ReLU", "elu": "ELU, He", "elu critical": "ELU, 1.5/n"}
    chosen = []
    for index, (kind, label) in enumerate(names.items()):
        losses = np.log10(results[f"train_loss {kind}"])
        ends = np.where(np.isfinite(losses[-1]), losses[-1], np.inf).mean(axis=1)
        best = losses[:, ends.argmin()]
        ax.plot(results["epochs"], best, color=COLORS[index], linewidth=0.6, alpha=0.6)
        ax.plot(results["epochs"], best.mean(axis=1), color=COLORS[index], label=label)
        chosen.append(f"{label} {results['rates'][ends.argmin()]:.1f}")
    ax.set(xlabel="Epoch", ylabel="Training loss, log₁₀", xlim=(0, 30), ylim=(-4.2, 0.8))
    legend_above(ax)
    return f"Thin lines are single networks, ten of each kind. Rates: {', '.join(chosen)}."


@panels(2)
def loss_by_rate(axes: tuple[Axes, Axes]) -> str:
    """How soon and how far each seed learns, at each learning rate."""
    results = experiments.load("bias_shift")
    names = {"relu": "ReLU", "elu": "ELU, He", "elu critical": "ELU, 1.5/n"}
    speeds = {label: results[f"speed {kind}"] for kind, label in names.items()}
    ends = {label: np.log10(results[f"train_loss {kind}"][-1]) for kind, label in names.items()}
    for ax, values, wanted in zip(
        axes, (speeds, ends), ("Epochs to 2% of the loss", "Loss after 30 epochs, log₁₀"),
        strict=True,
    ):  # fmt: skip
        by_rate(ax, results["rates"], {k: np.where(np.isfinite(v), v, np.nan)
                                       for k, v in values.items()})  # fmt: skip
        ax.set(ylabel=wanted)
    told = ", ".join(f"{label} {speed.mean(axis=1).min():.1f}" for label, speed in speeds.items())
    return f"Each dot is one network. Mean epochs to 2% of the loss at the best rate: {told}."
